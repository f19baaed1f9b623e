/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* BureauSocket against hubs that break HTTP and RFC 6455: it leaves, in bounded time and memory,
 * and says why. What they may say in Engine.IO and Socket.IO is test-socket.c's. */

#include <string.h>
#include <sys/socket.h>

#include "bureau-websocket-codec.h"
#include "hand-hub.h"
#include "socket-client.h"

#define OPEN                                                                                       \
    "0{\"sid\":\"x\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,"                \
    "\"maxPayload\":100}"
#define ANSWER "40{\"sid\":\"y\"}"

/* ------------------------------------------------------------------ WebSocket */

/* What the hub answers to the upgrade. */
typedef struct {
    const char *name;
    const char *answer; /* "%" stands for the right 101; NULL: that alone */
    const char *bytes;  /* behind it */
    gsize length;
    gboolean for_ever; /* those again and again */
    gboolean shuts;    /* closes its side then */
    int code;
    guint status;
    guint close_code; /* that we close with */
} Frames;

#define BYTES(text) text, sizeof text - 1
#define NOTHING     "", 0
#define HEAD        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
#define FRAMES(name, bytes, close_code)                                                            \
    {                                                                                              \
        name, "%", BYTES (bytes), FALSE, FALSE, BUREAU_SOCKET_ERROR_PROTOCOL, 0, close_code        \
    }
#define FLOOD(name, bytes)                                                                         \
    {                                                                                              \
        name, "%", BYTES (bytes), TRUE, FALSE, BUREAU_SOCKET_ERROR_PROTOCOL, 0, 0                  \
    }
#define REFUSAL(name, answer, status)                                                              \
    {                                                                                              \
        name, answer, NOTHING, FALSE, FALSE, BUREAU_SOCKET_ERROR_HTTP, status, 0                   \
    }
#define NONSENSE(name, answer)                                                                     \
    {                                                                                              \
        name, answer, NOTHING, FALSE, FALSE, BUREAU_SOCKET_ERROR_PROTOCOL, 0, 0                    \
    }
#define END(name, answer, bytes)                                                                   \
    {                                                                                              \
        name, answer, BYTES (bytes), FALSE, TRUE, BUREAU_SOCKET_ERROR_CLOSED, 0, 0                 \
    }

static const Frames frames[] = {
    REFUSAL ("unauthorized", "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", 401),
    REFUSAL ("forbidden", "HTTP/1.0 403 Forbidden\r\n\r\n", 403),
    REFUSAL ("busy", "HTTP/1.1 503 \r\n\r\n", 503),
    REFUSAL ("page", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>", 200),
    REFUSAL ("redirect", "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n", 302),
    NONSENSE ("no-http", "SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    NONSENSE ("http-2", "HTTP/2 101\r\n\r\n"),
    NONSENSE ("bad-status", "HTTP/1.1 1011 Odd\r\n\r\n"),
    NONSENSE ("empty", "\r\n\r\n"),
    NONSENSE ("bare-101", "HTTP/1.1 101 Switching Protocols\r\n\r\n"),
    NONSENSE ("no-accept", HEAD "\r\n"),
    NONSENSE ("wrong-accept", HEAD "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"),
    NONSENSE ("no-upgrade", "HTTP/1.1 101 X\r\nConnection: Upgrade\r\n#\r\n\r\n"),
    NONSENSE ("no-connection", "HTTP/1.1 101 X\r\nUpgrade: websocket\r\n#\r\n\r\n"),
    NONSENSE ("other-upgrade",
              "HTTP/1.1 101 X\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n#\r\n\r\n"),
    NONSENSE ("two-accepts", HEAD "#\r\n#\r\n\r\n"),
    NONSENSE ("extension", HEAD "#\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"),
    NONSENSE ("subprotocol", HEAD "#\r\nSec-WebSocket-Protocol: soap\r\n\r\n"),
    NONSENSE ("folded", HEAD "#\r\n X-Folded: yes\r\n\r\n"),
    NONSENSE ("no-colon", HEAD "#\r\nnonsense\r\n\r\n"),
    NONSENSE ("bare-newline", HEAD "#\r\nX: a\nUpgrade: websocket\r\n\r\n"),
    { "endless-head", HEAD, BYTES ("X-Filler: nothing\r\n"), TRUE, FALSE,
      BUREAU_SOCKET_ERROR_PROTOCOL, 0, 0 },
    { "endless-line", "HTTP/1.1 ", BYTES ("999999999999"), TRUE, FALSE,
      BUREAU_SOCKET_ERROR_PROTOCOL, 0, 0 },
    { "nul-in-head", HEAD "#\r\n", BYTES ("X: \0\r\n\r\n"), FALSE, FALSE,
      BUREAU_SOCKET_ERROR_PROTOCOL, 0, 0 },
    END ("silent", "", ""),
    END ("half-head", HEAD, ""),
    END ("half-frame", "%", "\x81\x7e\x01"),
    END ("half-message", "%",
         "\x01\x03"
         "42["),
    FRAMES ("masked",
            "\x81\x82\x00\x00\x00\x00"
            "40",
            1002),
    FRAMES ("reserved-bit",
            "\xc1\x02"
            "40",
            1002),
    FRAMES ("unknown-opcode",
            "\x83\x02"
            "40",
            1002),
    FRAMES ("gibibyte", "\x81\x7f\x00\x00\x00\x00\x40\x00\x00\x00", 1009),
    FRAMES ("beyond-63-bits", "\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 1002),
    FRAMES ("long-form",
            "\x81\x7e\x00\x02"
            "40",
            1002),
    FRAMES ("long-ping", "\x89\x7e\x00\x7e", 1002),
    FRAMES ("split-ping",
            "\x09\x01"
            "a",
            1002),
    FRAMES ("stray-continuation",
            "\x80\x01"
            "a",
            1002),
    FRAMES ("interleaved",
            "\x01\x01"
            "4\x81\x01"
            "4",
            1002),
    FRAMES ("bad-utf-8", "\x81\x02\xc3\x28", 1007),
    FRAMES ("binary",
            "\x82\x01"
            "b",
            1002),
    FRAMES ("close-of-one-byte", "\x88\x01\x03", 1002),
    FRAMES ("close-1005", "\x88\x02\x03\xed", 1002),
    FRAMES ("close-not-utf-8", "\x88\x04\x03\xe8\xc3\x28", 1007),
    { "close-4401", "%", BYTES ("\x88\x02\x11\x31"), FALSE, FALSE, BUREAU_SOCKET_ERROR_CLOSED, 0,
      4401 },
    { "close-without-code", "%", BYTES ("\x88\x00"), FALSE, FALSE, BUREAU_SOCKET_ERROR_CLOSED, 0,
      1006 },
    FLOOD ("pings", "\x89\x00"),
    FLOOD ("pongs", "\x8a\x01"
                    "p"),
    { "fragments",
      "%\x01\x01"
      "4",
      BYTES ("\x00\x01"
             "a"),
      TRUE, FALSE, BUREAU_SOCKET_ERROR_PROTOCOL, 0, 0 },
    { "empty-fragments",
      "%\x01\x01"
      "4",
      BYTES ("\x00\x00"), TRUE, FALSE, BUREAU_SOCKET_ERROR_PROTOCOL, 0, 0 },
};

/* "%" is the whole right answer, "#" the one line of it that depends on the request. */
static char *
fill_in (HandPeer *peer, const char *answer)
{
    g_autofree char *upgrade = hand_peer_make_upgrade (peer);
    g_autofree char *accept = g_strdup (strstr (upgrade, "Sec-WebSocket-Accept"));
    g_autoptr (GString) text = g_string_new (answer);

    *strchr (accept, '\r') = '\0';
    g_string_replace (text, "%", upgrade, 0);
    g_string_replace (text, "#", accept, 0);
    return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
answer_upgrade (HandPeer *peer, const char *method, const char *body, gpointer data)
{
    const Frames *ill = data;
    g_autofree char *answer = fill_in (peer, ill->answer);

    hand_peer_send_string (peer, answer);
    if (ill->for_ever)
        hand_peer_send_for_ever (peer, ill->bytes, ill->length);
    else
        hand_peer_send (peer, ill->bytes, ill->length);
    if (ill->shuts)
        hand_peer_shut (peer);
}

static void
test_frames (gconstpointer data)
{
    const Frames *ill = data;
    g_autoptr (HandHub) hub = hand_hub_new (answer_upgrade, (gpointer) ill);
    g_autoptr (SocketClient) client = socket_client_new (hub->uri, NULL, BUREAU_SOCKET_WEBSOCKET,
                                                         NULL);
    HandPeer *peer = hub->peers->pdata[0];

    g_assert_error (client->error, BUREAU_SOCKET_ERROR, ill->code);
    g_assert_cmpuint (bureau_socket_error_get_status (client->error), ==, ill->status);
    g_assert_cmpuint (hub->peers->len, ==, 1);
    if (ill->close_code > 0) {
        raw_wait_until (hand_peer_get_close_code (peer) == ill->close_code);
        hand_peer_shut (peer);
    }
    /* One that floods us is never read from again, so nothing but the end of its writes says that
     * we have left. */
    raw_wait_until (peer->eof || g_source_is_destroyed (peer->readable));
}

static void
send_frame (HandPeer *peer, const char *text)
{
    guint8 header[BUREAU_WEBSOCKET_MAX_HEADER];
    guint size = bureau_websocket_frame_header (header, BUREAU_WEBSOCKET_OPCODE_TEXT,
                                                strlen (text));
    g_autoptr (GByteArray) frame = g_byte_array_new ();

    g_byte_array_append (frame, header, size);
    g_byte_array_append (frame, (const guint8 *) text, strlen (text));
    hand_peer_send (peer, frame->data, frame->len);
}

static void
answer_and_open (HandPeer *peer, const char *method, const char *body, gpointer data)
{
    g_autofree char *upgrade = hand_peer_make_upgrade (peer);

    hand_peer_send_string (peer, upgrade);
    send_frame (peer, OPEN);
    send_frame (peer, ANSWER);
}

/* A hub that goes resets the connection, if it has not read all that it was sent. What it said
 * before is read all the same, though the client finds out first that it can't write any more. */
static void
test_last_words (void)
{
    static const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
    g_autoptr (HandHub) hub = hand_hub_new (answer_and_open, NULL);
    g_autoptr (SocketClient) client = socket_client_new (hub->uri, NULL, BUREAU_SOCKET_WEBSOCKET,
                                                         NULL);
    HandPeer *peer = hub->peers->pdata[0];
    GSocket *socket = g_socket_connection_get_socket (peer->connection);
    g_autofree char *padding = g_strnfill (16000, ' ');
    g_autofree char *word = g_strdup_printf ("42[\"last\",%s1]", padding);

    g_assert_no_error (client->error);
    /* More than is read at once. */
    for (guint i = 0; i < 4; i++)
        send_frame (peer, word);
    g_source_destroy (peer->readable);
    setsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    g_assert_true (g_socket_close (socket, NULL));
    bureau_socket_emit (client->socket, "word", "1", NULL, NULL);
    raw_wait_until (client->closed != NULL);
    g_assert_cmpuint (client->events->len, ==, 4);
    g_assert_cmpstr (client->events->pdata[3], ==, "last 1");
}

/* ------------------------------------------------------------------ polling */

/* A hub that answers polls honestly, but for one. */
typedef struct {
    const char *name;
    guint turn;         /* which request is answered ill: 0 for the handshake … */
    const char *method; /* … of this method */
    const char *answer; /* the whole of it */
    char forever;       /* then, again and again; '\0' for not */
    int code;
    guint status;
} Poll;

/* A failed upgrade, of which polling must not suffer. */
typedef struct {
    const char *name;
    const char *answer; /* as in Frames */
    gboolean shuts;
} Probe;

typedef struct {
    const Poll *ill;
    guint gets, posts; /* answered so far */
    GPtrArray *held;   /* (element-type HandPeer): GETs that wait */
    GString *said;     /* (owned): bodies of the POSTs, one a line */
    gsize longest;
    gboolean hold_posts;
    HandPeer *held_post;
    const Probe *probe; /* (nullable): how upgrades are answered */
    HandPeer *upgrade;  /* (nullable): the last that asked for one */
    const char *open;   /* (nullable) */
    const char *later;  /* (nullable): the answer to all further GETs; they are held otherwise */
} Hub;

static void
hub_clear (Hub *hub)
{
    g_clear_pointer (&hub->held, g_ptr_array_unref);
    g_string_free (hub->said, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Hub, hub_clear)

static void
hub_init (Hub *hub, const Poll *ill)
{
    *hub = (Hub){ .ill = ill, .held = g_ptr_array_new (), .said = g_string_new (NULL) };
}

static void
answer_get (Hub *hub, HandPeer *peer)
{
    guint turn = hub->gets++;

    /* One GET at a time. */
    for (guint i = 0; i < hub->held->len; i++)
        g_assert_true (((HandPeer *) hub->held->pdata[i])->eof);
    if (turn == 0)
        hand_peer_answer (peer, "200 OK", "text/plain", hub->open != NULL ? hub->open : OPEN);
    else if (turn == 1)
        hand_peer_answer (peer, "200 OK", "text/plain; charset=UTF-8", ANSWER);
    else if (hub->later != NULL)
        hand_peer_answer (peer, "200 OK", "text/plain", hub->later);
    else
        g_ptr_array_add (hub->held, peer);
}

static void
answer_post (Hub *hub, HandPeer *peer, const char *body)
{
    hub->posts++;
    g_assert_null (hub->held_post);
    g_string_append_printf (hub->said, "%s\n", body);
    hub->longest = MAX (hub->longest, strlen (body));
    if (hub->hold_posts)
        hub->held_post = peer;
    else
        hand_peer_answer (peer, "200 OK", "text/html", "ok");
}

static void
answer_poll (HandPeer *peer, const char *method, const char *body, gpointer data)
{
    Hub *hub = data;
    gboolean is_get = strcmp (method, "GET") == 0;
    guint turn = is_get ? hub->gets : hub->posts;
    g_autofree char *upgrade = hand_peer_get_header (peer, "Upgrade");

    if (upgrade != NULL) {
        g_autofree char *answer = fill_in (peer, hub->probe->answer);

        hub->upgrade = peer;
        hand_peer_send_string (peer, answer);
        if (hub->probe->shuts)
            hand_peer_shut (peer);
        return;
    }
    if (hub->ill == NULL || hub->ill->turn != turn || strcmp (hub->ill->method, method) != 0) {
        if (is_get)
            answer_get (hub, peer);
        else
            answer_post (hub, peer, body);
        return;
    }
    hand_peer_send_string (peer, hub->ill->answer);
    if (hub->ill->forever != '\0') {
        g_autofree char *chunk = g_strnfill (64 * 1024, hub->ill->forever);

        hand_peer_send_for_ever (peer, chunk, 64 * 1024);
    } else {
        hand_peer_shut (peer);
    }
}

#define OK_HEAD   "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n"
#define PAGE      "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n"
#define SAY(text) OK_HEAD "\r\n" text
#define WRONG     BUREAU_SOCKET_ERROR_PROTOCOL

static const Poll polls[] = {
    { "not-found", 0, "GET", "HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n", '\0',
      BUREAU_SOCKET_ERROR_HTTP, 404 },
    { "redirect", 0, "GET",
      "HTTP/1.1 302 X\r\nLocation: /socket.io/?EIO=4&transport=polling&again=1\r\n"
      "Content-Length: 0\r\nConnection: close\r\n\r\n",
      '\0', BUREAU_SOCKET_ERROR_HTTP, 302 },
    { "page", 0, "GET", PAGE OPEN, '\0', WRONG, 0 },
    { "encoded", 0, "GET", OK_HEAD "Content-Encoding: identity\r\n\r\n" OPEN, '\0', WRONG, 0 },
    { "empty", 0, "GET", OK_HEAD "Content-Length: 0\r\n\r\n", '\0', WRONG, 0 },
    { "noop-first", 0, "GET", SAY ("6"), '\0', WRONG, 0 },
    { "no-json", 0, "GET", SAY ("0nonsense"), '\0', WRONG, 0 },
    { "sid-with-slash", 0, "GET",
      SAY ("0{\"sid\":\"../a\",\"pingInterval\":1,\"pingTimeout\":1,\"maxPayload\":1}"), '\0',
      WRONG, 0 },
    { "sid-too-long", 0, "GET",
      SAY (
          "0{\"sid\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\","
          "\"pingInterval\":1,\"pingTimeout\":1,\"maxPayload\":1}"),
      '\0', WRONG, 0 },
    { "no-max-payload", 0, "GET", SAY ("0{\"sid\":\"a\",\"pingInterval\":1,\"pingTimeout\":1}"),
      '\0', WRONG, 0 },
    { "endless-open", 0, "GET", SAY ("0{\"sid\":\""), 'a', WRONG, 0 },
    { "endless-page", 0, "GET", PAGE, 'a', WRONG, 0 },
    { "endless-packet", 1, "GET", SAY ("42[\""), 'a', WRONG, 0 },
    { "gone", 1, "GET", "HTTP/1.1 400 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", '\0',
      BUREAU_SOCKET_ERROR_HTTP, 400 },
    { "half-answer", 1, "GET", OK_HEAD "Content-Length: 1000\r\n\r\n40{", '\0',
      BUREAU_SOCKET_ERROR_CLOSED, 0 },
    { "no-answer", 1, "GET", "", '\0', BUREAU_SOCKET_ERROR_CLOSED, 0 },
    { "binary", 1, "GET", SAY ("bAAAA"), '\0', WRONG, 0 },
    { "empty-packet", 1, "GET", SAY (ANSWER "\x1e"), '\0', WRONG, 0 },
    { "bad-utf-8", 1, "GET", SAY ("4\xc3\x28"), '\0', WRONG, 0 },
    { "closes", 1, "GET", SAY ("1"), '\0', BUREAU_SOCKET_ERROR_CLOSED, 0 },
    { "refuses", 1, "GET", SAY ("44{\"message\":\"no\"}"), '\0', BUREAU_SOCKET_ERROR_REFUSED, 0 },
    { "post-too-large", 0, "POST",
      "HTTP/1.1 413 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", '\0',
      BUREAU_SOCKET_ERROR_HTTP, 413 },
    { "post-page", 0, "POST", PAGE "no", '\0', WRONG, 0 },
    { "post-endless", 0, "POST", PAGE "ok", 'k', WRONG, 0 },
    { "post-no-answer", 0, "POST", "", '\0', BUREAU_SOCKET_ERROR_CLOSED, 0 },
};

static void
test_poll (gconstpointer data)
{
    g_auto (Hub) hub = { 0 };
    g_autoptr (HandHub) hand = hand_hub_new (answer_poll, &hub);
    g_autoptr (SocketClient) client = NULL;
    const Poll *ill = data;

    hub_init (&hub, ill);
    client = socket_client_new (hand->uri, NULL, BUREAU_SOCKET_POLLING, NULL);
    raw_wait_until (socket_client_get_reason (client) != NULL);
    g_assert_error (socket_client_get_reason (client), BUREAU_SOCKET_ERROR, ill->code);
    g_assert_cmpuint (bureau_socket_error_get_status (socket_client_get_reason (client)), ==,
                      ill->status);
    if (ill->turn == 0 && *ill->method == 'G')
        g_assert_cmpuint (hand->peers->len, ==, 1);
    /* Nothing is left under way. */
    for (guint i = 0; i < hand->peers->len; i++)
        raw_wait_until (((HandPeer *) hand->peers->pdata[i])->eof);
}

static const Probe probes[] = {
    { "refused", "HTTP/1.1 403 Forbidden\r\n\r\n", FALSE },
    { "dropped", "", TRUE },
    { "lost", "%", TRUE },
    { "nonsense",
      "%\x81\x01"
      "x",
      FALSE },
    { "no-probe",
      "%\x81\x05"
      "3prob",
      FALSE },
    { "closed", "%\x88\x02\x03\xe8", FALSE },
    /* Here polling had paused already. */
    { "lost-after-probe",
      "%\x81\x06"
      "3probe",
      TRUE },
    { "closed-after-probe",
      "%\x81\x06"
      "3probe\x88\x02\x03\xe8",
      FALSE },
    { "twice",
      "%\x81\x06"
      "3probe\x81\x06"
      "3probe",
      FALSE },
};

static void
test_probe (gconstpointer data)
{
    g_auto (Hub) hub = { 0 };
    g_autoptr (HandHub) hand = hand_hub_new (answer_poll, &hub);
    g_autoptr (SocketClient) client = NULL;

    hub_init (&hub, NULL);
    hub.probe = data;
    client = socket_client_new (hand->uri, NULL, BUREAU_SOCKET_POLLING, NULL);
    raw_wait_until (hub.held->len == 1);
    bureau_socket_upgrade (client->socket);
    raw_wait_until (hub.upgrade != NULL);
    bureau_socket_emit (client->socket, "meanwhile", NULL, NULL, NULL);
    raw_wait_until (strstr (hub.said->str, "42[\"meanwhile\"]") != NULL);
    if (!hub.probe->shuts)
        hand_peer_shut (hub.upgrade);
    raw_wait_until (hub.upgrade->eof);
    hand_peer_answer (hub.held->pdata[0], "200 OK", "text/plain", "42[\"news\",1]");
    raw_wait_until (hub.held->len == 2 && client->events->len == 1);
    g_assert_cmpint (bureau_socket_get_transport (client->socket), ==, BUREAU_SOCKET_POLLING);
    g_assert_cmpuint (client->upgraded, ==, 0);
    g_assert_null (client->closed);
}

/* The change waits for what is under way, and takes along what is said meanwhile. */
static void
test_hand_over (void)
{
    static const Probe good = { "good",
                                "%\x81\x06"
                                "3probe",
                                FALSE };
    g_auto (Hub) hub = { 0 };
    g_autoptr (HandHub) hand = hand_hub_new (answer_poll, &hub);
    g_autoptr (SocketClient) client = NULL;
    g_autofree char *frames_sent = NULL;

    hub_init (&hub, NULL);
    hub.probe = &good;
    client = socket_client_new (hand->uri, NULL, BUREAU_SOCKET_POLLING, NULL);
    raw_wait_until (hub.held->len == 1);
    hub.hold_posts = TRUE;
    bureau_socket_emit (client->socket, "first", NULL, NULL, NULL);
    raw_wait_until (hub.held_post != NULL);
    bureau_socket_upgrade (client->socket);
    raw_wait_until (hub.upgrade != NULL);
    bureau_socket_emit (client->socket, "second", NULL, NULL, NULL);
    hand_peer_answer (hub.held->pdata[0], "200 OK", "text/plain", "6");
    /* By then it has read the answer to its probe too. */
    raw_wait_until (((HandPeer *) hub.held->pdata[0])->eof);
    g_assert_cmpuint (client->upgraded, ==, 0);
    hand_peer_answer (hub.held_post, "200 OK", "text/html", "ok");
    raw_wait_until (client->upgraded == 1);
    bureau_socket_emit (client->socket, "third", NULL, NULL, NULL);
    do {
        raw_iterate (NULL);
        g_free (frames_sent);
        frames_sent = hand_peer_get_frames (hub.upgrade);
    } while (strstr (frames_sent, "third") == NULL);
    g_assert_cmpstr (frames_sent, ==, "2probe\n5\n42[\"second\"]\n42[\"third\"]\n");
    g_assert_cmpstr (hub.said->str, ==, "40\n42[\"first\"]\n");
}

/* A hub that answers each GET at once is not asked as fast as it answers. */
static void
test_tight_loop (void)
{
    g_auto (Hub) hub = { 0 };
    g_autoptr (HandHub) hand = hand_hub_new (answer_poll, &hub);
    g_autoptr (SocketClient) client = NULL;
    gint64 since;

    hub_init (&hub, NULL);
    hub.later = "6";
    client = socket_client_new (hand->uri, NULL, BUREAU_SOCKET_POLLING, NULL);
    g_assert_no_error (client->error);
    hub.gets = 100;
    since = g_get_monotonic_time ();
    raw_wait_until (hub.gets >= 112);
    g_assert_cmpint (g_get_monotonic_time () - since, >=, 10 * 25000);
    g_assert_true (bureau_socket_is_open (client->socket));
}

/* Nobody answers: neither the ping that was promised … */
static void
test_silence (void)
{
    g_auto (Hub) hub = { 0 };
    g_autoptr (HandHub) hand = hand_hub_new (answer_poll, &hub);
    g_autoptr (SocketClient) client = NULL;

    hub_init (&hub, NULL);
    hub.open = "0{\"sid\":\"x\",\"pingInterval\":60,\"pingTimeout\":40,\"maxPayload\":100}";
    client = socket_client_new (hand->uri, NULL, BUREAU_SOCKET_POLLING, NULL);
    g_assert_no_error (client->error);
    raw_wait_until (client->closed != NULL);
    g_assert_error (client->closed, BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_TIMEOUT);
}

/* … nor what we say, which comes to an end too. */
static void
test_goodbye_unanswered (void)
{
    g_auto (Hub) hub = { 0 };
    g_autoptr (HandHub) hand = hand_hub_new (answer_poll, &hub);
    g_autoptr (SocketClient) client = NULL;
    HandPeer *get;

    hub_init (&hub, NULL);
    client = socket_client_new (hand->uri, NULL, BUREAU_SOCKET_POLLING, NULL);
    raw_wait_until (hub.held->len == 1);
    get = hub.held->pdata[0];
    hub.hold_posts = TRUE;
    bureau_socket_emit (client->socket, "last", NULL, NULL, NULL);
    bureau_socket_close (client->socket);
    raw_wait_until (hub.held_post != NULL && hub.held_post->eof && get->eof);
    g_assert_nonnull (strstr (hub.said->str, "42[\"last\"]"));
    g_assert_null (client->closed);
}

/* What waits goes in as few POSTs as maxPayload allows, one at a time and in order; what is larger
 * by itself goes alone. The goodbye is the last word. */
static void
test_batches (void)
{
    g_auto (Hub) hub = { 0 };
    g_autoptr (HandHub) hand = hand_hub_new (answer_poll, &hub);
    g_autoptr (SocketClient) client = NULL;
    g_autoptr (GString) expected = g_string_new ("40\n");
    g_autofree char *large = g_strnfill (150, '7');

    hub_init (&hub, NULL);
    client = socket_client_new (hand->uri, NULL, BUREAU_SOCKET_POLLING, NULL);
    raw_wait_until (hub.held->len == 1);
    hub.hold_posts = TRUE;
    for (guint i = 0; i < 30; i++) {
        /* Eleven bytes each; the first goes at once, then eight with their separators make 95. */
        g_autofree char *name = g_strdup_printf ("n%04u", i);

        bureau_socket_emit (client->socket, name, NULL, NULL, NULL);
        g_string_append_printf (expected, "42[\"%s\"]%s", name,
                                i % 8 == 0 || i == 29 ? "\n" : "\x1e");
    }
    bureau_socket_emit (client->socket, "l", large, NULL, NULL);
    g_string_append_printf (expected, "42[\"l\",%s]\n1\n", large);
    bureau_socket_close (client->socket);
    while (strcmp (hub.said->str, expected->str) != 0) {
        HandPeer *peer;

        raw_wait_until (hub.held_post != NULL);
        g_assert_true (g_str_has_prefix (expected->str, hub.said->str));
        peer = g_steal_pointer (&hub.held_post);
        hand_peer_answer (peer, "200 OK", "text/html", "ok");
        raw_wait_until (hub.held_post != NULL || strcmp (hub.said->str, expected->str) == 0);
    }
    g_assert_cmpuint (hub.posts, ==, 8);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS (frames); i++) {
        g_autofree char *path = g_strdup_printf ("/wire/socket-hostile/websocket/%s",
                                                 frames[i].name);

        g_test_add_data_func (path, &frames[i], test_frames);
    }
    for (guint i = 0; i < G_N_ELEMENTS (polls); i++) {
        g_autofree char *path = g_strdup_printf ("/wire/socket-hostile/polling/%s", polls[i].name);

        g_test_add_data_func (path, &polls[i], test_poll);
    }
    for (guint i = 0; i < G_N_ELEMENTS (probes); i++) {
        g_autofree char *path = g_strdup_printf ("/wire/socket-hostile/upgrade/%s", probes[i].name);

        g_test_add_data_func (path, &probes[i], test_probe);
    }
    g_test_add_func ("/wire/socket-hostile/last-words", test_last_words);
    g_test_add_func ("/wire/socket-hostile/upgrade/hand-over", test_hand_over);
    g_test_add_func ("/wire/socket-hostile/polling/tight-loop", test_tight_loop);
    g_test_add_func ("/wire/socket-hostile/polling/silence", test_silence);
    g_test_add_func ("/wire/socket-hostile/polling/goodbye-unanswered", test_goodbye_unanswered);
    g_test_add_func ("/wire/socket-hostile/polling/batches", test_batches);
    return g_test_run ();
}
