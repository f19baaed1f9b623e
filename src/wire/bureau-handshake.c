/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-handshake.h"

#include <string.h>

#include <sodium.h>

#include "bureau-socket-error.h"

#define ACCEPT_SALT "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define KEY_SIZE    16

char *
bureau_handshake_make_key (void)
{
    guint8 bytes[KEY_SIZE];

    randombytes_buf (bytes, sizeof bytes);
    return g_base64_encode (bytes, sizeof bytes);
}

/* ------------------------------------------------------------------ the request */

/* As a Host header has it. (transfer full) */
static char *
make_host (GUri *uri)
{
    const char *host = g_uri_get_host (uri);
    int port = g_uri_get_port (uri);
    g_autofree char *name = strchr (host, ':') != NULL ? g_strdup_printf ("[%s]", host)
                                                       : g_hostname_to_ascii (host);

    return port > 0 ? g_strdup_printf ("%s:%d", name, port) : g_steal_pointer (&name);
}

char *
bureau_handshake_make_request (GUri *uri, const char *key)
{
    g_autofree char *host = make_host (uri);
    const char *path = g_uri_get_path (uri);
    const char *query = g_uri_get_query (uri);

    return g_strdup_printf ("GET %s%s%s HTTP/1.1\r\n"
                            "Host: %s\r\n"
                            "Upgrade: websocket\r\n"
                            "Connection: Upgrade\r\n"
                            "Sec-WebSocket-Key: %s\r\n"
                            "Sec-WebSocket-Version: 13\r\n"
                            "\r\n",
                            *path == '\0' ? "/" : path, query == NULL ? "" : "?",
                            query == NULL ? "" : query, host, key);
}

/* ------------------------------------------------------------------ the answer */

gsize
bureau_handshake_find_end (const guint8 *bytes, gsize length)
{
    const guint8 *end = memmem (bytes, length, "\r\n\r\n", 4);

    return end == NULL ? 0 : (gsize) (end - bytes) + 4;
}

char *
bureau_handshake_make_accept (const char *key)
{
    g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
    guint8 digest[20];
    gsize length = sizeof digest;

    g_checksum_update (checksum, (const guint8 *) key, -1);
    g_checksum_update (checksum, (const guint8 *) ACCEPT_SALT, -1);
    g_checksum_get_digest (checksum, digest, &length);
    return g_base64_encode (digest, length);
}

typedef struct {
    gboolean upgrade;
    gboolean connection;
    gboolean accept;
} Seen;

static gboolean
has_token (const char *list, const char *token)
{
    g_auto (GStrv) tokens = g_strsplit (list, ",", -1);

    for (guint i = 0; tokens[i] != NULL; i++) {
        if (g_ascii_strcasecmp (g_strstrip (tokens[i]), token) == 0)
            return TRUE;
    }
    return FALSE;
}

/* One field that counts, the value stripped: FALSE if it is not as it has to be, or comes twice. */
static gboolean
take_field (Seen *seen, const char *name, const char *value, const char *accept)
{
    gboolean *place = NULL;
    gboolean good = TRUE;

    if (g_ascii_strcasecmp (name, "Upgrade") == 0) {
        place = &seen->upgrade;
        good = g_ascii_strcasecmp (value, "websocket") == 0;
    } else if (g_ascii_strcasecmp (name, "Connection") == 0) {
        place = &seen->connection;
        good = has_token (value, "upgrade");
    } else if (g_ascii_strcasecmp (name, "Sec-WebSocket-Accept") == 0) {
        place = &seen->accept;
        good = strcmp (value, accept) == 0;
    } else {
        /* None was asked for. */
        return g_ascii_strcasecmp (name, "Sec-WebSocket-Extensions") != 0 &&
               g_ascii_strcasecmp (name, "Sec-WebSocket-Protocol") != 0;
    }
    good = good && !*place;
    *place = TRUE;
    return good;
}

static gboolean
is_token (const char *name)
{
    for (const char *c = name; *c != '\0'; c++) {
        if (!g_ascii_isalnum (*c) && strchr ("!#$%&'*+-.^_`|~", *c) == NULL)
            return FALSE;
    }
    return *name != '\0';
}

/* @line is changed. */
static gboolean
take_line (Seen *seen, char *line, const char *accept)
{
    char *colon = strchr (line, ':');

    if (colon == NULL || strpbrk (line, "\r\n") != NULL)
        return FALSE;
    *colon = '\0';
    return is_token (line) && take_field (seen, line, g_strstrip (colon + 1), accept);
}

/* The status of "HTTP/1.1 101 Switching Protocols", 0 if it is no such line. */
static guint
read_status (const char *line)
{
    guint status = 0;

    if (!g_str_has_prefix (line, "HTTP/1.1 ") && !g_str_has_prefix (line, "HTTP/1.0 "))
        return 0;
    line += strlen ("HTTP/1.x ");
    for (guint i = 0; i < 3; i++) {
        if (!g_ascii_isdigit (line[i]))
            return 0;
        status = status * 10 + (guint) (line[i] - '0');
    }
    return line[3] == '\0' || line[3] == ' ' ? status : 0;
}

gboolean
bureau_handshake_check_answer (const guint8 *head, gsize length, const char *key, GError **error)
{
    g_autofree char *text = g_strndup ((const char *) head, length - strlen ("\r\n\r\n"));
    g_auto (GStrv) lines = g_strsplit (text, "\r\n", -1);
    g_autofree char *accept = bureau_handshake_make_accept (key);
    guint status = lines[0] == NULL ? 0 : read_status (lines[0]);
    Seen seen = { FALSE };
    /* What lies behind a NUL was not copied. */
    gboolean good = strlen (text) == length - strlen ("\r\n\r\n") && status != 0;

    if (good && status != 101) {
        bureau_socket_error_set_http (error, status);
        return FALSE;
    }
    for (guint i = 1; good && lines[i] != NULL; i++)
        good = take_line (&seen, lines[i], accept);
    good = good && seen.upgrade && seen.connection && seen.accept;
    if (!good)
        g_set_error_literal (error, BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_PROTOCOL,
                             "The hub's answer to the upgrade is malformed.");
    return good;
}
