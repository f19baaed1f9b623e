/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "bureau-kind.h"
#include "bureau-outbox.h"

G_BEGIN_DECLS

/* The replica's SQLite file. Every call waits for the disk: only the replica's worker thread makes
 * them, one after another. Errors are G_IO_ERROR; what a call did before it failed is undone with
 * the savepoint it ran in. */

typedef struct _BureauDisk BureauDisk;

typedef struct {
    BureauKind kind;
    char *id;         /* (owned) */
    JsonObject *json; /* (owned) (nullable): only of a workspace */
    GObject *object;  /* (owned) (nullable): of all others */
} BureauDiskObject;

/* All that is in the file. */
typedef struct {
    char *epoch;        /* (owned) (nullable) */
    GHashTable *rooms;  /* (owned): room (owned) → gint64 * (owned) */
    GPtrArray *objects; /* (owned): of BureauDiskObject */
    GPtrArray *outbox;  /* (owned): of BureauOutboxEntry, in the order they were given */
} BureauDiskContents;

void bureau_disk_contents_free (BureauDiskContents *contents);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauDiskContents, bureau_disk_contents_free)

/* Makes the file, mode 0600, if it is not there. @office names whose it is: a damaged file, or
 * another office's, is put aside under another name and a new one begun; it is not lost, because it
 * may hold unsent changes. G_IO_ERROR_NOT_SUPPORTED if a newer Bureau has written it. */
BureauDisk *bureau_disk_open (const char *path, const char *office, GError **error);
/* A file that shows its damage only when all of it is read: puts it aside too, and begins a new one
 * with what can still be read of the outbox. Takes @disk. */
BureauDisk *bureau_disk_renew (BureauDisk *disk, const char *office, GError **error);
/* Writes back the log and closes. */
void bureau_disk_close (BureauDisk *disk);

gboolean bureau_disk_begin (BureauDisk *disk, GError **error);
/* When this returns TRUE all of it survives a loss of power. */
gboolean bureau_disk_commit (BureauDisk *disk, GError **error);
void bureau_disk_rollback (BureauDisk *disk);
/* FALSE if SQLite has rolled back on its own, as it does when the disk is full. */
gboolean bureau_disk_is_in_transaction (BureauDisk *disk);
gboolean bureau_disk_savepoint (BureauDisk *disk, GError **error);
gboolean bureau_disk_release (BureauDisk *disk, GError **error);
void bureau_disk_rollback_to_savepoint (BureauDisk *disk);

BureauDiskContents *bureau_disk_load (BureauDisk *disk, GError **error);
/* The outbox alone; all of it up to where there is an error. (transfer full) */
GPtrArray *bureau_disk_load_outbox (BureauDisk *disk, GError **error);

gboolean bureau_disk_set_epoch (BureauDisk *disk, const char *epoch, GError **error);
/* Moves a room from @seq - 1 to @seq. @moved (out): FALSE if the room was elsewhere, then nothing
 * is done. */
gboolean bureau_disk_advance_room (BureauDisk *disk, const char *room, gint64 seq, gboolean *moved,
                                   GError **error);
gboolean bureau_disk_set_room (BureauDisk *disk, const char *room, gint64 seq, GError **error);
gboolean bureau_disk_forget_rooms (BureauDisk *disk, GError **error);
/* Its seq only. */
gboolean bureau_disk_forget_room (BureauDisk *disk, const char *room, GError **error);
gboolean bureau_disk_drop_room (BureauDisk *disk, const char *room, GError **error);
/* Drops the objects of rooms that are not in @rooms. */
gboolean bureau_disk_keep_rooms (BureauDisk *disk, const char *const *rooms, GError **error);

gboolean bureau_disk_put_object (BureauDisk *disk, BureauKind kind, const char *id,
                                 const char *room, const char *json, GError **error);
gboolean bureau_disk_delete_object (BureauDisk *disk, BureauKind kind, const char *id,
                                    GError **error);

/* @subject (nullable): what it is about, in words. */
gboolean bureau_disk_add_command (BureauDisk *disk, const char *op_id, const char *command,
                                  const char *params, gint64 given_at, const char *subject,
                                  GError **error);
/* It stays, with @refusal: JSON. */
gboolean bureau_disk_refuse_command (BureauDisk *disk, const char *op_id, const char *refusal,
                                     GError **error);
/* It waits again, behind all others. */
gboolean bureau_disk_retry_command (BureauDisk *disk, const char *op_id, GError **error);
gboolean bureau_disk_remove_command (BureauDisk *disk, const char *op_id, GError **error);

G_END_DECLS
