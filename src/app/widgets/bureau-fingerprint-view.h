/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A hub's fingerprint for two people to compare: its words, and its digits on demand.
 *
 * Property "compact" (boolean, construct-only): narrow, for two beside each other, and with the
 * digits at once. */
#define BUREAU_TYPE_FINGERPRINT_VIEW (bureau_fingerprint_view_get_type ())
G_DECLARE_FINAL_TYPE (BureauFingerprintView, bureau_fingerprint_view, BUREAU, FINGERPRINT_VIEW,
                      GtkWidget)

/* @pin: of a certificate; what is none shows nothing. */
void bureau_fingerprint_view_set_pin (BureauFingerprintView *self, const char *pin);

G_END_DECLS
