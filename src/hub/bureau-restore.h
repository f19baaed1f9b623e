/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Putting an office back to a backup (reliability.md, G7 and G21). What was there is kept, in
 * `backups/replaced-TIME/`. The office that is put back has another epoch: every client notices,
 * fetches what there is now, and sends its outbox again. Blocking. */

/* @directory: an office's that no hub serves, or a new one. Whatever stops it, there is then the
 * old office or the new one. @now: an instant. @aside: where what was there is now, NULL if there
 * was nothing (out) (transfer full). Returns the backup's manifest (transfer full). */
JsonObject *bureau_restore (const char *directory, const char *from, gint64 now, char **aside,
                            GError **error);

/* For whoever has just locked the directory: ends a restore that was interrupted after it had been
 * decided upon. */
gboolean bureau_restore_finish (const char *directory, GError **error);

G_END_DECLS
