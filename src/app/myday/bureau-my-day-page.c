/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "myday/bureau-my-day-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "board/bureau-task-watch.h"
#include "list/bureau-task-list.h"
#include "widgets/bureau-due-text.h"

/* How often to look whether a new day has begun, for all that shows tasks. */
#define DAY_CHECK_SECONDS 30

struct _BureauMyDayPage {
    GtkWidget parent_instance;

    BureauClient *client;   /* (owned) */
    BureauTaskModel *model; /* (owned) */
    GTimeZone *zone;        /* (owned) */
    gint64 now;             /* instant: the present that the sections are of */
    char *today;            /* (owned) */
    guint day_id;
    guint count;

    GtkStack *stack; /* (owned) */
    BureauTaskList *list;
};

enum { PROP_COUNT = 1, N_PROPS };
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BureauMyDayPage, bureau_my_day_page, GTK_TYPE_WIDGET)

static int
section_cb (BureauTask *task, gpointer data)
{
    BureauMyDayPage *self = data;
    BureauDueNearness nearness = bureau_due_get_nearness (bureau_task_get_due_at (task), self->now,
                                                          self->zone);

    /* Without a date comes after what has one. */
    return nearness == BUREAU_DUE_NONE ? BUREAU_DUE_LATER + 1 : (int) nearness;
}

static const char *
section_title_cb (int section)
{
    switch (section) {
    case BUREAU_DUE_OVERDUE:
        return _ ("Overdue");
    case BUREAU_DUE_TODAY:
        return _ ("Today");
    case BUREAU_DUE_SOON:
        /* Translators: a heading: due in the next seven days */
        return _ ("Soon");
    default:
        return _ ("No Date");
    }
}

static gboolean
matches_cb (BureauTask *task, gpointer data)
{
    BureauMyDayPage *self = data;
    BureauStatus status = bureau_task_get_status (task);
    BureauProject *project = bureau_client_find_project (self->client,
                                                         bureau_task_get_project_id (task));

    if (project == NULL || bureau_project_get_archived (project))
        return FALSE;
    return status != BUREAU_STATUS_DONE && status != BUREAU_STATUS_DECLINED &&
           bureau_task_is_assigned_to (task, bureau_client_get_account (self->client)->user_id) &&
           section_cb (task, self) != BUREAU_DUE_LATER;
}

/* By section, day, priority, then as on the board. */
static int
compare_cb (gconstpointer a, gconstpointer b, gpointer data)
{
    BureauTask *x = (BureauTask *) a, *y = (BureauTask *) b;
    int order = section_cb (x, data) - section_cb (y, data);

    if (order == 0)
        order = g_strcmp0 (bureau_task_get_due_at (x), bureau_task_get_due_at (y));
    if (order == 0)
        order = (int) bureau_task_get_priority (x) - (int) bureau_task_get_priority (y);
    return order != 0 ? order : bureau_task_compare (a, b);
}

static void
on_items_changed_cb (BureauMyDayPage *self)
{
    guint count = bureau_task_model_get_n_items (self->model);

    gtk_stack_set_visible_child_name (self->stack, count > 0 ? "list" : "empty");
    if (count == self->count)
        return;
    self->count = count;
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COUNT]);
}

static gboolean
day_cb (gpointer data)
{
    BureauMyDayPage *self = data;
    gint64 now = bureau_client_get_now (self->client);
    g_autofree char *today = bureau_due_in_days (0, now, self->zone);

    self->now = now;
    if (g_strcmp0 (today, self->today) != 0) {
        g_free (self->today);
        self->today = g_steal_pointer (&today);
        bureau_task_watch_look_again (bureau_task_watch_get (self->client));
    }
    return G_SOURCE_CONTINUE;
}

static void
bureau_my_day_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    switch (id) {
    case PROP_COUNT:
        g_value_set_uint (value, BUREAU_MY_DAY_PAGE (object)->count);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bureau_my_day_page_dispose (GObject *object)
{
    BureauMyDayPage *self = BUREAU_MY_DAY_PAGE (object);

    g_clear_handle_id (&self->day_id, g_source_remove);
    if (self->stack != NULL)
        gtk_widget_unparent (GTK_WIDGET (self->stack));
    self->stack = NULL;
    g_clear_object (&self->model);
    g_clear_object (&self->client);
    g_clear_pointer (&self->zone, g_time_zone_unref);
    g_clear_pointer (&self->today, g_free);
    G_OBJECT_CLASS (bureau_my_day_page_parent_class)->dispose (object);
}

static void
bureau_my_day_page_class_init (BureauMyDayPageClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS (klass);

    object_class->dispose = bureau_my_day_page_dispose;
    object_class->get_property = bureau_my_day_page_get_property;
    properties[PROP_COUNT] = g_param_spec_uint ("count", NULL, NULL, 0, G_MAXUINT, 0,
                                                G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties (object_class, N_PROPS, properties);
    gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
bureau_my_day_page_init (BureauMyDayPage *self)
{
    GtkWidget *empty = g_object_new (
        ADW_TYPE_STATUS_PAGE, "icon-name", "bureau-my-day-symbolic", "title", _ ("A Clear Day"),
        "description", _ ("Tasks that are assigned to you appear here, the most pressing first."),
        NULL);

    gtk_widget_add_css_class (empty, "compact");
    self->stack = GTK_STACK (gtk_stack_new ());
    gtk_stack_add_named (self->stack, empty, "empty");
    gtk_widget_set_parent (GTK_WIDGET (self->stack), GTK_WIDGET (self));
}

GtkWidget *
bureau_my_day_page_new (BureauClient *client)
{
    BureauMyDayPage *self = g_object_new (BUREAU_TYPE_MY_DAY_PAGE, NULL);
    GtkWidget *list;

    self->client = g_object_ref (client);
    self->zone = g_time_zone_new_local ();
    self->now = bureau_client_get_now (client);
    self->today = bureau_due_in_days (0, self->now, self->zone);
    self->model = bureau_task_model_new (client, matches_cb, compare_cb, self);
    list = bureau_task_list_new (client, self->model, section_cb, section_title_cb, FALSE, self);
    self->list = BUREAU_TASK_LIST (list);
    gtk_stack_add_named (self->stack, list, "list");
    g_signal_connect_object (bureau_task_model_get_items (self->model), "items-changed",
                             G_CALLBACK (on_items_changed_cb), self, G_CONNECT_SWAPPED);
    on_items_changed_cb (self);
    self->day_id = g_timeout_add_seconds (DAY_CHECK_SECONDS, day_cb, self);
    return GTK_WIDGET (self);
}

guint
bureau_my_day_page_get_count (BureauMyDayPage *self)
{
    return self->count;
}
