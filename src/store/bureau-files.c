/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-files.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define PIECE (64 * 1024)

gboolean
bureau_files_set_errno (GError **error, const char *what, const char *path)
{
    int code = errno;

    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s %s: %s.", what, path,
                 g_strerror (code));
    return FALSE;
}

int
bureau_files_open (const char *path, GError **error)
{
    int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat info;

    if (fd < 0 || fstat (fd, &info) != 0) {
        bureau_files_set_errno (error, "Can't open", path);
    } else if (S_ISREG (info.st_mode)) {
        return fd;
    } else {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, "%s is no file.", path);
    }
    if (fd >= 0)
        close (fd);
    return -1;
}

int
bureau_files_create (const char *path, GError **error)
{
    int fd = open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0)
        bureau_files_set_errno (error, "Can't make", path);
    return fd;
}

gboolean
bureau_files_write (int fd, const void *bytes, gsize length)
{
    const char *at = bytes;

    while (length > 0) {
        gssize put = write (fd, at, length);

        if (put < 0 && errno != EINTR)
            return FALSE;
        if (put > 0) {
            at += put;
            length -= put;
        }
    }
    return TRUE;
}

void
bureau_files_flush (int fd)
{
    /* A hint, where it can be had: it makes nothing durable. */
    sync_file_range (
        fd, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
}

void
bureau_files_unlink (const char *path)
{
    int fd = open (path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat info;

    if (fd >= 0 && fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && info.st_nlink == 1) {
        while (info.st_size > BUREAU_FILES_FLUSHED) {
            info.st_size -= BUREAU_FILES_FLUSHED;
            if (ftruncate (fd, info.st_size) != 0)
                break;
        }
    }
    if (fd >= 0)
        close (fd);
    unlink (path);
}

gboolean
bureau_files_sync (const char *path, GError **error)
{
    int fd = open (path, O_RDONLY | O_CLOEXEC);
    gboolean good = fd >= 0 && fsync (fd) == 0;

    if (!good)
        bureau_files_set_errno (error, "Can't write", path);
    if (fd >= 0)
        close (fd);
    return good;
}

gboolean
bureau_files_sync_disk (const char *path, GError **error)
{
    int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    gboolean good = fd >= 0 && syncfs (fd) == 0;

    if (!good)
        bureau_files_set_errno (error, "Can't write", path);
    if (fd >= 0)
        close (fd);
    return good;
}

gboolean
bureau_files_rename (const char *from, const char *to, GError **error)
{
    g_autofree char *old_directory = g_path_get_dirname (from);
    g_autofree char *new_directory = g_path_get_dirname (to);

    if (rename (from, to) != 0)
        return bureau_files_set_errno (error, "Can't name", to);
    return bureau_files_sync (new_directory, error) &&
           (g_str_equal (old_directory, new_directory) || bureau_files_sync (old_directory, error));
}

gboolean
bureau_files_make_directory (const char *path, GError **error)
{
    struct stat info;

    if (g_mkdir (path, 0700) != 0 && errno != EEXIST)
        return bureau_files_set_errno (error, "Can't make the directory", path);
    if (lstat (path, &info) != 0)
        return bureau_files_set_errno (error, "Can't look at", path);
    if (S_ISDIR (info.st_mode) && info.st_uid == geteuid ())
        return TRUE;
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "%s is not a directory of yours.",
                 path);
    return FALSE;
}

void
bureau_files_remove (const char *path)
{
    struct stat info;
    g_autoptr (GDir) directory = NULL;
    const char *name;

    if (lstat (path, &info) == 0 && S_ISDIR (info.st_mode))
        directory = g_dir_open (path, 0, NULL);
    while (directory != NULL && (name = g_dir_read_name (directory)) != NULL) {
        g_autofree char *child = g_build_filename (path, name, NULL);

        bureau_files_remove (child);
    }
    if (g_remove (path) != 0 && errno != ENOENT)
        g_message ("Can't remove %s: %s", path, g_strerror (errno));
}

char *
bureau_files_hash (int fd, const char *path, goffset *length, GCancellable *cancellable,
                   GError **error)
{
    g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
    g_autofree guchar *piece = g_malloc (PIECE);
    gssize got;

    *length = 0;
    while ((got = read (fd, piece, PIECE)) != 0) {
        if (g_cancellable_set_error_if_cancelled (cancellable, error))
            return NULL;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            bureau_files_set_errno (error, "Can't read", path);
            return NULL;
        }
        g_checksum_update (checksum, piece, got);
        *length += got;
    }
    return g_strdup (g_checksum_get_string (checksum));
}

guint64
bureau_files_get_free (const char *path)
{
    struct statvfs info;

    return statvfs (path, &info) == 0 ? (guint64) info.f_bavail * info.f_frsize : 0;
}
