/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Where a request claims to go, and which page made it: what keeps other people's pages out of a
 * hub that their reader's browser can reach (reliability.md 3.5, browser). */

/* TRUE if @host, "NAME" or "NAME:PORT", is this machine: localhost, a loopback address, @local, or
 * the machine's name. */
gboolean bureau_origin_is_own_host (const char *host, GSocketAddress *local);
/* TRUE if @allowed (nullable) (NULL-terminated) has @origin, or "*". */
gboolean bureau_origin_is_allowed (const char *const *allowed, const char *origin);
/* TRUE for what a browser may send as an Origin: "http://NAME", "https://NAME:PORT". */
gboolean bureau_origin_is_valid (const char *origin);

G_END_DECLS
