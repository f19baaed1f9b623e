/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "bureau-catalog.h"

G_BEGIN_DECLS

/* A change of mine that the office does not have yet: it waits to be sent, or the hub has refused
 * it and it is kept.
 *
 * Property (notify): "error". */
#define BUREAU_TYPE_CHANGE (bureau_change_get_type ())
G_DECLARE_FINAL_TYPE (BureauChange, bureau_change, BUREAU, CHANGE, GObject)

BureauChange *bureau_change_new (const char *op_id, const BureauCommand *command,
                                 JsonObject *params, const char *subject, gint64 given_at);
/* NULL: it waits. */
void bureau_change_set_error (BureauChange *self, const GError *error);

const char *bureau_change_get_op_id (BureauChange *self);
const BureauCommand *bureau_change_get_command (BureauChange *self);
/* As the command takes it. (transfer none) */
JsonObject *bureau_change_get_params (BureauChange *self);
/* What it is about, as it was called when the change was given. (nullable) */
const char *bureau_change_get_subject (BureauChange *self);
gint64 bureau_change_get_given_at (BureauChange *self); /* an instant of the hub's clock */
/* Why it was refused; NULL: it waits. (nullable) (transfer none) */
const GError *bureau_change_get_error (BureauChange *self);

G_END_DECLS
