/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What happens to the hub. */

#include "world.h"

#include "bureau-backup.h"
#include "bureau-restore.h"
#include "test-directory.h"

static BureauSettings
get_settings (void)
{
    BureauSettings settings = bureau_settings_get_default ();

    /* Many people do in seconds here what would take them days. */
    settings.server.without_uring = TRUE;
    settings.server.any_host = TRUE;
    settings.refreshes_per_minute = settings.refreshes_at_once = 10000;
    settings.projects_per_hour = 10000;
    return settings;
}

void
world_start_hub (World *world)
{
    BureauSettings settings = get_settings ();
    g_autoptr (GError) error = NULL;
    g_autofree char *uri = NULL;

    if (world->authority)
        return;
    world_tell (world, "hub starts");
    world->authority = bureau_authority_open (world->hub_directory, &settings, &error);
    if (world->authority)
        uri = bureau_authority_listen (world->authority, "127.0.0.1:0", FALSE, &error);
    if (!uri) {
        world_fail (world, "the hub does not start: %s", error->message);
        return;
    }
    for (guint i = 0; i < world->n_people; i++) {
        /* It may know nothing of what was done before it was lost, or put back. */
        sim_relay_allow_all (world->people[i].relay);
        sim_relay_set_hub (world->people[i].relay, bureau_authority_get_port (world->authority));
    }
    world_check_hub (world);
}

static void
disconnect_all (World *world)
{
    for (guint i = 0; i < world->n_people; i++) {
        sim_relay_set_hub (world->people[i].relay, 0);
        sim_relay_cut (world->people[i].relay);
    }
}

void
world_stop_hub (World *world)
{
    if (!world->authority)
        return;
    world_tell (world, "hub stops");
    g_clear_pointer (&world->authority, bureau_authority_close);
    for (guint i = 0; i < world->n_people; i++)
        sim_relay_set_hub (world->people[i].relay, 0);
}

/* Takes @directory for that of the hub, in the place of the one it has had. */
static void
move_to (World *world, char *directory)
{
    g_autofree char *old = g_steal_pointer (&world->hub_directory);

    crash_vfs_forget (old);
    directory_remove (old);
    world->hub_directory = directory;
    world->hub_life++;
}

void
world_lose_hub (World *world, char *directory)
{
    world_tell (world, "hub is lost");
    disconnect_all (world);
    g_clear_pointer (&world->authority, bureau_authority_close);
    crash_vfs_set_failure (NULL, 0, 0);
    move_to (world, directory);
}

/* ------------------------------------------------------------------ its file */

static void
note_done (World *world, WorldPerson *person)
{
    GHashTableIter iter;
    gpointer op;

    world_observe (person);
    g_hash_table_iter_init (&iter, person->ops);
    while (g_hash_table_iter_next (&iter, NULL, &op)) {
        if (((Op *) op)->state == OP_DONE && !((Op *) op)->waived)
            g_hash_table_add (world->in_backup, g_strdup (((Op *) op)->id));
    }
}

/* What is done by now is in the copy that has just been made. */
static void
note_all_done (World *world)
{
    g_hash_table_remove_all (world->in_backup);
    for (guint i = 0; i < world->n_people; i++)
        note_done (world, &world->people[i]);
}

void
world_back_up (World *world)
{
    g_autofree char *to = g_strdup_printf ("%s/backup%u", world->directory, world->n_backups++);
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) about = NULL;

    world_tell (world, "backup");
    about = bureau_backup_make (world->hub_directory, to, g_get_real_time () / 1000, NULL, &error);
    if (!about) {
        world_fail (world, "no backup can be made: %s", error->message);
        return;
    }
    g_free (world->backup);
    world->backup = g_steal_pointer (&to);
    note_all_done (world);
}

static void
waive (World *world, WorldPerson *person)
{
    GHashTableIter iter;
    gpointer op;

    world_observe (person);
    g_hash_table_iter_init (&iter, person->ops);
    while (g_hash_table_iter_next (&iter, NULL, &op))
        ((Op *) op)->waived = ((Op *) op)->state == OP_DONE &&
                              !g_hash_table_contains (world->in_backup, ((Op *) op)->id);
}

void
world_restore (World *world)
{
    g_autofree char *aside = NULL;
    g_autoptr (JsonObject) about = NULL;
    g_autoptr (GError) error = NULL;
    char *directory;

    if (!world->backup)
        return;
    world_stop_hub (world);
    world_tell (world, "restore");
    directory = g_strdup_printf ("%s/restored%u", world->directory, world->hub_life);
    crash_vfs_write_image (world->hub_directory, directory, CRASH_WRITTEN, world->chance);
    about = bureau_restore (directory, world->backup, g_get_real_time () / 1000, &aside, &error);
    if (!about)
        world_fail (world, "the backup can't be put back: %s", error->message);
    /* It has come to its names by being renamed. */
    crash_vfs_forget (directory);
    move_to (world, directory);
    for (guint i = 0; i < world->n_people; i++)
        waive (world, &world->people[i]);
}

void
world_copy_hub (World *world)
{
    world_stop_hub (world);
    world_tell (world, "copy");
    crash_vfs_write_image (world->hub_directory, world->copy, CRASH_WRITTEN, world->chance);
    note_all_done (world);
}

void
world_put_back (World *world)
{
    world_stop_hub (world);
    world_tell (world, "the copy is put back");
    move_to (world, g_steal_pointer (&world->copy));
    for (guint i = 0; i < world->n_people; i++)
        waive (world, &world->people[i]);
}

void
world_prune (World *world, guint kept)
{
    BureauSettings *settings = &world->authority->settings;

    world_tell (world, "prune, all but %u", kept);
    settings->log_days = 0;
    settings->log_events = kept;
    bureau_prune_begin (world->authority->prune);
}
