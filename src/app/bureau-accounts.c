/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-accounts.h"

#include "bureau-json.h"

#define KEY_ACCOUNTS "accounts"
#define KEY_LAST     "last-account"

struct _BureauAccounts {
    GObject parent_instance;

    GSettings *settings; /* (owned) */
};

G_DEFINE_FINAL_TYPE (BureauAccounts, bureau_accounts, G_TYPE_OBJECT)

/* What can't be read counts as no accounts: the settings are the person's to edit. */
static JsonArray *
load (BureauAccounts *self)
{
    g_autofree char *text = g_settings_get_string (self->settings, KEY_ACCOUNTS);
    g_autoptr (GError) error = NULL;
    JsonArray *array = bureau_json_parse_array (text, -1, &error);
    if (array == NULL) {
        g_warning ("The setting “%s” is not readable: %s", KEY_ACCOUNTS, error->message);
        array = json_array_new ();
    }
    return array;
}

static void
store (BureauAccounts *self, JsonArray *array)
{
    g_autoptr (JsonNode) node = json_node_alloc ();
    json_node_init_array (node, array);
    g_autofree char *text = json_to_string (node, FALSE);
    g_settings_set_string (self->settings, KEY_ACCOUNTS, text);
}

static void
remove_from (JsonArray *array, const char *user_id)
{
    for (guint i = json_array_get_length (array); i > 0; i--) {
        JsonObject *object = bureau_json_array_get_object (array, i - 1);
        g_autoptr (BureauAccount) account = object != NULL
                                                ? bureau_account_new_from_json (object, NULL)
                                                : NULL;
        if (account != NULL && g_strcmp0 (account->user_id, user_id) == 0)
            json_array_remove_element (array, i - 1);
    }
}

static void
bureau_accounts_dispose (GObject *object)
{
    BureauAccounts *self = BUREAU_ACCOUNTS (object);
    g_clear_object (&self->settings);
    G_OBJECT_CLASS (bureau_accounts_parent_class)->dispose (object);
}

static void
bureau_accounts_class_init (BureauAccountsClass *klass)
{
    G_OBJECT_CLASS (klass)->dispose = bureau_accounts_dispose;
}

static void
bureau_accounts_init (BureauAccounts *self)
{
}

BureauAccounts *
bureau_accounts_new (GSettings *settings)
{
    g_return_val_if_fail (G_IS_SETTINGS (settings), NULL);
    BureauAccounts *self = g_object_new (BUREAU_TYPE_ACCOUNTS, NULL);
    self->settings = g_object_ref (settings);
    return self;
}

BureauAccount *
bureau_accounts_get_last (BureauAccounts *self, char **office)
{
    g_return_val_if_fail (BUREAU_IS_ACCOUNTS (self), NULL);
    g_autofree char *last = g_settings_get_string (self->settings, KEY_LAST);
    g_autoptr (JsonArray) array = load (self);

    for (guint i = 0; i < json_array_get_length (array); i++) {
        JsonObject *object = bureau_json_array_get_object (array, i);
        g_autoptr (BureauAccount) account = object != NULL
                                                ? bureau_account_new_from_json (object, NULL)
                                                : NULL;
        if (account == NULL || g_strcmp0 (account->user_id, last) != 0)
            continue;
        if (office != NULL)
            *office = g_strdup (bureau_json_get_string (object, "office"));
        return g_steal_pointer (&account);
    }
    return NULL;
}

void
bureau_accounts_save (BureauAccounts *self, const BureauAccount *account, const char *office)
{
    g_return_if_fail (BUREAU_IS_ACCOUNTS (self));
    g_autoptr (JsonArray) array = load (self);
    remove_from (array, account->user_id);

    JsonObject *object = bureau_account_to_json (account);
    bureau_json_set_optional (object, "office", office);
    json_array_add_object_element (array, object);
    store (self, array);
    g_settings_set_string (self->settings, KEY_LAST, account->user_id);
}

void
bureau_accounts_remove (BureauAccounts *self, const char *user_id)
{
    g_return_if_fail (BUREAU_IS_ACCOUNTS (self));
    g_autoptr (JsonArray) array = load (self);
    remove_from (array, user_id);
    store (self, array);

    g_autofree char *last = g_settings_get_string (self->settings, KEY_LAST);
    if (g_strcmp0 (last, user_id) == 0)
        g_settings_reset (self->settings, KEY_LAST);
}
