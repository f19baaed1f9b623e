/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "window/bureau-adaptive-bin.h"

struct _BureauAdaptiveBin {
    AdwBin parent_instance;

    int minimum_width;
    int threshold;
    gboolean narrow;
    gboolean next_narrow;
    guint idle_id;
};

G_DEFINE_FINAL_TYPE (BureauAdaptiveBin, bureau_adaptive_bin, ADW_TYPE_BIN)

enum { PROP_MINIMUM_WIDTH = 1, PROP_THRESHOLD, PROP_NARROW, N_PROPS };

static GParamSpec *properties[N_PROPS];

/* Widgets can't be rearranged while they are being given their places: it is done before the next
 * frame. */
static gboolean
on_idle_cb (gpointer data)
{
    BureauAdaptiveBin *self = data;
    self->idle_id = 0;
    if (self->narrow != self->next_narrow) {
        self->narrow = self->next_narrow;
        g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NARROW]);
    }
    return G_SOURCE_REMOVE;
}

static void
bureau_adaptive_bin_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                             int *minimum, int *natural, int *minimum_baseline,
                             int *natural_baseline)
{
    BureauAdaptiveBin *self = BUREAU_ADAPTIVE_BIN (widget);
    GtkWidget *child = adw_bin_get_child (ADW_BIN (widget));
    *minimum = *natural = 0;
    if (child == NULL)
        return;

    if (orientation == GTK_ORIENTATION_HORIZONTAL) {
        gtk_widget_measure (child, orientation, -1, NULL, natural, NULL, NULL);
        *minimum = self->minimum_width;
        *natural = MAX (*natural, *minimum);
        return;
    }
    int child_width = 0;
    if (for_size >= 0) {
        gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &child_width, NULL, NULL, NULL);
        child_width = MAX (child_width, for_size);
    } else {
        child_width = -1;
    }
    gtk_widget_measure (child, orientation, child_width, minimum, natural, NULL, NULL);
}

static void
bureau_adaptive_bin_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
    BureauAdaptiveBin *self = BUREAU_ADAPTIVE_BIN (widget);
    GtkWidget *child = adw_bin_get_child (ADW_BIN (widget));

    self->next_narrow = width < self->threshold;
    if (self->next_narrow != self->narrow && self->idle_id == 0)
        self->idle_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE, on_idle_cb, self, NULL);
    if (child == NULL)
        return;

    int least = 0;
    gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
    gtk_widget_allocate (child, MAX (width, least), height, baseline, NULL);
}

static void
bureau_adaptive_bin_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    BureauAdaptiveBin *self = BUREAU_ADAPTIVE_BIN (object);
    switch (id) {
    case PROP_MINIMUM_WIDTH:
        g_value_set_int (value, self->minimum_width);
        break;
    case PROP_THRESHOLD:
        g_value_set_int (value, self->threshold);
        break;
    case PROP_NARROW:
        g_value_set_boolean (value, self->narrow);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bureau_adaptive_bin_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    BureauAdaptiveBin *self = BUREAU_ADAPTIVE_BIN (object);
    switch (id) {
    case PROP_MINIMUM_WIDTH:
        self->minimum_width = g_value_get_int (value);
        break;
    case PROP_THRESHOLD:
        self->threshold = g_value_get_int (value);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
        return;
    }
    gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
bureau_adaptive_bin_dispose (GObject *object)
{
    BureauAdaptiveBin *self = BUREAU_ADAPTIVE_BIN (object);
    g_clear_handle_id (&self->idle_id, g_source_remove);
    G_OBJECT_CLASS (bureau_adaptive_bin_parent_class)->dispose (object);
}

static void
bureau_adaptive_bin_class_init (BureauAdaptiveBinClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS (klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    object_class->get_property = bureau_adaptive_bin_get_property;
    object_class->set_property = bureau_adaptive_bin_set_property;
    object_class->dispose = bureau_adaptive_bin_dispose;
    widget_class->measure = bureau_adaptive_bin_measure;
    widget_class->size_allocate = bureau_adaptive_bin_size_allocate;

    properties[PROP_MINIMUM_WIDTH] = g_param_spec_int ("minimum-width", NULL, NULL, 0, G_MAXINT, 0,
                                                       G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
    properties[PROP_THRESHOLD] = g_param_spec_int ("threshold", NULL, NULL, 0, G_MAXINT, 0,
                                                   G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
    properties[PROP_NARROW] = g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                                                    G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY |
                                                        G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
bureau_adaptive_bin_init (BureauAdaptiveBin *self)
{
    gtk_widget_set_layout_manager (GTK_WIDGET (self), NULL);
    gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

gboolean
bureau_adaptive_bin_get_narrow (BureauAdaptiveBin *self)
{
    g_return_val_if_fail (BUREAU_IS_ADAPTIVE_BIN (self), FALSE);
    return self->narrow;
}
