/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-audit.h"

#include <sodium.h>

#include "bureau-audit-chain.h"
#include "bureau-address.h"
#include "bureau-authority.h"
#include "bureau-json.h"
#include "bureau-rate-table.h"

/* Refusals come as fast as somebody sends what is refused; the disk must outlast them. */
#define MINUTE     (60 * (gint64) G_USEC_PER_SEC)
#define DAY        (24 * 60 * MINUTE)
#define REMEMBERED 4096
/* The same again within a minute is not written. */
static const BureauRateLimit same_limit = { MINUTE, 0 };
/* Of one person, or of one address where it is nobody known: 20 at once, then one a minute. */
static const BureauRateLimit each_limit = { MINUTE, 19 * MINUTE };
/* Of all: 500 at once, then 12 a minute. */
static const BureauRateLimit all_limit = { MINUTE / 12, 499 * (MINUTE / 12) };
/* A script of one person, from one address. */
static const BureauRateLimit script_limit = { DAY, 0 };

struct _BureauAudit {
    guint8 key[BUREAU_KEY_SIZE];
    BureauRateTable *same; /* (owned) */
    BureauRateTable *each; /* (owned) */
    BureauRate all;
    BureauRateTable *scripts; /* (owned) */
};

/* ------------------------------------------------------------------ life */

/* The seal comes before the key: whoever finds a key and no seal knows that one was taken away. */
static gboolean
begin (BureauAudit *self, BureauDataDirectory *directory, BureauStore *store, GError **error)
{
    randombytes_buf (self->key, sizeof self->key);
    return bureau_audit_chain_begin (store, self->key, error) &&
           bureau_data_directory_write_key (directory, BUREAU_AUDIT_KEY, self->key, error);
}

BureauAudit *
bureau_audit_open (BureauDataDirectory *directory, BureauStore *store, GError **error)
{
    g_autoptr (BureauAudit) self = g_new0 (BureauAudit, 1);
    g_autoptr (GError) local_error = NULL;

    self->same = bureau_rate_table_new (&same_limit, REMEMBERED);
    self->each = bureau_rate_table_new (&each_limit, REMEMBERED);
    self->scripts = bureau_rate_table_new (&script_limit, REMEMBERED);
    if (bureau_data_directory_read_key (directory, BUREAU_AUDIT_KEY, self->key, &local_error))
        return g_steal_pointer (&self);
    if (!g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return NULL;
    }
    return begin (self, directory, store, error) ? g_steal_pointer (&self) : NULL;
}

void
bureau_audit_close (BureauAudit *self)
{
    if (self == NULL)
        return;

    bureau_rate_table_free (self->same);
    bureau_rate_table_free (self->each);
    bureau_rate_table_free (self->scripts);
    sodium_memzero (self->key, sizeof self->key);
    g_free (self);
}

/* ------------------------------------------------------------------ what was done */

gboolean
bureau_audit_write_creation (BureauAudit *self, BureauStore *store, BureauAuditAct act,
                             const char *workspace_id, const char *user_id, gint64 now,
                             GError **error)
{
    BureauAuditRow row = { .at = now,
                           .workspace_id = workspace_id,
                           .act = bureau_audit_act_to_string (act),
                           .actor_id = user_id };

    /* The key may be left from a creation that was interrupted: no reason to miss a row. */
    return bureau_audit_chain_begin (store, self->key, error) &&
           bureau_audit_chain_append (store, self->key, &row, error);
}

gboolean
bureau_audit_write_sign_in (BureauAudit *self, BureauStore *store, const char *user_id, gint64 now,
                            GError **error)
{
    BureauAuditRow row = { .at = now,
                           .act = bureau_audit_act_to_string (BUREAU_AUDIT_SIGN_IN),
                           .actor_id = user_id,
                           .subject = user_id };

    return bureau_audit_chain_append (store, self->key, &row, error);
}

gboolean
bureau_call_audit (BureauCall *call, const char *workspace_id, BureauAuditAct act,
                   const char *subject, JsonObject *details, GError **error)
{
    g_autoptr (JsonObject) own = details;
    g_autofree char *text = own != NULL ? bureau_json_object_to_string (own) : NULL;
    BureauAuditRow row = { .at = call->now,
                           .workspace_id = workspace_id,
                           .act = bureau_audit_act_to_string (act),
                           .actor_id = call->actor != NULL ? call->actor->user_id : NULL,
                           .subject = subject,
                           .address = call->address,
                           .details = text };

    return bureau_audit_chain_append (call->authority->store, call->authority->audit->key, &row,
                                      error);
}

/* ------------------------------------------------------------------ what was refused */

typedef struct {
    char *workspace_id; /* (owned) (nullable) */
    const char *act;
    char *actor_id; /* (owned) (nullable) */
    char *subject;  /* (owned) (nullable) */
    char *why;      /* (owned) (nullable) */
} Refusal;

static void
refusal_free (gpointer data)
{
    Refusal *refusal = data;

    g_free (refusal->workspace_id);
    g_free (refusal->actor_id);
    g_free (refusal->subject);
    g_free (refusal->why);
    g_free (refusal);
}

void
bureau_call_audit_refusal (BureauCall *call, const char *workspace_id, BureauAuditAct act,
                           const char *subject, const char *why)
{
    Refusal *refusal = g_new0 (Refusal, 1);

    refusal->workspace_id = g_strdup (workspace_id);
    refusal->act = bureau_audit_act_to_string (act);
    refusal->actor_id = g_strdup (call->actor != NULL ? call->actor->user_id : NULL);
    refusal->subject = g_strdup (subject);
    refusal->why = g_strdup (why);
    if (call->refusals == NULL)
        call->refusals = g_ptr_array_new_with_free_func (refusal_free);
    g_ptr_array_add (call->refusals, refusal);
}

/* Of what a door finds out about a token, before it is a request. */
static void
queue (BureauAuthority *authority, BureauRunFunc run, const char *user_id, const char *address)
{
    JsonObject *params = json_object_new ();
    BureauRequest *request;

    bureau_json_set_string (params, "userId", user_id);
    request = bureau_request_new (authority, run, params);
    request->call.address = g_strdup (address);
    bureau_authority_queue (authority, request);
}

static gboolean
run_refused_sign_in (BureauCall *call, GError **error)
{
    bureau_call_audit_refusal (call, NULL, BUREAU_AUDIT_SIGN_IN_REFUSED,
                               bureau_json_get_string (call->params, "userId"), "signed_out");
    return TRUE;
}

void
bureau_audit_queue_refused_sign_in (BureauAuthority *authority, const char *user_id,
                                    const char *address)
{
    queue (authority, run_refused_sign_in, user_id, address);
}

static gboolean
run_script (BureauCall *call, GError **error)
{
    const char *user_id = bureau_json_get_string (call->params, "userId");

    call->actor = bureau_actor_new (user_id, BUREAU_SCRIPT_SESSION);
    return bureau_call_audit (call, NULL, BUREAU_AUDIT_SCRIPT, user_id, NULL, error);
}

void
bureau_audit_queue_script (BureauAuthority *authority, const char *user_id, const char *address)
{
    g_autofree char *who = g_strdup_printf ("%s %s", user_id, address != NULL ? address : "");

    if (bureau_rate_table_take (authority->audit->scripts, who, 1, g_get_monotonic_time ()) == 0)
        queue (authority, run_script, user_id, address);
}

/* FALSE for one too many. */
static gboolean
is_worth_writing (BureauAudit *self, const BureauCall *call, const Refusal *refusal)
{
    gint64 now = g_get_monotonic_time ();
    g_autofree char *group = bureau_address_to_group (call->address != NULL ? call->address : "");
    const char *who = refusal->actor_id != NULL ? refusal->actor_id : group;
    g_autofree char *what = g_strdup_printf ("%s %s %s", who, refusal->act,
                                             refusal->subject != NULL ? refusal->subject : "");

    return bureau_rate_table_take (self->same, what, 1, now) == 0 &&
           bureau_rate_table_take (self->each, who, 1, now) == 0 &&
           bureau_rate_take (&self->all, &all_limit, now) == 0;
}

static gboolean
write_refusal (BureauAudit *self, BureauCall *call, const Refusal *refusal, GError **error)
{
    g_autoptr (JsonObject) details = json_object_new ();
    g_autofree char *text = NULL;
    BureauAuditRow row = { .at = call->now,
                           .workspace_id = refusal->workspace_id,
                           .act = refusal->act,
                           .actor_id = refusal->actor_id,
                           .subject = refusal->subject,
                           .address = call->address };

    if (!is_worth_writing (self, call, refusal))
        return TRUE;
    if (refusal->why != NULL) {
        bureau_json_set_string (details, "why", refusal->why);
        row.details = text = bureau_json_object_to_string (details);
    }
    return bureau_audit_chain_append (call->authority->store, self->key, &row, error);
}

gboolean
bureau_audit_write_refusals (BureauAudit *self, BureauCall *call, GError **error)
{
    for (guint i = 0; call->refusals != NULL && i < call->refusals->len; i++) {
        if (!write_refusal (self, call, g_ptr_array_index (call->refusals, i), error))
            return FALSE;
    }
    return TRUE;
}
