/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-client.h"

#include "bureau-error.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-kind.h"
#include "bureau-inquiry.h"
#include "bureau-socket.h"

#define MAX_ANSWER (256 * 1024)

typedef struct {
    BureauAccount *account; /* (owned): what is known of it before the answer */
    char *refresh_token;    /* (owned) (nullable) */
} Join;

static void
join_free (gpointer data)
{
    Join *join = data;

    bureau_account_free (join->account);
    g_free (join->refresh_token);
    g_free (join);
}

BureauAccount *
bureau_account_copy (const BureauAccount *account)
{
    BureauAccount *copy = g_new0 (BureauAccount, 1);

    copy->base_uri = g_strdup (account->base_uri);
    copy->pin = g_strdup (account->pin);
    copy->workspace_id = g_strdup (account->workspace_id);
    copy->office_name = g_strdup (account->office_name);
    copy->user_id = g_strdup (account->user_id);
    copy->user_name = g_strdup (account->user_name);
    copy->device_id = g_strdup (account->device_id);
    return copy;
}

void
bureau_account_free (BureauAccount *account)
{
    if (!account)
        return;
    g_free (account->base_uri);
    g_free (account->pin);
    g_free (account->workspace_id);
    g_free (account->office_name);
    g_free (account->user_id);
    g_free (account->user_name);
    g_free (account->device_id);
    g_free (account);
}

JsonObject *
bureau_account_to_json (const BureauAccount *account)
{
    JsonObject *json = json_object_new ();

    bureau_json_set_string (json, "baseUri", account->base_uri);
    bureau_json_set_string (json, "pin", account->pin);
    bureau_json_set_string (json, "workspaceId", account->workspace_id);
    bureau_json_set_string (json, "officeName", account->office_name);
    bureau_json_set_string (json, "userId", account->user_id);
    bureau_json_set_string (json, "userName", account->user_name);
    bureau_json_set_string (json, "deviceId", account->device_id);
    return json;
}

static gboolean
take_member (JsonObject *json, const char *name, char **place, GError **error)
{
    const char *value = bureau_json_get_string (json, name);

    *place = g_strdup (value);
    if (!value)
        bureau_error_set_invalid (error, name, "The account lacks “%s”.", name);
    return value != NULL;
}

BureauAccount *
bureau_account_new_from_json (JsonObject *json, GError **error)
{
    g_autoptr (BureauAccount) account = g_new0 (BureauAccount, 1);

    if (!take_member (json, "baseUri", &account->base_uri, error) ||
        !take_member (json, "pin", &account->pin, error) ||
        !take_member (json, "workspaceId", &account->workspace_id, error) ||
        !take_member (json, "officeName", &account->office_name, error) ||
        !take_member (json, "userId", &account->user_id, error) ||
        !take_member (json, "userName", &account->user_name, error) ||
        !take_member (json, "deviceId", &account->device_id, error))
        return NULL;
    return g_steal_pointer (&account);
}

/* ------------------------------------------------------------------ joining */

static gboolean
take_answer (Join *join, GBytes *bytes, GError **error)
{
    g_autoptr (JsonObject) answer = bureau_inquiry_parse (g_bytes_get_data (bytes, NULL),
                                                          g_bytes_get_size (bytes), error);
    JsonObject *user, *workspace;
    const char *token;

    if (!answer || !bureau_inquiry_check (answer, error))
        return FALSE;
    user = bureau_json_get_object (answer, "user");
    workspace = bureau_json_get_object (answer, "workspace");
    token = bureau_json_get_string (answer, "refreshToken");
    if (!bureau_kind_get_id (user) || !bureau_kind_get_id (workspace) || !token) {
        g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE,
                             "The office’s answer can’t be understood.");
        return FALSE;
    }
    join->account->user_id = g_strdup (bureau_json_get_string (user, "id"));
    join->account->workspace_id = g_strdup (bureau_json_get_string (workspace, "id"));
    join->account->office_name = g_strdup (bureau_json_get_string (workspace, "name"));
    if (bureau_json_get_string (user, "name")) {
        g_free (join->account->user_name);
        join->account->user_name = g_strdup (bureau_json_get_string (user, "name"));
    }
    if (!join->account->office_name)
        join->account->office_name = g_strdup ("");
    join->refresh_token = g_strdup (token);
    return TRUE;
}

static void
on_joined_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    GError *error = NULL;
    g_autoptr (GBytes) bytes = bureau_inquiry_finish (result, &error);

    if (bytes && take_answer (g_task_get_task_data (task), bytes, &error))
        g_task_return_boolean (task, TRUE);
    else
        g_task_return_error (task, error);
}

void
bureau_account_join_async (const BureauInvitation *invitation, const char *name, const char *device,
                           GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
    GTask *task = g_task_new (NULL, cancellable, callback, data);
    g_autoptr (SoupSession) soup = bureau_socket_session_new ();
    g_autoptr (JsonObject) params = json_object_new ();
    g_autofree char *body = NULL;
    Join *join = g_new0 (Join, 1);

    g_task_set_source_tag (task, bureau_account_join_async);
    join->account = g_new0 (BureauAccount, 1);
    join->account->base_uri = bureau_invitation_to_base_uri (invitation);
    join->account->pin = g_strdup (invitation->pin);
    join->account->user_name = g_strdup (name);
    join->account->device_id = bureau_id_new ();
    g_task_set_task_data (task, join, join_free);

    bureau_json_set_string (params, "code", invitation->secret);
    bureau_json_set_string (params, "name", name);
    bureau_json_set_string (params, "device", device);
    body = bureau_json_object_to_string (params);
    bureau_inquiry_async (soup, join->account->base_uri, "POST", "/api/v1/auth/join", NULL, body,
                          MAX_ANSWER, cancellable, on_joined_cb, task);
}

BureauAccount *
bureau_account_join_finish (GAsyncResult *result, char **refresh_token, GError **error)
{
    Join *join = g_task_get_task_data (G_TASK (result));

    if (!g_task_propagate_boolean (G_TASK (result), error))
        return NULL;
    if (refresh_token)
        *refresh_token = g_steal_pointer (&join->refresh_token);
    return g_steal_pointer (&join->account);
}
