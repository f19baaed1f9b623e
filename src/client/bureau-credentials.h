/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>

G_BEGIN_DECLS

/* Being signed in: turns the refresh token into access tokens and renews them before they expire,
 * over the connection while there is one, so that it need not be made again, else by REST.
 *
 * Signals:
 *  - "refresh-token" (const char *token): the hub has replaced the refresh token; the old one is
 *    worth nothing soon
 *  - "refused" (const GError *error): the hub does not take the refresh token any more. Nothing
 * else that goes wrong signs anybody out. */
#define BUREAU_TYPE_CREDENTIALS (bureau_credentials_get_type ())
G_DECLARE_FINAL_TYPE (BureauCredentials, bureau_credentials, BUREAU, CREDENTIALS, GObject)

/* @refresh_token: NULL as long as nobody is signed in; then nothing is asked. */
BureauCredentials *bureau_credentials_new (SoupSession *soup, const char *base_uri,
                                           const char *refresh_token);
const char *bureau_credentials_get_base_uri (BureauCredentials *self);
/* The hub is elsewhere now: from the next request on. */
void bureau_credentials_set_base_uri (BureauCredentials *self, const char *base_uri);
SoupSession *bureau_credentials_get_soup (BureauCredentials *self);

/* Asks the hub over an open connection; @answer (nullable) gets the acknowledgement's object, or
 * NULL with the error. */
typedef void (*BureauCredentialsAnswer) (JsonObject *answer, const GError *error, gpointer data);
typedef void (*BureauCredentialsAsk) (gpointer link, const char *command, JsonObject *params,
                                      BureauCredentialsAnswer answer, gpointer data);
/* While a connection is open; NULL when it is over. */
void bureau_credentials_set_ask (BureauCredentials *self, BureauCredentialsAsk ask, gpointer data);
/* Before its time: the hub says that the connection's token is about to expire. */
void bureau_credentials_renew (BureauCredentials *self);

/* An access token that is good for a while yet. */
void bureau_credentials_get_token_async (BureauCredentials *self, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer data);
/* (transfer full). BUREAU_ERROR_UNAUTHENTICATED: the hub has refused the refresh token. */
char *bureau_credentials_get_token_finish (BureauCredentials *self, GAsyncResult *result,
                                           GError **error);
/* The hub has refused the access token: get a new one the next time. */
void bureau_credentials_forget_token (BureauCredentials *self);
/* The person has signed in anew. */
void bureau_credentials_set_refresh_token (BureauCredentials *self, const char *refresh_token);
/* No more renewals. */
void bureau_credentials_stop (BureauCredentials *self);

/* A request with an access token; if the hub does not take that, once more with a new one. @body
 * (nullable): JSON. An answer of more than @max_size bytes is refused. */
void bureau_credentials_request_async (BureauCredentials *self, const char *method,
                                       const char *path, const char *body, gsize max_size,
                                       GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer data);
/* As bureau_inquiry_finish(). (transfer full) */
GBytes *bureau_credentials_request_finish (BureauCredentials *self, GAsyncResult *result,
                                           GError **error);

G_END_DECLS
