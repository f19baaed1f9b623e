/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "welcome/bureau-form-foot.h"

struct _BureauFormFoot {
    AdwBin parent_instance;

    gboolean ready;
    gboolean busy;

    GtkStack *stack;
    GtkButton *button;
    GtkSpinner *spinner;
    GtkLabel *busy_label;
    GtkWidget *cancel;
    GtkRevealer *error_revealer;
    GtkLabel *error_label;
    GtkWidget *details;
};

G_DEFINE_FINAL_TYPE (BureauFormFoot, bureau_form_foot, ADW_TYPE_BIN)

enum { PROP_LABEL = 1, PROP_BUSY_TEXT, N_PROPS };

static GParamSpec *properties[N_PROPS];

enum { SIGNAL_SUBMITTED, SIGNAL_CANCELLED, SIGNAL_DETAILS, N_SIGNALS };

static guint signals[N_SIGNALS];

static void
on_cancel_clicked_cb (BureauFormFoot *self)
{
    g_signal_emit (self, signals[SIGNAL_CANCELLED], 0);
}

static void
on_details_clicked_cb (BureauFormFoot *self)
{
    g_signal_emit (self, signals[SIGNAL_DETAILS], 0);
}

static void
update (BureauFormFoot *self)
{
    gtk_widget_set_sensitive (GTK_WIDGET (self->button), self->ready && !self->busy);
    gtk_spinner_set_spinning (self->spinner, self->busy);
    gtk_stack_set_visible_child_name (self->stack, self->busy ? "busy" : "idle");
}

static void
bureau_form_foot_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    BureauFormFoot *self = BUREAU_FORM_FOOT (object);
    switch (id) {
    case PROP_LABEL:
        gtk_button_set_label (self->button, g_value_get_string (value));
        break;
    case PROP_BUSY_TEXT:
        gtk_label_set_text (self->busy_label, g_value_get_string (value));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static guint
add_signal (const char *name)
{
    return g_signal_new (name, BUREAU_TYPE_FORM_FOOT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                         G_TYPE_NONE, 0);
}

static void
bureau_form_foot_class_init (BureauFormFootClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
    GParamFlags flags = G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS;

    G_OBJECT_CLASS (klass)->set_property = bureau_form_foot_set_property;
    properties[PROP_LABEL] = g_param_spec_string ("label", NULL, NULL, NULL, flags);
    properties[PROP_BUSY_TEXT] = g_param_spec_string ("busy-text", NULL, NULL, NULL, flags);
    g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPS, properties);
    signals[SIGNAL_SUBMITTED] = add_signal ("submitted");
    signals[SIGNAL_CANCELLED] = add_signal ("cancelled");
    signals[SIGNAL_DETAILS] = add_signal ("details");

    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-form-foot.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauFormFoot, stack);
    gtk_widget_class_bind_template_child (widget_class, BureauFormFoot, button);
    gtk_widget_class_bind_template_child (widget_class, BureauFormFoot, spinner);
    gtk_widget_class_bind_template_child (widget_class, BureauFormFoot, busy_label);
    gtk_widget_class_bind_template_child (widget_class, BureauFormFoot, cancel);
    gtk_widget_class_bind_template_child (widget_class, BureauFormFoot, error_revealer);
    gtk_widget_class_bind_template_child (widget_class, BureauFormFoot, error_label);
    gtk_widget_class_bind_template_child (widget_class, BureauFormFoot, details);
    gtk_widget_class_bind_template_callback (widget_class, bureau_form_foot_submit);
    gtk_widget_class_bind_template_callback (widget_class, on_cancel_clicked_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_details_clicked_cb);
}

static void
bureau_form_foot_init (BureauFormFoot *self)
{
    gtk_widget_init_template (GTK_WIDGET (self));
    update (self);
}

void
bureau_form_foot_set_ready (BureauFormFoot *self, gboolean ready)
{
    g_return_if_fail (BUREAU_IS_FORM_FOOT (self));
    self->ready = ready;
    update (self);
}

void
bureau_form_foot_set_busy (BureauFormFoot *self, gboolean busy)
{
    g_return_if_fail (BUREAU_IS_FORM_FOOT (self));
    self->busy = busy;
    update (self);
    if (busy) {
        bureau_form_foot_show_error (self, NULL, FALSE);
        gtk_widget_grab_focus (self->cancel);
    }
}

void
bureau_form_foot_show_error (BureauFormFoot *self, const char *text, gboolean has_details)
{
    g_return_if_fail (BUREAU_IS_FORM_FOOT (self));
    if (text != NULL)
        gtk_label_set_text (self->error_label, text);
    gtk_widget_set_visible (self->details, has_details);
    gtk_revealer_set_reveal_child (self->error_revealer, text != NULL);
}

void
bureau_form_foot_submit (BureauFormFoot *self)
{
    g_return_if_fail (BUREAU_IS_FORM_FOOT (self));
    if (self->ready && !self->busy)
        g_signal_emit (self, signals[SIGNAL_SUBMITTED], 0);
}
