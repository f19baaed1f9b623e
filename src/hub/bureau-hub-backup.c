/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What hub.h offers of backups. */

#include "hub.h"

#include "bureau-backup-ring.h"
#include "bureau-backup.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-restore.h"
#include "bureau-store-copy.h"

void
bureau_hub_summary_free (BureauHubSummary *summary)
{
    g_strfreev (summary->offices);
    g_free (summary->path);
    g_free (summary);
}

/* @path: taken, nullable. */
static BureauHubSummary *
summary_new (JsonObject *about, char *path)
{
    BureauHubSummary *summary = g_new0 (BureauHubSummary, 1);

    summary->offices = bureau_json_get_strings (about, "offices");
    summary->at = bureau_instant_from_string (bureau_json_get_string (about, "at"));
    summary->people = bureau_json_get_int (about, "people", 0);
    summary->projects = bureau_json_get_int (about, "projects", 0);
    summary->tasks = bureau_json_get_int (about, "tasks", 0);
    summary->path = path;
    return summary;
}

/* What a thread is to do, with which names. */
typedef struct {
    BureauHubSummary *(*act) (const char *directory, const char *path, GCancellable *cancellable,
                              GError **error);
    char *directory; /* (owned) (nullable) */
    char *path;      /* (owned) (nullable) */
} Job;

static void
job_free (gpointer data)
{
    Job *job = data;

    g_free (job->directory);
    g_free (job->path);
    g_free (job);
}

static void
run_job (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    Job *job = data;
    GError *error = NULL;
    BureauHubSummary *summary = job->act (job->directory, job->path, cancellable, &error);

    if (summary != NULL)
        g_task_return_pointer (task, summary, (GDestroyNotify) bureau_hub_summary_free);
    else
        g_task_return_error (task, error);
}

static void
begin (gpointer tag,
       BureauHubSummary *(*act) (const char *directory, const char *path, GCancellable *cancellable,
                                 GError **error),
       const char *directory, const char *path, GCancellable *cancellable,
       GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
    Job *job = g_new0 (Job, 1);

    job->act = act;
    job->directory = g_strdup (directory);
    job->path = g_strdup (path);
    g_task_set_source_tag (task, tag);
    g_task_set_task_data (task, job, job_free);
    g_task_run_in_thread (task, run_job);
}

BureauHubSummary *
bureau_hub_summary_finish (GAsyncResult *result, GError **error)
{
    g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

    return g_task_propagate_pointer (G_TASK (result), error);
}

/* ------------------------------------------------------------------ what is done */

static BureauHubSummary *
back_up (const char *directory, const char *path, GCancellable *cancellable, GError **error)
{
    gint64 now = g_get_real_time () / 1000;
    g_autofree char *to = path != NULL
                              ? g_strdup (path)
                              : bureau_ring_make_path (directory, BUREAU_RING_ASKED, now, error);
    g_autoptr (JsonObject) about = NULL;

    if (to != NULL)
        about = bureau_backup_make (directory, to, now, cancellable, error);
    return about != NULL ? summary_new (about, g_steal_pointer (&to)) : NULL;
}

void
bureau_hub_back_up_async (const char *directory, const char *to, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
    begin (bureau_hub_back_up_async, back_up, directory, to, cancellable, callback, user_data);
}

static BureauHubSummary *
examine (const char *directory, const char *path, GCancellable *cancellable, GError **error)
{
    g_autoptr (JsonObject) about = bureau_backup_examine (path, cancellable, error);

    return about != NULL ? summary_new (about, g_strdup (path)) : NULL;
}

void
bureau_hub_examine_backup_async (const char *path, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data)
{
    begin (bureau_hub_examine_backup_async, examine, NULL, path, cancellable, callback, user_data);
}

static BureauHubSummary *
summarize (const char *directory, const char *path, GCancellable *cancellable, GError **error)
{
    g_autofree char *database = g_build_filename (directory, BUREAU_BACKUP_DATABASE, NULL);
    g_autofree char *now = bureau_instant_to_string (g_get_real_time () / 1000);
    g_autoptr (BureauStore) store = bureau_store_open_read_only (database, error);
    g_autoptr (JsonObject) about = NULL;

    if (store == NULL)
        return NULL;
    bureau_store_set_cancellable (store, cancellable);
    about = bureau_store_summarize (store, error);
    if (about == NULL)
        return NULL;
    bureau_json_set_string (about, "at", now);
    return summary_new (about, NULL);
}

void
bureau_hub_summarize_async (const char *directory, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
    begin (bureau_hub_summarize_async, summarize, directory, NULL, cancellable, callback,
           user_data);
}

static BureauHubSummary *
restore (const char *directory, const char *path, GCancellable *cancellable, GError **error)
{
    char *aside = NULL;
    g_autoptr (JsonObject) about = bureau_restore (directory, path, g_get_real_time () / 1000,
                                                   &aside, error);

    return about != NULL ? summary_new (about, aside) : NULL;
}

void
bureau_hub_restore_async (const char *directory, const char *from, GAsyncReadyCallback callback,
                          gpointer user_data)
{
    begin (bureau_hub_restore_async, restore, directory, from, NULL, callback, user_data);
}
