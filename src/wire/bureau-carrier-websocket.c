/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-carrier-private.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include <sodium.h>

#include "bureau-handshake.h"
#include "bureau-pin.h"
#include "bureau-socket-error.h"
#include "bureau-websocket-codec.h"

/* Not libsoup's WebSocket: that limits frames, not messages, and control frames not at all. */

#define READ_SIZE (32 * 1024)
/* Pings and pongs in a second: who sends more has nothing good in mind. */
#define MAX_CONTROLS 100

#define CLOSE_PROTOCOL_ERROR 1002
#define CLOSE_NO_STATUS      1005
#define CLOSE_POLICY         1008

#define BUREAU_TYPE_CARRIER_WEBSOCKET (bureau_carrier_websocket_get_type ())
G_DECLARE_FINAL_TYPE (BureauCarrierWebsocket, bureau_carrier_websocket, BUREAU, CARRIER_WEBSOCKET,
                      BureauCarrier)

struct _BureauCarrierWebsocket {
    BureauCarrier parent_instance;

    char *sid; /* (owned) (nullable) */
    char *key; /* (owned) (nullable) */
    GCancellable *cancellable;
    GIOStream *stream;           /* (owned) (nullable) */
    GByteArray *head;            /* (owned): what came before the answer was whole */
    BureauWebsocketCodec *codec; /* (owned) (nullable): from the 101 on */
    GByteArray *output;          /* (owned): waits while something is being written */
    GBytes *writing;             /* (owned) (nullable) */
    GSource *grace;              /* (owned) (nullable): the close frame is queued */
    gint64 second;               /* when the count below began */
    guint controls;
    guint8 input[READ_SIZE];
};

G_DEFINE_FINAL_TYPE (BureauCarrierWebsocket, bureau_carrier_websocket, BUREAU_TYPE_CARRIER)

static void read_on (BureauCarrierWebsocket *self);
static void write_on (BureauCarrierWebsocket *self);

/* ------------------------------------------------------------------ the end */

/* What is under way comes back cancelled, and drops the last references. */
static void
cut (BureauCarrierWebsocket *self)
{
    if (self->grace != NULL)
        g_source_destroy (self->grace);
    g_clear_pointer (&self->grace, g_source_unref);
    g_cancellable_cancel (self->cancellable);
}

static gboolean
on_grace_cb (gpointer data)
{
    g_autoptr (BureauCarrierWebsocket) self = g_object_ref (data);

    cut (self);
    return G_SOURCE_REMOVE;
}

static void
append_frame (BureauCarrierWebsocket *self, guint8 opcode, const void *payload, gsize length)
{
    guint8 mask[4];

    randombytes_buf (mask, sizeof mask);
    bureau_websocket_append_masked (self->output, opcode, payload, length, mask);
}

/* The hub gets a moment to read it, and to close; then the connection is cut. */
static void
say_goodbye (BureauCarrierWebsocket *self, guint16 code)
{
    guint8 payload[] = { code >> 8, code & 0xff };
    g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

    if (self->codec == NULL) {
        cut (self);
        return;
    }
    if (self->grace != NULL)
        return;
    append_frame (self, BUREAU_WEBSOCKET_OPCODE_CLOSE, payload,
                  code == CLOSE_NO_STATUS ? 0 : sizeof payload);
    self->grace = g_timeout_source_new (BUREAU_CARRIER_LEAVE_TIME);
    g_source_set_callback (self->grace, on_grace_cb, self, NULL);
    g_source_attach (self->grace, context);
    write_on (self);
}

static void
bureau_carrier_websocket_leave (BureauCarrier *carrier, guint16 code)
{
    say_goodbye (BUREAU_CARRIER_WEBSOCKET (carrier), code);
}

static void
fail_protocol (BureauCarrierWebsocket *self, guint16 code, const char *what)
{
    say_goodbye (self, code);
    bureau_carrier_fail (
        BUREAU_CARRIER (self),
        g_error_new_literal (BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_PROTOCOL, what));
}

/* The connection itself has ended. @error (nullable). */
static void
fail_lost (BureauCarrierWebsocket *self, const GError *error)
{
    cut (self);
    bureau_carrier_fail (BUREAU_CARRIER (self),
                         g_error_new (BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_CLOSED,
                                      "The connection to the hub is lost: %s",
                                      error == NULL ? "it was closed." : error->message));
}

/* ------------------------------------------------------------------ frames */

static gboolean
may_control (BureauCarrierWebsocket *self)
{
    gint64 now = g_get_monotonic_time ();

    if (now - self->second > G_USEC_PER_SEC) {
        self->second = now;
        self->controls = 0;
    }
    return ++self->controls <= MAX_CONTROLS;
}

static void
take_control (BureauCarrierWebsocket *self, const BureauWebsocketMessage *message, gboolean is_ping)
{
    if (!may_control (self)) {
        fail_protocol (self, CLOSE_POLICY, "The hub does nothing but ping.");
    } else if (is_ping) {
        append_frame (self, BUREAU_WEBSOCKET_OPCODE_PONG, message->data, message->length);
        write_on (self);
    }
}

static void
take_close (BureauCarrierWebsocket *self, guint16 code)
{
    say_goodbye (self, code);
    bureau_carrier_fail (BUREAU_CARRIER (self), bureau_socket_error_new_closed (code));
}

static void
take_frames (BureauCarrierWebsocket *self, guint8 *bytes, gsize length)
{
    BureauWebsocketMessage message;

    bureau_websocket_codec_feed (self->codec, bytes, length);
    while (bureau_carrier_has_owner (BUREAU_CARRIER (self))) {
        switch (bureau_websocket_codec_next (self->codec, &message)) {
        case BUREAU_WEBSOCKET_NEED_MORE:
            return;
        case BUREAU_WEBSOCKET_TEXT:
            bureau_carrier_tell_packet (BUREAU_CARRIER (self), message.data, message.length);
            break;
        case BUREAU_WEBSOCKET_BINARY:
            fail_protocol (self, CLOSE_PROTOCOL_ERROR, "The hub sent binary data.");
            break;
        case BUREAU_WEBSOCKET_PING:
            take_control (self, &message, TRUE);
            break;
        case BUREAU_WEBSOCKET_PONG:
            take_control (self, &message, FALSE);
            break;
        case BUREAU_WEBSOCKET_CLOSE:
            take_close (self, message.close_code);
            break;
        case BUREAU_WEBSOCKET_ERROR:
            fail_protocol (self, message.close_code, "The hub's frames are malformed.");
            break;
        }
    }
}

/* ------------------------------------------------------------------ the answer to the upgrade */

static void
take_answer (BureauCarrierWebsocket *self, gsize head_length)
{
    g_autoptr (GByteArray) head = g_steal_pointer (&self->head);
    GError *error = NULL;

    if (!bureau_handshake_check_answer (head->data, head_length, self->key, &error)) {
        cut (self);
        bureau_carrier_fail (BUREAU_CARRIER (self), error);
        return;
    }
    self->codec = bureau_websocket_codec_new (
        BUREAU_WEBSOCKET_CLIENT, bureau_carrier_get_max_payload (BUREAU_CARRIER (self)));
    bureau_carrier_tell_opened (BUREAU_CARRIER (self));
    take_frames (self, head->data + head_length, head->len - head_length);
}

static void
take_head (BureauCarrierWebsocket *self, const guint8 *bytes, gsize length)
{
    gsize head_length;

    g_byte_array_append (self->head, bytes, length);
    head_length = bureau_handshake_find_end (self->head->data, self->head->len);
    if (head_length > BUREAU_HANDSHAKE_MAX_HEAD ||
        (head_length == 0 && self->head->len > BUREAU_HANDSHAKE_MAX_HEAD))
        fail_protocol (self, 0, "The hub's answer to the upgrade has no end.");
    else if (head_length > 0)
        take_answer (self, head_length);
}

/* ------------------------------------------------------------------ reading and writing */

static void
on_read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauCarrierWebsocket) self = data;
    g_autoptr (GError) error = NULL;
    gssize length = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

    if (length <= 0) {
        fail_lost (self, error);
        return;
    }
    /* While saying goodbye, only the end counts. */
    if (bureau_carrier_has_owner (BUREAU_CARRIER (self))) {
        if (self->codec == NULL)
            take_head (self, self->input, length);
        else
            take_frames (self, self->input, length);
    }
    if (!g_cancellable_is_cancelled (self->cancellable))
        read_on (self);
}

static void
read_on (BureauCarrierWebsocket *self)
{
    g_input_stream_read_async (g_io_stream_get_input_stream (self->stream), self->input, READ_SIZE,
                               G_PRIORITY_DEFAULT, self->cancellable, on_read_cb,
                               g_object_ref (self));
}

static void
on_written_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauCarrierWebsocket) self = data;

    g_clear_pointer (&self->writing, g_bytes_unref);
    /* Where that fails, what the hub said last may still be there to be read, and its end is behind
     * it. */
    if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL))
        write_on (self);
}

/* Begins a write of all that waits, unless one is under way. */
static void
write_on (BureauCarrierWebsocket *self)
{
    gconstpointer bytes;
    gsize length;

    if (self->writing != NULL || self->output->len == 0 || self->stream == NULL)
        return;
    self->writing = g_byte_array_free_to_bytes (self->output);
    self->output = g_byte_array_new ();
    bytes = g_bytes_get_data (self->writing, &length);
    g_output_stream_write_all_async (g_io_stream_get_output_stream (self->stream), bytes, length,
                                     G_PRIORITY_DEFAULT, self->cancellable, on_written_cb,
                                     g_object_ref (self));
}

static void
bureau_carrier_websocket_send (BureauCarrier *carrier, const char *text, gsize length)
{
    BureauCarrierWebsocket *self = BUREAU_CARRIER_WEBSOCKET (carrier);

    g_return_if_fail (self->codec != NULL);

    if (!bureau_carrier_has_owner (carrier))
        return;
    append_frame (self, BUREAU_WEBSOCKET_OPCODE_TEXT, text, length);
    if (self->output->len > BUREAU_CARRIER_MAX_UNSENT)
        fail_protocol (self, CLOSE_POLICY, "The hub does not read what it is sent.");
    else
        write_on (self);
}

/* ------------------------------------------------------------------ connecting */

static void
on_client_event_cb (GSocketClient *client, GSocketClientEvent event, GSocketConnectable *where,
                    GIOStream *stream, gpointer data)
{
    static const char *const protocols[] = { "http/1.1", NULL };
    GTlsDatabase *database = soup_session_get_tls_database (data);

    if (event != G_SOCKET_CLIENT_TLS_HANDSHAKING)
        return;
    g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (stream), protocols);
    g_tls_connection_set_database (G_TLS_CONNECTION (stream), database);
    bureau_pin_prepare_connection (G_TLS_CONNECTION (stream));
}

/* Over TLS, GSocketClient gives the encrypted stream wrapped up. */
static gboolean
is_to_be_believed (BureauCarrierWebsocket *self, GSocketConnection *connection, GError **error)
{
    GIOStream *inner;

    if (!G_IS_TCP_WRAPPER_CONNECTION (connection))
        return TRUE;
    inner = g_tcp_wrapper_connection_get_base_io_stream (G_TCP_WRAPPER_CONNECTION (connection));
    return bureau_pin_check_connection (bureau_carrier_get_session (BUREAU_CARRIER (self)),
                                        G_TLS_CONNECTION (inner), error);
}

static void
on_connected_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauCarrierWebsocket) self = data;
    GError *error = NULL;
    GSocketConnection *connection = g_socket_client_connect_finish (G_SOCKET_CLIENT (source),
                                                                    result, &error);

    if (connection == NULL) {
        bureau_carrier_fail (
            BUREAU_CARRIER (self),
            bureau_pin_explain (bureau_carrier_get_session (BUREAU_CARRIER (self)), error));
        return;
    }
    self->stream = G_IO_STREAM (connection);
    if (!is_to_be_believed (self, connection, &error)) {
        g_io_stream_close_async (self->stream, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
        bureau_carrier_fail (BUREAU_CARRIER (self), error);
        return;
    }
    if (!bureau_carrier_has_owner (BUREAU_CARRIER (self)))
        return;
    g_socket_set_option (g_socket_connection_get_socket (connection), IPPROTO_TCP, TCP_NODELAY,
                         TRUE, NULL);
    write_on (self);
    read_on (self);
}

/* No proxy, as the session has none; TLS is believed as the session would believe it. */
static GSocketClient *
make_client (BureauCarrierWebsocket *self, GUri *uri)
{
    SoupSession *session = bureau_carrier_get_session (BUREAU_CARRIER (self));
    GSocketClient *client = g_socket_client_new ();

    g_socket_client_set_enable_proxy (client, FALSE);
    g_socket_client_set_tls (client, strcmp (g_uri_get_scheme (uri), "https") == 0);
    g_signal_connect_object (client, "event", G_CALLBACK (on_client_event_cb), session, 0);
    return client;
}

static void
bureau_carrier_websocket_open (BureauCarrier *carrier)
{
    BureauCarrierWebsocket *self = BUREAU_CARRIER_WEBSOCKET (carrier);
    g_autoptr (GUri) uri = bureau_carrier_make_uri (bureau_carrier_get_base_uri (carrier),
                                                    "websocket", self->sid);
    g_autofree char *request = NULL;
    g_autoptr (GSocketClient) client = NULL;
    g_autoptr (GSocketConnectable) where = NULL;
    guint16 port;

    self->key = bureau_handshake_make_key ();
    request = bureau_handshake_make_request (uri, self->key);
    g_byte_array_append (self->output, (const guint8 *) request, strlen (request));
    port = strcmp (g_uri_get_scheme (uri), "https") == 0 ? 443 : 80;
    if (g_uri_get_port (uri) > 0)
        port = g_uri_get_port (uri);
    where = g_network_address_new (g_uri_get_host (uri), port);
    client = make_client (self, uri);
    g_socket_client_connect_async (client, where, self->cancellable, on_connected_cb,
                                   g_object_ref (self));
}

/* ------------------------------------------------------------------ object */

static void
bureau_carrier_websocket_finalize (GObject *object)
{
    BureauCarrierWebsocket *self = BUREAU_CARRIER_WEBSOCKET (object);

    g_free (self->sid);
    g_free (self->key);
    g_clear_object (&self->cancellable);
    g_clear_object (&self->stream);
    g_clear_pointer (&self->head, g_byte_array_unref);
    g_clear_pointer (&self->codec, bureau_websocket_codec_free);
    g_byte_array_unref (self->output);
    g_clear_pointer (&self->writing, g_bytes_unref);
    G_OBJECT_CLASS (bureau_carrier_websocket_parent_class)->finalize (object);
}

static void
bureau_carrier_websocket_class_init (BureauCarrierWebsocketClass *klass)
{
    BureauCarrierClass *carrier_class = BUREAU_CARRIER_CLASS (klass);

    G_OBJECT_CLASS (klass)->finalize = bureau_carrier_websocket_finalize;
    carrier_class->open = bureau_carrier_websocket_open;
    carrier_class->send = bureau_carrier_websocket_send;
    carrier_class->leave = bureau_carrier_websocket_leave;
}

static void
bureau_carrier_websocket_init (BureauCarrierWebsocket *self)
{
    self->cancellable = g_cancellable_new ();
    self->head = g_byte_array_new ();
    self->output = g_byte_array_new ();
}

BureauCarrier *
bureau_carrier_new_websocket (SoupSession *session, const char *base_uri, const char *sid,
                              gsize max_payload, const BureauCarrierEvents *events, gpointer owner)
{
    BureauCarrier *self = bureau_carrier_new (BUREAU_TYPE_CARRIER_WEBSOCKET, session, base_uri,
                                              max_payload, events, owner);

    BUREAU_CARRIER_WEBSOCKET (self)->sid = g_strdup (sid);
    return self;
}
