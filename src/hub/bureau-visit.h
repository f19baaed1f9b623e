/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-authority.h"

G_BEGIN_DECLS

/* What bureau-hub's words do with an office, whether a hub is serving it or not: they look into its
 * store, sign with its keys, and ask what only the hub may do. Blocking. */
typedef struct {
    BureauDataDirectory *directory; /* (owned) */
    BureauStore *store;             /* (owned): read-only */
    char *path;                     /* (owned) */
} BureauVisit;

/* G_IO_ERROR_NOT_FOUND if there is no office at @path. */
gboolean bureau_visit_begin (BureauVisit *self, const char *path, GError **error);
void bureau_visit_end (BureauVisit *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BureauVisit, bureau_visit_end)

/* An access token for a person, outside any session. (transfer full) */
char *bureau_visit_sign_token (BureauVisit *self, const char *user_id, gint64 lifetime_ms,
                               GError **error);

/* What an owner asks of the hub. */
typedef struct {
    const char *path; /* of the REST door's */
    BureauRequest *(*make) (BureauAuthority *authority, JsonObject *params /* taken */,
                            BureauActor *actor /* taken */);
} BureauQuestion;

/* Of the hub that is serving, or else in this process, which then takes the office's lock: so this
 * is a visit's last act. @user_id: an owner, for whom it is done. The whole answer, good or bad.
 * (transfer full) */
JsonObject *bureau_visit_ask (BureauVisit *self, const BureauQuestion *question,
                              const char *user_id, JsonObject *params, GError **error);

G_END_DECLS
