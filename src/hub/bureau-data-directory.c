/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-data-directory.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bureau-files.h"
#include "bureau-hand-over.h"
#include "bureau-key-file.h"
#include "bureau-restore.h"

struct _BureauDataDirectory {
    char *path;     /* (owned) */
    char *database; /* (owned) */
    char *lock;     /* (owned) */
    char *keys;     /* (owned) */
    int lock_fd;    /* -1 while the lock is not ours */
};

static gboolean
make_private_directory (const char *path, GError **error)
{
    struct stat info;

    if (g_mkdir_with_parents (path, 0700) != 0)
        return bureau_files_set_errno (error, "Can't make the directory", path);
    if (lstat (path, &info) != 0)
        return bureau_files_set_errno (error, "Can't look at", path);
    if (!S_ISDIR (info.st_mode) || info.st_uid != geteuid ()) {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                     "%s is not a directory of yours.", path);
        return FALSE;
    }
    if ((info.st_mode & 0077) != 0 && chmod (path, 0700) != 0)
        return bureau_files_set_errno (error, "Can't close to others", path);
    return TRUE;
}

BureauDataDirectory *
bureau_data_directory_open (const char *path, GError **error)
{
    g_autoptr (BureauDataDirectory) self = g_new0 (BureauDataDirectory, 1);

    self->lock_fd = -1;
    self->path = g_strdup (path);
    self->database = g_build_filename (path, "hub.db", NULL);
    self->lock = g_build_filename (path, "hub.lock", NULL);
    self->keys = g_build_filename (path, "keys", NULL);

    if (!make_private_directory (path, error) || !make_private_directory (self->keys, error))
        return NULL;
    return g_steal_pointer (&self);
}

void
bureau_data_directory_close (BureauDataDirectory *self)
{
    if (self == NULL)
        return;

    if (self->lock_fd >= 0) {
        if (ftruncate (self->lock_fd, 0) != 0)
            g_debug ("Can't empty %s: %s", self->lock, g_strerror (errno));
        close (self->lock_fd);
    }
    g_free (self->path);
    g_free (self->database);
    g_free (self->lock);
    g_free (self->keys);
    g_free (self);
}

const char *
bureau_data_directory_get_path (BureauDataDirectory *self)
{
    return self->path;
}

const char *
bureau_data_directory_get_database (BureauDataDirectory *self)
{
    return self->database;
}

const char *
bureau_data_directory_get_keys (BureauDataDirectory *self)
{
    return self->keys;
}

gboolean
bureau_data_directory_has_office (BureauDataDirectory *self)
{
    return g_file_test (self->database, G_FILE_TEST_EXISTS);
}

gboolean
bureau_data_directory_lock_marked (BureauDataDirectory *self, GError **error)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    int fd = open (self->lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0)
        return bureau_files_set_errno (error, "Can't open", self->lock);

    /* A lock of the open file description: it dies with the process, however that dies. */
    if (fcntl (fd, F_OFD_SETLK, &lock) != 0) {
        int code = errno;

        close (fd);
        if (code == EAGAIN || code == EACCES) {
            g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                         "Another hub is serving the office in %s.", self->path);
            return FALSE;
        }
        errno = code;
        return bureau_files_set_errno (error, "Can't lock", self->lock);
    }

    self->lock_fd = fd;
    return bureau_restore_finish (self->path, error);
}

gboolean
bureau_data_directory_lock (BureauDataDirectory *self, GError **error)
{
    return bureau_data_directory_lock_marked (self, error) &&
           bureau_hand_over_check (self->path, error);
}

gboolean
bureau_data_directory_is_locked (BureauDataDirectory *self)
{
    return self->lock_fd >= 0;
}

gboolean
bureau_data_directory_set_address (BureauDataDirectory *self, const char *uri, GError **error)
{
    g_autofree char *line = g_strdup_printf ("%s\n", uri);
    gsize length = strlen (line);

    if (ftruncate (self->lock_fd, 0) != 0 ||
        pwrite (self->lock_fd, line, length, 0) != (gssize) length)
        return bureau_files_set_errno (error, "Can't write", self->lock);
    return TRUE;
}

char *
bureau_data_directory_get_address (BureauDataDirectory *self)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    char line[256];
    gssize length = 0;
    int fd = open (self->lock, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0)
        return NULL;

    if (fcntl (fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
        length = pread (fd, line, sizeof line - 1, 0);
    close (fd);
    if (length <= 0)
        return NULL;

    line[length] = '\0';
    return g_strdup (g_strchomp (line));
}

/* ------------------------------------------------------------------ keys */

/* (transfer full) */
static char *
get_key_path (BureauDataDirectory *self, const char *name)
{
    return g_build_filename (self->keys, name, NULL);
}

gboolean
bureau_data_directory_read_key (BureauDataDirectory *self, const char *name, guint8 *key,
                                GError **error)
{
    g_autofree char *path = get_key_path (self, name);
    gsize length = 0;
    char *contents = bureau_key_file_load (path, BUREAU_KEY_SIZE, &length, error);

    if (contents == NULL)
        return FALSE;
    if (length == BUREAU_KEY_SIZE)
        memcpy (key, contents, BUREAU_KEY_SIZE);
    else
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The key in %s is damaged.", path);
    bureau_key_file_wipe (contents, length);
    return length == BUREAU_KEY_SIZE;
}

gboolean
bureau_data_directory_write_key (BureauDataDirectory *self, const char *name, const guint8 *key,
                                 GError **error)
{
    g_autofree char *path = get_key_path (self, name);

    return bureau_key_file_save (path, key, BUREAU_KEY_SIZE, error);
}

gint64
bureau_data_directory_get_key_time (BureauDataDirectory *self, const char *name)
{
    g_autofree char *path = get_key_path (self, name);
    struct stat info;

    return stat (path, &info) == 0 ? (gint64) info.st_mtime * 1000 : 0;
}

gboolean
bureau_data_directory_load_key (BureauDataDirectory *self, const char *name, guint8 *key,
                                GError **error)
{
    g_autoptr (GError) local_error = NULL;

    if (bureau_data_directory_read_key (self, name, key, &local_error))
        return TRUE;
    /* A new one would sign everybody out: only where there has been none. */
    if (!g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    randombytes_buf (key, BUREAU_KEY_SIZE);
    return bureau_data_directory_write_key (self, name, key, error);
}
