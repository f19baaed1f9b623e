/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* One chip, one truth: how this window stands with the hub. A click says what that means.
 *
 * Properties (read-only, notify): "trouble" (string, nullable): what it says, for where it is out
 * of sight, unless all is well; "color" ("#rrggbb"): of its dot. */
#define BUREAU_TYPE_CONNECTION_CHIP (bureau_connection_chip_get_type ())
G_DECLARE_FINAL_TYPE (BureauConnectionChip, bureau_connection_chip, BUREAU, CONNECTION_CHIP, AdwBin)

/* @is_host: this machine serves the office. */
void bureau_connection_chip_set_client (BureauConnectionChip *self, BureauClient *client,
                                        gboolean is_host);

G_END_DECLS
