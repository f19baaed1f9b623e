/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "widgets/bureau-due-button.h"

#include <glib/gi18n.h>

#include "bureau-instant.h"
#include "widgets/bureau-due-text.h"

struct _BureauDueButton {
    GtkWidget parent_instance;

    BureauClient *client; /* (owned) (nullable) */
    char *due;            /* (owned) (nullable) */
    gboolean filling;     /* the calendar is being set by us */

    GtkMenuButton *menu_button;
    GtkLabel *label;
    GtkPopover *popover;
    GtkCalendar *calendar;
    GtkWidget *none_button;
};

enum { SIGNAL_PICKED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BureauDueButton, bureau_due_button, GTK_TYPE_WIDGET)

static gint64
get_now (BureauDueButton *self)
{
    return self->client != NULL ? bureau_client_get_now (self->client) : g_get_real_time () / 1000;
}

static void
show_due (BureauDueButton *self, gboolean late_matters)
{
    g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
    g_autofree char *text = bureau_due_to_text (self->due, get_now (self), zone);
    BureauDueNearness nearness = bureau_due_get_nearness (self->due, get_now (self), zone);
    GtkWidget *label = GTK_WIDGET (self->label);

    gtk_label_set_label (self->label, text != NULL ? text : _ ("None"));
    gtk_widget_remove_css_class (label, "overdue");
    gtk_widget_remove_css_class (label, "dim-label");
    if (nearness == BUREAU_DUE_OVERDUE && late_matters)
        gtk_widget_add_css_class (label, "overdue");
    if (text == NULL)
        gtk_widget_add_css_class (label, "dim-label");
    gtk_widget_set_visible (self->none_button, text != NULL);
}

static void
pick (BureauDueButton *self, const char *due)
{
    bureau_due_button_set_due (self, due, TRUE);
    gtk_popover_popdown (self->popover);
    g_signal_emit (self, signals[SIGNAL_PICKED], 0);
}

static void
pick_in_days (BureauDueButton *self, int days)
{
    g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
    g_autofree char *due = bureau_due_in_days (days, get_now (self), zone);

    pick (self, due);
}

static void
on_today_cb (BureauDueButton *self)
{
    pick_in_days (self, 0);
}

static void
on_tomorrow_cb (BureauDueButton *self)
{
    pick_in_days (self, 1);
}

/* Its Monday: when the week's work is looked at. */
static void
on_next_week_cb (BureauDueButton *self)
{
    g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
    g_autofree char *today = bureau_due_in_days (0, get_now (self), zone);
    g_autoptr (GDateTime) day = bureau_due_to_day (today, zone);

    pick_in_days (self, 8 - g_date_time_get_day_of_week (day));
}

static void
on_none_cb (BureauDueButton *self)
{
    pick (self, NULL);
}

static void
on_day_selected_cb (BureauDueButton *self)
{
    g_autoptr (GDateTime) day = NULL;
    g_autofree char *due = NULL;

    if (self->filling)
        return;
    day = gtk_calendar_get_date (self->calendar);
    due = g_date_time_format (day, "%Y-%m-%d");
    pick (self, due);
}

static gboolean
page_done_cb (gpointer data)
{
    BUREAU_DUE_BUTTON (data)->filling = FALSE;
    return G_SOURCE_REMOVE;
}

/* Paging through months is not picking a day. */
static void
on_paged_cb (BureauDueButton *self)
{
    self->filling = TRUE;
    g_idle_add_full (G_PRIORITY_HIGH_IDLE, page_done_cb, g_object_ref (self), g_object_unref);
}

static void
on_show_cb (BureauDueButton *self)
{
    g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
    g_autofree char *today = bureau_due_in_days (0, get_now (self), zone);
    g_autoptr (GDateTime) day = bureau_due_to_day (self->due != NULL ? self->due : today, zone);

    self->filling = TRUE;
    if (day != NULL)
        gtk_calendar_select_day (self->calendar, day);
    self->filling = FALSE;
}

static void
bureau_due_button_dispose (GObject *object)
{
    BureauDueButton *self = BUREAU_DUE_BUTTON (object);
    GtkWidget *child;

    gtk_widget_dispose_template (GTK_WIDGET (self), BUREAU_TYPE_DUE_BUTTON);
    while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
        gtk_widget_unparent (child);
    g_clear_object (&self->client);
    g_clear_pointer (&self->due, g_free);
    G_OBJECT_CLASS (bureau_due_button_parent_class)->dispose (object);
}

static gboolean
bureau_due_button_mnemonic_activate (GtkWidget *widget, gboolean cycling)
{
    bureau_due_button_popup (BUREAU_DUE_BUTTON (widget));
    return TRUE;
}

static void
bureau_due_button_class_init (BureauDueButtonClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    G_OBJECT_CLASS (klass)->dispose = bureau_due_button_dispose;
    widget_class->mnemonic_activate = bureau_due_button_mnemonic_activate;
    signals[SIGNAL_PICKED] = g_signal_new ("picked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                           0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-due-button.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauDueButton, menu_button);
    gtk_widget_class_bind_template_child (widget_class, BureauDueButton, label);
    gtk_widget_class_bind_template_child (widget_class, BureauDueButton, popover);
    gtk_widget_class_bind_template_child (widget_class, BureauDueButton, calendar);
    gtk_widget_class_bind_template_child (widget_class, BureauDueButton, none_button);
    gtk_widget_class_bind_template_callback (widget_class, on_today_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_tomorrow_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_next_week_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_none_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_day_selected_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_paged_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_show_cb);
    gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
bureau_due_button_init (BureauDueButton *self)
{
    gtk_widget_init_template (GTK_WIDGET (self));
    show_due (self, TRUE);
}

void
bureau_due_button_set_client (BureauDueButton *self, BureauClient *client)
{
    g_set_object (&self->client, client);
}

const char *
bureau_due_button_get_due (BureauDueButton *self)
{
    return self->due;
}

void
bureau_due_button_set_due (BureauDueButton *self, const char *due, gboolean late_matters)
{
    char *copy = g_strdup (due);

    g_free (self->due);
    self->due = copy;
    show_due (self, late_matters);
}

void
bureau_due_button_popup (BureauDueButton *self)
{
    gtk_menu_button_popup (self->menu_button);
}
