/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-client.h"

#include "bureau-catalog.h"
#include "bureau-error.h"
#include "bureau-inquiry.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-kind.h"

#define MAX_ANSWER (256 * 1024)

typedef struct {
    BureauAccount *account; /* (owned): what is known of it before the answer */
    char *refresh_token;    /* (owned) (nullable) */
} Entry;

static void
entry_free (gpointer data)
{
    Entry *entry = data;

    bureau_account_free (entry->account);
    g_free (entry->refresh_token);
    g_free (entry);
}

/* ------------------------------------------------------------------ the answer */

/* What is no name is not shown as one. (transfer full) */
static char *
dup_name (JsonObject *object)
{
    const char *name = bureau_json_get_string (object, "name");

    return g_strdup (bureau_name_check (name, NULL) ? name : "");
}

static void
take_person (BureauAccount *account, JsonObject *user, JsonObject *workspace)
{
    account->user_id = g_strdup (bureau_kind_get_id (user));
    account->user_name = dup_name (user);
    account->handle = g_strdup (bureau_json_get_string (user, "handle"));
    account->workspace_id = g_strdup (bureau_kind_get_id (workspace));
    account->office_name = dup_name (workspace);
}

static gboolean
take_answer (Entry *entry, GBytes *bytes, GError **error)
{
    g_autoptr (JsonObject) answer = bureau_inquiry_parse_answer (bytes, error);
    JsonObject *user, *workspace;
    const char *token;

    if (!answer)
        return FALSE;
    user = bureau_json_get_object (answer, "user");
    workspace = bureau_json_get_object (answer, "workspace");
    token = bureau_json_get_string (answer, "refreshToken");
    if (!bureau_kind_get_id (user) || !bureau_kind_get_id (workspace) || !token) {
        bureau_inquiry_set_not_understood (error);
        return FALSE;
    }
    take_person (entry->account, user, workspace);
    entry->refresh_token = g_strdup (token);
    return TRUE;
}

static void
on_answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    GError *error = NULL;
    g_autoptr (GBytes) bytes = bureau_inquiry_finish (result, &error);

    if (bytes && take_answer (g_task_get_task_data (task), bytes, &error))
        g_task_return_boolean (task, TRUE);
    else
        g_task_return_error (task, error);
}

/* ------------------------------------------------------------------ the request */

/* A certificate has to be known before a name, a password or a secret goes anywhere. */
static gboolean
check_pin (const char *base_uri, const char *pin, GError **error)
{
    if (*pin || !g_str_has_prefix (base_uri, "https:"))
        return TRUE;
    bureau_error_set_invalid (
        error, "pin",
        "The office’s certificate is not known, so nothing was sent. Ask for a "
        "link to sign in with.");
    return FALSE;
}

/* Sends @params to the hub with @pin, and makes an account of the answer. Takes @task. */
static void
enter (GTask *task, const char *base_uri, const char *pin, const char *path, JsonObject *params)
{
    g_autoptr (SoupSession) soup = bureau_inquiry_session_new (pin);
    g_autofree char *body = bureau_json_object_to_string (params);
    Entry *entry = g_new0 (Entry, 1);
    GError *error = NULL;

    entry->account = g_new0 (BureauAccount, 1);
    entry->account->base_uri = g_strdup (base_uri);
    entry->account->pin = g_strdup (pin);
    entry->account->device_id = bureau_id_new ();
    g_task_set_task_data (task, entry, entry_free);
    if (!check_pin (base_uri, pin, &error)) {
        g_task_return_error (task, error);
        g_object_unref (task);
        return;
    }
    bureau_inquiry_async (soup, base_uri, "POST", path, NULL, body, MAX_ANSWER,
                          g_task_get_cancellable (task), on_answered_cb, task);
}

static BureauAccount *
enter_finish (GAsyncResult *result, char **refresh_token, GError **error)
{
    Entry *entry = g_task_get_task_data (G_TASK (result));

    if (!g_task_propagate_boolean (G_TASK (result), error))
        return NULL;
    if (refresh_token)
        *refresh_token = g_steal_pointer (&entry->refresh_token);
    return g_steal_pointer (&entry->account);
}

void
bureau_account_join_async (const BureauOffer *offer, const char *name, const char *password,
                           const char *device, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer data)
{
    GTask *task = g_task_new (NULL, cancellable, callback, data);
    g_autoptr (JsonObject) params = json_object_new ();

    g_task_set_source_tag (task, bureau_account_join_async);
    bureau_json_set_string (params, "code", offer->secret);
    bureau_json_set_string (params, "name", name);
    bureau_json_set_optional (params, "password", password);
    bureau_json_set_string (params, "device", device);
    enter (task, offer->base_uri, offer->pin, "/api/v1/auth/join", params);
}

BureauAccount *
bureau_account_join_finish (GAsyncResult *result, char **refresh_token, GError **error)
{
    return enter_finish (result, refresh_token, error);
}

void
bureau_account_sign_in_async (const char *base_uri, const char *pin, const char *handle,
                              const char *password, const char *device, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer data)
{
    GTask *task = g_task_new (NULL, cancellable, callback, data);
    g_autoptr (JsonObject) params = json_object_new ();

    g_task_set_source_tag (task, bureau_account_sign_in_async);
    bureau_json_set_string (params, "handle", handle);
    bureau_json_set_string (params, "password", password);
    bureau_json_set_string (params, "device", device);
    enter (task, base_uri, pin, "/api/v1/auth/login", params);
}

BureauAccount *
bureau_account_sign_in_finish (GAsyncResult *result, char **refresh_token, GError **error)
{
    return enter_finish (result, refresh_token, error);
}
