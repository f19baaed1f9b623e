/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "bureau-exchange.h"

G_BEGIN_DECLS

/* The session cookie, for pages of origins that the office has named, and off unless whoever runs
 * the hub wants it (doors.md, Socket.IO): the tokens where no script of the page can read them. A
 * cookie comes with whatever a browser sends, so it counts only together with an Origin that may
 * come, which no page can forge (RFC 6265, RFC 6454). */

/* For signing in and for asking; and for renewing, which is sent to nowhere else. */
#define BUREAU_ACCESS_COOKIE  "bureau-access"
#define BUREAU_REFRESH_COOKIE "bureau-refresh"

/* Its value in a Cookie header (nullable); NULL if it is not there, or there twice. (transfer full)
 */
char *bureau_cookie_find (const char *header, const char *name);

/* Sets what @answer has of tokens. */
void bureau_cookie_set (BureauExchange *exchange, JsonObject *answer);
void bureau_cookie_clear (BureauExchange *exchange);

G_END_DECLS
