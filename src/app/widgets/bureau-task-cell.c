/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "widgets/bureau-task-cell.h"

#include <glib/gi18n.h>

#include "board/bureau-task-commands.h"
#include "board/bureau-task-watch.h"
#include "widgets/bureau-due-text.h"

typedef struct {
    BureauClient *client;       /* (owned) */
    BureauTask *task;           /* (owned) (nullable) */
    GSignalGroup *task_signals; /* (owned) */
    int grab_x, grab_y;         /* where the pointer took the cell */
} BureauTaskCellPrivate;

enum { PROP_CLIENT = 1, PROP_TASK, N_PROPS };
static GParamSpec *properties[N_PROPS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (BureauTaskCell, bureau_task_cell, ADW_TYPE_BIN)

#define PRIVATE(self) ((BureauTaskCellPrivate *) bureau_task_cell_get_instance_private (self))

const char *
bureau_status_to_label (BureauStatus status)
{
    switch (status) {
    case BUREAU_STATUS_REQUESTED:
        return _ ("Requested");
    case BUREAU_STATUS_TODO:
        return _ ("To do");
    case BUREAU_STATUS_IN_PROGRESS:
        return _ ("In progress");
    case BUREAU_STATUS_REVIEW:
        return _ ("Review");
    case BUREAU_STATUS_DONE:
        return _ ("Done");
    case BUREAU_STATUS_DECLINED:
        return _ ("Declined");
    default:
        return "";
    }
}

const char *
bureau_priority_to_label (guint priority)
{
    switch (priority) {
    case 1:
        return _ ("Urgent");
    case 2:
        return _ ("High");
    case 3:
        return _ ("Medium");
    default:
        return _ ("Normal");
    }
}

GPtrArray *
bureau_task_dup_assignees (BureauTask *task, BureauClient *client)
{
    const char *const *ids = bureau_task_get_assignee_ids (task);
    GPtrArray *members = g_ptr_array_new_with_free_func (g_object_unref);

    for (; *ids != NULL; ids++) {
        BureauMember *member = bureau_client_find_member (client, *ids);

        if (member != NULL)
            g_ptr_array_add (members, g_object_ref (member));
    }
    return members;
}

static gboolean
is_closed (BureauTask *task)
{
    BureauStatus status = bureau_task_get_status (task);

    return status == BUREAU_STATUS_DONE || status == BUREAU_STATUS_DECLINED;
}

/* (transfer full) (nullable) */
static char *
dup_due_text (BureauTask *task, BureauClient *client, BureauDueNearness *nearness)
{
    g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
    gint64 now = bureau_client_get_now (client);

    *nearness = bureau_due_get_nearness (bureau_task_get_due_at (task), now, zone);
    /* Nothing that is closed is late. */
    if (is_closed (task) && *nearness != BUREAU_DUE_NONE)
        *nearness = BUREAU_DUE_LATER;
    return bureau_due_to_text (bureau_task_get_due_at (task), now, zone);
}

void
bureau_task_show_due (BureauTask *task, BureauClient *client, GtkWidget *chip, GtkLabel *label)
{
    BureauDueNearness nearness;
    g_autofree char *text = dup_due_text (task, client, &nearness);

    gtk_widget_remove_css_class (chip, "overdue");
    gtk_widget_remove_css_class (chip, "today");
    if (nearness == BUREAU_DUE_OVERDUE)
        gtk_widget_add_css_class (chip, "overdue");
    else if (nearness == BUREAU_DUE_TODAY)
        gtk_widget_add_css_class (chip, "today");
    gtk_label_set_label (label, text != NULL ? text : "");
    gtk_widget_set_visible (chip, text != NULL);
}

void
bureau_task_show_priority (BureauTask *task, GtkImage *image)
{
    static const char *const icons[] = { "bureau-priority-urgent-symbolic",
                                         "bureau-priority-high-symbolic",
                                         "bureau-priority-medium-symbolic" };
    static const char *const classes[] = { "urgent", "high", "medium" };
    guint priority = bureau_task_get_priority (task);
    GtkWidget *widget = GTK_WIDGET (image);

    for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
        gtk_widget_remove_css_class (widget, classes[i]);
    gtk_widget_set_visible (widget, priority >= 1 && priority <= G_N_ELEMENTS (icons));
    if (!gtk_widget_get_visible (widget))
        return;
    gtk_image_set_from_icon_name (image, icons[priority - 1]);
    gtk_widget_add_css_class (widget, classes[priority - 1]);
    gtk_widget_set_tooltip_text (widget, bureau_priority_to_label (priority));
}

void
bureau_task_show_pending (BureauTask *task, GtkWidget *image)
{
    gboolean pending = bureau_task_get_pending (task);

    gtk_widget_set_visible (image, pending);
    /* The class starts the style's animation, so it comes and goes with the state. */
    if (pending)
        gtk_widget_add_css_class (image, "shown");
    else
        gtk_widget_remove_css_class (image, "shown");
}

/* "STU-4 Replace patch bay, In progress, Ana, due Friday" (transfer full) */
static char *
dup_description (BureauTask *task, BureauClient *client)
{
    GString *text = g_string_new (NULL);
    BureauDueNearness nearness;
    g_autofree char *due = dup_due_text (task, client, &nearness);
    g_autoptr (GPtrArray) assignees = bureau_task_dup_assignees (task, client);

    if (bureau_task_get_key (task) != NULL)
        g_string_append_printf (text, "%s ", bureau_task_get_key (task));
    g_string_append (text, bureau_task_get_title (task));
    g_string_append_printf (text, ", %s", bureau_status_to_label (bureau_task_get_status (task)));
    for (guint i = 0; i < assignees->len; i++)
        g_string_append_printf (text, ", %s", bureau_member_get_name (assignees->pdata[i]));
    if (due != NULL) {
        g_string_append (text, ", ");
        /* Translators: read by a screen reader after a task's name: "due Friday" */
        g_string_append_printf (
            text, nearness == BUREAU_DUE_OVERDUE ? _ ("overdue since %s") : _ ("due %s"), due);
    }
    if (bureau_task_get_priority (task) < 4)
        g_string_append_printf (text, ", %s",
                                bureau_priority_to_label (bureau_task_get_priority (task)));
    return g_string_free (text, FALSE);
}

static void
name_list_item (BureauTaskCell *self, BureauTask *task)
{
    GtkWidget *item = gtk_widget_get_parent (GTK_WIDGET (self));
    g_autofree char *description = dup_description (task, PRIVATE (self)->client);

    gtk_accessible_update_property (GTK_ACCESSIBLE (item != NULL ? item : GTK_WIDGET (self)),
                                    GTK_ACCESSIBLE_PROPERTY_LABEL, description, -1);
}

static void
update (BureauTaskCell *self)
{
    BureauTask *task = PRIVATE (self)->task;

    if (task == NULL)
        return;
    if (g_strcmp0 (bureau_task_get_id (task), bureau_task_watch_get_open (bureau_task_watch_get (
                                                  PRIVATE (self)->client))) == 0)
        gtk_widget_add_css_class (GTK_WIDGET (self), "open");
    else
        gtk_widget_remove_css_class (GTK_WIDGET (self), "open");
    BUREAU_TASK_CELL_GET_CLASS (self)->update (self, task);
    name_list_item (self, task);
}

static GdkContentProvider *
on_drag_prepare_cb (BureauTaskCell *self, double x, double y, GtkDragSource *source)
{
    BureauTaskCellPrivate *priv = PRIVATE (self);
    g_autofree char *text = NULL;
    const char *key;

    if (priv->task == NULL ||
        !bureau_task_may_move (priv->client, priv->task, bureau_task_get_status (priv->task)))
        return NULL;
    priv->grab_x = x;
    priv->grab_y = y;
    key = bureau_task_get_key (priv->task);
    text = g_strdup_printf ("%s%s%s", key != NULL ? key : "", key != NULL ? " " : "",
                            bureau_task_get_title (priv->task));
    return gdk_content_provider_new_union (
        (GdkContentProvider *[2]){
            gdk_content_provider_new_typed (BUREAU_TYPE_TASK, priv->task),
            gdk_content_provider_new_typed (G_TYPE_STRING, text),
        },
        2);
}

static void
on_drag_begin_cb (BureauTaskCell *self, GdkDrag *drag, GtkDragSource *source)
{
    BureauTaskCellPrivate *priv = PRIVATE (self);
    g_autoptr (GdkPaintable) live = gtk_widget_paintable_new (GTK_WIDGET (self));
    /* A picture of the card as it was: the card itself fades. */
    g_autoptr (GdkPaintable) picture = gdk_paintable_get_current_image (live);

    gtk_drag_source_set_icon (source, picture, priv->grab_x, priv->grab_y);
    gtk_widget_add_css_class (GTK_WIDGET (self), "dragging");
}

static void
on_drag_end_cb (BureauTaskCell *self, GdkDrag *drag, gboolean delete_data, GtkDragSource *source)
{
    gtk_widget_remove_css_class (GTK_WIDGET (self), "dragging");
}

/* Its content is the BureauTask, and its key and title as text. */
static void
make_draggable (BureauTaskCell *self)
{
    GtkDragSource *source = gtk_drag_source_new ();

    gtk_drag_source_set_actions (source, GDK_ACTION_MOVE | GDK_ACTION_COPY);
    g_signal_connect_object (source, "prepare", G_CALLBACK (on_drag_prepare_cb), self,
                             G_CONNECT_SWAPPED);
    g_signal_connect_object (source, "drag-begin", G_CALLBACK (on_drag_begin_cb), self,
                             G_CONNECT_SWAPPED);
    g_signal_connect_object (source, "drag-end", G_CALLBACK (on_drag_end_cb), self,
                             G_CONNECT_SWAPPED);
    gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (source));
}

static void
bureau_task_cell_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    BureauTaskCellPrivate *priv = PRIVATE (BUREAU_TASK_CELL (object));

    switch (id) {
    case PROP_CLIENT:
        g_value_set_object (value, priv->client);
        break;
    case PROP_TASK:
        g_value_set_object (value, priv->task);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bureau_task_cell_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
    BureauTaskCell *self = BUREAU_TASK_CELL (object);

    switch (id) {
    case PROP_CLIENT:
        PRIVATE (self)->client = g_value_dup_object (value);
        break;
    case PROP_TASK:
        bureau_task_cell_set_task (self, g_value_get_object (value));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bureau_task_cell_constructed (GObject *object)
{
    BureauTaskCell *self = BUREAU_TASK_CELL (object);

    G_OBJECT_CLASS (bureau_task_cell_parent_class)->constructed (object);
    g_signal_connect_object (bureau_task_watch_get (PRIVATE (self)->client), "marks-changed",
                             G_CALLBACK (update), self, G_CONNECT_SWAPPED);
    make_draggable (self);
}

static void
bureau_task_cell_dispose (GObject *object)
{
    BureauTaskCellPrivate *priv = PRIVATE (BUREAU_TASK_CELL (object));

    g_clear_object (&priv->task_signals);
    g_clear_object (&priv->task);
    g_clear_object (&priv->client);
    G_OBJECT_CLASS (bureau_task_cell_parent_class)->dispose (object);
}

static void
bureau_task_cell_class_init (BureauTaskCellClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS (klass);

    object_class->get_property = bureau_task_cell_get_property;
    object_class->set_property = bureau_task_cell_set_property;
    object_class->constructed = bureau_task_cell_constructed;
    object_class->dispose = bureau_task_cell_dispose;
    properties[PROP_CLIENT] = g_param_spec_object ("client", NULL, NULL, BUREAU_TYPE_CLIENT,
                                                   G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY |
                                                       G_PARAM_STATIC_STRINGS);
    properties[PROP_TASK] = g_param_spec_object ("task", NULL, NULL, BUREAU_TYPE_TASK,
                                                 G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY |
                                                     G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
bureau_task_cell_init (BureauTaskCell *self)
{
    BureauTaskCellPrivate *priv = PRIVATE (self);

    priv->task_signals = g_signal_group_new (BUREAU_TYPE_TASK);
    g_signal_group_connect_swapped (priv->task_signals, "notify", G_CALLBACK (update), self);
}

BureauClient *
bureau_task_cell_get_client (BureauTaskCell *self)
{
    return PRIVATE (self)->client;
}

BureauTask *
bureau_task_cell_get_task (BureauTaskCell *self)
{
    return PRIVATE (self)->task;
}

void
bureau_task_cell_set_task (BureauTaskCell *self, BureauTask *task)
{
    BureauTaskCellPrivate *priv = PRIVATE (self);

    if (!g_set_object (&priv->task, task))
        return;
    g_signal_group_set_target (priv->task_signals, task);
    update (self);
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TASK]);
}

BureauTaskCell *
bureau_task_cell_find (GtkWidget *widget)
{
    GtkWidget *cell;

    if (widget == NULL)
        return NULL;
    cell = gtk_widget_get_ancestor (widget, BUREAU_TYPE_TASK_CELL);
    if (cell == NULL)
        cell = gtk_widget_get_first_child (widget);
    return BUREAU_IS_TASK_CELL (cell) ? BUREAU_TASK_CELL (cell) : NULL;
}
