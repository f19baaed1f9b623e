/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "board/bureau-task-surface.h"

#include <glib/gi18n.h>

#include "board/bureau-task-commands.h"
#include "board/bureau-task-watch.h"
#include "widgets/bureau-task-cell.h"

G_DEFINE_INTERFACE (BureauTaskSurface, bureau_task_surface, GTK_TYPE_WIDGET)

/* The columns that members move tasks among by hand, in their order. */
static const BureauStatus movable[] = { BUREAU_STATUS_TODO, BUREAU_STATUS_IN_PROGRESS,
                                        BUREAU_STATUS_REVIEW, BUREAU_STATUS_DONE };

/* What is attached to a surface. */
typedef struct {
    BureauTaskSurface *surface; /* (unowned): owns this */
    BureauClient *client;       /* (owned) */
    BureauTask
        *menu_task;  /* (owned) (nullable): whose menu is open; the focus is in the menu then */
    GtkWidget *menu; /* (owned) (nullable): parented to the surface */
    guint forget_id;
    GSimpleActionGroup *actions; /* (owned) */
} Attachment;

static void
bureau_task_surface_default_init (BureauTaskSurfaceInterface *iface)
{
}

gboolean
bureau_task_surface_focus_task (BureauTaskSurface *self, BureauTask *task)
{
    return BUREAU_TASK_SURFACE_GET_IFACE (self)->focus_task (self, task);
}

static BureauTaskModel *
get_column (BureauTaskSurface *self, BureauStatus status)
{
    BureauTaskSurfaceInterface *iface = BUREAU_TASK_SURFACE_GET_IFACE (self);

    return iface->get_column != NULL ? iface->get_column (self, status) : NULL;
}

BureauTask *
bureau_task_surface_get_focused (BureauTaskSurface *self)
{
    GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
    GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
    BureauTaskCell *cell;

    if (focus == NULL || !gtk_widget_is_ancestor (focus, GTK_WIDGET (self)))
        return NULL;
    cell = bureau_task_cell_find (focus);
    return cell != NULL ? bureau_task_cell_get_task (cell) : NULL;
}

static BureauTask *
current_task (Attachment *at)
{
    return at->menu_task != NULL ? at->menu_task : bureau_task_surface_get_focused (at->surface);
}

/* ---------------------------------------------------------------- actions */

static void
activate_for (Attachment *at, const char *action, BureauTask *task)
{
    gtk_widget_activate_action (GTK_WIDGET (at->surface), action, "s", bureau_task_get_id (task));
}

static void
open_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
    Attachment *at = data;
    BureauTask *task = current_task (at);

    if (task != NULL)
        activate_for (at, "win.open-task", task);
}

/* Opens the task and goes straight to one of its fields. */
static void
edit_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
    Attachment *at = data;
    BureauTask *task = current_task (at);

    if (task == NULL)
        return;
    activate_for (at, "win.open-task", task);
    bureau_task_watch_edit (bureau_task_watch_get (at->client),
                            g_variant_get_string (parameter, NULL));
}

static void
timer_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
    Attachment *at = data;
    BureauTask *task = current_task (at);

    if (task != NULL)
        activate_for (at, "win.toggle-timer", task);
}

/* Who deletes with the key goes on with the next card. */
static void
delete_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
    Attachment *at = data;
    g_autoptr (BureauTask) task = current_task (at);
    BureauTaskModel *column;
    g_autoptr (BureauTask) neighbour = NULL;

    if (task == NULL)
        return;
    g_object_ref (task);
    if (!bureau_task_may_change (at->client, task))
        return;
    column = get_column (at->surface, bureau_task_get_status (task));
    if (column != NULL) {
        guint position = bureau_task_model_find (column, task);

        neighbour = bureau_task_model_get (column, position + 1);
        if (neighbour == NULL && position > 0 && position != GTK_INVALID_LIST_POSITION)
            neighbour = bureau_task_model_get (column, position - 1);
        if (neighbour != NULL)
            g_object_ref (neighbour);
    }
    if (neighbour != NULL)
        bureau_task_surface_focus_task (at->surface, neighbour);
    activate_for (at, "win.delete-task", task);
}

static void
done_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
    Attachment *at = data;
    BureauTask *task = current_task (at);

    if (task != NULL)
        bureau_task_give_done (at->client, task);
}

static void
copy_key_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
    Attachment *at = data;
    BureauTask *task = current_task (at);

    if (task != NULL && bureau_task_get_key (task) != NULL)
        gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (at->surface)),
                                bureau_task_get_key (task));
}

static void
move_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
    Attachment *at = data;
    BureauTask *task = current_task (at);
    int status = bureau_status_from_string (g_variant_get_string (parameter, NULL));

    if (task != NULL && status >= 0 && (BureauStatus) status != bureau_task_get_status (task))
        bureau_task_give_move (at->client, task, status, NULL);
}

/* The task at @position if it is in the column @status: a list has all columns in one model. */
static BureauTask *
get_in_column (BureauTaskModel *model, guint position, BureauStatus status)
{
    BureauTask *task = bureau_task_model_get (model, position);

    return task != NULL && bureau_task_get_status (task) == status ? task : NULL;
}

static void
move_in_column (Attachment *at, gboolean up)
{
    BureauTask *task = current_task (at);
    BureauStatus status;
    BureauTaskModel *column;
    BureauTask *after;
    guint position;

    if (task == NULL)
        return;
    status = bureau_task_get_status (task);
    column = get_column (at->surface, status);
    position = column != NULL ? bureau_task_model_find (column, task) : GTK_INVALID_LIST_POSITION;
    if (position == GTK_INVALID_LIST_POSITION)
        return;
    if (up) {
        if (position == 0 || get_in_column (column, position - 1, status) == NULL)
            return;
        after = position > 1 ? get_in_column (column, position - 2, status) : NULL;
    } else {
        after = get_in_column (column, position + 1, status);
        if (after == NULL)
            return;
    }
    bureau_task_give_move (at->client, task, status, after);
}

static void
move_across (Attachment *at, int step)
{
    BureauTask *task = current_task (at);

    if (task == NULL || get_column (at->surface, bureau_task_get_status (task)) == NULL)
        return;
    for (int i = 0; i < (int) G_N_ELEMENTS (movable); i++)
        if (movable[i] == bureau_task_get_status (task)) {
            if (i + step >= 0 && i + step < (int) G_N_ELEMENTS (movable))
                bureau_task_give_move (at->client, task, movable[i + step], NULL);
            return;
        }
}

static void
up_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
    move_in_column (data, TRUE);
}

static void
down_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
    move_in_column (data, FALSE);
}

/* To the left on the screen: the other way round where text runs from right to left. */
static int
across_step (Attachment *at, int step)
{
    return gtk_widget_get_direction (GTK_WIDGET (at->surface)) == GTK_TEXT_DIR_RTL ? -step : step;
}

static void
left_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
    move_across (data, across_step (data, -1));
}

static void
right_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
    move_across (data, across_step (data, 1));
}

static const GActionEntry action_entries[] = {
    { "open", open_cb },      { "edit", edit_cb, "s" },
    { "move", move_cb, "s" }, { "up", up_cb },
    { "down", down_cb },      { "left", left_cb },
    { "right", right_cb },    { "done", done_cb },
    { "timer", timer_cb },    { "copy-key", copy_key_cb },
    { "delete", delete_cb },
};

/* ------------------------------------------------------------------- menu */

static GMenuModel *
make_menu (Attachment *at, BureauTask *task)
{
    GMenu *menu = g_menu_new ();
    g_autoptr (GMenu) first = g_menu_new ();
    g_autoptr (GMenu) move = g_menu_new ();
    g_autoptr (GMenu) second = g_menu_new ();
    g_autoptr (GMenu) last = g_menu_new ();
    BureauTimeEntry *running = bureau_client_get_running_entry (at->client);
    BureauStatus status = bureau_task_get_status (task);
    gboolean done = status == BUREAU_STATUS_DONE;
    gboolean mine = running != NULL && g_strcmp0 (bureau_time_entry_get_task_id (running),
                                                  bureau_task_get_id (task)) == 0;

    for (guint i = 0; i < G_N_ELEMENTS (movable); i++) {
        g_autofree char *action = g_strdup_printf ("task.move('%s')",
                                                   bureau_status_to_string (movable[i]));

        if (movable[i] != status && bureau_task_may_move (at->client, task, movable[i]))
            g_menu_append (move, bureau_status_to_label (movable[i]), action);
    }
    if (get_column (at->surface, status) != NULL &&
        bureau_task_may_move (at->client, task, status)) {
        g_menu_append (move, _ ("Up"), "task.up");
        g_menu_append (move, _ ("Down"), "task.down");
    }
    g_menu_append (first, _ ("Open"), "task.open");
    if (bureau_task_may_move (at->client, task, done ? BUREAU_STATUS_TODO : BUREAU_STATUS_DONE))
        g_menu_append (first, done ? _ ("Not Done") : _ ("Done"), "task.done");
    if (g_menu_model_get_n_items (G_MENU_MODEL (move)) > 0)
        g_menu_append_submenu (first, _ ("Move to"), G_MENU_MODEL (move));
    if (bureau_task_may_time (at->client))
        g_menu_append (second, mine ? _ ("Stop Timer") : _ ("Start Timer"), "task.timer");
    g_menu_append (second, _ ("Copy Key"), "task.copy-key");
    if (bureau_task_may_change (at->client, task))
        g_menu_append (last, _ ("Delete"), "task.delete");
    g_menu_append_section (menu, NULL, G_MENU_MODEL (first));
    g_menu_append_section (menu, NULL, G_MENU_MODEL (second));
    g_menu_append_section (menu, NULL, G_MENU_MODEL (last));
    return G_MENU_MODEL (menu);
}

/* The menu's action is activated after it has closed, so its task is let go only then. */
static gboolean
forget_menu_task_cb (gpointer data)
{
    Attachment *at = data;

    at->forget_id = 0;
    if (at->menu == NULL || !gtk_widget_get_visible (at->menu))
        g_clear_object (&at->menu_task);
    return G_SOURCE_REMOVE;
}

static void
on_menu_closed_cb (GtkPopover *menu, Attachment *at)
{
    if (at->menu_task != NULL)
        bureau_task_surface_focus_task (at->surface, at->menu_task);
    if (at->forget_id == 0)
        at->forget_id = g_idle_add_full (G_PRIORITY_LOW, forget_menu_task_cb, at, NULL);
}

static void
pop_up_menu (Attachment *at, BureauTaskCell *cell, double x, double y)
{
    g_autoptr (GMenuModel) model = NULL;

    g_set_object (&at->menu_task, bureau_task_cell_get_task (cell));
    if (at->menu_task == NULL)
        return;
    model = make_menu (at, at->menu_task);
    if (at->menu == NULL) {
        at->menu = gtk_popover_menu_new_from_model (model);
        gtk_popover_set_has_arrow (GTK_POPOVER (at->menu), FALSE);
        gtk_widget_set_halign (at->menu, GTK_ALIGN_START);
        gtk_widget_set_parent (at->menu, GTK_WIDGET (at->surface));
        g_signal_connect (at->menu, "closed", G_CALLBACK (on_menu_closed_cb), at);
    } else {
        gtk_popover_menu_set_menu_model (GTK_POPOVER_MENU (at->menu), model);
    }
    gtk_popover_set_pointing_to (GTK_POPOVER (at->menu), &(GdkRectangle){ x, y, 1, 1 });
    gtk_popover_popup (GTK_POPOVER (at->menu));
}

static void
pop_up_menu_at (Attachment *at, GtkGesture *gesture, double x, double y)
{
    GtkWidget *surface = GTK_WIDGET (at->surface);
    BureauTaskCell *cell = bureau_task_cell_find (
        gtk_widget_pick (surface, x, y, GTK_PICK_DEFAULT));

    if (cell == NULL)
        return;
    gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
    pop_up_menu (at, cell, x, y);
}

static void
on_pressed_cb (GtkGesture *gesture, int n_press, double x, double y, Attachment *at)
{
    pop_up_menu_at (at, gesture, x, y);
}

static void
on_long_pressed_cb (GtkGesture *gesture, double x, double y, Attachment *at)
{
    pop_up_menu_at (at, gesture, x, y);
}

/* ------------------------------------------------------------------- keys */

static gboolean
pop_up_menu_by_key (Attachment *at)
{
    GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (at->surface));
    GtkWidget *focus = gtk_root_get_focus (root);
    BureauTaskCell *cell = bureau_task_cell_find (focus);
    graphene_rect_t bounds;

    if (cell == NULL ||
        !gtk_widget_compute_bounds (GTK_WIDGET (cell), GTK_WIDGET (at->surface), &bounds))
        return FALSE;
    pop_up_menu (at, cell, bounds.origin.x + 24, bounds.origin.y + MIN (24, bounds.size.height));
    return TRUE;
}

/* The action of a key on a focused card, with its target. (nullable) */
static const char *
action_of_key (guint keyval, GdkModifierType state)
{
    if (state == GDK_ALT_MASK)
        switch (keyval) {
        case GDK_KEY_Up:
        case GDK_KEY_KP_Up:
            return "up";
        case GDK_KEY_Down:
        case GDK_KEY_KP_Down:
            return "down";
        case GDK_KEY_Left:
        case GDK_KEY_KP_Left:
            return "left";
        case GDK_KEY_Right:
        case GDK_KEY_KP_Right:
            return "right";
        default:
            return NULL;
        }
    if (state != 0)
        return NULL;
    switch (keyval) {
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
        return "open";
    case GDK_KEY_space:
    case GDK_KEY_KP_Space:
        return "done";
    case GDK_KEY_e:
        return "edit::title";
    case GDK_KEY_a:
        return "edit::assignees";
    case GDK_KEY_d:
        return "edit::due";
    case GDK_KEY_p:
        return "edit::priority";
    case GDK_KEY_t:
        return "timer";
    case GDK_KEY_period:
    case GDK_KEY_KP_Decimal:
        return "copy-key";
    case GDK_KEY_Delete:
    case GDK_KEY_KP_Delete:
        return "delete";
    default:
        return NULL;
    }
}

static gboolean
on_key_pressed_cb (Attachment *at, guint keyval, guint keycode, GdkModifierType state,
                   GtkEventControllerKey *controller)
{
    GdkModifierType modifiers = state & gtk_accelerator_get_default_mod_mask ();
    GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (at->surface));
    GtkWidget *focus = gtk_root_get_focus (root);
    g_autoptr (GVariant) target = NULL;
    g_autofree char *name = NULL;
    const char *action;

    /* Only on a list item itself: never in an entry or on a button. */
    if (focus == NULL || !BUREAU_IS_TASK_CELL (gtk_widget_get_first_child (focus)))
        return GDK_EVENT_PROPAGATE;
    if (keyval == GDK_KEY_Menu || (keyval == GDK_KEY_F10 && modifiers == GDK_SHIFT_MASK))
        return pop_up_menu_by_key (at);
    if (modifiers == 0 && (keyval == GDK_KEY_j || keyval == GDK_KEY_k))
        return gtk_widget_child_focus (gtk_widget_get_parent (focus),
                                       keyval == GDK_KEY_j ? GTK_DIR_DOWN : GTK_DIR_UP);
    action = action_of_key (keyval, modifiers);
    if (action == NULL)
        return GDK_EVENT_PROPAGATE;
    g_action_parse_detailed_name (action, &name, &target, NULL);
    g_action_group_activate_action (G_ACTION_GROUP (at->actions), name, target);
    return GDK_EVENT_STOP;
}

/* --------------------------------------------------------------- attaching */

static void
detach (GtkWidget *surface, Attachment *at)
{
    g_clear_pointer (&at->menu, gtk_widget_unparent);
}

static void
attachment_free (gpointer data)
{
    Attachment *at = data;

    g_clear_handle_id (&at->forget_id, g_source_remove);
    g_clear_object (&at->menu_task);
    g_clear_object (&at->actions);
    g_clear_object (&at->client);
    g_free (at);
}

static void
add_gestures (Attachment *at)
{
    GtkWidget *surface = GTK_WIDGET (at->surface);
    GtkGesture *click = gtk_gesture_click_new ();
    GtkGesture *press = gtk_gesture_long_press_new ();

    gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
    gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (click), GTK_PHASE_CAPTURE);
    g_signal_connect (click, "pressed", G_CALLBACK (on_pressed_cb), at);
    gtk_widget_add_controller (surface, GTK_EVENT_CONTROLLER (click));

    gtk_gesture_single_set_touch_only (GTK_GESTURE_SINGLE (press), TRUE);
    gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (press), GTK_PHASE_CAPTURE);
    g_signal_connect (press, "pressed", G_CALLBACK (on_long_pressed_cb), at);
    gtk_widget_add_controller (surface, GTK_EVENT_CONTROLLER (press));
}

void
bureau_task_surface_attach (BureauTaskSurface *self, BureauClient *client)
{
    Attachment *at = g_new0 (Attachment, 1);
    GtkEventController *keys = gtk_event_controller_key_new ();

    at->surface = self;
    at->client = g_object_ref (client);
    at->actions = g_simple_action_group_new ();
    g_action_map_add_action_entries (G_ACTION_MAP (at->actions), action_entries,
                                     G_N_ELEMENTS (action_entries), at);
    gtk_widget_insert_action_group (GTK_WIDGET (self), "task", G_ACTION_GROUP (at->actions));

    gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
    g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (on_key_pressed_cb), at);
    gtk_widget_add_controller (GTK_WIDGET (self), keys);
    add_gestures (at);
    g_signal_connect (self, "destroy", G_CALLBACK (detach), at);
    g_object_set_data_full (G_OBJECT (self), "bureau-task-surface", at, attachment_free);
}

gboolean
bureau_list_view_focus_item (GtkListView *view, guint position, BureauTask *task)
{
    gtk_widget_activate_action (GTK_WIDGET (view), "list.scroll-to-item", "u", position);
    for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (view)); row != NULL;
         row = gtk_widget_get_next_sibling (row)) {
        BureauTaskCell *cell = bureau_task_cell_find (row);

        if (cell != NULL && bureau_task_cell_get_task (cell) == task)
            return gtk_widget_grab_focus (row);
    }
    return FALSE;
}
