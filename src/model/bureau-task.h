/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>
#include <json-glib/json-glib.h>

#include "bureau-enums.h"

G_BEGIN_DECLS

/* One piece of work (rules.md, Task fields). A plain noun: it holds values and announces changes,
 * and knows neither hub nor window. Every field below is a GObject property of the same name (with
 * '-').
 *
 * Strings may be NULL only where the comment says so. Not thread-safe. */
#define BUREAU_TYPE_TASK (bureau_task_get_type ())
G_DECLARE_FINAL_TYPE (BureauTask, bureau_task, BUREAU, TASK, GObject)

BureauTask *bureau_task_new (const char *id);

/* A task from its JSON form. Sets BUREAU_ERROR_INVALID if id, projectId, title or status is missing
 * or wrong; unknown members are ignored. (transfer full) */
BureauTask *bureau_task_new_from_json (JsonObject *json, GError **error);
/* Takes over the fields that are in @json, notifies those that changed; the others stay. */
gboolean bureau_task_update_from_json (BureauTask *self, JsonObject *json, GError **error);
/* (transfer full) */
JsonObject *bureau_task_to_json (BureauTask *self);

const char *bureau_task_get_id (BureauTask *self);
const char *bureau_task_get_key (BureauTask *self); /* "STU-42"; NULL until the hub has given one */
const char *bureau_task_get_project_id (BureauTask *self);
const char *bureau_task_get_title (BureauTask *self);
const char *bureau_task_get_description (BureauTask *self); /* never NULL */
BureauStatus bureau_task_get_status (BureauTask *self);
const char *bureau_task_get_position (BureauTask *self);
guint bureau_task_get_priority (BureauTask *self);     /* 1 (highest) to 4 (the default) */
const char *bureau_task_get_due_at (BureauTask *self); /* a date or an instant; (nullable) */
const char *bureau_task_get_kind (BureauTask *self);   /* "task" or "request" */
gint64 bureau_task_get_created_at (BureauTask *self);  /* instants, see bureau-instant.h */
gint64 bureau_task_get_updated_at (BureauTask *self);
gint64 bureau_task_get_completed_at (BureauTask *self); /* 0 while it is not done */
const char *bureau_task_get_created_by (BureauTask *self);
gint64 bureau_task_get_version (BureauTask *self); /* 1, 2, 3 …: counts the task's changes */
/* Ids of the assignees, NULL-terminated, never NULL. (transfer none) */
const char *const *bureau_task_get_assignee_ids (BureauTask *self);
gboolean bureau_task_is_assigned_to (BureauTask *self, const char *user_id);
/* Filled in by the hub: names, so that nobody needs to ask again. (nullable) */
const char *bureau_task_get_assignee_name (BureauTask *self); /* all names, joined */
const char *bureau_task_get_project_name (BureauTask *self);
/* Client only: TRUE while a change of it waits in the outbox. */
gboolean bureau_task_get_pending (BureauTask *self);

void bureau_task_set_key (BureauTask *self, const char *key);
void bureau_task_set_project_id (BureauTask *self, const char *project_id);
void bureau_task_set_title (BureauTask *self, const char *title);
void bureau_task_set_description (BureauTask *self, const char *description);
void bureau_task_set_status (BureauTask *self, BureauStatus status);
void bureau_task_set_position (BureauTask *self, const char *position);
void bureau_task_set_priority (BureauTask *self, guint priority);
void bureau_task_set_due_at (BureauTask *self, const char *due_at);
void bureau_task_set_kind (BureauTask *self, const char *kind);
void bureau_task_set_created_at (BureauTask *self, gint64 instant);
void bureau_task_set_updated_at (BureauTask *self, gint64 instant);
void bureau_task_set_completed_at (BureauTask *self, gint64 instant);
void bureau_task_set_created_by (BureauTask *self, const char *user_id);
void bureau_task_set_version (BureauTask *self, gint64 version);
void bureau_task_set_assignee_ids (BureauTask *self, const char *const *user_ids);
void bureau_task_set_assignee_name (BureauTask *self, const char *names);
/* What somebody is called; NULL if it is not known: then the name stays that the task had. */
typedef const char *(*BureauTaskNamer) (gpointer data, const char *user_id);
/* Names the assignees anew. */
void bureau_task_name_assignees (BureauTask *self, BureauTaskNamer get_name, gpointer data);
void bureau_task_set_project_name (BureauTask *self, const char *name);
void bureau_task_set_pending (BureauTask *self, gboolean pending);

/* By column, then position, then id: the order of the board, the same everywhere. */
int bureau_task_compare (gconstpointer a, gconstpointer b);

G_END_DECLS
