/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-offer-private.h"

#include "bureau-catalog.h"
#include "bureau-error.h"
#include "bureau-inquiry.h"
#include "bureau-json.h"

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

/* ------------------------------------------------------------------ the answer */

BureauOffer *
bureau_offer_new (const char *base_uri, const char *pin, const char *secret, JsonObject *answer,
                  GError **error)
{
    const char *office = bureau_json_get_string (answer, "office");
    const char *member = bureau_json_get_string (answer, "memberName");
    int role = bureau_role_from_string (bureau_json_get_string (answer, "role"));
    BureauOffer *offer;

    if (!secret || !bureau_name_check (office, NULL) ||
        (member && !bureau_name_check (member, NULL)) || role < 0) {
        bureau_inquiry_set_not_understood (error);
        return NULL;
    }
    offer = g_new0 (BureauOffer, 1);
    offer->base_uri = g_strdup (base_uri);
    offer->pin = g_strdup (pin);
    offer->secret = g_strdup (secret);
    offer->office_name = g_strdup (office);
    offer->member_name = g_strdup (member);
    offer->role = role;
    return offer;
}

/* ------------------------------------------------------------------ with a link */

static void
on_answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    const BureauInvitation *invitation = g_task_get_task_data (task);
    g_autofree char *base_uri = bureau_invitation_to_base_uri (invitation);
    GError *error = NULL;
    g_autoptr (GBytes) bytes = bureau_inquiry_finish (result, &error);
    g_autoptr (JsonObject) answer = bytes ? bureau_inquiry_parse_answer (bytes, &error) : NULL;
    BureauOffer *offer = NULL;

    if (answer)
        offer = bureau_offer_new (base_uri, invitation->pin, invitation->secret, answer, &error);
    if (offer)
        g_task_return_pointer (task, offer, (GDestroyNotify) bureau_offer_free);
    else
        g_task_return_error (task, error);
}

static void
ask_by_link (const BureauInvitation *invitation, GTask *task)
{
    g_autoptr (SoupSession) soup = bureau_inquiry_session_new (invitation->pin);
    g_autofree char *base_uri = bureau_invitation_to_base_uri (invitation);
    g_autoptr (JsonObject) params = json_object_new ();
    g_autofree char *body = NULL;

    bureau_json_set_string (params, "code", invitation->secret);
    body = bureau_json_object_to_string (params);
    g_task_set_task_data (task, bureau_invitation_copy (invitation),
                          (GDestroyNotify) bureau_invitation_free);
    bureau_inquiry_async (soup, base_uri, "POST", "/api/v1/auth/invitation", NULL, body,
                          BUREAU_OFFER_MAX_ANSWER, g_task_get_cancellable (task), on_answered_cb,
                          task);
}

void
bureau_offer_get_async (const BureauInvitation *invitation, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer data)
{
    GTask *task = g_task_new (NULL, cancellable, callback, data);

    g_task_set_source_tag (task, bureau_offer_get_async);
    if (invitation->typed) {
        bureau_offer_ask_by_code (invitation, task);
    } else if (*invitation->secret) {
        ask_by_link (invitation, task);
    } else {
        g_task_return_new_error (task, BUREAU_ERROR, BUREAU_ERROR_INVALID,
                                 "This link is for signing in, not for joining.");
        g_object_unref (task);
    }
}

BureauOffer *
bureau_offer_get_finish (GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer (G_TASK (result), error);
}
