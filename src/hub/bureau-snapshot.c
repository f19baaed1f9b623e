/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-snapshot.h"

#include "bureau-authority.h"
#include "bureau-discretion.h"
#include "bureau-heads.h"
#include "bureau-instant.h"
#include "bureau-json.h"

/* How far back ended time entries are of interest to a client that starts from nothing. */
#define ENTRY_DAYS 31

typedef struct {
    BureauAuthority *authority;
    GString *out;
    const char *room;
    const char *kind;
    BureauDiscretion discretion; /* in this room */
} Snapshot;

static gboolean
write_value (JsonObject *object, gpointer data, GError **error)
{
    Snapshot *snapshot = data;
    g_autofree char *json = bureau_json_object_to_string (object);

    g_string_append_printf (snapshot->out, "{\"kind\":\"%s\",\"room\":\"%s\",\"value\":%s}\n",
                            snapshot->kind, snapshot->room, json);
    return TRUE;
}

static gboolean
write_workspace (Snapshot *snapshot, const char *id, GError **error)
{
    BureauStore *store = snapshot->authority->store;
    g_autoptr (JsonObject) workspace = bureau_store_get_workspace (store, id, error);
    g_autoptr (JsonArray) members = workspace != NULL ? bureau_store_list_members (store, id, error)
                                                      : NULL;

    if (members == NULL)
        return FALSE;
    snapshot->kind = "workspace";
    write_value (workspace, snapshot, NULL);
    snapshot->kind = "member";
    for (guint i = 0; i < json_array_get_length (members); i++)
        write_value (json_array_get_object_element (members, i), snapshot, NULL);
    return TRUE;
}

static gboolean
write_project (Snapshot *snapshot, const char *id, GError **error)
{
    BureauStore *store = snapshot->authority->store;
    g_autoptr (JsonObject) project = bureau_store_get_project (store, id, error);

    if (project == NULL)
        return FALSE;
    snapshot->kind = "project";
    write_value (project, snapshot, NULL);
    snapshot->kind = "task";
    return bureau_store_foreach_task (store, id, write_value, snapshot, error);
}

static gboolean
write_entry (JsonObject *entry, gpointer data, GError **error)
{
    bureau_discretion_apply (&((Snapshot *) data)->discretion, entry);
    return write_value (entry, data, error);
}

static gboolean
write_time (Snapshot *snapshot, const char *id, GError **error)
{
    gint64 since = bureau_authority_now (snapshot->authority) -
                   ENTRY_DAYS * (G_TIME_SPAN_DAY / 1000);

    snapshot->kind = "entry";
    return bureau_store_foreach_entry (snapshot->authority->store, id, since, write_entry, snapshot,
                                       error);
}

static gboolean
write_room (Snapshot *snapshot, const char *room, const char *user_id, GError **error)
{
    BureauStore *store = snapshot->authority->store;
    gint64 head = bureau_store_get_head (store, room, error);
    const char *id = strchr (room, ':') + 1;

    if (head < 0 || !bureau_discretion_init (&snapshot->discretion, store, room, user_id, error))
        return FALSE;
    snapshot->room = room;
    g_string_append_printf (snapshot->out,
                            "{\"kind\":\"room\",\"room\":\"%s\",\"seq\":%" G_GINT64_FORMAT "}\n",
                            room, head);
    if (g_str_has_prefix (room, "workspace:"))
        return write_workspace (snapshot, id, error);
    if (g_str_has_prefix (room, "project:"))
        return write_project (snapshot, id, error);
    if (g_str_has_prefix (room, "time:"))
        return write_time (snapshot, id, error);
    return TRUE;
}

/* The workspace that a room of this person's belongs to. (out) (transfer full) (nullable): none, it
 * is their own */
static gboolean
find_workspace (BureauStore *store, const char *room, const char *user_id, char **workspace_id,
                GError **error)
{
    const char *id = strchr (room, ':') + 1;
    g_auto (BureauAccess) access = { 0 };

    *workspace_id = NULL;
    if (g_str_has_prefix (room, "project:")) {
        if (!bureau_store_get_access (store, id, user_id, &access, error))
            return FALSE;
        *workspace_id = g_steal_pointer (&access.workspace_id);
    } else if (!g_str_has_prefix (room, "user:")) {
        *workspace_id = g_strdup (id);
    }
    return TRUE;
}

/* Writes the room if it is of the workspace @wanted (nullable: of any). */
static gboolean
write_wanted (Snapshot *snapshot, const char *room, const char *user_id, const char *wanted,
              GError **error)
{
    g_autofree char *workspace_id = NULL;

    if (wanted != NULL &&
        !find_workspace (snapshot->authority->store, room, user_id, &workspace_id, error))
        return FALSE;
    if (workspace_id != NULL && !g_str_equal (workspace_id, wanted))
        return TRUE;
    return write_room (snapshot, room, user_id, error);
}

gboolean
bureau_snapshot_write (BureauAuthority *authority, const char *user_id, const char *workspace_id,
                       const char *const *rooms, GString *out, GError **error)
{
    Snapshot snapshot = { .authority = authority, .out = out };
    g_auto (GStrv) mine = bureau_list_rooms (authority->store, user_id, error);
    g_autofree char *now = bureau_instant_to_string (bureau_authority_now (authority));

    if (mine == NULL)
        return FALSE;

    g_string_append_printf (out, "{\"kind\":\"epoch\",\"epoch\":\"%s\",\"serverTime\":\"%s\"}\n",
                            authority->epoch, now);
    for (guint i = 0; mine[i] != NULL; i++) {
        if ((rooms == NULL || g_strv_contains (rooms, mine[i])) &&
            !write_wanted (&snapshot, mine[i], user_id, workspace_id, error))
            return FALSE;
    }
    g_string_append (out, "{\"kind\":\"end\"}\n");
    return TRUE;
}
