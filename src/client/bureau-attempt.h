/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-rung.h"

G_BEGIN_DECLS

/* One attempt to be connected: by one transport, and where somebody is there, but something seems
 * to be in its way, by the others, the best first. */
typedef struct _BureauAttempt BureauAttempt;

typedef struct {
    /* Adds what the hub should know to @auth: asked anew for each transport. */
    void (*describe) (gpointer data, JsonObject *auth);
    /* Once, unless it is left before. @rung (nullable) (transfer full): connected; else @error says
     * why the last transport was not. */
    void (*ended) (gpointer data, BureauRung *rung, const GError *error);
} BureauAttemptListener;

/* From @first, and at the most down to @last. @listener and @data must live until it has ended or
 * is left. (transfer full) */
BureauAttempt *bureau_attempt_begin (BureauCredentials *credentials, BureauTransport first,
                                     BureauTransport last, const BureauAttemptListener *listener,
                                     gpointer data);
/* Gives it up, or forgets it when it has ended. Takes @self. */
void bureau_attempt_leave (BureauAttempt *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauAttempt, bureau_attempt_leave)
/* Whether it has been of no use. */
gboolean bureau_attempt_has_failed_by (BureauAttempt *self, BureauTransport transport);

G_END_DECLS
