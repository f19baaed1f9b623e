/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-socket.h"
#include "raw-client.h"

G_BEGIN_DECLS

/* A BureauSocket and what it was told. */
typedef struct {
    BureauSocket *socket; /* (owned) (nullable) */
    GError *error;        /* (owned) (nullable): why there is none */
    GError *closed;       /* (owned) (nullable): why it is over */
    GPtrArray *events;    /* (owned): "name json" */
    GPtrArray *acks;      /* (owned): json, or NULL */
    guint upgraded;
    gboolean done;
} SocketClient;

/* Begins to connect; `done` says when that has ended. */
SocketClient *socket_client_begin (const char *uri, const char *auth,
                                   BureauSocketTransport transport, GCancellable *cancellable);
/* The same, and waits for it. */
SocketClient *socket_client_new (const char *uri, const char *auth, BureauSocketTransport transport,
                                 GCancellable *cancellable);
void socket_client_free (SocketClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SocketClient, socket_client_free)

/* For callers that connect by themselves. */
SocketClient *socket_client_new_empty (void);
void socket_client_on_connected (GObject *source, GAsyncResult *result, gpointer client);
/* Emits, and keeps the acknowledgement. */
void socket_client_ask (SocketClient *client, const char *name, const char *json);
/* Whichever of the two errors came. */
const GError *socket_client_get_reason (SocketClient *client);

#define SOCKET_CLIENT_MAX_PAYLOAD (64 * 1024)

G_END_DECLS
