/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-authority.h"

#include <sodium.h>

#include "bureau-catch-up.h"
#include "bureau-code.h"
#include "bureau-error.h"
#include "bureau-heads.h"
#include "bureau-health.h"
#include "bureau-json.h"
#include "bureau-live.h"
#include "bureau-opening.h"
#include "bureau-rest.h"
#include "bureau-sessions.h"
#include "bureau-store-sessions.h"
#include "bureau-timer.h"
#include "bureau-token-keys.h"

#define HEADS_SECONDS 25
#define DAY_SECONDS   (24 * 3600)
/* Security time that is so far ahead of the clock is stored though nobody does anything: whoever
 * signs a token for this hub has to know it. */
#define AHEAD_MS 1000

static gint64
wall_clock (void)
{
    return g_get_real_time () / 1000;
}

gint64
bureau_authority_now (BureauAuthority *self)
{
    return self->clock ();
}

gint64
bureau_authority_get_security_time (BureauAuthority *self)
{
    return bureau_clock_read (&self->security, self->clock (), self->monotonic ());
}

/* ------------------------------------------------------------------ who */

static gboolean
check_session (BureauAuthority *self, const BureauClaims *claims, GError **error)
{
    g_autoptr (GError) local_error = NULL;

    if (g_str_equal (claims->session_id, BUREAU_SCRIPT_SESSION) ||
        bureau_store_is_session_live (self->store, claims->session_id, claims->user_id,
                                      &local_error))
        return TRUE;
    if (local_error == NULL)
        return bureau_session_set_revoked (error);
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
}

gboolean
bureau_authority_check_person (BureauAuthority *self, const char *user_id, GError **error)
{
    g_autoptr (JsonArray) workspaces = bureau_store_list_workspaces (self->store, user_id, error);

    if (workspaces == NULL)
        return FALSE;
    return json_array_get_length (workspaces) > 0 || bureau_session_set_removed (error);
}

BureauActor *
bureau_authority_authenticate (BureauAuthority *self, const char *token, const char *address,
                               GError **error)
{
    g_auto (BureauClaims) claims = { 0 };
    g_autofree char *device = NULL;
    BureauActor *actor;
    gboolean is_script;

    if (!bureau_token_verify (&self->signer, token, bureau_authority_get_security_time (self),
                              &claims, error))
        return NULL;
    if (!check_session (self, &claims, error) ||
        !bureau_authority_check_person (self, claims.user_id, error)) {
        bureau_audit_queue_refused_sign_in (self, claims.user_id, address);
        return NULL;
    }

    is_script = g_str_equal (claims.session_id, BUREAU_SCRIPT_SESSION);
    /* Scripts have no device; one person's are not mixed up with another's. */
    device = is_script ? g_strdup_printf ("%s:%s", claims.session_id, claims.user_id)
                       : g_strdup (claims.session_id);
    if (is_script)
        bureau_audit_queue_script (self, claims.user_id, address);
    actor = bureau_actor_new (claims.user_id, device);
    actor->expires_at = claims.expires_at;
    return actor;
}

/* ------------------------------------------------------------------ life */

static void
on_turn (BureauServer *server, gpointer data)
{
    bureau_authority_run_turn (data);
}

static void
on_trouble (BureauServer *server, const char *what, gpointer data)
{
    g_warning ("%s", what);
}

/* A turn stores how late it is. */
static gboolean
run_nothing (BureauCall *call, GError **error)
{
    return TRUE;
}

static gboolean
on_heads_cb (gpointer data)
{
    BureauAuthority *self = data;

    bureau_heads_tell (self->live);
    if (bureau_authority_get_security_time (self) - bureau_authority_now (self) >= AHEAD_MS)
        bureau_authority_queue (self, bureau_request_new (self, run_nothing, NULL));
    return G_SOURCE_CONTINUE;
}

static gboolean
on_day_cb (gpointer data)
{
    bureau_token_keys_review (data);
    return G_SOURCE_CONTINUE;
}

/* The names a hub goes by, made with its first start. */
static gboolean
load_names (BureauAuthority *self, GError **error)
{
    g_autoptr (GError) local_error = NULL;
    g_autofree char *hub_id = bureau_store_get_meta (self->store, "hub", &local_error);

    if (hub_id != NULL)
        self->epoch = bureau_store_get_meta (self->store, "epoch", &local_error);
    if (self->epoch == NULL) {
        if (local_error == NULL)
            g_set_error_literal (&local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                                 "There is no whole office here.");
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    return bureau_token_keys_load (&self->signer, self->directory, hub_id, error) &&
           bureau_data_directory_load_key (self->directory, BUREAU_REFRESH_KEY, self->refresh_key,
                                           error) &&
           bureau_data_directory_load_key (self->directory, BUREAU_CODE_KEY, self->code_key, error);
}

BureauAuthority *
bureau_authority_open (const char *path, const BureauSettings *settings, GError **error)
{
    g_autoptr (BureauAuthority) self = g_new0 (BureauAuthority, 1);
    static const BureauServerHooks hooks = {
        .connect = bureau_live_on_connect,
        .event = bureau_live_on_event,
        .closed = bureau_live_on_closed,
        .turn = on_turn,
        .request = bureau_rest_on_request,
        .drained = bureau_catch_up_on_drained,
        .trouble = on_trouble,
    };

    if (!bureau_token_init (error))
        return NULL;
    self->clock = wall_clock;
    self->monotonic = g_get_monotonic_time;
    self->settings = settings != NULL ? *settings : bureau_settings_get_default ();
    self->commands = BUREAU_RATE_LIMIT (self->settings.commands_per_second,
                                        self->settings.commands_at_once);
    self->rates = bureau_rates_new (&self->settings);
    self->requests = g_ptr_array_new_with_free_func ((GDestroyNotify) bureau_request_free);
    self->computing = g_ptr_array_new_with_free_func ((GDestroyNotify) bureau_request_free);
    self->workers = bureau_workers_new (bureau_authority_on_computed, self);
    self->effects = g_ptr_array_new_with_free_func ((GDestroyNotify) bureau_effect_free);
    self->snapshots = g_ptr_array_new ();
    self->attempts = bureau_attempts_new ();
    self->live = bureau_live_table_new (self);
    bureau_authority_init_places (self);

    self->directory = bureau_data_directory_open (path, error);
    if (self->directory == NULL)
        return NULL;
    if (!bureau_data_directory_lock (self->directory, error))
        return NULL;
    if (!bureau_data_directory_has_office (self->directory)) {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no office in %s.", path);
        return NULL;
    }
    self->store = bureau_opening_open_store (self->directory, error);
    if (self->store == NULL || !load_names (self, error) ||
        !bureau_authority_load_identity (self, error) ||
        !bureau_clock_load (&self->security, self->store, self->monotonic (), error))
        return NULL;
    self->audit = bureau_audit_open (self->directory, self->store, error);
    if (self->audit == NULL)
        return NULL;

    self->server = bureau_server_new (&self->settings.server, &hooks, self);
    self->settings.server.allowed_origins = self->settings.server.namespaces = NULL;
    self->prune = bureau_prune_new (self);
    bureau_timer_start_seconds (&self->heads, HEADS_SECONDS, on_heads_cb, self);
    bureau_timer_start_seconds (&self->day, DAY_SECONDS, on_day_cb, self);
    bureau_token_keys_review (self);
    self->upkeep = bureau_upkeep_new (self);
    return g_steal_pointer (&self);
}

/* Whoever waits for a worker is told to come back: what was begun is finished by nobody. */
static void
drop_computing (BureauAuthority *self)
{
    g_autoptr (GError) error = g_error_new_literal (BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE,
                                                    "The hub is closing. Try again in a moment.");

    g_clear_pointer (&self->workers, bureau_workers_free);
    for (guint i = 0; i < self->computing->len; i++) {
        BureauRequest *request = g_ptr_array_index (self->computing, i);

        bureau_request_fail (request, error);
        if (request->answered != NULL)
            request->answered (request);
    }
    g_ptr_array_set_size (self->computing, 0);
}

void
bureau_authority_close (BureauAuthority *self)
{
    if (self == NULL)
        return;

    bureau_timer_stop (&self->heads);
    bureau_timer_stop (&self->day);
    g_clear_pointer (&self->upkeep, bureau_upkeep_free);
    g_clear_pointer (&self->announcement, bureau_announcement_free);
    if (self->server != NULL) {
        bureau_server_stop_listening (self->server, NULL);
        drop_computing (self);
        bureau_authority_run_turn (self);
        bureau_live_send_closing (self->live);
        bureau_server_close_all (self->server, 4503, "The hub is closing");
    }
    /* What the last turn may have begun. */
    bureau_authority_cancel_checkpoint (self);
    bureau_health_stop (self);
    g_clear_pointer (&self->server, bureau_server_free);
    g_clear_pointer (&self->prune, bureau_prune_free);
    g_clear_pointer (&self->live, bureau_live_table_free);
    if (self->store != NULL && bureau_store_get_state (self->store) != BUREAU_STORAGE_DAMAGED) {
        bureau_clock_store (&self->security, self->store, NULL);
        bureau_store_checkpoint (self->store);
    }
    g_clear_pointer (&self->audit, bureau_audit_close);
    g_clear_pointer (&self->store, bureau_store_close);
    g_clear_pointer (&self->directory, bureau_data_directory_close);
    bureau_token_signer_clear (&self->signer);
    g_clear_pointer (&self->rates, bureau_rates_free);
    sodium_memzero (self->refresh_key, sizeof self->refresh_key);
    sodium_memzero (self->code_key, sizeof self->code_key);
    g_clear_pointer (&self->workers, bureau_workers_free);
    g_clear_pointer (&self->computing, g_ptr_array_unref);
    g_clear_pointer (&self->requests, g_ptr_array_unref);
    g_clear_pointer (&self->effects, g_ptr_array_unref);
    g_clear_pointer (&self->snapshots, g_ptr_array_unref);
    g_clear_pointer (&self->attempts, g_hash_table_unref);
    g_free (self->epoch);
    g_free (self->pin);
    g_clear_pointer (&self->identity, bureau_tls_identity_unref);
    g_clear_pointer (&self->places, g_ptr_array_unref);
    g_free (self);
}
