/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* A client and the worst of hubs. The input's first byte says over which transport the client comes
 * (bit 0: by polling; bit 1: and then tries a WebSocket); the rest is what the hub answers, one
 * part for each request, with 0xff between. A part's first byte is its form: `u` is the right 101
 * and what follows it, `a` an answer with that body, anything else the bare bytes. A POST is
 * answered as it should be, unless the next part is of the form `p`: then with its bare bytes.
 *
 * Whatever it is: the client is told once how it came out and once that it is over, nothing is left
 * unacknowledged, and what comes up to the owner is sound. */

#include <string.h>

#include "bureau-json-scanner.h"
#include "bureau-socket.h"
#include "hand-hub.h"
#include "slices.h"

#define MAX_PAYLOAD 4096
#define SEPARATOR   0xff
#define PATIENCE    (5 * G_USEC_PER_SEC)
#define GRACE       (3 * G_TIME_SPAN_MILLISECOND)
/* While the hub has more to answer. */
#define LONG_GRACE (20 * G_TIME_SPAN_MILLISECOND)

typedef struct {
    HandHub *hub;        /* (unowned): the same for all plays */
    const guint8 *parts; /* (unowned): that were not played yet */
    gsize left;
    gboolean upgrades;
    BureauSocket *socket; /* (owned) (nullable) */
    guint answered;
    guint closed;
    guint acks;
} Play;

/* ------------------------------------------------------------------ the hub */

static void
answer (HandPeer *peer, const guint8 *body, gsize length)
{
    g_autofree char *head = g_strdup_printf ("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                                             "Content-Length: %d\r\nConnection: close\r\n\r\n",
                                             (int) length);

    hand_peer_send_string (peer, head);
    hand_peer_send (peer, body, length);
}

static void
send_part (HandPeer *peer, const guint8 *part, gsize length)
{
    g_autofree char *key = hand_peer_get_header (peer, "Sec-WebSocket-Key");

    if (length > 0 && part[0] == 'u' && key != NULL) {
        g_autofree char *head = hand_peer_make_upgrade (peer);

        hand_peer_send_string (peer, head);
        hand_peer_send (peer, part + 1, length - 1);
    } else if (length > 0 && part[0] == 'a') {
        answer (peer, part + 1, length - 1);
    } else if (length > 0 && part[0] == 'p') {
        hand_peer_send (peer, part + 1, length - 1);
    } else {
        hand_peer_send (peer, part, length);
    }
}

static void
on_request (HandPeer *peer, const char *method, const char *body, gpointer data)
{
    Play *play = data;
    const guint8 *end = memchr (play->parts, SEPARATOR, play->left);
    gsize length = end == NULL ? play->left : (gsize) (end - play->parts);

    if (play->left == 0) {
        hand_peer_shut (peer);
        return;
    }
    if (g_str_equal (method, "POST") && play->parts[0] != 'p') {
        answer (peer, (const guint8 *) "ok", 2);
        return;
    }
    send_part (peer, play->parts, length);
    play->parts += length + (end != NULL);
    play->left -= length + (end != NULL);
}

/* libsoup warns of some of what it reads, as a Content-Length below nothing; we may not. */
static void
be_strict (void)
{
    const GLogLevelFlags grave = G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL;

    g_log_set_always_fatal (grave);
    g_log_set_fatal_mask ("bureau-wire", grave | G_LOG_LEVEL_WARNING);
}

static HandHub *
get_hub (Play *play)
{
    static HandHub *hub;

    if (hub == NULL) {
        be_strict ();
        hub = hand_hub_new (on_request, NULL);
    }
    hub->data = play;
    return hub;
}

/* ------------------------------------------------------------------ the client */

static void
check_json (const char *json)
{
    g_assert (bureau_json_scan (json, strlen (json), 64, NULL, NULL));
}

static void
on_event_cb (BureauSocket *socket, const char *name, const char *json, Play *play)
{
    g_assert (play->closed == 0);
    g_assert (g_utf8_validate (name, -1, NULL));
    check_json (json);
}

static void
on_closed_cb (BureauSocket *socket, const GError *reason, Play *play)
{
    g_assert (reason != NULL && play->closed == 0);
    g_assert (!bureau_socket_is_open (socket));
    play->closed++;
}

static void
on_ack_cb (const char *json, const GError *error, gpointer data)
{
    Play *play = data;

    g_assert ((json == NULL) == (error != NULL));
    if (json != NULL)
        check_json (json);
    play->acks++;
}

static void
on_connected_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    Play *play = data;
    g_autoptr (GError) error = NULL;

    g_assert (play->answered++ == 0);
    play->socket = bureau_socket_connect_finish (result, &error);
    g_assert ((play->socket == NULL) == (error != NULL));
    if (play->socket == NULL)
        return;
    g_signal_connect (play->socket, "event", G_CALLBACK (on_event_cb), play);
    g_signal_connect (play->socket, "closed", G_CALLBACK (on_closed_cb), play);
    bureau_socket_emit (play->socket, "one", "{\"a\":1}", on_ack_cb, play);
    bureau_socket_emit (play->socket, "two", NULL, on_ack_cb, play);
    if (play->upgrades)
        bureau_socket_upgrade (play->socket);
}

/* ------------------------------------------------------------------ the play */

static gboolean
is_over (Play *play)
{
    return play->answered == 1 && (play->socket == NULL || play->closed == 1);
}

/* Until nothing happens any more; and a while longer, for libsoup has threads read for it. */
static void
settle (Play *play)
{
    gint64 since = g_get_monotonic_time ();

    while (!is_over (play) &&
           g_get_monotonic_time () - since < (play->left > 0 ? LONG_GRACE : GRACE)) {
        if (g_main_context_iteration (NULL, FALSE))
            since = g_get_monotonic_time ();
        else
            g_thread_yield ();
    }
}

/* The hub goes, and goes again whenever the client tries once more. */
static void
leave (Play *play)
{
    gint64 deadline = g_get_monotonic_time () + PATIENCE;

    play->left = 0;
    while (!is_over (play)) {
        g_assert (g_get_monotonic_time () < deadline);
        for (guint i = 0; i < play->hub->peers->len; i++)
            hand_peer_shut (play->hub->peers->pdata[i]);
        settle (play);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
    g_autoptr (SoupSession) session = NULL;
    guint mode = size == 0 ? 0 : data[0];
    Play play = {
        .parts = data + (size > 0),
        .left = size - (size > 0),
        .upgrades = (mode & 2) != 0,
    };

    play.hub = get_hub (&play);
    session = bureau_socket_session_new ();
    bureau_socket_connect_async (session, play.hub->uri, NULL, MAX_PAYLOAD,
                                 mode & 1 ? BUREAU_SOCKET_POLLING : BUREAU_SOCKET_WEBSOCKET, NULL,
                                 on_connected_cb, &play);
    settle (&play);
    leave (&play);
    if (play.socket != NULL) {
        g_assert (play.acks == 2);
        g_object_unref (play.socket);
    }
    while (g_main_context_iteration (NULL, FALSE))
        ;
    g_ptr_array_set_size (play.hub->peers, 0);
    return 0;
}
