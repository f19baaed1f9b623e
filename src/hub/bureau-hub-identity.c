/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-hub-identity.h"

#include <string.h>

#include "bureau-address.h"
#include "bureau-key-file.h"
#include "bureau-tls-certificate.h"

#define MAX_FILE (16 * 1024)

#define DAY  (24 * 60 * 60)
#define YEAR (365 * DAY)
/* How long a certificate is good, how long before its end it is made anew, and how wrong the other
 * machines' clocks may be. */
#define LIFETIME (10 * YEAR)
#define RESERVE  (1 * YEAR)
#define SKEW     (1 * DAY)

#define MAX_HOST 250

/* ------------------------------------------------------------------ what it is called */

/* Only what may stand in a certificate. */
static gboolean
is_dns_name (const char *name)
{
    return *name != '\0' && strlen (name) <= MAX_HOST &&
           strspn (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-.") == strlen (name);
}

static GStrv
list_names (void)
{
    g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
    g_auto (GStrv) addresses = bureau_address_list ();
    const char *host = g_get_host_name ();

    if (is_dns_name (host) && g_ascii_strcasecmp (host, "localhost") != 0) {
        g_autofree char *local = g_strconcat (host, ".local", NULL);

        g_strv_builder_add (names, host);
        if (strchr (host, '.') == NULL)
            g_strv_builder_add (names, local);
    }
    g_strv_builder_add_many (names, "localhost", "127.0.0.1", "::1", NULL);
    g_strv_builder_addv (names, (const char **) addresses);
    return g_strv_builder_end (names);
}

/* ------------------------------------------------------------------ its files */

/* What is in the file says nothing of where it is. */
static void
name_file (GError **error, const char *path)
{
    g_prefix_error (error, "%s is damaged. ", path);
}

/* For a hub that nobody knows yet. */
static char *
make_key (const char *path, const char *certificate_path, gsize *length, GError **error)
{
    char *key;

    if (g_file_test (certificate_path, G_FILE_TEST_EXISTS)) {
        g_set_error (
            error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
            "The key %s, by which other machines know this hub, is lost. Put it back from "
            "a backup. To begin with a new one, to which everybody has to join anew, remove "
            "%s.",
            path, certificate_path);
        return NULL;
    }
    key = bureau_tls_key_new ();
    *length = strlen (key);
    if (!bureau_key_file_save (path, key, *length, error)) {
        bureau_key_file_wipe (key, *length);
        return NULL;
    }
    return key;
}

/* The private key, made if there has been none. (transfer full): wipe it. */
static char *
load_key (const char *path, const char *certificate_path, gsize *length, GError **error)
{
    g_autoptr (GError) local_error = NULL;
    char *key = bureau_key_file_load (path, MAX_FILE, length, &local_error);

    if (key != NULL)
        return key;
    if (!g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return NULL;
    }
    return make_key (path, certificate_path, length, error);
}

static char *
make_certificate (const char *path, const char *key, const char *const *names, gint64 now,
                  GError **error)
{
    g_autofree char *made = bureau_tls_certificate_new (key, names, now - SKEW, now + LIFETIME,
                                                        error);

    if (made == NULL || !bureau_key_file_save (path, made, strlen (made), error))
        return NULL;
    return g_steal_pointer (&made);
}

static char *
load_certificate (const char *path, const char *key, GError **error)
{
    gint64 now = g_get_real_time () / G_USEC_PER_SEC;
    g_auto (GStrv) names = list_names ();
    const char *const *wanted = (const char *const *) names;
    g_autoptr (GError) local_error = NULL;
    gsize length;
    g_autofree char *there = bureau_key_file_load (path, MAX_FILE, &length, &local_error);
    gboolean fits;

    if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
        return make_certificate (path, key, wanted, now, error);
    if (there == NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return NULL;
    }
    if (!bureau_tls_certificate_fits (there, key, wanted, now, now + RESERVE, &fits, error)) {
        name_file (error, path);
        return NULL;
    }
    return fits ? g_steal_pointer (&there) : make_certificate (path, key, wanted, now, error);
}

static char *
get_pin (const char *path, const char *key, GError **error)
{
    char *pin = bureau_tls_key_get_pin (key, error);

    if (pin == NULL)
        name_file (error, path);
    return pin;
}

static BureauTlsIdentity *
load_identity (const char *key_path, const char *certificate_path, const char *key, char **pin,
               GError **error)
{
    g_autofree char *found = get_pin (key_path, key, error);
    g_autofree char *certificate = NULL;
    BureauTlsIdentity *identity;

    if (found == NULL)
        return NULL;
    certificate = load_certificate (certificate_path, key, error);
    identity = certificate == NULL ? NULL : bureau_tls_identity_new (certificate, key, error);
    if (identity != NULL)
        *pin = g_steal_pointer (&found);
    return identity;
}

BureauTlsIdentity *
bureau_hub_identity_load (BureauDataDirectory *directory, char **pin, GError **error)
{
    const char *keys = bureau_data_directory_get_keys (directory);
    g_autofree char *key_path = g_build_filename (keys, BUREAU_HUB_KEY, NULL);
    g_autofree char *certificate_path = g_build_filename (keys, BUREAU_HUB_CERTIFICATE, NULL);
    gsize length = 0;
    char *key = load_key (key_path, certificate_path, &length, error);
    BureauTlsIdentity *identity;

    if (key == NULL)
        return NULL;
    identity = load_identity (key_path, certificate_path, key, pin, error);
    bureau_key_file_wipe (key, length);
    return identity;
}

char *
bureau_hub_identity_read_pin (BureauDataDirectory *directory, GError **error)
{
    g_autofree char *path = g_build_filename (bureau_data_directory_get_keys (directory),
                                              BUREAU_HUB_KEY, NULL);
    gsize length = 0;
    char *key = bureau_key_file_load (path, MAX_FILE, &length, error);
    char *pin = key == NULL ? NULL : get_pin (path, key, error);

    bureau_key_file_wipe (key, length);
    return pin;
}
