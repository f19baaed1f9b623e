/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* The check-up of an office's files, once somebody asks for it: what was looked at, in plain words,
 * and of what is wrong also what to do. */
#define BUREAU_TYPE_CHECK_UP_GROUP (bureau_check_up_group_get_type ())
G_DECLARE_FINAL_TYPE (BureauCheckUpGroup, bureau_check_up_group, BUREAU, CHECK_UP_GROUP,
                      AdwPreferencesGroup)

/* @directory: the office's. */
GtkWidget *bureau_check_up_group_new (const char *directory);

G_END_DECLS
