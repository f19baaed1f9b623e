/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-office-private.h"

#include <string.h>

#include "bureau-json.h"
#include "bureau-position.h"
#include "bureau-project.h"

/* So many deleted tasks can be shown again at once when the deletion is undone. */
#define MAX_DELETED 50

static int
compare_names (const char *a, const char *a_id, const char *b, const char *b_id)
{
    int order = g_utf8_collate (a ? a : "", b ? b : "");

    return order != 0 ? order : g_strcmp0 (a_id, b_id);
}

static int
compare_projects (gconstpointer a, gconstpointer b)
{
    BureauProject *one = (gpointer) a, *two = (gpointer) b;

    return compare_names (bureau_project_get_name (one), bureau_project_get_id (one),
                          bureau_project_get_name (two), bureau_project_get_id (two));
}

static int
compare_members (gconstpointer a, gconstpointer b)
{
    BureauMember *one = (gpointer) a, *two = (gpointer) b;

    return compare_names (bureau_member_get_name (one), bureau_member_get_id (one),
                          bureau_member_get_name (two), bureau_member_get_id (two));
}

static gboolean
is_project_listed (gpointer project)
{
    return !bureau_project_get_archived (project);
}

BureauOffice *
bureau_office_new (const char *user_id, const char *workspace_id, BureauOutbox *outbox)
{
    BureauOffice *office = g_new0 (BureauOffice, 1);

    office->user_id = g_strdup (user_id);
    office->workspace_id = g_strdup (workspace_id);
    office->outbox = outbox;
    office->rosters[BUREAU_KIND_TASK] = bureau_roster_new (BUREAU_TYPE_TASK, NULL, NULL);
    office->rosters[BUREAU_KIND_PROJECT] = bureau_roster_new (BUREAU_TYPE_PROJECT, compare_projects,
                                                              is_project_listed);
    office->rosters[BUREAU_KIND_MEMBER] = bureau_roster_new (BUREAU_TYPE_MEMBER, compare_members,
                                                             NULL);
    office->rosters[BUREAU_KIND_ENTRY] = bureau_roster_new (BUREAU_TYPE_TIME_ENTRY, NULL, NULL);
    office->touched = bureau_office_touched_new ();
    office->timers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
    office->presence = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    g_queue_init (&office->deleted);
    bureau_office_init_overlay (office);
    return office;
}

void
bureau_office_free (BureauOffice *office)
{
    for (int kind = 0; kind < BUREAU_N_KINDS; kind++)
        g_clear_object (&office->rosters[kind]);
    g_queue_clear_full (&office->deleted, (GDestroyNotify) json_object_unref);
    g_hash_table_unref (office->touched);
    g_hash_table_unref (office->timers);
    g_hash_table_unref (office->presence);
    g_free (office->user_id);
    g_free (office->workspace_id);
    g_free (office->name);
    g_free (office);
}

BureauRoster *
bureau_office_get_roster (BureauOffice *office, BureauKind kind)
{
    return office->rosters[kind];
}

const char *
bureau_office_get_name (BureauOffice *office)
{
    return office->name;
}

BureauTimeEntry *
bureau_office_find_timer (BureauOffice *office, const char *user_id)
{
    return user_id ? g_hash_table_lookup (office->timers, user_id) : NULL;
}

void
bureau_office_begin (BureauOffice *office)
{
    office->depth++;
    for (int kind = BUREAU_KIND_MEMBER; kind < BUREAU_N_KINDS; kind++)
        bureau_roster_begin (office->rosters[kind]);
}

void
bureau_office_end (BureauOffice *office)
{
    if (office->depth == 1 && office->names_changed)
        bureau_office_name_tasks (office);
    office->depth--;
    for (int kind = BUREAU_KIND_MEMBER; kind < BUREAU_N_KINDS; kind++)
        bureau_roster_end (office->rosters[kind]);
}

/* ------------------------------------------------------------------ showing */

/* Another entry of the person that runs, should there be one. */
static BureauTimeEntry *
find_other_timer (BureauOffice *office, const char *user_id)
{
    GHashTableIter iter;
    gpointer entry;

    bureau_roster_iter_init (office->rosters[BUREAU_KIND_ENTRY], &iter);
    while (g_hash_table_iter_next (&iter, NULL, &entry)) {
        if (bureau_time_entry_get_end_time (entry) == 0 &&
            g_strcmp0 (bureau_time_entry_get_user_id (entry), user_id) == 0)
            return entry;
    }
    return NULL;
}

/* @entry has changed or, if not @exists, is no longer shown. */
static void
follow_timer (BureauOffice *office, BureauTimeEntry *entry, gboolean exists)
{
    g_autofree char *user_id = g_strdup (bureau_time_entry_get_user_id (entry));
    BureauTimeEntry *timer = bureau_office_find_timer (office, user_id);

    if (exists && bureau_time_entry_get_end_time (entry) == 0) {
        /* Two may run for a moment, until the hub has told of the first one's end. */
        if (!timer ||
            bureau_time_entry_get_start_time (timer) <= bureau_time_entry_get_start_time (entry))
            g_hash_table_insert (office->timers, g_steal_pointer (&user_id), g_object_ref (entry));
        return;
    }
    if (timer != entry)
        return;
    g_hash_table_remove (office->timers, user_id);
    timer = find_other_timer (office, user_id);
    if (timer)
        g_hash_table_insert (office->timers, g_steal_pointer (&user_id), g_object_ref (timer));
}

/* Other people's time that has ended is no one's timer, and not mine. */
static gboolean
is_wanted (BureauOffice *office, BureauKind kind, gpointer object)
{
    return kind != BUREAU_KIND_ENTRY || bureau_time_entry_get_end_time (object) == 0 ||
           g_strcmp0 (bureau_time_entry_get_user_id (object), office->user_id) == 0;
}

static void
hide (BureauOffice *office, BureauKind kind, const char *id, gpointer object)
{
    g_autoptr (GObject) held = g_object_ref (object);

    bureau_roster_remove (office->rosters[kind], id);
    if (kind == BUREAU_KIND_ENTRY)
        follow_timer (office, object, FALSE);
}

static void
put (BureauOffice *office, BureauKind kind, const char *id, gpointer object)
{
    bureau_office_begin (office);
    if (kind == BUREAU_KIND_MEMBER)
        bureau_member_set_presence (object,
                                    GPOINTER_TO_INT (g_hash_table_lookup (office->presence, id)));
    if (kind == BUREAU_KIND_TASK)
        bureau_office_name_task (office, object);
    else if (kind == BUREAU_KIND_MEMBER || kind == BUREAU_KIND_PROJECT)
        office->names_changed = TRUE;
    bureau_roster_put (office->rosters[kind], id, object);
    bureau_office_end (office);
    if (kind == BUREAU_KIND_ENTRY)
        follow_timer (office, object, TRUE);
}

void
bureau_office_show (BureauOffice *office, BureauKind kind, const char *id, JsonObject *json,
                    gpointer spare)
{
    gpointer shown = bureau_roster_lookup (office->rosters[kind], id);
    g_autoptr (GObject) object = NULL;

    if (!shown && !json && !spare)
        return;
    if (shown)
        object = g_object_ref (shown);
    else if (spare)
        object = g_object_ref (spare);
    if (json && object && !bureau_kind_update_object (kind, object, json)) {
        g_debug ("A %s that can’t be understood: %s", bureau_kind_to_string (kind), id);
        return;
    }
    if (json && !object)
        object = bureau_kind_new_object (kind, json);
    if (!object)
        return;
    if (json && is_wanted (office, kind, object))
        put (office, kind, id, object);
    else if (shown)
        hide (office, kind, id, object);
}

void
bureau_office_adopt (BureauOffice *office, BureauKind kind, const char *id, gpointer object)
{
    if (is_wanted (office, kind, object))
        put (office, kind, id, object);
}

/* ------------------------------------------------------------------ presence */

void
bureau_office_set_presence (BureauOffice *office, const char *user_id, BureauPresence presence)
{
    BureauMember *member = bureau_roster_lookup (office->rosters[BUREAU_KIND_MEMBER], user_id);

    /* Of somebody whose member is not here yet, it is remembered. */
    g_hash_table_insert (office->presence, g_strdup (user_id), GINT_TO_POINTER (presence));
    if (member)
        bureau_member_set_presence (member, presence);
}

void
bureau_office_clear_presence (BureauOffice *office)
{
    g_autoptr (GPtrArray) all = bureau_roster_get_all (office->rosters[BUREAU_KIND_MEMBER]);

    g_hash_table_remove_all (office->presence);
    for (guint i = 0; i < all->len; i++)
        bureau_member_set_presence (all->pdata[i], BUREAU_PRESENCE_OFFLINE);
}

/* ------------------------------------------------------------------ what the overlay asks */

/* A neighbour for bureau_position_between(), which insists on valid ones. */
static const char *
valid_or_none (const char *position)
{
    return position && bureau_position_is_valid (position) ? position : NULL;
}

static char *
place (gpointer data, const char *project_id, BureauStatus status, const char *after,
       gboolean first, const char *id)
{
    BureauOffice *office = data;
    BureauTask *anchor = bureau_roster_lookup (office->rosters[BUREAU_KIND_TASK], after);
    const char *low = anchor ? valid_or_none (bureau_task_get_position (anchor)) : NULL;
    const char *high = NULL, *last = NULL;
    GHashTableIter iter;
    gpointer task;

    bureau_roster_iter_init (office->rosters[BUREAU_KIND_TASK], &iter);
    while (g_hash_table_iter_next (&iter, NULL, &task)) {
        const char *position = bureau_task_get_position (task);

        if (bureau_task_get_status (task) != status || !position || !*position ||
            strcmp (bureau_task_get_project_id (task), project_id) != 0 ||
            g_strcmp0 (bureau_task_get_id (task), id) == 0)
            continue;
        if (!last || strcmp (position, last) > 0)
            last = position;
        if ((!low || strcmp (position, low) > 0) && (!high || strcmp (position, high) < 0))
            high = position;
    }
    if (first)
        return bureau_position_between (NULL, valid_or_none (high));
    if (low)
        return bureau_position_between (low, valid_or_none (high));
    return bureau_position_between (valid_or_none (last), NULL);
}

static const char *
get_task_project (gpointer data, const char *task_id)
{
    BureauOffice *office = data;
    BureauTask *task = bureau_roster_lookup (office->rosters[BUREAU_KIND_TASK], task_id);

    return task ? bureau_task_get_project_id (task) : NULL;
}

static JsonObject *
get_deleted_task (gpointer data, const char *task_id)
{
    BureauOffice *office = data;
    JsonObject *confirmed = bureau_office_get_touched (office, BUREAU_KIND_TASK, task_id);

    /* The hub has not even heard of the deletion. */
    if (confirmed)
        return bureau_json_copy (confirmed);
    for (GList *link = office->deleted.head; link; link = link->next) {
        if (g_strcmp0 (bureau_json_get_string (link->data, "id"), task_id) == 0)
            return bureau_json_copy (link->data);
    }
    return NULL;
}

void
bureau_office_init_overlay (BureauOffice *office)
{
    office->overlay = (BureauOverlay){
        .user_id = office->user_id,
        .workspace_id = office->workspace_id,
        .data = office,
        .place = place,
        .get_task_project = get_task_project,
        .get_deleted_task = get_deleted_task,
    };
}

void
bureau_office_take_deleted (BureauOffice *office, JsonObject *task)
{
    g_queue_push_head (&office->deleted, task);
    if (office->deleted.length > MAX_DELETED)
        json_object_unref (g_queue_pop_tail (&office->deleted));
}

char *
bureau_office_find_deleted (BureauOffice *office, const char *task_id)
{
    for (GList *link = office->deleted.head; link; link = link->next) {
        if (g_strcmp0 (bureau_json_get_string (link->data, "id"), task_id) == 0)
            return g_strdup (bureau_json_get_string (link->data, "projectId"));
    }
    return NULL;
}
