/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "server-fixture.h"

#include <string.h>

#include "bureau-json-slice.h"

static void
keep (char **place, const char *text)
{
    g_free (*place);
    *place = g_strdup (text);
}

static void
on_destroyed (gpointer data)
{
    ((Fixture *) data)->destroyed++;
}

static void
broadcast (BureauServer *server, const char *rooms, const char *name, const char *json,
           BureauConnection *except)
{
    g_auto (GStrv) names = g_strsplit (rooms, " ", -1);
    g_autoptr (BureauFrame) frame = bureau_frame_new_event (server, name, json);

    bureau_server_broadcast (server, (const char *const *) names, frame, except);
}

/* Refuses {"refuse":…}, leaves {"wait":…} waiting, takes all others. */
static void
on_connect (BureauServer *server, BureauConnection *connection, const char *auth, gpointer data)
{
    Fixture *fixture = data;
    BureauJsonSlice slice;

    fixture->last = connection;
    keep (&fixture->last_address, bureau_connection_get_address (connection));
    keep (&fixture->last_authorization, bureau_connection_get_authorization (connection));
    if (auth != NULL && bureau_json_slice_member (auth, strlen (auth), "refuse", &slice)) {
        bureau_connection_refuse (connection, "No “entry”.", "unauthenticated");
        return;
    }
    if (auth != NULL && bureau_json_slice_member (auth, strlen (auth), "wait", &slice))
        return;
    fixture->accepted++;
    bureau_connection_set_data (connection, fixture, on_destroyed);
    bureau_connection_accept (connection);
    bureau_server_join (server, connection, "all");
    if (auth != NULL && bureau_json_slice_member (auth, strlen (auth), "greet", &slice)) {
        broadcast (server, "all", "first", "1", NULL);
        broadcast (server, "all", "second", "2", NULL);
    }
}

static void
on_event (BureauServer *server, BureauConnection *connection, const BureauPacket *packet,
          gpointer data)
{
    Fixture *fixture = data;
    BureauJsonSlice slice;
    g_autofree char *name = NULL;
    g_autofree char *json = NULL;
    g_autofree char *text = NULL;

    g_assert_true (bureau_json_slice_element (packet->json, packet->json_length, 0, &slice));
    name = bureau_json_slice_dup_string (&slice);
    if (bureau_json_slice_element (packet->json, packet->json_length, 1, &slice)) {
        json = g_strndup (slice.text, slice.length);
        text = bureau_json_slice_dup_string (&slice);
    }
    fixture->events++;
    if (g_strcmp0 (name, "join") == 0)
        bureau_server_join (server, connection, text);
    else if (g_strcmp0 (name, "leave") == 0)
        bureau_server_leave (server, connection, text);
    else if (g_strcmp0 (name, "to") == 0)
        broadcast (server, text, "said", "{\"x\":1}", NULL);
    else if (g_strcmp0 (name, "to-and-leave") == 0) {
        broadcast (server, text, "said", "{\"x\":1}", NULL);
        bureau_server_leave (server, connection, text);
    } else if (g_strcmp0 (name, "to-me-and-leave") == 0) {
        g_autoptr (BureauFrame) frame = bureau_frame_new_event (server, "said", "{\"x\":3}");

        bureau_server_send (server, connection, text, frame);
        bureau_server_send (server, connection, "all", frame);
        bureau_server_leave (server, connection, text);
    } else if (g_strcmp0 (name, "others") == 0)
        broadcast (server, text, "said", "{\"x\":2}", connection);
    else if (g_strcmp0 (name, "close") == 0)
        bureau_connection_close (connection, 4403, "revoked");
    if (packet->id >= 0)
        bureau_connection_acknowledge (connection, packet->id, json == NULL ? "{}" : json, NULL);
}

static void
on_closed (BureauServer *server, BureauConnection *connection, const char *reason, gpointer data)
{
    Fixture *fixture = data;

    g_assert_false (bureau_server_is_member (server, connection, "all"));
    fixture->closed++;
    fixture->last = NULL;
    keep (&fixture->last_reason, reason);
}

static void
on_turn (BureauServer *server, gpointer data)
{
    ((Fixture *) data)->turns++;
}

static void
on_request (BureauServer *server, BureauExchange *exchange, gpointer data)
{
    Fixture *fixture = data;
    const char *path = bureau_exchange_get_path (exchange);
    gsize length;

    fixture->requests++;
    bureau_exchange_get_body (exchange, &length);
    if (g_str_equal (path, "/api/length")) {
        bureau_exchange_answer_take (exchange, 200, "text/plain",
                                     g_strdup_printf ("%" G_GSIZE_FORMAT, length));
    } else if (g_str_equal (path, "/known")) {
        bureau_exchange_set_signed_in (exchange);
        bureau_exchange_answer (exchange, 204, NULL, NULL);
    } else if (g_str_equal (path, "/wide")) {
        bureau_exchange_answer_take (exchange, 200, "text/plain", g_strnfill (FIXTURE_WIDE, 'x'));
    } else if (g_str_equal (path, "/wait")) {
        g_clear_pointer (&fixture->exchange, bureau_exchange_unref);
        fixture->exchange = bureau_exchange_ref (exchange);
    } else {
        bureau_exchange_set_header (exchange, "X-Good", "yes");
        bureau_exchange_set_header (exchange, "X-Bad", "no\r\nX-Split: yes");
        bureau_exchange_answer_take (exchange, 200, "text/plain", g_strdup ("0123456789"));
    }
}

static void
on_trouble (BureauServer *server, const char *what, gpointer data)
{
    ((Fixture *) data)->troubles++;
}

static const BureauServerHooks hooks = {
    .connect = on_connect,
    .event = on_event,
    .closed = on_closed,
    .turn = on_turn,
    .request = on_request,
    .trouble = on_trouble,
};

void
fixture_set_up_with (Fixture *fixture, BureauServerOptions options)
{
    g_autoptr (GError) error = NULL;

    fixture->server = bureau_server_new (&options, &hooks, fixture);
    fixture->uri = bureau_server_listen (fixture->server, "127.0.0.1", 0, NULL, &error);
    g_assert_no_error (error);
}

void
fixture_set_up (Fixture *fixture, gconstpointer data)
{
    fixture_set_up_with (fixture, bureau_server_default_options);
}

void
fixture_set_up_hasty (Fixture *fixture, gconstpointer data)
{
    BureauServerOptions options = bureau_server_default_options;

    options.ping_interval = 60;
    options.ping_timeout = 60;
    options.connect_timeout = 100;
    options.request_timeout = 100;
    options.body_timeout = 100;
    fixture_set_up_with (fixture, options);
}

void
fixture_tear_down (Fixture *fixture, gconstpointer data)
{
    g_clear_pointer (&fixture->server, bureau_server_free);
    g_clear_pointer (&fixture->exchange, bureau_exchange_unref);
    g_free (fixture->uri);
    g_free (fixture->last_reason);
    g_free (fixture->last_address);
    g_free (fixture->last_authorization);
    while (g_main_context_iteration (NULL, FALSE))
        ;
}
