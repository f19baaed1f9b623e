/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The power goes under a hub whenever it syncs, and another starts from what a disk may have kept:
 * nothing that was acknowledged is lost, and what was cut off is done once when it is sent again
 * (reliability.md, G1, G2 and F4). Without the sync at each commit the same images lose, which
 * shows that they bite. BUREAU_IMAGES: all of them, not some. */

#include "bureau-doctor.h"
#include "bureau-json.h"
#include "bureau-store-private.h"
#include "crash-vfs.h"
#include "test-directory.h"
#include "test-office.h"

#define N_MUTATIONS 2000
#define MAX_TURN    8
/* The hub is idle now and then, and carries the WAL over. */
#define TURNS_PER_PAUSE 40
/* Without BUREAU_IMAGES, one sync of so many is looked at; a prime, so as not to meet always the
 * same one of a checkpoint's. */
#define STRIDE 13

/* A command as it was sent, and as it will be sent again. */
typedef struct {
    const char *command;
    char *params;       /* (owned) */
    JsonObject *answer; /* (owned) (nullable): none before its turn is over */
} Mutation;

typedef struct {
    Office office;
    char *room;             /* (owned): the project's */
    GRand *chance;          /* (owned): of what is done */
    GRand *fate;            /* (owned): of what a disk keeps */
    GPtrArray *tasks;       /* (owned): ids (owned) */
    GPtrArray *turn;        /* (owned): Mutation (owned), in the turn that is being stored */
    Mutation *last;         /* (owned) (nullable): acknowledged last */
    GPtrArray *log;         /* (owned): the room's events (owned) that are acknowledged */
    gboolean may_lose;      /* nobody syncs at a commit */
    guint stride, n_chosen; /* one image of each kind whose outcome is chance, or more */
    guint n_syncs, n_images, n_losses, n_whole_turns;
} Power;

static void
mutation_free (gpointer data)
{
    Mutation *mutation = data;

    g_clear_pointer (&mutation->answer, json_object_unref);
    g_free (mutation->params);
    g_free (mutation);
}

/* ------------------------------------------------------------------ what is done */

static const char *
pick_task (Power *power)
{
    return g_ptr_array_index (power->tasks, g_rand_int_range (power->chance, 0, power->tasks->len));
}

static const char *
pick_status (Power *power)
{
    static const char *const statuses[] = { "todo", "in_progress", "review", "done" };

    return statuses[g_rand_int_range (power->chance, 0, G_N_ELEMENTS (statuses))];
}

static Mutation *
mutation_new (const char *command, char *members)
{
    g_autofree char *own = members;
    g_autofree char *op_id = bureau_id_new ();
    Mutation *mutation = g_new0 (Mutation, 1);

    mutation->command = command;
    mutation->params = g_strdup_printf ("{%s,'opId':'%s'}", own, op_id);
    return mutation;
}

static Mutation *
create_task (Power *power)
{
    char *id = bureau_id_new ();
    gboolean is_long = g_rand_int_range (power->chance, 0, 20) == 0;
    g_autofree char *text = g_strnfill (is_long ? 6000 : 60, 'x');

    g_ptr_array_add (power->tasks, id);
    return mutation_new (
        "task:create",
        g_strdup_printf ("'id':'%s','projectId':'%s','title':'Task %u','description':'%s'", id,
                         power->office.project_id, power->tasks->len, text));
}

static Mutation *
delete_task (Power *power)
{
    guint index = g_rand_int_range (power->chance, 0, power->tasks->len);
    char *members = g_strdup_printf ("'id':'%s'", (char *) g_ptr_array_index (power->tasks, index));

    g_ptr_array_remove_index_fast (power->tasks, index);
    return mutation_new ("task:delete", members);
}

static Mutation *
mutate (Power *power)
{
    int choice = power->tasks->len > 0 ? g_rand_int_range (power->chance, 0, 10) : 0;

    if (choice < 4)
        return create_task (power);
    if (choice < 7)
        return mutation_new ("task:update",
                             g_strdup_printf ("'id':'%s','title':'Renamed %u'", pick_task (power),
                                              g_rand_int (power->chance)));
    if (choice < 9)
        return mutation_new ("task:move", g_strdup_printf ("'id':'%s','status':'%s'",
                                                           pick_task (power), pick_status (power)));
    return delete_task (power);
}

/* ------------------------------------------------------------------ what a disk has kept of it */

typedef struct {
    GPtrArray *log; /* what is acknowledged */
    guint n;        /* what is there */
} Reading;

static gboolean
compare_event (const char *name, gint64 seq, const char *payload, gpointer data)
{
    Reading *reading = data;

    g_assert_cmpint (seq, ==, ++reading->n);
    if (seq <= reading->log->len)
        g_assert_cmpstr (payload, ==, g_ptr_array_index (reading->log, seq - 1));
    return TRUE;
}

/* How many of the acknowledged events there are, and of the turn's: all or none. */
static guint
read_log (Power *power, Office *image)
{
    Reading reading = { .log = power->log };
    g_autoptr (GError) error = NULL;

    bureau_store_foreach_event (image->authority->store, power->room, 0, G_MAXINT, compare_event,
                                &reading, &error);
    g_assert_no_error (error);
    if (reading.n > power->log->len)
        g_assert_cmpuint (reading.n, ==, power->log->len + power->turn->len);
    return reading.n;
}

static void
assert_finding (const char *what, gboolean good, const char *text, gpointer data)
{
    if (!good && !g_str_equal (what, "disk"))
        g_error ("%s: %s", what, text);
}

static JsonObject *
send (Office *office, Mutation *mutation)
{
    JsonObject *answer = NULL;

    office_queue (office, office->owner->user_id, mutation->command, &answer, "%s",
                  mutation->params);
    bureau_authority_run_turn (office->authority);
    g_assert_cmpstr (get_code (answer), ==, "ok");
    return answer;
}

static void
assert_same_answer (Office *office, Mutation *mutation)
{
    g_autoptr (JsonObject) again = send (office, mutation);
    g_autofree char *before = bureau_json_object_to_string (mutation->answer);
    g_autofree char *after = bureau_json_object_to_string (again);

    g_assert_cmpstr (after, ==, before);
}

/* As everybody's outbox does: what was not acknowledged, and what was but whose answer was lost. */
static void
send_again (Power *power, Office *image)
{
    if (power->last)
        assert_same_answer (image, power->last);
    for (guint i = 0; i < power->turn->len; i++)
        json_object_unref (send (image, g_ptr_array_index (power->turn, i)));
    g_assert_cmpint (bureau_store_get_head (image->authority->store, power->room, NULL), ==,
                     power->log->len + power->turn->len);
}

/* A hub starts on it. */
static void
examine (Power *power, const char *directory)
{
    Office image = { .owner = power->office.owner };
    g_autoptr (GError) error = NULL;
    guint n_events;

    image.authority = bureau_authority_open (directory, NULL, &error);
    g_assert_no_error (error);
    n_events = read_log (power, &image);
    if (!power->may_lose)
        g_assert_cmpuint (n_events, >=, power->log->len);
    power->n_losses += n_events < power->log->len;
    power->n_whole_turns += n_events > power->log->len;
    if (n_events >= power->log->len)
        send_again (power, &image);
    bureau_doctor_examine (directory, g_get_real_time () / 1000, assert_finding, NULL);
    bureau_authority_close (image.authority);
    power->n_images++;
}

static void
examine_image (Power *power, CrashImage image)
{
    g_autofree char *directory = directory_new ();

    directory_remove (directory);
    crash_vfs_write_image (power->office.directory, directory, image, power->fate);
    examine (power, directory);
    crash_vfs_forget (directory);
    directory_remove (directory);
}

static void
on_moment_cb (CrashMoment moment, const char *path, gpointer data)
{
    Power *power = data;

    if (moment != CRASH_AT_SYNC || !g_str_has_prefix (path, power->office.directory) ||
        power->n_syncs++ % power->stride != 0)
        return;
    examine_image (power, CRASH_SYNCED);
    examine_image (power, CRASH_WRITTEN);
    for (guint i = 0; i < power->n_chosen; i++) {
        examine_image (power, CRASH_SOME);
        examine_image (power, CRASH_TORN);
    }
}

/* ------------------------------------------------------------------ the hub */

static gboolean
keep_event (const char *name, gint64 seq, const char *payload, gpointer data)
{
    g_ptr_array_add (data, g_strdup (payload));
    return TRUE;
}

/* What the turn did is acknowledged. */
static void
keep_turn (Power *power)
{
    guint n_events = power->log->len;

    bureau_store_foreach_event (power->office.authority->store, power->room, n_events, G_MAXINT,
                                keep_event, power->log, NULL);
    g_assert_cmpuint (power->log->len, ==, n_events + power->turn->len);
    g_clear_pointer (&power->last, mutation_free);
    power->last = g_ptr_array_steal_index (power->turn, power->turn->len - 1);
    g_ptr_array_set_size (power->turn, 0);
}

static void
run_turn (Power *power)
{
    int n = g_rand_int_range (power->chance, 1, MAX_TURN + 1);

    for (int i = 0; i < n; i++) {
        Mutation *mutation = mutate (power);

        g_ptr_array_add (power->turn, mutation);
        office_queue (&power->office, power->office.owner->user_id, mutation->command,
                      &mutation->answer, "%s", mutation->params);
    }
    bureau_authority_run_turn (power->office.authority);
    for (int i = 0; i < n; i++) {
        Mutation *mutation = g_ptr_array_index (power->turn, i);

        g_assert_cmpstr (get_code (mutation->answer), ==, "ok");
    }
    keep_turn (power);
    /* A checkpoint, if one is due. */
    while (g_main_context_iteration (NULL, FALSE))
        ;
}

static void
set_up (Power *power, gconstpointer data)
{
    gboolean all = g_getenv ("BUREAU_IMAGES") != NULL;

    crash_vfs_install ();
    office_set_up (&power->office, data);
    /* A daily backup would be another thread's, in the middle of a turn. */
    g_clear_pointer (&power->office.authority->upkeep, bureau_upkeep_free);
    power->room = g_strconcat ("project:", power->office.project_id, NULL);
    power->chance = g_rand_new_with_seed (g_test_rand_int ());
    power->fate = g_rand_new_with_seed (g_test_rand_int ());
    power->tasks = g_ptr_array_new_with_free_func (g_free);
    power->turn = g_ptr_array_new_with_free_func (mutation_free);
    power->log = g_ptr_array_new_with_free_func (g_free);
    power->stride = all ? 1 : STRIDE;
    power->n_chosen = all ? 3 : 1;
    bureau_store_foreach_event (power->office.authority->store, power->room, 0, G_MAXINT,
                                keep_event, power->log, NULL);
    crash_vfs_set_hook (on_moment_cb, power);
}

static void
tear_down (Power *power, gconstpointer data)
{
    crash_vfs_set_hook (NULL, NULL);
    office_tear_down (&power->office, data);
    crash_vfs_remove ();
    g_clear_pointer (&power->last, mutation_free);
    g_ptr_array_unref (power->log);
    g_ptr_array_unref (power->turn);
    g_ptr_array_unref (power->tasks);
    g_rand_free (power->chance);
    g_rand_free (power->fate);
    g_free (power->room);
}

static void
run (Power *power)
{
    guint begun = power->log->len;

    for (guint i = 1; power->log->len < begun + N_MUTATIONS; i++) {
        run_turn (power);
        if (i % TURNS_PER_PAUSE == 0)
            bureau_store_checkpoint (power->office.authority->store);
    }
    g_test_message ("%u mutations, %u syncs, %u images; %u with the turn that was cut off, %u lost",
                    power->log->len - begun, power->n_syncs, power->n_images, power->n_whole_turns,
                    power->n_losses);
}

static void
test_full (Power *power, gconstpointer data)
{
    run (power);
    g_assert_cmpuint (power->n_images, >, 100);
    g_assert_cmpuint (power->n_whole_turns, >, 0);
    g_assert_cmpuint (power->n_losses, ==, 0);
}

/* Nothing is damaged by it, nor out of order. */
static void
test_normal (Power *power, gconstpointer data)
{
    g_autoptr (GError) error = NULL;

    power->may_lose = TRUE;
    bureau_sql_execute (power->office.authority->store->sql, "PRAGMA synchronous = NORMAL", &error);
    g_assert_no_error (error);
    run (power);
    g_assert_cmpuint (power->n_losses, >, 0);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add ("/crash-images/full", Power, NULL, set_up, test_full, tear_down);
    g_test_add ("/crash-images/normal", Power, NULL, set_up, test_normal, tear_down);
    return g_test_run ();
}
