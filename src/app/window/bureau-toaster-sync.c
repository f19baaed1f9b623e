/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "window/bureau-toaster-private.h"

#include <glib/gi18n.h>

#include "bureau-error.h"
#include "bureau-json.h"
#include "queue/bureau-change-words.h"

/* Being away for less is not worth a word, unless much has happened or it is for this person. */
#define SHORT_ABSENCE (60 * 1000)
#define MANY_CHANGES  5
/* More at once are one word. */
#define MAX_CLASHES 2
/* Long enough to come back to the window and make up one's mind. */
#define SYNC_TOAST_S 60

static void
set_button (AdwToast *toast, const char *label, const char *action, GVariant *target)
{
    adw_toast_set_button_label (toast, label);
    adw_toast_set_action_name (toast, action);
    if (target != NULL)
        adw_toast_set_action_target_value (toast, target);
}

/* ------------------------------------------------------------------ conflicts */

static AdwToast *
make_clash_toast (BureauToaster *self, JsonObject *conflict)
{
    gboolean stands = bureau_json_get_boolean (conflict, "stands", FALSE);
    g_autofree char *text = bureau_conflict_to_words (conflict, self->client);
    g_autofree char *value = json_to_string (
        json_object_get_member (conflict, stands ? "theirs" : "mine"), FALSE);
    AdwToast *toast = bureau_toaster_make (text, "dialog-information-symbolic");

    set_button (toast, stands ? _ ("Put _Theirs Back") : _ ("Put _Mine Back"), "win.put-back",
                g_variant_new ("(sss)", bureau_json_get_string (conflict, "taskId"),
                               bureau_json_get_string (conflict, "field"), value));
    return toast;
}

static AdwToast *
make_clashes_toast (BureauToaster *self)
{
    g_autofree char *text = g_strdup_printf (
        ngettext ("%u of your changes clashed with those of others",
                  "%u of your changes clashed with those of others", self->n_clashes),
        self->n_clashes);
    AdwToast *toast = bureau_toaster_make (text, "dialog-information-symbolic");

    set_button (toast, _ ("_Show"), "win.jump",
                g_variant_new_strv ((const char *const *) self->clashed_ids->pdata,
                                    self->clashed_ids->len));
    return toast;
}

static void
on_clash_dismissed_cb (BureauToaster *self, AdwToast *toast)
{
    if (!g_ptr_array_remove (self->clash_toasts, toast) || self->clash_toasts->len > 0)
        return;
    g_ptr_array_set_size (self->clashed_ids, 0);
    self->n_clashes = 0;
}

/* (transfer full) */
static GPtrArray *
take_clash_toasts (BureauToaster *self)
{
    GPtrArray *toasts = g_steal_pointer (&self->clash_toasts);

    self->clash_toasts = g_ptr_array_new_with_free_func (g_object_unref);
    return toasts;
}

/* Who comes back after a day would else have to wait for the last of them for minutes. */
static void
on_conflicted_cb (BureauToaster *self, JsonObject *conflict)
{
    const char *id = bureau_json_get_string (conflict, "taskId");
    g_autoptr (GPtrArray) last = NULL;
    AdwToast *toast;

    self->n_clashes++;
    if (!g_ptr_array_find_with_equal_func (self->clashed_ids, id, g_str_equal, NULL))
        g_ptr_array_add (self->clashed_ids, g_strdup (id));
    if (self->n_clashes > MAX_CLASHES)
        last = take_clash_toasts (self);
    toast = self->n_clashes > MAX_CLASHES ? make_clashes_toast (self)
                                          : make_clash_toast (self, conflict);
    g_ptr_array_add (self->clash_toasts, g_object_ref (toast));
    g_signal_connect_object (toast, "dismissed", G_CALLBACK (on_clash_dismissed_cb), self,
                             G_CONNECT_SWAPPED);
    bureau_toaster_say_long (self, toast, ADW_TOAST_PRIORITY_HIGH, BUREAU_TOAST_OF_WORK,
                             SYNC_TOAST_S);
    for (guint i = 0; last != NULL && i < last->len; i++)
        adw_toast_dismiss (last->pdata[i]);
}

/* ------------------------------------------------------------------ refused */

static AdwToast *
make_deleted_toast (BureauChange *change, const char *task_id)
{
    const char *title = change != NULL ? bureau_change_get_subject (change) : NULL;
    g_autofree char *name = bureau_text_shorten (title != NULL ? title : "");
    g_autofree char *text =
        title != NULL
            ? g_strdup_printf (_ ("“%s” was deleted meanwhile. Your change of it is kept."), name)
            : g_strdup (_ ("The task was deleted meanwhile. Your change of it is kept."));
    AdwToast *toast = bureau_toaster_make (text, "user-trash-symbolic");

    set_button (toast, _ ("_Restore"), "win.restore-task", g_variant_new_string (task_id));
    return toast;
}

static AdwToast *
make_refused_toast (BureauToaster *self, BureauChange *change, const GError *error)
{
    g_autofree char *what = change != NULL ? bureau_change_to_words (change, self->client) : NULL;
    g_autofree char *text = NULL;
    AdwToast *toast;

    if (self->n_refused > 1)
        text = g_strdup_printf (ngettext ("%u change of yours was not done; it is kept",
                                          "%u changes of yours were not done; they are kept",
                                          self->n_refused),
                                self->n_refused);
    else
        /* Translators: what was not done, and why */
        text = g_strdup_printf (_ ("Not done: %s. %s"), what != NULL ? what : "", error->message);
    toast = bureau_toaster_make (text, "dialog-warning-symbolic");
    set_button (toast, _ ("_Show"), "win.show-queue", NULL);
    return toast;
}

static void
on_refused_dismissed_cb (BureauToaster *self, AdwToast *toast)
{
    if (self->refused_toast != toast)
        return;
    g_clear_object (&self->refused_toast);
    self->n_refused = 0;
}

/* A second one takes the first one's place: what each is stands in the list. */
static void
on_refused_cb (BureauToaster *self, const char *command, JsonObject *params, const GError *error)
{
    const char *task_id = bureau_json_get_string (params, "id");
    g_autoptr (BureauChange) change = bureau_client_find_change (
        self->client, bureau_json_get_string (params, "opId"));
    g_autoptr (AdwToast) last = g_steal_pointer (&self->refused_toast);

    self->n_refused++;
    if (self->n_refused == 1 && g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_NOT_FOUND) &&
        g_str_has_prefix (command, "task:") && task_id != NULL &&
        bureau_client_was_deleted (self->client, task_id))
        self->refused_toast = g_object_ref (make_deleted_toast (change, task_id));
    else
        self->refused_toast = g_object_ref (make_refused_toast (self, change, error));
    g_signal_connect_object (self->refused_toast, "dismissed", G_CALLBACK (on_refused_dismissed_cb),
                             self, G_CONNECT_SWAPPED);
    bureau_toaster_say_long (self, self->refused_toast, ADW_TOAST_PRIORITY_HIGH,
                             BUREAU_TOAST_OF_WORK, SYNC_TOAST_S);
    if (last != NULL)
        adw_toast_dismiss (last);
}

/* ------------------------------------------------------------------ while one was away */

/* "41 minutes" (transfer full) */
static char *
absence_to_words (gint64 ms)
{
    guint minutes = (guint) MIN (ms / 60000, G_MAXINT);

    if (minutes == 0)
        return g_strdup (_ ("less than a minute"));
    if (minutes < 60)
        return g_strdup_printf (ngettext ("%u minute", "%u minutes", minutes), minutes);
    if (minutes < 48 * 60)
        return g_strdup_printf (ngettext ("%u hour", "%u hours", minutes / 60), minutes / 60);
    return g_strdup_printf (ngettext ("%u day", "%u days", minutes / (24 * 60)),
                            minutes / (24 * 60));
}

static void
on_caught_up_cb (BureauToaster *self, guint n_changes, gint64 since, char **task_ids)
{
    gint64 absence = MAX (bureau_client_get_now (self->client) - since, 0);
    g_autofree char *time = absence_to_words (absence);
    guint n_mine = g_strv_length (task_ids);
    g_autofree char *changes = NULL;
    g_autofree char *text = NULL;
    AdwToast *toast;

    if (absence < SHORT_ABSENCE && n_changes < MANY_CHANGES && n_mine == 0)
        return;
    /* Translators: %u changes by others in a time like “41 minutes” */
    changes = g_strdup_printf (ngettext ("While you were away: %u change in %s",
                                         "While you were away: %u changes in %s", n_changes),
                               n_changes, time);
    /* Translators: %s is “While you were away: 23 changes in 41 minutes”, %u how many tasks of
     * those are the reader’s */
    text = g_strdup_printf (ngettext ("%s, %u for you", "%s, %u for you", n_mine), changes, n_mine);
    toast = bureau_toaster_make (n_mine > 0 ? text : changes, "emblem-synchronizing-symbolic");
    if (n_mine > 0)
        set_button (toast, _ ("_Jump"), "win.jump",
                    g_variant_new_strv ((const char *const *) task_ids, -1));
    bureau_toaster_say_long (self, toast, ADW_TOAST_PRIORITY_HIGH, NULL, SYNC_TOAST_S);
}

void
bureau_toaster_offer_next (BureauToaster *self, const char *const *task_ids, guint n_tasks)
{
    g_autofree char *text = NULL;
    AdwToast *toast;

    g_return_if_fail (BUREAU_IS_TOASTER (self));

    text = g_strdup_printf (ngettext ("%u more for you", "%u more for you", n_tasks), n_tasks);
    toast = bureau_toaster_make (text, NULL);
    set_button (toast, _ ("_Next"), "win.jump", g_variant_new_strv (task_ids, n_tasks));
    /* After the one whose button has been pressed, which ends with that. */
    bureau_toaster_say_long (self, toast, ADW_TOAST_PRIORITY_NORMAL, NULL, SYNC_TOAST_S);
}

/* ------------------------------------------------------------------ put back from a backup */

/* Work is gone, and perhaps somebody still knows what it was: it stays until it has been read. */
static void
on_set_back_cb (BureauToaster *self, guint n_tasks)
{
    g_autofree char *text = g_strdup_printf (
        ngettext (
            "The office was put back from a backup: %u task is gone, or as it was before",
            "The office was put back from a backup: %u tasks are gone, or as they were before",
            n_tasks),
        n_tasks);

    bureau_toaster_say_long (self, bureau_toaster_make (text, "dialog-information-symbolic"),
                             ADW_TOAST_PRIORITY_HIGH, NULL, 0);
}

/* ------------------------------------------------------------------ */

void
bureau_toaster_listen_to_sync (BureauToaster *self)
{
    g_signal_group_connect_swapped (self->signals, "refused", G_CALLBACK (on_refused_cb), self);
    g_signal_group_connect_swapped (self->signals, "conflicted", G_CALLBACK (on_conflicted_cb),
                                    self);
    g_signal_group_connect_swapped (self->signals, "caught-up", G_CALLBACK (on_caught_up_cb), self);
    g_signal_group_connect_swapped (self->signals, "set-back", G_CALLBACK (on_set_back_cb), self);
}
