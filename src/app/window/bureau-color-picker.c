/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "window/bureau-color-picker.h"

#include <glib/gi18n.h>

#include "window/bureau-color-dot.h"

struct _BureauColorPicker {
    GtkWidget parent_instance;

    GtkWidget *flow;
    GPtrArray *buttons; /* (element-type GtkToggleButton) (owned) */
    char *color;        /* (owned) */
};

G_DEFINE_FINAL_TYPE (BureauColorPicker, bureau_color_picker, GTK_TYPE_WIDGET)

enum { PROP_COLOR = 1, N_PROPS };

static GParamSpec *properties[N_PROPS];

static const struct {
    const char *color;
    const char *name;
} PALETTE[] = {
    { "#3584e4", N_ ("Blue") },   { "#2ec27e", N_ ("Green") }, { "#e66100", N_ ("Orange") },
    { "#9141ac", N_ ("Purple") }, { "#e01b24", N_ ("Red") },   { "#e5a50a", N_ ("Yellow") },
    { "#1f9ba8", N_ ("Teal") },   { "#986a44", N_ ("Brown") },
};

static void
on_button_toggled_cb (BureauColorPicker *self, GtkToggleButton *button)
{
    guint index;
    if (gtk_toggle_button_get_active (button) && g_ptr_array_find (self->buttons, button, &index))
        bureau_color_picker_set_color (self, PALETTE[index].color);
}

static void
add_color (BureauColorPicker *self, guint index)
{
    GtkWidget *button = gtk_toggle_button_new ();
    GtkWidget *dot = bureau_color_dot_new (22);
    const char *name = _ (PALETTE[index].name);

    bureau_color_dot_set_color (BUREAU_COLOR_DOT (dot), PALETTE[index].color);
    gtk_button_set_child (GTK_BUTTON (button), dot);
    gtk_widget_add_css_class (button, "circular");
    gtk_widget_add_css_class (button, "flat");
    gtk_widget_add_css_class (button, "color");
    gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
    gtk_widget_set_tooltip_text (button, name);
    gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                    -1);
    if (index > 0)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (button),
                                     g_ptr_array_index (self->buttons, 0));
    g_ptr_array_add (self->buttons, button);
    gtk_box_append (GTK_BOX (self->flow), button);
    g_signal_connect_object (button, "toggled", G_CALLBACK (on_button_toggled_cb), self,
                             G_CONNECT_SWAPPED);
}

static void
bureau_color_picker_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    switch (id) {
    case PROP_COLOR:
        g_value_set_string (value, BUREAU_COLOR_PICKER (object)->color);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bureau_color_picker_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    switch (id) {
    case PROP_COLOR:
        bureau_color_picker_set_color (BUREAU_COLOR_PICKER (object), g_value_get_string (value));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bureau_color_picker_dispose (GObject *object)
{
    BureauColorPicker *self = BUREAU_COLOR_PICKER (object);
    g_clear_pointer (&self->buttons, g_ptr_array_unref);
    g_clear_pointer (&self->flow, gtk_widget_unparent);
    g_clear_pointer (&self->color, g_free);
    G_OBJECT_CLASS (bureau_color_picker_parent_class)->dispose (object);
}

static void
bureau_color_picker_class_init (BureauColorPickerClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS (klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    object_class->get_property = bureau_color_picker_get_property;
    object_class->set_property = bureau_color_picker_set_property;
    object_class->dispose = bureau_color_picker_dispose;

    properties[PROP_COLOR] = g_param_spec_string ("color", NULL, NULL, NULL,
                                                  G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY |
                                                      G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties (object_class, N_PROPS, properties);
    gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
    gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
bureau_color_picker_init (BureauColorPicker *self)
{
    self->buttons = g_ptr_array_new ();
    self->flow = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2);
    gtk_box_set_homogeneous (GTK_BOX (self->flow), TRUE);
    gtk_widget_set_parent (self->flow, GTK_WIDGET (self));
    for (guint i = 0; i < G_N_ELEMENTS (PALETTE); i++)
        add_color (self, i);
}

const char *
bureau_color_picker_get_color (BureauColorPicker *self)
{
    g_return_val_if_fail (BUREAU_IS_COLOR_PICKER (self), NULL);
    return self->color;
}

void
bureau_color_picker_set_color (BureauColorPicker *self, const char *color)
{
    g_return_if_fail (BUREAU_IS_COLOR_PICKER (self));
    if (g_strcmp0 (self->color, color) == 0)
        return;
    g_free (self->color);
    self->color = g_strdup (color);
    for (guint i = 0; i < self->buttons->len; i++)
        gtk_toggle_button_set_active (g_ptr_array_index (self->buttons, i),
                                      g_strcmp0 (PALETTE[i].color, color) == 0);
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COLOR]);
}

const char *
bureau_color_picker_suggest (guint index)
{
    return PALETTE[index % G_N_ELEMENTS (PALETTE)].color;
}
