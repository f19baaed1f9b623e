/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-disk.h"
#include "bureau-member.h"
#include "bureau-outbox.h"
#include "bureau-roster.h"
#include "bureau-snapshot-reader.h"
#include "bureau-task.h"
#include "bureau-time-entry.h"

G_BEGIN_DECLS

/* The office as the window sees it: the canonical models. What they show is what the hub has
 * confirmed with the outbox replayed over it; for each object that a command in the outbox
 * concerns, the confirmed state is kept beside the one that is shown. Main thread only. */
typedef struct _BureauOffice BureauOffice;

/* @outbox is the client's and outlives the office. */
BureauOffice *bureau_office_new (const char *user_id, const char *workspace_id,
                                 BureauOutbox *outbox);
void bureau_office_free (BureauOffice *office);

BureauRoster *bureau_office_get_roster (BureauOffice *office, BureauKind kind);
const char *bureau_office_get_name (BureauOffice *office); /* (nullable) */
BureauTimeEntry *bureau_office_find_timer (BureauOffice *office,
                                           const char *user_id); /* (nullable) */

/* Changes of order and membership are published together at the end. These nest. */
void bureau_office_begin (BureauOffice *office);
void bureau_office_end (BureauOffice *office);

/* What the hub says: the object is @json now, or gone (NULL). */
void bureau_office_confirm (BureauOffice *office, BureauKind kind, const char *id,
                            JsonObject *json);
/* Takes over what was read from disk; the outbox has its commands already. */
void bureau_office_load (BureauOffice *office, GPtrArray *objects);
/* The room is what the snapshot says, and nothing else. */
void bureau_office_replace_room (BureauOffice *office, BureauSnapshotRoom *room);
void bureau_office_drop_room (BureauOffice *office, const char *room);
/* Drops all that is of no room in @rooms. */
void bureau_office_keep_rooms (BureauOffice *office, const char *const *rooms);

/* @entry has been added to the outbox: show what it does. */
void bureau_office_replay (BureauOffice *office, const BureauOutboxEntry *entry);
/* @entry has left the outbox, or is done: show the objects it concerned without it. */
void bureau_office_replay_without (BureauOffice *office, const BureauOutboxEntry *entry);
/* The version the hub has given the task last; 0 if it has none yet. */
gint64 bureau_office_get_confirmed_version (BureauOffice *office, const char *task_id);
/* Those of all tasks in @room: id → gint64 *. (transfer full) */
GHashTable *bureau_office_list_versions (BureauOffice *office, const char *room);

void bureau_office_set_presence (BureauOffice *office, const char *user_id,
                                 BureauPresence presence);
/* The room that tells of the object as the hub last had it. (nullable) (transfer full) */
char *bureau_office_get_confirmed_room (BureauOffice *office, BureauKind kind, const char *id);

/* The project of a task that is gone since a little while; NULL if none such is known. (transfer
 * full) */
char *bureau_office_find_deleted (BureauOffice *office, const char *task_id);

/* Everybody is offline, as far as one can tell. */
void bureau_office_clear_presence (BureauOffice *office);

G_END_DECLS
