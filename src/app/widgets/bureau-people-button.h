/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* A button that says who is chosen and lets one check others.
 * Signal: "picked": the list was closed with another choice; see bureau_people_button_get_ids(). */
#define BUREAU_TYPE_PEOPLE_BUTTON (bureau_people_button_get_type ())
G_DECLARE_FINAL_TYPE (BureauPeopleButton, bureau_people_button, BUREAU, PEOPLE_BUTTON, GtkWidget)

void bureau_people_button_set_client (BureauPeopleButton *self, BureauClient *client);
/* Offers only those who are in @project; NULL for everybody. */
void bureau_people_button_set_project (BureauPeopleButton *self, BureauProject *project);
/* User ids, NULL-terminated, never NULL. (transfer none) */
const char *const *bureau_people_button_get_ids (BureauPeopleButton *self);
void bureau_people_button_set_ids (BureauPeopleButton *self, const char *const *user_ids);
void bureau_people_button_popup (BureauPeopleButton *self);

G_END_DECLS
