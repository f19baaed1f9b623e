/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "welcome/bureau-hub-choice.h"

#include <string.h>

struct _BureauHubChoice {
    GObject parent_instance;

    BureauFoundHub *found;  /* (owned) (nullable) */
    BureauAccount *account; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (BureauHubChoice, bureau_hub_choice, G_TYPE_OBJECT)

static void
bureau_hub_choice_finalize (GObject *object)
{
    BureauHubChoice *self = BUREAU_HUB_CHOICE (object);
    g_clear_object (&self->found);
    g_clear_pointer (&self->account, bureau_account_free);
    G_OBJECT_CLASS (bureau_hub_choice_parent_class)->finalize (object);
}

static void
bureau_hub_choice_class_init (BureauHubChoiceClass *klass)
{
    G_OBJECT_CLASS (klass)->finalize = bureau_hub_choice_finalize;
}

static void
bureau_hub_choice_init (BureauHubChoice *self)
{
}

BureauHubChoice *
bureau_hub_choice_new (BureauFoundHub *found, const BureauAccount *account)
{
    g_return_val_if_fail (found != NULL || account != NULL, NULL);
    BureauHubChoice *self = g_object_new (BUREAU_TYPE_HUB_CHOICE, NULL);
    if (found != NULL)
        self->found = g_object_ref (found);
    if (account != NULL)
        self->account = bureau_account_copy (account);
    return self;
}

BureauFoundHub *
bureau_hub_choice_get_found (BureauHubChoice *self)
{
    g_return_val_if_fail (BUREAU_IS_HUB_CHOICE (self), NULL);
    return self->found;
}

const BureauAccount *
bureau_hub_choice_get_account (BureauHubChoice *self)
{
    g_return_val_if_fail (BUREAU_IS_HUB_CHOICE (self), NULL);
    return self->account;
}

gboolean
bureau_hub_choice_equal (BureauHubChoice *self, BureauHubChoice *other)
{
    g_return_val_if_fail (BUREAU_IS_HUB_CHOICE (self) && BUREAU_IS_HUB_CHOICE (other), FALSE);
    return self->found == other->found &&
           g_strcmp0 (self->account != NULL ? self->account->user_id : NULL,
                      other->account != NULL ? other->account->user_id : NULL) == 0;
}

const char *
bureau_hub_choice_get_address (BureauHubChoice *self)
{
    g_return_val_if_fail (BUREAU_IS_HUB_CHOICE (self), NULL);
    if (self->found != NULL)
        return bureau_found_hub_get_address (self->found);
    const char *scheme_end = strstr (self->account->base_uri, "://");
    return scheme_end != NULL ? scheme_end + strlen ("://") : self->account->base_uri;
}

const char *
bureau_hub_choice_get_title (BureauHubChoice *self)
{
    g_return_val_if_fail (BUREAU_IS_HUB_CHOICE (self), NULL);
    return self->account != NULL ? self->account->office_name
                                 : bureau_found_hub_get_name (self->found);
}
