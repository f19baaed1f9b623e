/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-workplace.h"

G_BEGIN_DECLS

/* The switch that opens the office, which this machine serves, to the network. Says where it can be
 * reached, or why not. */
#define BUREAU_TYPE_SHARING_ROW (bureau_sharing_row_get_type ())
G_DECLARE_FINAL_TYPE (BureauSharingRow, bureau_sharing_row, BUREAU, SHARING_ROW, AdwActionRow)

GtkWidget *bureau_sharing_row_new (BureauWorkplace *workplace);

G_END_DECLS
