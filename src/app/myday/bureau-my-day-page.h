/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* My open tasks of all projects: overdue, today, soon, and those without a date. What is due later
 * than in seven days waits in its project.
 *
 * Property: "count" (guint, read-only): how many there are. */
#define BUREAU_TYPE_MY_DAY_PAGE (bureau_my_day_page_get_type ())
G_DECLARE_FINAL_TYPE (BureauMyDayPage, bureau_my_day_page, BUREAU, MY_DAY_PAGE, GtkWidget)

GtkWidget *bureau_my_day_page_new (BureauClient *client);
guint bureau_my_day_page_get_count (BureauMyDayPage *self);

G_END_DECLS
