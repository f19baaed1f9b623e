/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-accounts.h"
#include "bureau-workplace.h"

G_BEGIN_DECLS

/* The window: the welcome page while there is no office, else the office's shell. It gives the
 * commands that are the window's (win.* actions) and says in toasts what others did.
 *
 * Signal "closed": it has been closed and its workplace has ended in good order. */
#define BUREAU_TYPE_WINDOW (bureau_window_get_type ())
G_DECLARE_FINAL_TYPE (BureauWindow, bureau_window, BUREAU, WINDOW, AdwApplicationWindow)

BureauWindow *bureau_window_new (GtkApplication *application, GSettings *settings,
                                 BureauAccounts *accounts);

G_END_DECLS
