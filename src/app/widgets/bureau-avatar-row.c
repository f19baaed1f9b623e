/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "widgets/bureau-avatar-row.h"

#include "widgets/bureau-avatar.h"

struct _BureauAvatarRow {
    GtkWidget parent_instance;

    GtkWidget *box;  /* (owned) */
    GtkWidget *more; /* (unowned): "+2" */
    GPtrArray
        *avatars; /* (owned): of unowned BureauAvatars, made as needed and kept for the next task */
    int size;
    guint max;
};

enum { PROP_SIZE = 1, PROP_MAX, N_PROPS };

G_DEFINE_FINAL_TYPE (BureauAvatarRow, bureau_avatar_row, GTK_TYPE_WIDGET)

static void
bureau_avatar_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    BureauAvatarRow *self = BUREAU_AVATAR_ROW (object);

    switch (id) {
    case PROP_SIZE:
        self->size = g_value_get_int (value);
        break;
    case PROP_MAX:
        self->max = g_value_get_uint (value);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bureau_avatar_row_dispose (GObject *object)
{
    BureauAvatarRow *self = BUREAU_AVATAR_ROW (object);

    g_clear_pointer (&self->box, gtk_widget_unparent);
    g_clear_pointer (&self->avatars, g_ptr_array_unref);
    G_OBJECT_CLASS (bureau_avatar_row_parent_class)->dispose (object);
}

static void
bureau_avatar_row_class_init (BureauAvatarRowClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS (klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    object_class->dispose = bureau_avatar_row_dispose;
    object_class->set_property = bureau_avatar_row_set_property;
    g_object_class_install_property (object_class, PROP_SIZE,
                                     g_param_spec_int ("size", NULL, NULL, 12, 256, 24,
                                                       G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
    g_object_class_install_property (object_class, PROP_MAX,
                                     g_param_spec_uint ("max", NULL, NULL, 1, 100, 3,
                                                        G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
    gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
    gtk_widget_class_set_css_name (widget_class, "bureau-avatar-row");
    gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
bureau_avatar_row_init (BureauAvatarRow *self)
{
    self->size = 24;
    self->max = 3;
    self->avatars = g_ptr_array_new ();
    self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
    self->more = gtk_label_new (NULL);
    gtk_widget_add_css_class (self->more, "more");
    gtk_widget_add_css_class (self->more, "numeric");
    gtk_box_append (GTK_BOX (self->box), self->more);
    gtk_widget_set_parent (self->box, GTK_WIDGET (self));
    gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
bureau_avatar_row_new (int size, guint max)
{
    return g_object_new (BUREAU_TYPE_AVATAR_ROW, "size", size, "max", max, NULL);
}

static BureauAvatar *
ensure_avatar (BureauAvatarRow *self, guint index)
{
    GtkWidget *avatar;

    if (index < self->avatars->len)
        return g_ptr_array_index (self->avatars, index);
    avatar = bureau_avatar_new (self->size);
    gtk_box_insert_child_after (GTK_BOX (self->box), avatar,
                                gtk_widget_get_prev_sibling (self->more));
    g_ptr_array_add (self->avatars, avatar);
    return BUREAU_AVATAR (avatar);
}

void
bureau_avatar_row_set_members (BureauAvatarRow *self, GPtrArray *members)
{
    guint shown = MIN (members->len, self->max);
    g_autofree char *more = NULL;

    for (guint i = 0; i < shown; i++)
        bureau_avatar_set_member (ensure_avatar (self, i), g_ptr_array_index (members, i));
    for (guint i = 0; i < self->avatars->len; i++) {
        GtkWidget *avatar = g_ptr_array_index (self->avatars, i);

        if (i >= shown)
            bureau_avatar_set_member (BUREAU_AVATAR (avatar), NULL);
        gtk_widget_set_visible (avatar, i < shown);
    }
    more = g_strdup_printf ("+%u", members->len - shown);
    gtk_label_set_label (GTK_LABEL (self->more), more);
    gtk_widget_set_visible (self->more, members->len > shown);
    gtk_widget_set_visible (GTK_WIDGET (self), members->len > 0);
}
