/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "welcome/bureau-real-name.h"

const char *
bureau_get_real_name (void)
{
    const char *name = g_get_real_name ();

    /* An account that has no real name has its login, or "Unknown", there. */
    if (g_strcmp0 (name, "Unknown") == 0 || g_strcmp0 (name, g_get_user_name ()) == 0)
        return "";
    return name;
}
