/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-live.h"

#include <string.h>

#include "bureau-authority.h"
#include "bureau-error.h"
#include "bureau-json.h"

/* Nobody looks at more at once, and each costs the hub memory and time. */
#define MAX_TASK_ROOMS 64

/* "ID" of a room "KIND:ID"; NULL if it is of another kind. */
static const char *
get_id (const char *room, const char *kind)
{
    gsize length = strlen (kind);

    return strncmp (room, kind, length) == 0 && room[length] == ':' ? room + length + 1 : NULL;
}

void
bureau_live_tell (BureauLive *live, const char *name, JsonObject *fields)
{
    g_autofree char *json = bureau_json_object_to_string (fields);

    bureau_connection_emit (live->connection, name, json, NULL);
}

static void
join_all (BureauPerson *person, const char *room, gint64 seq)
{
    g_autoptr (JsonObject) fields = json_object_new ();

    bureau_json_set_string (fields, "room", room);
    json_object_set_int_member (fields, "seq", seq);
    for (guint i = 0; i < person->lives->len; i++) {
        BureauLive *live = g_ptr_array_index (person->lives, i);

        bureau_server_join (person->table->authority->server, live->connection, room);
        bureau_live_tell (live, BUREAU_EVENT_ROOM_JOINED, fields);
    }
}

void
bureau_live_join (BureauLiveTable *table, const char *room, const char *const *user_ids, gint64 seq)
{
    const char *workspace_id = get_id (room, "workspace");

    for (guint i = 0; user_ids[i] != NULL; i++) {
        BureauPerson *person = g_hash_table_lookup (table->people, user_ids[i]);

        if (person == NULL)
            continue;
        join_all (person, room, seq);
        if (workspace_id != NULL)
            bureau_presence_enter (person, workspace_id);
    }
}

gboolean
bureau_live_has_entered (BureauLive *live, const char *task_id)
{
    return live->tasks != NULL && g_hash_table_contains (live->tasks, task_id);
}

gboolean
bureau_live_enter_task (BureauLiveTable *table, BureauLive *live, const char *task_id,
                        const char *project_id)
{
    g_autofree char *room = bureau_room ("task", task_id);

    if (live->tasks == NULL)
        live->tasks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    if (!g_hash_table_contains (live->tasks, task_id) &&
        g_hash_table_size (live->tasks) >= MAX_TASK_ROOMS)
        return FALSE;
    g_hash_table_insert (live->tasks, g_strdup (task_id), g_strdup (project_id));
    bureau_server_join (table->authority->server, live->connection, room);
    return TRUE;
}

gboolean
bureau_live_exit_task (BureauLiveTable *table, BureauLive *live, const char *task_id)
{
    g_autofree char *room = bureau_room ("task", task_id);

    if (live->tasks == NULL || !g_hash_table_remove (live->tasks, task_id))
        return FALSE;
    if (g_strcmp0 (live->viewing, task_id) != 0)
        bureau_server_leave (table->authority->server, live->connection, room);
    return TRUE;
}

static void
exit_tasks_of (BureauLiveTable *table, BureauLive *live, const char *project_id)
{
    GHashTableIter iter;
    const char *task, *project;

    if (live->tasks == NULL)
        return;
    g_hash_table_iter_init (&iter, live->tasks);
    while (g_hash_table_iter_next (&iter, (gpointer *) &task, (gpointer *) &project)) {
        g_autofree char *room = bureau_room ("task", task);

        if (!g_str_equal (project, project_id))
            continue;
        bureau_server_leave (table->authority->server, live->connection, room);
        g_hash_table_iter_remove (&iter);
    }
}

/* Who leaves a project also stops looking at its tasks. */
static void
leave_room (BureauLiveTable *table, BureauLive *live, const char *room)
{
    const char *project_id = get_id (room, "project");

    bureau_server_leave (table->authority->server, live->connection, room);
    if (project_id == NULL)
        return;
    exit_tasks_of (table, live, project_id);
    if (g_strcmp0 (live->viewing_project, project_id) == 0)
        bureau_presence_view (table, live, NULL, NULL);
}

static void
leave_all (BureauPerson *person, const char *room, const char *reason)
{
    g_autoptr (JsonObject) fields = json_object_new ();

    bureau_json_set_string (fields, "room", room);
    bureau_json_set_string (fields, "reason", reason);
    for (guint i = 0; i < person->lives->len; i++) {
        BureauLive *live = g_ptr_array_index (person->lives, i);

        leave_room (person->table, live, room);
        bureau_live_tell (live, BUREAU_EVENT_ROOM_LEFT, fields);
    }
}

void
bureau_live_leave (BureauLiveTable *table, const char *room, const char *const *user_ids,
                   const char *reason)
{
    const char *workspace_id = get_id (room, "workspace");

    for (guint i = 0; user_ids[i] != NULL; i++) {
        BureauPerson *person = g_hash_table_lookup (table->people, user_ids[i]);

        if (person == NULL)
            continue;
        leave_all (person, room, reason);
        if (workspace_id != NULL)
            bureau_presence_exit (person, workspace_id);
    }
}
