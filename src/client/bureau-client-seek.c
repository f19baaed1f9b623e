/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* A hub that is elsewhere now: another machine may have taken the office over. */

#include "bureau-client-private.h"

static gboolean
is_lost (BureauClient *self)
{
    switch (bureau_link_get_state (self->link)) {
    case BUREAU_LINK_CONNECTING:
        return bureau_link_get_failures (self->link) > 0;
    case BUREAU_LINK_OFFLINE:
    case BUREAU_LINK_STRANGER:
        return TRUE;
    case BUREAU_LINK_IDLE:
    case BUREAU_LINK_OPEN:
    case BUREAU_LINK_SIGNED_OUT:
        break;
    }
    return FALSE;
}

static void
on_found_cb (BureauSeeker *seeker, const char *base_uri, BureauClient *self)
{
    /* Where it was, the link comes back by itself, in its own time. */
    if (self->stopped || g_strcmp0 (self->account->base_uri, base_uri) == 0)
        return;
    g_free (self->account->base_uri);
    self->account->base_uri = g_strdup (base_uri);
    bureau_credentials_set_base_uri (self->credentials, base_uri);
    bureau_client_emit_moved (self, base_uri);
    bureau_link_reconnect (self->link);
}

void
bureau_client_begin_seeking (BureauClient *self)
{
    if (*self->account->pin == '\0')
        return;
    self->seeker = bureau_seeker_new (self->account->pin);
    g_signal_connect_object (self->seeker, "found", G_CALLBACK (on_found_cb), self, 0);
}

void
bureau_client_seek (BureauClient *self)
{
    if (self->seeker == NULL)
        return;
    if (is_lost (self))
        bureau_seeker_look (self->seeker);
    else
        bureau_seeker_stop (self->seeker);
}
