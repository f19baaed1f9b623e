/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Passwords: argon2id, 64 MiB, 2 passes (reliability.md, 5). Hashing and verifying block for more
 * than 100 ms, so they are for the workers (bureau-workers.h). */

/* What is stored of it; NULL if there is not that much memory. (transfer full) */
char *bureau_password_hash (const char *password);
/* How that is answered: BUREAU_ERROR_UNAVAILABLE. */
gboolean bureau_password_set_no_memory (GError **error);
/* @hash NULL: there is no such account. It is FALSE then, and takes as long. */
gboolean bureau_password_verify (const char *hash, const char *password);
/* TRUE if it was made to cost less, or otherwise, than today's. */
gboolean bureau_password_needs_rehash (const char *hash);

/* Overwrites a password and frees it. @password: (nullable) (transfer full) */
void bureau_password_free (char *password);

/* Whether somebody may take it: long enough, not too long, not among those that everybody takes,
 * and no more than a word that anybody in the office would guess. @words (nullable): of the office
 * and the person, names of several words included. Else BUREAU_ERROR_INVALID about @field. */
gboolean bureau_password_check (const char *password, const char *const *words, const char *field,
                                GError **error);

G_END_DECLS
