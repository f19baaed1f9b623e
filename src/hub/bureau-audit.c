/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-audit.h"

#include <sodium.h>

#include "bureau-audit-chain.h"
#include "bureau-authority.h"
#include "bureau-json.h"

#define KEY_NAME "audit.key"

struct _BureauAudit {
    guint8 key[BUREAU_KEY_SIZE];
};

/* ------------------------------------------------------------------ life */

/* The seal comes before the key: whoever finds a key and no seal knows that one was taken away. */
static gboolean
begin (BureauAudit *self, BureauDataDirectory *directory, BureauStore *store, GError **error)
{
    randombytes_buf (self->key, sizeof self->key);
    return bureau_audit_chain_begin (store, self->key, error) &&
           bureau_data_directory_write_key (directory, KEY_NAME, self->key, error);
}

BureauAudit *
bureau_audit_open (BureauDataDirectory *directory, BureauStore *store, GError **error)
{
    g_autoptr (BureauAudit) self = g_new0 (BureauAudit, 1);
    g_autoptr (GError) local_error = NULL;

    if (bureau_data_directory_read_key (directory, KEY_NAME, self->key, &local_error))
        return g_steal_pointer (&self);
    if (!g_error_matches (local_error, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
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

    sodium_memzero (self->key, sizeof self->key);
    g_free (self);
}

/* ------------------------------------------------------------------ what was done */

gboolean
bureau_call_audit (BureauCall *call, const char *workspace_id, const char *act, const char *subject,
                   JsonObject *details, GError **error)
{
    g_autoptr (JsonObject) own = details;
    g_autofree char *text = own != NULL ? bureau_json_object_to_string (own) : NULL;
    BureauAuditRow row = { .at = call->now,
                           .workspace_id = workspace_id,
                           .act = act,
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
bureau_call_audit_refusal (BureauCall *call, const char *workspace_id, const char *act,
                           const char *subject, const char *why)
{
    Refusal *refusal = g_new0 (Refusal, 1);

    refusal->workspace_id = g_strdup (workspace_id);
    refusal->act = g_intern_string (act);
    refusal->actor_id = g_strdup (call->actor != NULL ? call->actor->user_id : NULL);
    refusal->subject = g_strdup (subject);
    refusal->why = g_strdup (why);
    if (call->refusals == NULL)
        call->refusals = g_ptr_array_new_with_free_func (refusal_free);
    g_ptr_array_add (call->refusals, refusal);
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
