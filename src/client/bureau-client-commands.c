/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-client-private.h"

#include "bureau-error.h"
#include "bureau-inquiry.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-overlay.h"
#include "bureau-timer.h"

/* A hub that fails inside keeps the queue waiting so many times, then the command counts as
 * refused. */
#define MAX_INTERNAL 3
#define MAX_PAUSE    30000

/* Where a callback finds the client and the entry again. */
typedef struct {
    BureauClient *client; /* (owned) */
    char *op_id;          /* (owned) */
} Reference;

static Reference *
reference_new (BureauClient *self, const BureauOutboxEntry *entry)
{
    Reference *reference = g_new0 (Reference, 1);

    reference->client = g_object_ref (self);
    reference->op_id = g_strdup (entry->op_id);
    return reference;
}

static void
reference_free (Reference *reference)
{
    g_object_unref (reference->client);
    g_free (reference->op_id);
    g_free (reference);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reference, reference_free)

/* ------------------------------------------------------------------ leaving the outbox */

void
bureau_client_take_out (BureauClient *self, const char *op_id)
{
    g_autoptr (BureauOutboxEntry) entry = bureau_outbox_steal (self->outbox, op_id);

    if (!entry)
        return;
    bureau_replica_remove_command (self->replica, op_id);
    bureau_office_replay_without (self->office, entry);
}

void
bureau_client_settle (BureauClient *self, const char *room, gint64 seq)
{
    g_autoptr (GPtrArray) settled = bureau_outbox_get_settled (self->outbox, room, seq);

    for (guint i = 0; i < settled->len; i++)
        bureau_client_take_out (self, settled->pdata[i]);
}

void
bureau_client_settle_strays (BureauClient *self)
{
    g_autoptr (GPtrArray) strays = g_ptr_array_new_with_free_func (g_free);

    for (const GList *link = bureau_outbox_peek (self->outbox); link; link = link->next) {
        const BureauOutboxEntry *entry = link->data;

        if (entry->state == BUREAU_OUTBOX_DONE &&
            !g_hash_table_contains (self->rooms, entry->done_room))
            g_ptr_array_add (strays, g_strdup (entry->op_id));
    }
    for (guint i = 0; i < strays->len; i++)
        bureau_client_take_out (self, strays->pdata[i]);
}

void
bureau_client_doubt_done (BureauClient *self)
{
    g_autoptr (GPtrArray) doubted = bureau_outbox_doubt_done (self->outbox);

    for (guint i = 0; i < doubted->len; i++)
        bureau_office_replay (self->office, doubted->pdata[i]);
}

/* ------------------------------------------------------------------ sending */

static gboolean
on_resend_cb (gpointer data)
{
    BureauClient *self = data;

    bureau_timer_stop (&self->resend);
    bureau_client_send_next (self);
    return G_SOURCE_REMOVE;
}

/* The room in whose log the event of @entry stands. (nullable) (transfer full) */
static char *
find_room (BureauClient *self, const BureauOutboxEntry *entry, JsonObject *answer)
{
    int kind = bureau_overlay_get_kind (entry->command->id);
    JsonObject *object;

    if (kind < 0)
        return NULL;
    object = bureau_json_get_object (answer, bureau_kind_to_string (kind));
    if (object)
        return bureau_kind_get_room (kind, object, self->account->workspace_id);
    return bureau_office_get_confirmed_room (self->office, kind, entry->target);
}

/* The hub has carried it out. Its event is on its way, or here already. Until it is here the models
 * go on showing what the command does, so that nothing flickers, and the outbox on disk keeps it,
 * so that nothing is missing if the program ends in this moment: sent again, it is answered the
 * same. */
static void
finish (BureauClient *self, BureauOutboxEntry *entry, JsonObject *answer)
{
    g_autofree char *room = find_room (self, entry, answer);
    gint64 seq = bureau_json_get_int (answer, "seq", 0);
    const BureauFollowed *followed = room ? g_hash_table_lookup (self->rooms, room) : NULL;
    /* A new project's room is yet to come. Of any other that we are not in, we hear no more. */
    gboolean silent = !followed && entry->command->id != BUREAU_COMMAND_PROJECT_CREATE;

    if (!room || seq <= 0 || silent || (followed && followed->have && followed->seq >= seq)) {
        bureau_client_take_out (self, entry->op_id);
        return;
    }
    bureau_outbox_set_state (self->outbox, entry, BUREAU_OUTBOX_DONE);
    entry->done_room = g_steal_pointer (&room);
    entry->done_seq = seq;
    bureau_office_replay_without (self->office, entry);
}

/* Returns TRUE if it is to be sent again, after a pause. */
static gboolean
is_passing (BureauClient *self, BureauOutboxEntry *entry, const GError *error)
{
    gint64 pause = bureau_error_get_retry_after (error);
    guint max_attempts = G_MAXUINT;

    if (g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_INTERNAL))
        max_attempts = MAX_INTERNAL;
    else if (!g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_RATE_LIMITED) &&
             !g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE))
        return FALSE;
    if (++entry->attempts > max_attempts)
        return FALSE;
    bureau_outbox_set_state (self->outbox, entry, BUREAU_OUTBOX_QUEUED);
    if (pause <= 0)
        pause = 500 << MIN (entry->attempts, 6);
    bureau_timer_start (&self->resend, CLAMP (pause, 50, MAX_PAUSE), on_resend_cb, self);
    return TRUE;
}

static void
on_answered_cb (JsonObject *answer, const GError *link_error, gpointer data)
{
    g_autoptr (Reference) reference = data;
    BureauClient *self = reference->client;
    BureauOutboxEntry *entry = bureau_outbox_lookup (self->outbox, reference->op_id);
    g_autoptr (GError) error = NULL;

    /* Its own event may have come first, or the connection ended: then it is sent again on the
     * next. */
    if (!entry || entry->state != BUREAU_OUTBOX_SENT) {
        bureau_client_send_next (self);
        return;
    }
    if (!answer && link_error->domain != BUREAU_ERROR) {
        bureau_outbox_set_state (self->outbox, entry, BUREAU_OUTBOX_QUEUED);
        return;
    }
    if (!answer)
        error = g_error_copy (link_error);
    if (answer && bureau_inquiry_check (answer, &error)) {
        finish (self, entry, answer);
        bureau_client_take_conflicts (self, answer, TRUE);
    } else if (g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_UNAUTHENTICATED)) {
        bureau_outbox_set_state (self->outbox, entry, BUREAU_OUTBOX_QUEUED);
        bureau_credentials_forget_token (self->credentials);
        bureau_link_drop (self->link, error->message);
    } else if (!is_passing (self, entry, error))
        bureau_client_refuse (self, entry, error);
    bureau_client_send_next (self);
    bureau_client_refresh (self);
}

/* One after another: a command may build on the one before it, and a hub that is short of breath
 * answers some and not others. */
void
bureau_client_send_next (BureauClient *self)
{
    BureauOutboxEntry *entry;

    if (!self->ready || self->resend || self->stopped)
        return;
    entry = bureau_outbox_get_next (self->outbox);
    if (!entry)
        return;
    bureau_outbox_set_state (self->outbox, entry, BUREAU_OUTBOX_SENT);
    bureau_link_emit (self->link, entry->command->name, entry->params, on_answered_cb,
                      reference_new (self, entry));
}

/* ------------------------------------------------------------------ giving */

static void
on_written_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (Reference) reference = data;
    BureauClient *self = reference->client;
    BureauOutboxEntry *entry = bureau_outbox_lookup (self->outbox, reference->op_id);
    g_autoptr (GError) error = NULL;
    gboolean written = bureau_replica_add_command_finish (BUREAU_REPLICA (source), result, &error);

    if (!entry)
        return;
    /* Tried again while it was written, it is written twice, and the second time fails. */
    entry->is_on_disk = entry->is_on_disk || written;
    if (entry->state == BUREAU_OUTBOX_WRITING && written) {
        bureau_outbox_set_state (self->outbox, entry, BUREAU_OUTBOX_QUEUED);
        bureau_client_send_next (self);
    } else if (entry->state == BUREAU_OUTBOX_WRITING) {
        g_autoptr (GError) refusal = g_error_new (
            BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE,
            "The change could not be written to this computer’s disk: %s", error->message);

        bureau_client_refuse (self, entry, refusal);
    }
    bureau_client_refresh (self);
}

void
bureau_client_write (BureauClient *self, BureauOutboxEntry *entry)
{
    bureau_replica_add_command_async (self->replica, entry, on_written_cb,
                                      reference_new (self, entry));
}

static void
set_new_id (JsonObject *params, const char *name)
{
    g_autofree char *id = bureau_id_new ();

    bureau_json_set_string (params, name, id);
}

/* Unless the caller has said when. */
static void
set_now (BureauClient *self, JsonObject *params, const char *name)
{
    g_autofree char *now = bureau_instant_to_string (bureau_client_get_now (self));

    if (!json_object_has_member (params, name))
        bureau_json_set_string (params, name, now);
}

/* What the caller may leave out. */
static void
complete (BureauClient *self, const BureauCommand *command, JsonObject *params)
{
    const char *id = bureau_json_get_string (params, "id");
    BureauTimeEntry *timer = bureau_office_find_timer (self->office, self->account->user_id);

    if (!json_object_has_member (params, "opId"))
        set_new_id (params, "opId");
    if (!id && (command->flags & BUREAU_COMMAND_CREATES))
        set_new_id (params, "id");
    if (!id && command->id == BUREAU_COMMAND_TIMER_STOP && timer)
        bureau_json_set_string (params, "id", bureau_time_entry_get_id (timer));
    /* It begins and ends now, not when the hub hears of it: that may be a good while, also where
     * all looked well a moment ago. */
    if (command->id == BUREAU_COMMAND_TIMER_START)
        set_now (self, params, "startTime");
    if (command->id == BUREAU_COMMAND_TIMER_STOP)
        set_now (self, params, "endTime");
    if (command->id == BUREAU_COMMAND_TASK_UPDATE && id &&
        !json_object_has_member (params, "base")) {
        gint64 version = bureau_office_get_confirmed_version (self->office, id);

        if (version > 0)
            json_object_set_int_member (params, "base", version);
    }
}

char *
bureau_client_give (BureauClient *self, BureauCommandId command_id, JsonObject *params,
                    GError **error)
{
    g_autoptr (JsonObject) given = params ? params : json_object_new ();
    g_autoptr (JsonObject) canonical = NULL;
    const BureauCommand *command = bureau_command_get (command_id);
    BureauOutboxEntry *entry;
    g_autofree char *id = NULL;

    g_return_val_if_fail (BUREAU_IS_CLIENT (self), NULL);

    if (!command || !(command->flags & BUREAU_COMMAND_DURABLE) || self->stopped) {
        bureau_error_set_invalid (error, NULL, "This is not a change that can wait to be sent.");
        return NULL;
    }
    complete (self, command, given);
    canonical = bureau_command_validate (command, given, error);
    if (!canonical)
        return NULL;
    if (bureau_outbox_lookup (self->outbox, bureau_json_get_string (canonical, "opId"))) {
        bureau_error_set_invalid (error, "opId", "This change has been given before.");
        return NULL;
    }
    id = g_strdup (bureau_json_get_string (canonical, "id"));
    entry = bureau_outbox_entry_new (
        command, g_steal_pointer (&canonical),
        command_id == BUREAU_COMMAND_MEMBER_UPDATE_SELF ? self->account->user_id : id,
        bureau_client_get_now (self));
    bureau_client_name_subject (self, entry);
    bureau_outbox_add (self->outbox, entry);
    bureau_client_write (self, entry);
    bureau_office_replay (self->office, entry);
    bureau_client_refresh (self);
    return g_steal_pointer (&id);
}

/* ------------------------------------------------------------------ asking */

static void
on_asked_cb (JsonObject *answer, const GError *link_error, gpointer data)
{
    g_autoptr (GTask) task = data;
    GError *error = NULL;

    if (!answer && link_error->domain == BUREAU_ERROR)
        g_task_return_error (task, g_error_copy (link_error));
    else if (!answer)
        g_task_return_new_error (task, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE, "%s",
                                 link_error->message);
    else if (bureau_inquiry_check (answer, &error))
        g_task_return_pointer (task, json_object_ref (answer), (GDestroyNotify) json_object_unref);
    else
        g_task_return_error (task, error);
}

void
bureau_client_ask_async (BureauClient *self, BureauCommandId command_id, JsonObject *params,
                         GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
    GTask *task = g_task_new (self, cancellable, callback, data);
    g_autoptr (JsonObject) given = params ? params : json_object_new ();
    const BureauCommand *command = bureau_command_get (command_id);
    GError *error = NULL;
    g_autoptr (JsonObject) canonical = bureau_command_validate (command, given, &error);

    g_task_set_source_tag (task, bureau_client_ask_async);
    if (!canonical) {
        g_task_return_error (task, error);
        g_object_unref (task);
        return;
    }
    bureau_link_emit (self->link, command->name, canonical, on_asked_cb, task);
}

JsonObject *
bureau_client_ask_finish (BureauClient *self, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer (G_TASK (result), error);
}
