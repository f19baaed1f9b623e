/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-heads.h"

#include "bureau-authority.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-timer.h"

/* People who are told in one go, which takes a millisecond or two, and the time between two. */
#define AT_ONCE  16
#define PAUSE_MS 5

static void
add_room (GStrvBuilder *builder, const char *kind, const char *id)
{
    g_autofree char *room = bureau_room (kind, id);

    g_strv_builder_add (builder, room);
}

GStrv
bureau_list_rooms (BureauStore *store, const char *user_id, GError **error)
{
    g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
    g_autoptr (JsonArray) workspaces = bureau_store_list_workspaces (store, user_id, error);
    g_auto (GStrv) projects = NULL;

    if (workspaces == NULL)
        return NULL;
    projects = bureau_store_list_visible_projects (store, user_id, error);
    if (projects == NULL)
        return NULL;

    for (guint i = 0; i < json_array_get_length (workspaces); i++) {
        JsonObject *workspace = json_array_get_object_element (workspaces, i);
        const char *id = bureau_json_get_string (workspace, "id");
        int role = bureau_role_from_string (bureau_json_get_string (workspace, "role"));

        add_room (builder, "workspace", id);
        if (role >= BUREAU_ROLE_MEMBER)
            add_room (builder, "time", id);
        if (role >= BUREAU_ROLE_MANAGER)
            add_room (builder, "manage", id);
    }
    for (guint i = 0; projects[i] != NULL; i++)
        add_room (builder, "project", projects[i]);
    /* Who is in no office is nobody. */
    if (json_array_get_length (workspaces) > 0)
        add_room (builder, "user", user_id);
    return g_strv_builder_end (builder);
}

JsonObject *
bureau_describe_heads (BureauAuthority *authority, const char *const *rooms, GError **error)
{
    g_autoptr (JsonObject) heads = json_object_new ();
    g_autofree char *now = bureau_instant_to_string (bureau_authority_now (authority));
    JsonObject *seqs = json_object_new ();

    bureau_json_set_string (heads, "epoch", authority->epoch);
    json_object_set_object_member (heads, "rooms", seqs);
    for (guint i = 0; rooms[i] != NULL; i++) {
        gint64 head = bureau_store_get_head (authority->store, rooms[i], error);

        if (head < 0)
            return NULL;
        json_object_set_int_member (seqs, rooms[i], head);
    }
    bureau_json_set_string (heads, "serverTime", now);
    return g_steal_pointer (&heads);
}

/* ------------------------------------------------------------------ with the heartbeat */

static gboolean
follows (const BureauPerson *person)
{
    for (guint i = 0; i < person->lives->len; i++) {
        if (((BureauLive *) g_ptr_array_index (person->lives, i))->follows)
            return TRUE;
    }
    return FALSE;
}

static void
tell_person (BureauLiveTable *table, const BureauPerson *person)
{
    g_auto (GStrv) rooms = bureau_list_rooms (table->authority->store, person->user_id, NULL);
    g_autoptr (JsonObject) heads = NULL;

    if (rooms != NULL)
        heads = bureau_describe_heads (table->authority, (const char *const *) rooms, NULL);
    for (guint i = 0; heads != NULL && i < person->lives->len; i++) {
        BureauLive *live = g_ptr_array_index (person->lives, i);

        if (live->follows)
            bureau_live_tell (live, BUREAU_EVENT_SYNC_HEADS, heads);
    }
}

static gboolean
on_heads_cb (gpointer data)
{
    BureauLiveTable *table = data;
    GPtrArray *untold = table->untold_heads;

    for (guint i = 0; i < AT_ONCE && untold->len > 0; i++) {
        g_autofree char *user_id = g_ptr_array_steal_index_fast (untold, untold->len - 1);
        const BureauPerson *person = g_hash_table_lookup (table->people, user_id);

        if (person != NULL)
            tell_person (table, person);
    }
    bureau_server_wake (table->authority->server);
    if (untold->len > 0)
        return G_SOURCE_CONTINUE;
    bureau_heads_stop (table);
    return G_SOURCE_REMOVE;
}

void
bureau_heads_tell (BureauLiveTable *table)
{
    GHashTableIter iter;
    BureauPerson *person;

    if (table->heads != NULL)
        return;
    g_hash_table_iter_init (&iter, table->people);
    while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &person)) {
        if (follows (person))
            g_ptr_array_add (table->untold_heads, g_strdup (person->user_id));
    }
    if (table->untold_heads->len == 0)
        return;
    bureau_timer_start (&table->heads, PAUSE_MS, on_heads_cb, table);
}

void
bureau_heads_stop (BureauLiveTable *table)
{
    bureau_timer_stop (&table->heads);
    g_ptr_array_set_size (table->untold_heads, 0);
}
