/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "board/bureau-column-strip.h"

#include <adwaita.h>

#define MIN_COLUMN_WIDTH 228
#define MAX_COLUMN_WIDTH 520
/* Of the next column, where not all fit: a hint that there is more. */
#define PEEK 18
/* Scrolled by more than this part of a column, the strip goes on to the next one. */
#define SNAP_THRESHOLD 0.12
#define SNAP_DELAY_MS  220
#define SNAP_MS        180
/* While something is dragged this near to an edge, the strip scrolls that way. */
#define DRAG_EDGE 48
#define DRAG_STEP 6

struct _BureauColumnStrip {
    GtkWidget parent_instance;

    GtkAdjustment *hadjustment; /* (owned) (nullable) */
    GtkAdjustment *vadjustment; /* (owned) (nullable) */
    GtkScrollablePolicy hpolicy;
    GtkScrollablePolicy vpolicy;
    AdwAnimation *animation; /* (owned) (nullable) */
    guint snap_id;
    guint drag_tick_id;
    int drag_direction;
    int column_width;   /* as allocated last; 0 before */
    double rest_offset; /* where the strip last came to rest */
    gboolean allocating;
};

enum { PROP_HADJUSTMENT = 1, PROP_VADJUSTMENT, PROP_HSCROLL_POLICY, PROP_VSCROLL_POLICY };

G_DEFINE_FINAL_TYPE_WITH_CODE (BureauColumnStrip, bureau_column_strip, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SCROLLABLE, NULL))

static guint
count_columns (BureauColumnStrip *self)
{
    guint n = 0;

    for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self)); child != NULL;
         child = gtk_widget_get_next_sibling (child))
        n += gtk_widget_should_layout (child);
    return n;
}

/* -------------------------------------------------------------- scrolling */

/* How far the first column has been scrolled out, in the direction of the text. The adjustment
 * counts from the left always, so where text runs from right to left it is turned round; the same
 * turns it back. */
static double
turn (BureauColumnStrip *self, double value)
{
    if (gtk_widget_get_direction (GTK_WIDGET (self)) != GTK_TEXT_DIR_RTL)
        return value;
    return gtk_adjustment_get_upper (self->hadjustment) -
           gtk_adjustment_get_page_size (self->hadjustment) - value;
}

static double
get_offset (BureauColumnStrip *self)
{
    return turn (self, gtk_adjustment_get_value (self->hadjustment));
}

static double
get_last_offset (BureauColumnStrip *self)
{
    return gtk_adjustment_get_upper (self->hadjustment) -
           gtk_adjustment_get_page_size (self->hadjustment);
}

static void
scroll_cb (double offset, gpointer data)
{
    BureauColumnStrip *self = data;

    if (self->hadjustment != NULL)
        gtk_adjustment_set_value (self->hadjustment, turn (self, offset));
}

static void
scroll_to (BureauColumnStrip *self, double offset)
{
    double from = get_offset (self);

    offset = CLAMP (offset, 0, get_last_offset (self));
    self->rest_offset = offset;
    if (ABS (from - offset) < 1)
        return;
    g_clear_object (&self->animation);
    self->animation = adw_timed_animation_new (
        GTK_WIDGET (self), from, offset, SNAP_MS,
        adw_callback_animation_target_new (scroll_cb, self, NULL));
    adw_animation_play (self->animation);
}

/* The column's edge to come to rest on, in the direction of the movement. */
static double
find_rest (BureauColumnStrip *self, double offset)
{
    int column = (int) (offset / self->column_width);
    double moved = (offset - self->rest_offset) / self->column_width;
    double over = offset / self->column_width - column;

    if (moved > SNAP_THRESHOLD)
        column += over > 0;
    else if (moved >= -SNAP_THRESHOLD)
        column += over >= 0.5;
    return column * self->column_width;
}

static gboolean
snap_cb (gpointer data)
{
    BureauColumnStrip *self = data;
    double offset = get_offset (self);

    self->snap_id = 0;
    /* At the very end it rests too, though no column begins there. */
    if (self->column_width > 0 && self->drag_tick_id == 0 && offset < get_last_offset (self))
        scroll_to (self, find_rest (self, offset));
    else
        self->rest_offset = offset;
    return G_SOURCE_REMOVE;
}

static gboolean
is_animating (BureauColumnStrip *self)
{
    return self->animation != NULL &&
           adw_animation_get_state (self->animation) == ADW_ANIMATION_PLAYING;
}

static void
on_value_changed_cb (BureauColumnStrip *self)
{
    if (self->allocating)
        return;
    gtk_widget_queue_allocate (GTK_WIDGET (self));
    g_clear_handle_id (&self->snap_id, g_source_remove);
    if (!is_animating (self))
        self->snap_id = g_timeout_add (SNAP_DELAY_MS, snap_cb, self);
}

static gboolean
drag_tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
    BureauColumnStrip *self = BUREAU_COLUMN_STRIP (widget);

    gtk_adjustment_set_value (self->hadjustment, gtk_adjustment_get_value (self->hadjustment) +
                                                     self->drag_direction * DRAG_STEP);
    return G_SOURCE_CONTINUE;
}

static void
set_drag_direction (BureauColumnStrip *self, int direction)
{
    self->drag_direction = direction;
    if (direction != 0 && self->drag_tick_id == 0)
        self->drag_tick_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), drag_tick_cb, NULL,
                                                           NULL);
    else if (direction == 0 && self->drag_tick_id != 0) {
        gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->drag_tick_id);
        self->drag_tick_id = 0;
    }
}

static void
on_drag_motion_cb (BureauColumnStrip *self, double x, double y)
{
    int width = gtk_widget_get_width (GTK_WIDGET (self));

    set_drag_direction (self, x < DRAG_EDGE ? -1 : x > width - DRAG_EDGE ? 1 : 0);
}

static void
on_drag_leave_cb (BureauColumnStrip *self)
{
    set_drag_direction (self, 0);
}

static void
set_adjustment (BureauColumnStrip *self, GtkAdjustment **where, GtkAdjustment *adjustment)
{
    if (*where != NULL)
        g_signal_handlers_disconnect_by_data (*where, self);
    g_set_object (where, adjustment);
    if (adjustment != NULL)
        g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (on_value_changed_cb),
                                 self, G_CONNECT_SWAPPED);
}

/* ----------------------------------------------------------------- layout */

static void
bureau_column_strip_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                             int *minimum, int *natural, int *minimum_baseline,
                             int *natural_baseline)
{
    BureauColumnStrip *self = BUREAU_COLUMN_STRIP (widget);

    if (orientation == GTK_ORIENTATION_HORIZONTAL) {
        *minimum = MIN_COLUMN_WIDTH;
        *natural = MAX (1, count_columns (self)) * MIN_COLUMN_WIDTH;
        return;
    }
    *minimum = *natural = 0;
    for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
         child = gtk_widget_get_next_sibling (child)) {
        int child_minimum, child_natural;

        if (!gtk_widget_should_layout (child))
            continue;
        gtk_widget_measure (child, orientation, -1, &child_minimum, &child_natural, NULL, NULL);
        *minimum = MAX (*minimum, child_minimum);
        *natural = MAX (*natural, child_natural);
    }
}

/* Sets the adjustment for columns of @column_width, staying on the same column. Returns the
 * offset. */
static double
configure_scrolling (BureauColumnStrip *self, int width, int column_width, guint n)
{
    gboolean rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
    double offset = self->column_width > 0 ? get_offset (self) : 0;
    double upper = MAX (width, column_width * (int) n);
    double value;

    if (self->column_width > 0 && self->column_width != column_width)
        offset = offset / self->column_width * column_width;
    offset = CLAMP (offset, 0, upper - width);
    value = rtl ? upper - width - offset : offset;
    self->column_width = column_width;
    self->allocating = TRUE;
    gtk_adjustment_configure (self->hadjustment, value, 0, upper, column_width / 4.0, column_width,
                              width);
    self->allocating = FALSE;
    return offset;
}

static void
bureau_column_strip_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
    BureauColumnStrip *self = BUREAU_COLUMN_STRIP (widget);
    gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
    guint n = MAX (1, count_columns (self));
    guint shown = CLAMP (width / MIN_COLUMN_WIDTH, 1, (int) n);
    int room = shown < n ? width - PEEK : width;
    int column_width = CLAMP (room / (int) shown, MIN_COLUMN_WIDTH - PEEK, MAX_COLUMN_WIDTH);
    double x = -configure_scrolling (self, width, column_width, n);

    for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
         child = gtk_widget_get_next_sibling (child)) {
        if (!gtk_widget_should_layout (child))
            continue;
        gtk_widget_size_allocate (
            child, &(GtkAllocation){ rtl ? width - x - column_width : x, 0, column_width, height },
            -1);
        x += column_width;
    }
}

static void
bureau_column_strip_set_focus_child (GtkWidget *widget, GtkWidget *child)
{
    GTK_WIDGET_CLASS (bureau_column_strip_parent_class)->set_focus_child (widget, child);
    if (child != NULL)
        bureau_column_strip_reveal (BUREAU_COLUMN_STRIP (widget), child);
}

/* ---------------------------------------------------------------- GObject */

static void
bureau_column_strip_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    BureauColumnStrip *self = BUREAU_COLUMN_STRIP (object);

    switch (id) {
    case PROP_HADJUSTMENT:
        g_value_set_object (value, self->hadjustment);
        break;
    case PROP_VADJUSTMENT:
        g_value_set_object (value, self->vadjustment);
        break;
    case PROP_HSCROLL_POLICY:
        g_value_set_enum (value, self->hpolicy);
        break;
    case PROP_VSCROLL_POLICY:
        g_value_set_enum (value, self->vpolicy);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bureau_column_strip_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    BureauColumnStrip *self = BUREAU_COLUMN_STRIP (object);

    switch (id) {
    case PROP_HADJUSTMENT:
        set_adjustment (self, &self->hadjustment, g_value_get_object (value));
        break;
    case PROP_VADJUSTMENT:
        set_adjustment (self, &self->vadjustment, g_value_get_object (value));
        break;
    case PROP_HSCROLL_POLICY:
        self->hpolicy = g_value_get_enum (value);
        break;
    case PROP_VSCROLL_POLICY:
        self->vpolicy = g_value_get_enum (value);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bureau_column_strip_dispose (GObject *object)
{
    BureauColumnStrip *self = BUREAU_COLUMN_STRIP (object);
    GtkWidget *child;

    g_clear_handle_id (&self->snap_id, g_source_remove);
    g_clear_object (&self->animation);
    while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
        gtk_widget_unparent (child);
    set_adjustment (self, &self->hadjustment, NULL);
    set_adjustment (self, &self->vadjustment, NULL);
    G_OBJECT_CLASS (bureau_column_strip_parent_class)->dispose (object);
}

static void
bureau_column_strip_class_init (BureauColumnStripClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS (klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    object_class->get_property = bureau_column_strip_get_property;
    object_class->set_property = bureau_column_strip_set_property;
    object_class->dispose = bureau_column_strip_dispose;
    widget_class->measure = bureau_column_strip_measure;
    widget_class->size_allocate = bureau_column_strip_size_allocate;
    widget_class->set_focus_child = bureau_column_strip_set_focus_child;
    g_object_class_override_property (object_class, PROP_HADJUSTMENT, "hadjustment");
    g_object_class_override_property (object_class, PROP_VADJUSTMENT, "vadjustment");
    g_object_class_override_property (object_class, PROP_HSCROLL_POLICY, "hscroll-policy");
    g_object_class_override_property (object_class, PROP_VSCROLL_POLICY, "vscroll-policy");
    gtk_widget_class_set_css_name (widget_class, "column-strip");
}

static void
bureau_column_strip_init (BureauColumnStrip *self)
{
    GtkEventController *motion = gtk_drop_controller_motion_new ();

    gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
    g_signal_connect_swapped (motion, "motion", G_CALLBACK (on_drag_motion_cb), self);
    g_signal_connect_swapped (motion, "leave", G_CALLBACK (on_drag_leave_cb), self);
    gtk_widget_add_controller (GTK_WIDGET (self), motion);
}

GtkWidget *
bureau_column_strip_new (void)
{
    return g_object_new (BUREAU_TYPE_COLUMN_STRIP, NULL);
}

void
bureau_column_strip_append (BureauColumnStrip *self, GtkWidget *column)
{
    gtk_widget_insert_before (column, GTK_WIDGET (self), NULL);
}

void
bureau_column_strip_reveal (BureauColumnStrip *self, GtkWidget *column)
{
    int index = 0;
    int shown;

    if (self->hadjustment == NULL || self->column_width == 0)
        return;
    for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self));
         child != NULL && child != column; child = gtk_widget_get_next_sibling (child))
        index += gtk_widget_should_layout (child);
    shown = MAX (1, (int) gtk_adjustment_get_page_size (self->hadjustment) / self->column_width);
    if (index * self->column_width < get_offset (self))
        scroll_to (self, index * self->column_width);
    else if ((index + 1) * self->column_width >
             get_offset (self) + gtk_adjustment_get_page_size (self->hadjustment))
        scroll_to (self, (index + 1 - shown) * self->column_width);
}
