/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "test-middle.h"

#include <errno.h>
#include <gio/gio.h>
#include <gnutls/gnutls.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MODERN "NORMAL:-VERS-ALL:+VERS-TLS1.3"
/* ms */
#define PATIENCE 10000

struct _Middle {
    GSocketService *service; /* (owned) */
    char *uri;               /* (owned) */
    char *host;              /* (owned) (nullable): of the hub */
    guint16 port;
    char *priority;       /* (owned) */
    GPtrArray *old;       /* (owned): all credentials that there were; the last ones are shown */
    GPtrArray *all;       /* (owned): Visit */
    guint ended;          /* visits that are over */
    GMutex mutex;         /* guards what follows */
    GByteArray *sealed;   /* (owned): all that came, as it came */
    GByteArray *heard;    /* (owned): what clients said, within TLS */
    GByteArray *answered; /* (owned): what the hub said */
    guint handshakes;
};

typedef struct {
    Middle *middle;
    GSocketConnection *connection;                /* (owned) */
    gnutls_certificate_credentials_t credentials; /* (unowned) */
    GThread *thread;
} Visit;

/* One end of a connection. */
typedef struct {
    int fd;
    gnutls_session_t session;
    gboolean closed;
    Middle *record; /* (nullable): what comes is remembered, sealed as it is */
} End;

static void
must (int result)
{
    if (result < 0)
        g_error ("GnuTLS: %s", gnutls_strerror (result));
}

static void
note (Middle *middle, GByteArray *where, const void *bytes, gsize length)
{
    g_mutex_lock (&middle->mutex);
    g_byte_array_append (where, bytes, length);
    g_mutex_unlock (&middle->mutex);
}

/* ------------------------------------------------------------------ one end */

static ssize_t
pull (gnutls_transport_ptr_t pointer, void *buffer, size_t size)
{
    End *end = pointer;
    ssize_t got = recv (end->fd, buffer, size, 0);

    if (got < 0)
        gnutls_transport_set_errno (end->session, errno);
    if (got > 0 && end->record != NULL)
        note (end->record, end->record->sealed, buffer, got);
    return got;
}

static int
pull_timeout (gnutls_transport_ptr_t pointer, unsigned int milliseconds)
{
    End *end = pointer;
    struct pollfd wait = { end->fd, POLLIN, 0 };

    return poll (&wait, 1, PATIENCE);
}

static ssize_t
push (gnutls_transport_ptr_t pointer, const void *bytes, size_t length)
{
    End *end = pointer;

    return send (end->fd, bytes, length, MSG_NOSIGNAL);
}

static gboolean
shake_hands (End *end, guint flags, const char *priority,
             gnutls_certificate_credentials_t credentials)
{
    int result;

    must (gnutls_init (&end->session, flags | GNUTLS_NO_SIGNAL));
    must (gnutls_priority_set_direct (end->session, priority, NULL));
    must (gnutls_credentials_set (end->session, GNUTLS_CRD_CERTIFICATE, credentials));
    gnutls_transport_set_ptr (end->session, end);
    gnutls_transport_set_pull_function (end->session, pull);
    gnutls_transport_set_pull_timeout_function (end->session, pull_timeout);
    gnutls_transport_set_push_function (end->session, push);
    gnutls_handshake_set_timeout (end->session, PATIENCE);
    do
        result = gnutls_handshake (end->session);
    while (result < 0 && !gnutls_error_is_fatal (result));
    return result == GNUTLS_E_SUCCESS;
}

/* ------------------------------------------------------------------ handing on */

static void
hand_on (Middle *middle, End *from, End *to, GByteArray *where)
{
    char buffer[16 * 1024];
    ssize_t got = gnutls_record_recv (from->session, buffer, sizeof buffer);

    if (got > 0) {
        note (middle, where, buffer, got);
        if (to != NULL)
            gnutls_record_send (to->session, buffer, got);
    } else if (got == 0 || gnutls_error_is_fatal (got)) {
        from->closed = TRUE;
    }
}

/* @hub (nullable) */
static void
relay (Middle *middle, End *client, End *hub)
{
    while (!client->closed && (hub == NULL || !hub->closed)) {
        struct pollfd ends[] = { { client->fd, POLLIN, 0 },
                                 { hub == NULL ? -1 : hub->fd, POLLIN, 0 } };
        gboolean client_waits = gnutls_record_check_pending (client->session) > 0;
        gboolean hub_waits = hub != NULL && gnutls_record_check_pending (hub->session) > 0;

        if (!client_waits && !hub_waits && poll (ends, 2, PATIENCE) <= 0)
            return;
        if (client_waits || ends[0].revents != 0)
            hand_on (middle, client, hub, middle->heard);
        if (hub != NULL && (hub_waits || ends[1].revents != 0))
            hand_on (middle, hub, client, middle->answered);
    }
}

static void
relay_to_hub (Middle *middle, End *client)
{
    g_autoptr (GSocketClient) connector = g_socket_client_new ();
    g_autoptr (GSocketConnection) connection = g_socket_client_connect_to_host (
        connector, middle->host, middle->port, NULL, NULL);
    gnutls_certificate_credentials_t trusting;
    End hub = { 0 };

    if (connection == NULL)
        return;
    hub.fd = g_socket_get_fd (g_socket_connection_get_socket (connection));
    g_socket_set_blocking (g_socket_connection_get_socket (connection), TRUE);
    must (gnutls_certificate_allocate_credentials (&trusting));
    if (shake_hands (&hub, GNUTLS_CLIENT, MODERN, trusting))
        relay (middle, client, &hub);
    gnutls_deinit (hub.session);
    gnutls_certificate_free_credentials (trusting);
}

static gpointer
visit_thread (gpointer data)
{
    Visit *visit = data;
    Middle *middle = visit->middle;
    GSocket *socket = g_socket_connection_get_socket (visit->connection);
    End client = { .fd = g_socket_get_fd (socket), .record = middle };

    if (shake_hands (&client, GNUTLS_SERVER, middle->priority, visit->credentials)) {
        g_mutex_lock (&middle->mutex);
        middle->handshakes++;
        g_mutex_unlock (&middle->mutex);
        if (middle->host != NULL)
            relay_to_hub (middle, &client);
        else
            relay (middle, &client, NULL);
    }
    gnutls_deinit (client.session);
    g_socket_shutdown (socket, TRUE, TRUE, NULL);
    return NULL;
}

static gboolean
on_incoming_cb (GSocketService *service, GSocketConnection *connection, GObject *source,
                gpointer data)
{
    Middle *middle = data;
    Visit *visit = g_new0 (Visit, 1);

    visit->middle = middle;
    visit->connection = g_object_ref (connection);
    visit->credentials = g_ptr_array_index (middle->old, middle->old->len - 1);
    g_socket_set_blocking (g_socket_connection_get_socket (connection), TRUE);
    visit->thread = g_thread_new ("middle", visit_thread, visit);
    g_ptr_array_add (middle->all, visit);
    return TRUE;
}

/* ------------------------------------------------------------------ what the test asks */

const char *
middle_get_uri (Middle *middle)
{
    return middle->uri;
}

guint
middle_count_visits (Middle *middle)
{
    return middle->ended + middle->all->len;
}

guint
middle_count_handshakes (Middle *middle)
{
    g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&middle->mutex);

    return middle->handshakes;
}

gsize
middle_count_heard (Middle *middle)
{
    g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&middle->mutex);

    return middle->heard->len;
}

static gboolean
contains (GByteArray *bytes, const char *text)
{
    return memmem (bytes->data, bytes->len, text, strlen (text)) != NULL;
}

gboolean
middle_knows (Middle *middle, const char *text)
{
    g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&middle->mutex);

    return contains (middle->sealed, text) || contains (middle->heard, text) ||
           contains (middle->answered, text);
}

/* ------------------------------------------------------------------ life */

/* The hub's side ends with the client's. */
static void
end_visit (gpointer data)
{
    Visit *visit = data;

    g_socket_shutdown (g_socket_connection_get_socket (visit->connection), TRUE, TRUE, NULL);
    g_thread_join (visit->thread);
    visit->middle->ended++;
    g_object_unref (visit->connection);
    g_free (visit);
}

void
middle_cut (Middle *middle)
{
    g_ptr_array_set_size (middle->all, 0);
}

void
middle_set_identity (Middle *middle, const char *certificate, const char *key)
{
    const gnutls_datum_t certificate_pem = { (guint8 *) certificate, strlen (certificate) };
    const gnutls_datum_t key_pem = { (guint8 *) key, strlen (key) };
    gnutls_certificate_credentials_t credentials;

    must (gnutls_certificate_allocate_credentials (&credentials));
    must (gnutls_certificate_set_x509_key_mem (credentials, &certificate_pem, &key_pem,
                                               GNUTLS_X509_FMT_PEM));
    g_ptr_array_add (middle->old, credentials);
}

Middle *
middle_new (const char *upstream, const char *certificate, const char *key, const char *priority)
{
    Middle *middle = g_new0 (Middle, 1);
    guint16 port;

    if (upstream != NULL) {
        g_autoptr (GUri) uri = g_uri_parse (upstream, G_URI_FLAGS_NONE, NULL);

        middle->host = g_strdup (g_uri_get_host (uri));
        middle->port = g_uri_get_port (uri);
    }
    middle->priority = g_strdup (priority == NULL ? MODERN : priority);
    g_mutex_init (&middle->mutex);
    middle->old = g_ptr_array_new_with_free_func (
        (GDestroyNotify) gnutls_certificate_free_credentials);
    middle->sealed = g_byte_array_new ();
    middle->heard = g_byte_array_new ();
    middle->answered = g_byte_array_new ();
    middle_set_identity (middle, certificate, key);

    middle->all = g_ptr_array_new_with_free_func (end_visit);
    middle->service = g_socket_service_new ();
    port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (middle->service), NULL, NULL);
    g_signal_connect (middle->service, "incoming", G_CALLBACK (on_incoming_cb), middle);
    middle->uri = g_strdup_printf ("https://127.0.0.1:%u", port);
    return middle;
}

void
middle_free (Middle *middle)
{
    g_socket_service_stop (middle->service);
    g_socket_listener_close (G_SOCKET_LISTENER (middle->service));
    g_object_unref (middle->service);
    g_ptr_array_unref (middle->all);
    g_ptr_array_unref (middle->old);
    g_byte_array_unref (middle->sealed);
    g_byte_array_unref (middle->heard);
    g_byte_array_unref (middle->answered);
    g_mutex_clear (&middle->mutex);
    g_free (middle->priority);
    g_free (middle->host);
    g_free (middle->uri);
    g_free (middle);
}
