/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "welcome/bureau-tile.h"

struct _BureauTile {
    GtkButton parent_instance;

    GtkImage *image;
    GtkLabel *title_label;
    GtkLabel *subtitle_label;
};

G_DEFINE_FINAL_TYPE (BureauTile, bureau_tile, GTK_TYPE_BUTTON)

enum { PROP_ICON = 1, PROP_TITLE, PROP_SUBTITLE, N_PROPS };

static GParamSpec *properties[N_PROPS];

static void
bureau_tile_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    BureauTile *self = BUREAU_TILE (object);
    const char *text = g_value_get_string (value);
    switch (id) {
    case PROP_ICON:
        gtk_image_set_from_icon_name (self->image, text);
        break;
    case PROP_TITLE:
        gtk_label_set_text (self->title_label, text);
        gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text,
                                        -1);
        break;
    case PROP_SUBTITLE:
        gtk_label_set_text (self->subtitle_label, text);
        gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                        text, -1);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bureau_tile_class_init (BureauTileClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS (klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
    GParamFlags flags = G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS;

    object_class->set_property = bureau_tile_set_property;
    properties[PROP_ICON] = g_param_spec_string ("icon", NULL, NULL, NULL, flags);
    properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
    properties[PROP_SUBTITLE] = g_param_spec_string ("subtitle", NULL, NULL, NULL, flags);
    g_object_class_install_properties (object_class, N_PROPS, properties);

    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-tile.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauTile, image);
    gtk_widget_class_bind_template_child (widget_class, BureauTile, title_label);
    gtk_widget_class_bind_template_child (widget_class, BureauTile, subtitle_label);
}

static void
bureau_tile_init (BureauTile *self)
{
    gtk_widget_init_template (GTK_WIDGET (self));
}
