/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A hub by hand, in the default main context: it reads one request from each connection, and what
 * it answers the test chooses, byte by byte. */

typedef struct _HandHub HandHub;

typedef struct {
    HandHub *hub;
    GSocketConnection *connection; /* (owned) */
    GByteArray *in;                /* (owned): all that came */
    gsize head;                    /* bytes of the request's head, once it is there */
    gboolean eof;                  /* the client has closed */
    GSource *readable;             /* (owned) */
    GSource *writable;             /* (owned) (nullable) */
    char *chunk;                   /* (owned) (nullable): sent again and again */
    gsize chunk_length;
    guint8 buffer[4096];
} HandPeer;

/* A whole request is there, its body included. */
typedef void (*HandFunc) (HandPeer *peer, const char *method, const char *body, gpointer data);

struct _HandHub {
    GSocketService *service; /* (owned) */
    char *uri;               /* (owned) */
    GPtrArray *peers;        /* (owned) (element-type HandPeer): all that ever came */
    HandFunc func;
    gpointer data;
};

HandHub *hand_hub_new (HandFunc func, gpointer data);
void hand_hub_free (HandHub *hub);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HandHub, hand_hub_free)

void hand_peer_send (HandPeer *peer, const void *bytes, gsize length);
void hand_peer_send_string (HandPeer *peer, const char *text);
/* Until the client closes. */
void hand_peer_send_for_ever (HandPeer *peer, const void *bytes, gsize length);
void hand_peer_shut (HandPeer *peer);
/* The request's header; NULL if there is none. (transfer full) */
char *hand_peer_get_header (HandPeer *peer, const char *name);
/* The 101 that the request deserves. (transfer full) */
char *hand_peer_make_upgrade (HandPeer *peer);
/* An answer to a request, after which the connection is closed. */
void hand_peer_answer (HandPeer *peer, const char *status, const char *type, const char *body);
/* What came in frames, all of them short, one a line. (transfer full) */
char *hand_peer_get_frames (HandPeer *peer);
/* The code of the close frame that ends what the client sent; 1006 if there is none. */
guint hand_peer_get_close_code (HandPeer *peer);

G_END_DECLS
