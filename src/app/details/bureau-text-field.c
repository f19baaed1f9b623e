/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "details/bureau-text-field.h"

#include <glib/gi18n.h>

struct _BureauTextField {
    GtkWidget parent_instance;

    char *base;   /* (owned): the value the person started from, or that they have committed */
    char *theirs; /* (owned) (nullable): what somebody else made of it meanwhile */
    char *text;   /* (owned): what get_text() answered last */
    gboolean one_line;
    gboolean required;
    guint max_length;
    gboolean setting;
    guint resize_id;

    GtkTextView *view;
    GtkTextBuffer *buffer;
    GtkLabel *placeholder_label;
    GtkRevealer *chip;
    GtkLabel *chip_label;
};

enum { PROP_ONE_LINE = 1, PROP_REQUIRED, PROP_PLACEHOLDER, PROP_MAX_LENGTH, N_PROPS };
static GParamSpec *properties[N_PROPS];

enum { SIGNAL_COMMIT, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BureauTextField, bureau_text_field, GTK_TYPE_WIDGET)

/* (transfer full) */
static char *
dup_text (BureauTextField *self)
{
    GtkTextIter start, end;
    char *text;

    gtk_text_buffer_get_bounds (self->buffer, &start, &end);
    text = gtk_text_buffer_get_text (self->buffer, &start, &end, FALSE);
    return self->one_line ? g_strstrip (text) : text;
}

static void
show_text (BureauTextField *self, const char *text)
{
    GtkTextIter iter;
    int offset;

    gtk_text_buffer_get_iter_at_mark (self->buffer, &iter,
                                      gtk_text_buffer_get_insert (self->buffer));
    offset = gtk_text_iter_get_offset (&iter);
    self->setting = TRUE;
    gtk_text_buffer_begin_irreversible_action (self->buffer);
    gtk_text_buffer_set_text (self->buffer, text, -1);
    gtk_text_buffer_end_irreversible_action (self->buffer);
    self->setting = FALSE;
    /* The cursor stays about where it was. */
    gtk_text_buffer_get_iter_at_offset (self->buffer, &iter, offset);
    gtk_text_buffer_place_cursor (self->buffer, &iter);
}

static void
hide_chip (BureauTextField *self)
{
    g_clear_pointer (&self->theirs, g_free);
    gtk_revealer_set_reveal_child (self->chip, FALSE);
}

static gboolean
is_being_typed (BureauTextField *self)
{
    g_autofree char *text = NULL;

    if (!gtk_widget_has_focus (GTK_WIDGET (self->view)))
        return FALSE;
    text = dup_text (self);
    return g_strcmp0 (text, self->base) != 0;
}

static void
set_base (BureauTextField *self, const char *value)
{
    char *copy = g_strdup (value);

    g_free (self->base);
    self->base = copy;
}

/* -------------------------------------------------------------- callbacks */

static void
on_changed_cb (BureauTextField *self)
{
    gtk_widget_set_visible (GTK_WIDGET (self->placeholder_label),
                            gtk_text_buffer_get_char_count (self->buffer) == 0);
}

/* Before the text goes in: no line breaks where there is one line, and no more than fits. */
static void
on_insert_text_cb (BureauTextField *self, GtkTextIter *location, char *text, int length,
                   GtkTextBuffer *buffer)
{
    g_autofree char *clean = NULL;
    glong room = (glong) self->max_length - gtk_text_buffer_get_char_count (buffer);
    gboolean has_break = self->one_line && memchr (text, '\n', length) != NULL;

    if (self->setting)
        return;
    if (!has_break && (self->max_length == 0 || g_utf8_strlen (text, length) <= room))
        return;
    g_signal_stop_emission_by_name (buffer, "insert-text");
    clean = g_strndup (text, length);
    if (has_break)
        g_strdelimit (clean, "\r\n", ' ');
    if (self->max_length > 0 && g_utf8_strlen (clean, -1) > room)
        *g_utf8_offset_to_pointer (clean, MAX (room, 0)) = '\0';
    g_signal_handlers_block_by_func (buffer, on_insert_text_cb, self);
    gtk_text_buffer_insert (buffer, location, clean, -1);
    g_signal_handlers_unblock_by_func (buffer, on_insert_text_cb, self);
}

static void
on_leave_cb (BureauTextField *self)
{
    bureau_text_field_commit (self);
}

static gboolean
on_key_pressed_cb (BureauTextField *self, guint keyval, guint keycode, GdkModifierType state)
{
    gboolean enter = keyval == GDK_KEY_Return || keyval == GDK_KEY_KP_Enter;
    gboolean control = (state & GDK_CONTROL_MASK) != 0;

    if (enter && (self->one_line || control)) {
        bureau_text_field_commit (self);
        return GDK_EVENT_STOP;
    }
    if (keyval == GDK_KEY_Escape && is_being_typed (self)) {
        /* A line is quickly typed again; a page is not, so that is kept. */
        if (self->one_line) {
            if (self->theirs != NULL)
                set_base (self, self->theirs);
            hide_chip (self);
            show_text (self, self->base);
        } else
            bureau_text_field_commit (self);
        return GDK_EVENT_STOP;
    }
    return GDK_EVENT_PROPAGATE;
}

static void
on_use_theirs_cb (BureauTextField *self)
{
    g_autofree char *theirs = g_steal_pointer (&self->theirs);

    hide_chip (self);
    if (theirs == NULL)
        return;
    show_text (self, theirs);
    bureau_text_field_commit (self);
}

static void
on_dismiss_cb (BureauTextField *self)
{
    hide_chip (self);
}

/* ---------------------------------------------------------------- GObject */

static void
bureau_text_field_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    BureauTextField *self = BUREAU_TEXT_FIELD (object);

    switch (id) {
    case PROP_ONE_LINE:
        g_value_set_boolean (value, self->one_line);
        break;
    case PROP_REQUIRED:
        g_value_set_boolean (value, self->required);
        break;
    case PROP_PLACEHOLDER:
        g_value_set_string (value, gtk_label_get_label (self->placeholder_label));
        break;
    case PROP_MAX_LENGTH:
        g_value_set_uint (value, self->max_length);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bureau_text_field_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    BureauTextField *self = BUREAU_TEXT_FIELD (object);

    switch (id) {
    case PROP_ONE_LINE:
        self->one_line = g_value_get_boolean (value);
        gtk_accessible_update_property (GTK_ACCESSIBLE (self->view),
                                        GTK_ACCESSIBLE_PROPERTY_MULTI_LINE, !self->one_line, -1);
        break;
    case PROP_REQUIRED:
        self->required = g_value_get_boolean (value);
        break;
    case PROP_PLACEHOLDER:
        gtk_label_set_label (self->placeholder_label, g_value_get_string (value));
        break;
    case PROP_MAX_LENGTH:
        self->max_length = g_value_get_uint (value);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static gboolean
resize_cb (gpointer data)
{
    BureauTextField *self = data;

    self->resize_id = 0;
    gtk_widget_queue_resize (GTK_WIDGET (self->view));
    return G_SOURCE_REMOVE;
}

/* A text view asks for the height of the width it had last. The first time it had none, and what
 * it asks for when it is given one is lost in the allocation: it asks again after it. */
static void
bureau_text_field_map (GtkWidget *widget)
{
    BureauTextField *self = BUREAU_TEXT_FIELD (widget);

    GTK_WIDGET_CLASS (bureau_text_field_parent_class)->map (widget);
    if (self->resize_id == 0)
        self->resize_id = g_idle_add_full (G_PRIORITY_LOW, resize_cb, self, NULL);
}

static void
bureau_text_field_dispose (GObject *object)
{
    BureauTextField *self = BUREAU_TEXT_FIELD (object);
    GtkWidget *child;

    g_clear_handle_id (&self->resize_id, g_source_remove);
    gtk_widget_dispose_template (GTK_WIDGET (self), BUREAU_TYPE_TEXT_FIELD);
    while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
        gtk_widget_unparent (child);
    g_clear_pointer (&self->base, g_free);
    g_clear_pointer (&self->theirs, g_free);
    g_clear_pointer (&self->text, g_free);
    G_OBJECT_CLASS (bureau_text_field_parent_class)->dispose (object);
}

static void
install_properties (GObjectClass *object_class)
{
    GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

    properties[PROP_ONE_LINE] = g_param_spec_boolean ("one-line", NULL, NULL, FALSE, flags);
    properties[PROP_REQUIRED] = g_param_spec_boolean ("required", NULL, NULL, FALSE, flags);
    properties[PROP_PLACEHOLDER] = g_param_spec_string ("placeholder", NULL, NULL, "", flags);
    properties[PROP_MAX_LENGTH] = g_param_spec_uint ("max-length", NULL, NULL, 0, G_MAXINT, 0,
                                                     flags);
    g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
bureau_text_field_class_init (BureauTextFieldClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS (klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    object_class->dispose = bureau_text_field_dispose;
    object_class->get_property = bureau_text_field_get_property;
    object_class->set_property = bureau_text_field_set_property;
    widget_class->map = bureau_text_field_map;
    install_properties (object_class);
    signals[SIGNAL_COMMIT] = g_signal_new ("commit", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                           0, NULL, NULL, NULL, G_TYPE_NONE, 0);
    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-text-field.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauTextField, view);
    gtk_widget_class_bind_template_child (widget_class, BureauTextField, placeholder_label);
    gtk_widget_class_bind_template_child (widget_class, BureauTextField, chip);
    gtk_widget_class_bind_template_child (widget_class, BureauTextField, chip_label);
    gtk_widget_class_bind_template_callback (widget_class, on_leave_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_key_pressed_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_use_theirs_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_dismiss_cb);
    gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
    gtk_widget_class_set_css_name (widget_class, "text-field");
}

static void
bureau_text_field_init (BureauTextField *self)
{
    self->base = g_strdup ("");
    gtk_widget_init_template (GTK_WIDGET (self));
    gtk_orientable_set_orientation (
        GTK_ORIENTABLE (gtk_widget_get_layout_manager (GTK_WIDGET (self))),
        GTK_ORIENTATION_VERTICAL);
    self->buffer = gtk_text_view_get_buffer (self->view);
    g_signal_connect_swapped (self->buffer, "changed", G_CALLBACK (on_changed_cb), self);
    g_signal_connect_swapped (self->buffer, "insert-text", G_CALLBACK (on_insert_text_cb), self);
}

/* ----------------------------------------------------------------- public */

const char *
bureau_text_field_get_text (BureauTextField *self)
{
    g_free (self->text);
    self->text = dup_text (self);
    return self->text;
}

gboolean
bureau_text_field_set_value (BureauTextField *self, const char *value)
{
    g_autofree char *text = dup_text (self);

    if (g_strcmp0 (value, text) == 0) {
        set_base (self, value);
        if (g_strcmp0 (value, self->theirs) == 0)
            hide_chip (self);
        return TRUE;
    }
    if (is_being_typed (self)) {
        /* Emptied by us: the base is still what the typing started from. */
        if (g_strcmp0 (value, self->base) == 0)
            return TRUE;
        g_free (self->theirs);
        self->theirs = g_strdup (value);
        gtk_label_set_label (self->chip_label, _ ("Somebody changed this"));
        gtk_revealer_set_reveal_child (self->chip, TRUE);
        return FALSE;
    }
    set_base (self, value);
    show_text (self, value);
    return TRUE;
}

void
bureau_text_field_reset (BureauTextField *self, const char *value)
{
    GtkTextIter start;

    hide_chip (self);
    set_base (self, value);
    show_text (self, value);
    gtk_text_buffer_get_start_iter (self->buffer, &start);
    gtk_text_buffer_place_cursor (self->buffer, &start);
}

void
bureau_text_field_set_changer (BureauTextField *self, const char *name)
{
    g_autofree char *text = NULL;

    if (self->theirs == NULL)
        return;
    text = g_strdup_printf (_ ("%s changed this"), name);
    gtk_label_set_label (self->chip_label, text);
}

void
bureau_text_field_commit (BureauTextField *self)
{
    g_autofree char *text = NULL;

    /* The focus leaves once more when the field goes away. */
    if (self->view == NULL)
        return;
    text = dup_text (self);
    if (g_strcmp0 (text, self->base) == 0)
        return;
    if (self->required && *text == '\0') {
        show_text (self, self->base);
        return;
    }
    set_base (self, text);
    g_signal_emit (self, signals[SIGNAL_COMMIT], 0);
}

void
bureau_text_field_focus (BureauTextField *self)
{
    gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

void
bureau_text_field_set_editable (BureauTextField *self, gboolean editable)
{
    gtk_text_view_set_editable (self->view, editable);
    gtk_text_view_set_cursor_visible (self->view, editable);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_READ_ONLY,
                                    !editable, -1);
}

void
bureau_text_field_set_label (BureauTextField *self, const char *label)
{
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    label, -1);
}
