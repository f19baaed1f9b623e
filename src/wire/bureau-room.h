/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Connections that get the same events; what only compares rooms needs no more than this. */
typedef struct _BureauRoom BureauRoom;

G_END_DECLS
