/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <glib/gi18n.h>
#include <locale.h>

#include "bureau-application.h"
#include "bureau-printable.h"

int
main (int argc, char *argv[])
{
    setlocale (LC_ALL, "");
    bureau_printable_init_log ();
    /* A run from the build tree has its translations there. */
    const char *locale_dir = g_getenv ("BUREAU_LOCALE_DIR");
    bindtextdomain (GETTEXT_PACKAGE, locale_dir != NULL ? locale_dir : BUREAU_LOCALE_DIR);
    bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
    textdomain (GETTEXT_PACKAGE);

    g_autoptr (BureauApplication) application = bureau_application_new ();
    return g_application_run (G_APPLICATION (application), argc, argv);
}
