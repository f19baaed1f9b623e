/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-workplace-private.h"

#include <glib/gi18n.h>

#include "bureau-instant.h"
#include "secrets/bureau-keyring.h"

static void
move_to_uri (BureauWorkplace *self, const char *uri)
{
    if (g_strcmp0 (self->account->base_uri, uri) == 0)
        return;
    g_free (self->account->base_uri);
    self->account->base_uri = g_strdup (uri);
    bureau_workplace_save_account (self);
}

/* Enters a new office, or one that is new to this machine: all of it is known now. Takes @task. */
static void
enter (GTask *task, const char *token)
{
    BureauWorkplace *self = g_task_get_task_data (task);
    bureau_workplace_save_account (self);
    bureau_workplace_keep_token (self, token);
    bureau_workplace_start_client (self, token);
    g_task_return_pointer (task, g_object_ref (self), g_object_unref);
    g_object_unref (task);
}

/* ------------------------------------------------------------------ found */

/* The owner's sign-in, from the making of the office until it is served; and how it is to be
 * served.
 */
#define KEY_OWNER  "bureau-owner"
#define KEY_SHARED "bureau-shared"

static void
on_founded_served_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    BureauWorkplace *self = g_task_get_task_data (task);
    GError *error = NULL;
    if (!bureau_host_serve_finish (BUREAU_HOST (source), result, &error)) {
        g_task_return_error (task, error);
        return;
    }
    self->account->base_uri = g_strdup (bureau_host_get_uri (self->host));
    BureauHubOwner *owner = g_object_get_data (G_OBJECT (task), KEY_OWNER);
    enter (g_steal_pointer (&task), owner->refresh_token);
}

static void
on_office_created_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    BureauWorkplace *self = g_task_get_task_data (task);
    GError *error = NULL;
    BureauHubOwner *owner = bureau_hub_create_office_finish (result, &error);
    if (owner == NULL) {
        g_task_return_error (task, error);
        return;
    }
    self->account->workspace_id = g_strdup (owner->workspace_id);
    self->account->user_id = g_strdup (owner->user_id);
    g_object_set_data_full (G_OBJECT (task), KEY_OWNER, owner,
                            (GDestroyNotify) bureau_hub_owner_free);
    gboolean shared = g_object_get_data (G_OBJECT (task), KEY_SHARED) != NULL;
    bureau_host_serve_async (self->host, NULL, shared, g_task_get_cancellable (task),
                             on_founded_served_cb, g_object_ref (task));
}

/* ------------------------------------------------------------------ join */

static void
on_joined_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    BureauWorkplace *self = g_task_get_task_data (task);
    g_autofree char *token = NULL;
    GError *error = NULL;
    self->account = bureau_account_join_finish (result, &token, &error);
    if (self->account == NULL) {
        g_task_return_error (task, error);
        return;
    }
    enter (g_steal_pointer (&task), token);
}

static void
on_signed_in_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    BureauWorkplace *self = g_task_get_task_data (task);
    g_autofree char *token = NULL;
    GError *error = NULL;
    self->account = bureau_account_sign_in_finish (result, &token, &error);
    if (self->account == NULL) {
        g_task_return_error (task, error);
        return;
    }
    enter (g_steal_pointer (&task), token);
}

/* ------------------------------------------------------------------ open again */

/* The secret, from the keyring until the office is served. */
#define KEY_TOKEN "bureau-token"

/* Where nobody answers. */
#define NOWHERE "http://127.0.0.1:1"

static void
enter_again (GTask *task)
{
    BureauWorkplace *self = g_task_get_task_data (task);
    bureau_workplace_start_client (self, g_object_get_data (G_OBJECT (task), KEY_TOKEN));
    g_task_return_pointer (task, g_object_ref (self), g_object_unref);
}

static void
on_served_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    BureauWorkplace *self = g_task_get_task_data (task);
    g_autoptr (GError) error = NULL;

    if (bureau_host_serve_finish (BUREAU_HOST (source), result, &error)) {
        move_to_uri (self, bureau_host_get_uri (self->host));
    } else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BUSY)) {
        /* Busy is no problem: bureau-hub serves the office, and we are its client. Else whoever has
         * the port now is not our hub, and our secret is not for them. */
        g_autofree char *text = g_strdup_printf (_ ("The office can’t be served: %s"),
                                                 error->message);
        g_free (self->account->base_uri);
        self->account->base_uri = g_strdup (NOWHERE);
        bureau_workplace_say_problem (self, text);
    }
    enter_again (task);
}

/* Goes in with @token, or signed out without. An office of our own is served first: until then its
 * port may be anybody's. Takes @task. */
static void
open_with (GTask *task, const char *token)
{
    BureauWorkplace *self = g_task_get_task_data (task);
    g_object_set_data_full (G_OBJECT (task), KEY_TOKEN, g_strdup (token), g_free);
    if (self->host != NULL) {
        gboolean shared = bureau_accounts_get_shared (self->accounts, self->account->user_id);
        bureau_host_serve_async (self->host, self->account->base_uri, shared,
                                 g_task_get_cancellable (task), on_served_cb, task);
        return;
    }
    enter_again (task);
    g_object_unref (task);
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
    bureau_workplace_keep_token (self, owner->refresh_token);
    open_with (g_steal_pointer (&task), owner->refresh_token);
}

static void
on_token_found_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    BureauWorkplace *self = g_task_get_task_data (task);
    g_autoptr (GError) error = NULL;
    g_autofree char *token = bureau_keyring_lookup_finish (result, &error);
    if (error != NULL)
        g_message ("The keyring does not say: %s", error->message);
    if (token != NULL) {
        open_with (g_steal_pointer (&task), token);
    } else if (self->host != NULL) {
        /* The office is here, and its folder is proof enough. */
        g_autofree char *directory = bureau_host_get_directory (
            bureau_host_get_office (self->host));
        bureau_hub_sign_in_async (directory, self->account->user_id, g_get_host_name (),
                                  g_task_get_cancellable (task), on_owner_signed_in_cb,
                                  g_object_ref (task));
    } else {
        open_with (g_steal_pointer (&task), NULL);
    }
}

void
bureau_workplace_open_again (GTask *task)
{
    BureauWorkplace *self = g_task_get_task_data (task);

    bureau_keyring_lookup_async (self->account, g_task_get_cancellable (task), on_token_found_cb,
                                 task);
}

/* ------------------------------------------------------------------ the ways */

GTask *
bureau_workplace_begin (BureauAccounts *accounts, gpointer tag, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer data)
{
    BureauWorkplace *self = g_object_new (BUREAU_TYPE_WORKPLACE, NULL);
    self->accounts = g_object_ref (accounts);
    GTask *task = g_task_new (NULL, cancellable, callback, data);
    g_task_set_source_tag (task, tag);
    g_task_set_task_data (task, self, g_object_unref);
    return task;
}

/* What a new office begins with: a few tasks that say how it goes. */
static const BureauHubExample *
get_examples (void)
{
    static BureauHubExample examples[4];

    examples[0] = (BureauHubExample){
        _ ("Invite a colleague"),
        _ ("Open People and choose Invite. They need the code, or the link, and this machine "
           "running."),
        "todo"
    };
    examples[1] = (BureauHubExample){
        _ ("Drag this card to Done"),
        _ ("Or give it the focus and press Alt and the right arrow key."), "todo"
    };
    examples[2] = (BureauHubExample){
        _ ("Press T to start a timer on this task"),
        _ ("Everybody in the office sees what you are on. Press T again to stop."), "in_progress"
    };
    return examples;
}

void
bureau_workplace_found_async (BureauAccounts *accounts, const char *office_name,
                              const char *your_name, gboolean shared, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer data)
{
    g_return_if_fail (BUREAU_IS_ACCOUNTS (accounts));
    GTask *task = bureau_workplace_begin (accounts, bureau_workplace_found_async, cancellable,
                                          callback, data);
    BureauWorkplace *self = g_task_get_task_data (task);
    g_object_set_data (G_OBJECT (task), KEY_SHARED, GINT_TO_POINTER (shared));

    self->account = g_new0 (BureauAccount, 1);
    self->account->pin = g_strdup ("");
    self->account->office_name = g_strdup (office_name);
    self->account->user_name = g_strdup (your_name);
    self->account->handle = g_strdup ("");
    self->account->device_id = bureau_id_new ();

    g_autofree char *office = bureau_host_pick_office ();
    g_autofree char *directory = bureau_host_get_directory (office);
    self->host = bureau_host_new (office);
    bureau_hub_create_office_async (directory, office_name, your_name, g_get_host_name (),
                                    _ ("First project"), get_examples (), cancellable,
                                    on_office_created_cb, task);
}

void
bureau_workplace_join_async (BureauAccounts *accounts, const BureauOffer *offer,
                             const char *your_name, const char *password, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer data)
{
    g_return_if_fail (BUREAU_IS_ACCOUNTS (accounts));
    GTask *task = bureau_workplace_begin (accounts, bureau_workplace_join_async, cancellable,
                                          callback, data);
    bureau_account_join_async (offer, your_name, password, g_get_host_name (), cancellable,
                               on_joined_cb, task);
}

void
bureau_workplace_sign_in_async (BureauAccounts *accounts, const char *base_uri, const char *pin,
                                const char *handle, const char *password, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer data)
{
    g_return_if_fail (BUREAU_IS_ACCOUNTS (accounts));
    GTask *task = bureau_workplace_begin (accounts, bureau_workplace_sign_in_async, cancellable,
                                          callback, data);
    bureau_account_sign_in_async (base_uri, pin, handle, password, g_get_host_name (), cancellable,
                                  on_signed_in_cb, task);
}

void
bureau_workplace_open_async (BureauAccounts *accounts, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer data)
{
    g_return_if_fail (BUREAU_IS_ACCOUNTS (accounts));
    GTask *task = bureau_workplace_begin (accounts, bureau_workplace_open_async, cancellable,
                                          callback, data);
    BureauWorkplace *self = g_task_get_task_data (task);

    g_autofree char *office = NULL;
    self->account = bureau_accounts_get_last (accounts, &office);
    if (self->account == NULL) {
        g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "No office is known yet");
        g_object_unref (task);
        return;
    }
    if (office != NULL)
        self->host = bureau_host_new (office);
    bureau_workplace_open_again (task);
}

BureauWorkplace *
bureau_workplace_finish (GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer (G_TASK (result), error);
}
