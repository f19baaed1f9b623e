/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-backup-ring.h"

#include <glib/gstdio.h>
#include <string.h>

#include "bureau-backup.h"
#include "bureau-files.h"

#define DAY_MS (24 * 3600 * (gint64) 1000)
/* What the clock may have been set back by since one was made that counts. */
#define SLACK_MS       (3600 * (gint64) 1000)
#define KEPT_DAYS      7
#define KEPT_WEEKS     4
#define KEPT_SCHEMAS   3
#define STAMP          "%Y%m%dT%H%M%SZ"
#define STAMP_LENGTH   16
#define THURSDAY_FIRST 3 /* 1970 began with one: days after a Monday */

void
bureau_hub_backup_free (BureauHubBackup *backup)
{
    g_free (backup->path);
    g_free (backup);
}

/* ------------------------------------------------------------------ names */

char *
bureau_ring_make_name (const char *kind, gint64 now, const char *suffix)
{
    g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (now / 1000);
    g_autofree char *stamp = g_date_time_format (time, STAMP);

    return g_strdup_printf ("%s-%s%s", kind, stamp, suffix);
}

char *
bureau_ring_make_path (const char *directory, const char *kind, gint64 now, GError **error)
{
    g_autofree char *backups = g_build_filename (directory, BUREAU_BACKUPS, NULL);

    if (!bureau_files_make_directory (backups, error))
        return NULL;
    for (;; now += 1000) {
        g_autofree char *name = bureau_ring_make_name (kind, now, BUREAU_BACKUP_SUFFIX);
        g_autofree char *path = g_build_filename (backups, name, NULL);

        if (!g_file_test (path, G_FILE_TEST_EXISTS))
            return g_steal_pointer (&path);
    }
}

/* When one of @kind (nullable: of any) was made; 0 for what is none. */
static gint64
read_name (const char *name, const char *kind)
{
    const char *dash = strchr (name, '-');
    g_autofree char *stamp = dash != NULL ? g_strndup (dash + 1, STAMP_LENGTH) : NULL;
    g_autoptr (GDateTime) time = NULL;

    if (dash == NULL || strlen (stamp) != STAMP_LENGTH ||
        !g_str_equal (dash + 1 + STAMP_LENGTH, BUREAU_BACKUP_SUFFIX) ||
        (kind != NULL &&
         ((gsize) (dash - name) != strlen (kind) || !g_str_has_prefix (name, kind))))
        return 0;
    time = g_date_time_new_from_iso8601 (stamp, NULL);
    return time != NULL ? g_date_time_to_unix (time) * 1000 : 0;
}

static int
compare_newest_first (gconstpointer a, gconstpointer b)
{
    const BureauHubBackup *one = *(BureauHubBackup *const *) a;
    const BureauHubBackup *other = *(BureauHubBackup *const *) b;

    return one->at > other->at ? -1 : one->at < other->at;
}

static BureauHubBackup *
backup_new (const char *path, gint64 at)
{
    BureauHubBackup *backup = g_new0 (BureauHubBackup, 1);
    GStatBuf info;

    backup->path = g_strdup (path);
    backup->at = at;
    backup->size = g_lstat (path, &info) == 0 ? info.st_size : 0;
    return backup;
}

/* Of @kind (nullable: of any), the newest first, as far as they were not made after @latest: those
 * were made by a clock that has been set right since. (transfer full) */
static GPtrArray *
list (const char *directory, const char *kind, gint64 latest)
{
    g_autofree char *backups = g_build_filename (directory, BUREAU_BACKUPS, NULL);
    GPtrArray *found = g_ptr_array_new_with_free_func ((GDestroyNotify) bureau_hub_backup_free);
    g_autoptr (GDir) names = g_dir_open (backups, 0, NULL);
    const char *name;

    while (names != NULL && (name = g_dir_read_name (names)) != NULL) {
        gint64 at = read_name (name, kind);
        g_autofree char *path = g_build_filename (backups, name, NULL);

        if (at != 0 && at <= latest)
            g_ptr_array_add (found, backup_new (path, at));
    }
    g_ptr_array_sort (found, compare_newest_first);
    return found;
}

GPtrArray *
bureau_ring_list (const char *directory, const char *kind)
{
    return list (directory, kind, G_MAXINT64);
}

/* ------------------------------------------------------------------ which */

gboolean
bureau_ring_is_due (const char *directory, gint64 now)
{
    g_autoptr (GPtrArray) found = list (directory, BUREAU_RING_DAILY, now + SLACK_MS);

    return found->len == 0 ||
           ((BureauHubBackup *) g_ptr_array_index (found, 0))->at <= now - DAY_MS;
}

static void
prune_daily (const char *directory, gint64 now)
{
    g_autoptr (GPtrArray) found = list (directory, BUREAU_RING_DAILY, now + SLACK_MS);
    gint64 last_day = G_MAXINT64, last_week = G_MAXINT64;
    guint days = 0, weeks = 0;

    for (guint i = 0; i < found->len; i++) {
        const BureauHubBackup *kept = g_ptr_array_index (found, i);
        gint64 day = kept->at / DAY_MS, week = (day + THURSDAY_FIRST) / 7;
        gboolean of_day = day != last_day && days < KEPT_DAYS;
        gboolean of_week = week != last_week && weeks < KEPT_WEEKS;

        days += of_day;
        weeks += of_week;
        last_day = day;
        last_week = week;
        if (!of_day && !of_week)
            bureau_files_remove (kept->path);
    }
}

/* Those from the future stay: they would push out what is made today, and if it is today's clock
 * that is wrong, they are the good ones. */
void
bureau_ring_prune (const char *directory, gint64 now)
{
    g_autoptr (GPtrArray) found = list (directory, BUREAU_RING_SCHEMA, now + SLACK_MS);

    prune_daily (directory, now);
    for (guint i = KEPT_SCHEMAS; i < found->len; i++)
        bureau_files_remove (((BureauHubBackup *) g_ptr_array_index (found, i))->path);
}

gint64
bureau_ring_get_newest (const char *directory)
{
    g_autoptr (GPtrArray) found = bureau_ring_list (directory, NULL);

    return found->len > 0 ? ((BureauHubBackup *) g_ptr_array_index (found, 0))->at : 0;
}

char *
bureau_ring_find_good (const char *directory, GCancellable *cancellable)
{
    g_autoptr (GPtrArray) found = bureau_ring_list (directory, NULL);

    for (guint i = 0; i < found->len; i++) {
        const BureauHubBackup *kept = g_ptr_array_index (found, i);
        g_autoptr (JsonObject) about = bureau_backup_examine (kept->path, cancellable, NULL);

        if (about != NULL)
            return g_strdup (kept->path);
    }
    return NULL;
}

void
bureau_ring_clean (const char *directory, const char *kind)
{
    g_autofree char *backups = g_build_filename (directory, BUREAU_BACKUPS, NULL);
    g_autofree char *prefix = g_strdup_printf (".%s-", kind);
    g_autoptr (GDir) names = g_dir_open (backups, 0, NULL);
    const char *name;

    while (names != NULL && (name = g_dir_read_name (names)) != NULL) {
        g_autofree char *path = g_build_filename (backups, name, NULL);

        if (g_str_has_prefix (name, prefix))
            bureau_files_remove (path);
    }
}
