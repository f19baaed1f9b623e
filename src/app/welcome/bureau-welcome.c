/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "welcome/bureau-welcome.h"

#include <glib/gi18n.h>

#include "bureau-error.h"
#include "welcome/bureau-tile.h"
#include "widgets/bureau-entry-row.h"

/* The three ways in, which share one form. */
typedef enum {
    WAY_START,
    WAY_JOIN,
    WAY_ALONE,
} Way;

struct _BureauWelcome {
    AdwBin parent_instance;

    BureauAccounts *accounts;  /* (owned) (nullable) */
    GCancellable *cancellable; /* (owned) */
    Way way;
    gboolean busy;

    GtkWidget *back;
    GtkStack *stack;
    GtkImage *logo;
    GtkLabel *notice;
    GtkWidget *start_tile;
    GtkWidget *join_tile;
    GtkWidget *alone_tile;
    GtkLabel *form_title;
    GtkLabel *form_text;
    GtkWidget *form;
    GtkEditable *office_row;
    GtkEditable *link_row;
    GtkEditable *code_row;
    GtkEditable *name_row;
    GtkRevealer *error_revealer;
    GtkLabel *error_label;
    GtkButton *submit;
    GtkSpinner *spinner;
};

G_DEFINE_FINAL_TYPE (BureauWelcome, bureau_welcome, ADW_TYPE_BIN)

enum { SIGNAL_ENTERED, N_SIGNALS };

static guint signals[N_SIGNALS];

/* ------------------------------------------------------------------ the form */

/* (transfer full) */
static char *
get_text (GtkEditable *row)
{
    return g_strstrip (g_strdup (gtk_editable_get_text (row)));
}

static gboolean
is_filled (GtkEditable *row)
{
    g_autofree char *text = get_text (row);
    return *text != '\0';
}

static gboolean
has_link (BureauWelcome *self)
{
    g_autofree char *text = get_text (self->link_row);
    return g_str_has_prefix (text, "bureau:");
}

static void
show_error (BureauWelcome *self, const char *text)
{
    if (text != NULL)
        gtk_label_set_text (self->error_label, text);
    gtk_revealer_set_reveal_child (self->error_revealer, text != NULL);
}

static void
update_form (BureauWelcome *self)
{
    gboolean joins = self->way == WAY_JOIN;
    gboolean needs_code = joins && !has_link (self);
    gtk_widget_set_visible (GTK_WIDGET (self->office_row), self->way == WAY_START);
    gtk_widget_set_visible (GTK_WIDGET (self->link_row), joins);
    gtk_widget_set_visible (GTK_WIDGET (self->code_row), needs_code);

    gboolean ready = is_filled (self->name_row) && !self->busy;
    if (self->way == WAY_START)
        ready = ready && is_filled (self->office_row);
    if (joins)
        ready = ready && is_filled (self->link_row) && (!needs_code || is_filled (self->code_row));
    gtk_widget_set_sensitive (GTK_WIDGET (self->submit), ready);
    show_error (self, NULL);
}

static void
set_busy (BureauWelcome *self, gboolean busy)
{
    self->busy = busy;
    gtk_widget_set_sensitive (self->form, !busy);
    gtk_spinner_set_spinning (self->spinner, busy);
    update_form (self);
}

static void
show_form (BureauWelcome *self, Way way)
{
    static const struct {
        const char *title;
        const char *text;
        const char *submit;
    } WORDS[] = {
        [WAY_START] = { N_ ("Start an Office"),
                        N_ ("This computer keeps the office’s tasks and serves them to the others."),
                        N_ ("_Start") },
        [WAY_JOIN] = { N_ ("Join an Office"),
                       N_ ("Paste the link you were given, or type the address and the code."),
                       N_ ("_Join") },
        [WAY_ALONE] = { N_ ("Just Me"), N_ ("How should the others see you, once there are any?"),
                        N_ ("_Start") },
    };
    self->way = way;
    gtk_label_set_text (self->form_title, _ (WORDS[way].title));
    gtk_label_set_text (self->form_text, _ (WORDS[way].text));
    gtk_button_set_label (self->submit, _ (WORDS[way].submit));
    gtk_button_set_use_underline (self->submit, TRUE);
    update_form (self);
    gtk_widget_set_visible (self->back, TRUE);
    gtk_stack_set_visible_child_name (self->stack, "form");
    GtkEditable *first = way == WAY_START  ? self->office_row
                         : way == WAY_JOIN ? self->link_row
                                           : self->name_row;
    gtk_widget_grab_focus (GTK_WIDGET (first));
}

/* ------------------------------------------------------------------ going in */

/* What to say when it did not work. (transfer full) */
static char *
make_error_text (BureauWelcome *self, const GError *error)
{
    if (self->way == WAY_JOIN && g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE))
        return g_strdup (
            _ ("Nobody answers at this address. Is the office open, and are you on the same "
               "network?"));
    if (error->domain == BUREAU_ERROR)
        return g_strdup (error->message);
    return g_strdup_printf (_ ("That did not work: %s"), error->message);
}

static void
on_entered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauWorkplace) workplace = bureau_workplace_finish (result, &error);
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    BureauWelcome *self = data;
    set_busy (self, FALSE);
    if (workplace != NULL) {
        g_signal_emit (self, signals[SIGNAL_ENTERED], 0, workplace);
        return;
    }
    g_autofree char *text = make_error_text (self, error);
    show_error (self, text);
}

static void
join (BureauWelcome *self, const char *name)
{
    g_autofree char *link = get_text (self->link_row);
    g_autofree char *code = get_text (self->code_row);
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauInvitation) invitation = has_link (self)
                                                  ? bureau_invitation_parse_link (link, &error)
                                                  : bureau_invitation_parse_code (link, code,
                                                                                  &error);
    if (invitation == NULL) {
        show_error (self, error->message);
        return;
    }
    set_busy (self, TRUE);
    bureau_workplace_join_async (self->accounts, invitation, name, self->cancellable, on_entered_cb,
                                 self);
}

static void
on_submit_cb (BureauWelcome *self)
{
    if (!gtk_widget_get_sensitive (GTK_WIDGET (self->submit)))
        return;
    g_autofree char *name = get_text (self->name_row);
    g_autofree char *office = self->way == WAY_ALONE ? g_strdup (_ ("My office"))
                                                     : get_text (self->office_row);
    show_error (self, NULL);
    if (self->way == WAY_JOIN) {
        join (self, name);
        return;
    }
    set_busy (self, TRUE);
    bureau_workplace_found_async (self->accounts, office, name, self->cancellable, on_entered_cb,
                                  self);
}

/* ------------------------------------------------------------------ buttons */

static void
on_start_clicked_cb (BureauWelcome *self)
{
    show_form (self, WAY_START);
}

static void
on_join_clicked_cb (BureauWelcome *self)
{
    show_form (self, WAY_JOIN);
}

static void
on_alone_clicked_cb (BureauWelcome *self)
{
    show_form (self, WAY_ALONE);
}

static void
on_back_clicked_cb (BureauWelcome *self)
{
    GtkWidget *const tiles[] = { self->start_tile, self->join_tile, self->alone_tile };
    gtk_widget_set_visible (self->back, FALSE);
    gtk_stack_set_visible_child_name (self->stack, "tiles");
    gtk_widget_grab_focus (tiles[self->way]);
}

static void
bureau_welcome_dispose (GObject *object)
{
    BureauWelcome *self = BUREAU_WELCOME (object);
    g_cancellable_cancel (self->cancellable);
    g_clear_object (&self->cancellable);
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
    gtk_widget_class_bind_template_child (widget_class, BureauWelcome, form_title);
    gtk_widget_class_bind_template_child (widget_class, BureauWelcome, form_text);
    gtk_widget_class_bind_template_child (widget_class, BureauWelcome, form);
    gtk_widget_class_bind_template_child (widget_class, BureauWelcome, office_row);
    gtk_widget_class_bind_template_child (widget_class, BureauWelcome, link_row);
    gtk_widget_class_bind_template_child (widget_class, BureauWelcome, code_row);
    gtk_widget_class_bind_template_child (widget_class, BureauWelcome, name_row);
    gtk_widget_class_bind_template_child (widget_class, BureauWelcome, error_revealer);
    gtk_widget_class_bind_template_child (widget_class, BureauWelcome, error_label);
    gtk_widget_class_bind_template_child (widget_class, BureauWelcome, submit);
    gtk_widget_class_bind_template_child (widget_class, BureauWelcome, spinner);
    gtk_widget_class_bind_template_callback (widget_class, update_form);
    gtk_widget_class_bind_template_callback (widget_class, on_submit_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_start_clicked_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_join_clicked_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_alone_clicked_cb);
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

    g_type_ensure (BUREAU_TYPE_TILE);
    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-welcome.ui");
    bind_children (widget_class);
}

static void
bureau_welcome_init (BureauWelcome *self)
{
    self->cancellable = g_cancellable_new ();
    gtk_widget_init_template (GTK_WIDGET (self));
    gtk_image_set_from_icon_name (self->logo, BUREAU_APP_ID);
    bureau_row_name_text (self->office_row);
    bureau_row_name_text (self->link_row);
    bureau_row_name_text (self->code_row);
    bureau_row_name_text (self->name_row);
    bureau_row_limit_text (self->office_row, BUREAU_MAX_NAME);
    bureau_row_limit_text (self->name_row, BUREAU_MAX_NAME);

    /* An account that has no real name has its login, or "Unknown", there. */
    const char *name = g_get_real_name ();
    if (g_strcmp0 (name, "Unknown") != 0 && g_strcmp0 (name, g_get_user_name ()) != 0)
        gtk_editable_set_text (self->name_row, name);
}

void
bureau_welcome_set_accounts (BureauWelcome *self, BureauAccounts *accounts)
{
    g_return_if_fail (BUREAU_IS_WELCOME (self));
    g_set_object (&self->accounts, accounts);
}

void
bureau_welcome_set_notice (BureauWelcome *self, const char *text)
{
    g_return_if_fail (BUREAU_IS_WELCOME (self));
    gtk_label_set_text (self->notice, text != NULL ? text : "");
    gtk_widget_set_visible (GTK_WIDGET (self->notice), text != NULL);
}
