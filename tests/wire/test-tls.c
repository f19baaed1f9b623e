/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#include "bureau-tls.h"
#include "test-identity.h"

#define RECORD      (16 * 1024)
#define MODERN      "NORMAL:-VERS-ALL:+VERS-TLS1.3"
#define WHOLE       G_MAXUINT
#define RANDOM      0
#define ALERT       21
#define APPLICATION 23

#define OPEN      "CLIENT_TRAFFIC_SECRET_0"
#define FINISHING "CLIENT_HANDSHAKE_TRAFFIC_SECRET"

static BureauTlsIdentity *identity;

static void
must (int result)
{
    if (result < 0)
        g_error ("GnuTLS: %s", gnutls_strerror (result));
}

/* ------------------------------------------------------------------ a client of GnuTLS's, as a
 * filter too, and the server's side */

typedef struct {
    gnutls_session_t session;
    gnutls_certificate_credentials_t credentials;
    GByteArray *in, *out; /* off and onto the wire */
    BureauTls *tls;
    GByteArray *sealed;     /* what it put out */
    GString *clear;         /* what came in */
    BureauTlsResult result; /* its last one */
    gboolean ready;
} Pair;

static ssize_t
pull (gnutls_transport_ptr_t pointer, void *buffer, size_t size)
{
    Pair *pair = pointer;
    gsize length = MIN (size, pair->in->len);

    if (length == 0) {
        gnutls_transport_set_errno (pair->session, EAGAIN);
        return -1;
    }
    memcpy (buffer, pair->in->data, length);
    g_byte_array_remove_range (pair->in, 0, length);
    return length;
}

static ssize_t
push (gnutls_transport_ptr_t pointer, const void *bytes, size_t length)
{
    g_byte_array_append (((Pair *) pointer)->out, bytes, length);
    return length;
}

static int
pull_timeout (gnutls_transport_ptr_t pointer, unsigned int milliseconds)
{
    return 1;
}

static void
on_output (const void *bytes, gsize length, gpointer data)
{
    g_byte_array_append (((Pair *) data)->sealed, bytes, length);
}

static Pair *
pair_new (const char *priority)
{
    Pair *pair = g_new0 (Pair, 1);

    pair->in = g_byte_array_new ();
    pair->out = g_byte_array_new ();
    pair->sealed = g_byte_array_new ();
    pair->clear = g_string_new (NULL);
    pair->tls = bureau_tls_new (identity, on_output, pair);
    must (gnutls_certificate_allocate_credentials (&pair->credentials));
    must (gnutls_init (&pair->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK));
    must (gnutls_priority_set_direct (pair->session, priority, NULL));
    must (gnutls_credentials_set (pair->session, GNUTLS_CRD_CERTIFICATE, pair->credentials));
    gnutls_transport_set_ptr (pair->session, pair);
    gnutls_transport_set_pull_function (pair->session, pull);
    gnutls_transport_set_pull_timeout_function (pair->session, pull_timeout);
    gnutls_transport_set_push_function (pair->session, push);
    return pair;
}

static void
pair_free (Pair *pair)
{
    gnutls_deinit (pair->session);
    gnutls_certificate_free_credentials (pair->credentials);
    bureau_tls_free (pair->tls);
    g_byte_array_unref (pair->in);
    g_byte_array_unref (pair->out);
    g_byte_array_unref (pair->sealed);
    g_string_free (pair->clear, TRUE);
    g_free (pair);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pair, pair_free)

/* One piece off the socket, in a block of its own, so that a tool sees a read past it, or later. */
static void
take_piece (Pair *pair, const guint8 *bytes, gsize length)
{
    static guint8 buffer[RECORD];
    g_autofree guint8 *piece = g_memdup2 (bytes, length);
    gsize got;

    bureau_tls_feed (pair->tls, piece, length);
    do {
        pair->result = bureau_tls_read (pair->tls, buffer, sizeof buffer, &got);
        if (pair->result == BUREAU_TLS_DATA)
            g_string_append_len (pair->clear, (const char *) buffer, got);
        if (pair->result == BUREAU_TLS_READY) {
            g_assert_false (pair->ready);
            pair->ready = TRUE;
        }
    } while (pair->result == BUREAU_TLS_DATA || pair->result == BUREAU_TLS_READY);
}

/* What the client has put out goes to the server, in pieces of at most @slice. */
static void
deliver (Pair *pair, guint slice)
{
    gsize length;

    for (gsize at = 0; at < pair->out->len; at += length) {
        gsize wanted = slice == RANDOM ? (gsize) g_test_rand_int_range (1, 60) : slice;

        length = MIN (wanted, pair->out->len - at);
        take_piece (pair, pair->out->data + at, length);
    }
    g_byte_array_set_size (pair->out, 0);
}

/* And the other way. */
static void
answer (Pair *pair)
{
    g_byte_array_append (pair->in, pair->sealed->data, pair->sealed->len);
    g_byte_array_set_size (pair->sealed, 0);
}

/* Returns the client's verdict. */
static int
shake_hands (Pair *pair, guint slice)
{
    int result;

    do {
        result = gnutls_handshake (pair->session);
        deliver (pair, slice);
        answer (pair);
    } while (result == GNUTLS_E_AGAIN && pair->in->len > 0);
    return result;
}

static Pair *
pair_new_connected (void)
{
    Pair *pair = pair_new (MODERN);

    g_assert_cmpint (shake_hands (pair, WHOLE), ==, GNUTLS_E_SUCCESS);
    g_assert_true (pair->ready);
    return pair;
}

/* The client reads all there is; GnuTLS also says AGAIN after a ticket. */
static GString *
receive (Pair *pair)
{
    static guint8 buffer[RECORD];
    GString *text = g_string_new (NULL);
    gssize got;

    answer (pair);
    while ((got = gnutls_record_recv (pair->session, buffer, sizeof buffer)) > 0 ||
           (got == GNUTLS_E_AGAIN && pair->in->len > 0))
        g_string_append_len (text, (const char *) buffer, MAX (got, 0));
    g_assert_true (got == GNUTLS_E_AGAIN || got == 0);
    return text;
}

/* What the client is told at its end. */
static void
assert_alert (Pair *pair, gnutls_alert_description_t expected)
{
    guint8 byte;
    gssize got;

    answer (pair);
    do
        got = gnutls_record_recv (pair->session, &byte, 1);
    while (got == GNUTLS_E_AGAIN && pair->in->len > 0);
    g_assert_cmpint (got, ==, GNUTLS_E_FATAL_ALERT_RECEIVED);
    g_assert_cmpint (gnutls_alert_get (pair->session), ==, expected);
}

static void
assert_refused (const char *priority)
{
    g_autoptr (Pair) pair = pair_new (priority);

    g_assert_cmpint (shake_hands (pair, WHOLE), ==, GNUTLS_E_FATAL_ALERT_RECEIVED);
    g_test_message ("%s: %s", priority, gnutls_alert_get_name (gnutls_alert_get (pair->session)));
    g_assert_cmpint (pair->result, ==, BUREAU_TLS_ERROR);
    g_assert_false (pair->ready);
}

static void
send_text (Pair *pair, const char *text)
{
    g_assert_cmpint (gnutls_record_send (pair->session, text, strlen (text)), ==, strlen (text));
}

/* ------------------------------------------------------------------ handshakes */

static void
test_handshake (void)
{
    static const guint slices[] = { WHOLE, 1, RANDOM, RANDOM, RANDOM };

    for (guint i = 0; i < G_N_ELEMENTS (slices); i++) {
        g_autoptr (Pair) pair = pair_new (MODERN);

        g_assert_cmpint (shake_hands (pair, slices[i]), ==, GNUTLS_E_SUCCESS);
        g_assert_true (pair->ready);
        g_assert_cmpint (pair->result, ==, BUREAU_TLS_NEED_MORE);
        g_assert_cmpint (gnutls_protocol_get_version (pair->session), ==, GNUTLS_TLS1_3);
        g_assert_cmpint (gnutls_cipher_get (pair->session), ==, GNUTLS_CIPHER_AES_128_GCM);
        g_assert_cmpint (gnutls_group_get (pair->session), ==, GNUTLS_GROUP_X25519);
    }
}

/* The client has no share of a group that is taken: HelloRetryRequest. */
static void
test_retry (void)
{
    g_autoptr (Pair) pair = pair_new (MODERN ":-GROUP-ALL:+GROUP-SECP521R1:+GROUP-SECP384R1");

    g_assert_cmpint (shake_hands (pair, RANDOM), ==, GNUTLS_E_SUCCESS);
    g_assert_cmpint (gnutls_group_get (pair->session), ==, GNUTLS_GROUP_SECP384R1);
}

static void
test_old_versions (void)
{
    assert_refused ("NORMAL:-VERS-ALL:+VERS-TLS1.2");
    assert_refused ("NORMAL:-VERS-ALL:+VERS-TLS1.1");
    assert_refused ("NORMAL:-VERS-ALL:+VERS-TLS1.0");
}

static void
test_weak_suites (void)
{
    assert_refused (MODERN ":-CIPHER-ALL:+AES-128-CCM-8");
}

static void
assert_protocol (const char *offered, const char *expected)
{
    g_autoptr (Pair) pair = pair_new (MODERN);
    const gnutls_datum_t offer = { (guint8 *) offered, strlen (offered) };
    gnutls_datum_t got = { NULL, 0 };

    must (gnutls_alpn_set_protocols (pair->session, &offer, 1, 0));
    g_assert_cmpint (shake_hands (pair, WHOLE), ==, GNUTLS_E_SUCCESS);
    gnutls_alpn_get_selected_protocol (pair->session, &got);
    g_assert_cmpmem (got.data, got.size, expected, strlen (expected));
}

static void
test_protocols (void)
{
    assert_protocol ("http/1.1", "http/1.1");
    assert_protocol ("h2", "");
}

static void
test_resumption (void)
{
    g_autoptr (Pair) first = pair_new_connected ();
    g_autoptr (Pair) second = pair_new (MODERN);
    g_autoptr (GString) nothing = receive (first);
    gnutls_datum_t ticket;

    g_assert_cmpuint (nothing->len, ==, 0);
    must (gnutls_session_get_data2 (first->session, &ticket));
    must (gnutls_session_set_data (second->session, ticket.data, ticket.size));
    gnutls_free (ticket.data);
    g_assert_cmpint (shake_hands (second, WHOLE), ==, GNUTLS_E_SUCCESS);
    g_assert_true (gnutls_session_is_resumed (second->session));
    g_assert_false (gnutls_session_is_resumed (first->session));
    send_text (second, "again");
    deliver (second, WHOLE);
    g_assert_cmpstr (second->clear->str, ==, "again");
}

/* Noise in the middle of a handshake never makes a connection; and the peer is told. */
static void
test_noise (void)
{
    for (guint i = 0; i < 500; i++) {
        g_autoptr (Pair) pair = pair_new (MODERN);

        gnutls_handshake (pair->session);
        for (guint flips = g_test_rand_int_range (1, 6); flips > 0; flips--)
            pair->out->data[g_test_rand_int_range (0, pair->out->len)] ^= 1
                                                                          << g_test_rand_int_range (
                                                                                 0, 8);
        deliver (pair, RANDOM);
        g_assert_false (pair->ready);
        if (pair->result == BUREAU_TLS_ERROR)
            g_assert_cmpint (pair->sealed->data[pair->sealed->len - 7], ==, ALERT);
    }
}

static void
test_no_finished (void)
{
    static const guint8 junk[] = { APPLICATION, 3,  3,  0,  32, 0,  1,  2,  3,  4,  5,  6,  7,
                                   8,           9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
                                   21,          22, 23, 24, 25, 26, 27, 28, 29, 30, 31 };
    g_autoptr (Pair) pair = pair_new (MODERN);

    gnutls_handshake (pair->session);
    deliver (pair, WHOLE);
    g_assert_cmpint (pair->result, ==, BUREAU_TLS_NEED_MORE);
    take_piece (pair, junk, sizeof junk);
    g_assert_cmpint (pair->result, ==, BUREAU_TLS_ERROR);
    g_assert_false (pair->ready);
}

/* ------------------------------------------------------------------ data */

static char *
make_text (gsize length)
{
    char *text = g_malloc (length + 1);

    for (gsize i = 0; i < length; i++)
        text[i] = g_test_rand_int_range ('a', 'z' + 1);
    text[length] = '\0';
    return text;
}

static void
send_all (Pair *pair, const char *text)
{
    for (gsize at = 0, length = strlen (text), sent; at < length; at += sent) {
        gsize wanted = g_test_rand_bit () ? length - at : 1 + g_test_rand_int () % (length - at);

        sent = bureau_tls_write (pair->tls, text + at, wanted);
        g_assert_cmpuint (sent, ==, MIN (wanted, RECORD));
    }
}

static void
test_data (void)
{
    static const gsize lengths[] = { 1, 100, RECORD - 1, RECORD, RECORD + 1, 5 * RECORD };
    g_autoptr (Pair) pair = pair_new_connected ();

    for (guint i = 0; i < G_N_ELEMENTS (lengths); i++) {
        g_autofree char *up = make_text (lengths[i]);
        g_autofree char *down = make_text (lengths[i]);
        g_autoptr (GString) got = NULL;

        for (gsize at = 0; at < lengths[i];)
            at += gnutls_record_send (pair->session, up + at, lengths[i] - at);
        g_string_truncate (pair->clear, 0);
        deliver (pair, i % 3 == 0 ? 1 : i % 3 == 1 ? RANDOM : WHOLE);
        g_assert_cmpstr (pair->clear->str, ==, up);

        send_all (pair, down);
        got = receive (pair);
        g_assert_cmpstr (got->str, ==, down);
    }
}

/* An empty record is no end and no data. */
static void
test_empty_records (void)
{
    g_autoptr (Pair) pair = pair_new_connected ();

    must (gnutls_record_send2 (pair->session, "", 0, 1, 0));
    g_assert_cmpuint (pair->out->len, >, 0);
    send_text (pair, "a");
    must (gnutls_record_send2 (pair->session, "", 0, 1, 0));
    deliver (pair, WHOLE);
    g_assert_cmpint (pair->result, ==, BUREAU_TLS_NEED_MORE);
    g_assert_cmpstr (pair->clear->str, ==, "a");
}

/* A record with any one bit wrong gives no data; where it is whole, an error with an alert. (Not so
 * its outer type and version, which say nothing: RFC 8446 section 5.2.) */
static void
test_flipped (void)
{
    for (guint at = 3, length = at + 1; at < length; at++) {
        g_autoptr (Pair) pair = pair_new_connected ();

        send_text (pair, "attack at dawn");
        length = pair->out->len;
        pair->out->data[at] ^= 1 << g_test_rand_int_range (0, 8);
        deliver (pair, WHOLE);
        g_assert_cmpuint (pair->clear->len, ==, 0);
        if (at >= 5) {
            g_assert_cmpint (pair->result, ==, BUREAU_TLS_ERROR);
            assert_alert (pair, GNUTLS_A_BAD_RECORD_MAC);
            g_assert_cmpuint (bureau_tls_write (pair->tls, "x", 1), ==, 0);
            take_piece (pair, (const guint8 *) "more", 4);
            g_assert_cmpint (pair->result, ==, BUREAU_TLS_ERROR);
            g_assert_cmpuint (pair->sealed->len, ==, 0);
        }
    }
}

static void
test_garbage (void)
{
    g_autoptr (Pair) pair = pair_new_connected ();

    take_piece (pair, (const guint8 *) "GET / HTTP/1.1\r\n\r\n", 18);
    g_assert_cmpint (pair->result, ==, BUREAU_TLS_ERROR);
    g_assert_cmpuint (pair->sealed->len, >, 0);
}

/* ------------------------------------------------------------------ records by hand, after the
 * handshake */

/* What the client seals with, once the handshake is done or in its last flight. */
typedef struct {
    const char *label; /* of RFC 8446 section 7.1, as in key logs */
    guint8 secret[32];
    gnutls_aead_cipher_hd_t cipher;
    guint8 iv[12];
    guint sequence;
} Seal;

static int
on_secret (gnutls_session_t session, const char *label, const gnutls_datum_t *secret)
{
    Seal *seal = gnutls_session_get_ptr (session);

    if (g_str_equal (label, seal->label)) {
        g_assert_cmpuint (secret->size, ==, sizeof seal->secret);
        memcpy (seal->secret, secret->data, secret->size);
    }
    return 0;
}

/* HKDF-Expand-Label. */
static void
expand (const Seal *seal, const char *label, guint8 *output, gsize length)
{
    guint8 info[32] = { 0, length, strlen (label) };
    const gnutls_datum_t secret = { (guint8 *) seal->secret, sizeof seal->secret };
    const gnutls_datum_t text = { info, 4 + strlen (label) };

    memcpy (info + 3, label, strlen (label));
    must (gnutls_hkdf_expand (GNUTLS_MAC_SHA256, &secret, &text, output, length));
}

static Pair *
pair_new_sealing (Seal *seal, const char *label)
{
    Pair *pair = pair_new (MODERN);
    guint8 key[16];
    const gnutls_datum_t datum = { key, sizeof key };

    *seal = (Seal){ .label = label };
    gnutls_session_set_ptr (pair->session, seal);
    gnutls_session_set_keylog_function (pair->session, on_secret);
    if (g_str_equal (label, OPEN)) {
        must (shake_hands (pair, WHOLE));
    } else {
        gnutls_handshake (pair->session);
        deliver (pair, WHOLE);
        answer (pair);
        must (gnutls_handshake (pair->session)); /* its Finished is not delivered */
    }
    expand (seal, "tls13 key", key, sizeof key);
    expand (seal, "tls13 iv", seal->iv, sizeof seal->iv);
    must (gnutls_aead_cipher_init (&seal->cipher, GNUTLS_CIPHER_AES_128_GCM, &datum));
    return pair;
}

/* One record of the client's: @bytes, of which the last one is the inner type. */
static BureauTlsResult
take_record (Pair *pair, Seal *seal, const void *bytes, gsize length)
{
    static guint8 record[5 + RECORD + 256];
    gsize size = sizeof record - 5;
    guint8 nonce[12];

    memcpy (nonce, seal->iv, sizeof nonce);
    nonce[11] ^= seal->sequence++;
    memcpy (record, (guint8[]){ APPLICATION, 3, 3, (length + 16) >> 8, (length + 16) & 0xff }, 5);
    must (gnutls_aead_cipher_encrypt (seal->cipher, nonce, sizeof nonce, record, 5, 16, bytes,
                                      length, record + 5, &size));
    take_piece (pair, record, 5 + size);
    return pair->result;
}

static BureauTlsResult
take_first_record (const char *bytes, gsize length)
{
    Seal seal;
    g_autoptr (Pair) pair = pair_new_sealing (&seal, OPEN);
    gsize out = pair->sealed->len;

    take_record (pair, &seal, bytes, length);
    gnutls_aead_cipher_deinit (seal.cipher);
    /* An alert is not answered, all else that is wrong is. */
    if (bytes[length - 1] == ALERT)
        g_assert_cmpuint (pair->sealed->len, ==, out);
    else if (pair->result == BUREAU_TLS_ERROR)
        g_assert_cmpuint (pair->sealed->len, >, out);
    else
        g_assert_cmpuint (pair->clear->len, ==, length - 1);
    return pair->result;
}

#define TAKE(text) take_first_record (text, sizeof text - 1)

static void
test_after_handshake (void)
{
    /* It can be done right. */
    g_assert_cmpint (TAKE ("text\x17"), ==, BUREAU_TLS_NEED_MORE);
    g_assert_cmpint (TAKE ("\x01\x00\x15"), ==, BUREAU_TLS_END);
    /* Other alerts: a fatal one, and one that only says so. */
    g_assert_cmpint (TAKE ("\x02\x28\x15"), ==, BUREAU_TLS_ERROR);
    g_assert_cmpint (TAKE ("\x01\x28\x15"), ==, BUREAU_TLS_ERROR);
    /* A ClientHello, to negotiate anew; a ticket; a certificate nobody asked for; a Finished. */
    g_assert_cmpint (TAKE ("\x01\x00\x00\x04\x03\x03\x00\x00\x16"), ==, BUREAU_TLS_ERROR);
    g_assert_cmpint (TAKE ("\x04\x00\x00\x04\x00\x00\x00\x00\x16"), ==, BUREAU_TLS_ERROR);
    g_assert_cmpint (TAKE ("\x0b\x00\x00\x04\x00\x00\x00\x00\x16"), ==, BUREAU_TLS_ERROR);
    g_assert_cmpint (TAKE ("\x14\x00\x00\x04\x00\x00\x00\x00\x16"), ==, BUREAU_TLS_ERROR);
    /* A KeyUpdate that is none. */
    g_assert_cmpint (TAKE ("\x18\x00\x00\x01\x02\x16"), ==, BUREAU_TLS_ERROR);
    /* Types that may not be, and none. */
    g_assert_cmpint (TAKE ("\x01\x14"), ==, BUREAU_TLS_ERROR);
    g_assert_cmpint (TAKE ("\x01\x00\x00\x18"), ==, BUREAU_TLS_ERROR);
    g_assert_cmpint (TAKE ("\x01\xff"), ==, BUREAU_TLS_ERROR);
    g_assert_cmpint (TAKE ("\x00\x00\x00\x00"), ==, BUREAU_TLS_ERROR);
}

/* Records of 16 KiB, begun and ended so, of which nothing comes: there is an end to them. */
static void
assert_not_for_ever (const char *label, const void *begin, gsize length, guint8 end)
{
    static guint8 bytes[RECORD + 1];
    Seal seal;
    g_autoptr (Pair) pair = pair_new_sealing (&seal, label);
    guint count = 0;

    memset (bytes, 0, sizeof bytes);
    memcpy (bytes, begin, length);
    bytes[RECORD] = end;
    while (take_record (pair, &seal, bytes, sizeof bytes) == BUREAU_TLS_NEED_MORE)
        g_assert_cmpuint (++count, <, 4);
    g_assert_cmpint (pair->result, ==, BUREAU_TLS_ERROR);
    gnutls_aead_cipher_deinit (seal.cipher);
}

static void
test_quiet (void)
{
    /* A KeyUpdate and a Finished of 16 MiB; data of which there is none, but padding. */
    assert_not_for_ever (OPEN, "\x18\xff\xff\xff", 4, 22);
    assert_not_for_ever (FINISHING, "\x14\xff\xff\xff", 4, 22);
    assert_not_for_ever (OPEN, "\x17", 1, 0);
}

/* Data is not held against it, however much. */
static void
test_not_quiet (void)
{
    g_autoptr (Pair) pair = pair_new_connected ();
    g_autofree char *text = make_text (RECORD);

    for (guint i = 0; i < 50; i++) {
        g_assert_cmpint (gnutls_record_send (pair->session, text, RECORD), ==, RECORD);
        deliver (pair, 1000);
        g_assert_cmpint (pair->result, ==, BUREAU_TLS_NEED_MORE);
    }
}

/* ------------------------------------------------------------------ changing keys */

static void
test_key_update (void)
{
    g_autoptr (Pair) pair = pair_new_connected ();
    g_autoptr (GString) got = NULL;

    send_text (pair, "old ");
    must (gnutls_session_key_update (pair->session, GNUTLS_KU_PEER));
    send_text (pair, "new");
    deliver (pair, RANDOM);
    g_assert_cmpstr (pair->clear->str, ==, "old new");
    send_all (pair, "down");
    got = receive (pair);
    g_assert_cmpstr (got->str, ==, "down");
}

/* GnuTLS counts those of a second. */
static void
test_endless_key_updates (void)
{
    g_autoptr (Pair) pair = pair_new_connected ();
    guint updates = 0;

    while (pair->result != BUREAU_TLS_ERROR) {
        g_assert_cmpuint (updates++, <, 1000);
        must (gnutls_session_key_update (pair->session, 0));
        deliver (pair, WHOLE);
    }
    g_test_message ("%u key updates", updates);
    g_assert_cmpuint (pair->sealed->len, >, 0);
}

/* ------------------------------------------------------------------ ends */

static void
test_close_by_peer (void)
{
    g_autoptr (Pair) pair = pair_new_connected ();
    g_autoptr (GString) got = NULL;

    send_text (pair, "bye");
    must (gnutls_bye (pair->session, GNUTLS_SHUT_WR));
    deliver (pair, RANDOM);
    g_assert_cmpstr (pair->clear->str, ==, "bye");
    g_assert_cmpint (pair->result, ==, BUREAU_TLS_END);
    take_piece (pair, (const guint8 *) "more", 4);
    g_assert_cmpint (pair->result, ==, BUREAU_TLS_END);
    /* Its half is closed, ours is not. */
    send_all (pair, "and you");
    got = receive (pair);
    g_assert_cmpstr (got->str, ==, "and you");
}

static void
test_close_by_us (void)
{
    g_autoptr (Pair) pair = pair_new_connected ();
    g_autoptr (GString) got = NULL;
    guint8 byte;

    send_all (pair, "bye");
    bureau_tls_close (pair->tls);
    g_assert_cmpuint (bureau_tls_write (pair->tls, "x", 1), ==, 0);
    bureau_tls_close (pair->tls);
    got = receive (pair);
    g_assert_cmpstr (got->str, ==, "bye");
    g_assert_cmpuint (pair->in->len, ==, 0);
    g_assert_cmpint (gnutls_record_recv (pair->session, &byte, 1), ==, 0);
    send_text (pair, "and you");
    deliver (pair, WHOLE);
    g_assert_cmpstr (pair->clear->str, ==, "and you");
}

static void
test_not_open_yet (void)
{
    g_autoptr (Pair) pair = pair_new (MODERN);

    g_assert_cmpuint (bureau_tls_write (pair->tls, "x", 1), ==, 0);
    bureau_tls_close (pair->tls);
    g_assert_cmpuint (pair->sealed->len, ==, 0);
}

/* ------------------------------------------------------------------ the first bytes */

static GByteArray *
make_hello (void)
{
    g_autoptr (Pair) pair = pair_new (MODERN);

    g_assert_cmpint (gnutls_handshake (pair->session), ==, GNUTLS_E_AGAIN);
    return g_byte_array_ref (pair->out);
}

static BureauTlsHello
check (const guint8 *bytes, gsize length)
{
    g_autofree guint8 *copy = g_memdup2 (bytes, length);

    return bureau_tls_check_hello (copy, length);
}

static void
assert_whole_only_at_end (GByteArray *hello)
{
    for (guint length = 0; length < hello->len; length++)
        g_assert_cmpint (check (hello->data, length), ==, BUREAU_TLS_HELLO_INCOMPLETE);
    g_assert_cmpint (check (hello->data, hello->len), ==, BUREAU_TLS_HELLO_WHOLE);
    g_byte_array_append (hello, (const guint8 *) "\x16\x03\x03", 3);
    g_assert_cmpint (check (hello->data, hello->len), ==, BUREAU_TLS_HELLO_WHOLE);
    g_byte_array_set_size (hello, hello->len - 3);
}

/* The same message in records of @size. (transfer full) */
static GByteArray *
cut_into_records (GByteArray *hello, guint size)
{
    GByteArray *cut = g_byte_array_new ();

    for (guint at = 5, length; at < hello->len; at += length) {
        length = MIN (size, hello->len - at);
        g_byte_array_append (cut, (guint8[]){ 22, 3, 1, length >> 8, length & 0xff }, 5);
        g_byte_array_append (cut, hello->data + at, length);
    }
    return cut;
}

static void
test_hello_cut (void)
{
    g_autoptr (GByteArray) hello = make_hello ();

    assert_whole_only_at_end (hello);
    for (guint size = 1; size < 8; size++) {
        g_autoptr (GByteArray) cut = cut_into_records (hello, size);

        assert_whole_only_at_end (cut);
    }
}

/* GnuTLS takes what is told to be whole. */
static void
test_hello_in_records (void)
{
    static const guint sizes[] = { 1, 3, 100 };

    for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
        g_autoptr (Pair) pair = pair_new (MODERN);
        g_autoptr (GByteArray) cut = NULL;

        gnutls_handshake (pair->session);
        cut = cut_into_records (pair->out, sizes[i]);
        g_byte_array_set_size (pair->out, 0);
        g_byte_array_append (pair->out, cut->data, cut->len);
        deliver (pair, WHOLE);
        answer (pair);
        g_assert_cmpint (shake_hands (pair, WHOLE), ==, GNUTLS_E_SUCCESS);
    }
}

static void
assert_bad (const void *bytes, gsize length)
{
    g_assert_cmpint (check (bytes, length), ==, BUREAU_TLS_HELLO_BAD);
}

static void
test_hello_bad (void)
{
    assert_bad ("G", 1);
    assert_bad ("GET / HTTP/1.1\r\n", 16);
    assert_bad ("\x80\x2e\x01\x03\x01", 5);                 /* SSL 2 */
    assert_bad ("\x16\x02", 2);                             /* a major version never seen */
    assert_bad ("\x15\x03\x01\x00\x02\x01\x00", 7);         /* an alert */
    assert_bad ("\x16\x03\x01\x00\x00", 5);                 /* an empty record */
    assert_bad ("\x16\x03\x01\x40\x01", 5);                 /* one that is too long */
    assert_bad ("\x16\x03\x01\x01\x00\x02", 6);             /* a ServerHello */
    assert_bad ("\x16\x03\x01\x01\x00\x01\x00\x3f\xfd", 9); /* too long a message */
    assert_bad ("\x16\x03\x01\x00\x01\x01\x17\x03\x01", 9); /* no second record */
    assert_bad ("\x16\x03\x01\x00\x01\x01\x16\x03\x01\x00\x00", 11);
}

/* The longest that may be: 16 KiB with its record headers. */
static void
assert_hello_of (gsize message, BureauTlsHello expected)
{
    g_autoptr (GByteArray) hello = g_byte_array_new ();
    g_autoptr (GByteArray) records = NULL;

    g_byte_array_set_size (hello, 5 + message);
    memset (hello->data, 0, hello->len);
    message -= 4;
    memcpy (hello->data + 5, (guint8[]){ 1, 0, message >> 8, message & 0xff }, 4);
    records = cut_into_records (hello, RECORD - 5);
    g_assert_cmpint (check (records->data, records->len), ==, expected);
}

static void
test_hello_longest (void)
{
    g_autoptr (GByteArray) hello = make_hello ();
    g_autoptr (GByteArray) trickle = g_byte_array_new ();

    assert_hello_of (RECORD - 5, BUREAU_TLS_HELLO_WHOLE);
    assert_hello_of (RECORD - 4, BUREAU_TLS_HELLO_BAD);
    /* One that is never done, in the smallest of records. */
    g_byte_array_append (trickle, (guint8[]){ 22, 3, 1, 0, 4, 1, 0, 0x3f, 0 }, 9);
    while (trickle->len <= RECORD)
        g_byte_array_append (trickle, (guint8[]){ 22, 3, 1, 0, 1, 0 }, 6);
    g_assert_cmpint (check (trickle->data, RECORD - 8), ==, BUREAU_TLS_HELLO_INCOMPLETE);
    assert_bad (trickle->data, trickle->len);
}

/* ------------------------------------------------------------------ identities */

static void
assert_no_identity (const char *certificate, const char *key)
{
    g_autoptr (GError) error = NULL;

    g_assert_null (bureau_tls_identity_new (certificate, key, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
}

static void
test_identity (void)
{
    g_autofree char *certificate = NULL, *key = NULL, *other = NULL, *other_key = NULL;

    test_identity_new (&certificate, &key);
    test_identity_new (&other, &other_key);
    assert_no_identity (certificate, other_key);
    assert_no_identity (other, key);
    assert_no_identity ("", key);
    assert_no_identity (certificate, "");
    assert_no_identity (certificate, certificate);
}

int
main (int argc, char **argv)
{
    g_autofree char *certificate = NULL, *key = NULL;
    g_autoptr (GError) error = NULL;
    int result;

    g_test_init (&argc, &argv, NULL);
    test_identity_new (&certificate, &key);
    identity = bureau_tls_identity_new (certificate, key, &error);
    g_assert_no_error (error);
    g_test_add_func ("/tls/handshake", test_handshake);
    g_test_add_func ("/tls/retry", test_retry);
    g_test_add_func ("/tls/old-versions", test_old_versions);
    g_test_add_func ("/tls/weak-suites", test_weak_suites);
    g_test_add_func ("/tls/protocols", test_protocols);
    g_test_add_func ("/tls/resumption", test_resumption);
    g_test_add_func ("/tls/noise", test_noise);
    g_test_add_func ("/tls/no-finished", test_no_finished);
    g_test_add_func ("/tls/data", test_data);
    g_test_add_func ("/tls/empty-records", test_empty_records);
    g_test_add_func ("/tls/flipped", test_flipped);
    g_test_add_func ("/tls/garbage", test_garbage);
    g_test_add_func ("/tls/after-handshake", test_after_handshake);
    g_test_add_func ("/tls/quiet", test_quiet);
    g_test_add_func ("/tls/not-quiet", test_not_quiet);
    g_test_add_func ("/tls/key-update", test_key_update);
    g_test_add_func ("/tls/endless-key-updates", test_endless_key_updates);
    g_test_add_func ("/tls/close-by-peer", test_close_by_peer);
    g_test_add_func ("/tls/close-by-us", test_close_by_us);
    g_test_add_func ("/tls/not-open-yet", test_not_open_yet);
    g_test_add_func ("/tls/hello/cut", test_hello_cut);
    g_test_add_func ("/tls/hello/in-records", test_hello_in_records);
    g_test_add_func ("/tls/hello/bad", test_hello_bad);
    g_test_add_func ("/tls/hello/longest", test_hello_longest);
    g_test_add_func ("/tls/identity", test_identity);
    result = g_test_run ();
    bureau_tls_identity_unref (identity);
    return result;
}
