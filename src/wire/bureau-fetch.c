/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-fetch.h"

#include "bureau-pin.h"

#define CHUNK (64 * 1024)

typedef struct {
    SoupMessage *message; /* (owned) */
    gulong message_handler;
    GInputStream *stream; /* (owned) (nullable) */
    GByteArray *body;     /* (owned) (nullable) */
    gsize max_size;
    GCancellable *cancellable; /* (owned): ours, for both reasons below */
    GCancellable *outer;       /* (owned) (nullable): the caller's */
    gulong outer_handler;
    GSource *timeout; /* (owned) (nullable) */
    gboolean timed_out;
    GError *refusal; /* (owned) (nullable): why nothing is said to this hub */
} Fetch;

static void
fetch_free (gpointer data)
{
    Fetch *fetch = data;

    g_cancellable_disconnect (fetch->outer, fetch->outer_handler);
    g_clear_object (&fetch->outer);
    if (fetch->timeout != NULL)
        g_source_destroy (fetch->timeout);
    g_clear_pointer (&fetch->timeout, g_source_unref);
    g_clear_object (&fetch->cancellable);
    g_clear_error (&fetch->refusal);
    g_clear_signal_handler (&fetch->message_handler, fetch->message);
    g_clear_object (&fetch->message);
    g_clear_object (&fetch->stream);
    g_clear_pointer (&fetch->body, g_byte_array_unref);
    g_free (fetch);
}

static gboolean
on_timeout_cb (gpointer data)
{
    Fetch *fetch = data;

    fetch->timed_out = TRUE;
    g_cancellable_cancel (fetch->cancellable);
    return G_SOURCE_REMOVE;
}

static void
on_outer_cancelled_cb (GCancellable *outer, gpointer data)
{
    g_cancellable_cancel (data);
}

/* Takes @error. */
static void
return_failure (GTask *task, GError *error)
{
    Fetch *fetch = g_task_get_task_data (task);

    if (fetch->timed_out) {
        g_clear_error (&error);
        error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "There is no answer.");
    } else if (fetch->refusal != NULL) {
        g_clear_error (&error);
        error = g_steal_pointer (&fetch->refusal);
    }
    g_task_return_error (task, bureau_pin_explain (g_task_get_source_object (task), error));
}

/* Before the handshake, and before the request is written. A connection that is closed here is not
 * used for another. */
static void
on_network_event_cb (SoupMessage *message, GSocketClientEvent event, GIOStream *stream,
                     gpointer data)
{
    GTask *task = data;
    Fetch *fetch = g_task_get_task_data (task);

    if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING)
        bureau_pin_prepare_connection (G_TLS_CONNECTION (stream));
    if (event != G_SOCKET_CLIENT_TLS_HANDSHAKED || fetch->refusal != NULL ||
        bureau_pin_check_connection (g_task_get_source_object (task), G_TLS_CONNECTION (stream),
                                     &fetch->refusal))
        return;
    g_io_stream_close_async (stream, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
    g_cancellable_cancel (fetch->cancellable);
}

/* libsoup takes a connection that ends too early for the end of the body. */
static gboolean
is_whole (Fetch *fetch)
{
    SoupMessageHeaders *headers = soup_message_get_response_headers (fetch->message);

    return soup_message_headers_get_encoding (headers) != SOUP_ENCODING_CONTENT_LENGTH ||
           soup_message_headers_get_content_length (headers) == fetch->body->len;
}

static void
return_body (GTask *task)
{
    Fetch *fetch = g_task_get_task_data (task);

    if (is_whole (fetch))
        g_task_return_pointer (task, g_byte_array_free_to_bytes (g_steal_pointer (&fetch->body)),
                               (GDestroyNotify) g_bytes_unref);
    else
        g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                                 "The answer ends too early.");
}

static void read_on (GTask *task);

static void
on_read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    Fetch *fetch = g_task_get_task_data (task);
    GError *error = NULL;
    g_autoptr (GBytes) chunk = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result,
                                                                 &error);
    gsize length;
    gconstpointer bytes;

    if (chunk == NULL) {
        return_failure (task, error);
        return;
    }
    bytes = g_bytes_get_data (chunk, &length);
    if (length == 0) {
        return_body (task);
        return;
    }
    if (length > fetch->max_size - fetch->body->len) {
        /* What libsoup would still read must not be waited for. */
        g_cancellable_cancel (fetch->cancellable);
        g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE,
                                 "The answer is too large.");
        return;
    }
    g_byte_array_append (fetch->body, bytes, length);
    read_on (g_steal_pointer (&task));
}

/* Takes @task. */
static void
read_on (GTask *task)
{
    Fetch *fetch = g_task_get_task_data (task);

    g_input_stream_read_bytes_async (fetch->stream, CHUNK, G_PRIORITY_DEFAULT, fetch->cancellable,
                                     on_read_cb, task);
}

static void
on_sent_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    Fetch *fetch = g_task_get_task_data (task);
    GError *error = NULL;

    fetch->stream = soup_session_send_finish (SOUP_SESSION (source), result, &error);
    if (fetch->stream != NULL)
        read_on (g_steal_pointer (&task));
    else
        return_failure (task, error);
}

static void
set_timeout (Fetch *fetch, GTask *task, guint milliseconds)
{
    if (milliseconds == 0)
        return;
    fetch->timeout = g_timeout_source_new (milliseconds);
    g_source_set_callback (fetch->timeout, on_timeout_cb, fetch, NULL);
    g_source_attach (fetch->timeout, g_task_get_context (task));
}

static void
follow_cancellable (Fetch *fetch, GCancellable *cancellable)
{
    if (cancellable == NULL)
        return;
    fetch->outer = g_object_ref (cancellable);
    fetch->outer_handler = g_cancellable_connect (cancellable, G_CALLBACK (on_outer_cancelled_cb),
                                                  g_object_ref (fetch->cancellable),
                                                  g_object_unref);
}

void
bureau_fetch_async (SoupSession *session, SoupMessage *message, gsize max_size, guint milliseconds,
                    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
    GTask *task = g_task_new (session, NULL, callback, data);
    Fetch *fetch = g_new0 (Fetch, 1);
    GError *error = NULL;

    g_task_set_source_tag (task, bureau_fetch_async);
    fetch->message = g_object_ref (message);
    fetch->body = g_byte_array_new ();
    fetch->max_size = max_size;
    fetch->cancellable = g_cancellable_new ();
    g_task_set_task_data (task, fetch, fetch_free);
    if (!bureau_pin_check_uri (session, soup_message_get_uri (message), &error)) {
        g_task_return_error (task, error);
        g_object_unref (task);
        return;
    }
    fetch->message_handler = g_signal_connect (message, "network-event",
                                               G_CALLBACK (on_network_event_cb), task);
    set_timeout (fetch, task, milliseconds);
    follow_cancellable (fetch, cancellable);
    soup_session_send_async (session, message, G_PRIORITY_DEFAULT, fetch->cancellable, on_sent_cb,
                             task);
}

GBytes *
bureau_fetch_finish (GAsyncResult *result, GError **error)
{
    g_return_val_if_fail (g_async_result_is_tagged (result, bureau_fetch_async), NULL);

    return g_task_propagate_pointer (G_TASK (result), error);
}
