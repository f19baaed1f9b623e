/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-hub-id.h"

#include <string.h>

#define PIN "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
#define ID  "e3b0c44298fc1c14"

static void
test_of_pin (void)
{
    static const char *const none[] = { "",
                                        "47DEQpj8",
                                        PIN "=",
                                        PIN "A",
                                        "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSu !",
                                        "-------------------------------------------!!!!!!" };
    g_autofree char *id = bureau_hub_id_new (PIN);
    g_autofree char *name = bureau_hub_id_to_name (id);

    g_assert_cmpstr (id, ==, ID);
    g_assert_cmpstr (name, ==, "Bureau e3b0-c442");
    for (guint i = 0; i < G_N_ELEMENTS (none); i++)
        g_assert_null (bureau_hub_id_new (none[i]));
}

/* The strings in @list, each ended by a newline. */
static GVariant *
make_text (const char *list)
{
    GVariantBuilder builder;

    g_variant_builder_init (&builder, G_VARIANT_TYPE ("aay"));
    while (*list != '\0') {
        gsize length = strcspn (list, "\n");

        g_variant_builder_add_value (
            &builder, g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, list, length, 1));
        list += length + 1;
    }
    return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static void
test_good_texts (void)
{
    static const char *const texts[] = {
        "v=1\nid=" ID "\n",
        "id=" ID "\nv=1\n",
        "V=1\nID=" ID "\n",
        "v=1\nid=" ID "\nx=y\nflag\n\n=\n",
        "v=1\nid=" ID "\nid=0000000000000000\nv=2\n",
        "idle=1\nvv=7\nv=1\nid=" ID "\n",
        "v\nid\nv=1\nid=" ID "\n",
    };

    for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
        g_autoptr (GVariant) text = make_text (texts[i]);
        g_autofree char *id = bureau_hub_id_new_from_text (text);

        g_test_message ("%s", texts[i]);
        g_assert_cmpstr (id, ==, ID);
    }
}

static void
test_bad_texts (void)
{
    static const char *const texts[] = {
        "",
        "\n",
        "v=1\n",
        "id=" ID "\n",
        "v=2\nid=" ID "\n",
        "v=\nid=" ID "\n",
        "v=11\nid=" ID "\n",
        "v=1 \nid=" ID "\n",
        "v=1\nid=\n",
        "v=1\nid=e3b0c44298fc1c1\n",
        "v=1\nid=" ID "0\n",
        "v=1\nid=E3B0C44298FC1C14\n",
        "v=1\nid=e3b0c44298fc1c1g\n",
        "v=1\nid=e3b0c442 8fc1c14\n",
        "v=2\nv=1\nid=" ID "\n",
        "v=1\nid=x\nid=" ID "\n",
    };

    for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
        g_autoptr (GVariant) text = make_text (texts[i]);

        g_test_message ("%s", texts[i]);
        g_assert_null (bureau_hub_id_new_from_text (text));
    }
}

/* Longer than a string of DNS, or than a packet. */
static void
test_long_texts (void)
{
    g_autofree char *filler = g_strnfill (256, 'x');
    g_autofree char *long_string = g_strconcat ("v=1\nid=" ID "\n", filler, "\n", NULL);
    g_autoptr (GVariant) first = make_text (long_string);
    g_autoptr (GString) list = g_string_new ("v=1\nid=" ID "\n");
    g_autoptr (GVariant) second = NULL;

    g_assert_null (bureau_hub_id_new_from_text (first));
    for (guint i = 0; i < 10; i++)
        g_string_append_printf (list, "%.200s\n", filler);
    second = make_text (list->str);
    g_assert_null (bureau_hub_id_new_from_text (second));
}

static void
test_own_text (void)
{
    g_autoptr (GVariant) text = g_variant_ref_sink (bureau_hub_id_to_text (ID));
    g_autoptr (GVariant) wanted = make_text ("v=1\nid=" ID "\n");
    g_autofree char *id = bureau_hub_id_new_from_text (text);

    g_assert_cmpstr (id, ==, ID);
    g_assert_true (g_variant_equal (text, wanted));
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/model/hub-id/of-pin", test_of_pin);
    g_test_add_func ("/model/hub-id/good-texts", test_good_texts);
    g_test_add_func ("/model/hub-id/bad-texts", test_bad_texts);
    g_test_add_func ("/model/hub-id/long-texts", test_long_texts);
    g_test_add_func ("/model/hub-id/own-text", test_own_text);
    return g_test_run ();
}
