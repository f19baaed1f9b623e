/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Where the rooms' logs stand is told with the heartbeat, so that nobody stays behind unknowingly
 * (reliability.md, G5). */

#include "bureau-authority.h"
#include "bureau-live.h"
#include "bureau-socket.h"
#include "fixture.h"

#define MINUTE_MS      60000
#define MAX_EVENT_SIZE (1024 * 1024)

/* With the rest of a second, at whose end such timers are due. */
#define MAX_HEARTBEAT (26 * G_USEC_PER_SEC)

/* An office whose hub is at hand. */
typedef struct {
    Office *office;
    BureauAuthority *authority; /* (owned) */
    Person *ana, *ben;
    char *room; /* (owned): of the first project */
} World;

static void
set_up (World *world, gconstpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autofree char *uri = NULL;

    world->office = office_new ();
    office_stop (world->office);
    world->authority = bureau_authority_open (world->office->directory, NULL, &error);
    g_assert_no_error (error);
    uri = bureau_authority_listen (world->authority, world->office->listen, FALSE, &error);
    g_assert_no_error (error);
    world->ana = person_new_owner (world->office);
    person_start_live (world->ana);
    world->ben = person_new_invited (world->ana, "Ben");
    person_start_live (world->ben);
    world->room = g_strconcat ("project:", get_first_project (world->ana), NULL);
}

static void
tear_down (World *world, gconstpointer data)
{
    person_free (world->ben);
    person_free (world->ana);
    bureau_authority_close (world->authority);
    office_free (world->office);
    g_free (world->room);
}

/* It is due each 25 s, and comes now. */
static void
hasten_heartbeat (World *world)
{
    GSource *heartbeat = world->authority->heads;

    g_assert_cmpint (g_source_get_ready_time (heartbeat), <=,
                     g_get_monotonic_time () + MAX_HEARTBEAT);
    g_source_set_ready_time (heartbeat, 0);
}

/* ------------------------------------------------------------------ who notices */

static BureauConnection *
get_connection (World *world, Person *person)
{
    BureauPerson *there = g_hash_table_lookup (world->authority->live->people,
                                               person->account->user_id);

    g_assert_cmpuint (there->lives->len, ==, 1);
    return ((BureauLive *) there->lives->pdata[0])->connection;
}

/* Ben's window is told nothing of a task, and no event after it shows him the gap. */
static void
test_lost_event (World *world, gconstpointer data)
{
    BureauServer *server = world->authority->server;
    BureauConnection *connection = get_connection (world, world->ben);
    g_autofree char *id = NULL;

    bureau_server_leave (server, connection, world->room);
    id = give_task (world->ana, "Lost");
    WAIT_UNTIL (is_settled (world->ana, id));
    bureau_server_join (server, connection, world->room);
    g_assert_null (get_task (world->ben, id));

    hasten_heartbeat (world);
    WAIT_UNTIL (get_task (world->ben, id) != NULL);
    g_assert_true (is_live (world->ben));
}

/* ------------------------------------------------------------------ who is told */

static void
on_event_cb (BureauSocket *socket, const char *name, const char *json, GPtrArray *names)
{
    g_ptr_array_add (names, g_strdup (name));
}

static void
on_answer (const char *json, const GError *error, gpointer data)
{
    g_assert_no_error (error);
    *(gboolean *) data = TRUE;
}

/* As somebody's script does. @more: of the CONNECT's object. (transfer full) */
static BureauSocket *
connect_script (World *world, const char *more, GPtrArray *names)
{
    gint64 now = bureau_authority_now (world->authority);
    g_autofree char *token = bureau_token_sign (&world->authority->signer,
                                                world->office->owner->user_id,
                                                BUREAU_SCRIPT_SESSION, now, now + MINUTE_MS);
    g_autofree char *auth = g_strdup_printf ("{\"token\":\"%s\"%s}", token, more);
    g_autoptr (SoupSession) session = bureau_socket_session_new ();
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GError) error = NULL;
    BureauSocket *socket;

    bureau_socket_connect_async (session, world->office->base_uri, auth, MAX_EVENT_SIZE,
                                 BUREAU_SOCKET_WEBSOCKET, NULL, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    socket = bureau_socket_connect_finish (result, &error);
    g_assert_no_error (error);
    g_signal_connect (socket, "event", G_CALLBACK (on_event_cb), names);
    return socket;
}

static gboolean
is_told (GPtrArray *names, const char *name)
{
    return g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL);
}

/* Whatever the hub has said before has arrived. */
static void
ask_and_wait (BureauSocket *socket)
{
    gboolean answered = FALSE;

    bureau_socket_emit (socket, "office:describe", "{}", on_answer, &answered);
    WAIT_UNTIL (answered);
}

/* A stock client knows nothing of them; who says what it has, and be it nothing, is told. */
static void
test_followers (World *world, gconstpointer data)
{
    g_autoptr (GPtrArray) follower = g_ptr_array_new_with_free_func (g_free);
    g_autoptr (GPtrArray) stock = g_ptr_array_new_with_free_func (g_free);
    g_autoptr (BureauSocket) one = connect_script (world, ",\"since\":{}", follower);
    g_autoptr (BureauSocket) other = connect_script (world, "", stock);

    WAIT_UNTIL (is_told (follower, "sync:ready") && is_told (stock, "sync:ready"));
    g_assert_false (is_told (follower, "sync:heads"));
    hasten_heartbeat (world);
    WAIT_UNTIL (is_told (follower, "sync:heads"));
    ask_and_wait (other);
    g_assert_false (is_told (stock, "sync:heads"));
    bureau_socket_close (one);
    bureau_socket_close (other);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add ("/heads/lost-event", World, NULL, set_up, test_lost_event, tear_down);
    g_test_add ("/heads/followers", World, NULL, set_up, test_followers, tear_down);
    return g_test_run ();
}
