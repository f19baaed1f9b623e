/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "welcome/bureau-hub-list.h"

#include <glib/gi18n.h>

#include "bureau-discovery.h"
#include "welcome/bureau-hub-choice.h"

/* How long nothing found is still “searching”. */
#define PATIENCE_S 4

struct _BureauHubList {
    AdwBin parent_instance;

    BureauDiscovery *discovery; /* (owned) */
    GPtrArray *accounts;        /* (owned) (element-type BureauAccount): not of our own offices */
    GListStore *choices;        /* (owned): BureauHubChoice */
    BureauHubChoice *chosen;    /* (owned) (nullable) */
    GtkCheckButton *group;      /* (owned): what makes the rows' buttons exclude each other */
    gboolean is_decided;        /* somebody has chosen, or decided against */
    guint patience_id;

    GtkListBox *list;
    GtkStack *placeholder;
    GtkLabel *empty;
};

G_DEFINE_FINAL_TYPE (BureauHubList, bureau_hub_list, ADW_TYPE_BIN)

enum { SIGNAL_CHOSEN, N_SIGNALS };

static guint signals[N_SIGNALS];

/* ------------------------------------------------------------------ what there is */

/* The account at the hub that says it is there, as far as that can be told. (nullable) */
static const BureauAccount *
find_account (BureauHubList *self, BureauFoundHub *found)
{
    for (guint i = 0; i < self->accounts->len; i++) {
        const BureauAccount *account = g_ptr_array_index (self->accounts, i);
        if (bureau_discovery_match (found, account->pin))
            return account;
    }
    return NULL;
}

/* (transfer container) */
static GPtrArray *
list_wanted (BureauHubList *self)
{
    GPtrArray *wanted = g_ptr_array_new_with_free_func (g_object_unref);
    g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
    GListModel *hubs = G_LIST_MODEL (self->discovery);

    for (guint i = 0; i < g_list_model_get_n_items (hubs); i++) {
        g_autoptr (BureauFoundHub) found = g_list_model_get_item (hubs, i);
        const BureauAccount *account = find_account (self, found);
        if (account != NULL)
            g_hash_table_add (seen, (gpointer) account);
        g_ptr_array_add (wanted, bureau_hub_choice_new (found, account));
    }
    for (guint i = 0; i < self->accounts->len; i++) {
        const BureauAccount *account = g_ptr_array_index (self->accounts, i);
        if (!g_hash_table_contains (seen, account))
            g_ptr_array_add (wanted, bureau_hub_choice_new (NULL, account));
    }
    return wanted;
}

static gboolean
is_among (gpointer choice, GPtrArray *wanted)
{
    return g_ptr_array_find_with_equal_func (wanted, choice, (GEqualFunc) bureau_hub_choice_equal,
                                             NULL);
}

static gboolean
is_listed (BureauHubList *self, gpointer choice)
{
    return g_list_store_find_with_equal_func (self->choices, choice,
                                              (GEqualFunc) bureau_hub_choice_equal, NULL);
}

static void
choose (BureauHubList *self, BureauHubChoice *choice)
{
    if (g_set_object (&self->chosen, choice))
        g_signal_emit (self, signals[SIGNAL_CHOSEN], 0);
}

static GtkCheckButton *
get_check (BureauHubList *self, guint index)
{
    GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list, (int) index);
    return row != NULL
               ? GTK_CHECK_BUTTON (adw_action_row_get_activatable_widget (ADW_ACTION_ROW (row)))
               : NULL;
}

/* The only one needs no choosing; two do, unless somebody has chosen already. */
static void
preselect (BureauHubList *self)
{
    guint count = g_list_model_get_n_items (G_LIST_MODEL (self->choices));
    if (self->is_decided)
        return;
    if (count == 1)
        gtk_check_button_set_active (get_check (self, 0), TRUE);
    else
        bureau_hub_list_choose_none (self);
    self->is_decided = FALSE;
}

/* Rows that stay are left alone: one of them may have the focus. */
static void
update_choices (BureauHubList *self)
{
    g_autoptr (GPtrArray) wanted = list_wanted (self);

    for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->choices)); i > 0; i--) {
        g_autoptr (BureauHubChoice) choice = g_list_model_get_item (G_LIST_MODEL (self->choices),
                                                                    i - 1);
        if (is_among (choice, wanted))
            continue;
        g_list_store_remove (self->choices, i - 1);
        if (choice == self->chosen) {
            self->is_decided = FALSE;
            choose (self, NULL);
        }
    }
    for (guint i = 0; i < wanted->len; i++)
        if (!is_listed (self, g_ptr_array_index (wanted, i)))
            g_list_store_append (self->choices, g_ptr_array_index (wanted, i));
    preselect (self);
}

/* ------------------------------------------------------------------ what is said where none is */

static void
update_placeholder (BureauHubList *self)
{
    gboolean absent = bureau_discovery_get_state (self->discovery) == BUREAU_DISCOVERY_UNAVAILABLE;
    gboolean waits = !absent && self->patience_id != 0;

    gtk_label_set_text (self->empty,
                        absent ? _ ("This computer can’t look for offices: the service that does "
                                    "so, Avahi, is not here. Type the address instead.")
                               : _ ("No office announces itself on this network."));
    gtk_stack_set_visible_child_name (self->placeholder, waits ? "searching" : "empty");
}

static gboolean
on_patience_cb (gpointer data)
{
    BureauHubList *self = data;
    self->patience_id = 0;
    update_placeholder (self);
    return G_SOURCE_REMOVE;
}

/* ------------------------------------------------------------------ rows */

static void
on_check_toggled_cb (BureauHubList *self, GtkCheckButton *check)
{
    if (!gtk_check_button_get_active (check))
        return;
    self->is_decided = TRUE;
    choose (self, g_object_get_data (G_OBJECT (check), "choice"));
}

static void
update_row (AdwActionRow *row, BureauHubChoice *choice)
{
    const BureauAccount *account = bureau_hub_choice_get_account (choice);
    const char *address = bureau_hub_choice_get_address (choice);
    g_autofree char *text = account != NULL
                                /* Translators: an address, then who one is in that office */
                                ? g_strdup_printf (_ ("%s · known to you, as %s"), address,
                                                   account->user_name)
                                : g_strdup (address);
    adw_action_row_set_subtitle (row, text);
}

static void
on_address_cb (BureauFoundHub *found, GParamSpec *pspec, AdwActionRow *row)
{
    update_row (row, g_object_get_data (G_OBJECT (row), "choice"));
}

static GtkWidget *
create_row (gpointer item, gpointer data)
{
    BureauHubList *self = data;
    BureauHubChoice *choice = item;
    BureauFoundHub *found = bureau_hub_choice_get_found (choice);
    GtkWidget *row = adw_action_row_new ();
    GtkWidget *check = gtk_check_button_new ();

    g_object_set_data_full (G_OBJECT (row), "choice", g_object_ref (choice), g_object_unref);
    g_object_set_data_full (G_OBJECT (check), "choice", g_object_ref (choice), g_object_unref);
    adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), bureau_hub_choice_get_title (choice));
    adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 2);
    adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
    adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), check);
    gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
    gtk_check_button_set_group (GTK_CHECK_BUTTON (check), self->group);
    g_signal_connect_object (check, "toggled", G_CALLBACK (on_check_toggled_cb), self,
                             G_CONNECT_SWAPPED);
    if (found != NULL)
        g_signal_connect_object (found, "notify::address", G_CALLBACK (on_address_cb), row, 0);
    update_row (ADW_ACTION_ROW (row), choice);
    return row;
}

/* ------------------------------------------------------------------ class */

static void
bureau_hub_list_map (GtkWidget *widget)
{
    BureauHubList *self = BUREAU_HUB_LIST (widget);

    bureau_discovery_start (self->discovery);
    self->patience_id = g_timeout_add_seconds (PATIENCE_S, on_patience_cb, self);
    update_placeholder (self);
    GTK_WIDGET_CLASS (bureau_hub_list_parent_class)->map (widget);
}

static void
bureau_hub_list_unmap (GtkWidget *widget)
{
    BureauHubList *self = BUREAU_HUB_LIST (widget);

    g_clear_handle_id (&self->patience_id, g_source_remove);
    GTK_WIDGET_CLASS (bureau_hub_list_parent_class)->unmap (widget);
    bureau_discovery_stop (self->discovery);
}

static void
bureau_hub_list_dispose (GObject *object)
{
    BureauHubList *self = BUREAU_HUB_LIST (object);
    g_clear_handle_id (&self->patience_id, g_source_remove);
    g_clear_object (&self->discovery);
    g_clear_object (&self->choices);
    g_clear_object (&self->chosen);
    g_clear_object (&self->group);
    G_OBJECT_CLASS (bureau_hub_list_parent_class)->dispose (object);
}

static void
bureau_hub_list_finalize (GObject *object)
{
    g_ptr_array_unref (BUREAU_HUB_LIST (object)->accounts);
    G_OBJECT_CLASS (bureau_hub_list_parent_class)->finalize (object);
}

static void
bureau_hub_list_class_init (BureauHubListClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    G_OBJECT_CLASS (klass)->dispose = bureau_hub_list_dispose;
    G_OBJECT_CLASS (klass)->finalize = bureau_hub_list_finalize;
    widget_class->map = bureau_hub_list_map;
    widget_class->unmap = bureau_hub_list_unmap;
    signals[SIGNAL_CHOSEN] = g_signal_new ("chosen", BUREAU_TYPE_HUB_LIST, G_SIGNAL_RUN_LAST, 0,
                                           NULL, NULL, NULL, G_TYPE_NONE, 0);

    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-hub-list.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauHubList, list);
    gtk_widget_class_bind_template_child (widget_class, BureauHubList, placeholder);
    gtk_widget_class_bind_template_child (widget_class, BureauHubList, empty);
}

static void
bureau_hub_list_init (BureauHubList *self)
{
    self->discovery = bureau_discovery_new ();
    self->accounts = g_ptr_array_new ();
    self->choices = g_list_store_new (BUREAU_TYPE_HUB_CHOICE);
    self->group = g_object_ref_sink (GTK_CHECK_BUTTON (gtk_check_button_new ()));
    gtk_widget_init_template (GTK_WIDGET (self));
    gtk_list_box_set_placeholder (self->list, GTK_WIDGET (self->placeholder));
    gtk_list_box_bind_model (self->list, G_LIST_MODEL (self->choices), create_row, self, NULL);
    g_signal_connect_object (self->discovery, "items-changed", G_CALLBACK (update_choices), self,
                             G_CONNECT_SWAPPED);
    g_signal_connect_object (self->discovery, "notify::state", G_CALLBACK (update_placeholder),
                             self, G_CONNECT_SWAPPED);
}

void
bureau_hub_list_set_accounts (BureauHubList *self, BureauAccounts *accounts)
{
    g_return_if_fail (BUREAU_IS_HUB_LIST (self));
    g_ptr_array_unref (self->accounts);
    self->accounts = bureau_accounts_list_joined (accounts);
    update_choices (self);
}

char *
bureau_hub_list_get_address (BureauHubList *self)
{
    g_return_val_if_fail (BUREAU_IS_HUB_LIST (self), NULL);
    return self->chosen != NULL ? g_strdup (bureau_hub_choice_get_address (self->chosen)) : NULL;
}

void
bureau_hub_list_choose_none (BureauHubList *self)
{
    g_return_if_fail (BUREAU_IS_HUB_LIST (self));
    GtkCheckButton *check;

    for (guint i = 0; (check = get_check (self, i)) != NULL; i++)
        gtk_check_button_set_active (check, FALSE);
    self->is_decided = TRUE;
    choose (self, NULL);
}
