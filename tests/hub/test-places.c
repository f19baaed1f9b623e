/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* An office in a place where it can't be: closed, read-only, or somebody's link to elsewhere
 * (reliability.md, F6). Nothing is changed, no link is followed, and it is said what is wrong. */

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "bureau-backup.h"
#include "test-directory.h"
#include "test-office.h"

#define NOBODY 65534

typedef struct {
    char *top;       /* (owned): a directory for everything here */
    char *directory; /* (owned): the office's, in it */
    uid_t user;      /* who runs the test */
} Place;

/* Root may do anything, whatever the modes say. */
static void
become (uid_t user)
{
    if (user != geteuid ())
        g_assert_cmpint (seteuid (user), ==, 0);
}

static void
set_up (Place *place, gconstpointer data)
{
    g_autoptr (BureauHubOwner) owner = NULL;
    g_autoptr (GError) error = NULL;

    place->user = geteuid ();
    become (place->user == 0 ? NOBODY : place->user);
    place->top = directory_new ();
    place->directory = g_build_filename (place->top, "office", NULL);
    owner = bureau_hub_create_office (place->directory, "Studio Nord", "Ana", "test",
                                      "First project", NULL, &error);
    g_assert_no_error (error);
}

static void
tear_down (Place *place, gconstpointer data)
{
    become (place->user);
    directory_free (place->top);
    g_free (place->directory);
}

/* (transfer full) */
static char *
in (Place *place, const char *name)
{
    return g_build_filename (place->directory, name, NULL);
}

static void
assert_opens (const char *directory)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauAuthority) authority = bureau_authority_open (directory, NULL, &error);

    g_assert_no_error (error);
}

/* It says of @name (in the office's directory) that it is @why. */
static void
assert_does_not_open (Place *place, const char *name, const char *why)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauAuthority) authority = bureau_authority_open (place->directory, NULL, &error);
    g_autofree char *path = in (place, name);

    g_assert_null (authority);
    g_assert_nonnull (error);
    if (strstr (error->message, path) == NULL || strstr (error->message, why) == NULL)
        g_error ("of %s, which is %s: %s", path, why, error->message);
}

/* ------------------------------------------------------------------ modes */

static void
assert_closed (Place *place, const char *name, int mode, const char *why)
{
    g_autofree char *path = in (place, name);
    GStatBuf before;

    g_assert_cmpint (g_stat (path, &before), ==, 0);
    g_assert_cmpint (g_chmod (path, mode), ==, 0);
    assert_does_not_open (place, name, why);
    g_assert_cmpint (g_chmod (path, before.st_mode & 07777), ==, 0);
    assert_opens (place->directory);
}

static void
test_modes (Place *place, gconstpointer data)
{
    assert_closed (place, "hub.db", 0000, "Permission denied");
    assert_closed (place, "hub.db", 0400, "Permission denied");
    assert_closed (place, "hub.lock", 0000, "Permission denied");
    assert_closed (place, "keys", 0000, "Permission denied");
    assert_closed (place, "", 0000, "Can't make the directory");
}

/* ------------------------------------------------------------------ links */

/* @name moves elsewhere, and a link leads to it. */
static void
assert_not_followed (Place *place, const char *name, const char *why)
{
    g_autofree char *path = in (place, name);
    g_autofree char *elsewhere = g_build_filename (place->top, "elsewhere", NULL);

    g_assert_cmpint (g_rename (path, elsewhere), ==, 0);
    g_assert_cmpint (symlink (elsewhere, path), ==, 0);
    assert_does_not_open (place, name, why);
    g_assert_cmpint (g_unlink (path), ==, 0);
    g_assert_cmpint (g_rename (elsewhere, path), ==, 0);
    assert_opens (place->directory);
}

static void
test_links (Place *place, gconstpointer data)
{
    assert_not_followed (place, "hub.db", "a link");
    assert_not_followed (place, "hub.lock", "symbolic links");
    assert_not_followed (place, "keys", "not a directory");
    assert_not_followed (place, "keys/refresh.key", "symbolic links");
}

/* A home may lie behind a link, and a disk for backups. */
static void
test_way_by_a_link (Place *place, gconstpointer data)
{
    g_autofree char *link = g_strconcat (place->top, "/link", NULL);
    g_autofree char *directory = g_build_filename (link, "office", NULL);
    g_autofree char *backup = g_build_filename (link, "backup", NULL);
    g_autoptr (JsonObject) about = NULL;
    g_autoptr (GError) error = NULL;

    g_assert_cmpint (symlink (place->top, link), ==, 0);
    assert_opens (directory);
    about = bureau_backup_make (directory, backup, 1, NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpint (g_unlink (link), ==, 0);
}

/* ------------------------------------------------------------------ a disk to read from */

static gboolean
mount_to_read (const char *path)
{
    return unshare (CLONE_NEWNS) == 0 && mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount (path, path, NULL, MS_BIND, NULL) == 0 &&
           mount (NULL, path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) == 0;
}

static void
test_read_only (Place *place, gconstpointer data)
{
    become (place->user);
    if (!mount_to_read (place->top)) {
        g_test_skip ("only root may mount");
        return;
    }
    become (place->user == 0 ? NOBODY : place->user);
    assert_does_not_open (place, "hub.lock", "Read-only file system");
    become (place->user);
    g_assert_cmpint (umount (place->top), ==, 0);
    become (place->user == 0 ? NOBODY : place->user);
    assert_opens (place->directory);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add ("/places/" name, Place, NULL, set_up, function, tear_down)
    ADD ("modes", test_modes);
    ADD ("links", test_links);
    ADD ("way-by-a-link", test_way_by_a_link);
    ADD ("read-only", test_read_only);
#undef ADD
    return g_test_run ();
}
