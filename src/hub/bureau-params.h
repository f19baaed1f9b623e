/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What stands in the object of a request that is no command: of somebody who is not known yet. All
 * set BUREAU_ERROR_INVALID about the member. */

/* A text of 1 to @max characters. @text: (transfer none) */
gboolean bureau_params_get_text (JsonObject *params, const char *name, guint max, const char **text,
                                 GError **error);
/* A person's name, or a device's: one line that can be seen. */
gboolean bureau_params_get_name (JsonObject *params, const char *name, const char **text,
                                 GError **error);
/* Takes a password out of the params and leaves no copy there. @password (out): NULL if there is
 * none; bureau_password_free() it. */
gboolean bureau_params_take_password (JsonObject *params, const char *name, char **password,
                                      GError **error);

G_END_DECLS
