/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* The program: one for each session bus, with one window. */
#define BUREAU_TYPE_APPLICATION (bureau_application_get_type ())
G_DECLARE_FINAL_TYPE (BureauApplication, bureau_application, BUREAU, APPLICATION, AdwApplication)

BureauApplication *bureau_application_new (void);

G_END_DECLS
