/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-accounts.h"
#include "bureau-instant.h"
#include "details/bureau-text-field.h"
#include "hub/bureau-invite-dialog.h"
#include "people/bureau-people-page.h"
#include "people/bureau-person-row.h"
#include "people/bureau-self-dialog.h"
#include "shown.h"
#include "welcome/bureau-join-page.h"
#include "welcome/bureau-tile.h"
#include "welcome/bureau-welcome.h"
#include "window/bureau-adaptive-bin.h"
#include "window/bureau-project-dialog.h"
#include "window/bureau-shell.h"
#include "window/bureau-sidebar-row.h"
#include "window/bureau-window-private.h"

static void
test_short_name (void)
{
    static const struct {
        const char *name;
        const char *short_name;
    } CASES[] = {
        { "", "" },
        { "S", "" },
        { "Studio", "STU" },
        { "Studio B refit", "SBR" },
        { "  front   desk ", "FD" },
        { "One two three four five", "OTTF" },
        { "2026 plans", "PLA" },
        { "B2 B3", "BB" },
        { "Größe", "GRO" },
        { "会社", "" },
    };

    for (guint i = 0; i < G_N_ELEMENTS (CASES); i++) {
        g_autofree char *got = bureau_suggest_short_name (CASES[i].name);

        g_assert_cmpstr (got, ==, CASES[i].short_name);
    }
}

static BureauAccount *
make_account (const char *user_id)
{
    BureauAccount *account = g_new0 (BureauAccount, 1);

    account->base_uri = g_strdup ("http://127.0.0.1:28732");
    account->pin = g_strdup ("");
    account->workspace_id = bureau_id_new ();
    account->office_name = g_strdup ("Studio “Nord”");
    account->user_id = g_strdup (user_id);
    account->user_name = g_strdup ("Ana");
    account->handle = g_strdup ("ana");
    account->device_id = bureau_id_new ();
    return account;
}

static void
test_accounts (void)
{
    g_autoptr (GSettings) settings = g_settings_new (BUREAU_APP_ID);
    g_autoptr (BureauAccounts) accounts = bureau_accounts_new (settings);
    g_autofree char *ana_id = bureau_id_new ();
    g_autofree char *ben_id = bureau_id_new ();
    g_autoptr (BureauAccount) ana = make_account (ana_id);
    g_autoptr (BureauAccount) ben = make_account (ben_id);
    g_autoptr (BureauAccount) last = NULL;
    g_autoptr (BureauAccount) none = NULL;
    g_autoptr (GPtrArray) all = NULL;
    g_autoptr (GPtrArray) joined = NULL;
    g_autofree char *office = NULL;

    g_assert_null (bureau_accounts_get_last (accounts, NULL));
    bureau_accounts_save (accounts, ben, NULL);
    bureau_accounts_save (accounts, ana, "office-2");
    bureau_accounts_save (accounts, ana, "office-2");
    last = bureau_accounts_get_last (accounts, &office);
    g_assert_cmpstr (last->user_id, ==, ana_id);
    g_assert_cmpstr (last->office_name, ==, "Studio “Nord”");
    g_assert_cmpstr (office, ==, "office-2");

    /* Which office is open to the network is kept, also when the account is saved again. */
    g_assert_false (bureau_accounts_get_shared (accounts, ana_id));
    bureau_accounts_set_shared (accounts, ana_id, TRUE);
    bureau_accounts_save (accounts, ana, "office-2");
    g_assert_true (bureau_accounts_get_shared (accounts, ana_id));
    g_assert_false (bureau_accounts_get_shared (accounts, ben_id));

    /* The last one comes first; one cannot join one's own. */
    bureau_accounts_choose (accounts, ben_id);
    all = bureau_accounts_list (accounts);
    g_assert_cmpuint (all->len, ==, 2);
    g_assert_cmpstr (((BureauAccount *) all->pdata[0])->user_id, ==, ben_id);
    joined = bureau_accounts_list_joined (accounts);
    g_assert_cmpuint (joined->len, ==, 1);
    bureau_accounts_remove (accounts, ben_id);
    bureau_accounts_remove (accounts, ana_id);
    none = bureau_accounts_get_last (accounts, NULL);
    g_assert_null (none);

    /* What somebody has broken by hand counts as no accounts. */
    g_test_expect_message ("bureau", G_LOG_LEVEL_WARNING, "*not readable*");
    g_settings_set_string (settings, "accounts", "[{");
    g_assert_null (bureau_accounts_get_last (accounts, NULL));
    g_test_assert_expected_messages ();
    g_settings_reset (settings, "accounts");
}

static gboolean
is_shown (GtkWidget *root, const char *text)
{
    gpointer label;

    for (guint i = 0; (label = shown_find (root, GTK_TYPE_LABEL, i)) != NULL; i++)
        if (gtk_widget_get_mapped (label) && g_str_equal (gtk_label_get_text (label), text))
            return TRUE;
    return FALSE;
}

static void
test_places (void)
{
    Shown *shown = shown_new ();
    BureauTask *task = shown_add_task (shown, "Patch bay", BUREAU_STATUS_TODO);
    GtkWidget *shell = bureau_shell_new (shown->ana->client, TRUE);
    gpointer row = NULL;

    shown_present (shown, shell, 1000, 600);
    g_assert_null (bureau_shell_get_project (BUREAU_SHELL (shell)));
    g_assert_true (is_shown (shell, "Live"));
    g_assert_true (is_shown (shell, "1/1"));

    bureau_shell_show_project (BUREAU_SHELL (shell), bureau_project_get_id (shown->project));
    shown_settle (shown);
    g_assert_true (bureau_shell_get_project (BUREAU_SHELL (shell)) == shown->project);
    row = shown_find (shell, BUREAU_TYPE_SIDEBAR_ROW, 1);
    g_assert_true (gtk_list_box_row_is_selected (row));

    bureau_shell_open_task (BUREAU_SHELL (shell), bureau_task_get_id (task));
    shown_settle (shown);
    g_assert_cmpstr (bureau_shell_get_open_task (BUREAU_SHELL (shell)), ==,
                     bureau_task_get_id (task));
    bureau_shell_close_details (BUREAU_SHELL (shell));
    shown_settle (shown);
    g_assert_null (bureau_shell_get_open_task (BUREAU_SHELL (shell)));

    bureau_shell_show_people (BUREAU_SHELL (shell));
    shown_settle (shown);
    g_assert_true (is_shown (shell, "Nobody Else Yet"));
    shown_free (shown);
}

/* The pane does not stay open on a task that somebody has deleted. */
static void
test_deleted_task_closes (void)
{
    Shown *shown = shown_new ();
    BureauTask *task = shown_add_task (shown, "Patch bay", BUREAU_STATUS_TODO);
    GtkWidget *shell = bureau_shell_new (shown->ana->client, TRUE);
    JsonObject *params = json_object_new ();
    g_autofree char *id = NULL;

    shown_present (shown, shell, 1000, 600);
    bureau_shell_open_task (BUREAU_SHELL (shell), bureau_task_get_id (task));
    json_object_set_string_member (params, "id", bureau_task_get_id (task));
    id = bureau_client_give (shown->ana->client, BUREAU_COMMAND_TASK_DELETE, params, NULL);
    shown_settle (shown);
    g_assert_null (bureau_shell_get_open_task (BUREAU_SHELL (shell)));
    shown_free (shown);
}

/* The same with a task whose project somebody archives, and the project's own place. */
static void
test_archived_project_closes (void)
{
    Shown *shown = shown_new ();
    BureauTask *task = shown_add_task (shown, "Patch bay", BUREAU_STATUS_TODO);
    GtkWidget *shell = bureau_shell_new (shown->ana->client, TRUE);
    const char *project_id = bureau_project_get_id (shown->project);

    shown_present (shown, shell, 1000, 600);
    bureau_shell_show_project (BUREAU_SHELL (shell), project_id);
    bureau_shell_open_task (BUREAU_SHELL (shell), bureau_task_get_id (task));
    g_free (give (shown->ana, BUREAU_COMMAND_PROJECT_ARCHIVE, "'id': '%s'", project_id));
    shown_settle (shown);
    g_assert_null (bureau_shell_get_open_task (BUREAU_SHELL (shell)));
    g_assert_null (bureau_shell_get_project (BUREAU_SHELL (shell)));
    bureau_shell_show_project (BUREAU_SHELL (shell), project_id);
    g_assert_null (bureau_shell_get_project (BUREAU_SHELL (shell)));
    shown_free (shown);
}

static void
test_dialogs (void)
{
    Shown *shown = shown_new ();
    GtkWidget *page = bureau_people_page_new (shown->ana->client);
    GListModel *windows = gtk_window_get_toplevels ();

    shown_present (shown, page, 400, 600);
    g_assert_nonnull (shown_find (page, BUREAU_TYPE_PERSON_ROW, 0));
    bureau_self_dialog_present (shown->window, shown->ana->client);
    bureau_project_dialog_present (shown->window, shown->ana->client, NULL);
    bureau_project_dialog_present (shown->window, shown->ana->client, shown->project);
    shown_settle (shown);
    g_assert_cmpuint (g_list_model_get_n_items (windows), ==, 4);
    for (guint i = g_list_model_get_n_items (windows); i > 0; i--) {
        g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i - 1);

        if (window != shown->window)
            gtk_window_close (window);
    }
    g_assert_cmpuint (g_list_model_get_n_items (windows), ==, 1);
    shown_free (shown);
}

/* Three tiles and nothing else; then a form that can be sent when it is filled in. */
static void
test_welcome (void)
{
    Shown *shown = shown_new ();
    GtkWidget *welcome = g_object_ref_sink (g_object_new (BUREAU_TYPE_WELCOME, NULL));
    GtkWidget *page, *link, *code;

    shown_present (shown, welcome, 360, 640);
    g_assert_nonnull (shown_find (welcome, BUREAU_TYPE_TILE, 2));
    g_assert_null (shown_find (welcome, BUREAU_TYPE_TILE, 3));

    g_signal_emit_by_name (shown_find (welcome, BUREAU_TYPE_TILE, 1), "clicked");
    shown_settle (shown);
    page = shown_find (welcome, BUREAU_TYPE_JOIN_PAGE, 0);
    link = shown_find (page, ADW_TYPE_ENTRY_ROW, 0);
    code = shown_find (page, ADW_TYPE_ENTRY_ROW, 1);
    g_assert_true (gtk_widget_get_mapped (link));
    g_assert_true (gtk_widget_get_mapped (code));
    /* A link holds the code. */
    gtk_editable_set_text (GTK_EDITABLE (link), "bureau://127.0.0.1:28732/#v1..secret");
    shown_settle (shown);
    g_assert_false (gtk_widget_get_mapped (code));
    /* An address that was copied together with its code is taken apart. */
    gtk_editable_set_text (GTK_EDITABLE (link), "127.0.0.1:9  k7qf2m9");
    g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (code)), ==, "");
    gtk_editable_set_text (GTK_EDITABLE (link), "127.0.0.1:9  k7qf2m9x");
    g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (link)), ==, "127.0.0.1:9");
    g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (code)), ==, "K7QF-2M9X");
    shown_free (shown);
    g_object_unref (welcome);
}

static void
on_session_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    *(BureauWorkplace **) data = bureau_workplace_finish (result, NULL);
}

static void
on_closed_cb (GtkWindow *window, gpointer data)
{
    *(gboolean *) data = TRUE;
}

static void
on_closed_session_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    *(GAsyncResult **) data = g_object_ref (result);
}

static gboolean
has_title (BureauWorkplace *workplace, const char *title)
{
    GListModel *tasks = bureau_client_get_tasks (bureau_workplace_get_client (workplace));

    for (guint i = 0; i < g_list_model_get_n_items (tasks); i++) {
        g_autoptr (BureauTask) task = g_list_model_get_item (tasks, i);

        if (g_str_equal (bureau_task_get_title (task), title))
            return TRUE;
    }
    return FALSE;
}

static void
close_session (BureauWorkplace *workplace)
{
    g_autoptr (GAsyncResult) result = NULL;

    bureau_workplace_close_async (workplace, on_closed_session_cb, &result);
    WAIT_UNTIL (result != NULL);
    g_assert_true (bureau_workplace_close_finish (workplace, result, NULL));
}

/* A window that is closed while one types loses nothing of it. */
static void
test_close_keeps_text (void)
{
    g_autoptr (GSettings) settings = g_settings_new (BUREAU_APP_ID);
    g_autoptr (BureauAccounts) accounts = bureau_accounts_new (settings);
    g_autoptr (BureauWorkplace) workplace = NULL;
    g_autoptr (BureauWorkplace) again = NULL;
    g_autoptr (BureauTask) task = NULL;
    BureauWindow *window = bureau_window_new (NULL, settings, accounts);
    gboolean closed = FALSE;
    GtkWidget *field;

    gtk_window_present (GTK_WINDOW (window));
    bureau_workplace_found_async (accounts, "Studio", "Ana", FALSE, NULL, on_session_cb,
                                  &workplace);
    WAIT_UNTIL (workplace != NULL);
    g_signal_emit_by_name (shown_find (GTK_WIDGET (window), BUREAU_TYPE_WELCOME, 0), "entered",
                           workplace);
    WAIT_UNTIL (bureau_client_get_state (bureau_window_get_client (window)) == BUREAU_CLIENT_LIVE);
    task = g_list_model_get_item (bureau_client_get_tasks (bureau_window_get_client (window)), 0);
    bureau_shell_open_task (bureau_window_get_shell (window), bureau_task_get_id (task));
    field = shown_find (GTK_WIDGET (window), BUREAU_TYPE_TEXT_FIELD, 0);
    WAIT_UNTIL (gtk_widget_get_mapped (field));
    bureau_text_field_focus (BUREAU_TEXT_FIELD (field));
    gtk_text_buffer_set_text (gtk_text_view_get_buffer (shown_find (field, GTK_TYPE_TEXT_VIEW, 0)),
                              "Half typed", -1);

    g_signal_connect (window, "closed", G_CALLBACK (on_closed_cb), &closed);
    gtk_window_close (GTK_WINDOW (window));
    WAIT_UNTIL (closed);
    g_clear_object (&workplace);
    bureau_workplace_open_async (accounts, NULL, on_session_cb, &again);
    WAIT_UNTIL (again != NULL);
    WAIT_UNTIL (has_title (again, "Half typed"));
    close_session (again);
    bureau_accounts_remove (
        accounts, bureau_client_get_account (bureau_workplace_get_client (again))->user_id);
}

static void
test_adaptive_bin (void)
{
    GtkWidget *bin = g_object_new (BUREAU_TYPE_ADAPTIVE_BIN, "minimum-width", 200, "threshold", 600,
                                   "child", gtk_label_new (NULL), NULL);
    int least;
    Shown *shown = shown_new ();

    gtk_widget_set_size_request (adw_bin_get_child (ADW_BIN (bin)), 500, -1);
    gtk_widget_measure (bin, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
    g_assert_cmpint (least, ==, 200);
    shown_present (shown, bin, 700, 200);
    g_assert_false (bureau_adaptive_bin_get_narrow (BUREAU_ADAPTIVE_BIN (bin)));
    gtk_window_set_default_size (shown->window, 300, 200);
    WAIT_UNTIL (bureau_adaptive_bin_get_narrow (BUREAU_ADAPTIVE_BIN (bin)));
    shown_free (shown);
}

int
main (int argc, char *argv[])
{
    g_test_init (&argc, &argv, NULL);
    shown_init ();
    g_test_add_func ("/project/short-name", test_short_name);
    g_test_add_func ("/accounts", test_accounts);
    g_test_add_func ("/shell/places", test_places);
    g_test_add_func ("/shell/deleted-task-closes", test_deleted_task_closes);
    g_test_add_func ("/shell/archived-project-closes", test_archived_project_closes);
    g_test_add_func ("/dialogs", test_dialogs);
    g_test_add_func ("/welcome", test_welcome);
    g_test_add_func ("/window/close-keeps-text", test_close_keeps_text);
    g_test_add_func ("/adaptive-bin", test_adaptive_bin);
    return g_test_run ();
}
