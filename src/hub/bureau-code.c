/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-code.h"

#include <sodium.h>

#include "bureau-audit.h"
#include "bureau-authority.h"
#include "bureau-error.h"
#include "bureau-guesses.h"
#include "bureau-invites.h"
#include "bureau-json.h"
#include "bureau-params.h"
#include "bureau-proof.h"
#include "bureau-sealed-code.h"

#define ATTEMPT_MS               (60 * 1000)
#define MAX_ATTEMPTS             256
#define MAX_ATTEMPTS_PER_ADDRESS 4
#define MAX_PROOF                64
#define TICKET_BYTES             16
/* The newest; each costs a worker its time. */
#define MAX_CODES 16

/* ------------------------------------------------------------------ beginning */

typedef struct {
    char *address;      /* (owned) */
    char *client_nonce; /* (owned) */
    char *hub_nonce;    /* (owned) */
    gint64 expires_at;
} Attempt;

static void
attempt_free (gpointer data)
{
    Attempt *attempt = data;

    g_free (attempt->address);
    g_free (attempt->client_nonce);
    g_free (attempt->hub_nonce);
    g_free (attempt);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Attempt, attempt_free)

GHashTable *
bureau_attempts_new (void)
{
    return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, attempt_free);
}

static gboolean
is_over (gpointer id, gpointer attempt, gpointer now)
{
    return ((Attempt *) attempt)->expires_at <= *(gint64 *) now;
}

static guint
count_attempts (GHashTable *attempts, const char *address)
{
    GHashTableIter iter;
    Attempt *attempt;
    guint count = 0;

    g_hash_table_iter_init (&iter, attempts);
    while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &attempt))
        count += g_str_equal (attempt->address, address);
    return count;
}

static gboolean
run_begin (BureauCall *call, GError **error)
{
    GHashTable *attempts = call->authority->attempts;
    const char *address = call->address != NULL ? call->address : "";
    gint64 now = bureau_authority_get_security_time (call->authority);
    const char *nonce = bureau_json_get_string (call->params, "nonce");
    char *id;
    Attempt *attempt;

    if (!bureau_proof_nonce_is_valid (nonce)) {
        bureau_error_set_invalid (error, "nonce", "“nonce” must be 16 bytes in base64url.");
        return FALSE;
    }
    if (!bureau_guesses_check (call, NULL, error))
        return FALSE;
    g_hash_table_foreach_remove (attempts, is_over, &now);
    if (g_hash_table_size (attempts) >= MAX_ATTEMPTS ||
        count_attempts (attempts, address) >= MAX_ATTEMPTS_PER_ADDRESS) {
        bureau_error_set_rate_limited (error, ATTEMPT_MS);
        return FALSE;
    }

    attempt = g_new0 (Attempt, 1);
    attempt->address = g_strdup (address);
    attempt->client_nonce = g_strdup (nonce);
    attempt->hub_nonce = bureau_proof_nonce_new ();
    attempt->expires_at = now + ATTEMPT_MS;
    id = bureau_secret_new (TICKET_BYTES);
    g_hash_table_insert (attempts, id, attempt);
    bureau_json_set_string (call->answer, "attempt", id);
    bureau_json_set_string (call->answer, "nonce", attempt->hub_nonce);
    return TRUE;
}

BureauRequest *
bureau_code_new_attempt (BureauAuthority *authority, JsonObject *params)
{
    return bureau_request_new (authority, run_begin, params);
}

/* ------------------------------------------------------------------ proving */

/* What goes to the worker and comes back. */
typedef struct {
    Attempt *attempt;            /* (owned) */
    char *pin;                   /* (owned) */
    char *proof;                 /* (owned) */
    GPtrArray *open;             /* BureauInvitationRow (owned): whose codes are tried */
    GPtrArray *codes;            /* char * (owned) (nullable): theirs, in the same order */
    BureauInvitationRow *proven; /* of `open`; (nullable) */
    char *answer;                /* (owned) (nullable): the hub's proof */
} Proof;

static void
proof_free (Proof *proof)
{
    g_clear_pointer (&proof->attempt, attempt_free);
    g_free (proof->pin);
    g_free (proof->proof);
    g_clear_pointer (&proof->open, g_ptr_array_unref);
    g_clear_pointer (&proof->codes, g_ptr_array_unref);
    g_free (proof->answer);
    g_free (proof);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Proof, proof_free)

/* TRUE if @code is what they have; then the hub shows that it has it, too. */
static gboolean
try_code (Proof *proof, const char *code)
{
    const Attempt *attempt = proof->attempt;
    guint8 key[BUREAU_PROOF_KEY_SIZE];
    gboolean right;

    if (!bureau_proof_derive (code, proof->pin, attempt->client_nonce, attempt->hub_nonce, key,
                              NULL))
        return FALSE;
    right = bureau_proof_verify (key, BUREAU_PROOF_CLIENT, proof->pin, attempt->client_nonce,
                                 attempt->hub_nonce, proof->proof);
    if (right)
        proof->answer = bureau_proof_sign (key, BUREAU_PROOF_HUB, proof->pin, attempt->client_nonce,
                                           attempt->hub_nonce);
    sodium_memzero (key, sizeof key);
    return right;
}

static void
compute_proof (gpointer data)
{
    Proof *proof = data;

    for (guint i = 0; i < proof->open->len && proof->proven == NULL; i++) {
        const char *code = g_ptr_array_index (proof->codes, i);

        if (code != NULL && try_code (proof, code))
            proof->proven = g_ptr_array_index (proof->open, i);
    }
}

/* All that were tried, for the hub can't know which of them was meant. */
static gboolean
refuse (BureauCall *call, const Proof *proof, GError **error)
{
    for (guint i = 0; i < proof->open->len; i++) {
        const BureauInvitationRow *row = g_ptr_array_index (proof->open, i);

        if (!bureau_store_count_try (call->authority->store, row->id, row->code, BUREAU_CODE_TRIES,
                                     error))
            return FALSE;
    }
    bureau_invitation_set_refusal (call, BUREAU_AUDIT_CODE_REFUSED, "proof");
    return TRUE;
}

/* The invitation as it is by now, if its code is still the one that was proven. (transfer full) */
static BureauInvitationRow *
find_proven (BureauCall *call, const Proof *proof, GError **error)
{
    gint64 now = bureau_authority_get_security_time (call->authority);
    g_autoptr (BureauInvitationRow) row = NULL;

    if (proof->proven == NULL)
        return NULL;
    row = bureau_store_get_invitation (call->authority->store, proof->proven->id, now, error);
    if (row == NULL || row->code == NULL || !g_bytes_equal (row->code, proof->proven->code) ||
        !bureau_invitation_is_good (call, row, error))
        return NULL;
    return g_steal_pointer (&row);
}

static gboolean
give_ticket (BureauCall *call, const BureauInvitationRow *row, const char *proof, GError **error)
{
    gint64 now = bureau_authority_get_security_time (call->authority);
    g_autofree char *ticket = bureau_secret_new (TICKET_BYTES);
    guint8 hash[32];

    bureau_secret_hash (ticket, hash);
    bureau_json_set_string (call->answer, "proof", proof);
    bureau_json_set_string (call->answer, "code", ticket);
    return bureau_store_add_ticket (call->authority->store, row->id, hash, now + BUREAU_TICKET_MS,
                                    error) &&
           bureau_guesses_forgive (call, NULL, error) &&
           bureau_invitation_answer_offer (call, row, error);
}

static gboolean
finish_proof (BureauCall *call, GError **error)
{
    const Proof *proof = call->work->data;
    g_autoptr (GError) local_error = NULL;
    g_autoptr (BureauInvitationRow) row = find_proven (call, proof, &local_error);

    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    return row != NULL ? give_ticket (call, row, proof->answer, error)
                       : refuse (call, proof, error);
}

/* One that can't be opened is nobody's: the key that sealed it is gone. */
static void
open_codes (BureauCall *call, Proof *proof)
{
    proof->codes = g_ptr_array_new_with_free_func ((GDestroyNotify) bureau_code_free);
    for (guint i = 0; i < proof->open->len; i++) {
        const BureauInvitationRow *row = g_ptr_array_index (proof->open, i);

        g_ptr_array_add (proof->codes,
                         bureau_sealed_code_open (call->authority->code_key, row->id, row->code));
    }
}

/* An attempt is for one proof, from where it was begun. */
static Attempt *
take_attempt (BureauCall *call, const char *id, GError **error)
{
    gint64 now = bureau_authority_get_security_time (call->authority);
    g_autofree char *key = NULL;
    g_autoptr (Attempt) attempt = NULL;

    g_hash_table_steal_extended (call->authority->attempts, id, (gpointer *) &key,
                                 (gpointer *) &attempt);
    if (attempt != NULL && !is_over (key, attempt, &now) &&
        g_str_equal (attempt->address, call->address != NULL ? call->address : ""))
        return g_steal_pointer (&attempt);

    g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_CONFLICT,
                         "Checking the code took too long. Try again.");
    return NULL;
}

static gboolean
run_prove (BureauCall *call, GError **error)
{
    gint64 now = bureau_authority_get_security_time (call->authority);
    g_autoptr (Proof) proof = g_new0 (Proof, 1);
    const char *id, *text;

    if (!bureau_params_get_text (call->params, "attempt", MAX_PROOF, &id, error) ||
        !bureau_params_get_text (call->params, "proof", MAX_PROOF, &text, error) ||
        !bureau_guesses_check (call, NULL, error))
        return FALSE;
    proof->attempt = take_attempt (call, id, error);
    if (proof->attempt == NULL || !bureau_guesses_count (call, NULL, error))
        return FALSE;
    proof->open = bureau_store_list_codes (call->authority->store, now, MAX_CODES, error);
    if (proof->open == NULL)
        return FALSE;
    open_codes (call, proof);

    /* What both ends see: no certificate on plain loopback, where nobody stands between them. */
    proof->pin = g_strdup (call->is_secure ? call->authority->pin : "");
    proof->proof = g_strdup (text);
    bureau_call_compute (call, compute_proof, finish_proof, g_steal_pointer (&proof),
                         (GDestroyNotify) proof_free);
    return TRUE;
}

BureauRequest *
bureau_code_new_proof (BureauAuthority *authority, JsonObject *params)
{
    return bureau_request_new (authority, run_prove, params);
}
