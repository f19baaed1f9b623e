/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-password.h"

#include <sodium.h>
#include <string.h>

#include "bureau-error.h"

#define PASSES      2
#define MEMORY_SIZE (64 * 1024 * 1024)

/* Nobody's: of a salt and a hash that are all zeroes, for which no password is known. It must cost
 * what bureau_password_hash() makes them cost. */
#define NOBODYS_HASH                                                                               \
    "$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"                                       \
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

char *
bureau_password_hash (const char *password)
{
    g_autofree char *hash = g_malloc0 (crypto_pwhash_STRBYTES);

    if (crypto_pwhash_str_alg (hash, password, strlen (password), PASSES, MEMORY_SIZE,
                               crypto_pwhash_ALG_ARGON2ID13) != 0)
        return NULL;
    return g_steal_pointer (&hash);
}

gboolean
bureau_password_set_no_memory (GError **error)
{
    g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE,
                         "The hub has not enough memory for this. Try again in a moment.");
    return FALSE;
}

gboolean
bureau_password_verify (const char *hash, const char *password)
{
    gboolean right = crypto_pwhash_str_verify (hash != NULL ? hash : NOBODYS_HASH, password,
                                               strlen (password)) == 0;

    return hash != NULL && right;
}

gboolean
bureau_password_needs_rehash (const char *hash)
{
    return crypto_pwhash_str_needs_rehash (hash, PASSES, MEMORY_SIZE) != 0;
}

void
bureau_password_free (char *password)
{
    if (password == NULL)
        return;

    sodium_memzero (password, strlen (password));
    g_free (password);
}
