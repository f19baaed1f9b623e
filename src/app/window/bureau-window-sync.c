/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "window/bureau-window-private.h"

#include <glib/gi18n.h>

#include "bureau-json.h"
#include "queue/bureau-queue-dialog.h"

/* What a window offers about changes that clashed, were refused, or were missed. */

void
bureau_window_on_show_queue_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    bureau_queue_dialog_present (GTK_WINDOW (widget),
                                 bureau_window_get_client (BUREAU_WINDOW (widget)));
}

/* @parameter: a task, one of its fields, and the value that it is to have again. */
void
bureau_window_on_put_back_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    BureauWindow *self = BUREAU_WINDOW (widget);
    JsonObject *params = json_object_new ();
    const char *id, *field, *value;
    g_autoptr (GError) error = NULL;
    g_autofree char *given = NULL;

    g_variant_get (parameter, "(&s&s&s)", &id, &field, &value);
    bureau_json_set_string (params, "id", id);
    json_object_set_member (params, field, json_from_string (value, NULL));
    given = bureau_client_give (bureau_window_get_client (self), BUREAU_COMMAND_TASK_UPDATE, params,
                                &error);
    if (error != NULL)
        bureau_toaster_say (bureau_window_get_toaster (self), error->message);
}

void
bureau_window_on_restore_task_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    bureau_client_restore_task (bureau_window_get_client (BUREAU_WINDOW (widget)),
                                g_variant_get_string (parameter, NULL));
}

/* Those of @ids whose tasks are still there. (transfer container) */
static GPtrArray *
list_present (BureauClient *client, const char **ids)
{
    GPtrArray *present = g_ptr_array_new ();

    for (const char **id = ids; *id != NULL; id++) {
        if (bureau_client_find_task (client, *id) != NULL)
            g_ptr_array_add (present, (gpointer) *id);
    }
    return present;
}

/* Opens the first of the tasks, and offers the rest. */
void
bureau_window_on_jump_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
    BureauWindow *self = BUREAU_WINDOW (widget);
    BureauToaster *toaster = bureau_window_get_toaster (self);
    g_autofree const char **ids = g_variant_get_strv (parameter, NULL);
    g_autoptr (GPtrArray) left = list_present (bureau_window_get_client (self), ids);

    if (left->len == 0) {
        bureau_toaster_say (toaster, _ ("What changed for you is not there any more."));
        return;
    }
    bureau_shell_open_task (bureau_window_get_shell (self), left->pdata[0]);
    g_ptr_array_remove_index (left, 0);
    if (left->len > 0)
        bureau_toaster_offer_next (toaster, (const char *const *) left->pdata, left->len);
}
