/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Finds a hub again that is not where it was, as after another machine has taken the office over:
 * among those that announce themselves, the one that proves by its certificate to have the key. All
 * others are asked nothing that they must not know. It lives in the thread whose main context it
 * was made in.
 *
 * Signal "found" (const char *base_uri): there it is. */
#define BUREAU_TYPE_SEEKER (bureau_seeker_get_type ())
G_DECLARE_FINAL_TYPE (BureauSeeker, bureau_seeker, BUREAU, SEEKER, GObject)

/* @pin: of the hub's certificate. Does nothing yet. */
BureauSeeker *bureau_seeker_new (const char *pin);
/* Listens to the network from here on, and asks once more those that it has heard of. */
void bureau_seeker_look (BureauSeeker *self);
void bureau_seeker_stop (BureauSeeker *self);

G_END_DECLS
