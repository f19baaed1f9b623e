/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* One HTTP exchange whose answer may be of any size, but is never kept beyond @max_size: the body
 * is counted while it is read. */

/* @milliseconds: for all of it; 0 for as long as it takes. The caller keeps @message, and looks at
 * its status and headers afterwards. */
void bureau_fetch_async (SoupSession *session, SoupMessage *message, gsize max_size,
                         guint milliseconds, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer data);
/* The body, of whatever status. G_IO_ERROR_MESSAGE_TOO_LARGE, G_IO_ERROR_TIMED_OUT,
 * G_IO_ERROR_CANCELLED, or what the network said. (transfer full) */
GBytes *bureau_fetch_finish (GAsyncResult *result, GError **error);

G_END_DECLS
