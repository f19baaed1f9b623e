/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-commands.h"

#include "bureau-log-page.h"

gboolean
bureau_handle_sync_since (BureauCall *call, GError **error)
{
    call->text = bureau_log_answer_since (call->authority, call->actor->user_id, call->params,
                                          error);
    return call->text != NULL;
}
