/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-workplace.h"

G_BEGIN_DECLS

/* A bar over an office that one is not signed in to, or whose hub somebody else answers for. It
 * says why and takes the password; behind it everything stays readable, and what one changes waits.
 */
#define BUREAU_TYPE_OFFICE_BAR (bureau_office_bar_get_type ())
G_DECLARE_FINAL_TYPE (BureauOfficeBar, bureau_office_bar, BUREAU, OFFICE_BAR, AdwBin)

GtkWidget *bureau_office_bar_new (BureauWorkplace *workplace);

G_END_DECLS
