/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* Everybody in the office: who is here, and what each is on. */
#define BUREAU_TYPE_PEOPLE_PAGE (bureau_people_page_get_type ())
G_DECLARE_FINAL_TYPE (BureauPeoplePage, bureau_people_page, BUREAU, PEOPLE_PAGE, AdwBin)

GtkWidget *bureau_people_page_new (BureauClient *client);

G_END_DECLS
