/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-error.h"
#include "bureau-invitation.h"

#define PIN "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"

static void
test_good_links (void)
{
    static const struct {
        const char *link;
        const char *host;
        guint16 port;
        const char *pin;
        const char *secret;
    } rows[] = {
        { "bureau://127.0.0.1:43121/#v1..abc_-9", "127.0.0.1", 43121, "", "abc_-9" },
        { "bureau://studio.local:28732/#v1." PIN ".abc", "studio.local", 28732, PIN, "abc" },
        { "bureau://[fe80::1]:28732/#v1." PIN ".abc", "fe80::1", 28732, PIN, "abc" },
        { "bureau://a-1:1/#v1." PIN ".K7QF2M9X", "a-1", 1, PIN, "K7QF2M9X" },
        { "bureau://[::1]:1/#v1..abc", "::1", 1, "", "abc" },
        { "bureau://localhost:1/#v1..abc", "localhost", 1, "", "abc" },
        { "bureau://studio.local:28732/#v1." PIN ".", "studio.local", 28732, PIN, "" },
    };

    for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
        g_autoptr (GError) error = NULL;
        g_autoptr (BureauInvitation) invitation = NULL;
        g_autofree char *link = NULL;

        invitation = bureau_invitation_parse_link (rows[i].link, &error);
        g_assert_no_error (error);
        g_assert_cmpstr (invitation->host, ==, rows[i].host);
        g_assert_cmpuint (invitation->port, ==, rows[i].port);
        g_assert_cmpstr (invitation->pin, ==, rows[i].pin);
        g_assert_cmpstr (invitation->secret, ==, rows[i].secret);
        g_assert_false (invitation->typed);
        link = bureau_invitation_to_link (invitation);
        g_assert_cmpstr (link, ==, rows[i].link);
    }
}

static void
test_friendly_links (void)
{
    static const char *const links[] = {
        "  bureau://127.0.0.1:28732/#v1..abc\n",
        "BUREAU://127.0.0.1:28732/#v1..abc",
        "bureau://127.0.0.1/#v1..abc",
    };

    for (guint i = 0; i < G_N_ELEMENTS (links); i++) {
        g_autoptr (BureauInvitation) invitation = bureau_invitation_parse_link (links[i], NULL);
        g_autofree char *link = NULL;

        g_assert_nonnull (invitation);
        link = bureau_invitation_to_link (invitation);
        g_assert_cmpstr (link, ==, "bureau://127.0.0.1:28732/#v1..abc");
    }
}

static void
test_bad_links (void)
{
    static const char *const links[] = {
        "",
        "bureau://",
        "bureau:///#v1..abc",
        "http://127.0.0.1:1/#v1..abc",
        "bureau://127.0.0.1:1#v1..abc",
        "bureau://127.0.0.1:1/path#v1..abc",
        "bureau://127.0.0.1:1/path/#v1..abc",
        "bureau://127.0.0.1:1/?q#v1..abc",
        "bureau://127.0.0.1:1/?q/#v1..abc",
        "bureau://user@127.0.0.1:1/#v1..abc",
        "bureau://user:pass@host:1/#v1..abc",
        "bureau://127.0.0.1:0/#v1..abc",
        "bureau://127.0.0.1:65536/#v1..abc",
        "bureau://127.0.0.1:+1/#v1..abc",
        "bureau://127.0.0.1:01/#v1..abc",
        "bureau://127.0.0.1: 1/#v1..abc",
        "bureau://127.0.0.1:/#v1..abc",
        "bureau://127.0.0.1:1:2/#v1..abc",
        "bureau://127.1:1/#v1..abc",
        "bureau://0x7f000001:1/#v1..abc",
        "bureau://2130706433:1/#v1..abc",
        "bureau://127.0.0.256:1/#v1..abc",
        "bureau://host.:1/#v1..abc",
        "bureau://-host:1/#v1..abc",
        "bureau://host-:1/#v1..abc",
        "bureau://ho_st:1/#v1..abc",
        "bureau://h\xc3\xb6st:1/#v1..abc",
        "bureau://ho\x01st:1/#v1..abc",
        "bureau://ho%41st:1/#v1..abc",
        "bureau://[::1:1/#v1..abc",
        "bureau://[::1]x:1/#v1..abc",
        "bureau://[fe80::1%eth0]:1/#v1..abc",
        "bureau://[127.0.0.1]:1/#v1..abc",
        "bureau://::1:1/#v1..abc",
        "bureau://host:1/#v2..abc",
        "bureau://host:1/#v1.abc",
        "bureau://host:1/#v1..",
        "bureau://host:1/#v1..a.b",
        "bureau://host:1/#v1..a b",
        "bureau://127.0.0.1:1/#v1..a b",
        "bureau://127.0.0.1:1/#v1..a.b",
        "bureau://host:1/#v1..abc",
        "bureau://128.0.0.1:1/#v1..abc",
        "bureau://host:1/#v1..a=",
        "bureau://host:1/#v1.short.abc",
        "bureau://host:1/#v1." PIN "x.abc",
    };
    g_autofree char *long_label = g_strnfill (64, 'a');
    g_autofree char *long_link = g_strdup_printf ("bureau://%s:1/#v1..abc", long_label);
    g_autofree char *long_secret = g_strnfill (129, 'a');
    g_autofree char *long_fragment = g_strdup_printf ("bureau://host:1/#v1..%s", long_secret);

    for (guint i = 0; i < G_N_ELEMENTS (links); i++) {
        g_autoptr (GError) error = NULL;

        g_test_message ("%s", links[i]);
        g_assert_null (bureau_invitation_parse_link (links[i], &error));
        g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_INVALID);
        g_assert_cmpstr (bureau_error_get_field (error), ==, "link");
    }
    g_assert_null (bureau_invitation_parse_link (long_link, NULL));
    g_assert_null (bureau_invitation_parse_link (long_fragment, NULL));
    g_assert_null (bureau_invitation_parse_link (NULL, NULL));
}

static void
test_typed (void)
{
    static const struct {
        const char *address;
        const char *code;
        const char *base_uri;
        const char *field;
    } rows[] = {
        { "127.0.0.1:43121", "K7QF-2M9X", "http://127.0.0.1:43121", NULL },
        { "http://127.0.0.1:43121", "k7qf2m9x", "http://127.0.0.1:43121", NULL },
        { "http://127.0.0.1:43121/", "k7qf 2m9x", "http://127.0.0.1:43121", NULL },
        { " studio.local ", "k7qf2m9x", "https://studio.local:28732", NULL },
        { "HTTP://studio.local", "k7qf2m9x", "https://studio.local:28732", NULL },
        { "https://studio.local:5/", "k7qf2m9x", "https://studio.local:5", NULL },
        { "https://127.0.0.1:5", "k7qf2m9x", "http://127.0.0.1:5", NULL },
        { "192.168.1.20", "k7qf2m9x", "https://192.168.1.20:28732", NULL },
        { "localhost:5", "k7qf2m9x", "http://localhost:5", NULL },
        { "[::1]", "k7qf2m9x", "http://[::1]:28732", NULL },
        { "[::1]:5", "k7qf2m9x", "http://[::1]:5", NULL },
        { "", "k7qf2m9x", NULL, "address" },
        { NULL, "k7qf2m9x", NULL, "address" },
        { "http://", "k7qf2m9x", NULL, "address" },
        { "https://", "k7qf2m9x", NULL, "address" },
        { "ftp://host", "k7qf2m9x", NULL, "address" },
        { "host/path", "k7qf2m9x", NULL, "address" },
        { "host", "k7qf2m9", NULL, "code" },
        { "host", "", NULL, "code" },
        { "host", NULL, NULL, "code" },
    };

    for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
        g_autoptr (GError) error = NULL;
        g_autoptr (BureauInvitation) invitation = NULL;
        g_autofree char *base_uri = NULL;

        invitation = bureau_invitation_parse_code (rows[i].address, rows[i].code, &error);
        g_assert_cmpstr (bureau_error_get_field (error), ==, rows[i].field);
        if (rows[i].base_uri == NULL) {
            g_assert_null (invitation);
            continue;
        }
        base_uri = bureau_invitation_to_base_uri (invitation);
        g_assert_cmpstr (base_uri, ==, rows[i].base_uri);
        g_assert_cmpstr (invitation->secret, ==, "K7QF2M9X");
        g_assert_cmpstr (invitation->pin, ==, "");
        g_assert_true (invitation->typed);
    }
}

/* TLS wherever there is a certificate to hold to, on this machine too. */
static void
test_base_uri (void)
{
    static const char *const rows[][2] = {
        { "bureau://127.0.0.1:5/#v1..abc", "http://127.0.0.1:5" },
        { "bureau://127.0.0.1:5/#v1." PIN ".abc", "https://127.0.0.1:5" },
        { "bureau://[fe80::1]:5/#v1." PIN ".abc", "https://[fe80::1]:5" },
    };

    for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
        g_autoptr (BureauInvitation) invitation = bureau_invitation_parse_link (rows[i][0], NULL);
        g_autoptr (BureauInvitation) copy = bureau_invitation_copy (invitation);
        g_autofree char *base_uri = bureau_invitation_to_base_uri (copy);

        g_assert_cmpstr (base_uri, ==, rows[i][1]);
    }
}

static void
test_codes (void)
{
    static const struct {
        const char *typed;
        const char *code;
    } rows[] = {
        { "K7QF-2M9X", "K7QF2M9X" },
        { " k7 qf-2m 9x ", "K7QF2M9X" },
        { "oOiIlL00", "00111100" },
        { "UUUUUUUU", NULL },
        { "K7QF2M9", NULL },
        { "K7QF2M9XX", NULL },
        { "K7QF2M9\xc3\xa4", NULL },
        { "K7QF.2M9X", NULL },
        { "", NULL },
        { NULL, NULL },
    };
    g_autofree char *formatted = bureau_code_format ("K7QF2M9X");

    for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
        g_autofree char *code = bureau_code_normalize (rows[i].typed);

        g_assert_cmpstr (code, ==, rows[i].code);
    }
    g_assert_cmpstr (formatted, ==, "K7QF-2M9X");
}

static void
test_addresses (void)
{
    g_autofree char *four = bureau_hub_address_join ("192.0.2.7", 28732);
    g_autofree char *six = bureau_hub_address_join ("2001:db8::7", 1);
    g_autofree char *name = bureau_hub_address_join ("studio.local", 65535);

    g_assert_cmpstr (four, ==, "192.0.2.7:28732");
    g_assert_cmpstr (six, ==, "[2001:db8::7]:1");
    g_assert_cmpstr (name, ==, "studio.local:65535");
    g_assert_true (bureau_hub_address_is_loopback ("127.3.2.1"));
    g_assert_true (bureau_hub_address_is_loopback ("::1"));
    g_assert_true (bureau_hub_address_is_loopback ("LocalHost"));
    g_assert_false (bureau_hub_address_is_loopback ("0.0.0.0"));
    g_assert_false (bureau_hub_address_is_loopback ("localhost.example"));
    g_assert_false (bureau_hub_address_is_loopback (""));
}

int
main (int argc, char *argv[])
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/invitation/good-links", test_good_links);
    g_test_add_func ("/invitation/friendly-links", test_friendly_links);
    g_test_add_func ("/invitation/bad-links", test_bad_links);
    g_test_add_func ("/invitation/typed", test_typed);
    g_test_add_func ("/invitation/base-uri", test_base_uri);
    g_test_add_func ("/invitation/codes", test_codes);
    g_test_add_func ("/invitation/addresses", test_addresses);
    return g_test_run ();
}
