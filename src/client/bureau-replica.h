/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-disk.h"
#include "bureau-snapshot-reader.h"

G_BEGIN_DECLS

/* The replica: a client's own copy of what its person may see, and the outbox, in one file. Each
 * call below is a job for the replica's worker thread; jobs are done in the order they were given,
 * several to one transaction if they wait, and each wholly or not at all. Results arrive in the
 * caller's thread-default main context, after they are on disk. Jobs without a callback report
 * failures to the log only: what an event that was not written would have changed is fetched anew
 * at the next start, because the room's seq did not move either. */
#define BUREAU_TYPE_REPLICA (bureau_replica_get_type ())
G_DECLARE_FINAL_TYPE (BureauReplica, bureau_replica, BUREAU, REPLICA, GObject)

/* @office: the workspace's id. Nothing is opened yet. */
BureauReplica *bureau_replica_new (const char *path, const char *office);

/* Opens the file and reads all of it. If that fails every later job fails too. */
void bureau_replica_load_async (BureauReplica *self, GAsyncReadyCallback callback, gpointer data);
BureauDiskContents *bureau_replica_load_finish (BureauReplica *self, GAsyncResult *result,
                                                GError **error);

/* An event: the room goes on to @seq, the object becomes @json (NULL: it is gone; @id NULL: nothing
 * changes), and the command @op_id (nullable) is carried out. */
void bureau_replica_apply (BureauReplica *self, const char *room, gint64 seq, BureauKind kind,
                           const char *id, JsonObject *json, const char *op_id);
/* Rooms that begin at @seq with nothing in them. */
void bureau_replica_begin_room (BureauReplica *self, const char *room, gint64 seq);
/* The room's seq means nothing any more; what is in it stays until a snapshot takes its place. */
void bureau_replica_forget_room (BureauReplica *self, const char *room);
void bureau_replica_drop_room (BureauReplica *self, const char *room);
/* A new life of the hub: no room's seq means anything any more. */
void bureau_replica_set_epoch (BureauReplica *self, const char *epoch);
void bureau_replica_keep_rooms (BureauReplica *self, const char *const *rooms);

/* Parses the NDJSON @text of a snapshot and puts its state in the place of those of @rooms that are
 * in it. Where that can't be written, it is read all the same. */
void bureau_replica_replace_async (BureauReplica *self, GBytes *text, const char *epoch,
                                   const char *const *rooms, GAsyncReadyCallback callback,
                                   gpointer data);
/* What was taken over: the snapshot without rooms that were not asked for. BUREAU_ERROR_CONFLICT if
 * it is of another epoch than @epoch. (transfer full) */
BureauSnapshot *bureau_replica_replace_finish (BureauReplica *self, GAsyncResult *result,
                                               GError **error);

void bureau_replica_add_command_async (BureauReplica *self, const BureauOutboxEntry *entry,
                                       GAsyncReadyCallback callback, gpointer data);
gboolean bureau_replica_add_command_finish (BureauReplica *self, GAsyncResult *result,
                                            GError **error);
void bureau_replica_remove_command (BureauReplica *self, const char *op_id);
/* It has been refused with its error, and stays. */
void bureau_replica_refuse_command_async (BureauReplica *self, const BureauOutboxEntry *entry,
                                          GAsyncReadyCallback callback, gpointer data);
gboolean bureau_replica_refuse_command_finish (BureauReplica *self, GAsyncResult *result,
                                               GError **error);
/* It waits again, behind all others. */
void bureau_replica_retry_command (BureauReplica *self, const char *op_id);

/* Done when all jobs before it are. Nothing may be asked of the replica after it. */
void bureau_replica_close_async (BureauReplica *self, GAsyncReadyCallback callback, gpointer data);
gboolean bureau_replica_close_finish (BureauReplica *self, GAsyncResult *result, GError **error);

G_END_DECLS
