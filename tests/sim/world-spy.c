/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What is said to whom. Who is put out of a room hears nothing more of it, not even what had been
 * said before and was still waiting (reliability.md, G10); and what a program has heard of a room
 * up to some event goes on with the next. The linker gives these functions in the place of the
 * hub's and the client's (--wrap). */

#include "world.h"

#include "bureau-json.h"
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
void __real_bureau_client_take_durable (BureauClient *client, const char *name, JsonObject *json);
void __wrap_bureau_client_take_durable (BureauClient *client, const char *name, JsonObject *json);

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

/* Whether it comes live or is caught up with. A program would find the gap and mend it, which is no
 * reason to leave one. */
void
__wrap_bureau_client_take_durable (BureauClient *client, const char *name, JsonObject *json)
{
    const char *where = bureau_json_get_string (json, "room");
    const BureauFollowed *room = where ? g_hash_table_lookup (client->rooms, where) : NULL;
    gint64 seq = bureau_json_get_int (json, "seq", 0);

    if (watched && room && room->have && !room->wanted && seq > room->seq + 1)
        world_fail (watched, "%s hears %" G_GINT64_FORMAT " of %s after %" G_GINT64_FORMAT,
                    client->account->user_id, seq, where, room->seq);
    __real_bureau_client_take_durable (client, name, json);
}
