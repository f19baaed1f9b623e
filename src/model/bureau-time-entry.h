/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* A span of one person's time; running while it has no end: then it is that person's timer.
 * Properties as below. Not thread-safe. */
#define BUREAU_TYPE_TIME_ENTRY (bureau_time_entry_get_type ())
G_DECLARE_FINAL_TYPE (BureauTimeEntry, bureau_time_entry, BUREAU, TIME_ENTRY, GObject)

BureauTimeEntry *bureau_time_entry_new (const char *id);
/* Sets BUREAU_ERROR_INVALID if id, userId or startTime is missing or wrong. (transfer full) */
BureauTimeEntry *bureau_time_entry_new_from_json (JsonObject *json, GError **error);
gboolean bureau_time_entry_update_from_json (BureauTimeEntry *self, JsonObject *json,
                                             GError **error);
JsonObject *bureau_time_entry_to_json (BureauTimeEntry *self);

const char *bureau_time_entry_get_id (BureauTimeEntry *self);
const char *bureau_time_entry_get_workspace_id (BureauTimeEntry *self);
const char *bureau_time_entry_get_user_id (BureauTimeEntry *self);
const char *bureau_time_entry_get_task_id (BureauTimeEntry *self);    /* (nullable) */
const char *bureau_time_entry_get_project_id (BureauTimeEntry *self); /* (nullable) */
const char *bureau_time_entry_get_note (BureauTimeEntry *self);       /* (nullable) */
gint64 bureau_time_entry_get_start_time (BureauTimeEntry *self);      /* instant, hub's clock */
gint64 bureau_time_entry_get_end_time (BureauTimeEntry *self);        /* 0 while it runs */
/* Seconds from the start to the end, or to @now (an instant) while it runs; never negative. */
gint64 bureau_time_entry_get_seconds (BureauTimeEntry *self, gint64 now);

void bureau_time_entry_set_workspace_id (BureauTimeEntry *self, const char *workspace_id);
void bureau_time_entry_set_user_id (BureauTimeEntry *self, const char *user_id);
void bureau_time_entry_set_task_id (BureauTimeEntry *self, const char *task_id);
void bureau_time_entry_set_project_id (BureauTimeEntry *self, const char *project_id);
void bureau_time_entry_set_note (BureauTimeEntry *self, const char *note);
void bureau_time_entry_set_start_time (BureauTimeEntry *self, gint64 instant);
void bureau_time_entry_set_end_time (BureauTimeEntry *self, gint64 instant);

G_END_DECLS
