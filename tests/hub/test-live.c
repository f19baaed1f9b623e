/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdarg.h>
#include <string.h>

#include "bureau-json.h"
#include "bureau-socket.h"
#include "hub.h"
#include "test-directory.h"
#include "test-wait.h"

/* A hub in its own thread, as the window embeds it, and people connected over real sockets. */

typedef struct {
    char *directory;
    BureauHub *hub;
    SoupSession *session;
    char *uri;
    char *owner_token;
    char *project_id;
} Fixture;

/* One person's connection, and all it was sent. */
typedef struct {
    BureauSocket *socket;
    GPtrArray *events; /* "NAME JSON" (owned) */
    gboolean closed;
    JsonObject *answer;
} Person;

/* ------------------------------------------------------------------ REST */

static JsonObject *
post (Fixture *fixture, const char *path, const char *body)
{
    g_autofree char *uri = g_strconcat (fixture->uri, "/api/v1/", path, NULL);
    g_autoptr (SoupMessage) message = soup_message_new ("POST", uri);
    g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));
    g_autoptr (GBytes) answer = NULL;
    g_autoptr (GError) error = NULL;

    soup_message_set_request_body_from_bytes (message, "application/json", bytes);
    answer = soup_session_send_and_read (fixture->session, message, NULL, &error);
    g_assert_no_error (error);
    return bureau_json_parse_object (g_bytes_get_data (answer, NULL), g_bytes_get_size (answer),
                                     NULL);
}

/* (transfer full): the body of what is at @path for the bearer of @token */
static char *
fetch (Fixture *fixture, const char *token, const char *path)
{
    g_autofree char *uri = g_strconcat (fixture->uri, "/api/v1/", path, NULL);
    g_autofree char *bearer = g_strconcat ("Bearer ", token, NULL);
    g_autoptr (SoupMessage) message = soup_message_new ("GET", uri);
    g_autoptr (GBytes) answer = NULL;
    g_autoptr (GError) error = NULL;

    soup_message_headers_append (soup_message_get_request_headers (message), "Authorization",
                                 bearer);
    answer = soup_session_send_and_read (fixture->session, message, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (soup_message_get_status (message), ==, 200);
    return g_strndup (g_bytes_get_data (answer, NULL), g_bytes_get_size (answer));
}

static char *
refresh (Fixture *fixture, const char *refresh_token)
{
    g_autofree char *body = g_strdup_printf ("{\"refreshToken\":\"%s\"}", refresh_token);
    g_autoptr (JsonObject) answer = post (fixture, "auth/refresh", body);

    g_assert_true (bureau_json_get_boolean (answer, "ok", FALSE));
    return g_strdup (bureau_json_get_string (answer, "accessToken"));
}

/* ------------------------------------------------------------------ people */

static void
on_event_cb (BureauSocket *socket, const char *name, const char *json, Person *person)
{
    g_ptr_array_add (person->events, g_strdup_printf ("%s %s", name, json));
}

static void
on_closed_cb (BureauSocket *socket, const GError *reason, Person *person)
{
    person->closed = TRUE;
}

static Person *
connect_with (Fixture *fixture, const char *token, const char *more, GError **error)
{
    Person *person = g_new0 (Person, 1);
    g_autofree char *auth = g_strdup_printf ("{\"token\":\"%s\"%s}", token, more);
    g_autoptr (GAsyncResult) result = NULL;

    person->events = g_ptr_array_new_with_free_func (g_free);
    bureau_socket_connect_async (fixture->session, fixture->uri, auth, 1024 * 1024,
                                 BUREAU_SOCKET_WEBSOCKET, NULL, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    person->socket = bureau_socket_connect_finish (result, error);
    if (person->socket != NULL) {
        g_signal_connect (person->socket, "event", G_CALLBACK (on_event_cb), person);
        g_signal_connect (person->socket, "closed", G_CALLBACK (on_closed_cb), person);
    }
    return person;
}

static void
leave (Person *person)
{
    if (person->socket != NULL) {
        g_signal_handlers_disconnect_by_data (person->socket, person);
        bureau_socket_close (person->socket);
    }
    g_clear_object (&person->socket);
    g_clear_pointer (&person->answer, json_object_unref);
    g_ptr_array_unref (person->events);
    g_free (person);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Person, leave)

/* How many events begin with @start. */
static guint
count (Person *person, const char *start)
{
    guint n = 0;

    for (guint i = 0; i < person->events->len; i++)
        n += g_str_has_prefix (g_ptr_array_index (person->events, i), start);
    return n;
}

/* The contents of the last event of that name. (transfer full) */
static JsonObject *
last (Person *person, const char *name)
{
    for (guint i = person->events->len; i > 0; i--) {
        const char *event = g_ptr_array_index (person->events, i - 1);

        if (g_str_has_prefix (event, name) && event[strlen (name)] == ' ')
            return bureau_json_parse_object (event + strlen (name) + 1, -1, NULL);
    }
    return NULL;
}

static void
on_ack (const char *json, const GError *error, gpointer data)
{
    Person *person = data;

    g_assert_no_error (error);
    person->answer = bureau_json_parse_object (json, -1, NULL);
}

/* Gives a command, ' for ", and waits for its answer. (transfer none) */
static JsonObject *
give (Person *person, const char *command, const char *format, ...)
{
    g_autofree char *json = NULL;
    va_list values;

    va_start (values, format);
    json = g_strdelimit (g_strdup_vprintf (format, values), "'", '"');
    va_end (values);
    g_clear_pointer (&person->answer, json_object_unref);
    bureau_socket_emit (person->socket, command, json, on_ack, person);
    WAIT_UNTIL (person->answer != NULL);
    return person->answer;
}

static void
give_good (Person *person, const char *command, const char *params)
{
    JsonObject *answer = give (person, command, "%s", params);

    g_assert_true (bureau_json_get_boolean (answer, "ok", FALSE));
}

/* Somebody joins; returns their access token, and their id in @user_id. */
static char *
join (Fixture *fixture, Person *inviter, const char *name, char **user_id)
{
    JsonObject *invited = give (inviter, "member:invite", "{}");
    const char *link = bureau_json_get_string (bureau_json_get_object (invited, "invitation"),
                                               "link");
    g_autofree char *body = g_strdup_printf (
        "{\"code\":\"%s\",\"name\":\"%s\",\"device\":\"test\"}", strrchr (link, '.') + 1, name);
    g_autoptr (JsonObject) answer = post (fixture, "auth/join", body);

    g_assert_true (bureau_json_get_boolean (answer, "ok", FALSE));
    if (user_id != NULL)
        *user_id = g_strdup (
            bureau_json_get_string (bureau_json_get_object (answer, "user"), "id"));
    return g_strdup (bureau_json_get_string (answer, "accessToken"));
}

/* ------------------------------------------------------------------ fixture */

static void
set_up (Fixture *fixture, gconstpointer data)
{
    static const char *const listen[] = { "127.0.0.1:0", NULL };
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauHubOwner) owner = NULL;
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (Person) ana = NULL;
    JsonObject *office;

    fixture->directory = directory_new ();
    owner = bureau_hub_create_office (fixture->directory, "Studio Nord", "Ana", "test",
                                      "First project", NULL, &error);
    g_assert_no_error (error);
    fixture->hub = bureau_hub_new (fixture->directory);
    bureau_hub_start_async (fixture->hub, listen, FALSE, NULL, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    bureau_hub_start_finish (fixture->hub, result, &error);
    g_assert_no_error (error);

    fixture->uri = g_strdup (bureau_hub_get_uris (fixture->hub)[0]);
    fixture->session = bureau_socket_session_new ();
    fixture->owner_token = refresh (fixture, owner->refresh_token);
    ana = connect_with (fixture, fixture->owner_token, "", &error);
    g_assert_no_error (error);
    office = give (ana, "office:describe", "{}");
    fixture->project_id = g_strdup (bureau_json_get_string (
        json_array_get_object_element (bureau_json_get_array (office, "projects"), 0), "id"));
}

static void
stop_hub (Fixture *fixture)
{
    g_autoptr (GAsyncResult) result = NULL;

    bureau_hub_stop_async (fixture->hub, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    g_assert_true (bureau_hub_stop_finish (fixture->hub, result, NULL));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
    stop_hub (fixture);
    g_clear_object (&fixture->hub);
    g_clear_object (&fixture->session);
    directory_free (fixture->directory);
    g_free (fixture->uri);
    g_free (fixture->owner_token);
    g_free (fixture->project_id);
}

/* ------------------------------------------------------------------ tests */

static void
test_nobody_without_a_token (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (Person) nobody = connect_with (fixture, "x", "", &error);

    g_assert_null (nobody->socket);
    g_assert_error (error, BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_REFUSED);
    g_assert_cmpstr (bureau_socket_error_get_code (error), ==, "unauthenticated");
}

static void
test_others_see_it (Fixture *fixture, gconstpointer data)
{
    g_autoptr (Person) ana = connect_with (fixture, fixture->owner_token, "", NULL);
    g_autofree char *token = join (fixture, ana, "Ben", NULL);
    g_autoptr (Person) ben = connect_with (fixture, token, "", NULL);
    g_autoptr (JsonObject) event = NULL;
    JsonObject *answer;

    answer = give (ana, "task:create", "{'projectId':'%s','title':'Patch bay'}",
                   fixture->project_id);
    WAIT_UNTIL (count (ben, "task:created") == 1);
    event = last (ben, "task:created");
    g_assert_true (bureau_json_equal (bureau_json_get_object (event, "task"),
                                      bureau_json_get_object (answer, "task")));
    g_assert_cmpint (bureau_json_get_int (event, "seq", 0), ==,
                     bureau_json_get_int (answer, "seq", -1));
    g_assert_cmpstr (bureau_json_get_string (event, "userName"), ==, "Ana");
    WAIT_UNTIL (count (ana, "task:created") == 1);
}

/* Exactly what was missed, in order, then sync:ready. */
static void
test_catching_up (Fixture *fixture, gconstpointer data)
{
    g_autoptr (Person) ana = connect_with (fixture, fixture->owner_token, "", NULL);
    g_autofree char *token = join (fixture, ana, "Ben", NULL);
    g_autoptr (JsonObject) ready = NULL;
    g_autofree char *room = g_strconcat ("project:", fixture->project_id, NULL);
    g_autofree char *more = NULL;
    g_autoptr (Person) ben = NULL;
    gint64 head;

    WAIT_UNTIL (count (ana, "member:joined") == 2);
    for (guint i = 0; i < 3; i++)
        give (ana, "task:create", "{'projectId':'%s','title':'%u'}", fixture->project_id, i);
    WAIT_UNTIL (count (ana, "sync:ready") == 1);
    ready = last (ana, "sync:ready");
    head = bureau_json_get_int (bureau_json_get_object (ready, "rooms"), room, -1) + 2;
    more = g_strdup_printf (",\"epoch\":\"%s\",\"since\":{\"%s\":%" G_GINT64_FORMAT "}",
                            bureau_json_get_string (ready, "epoch"), room, head);

    ben = connect_with (fixture, token, more, NULL);
    WAIT_UNTIL (count (ben, "sync:ready") == 1);
    g_assert_cmpuint (ben->events->len, >=, 3);
    g_assert_cmpuint (count (ben, "task:created"), ==, 2);
    for (guint i = 0; i < 2; i++) {
        g_autoptr (JsonObject) event = bureau_json_parse_object (
            strchr (g_ptr_array_index (ben->events, i), ' ') + 1, -1, NULL);

        g_assert_cmpint (bureau_json_get_int (event, "seq", 0), ==, head + 1 + i);
    }
    g_assert_true (g_str_has_prefix (g_ptr_array_index (ben->events, 2), "sync:ready "));
}

static void
test_other_epoch_is_a_reset (Fixture *fixture, gconstpointer data)
{
    g_autofree char *more = g_strdup_printf (
        ",\"epoch\":\"another\",\"since\":{\"project:%s\":0,\"project:elsewhere\":0}",
        fixture->project_id);
    g_autoptr (Person) ana = connect_with (fixture, fixture->owner_token, more, NULL);
    g_autoptr (JsonObject) reset = NULL;

    WAIT_UNTIL (count (ana, "sync:ready") == 1);
    g_assert_cmpuint (count (ana, "project:created"), ==, 0);
    reset = last (ana, "sync:reset");
    g_assert_cmpuint (json_array_get_length (bureau_json_get_array (reset, "rooms")), ==, 1);
}

/* (transfer full): its id */
static char *
add_task (Fixture *fixture, Person *person)
{
    JsonObject *created = give (person, "task:create", "{'projectId':'%s','title':'x'}",
                                fixture->project_id);

    return g_strdup (bureau_json_get_string (bureau_json_get_object (created, "task"), "id"));
}

/* Gives the command, and asserts the answer's code ("ok" for a good one). */
static void
give_for_code (Person *person, const char *command, const char *task_id, const char *code)
{
    JsonObject *answer = give (person, command, "{'taskId':'%s'}", task_id);
    JsonObject *error = bureau_json_get_object (answer, "error");

    g_assert_cmpstr (error != NULL ? bureau_json_get_string (error, "code") : "ok", ==, code);
}

/* Rooms cost memory, so there is an end to them; and what one is in, one can leave. */
static void
test_task_rooms_are_bounded (Fixture *fixture, gconstpointer data)
{
    g_autoptr (Person) ana = connect_with (fixture, fixture->owner_token, "", NULL);
    g_autofree char *first = add_task (fixture, ana);
    g_autofree char *one_more = NULL;

    give_for_code (ana, "room:leave", first, "forbidden");
    give_for_code (ana, "room:join", first, "ok");
    for (guint i = 1; i < 64; i++) {
        g_autofree char *id = add_task (fixture, ana);

        give_for_code (ana, "room:join", id, "ok");
    }

    one_more = add_task (fixture, ana);
    give_for_code (ana, "room:join", first, "ok");
    give_for_code (ana, "room:join", one_more, "conflict");
    give (ana, "task:delete", "{'id':'%s'}", first);
    give_for_code (ana, "room:leave", first, "ok");
    give_for_code (ana, "room:join", one_more, "ok");
}

static void
test_removal_ends_delivery (Fixture *fixture, gconstpointer data)
{
    g_autoptr (Person) ana = connect_with (fixture, fixture->owner_token, "", NULL);
    g_autofree char *ben_id = NULL;
    g_autofree char *token = join (fixture, ana, "Ben", &ben_id);
    g_autoptr (Person) ben = connect_with (fixture, token, "", NULL);
    g_autofree char *task_id = add_task (fixture, ana);
    g_autoptr (JsonObject) left = NULL;

    /* Also the room of a task is left, which the log knows nothing of. */
    give (ben, "room:join", "{'taskId':'%s'}", task_id);
    g_assert_true (bureau_json_get_boolean (ben->answer, "ok", FALSE));
    WAIT_UNTIL (count (ben, "task:created") == 1);
    g_ptr_array_set_size (ben->events, 0);

    give (ana, "project:update", "{'id':'%s','memberIds':[]}", fixture->project_id);
    give (ana, "task:update", "{'id':'%s','title':'Secret'}", task_id);
    give (ana, "presence:viewing", "{'taskId':'%s'}", task_id);
    give (ana, "task:create", "{'projectId':'%s','title':'Secret'}", fixture->project_id);
    WAIT_UNTIL (count (ben, "room:left") == 1);
    left = last (ben, "room:left");
    g_assert_cmpstr (bureau_json_get_string (left, "reason"), ==, "removed");

    /* An answer to Ben comes after all that was sent to him before it. */
    give_good (ben, "presence:update", "{\"status\":\"online\"}");
    g_assert_cmpuint (count (ben, "project:updated"), ==, 0);
    g_assert_cmpuint (count (ben, "task:"), ==, 0);
    g_assert_cmpuint (count (ben, "presence:users_viewing"), ==, 0);

    give (ana, "project:update", "{'id':'%s','memberIds':['%s']}", fixture->project_id, ben_id);
    WAIT_UNTIL (count (ben, "room:joined") == 1);
    give (ana, "task:create", "{'projectId':'%s','title':'Open'}", fixture->project_id);
    WAIT_UNTIL (count (ben, "task:created") == 1);
}

/* TRUE if the note is in the person's last `timer:started`, which must be there. */
static gboolean
heard_note (Person *person)
{
    g_autoptr (JsonObject) event = NULL;
    JsonObject *entry;

    WAIT_UNTIL (count (person, "timer:started") == 1);
    event = last (person, "timer:started");
    entry = bureau_json_get_object (event, "entry");
    g_assert_nonnull (bureau_json_get_string (entry, "startTime"));
    return bureau_json_get_string (entry, "note") != NULL;
}

/* The note of a time entry is for the one whose it is and for managers, through every door. */
static void
test_notes_are_private (Fixture *fixture, gconstpointer data)
{
    g_autoptr (Person) ana = connect_with (fixture, fixture->owner_token, "", NULL);
    g_autofree char *ben_token = join (fixture, ana, "Ben", NULL);
    g_autofree char *cleo_token = join (fixture, ana, "Cleo", NULL);
    g_autoptr (Person) ben = connect_with (fixture, ben_token, "", NULL);
    g_autoptr (Person) bens_other = connect_with (fixture, ben_token, "", NULL);
    g_autoptr (Person) cleo = connect_with (fixture, cleo_token, "", NULL);
    g_autoptr (Person) late = NULL;
    g_autoptr (JsonObject) ready = NULL;
    g_autoptr (GList) rooms = NULL;
    const char *room;
    g_autofree char *events = NULL;
    g_autofree char *more = NULL;
    struct {
        const char *token;
        gboolean sees;
    } people[] = { { fixture->owner_token, TRUE }, { ben_token, TRUE }, { cleo_token, FALSE } };

    give_good (ben, "timer:start", "{\"note\":\"At the doctor\"}");
    g_assert_true (heard_note (ana));
    g_assert_true (heard_note (ben));
    g_assert_true (heard_note (bens_other));
    g_assert_false (heard_note (cleo));

    ready = last (cleo, "sync:ready");
    rooms = json_object_get_members (bureau_json_get_object (ready, "rooms"));
    rooms = g_list_sort (rooms, (GCompareFunc) strcmp);
    room = g_list_nth_data (rooms, 1);
    g_assert_true (g_str_has_prefix (room, "time:"));
    more = g_strdup_printf (",\"epoch\":\"%s\",\"since\":{\"%s\":0}",
                            bureau_json_get_string (ready, "epoch"), room);
    late = connect_with (fixture, cleo_token, more, NULL);
    g_assert_false (heard_note (late));

    events = g_strdup_printf ("events?room=%s", room);
    for (guint i = 0; i < G_N_ELEMENTS (people); i++) {
        g_autofree char *page = fetch (fixture, people[i].token, events);
        g_autofree char *snapshot = fetch (fixture, people[i].token, "snapshot");

        g_assert_nonnull (strstr (page, "timer:started"));
        g_assert_nonnull (strstr (snapshot, "\"kind\":\"entry\""));
        g_assert_cmpint (strstr (page, "doctor") != NULL, ==, people[i].sees);
        g_assert_cmpint (strstr (snapshot, "doctor") != NULL, ==, people[i].sees);
    }
}

static void
test_presence (Fixture *fixture, gconstpointer data)
{
    g_autoptr (Person) ana = connect_with (fixture, fixture->owner_token, "", NULL);
    g_autofree char *ben_id = NULL;
    g_autofree char *token = join (fixture, ana, "Ben", &ben_id);
    g_autoptr (Person) first = connect_with (fixture, token, "", NULL);
    g_autoptr (Person) second = connect_with (fixture, token, "", NULL);
    g_autoptr (JsonObject) away = NULL;
    g_autoptr (JsonObject) offline = NULL;
    guint before;

    WAIT_UNTIL (count (ana, "presence:user_online") >= 1);
    before = count (ana, "presence:user_online");

    /* Away only when all of a person's connections are. */
    give_good (first, "presence:update", "{\"status\":\"away\"}");
    give_good (ana, "presence:update", "{\"status\":\"online\"}");
    g_assert_cmpuint (count (ana, "presence:user_online"), ==, before);
    give_good (second, "presence:update", "{\"status\":\"away\"}");
    WAIT_UNTIL (count (ana, "presence:user_online") == before + 1);
    away = last (ana, "presence:user_online");
    g_assert_cmpstr (bureau_json_get_string (away, "status"), ==, "away");
    g_assert_cmpstr (bureau_json_get_string (away, "userId"), ==, ben_id);

    bureau_socket_close (first->socket);
    bureau_socket_close (second->socket);
    WAIT_UNTIL (count (ana, "presence:user_offline") == 1);
    offline = last (ana, "presence:user_offline");
    g_assert_cmpstr (bureau_json_get_string (offline, "userName"), ==, "Ben");
}

static guint
count_viewers (Person *person)
{
    g_autoptr (JsonObject) event = last (person, "presence:users_viewing");

    return event != NULL ? json_array_get_length (bureau_json_get_array (event, "users")) : 99;
}

static void
test_viewing (Fixture *fixture, gconstpointer data)
{
    g_autoptr (Person) ana = connect_with (fixture, fixture->owner_token, "", NULL);
    g_autofree char *token = join (fixture, ana, "Ben", NULL);
    g_autoptr (Person) ben = connect_with (fixture, token, "", NULL);
    g_autofree char *id = add_task (fixture, ana);
    g_autoptr (Person) late = NULL;
    g_autoptr (JsonObject) snapshot = NULL;

    give (ben, "presence:viewing", "{'taskId':'%s'}", id);
    WAIT_UNTIL (count_viewers (ana) == 1);
    late = connect_with (fixture, fixture->owner_token, "", NULL);
    WAIT_UNTIL (count (late, "presence:snapshot") == 1);
    snapshot = last (late, "presence:snapshot");
    g_assert_cmpuint (json_array_get_length (bureau_json_get_array (snapshot, "viewing")), ==, 1);

    /* Gone with the connection, by nothing but that. */
    bureau_socket_close (ben->socket);
    WAIT_UNTIL (count_viewers (ana) == 0);
}

static gboolean
is_last_status (Person *person, const char *status)
{
    g_autoptr (JsonObject) event = last (person, "presence:user_online");

    return g_strcmp0 (bureau_json_get_string (event, "status"), status) == 0;
}

/* Who jumps about is told of now and then, and at last as it is. */
static void
test_haste_is_merged (Fixture *fixture, gconstpointer data)
{
    g_autoptr (Person) ana = connect_with (fixture, fixture->owner_token, "", NULL);
    g_autofree char *token = join (fixture, ana, "Ben", NULL);
    g_autoptr (Person) ben = connect_with (fixture, token, "", NULL);
    g_autofree char *id = add_task (fixture, ana);
    gint64 start = g_get_monotonic_time ();

    WAIT_UNTIL (count (ana, "presence:user_online") >= 1);
    for (guint i = 0; i < 50; i++) {
        give_good (ben, "presence:update",
                   i % 2 == 0 ? "{\"status\":\"away\"}" : "{\"status\":\"online\"}");
        give (ben, "presence:viewing", i % 2 == 0 ? "{}" : "{'taskId':'%s'}", id);
    }
    give_good (ben, "presence:update", "{\"status\":\"away\"}");
    WAIT_UNTIL (count_viewers (ana) == 1);
    WAIT_UNTIL (is_last_status (ana, "away"));
    g_assert_cmpuint (count (ana, "presence:user_online") + count (ana, "presence:users_viewing"),
                      <, 16 + 10 * (g_get_monotonic_time () - start) / G_USEC_PER_SEC);
}

static void
test_closing_is_told (Fixture *fixture, gconstpointer data)
{
    g_autoptr (Person) ana = connect_with (fixture, fixture->owner_token, "", NULL);
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GAsyncResult) other = NULL;
    static const char *const listen[] = { "127.0.0.1:0", NULL };

    /* Stopped twice, as by a quit in the midst of a stop. */
    bureau_hub_stop_async (fixture->hub, keep_result, &other);
    stop_hub (fixture);
    WAIT_UNTIL (other != NULL);
    g_assert_true (bureau_hub_stop_finish (fixture->hub, other, NULL));
    WAIT_UNTIL (ana->closed);
    g_assert_cmpuint (count (ana, "hub:closing"), ==, 1);

    /* The same object serves again. */
    bureau_hub_start_async (fixture->hub, listen, FALSE, NULL, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    g_assert_true (bureau_hub_start_finish (fixture->hub, result, NULL));
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);

#define ADD(path, function) g_test_add ("/live/" path, Fixture, NULL, set_up, function, tear_down)
    ADD ("no-token", test_nobody_without_a_token);
    ADD ("others-see-it", test_others_see_it);
    ADD ("catching-up", test_catching_up);
    ADD ("other-epoch", test_other_epoch_is_a_reset);
    ADD ("removal", test_removal_ends_delivery);
    ADD ("task-rooms", test_task_rooms_are_bounded);
    ADD ("private-notes", test_notes_are_private);
    ADD ("presence", test_presence);
    ADD ("viewing", test_viewing);
    ADD ("haste", test_haste_is_merged);
    ADD ("closing", test_closing_is_told);
    return g_test_run ();
}
