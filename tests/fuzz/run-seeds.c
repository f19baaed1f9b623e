/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* A fuzz target without libFuzzer, as an ordinary test: each seed of a directory, and the same
 * mutations of them each time.
 *
 * Usage: fuzz-NAME SEEDS MUTATIONS */

#include <string.h>

#include "slices.h"

typedef struct {
    GPtrArray *seeds; /* (element-type GBytes) */
    guint mutations;
} Run;

static GBytes *
read_file (const char *path)
{
    g_autoptr (GError) error = NULL;
    char *contents = NULL;
    gsize length;

    if (!g_file_get_contents (path, &contents, &length, &error))
        g_error ("%s", error->message);
    return g_bytes_new_take (contents, length);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
    return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Sorted, so that the mutations are the same everywhere. */
static GPtrArray *
read_directory (const char *path)
{
    GPtrArray *seeds = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
    g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
    g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
    const char *name;

    if (directory == NULL)
        g_error ("%s: no such directory", path);
    while ((name = g_dir_read_name (directory)) != NULL)
        g_ptr_array_add (names, g_build_filename (path, name, NULL));
    g_ptr_array_sort (names, compare_names);
    for (guint i = 0; i < names->len; i++)
        g_ptr_array_add (seeds, read_file (names->pdata[i]));
    return seeds;
}

static void
run_one (GBytes *input)
{
    gsize size;
    const guint8 *data = g_bytes_get_data (input, &size);
    /* Nothing lies behind it that could be read. */
    g_autofree guint8 *copy = g_malloc (MAX (size, 1));

    if (size > 0)
        memcpy (copy, data, size);
    LLVMFuzzerTestOneInput (copy, size);
}

static void
test_seeds (gconstpointer data)
{
    const Run *run = data;

    g_assert_cmpuint (run->seeds->len, >, 0);
    for (guint i = 0; i < run->seeds->len; i++)
        run_one (run->seeds->pdata[i]);
}

/* One of the things that go wrong: a bit, a byte, an end, a piece twice, a piece of another. */
static void
mutate (GByteArray *bytes, GBytes *other, GRand *random)
{
    static const guint8 telling[] = {
        0x00, 0x01, 0x7e, 0x7f, 0x80, 0xff, 0x1e, '"', '\\', '-', '0'
    };
    guint position = bytes->len == 0 ? 0 : g_rand_int_range (random, 0, bytes->len);
    gsize other_size;
    const guint8 *other_bytes = g_bytes_get_data (other, &other_size);
    gsize start = other_size == 0 ? 0 : g_rand_int_range (random, 0, other_size);
    guint8 byte = telling[g_rand_int_range (random, 0, G_N_ELEMENTS (telling))];

    switch (bytes->len == 0 ? 3 : g_rand_int_range (random, 0, 6)) {
    case 0:
        bytes->data[position] ^= 1 << g_rand_int_range (random, 0, 8);
        break;
    case 1:
        bytes->data[position] = byte;
        break;
    case 2:
        g_byte_array_set_size (bytes, position);
        break;
    case 3:
        g_byte_array_append (bytes, other_bytes + start, other_size - start);
        break;
    case 4:
        g_byte_array_append (bytes, &byte, 1);
        memmove (bytes->data + position + 1, bytes->data + position, bytes->len - 1 - position);
        bytes->data[position] = byte;
        break;
    default:
        g_byte_array_remove_index (bytes, position);
    }
}

static void
test_mutations (gconstpointer data)
{
    const Run *run = data;
    g_autoptr (GRand) random = g_rand_new_with_seed (1);

    for (guint i = 0; i < run->mutations; i++) {
        GBytes *seed = run->seeds->pdata[i % run->seeds->len];
        GBytes *other = run->seeds->pdata[g_rand_int_range (random, 0, run->seeds->len)];
        g_autoptr (GByteArray) bytes = g_byte_array_new ();
        g_autoptr (GBytes) mutation = NULL;

        g_byte_array_append (bytes, g_bytes_get_data (seed, NULL), g_bytes_get_size (seed));
        for (guint count = g_rand_int_range (random, 1, 5); count > 0; count--)
            mutate (bytes, other, random);
        mutation = g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
        run_one (mutation);
    }
}

int
main (int argc, char **argv)
{
    Run run = { NULL, 0 };
    int status;

    g_test_init (&argc, &argv, NULL);
    g_assert_cmpint (argc, ==, 3);
    run.seeds = read_directory (argv[1]);
    run.mutations = g_ascii_strtoull (argv[2], NULL, 10);
    g_test_add_data_func ("/fuzz/seeds", &run, test_seeds);
    g_test_add_data_func ("/fuzz/mutations", &run, test_mutations);
    status = g_test_run ();
    g_ptr_array_unref (run.seeds);
    return status;
}
