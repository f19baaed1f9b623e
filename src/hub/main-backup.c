/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "main-backup.h"

#include <stdio.h>
#include <unistd.h>

#include "bureau-backup.h"
#include "bureau-hand-over.h"
#include "bureau-json.h"
#include "bureau-printable.h"
#include "bureau-rescue.h"
#include "bureau-restore.h"

#define NICENESS 10

/* Each office by its name, and how much there is. */
static void
print_about (const char *what, JsonObject *about)
{
    g_auto (GStrv) offices = bureau_json_get_strings (about, "offices");
    g_autofree char *names = offices != NULL ? g_strjoinv ("”, “", offices) : g_strdup ("");
    g_autofree char *printable = bureau_printable (names);

    printf ("%s “%s” as of %s: %" G_GINT64_FORMAT " people, %" G_GINT64_FORMAT
            " projects, %" G_GINT64_FORMAT " tasks\n",
            what, printable, bureau_json_get_string (about, "at"),
            bureau_json_get_int (about, "people", 0), bureau_json_get_int (about, "projects", 0),
            bureau_json_get_int (about, "tasks", 0));
}

gboolean
main_back_up (const char *directory, const char *to, GError **error)
{
    g_autoptr (JsonObject) about = NULL;

    /* Whoever is served goes first. */
    if (nice (NICENESS) == -1)
        g_debug ("Can't be nice.");
    about = bureau_backup_make (directory, to, g_get_real_time () / 1000, NULL, error);
    if (about != NULL)
        print_about ("Backed up", about);
    return about != NULL;
}

gboolean
main_restore (const char *directory, const char *from, GError **error)
{
    g_autofree char *aside = NULL;
    g_autoptr (JsonObject) about = bureau_restore (directory, from, g_get_real_time () / 1000,
                                                   &aside, error);

    if (about == NULL)
        return FALSE;
    print_about ("Put back", about);
    if (aside != NULL)
        printf ("What was there is now in %s\n", aside);
    return TRUE;
}

/* What is there may be the only copy of something. */
static gboolean
check_new (const char *path, GError **error)
{
    if (!g_file_test (path, G_FILE_TEST_EXISTS))
        return TRUE;
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                 "There is a file %s already. Name another one.", path);
    return FALSE;
}

gboolean
main_hand_over (const char *directory, const char *to, GError **error)
{
    g_autoptr (JsonObject) about = NULL;

    if (check_new (to, error))
        about = bureau_hand_over (directory, to, g_get_real_time () / 1000, NULL, error);
    if (about == NULL)
        return FALSE;
    print_about ("Packed", about);
    printf (
        "It is no more served from %s.\n"
        "Take %s to the other machine, and run there: bureau-hub take-over --data DIR --from "
        "FILE\n"
        "Whoever has that file can be the hub: keep it secret, and remove it when all is well.\n",
        directory, to);
    return TRUE;
}

gboolean
main_take_over (const char *directory, const char *from, GError **error)
{
    g_autoptr (JsonObject) about = bureau_take_over (directory, from, g_get_real_time () / 1000,
                                                     error);

    if (about == NULL)
        return FALSE;
    print_about ("Took over", about);
    if (!bureau_json_get_boolean (about, "handedOver", FALSE))
        printf ("This was a backup: make sure that the old hub serves the office no more.\n");
    printf ("Serve it to the others with: bureau-hub --data %s --listen [::]:28732\n", directory);
    return TRUE;
}

gboolean
main_take_back (const char *directory, GError **error)
{
    if (!bureau_hand_over_take_back (directory, error))
        return FALSE;
    printf ("The office in %s can be served here again. No other machine may serve it.\n",
            directory);
    return TRUE;
}

gboolean
main_rescue (const char *directory, const char *replica, GError **error)
{
    g_autofree char *user_id = NULL;
    g_autoptr (JsonObject) about = bureau_rescue (directory, replica, g_get_real_time () / 1000,
                                                  &user_id, error);

    if (about == NULL)
        return FALSE;
    print_about ("Made anew", about);
    printf ("Missing may be:\n%s", bureau_rescue_missing);
    printf ("It is another hub, by another key: everybody joins anew, by an invitation to be who "
            "they were (bureau-hub invite, or Invite in the owner's window).\n");
    return TRUE;
}
