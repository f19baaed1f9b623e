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
    /* The row claims to be the text, but only the text inside can have the focus. */
    g_object_set (row, "accessible-role", GTK_ACCESSIBLE_ROLE_LIST_ITEM, NULL);
    g_object_set (text, "accessible-role", GTK_ACCESSIBLE_ROLE_TEXT_BOX, NULL);
    gtk_accessible_update_property (GTK_ACCESSIBLE (text), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                    -1);
}

char *
bureau_row_get_text (GtkEditable *row)
{
    return g_strstrip (g_strdup (gtk_editable_get_text (row)));
}

void
bureau_row_limit_text (GtkEditable *row, int length)
{
    g_return_if_fail (ADW_IS_ENTRY_ROW (row));
    gtk_text_set_max_length (GTK_TEXT (gtk_editable_get_delegate (row)), length);
}
