/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "board/bureau-task-model.h"

struct _BureauTaskModel {
    GObject parent_instance;

    BureauTaskMatchFunc matches;
    GCompareDataFunc compare;
    gpointer data;
    char **words; /* (owned) (nullable): the filter text, folded */

    GtkCustomFilter *filter; /* (owned) */
    GtkCustomSorter *sorter; /* (owned) */
    GtkSortListModel *items; /* (owned) */
};

G_DEFINE_FINAL_TYPE (BureauTaskModel, bureau_task_model, G_TYPE_OBJECT)

static gboolean
has_word (const char *text, const char *word)
{
    g_autofree char *folded = NULL;

    if (text == NULL)
        return FALSE;
    folded = g_utf8_casefold (text, -1);
    return strstr (folded, word) != NULL;
}

static gboolean
filter_cb (gpointer item, gpointer data)
{
    BureauTaskModel *self = data;
    BureauTask *task = item;

    if (!self->matches (task, self->data))
        return FALSE;
    for (char **word = self->words; word != NULL && *word != NULL; word++)
        if (**word != '\0' && !has_word (bureau_task_get_title (task), *word) &&
            !has_word (bureau_task_get_key (task), *word) &&
            !has_word (bureau_task_get_assignee_name (task), *word))
            return FALSE;
    return TRUE;
}

static int
compare_cb (gconstpointer a, gconstpointer b, gpointer data)
{
    BureauTaskModel *self = data;
    int order = self->compare (a, b, self->data);

    return order < 0 ? GTK_ORDERING_SMALLER : order > 0 ? GTK_ORDERING_LARGER : GTK_ORDERING_EQUAL;
}

static void
bureau_task_model_dispose (GObject *object)
{
    BureauTaskModel *self = BUREAU_TASK_MODEL (object);

    g_clear_object (&self->items);
    /* Somebody may hold the filter longer than us; it must not call back into a dead model. */
    if (self->filter != NULL)
        gtk_custom_filter_set_filter_func (self->filter, NULL, NULL, NULL);
    if (self->sorter != NULL)
        gtk_custom_sorter_set_sort_func (self->sorter, NULL, NULL, NULL);
    g_clear_object (&self->filter);
    g_clear_object (&self->sorter);
    g_clear_pointer (&self->words, g_strfreev);
    G_OBJECT_CLASS (bureau_task_model_parent_class)->dispose (object);
}

static void
bureau_task_model_class_init (BureauTaskModelClass *klass)
{
    G_OBJECT_CLASS (klass)->dispose = bureau_task_model_dispose;
}

static void
bureau_task_model_init (BureauTaskModel *self)
{
}

BureauTaskModel *
bureau_task_model_new (BureauClient *client, BureauTaskMatchFunc matches, GCompareDataFunc compare,
                       gpointer data)
{
    BureauTaskModel *self = g_object_new (BUREAU_TYPE_TASK_MODEL, NULL);
    GtkFilterListModel *filtered;

    self->matches = matches;
    self->compare = compare;
    self->data = data;
    self->filter = gtk_custom_filter_new (filter_cb, self, NULL);
    self->sorter = gtk_custom_sorter_new (compare_cb, self, NULL);
    filtered = gtk_filter_list_model_new (g_object_ref (bureau_client_get_tasks (client)),
                                          GTK_FILTER (g_object_ref (self->filter)));
    self->items = gtk_sort_list_model_new (G_LIST_MODEL (filtered),
                                           GTK_SORTER (g_object_ref (self->sorter)));
    return self;
}

GListModel *
bureau_task_model_get_items (BureauTaskModel *self)
{
    return G_LIST_MODEL (self->items);
}

guint
bureau_task_model_get_n_items (BureauTaskModel *self)
{
    return g_list_model_get_n_items (G_LIST_MODEL (self->items));
}

guint
bureau_task_model_find (BureauTaskModel *self, BureauTask *task)
{
    guint n = bureau_task_model_get_n_items (self);

    for (guint i = 0; i < n; i++)
        if (bureau_task_model_get (self, i) == task)
            return i;
    return GTK_INVALID_LIST_POSITION;
}

BureauTask *
bureau_task_model_get (BureauTaskModel *self, guint position)
{
    g_autoptr (BureauTask) task = g_list_model_get_item (G_LIST_MODEL (self->items), position);

    return task;
}

void
bureau_task_model_set_text (BureauTaskModel *self, const char *text)
{
    g_autofree char *folded = g_utf8_casefold (text != NULL ? text : "", -1);

    g_strfreev (self->words);
    self->words = g_strsplit_set (folded, " \t", -1);
    gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
}

void
bureau_task_model_refresh (BureauTaskModel *self)
{
    gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
    gtk_sorter_changed (GTK_SORTER (self->sorter), GTK_SORTER_CHANGE_DIFFERENT);
}
