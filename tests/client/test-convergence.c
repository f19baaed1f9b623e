/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Three people do as they like, some without a connection, over a hub that comes and goes: in the
 * end all of them see the same (sync.md, Everyone converges). */

#include "fixture.h"

#include "bureau-json.h"

#define N_STEPS 400

typedef struct {
    Office *office;
    Person *people[3];
} World;

static BureauTask *
choose_task (Person *person)
{
    GListModel *tasks = bureau_client_get_tasks (person->client);
    guint n = g_list_model_get_n_items (tasks);
    g_autoptr (BureauTask) task = NULL;

    if (n > 0)
        task = g_list_model_get_item (tasks, g_test_rand_int_range (0, n));
    return task;
}

static BureauProject *
choose_project (Person *person)
{
    GListModel *projects = bureau_client_get_projects (person->client);
    g_autoptr (BureauProject) project = g_list_model_get_item (
        projects, g_test_rand_int_range (0, g_list_model_get_n_items (projects)));

    return project;
}

static void
change_task (Person *person, int step)
{
    static const char *const STATUSES[] = { "todo", "in_progress", "review", "done" };
    BureauTask *task = choose_task (person);
    BureauTask *other = choose_task (person);
    const char *status = STATUSES[g_test_rand_int_range (0, 4)];
    const char *id;

    if (!task)
        return;
    id = bureau_task_get_id (task);
    switch (g_test_rand_int_range (0, 6)) {
    case 0:
        g_free (give (person, BUREAU_COMMAND_TASK_DELETE, "'id': '%s'", id));
        break;
    case 1:
        g_free (give (person, BUREAU_COMMAND_TASK_MOVE, "'id': '%s', 'status': '%s'", id, status));
        break;
    case 2:
        g_free (give (person, BUREAU_COMMAND_TASK_MOVE, "'id': '%s', 'status': '%s', 'after': '%s'",
                      id, bureau_status_to_string (bureau_task_get_status (other)),
                      bureau_task_get_id (other)));
        break;
    case 3:
        g_free (give (person, BUREAU_COMMAND_TASK_UPDATE,
                      "'id': '%s', 'priority': %d, 'dueAt': null, 'assigneeIds': ['%s']", id,
                      g_test_rand_int_range (1, 5), person->account->user_id));
        break;
    default:
        g_free (
            give (person, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'title': 'step %d'", id, step));
        break;
    }
}

static void
act (Person *person, int step)
{
    switch (g_test_rand_int_range (0, 8)) {
    case 0:
    case 1:
        g_free (give (person, BUREAU_COMMAND_TASK_CREATE, "'projectId': '%s', 'title': 'new %d'",
                      bureau_project_get_id (choose_project (person)), step));
        break;
    case 2:
        if (bureau_client_get_running_entry (person->client) && g_test_rand_bit ())
            g_free (give (person, BUREAU_COMMAND_TIMER_STOP, "%s", ""));
        else
            g_free (give (person, BUREAU_COMMAND_TIMER_START, "'note': 'step %d'", step));
        break;
    case 3:
        if (g_test_rand_int_range (0, 4) == 0)
            g_free (give (person, BUREAU_COMMAND_MEMBER_UPDATE_SELF, "'name': 'Name %d'", step));
        break;
    default:
        change_task (person, step);
        break;
    }
}

static void
disturb (World *world)
{
    Person *person = world->people[g_test_rand_int_range (0, 3)];

    switch (g_test_rand_int_range (0, 30)) {
    case 0:
        if (world->office->hub)
            office_stop (world->office);
        break;
    case 1:
    case 2:
    case 3:
        if (!world->office->hub)
            office_start (world->office);
        break;
    case 4:
        person_stop (person);
        person_start (person);
        break;
    case 5:
    case 6:
        bureau_client_reconnect (person->client);
        break;
    case 7:
        if (is_live (person))
            WAIT_UNTIL (bureau_client_get_waiting (person->client) == 0 || !is_live (person));
        break;
    default:
        while (g_test_rand_bit ())
            g_main_context_iteration (NULL, FALSE);
        break;
    }
}

static guint
count_pending (Person *person)
{
    GListModel *tasks = bureau_client_get_tasks (person->client);
    guint n = 0;

    for (guint i = 0; i < g_list_model_get_n_items (tasks); i++) {
        g_autoptr (BureauTask) task = g_list_model_get_item (tasks, i);

        n += bureau_task_get_pending (task);
    }
    return n;
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
    return g_strcmp0 (*(char *const *) a, *(char *const *) b);
}

/* All that the models show, in one order. */
static char *
dump (Person *person)
{
    GListModel *models[] = { bureau_client_get_tasks (person->client),
                             bureau_client_get_members (person->client),
                             bureau_client_get_projects (person->client) };
    g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

    for (guint m = 0; m < G_N_ELEMENTS (models); m++) {
        for (guint i = 0; i < g_list_model_get_n_items (models[m]); i++) {
            g_autoptr (GObject) item = g_list_model_get_item (models[m], i);
            g_autoptr (JsonObject) json = NULL;

            if (BUREAU_IS_TASK (item))
                json = bureau_task_to_json (BUREAU_TASK (item));
            else if (BUREAU_IS_MEMBER (item))
                json = bureau_member_to_json (BUREAU_MEMBER (item));
            else
                json = bureau_project_to_json (BUREAU_PROJECT (item));
            g_ptr_array_add (lines, bureau_json_object_to_string (json));
        }
    }
    g_ptr_array_sort (lines, compare_lines);
    g_ptr_array_add (lines, NULL);
    return g_strjoinv ("\n", (char **) lines->pdata);
}

static gboolean
are_equal (World *world)
{
    g_autofree char *first = dump (world->people[0]);

    for (guint i = 0; i < 3; i++) {
        Person *person = world->people[i];
        g_autofree char *other = dump (person);

        if (!is_live (person) || bureau_client_get_waiting (person->client) > 0 ||
            count_pending (person) > 0 || !g_str_equal (first, other))
            return FALSE;
        for (guint j = 0; j < 3; j++) {
            const char *id = world->people[j]->account->user_id;
            BureauTimeEntry *a = bureau_client_find_timer (world->people[0]->client, id);
            BureauTimeEntry *b = bureau_client_find_timer (person->client, id);

            if ((a == NULL) != (b == NULL) ||
                (a && g_strcmp0 (bureau_time_entry_get_id (a), bureau_time_entry_get_id (b)) != 0))
                return FALSE;
        }
    }
    return TRUE;
}

/* What is on disk is what is shown. */
static void
assert_same_on_disk (World *world)
{
    for (guint i = 0; i < 3; i++) {
        g_autofree char *before = dump (world->people[i]);
        g_autofree char *after = NULL;

        person_stop (world->people[i]);
        person_start (world->people[i]);
        after = dump (world->people[i]);
        g_assert_cmpstr (after, ==, before);
    }
}

static void
test_converges (void)
{
    World world = { .office = office_new () };

    world.people[0] = person_new_owner (world.office);
    person_start_live (world.people[0]);
    world.people[1] = person_new_invited (world.people[0], "Ben");
    world.people[2] = person_new_invited (world.people[0], "Cleo");
    person_start_live (world.people[1]);
    person_start_live (world.people[2]);

    g_free (give (world.people[0], BUREAU_COMMAND_PROJECT_CREATE,
                  "'name': 'Second', 'memberIds': ['%s', '%s']", world.people[1]->account->user_id,
                  world.people[2]->account->user_id));
    for (int step = 0; step < N_STEPS; step++) {
        act (world.people[g_test_rand_int_range (0, 3)], step);
        disturb (&world);
    }
    if (!world.office->hub)
        office_start (world.office);
    for (guint i = 0; i < 3; i++)
        bureau_client_reconnect (world.people[i]->client);
    WAIT_UNTIL (are_equal (&world));
    office_stop (world.office);
    assert_same_on_disk (&world);

    for (guint i = 0; i < 3; i++)
        person_free (world.people[i]);
    office_free (world.office);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/client/converges", test_converges);
    return g_test_run ();
}
