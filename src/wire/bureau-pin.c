/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-pin.h"

#include <gnutls/x509.h>
#include <sodium.h>
#include <string.h>

#include "bureau-base64url.h"
#include "bureau-socket-error.h"

/* Whoever it is, their key says so, not their name. */
#define ANYBODY "bureau.invalid"

struct _BureauPinDatabase {
    GTlsDatabase parent_instance;

    gboolean learns; /* has yet to be shown one */
    char *pin;       /* (owned) (nullable) */
    char *refused;   /* (owned) (nullable): by the last of those who were not believed */
};

G_DEFINE_FINAL_TYPE (BureauPinDatabase, bureau_pin_database, G_TYPE_TLS_DATABASE)

/* ------------------------------------------------------------------ pins */

char *
bureau_pin_new_from_hash (const guint8 hash[BUREAU_PIN_HASH_SIZE])
{
    return bureau_base64url_encode (hash, BUREAU_PIN_HASH_SIZE);
}

char *
bureau_pin_new_from_der (const void *bytes, gsize length)
{
    const gnutls_datum_t der = { (guint8 *) bytes, length };
    guint8 hash[BUREAU_PIN_HASH_SIZE];
    gsize size = sizeof hash;
    gnutls_x509_crt_t certificate;
    char *pin = NULL;

    if (gnutls_x509_crt_init (&certificate) < 0)
        return NULL;
    if (gnutls_x509_crt_import (certificate, &der, GNUTLS_X509_FMT_DER) >= 0 &&
        gnutls_x509_crt_get_key_id (certificate, GNUTLS_KEYID_USE_SHA256, hash, &size) >= 0)
        pin = bureau_pin_new_from_hash (hash);
    gnutls_x509_crt_deinit (certificate);
    return pin;
}

static gboolean
is_same (const char *pin, const char *other)
{
    return pin != NULL && other != NULL && strlen (pin) == BUREAU_PIN_LENGTH &&
           strlen (other) == BUREAU_PIN_LENGTH &&
           sodium_memcmp (pin, other, BUREAU_PIN_LENGTH) == 0;
}

/* ------------------------------------------------------------------ the database */

/* Whether the leaf is the one. */
static gboolean
look_at (BureauPinDatabase *self, GTlsCertificate *leaf)
{
    g_autoptr (GByteArray) der = NULL;
    g_autofree char *seen = NULL;

    g_object_get (leaf, "certificate", &der, NULL);
    seen = der == NULL ? NULL : bureau_pin_new_from_der (der->data, der->len);
    if (self->learns && seen != NULL) {
        self->pin = g_strdup (seen);
        self->learns = FALSE;
    }
    if (is_same (self->pin, seen))
        return TRUE;
    g_free (self->refused);
    self->refused = g_steal_pointer (&seen);
    return FALSE;
}

/* Names, dates and who signed it say nothing of a hub that was never in a registry: all but the key
 * is left alone. glib-networking calls this in the context that the handshake was begun in. */
static GTlsCertificateFlags
bureau_pin_database_verify_chain (GTlsDatabase *database, GTlsCertificate *chain,
                                  const char *purpose, GSocketConnectable *identity,
                                  GTlsInteraction *interaction, GTlsDatabaseVerifyFlags flags,
                                  GCancellable *cancellable, GError **error)
{
    return look_at (BUREAU_PIN_DATABASE (database), chain) ? G_TLS_CERTIFICATE_NO_FLAGS
                                                           : G_TLS_CERTIFICATE_BAD_IDENTITY;
}

static void
bureau_pin_database_finalize (GObject *object)
{
    BureauPinDatabase *self = BUREAU_PIN_DATABASE (object);

    g_free (self->pin);
    g_free (self->refused);
    G_OBJECT_CLASS (bureau_pin_database_parent_class)->finalize (object);
}

static void
bureau_pin_database_class_init (BureauPinDatabaseClass *klass)
{
    G_OBJECT_CLASS (klass)->finalize = bureau_pin_database_finalize;
    G_TLS_DATABASE_CLASS (klass)->verify_chain = bureau_pin_database_verify_chain;
}

static void
bureau_pin_database_init (BureauPinDatabase *self)
{
}

GTlsDatabase *
bureau_pin_database_new (const char *pin)
{
    BureauPinDatabase *self = g_object_new (BUREAU_TYPE_PIN_DATABASE, NULL);

    self->learns = pin == NULL;
    self->pin = g_strdup (pin);
    return G_TLS_DATABASE (self);
}

const char *
bureau_pin_database_get_pin (BureauPinDatabase *self)
{
    g_return_val_if_fail (BUREAU_IS_PIN_DATABASE (self), NULL);

    return self->pin;
}

/* ------------------------------------------------------------------ a session's connections */

static BureauPinDatabase *
get_database (SoupSession *session)
{
    return BUREAU_PIN_DATABASE (soup_session_get_tls_database (session));
}

static gboolean
is_this_machine (const char *host)
{
    g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

    return address == NULL ? g_ascii_strcasecmp (host, "localhost") == 0
                           : g_inet_address_get_is_loopback (address);
}

gboolean
bureau_pin_check_uri (SoupSession *session, GUri *uri, GError **error)
{
    const char *pin = get_database (session)->pin;

    if (g_strcmp0 (g_uri_get_scheme (uri), "https") == 0 ||
        ((pin == NULL || *pin == '\0') && is_this_machine (g_uri_get_host (uri))))
        return TRUE;
    g_set_error (error, BUREAU_SOCKET_ERROR, BUREAU_SOCKET_ERROR_PLAIN,
                 "Nothing is sent to %s unless it is encrypted.", g_uri_get_host (uri));
    return FALSE;
}

void
bureau_pin_prepare_connection (GTlsConnection *connection)
{
    g_autoptr (GSocketConnectable) anybody = g_network_address_new (ANYBODY, 0);

    g_tls_client_connection_set_server_identity (G_TLS_CLIENT_CONNECTION (connection), anybody);
}

gboolean
bureau_pin_check_connection (SoupSession *session, GTlsConnection *connection, GError **error)
{
    BureauPinDatabase *database = get_database (session);
    GTlsCertificate *leaf = g_tls_connection_get_peer_certificate (connection);

    if (g_tls_connection_get_protocol_version (connection) != G_TLS_PROTOCOL_VERSION_TLS_1_3) {
        g_set_error_literal (error, G_TLS_ERROR, G_TLS_ERROR_HANDSHAKE,
                             "The hub does not speak TLS 1.3.");
        return FALSE;
    }
    if (leaf != NULL && look_at (database, leaf))
        return TRUE;
    bureau_socket_error_set_stranger (error, database->pin, database->refused);
    return FALSE;
}

GError *
bureau_pin_explain (SoupSession *session, GError *error)
{
    BureauPinDatabase *database = get_database (session);
    GError *stranger = NULL;

    if (!g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE))
        return error;
    bureau_socket_error_set_stranger (&stranger, database->pin, database->refused);
    g_error_free (error);
    return stranger;
}
