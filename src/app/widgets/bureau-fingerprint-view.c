/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "widgets/bureau-fingerprint-view.h"

#include <glib/gi18n.h>

#include "bureau-fingerprint.h"

struct _BureauFingerprintView {
    GtkWidget parent_instance;

    gboolean compact;

    GtkLabel *words;
    GtkLabel *digits;
    GtkToggleButton *toggle;
};

G_DEFINE_FINAL_TYPE (BureauFingerprintView, bureau_fingerprint_view, GTK_TYPE_WIDGET)

enum { PROP_COMPACT = 1, N_PROPS };

static GParamSpec *properties[N_PROPS];

/* The parts of @text, @per_line of them on each line, so that two of it are alike line by line.
 * (transfer full) */
static char *
break_lines (const char *text, guint per_line)
{
    g_auto (GStrv) parts = g_strsplit (text != NULL ? text : "", " ", -1);
    GString *lines = g_string_new (NULL);

    for (guint i = 0; parts[i] != NULL; i++) {
        if (i > 0)
            g_string_append (lines, i % per_line == 0 ? "\n" : "  ");
        g_string_append (lines, parts[i]);
    }
    return g_string_free (lines, FALSE);
}

static void
bureau_fingerprint_view_set_property (GObject *object, guint id, const GValue *value,
                                      GParamSpec *pspec)
{
    switch (id) {
    case PROP_COMPACT:
        BUREAU_FINGERPRINT_VIEW (object)->compact = g_value_get_boolean (value);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bureau_fingerprint_view_constructed (GObject *object)
{
    BureauFingerprintView *self = BUREAU_FINGERPRINT_VIEW (object);

    gtk_widget_set_visible (GTK_WIDGET (self->toggle), !self->compact);
    gtk_toggle_button_set_active (self->toggle, self->compact);
    G_OBJECT_CLASS (bureau_fingerprint_view_parent_class)->constructed (object);
}

static void
bureau_fingerprint_view_dispose (GObject *object)
{
    GtkWidget *child;
    while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
        gtk_widget_unparent (child);
    G_OBJECT_CLASS (bureau_fingerprint_view_parent_class)->dispose (object);
}

static void
bureau_fingerprint_view_class_init (BureauFingerprintViewClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS (klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    object_class->set_property = bureau_fingerprint_view_set_property;
    object_class->constructed = bureau_fingerprint_view_constructed;
    object_class->dispose = bureau_fingerprint_view_dispose;
    properties[PROP_COMPACT] = g_param_spec_boolean ("compact", NULL, NULL, FALSE,
                                                     G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY |
                                                         G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties (object_class, N_PROPS, properties);

    gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
    gtk_widget_class_set_template_from_resource (widget_class, BUREAU_RESOURCE_BASE
                                                 "/ui/bureau-fingerprint-view.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauFingerprintView, words);
    gtk_widget_class_bind_template_child (widget_class, BureauFingerprintView, digits);
    gtk_widget_class_bind_template_child (widget_class, BureauFingerprintView, toggle);
}

static void
bureau_fingerprint_view_init (BureauFingerprintView *self)
{
    gtk_widget_init_template (GTK_WIDGET (self));
}

void
bureau_fingerprint_view_set_pin (BureauFingerprintView *self, const char *pin)
{
    g_return_if_fail (BUREAU_IS_FINGERPRINT_VIEW (self));
    g_autofree char *words = bureau_fingerprint_to_words (pin);
    g_autofree char *digits = bureau_fingerprint_to_digits (pin);
    g_autofree char *word_lines = break_lines (words, self->compact ? 1 : 4);
    g_autofree char *digit_lines = break_lines (digits, self->compact ? 2 : 3);

    gtk_label_set_text (self->words, word_lines);
    gtk_label_set_text (self->digits, digit_lines);
}
