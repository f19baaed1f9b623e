/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-workplace.h"

G_BEGIN_DECLS

/* The hub, at the machine that serves the office: how it is served and to whom, its backups, a
 * check-up, and the way to another machine. */
#define BUREAU_TYPE_HUB_PAGE (bureau_hub_page_get_type ())
G_DECLARE_FINAL_TYPE (BureauHubPage, bureau_hub_page, BUREAU, HUB_PAGE, AdwBin)

/* @workplace: this machine serves its office. */
GtkWidget *bureau_hub_page_new (BureauWorkplace *workplace);

G_END_DECLS
