/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-founding.h"

#include "bureau-error.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-people.h"
#include "bureau-sessions.h"

static gboolean
add_office (BureauStore *store, const guint8 *refresh_key, const char *office_name,
            const char *owner_name, const char *device, gint64 now, const char *user_id,
            const char *workspace_id, char **refresh_token, GError **error)
{
    g_autofree char *hub_id = bureau_id_new ();
    g_autofree char *epoch = bureau_id_new ();
    g_autofree char *session_id = bureau_id_new ();

    return bureau_store_set_meta (store, "hub", hub_id, error) &&
           bureau_store_set_meta (store, "epoch", epoch, error) &&
           bureau_store_add_workspace (store, workspace_id, office_name, now, error) &&
           bureau_people_add (store, user_id, owner_name, workspace_id, BUREAU_ROLE_OWNER, FALSE,
                              now, error) &&
           bureau_session_add (store, refresh_key, session_id, user_id, device, now, refresh_token,
                               error);
}

gboolean
bureau_founding_create_office (BureauStore *store, BureauAudit *audit, const guint8 *refresh_key,
                               const char *office_name, const char *owner_name, const char *device,
                               gint64 now, char **user_id, char **workspace_id,
                               char **refresh_token, GError **error)
{
    *user_id = bureau_id_new ();
    *workspace_id = bureau_id_new ();
    if (!bureau_store_begin (store, error))
        return FALSE;
    if (add_office (store, refresh_key, office_name, owner_name, device, now, *user_id,
                    *workspace_id, refresh_token, error) &&
        bureau_audit_write_creation (audit, store, BUREAU_AUDIT_OFFICE_CREATED, *workspace_id,
                                     *user_id, now, error) &&
        bureau_store_commit (store, error))
        return TRUE;

    bureau_store_rollback (store);
    return FALSE;
}

static gboolean
add_session (BureauStore *store, const guint8 *refresh_key, const char *device, gint64 now,
             char **user_id, char **workspace_id, char **refresh_token, GError **error)
{
    g_autofree char *session_id = bureau_id_new ();
    g_autoptr (JsonArray) workspaces = NULL;
    JsonObject *first;

    if (*user_id == NULL)
        *user_id = bureau_store_find_owner (store, NULL, error);
    workspaces = *user_id != NULL ? bureau_store_list_workspaces (store, *user_id, error) : NULL;
    first = workspaces != NULL ? bureau_json_array_get_object (workspaces, 0) : NULL;
    if (first == NULL) {
        if (error != NULL && *error == NULL)
            g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_NOT_FOUND,
                                 "There is nobody in this office to sign in as.");
        return FALSE;
    }
    *workspace_id = g_strdup (bureau_json_get_string (first, "id"));
    return bureau_session_add (store, refresh_key, session_id, *user_id, device, now, refresh_token,
                               error);
}

gboolean
bureau_founding_add_session (BureauStore *store, BureauAudit *audit, const guint8 *refresh_key,
                             const char *device, gint64 now, char **user_id, char **workspace_id,
                             char **refresh_token, GError **error)
{
    if (!bureau_store_begin (store, error))
        return FALSE;
    if (add_session (store, refresh_key, device, now, user_id, workspace_id, refresh_token,
                     error) &&
        bureau_audit_write_sign_in (audit, store, *user_id, now, error) &&
        bureau_store_commit (store, error))
        return TRUE;

    bureau_store_rollback (store);
    return FALSE;
}
