/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* Tells the hub that its person is away after five minutes without input in the window, and online
 * again at the next touch (sync.md, Presence). */
#define BUREAU_TYPE_IDLE_WATCH (bureau_idle_watch_get_type ())
G_DECLARE_FINAL_TYPE (BureauIdleWatch, bureau_idle_watch, BUREAU, IDLE_WATCH, GObject)

/* Keeps neither of the two alive. */
BureauIdleWatch *bureau_idle_watch_new (GtkWidget *window, BureauClient *client);

G_END_DECLS
