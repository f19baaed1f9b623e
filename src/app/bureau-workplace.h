/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-accounts.h"
#include "bureau-client.h"

G_BEGIN_DECLS

/* An office as this program holds it open: the account, its client, the secret in the keyring, and
 * the hub where this machine serves it. It comes about in one of three ways: an office is founded,
 * joined, or opened again.
 *
 * Signal "problem": there is something the person should know and that stops nothing: no keyring,
 * the office can't be served. bureau_workplace_take_problem() says what; it may have come before
 * anybody listened. */
#define BUREAU_TYPE_WORKPLACE (bureau_workplace_get_type ())
G_DECLARE_FINAL_TYPE (BureauWorkplace, bureau_workplace, BUREAU, WORKPLACE, GObject)

/* Makes an office on this machine, serves it, and goes in as its owner. */
void bureau_workplace_found_async (BureauAccounts *accounts, const char *office_name,
                                   const char *your_name, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer data);
/* Redeems an invitation and goes in. */
void bureau_workplace_join_async (BureauAccounts *accounts, const BureauInvitation *invitation,
                                  const char *your_name, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer data);
/* Opens the office that was open last, from the replica, without waiting for any hub but its own.
 * Fails with G_IO_ERROR_NOT_FOUND if there is none yet, and with BUREAU_ERROR_UNAUTHENTICATED if
 * the keyring no longer has the account's secret. */
void bureau_workplace_open_async (BureauAccounts *accounts, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer data);
/* For all three. Its client is started. (transfer full) */
BureauWorkplace *bureau_workplace_finish (GAsyncResult *result, GError **error);

BureauClient *bureau_workplace_get_client (BureauWorkplace *self); /* (transfer none) */
/* TRUE if this machine serves the office. */
gboolean bureau_workplace_is_host (BureauWorkplace *self);
/* A sentence about what went wrong since the last call. (transfer full) (nullable) */
char *bureau_workplace_take_problem (BureauWorkplace *self);

/* The hub no longer takes its secret: closing it takes the secret out of the keyring too. */
void bureau_workplace_forget (BureauWorkplace *self);
/* Ends it in good order: the client's writes, then the hub. */
void bureau_workplace_close_async (BureauWorkplace *self, GAsyncReadyCallback callback,
                                   gpointer data);
gboolean bureau_workplace_close_finish (BureauWorkplace *self, GAsyncResult *result,
                                        GError **error);

G_END_DECLS
