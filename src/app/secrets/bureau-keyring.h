/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* The desktop's keyring, for the one secret the app has: the refresh token of a device of a
 * person's account, found again by the three that make it: the hub's pin ("" on loopback), the user
 * and the device. Where there is no keyring the token is lost with the program and nowhere else
 * written; the caller says so. All three are asynchronous, because the keyring may ask its owner to
 * be unlocked.
 */

/* Keeps @token for @account in the place of any earlier one. */
void bureau_keyring_store_async (const BureauAccount *account, const char *token,
                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer data);
gboolean bureau_keyring_store_finish (GAsyncResult *result, GError **error);

void bureau_keyring_lookup_async (const BureauAccount *account, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer data);
/* NULL without an error: the keyring knows none, or its owner would not unlock it. (transfer full)
 * (nullable) */
char *bureau_keyring_lookup_finish (GAsyncResult *result, GError **error);

void bureau_keyring_clear_async (const BureauAccount *account, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer data);
gboolean bureau_keyring_clear_finish (GAsyncResult *result, GError **error);

G_END_DECLS
