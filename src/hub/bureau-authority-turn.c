/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-authority.h"

#include "bureau-discretion.h"
#include "bureau-error.h"
#include "bureau-health.h"
#include "bureau-json.h"
#include "bureau-live.h"
#include "bureau-snapshot.h"
#include "bureau-timer.h"

/* Nothing happens for so long: a good moment for a checkpoint. */
#define PAUSE_MS 1000
/* When the workers have got somewhere. */
#define BUSY_MS 1000

void
bureau_authority_queue (BureauAuthority *self, BureauRequest *request)
{
    g_ptr_array_add (self->requests, request);
    if (self->server != NULL)
        bureau_server_wake (self->server);
}

/* So that nobody fills the disk for all. */
static gboolean
charge (BureauAuthority *self, const BureauCall *call, GError **error)
{
    return call->actor == NULL || call->stored == 0 ||
           bureau_rates_take (self->rates, BUREAU_RATE_STORE, call->actor->user_id, call->stored,
                              error);
}

/* Of those that leave something to the workers, as many as these have room for; while the hub
 * closes, none. */
static gboolean
plan_work (BureauAuthority *self, const BureauCall *call, GError **error)
{
    if (!bureau_call_is_computing (call))
        return TRUE;
    if (self->workers == NULL || self->planned == bureau_workers_get_room (self->workers)) {
        bureau_error_set_rate_limited (error, BUSY_MS);
        return FALSE;
    }
    self->planned++;
    return TRUE;
}

static void
succeed (BureauRequest *request)
{
    if (bureau_call_is_computing (&request->call))
        return;
    if (request->call.refusal != NULL) {
        bureau_request_fail (request, request->call.refusal);
        return;
    }
    request->json = request->call.text != NULL
                        ? g_steal_pointer (&request->call.text)
                        : bureau_json_object_to_string (request->call.answer);
    request->status = 200;
}

static void
run_request (BureauAuthority *self, BureauRequest *request)
{
    g_autoptr (GError) error = NULL;
    guint mark = self->effects->len;

    request->call.now = bureau_authority_now (self);
    if (!bureau_store_savepoint (self->store, &error)) {
        bureau_request_fail (request, error);
        return;
    }

    if (request->run (&request->call, &error) && charge (self, &request->call, &error) &&
        plan_work (self, &request->call, &error) && bureau_store_release (self->store, &error)) {
        succeed (request);
        return;
    }

    /* A handler that gave no reason has a bug, which is not worth the hub's life. */
    if (error == NULL)
        g_set_error_literal (&error, BUREAU_ERROR, BUREAU_ERROR_INTERNAL,
                             "A request failed for no reason given.");
    bureau_store_rollback_to_savepoint (self->store);
    g_ptr_array_set_size (self->effects, mark);
    bureau_request_fail (request, error);
}

/* Whole to those in the room who manage or whose time entry it is, and the rest of the room gets
 * what is for everybody. */
static void
publish_discreetly (BureauAuthority *self, BureauEffect *effect, const char *for_all)
{
    g_autoptr (JsonObject) event = bureau_json_parse_object (effect->payload, -1, NULL);
    JsonObject *entry = bureau_json_get_object (event, "entry");
    g_autofree char *owner = bureau_room ("user", bureau_json_get_string (entry, "userId"));
    g_autofree char *managers = bureau_room ("manage",
                                             bureau_json_get_string (entry, "workspaceId"));
    const char *rooms[] = { owner, managers, NULL };
    const char *all_rooms[] = { effect->room, NULL };

    bureau_server_publish_within (self->server, effect->room, rooms, effect->name, effect->payload);
    bureau_server_publish_rest (self->server, all_rooms, effect->name, for_all);
}

static void
publish_event (BureauAuthority *self, BureauEffect *effect)
{
    BureauDiscretion anybody = { .sees_all = !g_str_has_prefix (effect->room, "time:") };
    g_autofree char *for_all = bureau_discretion_apply_event (&anybody, effect->payload);
    const char *rooms[] = { effect->room, effect->other_room, NULL };

    if (for_all != NULL)
        publish_discreetly (self, effect, for_all);
    else
        bureau_server_publish (self->server, rooms, effect->name, effect->payload);
}

/* First of all: who has been signed out in this turn hears nothing of it. And who may see less than
 * before hears no more of what they saw. */
static void
sign_out (BureauAuthority *self)
{
    for (guint i = 0; i < self->effects->len; i++) {
        BureauEffect *effect = g_ptr_array_index (self->effects, i);

        if (effect->kind == BUREAU_EFFECT_SIGN_OUT || effect->kind == BUREAU_EFFECT_LEAVE)
            bureau_snapshot_end_all (self, (const char *const *) effect->user_ids);
        if (effect->kind == BUREAU_EFFECT_SIGN_OUT)
            bureau_live_sign_out (self->live, effect->user_ids[0], effect->session_id,
                                  effect->except, effect->name);
    }
}

static void
apply_effects (BureauAuthority *self)
{
    sign_out (self);
    for (guint i = 0; i < self->effects->len; i++) {
        BureauEffect *effect = g_ptr_array_index (self->effects, i);

        switch (effect->kind) {
        case BUREAU_EFFECT_EVENT:
            publish_event (self, effect);
            break;
        case BUREAU_EFFECT_JOIN:
            bureau_live_join (self->live, effect->room, (const char *const *) effect->user_ids,
                              effect->seq);
            break;
        case BUREAU_EFFECT_LEAVE:
            bureau_live_leave (self->live, effect->room, (const char *const *) effect->user_ids,
                               effect->name);
            break;
        case BUREAU_EFFECT_RENEW:
            bureau_live_renew (self->live, bureau_connection_get_data (effect->connection),
                               effect->expires_at);
            break;
        case BUREAU_EFFECT_SIGN_OUT:
            break;
        }
    }
}

void
bureau_authority_cancel_checkpoint (BureauAuthority *self)
{
    bureau_timer_stop (&self->checkpoint);
    self->checkpoint_due = FALSE;
}

static gboolean
on_checkpoint_cb (gpointer data)
{
    BureauAuthority *self = data;

    if (!self->checkpoint_due && g_get_monotonic_time () - self->last_turn < PAUSE_MS * 1000)
        return G_SOURCE_CONTINUE;

    /* Whoever reads slowly keeps the WAL from being begun anew: they have to begin anew instead. */
    if (bureau_store_is_held_up (self->store))
        bureau_snapshot_end_all (self, NULL);
    bureau_store_checkpoint (self->store);
    bureau_authority_cancel_checkpoint (self);
    bureau_health_review (self);
    return G_SOURCE_REMOVE;
}

/* In the next pause, or where the WAL has grown long: once this turn's answers are out. */
static void
schedule_checkpoint (BureauAuthority *self)
{
    gboolean due = bureau_store_wants_checkpoint (self->store);

    self->last_turn = g_get_monotonic_time ();
    if (self->checkpoint != NULL && due == self->checkpoint_due)
        return;

    bureau_authority_cancel_checkpoint (self);
    self->checkpoint_due = due;
    bureau_timer_start (&self->checkpoint, due ? 0 : PAUSE_MS, on_checkpoint_cb, self);
}

/* What was refused is told, although what the request did itself has been taken back. */
static void
write_refusals (BureauAuthority *self, BureauRequest *request)
{
    g_autoptr (GError) error = NULL;

    if (!bureau_audit_write_refusals (self->audit, &request->call, &error))
        g_warning ("Can't write a refusal to the audit: %s", error->message);
}

/* FALSE if the storage has failed under one of them and taken the whole transaction back: then none
 * is done, and none may run outside it. */
static gboolean
run_requests (BureauAuthority *self, GPtrArray *requests)
{
    for (guint i = 0; i < requests->len; i++) {
        BureauRequest *request = g_ptr_array_index (requests, i);

        run_request (self, request);
        if (bureau_store_in_transaction (self->store))
            write_refusals (self, request);
        if (!bureau_store_in_transaction (self->store))
            return FALSE;
    }
    return TRUE;
}

/* How far security time has come, so that a restart goes on from there. */
static void
store_time (BureauAuthority *self)
{
    g_autoptr (GError) error = NULL;

    bureau_authority_get_security_time (self);
    if (!bureau_clock_store (&self->security, self->store, &error))
        g_warning ("Can't store how late it is: %s", error->message);
}

void
bureau_authority_on_computed (gpointer data, gpointer authority)
{
    BureauAuthority *self = authority;
    BureauRequest *request = data;
    guint index;

    if (!g_ptr_array_find (self->computing, request, &index))
        g_return_if_reached ();
    g_ptr_array_steal_index_fast (self->computing, index);
    request->call.work->computed = TRUE;
    request->run = request->call.work->finish;
    request->is_resumed = TRUE;
    bureau_authority_queue (self, request);
}

static void
compute (gpointer data)
{
    BureauWork *work = ((BureauRequest *) data)->call.work;

    work->compute (work->data);
}

static void
answer (BureauRequest *request)
{
    if (request->answered != NULL)
        request->answered (request);
    bureau_request_free (request);
}

/* Each is answered, or goes to the workers first. Takes them. */
static void
answer_requests (BureauAuthority *self, GPtrArray *requests)
{
    g_ptr_array_set_free_func (requests, NULL);
    for (guint i = 0; i < requests->len; i++) {
        BureauRequest *request = g_ptr_array_index (requests, i);

        if (!bureau_call_is_computing (&request->call)) {
            answer (request);
            continue;
        }
        g_ptr_array_add (self->computing, request);
        bureau_workers_give (self->workers, compute, request);
    }
    self->planned = 0;
}

static gboolean
run_and_commit (BureauAuthority *self, GPtrArray *requests, GError **error)
{
    /* Nothing is written to a damaged file. */
    if (bureau_store_get_state (self->store) == BUREAU_STORAGE_DAMAGED ||
        !bureau_store_begin (self->store, error) || !run_requests (self, requests))
        return FALSE;
    store_time (self);
    return bureau_store_commit (self->store, error);
}

/* FALSE if it could not be stored: then nothing has been changed, and nobody has been answered.
 * Without @error, a request's own has said why. */
static gboolean
store_turn (BureauAuthority *self, GPtrArray *requests, GError **error)
{
    if (run_and_commit (self, requests, error))
        return TRUE;
    bureau_store_rollback (self->store);
    self->planned = 0;
    g_ptr_array_set_size (self->effects, 0);
    return FALSE;
}

/* Where nothing can be written, what only asks is answered all the same, and whatever else there is
 * gets to know what is wrong. */
static void
answer_readers (BureauAuthority *self, GPtrArray *requests)
{
    BureauStorageState state = bureau_store_get_state (self->store);
    g_autoptr (GError) error = g_error_new_literal (BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE,
                                                    bureau_storage_get_message (state));
    gboolean begun = bureau_store_begin_refusing (self->store, NULL);

    for (guint i = 0; i < requests->len; i++) {
        BureauRequest *request = g_ptr_array_index (requests, i);

        if (begun && bureau_request_rewind (request))
            run_request (self, request);
        else
            bureau_request_fail (request, error);
    }
    bureau_store_end_refusing (self->store);
}

/* Not the disk's fault, but a bug's. @error: taken, nullable. */
static void
refuse_turn (GPtrArray *requests, GError *error)
{
    if (error == NULL)
        error = g_error_new_literal (BUREAU_ERROR, BUREAU_ERROR_INTERNAL,
                                     "A request ended the turn's transaction.");
    g_message ("A turn was not stored: %s", error->message);
    for (guint i = 0; i < requests->len; i++)
        bureau_request_fail (g_ptr_array_index (requests, i), error);
    g_error_free (error);
}

void
bureau_authority_run_turn (BureauAuthority *self)
{
    g_autoptr (GPtrArray) requests = g_steal_pointer (&self->requests);
    GError *error = NULL;

    self->requests = g_ptr_array_new_with_free_func ((GDestroyNotify) bureau_request_free);
    if (requests->len == 0)
        return;
    if (!store_turn (self, requests, &error)) {
        if (bureau_store_get_state (self->store) != BUREAU_STORAGE_OK)
            answer_readers (self, requests);
        else
            refuse_turn (requests, g_steal_pointer (&error));
    }
    g_clear_error (&error);

    /* Durable now: acknowledge, then broadcast. Both leave with the same write. */
    answer_requests (self, requests);
    if (self->server != NULL)
        apply_effects (self);
    g_ptr_array_set_size (self->effects, 0);
    bureau_health_review (self);
    schedule_checkpoint (self);
}
