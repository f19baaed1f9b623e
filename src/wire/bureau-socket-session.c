/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-pin.h"
#include "bureau-socket.h"

static void
on_request_queued_cb (SoupSession *session, SoupMessage *message, gpointer data)
{
    soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
}

SoupSession *
bureau_socket_session_new (void)
{
    /* Each of these has had holes that a hostile hub could use, and a hub of ours needs none of
     * them. */
    GType unwanted[] = { SOUP_TYPE_AUTH_MANAGER,
                         SOUP_TYPE_COOKIE_JAR,
                         SOUP_TYPE_CACHE,
                         SOUP_TYPE_CONTENT_SNIFFER,
                         SOUP_TYPE_CONTENT_DECODER,
                         SOUP_TYPE_HSTS_ENFORCER,
                         SOUP_TYPE_WEBSOCKET_EXTENSION_MANAGER };
    /* A poll that is held, and a POST, must not keep all else waiting. */
    SoupSession *session = soup_session_new_with_options ("max-conns-per-host", 6, NULL);
    g_autoptr (GTlsDatabase) nobody = bureau_pin_database_new ("");

    soup_session_set_proxy_resolver (session, NULL);
    soup_session_set_tls_database (session, nobody);
    for (guint i = 0; i < G_N_ELEMENTS (unwanted); i++)
        soup_session_remove_feature_by_type (session, unwanted[i]);
    g_signal_connect (session, "request-queued", G_CALLBACK (on_request_queued_cb), NULL);
    return session;
}
