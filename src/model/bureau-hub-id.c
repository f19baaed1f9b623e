/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-hub-id.h"

#include <string.h>

#include "bureau-base64url.h"

#define VERSION    "1"
#define HASH_BYTES 32
#define ID_BYTES   (BUREAU_HUB_ID_LENGTH / 2)
/* RFC 6763, 6.2: what a packet of usual size has room for. A string of DNS has one byte of length.
 */
#define MAX_TEXT   1300
#define MAX_STRING 255

char *
bureau_hub_id_new (const char *pin)
{
    guint8 hash[HASH_BYTES];
    GString *id;

    if (!bureau_base64url_decode_all (pin, hash, sizeof hash))
        return NULL;
    id = g_string_new (NULL);
    for (guint i = 0; i < ID_BYTES; i++)
        g_string_append_printf (id, "%02x", hash[i]);
    return g_string_free (id, FALSE);
}

char *
bureau_hub_id_to_name (const char *id)
{
    return g_strdup_printf ("Bureau %.4s-%.4s", id, id + 4);
}

static gboolean
is_id (const char *bytes, gsize length)
{
    if (length != BUREAU_HUB_ID_LENGTH)
        return FALSE;
    for (gsize i = 0; i < length; i++) {
        if (!g_ascii_isdigit (bytes[i]) && !(bytes[i] >= 'a' && bytes[i] <= 'f'))
            return FALSE;
    }
    return TRUE;
}

/* ------------------------------------------------------------------ the TXT record */

static void
add_string (GVariantBuilder *builder, const char *key, const char *value)
{
    g_autofree char *string = g_strconcat (key, "=", value, NULL);

    g_variant_builder_add_value (
        builder, g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, string, strlen (string), 1));
}

GVariant *
bureau_hub_id_to_text (const char *id)
{
    GVariantBuilder builder;

    g_variant_builder_init (&builder, G_VARIANT_TYPE ("aay"));
    /* RFC 6763, 6.7: the version comes first. */
    add_string (&builder, "v", VERSION);
    add_string (&builder, "id", id);
    return g_variant_builder_end (&builder);
}

typedef struct {
    const char *bytes; /* NULL: not there */
    gsize length;
} Value;

/* RFC 6763, 6.4: keys are of any case, and of two that are the same the first counts. */
static void
take_value (Value *value, const char *key, const char *string, gsize length)
{
    gsize key_length = strlen (key);

    if (value->bytes != NULL || length <= key_length || string[key_length] != '=' ||
        g_ascii_strncasecmp (string, key, key_length) != 0)
        return;
    value->bytes = string + key_length + 1;
    value->length = length - key_length - 1;
}

char *
bureau_hub_id_new_from_text (GVariant *text)
{
    Value version = { NULL, 0 };
    Value id = { NULL, 0 };
    gsize n_strings = g_variant_n_children (text);

    if (g_variant_get_size (text) > MAX_TEXT)
        return NULL;
    for (gsize i = 0; i < n_strings; i++) {
        g_autoptr (GVariant) child = g_variant_get_child_value (text, i);
        gsize length;
        /* They lie in @text, which outlives the child. */
        const char *string = g_variant_get_fixed_array (child, &length, 1);

        if (length > MAX_STRING)
            return NULL;
        take_value (&version, "v", string, length);
        take_value (&id, "id", string, length);
    }
    if (version.bytes == NULL || version.length != strlen (VERSION) ||
        memcmp (version.bytes, VERSION, version.length) != 0)
        return NULL;
    return id.bytes != NULL && is_id (id.bytes, id.length) ? g_strndup (id.bytes, id.length) : NULL;
}
