/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-tls-certificate.h"

#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>

#include "bureau-pin.h"

#define SERIAL_SIZE 16
#define MAX_NAME    256

typedef struct gnutls_x509_crt_int X509Certificate;
typedef struct gnutls_x509_privkey_int X509Key;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509Certificate, gnutls_x509_crt_deinit)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509Key, gnutls_x509_privkey_deinit)

/* These fail only for want of memory or of randomness, where there is nothing left to do. */
static void
must (int result)
{
    if (result < 0)
        g_error ("GnuTLS: %s", gnutls_strerror (result));
}

static gboolean
check (int result, const char *what, GError **error)
{
    if (result < 0)
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "This is no %s: %s", what,
                     gnutls_strerror (result));
    return result >= 0;
}

/* Takes what is GnuTLS's, and wipes it. (transfer full) */
static char *
take_text (gnutls_datum_t *datum)
{
    char *text = g_strndup ((const char *) datum->data, datum->size);

    gnutls_memset (datum->data, 0, datum->size);
    gnutls_free (datum->data);
    return text;
}

/* ------------------------------------------------------------------ keys */

char *
bureau_tls_key_new (void)
{
    g_autoptr (X509Key) key = NULL;
    gnutls_datum_t pem;

    must (gnutls_x509_privkey_init (&key));
    must (gnutls_x509_privkey_generate (key, GNUTLS_PK_ECDSA,
                                        GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0));
    must (gnutls_x509_privkey_export2_pkcs8 (key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN,
                                             &pem));
    return take_text (&pem);
}

static X509Key *
read_key (const char *pem, GError **error)
{
    const gnutls_datum_t datum = { (guint8 *) pem, strlen (pem) };
    g_autoptr (X509Key) key = NULL;

    must (gnutls_x509_privkey_init (&key));
    if (!check (gnutls_x509_privkey_import (key, &datum, GNUTLS_X509_FMT_PEM), "private key",
                error))
        return NULL;
    return g_steal_pointer (&key);
}

char *
bureau_tls_key_get_pin (const char *key, GError **error)
{
    g_autoptr (X509Key) private = read_key (key, error);
    guint8 id[BUREAU_PIN_HASH_SIZE];
    gsize length = sizeof id;

    if (private == NULL)
        return NULL;
    must (gnutls_x509_privkey_get_key_id (private, GNUTLS_KEYID_USE_SHA256, id, &length));
    return bureau_pin_new_from_hash (id);
}

/* ------------------------------------------------------------------ making certificates */

static void
add_name (X509Certificate *certificate, const char *name)
{
    g_autoptr (GInetAddress) address = g_inet_address_new_from_string (name);

    if (address == NULL)
        must (gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_DNSNAME, name,
                                                    strlen (name), GNUTLS_FSAN_APPEND));
    else
        must (gnutls_x509_crt_set_subject_alt_name (
            certificate, GNUTLS_SAN_IPADDRESS, g_inet_address_to_bytes (address),
            g_inet_address_get_native_size (address), GNUTLS_FSAN_APPEND));
}

static void
set_serial (X509Certificate *certificate)
{
    guint8 serial[SERIAL_SIZE];

    must (gnutls_rnd (GNUTLS_RND_NONCE, serial, sizeof serial));
    /* A positive number, not 0 (RFC 5280, 4.1.2.2). */
    serial[0] = (serial[0] & 0x7f) | 0x40;
    must (gnutls_x509_crt_set_serial (certificate, serial, sizeof serial));
}

static void
fill (X509Certificate *certificate, X509Key *key, const char *const *names, gint64 from,
      gint64 until)
{
    guint8 id[BUREAU_PIN_HASH_SIZE];
    gsize length = sizeof id;

    must (gnutls_x509_crt_set_version (certificate, 3));
    set_serial (certificate);
    must (gnutls_x509_crt_set_activation_time (certificate, from));
    must (gnutls_x509_crt_set_expiration_time (certificate, until));
    must (gnutls_x509_crt_set_dn_by_oid (certificate, GNUTLS_OID_X520_COMMON_NAME, 0, names[0],
                                         strlen (names[0])));
    for (guint i = 0; names[i] != NULL; i++)
        add_name (certificate, names[i]);
    must (gnutls_x509_crt_set_basic_constraints (certificate, 0, -1));
    must (gnutls_x509_crt_set_key_usage (certificate, GNUTLS_KEY_DIGITAL_SIGNATURE));
    must (gnutls_x509_crt_set_key_purpose_oid (certificate, GNUTLS_KP_TLS_WWW_SERVER, 0));
    must (gnutls_x509_crt_set_key (certificate, key));
    must (gnutls_x509_crt_get_key_id (certificate, GNUTLS_KEYID_USE_SHA1, id, &length));
    must (gnutls_x509_crt_set_subject_key_id (certificate, id, length));
}

char *
bureau_tls_certificate_new (const char *key, const char *const *names, gint64 from, gint64 until,
                            GError **error)
{
    g_autoptr (X509Key) private = read_key (key, error);
    g_autoptr (X509Certificate) certificate = NULL;
    gnutls_datum_t pem;

    g_return_val_if_fail (names[0] != NULL, NULL);

    if (private == NULL)
        return NULL;
    must (gnutls_x509_crt_init (&certificate));
    fill (certificate, private, names, from, until);
    must (gnutls_x509_crt_sign2 (certificate, certificate, private, GNUTLS_DIG_SHA256, 0));
    must (gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_PEM, &pem));
    return take_text (&pem);
}

/* ------------------------------------------------------------------ looking at certificates */

static X509Certificate *
read_certificate (const char *pem, GError **error)
{
    const gnutls_datum_t datum = { (guint8 *) pem, strlen (pem) };
    g_autoptr (X509Certificate) certificate = NULL;

    must (gnutls_x509_crt_init (&certificate));
    if (!check (gnutls_x509_crt_import (certificate, &datum, GNUTLS_X509_FMT_PEM), "certificate",
                error))
        return NULL;
    return g_steal_pointer (&certificate);
}

/* The certificate's name number @index, as bureau_tls_certificate_new() was given it; NULL behind
 * the last one, and for one of another kind. (transfer full) */
static char *
get_name (X509Certificate *certificate, guint index)
{
    char name[MAX_NAME];
    gsize length = sizeof name;
    int kind = gnutls_x509_crt_get_subject_alt_name (certificate, index, name, &length, NULL);

    if (kind == GNUTLS_SAN_DNSNAME)
        return g_strndup (name, length);
    if (kind == GNUTLS_SAN_IPADDRESS && (length == 4 || length == 16)) {
        g_autoptr (GInetAddress) address = g_inet_address_new_from_bytes (
            (const guint8 *) name, length == 4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6);

        return g_inet_address_to_string (address);
    }
    return NULL;
}

static gboolean
has_names (X509Certificate *certificate, const char *const *names)
{
    for (guint i = 0;; i++) {
        g_autofree char *name = get_name (certificate, i);

        if (g_strcmp0 (name, names[i]) != 0)
            return FALSE;
        if (names[i] == NULL)
            return TRUE;
    }
}

static gboolean
is_for_key (X509Certificate *certificate, X509Key *key)
{
    guint8 id[BUREAU_PIN_HASH_SIZE], other[BUREAU_PIN_HASH_SIZE];
    gsize length = sizeof id, other_length = sizeof other;

    return gnutls_x509_crt_get_key_id (certificate, GNUTLS_KEYID_USE_SHA256, id, &length) >= 0 &&
           gnutls_x509_privkey_get_key_id (key, GNUTLS_KEYID_USE_SHA256, other, &other_length) >=
               0 &&
           memcmp (id, other, sizeof id) == 0;
}

gboolean
bureau_tls_certificate_fits (const char *certificate, const char *key, const char *const *names,
                             gint64 from, gint64 until, gboolean *fits, GError **error)
{
    g_autoptr (X509Key) private = read_key (key, error);
    g_autoptr (X509Certificate) there = NULL;

    if (private == NULL)
        return FALSE;
    there = read_certificate (certificate, error);
    if (there == NULL)
        return FALSE;
    if (!is_for_key (there, private)) {
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                             "The certificate is for another key.");
        return FALSE;
    }
    *fits = gnutls_x509_crt_get_activation_time (there) <= from &&
            gnutls_x509_crt_get_expiration_time (there) >= until && has_names (there, names);
    return TRUE;
}
