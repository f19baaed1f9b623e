/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-audit.h"
#include "bureau-authority.h"
#include "bureau-commands.h"
#include "bureau-error.h"
#include "bureau-json.h"
#include "bureau-sessions.h"
#include "bureau-store-sessions.h"

gboolean
bureau_handle_device_list (BureauCall *call, GError **error)
{
    gint64 now = bureau_authority_get_security_time (call->authority);
    JsonArray *devices = bureau_store_describe_sessions (
        call->authority->store, call->actor->user_id, now - BUREAU_SESSION_IDLE_MS,
        now - BUREAU_SESSION_LIFE_MS, error);

    if (devices == NULL)
        return FALSE;
    for (guint i = 0; i < json_array_get_length (devices); i++) {
        JsonObject *device = json_array_get_object_element (devices, i);

        json_object_set_boolean_member (
            device, "current",
            g_strcmp0 (bureau_json_get_string (device, "id"), call->actor->session_id) == 0);
    }
    json_object_set_array_member (call->answer, "devices", devices);
    return TRUE;
}

/* Somebody else's is not there, as far as they can tell. */
gboolean
bureau_handle_device_sign_out (BureauCall *call, GError **error)
{
    const char *id = bureau_json_get_string (call->params, "id");
    const char *user_id = call->actor->user_id;
    g_autoptr (GError) local_error = NULL;
    JsonObject *details;

    if (!bureau_store_is_session_live (call->authority->store, id, user_id, &local_error)) {
        if (local_error == NULL)
            g_set_error_literal (&local_error, BUREAU_ERROR, BUREAU_ERROR_NOT_FOUND,
                                 "You are not signed in on such a device.");
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    details = json_object_new ();
    bureau_json_set_string (details, "session", id);
    return bureau_call_end_sessions (call, user_id, id, NULL, "Signed out from another device",
                                     error) &&
           bureau_call_audit (call, NULL, BUREAU_AUDIT_DEVICE_SIGNED_OUT, user_id, details, error);
}
