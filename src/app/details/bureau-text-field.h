/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A text edited in place and kept when one leaves it. Somebody else's change appears at once,
 * unless the person is just typing here: then a quiet chip says so and offers theirs.
 *
 * Properties: "one-line" (Enter keeps, Escape puts back), "required" (an emptied text is put back),
 * "placeholder", "max-length" (characters).
 * Signal: "commit": the person has changed the text; see bureau_text_field_get_text(). */
#define BUREAU_TYPE_TEXT_FIELD (bureau_text_field_get_type ())
G_DECLARE_FINAL_TYPE (BureauTextField, bureau_text_field, BUREAU, TEXT_FIELD, GtkWidget)

const char *bureau_text_field_get_text (BureauTextField *self);
/* The value as it is now for everybody. FALSE if the person is typing over another one, and goes on
 * with that. */
gboolean bureau_text_field_set_value (BureauTextField *self, const char *value);
/* Starts over with another thing's value: no cursor, no undo, no chip. */
void bureau_text_field_reset (BureauTextField *self, const char *value);
/* Who made the last change that set_value() told; for the chip. */
void bureau_text_field_set_changer (BureauTextField *self, const char *name);
/* Keeps what has been typed, as if one left the field. */
void bureau_text_field_commit (BureauTextField *self);
void bureau_text_field_focus (BureauTextField *self);
/* Whether the person may change it; they can always read and copy it. */
void bureau_text_field_set_editable (BureauTextField *self, gboolean editable);
void bureau_text_field_set_label (BureauTextField *self, const char *label);

G_END_DECLS
