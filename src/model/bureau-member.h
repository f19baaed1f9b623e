/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>
#include <json-glib/json-glib.h>

#include "bureau-enums.h"

G_BEGIN_DECLS

/* A person in a workspace. `id` is the person's user id; `handle` is their short sign-in name.
 * A `placeholder` is somebody who has not joined yet: nobody signs in as them. `presence` is
 * passing state: it is a property, and never part of the JSON form. Not thread-safe.
 */
#define BUREAU_TYPE_MEMBER (bureau_member_get_type ())
G_DECLARE_FINAL_TYPE (BureauMember, bureau_member, BUREAU, MEMBER, GObject)

BureauMember *bureau_member_new (const char *id);
/* Sets BUREAU_ERROR_INVALID if id, name or role is missing or wrong. (transfer full) */
BureauMember *bureau_member_new_from_json (JsonObject *json, GError **error);
gboolean bureau_member_update_from_json (BureauMember *self, JsonObject *json, GError **error);
JsonObject *bureau_member_to_json (BureauMember *self);

const char *bureau_member_get_id (BureauMember *self);
const char *bureau_member_get_name (BureauMember *self);
const char *bureau_member_get_handle (BureauMember *self);
const char *bureau_member_get_color (BureauMember *self);
BureauRole bureau_member_get_role (BureauMember *self);
gboolean bureau_member_get_active (BureauMember *self);
gboolean bureau_member_get_placeholder (BureauMember *self);
BureauPresence bureau_member_get_presence (BureauMember *self);

void bureau_member_set_name (BureauMember *self, const char *name);
void bureau_member_set_handle (BureauMember *self, const char *handle);
void bureau_member_set_color (BureauMember *self, const char *color);
void bureau_member_set_role (BureauMember *self, BureauRole role);
void bureau_member_set_active (BureauMember *self, gboolean active);
void bureau_member_set_placeholder (BureauMember *self, gboolean placeholder);
void bureau_member_set_presence (BureauMember *self, BureauPresence presence);

G_END_DECLS
