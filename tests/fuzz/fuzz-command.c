/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What comes with a command, over either door: the scanner, the parser, then the catalog's fields,
 * those of the audit's pages and of a proof among them. What passes has no member that the catalog
 * does not know, and passes again. */

#include <string.h>

#include "bureau-catalog.h"
#include "bureau-json-scanner.h"
#include "bureau-json.h"
#include "bureau-proof.h"
#include "slices.h"

static gboolean
is_field (const BureauCommand *command, const char *name)
{
    for (const BureauField *field = command->fields; field->name != NULL; field++) {
        if (strcmp (field->name, name) == 0)
            return TRUE;
    }
    return FALSE;
}

static void
check_command (const BureauCommand *command, JsonObject *params)
{
    g_autoptr (JsonObject) valid = bureau_command_validate (command, params, NULL);
    g_autoptr (JsonObject) again = NULL;
    g_autoptr (GList) names = NULL;
    g_autofree char *one = NULL, *other = NULL;

    if (valid == NULL)
        return;
    names = json_object_get_members (valid);
    for (GList *name = names; name != NULL; name = name->next)
        g_assert (is_field (command, name->data) || strcmp (name->data, "opId") == 0);
    again = bureau_command_validate (command, valid, NULL);
    g_assert (again != NULL);
    one = bureau_json_object_to_string (valid);
    other = bureau_json_object_to_string (again);
    g_assert (strcmp (one, other) == 0);
}

static void
check_proof (JsonObject *params)
{
    static const guint8 key[BUREAU_PROOF_KEY_SIZE] = { 42 };
    const char *nonce = bureau_json_get_string (params, "nonce");
    const char *proof = bureau_json_get_string (params, "proof");

    if (nonce != NULL && bureau_proof_nonce_is_valid (nonce))
        g_assert (strlen (nonce) == 22);
    if (proof != NULL)
        g_assert (!bureau_proof_verify (key, BUREAU_PROOF_CLIENT, "", "AAAAAAAAAAAAAAAAAAAAAA",
                                        "AAAAAAAAAAAAAAAAAAAAAA", proof));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
    g_autoptr (JsonObject) params = NULL;

    if (!bureau_json_scan ((const char *) data, size, BUREAU_MAX_JSON_DEPTH, NULL, NULL))
        return 0;
    params = bureau_json_parse_object ((const char *) data, size, NULL);
    if (params == NULL)
        return 0;
    for (BureauCommandId id = 0; id < BUREAU_N_COMMANDS; id++)
        check_command (bureau_command_get (id), params);
    check_proof (params);
    return 0;
}
