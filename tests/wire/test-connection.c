/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Socket.IO beyond one namespace of texts: namespaces, binary packets, acknowledgements both ways,
 * recovery (wire.md, B2 to B6, D). */

#include <string.h>

#include "bureau-json-slice.h"
#include "bureau-server.h"
#include "raw-client.h"

static const char *const namespaces[] = { "/", "/custom", NULL };

/* A server whose owner does as it is told. CONNECT with {"refuse":…} is refused, with {"owner":X}
 * made recoverable; {"rooms":"A B"} are joined before it is accepted. The event `echo` is sent
 * back, or acknowledged, with its blobs. */
typedef struct {
    BureauServer *server;
    char *uri;
    BureauConnection
        *last; /* (nullable): the connection that was accepted last, while it is there */
    gboolean recovered;
    guint recoveries;
    guint accepted;
    guint closed;
    guint most;   /* that were there when one more came */
    char *reason; /* of the last that closed */
    guint blobs;  /* of the last event */
    GString *acks;
    guint news;
} Fixture;

/* ------------------------------------------------------------------ the owner */

static char *
dup_member (const char *json, const char *name)
{
    BureauJsonSlice slice;

    if (json == NULL || !bureau_json_slice_member (json, strlen (json), name, &slice))
        return NULL;
    return bureau_json_slice_dup_string (&slice);
}

static void
on_connect (BureauServer *server, BureauConnection *connection, const char *auth, gpointer data)
{
    Fixture *fixture = data;
    g_autofree char *refuse = dup_member (auth, "refuse");
    g_autofree char *owner = dup_member (auth, "owner");
    g_autofree char *rooms = dup_member (auth, "rooms");
    g_auto (GStrv) names = g_strsplit (rooms == NULL ? "" : rooms, " ", -1);

    if (refuse != NULL) {
        bureau_connection_refuse (connection, "No.", refuse);
        return;
    }
    fixture->most = MAX (fixture->most, fixture->accepted - fixture->closed);
    fixture->accepted++;
    fixture->last = connection;
    fixture->recovered = owner != NULL && bureau_connection_recover (connection, owner);
    fixture->recoveries += fixture->recovered;
    for (guint i = 0; names[i] != NULL; i++)
        bureau_server_join (server, connection, names[i]);
    bureau_connection_accept (connection);
}

static void
on_event (BureauServer *server, BureauConnection *connection, const BureauPacket *packet,
          gpointer data)
{
    Fixture *fixture = data;
    BureauJsonSlice slice;
    g_autofree char *json = NULL;

    fixture->blobs = packet->blobs == NULL ? 0 : packet->blobs->len;
    if (bureau_json_slice_element (packet->json, packet->json_length, 1, &slice))
        json = g_strndup (slice.text, slice.length);
    if (packet->id >= 0)
        bureau_connection_acknowledge (connection, packet->id, json, packet->blobs);
    else
        bureau_connection_emit (connection, "echo", json, packet->blobs);
}

static void
on_closed (BureauServer *server, BureauConnection *connection, const char *reason, gpointer data)
{
    Fixture *fixture = data;

    fixture->closed++;
    if (connection == fixture->last)
        fixture->last = NULL;
    g_string_append (fixture->acks, "closed ");
    g_free (fixture->reason);
    fixture->reason = g_strdup (reason);
}

static void
on_turn (BureauServer *server, gpointer data)
{
}

static const BureauServerHooks hooks = {
    .connect = on_connect,
    .event = on_event,
    .closed = on_closed,
    .turn = on_turn,
};

static void
set_up_with (Fixture *fixture, BureauServerOptions options)
{
    g_autoptr (GError) error = NULL;

    options.namespaces = namespaces;
    options.max_waiting_per_address = options.max_connections_per_address;
    fixture->acks = g_string_new (NULL);
    fixture->server = bureau_server_new (&options, &hooks, fixture);
    fixture->uri = bureau_server_listen (fixture->server, "127.0.0.1", 0, NULL, &error);
    g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
    set_up_with (fixture, bureau_server_default_options);
}

static void
set_up_small (Fixture *fixture, gconstpointer data)
{
    BureauServerOptions options = bureau_server_default_options;

    options.max_payload = 1000;
    options.max_waiting_payload = 200;
    options.ack_timeout = 60;
    options.recovery_time = 60;
    options.recovery_bytes = 1000;
    set_up_with (fixture, options);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
    bureau_server_free (fixture->server);
    g_free (fixture->uri);
    g_free (fixture->reason);
    g_string_free (fixture->acks, TRUE);
}

/* ------------------------------------------------------------------ the client */

static RawClient *
open_client (Fixture *fixture)
{
    RawClient *client = raw_client_upgrade (fixture->uri);
    g_autofree char *open = raw_client_read_text (client);

    g_assert_cmpint (open[0], ==, '0');
    return client;
}

static char *
expect_start (RawClient *client, const char *start)
{
    char *text = raw_client_read_text (client);

    if (!g_str_has_prefix (text, start))
        g_error ("not %s…: %s", start, text);
    return text;
}

static void
expect_blob (RawClient *client, const char *bytes, gsize length)
{
    g_autofree char *payload = NULL;
    gsize got;

    g_assert_cmpuint (raw_client_read_frame (client, &payload, &got), ==, 2);
    g_assert_cmpmem (payload, got, bytes, length);
}

static char *
dup_id (const char *connected, const char *name)
{
    return dup_member (strchr (connected, '{'), name);
}

/* ------------------------------------------------------------------ namespaces */

static void
test_namespaces (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = open_client (fixture);
    g_autofree char *first = NULL, *second = NULL, *third = NULL;
    g_autofree char *first_id = NULL, *second_id = NULL, *third_id = NULL;

    raw_client_send_text (client, "40/custom,");
    first = expect_start (client, "40/custom,{\"sid\":\"");
    first_id = dup_id (first, "sid");
    g_assert_cmpuint (strlen (first_id), ==, 20);
    g_assert_cmpstr (bureau_connection_get_namespace (fixture->last), ==, "/custom");
    raw_client_send_text (client, "42/custom,[\"echo\",1]");
    raw_client_expect_text (client, "42/custom,[\"echo\",1]");
    raw_client_send_text (client, "42/custom,5[\"echo\",1]");
    raw_client_expect_text (client, "43/custom,5[1]");

    raw_client_send_text (client, "40");
    second = expect_start (client, "40{\"sid\":\"");
    second_id = dup_id (second, "sid");
    g_assert_cmpstr (first_id, !=, second_id);

    /* One left, the other stays; and it may be joined again. */
    raw_client_send_text (client, "41/custom,");
    raw_wait_until (fixture->closed == 1);
    g_assert_cmpstr (fixture->reason, ==, "client namespace disconnect");
    raw_client_send_text (client, "42[\"echo\",2]");
    raw_client_expect_text (client, "42[\"echo\",2]");
    raw_client_send_text (client, "40/custom");
    third = expect_start (client, "40/custom,{\"sid\":\"");
    third_id = dup_id (third, "sid");
    g_assert_cmpstr (first_id, !=, third_id);

    raw_client_send_text (client, "40/custom");
    g_assert_cmpuint (raw_client_read_close (client), ==, 4400);
    raw_wait_until (fixture->closed == 3);
    g_assert_cmpstr (fixture->reason, ==, "parse error");
}

/* In one read, and yet nothing piles up; but it is not done for ever. */
static void
test_in_and_out (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = open_client (fixture);

    for (guint i = 0; i < 5; i++) {
        raw_client_send_text (client, "40");
        raw_client_send_text (client, "41");
        raw_client_send_text (client, "40{\"refuse\":\"no\"}");
    }
    for (guint i = 0; i < 5; i++) {
        g_free (expect_start (client, "40{\"sid\":\""));
        raw_client_expect_text (client, "44{\"message\":\"No.\",\"data\":{\"code\":\"no\"}}");
    }
    raw_wait_until (fixture->closed == 5);
    g_assert_cmpuint (fixture->most, ==, 0);
    for (guint i = 0; i < 1000; i++) {
        raw_client_send_text (client, "40");
        raw_client_send_text (client, "41");
    }
    g_assert_cmpuint (raw_client_read_close (client), ==, 1008);
    g_assert_cmpuint (fixture->closed, <, 10);
}

static void
test_server_disconnects (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = open_client (fixture);

    raw_client_send_text (client, "40");
    g_free (expect_start (client, "40{"));
    g_assert_true (bureau_connection_is_open (fixture->last));
    bureau_connection_disconnect (fixture->last);
    g_assert_false (bureau_connection_is_open (fixture->last));
    bureau_connection_disconnect (fixture->last);
    bureau_connection_emit (fixture->last, "late", NULL, NULL);
    g_assert_cmpuint (fixture->closed, ==, 0);
    raw_client_expect_text (client, "41");
    raw_wait_until (fixture->closed == 1);
    g_assert_cmpstr (fixture->reason, ==, "server namespace disconnect");

    raw_client_send_text (client, "40");
    g_free (expect_start (client, "40{"));
    raw_client_send_text (client, "42[\"echo\",3]");
    raw_client_expect_text (client, "42[\"echo\",3]");
}

/* A message may be long once its sender is signed in, and not before. */
static void
test_waiting_payload (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = open_client (fixture);
    g_autoptr (RawClient) stranger = open_client (fixture);
    g_autofree char *long_text = g_strnfill (400, 'x');
    g_autofree char *event = g_strdup_printf ("42[\"echo\",\"%s\"]", long_text);

    raw_client_send_text (client, "40");
    g_free (expect_start (client, "40{"));
    raw_client_send_text (client, event);
    raw_client_expect_text (client, event);
    raw_client_send_text (stranger, event);
    g_assert_cmpuint (raw_client_read_close (stranger), ==, 1009);
    raw_client_send_text (client, "41");
    raw_client_send_text (client, event);
    g_assert_cmpuint (raw_client_read_close (client), ==, 1009);
}

/* ------------------------------------------------------------------ binary */

static void
test_binary (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = open_client (fixture);

    raw_client_send_text (client, "40/custom");
    g_free (expect_start (client, "40/custom"));
    raw_client_send_text (client, "451-/custom,[\"echo\",{\"_placeholder\":true,\"num\":0}]");
    /* Between the two, the engine may have its say. */
    raw_client_send_text (client, "3");
    raw_client_send_frame (client, 0x82, "\1\0\3", 3);
    raw_client_expect_text (client, "451-/custom,[\"echo\",{\"_placeholder\":true,\"num\":0}]");
    expect_blob (client, "\1\0\3", 3);

    raw_client_send_text (client, "452-/custom,7[\"echo\",[{\"_placeholder\":true,\"num\":1},"
                                  "{\"num\":0,\"_placeholder\":true}]]");
    raw_client_send_text (client, "bAQI=");
    raw_client_send_frame (client, 0x82, "", 0);
    raw_client_expect_text (client, "462-/custom,7[[{\"_placeholder\":true,\"num\":1},"
                                    "{\"num\":0,\"_placeholder\":true}]]");
    expect_blob (client, "\1\2", 2);
    expect_blob (client, "", 0);
    g_assert_cmpuint (fixture->blobs, ==, 2);

    /* Without attachments it is a thing like any other. */
    raw_client_send_text (client, "42/custom,[\"echo\",{\"_placeholder\":true,\"num\":5}]");
    raw_client_expect_text (client, "42/custom,[\"echo\",{\"_placeholder\":true,\"num\":5}]");
}

static void
test_binary_that_closes (Fixture *fixture, gconstpointer data)
{
    static const char *const headers[] = {
        "42[\"echo\"]",           "451-[\"echo\",{\"_placeholder\":true,\"num\":1}]",
        "451-/custom,[\"echo\"]", "4511-[\"echo\"]",
        "450-[\"echo\"]",         "451-[\"connect\"]",
    };

    for (guint i = 0; i < G_N_ELEMENTS (headers); i++) {
        g_autoptr (RawClient) client = open_client (fixture);

        raw_client_send_text (client, "40");
        g_free (expect_start (client, "40"));
        raw_client_send_text (client, headers[i]);
        raw_client_send_frame (client, 0x82, "x", 1);
        g_assert_cmpuint (raw_client_read_close (client), ==, 4400);
        raw_wait_until (fixture->closed == i + 1);
    }
}

/* Each message is short, but not all of them together. */
static void
test_binary_too_large (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = open_client (fixture);
    g_autofree char *bytes = g_malloc0 (400);

    raw_client_send_text (client, "40");
    g_free (expect_start (client, "40"));
    raw_client_send_text (client, "452-[\"echo\"]");
    raw_client_send_frame (client, 0x82, bytes, 400);
    raw_client_send_frame (client, 0x82, bytes, 400);
    raw_client_expect_text (client, "452-[\"echo\"]");
    expect_blob (client, bytes, 400);
    expect_blob (client, bytes, 400);
    raw_client_send_text (client, "453-[\"echo\"]");
    for (guint i = 0; i < 3; i++)
        raw_client_send_frame (client, 0x82, bytes, 400);
    g_assert_cmpuint (raw_client_read_close (client), ==, 4400);
}

/* ------------------------------------------------------------------ acknowledgements */

static void
on_ack (BureauConnection *connection, const BureauPacket *packet, gpointer data)
{
    Fixture *fixture = data;

    if (packet == NULL)
        g_string_append (fixture->acks, "none ");
    else
        g_string_append_printf (fixture->acks, "%s+%u ", packet->json,
                                packet->blobs == NULL ? 0 : packet->blobs->len);
    /* Of one that has left, nothing can be asked. */
    if (packet == NULL && !bureau_connection_is_open (connection))
        bureau_connection_ask (connection, "again", NULL, NULL, on_ack, fixture);
}

static void
test_asking (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = open_client (fixture);
    g_autoptr (GPtrArray) blobs = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

    raw_client_send_text (client, "40");
    g_free (expect_start (client, "40"));
    g_ptr_array_add (blobs, g_bytes_new ("b", 1));
    bureau_connection_ask (fixture->last, "q", "1", NULL, on_ack, fixture);
    bureau_connection_ask (fixture->last, "q", "{\"_placeholder\":true,\"num\":0}", blobs, on_ack,
                           fixture);
    raw_client_expect_text (client, "420[\"q\",1]");
    raw_client_expect_text (client, "451-1[\"q\",{\"_placeholder\":true,\"num\":0}]");
    expect_blob (client, "b", 1);

    /* In any order, once each; of others and without an array, nothing. */
    raw_client_send_text (client, "461-1[{\"_placeholder\":true,\"num\":0}]");
    raw_client_send_frame (client, 0x82, "x", 1);
    raw_client_send_text (client, "430");
    raw_client_send_text (client, "437[1]");
    raw_client_send_text (client, "43[1]");
    raw_client_send_text (client, "430[\"a\"]");
    raw_client_send_text (client, "430[\"b\"]");
    raw_client_send_text (client, "42[\"echo\",1]");
    raw_client_expect_text (client, "42[\"echo\",1]");
    g_assert_cmpstr (fixture->acks->str, ==, "[{\"_placeholder\":true,\"num\":0}]+1 [\"a\"]+0 ");
}

static void
test_asking_in_vain (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = open_client (fixture);

    raw_client_send_text (client, "40");
    g_free (expect_start (client, "40"));
    bureau_connection_ask (fixture->last, "q", NULL, NULL, on_ack, fixture);
    raw_wait_until (fixture->acks->len > 0);
    g_assert_cmpstr (fixture->acks->str, ==, "none ");
    raw_client_expect_text (client, "420[\"q\"]");
    raw_client_send_text (client, "430[\"late\"]");

    /* Those that wait hear of the end before it comes. */
    bureau_connection_ask (fixture->last, "q", NULL, NULL, on_ack, fixture);
    bureau_connection_ask (fixture->last, "q", NULL, NULL, on_ack, fixture);
    raw_client_expect_text (client, "421[\"q\"]");
    raw_client_send_text (client, "41");
    raw_wait_until (fixture->closed == 1);
    g_assert_cmpstr (fixture->acks->str, ==, "none none none closed ");
}

/* ------------------------------------------------------------------ recovery */

typedef struct {
    char *sid, *pid;
    char *offset; /* (nullable) */
} Seen;

static void
seen_clear (Seen *seen)
{
    g_clear_pointer (&seen->sid, g_free);
    g_clear_pointer (&seen->pid, g_free);
    g_clear_pointer (&seen->offset, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Seen, seen_clear)

static void
publish (Fixture *fixture, const char *room)
{
    const char *rooms[] = { room, NULL };
    g_autofree char *json = g_strdup_printf ("%u", ++fixture->news);

    bureau_server_publish (fixture->server, rooms, "news", json);
}

/* Whole to the room "a", less to others in "b". */
static void
publish_both (Fixture *fixture)
{
    bureau_server_publish (fixture->server, (const char *[]){ "a", NULL }, "news", "\"all\"");
    bureau_server_publish_rest (fixture->server, (const char *[]){ "b", NULL }, "news", "\"some\"");
}

/* The next is `42["news",@json,OFFSET]`. */
static void
expect_news (RawClient *client, Seen *seen, const char *json)
{
    g_autofree char *start = g_strdup_printf ("42[\"news\",%s,\"", json);
    g_autofree char *text = expect_start (client, start);
    BureauJsonSlice slice;

    g_assert_true (bureau_json_slice_element (text + 2, strlen (text) - 2, 2, &slice));
    g_free (seen->offset);
    seen->offset = bureau_json_slice_dup_string (&slice);
}

static void
expect_connected (RawClient *client, Seen *seen)
{
    g_autofree char *text = expect_start (client, "40{\"sid\":\"");

    g_clear_pointer (&seen->sid, g_free);
    g_clear_pointer (&seen->pid, g_free);
    seen->sid = dup_id (text, "sid");
    seen->pid = dup_id (text, "pid");
}

static RawClient *
connect_as (Fixture *fixture, const char *owner, const char *rooms, const Seen *seen)
{
    RawClient *client = open_client (fixture);
    GString *text = g_string_new (NULL);

    g_string_printf (text, "40{\"owner\":\"%s\",\"rooms\":\"%s\"", owner, rooms);
    if (seen != NULL && seen->pid != NULL)
        g_string_append_printf (text, ",\"pid\":\"%s\"", seen->pid);
    if (seen != NULL && seen->offset != NULL)
        g_string_append_printf (text, ",\"offset\":\"%s\"", seen->offset);
    g_string_append_c (text, '}');
    raw_client_send_text (client, text->str);
    g_string_free (text, TRUE);
    return client;
}

static void
cut (Fixture *fixture, RawClient **client)
{
    guint closed = fixture->closed;

    g_clear_pointer (client, raw_client_free);
    raw_wait_until (fixture->closed == closed + 1);
}

/* Comes again, and is a new one: not @seen's. */
static void
expect_stranger (Fixture *fixture, const char *owner, const Seen *seen)
{
    g_autoptr (RawClient) client = connect_as (fixture, owner, "a", seen);
    g_auto (Seen) now = { 0 };

    expect_connected (client, &now);
    g_assert_false (fixture->recovered);
    g_assert_cmpstr (now.pid, !=, seen->pid);
    g_assert_cmpstr (now.sid, !=, seen->sid);
    cut (fixture, &client);
}

/* Connected to "a" as ana, with one event read. */
static RawClient *
begin (Fixture *fixture, Seen *seen)
{
    RawClient *client = connect_as (fixture, "ana", "a", NULL);

    expect_connected (client, seen);
    g_assert_cmpuint (strlen (seen->pid), ==, 20);
    g_assert_cmpstr (seen->pid, !=, seen->sid);
    publish (fixture, "a");
    expect_news (client, seen, "1");
    return client;
}

static void
test_recovery (Fixture *fixture, gconstpointer data)
{
    g_auto (Seen) before = { 0 }, after = { 0 };
    g_autoptr (RawClient) client = begin (fixture, &before);

    cut (fixture, &client);
    g_assert_cmpstr (fixture->reason, ==, "transport close");
    publish (fixture, "a");
    publish (fixture, "b");
    publish (fixture, "a");

    /* What was missed, in order, then the answer; then what is new. */
    client = connect_as (fixture, "ana", "a c", &before);
    expect_news (client, &after, "2");
    expect_news (client, &after, "4");
    expect_connected (client, &after);
    g_assert_true (fixture->recovered);
    g_assert_cmpstr (after.pid, ==, before.pid);
    g_assert_cmpstr (after.sid, ==, before.sid);
    publish (fixture, "a");
    expect_news (client, &after, "5");

    /* Once more, from there. */
    cut (fixture, &client);
    publish (fixture, "a");
    client = connect_as (fixture, "ana", "a", &after);
    expect_news (client, &after, "6");
    expect_connected (client, &after);
    g_assert_cmpstr (after.pid, ==, before.pid);
    g_assert_cmpuint (fixture->closed, ==, 2);
}

/* Who has read nothing yet has missed all since. */
static void
test_recovery_without_offset (Fixture *fixture, gconstpointer data)
{
    g_auto (Seen) before = { 0 }, after = { 0 };
    g_autoptr (RawClient) client = NULL;

    publish (fixture, "a");
    client = connect_as (fixture, "ana", "a", NULL);
    expect_connected (client, &before);
    cut (fixture, &client);
    publish (fixture, "a");
    client = connect_as (fixture, "ana", "a", &before);
    expect_news (client, &after, "2");
    expect_connected (client, &after);
    g_assert_cmpstr (after.pid, ==, before.pid);
}

/* Each sees what they may: what they saw, or what they see by now. */
static void
test_recovery_is_discreet (Fixture *fixture, gconstpointer data)
{
    g_auto (Seen) ana = { 0 }, ben = { 0 };
    g_autoptr (RawClient) a = connect_as (fixture, "ana", "a b", NULL);
    g_autoptr (RawClient) b = connect_as (fixture, "ben", "b", NULL);

    expect_connected (a, &ana);
    expect_connected (b, &ben);
    publish_both (fixture);
    expect_news (a, &ana, "\"all\"");
    expect_news (b, &ben, "\"some\"");
    g_assert_cmpstr (ana.offset, ==, ben.offset);
    cut (fixture, &a);
    cut (fixture, &b);
    publish_both (fixture);
    publish (fixture, "b");

    a = connect_as (fixture, "ana", "a b", &ana);
    expect_news (a, &ana, "\"all\"");
    expect_news (a, &ana, "1");
    expect_connected (a, &ana);
    b = connect_as (fixture, "ben", "b", &ben);
    expect_news (b, &ben, "\"some\"");
    expect_news (b, &ben, "1");
    expect_connected (b, &ben);

    /* Out of a room meanwhile: nothing of it. */
    cut (fixture, &a);
    publish_both (fixture);
    a = connect_as (fixture, "ana", "c", &ana);
    expect_connected (a, &ana);
    g_assert_true (fixture->recovered);
}

static void
test_recovery_is_refused (Fixture *fixture, gconstpointer data)
{
    static const struct {
        gboolean prefix; /* the right one */
        const char *text;
    } offsets[] = { { FALSE, "" },   { FALSE, "1" },       { FALSE, "______0" },
                    { TRUE, "" },    { TRUE, "9" },        { TRUE, "-1" },
                    { TRUE, " 1" },  { TRUE, "1 " },       { TRUE, "99999999999999999999" },
                    { TRUE, "0x1" }, { FALSE, "nonsense" } };
    g_auto (Seen) seen = { 0 };
    g_autoptr (RawClient) client = begin (fixture, &seen);
    g_autofree char *good = g_steal_pointer (&seen.offset);
    g_autofree char *prefix = g_strndup (good, strlen (good) - 1);

    /* Another's. That takes nothing from its owner. */
    cut (fixture, &client);
    seen.offset = g_strdup (good);
    expect_stranger (fixture, "ben", &seen);
    client = connect_as (fixture, "ana", "a", &seen);
    expect_connected (client, &seen);
    g_assert_true (fixture->recovered);

    /* Left on purpose, by either side. */
    raw_client_send_text (client, "41");
    raw_wait_until (fixture->closed == 3);
    expect_stranger (fixture, "ana", &seen);
    g_clear_pointer (&client, raw_client_free);

    /* An offset that nobody was given, and once it was tried, nothing. */
    for (guint i = 0; i < G_N_ELEMENTS (offsets); i++) {
        g_autoptr (RawClient) other = connect_as (fixture, "ana", "a", NULL);
        g_auto (Seen) now = { 0 };

        expect_connected (other, &now);
        cut (fixture, &other);
        now.offset = g_strconcat (offsets[i].prefix ? prefix : "", offsets[i].text, NULL);
        expect_stranger (fixture, "ana", &now);
        g_clear_pointer (&now.offset, g_free);
        expect_stranger (fixture, "ana", &now);
    }
}

static void
test_recovery_after_bad_packet (Fixture *fixture, gconstpointer data)
{
    g_auto (Seen) seen = { 0 };
    g_autoptr (RawClient) client = begin (fixture, &seen);

    raw_client_send_text (client, "42{}");
    raw_wait_until (fixture->closed == 1);
    expect_stranger (fixture, "ana", &seen);
}

/* Each can be taken up once. */
static void
test_recovery_once (Fixture *fixture, gconstpointer data)
{
    g_auto (Seen) seen = { 0 };
    g_autoptr (RawClient) client = begin (fixture, &seen);

    cut (fixture, &client);
    client = connect_as (fixture, "ana", "a", &seen);
    expect_connected (client, &seen);
    g_assert_true (fixture->recovered);
    raw_client_send_text (client, "41");
    raw_wait_until (fixture->closed == 2);
    expect_stranger (fixture, "ana", &seen);
}

/* The old connection looks alive, for the network lost it without a word. */
static void
test_takeover (Fixture *fixture, gconstpointer data)
{
    g_auto (Seen) before = { 0 }, after = { 0 };
    g_autoptr (RawClient) old = begin (fixture, &before);
    g_autoptr (RawClient) stranger = connect_as (fixture, "ben", "a", &before);
    g_autoptr (RawClient) client = NULL;

    expect_connected (stranger, &after);
    g_assert_cmpstr (after.pid, !=, before.pid);
    publish (fixture, "a");
    raw_client_send_text (old, "42[\"echo\"]");
    g_free (expect_start (old, "42[\"news\",2,"));
    raw_client_expect_text (old, "42[\"echo\"]");

    client = connect_as (fixture, "ana", "a", &before);
    expect_news (client, &after, "2");
    expect_connected (client, &after);
    g_assert_cmpstr (after.pid, ==, before.pid);
    g_assert_cmpstr (after.sid, ==, before.sid);
    g_assert_cmpuint (raw_client_read_close (old), ==, 4409);
    raw_wait_until (fixture->closed == 1);
    g_assert_cmpstr (fixture->reason, ==, "replaced");

    /* The end of the old one is not that of the new one. */
    publish (fixture, "a");
    expect_news (client, &after, "3");
    cut (fixture, &client);
    client = connect_as (fixture, "ana", "a", &after);
    expect_connected (client, &after);
    g_assert_true (fixture->recovered);
}

static void
test_recovery_too_late (Fixture *fixture, gconstpointer data)
{
    g_auto (Seen) seen = { 0 };
    g_autoptr (RawClient) client = begin (fixture, &seen);
    gint64 lost;

    cut (fixture, &client);
    lost = g_get_monotonic_time ();
    raw_wait_until (g_get_monotonic_time () - lost > 70000);
    expect_stranger (fixture, "ana", &seen);
}

/* The log has an end; who needs none of what is gone does not care. */
static void
test_recovery_too_much (Fixture *fixture, gconstpointer data)
{
    g_auto (Seen) ana = { 0 }, ben = { 0 };
    g_autoptr (RawClient) a = begin (fixture, &ana);
    g_autoptr (RawClient) b = NULL;

    cut (fixture, &a);
    for (guint i = 0; i < 50; i++)
        publish (fixture, "x");
    b = connect_as (fixture, "ben", "x", NULL);
    expect_connected (b, &ben);
    publish (fixture, "x");
    expect_news (b, &ben, "52");
    cut (fixture, &b);
    publish (fixture, "x");
    expect_stranger (fixture, "ana", &ana);
    b = connect_as (fixture, "ben", "x", &ben);
    expect_news (b, &ben, "53");
    expect_connected (b, &ben);
    g_assert_true (fixture->recovered);
}

static void
set_up_without_recovery (Fixture *fixture, gconstpointer data)
{
    BureauServerOptions options = bureau_server_default_options;

    options.recovery_time = 0;
    set_up_with (fixture, options);
}

static void
test_no_recovery (Fixture *fixture, gconstpointer data)
{
    g_autoptr (RawClient) client = connect_as (fixture, "ana", "a", NULL);
    g_autofree char *answer = expect_start (client, "40{\"sid\":\"");

    g_assert_cmpuint (strlen (answer), ==, strlen ("40{\"sid\":\"\"}") + 20);
    publish (fixture, "a");
    raw_client_expect_text (client, "42[\"news\",1]");
    publish_both (fixture);
    raw_client_expect_text (client, "42[\"news\",\"all\"]");
}

/* ------------------------------------------------------------------ all of it at once */

static void
set_up_many (Fixture *fixture, gconstpointer data)
{
    BureauServerOptions options = bureau_server_default_options;

    options.ping_interval = options.ping_timeout = options.ack_timeout = 20;
    options.recovery_time = 30;
    options.recovery_bytes = 2000;
    set_up_with (fixture, options);
}

/* Comes as @owner, perhaps in the place of whoever @seen was last. */
static RawClient *
come (Fixture *fixture, const char *owner, Seen *seen)
{
    RawClient *client = connect_as (fixture, owner, "a b", seen);

    for (;;) {
        g_autofree char *text = NULL;
        gsize length;
        guint8 opcode = raw_client_read_frame (client, &text, &length);

        if (opcode == 0 || opcode == 8)
            break;
        if (!g_str_has_prefix (text, "40{"))
            continue;
        seen_clear (seen);
        seen->sid = dup_id (text, "sid");
        seen->pid = dup_id (text, "pid");
        break;
    }
    return client;
}

static void
act (Fixture *fixture, RawClient *client)
{
    static const char *const packets[] = {
        "3",
        "40",
        "41",
        "40/custom",
        "41/custom,",
        "42/custom,[\"echo\",1]",
        "430[1]",
        "431[1]",
        "42[\"echo\"]",
        "423[\"echo\",1]",
        "452-[\"echo\"]",
        "bAQI=",
        "1",
    };

    switch (g_test_rand_int_range (0, 8)) {
    case 0:
        publish (fixture, "a");
        break;
    case 1:
        publish_both (fixture);
        break;
    case 2:
        if (fixture->accepted > fixture->closed && fixture->last != NULL)
            bureau_connection_ask (fixture->last, "q", NULL, NULL, on_ack, fixture);
        break;
    case 3:
        if (g_test_rand_int_range (0, 8) == 0 && fixture->last != NULL)
            bureau_connection_disconnect (fixture->last);
        break;
    default:
        raw_client_send_text (client, packets[g_test_rand_int_range (0, G_N_ELEMENTS (packets))]);
        break;
    }
}

/* Anything, in any order: for the tools that watch memory. */
static void
test_churn (Fixture *fixture, gconstpointer data)
{
    RawClient *clients[8] = { NULL };
    Seen seen[G_N_ELEMENTS (clients)] = { { NULL } };

    for (guint step = 0; step < 3000; step++) {
        guint who = g_test_rand_int_range (0, G_N_ELEMENTS (clients));
        guint whose = g_test_rand_int_range (0, 4) == 0 ? (who + 1) % G_N_ELEMENTS (clients) : who;

        if (clients[who] == NULL)
            clients[who] = come (fixture, "ana", &seen[whose]);
        else if (clients[who]->eof || g_test_rand_int_range (0, 12) == 0)
            g_clear_pointer (&clients[who], raw_client_free);
        else
            act (fixture, clients[who]);
        if (step % 3 == 0)
            raw_iterate (clients[who]);
    }
    for (guint i = 0; i < G_N_ELEMENTS (clients); i++) {
        g_clear_pointer (&clients[i], raw_client_free);
        seen_clear (&seen[i]);
    }
    raw_wait_until (bureau_server_count_connections (fixture->server) == 0);
    raw_wait_until (fixture->closed == fixture->accepted);
    g_test_message ("%u of %u were recovered", fixture->recoveries, fixture->accepted);
    g_assert_cmpuint (fixture->recoveries, >, 0);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
#define TEST(name, set_up, func)                                                                   \
    g_test_add ("/wire/connection/" name, Fixture, NULL, set_up, func, tear_down)
    TEST ("namespaces", set_up, test_namespaces);
    TEST ("in-and-out", set_up, test_in_and_out);
    TEST ("server-disconnects", set_up, test_server_disconnects);
    TEST ("waiting-payload", set_up_small, test_waiting_payload);
    TEST ("binary", set_up, test_binary);
    TEST ("binary-that-closes", set_up, test_binary_that_closes);
    TEST ("binary-too-large", set_up_small, test_binary_too_large);
    TEST ("asking", set_up, test_asking);
    TEST ("asking-in-vain", set_up_small, test_asking_in_vain);
    TEST ("recovery", set_up, test_recovery);
    TEST ("recovery/without-offset", set_up, test_recovery_without_offset);
    TEST ("recovery/is-discreet", set_up, test_recovery_is_discreet);
    TEST ("recovery/is-refused", set_up, test_recovery_is_refused);
    TEST ("recovery/after-bad-packet", set_up, test_recovery_after_bad_packet);
    TEST ("recovery/once", set_up, test_recovery_once);
    TEST ("recovery/takeover", set_up, test_takeover);
    TEST ("recovery/too-late", set_up_small, test_recovery_too_late);
    TEST ("recovery/too-much", set_up_small, test_recovery_too_much);
    TEST ("recovery/none", set_up_without_recovery, test_no_recovery);
    TEST ("churn", set_up_many, test_churn);
#undef TEST
    return g_test_run ();
}
