/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* bureau-demo-seat LINK NAME: joins an office as NAME and leaves the account and the sign-in where
 * the window will look for them, so that it opens right into the office. Not installed. */

#include "bureau-accounts.h"
#include "secrets/bureau-keyring.h"

typedef struct {
    const char *name;
    GMainLoop *loop;
    BureauAccount *account;
    GError *error;
} Seat;

static void
on_stored_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    Seat *seat = data;
    bureau_keyring_store_finish (result, &seat->error);
    g_main_loop_quit (seat->loop);
}

static void
on_joined_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    Seat *seat = data;
    g_autofree char *token = NULL;
    seat->account = bureau_account_join_finish (result, &token, &seat->error);
    if (seat->account == NULL) {
        g_main_loop_quit (seat->loop);
        return;
    }
    g_autoptr (GSettings) settings = g_settings_new (BUREAU_APP_ID);
    g_autoptr (BureauAccounts) accounts = bureau_accounts_new (settings);
    bureau_accounts_save (accounts, seat->account, NULL);
    bureau_keyring_store_async (seat->account, token, NULL, on_stored_cb, seat);
}

static void
on_offered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    Seat *seat = data;
    g_autoptr (BureauOffer) offer = bureau_offer_get_finish (result, &seat->error);
    if (offer == NULL)
        g_main_loop_quit (seat->loop);
    else
        bureau_account_join_async (offer, seat->name, NULL, "demo", NULL, on_joined_cb, seat);
}

int
main (int argc, char *argv[])
{
    if (argc != 3) {
        g_printerr ("Usage: bureau-demo-seat LINK NAME\n");
        return 2;
    }
    Seat seat = { .name = argv[2], .loop = g_main_loop_new (NULL, FALSE) };
    g_autoptr (BureauInvitation) invitation = bureau_invitation_parse_link (argv[1], &seat.error);
    if (invitation != NULL) {
        bureau_offer_get_async (invitation, NULL, on_offered_cb, &seat);
        g_main_loop_run (seat.loop);
        g_settings_sync ();
    }
    g_main_loop_unref (seat.loop);
    g_clear_pointer (&seat.account, bureau_account_free);
    if (seat.error == NULL)
        return 0;
    g_printerr ("bureau-demo-seat: %s\n", seat.error->message);
    g_error_free (seat.error);
    return 1;
}
