/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-params.h"

#include <sodium.h>
#include <string.h>

#include "bureau-catalog.h"
#include "bureau-error.h"
#include "bureau-json.h"

gboolean
bureau_params_get_text (JsonObject *params, const char *name, guint max, const char **text,
                        GError **error)
{
    *text = bureau_json_get_string (params, name);
    if (*text != NULL && **text != '\0' && g_utf8_strlen (*text, -1) <= max)
        return TRUE;

    bureau_error_set_invalid (error, name, "“%s” must be a text of 1 to %u characters.", name, max);
    return FALSE;
}

gboolean
bureau_params_get_name (JsonObject *params, const char *name, const char **text, GError **error)
{
    if (!bureau_params_get_text (params, name, BUREAU_MAX_NAME, text, error))
        return FALSE;
    if (bureau_name_check (*text, NULL))
        return TRUE;

    bureau_error_set_invalid (error, name, "“%s” must be one line of text that can be seen.", name);
    return FALSE;
}

gboolean
bureau_params_take_password (JsonObject *params, const char *name, char **password, GError **error)
{
    const char *text = bureau_json_get_string (params, name);

    *password = NULL;
    if (!json_object_has_member (params, name) || bureau_json_is_null (params, name))
        return TRUE;
    if (text == NULL || *text == '\0' || strlen (text) > BUREAU_MAX_PASSWORD) {
        bureau_error_set_invalid (error, name, "“%s” must be a text of 1 to %d bytes.", name,
                                  BUREAU_MAX_PASSWORD);
        return FALSE;
    }
    *password = g_strdup (text);
    /* The params are ours, and what is in them will not be looked at again. */
    sodium_memzero ((char *) text, strlen (text));
    json_object_remove_member (params, name);
    return TRUE;
}
