/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-password-file.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bureau-catalog.h"

static gboolean
check_file (int fd, const char *path, GError **error)
{
    struct stat info;

    if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && info.st_uid == geteuid () &&
        (info.st_mode & 0077) == 0)
        return TRUE;

    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 "%s must be a file of yours that nobody else can read (chmod 600).", path);
    return FALSE;
}

/* The line without its end. NULL if it is empty, too long, not text or not alone. (transfer full)
 */
static char *
take_line (const char *bytes, gsize length)
{
    gsize end = length > 0 && bytes[length - 1] == '\n' ? length - 1 : length;

    if (end == 0 || end > BUREAU_MAX_PASSWORD || memchr (bytes, '\n', end) != NULL ||
        !g_utf8_validate (bytes, end, NULL))
        return NULL;
    return g_strndup (bytes, end);
}

char *
bureau_password_file_read (const char *path, GError **error)
{
    char bytes[BUREAU_MAX_PASSWORD + 2];
    char *password = NULL;
    gssize length = -1;
    int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    if (fd < 0) {
        g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "Can't open %s: %s.", path,
                     g_strerror (errno));
        return NULL;
    }
    if (check_file (fd, path, error)) {
        length = read (fd, bytes, sizeof bytes);
        password = length > 0 ? take_line (bytes, length) : NULL;
        if (password == NULL)
            g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                         "%s must have the password as its only line.", path);
    }
    close (fd);
    sodium_memzero (bytes, sizeof bytes);
    return password;
}
