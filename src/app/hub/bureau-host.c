/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "hub/bureau-host.h"

#include <glib/gi18n.h>

#include "bureau-invitation.h"

#define FIRST_PORT 1024 /* that programs may take */

struct _BureauHost {
    GObject parent_instance;

    char *office;   /* (owned): the folder's name */
    BureauHub *hub; /* (owned) (nullable): while it serves or is about to */
    int ports[3];   /* the ports to try, one after the other; the last is 0, for any */
    guint n_tried;
    gboolean shared; /* from the start on */
};

G_DEFINE_FINAL_TYPE (BureauHost, bureau_host, G_TYPE_OBJECT)

static void try_to_serve (GTask *task);

static void
on_started_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    BureauHost *self = g_task_get_source_object (task);
    g_autoptr (GError) error = NULL;

    if (bureau_hub_start_finish (BUREAU_HUB (source), result, &error)) {
        g_task_return_boolean (task, TRUE);
        return;
    }
    g_clear_object (&self->hub);
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE) &&
        self->ports[self->n_tried] != 0) {
        self->n_tried++;
        try_to_serve (g_steal_pointer (&task));
        return;
    }
    g_task_return_error (task, g_steal_pointer (&error));
}

/* Takes @task. */
static void
try_to_serve (GTask *task)
{
    BureauHost *self = g_task_get_source_object (task);
    g_autofree char *directory = bureau_host_get_directory (self->office);
    g_autofree char *address = g_strdup_printf ("127.0.0.1:%d", self->ports[self->n_tried]);
    const char *const listen[] = { address, NULL };

    self->hub = bureau_hub_new (directory);
    bureau_hub_start_async (self->hub, listen, self->shared, g_task_get_cancellable (task),
                            on_started_cb, task);
}

static void
on_shared_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    GError *error = NULL;

    if (bureau_hub_share_finish (BUREAU_HUB (source), result, &error))
        g_task_return_boolean (task, TRUE);
    else
        g_task_return_error (task, error);
}

static void
on_stopped_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    BureauHost *self = g_task_get_source_object (task);
    GError *error = NULL;

    gboolean good = bureau_hub_stop_finish (BUREAU_HUB (source), result, &error);
    g_clear_object (&self->hub);
    if (good)
        g_task_return_boolean (task, TRUE);
    else
        g_task_return_error (task, error);
}

static void
set_ports (BureauHost *self, const char *last_uri)
{
    g_autoptr (GUri) uri = last_uri != NULL ? g_uri_parse (last_uri, G_URI_FLAGS_NONE, NULL) : NULL;
    int last = uri != NULL ? g_uri_get_port (uri) : -1;
    guint n = 0;

    /* One of the system's stands for an address where nobody answers. */
    if (last >= FIRST_PORT && last != BUREAU_DEFAULT_PORT)
        self->ports[n++] = last;
    self->ports[n++] = BUREAU_DEFAULT_PORT;
    self->ports[n] = 0;
    self->n_tried = 0;
}

static void
bureau_host_finalize (GObject *object)
{
    BureauHost *self = BUREAU_HOST (object);
    g_clear_object (&self->hub);
    g_free (self->office);
    G_OBJECT_CLASS (bureau_host_parent_class)->finalize (object);
}

static void
bureau_host_class_init (BureauHostClass *klass)
{
    G_OBJECT_CLASS (klass)->finalize = bureau_host_finalize;
}

static void
bureau_host_init (BureauHost *self)
{
}

char *
bureau_host_get_directory (const char *office)
{
    g_return_val_if_fail (office != NULL, NULL);
    /* A name from the settings must not lead out of the folder. */
    g_autofree char *name = g_path_get_basename (office);
    return g_build_filename (g_get_user_data_dir (), "bureau", name, NULL);
}

char *
bureau_host_pick_office (void)
{
    for (guint number = 1;; number++) {
        g_autofree char *name = number == 1 ? g_strdup ("office")
                                            : g_strdup_printf ("office-%u", number);
        g_autofree char *directory = bureau_host_get_directory (name);
        if (!g_file_test (directory, G_FILE_TEST_EXISTS))
            return g_steal_pointer (&name);
    }
}

BureauHost *
bureau_host_new (const char *office)
{
    g_return_val_if_fail (office != NULL, NULL);
    BureauHost *self = g_object_new (BUREAU_TYPE_HOST, NULL);
    self->office = g_strdup (office);
    return self;
}

const char *
bureau_host_get_office (BureauHost *self)
{
    g_return_val_if_fail (BUREAU_IS_HOST (self), NULL);
    return self->office;
}

void
bureau_host_serve_async (BureauHost *self, const char *last_uri, gboolean shared,
                         GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
    g_return_if_fail (BUREAU_IS_HOST (self));
    g_return_if_fail (self->hub == NULL);
    GTask *task = g_task_new (self, cancellable, callback, data);
    g_task_set_source_tag (task, bureau_host_serve_async);
    self->shared = shared;
    set_ports (self, last_uri);
    try_to_serve (task);
}

gboolean
bureau_host_serve_finish (BureauHost *self, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean (G_TASK (result), error);
}

const char *
bureau_host_get_uri (BureauHost *self)
{
    g_return_val_if_fail (BUREAU_IS_HOST (self), NULL);
    return self->hub != NULL ? bureau_hub_get_uris (self->hub)[0] : NULL;
}

gint64
bureau_host_get_since (BureauHost *self)
{
    g_return_val_if_fail (BUREAU_IS_HOST (self), 0);
    return self->hub != NULL ? bureau_hub_get_since (self->hub) : 0;
}

void
bureau_host_share_async (BureauHost *self, gboolean shared, GAsyncReadyCallback callback,
                         gpointer data)
{
    g_return_if_fail (BUREAU_IS_HOST (self));
    GTask *task = g_task_new (self, NULL, callback, data);
    g_task_set_source_tag (task, bureau_host_share_async);
    if (self->hub == NULL) {
        /* bureau-hub serves it, by what it was told, or nobody does. */
        g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                                 _ ("Only the window that serves the office can do that."));
        g_object_unref (task);
        return;
    }
    bureau_hub_share_async (self->hub, shared, on_shared_cb, task);
}

gboolean
bureau_host_share_finish (BureauHost *self, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
bureau_host_get_shared (BureauHost *self)
{
    g_return_val_if_fail (BUREAU_IS_HOST (self), FALSE);
    return self->hub != NULL && bureau_hub_get_shared (self->hub);
}

char *
bureau_host_get_address (BureauHost *self)
{
    g_return_val_if_fail (BUREAU_IS_HOST (self), NULL);
    return self->hub != NULL ? bureau_hub_get_address (self->hub) : NULL;
}

const char *
bureau_host_get_pin (BureauHost *self)
{
    g_return_val_if_fail (BUREAU_IS_HOST (self), "");
    return self->hub != NULL ? bureau_hub_get_pin (self->hub) : "";
}

void
bureau_host_stop_async (BureauHost *self, GAsyncReadyCallback callback, gpointer data)
{
    g_return_if_fail (BUREAU_IS_HOST (self));
    GTask *task = g_task_new (self, NULL, callback, data);
    g_task_set_source_tag (task, bureau_host_stop_async);
    if (self->hub == NULL) {
        g_task_return_boolean (task, TRUE);
        g_object_unref (task);
        return;
    }
    bureau_hub_stop_async (self->hub, on_stopped_cb, task);
}

gboolean
bureau_host_stop_finish (BureauHost *self, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean (G_TASK (result), error);
}
