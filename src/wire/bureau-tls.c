/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-tls.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <string.h>

#define MAX_HELLO (16 * 1024)
/* Bytes a peer may send without anything coming of it: two hellos, or a record and some changes of
 * keys. GnuTLS would gather a message of 16 MiB, or skip empty records for ever. */
#define MAX_QUIET (3 * MAX_HELLO)

/* The server's order counts, and it takes the cheaper ones first. */
#define PRIORITY                                                                                   \
    "NORMAL:-VERS-ALL:+VERS-TLS1.3"                                                                \
    ":-CIPHER-ALL:+AES-128-GCM:+CHACHA20-POLY1305:+AES-256-GCM"                                    \
    ":-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1"                                  \
    ":%SERVER_PRECEDENCE"

struct _BureauTlsIdentity {
    gnutls_certificate_credentials_t credentials; /* (owned) */
    gnutls_priority_t priority;                   /* (owned) */
    gnutls_datum_t ticket_key;                    /* (owned) */
};

typedef enum {
    STATE_HANDSHAKE,
    STATE_OPEN,
    STATE_ENDED, /* the peer will say no more */
    STATE_FAILED,
} State;

struct _BureauTls {
    BureauTlsIdentity *identity; /* (owned) */
    gnutls_session_t session;    /* (owned) */
    BureauTlsOutputFunc output;
    gpointer data;
    const guint8 *input; /* (unowned): what GnuTLS has not yet pulled */
    gsize left;          /* bytes of that */
    State state;
    gsize quiet;     /* bytes pulled since the last data */
    gboolean closed; /* close_notify is out */
};

/* ------------------------------------------------------------------ identities */

/* Returns GnuTLS's verdict. */
static int
load_identity (BureauTlsIdentity *identity, const char *certificate, const char *key)
{
    const gnutls_datum_t certificate_pem = { (guint8 *) certificate, strlen (certificate) };
    const gnutls_datum_t key_pem = { (guint8 *) key, strlen (key) };
    int result;

    if ((result = gnutls_certificate_allocate_credentials (&identity->credentials)) < 0 ||
        (result = gnutls_certificate_set_x509_key_mem (identity->credentials, &certificate_pem,
                                                       &key_pem, GNUTLS_X509_FMT_PEM)) < 0 ||
        (result = gnutls_priority_init (&identity->priority, PRIORITY, NULL)) < 0)
        return result;
    return gnutls_session_ticket_key_generate (&identity->ticket_key);
}

static void
clear_identity (gpointer data)
{
    BureauTlsIdentity *identity = data;

    if (identity->credentials != NULL)
        gnutls_certificate_free_credentials (identity->credentials);
    if (identity->priority != NULL)
        gnutls_priority_deinit (identity->priority);
    if (identity->ticket_key.data != NULL)
        gnutls_memset (identity->ticket_key.data, 0, identity->ticket_key.size);
    gnutls_free (identity->ticket_key.data);
}

BureauTlsIdentity *
bureau_tls_identity_new (const char *certificate, const char *key, GError **error)
{
    g_autoptr (BureauTlsIdentity) identity = g_atomic_rc_box_new0 (BureauTlsIdentity);
    int result = load_identity (identity, certificate, key);

    if (result < 0) {
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, gnutls_strerror (result));
        return NULL;
    }
    return g_steal_pointer (&identity);
}

BureauTlsIdentity *
bureau_tls_identity_ref (BureauTlsIdentity *identity)
{
    return g_atomic_rc_box_acquire (identity);
}

void
bureau_tls_identity_unref (BureauTlsIdentity *identity)
{
    g_atomic_rc_box_release_full (identity, clear_identity);
}

/* ------------------------------------------------------------------ the first bytes */

#define RECORD_HEADER    5
#define RECORD_HANDSHAKE 22
#define MESSAGE_HEADER   4
#define CLIENT_HELLO     1

/* Whether a record header (RFC 8446 section 5.1) may begin with these bytes, which are perhaps not
 * all of it. The minor version says nothing. */
static gboolean
may_be_record (const guint8 *bytes, gsize length)
{
    return (length < 1 || bytes[0] == RECORD_HANDSHAKE) && (length < 2 || bytes[1] == 3);
}

/* Gathers a handshake message's header (section 4), of which @have bytes are there, from the next
 * fragment. Returns how many are there now. */
static gsize
gather_header (guint8 *header, gsize have, const guint8 *fragment, gsize length)
{
    gsize more = have < MESSAGE_HEADER ? MIN (MESSAGE_HEADER - have, length) : 0;

    if (more > 0)
        memcpy (header + have, fragment, more);
    return have + more;
}

BureauTlsHello
bureau_tls_check_hello (const guint8 *bytes, gsize length)
{
    guint8 header[MESSAGE_HEADER] = { CLIENT_HELLO };
    gsize have = 0, total = 0, wanted = MESSAGE_HEADER;

    for (gsize at = 0, end;; at = end) {
        gsize fragment, here;

        if (!may_be_record (bytes + at, length - at))
            return BUREAU_TLS_HELLO_BAD;
        if (length - at < RECORD_HEADER)
            return BUREAU_TLS_HELLO_INCOMPLETE;
        fragment = (gsize) bytes[at + 3] << 8 | bytes[at + 4];
        end = at + RECORD_HEADER + fragment;
        if (fragment == 0 || end > MAX_HELLO)
            return BUREAU_TLS_HELLO_BAD;

        here = MIN (fragment, length - at - RECORD_HEADER);
        have = gather_header (header, have, bytes + at + RECORD_HEADER, here);
        if (header[0] != CLIENT_HELLO)
            return BUREAU_TLS_HELLO_BAD;
        if (have == MESSAGE_HEADER)
            wanted = MESSAGE_HEADER + ((gsize) header[1] << 16 | header[2] << 8 | header[3]);
        if (wanted > MAX_HELLO)
            return BUREAU_TLS_HELLO_BAD;
        if (here < fragment)
            return BUREAU_TLS_HELLO_INCOMPLETE;
        total += fragment;
        if (total >= wanted)
            return BUREAU_TLS_HELLO_WHOLE;
    }
}

/* ------------------------------------------------------------------ what GnuTLS calls */

static ssize_t
pull (gnutls_transport_ptr_t pointer, void *buffer, size_t size)
{
    BureauTls *tls = pointer;
    gsize length = MIN (size, tls->left);

    if (length == 0) {
        gnutls_transport_set_errno (tls->session, EAGAIN);
        return -1;
    }
    memcpy (buffer, tls->input, length);
    tls->input += length;
    tls->left -= length;
    tls->quiet += length;
    return length;
}

/* Not called for a session that doesn't block, but GnuTLS wants one beside a pull function. */
static int
pull_timeout (gnutls_transport_ptr_t pointer, unsigned int milliseconds)
{
    BureauTls *tls = pointer;

    return tls->left > 0;
}

static ssize_t
push (gnutls_transport_ptr_t pointer, const giovec_t *vectors, int count)
{
    BureauTls *tls = pointer;
    gsize length = 0;

    for (int i = 0; i < count; i++) {
        tls->output (vectors[i].iov_base, vectors[i].iov_len, tls->data);
        length += vectors[i].iov_len;
    }
    return length;
}

/* ------------------------------------------------------------------ a connection */

static void
set_up_transport (BureauTls *tls)
{
    gnutls_transport_set_ptr (tls->session, tls);
    gnutls_transport_set_pull_function (tls->session, pull);
    gnutls_transport_set_pull_timeout_function (tls->session, pull_timeout);
    gnutls_transport_set_vec_push_function (tls->session, push);
    gnutls_handshake_set_max_packet_length (tls->session, MAX_HELLO);
}

/* These fail only for want of memory, which ends a program of GLib's anyway. */
static void
must (int result)
{
    if (result < 0)
        g_error ("GnuTLS: %s", gnutls_strerror (result));
}

BureauTls *
bureau_tls_new (BureauTlsIdentity *identity, BureauTlsOutputFunc output, gpointer data)
{
    static const gnutls_datum_t http = { (guint8 *) "http/1.1", 8 };
    BureauTls *tls = g_new0 (BureauTls, 1);

    tls->identity = bureau_tls_identity_ref (identity);
    tls->output = output;
    tls->data = data;
    must (gnutls_init (&tls->session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL));
    must (gnutls_priority_set (tls->session, identity->priority));
    must (gnutls_credentials_set (tls->session, GNUTLS_CRD_CERTIFICATE, identity->credentials));
    must (gnutls_session_ticket_enable_server (tls->session, &identity->ticket_key));
    must (gnutls_alpn_set_protocols (tls->session, &http, 1, 0));
    set_up_transport (tls);
    return tls;
}

void
bureau_tls_free (BureauTls *tls)
{
    gnutls_deinit (tls->session);
    bureau_tls_identity_unref (tls->identity);
    g_free (tls);
}

/* The peer is told why; not so (GnuTLS sees to it) if it is who told us. */
static BureauTlsResult
fail (BureauTls *tls, int result)
{
    gnutls_alert_send_appropriate (tls->session, result);
    tls->state = STATE_FAILED;
    return BUREAU_TLS_ERROR;
}

void
bureau_tls_feed (BureauTls *tls, const void *bytes, gsize length)
{
    g_return_if_fail (tls->left == 0);

    tls->input = bytes;
    tls->left = length;
}

/* GnuTLS also says so after a message that it has dealt with itself, with more behind it. */
static gboolean
goes_on (BureauTls *tls, gssize result)
{
    return (result == GNUTLS_E_AGAIN || result == GNUTLS_E_INTERRUPTED) && tls->left > 0;
}

static BureauTlsResult
wait_for_more (BureauTls *tls)
{
    return tls->quiet > MAX_QUIET ? fail (tls, GNUTLS_E_HANDSHAKE_TOO_LARGE) : BUREAU_TLS_NEED_MORE;
}

static BureauTlsResult
shake_hands (BureauTls *tls)
{
    int result;

    do
        result = gnutls_handshake (tls->session);
    while (goes_on (tls, result));
    if (result == GNUTLS_E_AGAIN || result == GNUTLS_E_INTERRUPTED)
        return wait_for_more (tls);
    if (result < 0)
        return fail (tls, result);
    tls->state = STATE_OPEN;
    tls->quiet = 0;
    return BUREAU_TLS_READY;
}

static BureauTlsResult
read_record (BureauTls *tls, void *buffer, gsize size, gsize *length)
{
    gssize result;

    do
        result = gnutls_record_recv (tls->session, buffer, size);
    while (goes_on (tls, result));
    if (result == GNUTLS_E_AGAIN || result == GNUTLS_E_INTERRUPTED)
        return wait_for_more (tls);
    if (result < 0)
        return fail (tls, result);
    if (result == 0) {
        tls->state = STATE_ENDED;
        return BUREAU_TLS_END;
    }
    tls->quiet = 0;
    *length = result;
    return BUREAU_TLS_DATA;
}

BureauTlsResult
bureau_tls_read (BureauTls *tls, void *buffer, gsize size, gsize *length)
{
    BureauTlsResult result = BUREAU_TLS_ERROR;

    switch (tls->state) {
    case STATE_HANDSHAKE:
        result = shake_hands (tls);
        break;
    case STATE_OPEN:
        result = read_record (tls, buffer, size, length);
        break;
    case STATE_ENDED:
        result = BUREAU_TLS_END;
        break;
    case STATE_FAILED:
        break;
    }
    if (result == BUREAU_TLS_END || result == BUREAU_TLS_ERROR)
        tls->left = 0;
    return result;
}

gsize
bureau_tls_write (BureauTls *tls, const void *bytes, gsize length)
{
    gssize result;

    if (tls->state == STATE_HANDSHAKE || tls->state == STATE_FAILED || tls->closed || length == 0)
        return 0;
    result = gnutls_record_send (tls->session, bytes, length);
    if (result < 0) {
        fail (tls, result);
        return 0;
    }
    return result;
}

void
bureau_tls_close (BureauTls *tls)
{
    if (tls->state == STATE_HANDSHAKE || tls->state == STATE_FAILED || tls->closed)
        return;
    tls->closed = TRUE;
    gnutls_bye (tls->session, GNUTLS_SHUT_WR);
}
