/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "widgets/bureau-avatar-color.h"

#define CLASS_PREFIX "color-"
/* There are as many style providers as colours in use; whoever makes up new ones all day gets no
 * more. */
#define MAX_COLORS 200

static gboolean
is_color (const char *text)
{
    if (text == NULL || text[0] != '#' || strlen (text) != 7)
        return FALSE;
    for (const char *p = text + 1; *p != '\0'; p++)
        if (!g_ascii_isxdigit (*p))
            return FALSE;
    return TRUE;
}

/* White letters, or dark ones where the colour is light. */
static const char *
get_text_color (const char *color)
{
    GdkRGBA rgba;
    gdk_rgba_parse (&rgba, color);
    return 0.299 * rgba.red + 0.587 * rgba.green + 0.114 * rgba.blue > 0.68 ? "rgba(0,0,0,0.75)"
                                                                            : "white";
}

/* Makes the style of a colour known to the display, once. */
static gboolean
ensure_style (const char *color)
{
    static GHashTable *known = NULL;
    if (known == NULL)
        known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    if (g_hash_table_contains (known, color))
        return TRUE;
    if (g_hash_table_size (known) >= MAX_COLORS)
        return FALSE;

    g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();
    g_autofree char *css = g_strdup_printf (
        "bureau-avatar." CLASS_PREFIX "%s avatar {"
        " background: linear-gradient(shade(%s, 1.12), shade(%s, 0.92)); color: %s; }",
        color + 1, color, color, get_text_color (color));
    gtk_css_provider_load_from_data (provider, css, -1);
    gtk_style_context_add_provider_for_display (gdk_display_get_default (),
                                                GTK_STYLE_PROVIDER (provider),
                                                GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
    g_hash_table_add (known, g_strdup (color));
    return TRUE;
}

void
bureau_avatar_paint (GtkWidget *widget, const char *color)
{
    g_return_if_fail (GTK_IS_WIDGET (widget));
    g_auto (GStrv) classes = gtk_widget_get_css_classes (widget);
    for (guint i = 0; classes[i] != NULL; i++)
        if (g_str_has_prefix (classes[i], CLASS_PREFIX))
            gtk_widget_remove_css_class (widget, classes[i]);

    if (!is_color (color))
        return;
    g_autofree char *lower = g_ascii_strdown (color, -1);
    g_autofree char *name = g_strconcat (CLASS_PREFIX, lower + 1, NULL);
    if (ensure_style (lower))
        gtk_widget_add_css_class (widget, name);
}
