/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* A TXT record as it comes in a packet, each string behind its length: what is read of it is a
 * hub's id, and is read from what we would say of that hub. */

#include <string.h>

#include "bureau-hub-id.h"
#include "slices.h"

/* The strings, as Avahi hands them over; the last one may be cut. */
static GVariant *
make_text (const guint8 *bytes, gsize size)
{
    GVariantBuilder builder;

    g_variant_builder_init (&builder, G_VARIANT_TYPE ("aay"));
    for (gsize at = 0; at < size;) {
        gsize length = MIN (bytes[at], size - at - 1);

        g_variant_builder_add_value (
            &builder, g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, bytes + at + 1, length, 1));
        at += 1 + length;
    }
    return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static void
check_id (const char *id)
{
    g_autoptr (GVariant) text = g_variant_ref_sink (bureau_hub_id_to_text (id));
    g_autofree char *again = bureau_hub_id_new_from_text (text);
    g_autofree char *name = bureau_hub_id_to_name (id);

    g_assert (strlen (id) == BUREAU_HUB_ID_LENGTH);
    g_assert (strspn (id, "0123456789abcdef") == BUREAU_HUB_ID_LENGTH);
    g_assert (g_strcmp0 (again, id) == 0);
    g_assert (strlen (name) == strlen ("Bureau ab12-cd34"));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
    g_autoptr (GVariant) text = make_text (data, size);
    g_autoptr (GBytes) bytes = g_variant_get_data_as_bytes (text);
    /* The same from a message, where it lies in one piece. */
    g_autoptr (GVariant) serial = g_variant_ref_sink (
        g_variant_new_from_bytes (G_VARIANT_TYPE ("aay"), bytes, FALSE));
    g_autofree char *id = bureau_hub_id_new_from_text (text);
    g_autofree char *other = bureau_hub_id_new_from_text (serial);

    g_assert (g_strcmp0 (id, other) == 0);
    if (id != NULL)
        check_id (id);
    return 0;
}
