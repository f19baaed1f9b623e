/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-authority.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-live.h"
#include "bureau-timer.h"

/* A reconnect within this time does not flicker on anybody's screen. */
#define GRACE_MS 5000

/* rules.md, Limits: who changes more often is told of with the rest, as it is by then. */
static const BureauRateLimit passing_limit = BUREAU_RATE_LIMIT (5, 5);

void
bureau_person_free (BureauPerson *person)
{
    bureau_timer_stop (&person->grace);
    g_ptr_array_unref (person->lives);
    g_free (person->user_id);
    g_free (person);
}

static BureauPerson *
ensure_person (BureauLiveTable *table, const char *user_id)
{
    BureauPerson *person = g_hash_table_lookup (table->people, user_id);

    if (person == NULL) {
        person = g_new0 (BureauPerson, 1);
        person->table = table;
        person->user_id = g_strdup (user_id);
        person->lives = g_ptr_array_new ();
        g_hash_table_insert (table->people, person->user_id, person);
    }
    return person;
}

/* Online if any connection is, away if all are. */
static BureauPresence
derive (BureauPerson *person)
{
    BureauPresence presence = BUREAU_PRESENCE_OFFLINE;

    for (guint i = 0; i < person->lives->len; i++)
        presence = MAX (presence, ((BureauLive *) g_ptr_array_index (person->lives, i))->presence);
    return presence;
}

static void
broadcast (BureauLiveTable *table, const char *room, const char *other_room, const char *name,
           JsonObject *fields)
{
    const char *rooms[] = { room, other_room, NULL };
    g_autofree char *json = bureau_json_object_to_string (fields);
    g_autoptr (BureauFrame) frame = bureau_frame_new_event (table->authority->server, name, json);

    bureau_server_broadcast (table->authority->server, rooms, frame, NULL);
    bureau_server_wake (table->authority->server);
}

/* Tells the workspace's people how this one is there now. */
static void
tell_workspace (BureauPerson *person, const char *workspace_id, BureauPresence presence)
{
    BureauAuthority *authority = person->table->authority;
    g_autoptr (JsonObject) member = bureau_store_get_member (authority->store, workspace_id,
                                                             person->user_id, NULL);
    g_autoptr (JsonObject) fields = json_object_new ();
    g_autofree char *at = bureau_instant_to_string (bureau_authority_now (authority));
    g_autofree char *room = bureau_room ("workspace", workspace_id);

    if (member == NULL)
        return;
    bureau_json_set_string (fields, "userId", person->user_id);
    bureau_json_set_string (fields, "userName", bureau_json_get_string (member, "name"));
    bureau_json_set_string (fields, "status", bureau_presence_to_string (presence));
    bureau_json_set_string (fields, "at", at);
    bureau_json_set_string (fields, "workspaceId", workspace_id);
    broadcast (person->table, room, NULL,
               presence == BUREAU_PRESENCE_OFFLINE ? BUREAU_EVENT_PRESENCE_OFFLINE
                                                   : BUREAU_EVENT_PRESENCE_ONLINE,
               fields);
}

static void
tell_workspaces (BureauPerson *person)
{
    g_autoptr (JsonArray) workspaces = bureau_store_list_workspaces (
        person->table->authority->store, person->user_id, NULL);

    for (guint i = 0; workspaces != NULL && i < json_array_get_length (workspaces); i++) {
        JsonObject *workspace = json_array_get_object_element (workspaces, i);

        tell_workspace (person, bureau_json_get_string (workspace, "id"), person->shown);
    }
}

/* Tells the others if what a person's connections say together has changed. */
static void
review (BureauPerson *person)
{
    BureauPresence presence = derive (person);

    person->untold = FALSE;
    if (person->shown == presence)
        return;
    person->shown = presence;
    tell_workspaces (person);
}

static gboolean
on_grace_cb (gpointer data)
{
    BureauPerson *person = data;
    BureauLiveTable *table = person->table;

    g_clear_pointer (&person->grace, g_source_unref);
    review (person);
    if (person->lives->len == 0)
        g_hash_table_remove (table->people, person->user_id);
    return G_SOURCE_REMOVE;
}

void
bureau_presence_add (BureauLiveTable *table, BureauLive *live)
{
    BureauPerson *person = ensure_person (table, live->actor->user_id);

    bureau_timer_stop (&person->grace);
    g_ptr_array_add (person->lives, live);
    review (person);
}

void
bureau_presence_remove (BureauLiveTable *table, BureauLive *live)
{
    BureauPerson *person = g_hash_table_lookup (table->people, live->actor->user_id);

    bureau_presence_view (table, live, NULL, NULL);
    if (person == NULL || !g_ptr_array_remove (person->lives, live))
        return;
    if (person->lives->len > 0) {
        review (person);
        return;
    }

    bureau_timer_stop (&person->grace);
    bureau_timer_start (&person->grace, GRACE_MS, on_grace_cb, person);
}

/* ------------------------------------------------------------------ viewing */

typedef struct {
    BureauAuthority *authority;
    const char *task_id;
    GHashTable *seen; /* user ids (not owned) */
    JsonArray *users;
} Viewers;

static void
collect_viewer (BureauConnection *connection, gpointer data)
{
    Viewers *viewers = data;
    BureauLive *live = bureau_connection_get_data (connection);
    g_autoptr (JsonObject) member = NULL;
    JsonObject *user;

    if (live == NULL || g_strcmp0 (live->viewing, viewers->task_id) != 0 ||
        !g_hash_table_add (viewers->seen, live->actor->user_id))
        return;
    member = bureau_store_get_member (viewers->authority->store, NULL, live->actor->user_id, NULL);
    if (member == NULL)
        return;

    user = json_object_new ();
    bureau_json_set_string (user, "id", live->actor->user_id);
    bureau_json_set_string (user, "name", bureau_json_get_string (member, "name"));
    json_array_add_object_element (viewers->users, user);
}

/* {"taskId","users"} (transfer full) */
static JsonObject *
describe_viewers (BureauLiveTable *table, const char *task_id)
{
    g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
    g_autofree char *room = bureau_room ("task", task_id);
    Viewers viewers = { table->authority, task_id, seen, json_array_new () };
    JsonObject *fields = json_object_new ();

    bureau_server_foreach_member (table->authority->server, room, collect_viewer, &viewers);
    bureau_json_set_string (fields, "taskId", task_id);
    json_object_set_array_member (fields, "users", viewers.users);
    return fields;
}

static void
tell_viewers (BureauLiveTable *table, const char *task_id, const char *project_id)
{
    g_autofree char *task_room = bureau_room ("task", task_id);
    g_autofree char *project_room = bureau_room ("project", project_id);
    g_autoptr (JsonObject) fields = describe_viewers (table, task_id);

    broadcast (table, project_room, task_room, BUREAU_EVENT_PRESENCE_VIEWING, fields);
}

/* ------------------------------------------------------------------ at most so often */

static void
tell_untold (BureauLiveTable *table)
{
    g_autoptr (GHashTable) tasks = g_steal_pointer (&table->untold);
    GHashTableIter iter;
    gpointer task, project, person;

    table->untold = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    g_hash_table_iter_init (&iter, tasks);
    while (g_hash_table_iter_next (&iter, &task, &project))
        tell_viewers (table, task, project);
    g_hash_table_iter_init (&iter, table->people);
    while (g_hash_table_iter_next (&iter, NULL, &person)) {
        /* One that has gone meanwhile has its grace. */
        if (((BureauPerson *) person)->untold && ((BureauPerson *) person)->lives->len > 0)
            review (person);
    }
}

void
bureau_presence_stop_telling (BureauLiveTable *table)
{
    bureau_timer_stop (&table->telling);
}

static gboolean
on_tell_cb (gpointer data)
{
    BureauLiveTable *table = data;

    bureau_presence_stop_telling (table);
    tell_untold (table);
    return G_SOURCE_REMOVE;
}

/* TRUE if what @live says now is told at once. */
static gboolean
may_tell (BureauLiveTable *table, BureauLive *live)
{
    gint64 wait = bureau_rate_take (&live->passing, &passing_limit, g_get_monotonic_time ());

    if (wait == 0)
        return TRUE;
    if (table->telling == NULL)
        bureau_timer_start (&table->telling, wait / 1000 + 1, on_tell_cb, table);
    return FALSE;
}

void
bureau_presence_say (BureauLiveTable *table, BureauLive *live, BureauPresence presence)
{
    BureauPerson *person = g_hash_table_lookup (table->people, live->actor->user_id);

    live->presence = presence;
    if (person == NULL || person->shown == derive (person))
        return;
    if (may_tell (table, live))
        review (person);
    else
        person->untold = TRUE;
}

static void
tell_viewers_when (BureauLiveTable *table, const char *task_id, const char *project_id,
                   gboolean now)
{
    if (now)
        tell_viewers (table, task_id, project_id);
    else
        g_hash_table_insert (table->untold, g_strdup (task_id), g_strdup (project_id));
}

void
bureau_presence_view (BureauLiveTable *table, BureauLive *live, const char *task_id,
                      const char *project_id)
{
    BureauServer *server = table->authority->server;
    g_autofree char *old_task = g_steal_pointer (&live->viewing);
    g_autofree char *old_project = g_steal_pointer (&live->viewing_project);
    gboolean now;

    live->viewing = g_strdup (task_id);
    live->viewing_project = g_strdup (project_id);
    if (g_strcmp0 (old_task, task_id) == 0)
        return;

    now = may_tell (table, live);
    if (old_task != NULL) {
        g_autofree char *room = bureau_room ("task", old_task);

        if (!bureau_live_has_entered (live, old_task))
            bureau_server_leave (server, live->connection, room);
        tell_viewers_when (table, old_task, old_project, now);
    }
    if (task_id != NULL) {
        g_autofree char *room = bureau_room ("task", task_id);

        bureau_server_join (server, live->connection, room);
        tell_viewers_when (table, task_id, project_id, now);
    }
}

/* ------------------------------------------------------------------ descriptions */

gboolean
bureau_presence_list (BureauLiveTable *table, const char *workspace_id, JsonArray *users,
                      GError **error)
{
    g_autoptr (JsonArray) members = bureau_store_list_members (table->authority->store,
                                                               workspace_id, error);

    if (members == NULL)
        return FALSE;

    for (guint i = 0; i < json_array_get_length (members); i++) {
        JsonObject *member = json_array_get_object_element (members, i);
        const char *id = bureau_json_get_string (member, "id");
        BureauPerson *person = g_hash_table_lookup (table->people, id);
        JsonObject *user;

        if (person == NULL || person->shown == BUREAU_PRESENCE_OFFLINE ||
            !bureau_json_get_boolean (member, "active", FALSE))
            continue;
        user = json_object_new ();
        bureau_json_set_string (user, "userId", id);
        bureau_json_set_string (user, "userName", bureau_json_get_string (member, "name"));
        bureau_json_set_string (user, "status", bureau_presence_to_string (person->shown));
        bureau_json_set_string (user, "workspaceId", workspace_id);
        json_array_add_object_element (users, user);
    }
    return TRUE;
}

/* TRUE if @asker may see what goes on in the project @viewed, which is this workspace's. */
static gboolean
is_in_sight (BureauLiveTable *table, BureauLive *asker, const char *viewed,
             const char *workspace_id)
{
    g_autofree char *room = bureau_room ("project", viewed);
    g_auto (BureauAccess) access = { 0 };

    return bureau_server_is_member (table->authority->server, asker->connection, room) &&
           bureau_store_get_access (table->authority->store, viewed, asker->actor->user_id, &access,
                                    NULL) &&
           g_strcmp0 (access.workspace_id, workspace_id) == 0;
}

static JsonArray *
list_viewing (BureauLiveTable *table, BureauLive *asker, const char *workspace_id)
{
    g_autoptr (GHashTable) tasks = g_hash_table_new (g_str_hash, g_str_equal);
    JsonArray *viewing = json_array_new ();
    GHashTableIter iter;
    BureauPerson *person;

    g_hash_table_iter_init (&iter, table->people);
    while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &person)) {
        for (guint i = 0; i < person->lives->len; i++) {
            BureauLive *live = g_ptr_array_index (person->lives, i);

            if (live->viewing != NULL && !g_hash_table_contains (tasks, live->viewing) &&
                is_in_sight (table, asker, live->viewing_project, workspace_id)) {
                g_hash_table_add (tasks, live->viewing);
                json_array_add_object_element (viewing, describe_viewers (table, live->viewing));
            }
        }
    }
    return viewing;
}

/* One for each workspace, and of its room: who leaves that is not told of its people. */
gboolean
bureau_presence_send (BureauLiveTable *table, BureauLive *live, const char *workspace_id,
                      GError **error)
{
    BureauServer *server = table->authority->server;
    g_autofree char *room = bureau_room ("workspace", workspace_id);
    g_autoptr (JsonObject) fields = json_object_new ();
    JsonArray *users = json_array_new ();
    g_autofree char *json = NULL;
    g_autoptr (BureauFrame) frame = NULL;

    bureau_json_set_string (fields, "workspaceId", workspace_id);
    json_object_set_array_member (fields, "users", users);
    if (!bureau_presence_list (table, workspace_id, users, error))
        return FALSE;
    json_object_set_array_member (fields, "viewing", list_viewing (table, live, workspace_id));

    json = bureau_json_object_to_string (fields);
    frame = bureau_frame_new_event (server, BUREAU_EVENT_PRESENCE_SNAPSHOT, json);
    bureau_server_send (server, live->connection, room, frame);
    return TRUE;
}

/* ------------------------------------------------------------------ from one office to another */

void
bureau_presence_enter (BureauPerson *person, const char *workspace_id)
{
    if (person->shown != BUREAU_PRESENCE_OFFLINE)
        tell_workspace (person, workspace_id, person->shown);
    for (guint i = 0; i < person->lives->len; i++)
        bureau_presence_send (person->table, g_ptr_array_index (person->lives, i), workspace_id,
                              NULL);
}

void
bureau_presence_exit (BureauPerson *person, const char *workspace_id)
{
    if (person->shown != BUREAU_PRESENCE_OFFLINE)
        tell_workspace (person, workspace_id, BUREAU_PRESENCE_OFFLINE);
}
