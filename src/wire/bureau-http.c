/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What SoupServer is not trusted with is checked here, before it acts on a request:
 * reliability.md 4. */

#include "bureau-server-private.h"

#include <string.h>

#define SOCKET_PATH              "/socket.io/"
#define API_PATH                 "/api"
#define STATUS_HEADERS_TOO_LARGE 431

/* ------------------------------------------------------------------ answers */

static void
answer_json (SoupServerMessage *message, guint status, const char *json)
{
    soup_server_message_set_status (message, status, NULL);
    soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, json,
                                      strlen (json));
}

/* libsoup would read a body to its end before it answers, and it may never come. */
static gboolean
announces_body (SoupServerMessage *message)
{
    return soup_message_headers_get_content_length (
               soup_server_message_get_request_headers (message)) > 0;
}

static char *
format_error (const char *code, const char *text)
{
    return g_strdup_printf ("{\"ok\":false,\"error\":{\"code\":\"%s\",\"message\":\"%s\"}}", code,
                            text);
}

static GString *
format_answer (guint status, const char *json)
{
    GString *answer = g_string_new (NULL);

    g_string_printf (answer,
                     "HTTP/1.1 %u %s\r\nContent-Type: application/json\r\n"
                     "Content-Length: %" G_GSIZE_FORMAT "\r\nConnection: close\r\n\r\n%s",
                     status, soup_status_get_phrase (status), strlen (json), json);
    return answer;
}

GString *
bureau_http_format_refusal (BureauHttpHead verdict)
{
    guint status = verdict == BUREAU_HTTP_HEAD_NO_LENGTH   ? SOUP_STATUS_LENGTH_REQUIRED
                   : verdict == BUREAU_HTTP_HEAD_TOO_LARGE ? STATUS_HEADERS_TOO_LARGE
                                                           : SOUP_STATUS_BAD_REQUEST;
    g_autofree char *json = format_error ("invalid", "This is not a request that the hub takes.");

    return format_answer (status, json);
}

static void
refuse (SoupServerMessage *message, guint status, const char *code, const char *text)
{
    g_autofree char *json = format_error (code, text);

    answer_json (message, status, json);
    if (announces_body (message))
        bureau_gate_turn_away (message, format_answer (status, json));
}

/* ------------------------------------------------------------------ early checks */

/* The name in front of an optional ":port"; NULL if it is neither. */
static char *
host_without_port (const char *host)
{
    const char *end = *host == '[' ? strchr (host, ']') : strchrnul (host, ':');

    if (end == NULL)
        return NULL;
    if (*host == '[') {
        host++;
        if (end[1] != '\0' && end[1] != ':')
            return NULL;
    } else if (*end == ':' && strspn (end + 1, "0123456789") != strlen (end + 1)) {
        return NULL;
    }
    return g_strndup (host, end - host);
}

/* A page that has its own name resolve to our address sends that name (DNS rebinding); our own
 * clients send ours. */
static gboolean
is_own_name (const char *name, GSocketAddress *local)
{
    g_autoptr (GInetAddress) address = NULL;

    if (name == NULL)
        return FALSE;
    if (g_ascii_strcasecmp (name, "localhost") == 0)
        return TRUE;
    address = g_inet_address_new_from_string (name);
    if (address == NULL)
        return FALSE;
    return g_inet_address_get_is_loopback (address) ||
           (G_IS_INET_SOCKET_ADDRESS (local) &&
            g_inet_address_equal (
                address, g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (local))));
}

/* Also of a request whose target is a whole URI: its authority goes before the Host header. */
static gboolean
is_for_us (SoupServerMessage *message, const char *host)
{
    GSocketAddress *local = soup_server_message_get_local_address (message);
    g_autofree char *name = host_without_port (host);

    return is_own_name (name, local) &&
           is_own_name (g_uri_get_host (soup_server_message_get_uri (message)), local);
}

static gboolean
wants_no_origin (const char *path)
{
    return g_str_has_prefix (path, SOCKET_PATH) || g_str_has_prefix (path, API_PATH);
}

/* Sets a status on what may go no further. That the head is well-formed, the gate has seen to. */
static void
check_head (BureauServer *server, SoupServerMessage *message, const char *path)
{
    SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
    const char *host = soup_message_headers_get_one (headers, "Host");

    if (host == NULL || !is_for_us (message, host))
        refuse (message, SOUP_STATUS_MISDIRECTED_REQUEST, "forbidden", "This is not that host.");
    else if (soup_message_headers_get_list (headers, "Origin") != NULL && wants_no_origin (path))
        refuse (message, SOUP_STATUS_FORBIDDEN, "forbidden", "No other origin is allowed.");
    else if (soup_message_headers_get_content_length (headers) >
             (goffset) server->options.max_payload)
        refuse (message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE, "too_large",
                "That is too much at once.");
}

static void
on_early_cb (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
             gpointer data)
{
    SoupMessageHeaders *request = soup_server_message_get_request_headers (message);

    /* libsoup would answer ranges by itself, and not well. */
    soup_message_headers_remove (request, "Range");
    soup_message_headers_remove (request, "If-Range");
    /* An idle connection that the client closes would cost libsoup 3.2 a descriptor: wire.md G1. */
    soup_message_headers_replace (soup_server_message_get_response_headers (message), "Connection",
                                  "close");
    check_head (data, message, path);
}

/* ------------------------------------------------------------------ the upgrade */

static void
refuse_engine (SoupServerMessage *message, guint code, const char *text)
{
    g_autofree char *json = g_strdup_printf ("{\"code\":%u,\"message\":\"%s\"}", code, text);

    answer_json (message, SOUP_STATUS_BAD_REQUEST, json);
}

static void
on_wrote_informational_cb (SoupServerMessage *message, gpointer data)
{
    g_signal_handlers_disconnect_by_func (message, on_wrote_informational_cb, data);
    bureau_gate_upgrade (message);
}

/* FALSE with a status set if it is no upgrade that may be. */
static gboolean
process_handshake (SoupServerMessage *message)
{
    SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

    /* The stream is to stay: `close` is for answers. */
    soup_message_headers_remove (headers, "Connection");
    if (soup_websocket_server_process_handshake (message, NULL, NULL, NULL, NULL))
        return TRUE;
    soup_message_headers_replace (headers, "Connection", "close");
    return FALSE;
}

static void
take_socket_request (BureauServer *server, SoupServerMessage *message, GHashTable *query)
{
    const char *transport = query == NULL ? NULL : g_hash_table_lookup (query, "transport");
    const char *revision = query == NULL ? NULL : g_hash_table_lookup (query, "EIO");

    /* The order of wire.md A1. Long-polling is for another release. */
    if (g_strcmp0 (transport, "websocket") != 0)
        refuse_engine (message, 0, "Transport unknown");
    else if (g_hash_table_contains (query, "sid"))
        refuse_engine (message, 1, "Session ID unknown");
    else if (strcmp (soup_server_message_get_method (message), "GET") != 0)
        refuse_engine (message, 2, "Bad handshake method");
    else if (soup_message_headers_get_content_length (
                 soup_server_message_get_request_headers (message)) > 0 ||
             !soup_websocket_server_check_handshake (message, NULL, NULL, NULL, NULL))
        refuse_engine (message, 3, "Bad request");
    else if (g_strcmp0 (revision, "4") != 0)
        refuse_engine (message, 5, "Unsupported protocol version");
    else if (process_handshake (message))
        g_signal_connect (message, "wrote-informational", G_CALLBACK (on_wrote_informational_cb),
                          server);
}

/* ------------------------------------------------------------------ all else */

static void
on_request_cb (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query,
               gpointer data)
{
    BureauServer *server = data;
    BureauAdmission *admission = bureau_gate_get_admission (message);

    if (g_str_has_prefix (path, SOCKET_PATH)) {
        take_socket_request (server, message, query);
        return;
    }
    bureau_admission_set_answering (admission);
    if (server->hooks.request != NULL)
        server->hooks.request (server, message, path, server->data);
    else
        soup_server_message_set_status (message, SOUP_STATUS_NOT_FOUND, NULL);
}

void
bureau_http_add_handlers (BureauServer *server)
{
    soup_server_remove_websocket_extension (server->soup, SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
    /* One for all paths: a handler of a longer path would also stand in for the early one. */
    soup_server_add_early_handler (server->soup, NULL, on_early_cb, server, NULL);
    soup_server_add_handler (server->soup, NULL, on_request_cb, server, NULL);
}
