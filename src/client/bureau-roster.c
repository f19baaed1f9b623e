/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-roster.h"

/* Up to so many removals are told one by one, which keeps a view's scroll position and selection.
 */
#define FEW 32

struct _BureauRoster {
    GObject parent_instance;

    GType item_type;
    GCompareFunc compare;      /* (nullable) */
    BureauRosterFilter listed; /* (nullable) */

    GHashTable *by_id;   /* (owned): id (owned) → object (owned) */
    GPtrArray *items;    /* (owned): the published list, of objects (owned) */
    GHashTable *shown;   /* (owned): set of the objects in `items` */
    GHashTable *coming;  /* (owned): set of objects (owned) to be added by the next publishing */
    GHashTable *leaving; /* (owned): set of objects (owned) to be removed by it */
    gboolean reorder;    /* an object that is shown has changed */
    guint depth;         /* of begin */
};

static void bureau_roster_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (BureauRoster, bureau_roster, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      bureau_roster_list_model_init))

static int
compare_items (gconstpointer a, gconstpointer b, gpointer data)
{
    BureauRoster *self = data;

    return self->compare (*(gconstpointer *) a, *(gconstpointer *) b);
}

/* Puts @items in the place of the published list and tells of the smallest range that differs. */
static void
replace_items (BureauRoster *self, GPtrArray *items)
{
    g_autoptr (GPtrArray) old = g_steal_pointer (&self->items);
    guint head = 0;
    guint tail = 0;
    guint shorter = MIN (old->len, items->len);

    while (head < shorter && old->pdata[head] == items->pdata[head])
        head++;
    while (tail < shorter - head &&
           old->pdata[old->len - 1 - tail] == items->pdata[items->len - 1 - tail])
        tail++;

    self->items = g_ptr_array_ref (items);
    if (old->len != head + tail || items->len != head + tail)
        g_list_model_items_changed (G_LIST_MODEL (self), head, old->len - head - tail,
                                    items->len - head - tail);
}

static void
rebuild (BureauRoster *self, GHashTable *coming, GHashTable *leaving)
{
    g_autoptr (GPtrArray) items = g_ptr_array_new_full (self->items->len, g_object_unref);
    GHashTableIter iter;
    gpointer object;

    for (guint i = 0; i < self->items->len; i++) {
        if (!g_hash_table_contains (leaving, self->items->pdata[i]))
            g_ptr_array_add (items, g_object_ref (self->items->pdata[i]));
    }
    g_hash_table_iter_init (&iter, coming);
    while (g_hash_table_iter_next (&iter, &object, NULL))
        g_ptr_array_add (items, g_object_ref (object));
    if (self->compare)
        g_ptr_array_sort_with_data (items, compare_items, self);

    replace_items (self, items);
}

static void
remove_few (BureauRoster *self, GHashTable *leaving)
{
    GHashTableIter iter;
    gpointer object;

    g_hash_table_iter_init (&iter, leaving);
    while (g_hash_table_iter_next (&iter, &object, NULL)) {
        guint index;

        if (g_ptr_array_find (self->items, object, &index)) {
            g_ptr_array_remove_index (self->items, index);
            g_list_model_items_changed (G_LIST_MODEL (self), index, 1, 0);
        }
    }
}

static void
append (BureauRoster *self, GHashTable *coming)
{
    guint old_length = self->items->len;
    GHashTableIter iter;
    gpointer object;

    g_hash_table_iter_init (&iter, coming);
    while (g_hash_table_iter_next (&iter, &object, NULL))
        g_ptr_array_add (self->items, g_object_ref (object));
    if (self->items->len != old_length)
        g_list_model_items_changed (G_LIST_MODEL (self), old_length, 0,
                                    self->items->len - old_length);
}

static GHashTable *
take_set (GHashTable **set)
{
    GHashTable *taken = g_steal_pointer (set);

    *set = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
    return taken;
}

static void
publish (BureauRoster *self)
{
    g_autoptr (GHashTable) coming = NULL;
    g_autoptr (GHashTable) leaving = NULL;
    GHashTableIter iter;
    gpointer object;
    gboolean reorder = self->reorder && self->compare;

    self->reorder = FALSE;
    if (g_hash_table_size (self->coming) == 0 && g_hash_table_size (self->leaving) == 0 && !reorder)
        return;

    /* Whoever listens may change us again, so that everything is taken over before anybody hears of
     * it. */
    coming = take_set (&self->coming);
    leaving = take_set (&self->leaving);
    g_hash_table_iter_init (&iter, leaving);
    while (g_hash_table_iter_next (&iter, &object, NULL))
        g_hash_table_remove (self->shown, object);
    g_hash_table_iter_init (&iter, coming);
    while (g_hash_table_iter_next (&iter, &object, NULL))
        g_hash_table_add (self->shown, object);

    if (self->compare || g_hash_table_size (leaving) > FEW) {
        rebuild (self, coming, leaving);
    } else {
        remove_few (self, leaving);
        append (self, coming);
    }
}

static void
change (BureauRoster *self, gpointer object, gboolean wanted)
{
    gboolean shown = g_hash_table_contains (self->shown, object);

    if (wanted) {
        g_hash_table_remove (self->leaving, object);
        if (!shown)
            g_hash_table_add (self->coming, g_object_ref (object));
        else
            self->reorder = TRUE;
    } else {
        g_hash_table_remove (self->coming, object);
        if (shown)
            g_hash_table_add (self->leaving, g_object_ref (object));
    }
    if (self->depth == 0)
        publish (self);
}

static GType
bureau_roster_get_item_type (GListModel *model)
{
    return BUREAU_ROSTER (model)->item_type;
}

static guint
bureau_roster_get_n_items (GListModel *model)
{
    return BUREAU_ROSTER (model)->items->len;
}

static gpointer
bureau_roster_get_item (GListModel *model, guint position)
{
    BureauRoster *self = BUREAU_ROSTER (model);

    return position < self->items->len ? g_object_ref (self->items->pdata[position]) : NULL;
}

static void
bureau_roster_list_model_init (GListModelInterface *iface)
{
    iface->get_item_type = bureau_roster_get_item_type;
    iface->get_n_items = bureau_roster_get_n_items;
    iface->get_item = bureau_roster_get_item;
}

static void
bureau_roster_finalize (GObject *object)
{
    BureauRoster *self = BUREAU_ROSTER (object);

    g_hash_table_unref (self->shown);
    g_hash_table_unref (self->coming);
    g_hash_table_unref (self->leaving);
    g_ptr_array_unref (self->items);
    g_hash_table_unref (self->by_id);
    G_OBJECT_CLASS (bureau_roster_parent_class)->finalize (object);
}

static void
bureau_roster_class_init (BureauRosterClass *klass)
{
    G_OBJECT_CLASS (klass)->finalize = bureau_roster_finalize;
}

static void
bureau_roster_init (BureauRoster *self)
{
    self->by_id = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
    self->items = g_ptr_array_new_with_free_func (g_object_unref);
    self->shown = g_hash_table_new (NULL, NULL);
    self->coming = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
    self->leaving = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
}

BureauRoster *
bureau_roster_new (GType item_type, GCompareFunc compare, BureauRosterFilter listed)
{
    BureauRoster *self = g_object_new (BUREAU_TYPE_ROSTER, NULL);

    self->item_type = item_type;
    self->compare = compare;
    self->listed = listed;
    return self;
}

gpointer
bureau_roster_lookup (BureauRoster *self, const char *id)
{
    g_return_val_if_fail (BUREAU_IS_ROSTER (self), NULL);
    return id ? g_hash_table_lookup (self->by_id, id) : NULL;
}

void
bureau_roster_put (BureauRoster *self, const char *id, gpointer object)
{
    gpointer old;

    g_return_if_fail (BUREAU_IS_ROSTER (self));
    g_return_if_fail (id != NULL && G_IS_OBJECT (object));

    old = g_hash_table_lookup (self->by_id, id);
    if (old && old != object)
        bureau_roster_remove (self, id);
    if (old != object)
        g_hash_table_insert (self->by_id, g_strdup (id), g_object_ref (object));
    change (self, object, self->listed == NULL || self->listed (object));
}

void
bureau_roster_remove (BureauRoster *self, const char *id)
{
    g_autoptr (GObject) object = NULL;
    gpointer found;

    g_return_if_fail (BUREAU_IS_ROSTER (self));

    found = g_hash_table_lookup (self->by_id, id);
    if (!found)
        return;
    object = g_object_ref (found);
    g_hash_table_remove (self->by_id, id);
    change (self, object, FALSE);
}

GPtrArray *
bureau_roster_get_all (BureauRoster *self)
{
    GPtrArray *all;
    GHashTableIter iter;
    gpointer object;

    g_return_val_if_fail (BUREAU_IS_ROSTER (self), NULL);

    all = g_ptr_array_new_full (g_hash_table_size (self->by_id), g_object_unref);
    g_hash_table_iter_init (&iter, self->by_id);
    while (g_hash_table_iter_next (&iter, NULL, &object))
        g_ptr_array_add (all, g_object_ref (object));
    return all;
}

void
bureau_roster_iter_init (BureauRoster *self, GHashTableIter *iter)
{
    g_hash_table_iter_init (iter, self->by_id);
}

void
bureau_roster_begin (BureauRoster *self)
{
    g_return_if_fail (BUREAU_IS_ROSTER (self));
    self->depth++;
}

void
bureau_roster_end (BureauRoster *self)
{
    g_return_if_fail (BUREAU_IS_ROSTER (self) && self->depth > 0);
    if (--self->depth == 0)
        publish (self);
}
