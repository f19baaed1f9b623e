/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-outbox.h"

#include "bureau-json.h"

struct _BureauOutbox {
    GQueue entries;    /* of BureauOutboxEntry (owned) */
    GHashTable *links; /* (owned): opId (the entry's) → GList link */
};

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
    g_free (entry->done_room);
    g_free (entry);
}

BureauOutbox *
bureau_outbox_new (void)
{
    BureauOutbox *outbox = g_new0 (BureauOutbox, 1);

    g_queue_init (&outbox->entries);
    outbox->links = g_hash_table_new (g_str_hash, g_str_equal);
    return outbox;
}

void
bureau_outbox_free (BureauOutbox *outbox)
{
    g_hash_table_unref (outbox->links);
    g_queue_clear_full (&outbox->entries, (GDestroyNotify) bureau_outbox_entry_free);
    g_free (outbox);
}

void
bureau_outbox_add (BureauOutbox *outbox, BureauOutboxEntry *entry)
{
    if (g_hash_table_contains (outbox->links, entry->op_id)) {
        bureau_outbox_entry_free (entry);
        return;
    }
    g_queue_push_tail (&outbox->entries, entry);
    g_hash_table_insert (outbox->links, entry->op_id, outbox->entries.tail);
}

void
bureau_outbox_prepend (BureauOutbox *outbox, GPtrArray *entries)
{
    for (guint i = entries->len; i > 0; i--) {
        BureauOutboxEntry *entry = entries->pdata[i - 1];

        if (g_hash_table_contains (outbox->links, entry->op_id)) {
            bureau_outbox_entry_free (entry);
            continue;
        }
        g_queue_push_head (&outbox->entries, entry);
        g_hash_table_insert (outbox->links, entry->op_id, outbox->entries.head);
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
    g_hash_table_remove (outbox->links, op_id);
    g_queue_delete_link (&outbox->entries, link);
    return entry;
}

BureauOutboxEntry *
bureau_outbox_get_next (BureauOutbox *outbox)
{
    for (GList *link = outbox->entries.head; link; link = link->next) {
        BureauOutboxEntry *entry = link->data;

        if (entry->state == BUREAU_OUTBOX_QUEUED)
            return entry;
        if (entry->state != BUREAU_OUTBOX_DONE)
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
            entry->state = BUREAU_OUTBOX_QUEUED;
    }
}

guint
bureau_outbox_get_waiting (BureauOutbox *outbox)
{
    guint waiting = 0;

    for (GList *link = outbox->entries.head; link; link = link->next) {
        const BureauOutboxEntry *entry = link->data;

        waiting += entry->state == BUREAU_OUTBOX_QUEUED || entry->state == BUREAU_OUTBOX_SENT;
    }
    return waiting;
}

GPtrArray *
bureau_outbox_get_settled (BureauOutbox *outbox, const char *room, gint64 seq)
{
    GPtrArray *settled = g_ptr_array_new_with_free_func (g_free);

    for (GList *link = outbox->entries.head; link; link = link->next) {
        const BureauOutboxEntry *entry = link->data;

        if (entry->state == BUREAU_OUTBOX_DONE && entry->done_seq <= seq &&
            g_strcmp0 (entry->done_room, room) == 0)
            g_ptr_array_add (settled, g_strdup (entry->op_id));
    }
    return settled;
}

const GList *
bureau_outbox_peek (BureauOutbox *outbox)
{
    return outbox->entries.head;
}
