/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-rescue.h"

#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>

#include "bureau-audit.h"
#include "bureau-data-directory.h"
#include "bureau-error.h"
#include "bureau-files.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-store-rescue.h"
#include "bureau-token.h"

#define SUFFIX ".replica"

const char *const bureau_rescue_missing =
    "What had not reached this computer when the hub was lost.\n"
    "Passwords and sign-ins: everybody else joins anew, by invitation.\n"
    "The notes of other people's timers, and hours that ended long ago.\n"
    "Deleted tasks, the history of changes, and the access log.\n";

/* (transfer full) (nullable) */
static char *
get_user_id (const char *replica)
{
    g_autofree char *name = g_path_get_basename (replica);

    if (!g_str_has_suffix (name, SUFFIX))
        return NULL;
    name[strlen (name) - strlen (SUFFIX)] = '\0';
    return bureau_id_is_valid (name) ? g_steal_pointer (&name) : NULL;
}

/* When it was last written to: what is new stands in its log first. */
static gint64
get_time (const char *replica)
{
    g_autofree char *wal = g_strconcat (replica, "-wal", NULL);
    GStatBuf info;
    gint64 at = g_stat (replica, &info) == 0 ? (gint64) info.st_mtime : 0;

    if (g_stat (wal, &info) == 0)
        at = MAX (at, (gint64) info.st_mtime);
    return at * 1000;
}

static gboolean
check_owner (BureauReplicaFile *file, const char *user_id, GError **error)
{
    if (user_id != NULL && bureau_replica_file_get_role (file, user_id, error) == BUREAU_ROLE_OWNER)
        return TRUE;
    if (error != NULL && *error == NULL)
        g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN,
                             "Only from an owner's computer can an office be made anew: nobody "
                             "else has all of it.");
    return FALSE;
}

static JsonObject *
describe (BureauReplicaFile *file, const char *replica, GError **error)
{
    g_autofree char *at = bureau_instant_to_string (get_time (replica));
    JsonObject *about = bureau_replica_file_summarize (file, error);

    if (about != NULL)
        bureau_json_set_string (about, "at", at);
    return about;
}

JsonObject *
bureau_rescue_examine (const char *replica, GError **error)
{
    g_autofree char *user_id = get_user_id (replica);
    g_autoptr (BureauReplicaFile) file = bureau_replica_file_open (replica, error);

    return file != NULL && check_owner (file, user_id, error) ? describe (file, replica, error)
                                                              : NULL;
}

/* ------------------------------------------------------------------ making it */

static gboolean
fill (BureauStore *store, BureauReplicaFile *file, const char *owner_id, gint64 now, GError **error)
{
    g_autofree char *hub = bureau_id_new ();
    g_autofree char *epoch = bureau_id_new ();

    return bureau_store_set_meta (store, "hub", hub, error) &&
           bureau_store_set_meta (store, "epoch", epoch, error) &&
           bureau_store_rescue (store, file, owner_id, now, error);
}

static gboolean
make_database (BureauDataDirectory *data, const char *path, BureauReplicaFile *file,
               const char *owner_id, const char *workspace_id, gint64 now, GError **error)
{
    g_autoptr (BureauStore) store = bureau_store_open (path, error);
    g_autoptr (BureauAudit) audit = NULL;

    g_chmod (path, 0600);
    audit = store != NULL ? bureau_audit_open (data, store, error) : NULL;
    if (audit == NULL || !bureau_store_begin (store, error))
        return FALSE;
    if (fill (store, file, owner_id, now, error) &&
        bureau_audit_write_creation (audit, store, BUREAU_AUDIT_OFFICE_RESCUED, workspace_id,
                                     owner_id, now, error) &&
        bureau_store_commit (store, error))
        return TRUE;
    bureau_store_rollback (store);
    return FALSE;
}

/* New ones: whoever had a sign-in to the lost hub has none to this. */
static gboolean
make_keys (BureauDataDirectory *data, GError **error)
{
    static const char *const names[] = { BUREAU_TOKEN_KEY, BUREAU_REFRESH_KEY };
    guint8 key[BUREAU_KEY_SIZE];
    gboolean made = TRUE;

    for (guint i = 0; i < G_N_ELEMENTS (names) && made; i++)
        made = bureau_data_directory_load_key (data, names[i], key, error);
    sodium_memzero (key, sizeof key);
    return made;
}

/* It gets its name when it is whole. */
static gboolean
make_office (BureauDataDirectory *data, BureauReplicaFile *file, const char *owner_id,
             const char *workspace_id, gint64 now, GError **error)
{
    static const char *const parts[] = { "", "-wal", "-shm" };
    const char *path = bureau_data_directory_get_database (data);
    g_autofree char *unfinished = g_strconcat (path, ".new", NULL);

    if (!bureau_data_directory_lock (data, error))
        return FALSE;
    if (bureau_data_directory_has_office (data)) {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                     "There is an office in %s already. Make this one in another directory.",
                     bureau_data_directory_get_path (data));
        return FALSE;
    }
    for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
        g_autofree char *left = g_strconcat (unfinished, parts[i], NULL);

        bureau_files_remove (left);
    }
    return make_keys (data, error) &&
           make_database (data, unfinished, file, owner_id, workspace_id, now, error) &&
           bureau_files_rename (unfinished, path, error);
}

JsonObject *
bureau_rescue (const char *directory, const char *replica, gint64 now, char **user_id,
               GError **error)
{
    g_autofree char *owner_id = get_user_id (replica);
    g_autoptr (BureauReplicaFile) file = bureau_replica_file_open (replica, error);
    g_autoptr (BureauDataDirectory) data = NULL;
    g_autoptr (JsonObject) about = NULL;

    if (file == NULL || !check_owner (file, owner_id, error) || !bureau_token_init (error))
        return NULL;
    about = describe (file, replica, error);
    data = about != NULL ? bureau_data_directory_open (directory, error) : NULL;
    if (data == NULL || !make_office (data, file, owner_id,
                                      bureau_json_get_string (about, "workspaceId"), now, error))
        return NULL;
    *user_id = g_steal_pointer (&owner_id);
    return g_steal_pointer (&about);
}
