/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-inquiry.h"

#include <string.h>

#include "bureau-catalog.h"
#include "bureau-error.h"
#include "bureau-fetch.h"
#include "bureau-json-scanner.h"
#include "bureau-json.h"
#include "bureau-pin.h"
#include "bureau-socket.h"

#define TIMEOUT 30000 /* ms */

SoupSession *
bureau_inquiry_session_new (const char *pin)
{
    SoupSession *session = bureau_socket_session_new ();
    /* Without a pin it would learn one: believe whoever is there. */
    g_autoptr (GTlsDatabase) database = bureau_pin_database_new (pin ? pin : "");

    soup_session_set_tls_database (session, database);
    return session;
}

/* Takes @error. */
static void
return_failure (GTask *task, GError *error)
{
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
        g_task_return_error (task, error);
        return;
    }
    if (g_error_matches (error, BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_STRANGER))
        g_task_return_error (
            task, bureau_error_new_stranger (bureau_socket_error_get_expected_pin (error),
                                             bureau_socket_error_get_presented_pin (error)));
    else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE))
        g_task_return_new_error (task, BUREAU_ERROR, BUREAU_ERROR_TOO_LARGE,
                                 "The office’s answer is too large.");
    else
        g_task_return_new_error (task, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE,
                                 "The office can’t be reached: %s", error->message);
    g_error_free (error);
}

static void
on_fetched_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    guint status = soup_message_get_status (g_task_get_task_data (task));
    GError *error = NULL;
    g_autoptr (GBytes) bytes = bureau_fetch_finish (result, &error);
    g_autoptr (JsonObject) answer = NULL;

    if (!bytes) {
        return_failure (task, error);
        return;
    }
    if (SOUP_STATUS_IS_SUCCESSFUL (status)) {
        g_task_return_pointer (task, g_steal_pointer (&bytes), (GDestroyNotify) g_bytes_unref);
        return;
    }
    answer = bureau_inquiry_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL);
    if (answer && !bureau_inquiry_check (answer, &error))
        g_task_return_error (task, error);
    else
        g_task_return_new_error (task, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE,
                                 "The office answered with HTTP status %u.", status);
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
bureau_inquiry_async (SoupSession *session, const char *base_uri, const char *method,
                      const char *path, const char *token, const char *body, gsize max_size,
                      GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
    g_autoptr (GTask) task = g_task_new (session, cancellable, callback, data);
    SoupMessage *message = make_message (base_uri, method, path, token, body);

    g_task_set_source_tag (task, bureau_inquiry_async);
    if (!message) {
        g_task_return_new_error (task, BUREAU_ERROR, BUREAU_ERROR_INVALID,
                                 "The office’s address is not a valid one.");
        return;
    }
    g_task_set_task_data (task, message, g_object_unref);
    bureau_fetch_async (session, message, max_size, TIMEOUT, cancellable, on_fetched_cb,
                        g_steal_pointer (&task));
}

GBytes *
bureau_inquiry_finish (GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer (G_TASK (result), error);
}

JsonObject *
bureau_inquiry_parse (const char *text, gssize length, GError **error)
{
    gsize size = length < 0 ? strlen (text) : (gsize) length;
    BureauJsonKind kind;

    if (size == 0 || !bureau_json_scan (text, size, BUREAU_MAX_JSON_DEPTH, &kind, NULL) ||
        kind != BUREAU_JSON_OBJECT) {
        bureau_inquiry_set_not_understood (error);
        return NULL;
    }
    return bureau_json_parse_object (text, size, error);
}

JsonObject *
bureau_inquiry_parse_answer (GBytes *bytes, GError **error)
{
    g_autoptr (JsonObject) answer = bureau_inquiry_parse (g_bytes_get_data (bytes, NULL),
                                                          g_bytes_get_size (bytes), error);

    return answer && bureau_inquiry_check (answer, error) ? g_steal_pointer (&answer) : NULL;
}

void
bureau_inquiry_set_not_understood (GError **error)
{
    g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE,
                         "The office’s answer can’t be understood.");
}

gboolean
bureau_inquiry_check (JsonObject *answer, GError **error)
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
    else if (code == BUREAU_ERROR_UNAUTHENTICATED)
        bureau_error_set_unauthenticated (error, bureau_json_get_string (said, "reason"), message);
    else
        g_set_error_literal (error, BUREAU_ERROR, code, message);
    return FALSE;
}
