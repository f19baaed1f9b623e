/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Ten minutes without the hub, and 500 things that happen meanwhile: exactly those arrive, in
 * order, each once, by whatever transport there is then; and what one did oneself goes out, once.
 */

#include "bureau-client-private.h"
#include "fixture.h"
#include "proxy.h"
#include "test-clock.h"

#define SLICES    50
#define SLICE_MS  12000 /* of ten minutes */
#define TASKS     5     /* of each slice; besides, some are moved, and a timer runs */
#define MOVES     3
#define N_EVENTS  (SLICES * (TASKS + MOVES + 2))
#define OWN_TASKS 5

/* ------------------------------------------------------------------ what is applied */

static BureauReplica *watched; /* (unowned) (nullable) */
static GHashTable *applied;    /* (owned): room → guint: events since */

void __real_bureau_replica_apply (BureauReplica *replica, const char *room, gint64 seq,
                                  BureauKind kind, const char *id, JsonObject *json,
                                  const char *op_id);
void __wrap_bureau_replica_apply (BureauReplica *replica, const char *room, gint64 seq,
                                  BureauKind kind, const char *id, JsonObject *json,
                                  const char *op_id);

/* Room → seq, as of the beginning. */
static GHashTable *begun;

static gint64
get_number (GHashTable *table, const char *room)
{
    return GPOINTER_TO_INT (g_hash_table_lookup (table, room));
}

/* Each is its room's next. */
void
__wrap_bureau_replica_apply (BureauReplica *replica, const char *room, gint64 seq, BureauKind kind,
                             const char *id, JsonObject *json, const char *op_id)
{
    if (replica == watched) {
        gint64 n = get_number (applied, room);

        g_assert_cmpint (seq, ==, get_number (begun, room) + n + 1);
        g_hash_table_insert (applied, g_strdup (room), GINT_TO_POINTER (n + 1));
    }
    __real_bureau_replica_apply (replica, room, seq, kind, id, json, op_id);
}

/* Where the rooms stand for @person. (transfer full) */
static GHashTable *
list_seqs (Person *person)
{
    GHashTable *seqs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    GHashTableIter iter;
    BureauFollowed *room;

    g_hash_table_iter_init (&iter, person->client->rooms);
    while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &room))
        g_hash_table_insert (seqs, g_strdup (room->name), GINT_TO_POINTER (room->seq));
    return seqs;
}

static void
begin_watching (Person *person)
{
    begun = list_seqs (person);
    applied = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    watched = person->client->replica;
}

static void
end_watching (void)
{
    watched = NULL;
    g_clear_pointer (&begun, g_hash_table_unref);
    g_clear_pointer (&applied, g_hash_table_unref);
}

static gint64
count_applied (void)
{
    GHashTableIter iter;
    gpointer n;
    gint64 sum = 0;

    g_hash_table_iter_init (&iter, applied);
    while (g_hash_table_iter_next (&iter, NULL, &n))
        sum += GPOINTER_TO_INT (n);
    return sum;
}

/* ------------------------------------------------------------------ ten minutes */

static void
work (Person *ben, guint slice)
{
    char *last = NULL;

    for (guint i = 0; i < TASKS; i++) {
        g_autofree char *title = g_strdup_printf ("Task %u of %u", i, slice);

        g_free (last);
        last = give_task (ben, title);
    }
    for (guint i = 0; i < MOVES; i++)
        g_free (give (ben, BUREAU_COMMAND_TASK_MOVE, "'id': '%s', 'status': '%s', 'after': null",
                      last, i % 2 == 0 ? "in_progress" : "todo"));
    g_free (give (ben, BUREAU_COMMAND_TIMER_START, "'taskId': '%s'", last));
    g_free (give (ben, BUREAU_COMMAND_TIMER_STOP, "%s", ""));
    g_free (last);
    WAIT_UNTIL (bureau_outbox_peek (ben->client->outbox) == NULL);
}

/* The hub, woken by the question, also asks whether Ben is still there; it does not mind if that is
 * answered only the next time. */
static void
let_time_pass (Person *ben, gint64 milliseconds)
{
    g_autoptr (GError) error = NULL;

    test_clock_skip (milliseconds);
    ask (ben, BUREAU_COMMAND_OFFICE_DESCRIBE, &error);
    g_assert_no_error (error);
}

/* Until Ana's client tries again by itself. */
static void
await_attempt (Person *ana, Person *ben)
{
    gint64 next;

    while ((next = bureau_client_get_next_attempt (ana->client)) > 0)
        let_time_pass (ben, CLAMP ((next - g_get_monotonic_time ()) / 1000 + 1, 1, SLICE_MS));
}

static guint
count_titled (Person *person, const char *start)
{
    GListModel *tasks = bureau_client_get_tasks (person->client);
    guint n = 0;

    for (guint i = 0; i < g_list_model_get_n_items (tasks); i++) {
        g_autoptr (BureauTask) task = g_list_model_get_item (tasks, i);

        n += g_str_has_prefix (bureau_task_get_title (task), start);
    }
    return n;
}

static gboolean
is_live_by (Person *person, BureauTransport transport)
{
    return is_live (person) && bureau_client_get_transport (person->client) == transport;
}

static void
on_caught_up_cb (BureauClient *client, guint n_changes, gint64 since, char **task_ids, guint *told)
{
    *told += n_changes;
}

static void
on_behind_cb (BureauClient *client, GParamSpec *pspec, guint *most)
{
    *most = MAX (*most, bureau_client_get_behind (client));
}

/* Where each of them has what the other has. */
static gboolean
are_level (Person *ana, Person *ben)
{
    g_autofree char *project = g_strconcat ("project:", get_first_project (ben), NULL);
    g_autofree char *time = g_strconcat ("time:", ben->account->workspace_id, NULL);
    g_autoptr (GHashTable) hers = list_seqs (ana);
    g_autoptr (GHashTable) his = list_seqs (ben);

    return get_number (hers, project) == get_number (his, project) &&
           get_number (hers, time) == get_number (his, time);
}

typedef struct {
    BureauTransport transport;
    ProxyPass pass;
} Way;

static void
test_ten_minutes (gconstpointer data)
{
    const Way *way = data;
    Office *office = office_new ();
    Proxy *proxy = proxy_new (office->base_uri, PROXY_ALL, PROXY_CUTS);
    Person *ana = person_new_owner (office), *ben;
    guint told = 0, most = 0, happened;

    person_start_live (ana);
    ben = person_new_invited (ana, "Ben");
    person_stop (ana);
    g_free (ana->account->base_uri);
    ana->account->base_uri = g_strdup (proxy->uri);
    person_start_live (ana);
    person_start_live (ben);
    WAIT_UNTIL (are_level (ana, ben));
    g_signal_connect (ana->client, "caught-up", G_CALLBACK (on_caught_up_cb), &told);
    g_signal_connect (ana->client, "notify::behind", G_CALLBACK (on_behind_cb), &most);

    happened = ana->happened->len;
    begin_watching (ana);
    proxy_let (proxy, PROXY_NOTHING);
    WAIT_UNTIL (!is_live (ana));
    for (guint i = 0; i < OWN_TASKS; i++)
        g_free (give_task (ana, "Own"));
    WAIT_UNTIL (bureau_client_get_waiting (ana->client) == OWN_TASKS);
    for (guint slice = 0; slice < SLICES; slice++) {
        work (ben, slice);
        let_time_pass (ben, SLICE_MS);
    }
    g_assert_cmpint (bureau_client_get_state (ana->client), ==, BUREAU_CLIENT_OFFLINE);
    g_assert_cmpuint (bureau_client_get_waiting (ana->client), ==, OWN_TASKS);
    g_assert_cmpint (count_applied (), ==, 0);

    /* By itself, at its next try. */
    WAIT_UNTIL (bureau_client_get_next_attempt (ana->client) > 0);
    proxy->pass = way->pass;
    await_attempt (ana, ben);
    WAIT_UNTIL (is_live_by (ana, way->transport));
    WAIT_UNTIL (bureau_outbox_peek (ana->client->outbox) == NULL);
    WAIT_UNTIL (count_titled (ben, "Own") == OWN_TASKS && are_level (ana, ben));
    g_assert_true (is_live_by (ana, way->transport));
    g_assert_cmpuint (told, ==, N_EVENTS);
    /* A live hub says how many are to come only if they are more than a page. */
    if (way->transport == BUREAU_TRANSPORT_REST)
        g_assert_cmpuint (most, ==, N_EVENTS);
    g_assert_cmpint (count_applied (), ==, N_EVENTS + OWN_TASKS);
    g_assert_cmpuint (ana->happened->len, ==, happened);
    g_assert_cmpuint (count_titled (ana, "Task"), ==, SLICES * TASKS);
    g_assert_cmpuint (count_titled (ana, "Own"), ==, OWN_TASKS);
    g_assert_cmpuint (ana->refused->len + ben->refused->len, ==, 0);

    end_watching ();
    g_signal_handlers_disconnect_by_data (ana->client, &told);
    g_signal_handlers_disconnect_by_data (ana->client, &most);
    person_free (ana);
    person_free (ben);
    proxy_free (proxy);
    office_free (office);
}

int
main (int argc, char **argv)
{
    static const Way WEBSOCKET = { BUREAU_TRANSPORT_WEBSOCKET, PROXY_WEBSOCKET };
    static const Way POLLING = { BUREAU_TRANSPORT_POLLING, PROXY_POLLING };
    static const Way REST = { BUREAU_TRANSPORT_REST, PROXY_REST };

    g_test_init (&argc, &argv, NULL);
    g_test_add_data_func ("/cut-off/websocket", &WEBSOCKET, test_ten_minutes);
    g_test_add_data_func ("/cut-off/polling", &POLLING, test_ten_minutes);
    g_test_add_data_func ("/cut-off/rest", &REST, test_ten_minutes);
    return g_test_run ();
}
