/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-client-private.h"

#include "bureau-error.h"

/* What the window reads: the models and the state, as they are now. */

const BureauAccount *
bureau_client_get_account (BureauClient *self)
{
    g_return_val_if_fail (BUREAU_IS_CLIENT (self), NULL);
    return self->account;
}

BureauClientState
bureau_client_get_state (BureauClient *self)
{
    g_return_val_if_fail (BUREAU_IS_CLIENT (self), BUREAU_CLIENT_OFFLINE);
    return self->state;
}

BureauSignedOutReason
bureau_client_get_signed_out_reason (BureauClient *self)
{
    static const struct {
        const char *word;
        BureauSignedOutReason reason;
    } REASONS[] = {
        { "nobody", BUREAU_SIGNED_OUT_NOT },
        { "expired", BUREAU_SIGNED_OUT_EXPIRED },
        { "removed", BUREAU_SIGNED_OUT_REMOVED },
    };
    const char *word;

    g_return_val_if_fail (BUREAU_IS_CLIENT (self), BUREAU_SIGNED_OUT_NOT);

    if (self->state != BUREAU_CLIENT_SIGNED_OUT)
        return BUREAU_SIGNED_OUT_NOT;
    word = bureau_error_get_reason (bureau_link_get_reason (self->link));
    for (guint i = 0; i < G_N_ELEMENTS (REASONS); i++) {
        if (g_strcmp0 (word, REASONS[i].word) == 0)
            return REASONS[i].reason;
    }
    return BUREAU_SIGNED_OUT_REVOKED;
}

const char *
bureau_client_get_presented_pin (BureauClient *self)
{
    g_return_val_if_fail (BUREAU_IS_CLIENT (self), NULL);

    if (self->state != BUREAU_CLIENT_STRANGER)
        return NULL;
    return bureau_error_get_presented_pin (bureau_link_get_reason (self->link));
}

guint
bureau_client_get_waiting (BureauClient *self)
{
    g_return_val_if_fail (BUREAU_IS_CLIENT (self), 0);
    return self->waiting;
}

guint
bureau_client_get_refused (BureauClient *self)
{
    g_return_val_if_fail (BUREAU_IS_CLIENT (self), 0);
    return self->refused;
}

guint
bureau_client_get_behind (BureauClient *self)
{
    g_return_val_if_fail (BUREAU_IS_CLIENT (self), 0);
    return self->behind;
}

BureauTransport
bureau_client_get_transport (BureauClient *self)
{
    g_return_val_if_fail (BUREAU_IS_CLIENT (self), BUREAU_TRANSPORT_NONE);
    return self->transport;
}

gboolean
bureau_client_get_loaded (BureauClient *self)
{
    g_return_val_if_fail (BUREAU_IS_CLIENT (self), FALSE);
    return self->loaded;
}

const char *
bureau_client_get_office_name (BureauClient *self)
{
    g_return_val_if_fail (BUREAU_IS_CLIENT (self), NULL);
    return self->office_name;
}

BureauMember *
bureau_client_get_self (BureauClient *self)
{
    g_return_val_if_fail (BUREAU_IS_CLIENT (self), NULL);
    return bureau_client_find_member (self, self->account->user_id);
}

BureauRole
bureau_client_get_role (BureauClient *self)
{
    g_return_val_if_fail (BUREAU_IS_CLIENT (self), BUREAU_ROLE_NONE);
    return self->role;
}

gboolean
bureau_client_can_ask (BureauClient *self)
{
    g_return_val_if_fail (BUREAU_IS_CLIENT (self), FALSE);
    return self->state == BUREAU_CLIENT_LIVE || self->state == BUREAU_CLIENT_CATCHING_UP;
}

BureauTimeEntry *
bureau_client_get_running_entry (BureauClient *self)
{
    g_return_val_if_fail (BUREAU_IS_CLIENT (self), NULL);
    return bureau_office_find_timer (self->office, self->account->user_id);
}

gint64
bureau_client_get_now (BureauClient *self)
{
    g_return_val_if_fail (BUREAU_IS_CLIENT (self), 0);
    return g_get_real_time () / 1000 + self->clock_offset;
}

static GListModel *
get_model (BureauClient *self, BureauKind kind)
{
    g_return_val_if_fail (BUREAU_IS_CLIENT (self), NULL);
    return G_LIST_MODEL (bureau_office_get_roster (self->office, kind));
}

GListModel *
bureau_client_get_tasks (BureauClient *self)
{
    return get_model (self, BUREAU_KIND_TASK);
}

GListModel *
bureau_client_get_projects (BureauClient *self)
{
    return get_model (self, BUREAU_KIND_PROJECT);
}

GListModel *
bureau_client_get_members (BureauClient *self)
{
    return get_model (self, BUREAU_KIND_MEMBER);
}

GListModel *
bureau_client_get_entries (BureauClient *self)
{
    return get_model (self, BUREAU_KIND_ENTRY);
}

static gpointer
find (BureauClient *self, BureauKind kind, const char *id)
{
    g_return_val_if_fail (BUREAU_IS_CLIENT (self), NULL);
    return bureau_roster_lookup (bureau_office_get_roster (self->office, kind), id);
}

BureauTask *
bureau_client_find_task (BureauClient *self, const char *id)
{
    return find (self, BUREAU_KIND_TASK, id);
}

BureauProject *
bureau_client_find_project (BureauClient *self, const char *id)
{
    return find (self, BUREAU_KIND_PROJECT, id);
}

BureauMember *
bureau_client_find_member (BureauClient *self, const char *id)
{
    return find (self, BUREAU_KIND_MEMBER, id);
}

BureauTimeEntry *
bureau_client_find_timer (BureauClient *self, const char *user_id)
{
    g_return_val_if_fail (BUREAU_IS_CLIENT (self), NULL);
    return bureau_office_find_timer (self->office, user_id);
}
