/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The one line of a file that nobody else may read. G_IO_ERROR_PERMISSION_DENIED if others may, or
 * if it is not the caller's; G_IO_ERROR_INVALID_DATA if it is not one line of text. (transfer
 * full): bureau_password_free() it. */
char *bureau_password_file_read (const char *path, GError **error);

G_END_DECLS
