/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-keyring.h"

#include <glib/gi18n.h>
#include <libsecret/secret.h>

static const SecretSchema *
get_schema (void)
{
    static const SecretSchema schema = {
        BUREAU_APP_ID ".Refresh",
        SECRET_SCHEMA_NONE,
        {
            { "hub", SECRET_SCHEMA_ATTRIBUTE_STRING },
            { "user", SECRET_SCHEMA_ATTRIBUTE_STRING },
            { "device", SECRET_SCHEMA_ATTRIBUTE_STRING },
            { NULL, 0 },
        },
    };
    return &schema;
}

#define ATTRIBUTES(account)                                                                        \
    "hub", (account)->pin, "user", (account)->user_id, "device", (account)->device_id, NULL

/* libsecret hands its own source object to callbacks, which is none: the result alone is enough. */
static void
on_store_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    GError *error = NULL;
    if (secret_password_store_finish (result, &error))
        g_task_return_boolean (task, TRUE);
    else if (error != NULL)
        g_task_return_error (task, error);
    else
        g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                                 "It was not unlocked");
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
bureau_keyring_store_async (const BureauAccount *account, const char *token,
                            GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
    g_return_if_fail (account != NULL && token != NULL);
    /* Translators: what the keyring's own window shows: a person at an office */
    g_autofree char *label = g_strdup_printf (_ ("Bureau: %s at %s"), account->user_name,
                                              account->office_name);
    GTask *task = g_task_new (NULL, cancellable, callback, data);
    g_task_set_source_tag (task, bureau_keyring_store_async);
    secret_password_store (get_schema (), SECRET_COLLECTION_DEFAULT, label, token, cancellable,
                           on_store_cb, task, ATTRIBUTES (account));
}

gboolean
bureau_keyring_store_finish (GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean (G_TASK (result), error);
}

void
bureau_keyring_lookup_async (const BureauAccount *account, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer data)
{
    g_return_if_fail (account != NULL);
    GTask *task = g_task_new (NULL, cancellable, callback, data);
    g_task_set_source_tag (task, bureau_keyring_lookup_async);
    secret_password_lookup (get_schema (), cancellable, on_lookup_cb, task, ATTRIBUTES (account));
}

char *
bureau_keyring_lookup_finish (GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer (G_TASK (result), error);
}

void
bureau_keyring_clear_async (const BureauAccount *account, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer data)
{
    g_return_if_fail (account != NULL);
    GTask *task = g_task_new (NULL, cancellable, callback, data);
    g_task_set_source_tag (task, bureau_keyring_clear_async);
    secret_password_clear (get_schema (), cancellable, on_clear_cb, task, ATTRIBUTES (account));
}

gboolean
bureau_keyring_clear_finish (GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean (G_TASK (result), error);
}
