/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Refresh tokens: a session's id, a generation, and a MAC over both (reliability.md, 5). The MAC
 * says that this hub gave it out, so the store keeps only numbers, and an office that was put back
 * to an older backup still knows a token for what it is. @key: BUREAU_KEY_SIZE bytes. */

/* @session_id: a UUID. (transfer full) */
char *bureau_refresh_token_new (const guint8 *key, const char *session_id, gint64 generation);
/* FALSE for anything that this hub has not made. @session_id: (out) (transfer full) */
gboolean bureau_refresh_token_read (const guint8 *key, const char *token, char **session_id,
                                    gint64 *generation);

G_END_DECLS
