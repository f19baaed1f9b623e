/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "welcome/bureau-join-page.h"

#include <glib/gi18n.h>

#include "bureau-error.h"
#include "welcome/bureau-diagnosis-dialog.h"
#include "welcome/bureau-form-foot.h"
#include "welcome/bureau-hub-list.h"
#include "welcome/bureau-welcome-error.h"
#include "widgets/bureau-entry-row.h"
#include "window/bureau-stranger-dialog.h"

struct _BureauJoinPage {
    AdwBin parent_instance;

    GCancellable *cancellable; /* (owned) (nullable): while the hub is being asked */
    GError *error;             /* (owned) (nullable): the last one, for its details */

    BureauHubList *hubs;
    GtkWidget *form;
    GtkEditable *link_row;
    GtkEditable *code_row;
    BureauFormFoot *foot;
};

G_DEFINE_FINAL_TYPE (BureauJoinPage, bureau_join_page, ADW_TYPE_BIN)

enum { SIGNAL_OFFERED, SIGNAL_SIGN_IN_WANTED, N_SIGNALS };

static guint signals[N_SIGNALS];

/* ------------------------------------------------------------------ what is filled in */

static gboolean
is_link (const char *text)
{
    return g_ascii_strncasecmp (text, "bureau:", strlen ("bureau:")) == 0;
}

/* Where, as one would type it: what is typed goes before what is chosen. (transfer full) */
static char *
get_place (BureauJoinPage *self)
{
    g_autofree char *text = bureau_row_get_text (self->link_row);
    if (*text != '\0')
        return g_steal_pointer (&text);
    char *address = bureau_hub_list_get_address (self->hubs);
    return address != NULL ? address : g_strdup ("");
}

static gboolean
has_whole_code (BureauJoinPage *self)
{
    g_autofree char *code = bureau_code_normalize (gtk_editable_get_text (self->code_row));
    return code != NULL;
}

static void
update_form (BureauJoinPage *self)
{
    g_autofree char *place = get_place (self);
    gboolean by_link = is_link (place);

    gtk_widget_set_visible (GTK_WIDGET (self->code_row), !by_link);
    bureau_form_foot_set_ready (self->foot, *place != '\0' && (by_link || has_whole_code (self)));
    bureau_form_foot_show_error (self->foot, NULL, FALSE);
}

/* ------------------------------------------------------------------ asking */

static void
set_busy (BureauJoinPage *self, gboolean busy)
{
    gtk_widget_set_sensitive (self->form, !busy);
    bureau_form_foot_set_busy (self->foot, busy);
}

static void
show_error (BureauJoinPage *self, GError *error)
{
    g_autofree char *text = bureau_welcome_error_to_text (error);

    g_clear_error (&self->error);
    self->error = error;
    bureau_form_foot_show_error (self->foot, text, bureau_error_get_expected_pin (error) != NULL);
    gtk_widget_grab_focus (GTK_WIDGET (
        gtk_widget_get_visible (GTK_WIDGET (self->code_row)) ? self->code_row : self->link_row));
}

static void
on_offer_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauJoinPage) self = data;
    GError *error = NULL;
    g_autoptr (BureauOffer) offer = bureau_offer_get_finish (result, &error);

    g_clear_object (&self->cancellable);
    set_busy (self, FALSE);
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
        g_error_free (error);
        return;
    }
    if (offer == NULL) {
        show_error (self, error);
        return;
    }
    g_signal_emit (self, signals[SIGNAL_OFFERED], 0, offer);
}

static void
on_submitted_cb (BureauJoinPage *self)
{
    g_autofree char *place = get_place (self);
    GError *error = NULL;
    g_autoptr (BureauInvitation) invitation =
        is_link (place)
            ? bureau_invitation_parse_link (place, &error)
            : bureau_invitation_parse_code (place, gtk_editable_get_text (self->code_row), &error);

    if (invitation == NULL) {
        show_error (self, error);
        return;
    }
    if (*invitation->secret == '\0') {
        g_signal_emit (self, signals[SIGNAL_SIGN_IN_WANTED], 0, invitation);
        return;
    }
    set_busy (self, TRUE);
    self->cancellable = g_cancellable_new ();
    bureau_offer_get_async (invitation, self->cancellable, on_offer_cb, g_object_ref (self));
}

/* ------------------------------------------------------------------ typing and choosing */

static gboolean
has_focus_within (GtkEditable *row)
{
    return (gtk_widget_get_state_flags (GTK_WIDGET (row)) & GTK_STATE_FLAG_FOCUS_WITHIN) != 0;
}

static void
on_hub_chosen_cb (BureauJoinPage *self)
{
    g_autofree char *address = bureau_hub_list_get_address (self->hubs);
    if (address != NULL) {
        gtk_editable_set_text (self->link_row, "");
        /* One may be chosen because it is the only one, while somebody types: focus would select
         * what there is of the code, and the next key replace it. */
        if (!has_focus_within (self->code_row))
            gtk_widget_grab_focus (GTK_WIDGET (self->code_row));
    }
    update_form (self);
}

/* "192.168.1.20:28732  K7QF-2M9X" is both at once, as the invitation's window copies them. */
static gboolean
split_code (BureauJoinPage *self, const char *text)
{
    g_auto (GStrv) words = g_strsplit_set (text, " \t\n", 2);
    if (g_strv_length (words) != 2)
        return FALSE;
    g_autofree char *code = bureau_code_normalize (words[1]);
    if (code == NULL)
        return FALSE;
    g_autofree char *pretty = bureau_code_format (code);
    gtk_editable_set_text (self->link_row, words[0]);
    gtk_editable_set_text (self->code_row, pretty);
    return TRUE;
}

static void
on_link_changed_cb (BureauJoinPage *self)
{
    g_autofree char *text = bureau_row_get_text (self->link_row);
    if (*text != '\0')
        bureau_hub_list_choose_none (self->hubs);
    if (!split_code (self, text))
        update_form (self);
}

/* Its last character completes a code; there is nothing more to say with a button. A link that is
 * pasted here is one all the same. */
static void
on_code_changed_cb (BureauJoinPage *self)
{
    g_autofree char *text = bureau_row_get_text (self->code_row);
    if (is_link (text)) {
        gtk_editable_set_text (self->link_row, text);
        gtk_editable_set_text (self->code_row, "");
        return;
    }
    update_form (self);
    if (has_whole_code (self))
        bureau_form_foot_submit (self->foot);
}

static void
on_entry_activated_cb (BureauJoinPage *self)
{
    bureau_form_foot_submit (self->foot);
}

static void
on_diagnosis_clicked_cb (BureauJoinPage *self)
{
    g_autofree char *place = get_place (self);
    bureau_diagnosis_dialog_present (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                     is_link (place) ? NULL : place);
}

static void
on_details_cb (BureauJoinPage *self)
{
    bureau_stranger_dialog_present (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                    bureau_error_get_expected_pin (self->error),
                                    bureau_error_get_presented_pin (self->error), NULL);
}

/* ------------------------------------------------------------------ class */

static void
bureau_join_page_dispose (GObject *object)
{
    BureauJoinPage *self = BUREAU_JOIN_PAGE (object);
    bureau_join_page_cancel (self);
    g_clear_error (&self->error);
    G_OBJECT_CLASS (bureau_join_page_parent_class)->dispose (object);
}

static void
bureau_join_page_class_init (BureauJoinPageClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    G_OBJECT_CLASS (klass)->dispose = bureau_join_page_dispose;
    signals[SIGNAL_OFFERED] = g_signal_new ("offered", BUREAU_TYPE_JOIN_PAGE, G_SIGNAL_RUN_LAST, 0,
                                            NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
    signals[SIGNAL_SIGN_IN_WANTED] = g_signal_new ("sign-in-wanted", BUREAU_TYPE_JOIN_PAGE,
                                                   G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                   G_TYPE_NONE, 1, G_TYPE_POINTER);

    g_type_ensure (BUREAU_TYPE_HUB_LIST);
    g_type_ensure (BUREAU_TYPE_FORM_FOOT);
    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-join-page.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauJoinPage, hubs);
    gtk_widget_class_bind_template_child (widget_class, BureauJoinPage, form);
    gtk_widget_class_bind_template_child (widget_class, BureauJoinPage, link_row);
    gtk_widget_class_bind_template_child (widget_class, BureauJoinPage, code_row);
    gtk_widget_class_bind_template_child (widget_class, BureauJoinPage, foot);
    gtk_widget_class_bind_template_callback (widget_class, on_hub_chosen_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_link_changed_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_code_changed_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_entry_activated_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_diagnosis_clicked_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_submitted_cb);
    gtk_widget_class_bind_template_callback (widget_class, bureau_join_page_cancel);
    gtk_widget_class_bind_template_callback (widget_class, on_details_cb);
}

static void
bureau_join_page_init (BureauJoinPage *self)
{
    gtk_widget_init_template (GTK_WIDGET (self));
    bureau_row_name_text (self->link_row);
    bureau_row_name_text (self->code_row);
    update_form (self);
}

void
bureau_join_page_set_accounts (BureauJoinPage *self, BureauAccounts *accounts)
{
    g_return_if_fail (BUREAU_IS_JOIN_PAGE (self));
    bureau_hub_list_set_accounts (self->hubs, accounts);
}

void
bureau_join_page_begin (BureauJoinPage *self)
{
    g_return_if_fail (BUREAU_IS_JOIN_PAGE (self));
    g_autofree char *place = get_place (self);
    gtk_editable_set_text (self->code_row, "");
    gtk_widget_grab_focus (GTK_WIDGET (*place != '\0' ? self->code_row : self->link_row));
}

void
bureau_join_page_cancel (BureauJoinPage *self)
{
    g_return_if_fail (BUREAU_IS_JOIN_PAGE (self));
    g_cancellable_cancel (self->cancellable);
}
