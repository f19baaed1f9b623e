/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "board/bureau-task-watch.h"

struct _BureauTaskWatch {
    GObject parent_instance;

    BureauClient *client; /* (unowned): owns us */
    GPtrArray *tasks;     /* (owned): mirrors the client's tasks, to know who went */
    GPtrArray *entries;   /* (owned) */
    GPtrArray *members;   /* (owned) */
    GPtrArray *projects;  /* (owned) */
    char *open_task_id;   /* (owned) (nullable) */
    guint idle_id;
    gboolean tasks_dirty;
    gboolean marks_dirty;
    gboolean people_dirty;
};

G_DEFINE_FINAL_TYPE (BureauTaskWatch, bureau_task_watch, G_TYPE_OBJECT)

enum { SIGNAL_CHANGED, SIGNAL_MARKS_CHANGED, SIGNAL_PEOPLE_CHANGED, SIGNAL_EDIT, N_SIGNALS };
static guint signals[N_SIGNALS];

static gboolean
flush_cb (gpointer data)
{
    g_autoptr (BureauTaskWatch) self = g_object_ref (data);
    gboolean tasks_dirty = self->tasks_dirty;
    gboolean marks_dirty = self->marks_dirty;
    gboolean people_dirty = self->people_dirty;

    self->idle_id = 0;
    self->tasks_dirty = FALSE;
    self->marks_dirty = FALSE;
    self->people_dirty = FALSE;
    if (tasks_dirty)
        g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
    if (marks_dirty)
        g_signal_emit (self, signals[SIGNAL_MARKS_CHANGED], 0);
    if (people_dirty)
        g_signal_emit (self, signals[SIGNAL_PEOPLE_CHANGED], 0);
    return G_SOURCE_REMOVE;
}

/* Before GTK lays out and draws (G_PRIORITY_HIGH_IDLE + 10 and + 20), so nothing stale is ever
 * drawn. */
static void
schedule (BureauTaskWatch *self)
{
    if (self->idle_id == 0)
        self->idle_id = g_idle_add_full (G_PRIORITY_HIGH_IDLE + 5, flush_cb, self, NULL);
}

static void
on_task_notify_cb (BureauTaskWatch *self, GParamSpec *pspec, BureauTask *task)
{
    static const char *const placing[] = { "status",   "position", "project-id",   "title",
                                           "key",      "due-at",   "assignee-ids", "assignee-name",
                                           "priority", NULL };

    if (!g_strv_contains (placing, pspec->name))
        return;
    self->tasks_dirty = TRUE;
    schedule (self);
}

static void
on_entry_notify_cb (BureauTaskWatch *self, GParamSpec *pspec, BureauTimeEntry *entry)
{
    self->marks_dirty = TRUE;
    schedule (self);
}

/* Presence is shown by avatars, which follow it themselves, and counted; the rest is said in words
 * beside tasks. */
static void
on_member_notify_cb (BureauTaskWatch *self, GParamSpec *pspec, BureauMember *member)
{
    self->people_dirty = TRUE;
    self->marks_dirty |= !g_str_equal (pspec->name, "presence");
    schedule (self);
}

/* An archived project takes its tasks with it. */
static void
on_project_notify_cb (BureauTaskWatch *self, GParamSpec *pspec, BureauProject *project)
{
    self->tasks_dirty |= g_str_equal (pspec->name, "archived");
    self->marks_dirty = TRUE;
    schedule (self);
}

static void
forget (BureauTaskWatch *self, GPtrArray *items, guint position, guint removed)
{
    for (guint i = 0; i < removed; i++)
        g_signal_handlers_disconnect_by_data (g_ptr_array_index (items, position + i), self);
    if (removed > 0)
        g_ptr_array_remove_range (items, position, removed);
}

static void
follow (BureauTaskWatch *self, GPtrArray *items, GListModel *model, guint position, guint added,
        GCallback callback)
{
    for (guint i = 0; i < added; i++) {
        GObject *item = g_list_model_get_item (model, position + i);

        g_signal_connect_data (item, "notify", callback, self, NULL, G_CONNECT_SWAPPED);
        g_ptr_array_insert (items, position + i, item);
    }
}

static void
on_tasks_items_changed_cb (BureauTaskWatch *self, guint position, guint removed, guint added,
                           GListModel *model)
{
    forget (self, self->tasks, position, removed);
    follow (self, self->tasks, model, position, added, G_CALLBACK (on_task_notify_cb));
    self->tasks_dirty = TRUE;
    schedule (self);
}

static void
on_entries_items_changed_cb (BureauTaskWatch *self, guint position, guint removed, guint added,
                             GListModel *model)
{
    forget (self, self->entries, position, removed);
    follow (self, self->entries, model, position, added, G_CALLBACK (on_entry_notify_cb));
    self->marks_dirty = TRUE;
    schedule (self);
}

static void
on_members_items_changed_cb (BureauTaskWatch *self, guint position, guint removed, guint added,
                             GListModel *model)
{
    forget (self, self->members, position, removed);
    follow (self, self->members, model, position, added, G_CALLBACK (on_member_notify_cb));
    self->marks_dirty = self->people_dirty = TRUE;
    schedule (self);
}

static void
on_projects_items_changed_cb (BureauTaskWatch *self, guint position, guint removed, guint added,
                              GListModel *model)
{
    forget (self, self->projects, position, removed);
    follow (self, self->projects, model, position, added, G_CALLBACK (on_project_notify_cb));
    self->tasks_dirty = self->marks_dirty = TRUE;
    schedule (self);
}

static void
bureau_task_watch_dispose (GObject *object)
{
    BureauTaskWatch *self = BUREAU_TASK_WATCH (object);

    g_clear_handle_id (&self->idle_id, g_source_remove);
    forget (self, self->tasks, 0, self->tasks->len);
    forget (self, self->entries, 0, self->entries->len);
    forget (self, self->members, 0, self->members->len);
    forget (self, self->projects, 0, self->projects->len);
    G_OBJECT_CLASS (bureau_task_watch_parent_class)->dispose (object);
}

static void
bureau_task_watch_finalize (GObject *object)
{
    BureauTaskWatch *self = BUREAU_TASK_WATCH (object);

    g_ptr_array_unref (self->tasks);
    g_ptr_array_unref (self->entries);
    g_ptr_array_unref (self->members);
    g_ptr_array_unref (self->projects);
    g_free (self->open_task_id);
    G_OBJECT_CLASS (bureau_task_watch_parent_class)->finalize (object);
}

static void
bureau_task_watch_class_init (BureauTaskWatchClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS (klass);
    GType type = G_TYPE_FROM_CLASS (klass);

    object_class->dispose = bureau_task_watch_dispose;
    object_class->finalize = bureau_task_watch_finalize;
    signals[SIGNAL_CHANGED] = g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                            G_TYPE_NONE, 0);
    signals[SIGNAL_MARKS_CHANGED] = g_signal_new ("marks-changed", type, G_SIGNAL_RUN_LAST, 0, NULL,
                                                  NULL, NULL, G_TYPE_NONE, 0);
    signals[SIGNAL_PEOPLE_CHANGED] = g_signal_new ("people-changed", type, G_SIGNAL_RUN_LAST, 0,
                                                   NULL, NULL, NULL, G_TYPE_NONE, 0);
    signals[SIGNAL_EDIT] = g_signal_new ("edit", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
bureau_task_watch_init (BureauTaskWatch *self)
{
    self->tasks = g_ptr_array_new_with_free_func (g_object_unref);
    self->entries = g_ptr_array_new_with_free_func (g_object_unref);
    self->members = g_ptr_array_new_with_free_func (g_object_unref);
    self->projects = g_ptr_array_new_with_free_func (g_object_unref);
}

static void
follow_model (BureauTaskWatch *self, GPtrArray *items, GListModel *model, GCallback items_changed,
              GCallback notify)
{
    g_signal_connect_object (model, "items-changed", items_changed, self, G_CONNECT_SWAPPED);
    follow (self, items, model, 0, g_list_model_get_n_items (model), notify);
}

BureauTaskWatch *
bureau_task_watch_get (BureauClient *client)
{
    BureauTaskWatch *self = g_object_get_data (G_OBJECT (client), "bureau-task-watch");

    if (self != NULL)
        return self;

    self = g_object_new (BUREAU_TYPE_TASK_WATCH, NULL);
    self->client = client;
    g_object_set_data_full (G_OBJECT (client), "bureau-task-watch", self, g_object_unref);
    follow_model (self, self->tasks, bureau_client_get_tasks (client),
                  G_CALLBACK (on_tasks_items_changed_cb), G_CALLBACK (on_task_notify_cb));
    follow_model (self, self->entries, bureau_client_get_entries (client),
                  G_CALLBACK (on_entries_items_changed_cb), G_CALLBACK (on_entry_notify_cb));
    follow_model (self, self->members, bureau_client_get_members (client),
                  G_CALLBACK (on_members_items_changed_cb), G_CALLBACK (on_member_notify_cb));
    follow_model (self, self->projects, bureau_client_get_projects (client),
                  G_CALLBACK (on_projects_items_changed_cb), G_CALLBACK (on_project_notify_cb));
    return self;
}

void
bureau_task_watch_look_again (BureauTaskWatch *self)
{
    self->tasks_dirty = self->marks_dirty = TRUE;
    schedule (self);
}

const char *
bureau_task_watch_get_open (BureauTaskWatch *self)
{
    return self->open_task_id;
}

void
bureau_task_watch_set_open (BureauTaskWatch *self, const char *task_id)
{
    if (g_strcmp0 (task_id, self->open_task_id) == 0)
        return;
    g_free (self->open_task_id);
    self->open_task_id = g_strdup (task_id);
    self->marks_dirty = TRUE;
    schedule (self);
}

void
bureau_task_watch_edit (BureauTaskWatch *self, const char *field)
{
    g_signal_emit (self, signals[SIGNAL_EDIT], 0, field);
}

GPtrArray *
bureau_task_watch_get_timers (BureauTaskWatch *self, const char *task_id)
{
    GPtrArray *members = g_ptr_array_new_with_free_func (g_object_unref);
    const char *me = bureau_client_get_account (self->client)->user_id;

    for (guint i = 0; i < self->entries->len; i++) {
        BureauTimeEntry *entry = g_ptr_array_index (self->entries, i);
        const char *user_id = bureau_time_entry_get_user_id (entry);
        BureauMember *member;

        if (bureau_time_entry_get_end_time (entry) != 0 ||
            g_strcmp0 (bureau_time_entry_get_task_id (entry), task_id) != 0)
            continue;
        member = bureau_client_find_member (self->client, user_id);
        if (member != NULL)
            g_ptr_array_insert (members, g_strcmp0 (user_id, me) == 0 ? 0 : -1,
                                g_object_ref (member));
    }
    return members;
}
