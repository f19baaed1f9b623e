/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* An office whose hub is gone for good, with all its backups: made anew from what the computer of
 * one of its owners has of it, the replica. It is another hub, with new keys: everybody else joins
 * anew, by an invitation to be who they were. Ids stay, so that what waits on their computers still
 * fits. Blocking.
 *
 * What comes back says {"offices", "workspaceId", "people", "projects", "tasks", "entries", "at"}:
 * the last is when something last reached the replica. */

/* The file's name begins with the id of whose it is: "ID.replica". Reads it, as far as to say what
 * could be made of it; BUREAU_ERROR_FORBIDDEN if they are no owner. (transfer full) */
JsonObject *bureau_rescue_examine (const char *replica, GError **error);
/* Makes the office in @directory, where there is none. @user_id (out) (transfer full): whose
 * replica it is, who is its first owner now. @now: an instant. (transfer full) */
JsonObject *bureau_rescue (const char *directory, const char *replica, gint64 now, char **user_id,
                           GError **error);

/* What no replica has: for whoever decides, a sentence a line. */
extern const char *const bureau_rescue_missing;

G_END_DECLS
