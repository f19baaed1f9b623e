/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-exchange.h"

#include <string.h>

#include "bureau-catalog.h"
#include "bureau-error.h"
#include "bureau-json-scanner.h"
#include "bureau-json.h"

#define TIMEOUT_SECONDS 30
#define CHUNK           (64 * 1024)
#define MAX_ERROR_BODY  (64 * 1024)

typedef struct {
    SoupMessage *message; /* (owned) */
    GInputStream *stream; /* (owned) (nullable) */
    GByteArray *body;     /* (owned) */
    gsize max_size;
    GCancellable *cancellable; /* (owned): ours, for both reasons below */
    GCancellable *outer;       /* (owned) (nullable): the caller's */
    gulong outer_handler;
    GSource *timeout; /* (owned) */
    gboolean timed_out;
} Call;

static void
call_free (gpointer data)
{
    Call *call = data;

    g_cancellable_disconnect (call->outer, call->outer_handler);
    g_clear_object (&call->outer);
    g_source_destroy (call->timeout);
    g_source_unref (call->timeout);
    g_clear_object (&call->cancellable);
    g_clear_object (&call->message);
    g_clear_object (&call->stream);
    g_byte_array_unref (call->body);
    g_free (call);
}

static gboolean
on_timeout_cb (gpointer data)
{
    Call *call = data;

    call->timed_out = TRUE;
    g_cancellable_cancel (call->cancellable);
    return G_SOURCE_REMOVE;
}

static void
on_outer_cancelled_cb (GCancellable *outer, gpointer data)
{
    g_cancellable_cancel (data);
}

static void
return_failure (GTask *task, GError *error)
{
    Call *call = g_task_get_task_data (task);

    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) && !call->timed_out) {
        g_task_return_error (task, error);
        return;
    }
    g_task_return_new_error (task, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE,
                             "The office can’t be reached: %s",
                             call->timed_out ? "it does not answer." : error->message);
    g_error_free (error);
}

static void
return_answer (GTask *task)
{
    Call *call = g_task_get_task_data (task);
    guint status = soup_message_get_status (call->message);
    g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (g_steal_pointer (&call->body));
    g_autoptr (JsonObject) answer = NULL;
    GError *error = NULL;

    call->body = g_byte_array_new ();
    if (SOUP_STATUS_IS_SUCCESSFUL (status)) {
        g_task_return_pointer (task, g_steal_pointer (&bytes), (GDestroyNotify) g_bytes_unref);
        return;
    }
    answer = bureau_exchange_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL);
    if (answer && !bureau_exchange_check (answer, &error))
        g_task_return_error (task, error);
    else
        g_task_return_new_error (task, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE,
                                 "The office answered with HTTP status %u.", status);
}

static void read_on (GTask *task);

static void
on_read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    Call *call = g_task_get_task_data (task);
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) chunk = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result,
                                                                 &error);
    gsize max_size = call->max_size;

    if (!chunk) {
        return_failure (task, g_steal_pointer (&error));
        return;
    }
    if (g_bytes_get_size (chunk) == 0) {
        return_answer (task);
        return;
    }
    if (!SOUP_STATUS_IS_SUCCESSFUL (soup_message_get_status (call->message)))
        max_size = MIN (max_size, MAX_ERROR_BODY);
    if (g_bytes_get_size (chunk) > max_size - call->body->len) {
        g_task_return_new_error (task, BUREAU_ERROR, BUREAU_ERROR_TOO_LARGE,
                                 "The office’s answer is too large.");
        return;
    }
    g_byte_array_append (call->body, g_bytes_get_data (chunk, NULL), g_bytes_get_size (chunk));
    read_on (g_steal_pointer (&task));
}

/* Takes @task. */
static void
read_on (GTask *task)
{
    Call *call = g_task_get_task_data (task);

    g_input_stream_read_bytes_async (call->stream, CHUNK, G_PRIORITY_DEFAULT, call->cancellable,
                                     on_read_cb, task);
}

static void
on_sent_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    Call *call = g_task_get_task_data (task);
    g_autoptr (GError) error = NULL;

    call->stream = soup_session_send_finish (SOUP_SESSION (source), result, &error);
    if (call->stream)
        read_on (g_steal_pointer (&task));
    else
        return_failure (task, g_steal_pointer (&error));
}

static SoupMessage *
make_message (const char *base_uri, const char *method, const char *path, const char *token,
              const char *body)
{
    g_autofree char *uri = g_strconcat (base_uri, path, NULL);
    SoupMessage *message = soup_message_new (method, uri);

    if (!message)
        return NULL;
    if (token) {
        g_autofree char *value = g_strconcat ("Bearer ", token, NULL);

        soup_message_headers_replace (soup_message_get_request_headers (message), "Authorization",
                                      value);
    }
    if (body) {
        g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));

        soup_message_set_request_body_from_bytes (message, "application/json", bytes);
    }
    return message;
}

void
bureau_exchange_async (SoupSession *session, const char *base_uri, const char *method,
                       const char *path, const char *token, const char *body, gsize max_size,
                       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
    g_autoptr (GTask) task = g_task_new (session, cancellable, callback, data);
    SoupMessage *message = make_message (base_uri, method, path, token, body);
    Call *call;

    g_task_set_source_tag (task, bureau_exchange_async);
    if (!message) {
        g_task_return_new_error (task, BUREAU_ERROR, BUREAU_ERROR_INVALID,
                                 "The office’s address is not a valid one.");
        return;
    }
    call = g_new0 (Call, 1);
    call->message = message;
    call->body = g_byte_array_new ();
    call->max_size = max_size;
    call->cancellable = g_cancellable_new ();
    call->timeout = g_timeout_source_new_seconds (TIMEOUT_SECONDS);
    g_source_set_callback (call->timeout, on_timeout_cb, call, NULL);
    g_source_attach (call->timeout, g_task_get_context (task));
    g_task_set_task_data (task, call, call_free);
    if (cancellable) {
        call->outer = g_object_ref (cancellable);
        call->outer_handler = g_cancellable_connect (
            cancellable, G_CALLBACK (on_outer_cancelled_cb), g_object_ref (call->cancellable),
            g_object_unref);
    }
    soup_session_send_async (session, message, G_PRIORITY_DEFAULT, call->cancellable, on_sent_cb,
                             g_steal_pointer (&task));
}

GBytes *
bureau_exchange_finish (GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer (G_TASK (result), error);
}

JsonObject *
bureau_exchange_parse (const char *text, gssize length, GError **error)
{
    gsize size = length < 0 ? strlen (text) : (gsize) length;
    BureauJsonKind kind;

    if (size == 0 || !bureau_json_scan (text, size, BUREAU_MAX_JSON_DEPTH, &kind, NULL) ||
        kind != BUREAU_JSON_OBJECT) {
        g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE,
                             "The office’s answer can’t be understood.");
        return NULL;
    }
    return bureau_json_parse_object (text, size, error);
}

gboolean
bureau_exchange_check (JsonObject *answer, GError **error)
{
    JsonObject *said = bureau_json_get_object (answer, "error");
    const char *message = bureau_json_get_string (said, "message");
    BureauError code = bureau_error_from_code (bureau_json_get_string (said, "code"));

    if (bureau_json_get_boolean (answer, "ok", FALSE))
        return TRUE;
    if (!message)
        message = "The office gave no reason.";
    if (code == BUREAU_ERROR_RATE_LIMITED)
        bureau_error_set_rate_limited (error, bureau_json_get_int (said, "retryAfterMs", 0));
    else if (code == BUREAU_ERROR_INVALID)
        bureau_error_set_invalid (error, bureau_json_get_string (said, "field"), "%s", message);
    else
        g_set_error_literal (error, BUREAU_ERROR, code, message);
    return FALSE;
}
