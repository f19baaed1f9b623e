/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-token-keys.h"

#include <gio/gio.h>
#include <sodium.h>

#include "bureau-audit.h"
#include "bureau-authority.h"
#include "bureau-error.h"

#define PREVIOUS_KEY "token.previous.key"
#define YEAR_MS      (G_GINT64_CONSTANT (365) * 24 * 3600 * 1000)

/* ------------------------------------------------------------------ files */

static gboolean
load_previous (BureauTokenSigner *signer, BureauDataDirectory *directory, const char *hub_id,
               gboolean *found, GError **error)
{
    g_autoptr (GError) local_error = NULL;
    guint8 key[BUREAU_KEY_SIZE];

    *found = bureau_data_directory_read_key (directory, PREVIOUS_KEY, key, &local_error);
    if (*found)
        bureau_token_signer_init (signer, key, hub_id);
    sodium_memzero (key, sizeof key);
    if (*found || g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
        return TRUE;
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
}

gboolean
bureau_token_keys_load (BureauTokenSigner *signer, BureauDataDirectory *directory,
                        const char *hub_id, GError **error)
{
    guint8 key[BUREAU_KEY_SIZE];
    gboolean has_previous;

    if (!load_previous (signer, directory, hub_id, &has_previous, error) ||
        !bureau_data_directory_load_key (directory, BUREAU_TOKEN_KEY, key, error))
        return FALSE;
    if (has_previous)
        bureau_token_signer_rotate (signer, key);
    else
        bureau_token_signer_init (signer, key, hub_id);
    sodium_memzero (key, sizeof key);
    return TRUE;
}

/* The old one first: whatever comes between, the key in use is in one of the files. */
static gboolean
rotate (BureauTokenSigner *signer, BureauDataDirectory *directory, GError **error)
{
    guint8 key[BUREAU_KEY_SIZE];
    gboolean written;

    randombytes_buf (key, sizeof key);
    written = bureau_data_directory_write_key (directory, PREVIOUS_KEY, signer->current.key,
                                               error) &&
              bureau_data_directory_write_key (directory, BUREAU_TOKEN_KEY, key, error);
    if (written)
        bureau_token_signer_rotate (signer, key);
    sodium_memzero (key, sizeof key);
    return written;
}

/* ------------------------------------------------------------------ turning over */

static gboolean
check_actor (BureauCall *call, GError **error)
{
    g_autofree char *workspace_id = NULL;

    if (call->actor == NULL)
        return TRUE;
    workspace_id = bureau_call_require_workspace (call, BUREAU_ROLE_OWNER, error);
    if (workspace_id == NULL)
        return FALSE;
    if (g_str_has_prefix (call->actor->session_id, BUREAU_SCRIPT_SESSION))
        return TRUE;
    g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN,
                         "Only “bureau-hub rotate-key” may do this, where the hub's files are.");
    return FALSE;
}

/* The files come last: what could fail has not failed by then. */
static gboolean
run_rotation (BureauCall *call, GError **error)
{
    BureauAuthority *authority = call->authority;

    return check_actor (call, error) &&
           bureau_call_audit (call, NULL, BUREAU_AUDIT_KEY_ROTATED, NULL, NULL, error) &&
           rotate (&authority->signer, authority->directory, error);
}

BureauRequest *
bureau_token_keys_new_rotation (BureauAuthority *authority, BureauActor *actor)
{
    BureauRequest *request = bureau_request_new (authority, run_rotation, NULL);

    request->call.actor = actor;
    return request;
}

void
bureau_token_keys_review (BureauAuthority *authority)
{
    gint64 made = bureau_data_directory_get_key_time (authority->directory, BUREAU_TOKEN_KEY);

    if (bureau_authority_now (authority) - made >= YEAR_MS)
        bureau_authority_queue (authority, bureau_token_keys_new_rotation (authority, NULL));
}
