/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "bureau-disk-private.h"

#include "bureau-json.h"
#include "bureau-overlay.h"

/* Runs a statement that returns no rows. */
static gboolean
run (BureauDisk *disk, BureauStatement which, GError **error)
{
    sqlite3_stmt *statement = disk->statements[which];
    gboolean ok = sqlite3_step (statement) == SQLITE_DONE || bureau_disk_fail (disk, error);

    sqlite3_reset (statement);
    sqlite3_clear_bindings (statement);
    return ok;
}

/* @text lives until the statement has run. */
static void
bind_text (BureauDisk *disk, BureauStatement which, int index, const char *text)
{
    sqlite3_bind_text (disk->statements[which], index, text, -1, SQLITE_STATIC);
}

static const char *
get_text (sqlite3_stmt *statement, int column)
{
    const char *text = (const char *) sqlite3_column_text (statement, column);

    return text ? text : "";
}

static void
disk_object_free (gpointer data)
{
    BureauDiskObject *object = data;

    g_free (object->id);
    g_clear_pointer (&object->json, json_object_unref);
    g_clear_object (&object->object);
    g_free (object);
}

void
bureau_disk_contents_free (BureauDiskContents *contents)
{
    g_free (contents->epoch);
    g_clear_pointer (&contents->rooms, g_hash_table_unref);
    g_clear_pointer (&contents->objects, g_ptr_array_unref);
    g_clear_pointer (&contents->outbox, g_ptr_array_unref);
    g_free (contents);
}

static void
load_epoch (BureauDisk *disk, BureauDiskContents *contents)
{
    sqlite3_stmt *statement = disk->statements[BUREAU_STATEMENT_GET_META];

    sqlite3_bind_text (statement, 1, "epoch", -1, SQLITE_STATIC);
    if (sqlite3_step (statement) == SQLITE_ROW)
        contents->epoch = g_strdup (get_text (statement, 0));
    sqlite3_reset (statement);
}

static void
take_room (gpointer rooms, sqlite3_stmt *statement)
{
    gint64 seq = sqlite3_column_int64 (statement, 1);

    g_hash_table_insert (rooms, g_strdup (get_text (statement, 0)), g_memdup2 (&seq, sizeof seq));
}

/* The objects are made here, on the worker's thread, so that a big office does not hold up the
 * window. */
static void
take_object (gpointer objects, sqlite3_stmt *statement)
{
    int kind = bureau_kind_from_string (get_text (statement, 0));
    g_autoptr (JsonObject) json = bureau_json_parse_object (get_text (statement, 2), -1, NULL);
    BureauDiskObject *object;

    if (kind < 0 || !json) {
        g_message ("The replica holds what can’t be understood: %s", get_text (statement, 1));
        return;
    }
    object = g_new0 (BureauDiskObject, 1);
    object->kind = kind;
    object->id = g_strdup (get_text (statement, 1));
    object->object = bureau_kind_new_object (kind, json);
    if (!object->object)
        object->json = g_steal_pointer (&json);
    g_ptr_array_add (objects, object);
}

static void
take_command (gpointer outbox, sqlite3_stmt *statement)
{
    const BureauCommand *command = bureau_command_find (get_text (statement, 0));
    g_autoptr (JsonObject) params = bureau_json_parse_object (get_text (statement, 1), -1, NULL);
    BureauOutboxEntry *entry;

    if (!command || !params || !bureau_json_get_string (params, "opId")) {
        g_message ("The outbox holds what can’t be understood: %s", get_text (statement, 0));
        return;
    }
    entry = bureau_outbox_entry_new (command, g_steal_pointer (&params), NULL,
                                     sqlite3_column_int64 (statement, 2));
    entry->target = g_strdup (bureau_json_get_string (entry->params, "id"));
    entry->subject = g_strdup ((const char *) sqlite3_column_text (statement, 5));
    entry->is_on_disk = TRUE;
    entry->state = BUREAU_OUTBOX_QUEUED;
    if (sqlite3_column_int (statement, 3) != 0) {
        entry->state = BUREAU_OUTBOX_REFUSED;
        entry->error = bureau_outbox_error_from_text (get_text (statement, 4));
    }
    g_ptr_array_add (outbox, entry);
}

/* @take is given @data and each row. */
static gboolean
load_rows (BureauDisk *disk, BureauStatement which, void (*take) (gpointer, sqlite3_stmt *),
           gpointer data, GError **error)
{
    sqlite3_stmt *statement = disk->statements[which];
    gboolean ok;
    int result;

    while ((result = sqlite3_step (statement)) == SQLITE_ROW)
        take (data, statement);
    ok = result == SQLITE_DONE || bureau_disk_fail (disk, error);
    sqlite3_reset (statement);
    return ok;
}

GPtrArray *
bureau_disk_load_outbox (BureauDisk *disk, GError **error)
{
    GPtrArray *outbox = g_ptr_array_new_with_free_func ((GDestroyNotify) bureau_outbox_entry_free);

    load_rows (disk, BUREAU_STATEMENT_LIST_OUTBOX, take_command, outbox, error);
    return outbox;
}

BureauDiskContents *
bureau_disk_load (BureauDisk *disk, GError **error)
{
    g_autoptr (BureauDiskContents) contents = g_new0 (BureauDiskContents, 1);
    g_autoptr (GError) outbox_error = NULL;

    contents->rooms = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    contents->objects = g_ptr_array_new_with_free_func (disk_object_free);
    contents->outbox = bureau_disk_load_outbox (disk, &outbox_error);
    load_epoch (disk, contents);
    if (outbox_error) {
        g_propagate_error (error, g_steal_pointer (&outbox_error));
        return NULL;
    }
    if (!load_rows (disk, BUREAU_STATEMENT_LIST_ROOMS, take_room, contents->rooms, error) ||
        !load_rows (disk, BUREAU_STATEMENT_LIST_OBJECTS, take_object, contents->objects, error))
        return NULL;
    return g_steal_pointer (&contents);
}

gboolean
bureau_disk_set_epoch (BureauDisk *disk, const char *epoch, GError **error)
{
    bind_text (disk, BUREAU_STATEMENT_SET_META, 1, "epoch");
    bind_text (disk, BUREAU_STATEMENT_SET_META, 2, epoch);
    return run (disk, BUREAU_STATEMENT_SET_META, error);
}

gboolean
bureau_disk_advance_room (BureauDisk *disk, const char *room, gint64 seq, gboolean *moved,
                          GError **error)
{
    bind_text (disk, BUREAU_STATEMENT_ADVANCE_ROOM, 1, room);
    sqlite3_bind_int64 (disk->statements[BUREAU_STATEMENT_ADVANCE_ROOM], 2, seq);
    if (!run (disk, BUREAU_STATEMENT_ADVANCE_ROOM, error))
        return FALSE;
    *moved = sqlite3_changes (disk->db) > 0;
    return TRUE;
}

gboolean
bureau_disk_set_room (BureauDisk *disk, const char *room, gint64 seq, GError **error)
{
    bind_text (disk, BUREAU_STATEMENT_SET_ROOM, 1, room);
    sqlite3_bind_int64 (disk->statements[BUREAU_STATEMENT_SET_ROOM], 2, seq);
    return run (disk, BUREAU_STATEMENT_SET_ROOM, error);
}

gboolean
bureau_disk_forget_rooms (BureauDisk *disk, GError **error)
{
    return run (disk, BUREAU_STATEMENT_FORGET_ROOMS, error);
}

gboolean
bureau_disk_forget_room (BureauDisk *disk, const char *room, GError **error)
{
    bind_text (disk, BUREAU_STATEMENT_FORGET_ROOM, 1, room);
    return run (disk, BUREAU_STATEMENT_FORGET_ROOM, error);
}

gboolean
bureau_disk_drop_room (BureauDisk *disk, const char *room, GError **error)
{
    bind_text (disk, BUREAU_STATEMENT_DROP_ROOM, 1, room);
    return bureau_disk_forget_room (disk, room, error) &&
           run (disk, BUREAU_STATEMENT_DROP_ROOM, error);
}

gboolean
bureau_disk_keep_rooms (BureauDisk *disk, const char *const *rooms, GError **error)
{
    sqlite3_stmt *statement = disk->statements[BUREAU_STATEMENT_LIST_OBJECT_ROOMS];
    g_autoptr (GPtrArray) unwanted = g_ptr_array_new_with_free_func (g_free);
    gboolean ok;
    int result;

    while ((result = sqlite3_step (statement)) == SQLITE_ROW) {
        if (!g_strv_contains (rooms, get_text (statement, 0)))
            g_ptr_array_add (unwanted, g_strdup (get_text (statement, 0)));
    }
    ok = result == SQLITE_DONE || bureau_disk_fail (disk, error);
    sqlite3_reset (statement);
    for (guint i = 0; ok && i < unwanted->len; i++)
        ok = bureau_disk_drop_room (disk, unwanted->pdata[i], error);
    return ok;
}

gboolean
bureau_disk_put_object (BureauDisk *disk, BureauKind kind, const char *id, const char *room,
                        const char *json, GError **error)
{
    bind_text (disk, BUREAU_STATEMENT_PUT_OBJECT, 1, bureau_kind_to_string (kind));
    bind_text (disk, BUREAU_STATEMENT_PUT_OBJECT, 2, id);
    bind_text (disk, BUREAU_STATEMENT_PUT_OBJECT, 3, room);
    bind_text (disk, BUREAU_STATEMENT_PUT_OBJECT, 4, json);
    return run (disk, BUREAU_STATEMENT_PUT_OBJECT, error);
}

gboolean
bureau_disk_delete_object (BureauDisk *disk, BureauKind kind, const char *id, GError **error)
{
    bind_text (disk, BUREAU_STATEMENT_DELETE_OBJECT, 1, bureau_kind_to_string (kind));
    bind_text (disk, BUREAU_STATEMENT_DELETE_OBJECT, 2, id);
    return run (disk, BUREAU_STATEMENT_DELETE_OBJECT, error);
}

gboolean
bureau_disk_add_command (BureauDisk *disk, const char *op_id, const char *command,
                         const char *params, gint64 given_at, const char *subject, GError **error)
{
    bind_text (disk, BUREAU_STATEMENT_ADD_COMMAND, 1, op_id);
    bind_text (disk, BUREAU_STATEMENT_ADD_COMMAND, 2, command);
    bind_text (disk, BUREAU_STATEMENT_ADD_COMMAND, 3, params);
    sqlite3_bind_int64 (disk->statements[BUREAU_STATEMENT_ADD_COMMAND], 4, given_at);
    bind_text (disk, BUREAU_STATEMENT_ADD_COMMAND, 5, subject);
    return run (disk, BUREAU_STATEMENT_ADD_COMMAND, error);
}

gboolean
bureau_disk_remove_command (BureauDisk *disk, const char *op_id, GError **error)
{
    bind_text (disk, BUREAU_STATEMENT_REMOVE_COMMAND, 1, op_id);
    return run (disk, BUREAU_STATEMENT_REMOVE_COMMAND, error);
}

gboolean
bureau_disk_refuse_command (BureauDisk *disk, const char *op_id, const char *refusal,
                            GError **error)
{
    bind_text (disk, BUREAU_STATEMENT_REFUSE_COMMAND, 1, op_id);
    bind_text (disk, BUREAU_STATEMENT_REFUSE_COMMAND, 2, refusal);
    return run (disk, BUREAU_STATEMENT_REFUSE_COMMAND, error);
}

gboolean
bureau_disk_retry_command (BureauDisk *disk, const char *op_id, GError **error)
{
    bind_text (disk, BUREAU_STATEMENT_RETRY_COMMAND, 1, op_id);
    return run (disk, BUREAU_STATEMENT_RETRY_COMMAND, error);
}
