/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "widgets/bureau-password-hint.h"

#include <glib/gi18n.h>

#include "bureau-catalog.h"

/* The characters that are recommended (reliability.md, 5). */
#define PLENTY 15

struct _BureauPasswordHint {
    AdwBin parent_instance;

    GtkEditable *row; /* (owned) (nullable) */

    GtkLevelBar *level;
    GtkLabel *label;
};

G_DEFINE_FINAL_TYPE (BureauPasswordHint, bureau_password_hint, ADW_TYPE_BIN)

/* (transfer full) */
static char *
make_text (const char *password)
{
    glong length = g_utf8_strlen (password, -1);

    if (strlen (password) > BUREAU_MAX_PASSWORD)
        return g_strdup (_ ("That is too long."));
    if (length == 0)
        return g_strdup_printf (_ ("At least %d characters. A few words make a good one."),
                                BUREAU_MIN_PASSWORD);
    if (length < BUREAU_MIN_PASSWORD)
        return g_strdup_printf (ngettext ("%d more character is needed.",
                                          "%d more characters are needed.",
                                          (gulong) (BUREAU_MIN_PASSWORD - length)),
                                (int) (BUREAU_MIN_PASSWORD - length));
    if (length < PLENTY)
        return g_strdup (_ ("Long enough. The longer, the stronger."));
    return g_strdup (_ ("Strong."));
}

static void
update (BureauPasswordHint *self)
{
    const char *password = gtk_editable_get_text (self->row);
    g_autofree char *text = make_text (password);
    glong length = g_utf8_strlen (password, -1);

    gtk_label_set_text (self->label, text);
    gtk_level_bar_set_value (self->level, MIN (length, PLENTY));
}

static void
bureau_password_hint_dispose (GObject *object)
{
    BureauPasswordHint *self = BUREAU_PASSWORD_HINT (object);
    g_clear_object (&self->row);
    G_OBJECT_CLASS (bureau_password_hint_parent_class)->dispose (object);
}

static void
bureau_password_hint_class_init (BureauPasswordHintClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
    G_OBJECT_CLASS (klass)->dispose = bureau_password_hint_dispose;

    gtk_widget_class_set_template_from_resource (widget_class, BUREAU_RESOURCE_BASE
                                                 "/ui/bureau-password-hint.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauPasswordHint, level);
    gtk_widget_class_bind_template_child (widget_class, BureauPasswordHint, label);
}

static void
bureau_password_hint_init (BureauPasswordHint *self)
{
    gtk_widget_init_template (GTK_WIDGET (self));
    gtk_level_bar_set_max_value (self->level, PLENTY);
    gtk_level_bar_add_offset_value (self->level, GTK_LEVEL_BAR_OFFSET_LOW, BUREAU_MIN_PASSWORD - 1);
    gtk_level_bar_add_offset_value (self->level, GTK_LEVEL_BAR_OFFSET_HIGH, PLENTY - 1);
    gtk_level_bar_add_offset_value (self->level, GTK_LEVEL_BAR_OFFSET_FULL, PLENTY);
}

void
bureau_password_hint_set_row (BureauPasswordHint *self, GtkEditable *row)
{
    g_return_if_fail (BUREAU_IS_PASSWORD_HINT (self));
    g_return_if_fail (self->row == NULL);
    self->row = g_object_ref (row);
    g_signal_connect_object (row, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
    update (self);
}

gboolean
bureau_password_hint_is_good (BureauPasswordHint *self)
{
    g_return_val_if_fail (BUREAU_IS_PASSWORD_HINT (self), FALSE);
    const char *password = gtk_editable_get_text (self->row);
    return g_utf8_strlen (password, -1) >= BUREAU_MIN_PASSWORD &&
           strlen (password) <= BUREAU_MAX_PASSWORD;
}
