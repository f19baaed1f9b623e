/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-sign-in.h"

#include "bureau-audit.h"
#include "bureau-authority.h"
#include "bureau-error.h"
#include "bureau-guesses.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-params.h"
#include "bureau-password.h"
#include "bureau-sessions.h"
#include "bureau-store-accounts.h"

/* What goes to the worker and comes back. */
typedef struct {
    char *handle;   /* (owned) */
    char *password; /* (owned) */
    char *user_id;  /* (owned) (nullable): nobody has that handle, or they may not sign in */
    char *hash;     /* (owned) (nullable) */
    gboolean right;
    char *new_hash; /* (owned) (nullable): at today's cost */
} Attempt;

static void
attempt_free (Attempt *attempt)
{
    g_free (attempt->handle);
    bureau_password_free (attempt->password);
    g_free (attempt->user_id);
    g_free (attempt->hash);
    g_free (attempt->new_hash);
    g_free (attempt);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Attempt, attempt_free)

static void
compute_attempt (gpointer data)
{
    Attempt *attempt = data;

    attempt->right = bureau_password_verify (attempt->hash, attempt->password);
    if (attempt->right && bureau_password_needs_rehash (attempt->hash))
        attempt->new_hash = bureau_password_hash (attempt->password);
}

/* The audit knows who it would have been; who is refused does not. */
static gboolean
refuse (BureauCall *call, const Attempt *attempt, GError **error)
{
    bureau_call_audit_refusal (call, NULL, BUREAU_AUDIT_SIGN_IN_REFUSED, attempt->user_id,
                               "password");
    g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_UNAUTHENTICATED,
                         "The name or the password is not right.");
    return FALSE;
}

/* TRUE if the account is still what the password was compared with. FALSE also with @error. */
static gboolean
is_unchanged (BureauCall *call, const Attempt *attempt, GError **error)
{
    g_autofree char *hash = NULL;
    g_autofree char *user_id = bureau_store_find_account (call->authority->store, attempt->handle,
                                                          &hash, error);

    return user_id != NULL && g_str_equal (user_id, attempt->user_id) &&
           g_str_equal (hash, attempt->hash);
}

static gboolean
let_in (BureauCall *call, const Attempt *attempt, GError **error)
{
    BureauStore *store = call->authority->store;
    g_autofree char *session_id = bureau_id_new ();

    if (attempt->new_hash != NULL &&
        !bureau_store_set_password (store, attempt->user_id, attempt->new_hash, error))
        return FALSE;
    call->actor = bureau_actor_new (attempt->user_id, session_id);
    return bureau_guesses_forgive (call, attempt->handle, error) &&
           bureau_call_audit (call, NULL, BUREAU_AUDIT_SIGN_IN, attempt->user_id, NULL, error) &&
           bureau_call_start_session (call, session_id, attempt->user_id,
                                      bureau_json_get_string (call->params, "device"), error);
}

static gboolean
finish_sign_in (BureauCall *call, GError **error)
{
    const Attempt *attempt = call->work->data;
    g_autoptr (GError) local_error = NULL;

    if (attempt->right && is_unchanged (call, attempt, &local_error))
        return let_in (call, attempt, error);
    if (local_error == NULL)
        return refuse (call, attempt, error);
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
}

/* People write their name with capitals, and blanks come along when it is pasted. (transfer full)
 */
static char *
normalize_handle (const char *text)
{
    g_autofree char *lower = g_ascii_strdown (text, -1);

    return g_strdup (g_strstrip (lower));
}

static gboolean
run_sign_in (BureauCall *call, GError **error)
{
    g_autoptr (Attempt) attempt = g_new0 (Attempt, 1);
    g_autoptr (GError) local_error = NULL;
    const char *handle, *device;

    if (!bureau_params_take_password (call->params, "password", &attempt->password, error) ||
        !bureau_params_get_text (call->params, "handle", BUREAU_MAX_NAME, &handle, error) ||
        !bureau_params_get_name (call->params, "device", &device, error))
        return FALSE;
    if (attempt->password == NULL) {
        bureau_error_set_invalid (error, "password", "“password” is missing.");
        return FALSE;
    }

    attempt->handle = normalize_handle (handle);
    if (!bureau_guesses_check (call, attempt->handle, error) ||
        !bureau_guesses_count (call, attempt->handle, error))
        return FALSE;
    attempt->user_id = bureau_store_find_account (call->authority->store, attempt->handle,
                                                  &attempt->hash, &local_error);
    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    bureau_call_compute (call, compute_attempt, finish_sign_in, g_steal_pointer (&attempt),
                         (GDestroyNotify) attempt_free);
    return TRUE;
}

BureauRequest *
bureau_sign_in_new (BureauAuthority *authority, JsonObject *params)
{
    return bureau_request_new (authority, run_sign_in, params);
}
