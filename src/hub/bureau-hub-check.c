/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What hub.h offers of the look at an office's files. */

#include "hub.h"

#include "bureau-doctor.h"
#include "bureau-hub-job.h"

void
bureau_hub_finding_free (BureauHubFinding *finding)
{
    g_free (finding->what);
    g_free (finding->text);
    g_free (finding);
}

static void
add_finding (const char *what, gboolean good, const char *text, gpointer findings)
{
    BureauHubFinding *finding = g_new0 (BureauHubFinding, 1);

    finding->what = g_strdup (what);
    finding->text = g_strdup (text);
    finding->good = good;
    g_ptr_array_add (findings, finding);
}

static gpointer
check (const BureauHubJob *job, GCancellable *cancellable, GError **error)
{
    GPtrArray *findings = g_ptr_array_new_with_free_func ((GDestroyNotify) bureau_hub_finding_free);

    bureau_doctor_examine (job->directory, g_get_real_time () / 1000, add_finding, findings);
    return findings;
}

void
bureau_hub_check_async (const char *directory, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data)
{
    bureau_hub_job_begin (check, (GDestroyNotify) g_ptr_array_unref, directory, NULL, 0,
                          cancellable, callback, user_data);
}

GPtrArray *
bureau_hub_check_finish (GAsyncResult *result, GError **error)
{
    g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

    return g_task_propagate_pointer (G_TASK (result), error);
}
