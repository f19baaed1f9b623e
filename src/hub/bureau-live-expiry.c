/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* When a live connection may not go on: its token has expired and was not renewed, or its person is
 * signed out of its device (reliability.md, G10 and G11). */

#include "bureau-live.h"

#include "bureau-authority.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-timer.h"

#define CLOSE_EXPIRED    4401
#define CLOSE_SIGNED_OUT 4403

/* So long before, it is told. */
#define WARNING_MS 60000
/* Looks again at least so often: the wall clock may have been set forwards. */
#define MAX_WAIT_MS (60 * 1000)

/* ------------------------------------------------------------------ expiry */

static int
compare_due (gconstpointer a, gconstpointer b, gpointer data)
{
    const BureauLive *one = a, *other = b;

    return (one->due > other->due) - (one->due < other->due);
}

static gboolean
on_due_cb (gpointer data)
{
    BureauLiveTable *table = data;

    bureau_live_expire (table);
    return G_SOURCE_REMOVE;
}

/* For the first that is due. */
static void
wait (BureauLiveTable *table)
{
    gint64 now = bureau_authority_get_security_time (table->authority);
    BureauLive *first;

    bureau_timer_stop (&table->expiry);
    if (g_sequence_is_empty (table->expiring))
        return;
    first = g_sequence_get (g_sequence_get_begin_iter (table->expiring));
    bureau_timer_start (&table->expiry, CLAMP (first->due - now, 0, MAX_WAIT_MS), on_due_cb, table);
}

static gboolean
is_first (BureauLive *live)
{
    return g_sequence_iter_is_begin (live->place);
}

void
bureau_live_watch (BureauLiveTable *table, BureauLive *live)
{
    live->due = live->actor->expires_at - WARNING_MS;
    live->place = g_sequence_insert_sorted (table->expiring, live, compare_due, NULL);
    if (is_first (live))
        wait (table);
}

void
bureau_live_unwatch (BureauLive *live)
{
    g_clear_pointer (&live->place, g_sequence_remove);
}

void
bureau_live_renew (BureauLiveTable *table, BureauLive *live, gint64 expires_at)
{
    if (live->place == NULL || expires_at <= live->actor->expires_at)
        return;
    live->actor->expires_at = expires_at;
    bureau_live_unwatch (live);
    bureau_live_watch (table, live);
}

/* In the time of the hub's clock, as every other time that a client sees. */
static void
warn (BureauLiveTable *table, BureauLive *live, gint64 now)
{
    gint64 left = live->actor->expires_at - now;
    g_autoptr (JsonObject) fields = json_object_new ();
    g_autofree char *expires_at = bureau_instant_to_string (
        bureau_authority_now (table->authority) + left);

    bureau_json_set_string (fields, "expiresAt", expires_at);
    bureau_live_tell (live, BUREAU_EVENT_AUTH_EXPIRING, fields);
    live->due = live->actor->expires_at;
    g_sequence_sort_changed (live->place, compare_due, NULL);
}

static void
end (BureauLive *live)
{
    bureau_live_unwatch (live);
    bureau_connection_close (live->connection, CLOSE_EXPIRED, "The access token has expired");
}

void
bureau_live_expire (BureauLiveTable *table)
{
    gint64 now = bureau_authority_get_security_time (table->authority);

    while (!g_sequence_is_empty (table->expiring)) {
        BureauLive *live = g_sequence_get (g_sequence_get_begin_iter (table->expiring));

        if (live->due > now)
            break;
        if (live->actor->expires_at <= now)
            end (live);
        else
            warn (table, live, now);
    }
    wait (table);
    bureau_server_wake (table->authority->server);
}

void
bureau_live_stop_watching (BureauLiveTable *table)
{
    bureau_timer_stop (&table->expiry);
    g_clear_pointer (&table->expiring, g_sequence_free);
}

/* ------------------------------------------------------------------ signing out */

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
        bureau_live_unwatch (live);
        bureau_server_leave_all (table->authority->server, live->connection);
        bureau_connection_close (live->connection, CLOSE_SIGNED_OUT, reason);
    }
}
