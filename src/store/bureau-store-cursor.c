/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-store-private.h"

struct _BureauCursor {
    BureauRows *rows; /* (owned) */
    JsonObject *(*read) (BureauRows *rows);
};

BureauCursor *
bureau_cursor_new (BureauRows *rows, JsonObject *(*read) (BureauRows *rows))
{
    BureauCursor *cursor;

    if (rows == NULL)
        return NULL;
    cursor = g_new0 (BureauCursor, 1);
    cursor->rows = rows;
    cursor->read = read;
    return cursor;
}

void
bureau_cursor_free (BureauCursor *cursor)
{
    bureau_rows_release (cursor->rows);
    g_free (cursor);
}

JsonObject *
bureau_cursor_next (BureauCursor *cursor, GError **error)
{
    return bureau_rows_next (cursor->rows, error) ? cursor->read (cursor->rows) : NULL;
}

gboolean
bureau_cursor_foreach (BureauCursor *cursor, BureauStoreFunc func, gpointer data, GError **error)
{
    g_autoptr (GError) local_error = NULL;
    gboolean good = cursor != NULL;
    JsonObject *object;

    while (good && (object = bureau_cursor_next (cursor, &local_error)) != NULL) {
        good = func (object, data, &local_error);
        json_object_unref (object);
    }
    g_clear_pointer (&cursor, bureau_cursor_free);
    if (local_error == NULL)
        return good;
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
}
