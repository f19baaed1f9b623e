/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-client.h"

G_BEGIN_DECLS

typedef void (*BureauAddPersonFunc) (const char *name, BureauRole role, gpointer data);

/* Asks for somebody who is to be in the office before they join: they can be given tasks, and a
 * later invitation takes their place over. @func is called with what was typed, or not at all, as
 * long as @parent lives. */
void bureau_add_person_dialog_present (GtkWindow *parent, BureauAddPersonFunc func);

G_END_DECLS
