/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-outbox.h"

#include "bureau-error.h"
#include "bureau-json.h"

struct _BureauOutbox {
    GQueue entries;    /* of BureauOutboxEntry (owned) */
    GHashTable *links; /* (owned): opId (the entry's) → GList link */
    GHashTable *about; /* (owned): target (owned) → GQueue (owned) of entries */
    guint n_in[BUREAU_N_OUTBOX_STATES];
    guint64 generation;
};

char *
bureau_outbox_error_to_text (const GError *error)
{
    g_autoptr (JsonObject) json = json_object_new ();

    bureau_json_set_string (json, "code", bureau_error_to_code (error));
    bureau_json_set_string (json, "message", error->message);
    return bureau_json_object_to_string (json);
}

GError *
bureau_outbox_error_from_text (const char *text)
{
    g_autoptr (JsonObject) json = bureau_json_parse_object (text, -1, NULL);
    const char *message = bureau_json_get_string (json, "message");

    return g_error_new_literal (BUREAU_ERROR,
                                bureau_error_from_code (bureau_json_get_string (json, "code")),
                                message ? message : "");
}

BureauOutboxEntry *
bureau_outbox_entry_new (const BureauCommand *command, JsonObject *params, const char *target,
                         gint64 given_at)
{
    BureauOutboxEntry *entry = g_new0 (BureauOutboxEntry, 1);

    entry->command = command;
    entry->params = params;
    entry->op_id = g_strdup (bureau_json_get_string (params, "opId"));
    entry->target = g_strdup (target);
    entry->given_at = given_at;
    return entry;
}

void
bureau_outbox_entry_free (BureauOutboxEntry *entry)
{
    g_free (entry->op_id);
    json_object_unref (entry->params);
    g_free (entry->target);
    g_free (entry->subject);
    g_clear_error (&entry->error);
    g_free (entry->done_room);
    g_free (entry);
}

BureauOutbox *
bureau_outbox_new (void)
{
    BureauOutbox *outbox = g_new0 (BureauOutbox, 1);

    g_queue_init (&outbox->entries);
    outbox->links = g_hash_table_new (g_str_hash, g_str_equal);
    outbox->about = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                           (GDestroyNotify) g_queue_free);
    return outbox;
}

void
bureau_outbox_free (BureauOutbox *outbox)
{
    g_hash_table_unref (outbox->about);
    g_hash_table_unref (outbox->links);
    g_queue_clear_full (&outbox->entries, (GDestroyNotify) bureau_outbox_entry_free);
    g_free (outbox);
}

/* Of the entries about @target, made if there are none yet. */
static GQueue *
ensure_about (BureauOutbox *outbox, const char *target)
{
    GQueue *about = g_hash_table_lookup (outbox->about, target);

    if (!about) {
        about = g_queue_new ();
        g_hash_table_insert (outbox->about, g_strdup (target), about);
    }
    return about;
}

static void
push_tail (BureauOutbox *outbox, BureauOutboxEntry *entry)
{
    g_queue_push_tail (&outbox->entries, entry);
    g_hash_table_insert (outbox->links, entry->op_id, outbox->entries.tail);
    if (entry->target)
        g_queue_push_tail (ensure_about (outbox, entry->target), entry);
    outbox->n_in[entry->state]++;
    outbox->generation++;
}

static void
push_head (BureauOutbox *outbox, BureauOutboxEntry *entry)
{
    g_queue_push_head (&outbox->entries, entry);
    g_hash_table_insert (outbox->links, entry->op_id, outbox->entries.head);
    if (entry->target)
        g_queue_push_head (ensure_about (outbox, entry->target), entry);
    outbox->n_in[entry->state]++;
    outbox->generation++;
}

static void
take (BureauOutbox *outbox, GList *link)
{
    BureauOutboxEntry *entry = link->data;
    GQueue *about = entry->target ? g_hash_table_lookup (outbox->about, entry->target) : NULL;

    g_hash_table_remove (outbox->links, entry->op_id);
    g_queue_delete_link (&outbox->entries, link);
    if (about)
        g_queue_remove (about, entry);
    if (about && g_queue_is_empty (about))
        g_hash_table_remove (outbox->about, entry->target);
    outbox->n_in[entry->state]--;
    outbox->generation++;
}

void
bureau_outbox_add (BureauOutbox *outbox, BureauOutboxEntry *entry)
{
    if (g_hash_table_contains (outbox->links, entry->op_id)) {
        bureau_outbox_entry_free (entry);
        return;
    }
    push_tail (outbox, entry);
}

void
bureau_outbox_prepend (BureauOutbox *outbox, GPtrArray *entries)
{
    for (guint i = entries->len; i > 0; i--) {
        BureauOutboxEntry *entry = entries->pdata[i - 1];

        if (g_hash_table_contains (outbox->links, entry->op_id))
            bureau_outbox_entry_free (entry);
        else
            push_head (outbox, entry);
    }
    g_ptr_array_set_free_func (entries, NULL);
    g_ptr_array_set_size (entries, 0);
}

BureauOutboxEntry *
bureau_outbox_lookup (BureauOutbox *outbox, const char *op_id)
{
    GList *link = op_id ? g_hash_table_lookup (outbox->links, op_id) : NULL;

    return link ? link->data : NULL;
}

BureauOutboxEntry *
bureau_outbox_steal (BureauOutbox *outbox, const char *op_id)
{
    GList *link = g_hash_table_lookup (outbox->links, op_id);
    BureauOutboxEntry *entry;

    if (!link)
        return NULL;
    entry = link->data;
    take (outbox, link);
    return entry;
}

/* ------------------------------------------------------------------ states */

void
bureau_outbox_set_state (BureauOutbox *outbox, BureauOutboxEntry *entry, BureauOutboxState state)
{
    /* Whether it is on its way to the disk, waits, or is on its way to the hub is all one to who
     * looks at the list. */
    if (MAX (entry->state, state) >= BUREAU_OUTBOX_DONE)
        outbox->generation++;
    outbox->n_in[entry->state]--;
    outbox->n_in[state]++;
    entry->state = state;
}

void
bureau_outbox_refuse (BureauOutbox *outbox, BureauOutboxEntry *entry, const GError *error)
{
    g_clear_error (&entry->error);
    entry->error = g_error_copy (error);
    bureau_outbox_set_state (outbox, entry, BUREAU_OUTBOX_REFUSED);
}

void
bureau_outbox_retry (BureauOutbox *outbox, BureauOutboxEntry *entry, BureauOutboxState state)
{
    take (outbox, g_hash_table_lookup (outbox->links, entry->op_id));
    g_clear_error (&entry->error);
    entry->attempts = 0;
    entry->state = state;
    push_tail (outbox, entry);
}

/* The things that the hub can't do @entry without, each by the name of its id. */
#define N_NEEDS 3

static void
list_needs (const BureauOutboxEntry *entry, const char *ids[N_NEEDS])
{
    ids[0] = entry->target;
    ids[1] = bureau_json_get_string (entry->params, "projectId");
    ids[2] = bureau_json_get_string (entry->params, "taskId");
}

static gboolean
needs (const BureauOutboxEntry *entry, const char *id)
{
    const char *ids[N_NEEDS];

    list_needs (entry, ids);
    return g_strcmp0 (ids[0], id) == 0 || g_strcmp0 (ids[1], id) == 0 ||
           g_strcmp0 (ids[2], id) == 0;
}

/* @made: ids */
static gboolean
needs_any (const BureauOutboxEntry *entry, GHashTable *made)
{
    const char *ids[N_NEEDS];
    gboolean found = FALSE;

    list_needs (entry, ids);
    for (guint i = 0; i < N_NEEDS && !found; i++)
        found = ids[i] && g_hash_table_contains (made, ids[i]);
    return found;
}

static void
add_to_family (GPtrArray *family, GHashTable *made, BureauOutboxEntry *entry)
{
    g_ptr_array_add (family, entry);
    if ((entry->command->flags & BUREAU_COMMAND_CREATES) && entry->target)
        g_hash_table_add (made, entry->target);
}

GPtrArray *
bureau_outbox_get_family (BureauOutbox *outbox, BureauOutboxEntry *entry)
{
    GPtrArray *family = g_ptr_array_new ();
    g_autoptr (GHashTable) made = g_hash_table_new (g_str_hash, g_str_equal);
    const GList *link = g_hash_table_lookup (outbox->links, entry->op_id);

    add_to_family (family, made, entry);
    for (link = link->next; link; link = link->next) {
        if (needs_any (link->data, made))
            add_to_family (family, made, link->data);
    }
    return family;
}

BureauOutboxEntry *
bureau_outbox_get_root (BureauOutbox *outbox, BureauOutboxEntry *entry)
{
    const GList *link = g_hash_table_lookup (outbox->links, entry->op_id);
    BureauOutboxEntry *root = entry;

    for (link = link->prev; link; link = link->prev) {
        BureauOutboxEntry *other = link->data;

        if (other->state == BUREAU_OUTBOX_REFUSED &&
            (other->command->flags & BUREAU_COMMAND_CREATES) && needs (root, other->target))
            root = other;
    }
    return root;
}

/* ------------------------------------------------------------------ what to do next */

BureauOutboxEntry *
bureau_outbox_get_next (BureauOutbox *outbox)
{
    for (GList *link = outbox->entries.head; link; link = link->next) {
        BureauOutboxEntry *entry = link->data;

        if (entry->state == BUREAU_OUTBOX_QUEUED)
            return entry;
        if (entry->state != BUREAU_OUTBOX_DONE && entry->state != BUREAU_OUTBOX_REFUSED)
            return NULL;
    }
    return NULL;
}

void
bureau_outbox_unsend (BureauOutbox *outbox)
{
    for (GList *link = outbox->entries.head; link; link = link->next) {
        BureauOutboxEntry *entry = link->data;

        if (entry->state == BUREAU_OUTBOX_SENT)
            bureau_outbox_set_state (outbox, entry, BUREAU_OUTBOX_QUEUED);
    }
}

GPtrArray *
bureau_outbox_doubt_done (BureauOutbox *outbox)
{
    GPtrArray *doubted = g_ptr_array_new ();

    for (GList *link = outbox->entries.head; link; link = link->next) {
        BureauOutboxEntry *entry = link->data;

        if (entry->state != BUREAU_OUTBOX_DONE)
            continue;
        g_clear_pointer (&entry->done_room, g_free);
        bureau_outbox_set_state (outbox, entry, BUREAU_OUTBOX_QUEUED);
        g_ptr_array_add (doubted, entry);
    }
    return doubted;
}

guint
bureau_outbox_get_waiting (BureauOutbox *outbox)
{
    return outbox->n_in[BUREAU_OUTBOX_QUEUED] + outbox->n_in[BUREAU_OUTBOX_SENT];
}

guint
bureau_outbox_get_refused (BureauOutbox *outbox)
{
    return outbox->n_in[BUREAU_OUTBOX_REFUSED];
}

guint64
bureau_outbox_get_generation (BureauOutbox *outbox)
{
    return outbox->generation;
}

GPtrArray *
bureau_outbox_get_settled (BureauOutbox *outbox, const char *room, gint64 seq)
{
    GPtrArray *settled = g_ptr_array_new_with_free_func (g_free);
    guint n_done = outbox->n_in[BUREAU_OUTBOX_DONE];

    for (GList *link = outbox->entries.head; link && n_done > 0; link = link->next) {
        const BureauOutboxEntry *entry = link->data;

        if (entry->state != BUREAU_OUTBOX_DONE)
            continue;
        n_done--;
        if (entry->done_seq <= seq && g_strcmp0 (entry->done_room, room) == 0)
            g_ptr_array_add (settled, g_strdup (entry->op_id));
    }
    return settled;
}

const GList *
bureau_outbox_peek (BureauOutbox *outbox)
{
    return outbox->entries.head;
}

const GList *
bureau_outbox_peek_about (BureauOutbox *outbox, const char *target)
{
    const GQueue *about = target ? g_hash_table_lookup (outbox->about, target) : NULL;

    return about ? about->head : NULL;
}
