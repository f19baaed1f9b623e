/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-workplace-private.h"

#include <glib/gi18n.h>

#include "bureau-error.h"
#include "secrets/bureau-keyring.h"

G_DEFINE_FINAL_TYPE (BureauWorkplace, bureau_workplace, G_TYPE_OBJECT)

enum { SIGNAL_PROBLEM, SIGNAL_SHARED_CHANGED, N_SIGNALS };

static guint signals[N_SIGNALS];

void
bureau_workplace_say_problem (BureauWorkplace *self, const char *sentence)
{
    g_free (self->problem);
    self->problem = g_strdup (sentence);
    g_signal_emit (self, signals[SIGNAL_PROBLEM], 0);
}

/* ------------------------------------------------------------------ the secret */

static void
on_stale_token_cleared_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GError) error = NULL;
    if (!bureau_keyring_clear_finish (result, &error))
        g_message ("The keyring did not forget an old sign-in: %s", error->message);
}

static void
on_token_stored_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauWorkplace) self = data;
    g_autoptr (GError) error = NULL;
    if (bureau_keyring_store_finish (result, &error) || self->keeps_no_secret)
        return;

    /* Once is enough: the next token must not ask anew to unlock what was not unlocked now. An
     * earlier one that the keyring may still hold is used up, and would look stolen. */
    self->keeps_no_secret = TRUE;
    g_message ("The keyring did not take the sign-in: %s", error->message);
    bureau_keyring_clear_async (self->account, NULL, on_stale_token_cleared_cb, NULL);
    /* Whoever serves the office is let in by its folder. */
    if (self->host == NULL)
        bureau_workplace_say_problem (
            self, _ ("There is no keyring: you stay signed in until you close Bureau."));
}

void
bureau_workplace_keep_token (BureauWorkplace *self, const char *token)
{
    if (!self->keeps_no_secret)
        bureau_keyring_store_async (self->account, token, NULL, on_token_stored_cb,
                                    g_object_ref (self));
}

static void
on_client_refresh_token_cb (BureauWorkplace *self, const char *token)
{
    bureau_workplace_keep_token (self, token);
}

/* ------------------------------------------------------------------ the client */

/* It is found there at the next start too. */
static void
on_client_moved_cb (BureauWorkplace *self, const char *base_uri)
{
    g_free (self->account->base_uri);
    self->account->base_uri = g_strdup (base_uri);
    bureau_workplace_save_account (self);
}

void
bureau_workplace_start_client (BureauWorkplace *self, const char *token)
{
    g_autofree char *directory = g_build_filename (g_get_user_data_dir (), "bureau", "replicas",
                                                   NULL);
    self->client = bureau_client_new (self->account, token, directory);
    g_signal_connect_object (self->client, "refresh-token", G_CALLBACK (on_client_refresh_token_cb),
                             self, G_CONNECT_SWAPPED);
    g_signal_connect_object (self->client, "moved", G_CALLBACK (on_client_moved_cb), self,
                             G_CONNECT_SWAPPED);
    bureau_client_start (self->client);
}

void
bureau_workplace_save_account (BureauWorkplace *self)
{
    bureau_accounts_save (self->accounts, self->account,
                          self->host != NULL ? bureau_host_get_office (self->host) : NULL);
    if (self->host != NULL && bureau_host_get_uri (self->host) != NULL)
        bureau_accounts_set_shared (self->accounts, self->account->user_id,
                                    bureau_host_get_shared (self->host));
}

/* ------------------------------------------------------------------ sign in again */

static void
on_signed_in_again_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    BureauWorkplace *self = g_task_get_source_object (task);
    g_autofree char *token = NULL;
    GError *error = NULL;
    g_autoptr (BureauAccount) account = bureau_account_sign_in_finish (result, &token, &error);

    if (account == NULL) {
        g_task_return_error (task, error);
    } else if (g_strcmp0 (account->user_id, self->account->user_id) != 0) {
        g_task_return_new_error (task, BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN,
                                 _ ("That is somebody else’s sign-in."));
    } else {
        bureau_workplace_keep_token (self, token);
        bureau_client_sign_in (self->client, token);
        g_task_return_boolean (task, TRUE);
    }
}

/* ------------------------------------------------------------------ sharing */

static void
on_shared_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    BureauWorkplace *self = g_task_get_source_object (task);
    GError *error = NULL;

    if (!bureau_host_share_finish (BUREAU_HOST (source), result, &error)) {
        g_task_return_error (task, error);
        return;
    }
    bureau_accounts_set_shared (self->accounts, self->account->user_id,
                                bureau_host_get_shared (self->host));
    g_signal_emit (self, signals[SIGNAL_SHARED_CHANGED], 0);
    g_task_return_boolean (task, TRUE);
}

/* ------------------------------------------------------------------ close */

static void
on_host_stopped_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    GError *error = NULL;
    if (bureau_host_stop_finish (BUREAU_HOST (source), result, &error))
        g_task_return_boolean (task, TRUE);
    else
        g_task_return_error (task, error);
}

static void
stop_host (GTask *task)
{
    BureauWorkplace *self = g_task_get_source_object (task);
    if (self->host != NULL) {
        bureau_host_stop_async (self->host, on_host_stopped_cb, task);
        return;
    }
    g_task_return_boolean (task, TRUE);
    g_object_unref (task);
}

static void
on_client_stopped_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    GTask *task = data;
    g_autoptr (GError) error = NULL;
    if (!bureau_client_stop_finish (BUREAU_CLIENT (source), result, &error))
        g_warning ("The replica was not closed: %s", error->message);
    stop_host (task);
}

static void
stop_client (GTask *task)
{
    BureauWorkplace *self = g_task_get_source_object (task);
    if (self->client != NULL)
        bureau_client_stop_async (self->client, on_client_stopped_cb, task);
    else
        stop_host (task);
}

static void
on_token_cleared_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GError) error = NULL;
    if (!bureau_keyring_clear_finish (result, &error))
        g_message ("The keyring did not forget the sign-in: %s", error->message);
    stop_client (data);
}

static void
bureau_workplace_finalize (GObject *object)
{
    BureauWorkplace *self = BUREAU_WORKPLACE (object);
    g_clear_object (&self->client);
    g_clear_object (&self->host);
    g_clear_object (&self->accounts);
    g_clear_pointer (&self->account, bureau_account_free);
    g_free (self->problem);
    G_OBJECT_CLASS (bureau_workplace_parent_class)->finalize (object);
}

static void
bureau_workplace_class_init (BureauWorkplaceClass *klass)
{
    G_OBJECT_CLASS (klass)->finalize = bureau_workplace_finalize;

    signals[SIGNAL_SHARED_CHANGED] = g_signal_new ("shared-changed", BUREAU_TYPE_WORKPLACE,
                                                   G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                   G_TYPE_NONE, 0);
    signals[SIGNAL_PROBLEM] = g_signal_new ("problem", BUREAU_TYPE_WORKPLACE, G_SIGNAL_RUN_LAST, 0,
                                            NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
bureau_workplace_init (BureauWorkplace *self)
{
}

BureauClient *
bureau_workplace_get_client (BureauWorkplace *self)
{
    g_return_val_if_fail (BUREAU_IS_WORKPLACE (self), NULL);
    return self->client;
}

gboolean
bureau_workplace_is_host (BureauWorkplace *self)
{
    g_return_val_if_fail (BUREAU_IS_WORKPLACE (self), FALSE);
    return self->host != NULL;
}

char *
bureau_workplace_get_directory (BureauWorkplace *self)
{
    g_return_val_if_fail (BUREAU_IS_WORKPLACE (self), NULL);
    return self->host != NULL ? bureau_host_get_directory (bureau_host_get_office (self->host))
                              : NULL;
}

gboolean
bureau_workplace_is_serving (BureauWorkplace *self)
{
    g_return_val_if_fail (BUREAU_IS_WORKPLACE (self), FALSE);
    return self->host != NULL && bureau_host_get_uri (self->host) != NULL;
}

gint64
bureau_workplace_get_since (BureauWorkplace *self)
{
    g_return_val_if_fail (BUREAU_IS_WORKPLACE (self), 0);
    return self->host != NULL ? bureau_host_get_since (self->host) : 0;
}

void
bureau_workplace_sign_in_again_async (BureauWorkplace *self, const char *password,
                                      GCancellable *cancellable, GAsyncReadyCallback callback,
                                      gpointer data)
{
    g_return_if_fail (BUREAU_IS_WORKPLACE (self));
    GTask *task = g_task_new (self, cancellable, callback, data);
    g_task_set_source_tag (task, bureau_workplace_sign_in_again_async);
    bureau_account_sign_in_async (self->account->base_uri, self->account->pin,
                                  self->account->handle, password, g_get_host_name (), cancellable,
                                  on_signed_in_again_cb, task);
}

gboolean
bureau_workplace_sign_in_again_finish (BureauWorkplace *self, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean (G_TASK (result), error);
}

void
bureau_workplace_share_async (BureauWorkplace *self, gboolean shared, GAsyncReadyCallback callback,
                              gpointer data)
{
    g_return_if_fail (BUREAU_IS_WORKPLACE (self));
    g_return_if_fail (self->host != NULL);
    GTask *task = g_task_new (self, NULL, callback, data);
    g_task_set_source_tag (task, bureau_workplace_share_async);
    bureau_host_share_async (self->host, shared, on_shared_cb, task);
}

gboolean
bureau_workplace_share_finish (BureauWorkplace *self, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
bureau_workplace_get_shared (BureauWorkplace *self)
{
    g_return_val_if_fail (BUREAU_IS_WORKPLACE (self), FALSE);
    return self->host != NULL && bureau_host_get_shared (self->host);
}

char *
bureau_workplace_get_address (BureauWorkplace *self)
{
    g_return_val_if_fail (BUREAU_IS_WORKPLACE (self), NULL);
    return self->host != NULL ? bureau_host_get_address (self->host) : NULL;
}

const char *
bureau_workplace_get_pin (BureauWorkplace *self)
{
    g_return_val_if_fail (BUREAU_IS_WORKPLACE (self), "");
    return self->host != NULL ? bureau_host_get_pin (self->host) : self->account->pin;
}

char *
bureau_workplace_take_problem (BureauWorkplace *self)
{
    g_return_val_if_fail (BUREAU_IS_WORKPLACE (self), NULL);
    return g_steal_pointer (&self->problem);
}

void
bureau_workplace_forget (BureauWorkplace *self)
{
    g_return_if_fail (BUREAU_IS_WORKPLACE (self));
    self->is_forgotten = TRUE;
}

void
bureau_workplace_close_async (BureauWorkplace *self, GAsyncReadyCallback callback, gpointer data)
{
    g_return_if_fail (BUREAU_IS_WORKPLACE (self));
    GTask *task = g_task_new (self, NULL, callback, data);
    g_task_set_source_tag (task, bureau_workplace_close_async);
    if (self->is_forgotten)
        bureau_keyring_clear_async (self->account, NULL, on_token_cleared_cb, task);
    else
        stop_client (task);
}

gboolean
bureau_workplace_close_finish (BureauWorkplace *self, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean (G_TASK (result), error);
}
