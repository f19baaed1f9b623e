/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What the window says of the connection: in the chip at the foot of the sidebar, and in what opens
 * with a click on it. */

#include "proxy.h"
#include "shown.h"
#include "window/bureau-connection-chip.h"

/* Whether a label in @root that can be seen matches @pattern. */
static gboolean
says (GtkWidget *root, const char *pattern)
{
    if (GTK_IS_LABEL (root))
        return gtk_widget_get_mapped (root) &&
               g_regex_match_simple (pattern, gtk_label_get_text (GTK_LABEL (root)), 0, 0);
    for (GtkWidget *child = gtk_widget_get_first_child (root); child;
         child = gtk_widget_get_next_sibling (child)) {
        if (says (child, pattern))
            return TRUE;
    }
    return FALSE;
}

/* Where the chip is out of sight. */
static gboolean
has_trouble (GtkWidget *chip, const char *trouble)
{
    g_autofree char *said = NULL;

    g_object_get (chip, "trouble", &said, NULL);
    return g_strcmp0 (said, trouble) == 0;
}

static void
click (GtkWidget *chip)
{
    gtk_menu_button_popup (shown_find (chip, GTK_TYPE_MENU_BUTTON, 0));
}

static void
close_again (GtkWidget *chip)
{
    gtk_menu_button_popdown (shown_find (chip, GTK_TYPE_MENU_BUTTON, 0));
}

static void
test_ladder (void)
{
    Shown *shown = shown_new ();
    Proxy *proxy = proxy_new (shown->office->base_uri, PROXY_REST, PROXY_CUTS);
    Person *ben = person_new_invited (shown->ana, "Ben");
    GtkWidget *chip = g_object_new (BUREAU_TYPE_CONNECTION_CHIP, NULL);

    g_free (ben->account->base_uri);
    ben->account->base_uri = g_strdup (proxy->uri);
    person_start_live (ben);
    bureau_connection_chip_set_client (BUREAU_CONNECTION_CHIP (chip), ben->client, FALSE);
    shown_present (shown, chip, 360, 500);
    WAIT_UNTIL (says (chip, "^Polling$") && has_trouble (chip, "Polling"));
    click (chip);
    WAIT_UNTIL (says (chip, "every ten seconds") && says (chip, "Try Now"));
    g_assert_false (says (chip, "Next try"));
    close_again (chip);

    proxy_let (proxy, PROXY_NOTHING);
    WAIT_UNTIL (says (chip, "^Connecting$"));
    g_free (give_task (ben, "One"));
    g_free (give_task (ben, "Another"));
    WAIT_UNTIL (says (chip, "^(Connecting|Offline) · 2 changes waiting$"));
    click (chip);
    WAIT_UNTIL (says (chip, "^Next try in \\d+ seconds?$") && says (chip, "Your Changes"));

    proxy->pass = PROXY_REST | PROXY_POLLING;
    bureau_client_reconnect (ben->client);
    WAIT_UNTIL (says (chip, "^Polling$") && says (chip, "WebSocket"));
    g_assert_false (says (chip, "Next try"));
    proxy->pass = PROXY_ALL;
    bureau_client_reconnect (ben->client);
    WAIT_UNTIL (says (chip, "^Live$") && says (chip, "at once") && has_trouble (chip, NULL));
    g_assert_false (says (chip, "Try Now"));

    /* A popover that goes with its window is asked, by GTK, where the pointer is on it. */
    close_again (chip);
    shown_settle (shown);
    g_clear_pointer (&shown->window, gtk_window_destroy);
    person_free (ben);
    proxy_free (proxy);
    shown_free (shown);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    shown_init ();
    g_test_add_func ("/connection/ladder", test_ladder);
    return g_test_run ();
}
