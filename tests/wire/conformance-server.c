/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Usage: conformance-server PORT [--tls CERTIFICATE KEY]
 *
 * The wire library alone, as a server for protocol tests from outside (wire.md, F1): below
 * /engine.io/ it sends every message back; below /socket.io/, in "/" and "/custom", it answers a
 * CONNECT with the event `auth`, echoes `message` as `message-back` and acknowledges
 * `message-with-ack` with its arguments. It says `ready URL` on stdout and stops at SIGTERM. */

#include "bureau-server.h"

#include <glib-unix.h>

#include "bureau-json-slice.h"

static const char *const namespaces[] = { "/", "/custom", NULL };
static const char *const origins[] = { "*", NULL };

/* The text of the arguments behind the event's name, as it came: the order of members and the
 * digits of numbers are the client's. */
static char *
dup_arguments (const BureauPacket *packet)
{
    const char *end = packet->json + packet->json_length;
    BureauJsonSlice first;

    if (!bureau_json_slice_element (packet->json, packet->json_length, 1, &first))
        return NULL;
    while (*--end != ']')
        ;
    return g_strndup (first.text, end - first.text);
}

static void
on_connect (BureauServer *server, BureauConnection *connection, const char *auth, gpointer data)
{
    bureau_connection_accept (connection);
    bureau_connection_emit (connection, "auth", auth == NULL ? "{}" : auth, NULL);
}

static void
on_event (BureauServer *server, BureauConnection *connection, const BureauPacket *packet,
          gpointer data)
{
    g_autofree char *arguments = dup_arguments (packet);
    g_autofree char *name = NULL;
    BureauJsonSlice slice;

    bureau_json_slice_element (packet->json, packet->json_length, 0, &slice);
    name = bureau_json_slice_dup_string (&slice);
    if (g_strcmp0 (name, "message") == 0)
        bureau_connection_emit (connection, "message-back", arguments, packet->blobs);
    else if (g_strcmp0 (name, "message-with-ack") == 0 && packet->id >= 0)
        bureau_connection_acknowledge (connection, packet->id, arguments, packet->blobs);
}

static void
on_closed (BureauServer *server, BureauConnection *connection, const char *reason, gpointer data)
{
}

static void
on_turn (BureauServer *server, gpointer data)
{
}

static void
on_message (BureauServer *server, BureauSession *session, const void *bytes, gsize length,
            gboolean is_binary, gpointer data)
{
    bureau_session_send (session, bytes, length, is_binary);
}

static void
on_trouble (BureauServer *server, const char *what, gpointer data)
{
    g_printerr ("conformance-server: %s\n", what);
}

static const BureauServerHooks hooks = {
    .connect = on_connect,
    .event = on_event,
    .closed = on_closed,
    .turn = on_turn,
    .message = on_message,
    .trouble = on_trouble,
};

static BureauServer *
make_server (void)
{
    BureauServerOptions options = bureau_server_default_options;

    options.ping_interval = 300;
    options.ping_timeout = 200;
    options.connect_timeout = 1000;
    options.max_payload = options.max_waiting_payload = 1000000;
    options.max_packets = 10000;
    options.max_unsent = 32 * 1024 * 1024;
    options.max_connections = options.max_connections_per_address = 20000;
    options.max_waiting = options.max_waiting_per_address = 20000;
    options.namespaces = namespaces;
    options.allowed_origins = origins;
    options.any_host = TRUE;
    return bureau_server_new (&options, &hooks, NULL);
}

static BureauTlsIdentity *
load_identity (const char *certificate_file, const char *key_file, GError **error)
{
    g_autofree char *certificate = NULL;
    g_autofree char *key = NULL;

    if (!g_file_get_contents (certificate_file, &certificate, NULL, error) ||
        !g_file_get_contents (key_file, &key, NULL, error))
        return NULL;
    return bureau_tls_identity_new (certificate, key, error);
}

static gboolean
on_signal_cb (gpointer data)
{
    g_main_loop_quit (data);
    return G_SOURCE_REMOVE;
}

static gboolean
serve (guint16 port, BureauTlsIdentity *identity, GError **error)
{
    g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
    g_autoptr (BureauServer) server = make_server ();
    g_autofree char *uri = bureau_server_listen (server, "127.0.0.1", port, identity, error);

    if (uri == NULL)
        return FALSE;
    g_unix_signal_add (SIGTERM, on_signal_cb, loop);
    g_print ("ready %s\n", uri);
    g_main_loop_run (loop);
    return TRUE;
}

int
main (int argc, char **argv)
{
    g_autoptr (BureauTlsIdentity) identity = NULL;
    g_autoptr (GError) error = NULL;
    guint64 port;

    if ((argc != 2 && !(argc == 5 && g_str_equal (argv[2], "--tls"))) ||
        !g_ascii_string_to_unsigned (argv[1], 10, 0, G_MAXUINT16, &port, NULL)) {
        g_printerr ("Usage: conformance-server PORT [--tls CERTIFICATE KEY]\n");
        return 2;
    }
    if (argc == 5 && (identity = load_identity (argv[3], argv[4], &error)) == NULL) {
        g_printerr ("conformance-server: %s\n", error->message);
        return 1;
    }
    if (!serve (port, identity, &error)) {
        g_printerr ("conformance-server: %s\n", error->message);
        return 1;
    }
    return 0;
}
