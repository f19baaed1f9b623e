/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-audit-chain.h"

#include <sodium.h>
#include <string.h>

#define SEAL "audit"

/* What a hash is for: a row's is never taken for a seal. */
typedef enum {
    FOR_ROW = 'r',
    FOR_SEAL = 's',
} Purpose;

/* ------------------------------------------------------------------ hashes */

static void
begin (crypto_generichash_state *state, const guint8 *key, Purpose purpose, const guint8 *before,
       gint64 n)
{
    guint8 byte = purpose;
    guint64 number = GUINT64_TO_LE (n);

    crypto_generichash_init (state, key, BUREAU_KEY_SIZE, BUREAU_AUDIT_HASH_SIZE);
    crypto_generichash_update (state, &byte, sizeof byte);
    crypto_generichash_update (state, before, BUREAU_AUDIT_HASH_SIZE);
    crypto_generichash_update (state, (const guint8 *) &number, sizeof number);
}

/* With its length before it, so that no two rows are written alike; NULL has a length that no text
 * has. */
static void
add_text (crypto_generichash_state *state, const char *text)
{
    gsize length = text != NULL ? strlen (text) : 0;
    guint64 prefix = text != NULL ? GUINT64_TO_LE ((guint64) length) : G_MAXUINT64;

    crypto_generichash_update (state, (const guint8 *) &prefix, sizeof prefix);
    crypto_generichash_update (state, (const guint8 *) text, length);
}

static void
hash_row (const guint8 *key, const guint8 *before, const BureauAuditRow *row, guint8 *hash)
{
    guint64 at = GUINT64_TO_LE (row->at);
    crypto_generichash_state state;

    begin (&state, key, FOR_ROW, before, row->n);
    crypto_generichash_update (&state, (const guint8 *) &at, sizeof at);
    add_text (&state, row->workspace_id);
    add_text (&state, row->act);
    add_text (&state, row->actor_id);
    add_text (&state, row->subject);
    add_text (&state, row->address);
    add_text (&state, row->details);
    crypto_generichash_final (&state, hash, BUREAU_AUDIT_HASH_SIZE);
}

/* "12 0a1b…": how many rows there are, and the proof of it. (transfer full) */
static char *
make_seal (const guint8 *key, gint64 n, const guint8 *hash)
{
    guint8 mac[BUREAU_AUDIT_HASH_SIZE];
    char hex[2 * sizeof mac + 1];
    crypto_generichash_state state;

    begin (&state, key, FOR_SEAL, hash, n);
    crypto_generichash_final (&state, mac, sizeof mac);
    sodium_bin2hex (hex, sizeof hex, mac, sizeof mac);
    return g_strdup_printf ("%" G_GINT64_FORMAT " %s", n, hex);
}

static gboolean
set_seal (BureauStore *store, const guint8 *key, gint64 n, const guint8 *hash, GError **error)
{
    g_autofree char *seal = make_seal (key, n, hash);

    return bureau_store_set_meta (store, SEAL, seal, error);
}

/* ------------------------------------------------------------------ adding */

/* Where the last row is not the one that was sealed, a number is left out. So what somebody cut off
 * while the hub was not looking stays missing, whatever is added later. */
static gboolean
find_end (BureauStore *store, const guint8 *key, gint64 *n, guint8 *hash, GError **error)
{
    g_autoptr (GError) local_error = NULL;
    g_autofree char *kept = bureau_store_get_meta (store, SEAL, &local_error);
    g_autofree char *seal = NULL;

    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    if (!bureau_store_get_last_audit (store, n, hash, error))
        return FALSE;
    seal = make_seal (key, *n, hash);
    if (g_strcmp0 (seal, kept) != 0)
        *n += 1;
    return TRUE;
}

gboolean
bureau_audit_chain_append (BureauStore *store, const guint8 *key, BureauAuditRow *row,
                           GError **error)
{
    guint8 before[BUREAU_AUDIT_HASH_SIZE];
    gint64 end;

    if (!find_end (store, key, &end, before, error))
        return FALSE;
    row->n = end + 1;
    hash_row (key, before, row, row->hash);
    return bureau_store_add_audit (store, row, error) &&
           set_seal (store, key, row->n, row->hash, error);
}

gboolean
bureau_audit_chain_begin (BureauStore *store, const guint8 *key, GError **error)
{
    guint8 hash[BUREAU_AUDIT_HASH_SIZE];
    gint64 n;

    return bureau_store_get_last_audit (store, &n, hash, error) &&
           set_seal (store, key, n, hash, error);
}

/* ------------------------------------------------------------------ checking */

typedef struct {
    const guint8 *key;
    gint64 n;
    guint8 hash[BUREAU_AUDIT_HASH_SIZE];
    char *wrong; /* (owned) (nullable) */
} Check;

static gboolean
check_row (const BureauAuditRow *row, gpointer data)
{
    Check *check = data;
    guint8 hash[BUREAU_AUDIT_HASH_SIZE];

    if (row->n != check->n + 1) {
        check->wrong = g_strdup_printf ("Row %" G_GINT64_FORMAT " is missing.", check->n + 1);
        return FALSE;
    }
    hash_row (check->key, check->hash, row, hash);
    if (sodium_memcmp (hash, row->hash, sizeof hash) != 0) {
        check->wrong = g_strdup_printf ("Row %" G_GINT64_FORMAT " is not as it was written.",
                                        row->n);
        return FALSE;
    }
    check->n = row->n;
    memcpy (check->hash, hash, sizeof hash);
    return TRUE;
}

static gboolean
check_end (BureauStore *store, Check *check, GError **error)
{
    g_autoptr (GError) local_error = NULL;
    g_autofree char *kept = bureau_store_get_meta (store, SEAL, &local_error);
    g_autofree char *seal = make_seal (check->key, check->n, check->hash);

    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    if (g_strcmp0 (seal, kept) != 0)
        check->wrong = g_strdup_printf ("Row %" G_GINT64_FORMAT
                                        " is missing, or the seal behind the last row was changed.",
                                        check->n + 1);
    return TRUE;
}

gboolean
bureau_audit_chain_check (BureauStore *store, const guint8 *key, gint64 *rows, char **wrong,
                          GError **error)
{
    Check check = { .key = key };

    if (!bureau_store_foreach_audit (store, check_row, &check, error) ||
        (check.wrong == NULL && !check_end (store, &check, error)))
        return FALSE;
    *rows = check.n;
    *wrong = check.wrong;
    return TRUE;
}
