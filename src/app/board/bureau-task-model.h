/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* A view's tasks: the client's, those that @matches lets through and that hold the filter text, in
 * the order of
 * @compare. Filter before sort (the other order costs sixty times as much for a change). It does
 * not follow changes by itself: its owner listens to BureauTaskWatch::changed and refreshes it, so
 * that the owner can look at the focus before and after. */
typedef gboolean (*BureauTaskMatchFunc) (BureauTask *task, gpointer data);

#define BUREAU_TYPE_TASK_MODEL (bureau_task_model_get_type ())
G_DECLARE_FINAL_TYPE (BureauTaskModel, bureau_task_model, BUREAU, TASK_MODEL, GObject)

/* @data is passed to both functions and must live as long as the model. */
BureauTaskModel *bureau_task_model_new (BureauClient *client, BureauTaskMatchFunc matches,
                                        GCompareDataFunc compare, gpointer data);
/* Sorted and filtered BureauTasks. (transfer none) */
GListModel *bureau_task_model_get_items (BureauTaskModel *self);
guint bureau_task_model_get_n_items (BureauTaskModel *self);
/* Position of @task, or GTK_INVALID_LIST_POSITION. */
guint bureau_task_model_find (BureauTaskModel *self, BureauTask *task);
/* The task at @position. (nullable) (transfer none): the client's models hold it */
BureauTask *bureau_task_model_get (BureauTaskModel *self, guint position);

/* Shows only tasks whose title, key or assignees hold all words of @text; NULL or "" for all. */
void bureau_task_model_set_text (BureauTaskModel *self, const char *text);
/* Looks at all tasks again and says once what changed. */
void bureau_task_model_refresh (BureauTaskModel *self);

G_END_DECLS
