/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "hub.h"

G_BEGIN_DECLS

/* Asks whether the office in the file @path is to be served by this machine, once it has read that:
 * whose it is, from when, what is in it. Of one that can't be used it says why. */

/* @package: what was agreed to. */
typedef void (*BureauTakeOverFunc) (const BureauHubSummary *package, gpointer widget);

/* Over @widget's window; @func gets @widget, which is kept until then. */
void bureau_take_over_dialog_present (GtkWidget *widget, const char *path, BureauTakeOverFunc func);

G_END_DECLS
