/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The grammar of wire.md B1, and what B4 says of each packet. */

#include <string.h>

#include "bureau-packet.h"

typedef struct {
    const char *text;
    BureauPacketType type;
    guint attachments;
    const char *nsp;
    gint64 id;
    const char *json;
} Good;

static const Good good[] = {
    { "0", BUREAU_PACKET_CONNECT, 0, "/", -1, NULL },
    { "0{\"token\":\"1\"}", BUREAU_PACKET_CONNECT, 0, "/", -1, "{\"token\":\"1\"}" },
    { "0/admin,", BUREAU_PACKET_CONNECT, 0, "/admin", -1, NULL },
    { "0/custom", BUREAU_PACKET_CONNECT, 0, "/custom", -1, NULL },
    { "0/,", BUREAU_PACKET_CONNECT, 0, "/", -1, NULL },
    { "0/admin,{\"token\":\"1\"}", BUREAU_PACKET_CONNECT, 0, "/admin", -1, "{\"token\":\"1\"}" },
    { "0/a?b=c,{}", BUREAU_PACKET_CONNECT, 0, "/a?b=c", -1, "{}" },
    { "1", BUREAU_PACKET_DISCONNECT, 0, "/", -1, NULL },
    { "1/admin,", BUREAU_PACKET_DISCONNECT, 0, "/admin", -1, NULL },
    { "2[\"hey\",1]", BUREAU_PACKET_EVENT, 0, "/", -1, "[\"hey\",1]" },
    { "2/admin,[\"hey\"]", BUREAU_PACKET_EVENT, 0, "/admin", -1, "[\"hey\"]" },
    { "212[\"q\"]", BUREAU_PACKET_EVENT, 0, "/", 12, "[\"q\"]" },
    { "2/admin,12[\"q\"]", BUREAU_PACKET_EVENT, 0, "/admin", 12, "[\"q\"]" },
    { "20[\"q\"]", BUREAU_PACKET_EVENT, 0, "/", 0, "[\"q\"]" },
    { "29007199254740991[\"q\"]", BUREAU_PACKET_EVENT, 0, "/", 9007199254740991, "[\"q\"]" },
    { "2[7]", BUREAU_PACKET_EVENT, 0, "/", -1, "[7]" },
    { "2[-1,{}]", BUREAU_PACKET_EVENT, 0, "/", -1, "[-1,{}]" },
    { "2[\"connection\"]", BUREAU_PACKET_EVENT, 0, "/", -1, "[\"connection\"]" },
    { "2[\"error\"]", BUREAU_PACKET_EVENT, 0, "/", -1, "[\"error\"]" },
    { "2", BUREAU_PACKET_EVENT, 0, "/", -1, NULL },
    { "312[\"a\"]", BUREAU_PACKET_ACK, 0, "/", 12, "[\"a\"]" },
    { "3/admin,12[]", BUREAU_PACKET_ACK, 0, "/admin", 12, "[]" },
    { "3[]", BUREAU_PACKET_ACK, 0, "/", -1, "[]" },
    { "4{\"message\":\"no\",\"data\":{\"code\":42}}", BUREAU_PACKET_CONNECT_ERROR, 0, "/", -1,
      "{\"message\":\"no\",\"data\":{\"code\":42}}" },
    { "4\"no\"", BUREAU_PACKET_CONNECT_ERROR, 0, "/", -1, "\"no\"" },
    { "4/x,{\"message\":\"Invalid namespace\"}", BUREAU_PACKET_CONNECT_ERROR, 0, "/x", -1,
      "{\"message\":\"Invalid namespace\"}" },
    { "51-[\"f\",{\"_placeholder\":true,\"num\":0}]", BUREAU_PACKET_BINARY_EVENT, 1, "/", -1,
      "[\"f\",{\"_placeholder\":true,\"num\":0}]" },
    { "52-/admin,7[\"f\"]", BUREAU_PACKET_BINARY_EVENT, 2, "/admin", 7, "[\"f\"]" },
    { "510-[\"f\"]", BUREAU_PACKET_BINARY_EVENT, 10, "/", -1, "[\"f\"]" },
    { "51-[\"f\",{\"a\":[{\"num\":0,\"_placeholder\":true,\"x\":1}]}]", BUREAU_PACKET_BINARY_EVENT,
      1, "/", -1, "[\"f\",{\"a\":[{\"num\":0,\"_placeholder\":true,\"x\":1}]}]" },
    { "51-[\"f\",{\"_placeholder\":false,\"num\":9}]", BUREAU_PACKET_BINARY_EVENT, 1, "/", -1,
      "[\"f\",{\"_placeholder\":false,\"num\":9}]" },
    { "51-[\"f\",\"{\\\"_placeholder\\\":true}\"]", BUREAU_PACKET_BINARY_EVENT, 1, "/", -1,
      "[\"f\",\"{\\\"_placeholder\\\":true}\"]" },
    { "2[\"f\",{\"_placeholder\":true,\"num\":9}]", BUREAU_PACKET_EVENT, 0, "/", -1,
      "[\"f\",{\"_placeholder\":true,\"num\":9}]" },
    { "61-7[{\"_placeholder\":true,\"num\":0}]", BUREAU_PACKET_BINARY_ACK, 1, "/", 7,
      "[{\"_placeholder\":true,\"num\":0}]" },
};

static const char *const bad[] = {
    "",
    "7",
    "a",
    "abc",
    "/",
    "-1",
    "0[]",
    "0null",
    "0\"x\"",
    "0true",
    "0{",
    "1{}",
    "1[]",
    "31{}",
    "3\"x\"",
    "2{}",
    "2[]",
    "2[null]",
    "2[true]",
    "2[{}]",
    "2[[]]",
    "2\"hey\"",
    "2null",
    "2abc[\"message\"]",
    "2-1[\"q\"]",
    "21.5[\"q\"]",
    "21 [\"q\"",
    "2[\"q\"]x",
    "2[\"q\"],",
    "2[\"q\"][\"q\"]",
    "2[\"q\",{\"a\":1,\"a\":2}]",
    "29007199254740992[\"q\"]",
    "299999999999999999999[\"q\"]",
    "2[\"connect\"]",
    "2[\"connect_error\"]",
    "2[\"disconnect\"]",
    "2[\"disconnecting\"]",
    "2[\"newListener\"]",
    "2[\"removeListener\"]",
    "2[\"\\u0063onnect\"]",
    "4",
    "4[]",
    "41",
    "50-[\"f\"]",
    "5-[\"f\"]",
    "5[\"f\"]",
    "511-[\"f\"]",
    "599999999999999999999-[\"f\"]",
    "51[\"f\"]",
    "51-",
    "51-{}",
    "6-1[]",
    "61-",
    "51-[\"f\",{\"_placeholder\":true,\"num\":1}]",
    "51-[\"f\",{\"_placeholder\":true,\"num\":-1}]",
    "51-[\"f\",{\"_placeholder\":true,\"num\":0.5}]",
    "51-[\"f\",{\"_placeholder\":true,\"num\":\"0\"}]",
    "51-[\"f\",{\"_placeholder\":true}]",
    "51-[\"f\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]",
    "51-[\"f\",{\"a\":[[{\"\\u005fplaceholder\":true,\"num\":2}]]}]",
    "61-[{\"_placeholder\":true,\"num\":2}]",
    "2/\xff,[\"q\"]",
};

/* What it is written as reads as the same. */
static void
assert_survives (const BureauPacket *packet)
{
    g_autoptr (GString) text = g_string_new (NULL);
    g_autoptr (GError) error = NULL;
    BureauPacket copy;

    bureau_packet_append (text, packet);
    g_assert_cmpint (text->str[0], ==, '4');
    bureau_packet_parse (&copy, text->str + 1, text->len - 1, 8, &error);
    g_assert_no_error (error);
    g_assert_cmpint (copy.type, ==, packet->type);
    g_assert_cmpuint (copy.attachments, ==, packet->attachments);
    g_assert_cmpstr (copy.nsp, ==, packet->nsp);
    g_assert_cmpint (copy.id, ==, packet->id);
    g_assert_cmpstr (copy.json, ==, packet->json);
    g_assert_cmpuint (copy.json_length, ==, packet->json_length);
    bureau_packet_clear (&copy);
}

static void
test_good (void)
{
    for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
        g_autoptr (GError) error = NULL;
        BureauPacket packet;

        bureau_packet_parse (&packet, good[i].text, strlen (good[i].text), 8, &error);
        g_assert_no_error (error);
        g_assert_cmpint (packet.type, ==, good[i].type);
        g_assert_cmpuint (packet.attachments, ==, good[i].attachments);
        g_assert_cmpstr (packet.nsp, ==, good[i].nsp);
        g_assert_cmpint (packet.id, ==, good[i].id);
        g_assert_cmpstr (packet.json, ==, good[i].json);
        g_assert_cmpuint (packet.json_length, ==, packet.json == NULL ? 0 : strlen (packet.json));
        assert_survives (&packet);
        bureau_packet_clear (&packet);
    }
}

static void
test_bad (void)
{
    for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
        g_autoptr (GError) error = NULL;
        BureauPacket packet;

        if (bureau_packet_parse (&packet, bad[i], strlen (bad[i]), 8, &error))
            g_error ("accepted: %s", bad[i]);
        g_assert_nonnull (error);
        g_assert_null (packet.nsp);
        g_assert_null (packet.json);
    }
}

static void
test_long_namespace (void)
{
    g_autoptr (GString) text = g_string_new ("0/");
    BureauPacket packet;

    while (text->len < 257)
        g_string_append_c (text, 'x');
    g_assert_true (bureau_packet_parse (&packet, text->str, text->len, 8, NULL));
    bureau_packet_clear (&packet);
    g_string_append_c (text, 'x');
    g_assert_false (bureau_packet_parse (&packet, text->str, text->len, 8, NULL));
    g_assert_false (bureau_packet_parse (&packet, "0/a\0b", 5, 8, NULL));
}

static void
test_append (void)
{
    g_autoptr (GString) out = g_string_new (NULL);

    bureau_packet_append_event (out, "/", "a\"b", -1, "{\"x\":1}");
    g_string_append_c (out, '\n');
    bureau_packet_append_event (out, "/admin", "q", 3, NULL);
    g_string_append_c (out, '\n');
    bureau_packet_append_ack (out, "/", 12, "{\"ok\":true}");
    g_string_append_c (out, '\n');
    bureau_packet_append_ack (out, "/x", 0, NULL);
    g_string_append_c (out, '\n');
    bureau_packet_append_connect (out, "/", "{\"sid\":\"s\"}");
    g_string_append_c (out, '\n');
    bureau_packet_append_connect (out, "/admin", NULL);
    g_string_append_c (out, '\n');
    bureau_packet_append_connect_error (out, "/x", "{\"message\":\"no\"}");
    g_string_append_c (out, '\n');
    bureau_packet_append_disconnect (out, "/");
    g_string_append_c (out, '\n');
    bureau_packet_append_disconnect (out, "/x");
    g_assert_cmpstr (out->str, ==,
                     "42[\"a\\\"b\",{\"x\":1}]\n42/admin,3[\"q\"]\n4312[{\"ok\":true}]\n43/x,0[]\n"
                     "40{\"sid\":\"s\"}\n40/admin,\n44/x,{\"message\":\"no\"}\n41\n41/x,");
}

/* Whatever the bytes are, the parser answers and leaves nothing behind; what it takes is as the
 * grammar says. */
static void
test_random (void)
{
    static const char alphabet[] = "0123456/,-[]{}\"a:\xc3\xa9 ";

    for (guint i = 0; i < 50000; i++) {
        gsize length = g_test_rand_int_range (0, 16);
        g_autofree char *text = g_malloc (MAX (length, 1));
        BureauPacket packet;

        for (gsize k = 0; k < length; k++)
            text[k] = alphabet[g_test_rand_int_range (0, sizeof alphabet - 1)];
        if (!bureau_packet_parse (&packet, text, length, 8, NULL))
            continue;
        g_assert_cmpint (packet.nsp[0], ==, '/');
        g_assert_cmpint (packet.id, >=, -1);
        assert_survives (&packet);
        bureau_packet_clear (&packet);
    }
}

static void
test_blobs (void)
{
    g_autoptr (GBytes) blob = g_bytes_new_static ("\1\2", 2);
    BureauPacket packet;

    g_assert_true (bureau_packet_parse (&packet, "2[\"f\"]", 6, 8, NULL));
    g_assert_true (bureau_packet_is_whole (&packet));
    bureau_packet_clear (&packet);

    g_assert_true (bureau_packet_parse (&packet, "52-[\"f\"]", 8, 8, NULL));
    g_assert_false (bureau_packet_is_whole (&packet));
    g_assert_false (bureau_packet_take_blob (&packet, blob));
    g_assert_false (bureau_packet_is_whole (&packet));
    g_assert_true (bureau_packet_take_blob (&packet, blob));
    g_assert_true (bureau_packet_is_whole (&packet));
    g_assert_true (g_ptr_array_index (packet.blobs, 1) == blob);
    bureau_packet_clear (&packet);
    g_assert_null (packet.blobs);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/wire/packet/good", test_good);
    g_test_add_func ("/wire/packet/bad", test_bad);
    g_test_add_func ("/wire/packet/long-namespace", test_long_namespace);
    g_test_add_func ("/wire/packet/append", test_append);
    g_test_add_func ("/wire/packet/random", test_random);
    g_test_add_func ("/wire/packet/blobs", test_blobs);
    return g_test_run ();
}
