/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "fixture.h"

#include <glib/gstdio.h>

#include "bureau-error.h"
#include "bureau-instant.h"
#include "bureau-json.h"

/* ------------------------------------------------------------------ office */

Office *
office_new (void)
{
    Office *office = g_new0 (Office, 1);
    g_autoptr (GError) error = NULL;

    office->directory = directory_new ();
    office->owner = bureau_hub_create_office (office->directory, "Studio Nord", "Ana", "Desk",
                                              "First project", NULL, &error);
    g_assert_no_error (error);
    office_start (office);
    return office;
}

void
office_free (Office *office)
{
    if (office->hub)
        office_stop (office);
    bureau_hub_owner_free (office->owner);
    directory_free (office->directory);
    g_free (office->listen);
    g_free (office->base_uri);
    g_free (office);
}

void
office_start (Office *office)
{
    const char *listen[] = { office->listen ? office->listen : "127.0.0.1:0", NULL };
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GError) error = NULL;

    office->hub = bureau_hub_new (office->directory);
    bureau_hub_start_async (office->hub, listen, FALSE, NULL, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    bureau_hub_start_finish (office->hub, result, &error);
    g_assert_no_error (error);
    if (!office->listen) {
        office->base_uri = g_strdup (bureau_hub_get_uris (office->hub)[0]);
        office->listen = g_strdup (office->base_uri + strlen ("http://"));
    }
}

void
office_stop (Office *office)
{
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GError) error = NULL;

    bureau_hub_stop_async (office->hub, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    bureau_hub_stop_finish (office->hub, result, &error);
    g_assert_no_error (error);
    g_clear_object (&office->hub);
}

char *
office_save (Office *office)
{
    char *copy = directory_new ();

    directory_copy (office->directory, copy);
    return copy;
}

void
office_restore (Office *office, char *copy)
{
    directory_remove (office->directory);
    g_assert_cmpint (g_mkdir (office->directory, 0700), ==, 0);
    directory_copy (copy, office->directory);
    directory_remove (copy);
}

/* ------------------------------------------------------------------ people */

static Person *
person_new (BureauAccount *account, const char *refresh_token)
{
    Person *person = g_new0 (Person, 1);

    person->account = account;
    person->refresh_token = g_strdup (refresh_token);
    person->directory = directory_new ();
    person->happened = g_ptr_array_new_with_free_func (g_free);
    person->refused = g_ptr_array_new_with_free_func (g_free);
    person->access = g_ptr_array_new_with_free_func (g_free);
    return person;
}

Person *
person_new_at (BureauAccount *account, const char *refresh_token, const char *directory)
{
    Person *person = person_new (account, refresh_token);

    directory_free (person->directory);
    person->directory = g_strdup (directory);
    person->keeps_files = TRUE;
    return person;
}

static BureauAccount *
account_new (const char *base_uri, const char *workspace_id, const char *user_id)
{
    BureauAccount *account = g_new0 (BureauAccount, 1);

    account->base_uri = g_strdup (base_uri);
    account->pin = g_strdup ("");
    account->workspace_id = g_strdup (workspace_id);
    account->office_name = g_strdup ("Studio Nord");
    account->user_id = g_strdup (user_id);
    account->user_name = g_strdup ("Ana");
    account->device_id = bureau_id_new ();
    return account;
}

Person *
person_new_owner (Office *office)
{
    return person_new (
        account_new (office->base_uri, office->owner->workspace_id, office->owner->user_id),
        office->owner->refresh_token);
}

Person *
person_new_alone (void)
{
    g_autofree char *workspace_id = bureau_id_new ();
    g_autofree char *user_id = bureau_id_new ();

    /* Port 9, discard, on a network address that is nobody's: refused or silent, never answered. */
    return person_new (account_new ("http://127.0.0.1:9", workspace_id, user_id), "nothing");
}

JsonObject *
make_invitation (Person *host, const char *members)
{
    g_autoptr (JsonObject) answer = order (host, BUREAU_COMMAND_MEMBER_INVITE,
                                           "'projectId': '%s', %s", get_first_project (host),
                                           members);

    return json_object_ref (bureau_json_get_object (answer, "invitation"));
}

BureauOffer *
get_offer (const BureauInvitation *invitation, GError **error)
{
    g_autoptr (GAsyncResult) result = NULL;

    bureau_offer_get_async (invitation, NULL, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    return bureau_offer_get_finish (result, error);
}

static Person *
join (Person *host, const char *name, const char *role)
{
    g_autofree char *members = g_strdup_printf ("'role': '%s'", role);
    g_autoptr (JsonObject) invited = make_invitation (host, members);
    const char *link = bureau_json_get_string (invited, "link");
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GError) error = NULL;
    g_autofree char *refresh_token = NULL;
    g_autoptr (BureauInvitation) invitation = bureau_invitation_parse_link (link, &error);
    g_autoptr (BureauOffer) offer = NULL;
    BureauAccount *account;

    g_assert_no_error (error);
    offer = get_offer (invitation, &error);
    g_assert_no_error (error);
    bureau_account_join_async (offer, name, NULL, "Laptop", NULL, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    account = bureau_account_join_finish (result, &refresh_token, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (account->user_name, ==, name);
    g_assert_cmpstr (account->office_name, ==, "Studio Nord");
    return person_new (account, refresh_token);
}

Person *
person_new_invited (Person *host, const char *name)
{
    return join (host, name, "member");
}

Person *
person_new_guest (Person *host, const char *name)
{
    return join (host, name, "guest");
}

void
person_free (Person *person)
{
    if (person->client)
        person_stop (person);
    if (person->keeps_files)
        g_free (person->directory);
    else
        directory_free (person->directory);
    g_free (person->refresh_token);
    bureau_account_free (person->account);
    g_ptr_array_unref (person->happened);
    g_ptr_array_unref (person->refused);
    g_ptr_array_unref (person->access);
    g_free (person);
}

static void
on_happened_cb (BureauClient *client, const char *event, JsonObject *json, Person *person)
{
    g_assert_nonnull (bureau_json_get_string (json, "eventId"));
    g_assert_cmpstr (bureau_json_get_string (json, "userId"), !=, person->account->user_id);
    g_ptr_array_add (person->happened, g_strdup (event));
}

static void
on_refused_cb (BureauClient *client, const char *command, JsonObject *params, const GError *error,
               Person *person)
{
    g_ptr_array_add (person->refused,
                     g_strdup_printf ("%s %s", command, bureau_error_to_code (error)));
}

static void
on_access_changed_cb (BureauClient *client, const char *what, const char *name, Person *person)
{
    g_ptr_array_add (person->access, g_strdup_printf ("%s %s", what, name));
}

static void
on_refresh_token_cb (BureauClient *client, const char *token, Person *person)
{
    g_free (person->refresh_token);
    person->refresh_token = g_strdup (token);
}

void
person_make_client (Person *person)
{
    g_assert_null (person->client);
    person->client = bureau_client_new (person->account, person->refresh_token, person->directory);
    g_signal_connect (person->client, "happened", G_CALLBACK (on_happened_cb), person);
    g_signal_connect (person->client, "refused", G_CALLBACK (on_refused_cb), person);
    g_signal_connect (person->client, "access-changed", G_CALLBACK (on_access_changed_cb), person);
    g_signal_connect (person->client, "refresh-token", G_CALLBACK (on_refresh_token_cb), person);
}

void
person_start (Person *person)
{
    person_make_client (person);
    bureau_client_start (person->client);
    WAIT_UNTIL (bureau_client_get_loaded (person->client));
}

void
person_start_live (Person *person)
{
    person_start (person);
    WAIT_UNTIL (is_live (person));
}

void
person_stop (Person *person)
{
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GError) error = NULL;

    bureau_client_stop_async (person->client, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    bureau_client_stop_finish (person->client, result, &error);
    g_assert_no_error (error);
    g_signal_handlers_disconnect_by_data (person->client, person);
    g_clear_object (&result);
    g_object_add_weak_pointer (G_OBJECT (person->client), (gpointer *) &person->client);
    g_object_unref (person->client);
    /* What was under way is cancelled, and lets go of it when it says so. */
    WAIT_UNTIL (person->client == NULL);
}

void
ask (Person *person, BureauCommandId command, GError **error)
{
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (JsonObject) answer = NULL;

    bureau_client_ask_async (person->client, command, NULL, NULL, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    answer = bureau_client_ask_finish (person->client, result, error);
}

JsonObject *
order (Person *person, BureauCommandId command, const char *members, ...)
{
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GError) error = NULL;
    JsonObject *params, *answer;
    va_list args;

    va_start (args, members);
    params = make_params (members, args);
    va_end (args);
    bureau_client_ask_async (person->client, command, params, NULL, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    answer = bureau_client_ask_finish (person->client, result, &error);
    g_assert_no_error (error);
    return answer;
}

gboolean
is_live (Person *person)
{
    return bureau_client_get_state (person->client) == BUREAU_CLIENT_LIVE;
}

BureauTask *
get_task (Person *person, const char *id)
{
    return bureau_client_find_task (person->client, id);
}

const char *
get_first_project (Person *person)
{
    g_autoptr (BureauProject) project = g_list_model_get_item (
        bureau_client_get_projects (person->client), 0);

    g_assert_nonnull (project);
    return bureau_project_get_id (project);
}

JsonObject *
make_params (const char *members, va_list args)
{
    g_autofree char *inside = g_strdup_vprintf (members, args);
    g_autofree char *text = g_strdup_printf ("{%s}", inside);
    g_autoptr (GError) error = NULL;
    JsonObject *params;

    g_strdelimit (text, "'", '"');
    params = bureau_json_parse_object (text, -1, &error);
    g_assert_no_error (error);
    return params;
}

char *
give (Person *person, BureauCommandId command, const char *members, ...)
{
    g_autoptr (GError) error = NULL;
    JsonObject *params;
    va_list args;
    char *id;

    va_start (args, members);
    params = make_params (members, args);
    va_end (args);
    id = bureau_client_give (person->client, command, params, &error);
    g_assert_no_error (error);
    return id;
}

/* ------------------------------------------------------------------ two of them */

void
two_set_up (Two *two, gconstpointer data)
{
    two->office = office_new ();
    two->ana = person_new_owner (two->office);
    person_start_live (two->ana);
    two->ben = person_new_invited (two->ana, "Ben");
    person_start_live (two->ben);
}

void
two_tear_down (Two *two, gconstpointer data)
{
    person_free (two->ben);
    person_free (two->ana);
    office_free (two->office);
}

gboolean
has_happened (Person *person, const char *event)
{
    return g_ptr_array_find_with_equal_func (person->happened, event, g_str_equal, NULL);
}

char *
give_task (Person *person, const char *title)
{
    return give (person, BUREAU_COMMAND_TASK_CREATE, "'projectId': '%s', 'title': '%s'",
                 get_first_project (person), title);
}

gboolean
is_settled (Person *person, const char *id)
{
    BureauTask *task = get_task (person, id);

    return task && !bureau_task_get_pending (task) && bureau_task_get_key (task) &&
           bureau_client_get_waiting (person->client) == 0;
}

BureauChange *
get_change (Person *person, guint index)
{
    g_autoptr (BureauChange) change = g_list_model_get_item (
        bureau_client_get_queue (person->client), index);

    g_assert_nonnull (change);
    return change;
}

guint
count_changes (Person *person)
{
    return g_list_model_get_n_items (bureau_client_get_queue (person->client));
}

void
cut_off (Two *two)
{
    person_stop (two->ben);
    office_stop (two->office);
    person_start (two->ben);
}

void
go_on_without (Two *two)
{
    person_stop (two->ben);
    office_start (two->office);
    bureau_client_reconnect (two->ana->client);
    WAIT_UNTIL (is_live (two->ana));
}
