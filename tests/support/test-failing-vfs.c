/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "test-failing-vfs.h"

#include <errno.h>
#include <signal.h>
#include <sqlite3.h>
#include <unistd.h>

typedef struct {
    sqlite3_file base;
    sqlite3_file *real; /* lies behind */
} File;

static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    sqlite3_io_methods methods;
    Fault fault;
    guint first, n; /* n: 0 for a disk that is well */
    guint calls, failed;
} shim;

#define REAL(file) (((File *) (file))->real)

/* @code: what SQLite's own layer answers to an error in this place. */
static int
judge (int code)
{
    static const int errors[] = { ENOSPC, EIO, EROFS };
    guint call = shim.calls++;

    if (shim.n == 0 || call < shim.first || call - shim.first >= shim.n)
        return SQLITE_OK;
    if (shim.fault == FAULT_DEATH)
        kill (getpid (), SIGKILL);
    shim.failed++;
    errno = errors[shim.fault];
    return shim.fault == FAULT_FULL && code == SQLITE_IOERR_WRITE ? SQLITE_FULL : code;
}

static int
file_close (sqlite3_file *file)
{
    return REAL (file)->pMethods->xClose (REAL (file));
}

static int
file_read (sqlite3_file *file, void *bytes, int length, sqlite3_int64 offset)
{
    return REAL (file)->pMethods->xRead (REAL (file), bytes, length, offset);
}

static int
file_write (sqlite3_file *file, const void *bytes, int length, sqlite3_int64 offset)
{
    int code = judge (SQLITE_IOERR_WRITE);

    return code == SQLITE_OK ? REAL (file)->pMethods->xWrite (REAL (file), bytes, length, offset)
                             : code;
}

static int
file_truncate (sqlite3_file *file, sqlite3_int64 size)
{
    int code = judge (SQLITE_IOERR_TRUNCATE);

    return code == SQLITE_OK ? REAL (file)->pMethods->xTruncate (REAL (file), size) : code;
}

static int
file_sync (sqlite3_file *file, int flags)
{
    int code = judge (SQLITE_IOERR_FSYNC);

    return code == SQLITE_OK ? REAL (file)->pMethods->xSync (REAL (file), flags) : code;
}

static int
file_size (sqlite3_file *file, sqlite3_int64 *size)
{
    return REAL (file)->pMethods->xFileSize (REAL (file), size);
}

static int
file_lock (sqlite3_file *file, int level)
{
    return REAL (file)->pMethods->xLock (REAL (file), level);
}

static int
file_unlock (sqlite3_file *file, int level)
{
    return REAL (file)->pMethods->xUnlock (REAL (file), level);
}

static int
file_check_lock (sqlite3_file *file, int *locked)
{
    return REAL (file)->pMethods->xCheckReservedLock (REAL (file), locked);
}

static int
file_control (sqlite3_file *file, int operation, void *data)
{
    return REAL (file)->pMethods->xFileControl (REAL (file), operation, data);
}

static int
file_sector_size (sqlite3_file *file)
{
    return REAL (file)->pMethods->xSectorSize (REAL (file));
}

static int
file_characteristics (sqlite3_file *file)
{
    return REAL (file)->pMethods->xDeviceCharacteristics (REAL (file));
}

static int
file_shm_map (sqlite3_file *file, int page, int size, int extend, void volatile **memory)
{
    int code = extend ? judge (SQLITE_IOERR_SHMSIZE) : SQLITE_OK;

    return code == SQLITE_OK
               ? REAL (file)->pMethods->xShmMap (REAL (file), page, size, extend, memory)
               : code;
}

static int
file_shm_lock (sqlite3_file *file, int offset, int n, int flags)
{
    return REAL (file)->pMethods->xShmLock (REAL (file), offset, n, flags);
}

static void
file_shm_barrier (sqlite3_file *file)
{
    REAL (file)->pMethods->xShmBarrier (REAL (file));
}

static int
file_shm_unmap (sqlite3_file *file, int delete)
{
    return REAL (file)->pMethods->xShmUnmap (REAL (file), delete);
}

static int
vfs_open (sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
    File *self = (File *) file;
    int code;

    self->real = (sqlite3_file *) (self + 1);
    code = shim.real->xOpen (shim.real, name, self->real, flags, out_flags);
    self->base.pMethods = self->real->pMethods != NULL ? &shim.methods : NULL;
    return code;
}

void
failing_vfs_install (void)
{
    shim.real = sqlite3_vfs_find (NULL);
    shim.vfs = *shim.real;
    shim.vfs.zName = "failing";
    shim.vfs.szOsFile = sizeof (File) + shim.real->szOsFile;
    shim.vfs.xOpen = vfs_open;
    shim.methods = (sqlite3_io_methods){
        .iVersion = 2,
        .xClose = file_close,
        .xRead = file_read,
        .xWrite = file_write,
        .xTruncate = file_truncate,
        .xSync = file_sync,
        .xFileSize = file_size,
        .xLock = file_lock,
        .xUnlock = file_unlock,
        .xCheckReservedLock = file_check_lock,
        .xFileControl = file_control,
        .xSectorSize = file_sector_size,
        .xDeviceCharacteristics = file_characteristics,
        .xShmMap = file_shm_map,
        .xShmLock = file_shm_lock,
        .xShmBarrier = file_shm_barrier,
        .xShmUnmap = file_shm_unmap,
    };
    sqlite3_vfs_register (&shim.vfs, 1);
}

void
failing_vfs_fail (Fault fault, guint first, guint n)
{
    shim.fault = fault;
    shim.first = first;
    shim.n = n;
    shim.calls = shim.failed = 0;
}

void
failing_vfs_heal (void)
{
    shim.n = 0;
}

void
failing_vfs_touch (void)
{
    judge (SQLITE_IOERR);
}

guint
failing_vfs_get_calls (void)
{
    return shim.calls;
}

guint
failing_vfs_get_failed (void)
{
    return shim.failed;
}
