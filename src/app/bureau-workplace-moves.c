/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-workplace-private.h"

#include "bureau-instant.h"
#include "secrets/bureau-keyring.h"

/* An office that moves: this machine takes it over, or leaves it to another one. */

/* Where nobody answers: until the hub is found on the network. */
#define NOWHERE "https://127.0.0.1:1"

/* ------------------------------------------------------------------ taking over */

/* The office's name, until its account is made. */
#define KEY_NAME "bureau-office-name"

/* It is served to the others from the start: they look for it. Takes @task. */
static void
open_as (GTask *task, BureauAccount *account)
{
    BureauWorkplace *self = g_task_get_task_data (task);

    self->account = account;
    bureau_accounts_save (self->accounts, account, bureau_host_get_office (self->host));
    bureau_accounts_set_shared (self->accounts, account->user_id, TRUE);
    bureau_workplace_open_again (task);
}

static BureauAccount *
make_account (const BureauHubOwner *owner, const char *office_name)
{
    BureauAccount *account = g_new0 (BureauAccount, 1);

    account->base_uri = g_strdup (NOWHERE);
    account->pin = g_strdup ("");
    account->workspace_id = g_strdup (owner->workspace_id);
    account->office_name = g_strdup (office_name);
    account->user_id = g_strdup (owner->user_id);
    account->user_name = g_strdup (owner->user_name);
    account->handle = g_strdup ("");
    account->device_id = bureau_id_new ();
    return account;
}

static void
on_owner_kept_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GError) error = NULL;

    /* Then the folder lets its owner in. */
    if (!bureau_keyring_store_finish (result, &error))
        g_message ("The keyring did not take the sign-in: %s", error->message);
    bureau_workplace_open_again (data);
}

static void
on_owner_signed_in_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    BureauWorkplace *self = g_task_get_task_data (task);
    GError *error = NULL;
    g_autoptr (BureauHubOwner) owner = bureau_hub_sign_in_finish (result, &error);

    if (owner == NULL) {
        g_task_return_error (task, error);
        return;
    }
    self->account = make_account (owner, g_object_get_data (G_OBJECT (task), KEY_NAME));
    bureau_accounts_save (self->accounts, self->account, bureau_host_get_office (self->host));
    bureau_accounts_set_shared (self->accounts, self->account->user_id, TRUE);
    bureau_keyring_store_async (self->account, owner->refresh_token, NULL, on_owner_kept_cb,
                                g_steal_pointer (&task));
}

/* Somebody who has been in this office from this machine goes on as themselves, with what waits
 * here. (transfer full) (nullable) */
static BureauAccount *
find_account (BureauAccounts *accounts, const char *pin)
{
    g_autoptr (GPtrArray) joined = bureau_accounts_list_joined (accounts);

    for (guint i = 0; i < joined->len; i++) {
        BureauAccount *account = g_ptr_array_index (joined, i);

        if (*pin != '\0' && g_str_equal (account->pin, pin))
            return bureau_account_copy (account);
    }
    return NULL;
}

static void
on_taken_over_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    BureauWorkplace *self = g_task_get_task_data (task);
    GError *error = NULL;
    g_autoptr (BureauHubSummary) summary = bureau_hub_summary_finish (result, &error);
    g_autofree char *directory = NULL;
    BureauAccount *account;

    if (summary == NULL) {
        g_task_return_error (task, error);
        return;
    }
    account = find_account (self->accounts, summary->pin);
    if (account != NULL) {
        g_free (account->pin);
        account->pin = g_strdup ("");
        open_as (g_steal_pointer (&task), account);
        return;
    }
    directory = bureau_host_get_directory (bureau_host_get_office (self->host));
    g_object_set_data_full (G_OBJECT (task), KEY_NAME,
                            g_strdup (summary->offices[0] != NULL ? summary->offices[0] : ""),
                            g_free);
    bureau_hub_sign_in_async (directory, NULL, g_get_host_name (), g_task_get_cancellable (task),
                              on_owner_signed_in_cb, g_object_ref (task));
}

void
bureau_workplace_take_over_async (BureauAccounts *accounts, const char *path,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer data)
{
    g_return_if_fail (BUREAU_IS_ACCOUNTS (accounts));
    GTask *task = bureau_workplace_begin (accounts, bureau_workplace_take_over_async, cancellable,
                                          callback, data);
    BureauWorkplace *self = g_task_get_task_data (task);
    g_autofree char *office = bureau_host_pick_office ();
    g_autofree char *directory = bureau_host_get_directory (office);

    self->host = bureau_host_new (office);
    bureau_hub_take_over_async (directory, path, on_taken_over_cb, task);
}

/* ------------------------------------------------------------------ leaving it to another */

BureauAccount *
bureau_workplace_make_guest_account (BureauWorkplace *self)
{
    g_return_val_if_fail (BUREAU_IS_WORKPLACE (self), NULL);
    BureauAccount *account = bureau_account_copy (self->account);
    g_autofree char *address = bureau_workplace_get_address (self);

    g_free (account->base_uri);
    account->base_uri = address != NULL ? g_strconcat ("https://", address, NULL)
                                        : g_strdup (NOWHERE);
    g_free (account->pin);
    account->pin = g_strdup (bureau_workplace_get_pin (self));
    return account;
}
