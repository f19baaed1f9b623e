/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-authority.h"
#include "bureau-commands.h"
#include "bureau-json.h"
#include "bureau-store-audit.h"

#define DEFAULT_ROWS 100

gboolean
bureau_handle_audit_list (BureauCall *call, GError **error)
{
    g_autofree char *workspace_id = bureau_call_require_workspace (call, BUREAU_ROLE_MANAGER,
                                                                   error);
    JsonArray *entries;

    if (workspace_id == NULL)
        return FALSE;
    entries = bureau_store_list_audit (
        call->authority->store, workspace_id, bureau_json_get_int (call->params, "before", 0),
        bureau_json_get_int (call->params, "limit", DEFAULT_ROWS), error);
    if (entries == NULL)
        return FALSE;
    json_object_set_array_member (call->answer, "entries", entries);
    return TRUE;
}
