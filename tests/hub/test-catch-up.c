/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-json.h"
#include "bureau-prune.h"
#include "bureau-socket.h"
#include "bureau-store-changes.h"
#include "bureau-store-sessions.h"
#include "test-office.h"
#include "test-wait.h"

#define DAY_MS (24 * 3600 * G_GINT64_CONSTANT (1000))

/* What pages of a room's log there are, and what becomes of it when it is old. */

/* How much later it is than it is. */
static gint64 shift;

static gint64
shifted_clock (void)
{
    return g_get_real_time () / 1000 + shift;
}

static void
set_up (Office *office, gconstpointer data)
{
    shift = 0;
    office_set_up (office, data);
    office->authority->clock = shifted_clock;
}

static char *
get_room (Office *office)
{
    return g_strconcat ("project:", office->project_id, NULL);
}

/* Makes the room's log @length events long, all of now. */
static void
fill (Office *office, const char *room, gint64 length)
{
    BureauStore *store = office->authority->store;
    g_autoptr (GError) error = NULL;

    g_assert_true (bureau_store_begin (store, &error));
    while (bureau_store_get_head (store, room, NULL) < length) {
        gint64 seq = bureau_store_take_seq (store, room, &error);
        g_autofree char *payload = g_strdup_printf ("{\"seq\":%" G_GINT64_FORMAT "}", seq);

        bureau_store_append_event (store, room, seq, "id", "task:updated", "actor", "device", NULL,
                                   bureau_authority_now (office->authority), payload, &error);
        g_assert_no_error (error);
    }
    g_assert_true (bureau_store_commit (store, &error));
}

static JsonObject *
ask_since (Office *office, const char *room, gint64 since)
{
    return RUN (office, office->owner->user_id, "sync:since",
                "{'room':'%s','seq':%" G_GINT64_FORMAT "}", room, since);
}

/* The answer has the events after @since up to @last, and says whether there are more. */
static void
assert_page (Office *office, const char *room, gint64 since, gint64 last, gboolean more)
{
    g_autoptr (JsonObject) page = ask_since (office, room, since);
    JsonArray *events = bureau_json_get_array (page, "events");

    g_assert_false (json_object_has_member (page, "reset"));
    g_assert_cmpint (json_array_get_length (events), ==, last - since);
    for (guint i = 0; i < json_array_get_length (events); i++) {
        JsonObject *event = json_array_get_object_element (events, i);

        g_assert_cmpint (bureau_json_get_int (event, "seq", 0), ==, since + 1 + i);
    }
    g_assert_cmpint (bureau_json_get_int (page, "seq", 0), ==, last);
    g_assert_true (bureau_json_get_boolean (page, "more", !more) == more);
}

static void
assert_behind (Office *office, const char *room, gint64 since)
{
    g_autoptr (JsonObject) page = ask_since (office, room, since);

    g_assert_true (bureau_json_get_boolean (page, "reset", FALSE));
    g_assert_cmpstr (bureau_json_get_string (page, "reason"), ==, "behind");
    g_assert_cmpint (bureau_json_get_int (page, "seq", 0), ==,
                     bureau_store_get_head (office->authority->store, room, NULL));
}

static void
prune (Office *office)
{
    bureau_prune_begin (office->authority->prune);
    WAIT_UNTIL (!bureau_prune_is_under_way (office->authority->prune));
}

/* ------------------------------------------------------------------ pages and age */

static void
test_borders (Office *office, gconstpointer data)
{
    g_autofree char *room = get_room (office);

    fill (office, room, 499);
    assert_page (office, room, 0, 499, FALSE);
    fill (office, room, 500);
    assert_page (office, room, 0, 500, FALSE);
    assert_page (office, room, 500, 500, FALSE);
    fill (office, room, 501);
    assert_page (office, room, 0, 500, TRUE);
    assert_page (office, room, 1, 501, FALSE);
    assert_page (office, room, 500, 501, FALSE);
    fill (office, room, 1000);
    assert_page (office, room, 500, 1000, FALSE);
}

/* What is old goes, but never the last so many. */
static void
test_floor (Office *office, gconstpointer data)
{
    g_autofree char *room = get_room (office);

    office->authority->settings.log_events = 100;
    fill (office, room, 1300);
    prune (office);
    assert_page (office, room, 0, 500, TRUE);

    shift += 31 * DAY_MS;
    prune (office);
    assert_behind (office, room, 0);
    assert_behind (office, room, 1199);
    assert_page (office, room, 1200, 1300, FALSE);
    assert_page (office, room, 1201, 1300, FALSE);
    assert_page (office, room, 1300, 1300, FALSE);
}

/* What is young stays, however much there is of it. */
static void
test_young (Office *office, gconstpointer data)
{
    g_autofree char *room = get_room (office);

    office->authority->settings.log_events = 10;
    fill (office, room, 300);
    shift += 20 * DAY_MS;
    fill (office, room, 400);
    shift += 11 * DAY_MS;
    prune (office);
    assert_behind (office, room, 299);
    assert_page (office, room, 300, 400, FALSE);
}

/* The clock was set back in between: what is behind something young stays, as a log has no holes.
 */
static void
test_no_holes (Office *office, gconstpointer data)
{
    g_autofree char *room = get_room (office);

    office->authority->settings.log_events = 10;
    fill (office, room, 100);
    shift += 20 * DAY_MS;
    fill (office, room, 101);
    shift -= 20 * DAY_MS;
    fill (office, room, 200);
    shift += 31 * DAY_MS;
    prune (office);
    assert_page (office, room, 100, 200, FALSE);
    assert_behind (office, room, 99);
}

/* A repeat is known for so long, and then it is a new command. */
static void
test_answers (Office *office, gconstpointer data)
{
    static const char op[] = "b6dd22fe-25a4-4b6c-9c4d-0c2ac2ae3e0a";
    const char *ana = office->owner->user_id;
    g_autoptr (JsonObject) first = NULL;
    g_autoptr (JsonObject) again = NULL;
    g_autoptr (JsonObject) late = NULL;

#define CREATE                                                                                     \
    RUN (office, ana, "task:create", "{'projectId':'%s','title':'One','opId':'%s'}",               \
         office->project_id, op)
    first = CREATE;
    shift += 89 * DAY_MS;
    prune (office);
    again = CREATE;
    g_assert_true (bureau_json_equal (again, first));
    shift += 2 * DAY_MS;
    prune (office);
    late = CREATE;
    g_assert_cmpstr (get_code (late), ==, "ok");
    g_assert_false (bureau_json_equal (late, first));
#undef CREATE
}

/* What somebody else's device, who knew the task as it was made, is told of its first title.
 * (transfer full) (nullable) */
static char *
get_known_title (Office *office, const char *task_id)
{
    g_auto (BureauOthersChange) change = { 0 };
    g_autoptr (GError) error = NULL;

    bureau_store_get_others_change (office->authority->store, task_id, "title", 1, "another",
                                    &change, &error);
    g_assert_no_error (error);
    g_assert_true (change.is_changed);
    return g_steal_pointer (&change.known);
}

/* What a field was before goes with the log; who changed it last is still known. */
static void
test_changes (Office *office, gconstpointer data)
{
    const char *ana = office->owner->user_id;
    g_autofree char *task_id = bureau_id_new ();
    g_autofree char *known = NULL;

    ASSERT_CODE (RUN (office, ana, "task:create", "{'id':'%s','projectId':'%s','title':'One'}",
                      task_id, office->project_id),
                 "ok");
    ASSERT_CODE (RUN (office, ana, "task:update", "{'id':'%s','title':'Two'}", task_id), "ok");
    shift += 29 * DAY_MS;
    prune (office);
    known = get_known_title (office, task_id);
    g_assert_cmpstr (known, ==, "\"One\"");
    shift += 2 * DAY_MS;
    prune (office);
    g_assert_null (get_known_title (office, task_id));
}

/* ------------------------------------------------------------------ on connecting */

/* All that it is told, up to sync:ready. */
typedef struct {
    GString *seqs; /* "1201 1202 " */
    char *reset;   /* (owned) (nullable): why */
    gboolean ready;
} Told;

static void
on_event_cb (BureauSocket *socket, const char *name, const char *text, Told *told)
{
    g_autoptr (JsonObject) json = bureau_json_parse_object (text, -1, NULL);

    if (g_str_equal (name, "task:updated"))
        g_string_append_printf (told->seqs, "%" G_GINT64_FORMAT " ",
                                bureau_json_get_int (json, "seq", 0));
    else if (g_str_equal (name, "sync:reset"))
        told->reset = g_strdup (bureau_json_get_string (json, "reason"));
    else if (g_str_equal (name, "sync:ready"))
        told->ready = TRUE;
}

/* @uri: where the office is served. @since: JSON. (transfer full) */
static BureauSocket *
connect_since (Office *office, const char *uri, const char *room, const char *since)
{
    BureauAuthority *authority = office->authority;
    gint64 now = bureau_authority_now (authority);
    g_autofree char *token = bureau_token_sign (&authority->signer, office->owner->user_id,
                                                BUREAU_SCRIPT_SESSION, now, now + 60000);
    g_autofree char *auth = g_strdup_printf (
        "{\"token\":\"%s\",\"epoch\":\"%s\",\"since\":{\"%s\":%s}}", token, authority->epoch, room,
        since);
    g_autoptr (SoupSession) session = bureau_socket_session_new ();
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GError) error = NULL;
    BureauSocket *socket;

    bureau_socket_connect_async (session, uri, auth, 1024 * 1024, BUREAU_SOCKET_WEBSOCKET, NULL,
                                 keep_result, &result);
    WAIT_UNTIL (result != NULL);
    socket = bureau_socket_connect_finish (result, &error);
    g_assert_no_error (error);
    return socket;
}

/* Who connects and has the log up to @since is told of @seqs, or why it has to begin anew. */
static void
assert_told (Office *office, const char *uri, const char *since, const char *seqs,
             const char *reset)
{
    g_autofree char *room = get_room (office);
    g_autoptr (BureauSocket) socket = connect_since (office, uri, room, since);
    Told told = { .seqs = g_string_new (NULL) };

    g_signal_connect (socket, "event", G_CALLBACK (on_event_cb), &told);
    WAIT_UNTIL (told.ready);
    g_assert_cmpstr (told.seqs->str, ==, seqs);
    g_assert_cmpstr (told.reset, ==, reset);
    g_signal_handlers_disconnect_by_data (socket, &told);
    bureau_socket_close (socket);
    g_string_free (told.seqs, TRUE);
    g_free (told.reset);
}

static void
test_connecting (Office *office, gconstpointer data)
{
    g_autofree char *room = get_room (office);
    g_autofree char *uri = bureau_authority_listen (office->authority, "127.0.0.1:0", FALSE, NULL);

    office->authority->settings.log_events = 3;
    fill (office, room, 100);
    shift += 31 * DAY_MS;
    prune (office);
    assert_told (office, uri, "96", "", "behind");
    assert_told (office, uri, "97", "98 99 100 ", NULL);
    assert_told (office, uri, "98", "99 100 ", NULL);
    assert_told (office, uri, "100", "", NULL);
    assert_told (office, uri, "101", "", "ahead");
    assert_told (office, uri, "9223372036854775807", "", "ahead");
}

/* What is no event's number does not stand for the log's beginning. */
static void
test_senseless (Office *office, gconstpointer data)
{
    static const char *const SINCE[] = {
        "-1", "-9223372036854775808", "1.5", "\"1\"", "null", "[1]"
    };
    g_autofree char *uri = bureau_authority_listen (office->authority, "127.0.0.1:0", FALSE, NULL);

    for (guint i = 0; i < G_N_ELEMENTS (SINCE); i++)
        assert_told (office, uri, SINCE[i], "", "behind");
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
#define ADD(name, test) g_test_add ("/catch-up/" name, Office, NULL, set_up, test, office_tear_down)
    ADD ("borders", test_borders);
    ADD ("floor", test_floor);
    ADD ("young", test_young);
    ADD ("no-holes", test_no_holes);
    ADD ("answers", test_answers);
    ADD ("changes", test_changes);
    ADD ("connecting", test_connecting);
    ADD ("senseless", test_senseless);
#undef ADD
    return g_test_run ();
}
