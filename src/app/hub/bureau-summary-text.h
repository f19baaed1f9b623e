/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "hub.h"

G_BEGIN_DECLS

/* "From 12 November, 18:00: 240 tasks, 5 people." (transfer full) */
char *bureau_summary_to_words (const BureauHubSummary *summary);

G_END_DECLS
