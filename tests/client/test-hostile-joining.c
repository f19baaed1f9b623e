/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* A hub that lies to whoever wants to join: it gets neither the code nor a name nor a password, and
 * the client takes no harm. */

#include "bureau-error.h"
#include "bureau-inquiry.h"
#include "bureau-proof.h"
#include "bureau-tls-certificate.h"
#include "fixture.h"
#include "test-identity.h"

#include <libsoup/soup.h>
#include <string.h>

#define CODE  "K7QF2M9X"
#define PROOF "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define OFFER "\"office\":\"Studio Nord\",\"role\":\"member\""
/* Loopback, but not for who looks at the text alone: so it is spoken to by TLS. */
#define NETWORK_HOST "::ffff:7f00:1"

#define ANA    "22222222-2222-4222-8222-222222222222"
#define OFFICE "11111111-1111-4111-8111-111111111111"

typedef struct {
    SoupServer *server; /* (owned) */
    guint16 port;
    char *pin;         /* (owned): "" without TLS */
    char *begin;       /* (owned) (nullable): what it answers to auth/code; NULL: honestly */
    char *answer;      /* (owned) (nullable): to all else; NULL: with the proof it was given */
    char *redirect;    /* (owned) (nullable): where it sends everybody … */
    guint status;      /* … and how */
    GPtrArray *visits; /* (owned): paths */
    GString *heard;    /* (owned): bodies */
} Liar;

static char *
begin_honestly (void)
{
    g_autofree char *nonce = bureau_proof_nonce_new ();

    return g_strdup_printf ("{\"ok\":true,\"attempt\":\"a\",\"nonce\":\"%s\"}", nonce);
}

/* The client's proof, as if it were the hub's. */
static char *
reflect (const char *body)
{
    const char *proof = strstr (body, "\"proof\":\"");

    g_assert_nonnull (proof);
    return g_strdup_printf ("{\"ok\":true,%.*s,\"code\":\"ticket\"," OFFER "}",
                            (int) strlen ("\"proof\":\"" PROOF "\""), proof);
}

static void
on_request_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
               gpointer data)
{
    Liar *liar = data;
    SoupMessageBody *body = soup_server_message_get_request_body (message);
    g_autoptr (GBytes) bytes = soup_message_body_flatten (body);
    g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
    g_autofree char *answer = NULL;

    g_ptr_array_add (liar->visits, g_strdup (path));
    g_string_append (liar->heard, text);
    if (liar->redirect) {
        soup_server_message_set_redirect (message, liar->status, liar->redirect);
        return;
    }
    if (g_str_has_suffix (path, "/auth/code"))
        answer = liar->begin ? g_strdup (liar->begin) : begin_honestly ();
    else
        answer = liar->answer ? g_strdup (liar->answer) : reflect (text);
    soup_server_message_set_status (message, 200, NULL);
    soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, answer,
                                      strlen (answer));
}

static void
use_tls (Liar *liar)
{
    g_autofree char *certificate = NULL;
    g_autofree char *key = NULL;
    g_autofree char *pem = NULL;
    g_autoptr (GTlsCertificate) tls = NULL;
    g_autoptr (GError) error = NULL;

    test_identity_new (&certificate, &key);
    pem = g_strconcat (certificate, key, NULL);
    tls = g_tls_certificate_new_from_pem (pem, -1, &error);
    g_assert_no_error (error);
    soup_server_set_tls_certificate (liar->server, tls);
    liar->pin = bureau_tls_key_get_pin (key, NULL);
}

/* @data: whether it speaks TLS. */
static void
set_up (Liar *liar, gconstpointer data)
{
    SoupServerListenOptions options = SOUP_SERVER_LISTEN_IPV4_ONLY;
    g_autoptr (GError) error = NULL;
    GSList *uris;

    liar->server = soup_server_new (NULL, NULL);
    liar->visits = g_ptr_array_new_with_free_func (g_free);
    liar->heard = g_string_new (NULL);
    if (data) {
        use_tls (liar);
        options |= SOUP_SERVER_LISTEN_HTTPS;
    } else {
        liar->pin = g_strdup ("");
    }
    soup_server_add_handler (liar->server, "/", on_request_cb, liar, NULL);
    soup_server_listen_local (liar->server, 0, options, &error);
    g_assert_no_error (error);
    uris = soup_server_get_uris (liar->server);
    liar->port = g_uri_get_port (uris->data);
    g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
}

static void
tear_down (Liar *liar, gconstpointer data)
{
    soup_server_disconnect (liar->server);
    g_object_unref (liar->server);
    g_free (liar->pin);
    g_free (liar->begin);
    g_free (liar->answer);
    g_free (liar->redirect);
    g_ptr_array_unref (liar->visits);
    g_string_free (liar->heard, TRUE);
}

/* ------------------------------------------------------------------ typed codes */

/* Never what was typed, in whatever form. */
static void
try_code (Liar *liar, GError **error)
{
    g_autofree char *address = g_strdup_printf ("[" NETWORK_HOST "]:%u", liar->port);
    g_autoptr (BureauInvitation) invitation = bureau_invitation_parse_code (address, CODE, NULL);

    g_assert_nonnull (invitation);
    g_assert_null (get_offer (invitation, error));
    g_assert_null (strstr (liar->heard->str, CODE));
}

static void
assert_no_proof (Liar *liar)
{
    g_autoptr (GError) error = NULL;

    g_ptr_array_set_size (liar->visits, 0);
    try_code (liar, &error);
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_STRANGER);
    g_assert_null (bureau_error_get_expected_pin (error));
    g_assert_cmpstr (bureau_error_get_presented_pin (error), ==, liar->pin);
    g_assert_cmpuint (liar->visits->len, ==, 2);
}

static void
test_proofs (Liar *liar, gconstpointer data)
{
    static const char *const PROOFS[] = {
        "",
        "\"proof\":null,",
        "\"proof\":\"\",",
        "\"proof\":\"" PROOF "\",",
        "\"proof\":\"" PROOF PROOF "\",",
        "\"proof\":[1],",
    };

    for (guint i = 0; i < G_N_ELEMENTS (PROOFS); i++) {
        g_free (liar->answer);
        liar->answer = g_strdup_printf ("{\"ok\":true,%s\"code\":\"ticket\"," OFFER "}", PROOFS[i]);
        assert_no_proof (liar);
    }
    g_clear_pointer (&liar->answer, g_free);
    assert_no_proof (liar);
}

/* What begins with nonsense goes no further. */
static void
test_beginnings (Liar *liar, gconstpointer data)
{
    g_autofree char *deep = g_strnfill (10000, '[');
    const char *const BEGINNINGS[] = {
        "",
        "null",
        "[]",
        "{",
        "{}",
        "{\"ok\":true}",
        "{\"ok\":false}",
        "{\"ok\":true,\"attempt\":\"a\",\"nonce\":\"AAAAAAAAAAAAAAAAAAAAA\"}",
        "{\"ok\":true,\"attempt\":\"a\",\"nonce\":7}",
        "{\"ok\":true,\"nonce\":\"AAAAAAAAAAAAAAAAAAAAAA\"}",
        "{\"ok\":true,\"attempt\":[],\"nonce\":\"AAAAAAAAAAAAAAAAAAAAAA\"}",
        "{\"ok\":true,\"ok\":true,\"attempt\":\"a\",\"nonce\":\"AAAAAAAAAAAAAAAAAAAAAA\"}",
        deep,
    };

    for (guint i = 0; i < G_N_ELEMENTS (BEGINNINGS); i++) {
        g_autoptr (GError) error = NULL;

        g_free (liar->begin);
        liar->begin = g_strdup (BEGINNINGS[i]);
        g_ptr_array_set_size (liar->visits, 0);
        try_code (liar, &error);
        g_assert_nonnull (error);
        g_assert_true (error->domain == BUREAU_ERROR);
        g_assert_cmpuint (liar->visits->len, ==, 1);
    }
}

static void
test_huge (Liar *liar, gconstpointer data)
{
    g_autoptr (GError) error = NULL;

    liar->begin = g_strnfill (4 * 1024 * 1024, ' ');
    try_code (liar, &error);
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_TOO_LARGE);
    g_assert_cmpuint (liar->visits->len, ==, 1);
}

/* Each kind: some make a GET of what was a POST, some are for a GET only. */
static const guint REDIRECTS[] = { 301, 302, 303, 307, 308 };

static void
begin_redirecting (Liar *liar, Liar *other, const char *path)
{
    set_up (other, NULL);
    liar->redirect = g_strdup_printf ("http://127.0.0.1:%u%s", other->port, path);
}

static void
test_redirect (Liar *liar, gconstpointer data)
{
    Liar other = { 0 };

    begin_redirecting (liar, &other, "/api/v1/auth/code");
    for (guint i = 0; i < G_N_ELEMENTS (REDIRECTS); i++) {
        g_autoptr (GError) error = NULL;

        liar->status = REDIRECTS[i];
        try_code (liar, &error);
        g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE);
        g_assert_cmpuint (liar->visits->len, ==, i + 1);
    }
    g_assert_cmpuint (other.visits->len, ==, 0);
    tear_down (&other, NULL);
}

/* What is asked for with a token is asked of nobody else. */
static void
test_redirected_token (Liar *liar, gconstpointer data)
{
    g_autofree char *base_uri = g_strdup_printf ("http://127.0.0.1:%u", liar->port);
    g_autoptr (SoupSession) soup = bureau_inquiry_session_new ("");
    Liar other = { 0 };

    begin_redirecting (liar, &other, "/api/v1/office");
    for (guint i = 0; i < G_N_ELEMENTS (REDIRECTS); i++) {
        g_autoptr (GAsyncResult) result = NULL;
        g_autoptr (GError) error = NULL;

        liar->status = REDIRECTS[i];
        bureau_inquiry_async (soup, base_uri, "GET", "/api/v1/office", "token", NULL, 1024, NULL,
                              keep_result, &result);
        WAIT_UNTIL (result != NULL);
        g_assert_null (bureau_inquiry_finish (result, &error));
        g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE);
    }
    g_assert_cmpuint (liar->visits->len, ==, G_N_ELEMENTS (REDIRECTS));
    g_assert_cmpuint (other.visits->len, ==, 0);
    tear_down (&other, NULL);
}

/* ------------------------------------------------------------------ links */

static void
test_offers (Liar *liar, gconstpointer data)
{
    g_autofree char *name = g_strnfill (BUREAU_MAX_NAME + 1, 'a');
    g_autofree char *long_name = g_strdup_printf (
        "{\"ok\":true,\"office\":\"%s\",\"role\":\"member\"}", name);
    const char *const OFFERS[] = {
        "{\"ok\":true}",
        "{\"ok\":true,\"office\":\"\",\"role\":\"member\"}",
        "{\"ok\":true,\"office\":{},\"role\":\"member\"}",
        "{\"ok\":true,\"office\":\"A\\nB\",\"role\":\"member\"}",
        "{\"ok\":true,\"office\":\"\\u202eA\",\"role\":\"member\"}",
        "{\"ok\":true,\"office\":\" \\u200b\",\"role\":\"member\"}",
        "{\"ok\":true,\"office\":\"A\",\"role\":\"emperor\"}",
        "{\"ok\":true,\"office\":\"A\"}",
        "{\"ok\":true,\"office\":\"A\",\"role\":\"member\",\"memberName\":\"\\u0007\"}",
        long_name,
    };
    g_autofree char *text = g_strdup_printf ("bureau://127.0.0.1:%u/#v1.%s.secret", liar->port,
                                             liar->pin);
    g_autoptr (BureauInvitation) invitation = bureau_invitation_parse_link (text, NULL);

    for (guint i = 0; i < G_N_ELEMENTS (OFFERS); i++) {
        g_autoptr (GError) error = NULL;

        g_free (liar->answer);
        liar->answer = g_strdup (OFFERS[i]);
        g_assert_null (get_offer (invitation, &error));
        g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE);
    }
}

static void
test_accounts (Liar *liar, gconstpointer data)
{
    static const char *const ANSWERS[] = {
        "{\"ok\":true}",
        "{\"ok\":true,\"user\":{\"id\":\"" ANA "\"},\"workspace\":{\"id\":\"" OFFICE "\"}}",
        "{\"ok\":true,\"user\":{\"id\":\"../../ana\"},\"workspace\":{\"id\":\"" OFFICE
        "\"},\"refreshToken\":\"r\"}",
        "{\"ok\":true,\"user\":{\"id\":\"" ANA "\"},\"workspace\":[],\"refreshToken\":\"r\"}",
        "{\"ok\":true,\"user\":{\"id\":\"" ANA "\"},\"workspace\":{\"id\":\"" OFFICE
        "\"},\"refreshToken\":[\"r\"]}",
    };
    g_autofree char *base_uri = g_strdup_printf ("http://127.0.0.1:%u", liar->port);

    for (guint i = 0; i < G_N_ELEMENTS (ANSWERS); i++) {
        g_autoptr (GAsyncResult) result = NULL;
        g_autoptr (GError) error = NULL;
        g_autofree char *token = NULL;

        g_free (liar->answer);
        liar->answer = g_strdup (ANSWERS[i]);
        bureau_account_sign_in_async (base_uri, "", "ana", "a-door-that-creaks", "Desk", NULL,
                                      keep_result, &result);
        WAIT_UNTIL (result != NULL);
        g_assert_null (bureau_account_sign_in_finish (result, &token, &error));
        g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE);
        g_assert_null (token);
    }
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);

#define ADD(name, tls, function)                                                                   \
    g_test_add ("/hostile-joining/" name, Liar, GINT_TO_POINTER (tls), set_up, function, tear_down)
    ADD ("proofs", TRUE, test_proofs);
    ADD ("beginnings", TRUE, test_beginnings);
    ADD ("huge", TRUE, test_huge);
    ADD ("redirect", TRUE, test_redirect);
    ADD ("redirected-token", FALSE, test_redirected_token);
    ADD ("offers", TRUE, test_offers);
    ADD ("accounts", FALSE, test_accounts);
#undef ADD

    return g_test_run ();
}
