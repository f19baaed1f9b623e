/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <gnutls/x509.h>
#include <string.h>

#include "bureau-pin.h"
#include "bureau-tls-certificate.h"

#define DAY (24 * 60 * 60)
/* An instant after 2050, where X.509 writes them otherwise. */
#define NOW 2600000000

static const char *const names[] = { "studio", "studio.local", "localhost",   "127.0.0.1",
                                     "::1",    "192.0.2.7",    "2001:db8::7", NULL };

static void
must (int result)
{
    if (result < 0)
        g_error ("GnuTLS: %s", gnutls_strerror (result));
}

static gnutls_x509_crt_t
read_certificate (const char *pem)
{
    const gnutls_datum_t datum = { (guint8 *) pem, strlen (pem) };
    gnutls_x509_crt_t certificate;

    must (gnutls_x509_crt_init (&certificate));
    must (gnutls_x509_crt_import (certificate, &datum, GNUTLS_X509_FMT_PEM));
    return certificate;
}

static char *
get_pin (gnutls_x509_crt_t certificate)
{
    gnutls_datum_t der;
    char *pin;

    must (gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_DER, &der));
    pin = bureau_pin_new_from_der (der.data, der.size);
    gnutls_free (der.data);
    return pin;
}

static void
test_made (void)
{
    g_autofree char *key = bureau_tls_key_new ();
    g_autofree char *key_pin = bureau_tls_key_get_pin (key, NULL);
    g_autofree char *pem = bureau_tls_certificate_new (key, names, NOW, NOW + DAY, NULL);
    g_autofree char *pin = NULL;
    gnutls_x509_crt_t certificate = read_certificate (pem);
    unsigned int bits, ca = 1;

    g_assert_cmpint (gnutls_x509_crt_get_version (certificate), ==, 3);
    g_assert_cmpint (gnutls_x509_crt_get_pk_algorithm (certificate, &bits), ==, GNUTLS_PK_ECDSA);
    g_assert_cmpuint (bits, ==, 256);
    g_assert_cmpint (gnutls_x509_crt_get_activation_time (certificate), ==, NOW);
    g_assert_cmpint (gnutls_x509_crt_get_expiration_time (certificate), ==, NOW + DAY);
    must (gnutls_x509_crt_get_basic_constraints (certificate, NULL, &ca, NULL));
    g_assert_cmpuint (ca, ==, 0);
    for (guint i = 0; names[i] != NULL; i++)
        g_assert_true (gnutls_x509_crt_check_hostname (certificate, names[i]));
    g_assert_false (gnutls_x509_crt_check_hostname (certificate, "192.0.2.8"));

    pin = get_pin (certificate);
    g_assert_cmpuint (strlen (pin), ==, BUREAU_PIN_LENGTH);
    g_assert_cmpstr (pin, ==, key_pin);
    gnutls_x509_crt_deinit (certificate);
}

static gboolean
fits (const char *certificate, const char *key, const char *const *wanted, gint64 from,
      gint64 until)
{
    g_autoptr (GError) error = NULL;
    gboolean good = FALSE;

    g_assert_true (
        bureau_tls_certificate_fits (certificate, key, wanted, from, until, &good, &error));
    g_assert_no_error (error);
    return good;
}

static void
test_fits (void)
{
    static const char *const fewer[] = { "studio", "studio.local", "localhost", NULL };
    static const char *const other[] = { "studio", "studio.local", "localhost",   "127.0.0.1",
                                         "::1",    "192.0.2.8",    "2001:db8::7", NULL };
    static const char *const more[] = { "studio",      "studio.local", "localhost",
                                        "127.0.0.1",   "::1",          "192.0.2.7",
                                        "2001:db8::7", "192.0.2.9",    NULL };
    g_autofree char *key = bureau_tls_key_new ();
    g_autofree char *pem = bureau_tls_certificate_new (key, names, NOW, NOW + DAY, NULL);

    g_assert_true (fits (pem, key, names, NOW, NOW + DAY));
    g_assert_false (fits (pem, key, names, NOW - 1, NOW + DAY));
    g_assert_false (fits (pem, key, names, NOW, NOW + DAY + 1));
    g_assert_false (fits (pem, key, fewer, NOW, NOW + DAY));
    g_assert_false (fits (pem, key, other, NOW, NOW + DAY));
    g_assert_false (fits (pem, key, more, NOW, NOW + DAY));
}

static void
assert_none (const char *certificate, const char *key)
{
    g_autoptr (GError) error = NULL;
    gboolean good;

    g_assert_false (bureau_tls_certificate_fits (certificate, key, names, NOW, NOW, &good, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
}

static void
test_damaged (void)
{
    g_autofree char *key = bureau_tls_key_new ();
    g_autofree char *other = bureau_tls_key_new ();
    g_autofree char *pem = bureau_tls_certificate_new (key, names, NOW, NOW + DAY, NULL);
    g_autofree char *half = g_strndup (pem, strlen (pem) / 2);
    g_autoptr (GError) error = NULL;

    assert_none (pem, other);
    assert_none (pem, "");
    assert_none (pem, pem);
    assert_none ("", key);
    assert_none (half, key);
    assert_none (key, key);
    g_assert_null (bureau_tls_key_get_pin ("-----BEGIN PRIVATE KEY-----\n", &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
    g_clear_error (&error);
    g_assert_null (bureau_tls_certificate_new ("no key", names, NOW, NOW + DAY, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
    g_assert_null (bureau_pin_new_from_der ("no certificate", 14));
}

/* Two of one key are not the same certificate, but the same hub. */
static void
test_again (void)
{
    g_autofree char *key = bureau_tls_key_new ();
    g_autofree char *one = bureau_tls_certificate_new (key, names, NOW, NOW + DAY, NULL);
    g_autofree char *two = bureau_tls_certificate_new (key, names + 3, NOW, NOW + DAY, NULL);
    gnutls_x509_crt_t first = read_certificate (one), second = read_certificate (two);
    g_autofree char *pin = get_pin (first), *again = get_pin (second);

    g_assert_cmpstr (one, !=, two);
    g_assert_cmpstr (pin, ==, again);
    gnutls_x509_crt_deinit (first);
    gnutls_x509_crt_deinit (second);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/tls-certificate/made", test_made);
    g_test_add_func ("/tls-certificate/fits", test_fits);
    g_test_add_func ("/tls-certificate/damaged", test_damaged);
    g_test_add_func ("/tls-certificate/again", test_again);
    return g_test_run ();
}
