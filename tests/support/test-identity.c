/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "test-identity.h"

#include <arpa/inet.h>
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

#define DAY (24 * 60 * 60)

static void
must (int result)
{
    if (result < 0)
        g_error ("GnuTLS: %s", gnutls_strerror (result));
}

static void
add_names (gnutls_x509_crt_t certificate)
{
    struct in_addr four = { htonl (INADDR_LOOPBACK) };
    struct in6_addr six = IN6ADDR_LOOPBACK_INIT;
    const char *name = "localhost";

    must (gnutls_x509_crt_set_dn_by_oid (certificate, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                         strlen (name)));
    must (gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_DNSNAME, name,
                                                strlen (name), GNUTLS_FSAN_SET));
    must (gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_IPADDRESS, &four,
                                                sizeof four, GNUTLS_FSAN_APPEND));
    must (gnutls_x509_crt_set_subject_alt_name (certificate, GNUTLS_SAN_IPADDRESS, &six, sizeof six,
                                                GNUTLS_FSAN_APPEND));
}

static void
sign (gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key)
{
    const guint8 serial = 1;
    time_t now = time (NULL);

    must (gnutls_x509_crt_set_version (certificate, 3));
    must (gnutls_x509_crt_set_serial (certificate, &serial, sizeof serial));
    must (gnutls_x509_crt_set_activation_time (certificate, now - DAY));
    must (gnutls_x509_crt_set_expiration_time (certificate, now + DAY));
    add_names (certificate);
    must (gnutls_x509_crt_set_key (certificate, key));
    must (gnutls_x509_crt_sign2 (certificate, certificate, key, GNUTLS_DIG_SHA256, 0));
}

/* Takes what is GnuTLS's. (transfer full) */
static char *
take_text (gnutls_datum_t *datum)
{
    char *text = g_strndup ((const char *) datum->data, datum->size);

    gnutls_free (datum->data);
    return text;
}

void
test_identity_new (char **certificate, char **key)
{
    gnutls_x509_crt_t crt;
    gnutls_x509_privkey_t private;
    gnutls_datum_t pem;

    must (gnutls_x509_privkey_init (&private));
    must (gnutls_x509_privkey_generate (private, GNUTLS_PK_ECDSA,
                                        GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0));
    must (gnutls_x509_crt_init (&crt));
    sign (crt, private);
    must (gnutls_x509_crt_export2 (crt, GNUTLS_X509_FMT_PEM, &pem));
    *certificate = take_text (&pem);
    must (gnutls_x509_privkey_export2 (private, GNUTLS_X509_FMT_PEM, &pem));
    *key = take_text (&pem);
    gnutls_x509_crt_deinit (crt);
    gnutls_x509_privkey_deinit (private);
}
