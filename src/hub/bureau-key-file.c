/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-key-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bureau-files.h"

void
bureau_key_file_wipe (char *text, gsize length)
{
    if (text != NULL)
        sodium_memzero (text, length);
    g_free (text);
}

/* ------------------------------------------------------------------ reading */

static gboolean
check_file (int fd, const char *path, gsize max, struct stat *info, GError **error)
{
    if (fstat (fd, info) != 0)
        return bureau_files_set_errno (error, "Can't look at", path);
    if (!S_ISREG (info->st_mode) || info->st_uid != geteuid ()) {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "%s is not a file of yours.",
                     path);
        return FALSE;
    }
    if (info->st_size > (goffset) max) {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s is too large for a key.",
                     path);
        return FALSE;
    }
    if ((info->st_mode & 0077) != 0 && fchmod (fd, 0600) != 0)
        return bureau_files_set_errno (error, "Can't close to others", path);
    return TRUE;
}

/* At most @size bytes. Returns how many, or -1 with errno. */
static gssize
read_all (int fd, char *text, gsize size)
{
    gsize length = 0;

    while (length < size) {
        gssize got = read (fd, text + length, size - length);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        length += got;
    }
    return length;
}

static char *
load (int fd, const char *path, gsize max, gsize *length, GError **error)
{
    struct stat info;
    gssize got;
    char *text;

    if (!check_file (fd, path, max, &info, error))
        return NULL;
    text = g_new0 (char, info.st_size + 1);
    got = read_all (fd, text, info.st_size);
    if (got < 0) {
        bureau_files_set_errno (error, "Can't read", path);
        bureau_key_file_wipe (text, info.st_size);
        return NULL;
    }
    *length = got;
    return text;
}

char *
bureau_key_file_load (const char *path, gsize max, gsize *length, GError **error)
{
    int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    char *text;

    if (fd < 0) {
        bureau_files_set_errno (error, "Can't open", path);
        return NULL;
    }
    text = load (fd, path, max, length, error);
    close (fd);
    return text;
}

/* ------------------------------------------------------------------ writing */

static gboolean
write_new (const char *path, const void *bytes, gsize length, GError **error)
{
    int fd = bureau_files_create (path, error);
    gboolean good;

    if (fd < 0)
        return FALSE;
    good = (bureau_files_write (fd, bytes, length) && fsync (fd) == 0) ||
           bureau_files_set_errno (error, "Can't write", path);
    close (fd);
    return good;
}

gboolean
bureau_key_file_save (const char *path, const void *bytes, gsize length, GError **error)
{
    g_autofree char *unfinished = g_strconcat (path, ".new", NULL);

    if (unlink (unfinished) != 0 && errno != ENOENT)
        return bureau_files_set_errno (error, "Can't remove", unfinished);
    return write_new (unfinished, bytes, length, error) &&
           bureau_files_rename (unfinished, path, error);
}
