/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-kind.h"
#include "bureau-outbox.h"

G_BEGIN_DECLS

/* What a command does to an object, as far as one can tell before the hub has spoken. Pure
 * functions on JSON: the models show the hub's object with the outbox's commands applied on top,
 * one after another (sync.md, On the client), so that a refused command needs no undo: it is left
 * out the next time. */

typedef struct {
    const char *user_id;
    const char *workspace_id;
    gpointer data; /* for the functions */
    /* The position a task moved to @status gets: after the task @after, first if @after is NULL and
     * @first, else last. @id is left out of account. (transfer full) */
    char *(*place) (gpointer data, const char *project_id, BureauStatus status, const char *after,
                    gboolean first, const char *id);
    const char *(*get_task_project) (gpointer data,
                                     const char *task_id); /* (nullable): its projectId */
    /* A task deleted a while ago, to be shown again at once by an undo. (nullable) (transfer full)
     */
    JsonObject *(*get_deleted_task) (gpointer data, const char *task_id);
} BureauOverlay;

/* The kind of thing @command is about; -1 if it is about none. */
int bureau_overlay_get_kind (BureauCommandId command);
/* TRUE if @entry may change the object. */
gboolean bureau_overlay_concerns (const BureauOutboxEntry *entry, BureauKind kind, const char *id);
/* @state is the object before, NULL for none (transfer full). Returns it after (nullable) (transfer
 * full). */
JsonObject *bureau_overlay_apply (const BureauOverlay *overlay, const BureauOutboxEntry *entry,
                                  BureauKind kind, const char *id, JsonObject *state);

G_END_DECLS
