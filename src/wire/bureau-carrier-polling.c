/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-carrier-private.h"

#include <string.h>

#include "bureau-fetch.h"
#include "bureau-payload.h"
#include "bureau-socket-error.h"
#include "bureau-timer.h"

/* Long-polling (wire.md, A6): at most one GET and one POST under way. Text only: a hub that sends
 * binary has mistaken us for another. */

/* ms from the beginning of one GET to that of the next: a hub that answers each at once does not
 * make us spin. */
#define MIN_GAP 25
/* What it answers is all that waited: several messages. */
#define MAX_ANSWER (16 * 1024 * 1024)
/* The answer to a POST is "ok"; one that refuses may say more. */
#define MAX_OK (16 * 1024)
/* Packets that a hub takes in one request (rules.md, Limits). */
#define MAX_PACKETS 64
/* What a packet that waits costs besides its text. */
#define OVERHEAD 64

#define BUREAU_TYPE_CARRIER_POLLING (bureau_carrier_polling_get_type ())
G_DECLARE_FINAL_TYPE (BureauCarrierPolling, bureau_carrier_polling, BUREAU, CARRIER_POLLING,
                      BureauCarrier)

struct _BureauCarrierPolling {
    BureauCarrier parent_instance;

    char *sid; /* (owned) (nullable): from the open packet to the end */
    gsize max_post;
    GCancellable *cancellable;
    GQueue waiting; /* (element-type utf8) (owned) */
    gsize cost;     /* of `waiting` */
    gboolean getting;
    gboolean posting;
    gboolean pausing;
    gint64 next_get; /* when the next GET may begin */
    GSource *gap;    /* (owned) (nullable): until then */
    GSource *grace;  /* (owned) (nullable): we are leaving */
};

G_DEFINE_FINAL_TYPE (BureauCarrierPolling, bureau_carrier_polling, BUREAU_TYPE_CARRIER)

static void go_on (BureauCarrierPolling *self);

/* ------------------------------------------------------------------ the end */

static void
cut (BureauCarrierPolling *self)
{
    bureau_timer_stop (&self->gap);
    bureau_timer_stop (&self->grace);
    g_clear_pointer (&self->sid, g_free);
    g_queue_clear_full (&self->waiting, g_free);
    self->cost = 0;
    g_cancellable_cancel (self->cancellable);
}

/* Takes @error. */
static void
fail (BureauCarrierPolling *self, GError *error)
{
    cut (self);
    bureau_carrier_fail (BUREAU_CARRIER (self), error);
}

static void
fail_protocol (BureauCarrierPolling *self, const char *what)
{
    fail (self, g_error_new_literal (BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_PROTOCOL, what));
}

static gboolean
on_grace_cb (gpointer data)
{
    g_autoptr (BureauCarrierPolling) self = g_object_ref (data);

    cut (self);
    return G_SOURCE_REMOVE;
}

static void
push (BureauCarrierPolling *self, const char *text, gsize length)
{
    g_queue_push_tail (&self->waiting, g_strndup (text, length));
    self->cost += length + OVERHEAD;
}

static void
bureau_carrier_polling_leave (BureauCarrier *carrier, guint16 code)
{
    BureauCarrierPolling *self = BUREAU_CARRIER_POLLING (carrier);

    if (self->sid == NULL) {
        cut (self);
        return;
    }
    self->pausing = FALSE;
    push (self, "1", 1);
    bureau_timer_start (&self->grace, BUREAU_CARRIER_LEAVE_TIME, on_grace_cb, self);
    go_on (self);
}

/* ------------------------------------------------------------------ what comes */

/* TRUE if @message was answered as an Engine.IO server answers, with @type or any (NULL). */
static gboolean
check_answer (SoupMessage *message, const char *type, GError **error)
{
    SoupMessageHeaders *headers = soup_message_get_response_headers (message);
    const char *found = soup_message_headers_get_content_type (headers, NULL);

    if (soup_message_get_status (message) != SOUP_STATUS_OK) {
        bureau_socket_error_set_http (error, soup_message_get_status (message));
        return FALSE;
    }
    if ((type != NULL && g_strcmp0 (found, type) != 0) ||
        soup_message_headers_get_one (headers, "Content-Encoding") != NULL) {
        g_set_error_literal (error, BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_PROTOCOL,
                             "The hub's answer is of the wrong kind.");
        return FALSE;
    }
    return TRUE;
}

/* What the network says only after there was somebody means that he is gone. */
static GError *
translate (BureauCarrierPolling *self, GError *error)
{
    GError *translated;

    if (error->domain == BUREAU_SOCKET_ERROR ||
        (self->sid == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE)))
        return error;
    translated = g_error_new (BUREAU_SOCKET_ERROR,
                              g_error_matches (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE)
                                  ? BUREAU_SOCKET_ERROR_PROTOCOL
                                  : BUREAU_SOCKET_ERROR_CLOSED,
                              "The connection to the hub is lost: %s", error->message);
    g_error_free (error);
    return translated;
}

/* The body of a good answer, NULL if it has failed. (transfer full) */
static GBytes *
take_answer (BureauCarrierPolling *self, GAsyncResult *result, SoupMessage *message,
             const char *type)
{
    GError *error = NULL;
    g_autoptr (GBytes) body = bureau_fetch_finish (result, &error);

    if (body != NULL && check_answer (message, type, &error))
        return g_steal_pointer (&body);
    fail (self, translate (self, error));
    return NULL;
}

static void
take_packets (BureauCarrierPolling *self, GBytes *body)
{
    gsize length, text_length;
    const char *bytes = g_bytes_get_data (body, &length);
    BureauPayloadReader reader;
    BureauPayloadResult result;
    const char *text;
    g_autoptr (GBytes) blob = NULL;

    bureau_payload_reader_init (&reader, bytes, length);
    while (bureau_carrier_has_owner (BUREAU_CARRIER (self))) {
        result = bureau_payload_reader_next (&reader, &text, &text_length, &blob);
        if (result == BUREAU_PAYLOAD_END)
            return;
        if (result == BUREAU_PAYLOAD_TEXT &&
            text_length <= bureau_carrier_get_max_payload (BUREAU_CARRIER (self))) {
            bureau_carrier_tell_packet (BUREAU_CARRIER (self), text, text_length);
            continue;
        }
        fail_protocol (self, result == BUREAU_PAYLOAD_BINARY ? "The hub sent binary data."
                                                             : "The hub's answer is malformed.");
    }
}

/* ------------------------------------------------------------------ requests */

typedef struct {
    BureauCarrierPolling *carrier; /* (owned) */
    SoupMessage *message;          /* (owned) */
} Request;

static void
request_free (Request *request)
{
    g_object_unref (request->carrier);
    g_object_unref (request->message);
    g_free (request);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Request, request_free)

/* (transfer full) */
static Request *
request_new (BureauCarrierPolling *self, const char *method)
{
    const char *base_uri = bureau_carrier_get_base_uri (BUREAU_CARRIER (self));
    g_autoptr (GUri) uri = bureau_carrier_make_uri (base_uri, "polling", self->sid);
    Request *request = g_new0 (Request, 1);

    request->carrier = g_object_ref (self);
    request->message = soup_message_new_from_uri (method, uri);
    return request;
}

static void
on_got_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (Request) request = data;
    BureauCarrierPolling *self = request->carrier;
    g_autoptr (GBytes) body = NULL;

    self->getting = FALSE;
    body = take_answer (self, result, request->message, "text/plain");
    if (body == NULL)
        return;
    take_packets (self, body);
    go_on (self);
}

static void
get (BureauCarrierPolling *self)
{
    Request *request = request_new (self, SOUP_METHOD_GET);

    self->getting = TRUE;
    self->next_get = g_get_monotonic_time () + MIN_GAP * 1000;
    bureau_fetch_async (bureau_carrier_get_session (BUREAU_CARRIER (self)), request->message,
                        MAX_ANSWER, 0, self->cancellable, on_got_cb, request);
}

static gboolean
on_gap_cb (gpointer data)
{
    BureauCarrierPolling *self = data;

    bureau_timer_stop (&self->gap);
    go_on (self);
    return G_SOURCE_REMOVE;
}

static void
get_soon (BureauCarrierPolling *self)
{
    gint64 wait = self->next_get - g_get_monotonic_time ();

    if (wait <= 0)
        get (self);
    else if (self->gap == NULL)
        bureau_timer_start (&self->gap, (wait + 999) / 1000, on_gap_cb, self);
}

static void
on_posted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (Request) request = data;
    BureauCarrierPolling *self = request->carrier;
    g_autoptr (GBytes) body = NULL;
    gsize length;
    gconstpointer bytes;

    self->posting = FALSE;
    body = take_answer (self, result, request->message, NULL);
    if (body == NULL)
        return;
    bytes = g_bytes_get_data (body, &length);
    if (length != 2 || memcmp (bytes, "ok", 2) != 0)
        fail_protocol (self, "The hub's answer is malformed.");
    else
        go_on (self);
}

/* As much of what waits as the hub takes at once; one packet at least (wire.md, A10). (transfer
 * full) */
static GBytes *
take_batch (BureauCarrierPolling *self)
{
    g_autoptr (GString) payload = g_string_new (NULL);
    const char *text;

    for (guint i = 0; i < MAX_PACKETS && (text = g_queue_peek_head (&self->waiting)) != NULL; i++) {
        g_autofree char *taken = NULL;
        gsize length = strlen (text);

        if (i > 0 && payload->len + 1 + length > self->max_post)
            break;
        bureau_payload_append_text (payload, text, length);
        taken = g_queue_pop_head (&self->waiting);
        self->cost -= length + OVERHEAD;
    }
    return g_string_free_to_bytes (g_steal_pointer (&payload));
}

static void
post (BureauCarrierPolling *self)
{
    Request *request = request_new (self, SOUP_METHOD_POST);
    g_autoptr (GBytes) payload = take_batch (self);

    self->posting = TRUE;
    soup_message_set_request_body_from_bytes (request->message, "text/plain; charset=UTF-8",
                                              payload);
    bureau_fetch_async (bureau_carrier_get_session (BUREAU_CARRIER (self)), request->message,
                        MAX_OK, 0, self->cancellable, on_posted_cb, request);
}

/* Begins whatever may be begun now. */
static void
go_on (BureauCarrierPolling *self)
{
    if (self->sid == NULL)
        return;
    if (self->pausing) {
        if (!self->getting && !self->posting)
            bureau_carrier_tell_paused (BUREAU_CARRIER (self));
        return;
    }
    if (!self->posting && self->waiting.length > 0)
        post (self);
    if (self->grace != NULL && !self->posting)
        cut (self);
    else if (self->grace == NULL && !self->getting)
        get_soon (self);
}

/* ------------------------------------------------------------------ vfuncs */

/* The handshake: its answer is the open packet. */
static void
bureau_carrier_polling_open (BureauCarrier *carrier)
{
    get (BUREAU_CARRIER_POLLING (carrier));
}

static void
bureau_carrier_polling_begin (BureauCarrier *carrier, const char *sid, gsize max_post)
{
    BureauCarrierPolling *self = BUREAU_CARRIER_POLLING (carrier);

    self->sid = g_strdup (sid);
    self->max_post = max_post;
}

static void
bureau_carrier_polling_send (BureauCarrier *carrier, const char *text, gsize length)
{
    BureauCarrierPolling *self = BUREAU_CARRIER_POLLING (carrier);

    if (!bureau_carrier_has_owner (carrier))
        return;
    push (self, text, length);
    if (self->cost > BUREAU_CARRIER_MAX_UNSENT)
        fail_protocol (self, "The hub does not read what it is sent.");
    else if (!self->pausing)
        go_on (self);
}

static void
bureau_carrier_polling_finalize (GObject *object)
{
    BureauCarrierPolling *self = BUREAU_CARRIER_POLLING (object);

    cut (self);
    g_clear_object (&self->cancellable);
    G_OBJECT_CLASS (bureau_carrier_polling_parent_class)->finalize (object);
}

static void
bureau_carrier_polling_class_init (BureauCarrierPollingClass *klass)
{
    BureauCarrierClass *carrier_class = BUREAU_CARRIER_CLASS (klass);

    G_OBJECT_CLASS (klass)->finalize = bureau_carrier_polling_finalize;
    carrier_class->open = bureau_carrier_polling_open;
    carrier_class->begin = bureau_carrier_polling_begin;
    carrier_class->send = bureau_carrier_polling_send;
    carrier_class->leave = bureau_carrier_polling_leave;
}

static void
bureau_carrier_polling_init (BureauCarrierPolling *self)
{
    self->cancellable = g_cancellable_new ();
    g_queue_init (&self->waiting);
}

BureauCarrier *
bureau_carrier_new_polling (SoupSession *session, const char *base_uri, gsize max_payload,
                            const BureauCarrierEvents *events, gpointer owner)
{
    return bureau_carrier_new (BUREAU_TYPE_CARRIER_POLLING, session, base_uri, max_payload, events,
                               owner);
}

/* ------------------------------------------------------------------ upgrading */

void
bureau_carrier_polling_pause (BureauCarrier *carrier)
{
    BureauCarrierPolling *self = BUREAU_CARRIER_POLLING (carrier);

    bureau_timer_stop (&self->gap);
    self->pausing = TRUE;
    go_on (self);
}

void
bureau_carrier_polling_resume (BureauCarrier *carrier)
{
    BureauCarrierPolling *self = BUREAU_CARRIER_POLLING (carrier);

    self->pausing = FALSE;
    go_on (self);
}

void
bureau_carrier_polling_hand_over (BureauCarrier *carrier, BureauCarrier *target)
{
    BureauCarrierPolling *self = BUREAU_CARRIER_POLLING (carrier);
    char *text;

    while ((text = g_queue_pop_head (&self->waiting)) != NULL) {
        bureau_carrier_send (target, text, strlen (text));
        g_free (text);
    }
    cut (self);
}
