/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "bureau-store.h"

G_BEGIN_DECLS

/* What of a room's contents is not for everybody in it (rules.md, Events): the note of a time entry
 * is for the one whose entry it is, and for managers and owners. */
typedef struct {
    gboolean sees_all;
    const char *user_id; /* (unowned) (nullable): who looks; NULL is anybody */
} BureauDiscretion;

/* Looks up what the person may see in @room, which they are in. @user_id must outlive it. */
gboolean bureau_discretion_init (BureauDiscretion *self, BureauStore *store, const char *room,
                                 const char *user_id, GError **error);
/* Takes out of a time entry what they may not see. TRUE if there was something. */
gboolean bureau_discretion_apply (const BureauDiscretion *self, JsonObject *entry);
/* An event's JSON as they may see it (transfer full); NULL if that is just as it is. */
char *bureau_discretion_apply_event (const BureauDiscretion *self, const char *payload);

G_END_DECLS
