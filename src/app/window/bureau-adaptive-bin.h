/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Holds one child and says whether it has room: the place of AdwBreakpointBin, which the floor has
 * not. It can be made as small as "minimum-width" whatever its child asks for, and its owner
 * rearranges the child when "narrow" changes: that is, when it is given less than "threshold"
 * pixels or more. */
#define BUREAU_TYPE_ADAPTIVE_BIN (bureau_adaptive_bin_get_type ())
G_DECLARE_FINAL_TYPE (BureauAdaptiveBin, bureau_adaptive_bin, BUREAU, ADAPTIVE_BIN, AdwBin)

gboolean bureau_adaptive_bin_get_narrow (BureauAdaptiveBin *self);

G_END_DECLS
