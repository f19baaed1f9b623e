/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-roster.h"

#include "bureau-instant.h"
#include "bureau-member.h"

/* Follows a model by items-changed alone, as a view does. */
typedef struct {
    GListModel *model;
    GPtrArray *items; /* (owned) */
    guint n_signals;
} Mirror;

static void
on_items_changed_cb (GListModel *model, guint position, guint removed, guint added, Mirror *mirror)
{
    mirror->n_signals++;
    g_assert_cmpuint (position + removed, <=, mirror->items->len);
    if (removed > 0)
        g_ptr_array_remove_range (mirror->items, position, removed);
    for (guint i = 0; i < added; i++)
        g_ptr_array_insert (mirror->items, position + i,
                            g_list_model_get_item (model, position + i));
    g_assert_cmpuint (mirror->items->len, ==, g_list_model_get_n_items (model));
}

static void
assert_mirrored (Mirror *mirror)
{
    g_assert_cmpuint (mirror->items->len, ==, g_list_model_get_n_items (mirror->model));
    for (guint i = 0; i < mirror->items->len; i++) {
        g_autoptr (GObject) item = g_list_model_get_item (mirror->model, i);

        g_assert_true (item == mirror->items->pdata[i]);
    }
}

static void
mirror_init (Mirror *mirror, BureauRoster *roster)
{
    mirror->model = G_LIST_MODEL (roster);
    mirror->items = g_ptr_array_new_with_free_func (g_object_unref);
    mirror->n_signals = 0;
    g_signal_connect (roster, "items-changed", G_CALLBACK (on_items_changed_cb), mirror);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
    return g_strcmp0 (bureau_member_get_name ((gpointer) a), bureau_member_get_name ((gpointer) b));
}

static gboolean
is_active (gpointer member)
{
    return bureau_member_get_active (member);
}

static BureauMember *
put_member (BureauRoster *roster, const char *id, const char *name)
{
    g_autoptr (BureauMember) member = bureau_member_new (id);

    bureau_member_set_name (member, name);
    bureau_member_set_active (member, TRUE);
    bureau_roster_put (roster, id, member);
    return member;
}

static void
test_order (void)
{
    g_autoptr (BureauRoster) roster = bureau_roster_new (BUREAU_TYPE_MEMBER, compare_names,
                                                         is_active);
    Mirror mirror;
    BureauMember *cleo;

    mirror_init (&mirror, roster);
    put_member (roster, "b", "Ben");
    cleo = put_member (roster, "c", "Cleo");
    put_member (roster, "a", "Ana");
    assert_mirrored (&mirror);
    g_assert_true (mirror.items->pdata[2] == cleo);

    bureau_member_set_name (cleo, "Aaron");
    bureau_roster_put (roster, "c", cleo);
    assert_mirrored (&mirror);
    g_assert_true (mirror.items->pdata[0] == cleo);

    bureau_member_set_active (cleo, FALSE);
    bureau_roster_put (roster, "c", cleo);
    g_assert_cmpuint (mirror.items->len, ==, 2);
    g_assert_true (bureau_roster_lookup (roster, "c") == cleo);
    g_ptr_array_unref (mirror.items);
}

static void
test_batch (void)
{
    g_autoptr (BureauRoster) roster = bureau_roster_new (BUREAU_TYPE_MEMBER, NULL, NULL);
    Mirror mirror;

    mirror_init (&mirror, roster);
    bureau_roster_begin (roster);
    for (int i = 0; i < 1000; i++) {
        g_autofree char *id = g_strdup_printf ("%d", i);

        put_member (roster, id, id);
    }
    g_assert_cmpuint (g_list_model_get_n_items (mirror.model), ==, 0);
    g_assert_nonnull (bureau_roster_lookup (roster, "999"));
    bureau_roster_end (roster);
    g_assert_cmpuint (mirror.n_signals, ==, 1);
    g_assert_cmpuint (mirror.items->len, ==, 1000);

    /* What comes and goes within one batch is never told of. */
    bureau_roster_begin (roster);
    put_member (roster, "new", "new");
    bureau_roster_remove (roster, "new");
    bureau_roster_end (roster);
    g_assert_cmpuint (mirror.n_signals, ==, 1);
    g_ptr_array_unref (mirror.items);
}

static void
change_at_random (BureauRoster *roster)
{
    g_autofree char *id = g_strdup_printf ("%d", g_test_rand_int_range (0, 60));

    if (g_test_rand_bit () && bureau_roster_lookup (roster, id)) {
        bureau_roster_remove (roster, id);
    } else {
        g_autofree char *name = g_strdup_printf ("%d", g_test_rand_int_range (0, 1000));
        BureauMember *known = bureau_roster_lookup (roster, id);
        BureauMember *member = known ? known : put_member (roster, id, name);

        bureau_member_set_name (member, name);
        bureau_member_set_active (member, g_test_rand_int_range (0, 4) > 0);
        bureau_roster_put (roster, id, member);
    }
}

static void
test_random (gconstpointer ordered)
{
    g_autoptr (BureauRoster) roster = bureau_roster_new (BUREAU_TYPE_MEMBER,
                                                         ordered ? compare_names : NULL, is_active);
    Mirror mirror;

    mirror_init (&mirror, roster);
    for (int i = 0; i < 500; i++) {
        int changes = g_test_rand_int_range (1, 80);

        bureau_roster_begin (roster);
        while (changes-- > 0)
            change_at_random (roster);
        bureau_roster_end (roster);
        assert_mirrored (&mirror);
        change_at_random (roster);
        assert_mirrored (&mirror);
    }
    g_ptr_array_unref (mirror.items);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/roster/order", test_order);
    g_test_add_func ("/roster/batch", test_batch);
    g_test_add_data_func ("/roster/random", NULL, test_random);
    g_test_add_data_func ("/roster/random-ordered", "", test_random);
    return g_test_run ();
}
