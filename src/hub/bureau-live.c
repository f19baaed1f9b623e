/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-live.h"

#include "bureau-authority.h"
#include "bureau-catch-up.h"
#include "bureau-cookie.h"
#include "bureau-error.h"
#include "bureau-heads.h"
#include "bureau-instant.h"
#include "bureau-json.h"

/* How soon a client may come back after a graceful stop. */
#define RETRY_AFTER_MS 1000

static void
free_live (gpointer data)
{
    BureauLive *live = data;

    bureau_catch_up_end (live);
    bureau_actor_free (live->actor);
    g_free (live->viewing);
    g_free (live->viewing_project);
    g_clear_pointer (&live->tasks, g_hash_table_unref);
    g_free (live);
}

BureauLiveTable *
bureau_live_table_new (BureauAuthority *authority)
{
    BureauLiveTable *table = g_new0 (BureauLiveTable, 1);

    table->authority = authority;
    table->people = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                           (GDestroyNotify) bureau_person_free);
    table->expiring = g_sequence_new (NULL);
    table->untold = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    table->untold_heads = g_ptr_array_new_with_free_func (g_free);
    table->catch_ups = bureau_catch_ups_new (table);
    return table;
}

void
bureau_live_table_free (BureauLiveTable *table)
{
    bureau_presence_stop_telling (table);
    bureau_live_stop_watching (table);
    bureau_heads_stop (table);
    bureau_catch_ups_free (table->catch_ups);
    g_ptr_array_unref (table->untold_heads);
    g_hash_table_unref (table->untold);
    g_hash_table_unref (table->people);
    g_free (table);
}

/* ------------------------------------------------------------------ connecting */

/* The token of the CONNECT, or the one of the first request's Authorization header, or, where there
 * is none, of its cookie. (transfer full) (nullable) */
static char *
find_token (BureauConnection *connection, JsonObject *auth)
{
    const char *token = auth != NULL ? bureau_json_get_string (auth, "token") : NULL;
    const char *header = bureau_connection_get_authorization (connection);

    if (token != NULL)
        return g_strdup (token);
    if (header != NULL)
        return g_strdup (bureau_token_of_header (header));
    return bureau_cookie_find (bureau_connection_get_cookies (connection), BUREAU_ACCESS_COOKIE);
}

static guint
count_open (BureauLiveTable *table, const char *user_id)
{
    BureauPerson *person = g_hash_table_lookup (table->people, user_id);
    guint open = 0;

    for (guint i = 0; person != NULL && i < person->lives->len; i++) {
        BureauLive *live = g_ptr_array_index (person->lives, i);

        open += bureau_connection_is_open (live->connection);
    }
    return open;
}

/* One of our own clients says with `since` what it has. Any other takes up its lost connection, if
 * it has one that it can name (wire.md, D). */
static gboolean
admit (BureauAuthority *authority, BureauConnection *connection, const BureauActor *actor,
       JsonObject *auth, GError **error)
{
    /* A device is one person's. */
    if (auth == NULL || !json_object_has_member (auth, "since"))
        bureau_connection_recover (connection, actor->session_id);
    if (count_open (authority->live, actor->user_id) < authority->settings.connections_per_person)
        return TRUE;
    g_set_error (error, BUREAU_ERROR, BUREAU_ERROR_RATE_LIMITED,
                 "You are connected %u times already. Close another window first.",
                 authority->settings.connections_per_person);
    return FALSE;
}

static BureauLive *
live_new (BureauConnection *connection, BureauActor *actor)
{
    BureauLive *live = g_new0 (BureauLive, 1);

    live->connection = connection;
    live->actor = actor;
    live->presence = BUREAU_PRESENCE_ONLINE;
    bureau_connection_set_data (connection, live, free_live);
    return live;
}

/* The rooms come before the accept: what a recovered connection missed, and what is replayed, is
 * what the person may see today, and is dropped again if they are put out before they have read it.
 */
static void
open_live (BureauAuthority *authority, BureauLive *live, const char *const *rooms, JsonObject *auth)
{
    JsonObject *since = auth != NULL ? bureau_json_get_object (auth, "since") : NULL;
    g_autoptr (GError) error = NULL;

    live->follows = since != NULL;
    if (!bureau_catch_up_begin (authority->live->catch_ups, live, rooms, since,
                                auth != NULL ? bureau_json_get_string (auth, "epoch") : NULL,
                                &error)) {
        g_warning ("Can't catch a client up: %s", error->message);
        bureau_connection_close (live->connection, 1011, "The hub could not read its log");
        return;
    }
    bureau_presence_add (authority->live, live);
    bureau_live_watch (authority->live, live);
}

void
bureau_live_on_connect (BureauServer *server, BureauConnection *connection, const char *auth,
                        gpointer data)
{
    BureauAuthority *authority = data;
    g_autoptr (JsonObject) object = auth != NULL ? bureau_json_parse_object (auth, -1, NULL) : NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauActor) actor = NULL;
    g_auto (GStrv) rooms = NULL;
    g_autofree char *token = NULL;

    token = find_token (connection, object);
    actor = bureau_authority_authenticate (authority, token,
                                           bureau_connection_get_address (connection), &error);
    if (actor != NULL)
        rooms = bureau_list_rooms (authority->store, actor->user_id, &error);
    if (rooms == NULL || !admit (authority, connection, actor, object, &error)) {
        g_autofree char *message = bureau_error_to_message (error);

        bureau_connection_refuse (connection, message, bureau_error_to_code (error));
        return;
    }
    open_live (authority, live_new (connection, g_steal_pointer (&actor)),
               (const char *const *) rooms, object);
}

/* What it asked for is still carried out; only the answer has nowhere to go. */
static void
forget_connection (GPtrArray *requests, BureauConnection *connection)
{
    for (guint i = 0; i < requests->len; i++) {
        BureauRequest *request = g_ptr_array_index (requests, i);

        if (request->call.connection == connection)
            request->call.connection = NULL;
    }
}

void
bureau_live_on_closed (BureauServer *server, BureauConnection *connection, const char *reason,
                       gpointer data)
{
    BureauAuthority *authority = data;
    BureauLive *live = bureau_connection_get_data (connection);

    forget_connection (authority->requests, connection);
    forget_connection (authority->computing, connection);
    if (live == NULL)
        return;
    bureau_catch_up_end (live);
    bureau_live_unwatch (live);
    bureau_presence_remove (authority->live, live);
}

/* ------------------------------------------------------------------ commands */

static void
on_answered (BureauRequest *request)
{
    if (request->ack_id >= 0 && request->call.connection != NULL)
        bureau_connection_acknowledge (request->call.connection, request->ack_id, request->json,
                                       NULL);
}

/* What comes before the timer does, after the token's end, is too late, too. */
static gboolean
is_over (BureauAuthority *authority, BureauLive *live)
{
    if (bureau_authority_get_security_time (authority) < live->actor->expires_at)
        return FALSE;
    bureau_live_expire (authority->live);
    return TRUE;
}

/* TRUE if it is one too many, which is answered at once. */
static gboolean
is_too_fast (BureauAuthority *authority, BureauLive *live, gint64 ack_id)
{
    gint64 wait = bureau_rate_take (&live->commands, &authority->commands, g_get_monotonic_time ());
    g_autoptr (GError) error = NULL;
    g_autofree char *answer = NULL;

    if (wait > 0)
        bureau_error_set_rate_limited (&error, wait / 1000 + 1);
    else if (bureau_rates_take (authority->rates, BUREAU_RATE_COMMAND, live->actor->user_id, 1,
                                &error))
        return FALSE;
    answer = bureau_error_to_answer (error);
    if (ack_id >= 0)
        bureau_connection_acknowledge (live->connection, ack_id, answer, NULL);
    return TRUE;
}

static gboolean
run_malformed (BureauCall *call, GError **error)
{
    g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_INVALID,
                         "A command takes one object with its fields.");
    return FALSE;
}

/* The command's object, {} if there is none; NULL if it is something else. Other systems send a
 * bare id with join:project and leave:project. */
static JsonObject *
take_params (JsonArray *array, const char *name)
{
    JsonNode *node = json_array_get_length (array) > 1 ? json_array_get_element (array, 1) : NULL;
    JsonObject *params;

    if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
        return json_node_dup_object (node);
    if (node == NULL || JSON_NODE_HOLDS_NULL (node))
        return json_object_new ();
    if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING ||
        (!g_str_equal (name, "join:project") && !g_str_equal (name, "leave:project")))
        return NULL;

    params = json_object_new ();
    json_object_set_string_member (params, "projectId", json_node_get_string (node));
    return params;
}

void
bureau_live_on_event (BureauServer *server, BureauConnection *connection,
                      const BureauPacket *packet, gpointer data)
{
    BureauAuthority *authority = data;
    BureauLive *live = bureau_connection_get_data (connection);
    g_autoptr (JsonArray) array = NULL;
    JsonNode *first;
    BureauRequest *request;
    JsonObject *params;
    const char *name;

    if (live == NULL || is_over (authority, live) || is_too_fast (authority, live, packet->id))
        return;
    array = bureau_json_parse_array (packet->json, packet->json_length, NULL);
    if (array == NULL || json_array_get_length (array) == 0)
        return;

    /* An event may also be named by a number (wire.md, B1): none of ours is. */
    first = json_array_get_element (array, 0);
    name = JSON_NODE_HOLDS_VALUE (first) && json_node_get_value_type (first) == G_TYPE_STRING
               ? json_node_get_string (first)
               : "";
    params = take_params (array, name);
    request = bureau_request_new_command (authority, name, params, bureau_actor_copy (live->actor));
    if (params == NULL)
        request->run = run_malformed;
    request->call.connection = connection;
    request->call.address = g_strdup (bureau_connection_get_address (connection));
    request->answered = on_answered;
    request->ack_id = packet->id;
    bureau_authority_queue (authority, request);
}

/* ------------------------------------------------------------------ to everybody */

static void
send_to_all (BureauLiveTable *table, const char *name, JsonObject *fields)
{
    g_autofree char *json = bureau_json_object_to_string (fields);
    g_autoptr (BureauFrame) frame = bureau_frame_new_event (table->authority->server, name, json);
    GHashTableIter iter;
    BureauPerson *person;

    g_hash_table_iter_init (&iter, table->people);
    while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &person)) {
        for (guint i = 0; i < person->lives->len; i++)
            bureau_connection_send (
                ((BureauLive *) g_ptr_array_index (person->lives, i))->connection, frame);
    }
    bureau_server_wake (table->authority->server);
}

void
bureau_live_send_closing (BureauLiveTable *table)
{
    g_autoptr (JsonObject) fields = json_object_new ();

    bureau_json_set_string (fields, "reason", "stopping");
    json_object_set_int_member (fields, "retryAfterMs", RETRY_AFTER_MS);
    send_to_all (table, BUREAU_EVENT_HUB_CLOSING, fields);
}
