/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* My running timer: on what, how long by the hub's clock, and stop. Hidden while none runs. */
#define BUREAU_TYPE_TIMER_PILL (bureau_timer_pill_get_type ())
G_DECLARE_FINAL_TYPE (BureauTimerPill, bureau_timer_pill, BUREAU, TIMER_PILL, GtkWidget)

GtkWidget *bureau_timer_pill_new (BureauClient *client);

/* "0:42:07". (transfer full) */
char *bureau_duration_to_text (gint64 seconds);

G_END_DECLS
