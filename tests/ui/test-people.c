/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-accounts.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "hub/bureau-invite-dialog.h"
#include "hub/bureau-qr-code.h"
#include "people/bureau-account-dialog.h"
#include "people/bureau-audit-dialog.h"
#include "people/bureau-invitation-list.h"
#include "people/bureau-member-menu.h"
#include "people/bureau-people-page.h"
#include "people/bureau-person-row.h"
#include "shown.h"

/* ------------------------------------------------------------------ the menu */

static BureauMember *
make_member (BureauRole role, gboolean active, gboolean placeholder)
{
    g_autofree char *id = bureau_id_new ();
    BureauMember *member = bureau_member_new (id);

    bureau_member_set_role (member, role);
    bureau_member_set_active (member, active);
    bureau_member_set_placeholder (member, placeholder);
    return member;
}

/* "set-role:manager set-role:member remove-member" */
static void
list_actions (GMenuModel *model, GString *actions)
{
    for (int i = 0; i < g_menu_model_get_n_items (model); i++) {
        g_autoptr (GMenuModel) section = g_menu_model_get_item_link (model, i, G_MENU_LINK_SECTION);
        g_autoptr (GVariant) target = g_menu_model_get_item_attribute_value (
            model, i, G_MENU_ATTRIBUTE_TARGET, NULL);
        g_autofree char *action = NULL;
        const char *role = NULL;

        if (section != NULL) {
            list_actions (section, actions);
            continue;
        }
        g_assert_true (
            g_menu_model_get_item_attribute (model, i, G_MENU_ATTRIBUTE_ACTION, "s", &action));
        if (g_variant_is_of_type (target, G_VARIANT_TYPE ("(ss)")))
            g_variant_get (target, "(s&s)", NULL, &role);
        g_string_append_printf (actions, "%s%s%s%s", actions->len > 0 ? " " : "",
                                action + strlen ("win."), role != NULL ? ":" : "",
                                role != NULL ? role : "");
    }
}

static void
test_menu (void)
{
    static const struct {
        BureauRole self;
        BureauRole other;
        gboolean active;
        gboolean placeholder;
        const char *actions; /* NULL: there is no menu */
    } ROWS[] = {
        { BUREAU_ROLE_GUEST, BUREAU_ROLE_GUEST, TRUE, FALSE, NULL },
        { BUREAU_ROLE_MEMBER, BUREAU_ROLE_GUEST, TRUE, FALSE, NULL },
        { BUREAU_ROLE_MANAGER, BUREAU_ROLE_OWNER, TRUE, FALSE, NULL },
        { BUREAU_ROLE_MANAGER, BUREAU_ROLE_MEMBER, TRUE, FALSE,
          "set-role:manager set-role:guest deactivate-member remove-member" },
        { BUREAU_ROLE_MANAGER, BUREAU_ROLE_MEMBER, FALSE, FALSE,
          "reactivate-member remove-member" },
        { BUREAU_ROLE_MANAGER, BUREAU_ROLE_MEMBER, TRUE, TRUE,
          "invite-member set-role:manager set-role:guest remove-member" },
        { BUREAU_ROLE_OWNER, BUREAU_ROLE_MEMBER, TRUE, TRUE,
          "invite-member set-role:manager set-role:guest remove-member" },
        { BUREAU_ROLE_OWNER, BUREAU_ROLE_MANAGER, TRUE, FALSE,
          "set-role:owner set-role:member set-role:guest deactivate-member remove-member" },
        { BUREAU_ROLE_OWNER, BUREAU_ROLE_OWNER, TRUE, FALSE,
          "set-role:manager set-role:member set-role:guest deactivate-member remove-member" },
    };

    for (guint i = 0; i < G_N_ELEMENTS (ROWS); i++) {
        g_autoptr (BureauMember) other = make_member (ROWS[i].other, ROWS[i].active,
                                                      ROWS[i].placeholder);
        g_autoptr (GMenuModel) menu = bureau_member_menu_new (ROWS[i].self, other);
        g_autoptr (GString) actions = g_string_new (NULL);

        g_assert_cmpint (menu != NULL, ==, ROWS[i].actions != NULL);
        if (menu == NULL)
            continue;
        list_actions (menu, actions);
        g_assert_cmpstr (actions->str, ==, ROWS[i].actions);
    }
}

/* ------------------------------------------------------------------ the page */

static gboolean
has_subtitle (GtkWidget *root, const char *part)
{
    gpointer row;

    for (guint i = 0; (row = shown_find (root, ADW_TYPE_ACTION_ROW, i)) != NULL; i++) {
        const char *subtitle = adw_action_row_get_subtitle (row);

        if (gtk_widget_get_mapped (row) && subtitle != NULL && strstr (subtitle, part) != NULL)
            return TRUE;
    }
    return FALSE;
}

/* The page's own, and those of people one may do something with. */
static guint
count_menus (GtkWidget *root)
{
    GtkWidget *button;
    guint count = 0;

    for (guint i = 0; (button = shown_find (root, GTK_TYPE_MENU_BUTTON, i)) != NULL; i++)
        count += gtk_widget_get_mapped (button);
    return count;
}

static void
on_asked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GError) error = NULL;

    *(JsonObject **) data = bureau_client_ask_finish (BUREAU_CLIENT (source), result, &error);
    g_assert_no_error (error);
}

/* Waits for the answer. @members: as of give(). (transfer full) */
static JsonObject *
ask_for (BureauClient *client, BureauCommandId command, const char *members)
{
    g_autofree char *text = g_strdelimit (g_strdup_printf ("{%s}", members), "'", '"');
    JsonObject *answer = NULL;

    bureau_client_ask_async (client, command, bureau_json_parse_object (text, -1, NULL), NULL,
                             on_asked_cb, &answer);
    WAIT_UNTIL (answer != NULL);
    return answer;
}

static void
test_page (void)
{
    Shown *shown = shown_new ();
    BureauClient *client = shown->ana->client;
    GtkWidget *page = bureau_people_page_new (client);
    g_autoptr (JsonObject) added = NULL;
    g_autoptr (JsonObject) invited = NULL;
    g_autoptr (JsonObject) gone = NULL;
    Person *ben;

    shown_present (shown, page, 500, 700);
    g_assert_false (has_subtitle (page, "has not joined yet"));
    WAIT_UNTIL (count_menus (page) == 1);
    added = ask_for (client, BUREAU_COMMAND_MEMBER_ADD, "'name': 'Cleo'");
    WAIT_UNTIL (has_subtitle (page, "has not joined yet"));
    WAIT_UNTIL (count_menus (page) == 2);

    ben = person_new_invited (shown->ana, "Ben");
    WAIT_UNTIL (bureau_client_find_member (client, ben->account->user_id) != NULL);
    g_assert_false (has_subtitle (page, "deactivated"));
    {
        g_autofree char *members = g_strdup_printf ("'id': '%s'", ben->account->user_id);

        gone = ask_for (client, BUREAU_COMMAND_MEMBER_DEACTIVATE, members);
    }
    WAIT_UNTIL (has_subtitle (page, "deactivated"));

    invited = ask_for (client, BUREAU_COMMAND_MEMBER_INVITE, "'uses': 5");
    bureau_invitation_list_refresh (shown_find (page, BUREAU_TYPE_INVITATION_LIST, 0));
    WAIT_UNTIL (has_subtitle (page, "5 of 5 left"));
    person_free (ben);
    shown_free (shown);
}

static void
test_audit (void)
{
    Shown *shown = shown_new ();
    g_autoptr (JsonObject) added = ask_for (shown->ana->client, BUREAU_COMMAND_MEMBER_ADD,
                                            "'name': 'Cleo'");
    GtkWidget *dialog;
    gboolean found = FALSE;

    bureau_audit_dialog_present (shown->window, shown->ana->client);
    dialog = shown_find_window (BUREAU_TYPE_AUDIT_DIALOG);
    WAIT_UNTIL (shown_find (dialog, ADW_TYPE_ACTION_ROW, 0) != NULL);
    for (guint i = 0; shown_find (dialog, ADW_TYPE_ACTION_ROW, i) != NULL; i++)
        found = found || g_str_equal (adw_preferences_row_get_title (
                                          shown_find (dialog, ADW_TYPE_ACTION_ROW, i)),
                                      "Ana added Cleo");
    g_assert_true (found);
    gtk_window_close (GTK_WINDOW (dialog));
    shown_free (shown);
}

/* ------------------------------------------------------------------ the QR code */

static int
measure (GtkWidget *code)
{
    int natural;

    gtk_widget_measure (code, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
    return natural;
}

static void
test_qr_code (void)
{
    g_autoptr (GtkWidget) code = g_object_ref_sink (bureau_qr_code_new ());
    g_autofree char *long_text = g_strnfill (5000, 'x');

    g_assert_cmpint (measure (code), ==, 0);
    bureau_qr_code_set_text (BUREAU_QR_CODE (code), "x");
    /* Version 1 has 21 modules, and there are 4 of quiet zone on each side. */
    g_assert_cmpint (measure (code), ==, (21 + 8) * 4);
    bureau_qr_code_set_text (BUREAU_QR_CODE (code), long_text);
    g_assert_cmpint (measure (code), ==, 0);
    bureau_qr_code_set_text (BUREAU_QR_CODE (code), NULL);
    g_assert_cmpint (measure (code), ==, 0);
}

int
main (int argc, char *argv[])
{
    g_test_init (&argc, &argv, NULL);
    shown_init ();
    g_test_add_func ("/people/menu", test_menu);
    g_test_add_func ("/people/page", test_page);
    g_test_add_func ("/people/audit", test_audit);
    g_test_add_func ("/people/qr-code", test_qr_code);
    return g_test_run ();
}
