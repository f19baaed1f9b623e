/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-offer.h"

BureauOffer *
bureau_offer_copy (const BureauOffer *offer)
{
    BureauOffer *copy = g_new0 (BureauOffer, 1);

    copy->base_uri = g_strdup (offer->base_uri);
    copy->pin = g_strdup (offer->pin);
    copy->secret = g_strdup (offer->secret);
    copy->office_name = g_strdup (offer->office_name);
    copy->member_name = g_strdup (offer->member_name);
    copy->role = offer->role;
    return copy;
}

void
bureau_offer_free (BureauOffer *offer)
{
    if (!offer)
        return;
    g_free (offer->base_uri);
    g_free (offer->pin);
    g_free (offer->secret);
    g_free (offer->office_name);
    g_free (offer->member_name);
    g_free (offer);
}

/* ------------------------------------------------------------------ asking */

void
bureau_offer_get_async (const BureauInvitation *invitation, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer data)
{
    g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
    BureauOffer *offer = g_new0 (BureauOffer, 1);

    g_task_set_source_tag (task, bureau_offer_get_async);
    offer->base_uri = bureau_invitation_to_base_uri (invitation);
    offer->pin = g_strdup (invitation->pin);
    offer->secret = g_strdup (invitation->secret);
    offer->office_name = g_strdup ("");
    offer->role = BUREAU_ROLE_MEMBER;
    g_task_return_pointer (task, offer, (GDestroyNotify) bureau_offer_free);
}

BureauOffer *
bureau_offer_get_finish (GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer (G_TASK (result), error);
}
