/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* A member: who they are, whether they are here, and what they are on if a timer runs. */
#define BUREAU_TYPE_PERSON_ROW (bureau_person_row_get_type ())
G_DECLARE_FINAL_TYPE (BureauPersonRow, bureau_person_row, BUREAU, PERSON_ROW, AdwActionRow)

GtkWidget *bureau_person_row_new (BureauClient *client, BureauMember *member);
/* Looks at the person's timer again: it has gone on, started or ended. */
void bureau_person_row_update (BureauPersonRow *self);

G_END_DECLS
