/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-guesses.h"

#include <sodium.h>
#include <string.h>

#include "bureau-address.h"
#include "bureau-authority.h"
#include "bureau-error.h"
#include "bureau-store-accounts.h"

#define MINUTE_MS   (G_GINT64_CONSTANT (60) * 1000)
#define HOUR_MS     (60 * MINUTE_MS)
#define DAY_MS      (24 * HOUR_MS)
#define MAX_WAIT_MS (15 * MINUTE_MS)
/* An address where somebody has signed in is known for so long after it. */
#define KNOWN_MS (90 * DAY_MS)
/* Rows kept at most: some 5 MB. Who is known needs no new one. */
#define MAX_ROWS 50000

typedef struct {
    guint at_once;
    gint64 interval; /* ms until one is forgotten */
    gboolean doubles;
} Limit;

typedef enum {
    OF_PAIR,    /* an account at an address's group */
    OF_ACCOUNT, /* everywhere */
    OF_ADDRESS, /* all accounts */
    OF_KNOWN,   /* an account at an address where it was signed in to */
    N_KINDS
} Kind;

static const Limit limits[N_KINDS] = {
    [OF_PAIR] = { 5, MINUTE_MS, TRUE },
    [OF_ACCOUNT] = { 20, 3 * MINUTE_MS, FALSE },
    [OF_ADDRESS] = { 20, MINUTE_MS, FALSE },
    [OF_KNOWN] = { 5, MINUTE_MS, TRUE },
};

/* ------------------------------------------------------------------ one count */

/* How long the one who has made that many wrong guesses waits after the last. */
static gint64
get_wait (const Limit *limit, gint64 count)
{
    if (count < limit->at_once)
        return 0;
    if (!limit->doubles)
        return limit->interval;
    return MIN (limit->interval << MIN (count - limit->at_once, 10), MAX_WAIT_MS);
}

/* Forgets what is long enough ago. Those with doubling waits are forgotten all together, a quarter
 * of an hour after the wait. */
static void
forget (BureauGuessRow *row, const Limit *limit, gint64 now)
{
    gint64 passed = now - row->at;
    gint64 ripe;

    if (limit->doubles && row->count >= limit->at_once) {
        if (passed >= get_wait (limit, row->count) + MAX_WAIT_MS)
            row->count = 0;
        return;
    }
    ripe = MIN (passed / limit->interval, row->count);
    row->count -= ripe;
    row->at = row->count > 0 ? row->at + ripe * limit->interval : now;
}

/* ------------------------------------------------------------------ the counts of one guess */

typedef struct {
    guint8 key[BUREAU_GUESS_KEY_SIZE];
    BureauGuessRow row;
    gboolean counts; /* for this guess */
} Count;

/* No name and no address stands in the file: somebody may have typed their password as their name.
 */
static void
make_key (BureauCall *call, Kind kind, const char *account, const char *address, guint8 *key)
{
    const char *parts[] = { account != NULL ? account : "", address != NULL ? address : "" };
    guint8 sort = kind | (account == NULL ? 0x80 : 0);
    crypto_generichash_state state;

    crypto_generichash_init (&state, (const guint8 *) call->authority->epoch,
                             MIN (strlen (call->authority->epoch), crypto_generichash_KEYBYTES_MAX),
                             BUREAU_GUESS_KEY_SIZE);
    crypto_generichash_update (&state, &sort, 1);
    for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
        crypto_generichash_update (&state, (const guint8 *) parts[i], strlen (parts[i]) + 1);
    crypto_generichash_final (&state, key, BUREAU_GUESS_KEY_SIZE);
}

static gboolean
load (BureauCall *call, const char *account, gint64 now, Count counts[N_KINDS], GError **error)
{
    const char *address = call->address != NULL ? call->address : "";
    g_autofree char *group = bureau_address_to_group (address);
    gboolean known;

    make_key (call, OF_PAIR, account, group, counts[OF_PAIR].key);
    make_key (call, OF_ACCOUNT, account, NULL, counts[OF_ACCOUNT].key);
    make_key (call, OF_ADDRESS, NULL, group, counts[OF_ADDRESS].key);
    make_key (call, OF_KNOWN, account, address, counts[OF_KNOWN].key);
    for (Kind kind = 0; kind < N_KINDS; kind++) {
        if (!bureau_store_get_guesses (call->authority->store, counts[kind].key, &counts[kind].row,
                                       error))
            return FALSE;
        forget (&counts[kind].row, &limits[kind], now);
    }

    known = counts[OF_KNOWN].row.good_at > now - KNOWN_MS;
    counts[OF_KNOWN].counts = known;
    counts[OF_PAIR].counts = counts[OF_ADDRESS].counts = !known;
    counts[OF_ACCOUNT].counts = !known && account != NULL;
    return TRUE;
}

static gboolean
store (BureauCall *call, const Count *count, GError **error)
{
    return bureau_store_set_guesses (call->authority->store, count->key, &count->row, error);
}

/* Makes room, and counts how much of it there is, each time that what was counted is used up.
 * Where there is none, strangers wait. */
static gboolean
check_room (BureauCall *call, GError **error)
{
    BureauAuthority *authority = call->authority;
    gint64 now = bureau_authority_get_security_time (authority);
    gint64 n_rows;

    authority->guess_room -= N_KINDS;
    if (authority->guess_room >= 0)
        return TRUE;
    if (!bureau_store_forget_guesses (authority->store, now - HOUR_MS, now - KNOWN_MS, error))
        return FALSE;
    n_rows = bureau_store_count_guesses (authority->store, error);
    if (n_rows < 0)
        return FALSE;
    authority->guess_room = MAX_ROWS - n_rows - N_KINDS;
    if (authority->guess_room >= 0)
        return TRUE;
    bureau_error_set_rate_limited (error, MINUTE_MS);
    return FALSE;
}

gboolean
bureau_guesses_check (BureauCall *call, const char *account, GError **error)
{
    gint64 now = bureau_authority_get_security_time (call->authority);
    Count counts[N_KINDS];
    gint64 wait = 0;

    if (!load (call, account, now, counts, error))
        return FALSE;
    for (Kind kind = 0; kind < N_KINDS; kind++) {
        const BureauGuessRow *row = &counts[kind].row;

        if (counts[kind].counts)
            wait = MAX (wait, row->at + get_wait (&limits[kind], row->count) - now);
    }
    if (wait > 0) {
        bureau_error_set_rate_limited (error, wait);
        return FALSE;
    }
    return counts[OF_KNOWN].counts || check_room (call, error);
}

gboolean
bureau_guesses_count (BureauCall *call, const char *account, GError **error)
{
    gint64 now = bureau_authority_get_security_time (call->authority);
    Count counts[N_KINDS];

    if (!load (call, account, now, counts, error))
        return FALSE;
    for (Kind kind = 0; kind < N_KINDS; kind++) {
        if (!counts[kind].counts)
            continue;
        /* What is being forgotten bit by bit goes on being so. */
        if (limits[kind].doubles || counts[kind].row.count == 0)
            counts[kind].row.at = now;
        counts[kind].row.count++;
        if (!store (call, &counts[kind], error))
            return FALSE;
    }
    return TRUE;
}

gboolean
bureau_guesses_forgive (BureauCall *call, const char *account, GError **error)
{
    gint64 now = bureau_authority_get_security_time (call->authority);
    Count counts[N_KINDS];

    if (!load (call, account, now, counts, error))
        return FALSE;
    for (Kind kind = 0; kind < N_KINDS; kind++)
        counts[kind].row.count = MAX (counts[kind].row.count - 1, 0);
    if (account != NULL) {
        counts[OF_PAIR].row.count = counts[OF_KNOWN].row.count = 0;
        counts[OF_KNOWN].row.at = counts[OF_KNOWN].row.good_at = now;
        counts[OF_KNOWN].counts = TRUE;
    }
    for (Kind kind = 0; kind < N_KINDS; kind++) {
        if (counts[kind].counts && !store (call, &counts[kind], error))
            return FALSE;
    }
    return TRUE;
}
