/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "bureau-client.h"

G_BEGIN_DECLS

/* Says in toasts what others did, live or while one was away, what they changed of one's own
 * access, and what of one's own changes was refused or has clashed with theirs; never one's own
 * doing. A burst becomes one toast. */
#define BUREAU_TYPE_TOASTER (bureau_toaster_get_type ())
G_DECLARE_FINAL_TYPE (BureauToaster, bureau_toaster, BUREAU, TOASTER, GObject)

BureauToaster *bureau_toaster_new (AdwToastOverlay *overlay);
/* Listens to @client; NULL: to nobody. */
void bureau_toaster_set_client (BureauToaster *self, BureauClient *client);

/* A sentence. */
void bureau_toaster_say (BureauToaster *self, const char *text);
/* A sentence with a button that activates @action with @target, taken if it is floating. */
void bureau_toaster_offer (BureauToaster *self, const char *text, const char *button,
                           const char *action, GVariant *target);
/* Tasks to jump to when one has looked at the one before. */
void bureau_toaster_offer_next (BureauToaster *self, const char *const *task_ids, guint n_tasks);

G_END_DECLS
