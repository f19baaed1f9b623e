/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-socket.h"

#include <string.h>

#include "bureau-json-scanner.h"
#include "bureau-json-slice.h"
#include "bureau-packet.h"

/* ms for the hub to answer, from the call to the answer to CONNECT */
#define CONNECT_TIMEOUT 10000
/* ms that a hub may have us wait for a ping */
#define MAX_PING_WAIT (60 * 60 * 1000)
/* Deeper than any object of ours, with room for the array around it. */
#define MAX_DEPTH 40
/* Bytes that may wait between the answer to CONNECT and the finish call. */
#define MAX_HELD (16 * 1024 * 1024)

typedef enum {
    STATE_OPENING,    /* the WebSocket is being opened */
    STATE_HANDSHAKE,  /* waiting for the Engine.IO open packet */
    STATE_CONNECTING, /* waiting for the answer to CONNECT */
    STATE_OPEN,
    STATE_CLOSED,
} State;

typedef struct {
    BureauSocketAck func; /* (nullable) */
    gpointer data;
} PendingAck;

struct _BureauSocket {
    GObject parent_instance;

    State state;
    SoupWebsocketConnection *websocket; /* (owned) (nullable) */
    gsize max_payload;
    char *auth;      /* (owned) (nullable) */
    GTask *task;     /* (owned) (nullable): until CONNECT is answered */
    GError *failure; /* (owned) (nullable): what libsoup found wrong */
    GMainContext *context;
    GSource *deadline;  /* (owned) (nullable): for the answer to CONNECT, then for the next ping */
    GSource *cancelled; /* (owned) (nullable) */
    gint64 ping_within; /* ms */
    GHashTable *acks;   /* (owned): gint64 * → PendingAck */
    gint64 next_id;
    GQueue held; /* (element-type BureauPacket): came before finish was called */
    gsize held_bytes;
    GSource *release; /* (owned) (nullable): delivers `held` */
    gboolean released;
};

enum { SIGNAL_EVENT, SIGNAL_CLOSED, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BureauSocket, bureau_socket, G_TYPE_OBJECT)

/* ------------------------------------------------------------------ errors */

typedef struct {
    char *code; /* (owned) (nullable) */
} BureauSocketErrorPrivate;

static void
bureau_socket_error_private_init (BureauSocketErrorPrivate *private)
{
    private->code = NULL;
}

static void
bureau_socket_error_private_copy (const BureauSocketErrorPrivate *from,
                                  BureauSocketErrorPrivate *to)
{
    to->code = g_strdup (from->code);
}

static void
bureau_socket_error_private_clear (BureauSocketErrorPrivate *private)
{
    g_free (private->code);
}

G_DEFINE_EXTENDED_ERROR (BureauSocketError, bureau_socket_error)

const char *
bureau_socket_error_get_code (const GError *error)
{
    if (error == NULL || error->domain != BUREAU_SOCKET_ERROR)
        return NULL;
    return bureau_socket_error_get_private (error)->code;
}

static GError *
refusal_new (const BureauPacket *packet)
{
    BureauJsonSlice message, data, code;
    g_autofree char *text = NULL;
    GError *error;

    bureau_json_slice_member (packet->json, packet->json_length, "message", &message);
    text = bureau_json_slice_dup_string (&message);
    error = g_error_new_literal (BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_REFUSED,
                                 text == NULL ? "The hub refused the connection." : text);
    if (bureau_json_slice_member (packet->json, packet->json_length, "data", &data) &&
        bureau_json_slice_member (data.text, data.length, "code", &code))
        bureau_socket_error_get_private (error)->code = bureau_json_slice_dup_string (&code);
    return error;
}

/* ------------------------------------------------------------------ small helpers */

static void
clear_source (GSource **source)
{
    if (*source == NULL)
        return;
    g_source_destroy (*source);
    g_clear_pointer (source, g_source_unref);
}

static void
packet_free (BureauPacket *packet)
{
    bureau_packet_clear (packet);
    g_free (packet);
}

static void
clear_held (BureauSocket *self)
{
    clear_source (&self->release);
    g_queue_clear_full (&self->held, (GDestroyNotify) packet_free);
    self->held_bytes = 0;
}

static void
send_text (BureauSocket *self, const char *text)
{
    /* libsoup takes it ill if asked to send once the closing has begun. */
    if (self->websocket != NULL &&
        soup_websocket_connection_get_state (self->websocket) == SOUP_WEBSOCKET_STATE_OPEN)
        soup_websocket_connection_send_text (self->websocket, text);
}

/* ------------------------------------------------------------------ acknowledgements */

static void
fail_acks (BureauSocket *self, const GError *error)
{
    g_autoptr (GHashTable) acks = g_steal_pointer (&self->acks);
    GHashTableIter iter;
    PendingAck *ack;

    if (acks == NULL)
        return;
    g_hash_table_iter_init (&iter, acks);
    while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &ack))
        ack->func (NULL, error, ack->data);
}

static void
take_ack (BureauSocket *self, const BureauPacket *packet)
{
    BureauJsonSlice first;
    g_autofree char *json = NULL;
    PendingAck *found = g_hash_table_lookup (self->acks, &packet->id);
    PendingAck ack;

    /* One that nobody waits for is none of our business. */
    if (found == NULL)
        return;
    ack = *found;
    g_hash_table_remove (self->acks, &packet->id);
    if (packet->json != NULL &&
        bureau_json_slice_element (packet->json, packet->json_length, 0, &first))
        json = g_strndup (first.text, first.length);
    ack.func (json == NULL ? "null" : json, NULL, ack.data);
}

/* ------------------------------------------------------------------ the end */

/* Lets go of the WebSocket. It lives on by itself until the closing handshake is over. */
static void
leave_websocket (BureauSocket *self, guint16 code)
{
    SoupWebsocketConnection *websocket = g_steal_pointer (&self->websocket);

    if (websocket == NULL)
        return;
    g_signal_handlers_disconnect_by_data (websocket, self);
    if (soup_websocket_connection_get_state (websocket) == SOUP_WEBSOCKET_STATE_CLOSED) {
        g_object_unref (websocket);
        return;
    }
    g_signal_connect (websocket, "closed", G_CALLBACK (g_object_unref), NULL);
    if (soup_websocket_connection_get_state (websocket) == SOUP_WEBSOCKET_STATE_OPEN)
        soup_websocket_connection_close (websocket, code, NULL);
}

static gboolean
shut_down (BureauSocket *self, guint16 code)
{
    if (self->state == STATE_CLOSED)
        return FALSE;
    self->state = STATE_CLOSED;
    clear_source (&self->deadline);
    clear_source (&self->cancelled);
    clear_held (self);
    leave_websocket (self, code);
    return TRUE;
}

/* Takes @error. */
static void
finish_with_error (BureauSocket *self, guint16 code, GError *error)
{
    g_autoptr (GError) reason = error;
    g_autoptr (BureauSocket) alive = g_object_ref (self);
    g_autoptr (GTask) task = g_steal_pointer (&self->task);

    if (!shut_down (self, code))
        return;
    fail_acks (self, reason);
    if (task != NULL)
        g_task_return_error (task, g_steal_pointer (&reason));
    else
        g_signal_emit (self, signals[SIGNAL_CLOSED], 0, reason);
}

static void
fail_protocol (BureauSocket *self, const char *what)
{
    finish_with_error (
        self, SOUP_WEBSOCKET_CLOSE_PROTOCOL_ERROR,
        g_error_new_literal (BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_PROTOCOL, what));
}

static gboolean
on_deadline_cb (gpointer data)
{
    BureauSocket *self = data;

    finish_with_error (self, SOUP_WEBSOCKET_CLOSE_GOING_AWAY,
                       g_error_new_literal (BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_TIMEOUT,
                                            "The hub does not answer."));
    return G_SOURCE_REMOVE;
}

static void
set_deadline (BureauSocket *self, gint64 milliseconds)
{
    clear_source (&self->deadline);
    self->deadline = g_timeout_source_new (milliseconds);
    g_source_set_callback (self->deadline, on_deadline_cb, self, NULL);
    g_source_attach (self->deadline, self->context);
}

static gboolean
on_cancelled_cb (GCancellable *cancellable, gpointer data)
{
    BureauSocket *self = data;
    GError *error = NULL;

    g_cancellable_set_error_if_cancelled (cancellable, &error);
    finish_with_error (self, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, error);
    return G_SOURCE_REMOVE;
}

/* ------------------------------------------------------------------ events */

static void
deliver_event (BureauSocket *self, const BureauPacket *packet)
{
    BureauJsonSlice slice;
    g_autofree char *name = NULL;
    g_autofree char *json = NULL;

    if (packet->json == NULL)
        return;
    bureau_json_slice_element (packet->json, packet->json_length, 0, &slice);
    name = bureau_json_slice_dup_string (&slice);
    /* An event named by a number: allowed, but no hub of ours sends one. */
    if (name == NULL)
        return;
    if (bureau_json_slice_element (packet->json, packet->json_length, 1, &slice))
        json = g_strndup (slice.text, slice.length);
    g_signal_emit (self, signals[SIGNAL_EVENT], 0, name, json == NULL ? "null" : json);
}

static void
deliver (BureauSocket *self, const BureauPacket *packet)
{
    if (packet->type == BUREAU_PACKET_EVENT)
        deliver_event (self, packet);
    else
        take_ack (self, packet);
}

static gboolean
on_release_cb (gpointer data)
{
    g_autoptr (BureauSocket) self = g_object_ref (data);
    BureauPacket *packet;

    clear_source (&self->release);
    self->released = TRUE;
    while (self->state == STATE_OPEN && (packet = g_queue_pop_head (&self->held)) != NULL) {
        self->held_bytes -= packet->json_length;
        deliver (self, packet);
        packet_free (packet);
    }
    return G_SOURCE_REMOVE;
}

/* Takes what @packet holds. */
static void
hold (BureauSocket *self, BureauPacket *packet)
{
    BureauPacket *copy = g_memdup2 (packet, sizeof *packet);

    *packet = (BureauPacket){ .id = -1 };
    self->held_bytes += copy->json_length;
    g_queue_push_tail (&self->held, copy);
    if (self->held_bytes > MAX_HELD)
        fail_protocol (self, "The hub sends more than can be held.");
}

/* ------------------------------------------------------------------ messages */

static void
take_open (BureauSocket *self, const char *json, gsize length)
{
    BureauJsonSlice interval, timeout;
    gint64 interval_ms, timeout_ms;
    g_autoptr (GString) connect = g_string_new (NULL);

    bureau_json_slice_member (json, length, "pingInterval", &interval);
    bureau_json_slice_member (json, length, "pingTimeout", &timeout);
    if (!bureau_json_slice_get_integer (&interval, &interval_ms) ||
        !bureau_json_slice_get_integer (&timeout, &timeout_ms) || interval_ms <= 0 ||
        timeout_ms <= 0 || interval_ms > MAX_PING_WAIT || timeout_ms > MAX_PING_WAIT) {
        fail_protocol (self, "The hub's handshake makes no sense.");
        return;
    }
    self->ping_within = interval_ms + timeout_ms;
    self->state = STATE_CONNECTING;
    bureau_packet_append_connect (connect, "/", self->auth);
    send_text (self, connect->str);
}

static void
take_handshake (BureauSocket *self, const char *text, gsize length)
{
    BureauJsonKind kind;

    if (length < 1 || *text != '0' ||
        !bureau_json_scan (text + 1, length - 1, MAX_DEPTH, &kind, NULL) ||
        kind != BUREAU_JSON_OBJECT)
        fail_protocol (self, "The hub's handshake is malformed.");
    else
        take_open (self, text + 1, length - 1);
}

static void
take_connect_answer (BureauSocket *self, const BureauPacket *packet)
{
    BureauJsonSlice id;

    if (packet->type == BUREAU_PACKET_CONNECT_ERROR) {
        finish_with_error (self, SOUP_WEBSOCKET_CLOSE_NORMAL, refusal_new (packet));
        return;
    }
    if (packet->type != BUREAU_PACKET_CONNECT || packet->json == NULL ||
        !bureau_json_slice_member (packet->json, packet->json_length, "sid", &id) ||
        *id.text != '"') {
        fail_protocol (self, "The hub's answer to CONNECT is malformed.");
        return;
    }
    self->state = STATE_OPEN;
    clear_source (&self->cancelled);
    set_deadline (self, self->ping_within);
    g_task_return_pointer (self->task, g_object_ref (self), g_object_unref);
    g_clear_object (&self->task);
}

/* Takes what @packet holds, or leaves it. */
static void
take_packet (BureauSocket *self, BureauPacket *packet)
{
    if (strcmp (packet->nsp, "/") != 0) {
        fail_protocol (self, "The hub speaks of a namespace that was not asked for.");
    } else if (self->state == STATE_CONNECTING) {
        take_connect_answer (self, packet);
    } else if (packet->type == BUREAU_PACKET_DISCONNECT) {
        finish_with_error (self, SOUP_WEBSOCKET_CLOSE_NORMAL,
                           g_error_new_literal (BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_CLOSED,
                                                "The hub has closed the connection."));
    } else if (packet->type != BUREAU_PACKET_EVENT && packet->type != BUREAU_PACKET_ACK) {
        fail_protocol (self, "The hub sent a packet that does not belong here.");
    } else if (self->released) {
        deliver (self, packet);
    } else {
        hold (self, packet);
    }
}

static void
take_message (BureauSocket *self, const char *text, gsize length)
{
    g_autoptr (GError) error = NULL;
    BureauPacket packet;

    if (self->state == STATE_HANDSHAKE) {
        take_handshake (self, text, length);
        return;
    }
    switch (length == 0 ? '\0' : *text) {
    case '1':
        finish_with_error (self, SOUP_WEBSOCKET_CLOSE_NORMAL,
                           g_error_new_literal (BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_CLOSED,
                                                "The hub has closed the connection."));
        break;
    case '2':
        /* Before CONNECT is answered, its own deadline stands. */
        if (self->state == STATE_OPEN)
            set_deadline (self, self->ping_within);
        send_text (self, "3");
        break;
    case '4':
        if (!bureau_packet_parse (&packet, text + 1, length - 1, MAX_DEPTH, &error)) {
            fail_protocol (self, error->message);
            break;
        }
        take_packet (self, &packet);
        bureau_packet_clear (&packet);
        break;
    case '6':
        break;
    default:
        fail_protocol (self, "The hub sent something that is no packet.");
        break;
    }
}

static void
on_websocket_message_cb (SoupWebsocketConnection *websocket, gint type, GBytes *bytes,
                         gpointer data)
{
    g_autoptr (BureauSocket) self = g_object_ref (data);
    gsize length;
    const char *text = g_bytes_get_data (bytes, &length);

    if (self->state == STATE_CLOSED)
        return;
    if (type != SOUP_WEBSOCKET_DATA_TEXT)
        fail_protocol (self, "The hub sent binary data.");
    else
        take_message (self, text, length);
}

static void
on_websocket_error_cb (SoupWebsocketConnection *websocket, GError *error, gpointer data)
{
    BureauSocket *self = data;

    /* "closed" follows. */
    if (self->failure == NULL)
        self->failure = g_error_copy (error);
}

static void
on_websocket_closed_cb (SoupWebsocketConnection *websocket, gpointer data)
{
    BureauSocket *self = data;

    if (self->failure != NULL && self->failure->domain == SOUP_WEBSOCKET_ERROR)
        fail_protocol (self, self->failure->message);
    else
        finish_with_error (self, SOUP_WEBSOCKET_CLOSE_NORMAL,
                           g_error_new (BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_CLOSED,
                                        "The hub has closed the connection (%u).",
                                        soup_websocket_connection_get_close_code (websocket)));
}

/* ------------------------------------------------------------------ connecting */

static void
on_websocket_opened_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauSocket) self = data;
    GError *error = NULL;
    SoupWebsocketConnection *websocket = soup_session_websocket_connect_finish (
        SOUP_SESSION (source), result, &error);

    if (websocket == NULL) {
        if (self->state != STATE_CLOSED)
            finish_with_error (self, 0, error);
        else
            g_error_free (error);
        return;
    }
    self->websocket = websocket;
    if (self->state == STATE_CLOSED) {
        leave_websocket (self, SOUP_WEBSOCKET_CLOSE_GOING_AWAY);
        return;
    }
    /* Now: the hub's first words may be here already, and the default is too small for its later
     * ones. */
    soup_websocket_connection_set_max_incoming_payload_size (websocket, self->max_payload);
    self->state = STATE_HANDSHAKE;
    g_signal_connect (websocket, "message", G_CALLBACK (on_websocket_message_cb), self);
    g_signal_connect (websocket, "error", G_CALLBACK (on_websocket_error_cb), self);
    g_signal_connect (websocket, "closed", G_CALLBACK (on_websocket_closed_cb), self);
}

static void
watch_cancellable (BureauSocket *self, GCancellable *cancellable)
{
    if (cancellable == NULL)
        return;
    self->cancelled = g_cancellable_source_new (cancellable);
    g_source_set_callback (self->cancelled, G_SOURCE_FUNC (on_cancelled_cb), self, NULL);
    g_source_attach (self->cancelled, self->context);
}

static SoupMessage *
make_upgrade_request (const char *base_uri)
{
    gsize length = strlen (base_uri);
    g_autofree char *uri = NULL;

    if (length > 0 && base_uri[length - 1] == '/')
        length--;
    uri = g_strdup_printf ("%.*s/socket.io/?EIO=4&transport=websocket", (int) length, base_uri);
    return soup_message_new (SOUP_METHOD_GET, uri);
}

void
bureau_socket_connect_async (SoupSession *session, const char *base_uri, const char *auth,
                             gsize max_payload, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer data)
{
    g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
    g_autoptr (SoupMessage) message = make_upgrade_request (base_uri);
    g_autoptr (BureauSocket) self = NULL;

    g_return_if_fail (max_payload > 0);
    g_task_set_source_tag (task, bureau_socket_connect_async);
    /* Once it has been answered, cancelling comes too late. */
    g_task_set_check_cancellable (task, FALSE);
    if (message == NULL) {
        g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                                 "“%s” is no address", base_uri);
        return;
    }
    self = g_object_new (BUREAU_TYPE_SOCKET, NULL);
    self->max_payload = max_payload;
    self->auth = g_strdup (auth);
    self->task = g_steal_pointer (&task);
    set_deadline (self, CONNECT_TIMEOUT);
    watch_cancellable (self, cancellable);
    soup_session_websocket_connect_async (session, message, NULL, NULL, G_PRIORITY_DEFAULT,
                                          cancellable, on_websocket_opened_cb, g_object_ref (self));
    /* What keeps it alive from here on is the task, and the callback above. */
    g_task_set_task_data (self->task, g_object_ref (self), g_object_unref);
}

BureauSocket *
bureau_socket_connect_finish (GAsyncResult *result, GError **error)
{
    BureauSocket *self;

    g_return_val_if_fail (g_async_result_is_tagged (result, bureau_socket_connect_async), NULL);
    self = g_task_propagate_pointer (G_TASK (result), error);
    if (self == NULL || self->state != STATE_OPEN)
        return self;
    self->release = g_idle_source_new ();
    g_source_set_priority (self->release, G_PRIORITY_DEFAULT);
    g_source_set_callback (self->release, on_release_cb, self, NULL);
    g_source_attach (self->release, self->context);
    return self;
}

/* ------------------------------------------------------------------ object */

static void
bureau_socket_dispose (GObject *object)
{
    BureauSocket *self = BUREAU_SOCKET (object);
    g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                                    "The connection was left.");

    shut_down (self, SOUP_WEBSOCKET_CLOSE_NORMAL);
    fail_acks (self, error);
    G_OBJECT_CLASS (bureau_socket_parent_class)->dispose (object);
}

static void
bureau_socket_finalize (GObject *object)
{
    BureauSocket *self = BUREAU_SOCKET (object);

    g_clear_error (&self->failure);
    g_free (self->auth);
    g_main_context_unref (self->context);
    G_OBJECT_CLASS (bureau_socket_parent_class)->finalize (object);
}

static void
bureau_socket_class_init (BureauSocketClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS (klass);

    object_class->dispose = bureau_socket_dispose;
    object_class->finalize = bureau_socket_finalize;

    signals[SIGNAL_EVENT] = g_signal_new (
        "event", BUREAU_TYPE_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
        G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE, G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE);
    signals[SIGNAL_CLOSED] = g_signal_new ("closed", BUREAU_TYPE_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL,
                                           NULL, NULL, G_TYPE_NONE, 1,
                                           G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
bureau_socket_init (BureauSocket *self)
{
    self->context = g_main_context_ref_thread_default ();
    self->acks = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
    g_queue_init (&self->held);
}

/* ------------------------------------------------------------------ public */

static gboolean
on_late_ack_cb (gpointer data)
{
    PendingAck *late = data;
    g_autoptr (GError) error = g_error_new_literal (BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_CLOSED,
                                                    "There is no connection.");

    late->func (NULL, error, late->data);
    return G_SOURCE_REMOVE;
}

/* Not from within the caller's own call. */
static void
refuse_emit (BureauSocket *self, BureauSocketAck ack, gpointer data)
{
    g_autoptr (GSource) source = g_idle_source_new ();
    PendingAck late = { ack, data };

    g_source_set_priority (source, G_PRIORITY_DEFAULT);
    g_source_set_callback (source, on_late_ack_cb, g_memdup2 (&late, sizeof late), g_free);
    g_source_attach (source, self->context);
}

void
bureau_socket_emit (BureauSocket *self, const char *name, const char *json, BureauSocketAck ack,
                    gpointer data)
{
    g_autoptr (GString) text = g_string_new (NULL);
    gint64 id = -1;

    if (self->state != STATE_OPEN) {
        if (ack != NULL)
            refuse_emit (self, ack, data);
        return;
    }
    if (ack != NULL) {
        PendingAck pending = { ack, data };

        id = self->next_id++;
        g_hash_table_insert (self->acks, g_memdup2 (&id, sizeof id),
                             g_memdup2 (&pending, sizeof pending));
    }
    bureau_packet_append_event (text, "/", name, id, json);
    send_text (self, text->str);
}

gboolean
bureau_socket_is_open (BureauSocket *self)
{
    return self->state == STATE_OPEN;
}

void
bureau_socket_close (BureauSocket *self)
{
    g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                                    "The connection was left.");

    if (shut_down (self, SOUP_WEBSOCKET_CLOSE_NORMAL))
        fail_acks (self, error);
}
