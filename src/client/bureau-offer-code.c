/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-offer-private.h"

#include <string.h>

#include "bureau-error.h"
#include "bureau-inquiry.h"
#include "bureau-json.h"
#include "bureau-pin.h"
#include "bureau-proof.h"
#include "bureau-socket.h"

/* Each step goes to the hub whose certificate the first one met, and to no other: the proofs are
 * for that certificate. Who has them both is neither a stranger nor behind one. */

typedef struct {
    BureauInvitation *invitation; /* (owned) */
    char *base_uri;               /* (owned) */
    SoupSession *soup;            /* (owned) */
    char *pin;                    /* (owned) (nullable): as it was met; "" without TLS */
    char *nonce;                  /* (owned) */
    char *hub_nonce;              /* (owned) (nullable) */
    char *attempt;                /* (owned) (nullable): the hub's name for this talk */
    guint8 key[BUREAU_PROOF_KEY_SIZE];
} Talk;

static void
talk_free (gpointer data)
{
    Talk *talk = data;

    bureau_invitation_free (talk->invitation);
    g_free (talk->base_uri);
    g_object_unref (talk->soup);
    g_free (talk->pin);
    g_free (talk->nonce);
    g_free (talk->hub_nonce);
    g_free (talk->attempt);
    explicit_bzero (talk->key, sizeof talk->key);
    g_free (talk);
}

/* Takes @task, which comes back to @callback. */
static void
post (GTask *task, const char *path, JsonObject *params, GAsyncReadyCallback callback)
{
    Talk *talk = g_task_get_task_data (task);
    g_autofree char *body = bureau_json_object_to_string (params);

    bureau_inquiry_async (talk->soup, talk->base_uri, "POST", path, NULL, body,
                          BUREAU_OFFER_MAX_ANSWER, g_task_get_cancellable (task), callback, task);
}

/* ------------------------------------------------------------------ the hub's proof */

/* What the hub says of the invitation counts only once it has shown that it knows the code. */
static BureauOffer *
take_offer (Talk *talk, JsonObject *answer, GError **error)
{
    if (!bureau_proof_verify (talk->key, BUREAU_PROOF_HUB, talk->pin, talk->nonce, talk->hub_nonce,
                              bureau_json_get_string (answer, "proof"))) {
        g_propagate_error (error, bureau_error_new_stranger (NULL, talk->pin));
        return NULL;
    }
    return bureau_offer_new (talk->base_uri, talk->pin, bureau_json_get_string (answer, "code"),
                             answer, error);
}

static void
on_proven_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    GError *error = NULL;
    g_autoptr (GBytes) bytes = bureau_inquiry_finish (result, &error);
    g_autoptr (JsonObject) answer = bytes ? bureau_inquiry_parse_answer (bytes, &error) : NULL;
    BureauOffer *offer = answer ? take_offer (g_task_get_task_data (task), answer, &error) : NULL;

    if (offer)
        g_task_return_pointer (task, offer, (GDestroyNotify) bureau_offer_free);
    else
        g_task_return_error (task, error);
}

/* ------------------------------------------------------------------ ours */

/* On a thread of its own: more than 100 ms, and 64 MiB. */
static void
derive (GTask *work, gpointer source, gpointer data, GCancellable *cancellable)
{
    Talk *talk = data;
    GError *error = NULL;

    if (bureau_proof_derive (talk->invitation->secret, talk->pin, talk->nonce, talk->hub_nonce,
                             talk->key, &error))
        g_task_return_boolean (work, TRUE);
    else
        g_task_return_error (work, error);
}

static void
on_derived_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    Talk *talk = g_task_get_task_data (task);
    GError *error = NULL;
    g_autoptr (JsonObject) params = NULL;
    g_autofree char *proof = NULL;

    if (!g_task_propagate_boolean (G_TASK (result), &error)) {
        g_task_return_error (task, error);
        return;
    }
    proof = bureau_proof_sign (talk->key, BUREAU_PROOF_CLIENT, talk->pin, talk->nonce,
                               talk->hub_nonce);
    params = json_object_new ();
    bureau_json_set_string (params, "attempt", talk->attempt);
    bureau_json_set_string (params, "proof", proof);
    post (g_steal_pointer (&task), "/api/v1/auth/code/prove", params, on_proven_cb);
}

/* The session has learnt whom it met, and keeps to that. */
static char *
get_pin (Talk *talk)
{
    GTlsDatabase *database = soup_session_get_tls_database (talk->soup);

    if (!g_str_has_prefix (talk->base_uri, "https:"))
        return g_strdup ("");
    return g_strdup (bureau_pin_database_get_pin (BUREAU_PIN_DATABASE (database)));
}

static gboolean
take_beginning (Talk *talk, JsonObject *answer, GError **error)
{
    talk->pin = get_pin (talk);
    talk->attempt = g_strdup (bureau_json_get_string (answer, "attempt"));
    talk->hub_nonce = g_strdup (bureau_json_get_string (answer, "nonce"));
    if (talk->pin && talk->attempt && bureau_proof_nonce_is_valid (talk->hub_nonce))
        return TRUE;
    bureau_inquiry_set_not_understood (error);
    return FALSE;
}

static void
on_begun_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    Talk *talk = g_task_get_task_data (task);
    GError *error = NULL;
    g_autoptr (GBytes) bytes = bureau_inquiry_finish (result, &error);
    g_autoptr (JsonObject) answer = bytes ? bureau_inquiry_parse_answer (bytes, &error) : NULL;
    g_autoptr (GTask) work = NULL;

    if (!answer || !take_beginning (talk, answer, &error)) {
        g_task_return_error (task, error);
        return;
    }
    /* The outer task holds the talk for as long as the work lasts. */
    work = g_task_new (NULL, NULL, on_derived_cb, g_steal_pointer (&task));
    g_task_set_task_data (work, talk, NULL);
    g_task_run_in_thread (work, derive);
}

void
bureau_offer_ask_by_code (const BureauInvitation *invitation, GTask *task)
{
    g_autoptr (GTlsDatabase) database = bureau_pin_database_new (NULL);
    g_autoptr (JsonObject) params = json_object_new ();
    Talk *talk = g_new0 (Talk, 1);

    talk->invitation = bureau_invitation_copy (invitation);
    talk->base_uri = bureau_invitation_to_base_uri (invitation);
    talk->soup = bureau_socket_session_new ();
    soup_session_set_tls_database (talk->soup, database);
    talk->nonce = bureau_proof_nonce_new ();
    g_task_set_task_data (task, talk, talk_free);
    bureau_json_set_string (params, "nonce", talk->nonce);
    post (task, "/api/v1/auth/code", params, on_begun_cb);
}
