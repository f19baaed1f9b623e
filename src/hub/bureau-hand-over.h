/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Moving an office to another machine: it is packed into one file, a backup of it with its keys,
 * and its directory is marked, so that no hub serves it there any more. At the other machine it is
 * taken over from that file: the hub there has the same key, so everybody's computers know it
 * again, and stay signed in. Never do two hubs of one key serve unnoticed. Blocking. */

/* Packs the office in @directory, which no hub may be serving, into @to, in whose place nothing
 * else stays. Whatever stops it, the office is then marked and packed, or neither. @now: an
 * instant. Returns the manifest (transfer full). */
JsonObject *bureau_hand_over (const char *directory, const char *to, gint64 now,
                              GCancellable *cancellable, GError **error);
/* Whether the office in @directory is marked. */
gboolean bureau_hand_over_is_marked (const char *directory);
/* FALSE with G_IO_ERROR_PERMISSION_DENIED, and when and into what it was packed, if it is. */
gboolean bureau_hand_over_check (const char *directory, GError **error);
/* Takes the mark off, deliberately: whoever does it answers for no other machine serving the
 * office. G_IO_ERROR_NOT_FOUND if there is none. */
gboolean bureau_hand_over_take_back (const char *directory, GError **error);

/* Makes the office of a package, or of any backup, in @directory, where there is none. @from is
 * read as hostile (bureau-archive.h). Its epoch is another than before, so that every client looks
 * anew. Returns the manifest (transfer full): with "handedOver" if it is a package, whose old hub
 * will not serve again by itself. */
JsonObject *bureau_take_over (const char *directory, const char *from, gint64 now, GError **error);

G_END_DECLS
