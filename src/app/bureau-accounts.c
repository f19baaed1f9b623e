/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-accounts.h"

#include "bureau-json.h"

#define KEY_ACCOUNTS "accounts"
#define KEY_LAST     "last-account"

/* Beside an account's own members. */
#define MEMBER_OFFICE "office"
#define MEMBER_SHARED "shared"

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

/* What is no account is passed over. (transfer full) (nullable) */
static BureauAccount *
read_account (JsonArray *array, guint index)
{
    JsonObject *object = bureau_json_array_get_object (array, index);
    return object != NULL ? bureau_account_new_from_json (object, NULL) : NULL;
}

/* The entry of the account with that id. (nullable) (transfer none): the array's */
static JsonObject *
find_entry (JsonArray *array, const char *user_id, guint *index)
{
    for (guint i = 0; i < json_array_get_length (array); i++) {
        g_autoptr (BureauAccount) account = read_account (array, i);
        if (account == NULL || g_strcmp0 (account->user_id, user_id) != 0)
            continue;
        if (index != NULL)
            *index = i;
        return bureau_json_array_get_object (array, i);
    }
    return NULL;
}

static void
remove_from (JsonArray *array, const char *user_id)
{
    guint index;
    while (find_entry (array, user_id, &index) != NULL)
        json_array_remove_element (array, index);
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
    JsonObject *entry = find_entry (array, last, NULL);

    if (entry == NULL)
        return NULL;
    if (office != NULL)
        *office = g_strdup (bureau_json_get_string (entry, MEMBER_OFFICE));
    return bureau_account_new_from_json (entry, NULL);
}

static GPtrArray *
list_accounts (BureauAccounts *self, gboolean with_own)
{
    GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) bureau_account_free);
    g_autofree char *last = g_settings_get_string (self->settings, KEY_LAST);
    g_autoptr (JsonArray) array = load (self);

    for (guint i = 0; i < json_array_get_length (array); i++) {
        g_autoptr (BureauAccount) account = read_account (array, i);
        if (account == NULL)
            continue;
        JsonObject *entry = bureau_json_array_get_object (array, i);
        if (!with_own && bureau_json_get_string (entry, MEMBER_OFFICE) != NULL)
            continue;
        int place = g_str_equal (account->user_id, last) ? 0 : -1;
        g_ptr_array_insert (list, place, g_steal_pointer (&account));
    }
    return list;
}

GPtrArray *
bureau_accounts_list (BureauAccounts *self)
{
    g_return_val_if_fail (BUREAU_IS_ACCOUNTS (self), NULL);
    return list_accounts (self, TRUE);
}

GPtrArray *
bureau_accounts_list_joined (BureauAccounts *self)
{
    g_return_val_if_fail (BUREAU_IS_ACCOUNTS (self), NULL);
    return list_accounts (self, FALSE);
}

void
bureau_accounts_save (BureauAccounts *self, const BureauAccount *account, const char *office)
{
    g_return_if_fail (BUREAU_IS_ACCOUNTS (self));
    g_autoptr (JsonArray) array = load (self);
    JsonObject *earlier = find_entry (array, account->user_id, NULL);
    JsonObject *entry = bureau_account_to_json (account);

    bureau_json_set_optional (entry, MEMBER_OFFICE, office);
    if (earlier != NULL && bureau_json_get_boolean (earlier, MEMBER_SHARED, FALSE))
        json_object_set_boolean_member (entry, MEMBER_SHARED, TRUE);
    remove_from (array, account->user_id);
    json_array_add_object_element (array, entry);
    store (self, array);
    g_settings_set_string (self->settings, KEY_LAST, account->user_id);
}

void
bureau_accounts_choose (BureauAccounts *self, const char *user_id)
{
    g_return_if_fail (BUREAU_IS_ACCOUNTS (self));
    g_autoptr (JsonArray) array = load (self);

    if (find_entry (array, user_id, NULL) != NULL)
        g_settings_set_string (self->settings, KEY_LAST, user_id);
}

gboolean
bureau_accounts_get_shared (BureauAccounts *self, const char *user_id)
{
    g_return_val_if_fail (BUREAU_IS_ACCOUNTS (self), FALSE);
    g_autoptr (JsonArray) array = load (self);
    JsonObject *entry = find_entry (array, user_id, NULL);

    return entry != NULL && bureau_json_get_boolean (entry, MEMBER_SHARED, FALSE);
}

void
bureau_accounts_set_shared (BureauAccounts *self, const char *user_id, gboolean shared)
{
    g_return_if_fail (BUREAU_IS_ACCOUNTS (self));
    g_autoptr (JsonArray) array = load (self);
    JsonObject *entry = find_entry (array, user_id, NULL);

    if (entry == NULL)
        return;
    json_object_set_boolean_member (entry, MEMBER_SHARED, shared);
    store (self, array);
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
