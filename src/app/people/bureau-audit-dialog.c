/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "people/bureau-audit-dialog.h"

#include <glib/gi18n.h>

#include "bureau-audit-act.h"
#include "bureau-error.h"
#include "bureau-instant.h"
#include "bureau-json.h"

#define PAGE 100 /* rows asked for at once */

struct _BureauAuditDialog {
    AdwWindow parent_instance;

    BureauClient *client;      /* (owned) */
    GCancellable *cancellable; /* (owned) */
    gint64 before;             /* the oldest row that is shown; 0 before the first answer */

    GtkStack *stack;
    GtkListBox *list;
    GtkWidget *more;
    AdwStatusPage *problem;
};

G_DEFINE_FINAL_TYPE (BureauAuditDialog, bureau_audit_dialog, ADW_TYPE_WINDOW)

/* ------------------------------------------------------------------ from rows to words */

/* The compiler misses one that is left out. */
static const char *
get_sentence (BureauAuditAct act)
{
    /* Translators: in all of these {who} did it, {whom} is the person or the thing it was done to:
     * leave both as they are. */
    switch (act) {
    case BUREAU_AUDIT_SIGN_IN:
        return _ ("{who} signed in");
    case BUREAU_AUDIT_SIGN_IN_REFUSED:
        return _ ("A sign-in as {whom} was refused");
    case BUREAU_AUDIT_SIGN_OUT:
        return _ ("{who} signed out");
    case BUREAU_AUDIT_SCRIPT:
        return _ ("A script signed in as {who}");
    case BUREAU_AUDIT_JOIN:
        return _ ("{who} joined");
    case BUREAU_AUDIT_JOIN_REFUSED:
        return _ ("Somebody tried to join and was refused");
    case BUREAU_AUDIT_TOKEN_REUSED:
        return _ ("A sign-in of {who} was used a second time, and ended: it may be stolen");
    case BUREAU_AUDIT_PASSWORD_SET:
        return _ ("{who} set a new password");
    case BUREAU_AUDIT_DEVICE_SIGNED_OUT:
        return _ ("{who} signed a device out");
    case BUREAU_AUDIT_INVITATION_CREATED:
        return _ ("{who} made an invitation");
    case BUREAU_AUDIT_INVITATION_RENEWED:
        return _ ("{who} made a new code for an invitation");
    case BUREAU_AUDIT_INVITATION_USED:
        return _ ("{who} used an invitation");
    case BUREAU_AUDIT_INVITATION_REVOKED:
        return _ ("{who} withdrew an invitation");
    case BUREAU_AUDIT_CODE_REFUSED:
        return _ ("Somebody typed a wrong code");
    case BUREAU_AUDIT_MEMBER_ADDED:
        return _ ("{who} added {whom}");
    case BUREAU_AUDIT_MEMBER_ROLE:
        return _ ("{who} changed the role of {whom}");
    case BUREAU_AUDIT_MEMBER_DEACTIVATED:
        return _ ("{who} deactivated {whom}");
    case BUREAU_AUDIT_MEMBER_REACTIVATED:
        return _ ("{who} let {whom} in again");
    case BUREAU_AUDIT_MEMBER_REMOVED:
        return _ ("{who} removed {whom}");
    case BUREAU_AUDIT_PROJECT_MEMBERS:
        return _ ("{who} changed who is in {whom}");
    case BUREAU_AUDIT_PROJECT_ARCHIVED:
        return _ ("{who} archived {whom}");
    case BUREAU_AUDIT_TASK_DELETED:
        return _ ("{who} deleted {whom}");
    case BUREAU_AUDIT_TASK_RESTORED:
        return _ ("{who} brought {whom} back");
    case BUREAU_AUDIT_COMMAND_REFUSED:
        return _ ("{who} tried what their role does not allow");
    case BUREAU_AUDIT_KEY_ROTATED:
        return _ ("The hub changed its signing key");
    case BUREAU_AUDIT_HUB_SHARED:
        return _ ("The office was opened to other machines");
    case BUREAU_AUDIT_HUB_UNSHARED:
        return _ ("The office was closed to other machines");
    case BUREAU_AUDIT_OFFICE_CREATED:
        return _ ("{who} made the office");
    case BUREAU_AUDIT_OFFICE_RESTORED:
        return _ ("The office was put back from a backup");
    case BUREAU_AUDIT_OFFICE_TAKEN_OVER:
        return _ ("This computer took the office over");
    case BUREAU_AUDIT_OFFICE_RESCUED:
        return _ ("{who} made the office anew from what their computer had of it");
    case BUREAU_N_AUDIT_ACTS:
        break;
    }
    g_return_val_if_reached ("");
}

/* A newer hub may know more. */
static const char *
find_sentence (const char *word)
{
    int act = bureau_audit_act_from_string (word);

    if (act >= 0)
        return get_sentence (act);
    return word != NULL ? word : "?";
}

/* (transfer full) */
static char *
describe (JsonObject *entry)
{
    g_autoptr (GString) text = g_string_new (find_sentence (bureau_json_get_string (entry, "act")));
    const char *who = bureau_json_get_string (entry, "actorName");
    const char *whom = bureau_json_get_string (entry, "subjectName");

    if (who == NULL)
        who = _ ("Somebody");
    g_string_replace (text, "{whom}", whom != NULL ? whom : who, 1);
    g_string_replace (text, "{who}", who, 1);
    return g_string_free (g_steal_pointer (&text), FALSE);
}

/* "21 November, 11:40 · 192.168.1.20" (transfer full) */
static char *
describe_place (JsonObject *entry)
{
    gint64 at = bureau_instant_from_string (bureau_json_get_string (entry, "at"));
    const char *address = bureau_json_get_string (entry, "address");
    g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (at / 1000);
    g_autoptr (GDateTime) local = g_date_time_to_local (utc);
    /* Translators: a date and a time, as in “21 November, 14:20” */
    g_autofree char *when = g_date_time_format (local, _ ("%-d %B, %H:%M"));

    return address != NULL ? g_strdup_printf ("%s · %s", when, address) : g_steal_pointer (&when);
}

static void
add_entry (BureauAuditDialog *self, JsonObject *entry)
{
    GtkWidget *row = adw_action_row_new ();
    g_autofree char *title = describe (entry);
    g_autofree char *subtitle = describe_place (entry);

    adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
    gtk_list_box_append (self->list, row);
    self->before = bureau_json_get_int (entry, "n", 1);
}

/* ------------------------------------------------------------------ asking */

static void
show_problem (BureauAuditDialog *self, const GError *error)
{
    if (self->before > 0) {
        gtk_widget_set_sensitive (self->more, TRUE);
        return;
    }
    adw_status_page_set_description (self->problem,
                                     g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE)
                                         ? _ ("The hub keeps it, and can’t be reached just now.")
                                         : error->message);
    gtk_stack_set_visible_child_name (self->stack, "problem");
}

static void
on_listed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) answer = bureau_client_ask_finish (BUREAU_CLIENT (source), result,
                                                              &error);
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    BureauAuditDialog *self = data;
    JsonArray *entries = answer != NULL ? bureau_json_get_array (answer, "entries") : NULL;
    guint length = entries != NULL ? json_array_get_length (entries) : 0;

    if (answer == NULL) {
        show_problem (self, error);
        return;
    }
    for (guint i = 0; i < length; i++) {
        JsonObject *entry = bureau_json_array_get_object (entries, i);

        if (entry != NULL)
            add_entry (self, entry);
    }
    gtk_widget_set_visible (self->more, length == PAGE);
    gtk_widget_set_sensitive (self->more, TRUE);
    gtk_stack_set_visible_child_name (self->stack, "list");
}

static void
ask (BureauAuditDialog *self)
{
    JsonObject *params = json_object_new ();

    if (self->before > 0)
        json_object_set_int_member (params, "before", self->before);
    json_object_set_int_member (params, "limit", PAGE);
    gtk_widget_set_sensitive (self->more, FALSE);
    bureau_client_ask_async (self->client, BUREAU_COMMAND_AUDIT_LIST, params, self->cancellable,
                             on_listed_cb, self);
}

/* ------------------------------------------------------------------ */

static void
bureau_audit_dialog_dispose (GObject *object)
{
    BureauAuditDialog *self = BUREAU_AUDIT_DIALOG (object);
    g_cancellable_cancel (self->cancellable);
    g_clear_object (&self->cancellable);
    g_clear_object (&self->client);
    G_OBJECT_CLASS (bureau_audit_dialog_parent_class)->dispose (object);
}

static void
bureau_audit_dialog_class_init (BureauAuditDialogClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    G_OBJECT_CLASS (klass)->dispose = bureau_audit_dialog_dispose;
    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-audit-dialog.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauAuditDialog, stack);
    gtk_widget_class_bind_template_child (widget_class, BureauAuditDialog, list);
    gtk_widget_class_bind_template_child (widget_class, BureauAuditDialog, more);
    gtk_widget_class_bind_template_child (widget_class, BureauAuditDialog, problem);
    gtk_widget_class_bind_template_callback (widget_class, ask);
}

static void
bureau_audit_dialog_init (BureauAuditDialog *self)
{
    self->cancellable = g_cancellable_new ();
    gtk_widget_init_template (GTK_WIDGET (self));
}

void
bureau_audit_dialog_present (GtkWindow *parent, BureauClient *client)
{
    g_return_if_fail (BUREAU_IS_CLIENT (client));
    BureauAuditDialog *self = g_object_new (BUREAU_TYPE_AUDIT_DIALOG, "transient-for", parent,
                                            NULL);
    self->client = g_object_ref (client);
    ask (self);
    gtk_window_present (GTK_WINDOW (self));
}
