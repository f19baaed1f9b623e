/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Joining and signing in over TLS, at a hub that is shared with the network; and a man in the
 * middle, who gets nothing. */

#include "bureau-error.h"
#include "bureau-json.h"
#include "bureau-tls-certificate.h"
#include "fixture.h"
#include "test-identity.h"
#include "test-middle.h"

#include <string.h>

#define PASSWORD "a-door-that-creaks"

/* Loopback, but not for who looks at the text alone: typed, it is an address of the network. */
#define NETWORK_HOST "::ffff:7f00:1"

typedef struct {
    Two two;
    const char *pin;
    guint16 port;
} Shared;

static void
set_up (Shared *shared, gconstpointer data)
{
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (GUri) uri = NULL;

    two_set_up (&shared->two, NULL);
    bureau_hub_share_async (shared->two.office->hub, TRUE, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    bureau_hub_share_finish (shared->two.office->hub, result, &error);
    g_assert_no_error (error);
    shared->pin = bureau_hub_get_pin (shared->two.office->hub);
    uri = g_uri_parse (bureau_hub_get_uris (shared->two.office->hub)[0], G_URI_FLAGS_NONE, NULL);
    shared->port = g_uri_get_port (uri);
}

static void
tear_down (Shared *shared, gconstpointer data)
{
    two_tear_down (&shared->two, NULL);
}

/* ------------------------------------------------------------------ steps */

/* The invitation that the link is, at this machine's own address. (transfer full) */
static BureauInvitation *
parse_link (Shared *shared, JsonObject *invited, guint16 port)
{
    g_autoptr (GError) error = NULL;
    BureauInvitation *invitation = bureau_invitation_parse_link (
        bureau_json_get_string (invited, "link"), &error);

    g_assert_no_error (error);
    g_assert_cmpstr (invitation->pin, ==, shared->pin);
    g_assert_cmpuint (invitation->port, ==, shared->port);
    g_free (invitation->host);
    invitation->host = g_strdup ("127.0.0.1");
    invitation->port = port;
    return invitation;
}

/* As somebody types it. (transfer full) */
static BureauInvitation *
type_code (const char *code, const char *host, guint16 port)
{
    g_autofree char *address = bureau_hub_address_join (host, port);
    g_autoptr (GError) error = NULL;
    BureauInvitation *invitation = bureau_invitation_parse_code (address, code, &error);

    g_assert_no_error (error);
    return invitation;
}

static Person *
take_account (BureauAccount *account, const char *refresh_token, GError *error)
{
    g_autofree char *directory = directory_new ();
    Person *person;

    g_assert_no_error (error);
    person = person_new_at (account, refresh_token, directory);
    person->keeps_files = FALSE;
    return person;
}

static Person *
join (const BureauOffer *offer, const char *name)
{
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GError) error = NULL;
    g_autofree char *refresh_token = NULL;
    BureauAccount *account;

    bureau_account_join_async (offer, name, PASSWORD, "Laptop", NULL, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    account = bureau_account_join_finish (result, &refresh_token, &error);
    return take_account (account, refresh_token, error);
}

static BureauAccount *
sign_in (const BureauAccount *at, const char *password, char **refresh_token, GError **error)
{
    g_autoptr (GAsyncResult) result = NULL;

    bureau_account_sign_in_async (at->base_uri, at->pin, at->handle, password, "Phone", NULL,
                                  keep_result, &result);
    WAIT_UNTIL (result != NULL);
    return bureau_account_sign_in_finish (result, refresh_token, error);
}

/* The same person at another machine. */
static Person *
sign_in_elsewhere (Person *person)
{
    g_autofree char *refresh_token = NULL;
    g_autoptr (GError) error = NULL;
    BureauAccount *account = sign_in (person->account, PASSWORD, &refresh_token, &error);

    g_assert_cmpstr (account->user_id, ==, person->account->user_id);
    g_assert_cmpstr (account->device_id, !=, person->account->device_id);
    return take_account (account, refresh_token, error);
}

/* Cleo, who joined with a link. */
static Person *
add_cleo (Shared *shared)
{
    g_autoptr (JsonObject) invited = make_invitation (shared->two.ana, "'role': 'member'");
    g_autoptr (BureauInvitation) invitation = parse_link (shared, invited, shared->port);
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauOffer) offer = get_offer (invitation, &error);

    g_assert_no_error (error);
    return join (offer, "Cleo Moss");
}

static void
assert_works (Shared *shared, Person *person)
{
    g_autofree char *id = give_task (person, "From afar");

    WAIT_UNTIL (get_task (shared->two.ana, id) && is_settled (person, id));
    g_assert_cmpuint (person->refused->len, ==, 0);
}

static BureauClientState
get_state (Person *person)
{
    return bureau_client_get_state (person->client);
}

/* ------------------------------------------------------------------ joining */

static void
test_link (Shared *shared, gconstpointer data)
{
    g_autoptr (JsonObject) invited = make_invitation (shared->two.ana, "'role': 'manager'");
    g_autoptr (BureauInvitation) invitation = parse_link (shared, invited, shared->port);
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauOffer) offer = get_offer (invitation, &error);
    g_autoptr (BureauOffer) again = NULL;
    Person *cleo;

    g_assert_no_error (error);
    g_assert_cmpstr (offer->office_name, ==, "Studio Nord");
    g_assert_cmpint (offer->role, ==, BUREAU_ROLE_MANAGER);
    g_assert_cmpstr (offer->pin, ==, shared->pin);
    g_assert_null (offer->member_name);
    g_assert_true (g_str_has_prefix (offer->base_uri, "https://127.0.0.1:"));

    cleo = join (offer, "Cleo Moss");
    g_assert_cmpstr (cleo->account->handle, ==, "cleo");
    g_assert_cmpstr (cleo->account->user_name, ==, "Cleo Moss");
    g_assert_cmpstr (cleo->account->pin, ==, shared->pin);
    person_start_live (cleo);
    g_assert_cmpint (bureau_member_get_role (bureau_client_get_self (cleo->client)), ==,
                     BUREAU_ROLE_MANAGER);
    g_assert_cmpint (bureau_client_get_transport (cleo->client), ==, BUREAU_TRANSPORT_WEBSOCKET);
    assert_works (shared, cleo);
    person_free (cleo);

    /* Once. */
    again = get_offer (invitation, &error);
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN);
}

/* @data: how the hub's address is typed. */
static void
test_code (Shared *shared, gconstpointer data)
{
    const char *host = data;
    gboolean plain = g_str_equal (host, "127.0.0.1");
    g_autoptr (JsonObject) invited = make_invitation (shared->two.ana, "'role': 'guest'");
    const char *code = bureau_json_get_string (invited, "code");
    g_autoptr (BureauInvitation) invitation = type_code (code, host, shared->port);
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauOffer) offer = get_offer (invitation, &error);
    Person *cleo;

    g_assert_no_error (error);
    g_assert_cmpstr (offer->office_name, ==, "Studio Nord");
    g_assert_cmpint (offer->role, ==, BUREAU_ROLE_GUEST);
    g_assert_cmpstr (offer->pin, ==, plain ? "" : shared->pin);
    g_assert_true (g_str_has_prefix (offer->base_uri, plain ? "http:" : "https:"));
    g_assert_cmpstr (offer->secret, !=, invitation->secret);
    cleo = join (offer, "Cleo");
    person_start_live (cleo);
    person_free (cleo);
}

static void
test_wrong_code (Shared *shared, gconstpointer data)
{
    g_autoptr (JsonObject) invited = make_invitation (shared->two.ana, "'role': 'guest'");
    const char *code = bureau_json_get_string (invited, "code");
    g_autoptr (BureauInvitation) wrong = type_code (
        g_str_equal (code, "00000000") ? "00000001" : "00000000", NETWORK_HOST, shared->port);
    g_autoptr (BureauInvitation) right = type_code (code, NETWORK_HOST, shared->port);
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauOffer) offer = get_offer (wrong, &error);

    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN);
    g_clear_error (&error);
    offer = get_offer (right, &error);
    g_assert_no_error (error);
}

static void
test_withdrawn (Shared *shared, gconstpointer data)
{
    g_autoptr (JsonObject) invited = make_invitation (shared->two.ana, "'role': 'guest'");
    g_autoptr (BureauInvitation) link = parse_link (shared, invited, shared->port);
    g_autoptr (BureauInvitation) code = type_code (bureau_json_get_string (invited, "code"),
                                                   NETWORK_HOST, shared->port);
    g_autoptr (GError) error = NULL;

    json_object_unref (order (shared->two.ana, BUREAU_COMMAND_MEMBER_REVOKE_INVITE, "'id': '%s'",
                              bureau_json_get_string (invited, "id")));
    g_assert_null (get_offer (link, &error));
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN);
    g_clear_error (&error);
    g_assert_null (get_offer (code, &error));
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN);
}

/* Whoever takes a placeholder over is told whom. */
static void
test_placeholder (Shared *shared, gconstpointer data)
{
    g_autoptr (JsonObject) added = order (shared->two.ana, BUREAU_COMMAND_MEMBER_ADD,
                                          "'name': 'New colleague'");
    const char *id = bureau_json_get_string (bureau_json_get_object (added, "member"), "id");
    g_autofree char *members = g_strdup_printf ("'memberId': '%s'", id);
    g_autoptr (JsonObject) invited = make_invitation (shared->two.ana, members);
    g_autoptr (BureauInvitation) invitation = parse_link (shared, invited, shared->port);
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauOffer) offer = get_offer (invitation, &error);
    Person *cleo;

    g_assert_no_error (error);
    g_assert_cmpstr (offer->member_name, ==, "New colleague");
    cleo = join (offer, "Cleo");
    g_assert_cmpstr (cleo->account->user_id, ==, id);
    person_free (cleo);
}

/* A link that signs in invites nobody; and without a certificate nothing is sent. */
static void
test_sign_in_link (Shared *shared, gconstpointer data)
{
    g_autofree char *text = g_strdup_printf ("bureau://127.0.0.1:%u/#v1.%s.", shared->port,
                                             shared->pin);
    g_autoptr (BureauInvitation) link = bureau_invitation_parse_link (text, NULL);
    BureauAccount nowhere = { .base_uri = "https://192.0.2.1", .pin = "", .handle = "ana" };
    g_autoptr (GError) error = NULL;

    g_assert_null (get_offer (link, &error));
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_INVALID);
    g_clear_error (&error);
    g_assert_null (sign_in (&nowhere, PASSWORD, NULL, &error));
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_INVALID);
}

/* ------------------------------------------------------------------ several machines */

static void
test_password (Shared *shared, gconstpointer data)
{
    Person *laptop = add_cleo (shared);
    Person *phone;
    g_autofree char *token = NULL;
    g_autofree char *draft = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauAccount) again = NULL;

    g_assert_null (sign_in (laptop->account, "something-else", NULL, &error));
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_UNAUTHENTICATED);
    g_clear_error (&error);

    phone = sign_in_elsewhere (laptop);
    person_start_live (laptop);
    person_start_live (phone);
    json_object_unref (order (phone, BUREAU_COMMAND_ACCOUNT_SET_PASSWORD,
                              "'current': '%s', 'password': 'another-door-creaks'", PASSWORD));
    WAIT_UNTIL (get_state (laptop) == BUREAU_CLIENT_SIGNED_OUT);
    g_assert_cmpint (bureau_client_get_signed_out_reason (laptop->client), ==,
                     BUREAU_SIGNED_OUT_REVOKED);
    g_assert_true (is_live (phone));

    /* What is written goes on waiting, over a restart too. */
    draft = give_task (laptop, "Written while signed out");
    WAIT_UNTIL (bureau_client_get_waiting (laptop->client) == 1);
    person_stop (laptop);
    person_start (laptop);
    WAIT_UNTIL (get_state (laptop) == BUREAU_CLIENT_SIGNED_OUT);

    again = sign_in (laptop->account, "another-door-creaks", &token, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (again->user_id, ==, laptop->account->user_id);
    bureau_client_sign_in (laptop->client, token);
    WAIT_UNTIL (is_live (laptop) && is_settled (laptop, draft) && get_task (phone, draft));
    g_assert_cmpuint (laptop->refused->len, ==, 0);
    person_free (laptop);
    person_free (phone);
}

static const char *
find_other_device (JsonObject *answer)
{
    JsonArray *devices = bureau_json_get_array (answer, "devices");

    g_assert_cmpuint (json_array_get_length (devices), ==, 2);
    for (guint i = 0; i < 2; i++) {
        JsonObject *device = json_array_get_object_element (devices, i);

        if (!bureau_json_get_boolean (device, "current", FALSE))
            return bureau_json_get_string (device, "id");
    }
    g_assert_not_reached ();
}

static void
test_signed_out_elsewhere (Shared *shared, gconstpointer data)
{
    Person *laptop = add_cleo (shared);
    Person *phone = sign_in_elsewhere (laptop);
    g_autoptr (JsonObject) devices = NULL;

    person_start_live (laptop);
    person_start_live (phone);
    devices = order (phone, BUREAU_COMMAND_DEVICE_LIST, "%s", "");
    json_object_unref (
        order (phone, BUREAU_COMMAND_DEVICE_SIGN_OUT, "'id': '%s'", find_other_device (devices)));
    WAIT_UNTIL (get_state (laptop) == BUREAU_CLIENT_SIGNED_OUT);
    g_assert_cmpint (bureau_client_get_signed_out_reason (laptop->client), ==,
                     BUREAU_SIGNED_OUT_REVOKED);
    g_assert_true (is_live (phone));
    person_free (laptop);
    person_free (phone);
}

/* ------------------------------------------------------------------ a man in the middle */

/* Hands all on to the hub, with a certificate of his own. */
static Middle *
middle_before (Shared *shared, char **pin)
{
    g_autofree char *uri = g_strdup_printf ("https://127.0.0.1:%u", shared->port);
    g_autofree char *certificate = NULL;
    g_autofree char *key = NULL;

    test_identity_new (&certificate, &key);
    *pin = bureau_tls_key_get_pin (key, NULL);
    return middle_new (uri, certificate, key, NULL);
}

static void
test_middle_after_joining (Shared *shared, gconstpointer data)
{
    g_autofree char *pin = NULL;
    g_autoptr (Middle) middle = middle_before (shared, &pin);
    Person *cleo = add_cleo (shared);
    g_autofree char *uri = g_strdup (cleo->account->base_uri);
    g_autofree char *draft = NULL;
    g_autoptr (GError) error = NULL;
    guint visits;

    person_start_live (cleo);
    person_stop (cleo);
    g_free (cleo->account->base_uri);
    cleo->account->base_uri = g_strdup (middle_get_uri (middle));
    g_assert_null (sign_in (cleo->account, PASSWORD, NULL, &error));
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_STRANGER);

    person_start (cleo);
    WAIT_UNTIL (get_state (cleo) == BUREAU_CLIENT_STRANGER);
    g_assert_cmpstr (bureau_client_get_presented_pin (cleo->client), ==, pin);
    draft = give_task (cleo, "Not for him");
    WAIT_UNTIL (bureau_client_get_waiting (cleo->client) == 1);

    /* It is tried again when that is asked for. */
    visits = middle_count_visits (middle);
    bureau_client_reconnect (cleo->client);
    WAIT_UNTIL (get_state (cleo) == BUREAU_CLIENT_STRANGER &&
                middle_count_visits (middle) > visits);
    g_assert_cmpuint (middle_count_heard (middle), ==, 0);

    person_stop (cleo);
    g_free (cleo->account->base_uri);
    cleo->account->base_uri = g_steal_pointer (&uri);
    person_start_live (cleo);
    WAIT_UNTIL (is_settled (cleo, draft) && get_task (shared->two.ana, draft));
    person_free (cleo);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);

#define ADD(name, data, function)                                                                  \
    g_test_add ("/join/" name, Shared, data, set_up, function, tear_down)
    ADD ("link", NULL, test_link);
    ADD ("code", NETWORK_HOST, test_code);
    ADD ("code-here", "127.0.0.1", test_code);
    ADD ("wrong-code", NULL, test_wrong_code);
    ADD ("withdrawn", NULL, test_withdrawn);
    ADD ("placeholder", NULL, test_placeholder);
    ADD ("sign-in-link", NULL, test_sign_in_link);
    ADD ("password", NULL, test_password);
    ADD ("signed-out-elsewhere", NULL, test_signed_out_elsewhere);
    ADD ("middle-after-joining", NULL, test_middle_after_joining);
#undef ADD

    return g_test_run ();
}
