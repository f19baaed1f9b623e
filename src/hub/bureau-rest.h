/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-call.h"

G_BEGIN_DECLS

/* The REST door (doors.md, REST). Reading is answered at once; a change is a request of the turn,
 * like any other. The server's hook; data is the BureauAuthority. */
void bureau_rest_on_request (BureauServer *server, BureauExchange *exchange, gpointer data);
/* "GET tasks/" and so on: what there is below /api/v1/. (transfer full) */
GStrv bureau_rest_list_routes (void);

G_END_DECLS
