/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Somebody stands between a person and the office: before the person joins, and after. He gets to
 * know no secret, and the person gets to know of him. */

#include "fixture.h"

#include <string.h>

#include "bureau-error.h"
#include "bureau-json.h"
#include "bureau-server.h"
#include "bureau-tls-certificate.h"
#include "test-identity.h"
#include "test-middle.h"

#define PASSWORD "seven green elevators"
#define DAY      (24 * 60 * 60)

typedef struct {
    Two two;
    char *hub_pin;
    Middle *middle; /* before the hub, with another key */
    char *middle_pin;
    char *other, *other_key; /* his */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GError) error = NULL;
    g_autofree char *address = NULL, *uri = NULL;
    Office *office;

    two_set_up (&fixture->two, NULL);
    office = fixture->two.office;
    bureau_hub_share_async (office->hub, TRUE, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    bureau_hub_share_finish (office->hub, result, &error);
    g_assert_no_error (error);
    fixture->hub_pin = g_strdup (bureau_hub_get_pin (office->hub));
    address = bureau_hub_get_address (office->hub);
    uri = g_strconcat ("https://", address != NULL ? address : office->listen, NULL);
    test_identity_new (&fixture->other, &fixture->other_key);
    fixture->middle = middle_new (uri, fixture->other, fixture->other_key, NULL);
    fixture->middle_pin = bureau_tls_key_get_pin (fixture->other_key, NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
    middle_free (fixture->middle);
    two_tear_down (&fixture->two, NULL);
    g_free (fixture->hub_pin);
    g_free (fixture->middle_pin);
    g_free (fixture->other);
    g_free (fixture->other_key);
}

/* From now on he shows the hub's own key, in a certificate that nobody has seen before: to clients
 * he is the hub. */
static void
be_the_hub (Fixture *fixture)
{
    static const char *const names[] = { "renewed.example", NULL };
    gint64 now = g_get_real_time () / G_USEC_PER_SEC;
    g_autofree char *path = g_build_filename (fixture->two.office->directory, "keys", "hub.key",
                                              NULL);
    g_autofree char *key = NULL, *certificate = NULL;
    g_autoptr (GError) error = NULL;

    g_file_get_contents (path, &key, NULL, &error);
    g_assert_no_error (error);
    certificate = bureau_tls_certificate_new (key, names, now - DAY, now + DAY, &error);
    g_assert_no_error (error);
    middle_set_identity (fixture->middle, certificate, key);
}

static void
be_oneself (Fixture *fixture)
{
    middle_set_identity (fixture->middle, fixture->other, fixture->other_key);
}

static void
assert_stranger (Fixture *fixture, const GError *error)
{
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_STRANGER);
    g_assert_cmpstr (bureau_error_get_expected_pin (error), ==, fixture->hub_pin);
    g_assert_cmpstr (bureau_error_get_presented_pin (error), ==, fixture->middle_pin);
}

/* He was asked, and hung up on when he had shown his key. */
static void
assert_deaf (Fixture *fixture)
{
    g_assert_cmpuint (middle_count_visits (fixture->middle), >, 0);
    g_assert_cmpuint (middle_count_handshakes (fixture->middle), ==, 0);
    g_assert_cmpuint (middle_count_heard (fixture->middle), ==, 0);
}

/* ------------------------------------------------------------------ before joining */

/* Ana's invitation, as it reaches somebody whose way to the office leads past him. */
static JsonObject *
invite (Fixture *fixture)
{
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) answer = NULL;
    BureauClient *ana = fixture->two.ana->client;

    bureau_client_ask_async (ana, BUREAU_COMMAND_MEMBER_INVITE, json_object_new (), NULL,
                             keep_result, &result);
    WAIT_UNTIL (result != NULL);
    answer = bureau_client_ask_finish (ana, result, &error);
    g_assert_no_error (error);
    return json_object_ref (bureau_json_get_object (answer, "invitation"));
}

static const char *
get_middle_address (Fixture *fixture)
{
    return middle_get_uri (fixture->middle) + strlen ("https://");
}

static BureauAccount *
join (const BureauOffer *offer, const char *name, GError **error)
{
    g_autoptr (GAsyncResult) result = NULL;

    bureau_account_join_async (offer, name, PASSWORD, "Laptop", NULL, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    return bureau_account_join_finish (result, NULL, error);
}

/* The link has the pin: he hears not even what it is good for. */
static void
test_link (Fixture *fixture, gconstpointer data)
{
    g_autoptr (JsonObject) made = invite (fixture);
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauInvitation) invitation = bureau_invitation_parse_link (
        bureau_json_get_string (made, "link"), &error);
    g_autofree char *address = NULL, *astray = NULL;
    g_autoptr (BureauOffer) offer = NULL;
    g_autoptr (BureauAccount) account = NULL;

    g_assert_no_error (error);
    g_assert_cmpstr (invitation->pin, ==, fixture->hub_pin);
    astray = g_strdup_printf ("bureau://%s/#v1.%s.%s", get_middle_address (fixture),
                              invitation->pin, invitation->secret);
    bureau_invitation_free (g_steal_pointer (&invitation));
    invitation = bureau_invitation_parse_link (astray, &error);
    g_assert_no_error (error);
    g_assert_null (get_offer (invitation, &error));
    assert_stranger (fixture, error);
    assert_deaf (fixture);
    g_assert_false (middle_knows (fixture->middle, invitation->secret));

    /* Also of one who does not ask first. */
    offer = g_new0 (BureauOffer, 1);
    offer->base_uri = g_strdup (middle_get_uri (fixture->middle));
    offer->pin = g_strdup (fixture->hub_pin);
    offer->secret = g_strdup (invitation->secret);
    offer->office_name = g_strdup ("");
    g_clear_error (&error);
    g_assert_null (join (offer, "Cleo", &error));
    assert_stranger (fixture, error);
    assert_deaf (fixture);
}

/* This machine's address on a network, where typed codes are for TLS. (nullable) (transfer full) */
static char *
find_network (Fixture *fixture)
{
    g_autofree char *address = bureau_hub_get_address (fixture->two.office->hub);

    if (address == NULL) {
        g_test_skip ("this machine is on no network");
        return NULL;
    }
    *strrchr (address, ':') = '\0';
    return g_steal_pointer (&address);
}

static BureauOffer *
get_typed_offer (const char *host, const char *uri, const char *code, GError **error)
{
    g_autofree char *address = g_strconcat (host, strrchr (uri, ':'), NULL);
    g_autoptr (BureauInvitation) invitation = bureau_invitation_parse_code (address, code, NULL);

    g_assert_nonnull (invitation);
    return get_offer (invitation, error);
}

/* A typed code has no pin. He hands on what is said, but a proof that is made for his key is worth
 * nothing at the hub; so the person never comes to say a name. */
static void
test_code (Fixture *fixture, gconstpointer data)
{
    g_autoptr (JsonObject) made = invite (fixture);
    const char *code = bureau_json_get_string (made, "code");
    g_autofree char *typed = bureau_code_normalize (code);
    g_autofree char *host = find_network (fixture);
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauOffer) offer = NULL;
    g_autoptr (BureauAccount) account = NULL;

    if (host == NULL)
        return;
    g_assert_null (get_typed_offer (host, middle_get_uri (fixture->middle), code, &error));
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN);
    g_assert_true (middle_knows (fixture->middle, "/api/v1/auth/code/prove"));
    g_assert_false (middle_knows (fixture->middle, code));
    g_assert_false (middle_knows (fixture->middle, typed));
    g_assert_false (middle_knows (fixture->middle, "Studio Nord"));
    g_clear_error (&error);

    offer = get_typed_offer (host, fixture->two.office->base_uri, code, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (offer->pin, ==, fixture->hub_pin);
    g_assert_cmpstr (offer->office_name, ==, "Studio Nord");
    account = join (offer, "Cleo", &error);
    g_assert_no_error (error);
    g_assert_cmpstr (account->pin, ==, fixture->hub_pin);
    g_assert_false (middle_knows (fixture->middle, PASSWORD));
    g_assert_false (middle_knows (fixture->middle, offer->secret));
}

/* Between looking and joining: what was proven is the key, not the address. */
static void
test_code_then_stranger (Fixture *fixture, gconstpointer data)
{
    g_autoptr (JsonObject) made = invite (fixture);
    g_autofree char *host = find_network (fixture);
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauOffer) offer = NULL;
    gsize heard;

    if (host == NULL)
        return;
    be_the_hub (fixture);
    offer = get_typed_offer (host, middle_get_uri (fixture->middle),
                             bureau_json_get_string (made, "code"), &error);
    g_assert_no_error (error);
    be_oneself (fixture);
    middle_cut (fixture->middle);
    heard = middle_count_heard (fixture->middle);
    g_assert_null (join (offer, "Cleo", &error));
    assert_stranger (fixture, error);
    g_assert_cmpuint (middle_count_heard (fixture->middle), ==, heard);
    g_assert_false (middle_knows (fixture->middle, PASSWORD));
}

/* Who knows not the code can't prove it either, whatever else is said. */
static void
lie (BureauServer *server, BureauExchange *exchange, gpointer data)
{
    gboolean proves = g_str_has_suffix (bureau_exchange_get_path (exchange), "/prove");

    *(guint *) data += 1;
    bureau_exchange_answer_take (
        exchange, 200, "application/json",
        g_strdup (proves ? "{\"ok\":true,\"proof\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
                           "\"code\":\"ticket\",\"office\":\"Studio Nord\",\"role\":\"member\"}"
                         : "{\"ok\":true,\"attempt\":\"a\",\"nonce\":\"AAAAAAAAAAAAAAAAAAAAAA\"}"));
}

static void
test_liar (Fixture *fixture, gconstpointer data)
{
    static const BureauServerHooks hooks = { .request = lie };
    guint requests = 0;
    g_autoptr (BureauServer) liar = bureau_server_new (&bureau_server_default_options, &hooks,
                                                       &requests);
    g_autoptr (BureauTlsIdentity) identity = bureau_tls_identity_new (fixture->other,
                                                                      fixture->other_key, NULL);
    g_autofree char *host = find_network (fixture);
    g_autofree char *uri = NULL;
    g_autoptr (GError) error = NULL;

    if (host == NULL)
        return;
    uri = bureau_server_listen (liar, "0.0.0.0", 0, identity, &error);
    g_assert_no_error (error);
    g_assert_null (get_typed_offer (host, uri, "K7QF-2M9X", &error));
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_STRANGER);
    g_assert_cmpstr (bureau_error_get_presented_pin (error), ==, fixture->middle_pin);
    g_assert_cmpuint (requests, ==, 2);
}

static void
test_sign_in (Fixture *fixture, gconstpointer data)
{
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GError) error = NULL;

    bureau_account_sign_in_async (middle_get_uri (fixture->middle), fixture->hub_pin, "ben",
                                  PASSWORD, "Laptop", NULL, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    g_assert_null (bureau_account_sign_in_finish (result, NULL, &error));
    assert_stranger (fixture, error);
    assert_deaf (fixture);
}

/* ------------------------------------------------------------------ after joining */

static gboolean
is_stranger (Person *person)
{
    return bureau_client_get_state (person->client) == BUREAU_CLIENT_STRANGER;
}

/* Ben's way to the office leads past him from now on; Ben was not there meanwhile. */
static void
lead_astray (Fixture *fixture)
{
    Person *ben = fixture->two.ben;

    person_stop (ben);
    g_free (ben->account->base_uri);
    ben->account->base_uri = g_strdup (middle_get_uri (fixture->middle));
    g_free (ben->account->pin);
    ben->account->pin = g_strdup (fixture->hub_pin);
}

static void
test_start (Fixture *fixture, gconstpointer data)
{
    Person *ben = fixture->two.ben;
    g_autofree char *secret = NULL;

    lead_astray (fixture);
    secret = g_strdup (ben->refresh_token);
    person_start (ben);
    WAIT_UNTIL (is_stranger (ben));
    g_assert_cmpstr (bureau_client_get_presented_pin (ben->client), ==, fixture->middle_pin);
    assert_deaf (fixture);
    g_assert_cmpstr (ben->refresh_token, ==, secret);

    /* It does not try again by itself, and not otherwise when told to. */
    bureau_client_reconnect (ben->client);
    WAIT_UNTIL (middle_count_visits (fixture->middle) > 1);
    WAIT_UNTIL (is_stranger (ben));
    assert_deaf (fixture);

    be_the_hub (fixture);
    bureau_client_reconnect (ben->client);
    WAIT_UNTIL (is_live (ben));
    g_assert_null (bureau_client_get_presented_pin (ben->client));
}

/* In the midst of work, live and by polling; nothing of it is lost. */
static void
test_midst (Fixture *fixture, gconstpointer data)
{
    Person *ben = fixture->two.ben;
    g_autofree char *id = NULL;
    gsize heard;

    lead_astray (fixture);
    be_the_hub (fixture);
    person_start_live (ben);
    be_oneself (fixture);
    middle_cut (fixture->middle);
    heard = middle_count_heard (fixture->middle);
    id = give_task (ben, "Keep this to yourself");
    WAIT_UNTIL (is_stranger (ben));
    g_assert_cmpstr (bureau_client_get_presented_pin (ben->client), ==, fixture->middle_pin);
    g_assert_cmpuint (bureau_client_get_waiting (ben->client), ==, 1);
    g_assert_cmpuint (middle_count_heard (fixture->middle), ==, heard);
    g_assert_false (middle_knows (fixture->middle, "Keep this to yourself"));

    be_the_hub (fixture);
    bureau_client_reconnect (ben->client);
    WAIT_UNTIL (is_settled (ben, id));
    WAIT_UNTIL (get_task (fixture->two.ana, id));
}

/* An account with a pin is never spoken to plainly, not even on this machine, where plain HTTP is
 * spoken otherwise; and one without is not elsewhere. */
static void
test_downgrade (Fixture *fixture, gconstpointer data)
{
    static const char *const distant = "http://192.0.2.1:28732";
    g_autofree char *plain = g_strconcat ("http://", fixture->two.office->listen, NULL);
    const struct {
        const char *uri;
        const char *pin;
    } rows[] = { { plain, fixture->hub_pin }, { distant, fixture->hub_pin }, { distant, "" } };

    for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
        g_autoptr (GAsyncResult) result = NULL;
        g_autoptr (GError) error = NULL;

        bureau_account_sign_in_async (rows[i].uri, rows[i].pin, "ben", PASSWORD, "Laptop", NULL,
                                      keep_result, &result);
        WAIT_UNTIL (result != NULL);
        g_assert_null (bureau_account_sign_in_finish (result, NULL, &error));
        g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE);
        g_assert_nonnull (strstr (error->message, "encrypted"));
    }
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);

#define ADD(path, function)                                                                        \
    g_test_add ("/stranger/" path, Fixture, NULL, set_up, function, tear_down)
    ADD ("link", test_link);
    ADD ("code", test_code);
    ADD ("code-then-stranger", test_code_then_stranger);
    ADD ("liar", test_liar);
    ADD ("sign-in", test_sign_in);
    ADD ("start", test_start);
    ADD ("midst", test_midst);
    ADD ("downgrade", test_downgrade);
    return g_test_run ();
}
