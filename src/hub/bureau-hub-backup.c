/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What hub.h offers of backups. */

#include "hub.h"

#include "bureau-backup-ring.h"
#include "bureau-backup.h"
#include "bureau-files.h"
#include "bureau-hand-over.h"
#include "bureau-hub-identity.h"
#include "bureau-hub-job.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-rescue.h"
#include "bureau-restore.h"
#include "bureau-store-copy.h"

void
bureau_hub_summary_free (BureauHubSummary *summary)
{
    g_strfreev (summary->offices);
    g_free (summary->hub);
    g_free (summary->path);
    g_free (summary->pin);
    g_free (summary);
}

/* @path: taken, nullable. */
static BureauHubSummary *
summary_new (JsonObject *about, char *path)
{
    BureauHubSummary *summary = g_new0 (BureauHubSummary, 1);

    summary->offices = bureau_json_get_strings (about, "offices");
    summary->hub = g_strdup (bureau_json_get_string (about, "hub"));
    summary->at = bureau_instant_from_string (bureau_json_get_string (about, "at"));
    summary->people = bureau_json_get_int (about, "people", 0);
    summary->projects = bureau_json_get_int (about, "projects", 0);
    summary->tasks = bureau_json_get_int (about, "tasks", 0);
    summary->handed_over = bureau_json_get_boolean (about, "handedOver", FALSE);
    summary->path = path;
    return summary;
}

static void
begin (BureauHubAct act, const char *directory, const char *path, gint64 since,
       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
    bureau_hub_job_begin (act, (GDestroyNotify) bureau_hub_summary_free, directory, path, since,
                          cancellable, callback, user_data);
}

BureauHubSummary *
bureau_hub_summary_finish (GAsyncResult *result, GError **error)
{
    g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

    return g_task_propagate_pointer (G_TASK (result), error);
}

/* ------------------------------------------------------------------ what is done */

/* In the office's own directory. */
static gpointer
keep_backup (const BureauHubJob *job, GCancellable *cancellable, GError **error)
{
    gint64 now = g_get_real_time () / 1000;
    g_autofree char *to = bureau_ring_make_path (job->directory, BUREAU_RING_ASKED, now, error);
    g_autoptr (JsonObject) about = NULL;

    if (to != NULL)
        about = bureau_backup_make (job->directory, to, now, cancellable, error);
    return about != NULL ? summary_new (about, g_steal_pointer (&to)) : NULL;
}

static gpointer
save_backup (const BureauHubJob *job, GCancellable *cancellable, GError **error)
{
    g_autoptr (JsonObject) about = bureau_backup_save (
        job->directory, job->path, g_get_real_time () / 1000, cancellable, error);

    return about != NULL ? summary_new (about, g_strdup (job->path)) : NULL;
}

void
bureau_hub_back_up_async (const char *directory, const char *to, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
    begin (to != NULL ? save_backup : keep_backup, directory, to, 0, cancellable, callback,
           user_data);
}

static gpointer
examine (const BureauHubJob *job, GCancellable *cancellable, GError **error)
{
    g_autoptr (JsonObject) about = bureau_backup_examine (job->path, cancellable, error);

    return about != NULL ? summary_new (about, g_strdup (job->path)) : NULL;
}

void
bureau_hub_examine_backup_async (const char *path, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data)
{
    begin (examine, NULL, path, 0, cancellable, callback, user_data);
}

static gpointer
summarize (const BureauHubJob *job, GCancellable *cancellable, GError **error)
{
    g_autofree char *database = g_build_filename (job->directory, BUREAU_BACKUP_DATABASE, NULL);
    g_autofree char *now = bureau_instant_to_string (g_get_real_time () / 1000);
    g_autoptr (BureauStore) store = bureau_store_open_read_only (database, error);
    g_autoptr (JsonObject) about = NULL;
    BureauHubSummary *summary;
    gint64 changes;

    if (store == NULL)
        return NULL;
    bureau_store_set_cancellable (store, cancellable);
    about = bureau_store_summarize (store, error);
    if (about == NULL || !bureau_store_count_events_since (store, job->since, &changes, error))
        return NULL;
    bureau_json_set_string (about, "at", now);
    summary = summary_new (about, NULL);
    summary->changes = changes;
    return summary;
}

void
bureau_hub_summarize_async (const char *directory, gint64 since, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
    begin (summarize, directory, NULL, since, cancellable, callback, user_data);
}

static gpointer
restore (const BureauHubJob *job, GCancellable *cancellable, GError **error)
{
    char *aside = NULL;
    g_autoptr (JsonObject) about = bureau_restore (job->directory, job->path,
                                                   g_get_real_time () / 1000, &aside, error);

    return about != NULL ? summary_new (about, aside) : NULL;
}

void
bureau_hub_restore_async (const char *directory, const char *from, GAsyncReadyCallback callback,
                          gpointer user_data)
{
    begin (restore, directory, from, 0, NULL, callback, user_data);
}

/* ------------------------------------------------------------------ another machine */

static gpointer
hand_over (const BureauHubJob *job, GCancellable *cancellable, GError **error)
{
    g_autoptr (JsonObject) about = bureau_hand_over (job->directory, job->path,
                                                     g_get_real_time () / 1000, cancellable, error);

    return about != NULL ? summary_new (about, g_strdup (job->path)) : NULL;
}

void
bureau_hub_hand_over_async (const char *directory, const char *to, GAsyncReadyCallback callback,
                            gpointer user_data)
{
    begin (hand_over, directory, to, 0, NULL, callback, user_data);
}

/* NULL for one that is no longer there: other machines have to join anew then. (transfer full) */
static char *
read_pin (const char *directory)
{
    g_autoptr (BureauDataDirectory) data = bureau_data_directory_open (directory, NULL);

    return data != NULL ? bureau_hub_identity_read_pin (data, NULL) : NULL;
}

static gpointer
take_over (const BureauHubJob *job, GCancellable *cancellable, GError **error)
{
    gboolean is_new = !g_file_test (job->directory, G_FILE_TEST_EXISTS);
    g_autoptr (JsonObject) about = bureau_take_over (job->directory, job->path,
                                                     g_get_real_time () / 1000, error);
    BureauHubSummary *summary;

    if (about == NULL) {
        if (is_new)
            bureau_files_remove (job->directory);
        return NULL;
    }
    summary = summary_new (about, NULL);
    summary->pin = read_pin (job->directory);
    return summary;
}

void
bureau_hub_take_over_async (const char *directory, const char *from, GAsyncReadyCallback callback,
                            gpointer user_data)
{
    begin (take_over, directory, from, 0, NULL, callback, user_data);
}

/* ------------------------------------------------------------------ from a replica */

static gpointer
examine_replica (const BureauHubJob *job, GCancellable *cancellable, GError **error)
{
    g_autoptr (JsonObject) about = bureau_rescue_examine (job->path, error);

    return about != NULL ? summary_new (about, g_strdup (job->path)) : NULL;
}

void
bureau_hub_examine_replica_async (const char *replica, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data)
{
    begin (examine_replica, NULL, replica, 0, cancellable, callback, user_data);
}

static gpointer
rescue (const BureauHubJob *job, GCancellable *cancellable, GError **error)
{
    gboolean is_new = !g_file_test (job->directory, G_FILE_TEST_EXISTS);
    g_autofree char *user_id = NULL;
    g_autoptr (JsonObject) about = bureau_rescue (job->directory, job->path,
                                                  g_get_real_time () / 1000, &user_id, error);

    if (about == NULL && is_new)
        bureau_files_remove (job->directory);
    return about != NULL ? summary_new (about, NULL) : NULL;
}

void
bureau_hub_rescue_async (const char *directory, const char *replica, GAsyncReadyCallback callback,
                         gpointer user_data)
{
    begin (rescue, directory, replica, 0, NULL, callback, user_data);
}

/* ------------------------------------------------------------------ which there are */

static gpointer
list_backups (const BureauHubJob *job, GCancellable *cancellable, GError **error)
{
    return bureau_ring_list (job->directory, NULL);
}

void
bureau_hub_list_backups_async (const char *directory, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data)
{
    bureau_hub_job_begin (list_backups, (GDestroyNotify) g_ptr_array_unref, directory, NULL, 0,
                          cancellable, callback, user_data);
}

GPtrArray *
bureau_hub_list_backups_finish (GAsyncResult *result, GError **error)
{
    g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

    return g_task_propagate_pointer (G_TASK (result), error);
}
