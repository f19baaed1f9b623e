/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "widgets/bureau-entry-row.h"

void
bureau_row_name_text (GtkEditable *row)
{
    g_return_if_fail (ADW_IS_ENTRY_ROW (row));
    GtkEditable *text = gtk_editable_get_delegate (row);
    const char *title = adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row));
    gtk_accessible_update_property (GTK_ACCESSIBLE (text), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                    -1);
}
