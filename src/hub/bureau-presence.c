/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-authority.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-live.h"

/* A reconnect within this time does not flicker on anybody's screen. */
#define GRACE_MS 5000

/* rules.md, Limits: who changes more often is told of with the rest, as it is by then. */
static const BureauRateLimit passing_limit = BUREAU_RATE_LIMIT (5, 5);

void
bureau_person_free (BureauPerson *person)
{
    if (person->grace != NULL) {
        g_source_destroy (person->grace);
        g_source_unref (person->grace);
    }
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

static void
stop_grace (BureauPerson *person)
{
    if (person->grace == NULL)
        return;
    g_source_destroy (person->grace);
    g_clear_pointer (&person->grace, g_source_unref);
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

static void
tell_workspaces (BureauPerson *person)
{
    BureauAuthority *authority = person->table->authority;
    g_autoptr (JsonArray) workspaces = bureau_store_list_workspaces (authority->store,
                                                                     person->user_id, NULL);
    g_autofree char *at = bureau_instant_to_string (bureau_authority_now (authority));

    for (guint i = 0; workspaces != NULL && i < json_array_get_length (workspaces); i++) {
        const char *id = bureau_json_get_string (json_array_get_object_element (workspaces, i),
                                                 "id");
        g_autoptr (JsonObject) member = bureau_store_get_member (authority->store, id,
                                                                 person->user_id, NULL);
        g_autoptr (JsonObject) fields = json_object_new ();
        g_autofree char *room = bureau_room ("workspace", id);

        if (member == NULL)
            continue;
        bureau_json_set_string (fields, "userId", person->user_id);
        bureau_json_set_string (fields, "userName", bureau_json_get_string (member, "name"));
        bureau_json_set_string (fields, "status", bureau_presence_to_string (person->shown));
        bureau_json_set_string (fields, "at", at);
        broadcast (person->table, room, NULL,
                   person->shown == BUREAU_PRESENCE_OFFLINE ? BUREAU_EVENT_PRESENCE_OFFLINE
                                                            : BUREAU_EVENT_PRESENCE_ONLINE,
                   fields);
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

    stop_grace (person);
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

    stop_grace (person);
    person->grace = g_timeout_source_new (GRACE_MS);
    g_source_set_callback (person->grace, on_grace_cb, person, NULL);
    g_source_attach (person->grace, g_main_context_get_thread_default ());
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
    if (table->telling == NULL)
        return;
    g_source_destroy (table->telling);
    g_clear_pointer (&table->telling, g_source_unref);
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
    if (table->telling == NULL) {
        table->telling = g_timeout_source_new (wait / 1000 + 1);
        g_source_set_callback (table->telling, on_tell_cb, table, NULL);
        g_source_attach (table->telling, g_main_context_get_thread_default ());
    }
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

JsonArray *
bureau_presence_list (BureauLiveTable *table, const char *workspace_id, GError **error)
{
    g_autoptr (JsonArray) members = bureau_store_list_members (table->authority->store,
                                                               workspace_id, error);
    JsonArray *users;

    if (members == NULL)
        return NULL;

    users = json_array_new ();
    for (guint i = 0; i < json_array_get_length (members); i++) {
        JsonObject *member = json_array_get_object_element (members, i);
        const char *id = bureau_json_get_string (member, "id");
        BureauPerson *person = g_hash_table_lookup (table->people, id);
        JsonObject *user;

        if (person == NULL || person->shown == BUREAU_PRESENCE_OFFLINE)
            continue;
        user = json_object_new ();
        bureau_json_set_string (user, "userId", id);
        bureau_json_set_string (user, "userName", bureau_json_get_string (member, "name"));
        bureau_json_set_string (user, "status", bureau_presence_to_string (person->shown));
        json_array_add_object_element (users, user);
    }
    return users;
}

static JsonArray *
list_viewing (BureauLiveTable *table, BureauLive *asker)
{
    g_autoptr (GHashTable) tasks = g_hash_table_new (g_str_hash, g_str_equal);
    JsonArray *viewing = json_array_new ();
    GHashTableIter iter;
    BureauPerson *person;

    g_hash_table_iter_init (&iter, table->people);
    while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &person)) {
        for (guint i = 0; i < person->lives->len; i++) {
            BureauLive *live = g_ptr_array_index (person->lives, i);
            g_autofree char *room = live->viewing != NULL
                                        ? bureau_room ("project", live->viewing_project)
                                        : NULL;

            if (room != NULL &&
                bureau_server_is_member (table->authority->server, asker->connection, room) &&
                g_hash_table_add (tasks, live->viewing))
                json_array_add_object_element (viewing, describe_viewers (table, live->viewing));
        }
    }
    return viewing;
}

JsonObject *
bureau_presence_describe (BureauLiveTable *table, BureauLive *live, GError **error)
{
    g_autoptr (JsonArray) workspaces = bureau_store_list_workspaces (table->authority->store,
                                                                     live->actor->user_id, error);
    g_autoptr (JsonObject) fields = json_object_new ();
    g_autoptr (JsonArray) users = json_array_new ();

    if (workspaces == NULL)
        return NULL;

    for (guint i = 0; i < json_array_get_length (workspaces); i++) {
        const char *id = bureau_json_get_string (json_array_get_object_element (workspaces, i),
                                                 "id");
        g_autoptr (JsonArray) some = bureau_presence_list (table, id, error);

        if (some == NULL)
            return NULL;
        for (guint j = 0; j < json_array_get_length (some); j++)
            json_array_add_object_element (
                users, json_object_ref (json_array_get_object_element (some, j)));
    }
    json_object_set_array_member (fields, "users", g_steal_pointer (&users));
    json_object_set_array_member (fields, "viewing", list_viewing (table, live));
    return g_steal_pointer (&fields);
}
