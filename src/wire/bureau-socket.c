/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-socket-private.h"

#include <string.h>

#include "bureau-json-scanner.h"
#include "bureau-json-slice.h"
#include "bureau-pin.h"
#include "bureau-socket-error.h"

/* ms for the hub to answer, from the call to the answer to CONNECT */
#define CONNECT_TIMEOUT 10000
/* ms that a hub may have us wait for a ping */
#define MAX_PING_WAIT (60 * 60 * 1000)
/* Deeper than any object of ours, with room for the array around it. */
#define MAX_DEPTH 40
#define MAX_SID   64

enum { SIGNAL_EVENT, SIGNAL_UPGRADED, SIGNAL_CLOSED, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BureauSocket, bureau_socket, G_TYPE_OBJECT)

/* ------------------------------------------------------------------ small helpers */

void
bureau_socket_clear_source (GSource **source)
{
    if (*source == NULL)
        return;
    g_source_destroy (*source);
    g_clear_pointer (source, g_source_unref);
}

static void
send_text (BureauSocket *self, const char *text)
{
    if (self->carrier != NULL)
        bureau_carrier_send (self->carrier, text, strlen (text));
}

GSource *
bureau_socket_plan (BureauSocket *self, gint64 milliseconds, GSourceFunc callback)
{
    GSource *source = g_timeout_source_new (milliseconds);

    g_source_set_callback (source, callback, self, NULL);
    g_source_attach (source, self->context);
    return source;
}

void
bureau_socket_tell_event (BureauSocket *self, const char *name, const char *json)
{
    g_signal_emit (self, signals[SIGNAL_EVENT], 0, name, json);
}

void
bureau_socket_tell_upgraded (BureauSocket *self)
{
    g_signal_emit (self, signals[SIGNAL_UPGRADED], 0);
}

/* ------------------------------------------------------------------ the end */

static gboolean
shut_down (BureauSocket *self, guint16 code)
{
    g_autoptr (BureauCarrier) carrier = NULL;

    if (self->state == BUREAU_SOCKET_STATE_CLOSED)
        return FALSE;
    self->state = BUREAU_SOCKET_STATE_CLOSED;
    bureau_socket_clear_source (&self->deadline);
    bureau_socket_clear_source (&self->cancelled);
    bureau_socket_clear_held (self);
    bureau_socket_leave_probe (self, code);
    carrier = g_steal_pointer (&self->carrier);
    if (carrier != NULL)
        bureau_carrier_leave (carrier, code);
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
    bureau_socket_fail_acks (self, reason);
    if (task != NULL)
        g_task_return_error (task, g_steal_pointer (&reason));
    else
        g_signal_emit (self, signals[SIGNAL_CLOSED], 0, reason);
}

void
bureau_socket_fail_protocol (BureauSocket *self, const char *what)
{
    finish_with_error (
        self, BUREAU_SOCKET_CLOSE_PROTOCOL_ERROR,
        g_error_new_literal (BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_PROTOCOL, what));
}

static gboolean
on_deadline_cb (gpointer data)
{
    BureauSocket *self = data;

    finish_with_error (self, BUREAU_SOCKET_CLOSE_GOING_AWAY,
                       g_error_new_literal (BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_TIMEOUT,
                                            "The hub does not answer."));
    return G_SOURCE_REMOVE;
}

static void
set_deadline (BureauSocket *self, gint64 milliseconds)
{
    bureau_socket_clear_source (&self->deadline);
    self->deadline = bureau_socket_plan (self, milliseconds, on_deadline_cb);
}

static gboolean
on_cancelled_cb (GCancellable *cancellable, gpointer data)
{
    BureauSocket *self = data;
    GError *error = NULL;

    g_cancellable_set_error_if_cancelled (cancellable, &error);
    finish_with_error (self, BUREAU_SOCKET_CLOSE_GOING_AWAY, error);
    return G_SOURCE_REMOVE;
}

/* ------------------------------------------------------------------ messages */

/* A member that must be a number from 1 to @max; 0 if it is none. */
static gint64
read_number (const char *json, gsize length, const char *name, gint64 max)
{
    BureauJsonSlice slice;
    gint64 number;

    if (!bureau_json_slice_member (json, length, name, &slice) ||
        !bureau_json_slice_get_integer (&slice, &number) || number < 1 || number > max)
        return 0;
    return number;
}

/* Fit to stand in an address, or NULL. (transfer full) */
static char *
read_sid (const char *json, gsize length)
{
    BureauJsonSlice slice;
    g_autofree char *sid = NULL;

    if (!bureau_json_slice_member (json, length, "sid", &slice))
        return NULL;
    sid = bureau_json_slice_dup_string (&slice);
    if (sid == NULL || *sid == '\0' || strlen (sid) > MAX_SID ||
        strspn (sid, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_") != strlen (sid))
        return NULL;
    return g_steal_pointer (&sid);
}

static void
take_open (BureauSocket *self, const char *json, gsize length)
{
    gint64 interval = read_number (json, length, "pingInterval", MAX_PING_WAIT);
    gint64 timeout = read_number (json, length, "pingTimeout", MAX_PING_WAIT);
    gint64 max_post = read_number (json, length, "maxPayload", G_MAXINT32);
    g_autoptr (GString) connect = g_string_new (NULL);

    self->sid = read_sid (json, length);
    if (interval == 0 || timeout == 0 || max_post == 0 || self->sid == NULL) {
        bureau_socket_fail_protocol (self, "The hub's handshake makes no sense.");
        return;
    }
    self->ping_within = interval + timeout;
    self->state = BUREAU_SOCKET_STATE_CONNECTING;
    bureau_carrier_begin (self->carrier, self->sid, max_post);
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
        bureau_socket_fail_protocol (self, "The hub's handshake is malformed.");
    else
        take_open (self, text + 1, length - 1);
}

static void
take_connect_answer (BureauSocket *self, const BureauPacket *packet)
{
    BureauJsonSlice id;

    if (packet->type == BUREAU_PACKET_CONNECT_ERROR) {
        finish_with_error (self, BUREAU_SOCKET_CLOSE_NORMAL,
                           bureau_socket_error_new_refused (packet));
        return;
    }
    if (packet->type != BUREAU_PACKET_CONNECT || packet->json == NULL ||
        !bureau_json_slice_member (packet->json, packet->json_length, "sid", &id) ||
        *id.text != '"') {
        bureau_socket_fail_protocol (self, "The hub's answer to CONNECT is malformed.");
        return;
    }
    self->state = BUREAU_SOCKET_STATE_OPEN;
    bureau_socket_clear_source (&self->cancelled);
    set_deadline (self, self->ping_within);
    g_task_return_pointer (self->task, g_object_ref (self), g_object_unref);
    g_clear_object (&self->task);
}

/* Takes what @packet holds, or leaves it. */
static void
take_packet (BureauSocket *self, BureauPacket *packet)
{
    if (strcmp (packet->nsp, "/") != 0) {
        bureau_socket_fail_protocol (self, "The hub speaks of a namespace that was not asked for.");
    } else if (self->state == BUREAU_SOCKET_STATE_CONNECTING) {
        take_connect_answer (self, packet);
    } else if (packet->type == BUREAU_PACKET_DISCONNECT) {
        finish_with_error (self, BUREAU_SOCKET_CLOSE_NORMAL,
                           g_error_new_literal (BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_CLOSED,
                                                "The hub has closed the connection."));
    } else if (packet->type != BUREAU_PACKET_EVENT && packet->type != BUREAU_PACKET_ACK) {
        bureau_socket_fail_protocol (self, "The hub sent a packet that does not belong here.");
    } else {
        bureau_socket_deliver (self, packet);
    }
}

static void
take_message (BureauSocket *self, const char *text, gsize length)
{
    g_autoptr (GError) error = NULL;
    BureauPacket packet;

    if (self->state == BUREAU_SOCKET_STATE_HANDSHAKE) {
        take_handshake (self, text, length);
        return;
    }
    switch (length == 0 ? '\0' : *text) {
    case '1':
        finish_with_error (self, BUREAU_SOCKET_CLOSE_NORMAL,
                           g_error_new_literal (BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_CLOSED,
                                                "The hub has closed the connection."));
        break;
    case '2':
        /* Before CONNECT is answered, its own deadline stands. */
        if (self->state == BUREAU_SOCKET_STATE_OPEN)
            set_deadline (self, self->ping_within);
        send_text (self, "3");
        break;
    case '4':
        if (!bureau_packet_parse (&packet, text + 1, length - 1, MAX_DEPTH, &error)) {
            bureau_socket_fail_protocol (self, error->message);
            break;
        }
        take_packet (self, &packet);
        bureau_packet_clear (&packet);
        break;
    case '6':
        break;
    default:
        bureau_socket_fail_protocol (self, "The hub sent something that is no packet.");
        break;
    }
}

/* ------------------------------------------------------------------ carriers */

static void
on_carrier_opened (gpointer owner, BureauCarrier *carrier)
{
    BureauSocket *self = owner;

    if (carrier == self->probe)
        bureau_socket_begin_probe (self);
}

static void
on_carrier_paused (gpointer owner, BureauCarrier *polling)
{
    bureau_socket_finish_upgrade (owner);
}

static void
on_carrier_packet (gpointer owner, BureauCarrier *carrier, const char *text, gsize length)
{
    g_autoptr (BureauSocket) self = g_object_ref (owner);

    if (carrier == self->probe)
        bureau_socket_take_probe_answer (self, text, length);
    else
        take_message (self, text, length);
}

static void
on_carrier_failed (gpointer owner, BureauCarrier *carrier, GError *error)
{
    BureauSocket *self = owner;

    if (carrier == self->probe) {
        g_debug ("No upgrade: %s", error->message);
        g_error_free (error);
        bureau_socket_drop_probe (self);
    } else {
        finish_with_error (self, BUREAU_SOCKET_CLOSE_GOING_AWAY, error);
    }
}

static const BureauCarrierEvents carrier_events = {
    .opened = on_carrier_opened,
    .packet = on_carrier_packet,
    .paused = on_carrier_paused,
    .failed = on_carrier_failed,
};

BureauCarrier *
bureau_socket_make_carrier (BureauSocket *self, BureauSocketTransport transport)
{
    if (transport == BUREAU_SOCKET_POLLING)
        return bureau_carrier_new_polling (self->session, self->base_uri, self->max_payload,
                                           &carrier_events, self);
    return bureau_carrier_new_websocket (self->session, self->base_uri, self->sid,
                                         self->max_payload, &carrier_events, self);
}

/* ------------------------------------------------------------------ connecting */

static void
watch_cancellable (BureauSocket *self, GCancellable *cancellable)
{
    if (cancellable == NULL)
        return;
    self->cancelled = g_cancellable_source_new (cancellable);
    g_source_set_callback (self->cancelled, G_SOURCE_FUNC (on_cancelled_cb), self, NULL);
    g_source_attach (self->cancelled, self->context);
}

void
bureau_socket_connect_async (SoupSession *session, const char *base_uri, const char *auth,
                             gsize max_payload, BureauSocketTransport transport,
                             GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
    g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
    g_autoptr (GUri) uri = bureau_carrier_make_uri (base_uri, "polling", NULL);
    g_autoptr (BureauSocket) self = NULL;
    GError *error = NULL;

    g_return_if_fail (max_payload > 0);
    g_task_set_source_tag (task, bureau_socket_connect_async);
    /* Once it has been answered, cancelling comes too late. */
    g_task_set_check_cancellable (task, FALSE);
    if (uri == NULL) {
        g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                                 "“%s” is no address", base_uri);
        return;
    }
    if (!bureau_pin_check_uri (session, uri, &error)) {
        g_task_return_error (task, error);
        return;
    }
    self = g_object_new (BUREAU_TYPE_SOCKET, NULL);
    self->session = g_object_ref (session);
    self->base_uri = g_strdup (base_uri);
    self->max_payload = max_payload;
    self->transport = transport;
    self->auth = g_strdup (auth);
    self->task = g_steal_pointer (&task);
    /* What keeps it alive from here on. */
    g_task_set_task_data (self->task, g_object_ref (self), g_object_unref);
    set_deadline (self, CONNECT_TIMEOUT);
    watch_cancellable (self, cancellable);
    self->carrier = bureau_socket_make_carrier (self, transport);
    bureau_carrier_open (self->carrier);
}

BureauSocket *
bureau_socket_connect_finish (GAsyncResult *result, GError **error)
{
    BureauSocket *self;

    g_return_val_if_fail (g_async_result_is_tagged (result, bureau_socket_connect_async), NULL);
    self = g_task_propagate_pointer (G_TASK (result), error);
    if (self != NULL && self->state == BUREAU_SOCKET_STATE_OPEN)
        bureau_socket_plan_release (self);
    return self;
}

/* ------------------------------------------------------------------ object */

static void
bureau_socket_dispose (GObject *object)
{
    BureauSocket *self = BUREAU_SOCKET (object);
    g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                                    "The connection was left.");

    shut_down (self, BUREAU_SOCKET_CLOSE_NORMAL);
    bureau_socket_fail_acks (self, error);
    G_OBJECT_CLASS (bureau_socket_parent_class)->dispose (object);
}

static void
bureau_socket_finalize (GObject *object)
{
    BureauSocket *self = BUREAU_SOCKET (object);

    g_clear_object (&self->session);
    g_free (self->base_uri);
    g_free (self->sid);
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
    signals[SIGNAL_UPGRADED] = g_signal_new ("upgraded", BUREAU_TYPE_SOCKET, G_SIGNAL_RUN_LAST, 0,
                                             NULL, NULL, NULL, G_TYPE_NONE, 0);
    signals[SIGNAL_CLOSED] = g_signal_new ("closed", BUREAU_TYPE_SOCKET, G_SIGNAL_RUN_LAST, 0, NULL,
                                           NULL, NULL, G_TYPE_NONE, 1,
                                           G_TYPE_ERROR | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
bureau_socket_init (BureauSocket *self)
{
    self->context = g_main_context_ref_thread_default ();
    bureau_socket_init_delivery (self);
}

/* ------------------------------------------------------------------ public */

void
bureau_socket_emit (BureauSocket *self, const char *name, const char *json, BureauSocketAck ack,
                    gpointer data)
{
    g_autoptr (GString) text = g_string_new (NULL);
    gint64 id = -1;

    if (self->state != BUREAU_SOCKET_STATE_OPEN) {
        if (ack != NULL)
            bureau_socket_refuse_ack (self, ack, data);
        return;
    }
    if (ack != NULL)
        id = bureau_socket_expect_ack (self, ack, data);
    bureau_packet_append_event (text, "/", name, id, json);
    send_text (self, text->str);
}

gboolean
bureau_socket_is_open (BureauSocket *self)
{
    return self->state == BUREAU_SOCKET_STATE_OPEN;
}

BureauSocketTransport
bureau_socket_get_transport (BureauSocket *self)
{
    return self->transport;
}

void
bureau_socket_close (BureauSocket *self)
{
    g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                                    "The connection was left.");

    if (shut_down (self, BUREAU_SOCKET_CLOSE_NORMAL))
        bureau_socket_fail_acks (self, error);
}
