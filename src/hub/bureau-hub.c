/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "hub.h"

#include "bureau-address.h"
#include "bureau-authority.h"
#include "bureau-hub-address.h"

struct _BureauHub {
    GObject parent_instance;

    char *directory; /* (owned) */
    GStrv uris;      /* (owned): as the owner's thread sees them */
    char *pin;       /* (owned): the same */
    gboolean shared; /* the same */
    gint64 since;    /* the same; an instant, 0 while not serving */
    GThread *thread; /* (owned) (nullable) */
    GMutex stopping; /* one stop at a time; also guards `thread` from its start to its end */

    /* The hub's thread's own, from start to stop. */
    GMainContext *context;      /* (owned) */
    GMainLoop *loop;            /* (owned) */
    BureauAuthority *authority; /* (owned) */
};

G_DEFINE_FINAL_TYPE (BureauHub, bureau_hub, G_TYPE_OBJECT)

/* ------------------------------------------------------------------ serving */

typedef struct {
    BureauHub *hub; /* (owned) */
    GStrv listen;   /* (owned) */
    gboolean shared;
    GTask *task; /* (owned) */
} StartData;

/* What the owner's thread is told of a hub that serves. */
typedef struct {
    GStrv uris; /* (owned) */
    char *pin;  /* (owned) */
} StartResult;

static void
start_result_free (gpointer data)
{
    StartResult *result = data;

    g_strfreev (result->uris);
    g_free (result->pin);
    g_free (result);
}

/* Where this machine's own window finds it: TLS is for others. (transfer full) */
static char *
name_for_window (const char *uri)
{
    g_autoptr (GUri) parsed = g_uri_parse (uri, G_URI_FLAGS_NONE, NULL);

    return g_str_equal (g_uri_get_scheme (parsed), "http")
               ? g_strdup (uri)
               : g_strdup_printf ("http://127.0.0.1:%d", g_uri_get_port (parsed));
}

/* In the hub's thread: opens everything, or says why not. */
static StartResult *
open_authority (BureauHub *self, const char *const *listen, gboolean shared, GError **error)
{
    g_autoptr (GStrvBuilder) uris = g_strv_builder_new ();
    StartResult *result;

    self->authority = bureau_authority_open (self->directory, NULL, error);
    if (self->authority == NULL)
        return NULL;

    for (guint i = 0; listen[i] != NULL; i++) {
        g_autofree char *uri = bureau_authority_listen (self->authority, listen[i],
                                                        shared && i == 0, error);
        g_autofree char *name = uri == NULL ? NULL : name_for_window (uri);

        if (name == NULL)
            return NULL;
        g_strv_builder_add (uris, name);
    }
    result = g_new0 (StartResult, 1);
    result->uris = g_strv_builder_end (uris);
    result->pin = g_strdup (self->authority->pin);
    return result;
}

static gpointer
hub_thread (gpointer user_data)
{
    StartData *data = user_data;
    g_autoptr (BureauHub) self = g_steal_pointer (&data->hub);
    g_autoptr (GTask) task = g_steal_pointer (&data->task);
    g_auto (GStrv) listen = g_steal_pointer (&data->listen);
    GError *error = NULL;
    gboolean shared = data->shared;
    StartResult *result;

    g_free (data);
    g_main_context_push_thread_default (self->context);
    result = open_authority (self, (const char *const *) listen, shared, &error);
    if (result != NULL) {
        g_task_return_pointer (task, result, start_result_free);
        g_clear_object (&task);
        g_main_loop_run (self->loop);
    }
    g_clear_pointer (&self->authority, bureau_authority_close);
    if (result == NULL)
        g_task_return_error (task, error);

    /* What closing left to be done by the loop: streams of requests that were being answered. */
    while (g_main_context_iteration (self->context, FALSE))
        ;
    g_main_context_pop_thread_default (self->context);
    return NULL;
}

static void
join_thread (BureauHub *self)
{
    g_clear_pointer (&self->thread, g_thread_join);
    g_clear_pointer (&self->loop, g_main_loop_unref);
    g_clear_pointer (&self->context, g_main_context_unref);
    g_strfreev (self->uris);
    self->uris = g_new0 (char *, 1);
    g_free (self->pin);
    self->pin = g_strdup ("");
    self->shared = FALSE;
    self->since = 0;
}

void
bureau_hub_start_async (BureauHub *self, const char *const *listen, gboolean shared,
                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
    StartData *data;

    g_return_if_fail (BUREAU_IS_HUB (self));

    g_task_set_source_tag (task, bureau_hub_start_async);
    /* By then it serves, and somebody has to stop it. */
    g_task_set_check_cancellable (task, FALSE);
    if (self->thread != NULL) {
        g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_BUSY, "This hub is serving already.");
        return;
    }

    self->context = g_main_context_new ();
    self->loop = g_main_loop_new (self->context, FALSE);
    data = g_new0 (StartData, 1);
    data->hub = g_object_ref (self);
    data->listen = g_strdupv ((GStrv) listen);
    data->shared = self->shared = shared;
    data->task = g_object_ref (task);
    self->thread = g_thread_new ("bureau-hub", hub_thread, data);
}

gboolean
bureau_hub_start_finish (BureauHub *self, GAsyncResult *result, GError **error)
{
    StartResult *started;

    g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

    started = g_task_propagate_pointer (G_TASK (result), error);
    if (started == NULL) {
        join_thread (self);
        return FALSE;
    }
    g_strfreev (self->uris);
    self->uris = g_steal_pointer (&started->uris);
    g_free (self->pin);
    self->pin = g_steal_pointer (&started->pin);
    self->since = g_get_real_time () / 1000;
    start_result_free (started);
    return TRUE;
}

const char *const *
bureau_hub_get_uris (BureauHub *self)
{
    g_return_val_if_fail (BUREAU_IS_HUB (self), NULL);

    return (const char *const *) self->uris;
}

gint64
bureau_hub_get_since (BureauHub *self)
{
    g_return_val_if_fail (BUREAU_IS_HUB (self), 0);

    return self->since;
}

/* ------------------------------------------------------------------ sharing */

/* In the hub's thread. */
static gboolean
share_cb (gpointer data)
{
    GTask *task = data;
    BureauHub *self = g_task_get_source_object (task);
    GError *error = NULL;

    if (self->authority == NULL)
        g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CLOSED, "The hub is not serving.");
    else if (bureau_authority_share (self->authority, GPOINTER_TO_INT (g_task_get_task_data (task)),
                                     &error))
        g_task_return_boolean (task, TRUE);
    else
        g_task_return_error (task, error);
    return G_SOURCE_REMOVE;
}

void
bureau_hub_share_async (BureauHub *self, gboolean shared, GAsyncReadyCallback callback,
                        gpointer user_data)
{
    g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

    g_return_if_fail (BUREAU_IS_HUB (self));

    g_task_set_source_tag (task, bureau_hub_share_async);
    g_task_set_task_data (task, GINT_TO_POINTER (!!shared), NULL);
    if (self->context == NULL)
        g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CLOSED, "The hub is not serving.");
    else
        g_main_context_invoke_full (self->context, G_PRIORITY_DEFAULT, share_cb,
                                    g_object_ref (task), g_object_unref);
}

gboolean
bureau_hub_share_finish (BureauHub *self, GAsyncResult *result, GError **error)
{
    g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

    if (!g_task_propagate_boolean (G_TASK (result), error))
        return FALSE;
    self->shared = GPOINTER_TO_INT (g_task_get_task_data (G_TASK (result)));
    return TRUE;
}

gboolean
bureau_hub_get_shared (BureauHub *self)
{
    g_return_val_if_fail (BUREAU_IS_HUB (self), FALSE);

    return self->shared;
}

const char *
bureau_hub_get_pin (BureauHub *self)
{
    g_return_val_if_fail (BUREAU_IS_HUB (self), NULL);

    return self->pin;
}

char *
bureau_hub_get_address (BureauHub *self)
{
    g_autofree char *address = NULL;
    g_autoptr (GUri) uri = NULL;

    g_return_val_if_fail (BUREAU_IS_HUB (self), NULL);

    if (!self->shared || self->uris[0] == NULL)
        return NULL;
    address = bureau_address_find ();
    uri = g_uri_parse (self->uris[0], G_URI_FLAGS_NONE, NULL);
    return address == NULL ? NULL : bureau_hub_address_join (address, g_uri_get_port (uri));
}

/* ------------------------------------------------------------------ stopping */

static gboolean
quit_loop (gpointer loop)
{
    g_main_loop_quit (loop);
    return G_SOURCE_REMOVE;
}

static void
stop_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    BureauHub *self = source;

    g_mutex_lock (&self->stopping);
    if (self->thread != NULL) {
        g_main_context_invoke (self->context, quit_loop, self->loop);
        g_thread_join (g_steal_pointer (&self->thread));
    }
    g_mutex_unlock (&self->stopping);
    g_task_return_boolean (task, TRUE);
}

void
bureau_hub_stop_async (BureauHub *self, GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

    g_return_if_fail (BUREAU_IS_HUB (self));

    g_task_set_source_tag (task, bureau_hub_stop_async);
    g_task_run_in_thread (task, stop_thread);
}

gboolean
bureau_hub_stop_finish (BureauHub *self, GAsyncResult *result, GError **error)
{
    g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

    join_thread (self);
    return g_task_propagate_boolean (G_TASK (result), error);
}

/* ------------------------------------------------------------------ type */

static void
bureau_hub_finalize (GObject *object)
{
    BureauHub *self = BUREAU_HUB (object);

    /* The thread holds a reference while it runs, so here it has ended, or never begun. */
    g_assert (self->thread == NULL || self->authority == NULL);
    g_clear_pointer (&self->thread, g_thread_unref);
    g_clear_pointer (&self->loop, g_main_loop_unref);
    g_clear_pointer (&self->context, g_main_context_unref);
    g_mutex_clear (&self->stopping);
    g_strfreev (self->uris);
    g_free (self->pin);
    g_free (self->directory);
    G_OBJECT_CLASS (bureau_hub_parent_class)->finalize (object);
}

static void
bureau_hub_class_init (BureauHubClass *klass)
{
    G_OBJECT_CLASS (klass)->finalize = bureau_hub_finalize;
}

static void
bureau_hub_init (BureauHub *self)
{
    self->uris = g_new0 (char *, 1);
    self->pin = g_strdup ("");
    g_mutex_init (&self->stopping);
}

BureauHub *
bureau_hub_new (const char *directory)
{
    BureauHub *self = g_object_new (BUREAU_TYPE_HUB, NULL);

    self->directory = g_strdup (directory);
    return self;
}
