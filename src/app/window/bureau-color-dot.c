/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "window/bureau-color-dot.h"

struct _BureauColorDot {
    GtkWidget parent_instance;

    int size;
    GdkRGBA color;
};

G_DEFINE_FINAL_TYPE (BureauColorDot, bureau_color_dot, GTK_TYPE_WIDGET)

static const GdkRGBA GREY = { 0.6f, 0.6f, 0.6f, 1.0f };

static void
bureau_color_dot_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                          int *natural, int *minimum_baseline, int *natural_baseline)
{
    *minimum = *natural = BUREAU_COLOR_DOT (widget)->size;
}

static void
bureau_color_dot_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
    BureauColorDot *self = BUREAU_COLOR_DOT (widget);
    float x = (gtk_widget_get_width (widget) - self->size) / 2.0f;
    float y = (gtk_widget_get_height (widget) - self->size) / 2.0f;
    graphene_rect_t bounds = GRAPHENE_RECT_INIT (x, y, (float) self->size, (float) self->size);
    GskRoundedRect circle;

    gsk_rounded_rect_init_from_rect (&circle, &bounds, self->size / 2.0f);
    gtk_snapshot_push_rounded_clip (snapshot, &circle);
    gtk_snapshot_append_color (snapshot, &self->color, &bounds);
    gtk_snapshot_pop (snapshot);
}

static void
bureau_color_dot_class_init (BureauColorDotClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
    widget_class->measure = bureau_color_dot_measure;
    widget_class->snapshot = bureau_color_dot_snapshot;
    gtk_widget_class_set_css_name (widget_class, "dot");
    gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
bureau_color_dot_init (BureauColorDot *self)
{
    self->size = 12;
    self->color = GREY;
}

GtkWidget *
bureau_color_dot_new (int size)
{
    BureauColorDot *self = g_object_new (BUREAU_TYPE_COLOR_DOT, NULL);
    self->size = size;
    return GTK_WIDGET (self);
}

void
bureau_color_dot_set_color (BureauColorDot *self, const char *color)
{
    g_return_if_fail (BUREAU_IS_COLOR_DOT (self));
    if (color == NULL || !gdk_rgba_parse (&self->color, color))
        self->color = GREY;
    gtk_widget_queue_draw (GTK_WIDGET (self));
}
