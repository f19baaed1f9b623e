/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-commands.h"

#include "bureau-authority.h"
#include "bureau-log-page.h"

gboolean
bureau_handle_sync_since (BureauCall *call, GError **error)
{
    const char *user_id = call->actor->user_id;

    if (!bureau_rates_take (call->authority->rates, BUREAU_RATE_READ, user_id, 0, error))
        return FALSE;
    call->text = bureau_log_answer_since (call->authority, user_id, call->params, error);
    return call->text != NULL;
}
