/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* When a live connection may not go on: its person is signed out of its device. */

#include "bureau-live.h"

#include "bureau-authority.h"

#define CLOSE_SIGNED_OUT 4403

void
bureau_live_sign_out (BureauLiveTable *table, const char *user_id, const char *session_id,
                      const char *except, const char *reason)
{
    BureauPerson *person = g_hash_table_lookup (table->people, user_id);

    for (guint i = 0; person != NULL && i < person->lives->len; i++) {
        BureauLive *live = g_ptr_array_index (person->lives, i);

        if ((session_id != NULL && g_strcmp0 (live->actor->session_id, session_id) != 0) ||
            g_strcmp0 (live->actor->session_id, except) == 0)
            continue;
        bureau_server_leave_all (table->authority->server, live->connection);
        bureau_connection_close (live->connection, CLOSE_SIGNED_OUT, reason);
    }
}
