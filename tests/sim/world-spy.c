/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Who is put out of a room hears nothing more of it, not even what had been said before and was
 * still waiting (reliability.md, G10). The linker gives these functions in the place of the hub's
 * (--wrap). */

#include "world.h"

#include "bureau-live.h"

static World *watched;

void __real_bureau_live_join (BureauLiveTable *table, const char *room, const char *const *user_ids,
                              gint64 seq);
void __wrap_bureau_live_join (BureauLiveTable *table, const char *room, const char *const *user_ids,
                              gint64 seq);
void __real_bureau_live_leave (BureauLiveTable *table, const char *room,
                               const char *const *user_ids, const char *reason);
void __wrap_bureau_live_leave (BureauLiveTable *table, const char *room,
                               const char *const *user_ids, const char *reason);

void
world_watch (World *world)
{
    watched = world;
}

static void
set_allowed (const char *room, const char *const *user_ids, gboolean allowed)
{
    /* As an event begins. */
    g_autofree char *text = g_strdup_printf ("{\"room\":\"%s\",\"seq\":", room);

    for (guint i = 0; watched && i < watched->n_people; i++) {
        WorldPerson *person = &watched->people[i];

        if (!g_strv_contains (user_ids, person->account->user_id))
            continue;
        if (allowed)
            sim_relay_allow (person->relay, text);
        else
            sim_relay_forbid (person->relay, text);
    }
}

void
__wrap_bureau_live_join (BureauLiveTable *table, const char *room, const char *const *user_ids,
                         gint64 seq)
{
    set_allowed (room, user_ids, TRUE);
    __real_bureau_live_join (table, room, user_ids, seq);
}

void
__wrap_bureau_live_leave (BureauLiveTable *table, const char *room, const char *const *user_ids,
                          const char *reason)
{
    set_allowed (room, user_ids, FALSE);
    __real_bureau_live_leave (table, room, user_ids, reason);
}
