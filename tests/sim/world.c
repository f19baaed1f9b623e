/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "world.h"

#include <stdarg.h>

#include <glib/gstdio.h>

#include "bureau-instant.h"
#include "bureau-people.h"
#include "bureau-sessions.h"
#include "bureau-json.h"
#include "sim-chance.h"
#include "sim-time.h"
#include "sim-workers.h"
#include "test-directory.h"

/* Beside the office's directory: who is in it. */
#define TEMPLATE_NAMES "-names"

/* ------------------------------------------------------------------ the template */

static char *
find_project (BureauAuthority *authority, const char *user_id)
{
    g_auto (GStrv) projects = bureau_store_list_visible_projects (authority->store, user_id, NULL);

    g_assert_nonnull (projects[0]);
    return g_strdup (projects[0]);
}

static void
add_person (WorldTemplate *template, BureauAuthority *authority, guint i, BureauRole role)
{
    static const char *const NAMES[] = { "Ana", "Ben", "Cleo", "Dan", "Eva", "Finn" };
    gint64 now = bureau_authority_now (authority);
    g_autofree char *session_id = bureau_id_new ();
    g_autoptr (GError) error = NULL;

    template->user_ids[i] = bureau_id_new ();
    g_assert_true (bureau_people_add (authority->store, template->user_ids[i], NAMES[i],
                                      template->workspace_id, role, FALSE, now, &error) &&
                   bureau_store_add_project_member (authority->store, template->project_id,
                                                    template->user_ids[i], &error) &&
                   bureau_session_add (authority->store, authority->refresh_key, session_id,
                                       template->user_ids[i], "Desk", now,
                                       &template->refresh_tokens[i], &error));
}

static void
save_template (const WorldTemplate *template)
{
    g_autofree char *path = g_strconcat (template->directory, TEMPLATE_NAMES, NULL);
    g_autoptr (GKeyFile) file = g_key_file_new ();

    g_key_file_set_string (file, "office", "workspace", template->workspace_id);
    g_key_file_set_string (file, "office", "project", template->project_id);
    for (guint i = 0; i < WORLD_MAX_PEOPLE; i++) {
        g_autofree char *group = g_strdup_printf ("%u", i);

        g_key_file_set_string (file, group, "user", template->user_ids[i]);
        g_key_file_set_string (file, group, "token", template->refresh_tokens[i]);
    }
    g_assert_true (g_key_file_save_to_file (file, path, NULL));
}

WorldTemplate *
world_template_load (const char *directory)
{
    WorldTemplate *template = g_new0 (WorldTemplate, 1);
    g_autofree char *path = g_strconcat (directory, "/office" TEMPLATE_NAMES, NULL);
    g_autoptr (GKeyFile) file = g_key_file_new ();

    g_assert_true (g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL));
    template->directory = g_build_filename (directory, "office", NULL);
    template->workspace_id = g_key_file_get_string (file, "office", "workspace", NULL);
    template->project_id = g_key_file_get_string (file, "office", "project", NULL);
    for (guint i = 0; i < WORLD_MAX_PEOPLE; i++) {
        g_autofree char *group = g_strdup_printf ("%u", i);

        template->user_ids[i] = g_key_file_get_string (file, group, "user", NULL);
        template->refresh_tokens[i] = g_key_file_get_string (file, group, "token", NULL);
    }
    return template;
}

void
world_template_free (WorldTemplate *template)
{
    g_free (template->directory);
    g_free (template->workspace_id);
    g_free (template->project_id);
    for (guint i = 0; i < WORLD_MAX_PEOPLE; i++) {
        g_free (template->user_ids[i]);
        g_free (template->refresh_tokens[i]);
    }
    g_free (template);
}

void
world_template_make (const char *directory)
{
    g_autoptr (WorldTemplate) template = g_new0 (WorldTemplate, 1);
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauHubOwner) owner = NULL;
    g_autoptr (BureauAuthority) authority = NULL;

    sim_chance_begin (1);
    sim_time_begin ();
    template->directory = g_build_filename (directory, "office", NULL);
    owner = bureau_hub_create_office (template->directory, "Studio Nord", "Ana", "Desk",
                                      "First project", NULL, &error);
    g_assert_no_error (error);
    template->workspace_id = g_strdup (owner->workspace_id);
    template->user_ids[0] = g_strdup (owner->user_id);
    template->refresh_tokens[0] = g_strdup (owner->refresh_token);
    authority = bureau_authority_open (template->directory, NULL, &error);
    g_assert_no_error (error);
    template->project_id = find_project (authority, owner->user_id);
    g_assert_true (bureau_store_begin (authority->store, NULL));
    for (guint i = 1; i < WORLD_MAX_PEOPLE; i++)
        add_person (template, authority, i,
                    i == 1                      ? BUREAU_ROLE_MANAGER
                    : i == WORLD_MAX_PEOPLE - 1 ? BUREAU_ROLE_GUEST
                                                : BUREAU_ROLE_MEMBER);
    g_assert_true (bureau_store_commit (authority->store, NULL));
    save_template (template);
}

/* ------------------------------------------------------------------ crashes */

static void
on_moment_cb (CrashMoment moment, const char *path, gpointer data)
{
    World *world = data;
    WorldCrash *crash = &world->crash;

    if (!crash->directory || crash->happened || !g_str_has_prefix (path, crash->directory) ||
        --crash->moments > 0)
        return;
    crash_vfs_write_image (crash->directory, crash->target, crash->image, world->chance);
    crash->happened = TRUE;
    sim_relay_freeze_all (TRUE);
}

void
world_plan_crash (World *world, const char *directory, CrashImage image, guint moments)
{
    WorldCrash *crash = &world->crash;

    g_assert_null (crash->directory);
    crash->directory = g_strdup (directory);
    crash->target = g_strconcat (directory, "+", NULL);
    crash->image = image;
    crash->moments = moments;
    crash->happened = FALSE;
}

/* Whoever it was goes on with what is left. */
static void
carry_out_crash (World *world)
{
    WorldCrash *crash = &world->crash;
    g_autofree char *directory = g_steal_pointer (&crash->directory);

    crash->happened = FALSE;
    sim_relay_freeze_all (FALSE);
    if (g_str_equal (directory, world->hub_directory)) {
        world_lose_hub (world, g_steal_pointer (&crash->target));
        return;
    }
    for (guint i = 0; i < world->n_people; i++) {
        if (g_str_equal (directory, world->people[i].directory)) {
            world_lose_person (&world->people[i], g_steal_pointer (&crash->target));
            return;
        }
    }
    g_assert_not_reached ();
}

void
world_crash_now (World *world)
{
    WorldCrash *crash = &world->crash;

    if (!crash->directory)
        return;
    if (!crash->happened)
        crash_vfs_write_image (crash->directory, crash->target, crash->image, world->chance);
    carry_out_crash (world);
}

/* ------------------------------------------------------------------ time */

void
world_tell (World *world, const char *format, ...)
{
    va_list args;

    va_start (args, format);
    g_string_append_printf (world->story, "%" G_GINT64_FORMAT " ", g_get_monotonic_time () / 1000);
    g_string_append_vprintf (world->story, format, args);
    g_string_append_c (world->story, '\n');
    va_end (args);
}

void
world_fail (World *world, const char *format, ...)
{
    va_list args;

    if (world->failure)
        return;
    va_start (args, format);
    world->failure = g_strdup_vprintf (format, args);
    va_end (args);
    world_tell (world, "FAILURE: %s", world->failure);
}

/* One turn of the loop. Before it the replicas' threads are through, and a crash that has come in
 * the last one is carried out. */
static void
turn (World *world)
{
    sim_workers_settle ();
    if (world->crash.happened)
        carry_out_crash (world);
    for (guint i = 0; i < world->n_people; i++)
        world_observe (&world->people[i]);
    g_main_context_iteration (NULL, TRUE);
}

static gboolean
on_over_cb (gpointer data)
{
    *(gboolean *) data = TRUE;
    return G_SOURCE_REMOVE;
}

void
world_run (World *world, gint64 milliseconds)
{
    gboolean over = FALSE;
    /* After everybody else whose time has come. */
    guint source = g_timeout_add_full (G_PRIORITY_LOW, milliseconds, on_over_cb, &over, NULL);

    while (!over && !world->failure)
        turn (world);
    if (!over)
        g_source_remove (source);
}

/* ------------------------------------------------------------------ life */

static void
copy_tree (const char *from, const char *to)
{
    g_autoptr (GRand) chance = g_rand_new_with_seed (0);

    crash_vfs_write_image (from, to, CRASH_WRITTEN, chance);
}

static void
on_heard (gpointer data, const char *text)
{
    WorldPerson *person = data;

    world_fail (person->world, "%u hears of a room that they are out of: %s", person->index, text);
}

static void
on_storm (gpointer data)
{
    WorldPerson *person = data;

    world_fail (person->world, "%u's program connects again and again", person->index);
}

static void
add_account (World *world, guint index)
{
    const WorldTemplate *template = world->template;
    WorldPerson *person = &world->people[index];
    BureauAccount *account = g_new0 (BureauAccount, 1);

    person->world = world;
    person->index = index;
    person->directory = g_strdup_printf ("%s/person%u", world->directory, index);
    person->ops = world_new_ops ();
    person->relay = sim_relay_new (world->chance, on_heard, on_storm, person);
    person->refresh_token = g_strdup (template->refresh_tokens[index]);
    account->base_uri = g_strdup_printf ("http://127.0.0.1:%u", sim_relay_get_port (person->relay));
    account->pin = g_strdup ("");
    account->workspace_id = g_strdup (template->workspace_id);
    account->office_name = g_strdup ("Studio Nord");
    account->user_id = g_strdup (template->user_ids[index]);
    account->user_name = g_strdup ("Somebody");
    account->device_id = bureau_id_new ();
    person->account = account;
    world->n_people++;
}

World *
world_new (const WorldTemplate *template, const char *directory, guint32 seed)
{
    World *world = g_new0 (World, 1);

    sim_chance_begin (seed);
    sim_time_begin ();
    world->template = template;
    world->chance = g_rand_new_with_seed (seed);
    world->directory = g_strdup (directory);
    world->hub_directory = g_build_filename (directory, "hub", NULL);
    world->copy = g_build_filename (directory, "copy", NULL);
    world->is_set_back = g_rand_int_range (world->chance, 0, 4) == 0;
    world->story = g_string_new (NULL);
    world->in_backup = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    copy_tree (template->directory, world->hub_directory);
    crash_vfs_set_hook (on_moment_cb, world);
    for (guint i = 0, n = g_rand_int_range (world->chance, 2, WORLD_MAX_PEOPLE + 1); i < n; i++)
        add_account (world, i);
    world_watch (world);
    world_start_hub (world);
    for (guint i = 0; i < world->n_people; i++)
        world_start_person (&world->people[i]);
    return world;
}

void
world_free (World *world)
{
    for (guint i = 0; i < world->n_people; i++) {
        WorldPerson *person = &world->people[i];

        if (person->client)
            world_stop_person (person);
        sim_relay_free (person->relay);
        g_free (person->directory);
        g_free (person->refresh_token);
        bureau_account_free (person->account);
        g_hash_table_unref (person->ops);
    }
    g_clear_pointer (&world->authority, bureau_authority_close);
    world_watch (NULL);
    crash_vfs_set_failure (NULL, 0, 0);
    crash_vfs_set_hook (NULL, NULL);
    sim_relay_freeze_all (FALSE);
    crash_vfs_forget (world->directory);
    g_free (world->crash.directory);
    g_free (world->crash.target);
    g_free (world->backup);
    g_free (world->copy);
    g_hash_table_unref (world->in_backup);
    g_free (world->hub_directory);
    g_free (world->directory);
    g_rand_free (world->chance);
    g_string_free (world->story, TRUE);
    g_free (world->failure);
    g_free (world);
}
