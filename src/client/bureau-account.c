/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-client.h"

#include "bureau-error.h"
#include "bureau-json.h"

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
    copy->handle = g_strdup (account->handle);
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
    g_free (account->handle);
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
    bureau_json_set_optional (json, "handle", account->handle);
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
    account->handle = g_strdup (bureau_json_get_string (json, "handle"));
    return g_steal_pointer (&account);
}
