/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The kinds of objects a replica holds, as a snapshot names them. */
typedef enum {
    BUREAU_KIND_WORKSPACE,
    BUREAU_KIND_MEMBER,
    BUREAU_KIND_PROJECT,
    BUREAU_KIND_TASK,
    BUREAU_KIND_ENTRY,
    BUREAU_N_KINDS
} BureauKind;

const char *bureau_kind_to_string (BureauKind kind);
/* -1 for an unknown word or NULL. */
int bureau_kind_from_string (const char *word);

/* The model object of @json; NULL if @json is none, and always for a workspace, which has no type
 * of its own. May run in any thread: the object belongs to whoever takes it. (transfer full) */
gpointer bureau_kind_new_object (BureauKind kind, JsonObject *json);
/* Takes over the fields of @json; FALSE if they are not @object's. */
gboolean bureau_kind_update_object (BureauKind kind, gpointer object, JsonObject *json);
/* (transfer full) */
JsonObject *bureau_kind_to_json (BureauKind kind, gpointer object);

/* The id in @json if it is a valid one, else NULL. (transfer none) */
const char *bureau_kind_get_id (JsonObject *json);
/* The room whose log tells of an object of @kind: "project:…" for a task. NULL if @json does not
 * say. (transfer full) */
char *bureau_kind_get_room (BureauKind kind, JsonObject *json, const char *workspace_id);

G_END_DECLS
