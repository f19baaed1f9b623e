/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "bureau-enums.h"
#include "bureau-storage.h"

G_BEGIN_DECLS

/* The hub's memory: one SQLite file, one writer. Rows come out as the JSON the wire carries; which
 * change is allowed is the hub's business, not the store's. Every function runs in the caller's
 * transaction, blocks for as long as the disk takes, and is for the one thread that opened the
 * store. Errors are BUREAU_ERROR. */
typedef struct _BureauStore BureauStore;

/* Opens or makes the file and brings its schema up to date; a newer schema is refused. */
BureauStore *bureau_store_open (const char *path, GError **error);
/* For looking only, beside a hub that is serving. */
BureauStore *bureau_store_open_read_only (const char *path, GError **error);
/* The same with little memory: all that is read is what is committed now. */
BureauStore *bureau_store_open_snapshot (const char *path, GError **error);
void bureau_store_close (BureauStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauStore, bureau_store_close)

gboolean bureau_store_begin (BureauStore *store, GError **error);
gboolean bureau_store_commit (BureauStore *store, GError **error);
void bureau_store_rollback (BureauStore *store);
/* FALSE once an error has taken the transaction back as a whole (a full disk, failing I/O): nothing
 * more may run in it. */
gboolean bureau_store_in_transaction (BureauStore *store);
/* One level inside a transaction: what a command did, undone without touching its neighbours. */
gboolean bureau_store_savepoint (BureauStore *store, GError **error);
gboolean bureau_store_release (BureauStore *store, GError **error);
void bureau_store_rollback_to_savepoint (BureauStore *store);
/* Moves the WAL into the file as far as readers allow; for when the hub is idle. */
void bureau_store_checkpoint (BureauStore *store);
/* TRUE if so much has been committed since the last checkpoint that one is due. */
gboolean bureau_store_wants_checkpoint (BureauStore *store);
/* TRUE, once for each 32 MiB, if the WAL has become that long: while there is always somebody who
 * reads what was, it is never begun anew. */
gboolean bureau_store_is_held_up (BureauStore *store);

/* How the disk does: what the last error said of it, until something has been written again. */
BureauStorageState bureau_store_get_state (BureauStore *store);
/* The file has been found damaged, by a check or another connection: nothing is written to it any
 * more. */
void bureau_store_set_damaged (BureauStore *store);
/* Begins a transaction that only looks, in which whatever would write fails with what is wrong with
 * the disk. */
gboolean bureau_store_begin_refusing (BureauStore *store, GError **error);
void bureau_store_end_refusing (BureauStore *store);
gboolean bureau_store_is_refusing (BureauStore *store);

/* What there is of a kind, one object after the other. Between two, other things can be read, but
 * not the same. What the cursor was opened with must live until it is freed. */
typedef struct _BureauCursor BureauCursor;
/* NULL at the end or with @error. (transfer full) */
JsonObject *bureau_cursor_next (BureauCursor *cursor, GError **error);
void bureau_cursor_free (BureauCursor *cursor);
typedef gboolean (*BureauStoreFunc) (JsonObject *object, gpointer data, GError **error);

/* "epoch", "hub" (its id). (transfer full) (nullable) */
char *bureau_store_get_meta (BureauStore *store, const char *key, GError **error);
gboolean bureau_store_set_meta (BureauStore *store, const char *key, const char *value,
                                GError **error);

/* ------------------------------------------------------------------ people */

/* All (transfer full); NULL without an error means that there is none. */
JsonObject *bureau_store_get_workspace (BureauStore *store, const char *workspace_id,
                                        GError **error);
/* [{id, name, role}] of the workspaces where the person is active */
JsonArray *bureau_store_list_workspaces (BureauStore *store, const char *user_id, GError **error);
/* The id of the workspace with this name, or NULL for the oldest one's. (transfer full) (nullable)
 */
char *bureau_store_find_workspace (BureauStore *store, const char *name, GError **error);
gboolean bureau_store_add_workspace (BureauStore *store, const char *id, const char *name,
                                     gint64 now, GError **error);

/* A member's JSON form, of somebody removed as well; @workspace_id NULL: the workspace they have
 * been in longest. */
JsonObject *bureau_store_get_member (BureauStore *store, const char *workspace_id,
                                     const char *user_id, GError **error);
BureauCursor *bureau_store_open_members (BureauStore *store, const char *workspace_id,
                                         GError **error);
JsonArray *bureau_store_list_members (BureauStore *store, const char *workspace_id, GError **error);
/* BUREAU_ROLE_NONE if they are no active member. */
BureauRole bureau_store_get_role (BureauStore *store, const char *workspace_id, const char *user_id,
                                  GError **error);
/* NULL-terminated ids of the active members with at least @role. */
GStrv bureau_store_list_member_ids (BureauStore *store, const char *workspace_id, BureauRole role,
                                    GError **error);
/* Makes a person with a handle derived from @name that nobody has. */
gboolean bureau_store_add_user (BureauStore *store, const char *id, const char *name,
                                const char *color, gint64 now, GError **error);
/* A placeholder becomes the person who takes it over, with a handle made of @name. FALSE without an
 * error: it is none any more. */
gboolean bureau_store_claim_placeholder (BureauStore *store, const char *id, const char *name,
                                         GError **error);
/* NULL leaves a value as it is. */
gboolean bureau_store_update_user (BureauStore *store, const char *id, const char *name,
                                   const char *color, GError **error);
/* TRUE if there is anybody with this id, in whichever workspace. FALSE also with @error. */
gboolean bureau_store_has_user (BureauStore *store, const char *id, GError **error);
/* (transfer full) (nullable) */
char *bureau_store_find_user (BureauStore *store, const char *handle, GError **error);
/* The owner who has been there longest: of this workspace (nullable), or of any. (transfer full)
 * (nullable) */
char *bureau_store_find_owner (BureauStore *store, const char *workspace_id, GError **error);
/* The ids of every workspace's owners. (transfer full) */
GStrv bureau_store_list_owners (BureauStore *store, GError **error);

/* ------------------------------------------------------------------ projects, tasks, time */

/* What a person may do with a project. (owned) strings */
typedef struct {
    char *workspace_id; /* NULL: they may not know of it, or it does not exist */
    BureauRole role;    /* in the workspace */
    gboolean archived;
} BureauAccess;
void bureau_access_clear (BureauAccess *access);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BureauAccess, bureau_access_clear)

gboolean bureau_store_get_access (BureauStore *store, const char *project_id, const char *user_id,
                                  BureauAccess *access, GError **error);
/* The same, of the project that the task is in, deleted or not. */
gboolean bureau_store_get_task_access (BureauStore *store, const char *task_id, const char *user_id,
                                       BureauAccess *access, GError **error);
JsonObject *bureau_store_get_project (BureauStore *store, const char *id, GError **error);
/* The id of the workspace's project with this short name. (transfer full) (nullable) */
char *bureau_store_find_project (BureauStore *store, const char *workspace_id, const char *key,
                                 GError **error);
/* Ids of the projects a person may see, archived ones included. */
GStrv bureau_store_list_visible_projects (BureauStore *store, const char *user_id, GError **error);
/* Ids of the workspace's projects that are not archived. */
GStrv bureau_store_list_projects (BureauStore *store, const char *workspace_id, GError **error);
/* Those whom the project's events reach: members, and managers and owners of the workspace. */
GStrv bureau_store_list_project_audience (BureauStore *store, const char *project_id,
                                          GError **error);
/* A short name nobody uses, from @wanted or else from @name. (transfer full) */
char *bureau_store_pick_project_key (BureauStore *store, const char *workspace_id,
                                     const char *wanted, const char *name, GError **error);
gboolean bureau_store_add_project (BureauStore *store, const char *id, const char *workspace_id,
                                   const char *name, const char *key, const char *color,
                                   const char *created_by, gint64 now, GError **error);
/* Sets the members of @project (name, color, archived) that @changes has, and takes the next
 * version. */
gboolean bureau_store_update_project (BureauStore *store, const char *id, JsonObject *changes,
                                      GError **error);
gboolean bureau_store_add_project_member (BureauStore *store, const char *project_id,
                                          const char *user_id, GError **error);
gboolean bureau_store_remove_project_member (BureauStore *store, const char *project_id,
                                             const char *user_id, GError **error);

/* A task's JSON form, names filled in; a deleted one only if @deleted. */
JsonObject *bureau_store_get_task (BureauStore *store, const char *id, gboolean deleted,
                                   GError **error);
/* TRUE if any task, deleted or not, has this id. */
gboolean bureau_store_has_task (BureauStore *store, const char *id, GError **error);
/* Tasks of the project, column by column. */
BureauCursor *bureau_store_open_tasks (BureauStore *store, const char *project_id, GError **error);
/* Calls @func for each of them. */
gboolean bureau_store_foreach_task (BureauStore *store, const char *project_id,
                                    BureauStoreFunc func, gpointer data, GError **error);
/* @task: title and so on, and `position`; takes the project's next number. */
gboolean bureau_store_add_task (BureauStore *store, JsonObject *task, const char *created_by,
                                gint64 now, GError **error);
/* Sets title, description, status, position, priority and dueAt as far as @changes has them, and
 * takes the next version. `completedAt` follows the status. */
gboolean bureau_store_update_task (BureauStore *store, const char *id, JsonObject *changes,
                                   gint64 now, GError **error);
gboolean bureau_store_set_task_deleted (BureauStore *store, const char *id, gboolean deleted,
                                        gint64 now, GError **error);
/* Who is no longer in @user_ids is dropped, who is new is `sent`, the others keep their state. */
gboolean bureau_store_set_assignees (BureauStore *store, const char *task_id,
                                     const char *const *user_ids, gint64 now, GError **error);
/* Positions on both sides of the place after @after_id (NULL: the first place; @last: the last
 * one), leaving the moved task itself out. (out) (transfer full) (nullable). FALSE without an
 * error: no such task in that column. */
gboolean bureau_store_find_place (BureauStore *store, const char *project_id, BureauStatus status,
                                  const char *after_id, gboolean last, const char *moved_id,
                                  char **before, char **after, GError **error);

JsonObject *bureau_store_get_entry (BureauStore *store, const char *id, GError **error);
/* The entry as somebody of its workspace finds it, who has @role there (out); NULL to others. */
JsonObject *bureau_store_find_entry (BureauStore *store, const char *id, const char *user_id,
                                     BureauRole *role, GError **error);
/* The person's running timer in the workspace, if any. */
JsonObject *bureau_store_get_timer (BureauStore *store, const char *workspace_id,
                                    const char *user_id, GError **error);
/* Running timers, and what ended after @since. */
BureauCursor *bureau_store_open_entries (BureauStore *store, const char *workspace_id, gint64 since,
                                         GError **error);
gboolean bureau_store_add_entry (BureauStore *store, const char *id, const char *workspace_id,
                                 const char *user_id, const char *task_id, const char *project_id,
                                 const char *note, gint64 start_time, GError **error);
gboolean bureau_store_end_entry (BureauStore *store, const char *id, gint64 end_time,
                                 GError **error);

/* ------------------------------------------------------------------ the log */

/* The room's head: the seq of its newest event, 0 for none. -1 with @error. */
gint64 bureau_store_get_head (BureauStore *store, const char *room, GError **error);
/* Its events with a seq above @floor, up to @head, are in the log. */
gboolean bureau_store_get_span (BureauStore *store, const char *room, gint64 *floor, gint64 *head,
                                GError **error);
/* Takes the room's next seq, in this transaction, so that log order is commit order. -1 with
 * @error. */
gint64 bureau_store_take_seq (BureauStore *store, const char *room, GError **error);
gboolean bureau_store_append_event (BureauStore *store, const char *room, gint64 seq,
                                    const char *event_id, const char *name, const char *actor_id,
                                    const char *device_id, const char *op_id, gint64 at,
                                    const char *payload, GError **error);
/* Events with a seq above @since, in order, at most @limit, until @func returns FALSE. */
typedef gboolean (*BureauEventFunc) (const char *name, gint64 seq, const char *payload,
                                     gpointer data);
gboolean bureau_store_foreach_event (BureauStore *store, const char *room, gint64 since,
                                     guint limit, BureauEventFunc func, gpointer data,
                                     GError **error);

/* What a device's command was answered, so that a repeat is answered the same. @digest: 32 bytes
 * over the command's name and contents. Returns the answer (transfer full), or NULL if the command
 * is new; a known `opId` with another digest is BUREAU_ERROR_CONFLICT. */
char *bureau_store_find_answer (BureauStore *store, const char *device_id, const char *op_id,
                                const guint8 *digest, GError **error);
gboolean bureau_store_keep_answer (BureauStore *store, const char *device_id, const char *op_id,
                                   const guint8 *digest, const char *answer, gint64 now,
                                   GError **error);

/* A room whose log has more than @keep events beyond its floor, the first by name that comes after
 * @after (nullable). (transfer full) (nullable) */
char *bureau_store_find_long_log (BureauStore *store, const char *after, gint64 keep,
                                  GError **error);
/* Drops at most @limit of the room's oldest events: those from before @before, as long as @keep
 * are left. Returns how many; -1 with @error. */
gint64 bureau_store_prune_events (BureauStore *store, const char *room, gint64 before, gint64 keep,
                                  guint limit, GError **error);
/* Drops at most @limit answers from before @before. Returns how many; -1 with @error. */
gint64 bureau_store_prune_answers (BureauStore *store, gint64 before, guint limit, GError **error);

G_END_DECLS
