/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-audit.h"
#include "bureau-authority.h"
#include "bureau-commands.h"
#include "bureau-error.h"
#include "bureau-guesses.h"
#include "bureau-json.h"
#include "bureau-params.h"
#include "bureau-password.h"
#include "bureau-store-accounts.h"

/* What goes to the worker and comes back. */
typedef struct {
    char *handle;   /* (owned) */
    char *current;  /* (owned) (nullable) */
    char *password; /* (owned) */
    char *hash;     /* (owned) (nullable): of the current one; NULL if there is none */
    gboolean right;
    char *new_hash; /* (owned) (nullable) */
} Change;

static void
change_free (Change *change)
{
    g_free (change->handle);
    bureau_password_free (change->current);
    bureau_password_free (change->password);
    g_free (change->hash);
    g_free (change->new_hash);
    g_free (change);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Change, change_free)

static void
compute_change (gpointer data)
{
    Change *change = data;

    change->right = change->hash == NULL || bureau_password_verify (change->hash, change->current);
    if (change->right)
        change->new_hash = bureau_password_hash (change->password);
}

/* ------------------------------------------------------------------ afterwards */

static gboolean
refuse (BureauCall *call, GError **error)
{
    bureau_call_audit_refusal (call, NULL, BUREAU_AUDIT_SIGN_IN_REFUSED, call->actor->user_id,
                               "password");
    g_propagate_error (error, bureau_error_new_full (BUREAU_ERROR_FORBIDDEN, "current", 0,
                                                     "The current password is not right."));
    return FALSE;
}

/* Whoever has the old one is out. */
static gboolean
put_in_place (BureauCall *call, const Change *change, GError **error)
{
    const char *user_id = call->actor->user_id;

    return (change->hash == NULL || bureau_guesses_forgive (call, change->handle, error)) &&
           bureau_store_set_password (call->authority->store, user_id, change->new_hash, error) &&
           bureau_call_audit (call, NULL, BUREAU_AUDIT_PASSWORD_SET, user_id, NULL, error) &&
           bureau_call_end_sessions (call, user_id, NULL, call->actor->session_id,
                                     "The password was changed", error);
}

/* They may have been signed out, or changed it elsewhere, while it was computed. */
static gboolean
finish_change (BureauCall *call, GError **error)
{
    const Change *change = call->work->data;
    g_autoptr (GError) local_error = NULL;
    g_autofree char *hash = NULL;

    if (!bureau_call_check_actor (call, error))
        return FALSE;
    if (!change->right)
        return refuse (call, error);
    if (change->new_hash == NULL)
        return bureau_password_set_no_memory (error);
    hash = bureau_store_get_password (call->authority->store, call->actor->user_id, &local_error);
    if (local_error == NULL && g_strcmp0 (hash, change->hash) == 0)
        return put_in_place (call, change, error);

    if (local_error == NULL)
        g_set_error_literal (&local_error, BUREAU_ERROR, BUREAU_ERROR_CONFLICT,
                             "The password was changed meanwhile. Try again.");
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
}

/* ------------------------------------------------------------------ before */

/* The words that everybody in their offices knows. (transfer full) */
static GStrv
list_words (BureauCall *call, JsonObject *user, GError **error)
{
    g_autoptr (JsonArray) workspaces = bureau_store_list_workspaces (call->authority->store,
                                                                     call->actor->user_id, error);
    g_autoptr (GStrvBuilder) words = g_strv_builder_new ();

    if (workspaces == NULL)
        return NULL;
    g_strv_builder_add (words, bureau_json_get_string (user, "name"));
    g_strv_builder_add (words, bureau_json_get_string (user, "handle"));
    for (guint i = 0; i < json_array_get_length (workspaces); i++)
        g_strv_builder_add (
            words, bureau_json_get_string (json_array_get_object_element (workspaces, i), "name"));
    return g_strv_builder_end (words);
}

/* Whoever has a password must give it, and guesses it no more often than at the door. */
static gboolean
check_current (BureauCall *call, Change *change, GError **error)
{
    g_autoptr (GError) local_error = NULL;

    change->hash = bureau_store_get_password (call->authority->store, call->actor->user_id,
                                              &local_error);
    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    if (change->hash == NULL)
        return TRUE;
    if (change->current == NULL) {
        bureau_error_set_invalid (error, "current", "Say your current password, too.");
        return FALSE;
    }
    return bureau_guesses_check (call, change->handle, error) &&
           bureau_guesses_count (call, change->handle, error);
}

static gboolean
take_passwords (BureauCall *call, Change *change, GError **error)
{
    return bureau_params_take_password (call->params, "password", &change->password, error) &&
           bureau_params_take_password (call->params, "current", &change->current, error);
}

gboolean
bureau_handle_account_set_password (BureauCall *call, GError **error)
{
    g_autoptr (Change) change = g_new0 (Change, 1);
    g_autoptr (JsonObject) user = NULL;
    g_auto (GStrv) words = NULL;

    if (!take_passwords (call, change, error))
        return FALSE;
    user = bureau_store_get_member (call->authority->store, NULL, call->actor->user_id, error);
    words = user != NULL ? list_words (call, user, error) : NULL;
    if (words == NULL ||
        !bureau_password_check (change->password, (const char *const *) words, "password", error))
        return FALSE;
    change->handle = g_strdup (bureau_json_get_string (user, "handle"));
    if (!check_current (call, change, error))
        return FALSE;

    bureau_call_compute (call, compute_change, finish_change, g_steal_pointer (&change),
                         (GDestroyNotify) change_free);
    return TRUE;
}
