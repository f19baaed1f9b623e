/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Engine.IO, Socket.IO and JSON as nobody's client writes them (reliability.md, 3.5): each is
 * ignored, answered or the end, as wire.md, B4, has it; and those next door don't notice. */

#include <string.h>

#include "victim.h"

#define MEBIBYTE (1024 * 1024)
#define LOCAL    "Host: localhost\r\n"
#define POLLING  "/socket.io/?EIO=4&transport=polling"

#define IGNORED  0
#define ANSWERED 1 /* any other is a close code */

/* The connection still is, and is signed in. */
static void
expect_alive (RawClient *client)
{
    raw_client_send_text (client, "4299[\"e\",\"alive\"]");
    raw_client_expect_text (client, "4399[\"alive\"]");
}

static void
expect_end (RawClient *client, guint code)
{
    raw_client_send_text (client, "4299[\"e\",\"late\"]");
    g_assert_cmpuint (raw_client_read_close (client), ==, code);
}

/* Sends @text, signed in; @answer (nullable): what comes back. */
static void
try_text (Victim *victim, const char *text, gsize length, const char *answer, guint outcome)
{
    g_autoptr (RawClient) client = raw_client_sign_in (victim->uri, NULL);
    g_autofree char *shown = g_strescape (text, NULL);

    g_test_message ("%.60s", shown);
    raw_client_send_frame (client, 0x81, text, length);
    if (outcome == ANSWERED)
        raw_client_expect_text (client, answer);
    if (outcome == ANSWERED || outcome == IGNORED)
        expect_alive (client);
    else
        expect_end (client, outcome);
    victim_expect_well (victim);
}

/* ------------------------------------------------------------------ packets */

static guint
outcome_of_type (guint type)
{
    if (type >= 0x80)
        return 1007;
    if (type == '1')
        return 1005;
    return type != 0 && strchr ("0356", type) != NULL ? IGNORED : 4400;
}

static void
test_engine_types (Victim *victim, gconstpointer data)
{
    for (guint type = 0; type < 256; type++) {
        const char text[] = { type, '\0' };

        try_text (victim, text, 1, NULL, outcome_of_type (type));
    }
}

static guint
outcome_of_socket_type (guint type)
{
    if (type >= 0x80)
        return 1007;
    return type == '2' || type == '3' ? IGNORED : 4400;
}

/* The one that leaves is the end too: what comes next is for nobody. */
static void
test_socket_types (Victim *victim, gconstpointer data)
{
    for (guint type = 0; type < 256; type++) {
        const char text[] = { '4', type, '\0' };

        try_text (victim, text, 2, NULL, outcome_of_socket_type (type));
    }
}

typedef struct {
    const char *text;
    guint outcome;
    const char *answer;
} Case;

static const Case packets[] = {
    { "", 4400 },
    { "4", 4400 },
    { "4abc", 4400 },
    { "2probe", 4400 },
    { "40", 4400 },
    { "40{}", 4400 },
    { "40[]", 4400 },
    { "40/elsewhere,", ANSWERED, "44/elsewhere,{\"message\":\"Invalid namespace\"}" },
    { "40/elsewhere?a=b", ANSWERED, "44/elsewhere?a=b,{\"message\":\"Invalid namespace\"}" },
    { "42/elsewhere,[\"e\"]", 4400 },
    { "41/elsewhere,", 4400 },
    { "41{}", 4400 },
    { "44{\"message\":\"no\"}", 4400 },
    /* Names and what has none. */
    { "42[]", 4400 },
    { "42{}", 4400 },
    { "42[null]", 4400 },
    { "42[{}]", 4400 },
    { "42[true]", 4400 },
    { "42\"e\"", 4400 },
    { "427[7]", ANSWERED, "437[{}]" },
    { "42[\"connect\"]", 4400 },
    { "42[\"connect_error\"]", 4400 },
    { "42[\"disconnect\"]", 4400 },
    { "42[\"disconnecting\"]", 4400 },
    { "42[\"newListener\"]", 4400 },
    { "42[\"removeListener\"]", 4400 },
    { "42[\"\\u0064isconnect\"]", 4400 },
    { "428[\"error\",1]", ANSWERED, "438[1]" },
    /* Acknowledgements: ids that are none, and of what nobody asked. */
    { "42-1[\"e\"]", 4400 },
    { "421.5[\"e\"]", 4400 },
    { "421e3[\"e\"]", 4400 },
    { "42 1[\"e\"]", 4400 },
    { "4299999999999999999999[\"e\"]", 4400 },
    { "429007199254740991[\"e\",1]", ANSWERED, "439007199254740991[1]" },
    { "430[\"unasked\"]", IGNORED },
    { "439007199254740991[]", IGNORED },
    { "43[\"x\"]", IGNORED },
    { "431{}", 4400 },
    { "43-1[]", 4400 },
    /* Attachments. */
    { "45[\"e\"]", 4400 },
    { "450-[\"e\"]", 4400 },
    { "4511-[\"e\"]", 4400 },
    { "45999999-[\"e\"]", 4400 },
    { "4599999999999999999999-[\"e\"]", 4400 },
    { "45-1-[\"e\"]", 4400 },
    { "451-[\"e\",{\"_placeholder\":true,\"num\":-1}]", 4400 },
    { "451-[\"e\",{\"_placeholder\":true,\"num\":1}]", 4400 },
    { "451-[\"e\",{\"_placeholder\":true,\"num\":1000000000}]", 4400 },
    { "451-[\"e\",{\"_placeholder\":true,\"num\":1e9}]", 4400 },
    { "451-[\"e\",{\"_placeholder\":true,\"num\":\"x\"}]", 4400 },
    { "451-[\"e\",{\"_placeholder\":true}]", 4400 },
    { "461-0[{\"_placeholder\":true,\"num\":2}]", 4400 },
    /* A text where the attachment is due. */
    { "451-[\"e\",{\"_placeholder\":true,\"num\":0}]", 4400 },
    { "bAQID", 4400 },
    { "b!", 4400 },
};

static void
test_packets (Victim *victim, gconstpointer data)
{
    for (guint i = 0; i < G_N_ELEMENTS (packets); i++)
        try_text (victim, packets[i].text, strlen (packets[i].text), packets[i].answer,
                  packets[i].outcome);
}

/* All that a client may say before it has joined is that it wants to. */
static void
test_before_connect (Victim *victim, gconstpointer data)
{
    static const char *const texts[] = {
        "42[\"e\"]", "421[\"e\"]", "43[]", "41", "44{}", "451-[\"e\"]", "4/,", "bAQID",
    };

    for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
        g_autoptr (RawClient) client = raw_client_upgrade (victim->uri);

        raw_client_send_text (client, texts[i]);
        raw_client_send_text (client, "40");
        g_free (raw_client_read_text (client));
        g_assert_cmpuint (raw_client_read_close (client), ==, 4400);
        victim_expect_well (victim);
    }
}

/* A name as long as a message may be, one that is longer, and many that are refused. */
static void
test_namespaces (Victim *victim, gconstpointer data)
{
    g_autofree char *name = g_strnfill (1000000, 'x');
    g_autofree char *large = g_strconcat ("40/", name, NULL);
    g_autoptr (RawClient) client = raw_client_sign_in (victim->uri, NULL);
    gsize mark = victim_mark_memory (victim);

    try_text (victim, large, strlen (large), NULL, 1009);
    large[200000] = '\0';
    try_text (victim, large, strlen (large), NULL, 4400);
    for (guint i = 0; i < 5000; i++) {
        g_autofree char *connect = g_strdup_printf ("40/%u,", i);
        g_autofree char *refusal = g_strdup_printf ("44/%u,{\"message\":\"Invalid namespace\"}", i);

        raw_client_send_text (client, connect);
        raw_client_expect_text (client, refusal);
    }
    expect_alive (client);
    victim_expect_memory (victim, mark, 2 * MEBIBYTE);
}

/* ------------------------------------------------------------------ JSON */

static const Case values[] = {
    { "-0", ANSWERED },
    { "1E-400", ANSWERED },
    { "1.7976931348623157e308", ANSWERED },
    { "9223372036854775807", ANSWERED },
    { "-9223372036854775808", ANSWERED },
    { "9223372036854775808", 4400 },
    { "-9223372036854775809", 4400 },
    { "1e999", 4400 },
    { "-1e999", 4400 },
    { "NaN", 4400 },
    { "01", 4400 },
    { "0x1", 4400 },
    { "+1", 4400 },
    { ".5", 4400 },
    { "{\"__proto__\":{\"admin\":true}}", ANSWERED },
    { "{\"constructor\":{\"prototype\":1}}", ANSWERED },
    { "{\"a\":1,\"a\":2}", 4400 },
    { "{\"a\":1,\"\\u0061\":2}", 4400 },
    { "\"\\ud83d\\ude00\"", ANSWERED },
    { "\"\\ud83d\"", 4400 },
    { "\"\\ude00\\ud83d\"", 4400 },
    { "\"\\u0000\"", 4400 },
    { "\"\\x00\"", 4400 },
    { "'a'", 4400 },
    { "undefined", 4400 },
    { "/**/1", 4400 },
    { "1,", 4400 },
    { "[1,]", 4400 },
    { "\xef\xbb\xbf{}", 4400 },
    { "\"\xc0\xaf\"", 1007 },
    { "\"\xed\xa0\x80\"", 1007 },
    { "1][\"e\"", 4400 },
    { "1]]", 4400 },
    { "{\"a\":1", 4400 },
};

static void
try_value (Victim *victim, const char *value, guint outcome)
{
    g_autofree char *text = g_strdup_printf ("421[\"e\",%s]", value);
    g_autofree char *answer = g_strdup_printf ("431[%s]", value);

    try_text (victim, text, strlen (text), answer, outcome);
}

static void
test_values (Victim *victim, gconstpointer data)
{
    for (guint i = 0; i < G_N_ELEMENTS (values); i++)
        try_value (victim, values[i].text, values[i].outcome);
    try_text (victim, "421\xef\xbb\xbf[\"e\"]", 12, NULL, 4400);
    try_text (victim, "421[\"e\"]\0", 9, NULL, 4400);
}

/* @depth arrays, closed again or not. */
static void
try_depth (Victim *victim, guint depth, gboolean closed, guint outcome)
{
    g_autofree char *begin = g_strnfill (depth, '[');
    g_autofree char *end = g_strnfill (closed ? depth : 0, ']');
    g_autofree char *value = g_strconcat (begin, end, NULL);

    try_value (victim, value, outcome);
}

static void
test_depth (Victim *victim, gconstpointer data)
{
    /* The event's own is the first. */
    try_depth (victim, 31, TRUE, ANSWERED);
    try_depth (victim, 32, TRUE, 4400);
    try_depth (victim, 100000, TRUE, 4400);
    try_depth (victim, 200000, FALSE, 4400);
    try_depth (victim, 1000000, FALSE, 1009);
}

static void
try_keys (Victim *victim, guint count, guint outcome)
{
    g_autoptr (GString) object = g_string_new ("{");

    for (guint i = 0; i < count; i++)
        g_string_append_printf (object, "%s\"%u\":0", i == 0 ? "" : ",", i);
    g_string_append_c (object, '}');
    try_value (victim, object->str, outcome);
}

static void
test_size (Victim *victim, gconstpointer data)
{
    g_autofree char *filler = g_strnfill (64 * 1024, 'x');
    g_autofree char *string = g_strdup_printf ("\"%s\"", filler);
    g_autofree char *digits = g_strnfill (10000, '1');
    gsize mark = victim_mark_memory (victim);

    try_value (victim, string, ANSWERED);
    try_value (victim, digits, 4400);
    try_keys (victim, 1024, ANSWERED);
    try_keys (victim, 1025, 4400);
    try_keys (victim, 20000, 4400);
    try_keys (victim, 100000, 1009);
    victim_expect_memory (victim, mark, 4 * MEBIBYTE);
}

/* ------------------------------------------------------------------ polling */

static char *
post (Victim *victim, const char *sid, const char *body)
{
    g_autofree char *request = g_strdup_printf ("POST " POLLING "&sid=%s HTTP/1.1\r\n" LOCAL
                                                "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n%s",
                                                sid, strlen (body), body);

    return raw_client_request (victim->uri, request);
}

static char *
get (Victim *victim, const char *sid)
{
    g_autofree char *request = g_strdup_printf ("GET " POLLING "&sid=%s HTTP/1.1\r\n" LOCAL "\r\n",
                                                sid);
    g_autoptr (RawClient) client = raw_client_new (victim->uri);

    raw_client_send_string (client, request);
    return raw_client_read_answer (client);
}

static void
expect_unknown (Victim *victim, const char *sid)
{
    g_autofree char *got = get (victim, sid);
    g_autofree char *posted = post (victim, sid, "40");

    g_assert_true (g_str_has_prefix (got, "HTTP/1.1 400"));
    g_assert_nonnull (strstr (got, "{\"code\":1,\"message\":\"Session ID unknown\"}"));
    g_assert_true (g_str_has_prefix (posted, "HTTP/1.1 400"));
    victim_expect_well (victim);
}

/* The text between @start and the next quotation mark. */
static char *
cut_id (const char *text, const char *start)
{
    const char *found = strstr (text, start);

    g_assert_nonnull (found);
    return g_strndup (found + strlen (start), strcspn (found + strlen (start), "\""));
}

static char *
open_session (Victim *victim)
{
    g_autofree char *answer = raw_client_request (victim->uri,
                                                  "GET " POLLING " HTTP/1.1\r\n" LOCAL "\r\n");

    return cut_id (answer, "0{\"sid\":\"");
}

/* What others can know of a connection does not lead into it. */
static void
test_session_ids (Victim *victim, gconstpointer data)
{
    g_autoptr (RawClient) client = raw_client_upgrade (victim->uri);
    g_autofree char *open = raw_client_read_text (client);
    g_autofree char *session = cut_id (open, "{\"sid\":\"");
    g_autofree char *long_id = g_strnfill (10000, 'A');
    g_autofree char *connected = NULL, *public_id = NULL, *taken = NULL;

    raw_client_send_text (client, "40");
    connected = raw_client_read_text (client);
    public_id = cut_id (connected, "{\"sid\":\"");
    expect_unknown (victim, public_id);
    expect_unknown (victim, "");
    expect_unknown (victim, "AAAAAAAAAAAAAAAAAAAA");
    expect_unknown (victim, long_id);
    expect_unknown (victim, "..%2f..%2fetc%2fpasswd");
    expect_unknown (victim, "'%20OR%201=1--");
    /* Nor does the session's own id, once it is a WebSocket's. */
    taken = get (victim, session);
    g_assert_nonnull (strstr (taken, "{\"code\":3,\"message\":\"Bad request\"}"));
    expect_alive (client);
}

/* What waited may be fetched once more, with the end behind it. */
static void
expect_gone (Victim *victim, const char *sid)
{
    g_autofree char *last = get (victim, sid);

    if (!g_str_has_prefix (last, "HTTP/1.1 400") && !g_str_has_suffix (last, "\n1") &&
        !g_str_has_suffix (last, "\x1e\x31"))
        g_error ("%s", last);
    expect_unknown (victim, sid);
}

/* The one after the last good packet is the end; and what comes of it is not worked for long. */
static void
test_payloads (Victim *victim, gconstpointer data)
{
    static const struct {
        const char *body; /* with commas for separators */
        const char *answer;
    } cases[] = {
        { "", "HTTP/1.1 400" },        { ",", "HTTP/1.1 400" },
        { ",40", "HTTP/1.1 400" },     { "40,", "HTTP/1.1 400" },
        { "bAQ", "HTTP/1.1 400" },     { "40,bAQ-_", "HTTP/1.1 400" },
        { "40,\xff", "HTTP/1.1 400" }, { "abc", "HTTP/1.1 400" },
        { "b", "HTTP/1.1 200" },       { "bAQI=,40", "HTTP/1.1 200" },
        { "4abc", "HTTP/1.1 200" },    { "40,4abc", "HTTP/1.1 200" },
        { "40,40", "HTTP/1.1 200" },   { "42[\"e\"]", "HTTP/1.1 200" },
    };
    g_autofree char *separators = g_strnfill (100000, 0x1e);
    g_autofree char *busy = open_session (victim);
    g_autofree char *refusal = post (victim, busy, separators);

    g_assert_true (g_str_has_prefix (refusal, "HTTP/1.1 413"));
    for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
        g_autofree char *sid = open_session (victim);
        g_autofree char *body = g_strdelimit (g_strdup (cases[i].body), ",", 0x1e);
        g_autofree char *answer = post (victim, sid, body);

        if (!g_str_has_prefix (answer, cases[i].answer))
            g_error ("%s: %s", cases[i].body, answer);
        expect_gone (victim, sid);
    }
}

/* Probes by the dozen, of which none gets on: the session does not care. */
static void
test_probes (Victim *victim, gconstpointer data)
{
    g_autofree char *sid = open_session (victim);
    g_autofree char *query = g_strconcat ("&sid=", sid, NULL);
    g_autofree char *joined = post (victim, sid, "40");
    RawClient *clients[50];
    g_autofree char *answer = NULL;

    g_assert_true (g_str_has_suffix (joined, "ok"));
    for (guint i = 0; i < G_N_ELEMENTS (clients); i++) {
        clients[i] = raw_client_ask_upgrade (victim->uri, query);
        raw_client_send_text (clients[i], i % 3 == 0 ? "2probe" : i % 3 == 1 ? "5" : "garbage");
        victim_expect_well (victim);
        if (i % 2 == 0)
            raw_client_free (g_steal_pointer (&clients[i]));
    }
    answer = get (victim, sid);
    g_assert_nonnull (strstr (answer, "40{\"sid\":\""));
    for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
        g_clear_pointer (&clients[i], raw_client_free);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
#define TEST(name, func)                                                                           \
    g_test_add ("/hostile/socket-io/" name, Victim, NULL, victim_set_up, func, victim_tear_down)
    TEST ("engine-types", test_engine_types);
    TEST ("socket-types", test_socket_types);
    TEST ("packets", test_packets);
    TEST ("before-connect", test_before_connect);
    TEST ("namespaces", test_namespaces);
    TEST ("json/values", test_values);
    TEST ("json/depth", test_depth);
    TEST ("json/size", test_size);
    TEST ("session-ids", test_session_ids);
    TEST ("payloads", test_payloads);
    TEST ("probes", test_probes);
#undef TEST
    return g_test_run ();
}
