/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* One step: what one person does, or what comes between. All of it is drawn from the step's own
 * seed, so that a step is the same one where others are left out. */

#include "world.h"

#include <sqlite3.h>

#include "sim-time.h"

typedef struct {
    World *world;
    WorldPerson *person;
    GRand *draw;
    guint32 number;
} Step;

static gint32
draw (Step *step, gint32 end)
{
    return g_rand_int_range (step->draw, 0, end);
}

/* ------------------------------------------------------------------ what people do */

static int
compare_ids (gconstpointer a, gconstpointer b)
{
    g_autofree char *id = NULL, *other = NULL;

    g_object_get (*(GObject *const *) a, "id", &id, NULL);
    g_object_get (*(GObject *const *) b, "id", &other, NULL);
    return g_strcmp0 (id, other);
}

/* A model is in no order that could be drawn from. (nullable) (transfer none) */
static gpointer
choose (Step *step, GListModel *model)
{
    g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_object_unref);
    guint n = g_list_model_get_n_items (model);

    for (guint i = 0; i < n; i++)
        g_ptr_array_add (items, g_list_model_get_item (model, i));
    g_ptr_array_sort (items, compare_ids);
    return n > 0 ? items->pdata[draw (step, n)] : NULL;
}

static const char *
choose_status (Step *step)
{
    static const char *const STATUSES[] = { "todo", "in_progress", "review", "done" };

    return STATUSES[draw (step, G_N_ELEMENTS (STATUSES))];
}

static void
create_task (Step *step)
{
    BureauProject *project = choose (step, bureau_client_get_projects (step->person->client));

    if (project)
        world_give (step->person, BUREAU_COMMAND_TASK_CREATE,
                    "'projectId': '%s', 'title': 'new %x'", bureau_project_get_id (project),
                    step->number);
}

static void
change_task (Step *step)
{
    BureauClient *client = step->person->client;
    BureauTask *task = choose (step, bureau_client_get_tasks (client));
    const char *id = task ? bureau_task_get_id (task) : NULL;

    if (!task)
        return;
    switch (draw (step, 8)) {
    case 0:
        world_give (step->person, BUREAU_COMMAND_TASK_DELETE, "'id': '%s'", id);
        break;
    case 1:
        world_give (step->person, BUREAU_COMMAND_TASK_UNDO_DELETE, "'id': '%s'", id);
        break;
    case 2:
        world_give (step->person, BUREAU_COMMAND_TASK_MOVE, "'id': '%s', 'status': '%s'", id,
                    choose_status (step));
        break;
    case 3:
        world_give (step->person, BUREAU_COMMAND_TASK_UPDATE,
                    "'id': '%s', 'priority': %d, 'assigneeIds': ['%s']", id, 1 + draw (step, 4),
                    step->person->account->user_id);
        break;
    case 4:
        world_give (step->person, BUREAU_COMMAND_TASK_UPDATE,
                    "'id': '%s', 'description': 'one\\ntwo\\n%x'", id, step->number);
        break;
    default:
        world_give (step->person, BUREAU_COMMAND_TASK_UPDATE, "'id': '%s', 'title': 'step %x'", id,
                    step->number);
    }
}

static void
use_timer (Step *step)
{
    BureauClient *client = step->person->client;

    if (bureau_client_get_running_entry (client) && draw (step, 3) > 0)
        world_give (step->person, BUREAU_COMMAND_TIMER_STOP, "%s", "");
    else
        world_give (step->person, BUREAU_COMMAND_TIMER_START, "'note': 'step %x'", step->number);
}

static void
rename_self (Step *step)
{
    world_give (step->person, BUREAU_COMMAND_MEMBER_UPDATE_SELF, "'name': 'Name %x'", step->number);
}

/* Somebody is let into a project, and somebody out of it. */
static void
change_project (Step *step)
{
    World *world = step->world;
    BureauProject *project = choose (step, bureau_client_get_projects (step->person->client));
    g_autoptr (GString) members = g_string_new (NULL);

    if (!project || draw (step, 4) == 0) {
        world_give (step->person, BUREAU_COMMAND_PROJECT_CREATE, "'name': 'Project %x'",
                    step->number);
        return;
    }
    if (draw (step, 4) == 0) {
        world_give (step->person, BUREAU_COMMAND_PROJECT_UPDATE, "'id': '%s', 'name': 'Name %x'",
                    bureau_project_get_id (project), step->number);
        return;
    }
    for (guint i = 0; i < world->n_people; i++) {
        if (i == step->person->index || draw (step, 2))
            g_string_append_printf (members, "%s'%s'", members->len ? ", " : "",
                                    world->people[i].account->user_id);
    }
    world_give (step->person, BUREAU_COMMAND_PROJECT_UPDATE, "'id': '%s', 'memberIds': [%s]",
                bureau_project_get_id (project), members->str);
}

static void
change_role (Step *step)
{
    static const char *const ROLES[] = { "guest", "member", "manager" };
    World *world = step->world;
    guint whose = 1 + draw (step, world->n_people - 1);

    world_give (&world->people[0], BUREAU_COMMAND_MEMBER_SET_ROLE, "'id': '%s', 'role': '%s'",
                world->people[whose].account->user_id, ROLES[draw (step, G_N_ELEMENTS (ROLES))]);
}

static void
act (Step *step)
{
    if (!step->person->client)
        return;
    switch (draw (step, 16)) {
    case 0:
    case 1:
    case 2:
        create_task (step);
        break;
    case 3:
    case 4:
        use_timer (step);
        break;
    case 5:
        rename_self (step);
        break;
    case 6:
        change_project (step);
        break;
    case 7:
        if (step->world->people[0].client)
            change_role (step);
        break;
    default:
        change_task (step);
    }
}

/* ------------------------------------------------------------------ what comes between */

/* Much happens in a project while somebody hears nothing; then they are put out of it, and hear
 * again. */
static void
put_out (Step *step)
{
    World *world = step->world;
    WorldPerson *boss = &world->people[0], *out = &world->people[world->n_people - 1];
    const char *project = world->template->project_id;

    if (!boss->client)
        return;
    world_tell (world, "%u is about to be put out", out->index);
    sim_relay_set_state (out->relay, SIM_RELAY_DEAF);
    for (int i = 0; i < 12; i++)
        world_give (boss, BUREAU_COMMAND_TASK_CREATE, "'projectId': '%s', 'title': 'secret %d'",
                    project, i);
    world_run (world, 50);
    world_give (boss, BUREAU_COMMAND_PROJECT_UPDATE, "'id': '%s', 'memberIds': ['%s']", project,
                boss->account->user_id);
    world_run (world, 50);
    sim_relay_set_state (out->relay, SIM_RELAY_OPEN);
}

static void
disturb_network (Step *step)
{
    SimRelay *relay = step->person->relay;

    switch (draw (step, 6)) {
    case 0:
        world_tell (step->world, "%u is cut", step->person->index);
        sim_relay_cut (relay);
        break;
    case 1:
        world_tell (step->world, "%u hears nothing", step->person->index);
        sim_relay_set_state (relay, SIM_RELAY_DEAF);
        break;
    case 2:
        world_tell (step->world, "%u is turned away", step->person->index);
        sim_relay_set_state (relay, SIM_RELAY_CLOSED);
        break;
    case 3:
        world_tell (step->world, "%u is connected", step->person->index);
        sim_relay_set_state (relay, SIM_RELAY_OPEN);
        if (step->person->client)
            bureau_client_reconnect (step->person->client);
        break;
    default:
        sim_relay_cut_after (relay, draw (step, 3000));
    }
}

static void
disturb_person (Step *step)
{
    WorldPerson *person = step->person;

    if (!person->client) {
        world_start_person (person);
    } else if (draw (step, 3) == 0) {
        world_stop_person (person);
    } else {
        world_tell (step->world, "%u is about to be lost", person->index);
        world_plan_crash (step->world, person->directory, draw (step, CRASH_N_IMAGES),
                          1 + draw (step, 24));
        change_task (step);
        create_task (step);
        world_run (step->world, draw (step, 60));
        world_crash_now (step->world);
    }
}

static void
crash_hub (Step *step)
{
    world_tell (step->world, "hub is about to be lost");
    world_plan_crash (step->world, step->world->hub_directory, draw (step, CRASH_N_IMAGES),
                      1 + draw (step, 24));
    for (int i = draw (step, 4); i > 0; i--)
        act (step);
    world_run (step->world, draw (step, 60));
    world_crash_now (step->world);
}

/* Its disk is full, or answers with errors, for some while. */
static void
fail_hub (Step *step)
{
    static const int RESULTS[] = { SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC };

    world_tell (step->world, "the hub's disk fails");
    crash_vfs_set_failure (step->world->hub_directory, RESULTS[draw (step, G_N_ELEMENTS (RESULTS))],
                           draw (step, 12));
    for (int i = draw (step, 4); i > 0; i--)
        act (step);
    world_run (step->world, draw (step, 400));
    crash_vfs_set_failure (NULL, 0, 0);
}

static void
disturb_hub (Step *step)
{
    World *world = step->world;

    if (!world->authority) {
        world_start_hub (world);
        return;
    }
    switch (draw (step, 8)) {
    case 0:
        world_stop_hub (world);
        break;
    case 1:
        world_back_up (world);
        break;
    case 2:
        world_restore (world);
        world_start_hub (world);
        break;
    case 3:
        world_prune (world, 1 + draw (step, 6));
        break;
    case 4:
        fail_hub (step);
        break;
    default:
        crash_hub (step);
        if (draw (step, 2))
            world_start_hub (world);
    }
}

static void
disturb_time (Step *step)
{
    static const gint64 SLEEPS[] = { 30000, 60000, 11 * 60000, 8 * 3600000 };

    if (draw (step, 2)) {
        gint64 jump = (draw (step, 2) ? 1 : -1) * draw (step, 3600 * 1000);

        world_tell (step->world, "the clock is set, %" G_GINT64_FORMAT, jump);
        sim_time_set_wall (jump);
    } else {
        gint64 sleep = SLEEPS[draw (step, G_N_ELEMENTS (SLEEPS))];

        world_tell (step->world, "all sleep for %" G_GINT64_FORMAT, sleep);
        sim_time_sleep (sleep);
    }
}

void
world_step (World *world, guint32 seed)
{
    g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
    Step step = { .world = world, .draw = rand, .number = seed };
    int kind = draw (&step, 32);

    step.person = &world->people[draw (&step, world->n_people)];
    if (kind < 20)
        act (&step);
    else if (kind < 24)
        disturb_network (&step);
    else if (kind < 27)
        disturb_person (&step);
    else if (kind < 30)
        disturb_hub (&step);
    else if (kind < 31)
        disturb_time (&step);
    else
        put_out (&step);
    world_run (world, draw (&step, 4) == 0 ? draw (&step, 5000) : draw (&step, 40));
}
