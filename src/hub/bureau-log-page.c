/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-log-page.h"

#include <string.h>

#include "bureau-authority.h"
#include "bureau-discretion.h"
#include "bureau-error.h"
#include "bureau-heads.h"
#include "bureau-json.h"

const char *
bureau_log_place_to_string (BureauLogPlace place)
{
    switch (place) {
    case BUREAU_LOG_BEHIND:
        return "behind";
    case BUREAU_LOG_AHEAD:
        return "ahead";
    case BUREAU_LOG_EPOCH:
        return "epoch";
    case BUREAU_LOG_GOOD:
    default:
        g_return_val_if_reached (NULL);
    }
}

gboolean
bureau_log_find_place (BureauAuthority *authority, const char *room, gint64 since,
                       const char *epoch, BureauLogPlace *place, gint64 *head, GError **error)
{
    gint64 floor;

    if (!bureau_store_get_span (authority->store, room, &floor, head, error))
        return FALSE;
    if (epoch != NULL && !g_str_equal (epoch, authority->epoch))
        *place = BUREAU_LOG_EPOCH;
    else if (since < floor)
        *place = BUREAU_LOG_BEHIND;
    else
        *place = since > *head ? BUREAU_LOG_AHEAD : BUREAU_LOG_GOOD;
    return TRUE;
}

/* ------------------------------------------------------------------ a page */

typedef struct {
    BureauLogPage *page;
    BureauDiscretion discretion;
    gint64 last;
    BureauLogFunc func;
    gpointer data;
} Filling;

gboolean
bureau_log_page_is_full (const BureauLogPage *page)
{
    return page->events >= page->limit || page->bytes >= BUREAU_MAX_EVENT_BYTES;
}

static gboolean
add_event (const char *name, gint64 seq, const char *payload, gpointer data)
{
    Filling *filling = data;
    BureauLogPage *page = filling->page;
    gsize length = strlen (payload);
    g_autofree char *less = NULL;

    /* What has no room any more has it on the next page, which begins with it. */
    if (page->events > 0 && page->bytes + length > BUREAU_MAX_EVENT_BYTES) {
        page->bytes = BUREAU_MAX_EVENT_BYTES;
        return FALSE;
    }
    page->events++;
    page->bytes += length;
    filling->last = seq;
    less = bureau_discretion_apply_event (&filling->discretion, payload);
    filling->func (name, less != NULL ? less : payload, filling->data);
    return TRUE;
}

gboolean
bureau_log_page_fill (BureauLogPage *page, BureauAuthority *authority, const char *room,
                      const char *user_id, gint64 *since, BureauLogFunc func, gpointer data,
                      GError **error)
{
    Filling filling = { .page = page, .last = *since, .func = func, .data = data };
    gsize before = page->bytes;

    if (bureau_log_page_is_full (page))
        return TRUE;
    if (!bureau_discretion_init (&filling.discretion, authority->store, room, user_id, error) ||
        !bureau_store_foreach_event (authority->store, room, *since, page->limit - page->events,
                                     add_event, &filling, error))
        return FALSE;
    bureau_rates_owe (authority->rates, BUREAU_RATE_READ, user_id,
                      (page->bytes - before) / 1024 + 1);
    *since = filling.last;
    return TRUE;
}

/* ------------------------------------------------------------------ an answer */

/* The event as it stands in the log, with its name before the rest: it is not read, only copied. */
static void
append_event (const char *name, const char *json, gpointer data)
{
    GString *out = data;

    if (out->str[out->len - 1] != '[')
        g_string_append_c (out, ',');
    g_string_append (out, "{\"event\":\"");
    g_string_append (out, name);
    g_string_append (out, "\",");
    g_string_append (out, json + strlen ("{"));
}

static gboolean
check_room (BureauAuthority *authority, const char *user_id, const char *room, GError **error)
{
    g_auto (GStrv) mine = bureau_list_rooms (authority->store, user_id, error);

    if (mine == NULL)
        return FALSE;
    if (g_strv_contains ((const char *const *) mine, room))
        return TRUE;
    g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN,
                         "You are not in this room, or it does not exist.");
    return FALSE;
}

char *
bureau_log_answer_since (BureauAuthority *authority, const char *user_id, JsonObject *params,
                         GError **error)
{
    const char *room = bureau_json_get_string (params, "room");
    gint64 since = bureau_json_get_int (params, "seq", 0), head;
    BureauLogPage page = { .limit = bureau_json_get_int (params, "limit", BUREAU_MAX_EVENTS) };
    g_autoptr (GString) out = g_string_new ("{\"ok\":true,\"events\":[");
    BureauLogPlace place;

    if (!check_room (authority, user_id, room, error) ||
        !bureau_log_find_place (authority, room, since, bureau_json_get_string (params, "epoch"),
                                &place, &head, error))
        return NULL;
    if (place != BUREAU_LOG_GOOD)
        since = head;
    else if (!bureau_log_page_fill (&page, authority, room, user_id, &since, append_event, out,
                                    error))
        return NULL;
    g_string_append_printf (out, "],\"room\":\"%s\",\"seq\":%" G_GINT64_FORMAT ",\"epoch\":\"%s\"",
                            room, since, authority->epoch);
    g_string_append (out, since < head ? ",\"more\":true" : ",\"more\":false");
    if (place != BUREAU_LOG_GOOD)
        g_string_append_printf (out, ",\"reset\":true,\"reason\":\"%s\"",
                                bureau_log_place_to_string (place));
    g_string_append_c (out, '}');
    return g_string_free (g_steal_pointer (&out), FALSE);
}
