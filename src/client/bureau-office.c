/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-office-private.h"

#include <string.h>

#include "bureau-json.h"
#include "bureau-project.h"

/* An object that commands of the outbox concern. */
typedef struct {
    BureauKind kind;
    char *id;              /* (owned) */
    JsonObject *confirmed; /* (owned) (nullable): as the hub has it, NULL if it has none */
    GObject
        *object; /* (owned) (nullable): what stood for it last, so that it stays the same object */
} Touched;

static void
touched_free (gpointer data)
{
    Touched *touched = data;

    g_free (touched->id);
    g_clear_pointer (&touched->confirmed, json_object_unref);
    g_clear_object (&touched->object);
    g_free (touched);
}

GHashTable *
bureau_office_touched_new (void)
{
    return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, touched_free);
}

static char *
make_key (BureauKind kind, const char *id)
{
    return g_strdup_printf ("%d:%s", (int) kind, id);
}

static Touched *
find_touched (BureauOffice *office, BureauKind kind, const char *id)
{
    g_autofree char *key = make_key (kind, id);

    return g_hash_table_lookup (office->touched, key);
}

/* From now on the object's confirmed state is kept apart. */
static Touched *
touch (BureauOffice *office, BureauKind kind, const char *id)
{
    Touched *touched = find_touched (office, kind, id);
    gpointer object;

    if (touched)
        return touched;
    touched = g_new0 (Touched, 1);
    touched->kind = kind;
    touched->id = g_strdup (id);
    object = bureau_roster_lookup (office->rosters[kind], id);
    if (object)
        touched->confirmed = bureau_kind_to_json (kind, object);
    g_hash_table_insert (office->touched, make_key (kind, id), touched);
    return touched;
}

/* What has been refused is not part of what is shown. */
static gboolean
concerns (const BureauOutboxEntry *entry, BureauKind kind, const char *id)
{
    return entry->state != BUREAU_OUTBOX_REFUSED && bureau_overlay_concerns (entry, kind, id);
}

/* What of the outbox may concern the object, in order. */
static const GList *
peek_concerning (BureauOffice *office, BureauKind kind, const char *id)
{
    /* A timer's start stops another, whichever that is. */
    return kind == BUREAU_KIND_ENTRY ? bureau_outbox_peek (office->outbox)
                                     : bureau_outbox_peek_about (office->outbox, id);
}

static gboolean
is_concerned (BureauOffice *office, BureauKind kind, const char *id)
{
    for (const GList *link = peek_concerning (office, kind, id); link; link = link->next) {
        if (concerns (link->data, kind, id))
            return TRUE;
    }
    return FALSE;
}

/* TRUE if a command that concerns the object has not been answered. */
static gboolean
is_pending (BureauOffice *office, BureauKind kind, const char *id)
{
    for (const GList *link = peek_concerning (office, kind, id); link; link = link->next) {
        const BureauOutboxEntry *entry = link->data;

        if (entry->state != BUREAU_OUTBOX_DONE && concerns (entry, kind, id))
            return TRUE;
    }
    return FALSE;
}

/* The confirmed state with the outbox over it. (nullable) (transfer full) */
static JsonObject *
compute (BureauOffice *office, const Touched *touched)
{
    JsonObject *state = touched->confirmed ? bureau_json_copy (touched->confirmed) : NULL;

    for (const GList *link = peek_concerning (office, touched->kind, touched->id); link;
         link = link->next) {
        if (concerns (link->data, touched->kind, touched->id))
            state = bureau_overlay_apply (&office->overlay, link->data, touched->kind, touched->id,
                                          state);
    }
    return state;
}

/* Shows what the object @key stands for is now, and forgets it if the outbox no longer concerns it.
 * Whoever hears of the change may give another command, so that after showing everything is looked
 * up anew. */
static void
recompute (BureauOffice *office, const char *key)
{
    Touched *touched = g_hash_table_lookup (office->touched, key);
    g_autoptr (JsonObject) state = NULL;
    g_autoptr (GObject) spare = NULL;
    g_autofree char *id = NULL;
    BureauKind kind;
    gpointer object;

    if (!touched)
        return;
    kind = touched->kind;
    id = g_strdup (touched->id);
    object = bureau_roster_lookup (office->rosters[kind], id);
    if (object)
        g_set_object (&touched->object, object);
    if (touched->object)
        spare = g_object_ref (touched->object);
    state = compute (office, touched);
    bureau_office_show (office, kind, id, state, spare);

    object = bureau_roster_lookup (office->rosters[kind], id);
    if (object && kind == BUREAU_KIND_TASK)
        bureau_task_set_pending (object, is_pending (office, kind, id));
    if (!is_concerned (office, kind, id))
        g_hash_table_remove (office->touched, key);
}

static void
remember_deleted (BureauOffice *office, const char *id)
{
    const Touched *touched = find_touched (office, BUREAU_KIND_TASK, id);
    BureauTask *task = bureau_roster_lookup (office->rosters[BUREAU_KIND_TASK], id);

    if (touched && touched->confirmed)
        bureau_office_take_deleted (office, json_object_ref (touched->confirmed));
    else if (!touched && task)
        bureau_office_take_deleted (office, bureau_task_to_json (task));
}

void
bureau_office_confirm (BureauOffice *office, BureauKind kind, const char *id, JsonObject *json)
{
    g_autofree char *key = make_key (kind, id);
    Touched *touched;

    if (kind == BUREAU_KIND_WORKSPACE) {
        if (json && g_strcmp0 (id, office->workspace_id) == 0 &&
            bureau_json_get_string (json, "name")) {
            g_autofree char *old = g_steal_pointer (&office->name);

            office->name = g_strdup (bureau_json_get_string (json, "name"));
        }
        return;
    }
    if (!json && kind == BUREAU_KIND_TASK)
        remember_deleted (office, id);
    touched = find_touched (office, kind, id);
    if (!touched && is_concerned (office, kind, id))
        touched = touch (office, kind, id);
    if (!touched) {
        bureau_office_show (office, kind, id, json, NULL);
        return;
    }
    g_clear_pointer (&touched->confirmed, json_object_unref);
    touched->confirmed = json ? json_object_ref (json) : NULL;
    recompute (office, key);
}

/* ------------------------------------------------------------------ rooms */

/* TRUE if the object is one whose changes @room tells of. */
static gboolean
is_of_room (BureauOffice *office, BureauKind kind, gpointer object, const char *room)
{
    const char *id = strchr (room, ':');

    id = id ? id + 1 : "";
    switch (kind) {
    case BUREAU_KIND_TASK:
        return g_str_has_prefix (room, "project:") &&
               g_strcmp0 (bureau_task_get_project_id (object), id) == 0;
    case BUREAU_KIND_PROJECT:
        return g_str_has_prefix (room, "project:") &&
               g_strcmp0 (bureau_project_get_id (object), id) == 0;
    case BUREAU_KIND_MEMBER:
        return g_str_has_prefix (room, "workspace:") && g_strcmp0 (office->workspace_id, id) == 0;
    case BUREAU_KIND_ENTRY:
        return g_str_has_prefix (room, "time:") && g_strcmp0 (office->workspace_id, id) == 0;
    case BUREAU_KIND_WORKSPACE:
    case BUREAU_N_KINDS:
        break;
    }
    return FALSE;
}

static const char *
get_object_id (gpointer object)
{
    if (BUREAU_IS_TASK (object))
        return bureau_task_get_id (object);
    if (BUREAU_IS_PROJECT (object))
        return bureau_project_get_id (object);
    if (BUREAU_IS_MEMBER (object))
        return bureau_member_get_id (object);
    return bureau_time_entry_get_id (object);
}

typedef gboolean (*Judge) (BureauOffice *office, BureauKind kind, gpointer object, gpointer data);

/* Objects that the outbox hides, such as a task whose deletion waits. (transfer full) */
static GPtrArray *
get_hidden (BureauOffice *office, BureauKind kind)
{
    GPtrArray *hidden = g_ptr_array_new_with_free_func (g_object_unref);
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init (&iter, office->touched);
    while (g_hash_table_iter_next (&iter, NULL, &value)) {
        const Touched *touched = value;
        GObject *object;

        if (touched->kind != kind || !touched->confirmed ||
            bureau_roster_lookup (office->rosters[kind], touched->id))
            continue;
        /* What was deleted before the hub had heard of it has never been shown. */
        object = touched->object ? g_object_ref (touched->object)
                                 : bureau_kind_new_object (kind, touched->confirmed);
        if (object)
            g_ptr_array_add (hidden, object);
    }
    return hidden;
}

/* Confirms that the objects @unwanted says TRUE of are gone. What only the outbox has made stays.
 */
static void
confirm_gone (BureauOffice *office, Judge unwanted, gpointer data)
{
    bureau_office_begin (office);
    for (int kind = BUREAU_KIND_MEMBER; kind < BUREAU_N_KINDS; kind++) {
        g_autoptr (GPtrArray) all = bureau_roster_get_all (office->rosters[kind]);

        g_ptr_array_extend_and_steal (all, get_hidden (office, kind));
        for (guint i = 0; i < all->len; i++) {
            if (unwanted (office, kind, all->pdata[i], data))
                bureau_office_confirm (office, kind, get_object_id (all->pdata[i]), NULL);
        }
    }
    bureau_office_end (office);
}

static gboolean
is_in_room (BureauOffice *office, BureauKind kind, gpointer object, gpointer room)
{
    return is_of_room (office, kind, object, room);
}

void
bureau_office_drop_room (BureauOffice *office, const char *room)
{
    confirm_gone (office, is_in_room, (gpointer) room);
}

static gboolean
is_in_none (BureauOffice *office, BureauKind kind, gpointer object, gpointer rooms)
{
    for (const char *const *room = rooms; *room; room++) {
        if (is_of_room (office, kind, object, *room))
            return FALSE;
    }
    return TRUE;
}

void
bureau_office_keep_rooms (BureauOffice *office, const char *const *rooms)
{
    confirm_gone (office, is_in_none, (gpointer) rooms);
}

GHashTable *
bureau_office_list_versions (BureauOffice *office, const char *room)
{
    GHashTable *versions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr (GPtrArray) tasks = bureau_roster_get_all (office->rosters[BUREAU_KIND_TASK]);

    g_ptr_array_extend_and_steal (tasks, get_hidden (office, BUREAU_KIND_TASK));
    for (guint i = 0; i < tasks->len; i++) {
        const char *id = bureau_task_get_id (tasks->pdata[i]);
        gint64 version = bureau_office_get_confirmed_version (office, id);

        if (version > 0 && is_of_room (office, BUREAU_KIND_TASK, tasks->pdata[i], room))
            g_hash_table_insert (versions, g_strdup (id), g_memdup2 (&version, sizeof version));
    }
    return versions;
}

typedef struct {
    const char *room;
    GHashTable *keys; /* of what the snapshot holds */
} Replacement;

static gboolean
is_replaced (BureauOffice *office, BureauKind kind, gpointer object, gpointer data)
{
    const Replacement *replacement = data;
    g_autofree char *key = NULL;

    if (!is_of_room (office, kind, object, replacement->room))
        return FALSE;
    key = make_key (kind, get_object_id (object));
    return !g_hash_table_contains (replacement->keys, key);
}

static void
take_object (BureauOffice *office, const BureauSnapshotObject *object)
{
    const char *id = bureau_kind_get_id (object->value);

    if (object->object && !bureau_roster_lookup (office->rosters[object->kind], id) &&
        !find_touched (office, object->kind, id) && !is_concerned (office, object->kind, id))
        bureau_office_adopt (office, object->kind, id, object->object);
    else
        bureau_office_confirm (office, object->kind, id, object->value);
}

void
bureau_office_replace_room (BureauOffice *office, BureauSnapshotRoom *room)
{
    g_autoptr (GHashTable) keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    Replacement replacement = { room->room, keys };

    for (guint i = 0; i < room->objects->len; i++) {
        const BureauSnapshotObject *object = room->objects->pdata[i];

        g_hash_table_add (keys, make_key (object->kind, bureau_kind_get_id (object->value)));
    }
    bureau_office_begin (office);
    confirm_gone (office, is_replaced, &replacement);
    for (guint i = 0; i < room->objects->len; i++)
        take_object (office, room->objects->pdata[i]);
    bureau_office_end (office);
}

/* ------------------------------------------------------------------ the outbox */

/* Starting a timer also concerns those of mine that run. */
static void
touch_my_timers (BureauOffice *office)
{
    GHashTableIter iter;
    gpointer entry;

    bureau_roster_iter_init (office->rosters[BUREAU_KIND_ENTRY], &iter);
    while (g_hash_table_iter_next (&iter, NULL, &entry)) {
        if (bureau_time_entry_get_end_time (entry) == 0 &&
            g_strcmp0 (bureau_time_entry_get_user_id (entry), office->user_id) == 0)
            touch (office, BUREAU_KIND_ENTRY, bureau_time_entry_get_id (entry));
    }
}

/* What @entry concerns is kept apart from now on. */
static void
touch_concerned (BureauOffice *office, const BureauOutboxEntry *entry)
{
    int kind = bureau_overlay_get_kind (entry->command->id);

    if (kind < 0 || !entry->target || entry->state == BUREAU_OUTBOX_REFUSED)
        return;
    if (entry->command->id == BUREAU_COMMAND_TIMER_START)
        touch_my_timers (office);
    touch (office, kind, entry->target);
}

/* Keys of all the entries of time that are kept apart. (transfer full) */
static GPtrArray *
list_touched_time (BureauOffice *office)
{
    GPtrArray *keys = g_ptr_array_new_with_free_func (g_free);
    GHashTableIter iter;
    gpointer key, value;

    g_hash_table_iter_init (&iter, office->touched);
    while (g_hash_table_iter_next (&iter, &key, &value)) {
        if (((const Touched *) value)->kind == BUREAU_KIND_ENTRY)
            g_ptr_array_add (keys, g_strdup (key));
    }
    return keys;
}

static void
recompute_time (BureauOffice *office)
{
    g_autoptr (GPtrArray) keys = list_touched_time (office);

    for (guint i = 0; i < keys->len; i++)
        recompute (office, keys->pdata[i]);
}

static void
recompute_target (BureauOffice *office, const BureauOutboxEntry *entry)
{
    int kind = bureau_overlay_get_kind (entry->command->id);
    g_autofree char *key = kind >= 0 && entry->target ? make_key (kind, entry->target) : NULL;

    if (key)
        recompute (office, key);
}

static void
recompute_concerned (BureauOffice *office, const BureauOutboxEntry *entry)
{
    bureau_office_begin (office);
    if (entry->command->id == BUREAU_COMMAND_TIMER_START)
        recompute_time (office);
    else
        recompute_target (office, entry);
    bureau_office_end (office);
}

void
bureau_office_replay (BureauOffice *office, const BureauOutboxEntry *entry)
{
    touch_concerned (office, entry);
    recompute_concerned (office, entry);
}

void
bureau_office_replay_without (BureauOffice *office, const BureauOutboxEntry *entry)
{
    recompute_concerned (office, entry);
}

/* Each thing once, whatever the number of commands about it, in the order in which they came to be:
 * a task is put after one that is there. */
static void
replay_all (BureauOffice *office)
{
    const GList *all = bureau_outbox_peek (office->outbox);

    for (const GList *link = all; link; link = link->next)
        touch_concerned (office, link->data);
    for (const GList *link = all; link; link = link->next) {
        const BureauOutboxEntry *entry = link->data;
        const GList *about = bureau_outbox_peek_about (office->outbox, entry->target);

        if (about && about->data == entry)
            recompute_target (office, entry);
    }
    recompute_time (office);
}

/* A command given before the replica was read may concern it already. */
static void
load_object (BureauOffice *office, const BureauDiskObject *object)
{
    Touched *touched = find_touched (office, object->kind, object->id);

    if (touched && !touched->confirmed)
        touched->confirmed = bureau_kind_to_json (object->kind, object->object);
    bureau_office_adopt (office, object->kind, object->id, object->object);
}

void
bureau_office_load (BureauOffice *office, GPtrArray *objects)
{
    bureau_office_begin (office);
    for (guint i = 0; i < objects->len; i++) {
        const BureauDiskObject *object = objects->pdata[i];

        if (object->kind == BUREAU_KIND_WORKSPACE)
            bureau_office_confirm (office, object->kind, object->id, object->json);
        else if (object->object)
            load_object (office, object);
    }
    replay_all (office);
    bureau_office_end (office);
}

JsonObject *
bureau_office_get_touched (BureauOffice *office, BureauKind kind, const char *id)
{
    const Touched *touched = find_touched (office, kind, id);

    return touched ? touched->confirmed : NULL;
}

gint64
bureau_office_get_confirmed_version (BureauOffice *office, const char *task_id)
{
    const Touched *touched = find_touched (office, BUREAU_KIND_TASK, task_id);
    BureauTask *task = bureau_roster_lookup (office->rosters[BUREAU_KIND_TASK], task_id);

    if (touched)
        return bureau_json_get_int (touched->confirmed, "version", 0);
    return task ? bureau_task_get_version (task) : 0;
}

char *
bureau_office_get_confirmed_room (BureauOffice *office, BureauKind kind, const char *id)
{
    const Touched *touched = id ? find_touched (office, kind, id) : NULL;
    gpointer object = bureau_roster_lookup (office->rosters[kind], id);
    g_autoptr (JsonObject) json = NULL;

    if (touched && touched->confirmed)
        json = json_object_ref (touched->confirmed);
    else if (object)
        json = bureau_kind_to_json (kind, object);
    return json ? bureau_kind_get_room (kind, json, office->workspace_id) : NULL;
}
