/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-store.h"

G_BEGIN_DECLS

/* What people sign in with, and how often somebody has tried to. For all that is true of a store,
 * see bureau-store.h. */

/* The person with this handle, if they may sign in with a password: they have one, and are in an
 * office. @hash: (out) (transfer full). NULL without an error: there is nobody. (transfer full) */
char *bureau_store_find_account (BureauStore *store, const char *handle, char **hash,
                                 GError **error);
/* (transfer full) (nullable) */
char *bureau_store_get_password (BureauStore *store, const char *user_id, GError **error);
/* @hash: as libsodium writes it. */
gboolean bureau_store_set_password (BureauStore *store, const char *user_id, const char *hash,
                                    GError **error);

/* Wrong guesses of one kind; see bureau-guesses.h for what they mean. */
typedef struct {
    gint64 count;
    gint64 at;      /* instant */
    gint64 good_at; /* instant of the last right one; 0 for never */
} BureauGuessRow;

#define BUREAU_GUESS_KEY_SIZE 32

/* Zeroes if there is no row. */
gboolean bureau_store_get_guesses (BureauStore *store, const guint8 *key, BureauGuessRow *row,
                                   GError **error);
gboolean bureau_store_set_guesses (BureauStore *store, const guint8 *key, const BureauGuessRow *row,
                                   GError **error);
/* -1 with @error. */
gint64 bureau_store_count_guesses (BureauStore *store, GError **error);
/* Drops rows of wrong guesses that are older than @before, and all that are older than @good. */
gboolean bureau_store_forget_guesses (BureauStore *store, gint64 before, gint64 good,
                                      GError **error);

G_END_DECLS
