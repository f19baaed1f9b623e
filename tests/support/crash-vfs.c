/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "crash-vfs.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>
#include <sqlite3.h>

/* What a disk writes whole, or so SQLite's own tests believe. */
#define SECTOR 512

#define RECORDED (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)

/* A write, or without bytes a cut to @offset. */
typedef struct {
    gint64 offset;
    GBytes *bytes; /* (owned) (nullable) */
} Change;

/* One name on the disk. */
typedef struct {
    gboolean exists;    /* for certain: since its first sync */
    gboolean deleted;   /* but not for certain, if it exists */
    GByteArray *synced; /* (owned) */
    GArray *changes;    /* (owned): of Change, since then */
} Record;

typedef struct {
    sqlite3_file base;
    Record *record; /* (nullable): not one that a crash matters to */
    const char *path;
    sqlite3_file *real; /* behind this struct */
} CrashFile;

static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    GMutex mutex;        /* over all below */
    GHashTable *records; /* path (owned) → Record (owned) */
    CrashHook hook;
    gpointer hook_data;
    gboolean lying;
    char *failing; /* (owned) (nullable): a directory */
    int failure;
    guint fail_after;
} crash;

/* ------------------------------------------------------------------ records */

static void
clear_change (gpointer data)
{
    g_clear_pointer (&((Change *) data)->bytes, g_bytes_unref);
}

static void
record_free (gpointer data)
{
    Record *record = data;

    g_byte_array_unref (record->synced);
    g_array_unref (record->changes);
    g_free (record);
}

/* Of what is there before anybody writes to it through us, nothing is lost any more. */
static Record *
record_new (const char *path)
{
    Record *record = g_new0 (Record, 1);
    g_autofree char *contents = NULL;
    gsize length = 0;

    record->synced = g_byte_array_new ();
    record->changes = g_array_new (FALSE, FALSE, sizeof (Change));
    g_array_set_clear_func (record->changes, clear_change);
    record->exists = g_file_get_contents (path, &contents, &length, NULL);
    if (record->exists)
        g_byte_array_append (record->synced, (guint8 *) contents, length);
    return record;
}

static Record *
find_record (const char *path)
{
    Record *record = g_hash_table_lookup (crash.records, path);

    if (!record) {
        record = record_new (path);
        g_hash_table_insert (crash.records, g_strdup (path), record);
    }
    return record;
}

static void
set_length (GByteArray *bytes, gsize length)
{
    gsize before = bytes->len;

    g_byte_array_set_size (bytes, length);
    if (length > before)
        memset (bytes->data + before, 0, length - before);
}

static void
put (GByteArray *bytes, gint64 offset, const guint8 *data, gsize length)
{
    if (bytes->len < offset + length)
        set_length (bytes, offset + length);
    memcpy (bytes->data + offset, data, length);
}

static void
apply (GByteArray *bytes, const Change *change)
{
    gsize length;
    const guint8 *data;

    if (!change->bytes) {
        set_length (bytes, change->offset);
        return;
    }
    data = g_bytes_get_data (change->bytes, &length);
    put (bytes, change->offset, data, length);
}

static void
add_change (Record *record, gint64 offset, const void *data, int length)
{
    g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&crash.mutex);
    Change change = { offset, data ? g_bytes_new (data, length) : NULL };

    g_array_append_val (record->changes, change);
}

/* What has been deleted in the directory of @path is so for certain. */
static void
settle_directory (const char *path)
{
    gsize length = strrchr (path, G_DIR_SEPARATOR) + 1 - path;
    GHashTableIter iter;
    gpointer other, record;

    g_hash_table_iter_init (&iter, crash.records);
    while (g_hash_table_iter_next (&iter, &other, &record)) {
        if (strncmp (other, path, length) == 0 && !strchr ((char *) other + length, '/'))
            ((Record *) record)->exists &= !((Record *) record)->deleted;
    }
}

/* A new file's first sync is one of its directory too. */
static void
settle (Record *record, const char *path)
{
    g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&crash.mutex);

    if (crash.lying)
        return;
    for (guint i = 0; i < record->changes->len; i++)
        apply (record->synced, &g_array_index (record->changes, Change, i));
    g_array_set_size (record->changes, 0);
    if (!record->exists)
        settle_directory (path);
    record->exists = TRUE;
}

static gboolean
is_under (const char *path, const char *directory)
{
    return g_str_has_prefix (path, directory) && path[strlen (directory)] == G_DIR_SEPARATOR;
}

/* Returns what the file system answers if it does nothing. */
static int
prepare (const CrashFile *file, CrashMoment moment)
{
    if (!file->record)
        return SQLITE_OK;
    if (crash.hook)
        crash.hook (moment, file->path, crash.hook_data);
    if (!crash.failing || !is_under (file->path, crash.failing))
        return SQLITE_OK;
    if (crash.fail_after > 0) {
        crash.fail_after--;
        return SQLITE_OK;
    }
    return crash.failure;
}

/* ------------------------------------------------------------------ images */

/* Each sector of it that is there, or not; of one in @torn only the beginning. */
static void
apply_in_part (GByteArray *bytes, const Change *change, gboolean torn, GRand *chance)
{
    gsize length;
    const guint8 *data = g_bytes_get_data (change->bytes, &length);

    for (gsize done = 0; done < length;) {
        gsize part = MIN (SECTOR - (change->offset + done) % SECTOR, length - done);

        if (torn)
            put (bytes, change->offset + done, data + done, g_rand_int_range (chance, 0, part));
        else if (g_rand_boolean (chance))
            put (bytes, change->offset + done, data + done, part);
        torn = FALSE;
        done += part;
    }
}

static void
apply_some (Record *record, GByteArray *bytes, CrashImage image, GRand *chance)
{
    guint torn = G_MAXUINT;

    if (image == CRASH_TORN && record->changes->len > 0)
        torn = g_rand_int_range (chance, 0, record->changes->len);
    for (guint i = 0; i < record->changes->len; i++) {
        const Change *change = &g_array_index (record->changes, Change, i);

        if (image == CRASH_WRITTEN)
            apply (bytes, change);
        else if (change->bytes)
            apply_in_part (bytes, change, i == torn, chance);
        else if (g_rand_boolean (chance))
            apply (bytes, change);
    }
}

/* Whether the disk has the name at all. */
static gboolean
is_there (Record *record, CrashImage image, GRand *chance)
{
    gboolean certain = record->exists != record->deleted;

    if (image == CRASH_WRITTEN)
        return !record->deleted;
    if (certain || image == CRASH_SYNCED)
        return record->exists;
    return g_rand_boolean (chance);
}

static void
write_file (const char *path, const void *contents, gsize length)
{
    g_autoptr (GError) error = NULL;

    g_file_set_contents_full (path, contents, length, G_FILE_SET_CONTENTS_NONE, 0600, &error);
    g_assert_no_error (error);
}

static void
write_record (Record *record, const char *target, CrashImage image, GRand *chance)
{
    g_autoptr (GByteArray) bytes = NULL;

    if (!is_there (record, image, chance))
        return;
    bytes = g_byte_array_sized_new (record->synced->len);
    g_byte_array_append (bytes, record->synced->data, record->synced->len);
    if (image != CRASH_SYNCED)
        apply_some (record, bytes, image, chance);
    write_file (target, bytes->data, bytes->len);
}

static void
copy_file (const char *from, const char *to)
{
    g_autofree char *contents = NULL;
    gsize length;

    /* What is shared between processes is no more after a crash. */
    if (g_str_has_suffix (from, "-shm"))
        return;
    if (g_file_get_contents (from, &contents, &length, NULL))
        write_file (to, contents, length);
}

static void copy_directory (const char *directory, const char *target);

/* All names but those that have a record. */
static void
copy_entry (const char *directory, const char *target, const char *name)
{
    g_autofree char *from = g_build_filename (directory, name, NULL);
    g_autofree char *to = g_build_filename (target, name, NULL);

    if (g_file_test (from, G_FILE_TEST_IS_DIR))
        copy_directory (from, to);
    else if (!g_hash_table_contains (crash.records, from))
        copy_file (from, to);
}

static void
copy_directory (const char *directory, const char *target)
{
    g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
    const char *name;

    g_assert_cmpint (g_mkdir (target, 0700), ==, 0);
    while (dir && (name = g_dir_read_name (dir)))
        copy_entry (directory, target, name);
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
    return strcmp (a, b);
}

void
crash_vfs_write_image (const char *directory, const char *target, CrashImage image, GRand *chance)
{
    g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&crash.mutex);
    /* In one order, so that chance has the same effect another time. */
    g_autoptr (GList) paths = g_list_sort (g_hash_table_get_keys (crash.records), compare_paths);

    copy_directory (directory, target);
    for (GList *link = paths; link; link = link->next) {
        const char *path = link->data;

        if (is_under (path, directory)) {
            g_autofree char *to = g_strconcat (target, path + strlen (directory), NULL);

            write_record (g_hash_table_lookup (crash.records, path), to, image, chance);
        }
    }
}

/* ------------------------------------------------------------------ a file */

static sqlite3_file *
get_real (sqlite3_file *file)
{
    return ((CrashFile *) file)->real;
}

static int
file_close (sqlite3_file *file)
{
    return get_real (file)->pMethods->xClose (get_real (file));
}

static int
file_read (sqlite3_file *file, void *buffer, int amount, sqlite3_int64 offset)
{
    return get_real (file)->pMethods->xRead (get_real (file), buffer, amount, offset);
}

static int
file_write (sqlite3_file *file, const void *data, int amount, sqlite3_int64 offset)
{
    CrashFile *self = (CrashFile *) file;
    int result = prepare (self, CRASH_AT_WRITE);

    if (result == SQLITE_OK)
        result = self->real->pMethods->xWrite (self->real, data, amount, offset);
    if (result == SQLITE_OK && self->record)
        add_change (self->record, offset, data, amount);
    return result;
}

static int
file_truncate (sqlite3_file *file, sqlite3_int64 size)
{
    CrashFile *self = (CrashFile *) file;
    int result = prepare (self, CRASH_AT_WRITE);

    if (result == SQLITE_OK)
        result = self->real->pMethods->xTruncate (self->real, size);
    if (result == SQLITE_OK && self->record)
        add_change (self->record, size, NULL, 0);
    return result;
}

static int
file_sync (sqlite3_file *file, int flags)
{
    CrashFile *self = (CrashFile *) file;
    int result = prepare (self, CRASH_AT_SYNC);

    if (result == SQLITE_OK)
        result = self->real->pMethods->xSync (self->real, flags);
    if (result == SQLITE_OK && self->record)
        settle (self->record, self->path);
    return result;
}

static int
file_size (sqlite3_file *file, sqlite3_int64 *size)
{
    return get_real (file)->pMethods->xFileSize (get_real (file), size);
}

static int
file_lock (sqlite3_file *file, int level)
{
    return get_real (file)->pMethods->xLock (get_real (file), level);
}

static int
file_unlock (sqlite3_file *file, int level)
{
    return get_real (file)->pMethods->xUnlock (get_real (file), level);
}

static int
file_check_reserved_lock (sqlite3_file *file, int *reserved)
{
    return get_real (file)->pMethods->xCheckReservedLock (get_real (file), reserved);
}

static int
file_control (sqlite3_file *file, int operation, void *argument)
{
    return get_real (file)->pMethods->xFileControl (get_real (file), operation, argument);
}

static int
file_sector_size (sqlite3_file *file)
{
    return get_real (file)->pMethods->xSectorSize (get_real (file));
}

static int
file_device_characteristics (sqlite3_file *file)
{
    return get_real (file)->pMethods->xDeviceCharacteristics (get_real (file));
}

static int
file_shm_map (sqlite3_file *file, int page, int page_size, int extend, void volatile **address)
{
    return get_real (file)->pMethods->xShmMap (get_real (file), page, page_size, extend, address);
}

static int
file_shm_lock (sqlite3_file *file, int offset, int n, int flags)
{
    return get_real (file)->pMethods->xShmLock (get_real (file), offset, n, flags);
}

static void
file_shm_barrier (sqlite3_file *file)
{
    get_real (file)->pMethods->xShmBarrier (get_real (file));
}

static int
file_shm_unmap (sqlite3_file *file, int remove)
{
    return get_real (file)->pMethods->xShmUnmap (get_real (file), remove);
}

/* Version 2: no reading through a mapping, past us. */
static const sqlite3_io_methods METHODS = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_reserved_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_device_characteristics,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

/* ------------------------------------------------------------------ the VFS */

/* Before the file is made, so that it can be told from one that was there. */
static Record *
begin_record (const char *path)
{
    g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&crash.mutex);
    Record *record = find_record (path);
    const Change cut = { 0 };

    /* Begun anew; until the next sync the disk may still have the old one. */
    if (record->deleted && !record->exists) {
        g_byte_array_set_size (record->synced, 0);
        g_array_set_size (record->changes, 0);
    } else if (record->deleted) {
        g_array_append_val (record->changes, cut);
    }
    record->deleted = FALSE;
    return record;
}

static int
vfs_open (sqlite3_vfs *vfs, sqlite3_filename path, sqlite3_file *file, int flags, int *out_flags)
{
    CrashFile *self = (CrashFile *) file;
    int result;

    self->base.pMethods = NULL;
    self->path = path;
    self->record = path && flags & RECORDED ? begin_record (path) : NULL;
    self->real = (sqlite3_file *) (self + 1);
    self->real->pMethods = NULL;
    result = crash.real->xOpen (crash.real, path, self->real, flags, out_flags);
    if (self->real->pMethods)
        self->base.pMethods = &METHODS;
    return result;
}

static int
vfs_delete (sqlite3_vfs *vfs, const char *path, int sync_directory)
{
    int result = crash.real->xDelete (crash.real, path, sync_directory);
    g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&crash.mutex);
    Record *record = g_hash_table_lookup (crash.records, path);

    if (result != SQLITE_OK || !record)
        return result;
    record->deleted = TRUE;
    if (sync_directory && !crash.lying)
        settle_directory (path);
    return result;
}

static int
vfs_access (sqlite3_vfs *vfs, const char *path, int flags, int *result)
{
    return crash.real->xAccess (crash.real, path, flags, result);
}

static int
vfs_full_pathname (sqlite3_vfs *vfs, const char *path, int length, char *out)
{
    return crash.real->xFullPathname (crash.real, path, length, out);
}

void
crash_vfs_install (void)
{
    g_assert_null (crash.real);
    crash.real = sqlite3_vfs_find (NULL);
    /* What is not said otherwise below asks nothing of the VFS it is called with. */
    crash.vfs = *crash.real;
    crash.vfs.pNext = NULL;
    crash.vfs.zName = "crash";
    crash.vfs.szOsFile = sizeof (CrashFile) + crash.real->szOsFile;
    crash.vfs.xOpen = vfs_open;
    crash.vfs.xDelete = vfs_delete;
    crash.vfs.xAccess = vfs_access;
    crash.vfs.xFullPathname = vfs_full_pathname;
    crash.records = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, record_free);
    sqlite3_vfs_register (&crash.vfs, TRUE);
}

void
crash_vfs_remove (void)
{
    sqlite3_vfs_unregister (&crash.vfs);
    sqlite3_vfs_register (crash.real, TRUE);
    g_clear_pointer (&crash.records, g_hash_table_unref);
    crash.real = NULL;
}

void
crash_vfs_set_hook (CrashHook hook, gpointer data)
{
    crash.hook = hook;
    crash.hook_data = data;
}

void
crash_vfs_set_failure (const char *directory, int result, guint after)
{
    g_free (crash.failing);
    crash.failing = g_strdup (directory);
    crash.failure = result;
    crash.fail_after = after;
}

void
crash_vfs_set_lying (gboolean lying)
{
    g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&crash.mutex);

    crash.lying = lying;
}

static gboolean
is_forgotten (gpointer path, gpointer record, gpointer directory)
{
    return is_under (path, directory);
}

void
crash_vfs_forget (const char *directory)
{
    g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&crash.mutex);

    g_hash_table_foreach_remove (crash.records, is_forgotten, (gpointer) directory);
}
