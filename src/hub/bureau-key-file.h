/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Small files that nobody but their owner may read: keys. Blocking. */

/* Reads a file of ours, at most @max bytes and NUL-terminated; one that others may read is closed
 * to them. G_IO_ERROR_NOT_FOUND if there is none; an error of its own, and the file left as it is,
 * if it is a symbolic link, no file, somebody else's or too large. (transfer full): wipe it. */
char *bureau_key_file_load (const char *path, gsize max, gsize *length, GError **error);
/* Writes it whole or not at all, mode 0600, even if the power goes. */
gboolean bureau_key_file_save (const char *path, const void *bytes, gsize length, GError **error);
/* Overwrites the secret, and frees it. @text: nullable. */
void bureau_key_file_wipe (char *text, gsize length);

G_END_DECLS
