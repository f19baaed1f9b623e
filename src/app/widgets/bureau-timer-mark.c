/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "widgets/bureau-timer-mark.h"

#include <glib/gi18n.h>

#include "board/bureau-task-watch.h"

struct _BureauTimerMark {
    AdwBin parent_instance;

    BureauClient *client; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (BureauTimerMark, bureau_timer_mark, ADW_TYPE_BIN)

static void
bureau_timer_mark_dispose (GObject *object)
{
    g_clear_object (&BUREAU_TIMER_MARK (object)->client);
    G_OBJECT_CLASS (bureau_timer_mark_parent_class)->dispose (object);
}

static void
bureau_timer_mark_class_init (BureauTimerMarkClass *klass)
{
    G_OBJECT_CLASS (klass)->dispose = bureau_timer_mark_dispose;
    gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);
}

static void
bureau_timer_mark_init (BureauTimerMark *self)
{
    adw_bin_set_child (ADW_BIN (self), gtk_image_new_from_icon_name ("bureau-timer-symbolic"));
    gtk_widget_add_css_class (GTK_WIDGET (self), "timer-mark");
    gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

void
bureau_timer_mark_set_client (BureauTimerMark *self, BureauClient *client)
{
    g_set_object (&self->client, client);
}

void
bureau_timer_mark_set_task (BureauTimerMark *self, BureauTask *task)
{
    g_autoptr (GPtrArray) members = bureau_task_watch_get_timers (
        bureau_task_watch_get (self->client), bureau_task_get_id (task));
    g_autofree char *text = bureau_timers_to_text (members, self->client);

    gtk_widget_set_visible (GTK_WIDGET (self), members->len > 0);
    gtk_widget_set_tooltip_text (GTK_WIDGET (self), text);
    if (text != NULL)
        gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text,
                                        -1);
    if (members->len > 0 && g_ptr_array_index (members, 0) == bureau_client_get_self (self->client))
        gtk_widget_add_css_class (GTK_WIDGET (self), "mine");
    else
        gtk_widget_remove_css_class (GTK_WIDGET (self), "mine");
}

char *
bureau_timers_to_text (GPtrArray *members, BureauClient *client)
{
    BureauMember *first, *second;
    gboolean mine;

    if (members->len == 0)
        return NULL;
    first = g_ptr_array_index (members, 0);
    mine = first == bureau_client_get_self (client);
    if (members->len == 1)
        return mine ? g_strdup (_ ("You are on it"))
                    : g_strdup_printf (_ ("%s is on it"), bureau_member_get_name (first));
    second = g_ptr_array_index (members, 1);
    if (members->len == 2)
        return mine ? g_strdup_printf (_ ("You and %s are on it"), bureau_member_get_name (second))
                    : g_strdup_printf (_ ("%s and %s are on it"), bureau_member_get_name (first),
                                       bureau_member_get_name (second));
    /* Translators: the number is of all people, three or more */
    return g_strdup_printf (ngettext ("%u person is on it", "%u people are on it", members->len),
                            members->len);
}
