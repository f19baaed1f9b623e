/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "main-backup.h"

#include <stdio.h>
#include <unistd.h>

#include "bureau-backup.h"
#include "bureau-json.h"
#include "bureau-printable.h"
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
