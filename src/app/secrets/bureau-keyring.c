/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-keyring.h"

#include <libsecret/secret.h>

static const SecretSchema *
get_schema (void)
{
    static const SecretSchema schema = {
        BUREAU_APP_ID ".Refresh",
        SECRET_SCHEMA_NONE,
        {
            { "user", SECRET_SCHEMA_ATTRIBUTE_STRING },
            { NULL, 0 },
        },
    };
    return &schema;
}

/* libsecret hands its own source object to callbacks, which is none: the result alone is enough. */
static void
on_store_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    GError *error = NULL;
    if (secret_password_store_finish (result, &error))
        g_task_return_boolean (task, TRUE);
    else
        g_task_return_error (task, error);
}

static void
on_lookup_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    GError *error = NULL;
    char *token = secret_password_lookup_finish (result, &error);
    if (error != NULL)
        g_task_return_error (task, error);
    else
        g_task_return_pointer (task, token, (GDestroyNotify) secret_password_free);
}

static void
on_clear_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    GError *error = NULL;
    secret_password_clear_finish (result, &error);
    if (error != NULL)
        g_task_return_error (task, error);
    else
        g_task_return_boolean (task, TRUE);
}

void
bureau_keyring_store_async (const char *user_id, const char *label, const char *token,
                            GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
    g_return_if_fail (user_id != NULL && token != NULL);
    GTask *task = g_task_new (NULL, cancellable, callback, data);
    g_task_set_source_tag (task, bureau_keyring_store_async);
    secret_password_store (get_schema (), SECRET_COLLECTION_DEFAULT, label, token, cancellable,
                           on_store_cb, task, "user", user_id, NULL);
}

gboolean
bureau_keyring_store_finish (GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean (G_TASK (result), error);
}

void
bureau_keyring_lookup_async (const char *user_id, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer data)
{
    g_return_if_fail (user_id != NULL);
    GTask *task = g_task_new (NULL, cancellable, callback, data);
    g_task_set_source_tag (task, bureau_keyring_lookup_async);
    secret_password_lookup (get_schema (), cancellable, on_lookup_cb, task, "user", user_id, NULL);
}

char *
bureau_keyring_lookup_finish (GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer (G_TASK (result), error);
}

void
bureau_keyring_clear_async (const char *user_id, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer data)
{
    g_return_if_fail (user_id != NULL);
    GTask *task = g_task_new (NULL, cancellable, callback, data);
    g_task_set_source_tag (task, bureau_keyring_clear_async);
    secret_password_clear (get_schema (), cancellable, on_clear_cb, task, "user", user_id, NULL);
}

gboolean
bureau_keyring_clear_finish (GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean (G_TASK (result), error);
}
