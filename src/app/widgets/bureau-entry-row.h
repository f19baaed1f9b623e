/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Gives the text inside an AdwEntryRow the row's title as its accessible name: on the floor it has none. */
void bureau_row_name_text (GtkEditable *row);

G_END_DECLS
