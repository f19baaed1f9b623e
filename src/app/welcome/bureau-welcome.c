/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "welcome/bureau-welcome.h"

#include <glib/gi18n.h>

#include "hub/bureau-backup-file.h"
#include "hub/bureau-take-over-dialog.h"
#include "welcome/bureau-found-page.h"
#include "welcome/bureau-join-page.h"
#include "welcome/bureau-offer-page.h"
#include "welcome/bureau-sign-in-page.h"
#include "welcome/bureau-tile.h"

struct _BureauWelcome {
    AdwBin parent_instance;

    BureauAccounts *accounts; /* (owned) (nullable) */
    GtkWidget *last_tile;     /* (nullable): the one pressed last */

    GtkWidget *back;
    GtkStack *stack;
    GtkImage *logo;
    GtkLabel *notice;
    GtkWidget *start_tile;
    GtkWidget *join_tile;
    GtkWidget *alone_tile;
    GtkWidget *take_over;
    GtkWidget *known_box;
    GtkListBox *known_list;
    BureauFoundPage *found_page;
    BureauJoinPage *join_page;
    BureauOfferPage *offer_page;
    BureauSignInPage *sign_in_page;
};

G_DEFINE_FINAL_TYPE (BureauWelcome, bureau_welcome, ADW_TYPE_BIN)

enum { SIGNAL_ENTERED, SIGNAL_RETURNED, N_SIGNALS };

static guint signals[N_SIGNALS];

#define PAGE_TILES   "tiles"
#define PAGE_FOUND   "found"
#define PAGE_JOIN    "join"
#define PAGE_OFFER   "offer"
#define PAGE_SIGN_IN "sign-in"

/* ------------------------------------------------------------------ pages */

static void
show_page (BureauWelcome *self, const char *name)
{
    gtk_widget_set_visible (self->back, !g_str_equal (name, PAGE_TILES));
    gtk_stack_set_visible_child_name (self->stack, name);
}

static void
show_join_page (BureauWelcome *self)
{
    show_page (self, PAGE_JOIN);
    bureau_join_page_begin (self->join_page);
}

static void
show_tiles (BureauWelcome *self)
{
    show_page (self, PAGE_TILES);
    if (self->last_tile != NULL)
        gtk_widget_grab_focus (self->last_tile);
}

static void
on_start_clicked_cb (BureauWelcome *self)
{
    self->last_tile = self->start_tile;
    show_page (self, PAGE_FOUND);
    bureau_found_page_begin (self->found_page, FALSE);
}

static void
on_alone_clicked_cb (BureauWelcome *self)
{
    self->last_tile = self->alone_tile;
    show_page (self, PAGE_FOUND);
    bureau_found_page_begin (self->found_page, TRUE);
}

static void
on_join_clicked_cb (BureauWelcome *self)
{
    self->last_tile = self->join_tile;
    show_join_page (self);
}

static void
on_offered_cb (BureauWelcome *self, const BureauOffer *offer)
{
    show_page (self, PAGE_OFFER);
    bureau_offer_page_begin (self->offer_page, offer);
}

static void
on_sign_in_wanted_cb (BureauWelcome *self, const BureauInvitation *place)
{
    show_page (self, PAGE_SIGN_IN);
    bureau_sign_in_page_begin (self->sign_in_page, place);
}

static void
on_entered_cb (BureauWelcome *self, BureauWorkplace *workplace)
{
    g_signal_emit (self, signals[SIGNAL_ENTERED], 0, workplace);
}

/* What is being done is given up. */
static void
on_back_clicked_cb (BureauWelcome *self)
{
    const char *page = gtk_stack_get_visible_child_name (self->stack);

    bureau_found_page_cancel (self->found_page);
    bureau_join_page_cancel (self->join_page);
    bureau_offer_page_cancel (self->offer_page);
    bureau_sign_in_page_cancel (self->sign_in_page);
    if (g_strcmp0 (page, PAGE_OFFER) == 0 || g_strcmp0 (page, PAGE_SIGN_IN) == 0)
        show_join_page (self);
    else
        show_tiles (self);
}

/* ------------------------------------------------------------------ taking one over */

static void
on_taken_over_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauWelcome) self = data;
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauWorkplace) workplace = bureau_workplace_finish (result, &error);

    gtk_widget_set_sensitive (GTK_WIDGET (self->stack), TRUE);
    if (workplace != NULL)
        g_signal_emit (self, signals[SIGNAL_ENTERED], 0, workplace);
    else
        bureau_welcome_set_notice (self, error->message);
}

static void
take_over (const BureauHubSummary *package, gpointer widget)
{
    BureauWelcome *self = BUREAU_WELCOME (widget);

    gtk_widget_set_sensitive (GTK_WIDGET (self->stack), FALSE);
    bureau_workplace_take_over_async (self->accounts, package->path, NULL, on_taken_over_cb,
                                      g_object_ref (self));
}

static void
on_package_chosen_cb (const char *path, gpointer widget)
{
    bureau_take_over_dialog_present (widget, path, take_over);
}

static void
on_take_over_clicked_cb (BureauWelcome *self)
{
    bureau_backup_file_open (GTK_WIDGET (self), _ ("Take Over an Office"), on_package_chosen_cb);
}

/* ------------------------------------------------------------------ offices of earlier */

static void
on_known_activated_cb (BureauWelcome *self, GtkListBoxRow *row)
{
    g_signal_emit (self, signals[SIGNAL_RETURNED], 0,
                   g_object_get_data (G_OBJECT (row), "user-id"));
}

static GtkWidget *
make_known_row (const BureauAccount *account)
{
    GtkWidget *row = adw_action_row_new ();
    GtkWidget *arrow = gtk_image_new_from_icon_name ("go-next-symbolic");

    gtk_widget_add_css_class (arrow, "dim-label");
    adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), account->office_name);
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), account->user_name);
    adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 2);
    adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 1);
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), arrow);
    gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
    g_object_set_data_full (G_OBJECT (row), "user-id", g_strdup (account->user_id), g_free);
    return row;
}

static void
update_known (BureauWelcome *self)
{
    g_autoptr (GPtrArray) accounts = bureau_accounts_list (self->accounts);
    GtkWidget *row;

    while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->known_list))) != NULL)
        gtk_list_box_remove (self->known_list, row);
    for (guint i = 0; i < accounts->len; i++)
        gtk_list_box_append (self->known_list, make_known_row (g_ptr_array_index (accounts, i)));
    gtk_widget_set_visible (self->known_box, accounts->len > 0);
}

/* ------------------------------------------------------------------ class */

static void
bureau_welcome_dispose (GObject *object)
{
    BureauWelcome *self = BUREAU_WELCOME (object);
    g_clear_object (&self->accounts);
    G_OBJECT_CLASS (bureau_welcome_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
    gtk_widget_class_bind_template_child (widget_class, BureauWelcome, back);
    gtk_widget_class_bind_template_child (widget_class, BureauWelcome, stack);
    gtk_widget_class_bind_template_child (widget_class, BureauWelcome, logo);
    gtk_widget_class_bind_template_child (widget_class, BureauWelcome, notice);
    gtk_widget_class_bind_template_child (widget_class, BureauWelcome, start_tile);
    gtk_widget_class_bind_template_child (widget_class, BureauWelcome, join_tile);
    gtk_widget_class_bind_template_child (widget_class, BureauWelcome, alone_tile);
    gtk_widget_class_bind_template_child (widget_class, BureauWelcome, take_over);
    gtk_widget_class_bind_template_child (widget_class, BureauWelcome, known_box);
    gtk_widget_class_bind_template_child (widget_class, BureauWelcome, known_list);
    gtk_widget_class_bind_template_child (widget_class, BureauWelcome, found_page);
    gtk_widget_class_bind_template_child (widget_class, BureauWelcome, join_page);
    gtk_widget_class_bind_template_child (widget_class, BureauWelcome, offer_page);
    gtk_widget_class_bind_template_child (widget_class, BureauWelcome, sign_in_page);
    gtk_widget_class_bind_template_callback (widget_class, on_start_clicked_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_join_clicked_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_alone_clicked_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_take_over_clicked_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_known_activated_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_offered_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_sign_in_wanted_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_entered_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_back_clicked_cb);
}

static void
bureau_welcome_class_init (BureauWelcomeClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    G_OBJECT_CLASS (klass)->dispose = bureau_welcome_dispose;
    signals[SIGNAL_ENTERED] = g_signal_new ("entered", BUREAU_TYPE_WELCOME, G_SIGNAL_RUN_LAST, 0,
                                            NULL, NULL, NULL, G_TYPE_NONE, 1,
                                            BUREAU_TYPE_WORKPLACE);
    signals[SIGNAL_RETURNED] = g_signal_new ("returned", BUREAU_TYPE_WELCOME, G_SIGNAL_RUN_LAST, 0,
                                             NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

    g_type_ensure (BUREAU_TYPE_TILE);
    g_type_ensure (BUREAU_TYPE_FOUND_PAGE);
    g_type_ensure (BUREAU_TYPE_JOIN_PAGE);
    g_type_ensure (BUREAU_TYPE_OFFER_PAGE);
    g_type_ensure (BUREAU_TYPE_SIGN_IN_PAGE);
    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-welcome.ui");
    bind_children (widget_class);
}

static void
bureau_welcome_init (BureauWelcome *self)
{
    gtk_widget_init_template (GTK_WIDGET (self));
    gtk_image_set_from_icon_name (self->logo, BUREAU_APP_ID);
}

void
bureau_welcome_set_accounts (BureauWelcome *self, BureauAccounts *accounts)
{
    g_return_if_fail (BUREAU_IS_WELCOME (self));
    g_set_object (&self->accounts, accounts);
    bureau_found_page_set_accounts (self->found_page, accounts);
    bureau_join_page_set_accounts (self->join_page, accounts);
    bureau_offer_page_set_accounts (self->offer_page, accounts);
    bureau_sign_in_page_set_accounts (self->sign_in_page, accounts);
    update_known (self);
}

void
bureau_welcome_begin (BureauWelcome *self, gboolean joins)
{
    g_return_if_fail (BUREAU_IS_WELCOME (self));
    bureau_join_page_set_accounts (self->join_page, self->accounts);
    update_known (self);
    if (joins)
        on_join_clicked_cb (self);
    else
        show_tiles (self);
}

void
bureau_welcome_set_notice (BureauWelcome *self, const char *text)
{
    g_return_if_fail (BUREAU_IS_WELCOME (self));
    gtk_label_set_text (self->notice, text != NULL ? text : "");
    gtk_widget_set_visible (GTK_WIDGET (self->notice), text != NULL);
}
