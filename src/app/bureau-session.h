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
 * the office can't be served. bureau_session_take_problem() says what; it may have come before
 * anybody listened. */
#define BUREAU_TYPE_SESSION (bureau_session_get_type ())
G_DECLARE_FINAL_TYPE (BureauSession, bureau_session, BUREAU, SESSION, GObject)

/* Makes an office on this machine, serves it, and goes in as its owner. */
void bureau_session_found_async (BureauAccounts *accounts, const char *office_name,
                                 const char *your_name, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer data);
/* Redeems an invitation and goes in. */
void bureau_session_join_async (BureauAccounts *accounts, const BureauInvitation *invitation,
                                const char *your_name, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer data);
/* Opens the office that was open last, from the replica, without waiting for any hub but its own.
 * Fails with G_IO_ERROR_NOT_FOUND if there is none yet, and with BUREAU_ERROR_UNAUTHENTICATED if
 * the keyring no longer has the account's secret. */
void bureau_session_open_async (BureauAccounts *accounts, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer data);
/* For all three. The session's client is started. (transfer full) */
BureauSession *bureau_session_finish (GAsyncResult *result, GError **error);

BureauClient *bureau_session_get_client (BureauSession *self); /* (transfer none) */
/* TRUE if this machine serves the office. */
gboolean bureau_session_is_host (BureauSession *self);
/* A sentence about what went wrong since the last call. (transfer full) (nullable) */
char *bureau_session_take_problem (BureauSession *self);

/* The hub no longer takes its secret: closing it takes the secret out of the keyring too. */
void bureau_session_forget (BureauSession *self);
/* Ends it in good order: the client's writes, then the hub. */
void bureau_session_close_async (BureauSession *self, GAsyncReadyCallback callback, gpointer data);
gboolean bureau_session_close_finish (BureauSession *self, GAsyncResult *result, GError **error);

G_END_DECLS
