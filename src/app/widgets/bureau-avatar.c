/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "widgets/bureau-avatar.h"

#include <glib/gi18n.h>

#include "widgets/bureau-avatar-color.h"

/* Below this an offline ring would be noise: on cards only who is here gets a dot. */
#define SIZE_WITH_OFFLINE_DOT 32

struct _BureauAvatar {
    GtkWidget parent_instance;

    GtkWidget *overlay;    /* (owned) */
    AdwAvatar *avatar;     /* (unowned) */
    GtkWidget *dot;        /* (unowned) */
    GSignalGroup *signals; /* (owned): the member's */
};

enum { PROP_SIZE = 1, PROP_MEMBER, N_PROPS };
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BureauAvatar, bureau_avatar, GTK_TYPE_WIDGET)

const char *
bureau_presence_to_label (BureauPresence presence)
{
    switch (presence) {
    case BUREAU_PRESENCE_ONLINE:
        return _ ("online");
    case BUREAU_PRESENCE_AWAY:
        return _ ("away");
    case BUREAU_PRESENCE_OFFLINE:
    default:
        return _ ("offline");
    }
}

static void
show_presence (BureauAvatar *self, BureauPresence presence)
{
    static const char *const classes[] = { "offline", "away", "online" };

    for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
        if (i == presence)
            gtk_widget_add_css_class (self->dot, classes[i]);
        else
            gtk_widget_remove_css_class (self->dot, classes[i]);
    gtk_widget_set_visible (self->dot,
                            presence != BUREAU_PRESENCE_OFFLINE ||
                                adw_avatar_get_size (self->avatar) >= SIZE_WITH_OFFLINE_DOT);
}

static void
update (BureauAvatar *self)
{
    g_autoptr (BureauMember) member = g_signal_group_dup_target (self->signals);
    g_autofree char *label = NULL;

    if (member == NULL) {
        adw_avatar_set_text (self->avatar, NULL);
        bureau_avatar_paint (GTK_WIDGET (self), NULL);
        gtk_widget_set_visible (self->dot, FALSE);
        gtk_widget_set_tooltip_text (GTK_WIDGET (self), NULL);
        return;
    }
    /* Translators: a person and whether they are here: "Ben, online" */
    label = g_strdup_printf (_ ("%s, %s"), bureau_member_get_name (member),
                             bureau_presence_to_label (bureau_member_get_presence (member)));
    adw_avatar_set_text (self->avatar, bureau_member_get_name (member));
    bureau_avatar_paint (GTK_WIDGET (self), bureau_member_get_color (member));
    show_presence (self, bureau_member_get_presence (member));
    gtk_widget_set_tooltip_text (GTK_WIDGET (self), label);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                    -1);
}

static void
bureau_avatar_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    BureauAvatar *self = BUREAU_AVATAR (object);

    switch (id) {
    case PROP_SIZE:
        g_value_set_int (value, adw_avatar_get_size (self->avatar));
        break;
    case PROP_MEMBER:
        g_value_take_object (value, g_signal_group_dup_target (self->signals));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bureau_avatar_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    BureauAvatar *self = BUREAU_AVATAR (object);

    switch (id) {
    case PROP_SIZE:
        adw_avatar_set_size (self->avatar, g_value_get_int (value));
        if (g_value_get_int (value) < SIZE_WITH_OFFLINE_DOT)
            gtk_widget_add_css_class (GTK_WIDGET (self), "small");
        break;
    case PROP_MEMBER:
        bureau_avatar_set_member (self, g_value_get_object (value));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bureau_avatar_dispose (GObject *object)
{
    BureauAvatar *self = BUREAU_AVATAR (object);

    g_clear_object (&self->signals);
    g_clear_pointer (&self->overlay, gtk_widget_unparent);
    G_OBJECT_CLASS (bureau_avatar_parent_class)->dispose (object);
}

static void
bureau_avatar_class_init (BureauAvatarClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS (klass);
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    object_class->dispose = bureau_avatar_dispose;
    object_class->get_property = bureau_avatar_get_property;
    object_class->set_property = bureau_avatar_set_property;
    properties[PROP_SIZE] = g_param_spec_int ("size", NULL, NULL, 12, 256, 32,
                                              G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
    properties[PROP_MEMBER] = g_param_spec_object ("member", NULL, NULL, BUREAU_TYPE_MEMBER,
                                                   G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY |
                                                       G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties (object_class, N_PROPS, properties);
    gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
    gtk_widget_class_set_css_name (widget_class, "bureau-avatar");
    gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
bureau_avatar_init (BureauAvatar *self)
{
    self->overlay = gtk_overlay_new ();
    self->avatar = ADW_AVATAR (adw_avatar_new (32, NULL, TRUE));
    self->dot = g_object_new (ADW_TYPE_BIN, "halign", GTK_ALIGN_END, "valign", GTK_ALIGN_END,
                              "css-name", "presence", "visible", FALSE, NULL);
    gtk_overlay_set_child (GTK_OVERLAY (self->overlay), GTK_WIDGET (self->avatar));
    gtk_overlay_add_overlay (GTK_OVERLAY (self->overlay), self->dot);
    gtk_widget_set_parent (self->overlay, GTK_WIDGET (self));
    gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
    gtk_widget_set_halign (GTK_WIDGET (self), GTK_ALIGN_CENTER);

    self->signals = g_signal_group_new (BUREAU_TYPE_MEMBER);
    g_signal_group_connect_swapped (self->signals, "notify::name", G_CALLBACK (update), self);
    g_signal_group_connect_swapped (self->signals, "notify::color", G_CALLBACK (update), self);
    g_signal_group_connect_swapped (self->signals, "notify::presence", G_CALLBACK (update), self);
}

GtkWidget *
bureau_avatar_new (int size)
{
    return g_object_new (BUREAU_TYPE_AVATAR, "size", size, NULL);
}

void
bureau_avatar_set_member (BureauAvatar *self, BureauMember *member)
{
    g_autoptr (BureauMember) old = g_signal_group_dup_target (self->signals);

    if (old == member)
        return;
    g_signal_group_set_target (self->signals, member);
    update (self);
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MEMBER]);
}
