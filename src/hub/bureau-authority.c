/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-authority.h"

#include <sodium.h>

#include "bureau-commands.h"
#include "bureau-discretion.h"
#include "bureau-error.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-live.h"
#include "bureau-rest.h"

#define HEADS_SECONDS 25
/* Nothing happens for so long: a good moment for a checkpoint. */
#define PAUSE_MS 1000

static gint64
wall_clock (void)
{
    return g_get_real_time () / 1000;
}

gint64
bureau_authority_now (BureauAuthority *self)
{
    return self->clock ();
}

/* ------------------------------------------------------------------ requests */

BureauRequest *
bureau_request_new (BureauAuthority *authority, BureauRunFunc run, JsonObject *params)
{
    BureauRequest *request = g_new0 (BureauRequest, 1);

    request->call.authority = authority;
    request->call.params = params != NULL ? params : json_object_new ();
    request->call.answer = json_object_new ();
    json_object_set_boolean_member (request->call.answer, "ok", TRUE);
    request->run = run;
    return request;
}

static gboolean
run_unknown (BureauCall *call, GError **error)
{
    g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_INVALID, "There is no such command.");
    return FALSE;
}

BureauRequest *
bureau_request_new_command (BureauAuthority *authority, const char *name, JsonObject *params,
                            BureauActor *actor)
{
    const BureauCommand *command = bureau_command_find (name);
    BureauRequest *request = bureau_request_new (
        authority, command != NULL ? bureau_run_command : run_unknown, params);

    request->call.command = command;
    request->call.actor = actor;
    return request;
}

void
bureau_request_free (BureauRequest *request)
{
    if (request->free_door != NULL)
        request->free_door (request->door);
    g_clear_pointer (&request->call.actor, bureau_actor_free);
    g_clear_pointer (&request->call.params, json_object_unref);
    g_clear_pointer (&request->call.answer, json_object_unref);
    g_free (request->json);
    g_free (request);
}

char *
bureau_error_to_message (const GError *error)
{
    guint32 id;

    if (bureau_error_to_status (error) != 500)
        return g_strdup (error->message);

    id = randombytes_random ();
    g_warning ("Error %08x: %s", id, error->message);
    return g_strdup_printf ("Something went wrong in the hub. Its log says more about error %08x.",
                            id);
}

char *
bureau_error_to_answer (const GError *error)
{
    g_autoptr (JsonObject) answer = json_object_new ();
    JsonObject *body = json_object_new ();
    const char *field = bureau_error_get_field (error);
    gint64 retry_after = bureau_error_get_retry_after (error);
    g_autofree char *message = bureau_error_to_message (error);

    json_object_set_boolean_member (answer, "ok", FALSE);
    json_object_set_object_member (answer, "error", body);
    bureau_json_set_string (body, "code", bureau_error_to_code (error));
    bureau_json_set_string (body, "message", message);
    bureau_json_set_optional (body, "field", field);
    if (retry_after > 0)
        json_object_set_int_member (body, "retryAfterMs", retry_after);
    return bureau_json_object_to_string (answer);
}

static void
set_failed (BureauRequest *request, const GError *error)
{
    g_free (request->json);
    request->json = bureau_error_to_answer (error);
    request->status = bureau_error_to_status (error);
}

/* ------------------------------------------------------------------ the turn */

void
bureau_authority_queue (BureauAuthority *self, BureauRequest *request)
{
    g_ptr_array_add (self->requests, request);
    if (self->server != NULL)
        bureau_server_wake (self->server);
}

static void
run_request (BureauAuthority *self, BureauRequest *request)
{
    g_autoptr (GError) error = NULL;
    guint mark = self->effects->len;

    request->call.now = bureau_authority_now (self);
    if (!bureau_store_savepoint (self->store, &error)) {
        set_failed (request, error);
        return;
    }

    if (request->run (&request->call, &error) && bureau_store_release (self->store, &error)) {
        request->json = bureau_json_object_to_string (request->call.answer);
        request->status = 200;
        return;
    }

    /* A handler that gave no reason has a bug, which is not worth the hub's life. */
    if (error == NULL)
        g_set_error_literal (&error, BUREAU_ERROR, BUREAU_ERROR_INTERNAL,
                             "A request failed for no reason given.");
    bureau_store_rollback_to_savepoint (self->store);
    g_ptr_array_set_size (self->effects, mark);
    set_failed (request, error);
}

/* Whole to the one whose time entry it is and to the managers, and the rest of the room gets what
 * is for everybody. */
static void
broadcast_discreetly (BureauAuthority *self, BureauEffect *effect, const char *for_all)
{
    g_autoptr (JsonObject) event = bureau_json_parse_object (effect->payload, -1, NULL);
    JsonObject *entry = bureau_json_get_object (event, "entry");
    g_autofree char *owner = bureau_room ("user", bureau_json_get_string (entry, "userId"));
    g_autofree char *managers = bureau_room ("manage",
                                             bureau_json_get_string (entry, "workspaceId"));
    const char *rooms[] = { owner, managers, NULL };
    const char *all_rooms[] = { effect->room, NULL };
    g_autoptr (BureauFrame) whole = bureau_frame_new_event (effect->name, effect->payload);
    g_autoptr (BureauFrame) frame = bureau_frame_new_event (effect->name, for_all);

    bureau_server_broadcast (self->server, rooms, whole, NULL);
    bureau_server_broadcast_rest (self->server, all_rooms, frame, NULL);
}

static void
broadcast_event (BureauAuthority *self, BureauEffect *effect)
{
    BureauDiscretion anybody = { .sees_all = !g_str_has_prefix (effect->room, "time:") };
    g_autofree char *for_all = bureau_discretion_apply_event (&anybody, effect->payload);
    const char *rooms[] = { effect->room, effect->other_room, NULL };
    g_autoptr (BureauFrame) frame = NULL;

    if (for_all != NULL) {
        broadcast_discreetly (self, effect, for_all);
        return;
    }
    frame = bureau_frame_new_event (effect->name, effect->payload);
    bureau_server_broadcast (self->server, rooms, frame, NULL);
}

static void
apply_effects (BureauAuthority *self)
{
    for (guint i = 0; i < self->effects->len; i++) {
        BureauEffect *effect = g_ptr_array_index (self->effects, i);

        switch (effect->kind) {
        case BUREAU_EFFECT_EVENT:
            broadcast_event (self, effect);
            break;
        case BUREAU_EFFECT_JOIN:
            bureau_live_join (self->live, effect->room, (const char *const *) effect->user_ids,
                              effect->seq);
            break;
        case BUREAU_EFFECT_LEAVE:
            bureau_live_leave (self->live, effect->room, (const char *const *) effect->user_ids,
                               effect->name);
            break;
        }
    }
}

static void
remove_source (guint *id)
{
    GSource *source = *id != 0 ? g_main_context_find_source_by_id (
                                     g_main_context_get_thread_default (), *id)
                               : NULL;

    *id = 0;
    if (source != NULL)
        g_source_destroy (source);
}

static gboolean
on_checkpoint_cb (gpointer data)
{
    BureauAuthority *self = data;

    if (!self->checkpoint_due && g_get_monotonic_time () - self->last_turn < PAUSE_MS * 1000)
        return G_SOURCE_CONTINUE;

    bureau_store_checkpoint (self->store);
    self->checkpoint_source = 0;
    self->checkpoint_due = FALSE;
    return G_SOURCE_REMOVE;
}

/* In the next pause, or where the WAL has grown long: once this turn's answers are out. */
static void
schedule_checkpoint (BureauAuthority *self)
{
    gboolean due = bureau_store_wants_checkpoint (self->store);
    g_autoptr (GSource) source = NULL;

    self->last_turn = g_get_monotonic_time ();
    if (self->checkpoint_source != 0 && due == self->checkpoint_due)
        return;

    remove_source (&self->checkpoint_source);
    source = g_timeout_source_new (due ? 0 : PAUSE_MS);
    g_source_set_callback (source, on_checkpoint_cb, self, NULL);
    self->checkpoint_source = g_source_attach (source, g_main_context_get_thread_default ());
    self->checkpoint_due = due;
}

static void
fail_all (GPtrArray *requests, const GError *error)
{
    for (guint i = 0; i < requests->len; i++)
        set_failed (g_ptr_array_index (requests, i), error);
}

/* Sets @error if the storage has failed under one of them and taken the whole transaction back:
 * then none is done, and none may run outside it. */
static void
run_requests (BureauAuthority *self, GPtrArray *requests, GError **error)
{
    for (guint i = 0; i < requests->len; i++) {
        run_request (self, g_ptr_array_index (requests, i));
        if (bureau_store_in_transaction (self->store))
            continue;

        g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE,
                             "The hub can't use its storage at the moment, perhaps because its "
                             "disk is full. Nothing was changed; try again later.");
        return;
    }
}

void
bureau_authority_run_turn (BureauAuthority *self)
{
    g_autoptr (GPtrArray) requests = g_steal_pointer (&self->requests);
    g_autoptr (GError) error = NULL;

    self->requests = g_ptr_array_new_with_free_func ((GDestroyNotify) bureau_request_free);
    if (requests->len == 0)
        return;

    if (bureau_store_begin (self->store, &error)) {
        run_requests (self, requests, &error);
        if (error != NULL || !bureau_store_commit (self->store, &error))
            bureau_store_rollback (self->store);
    }
    if (error != NULL) {
        g_message ("A turn was not stored: %s", error->message);
        fail_all (requests, error);
        g_ptr_array_set_size (self->effects, 0);
    }

    /* Durable now: acknowledge, then broadcast. Both leave with the same write. */
    for (guint i = 0; i < requests->len; i++) {
        BureauRequest *request = g_ptr_array_index (requests, i);

        if (request->answered != NULL)
            request->answered (request);
    }
    if (self->server != NULL)
        apply_effects (self);
    g_ptr_array_set_size (self->effects, 0);
    schedule_checkpoint (self);
}

/* ------------------------------------------------------------------ who */

BureauActor *
bureau_authority_authenticate (BureauAuthority *self, const char *token, GError **error)
{
    g_auto (BureauClaims) claims = { 0 };
    g_autoptr (GError) local_error = NULL;
    g_autofree char *device = NULL;
    gboolean live;

    if (!bureau_token_verify (&self->signer, token, bureau_authority_now (self), &claims, error))
        return NULL;

    if (g_str_equal (claims.session_id, BUREAU_SCRIPT_SESSION)) {
        g_autoptr (JsonArray) workspaces = bureau_store_list_workspaces (
            self->store, claims.user_id, &local_error);

        live = workspaces != NULL && json_array_get_length (workspaces) > 0;
        /* Scripts have no device; one person's are not mixed up with another's. */
        device = g_strdup_printf ("%s:%s", claims.session_id, claims.user_id);
    } else {
        device = g_strdup (claims.session_id);
        live = bureau_store_is_session_live (self->store, claims.session_id, claims.user_id,
                                             &local_error);
    }

    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return NULL;
    }
    if (!live) {
        g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_UNAUTHENTICATED,
                             "This device has been signed out. Sign in again.");
        return NULL;
    }
    return bureau_actor_new (claims.user_id, device);
}

/* ------------------------------------------------------------------ life */

static void
on_turn (BureauServer *server, gpointer data)
{
    bureau_authority_run_turn (data);
}

static void
on_trouble (BureauServer *server, const char *what, gpointer data)
{
    g_warning ("%s", what);
}

static gboolean
on_heads_cb (gpointer data)
{
    BureauAuthority *self = data;

    bureau_live_send_heads (self->live);
    return G_SOURCE_CONTINUE;
}

/* The names a hub goes by, made with its first start. */
static gboolean
load_identity (BureauAuthority *self, GError **error)
{
    guint8 key[BUREAU_KEY_SIZE];
    g_autoptr (GError) local_error = NULL;
    g_autofree char *hub_id = bureau_store_get_meta (self->store, "hub", &local_error);

    if (hub_id != NULL)
        self->epoch = bureau_store_get_meta (self->store, "epoch", &local_error);
    if (self->epoch == NULL) {
        if (local_error == NULL)
            g_set_error_literal (&local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                                 "There is no whole office here.");
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    if (!bureau_data_directory_load_key (self->directory, key, error))
        return FALSE;
    bureau_token_signer_init (&self->signer, key, hub_id);
    sodium_memzero (key, sizeof key);
    return TRUE;
}

BureauAuthority *
bureau_authority_open (const char *path, GError **error)
{
    g_autoptr (BureauAuthority) self = g_new0 (BureauAuthority, 1);
    g_autoptr (GSource) heads = g_timeout_source_new_seconds (HEADS_SECONDS);
    static const BureauServerHooks hooks = {
        .connect = bureau_live_on_connect,
        .event = bureau_live_on_event,
        .closed = bureau_live_on_closed,
        .turn = on_turn,
        .request = bureau_rest_on_request,
        .trouble = on_trouble,
    };

    if (!bureau_token_init (error))
        return NULL;
    self->clock = wall_clock;
    self->requests = g_ptr_array_new_with_free_func ((GDestroyNotify) bureau_request_free);
    self->effects = g_ptr_array_new_with_free_func ((GDestroyNotify) bureau_effect_free);
    self->guesses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    self->live = bureau_live_table_new (self);

    self->directory = bureau_data_directory_open (path, error);
    if (self->directory == NULL)
        return NULL;
    if (!bureau_data_directory_has_office (self->directory)) {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no office in %s.", path);
        return NULL;
    }
    if (!bureau_data_directory_lock (self->directory, error))
        return NULL;
    self->store = bureau_store_open (bureau_data_directory_get_database (self->directory), error);
    if (self->store == NULL || !load_identity (self, error))
        return NULL;

    self->server = bureau_server_new (&bureau_server_default_options, &hooks, self);
    g_source_set_callback (heads, on_heads_cb, self, NULL);
    self->heads_source = g_source_attach (heads, g_main_context_get_thread_default ());
    return g_steal_pointer (&self);
}

void
bureau_authority_close (BureauAuthority *self)
{
    if (self == NULL)
        return;

    remove_source (&self->heads_source);
    if (self->server != NULL) {
        bureau_server_stop_listening (self->server);
        bureau_authority_run_turn (self);
        bureau_live_send_closing (self->live);
        bureau_server_close_all (self->server, 4503, "The hub is closing");
    }
    remove_source (&self->checkpoint_source);
    g_clear_pointer (&self->server, bureau_server_free);
    g_clear_pointer (&self->live, bureau_live_table_free);
    if (self->store != NULL)
        bureau_store_checkpoint (self->store);
    g_clear_pointer (&self->store, bureau_store_close);
    g_clear_pointer (&self->directory, bureau_data_directory_close);
    bureau_token_signer_clear (&self->signer);
    g_clear_pointer (&self->requests, g_ptr_array_unref);
    g_clear_pointer (&self->effects, g_ptr_array_unref);
    g_clear_pointer (&self->guesses, g_hash_table_unref);
    g_free (self->epoch);
    g_free (self->uri);
    g_free (self);
}

/* "127.0.0.1:28732" or "[::1]:28732" */
static gboolean
split_listen (const char *listen, char **address, guint16 *port, GError **error)
{
    const char *colon = strrchr (listen, ':');
    guint64 number;

    if (colon == NULL || colon == listen ||
        !g_ascii_string_to_unsigned (colon + 1, 10, 0, 65535, &number, NULL)) {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "“%s” is not ADDRESS:PORT.",
                     listen);
        return FALSE;
    }
    if (listen[0] == '[' && colon[-1] == ']')
        *address = g_strndup (listen + 1, colon - listen - 2);
    else
        *address = g_strndup (listen, colon - listen);
    *port = number;
    return TRUE;
}

char *
bureau_authority_listen (BureauAuthority *self, const char *listen, GError **error)
{
    g_autofree char *address = NULL;
    g_autofree char *uri = NULL;
    g_autoptr (GError) local_error = NULL;
    guint16 port;

    if (!split_listen (listen, &address, &port, error))
        return NULL;
    uri = bureau_server_listen (self->server, address, port, &local_error);
    if (uri == NULL) {
        g_set_error (error, local_error->domain, local_error->code, "Can't listen on %s: %s.",
                     listen, local_error->message);
        return NULL;
    }

    if (self->uri == NULL) {
        self->uri = g_strdup (uri);
        if (!bureau_data_directory_set_address (self->directory, uri, error))
            return NULL;
    }
    return g_steal_pointer (&uri);
}
