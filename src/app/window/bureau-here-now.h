/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* The avatars of the others who are here: of a project's people, or of the whole office. Hidden
 * while nobody is. */
#define BUREAU_TYPE_HERE_NOW (bureau_here_now_get_type ())
G_DECLARE_FINAL_TYPE (BureauHereNow, bureau_here_now, BUREAU, HERE_NOW, AdwBin)

GtkWidget *bureau_here_now_new (BureauClient *client);
/* NULL for the whole office. */
void bureau_here_now_set_project (BureauHereNow *self, BureauProject *project);

G_END_DECLS
