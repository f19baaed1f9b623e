/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-accounts.h"
#include "bureau-client.h"

G_BEGIN_DECLS

/* An office as this program holds it open: the account, its client, the secret in the keyring, and
 * the hub where this machine serves it. It comes about in one of five ways: an office is founded,
 * joined, signed in to, opened again, or taken over.
 *
 * Signal "shared-changed": the office has been opened to the network, or closed again.
 * Signal "problem": there is something the person should know and that stops nothing: no keyring,
 * the office can't be served. bureau_workplace_take_problem() says what; it may have come before
 * anybody listened. */
#define BUREAU_TYPE_WORKPLACE (bureau_workplace_get_type ())
G_DECLARE_FINAL_TYPE (BureauWorkplace, bureau_workplace, BUREAU, WORKPLACE, GObject)

/* Makes an office on this machine, serves it (to the network too, if it is @shared), and goes in as
 * its owner. */
void bureau_workplace_found_async (BureauAccounts *accounts, const char *office_name,
                                   const char *your_name, gboolean shared,
                                   GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer data);
/* Takes up an offer and goes in. */
void bureau_workplace_join_async (BureauAccounts *accounts, const BureauOffer *offer,
                                  const char *your_name, const char *password,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer data);
/* Goes in as somebody who is a member already. @pin: of the hub's certificate, "" on loopback. */
void bureau_workplace_sign_in_async (BureauAccounts *accounts, const char *base_uri,
                                     const char *pin, const char *handle, const char *password,
                                     GCancellable *cancellable, GAsyncReadyCallback callback,
                                     gpointer data);
/* Opens the office that was open last, from the replica, without waiting for any hub but its own.
 * Where the keyring does not give the account's secret, the client is signed out and waits for
 * bureau_workplace_sign_in_again_async(). Fails with G_IO_ERROR_NOT_FOUND if there is none yet. */
void bureau_workplace_open_async (BureauAccounts *accounts, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer data);
/* Makes the office of the file @path (bureau_hub_take_over_async()) on this machine and serves it
 * to the network: as who has been in it from here, or else as its owner. */
void bureau_workplace_take_over_async (BureauAccounts *accounts, const char *path,
                                       GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer data);
/* For all of these. Its client is started. (transfer full) */
BureauWorkplace *bureau_workplace_finish (GAsyncResult *result, GError **error);

BureauClient *bureau_workplace_get_client (BureauWorkplace *self); /* (transfer none) */
/* TRUE if this machine serves the office. */
gboolean bureau_workplace_is_host (BureauWorkplace *self);
/* The folder of the office that this machine serves. (nullable) (transfer full) */
char *bureau_workplace_get_directory (BureauWorkplace *self);
/* TRUE while the hub is in this program: it may not be, where bureau-hub serves the office. */
gboolean bureau_workplace_is_serving (BureauWorkplace *self);
/* Since when, an instant; 0 while it is not. */
gint64 bureau_workplace_get_since (BureauWorkplace *self);
/* Its person's account for when another machine serves the office that this one serves still.
 * (transfer full) */
BureauAccount *bureau_workplace_make_guest_account (BureauWorkplace *self);
/* A sentence about what went wrong since the last call. (transfer full) (nullable) */
char *bureau_workplace_take_problem (BureauWorkplace *self);

/* Signs its person in again, who is signed out: what waits in the outbox goes out then. */
void bureau_workplace_sign_in_again_async (BureauWorkplace *self, const char *password,
                                           GCancellable *cancellable, GAsyncReadyCallback callback,
                                           gpointer data);
gboolean bureau_workplace_sign_in_again_finish (BureauWorkplace *self, GAsyncResult *result,
                                                GError **error);

/* Opens the office that this machine serves to the network, or closes it again; it stays so. */
void bureau_workplace_share_async (BureauWorkplace *self, gboolean shared,
                                   GAsyncReadyCallback callback, gpointer data);
gboolean bureau_workplace_share_finish (BureauWorkplace *self, GAsyncResult *result,
                                        GError **error);
gboolean bureau_workplace_get_shared (BureauWorkplace *self);
/* Where other machines find it, "192.168.1.20:28732"; NULL while they don't. (nullable) (transfer
 * full) */
char *bureau_workplace_get_address (BureauWorkplace *self);
/* The pin that the hub's certificate is known by, here and elsewhere; "" if it has none. (transfer
 * none) */
const char *bureau_workplace_get_pin (BureauWorkplace *self);

/* The hub no longer takes its secret: closing it takes the secret out of the keyring too. */
void bureau_workplace_forget (BureauWorkplace *self);
/* Ends it in good order: the client's writes, then the hub. */
void bureau_workplace_close_async (BureauWorkplace *self, GAsyncReadyCallback callback,
                                   gpointer data);
gboolean bureau_workplace_close_finish (BureauWorkplace *self, GAsyncResult *result,
                                        GError **error);

G_END_DECLS
