/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What a worker thread does for whoever calls hub.h, with which names. */
typedef struct {
    char *directory; /* (owned) (nullable): the office's */
    char *path;      /* (owned) (nullable): a file's */
    gint64 since;    /* an instant */
} BureauHubJob;

/* NULL with @error. */
typedef gpointer (*BureauHubAct) (const BureauHubJob *job, GCancellable *cancellable,
                                  GError **error);

/* @callback gets what @act returns by g_task_propagate_pointer(), to be freed with @free_result. */
void bureau_hub_job_begin (BureauHubAct act, GDestroyNotify free_result, const char *directory,
                           const char *path, gint64 since, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer data);

G_END_DECLS
