/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Makes the text inside an AdwEntryRow known to screen readers, by the row's title: on the floor it
 * has neither role nor name. To be called before the row is shown. */
void bureau_row_name_text (GtkEditable *row);
/* What was typed into @row, without the blanks around it. (transfer full) */
char *bureau_row_get_text (GtkEditable *row);
/* No more than @length characters go into @row, an AdwEntryRow. */
void bureau_row_limit_text (GtkEditable *row, int length);

G_END_DECLS
