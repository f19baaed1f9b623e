/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "board/bureau-board.h"

#include <glib/gi18n.h>

#include "board/bureau-board-column.h"
#include "board/bureau-column-strip.h"
#include "board/bureau-task-commands.h"
#include "board/bureau-task-surface.h"
#include "board/bureau-task-watch.h"
#include "widgets/bureau-task-cell.h"

#define N_COLUMNS (BUREAU_STATUS_DECLINED + 1)

struct _BureauBoard {
    GtkWidget parent_instance;

    BureauClient *client; /* (owned) */
    GtkWidget *scroller;  /* (owned) */
    BureauColumnStrip *strip;
    BureauBoardColumn *columns[N_COLUMNS];
    gboolean filtered;
};

static void bureau_board_surface_init (BureauTaskSurfaceInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (BureauBoard, bureau_board, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (BUREAU_TYPE_TASK_SURFACE,
                                                      bureau_board_surface_init))

static guint
count_in (BureauBoard *self, guint column)
{
    return bureau_task_model_get_n_items (bureau_board_column_get_model (self->columns[column]));
}

static void
update_columns (BureauBoard *self)
{
    /* Guests add to the requests, which are out of sight otherwise while there are none. */
    gboolean asks = bureau_task_may_add (self->client, BUREAU_STATUS_REQUESTED);
    guint total = 0;

    for (guint i = 0; i < N_COLUMNS; i++)
        total += count_in (self, i);
    gtk_widget_set_visible (GTK_WIDGET (self->columns[BUREAU_STATUS_REQUESTED]),
                            asks || count_in (self, BUREAU_STATUS_REQUESTED) > 0);
    gtk_widget_set_visible (GTK_WIDGET (self->columns[BUREAU_STATUS_DECLINED]),
                            count_in (self, BUREAU_STATUS_DECLINED) > 0);
    bureau_board_column_set_hint (
        self->columns[asks ? BUREAU_STATUS_REQUESTED : BUREAU_STATUS_TODO],
        total == 0 && !self->filtered ? _ ("Nothing here yet. Add the first task with + or Ctrl+N.")
                                      : NULL);
}

/* Cards that change column or place take the focus with them. */
static void
on_changed_cb (BureauBoard *self)
{
    BureauTask *focused = bureau_task_surface_get_focused (BUREAU_TASK_SURFACE (self));
    g_autoptr (BureauTask) task = focused != NULL ? g_object_ref (focused) : NULL;

    for (guint i = 0; i < N_COLUMNS; i++)
        bureau_task_model_refresh (bureau_board_column_get_model (self->columns[i]));
    update_columns (self);
    if (task != NULL && bureau_task_surface_get_focused (BUREAU_TASK_SURFACE (self)) != task)
        bureau_task_surface_focus_task (BUREAU_TASK_SURFACE (self), task);
}

/* --------------------------------------------------------------- surface */

static BureauTaskModel *
bureau_board_get_column (BureauTaskSurface *surface, BureauStatus status)
{
    return bureau_board_column_get_model (BUREAU_BOARD (surface)->columns[status]);
}

static gboolean
bureau_board_focus_task (BureauTaskSurface *surface, BureauTask *task)
{
    BureauBoard *self = BUREAU_BOARD (surface);

    for (guint i = 0; i < N_COLUMNS; i++)
        if (bureau_board_column_focus_task (self->columns[i], task))
            return TRUE;
    return FALSE;
}

static void
bureau_board_surface_init (BureauTaskSurfaceInterface *iface)
{
    iface->get_column = bureau_board_get_column;
    iface->focus_task = bureau_board_focus_task;
}

/* ------------------------------------------------------------------ keys */

static gboolean
focus_in_column (BureauBoard *self, guint column, guint position)
{
    BureauTaskModel *model = bureau_board_column_get_model (self->columns[column]);
    guint n = bureau_task_model_get_n_items (model);

    if (n == 0)
        return FALSE;
    return bureau_board_column_focus_task (self->columns[column],
                                           bureau_task_model_get (model, MIN (position, n - 1)));
}

/* To the card at the same height in the next column that has any. */
static gboolean
focus_across (BureauBoard *self, int step)
{
    BureauTask *task = bureau_task_surface_get_focused (BUREAU_TASK_SURFACE (self));
    int column;
    guint position;

    if (task == NULL)
        return FALSE;
    column = bureau_task_get_status (task);
    position = bureau_task_model_find (bureau_board_column_get_model (self->columns[column]), task);
    for (int i = column + step; i >= 0 && i < N_COLUMNS; i += step)
        if (focus_in_column (self, i, position))
            break;
    return TRUE;
}

static gboolean
on_key_pressed_cb (BureauBoard *self, guint keyval, guint keycode, GdkModifierType state)
{
    GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (GTK_WIDGET (self)));
    int left = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL ? 1 : -1;

    if ((state & gtk_accelerator_get_default_mod_mask ()) != 0 || focus == NULL ||
        !BUREAU_IS_TASK_CELL (gtk_widget_get_first_child (focus)))
        return GDK_EVENT_PROPAGATE;
    switch (keyval) {
    case GDK_KEY_Left:
    case GDK_KEY_KP_Left:
    case GDK_KEY_h:
        return focus_across (self, left);
    case GDK_KEY_Right:
    case GDK_KEY_KP_Right:
    case GDK_KEY_l:
        return focus_across (self, -left);
    default:
        return GDK_EVENT_PROPAGATE;
    }
}

/* ---------------------------------------------------------------- GObject */

static void
bureau_board_dispose (GObject *object)
{
    BureauBoard *self = BUREAU_BOARD (object);

    g_clear_pointer (&self->scroller, gtk_widget_unparent);
    g_clear_object (&self->client);
    G_OBJECT_CLASS (bureau_board_parent_class)->dispose (object);
}

static void
bureau_board_class_init (BureauBoardClass *klass)
{
    G_OBJECT_CLASS (klass)->dispose = bureau_board_dispose;
    gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
    gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "board");
    gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
bureau_board_init (BureauBoard *self)
{
    GtkEventController *keys = gtk_event_controller_key_new ();

    self->strip = BUREAU_COLUMN_STRIP (bureau_column_strip_new ());
    self->scroller = gtk_scrolled_window_new ();
    gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_AUTOMATIC,
                                    GTK_POLICY_NEVER);
    gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), GTK_WIDGET (self->strip));
    gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));

    gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
    g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (on_key_pressed_cb), self);
    gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

GtkWidget *
bureau_board_new (BureauClient *client, BureauProject *project)
{
    BureauBoard *self = g_object_new (BUREAU_TYPE_BOARD, NULL);

    self->client = g_object_ref (client);
    for (guint i = 0; i < N_COLUMNS; i++) {
        self->columns[i] = BUREAU_BOARD_COLUMN (bureau_board_column_new (client, project, i));
        bureau_column_strip_append (self->strip, GTK_WIDGET (self->columns[i]));
        g_signal_connect_object (
            bureau_task_model_get_items (bureau_board_column_get_model (self->columns[i])),
            "items-changed", G_CALLBACK (update_columns), self, G_CONNECT_SWAPPED);
    }
    g_signal_connect_object (client, "notify::role", G_CALLBACK (update_columns), self,
                             G_CONNECT_SWAPPED);
    update_columns (self);
    bureau_task_surface_attach (BUREAU_TASK_SURFACE (self), client);
    g_signal_connect_object (bureau_task_watch_get (client), "changed", G_CALLBACK (on_changed_cb),
                             self, G_CONNECT_SWAPPED);
    return GTK_WIDGET (self);
}

void
bureau_board_set_text (BureauBoard *self, const char *text)
{
    self->filtered = text != NULL && *text != '\0';
    for (guint i = 0; i < N_COLUMNS; i++)
        bureau_task_model_set_text (bureau_board_column_get_model (self->columns[i]), text);
    update_columns (self);
}

gboolean
bureau_board_focus_first (BureauBoard *self)
{
    for (guint i = 0; i < N_COLUMNS; i++)
        if (focus_in_column (self, i, 0))
            return TRUE;
    return FALSE;
}
