/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* A body of work in a workspace, with its own members. Properties as below. Not thread-safe. */
#define BUREAU_TYPE_PROJECT (bureau_project_get_type ())
G_DECLARE_FINAL_TYPE (BureauProject, bureau_project, BUREAU, PROJECT, GObject)

BureauProject *bureau_project_new (const char *id);
/* Sets BUREAU_ERROR_INVALID if id, workspaceId or name is missing or wrong. (transfer full) */
BureauProject *bureau_project_new_from_json (JsonObject *json, GError **error);
gboolean bureau_project_update_from_json (BureauProject *self, JsonObject *json, GError **error);
JsonObject *bureau_project_to_json (BureauProject *self);

const char *bureau_project_get_id (BureauProject *self);
const char *bureau_project_get_workspace_id (BureauProject *self);
const char *bureau_project_get_name (BureauProject *self);
const char *bureau_project_get_short_name (BureauProject *self); /* "STU", on the wire "key" */
const char *bureau_project_get_color (BureauProject *self);      /* "#3584e4" */
gboolean bureau_project_get_archived (BureauProject *self);
gint64 bureau_project_get_version (BureauProject *self);
/* Ids of its members, NULL-terminated, never NULL (managers and owners need no entry). */
const char *const *bureau_project_get_member_ids (BureauProject *self);

void bureau_project_set_workspace_id (BureauProject *self, const char *workspace_id);
void bureau_project_set_name (BureauProject *self, const char *name);
void bureau_project_set_short_name (BureauProject *self, const char *short_name);
void bureau_project_set_color (BureauProject *self, const char *color);
void bureau_project_set_archived (BureauProject *self, gboolean archived);
void bureau_project_set_version (BureauProject *self, gint64 version);
void bureau_project_set_member_ids (BureauProject *self, const char *const *user_ids);

G_END_DECLS
