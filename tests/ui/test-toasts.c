/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What a window says of changes that clashed, were refused, or were missed, and what its buttons
 * do. */

#include "bureau-accounts.h"
#include "bureau-error.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "queue/bureau-queue-dialog.h"
#include "shown.h"
#include "window/bureau-window-private.h"

#define MINUTE 60000

typedef struct {
    GSettings *settings;      /* (owned) */
    BureauAccounts *accounts; /* (owned) */
    BureauWindow *window;
    BureauClient *client; /* (not owned) */
} Fixture;

static void
on_founded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    *(BureauWorkplace **) data = bureau_workplace_finish (result, NULL);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
    g_autoptr (BureauWorkplace) workplace = NULL;

    g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
    fixture->settings = g_settings_new (BUREAU_APP_ID);
    fixture->accounts = bureau_accounts_new (fixture->settings);
    fixture->window = bureau_window_new (NULL, fixture->settings, fixture->accounts);
    gtk_window_set_default_size (GTK_WINDOW (fixture->window), GPOINTER_TO_INT (data), 700);
    gtk_window_present (GTK_WINDOW (fixture->window));
    bureau_workplace_found_async (fixture->accounts, "Studio", "Ana", FALSE, NULL, on_founded_cb,
                                  &workplace);
    WAIT_UNTIL (workplace != NULL);
    g_signal_emit_by_name (
        shown_find (GTK_WIDGET (fixture->window), g_type_from_name ("BureauWelcome"), 0), "entered",
        workplace);
    WAIT_UNTIL (bureau_client_get_state (bureau_window_get_client (fixture->window)) ==
                BUREAU_CLIENT_LIVE);
    fixture->client = bureau_window_get_client (fixture->window);
}

static void
on_closed_cb (GtkWindow *window, gpointer data)
{
    *(gboolean *) data = TRUE;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
    g_autofree char *user_id = g_strdup (bureau_client_get_account (fixture->client)->user_id);
    gboolean closed = FALSE;

    g_signal_connect (fixture->window, "closed", G_CALLBACK (on_closed_cb), &closed);
    gtk_window_close (GTK_WINDOW (fixture->window));
    WAIT_UNTIL (closed);
    bureau_accounts_remove (fixture->accounts, user_id);
    g_object_unref (fixture->accounts);
    g_object_unref (fixture->settings);
}

/* ------------------------------------------------------------------ what is in the window */

/* That is shown, and whose text it is. (nullable) */
static GtkLabel *
find_label (gpointer root, const char *text)
{
    GtkLabel *label;

    for (guint i = 0; (label = shown_find (root, GTK_TYPE_LABEL, i)) != NULL; i++) {
        if (gtk_widget_get_mapped (GTK_WIDGET (label)) &&
            g_str_equal (gtk_label_get_text (label), text))
            return label;
    }
    return NULL;
}

static void
click (Fixture *fixture, const char *text)
{
    GtkLabel *label;

    WAIT_UNTIL ((label = find_label (fixture->window, text)) != NULL);
    g_signal_emit_by_name (gtk_widget_get_ancestor (GTK_WIDGET (label), GTK_TYPE_BUTTON),
                           "clicked");
}

/* (transfer none): the client keeps it */
static BureauTask *
get_nth_task (Fixture *fixture, guint nth)
{
    g_autoptr (BureauTask) task = g_list_model_get_item (bureau_client_get_tasks (fixture->client),
                                                         nth);

    g_assert_nonnull (task);
    return task;
}

/* Whether the details are of the task. */
static gboolean
is_open (Fixture *fixture, BureauTask *task)
{
    GtkTextView *view;

    for (guint i = 0; (view = shown_find (GTK_WIDGET (fixture->window), GTK_TYPE_TEXT_VIEW, i));
         i++) {
        g_autofree char *text = NULL;

        g_object_get (gtk_text_view_get_buffer (view), "text", &text, NULL);
        if (gtk_widget_get_mapped (GTK_WIDGET (view)) &&
            g_str_equal (text, bureau_task_get_title (task)))
            return TRUE;
    }
    return FALSE;
}

static void
tell_missed (Fixture *fixture, guint n_changes, gint64 ago, const char *const *task_ids)
{
    g_signal_emit_by_name (fixture->client, "caught-up", n_changes,
                           bureau_client_get_now (fixture->client) - ago, task_ids);
}

/* ------------------------------------------------------------------ while one was away */

/* One after another, and those that are gone are passed over. */
static void
test_jump (Fixture *fixture, gconstpointer data)
{
    BureauTask *first = get_nth_task (fixture, 0), *second = get_nth_task (fixture, 1);
    g_autofree char *gone = bureau_id_new ();
    const char *const ids[] = { gone, bureau_task_get_id (first), gone, bureau_task_get_id (second),
                                NULL };

    tell_missed (fixture, 23, 41 * MINUTE, ids);
    WAIT_UNTIL (
        find_label (fixture->window, "While you were away: 23 changes in 41 minutes, 4 for you"));
    click (fixture, "Jump");
    WAIT_UNTIL (is_open (fixture, first));
    WAIT_UNTIL (find_label (fixture->window, "1 more for you"));
    click (fixture, "Next");
    WAIT_UNTIL (is_open (fixture, second) && !is_open (fixture, first));
    WAIT_UNTIL (!find_label (fixture->window, "Next"));
}

static void
test_jump_nowhere (Fixture *fixture, gconstpointer data)
{
    g_autofree char *gone = bureau_id_new ();
    const char *const ids[] = { gone, NULL };

    tell_missed (fixture, 1, 3 * 24 * 60 * MINUTE, ids);
    WAIT_UNTIL (find_label (fixture->window, "While you were away: 1 change in 3 days, 1 for you"));
    click (fixture, "Jump");
    WAIT_UNTIL (find_label (fixture->window, "What changed for you is not there any more."));
}

/* It comes before what others did. */
static void
test_set_back (Fixture *fixture, gconstpointer data)
{
    const char *const none[] = { NULL };

    tell_missed (fixture, 23, 41 * MINUTE, none);
    g_signal_emit_by_name (fixture->client, "set-back", 12);
    WAIT_UNTIL (find_label (fixture->window, "The office was put back from a backup: 12 tasks are "
                                             "gone, or as they were before"));
}

static void
test_not_worth_a_word (Fixture *fixture, gconstpointer data)
{
    const char *const none[] = { NULL };

    tell_missed (fixture, 4, MINUTE / 2, none);
    tell_missed (fixture, 5, MINUTE / 2, none);
    WAIT_UNTIL (
        find_label (fixture->window, "While you were away: 5 changes in less than a minute"));
    g_assert_null (
        find_label (fixture->window, "While you were away: 4 changes in less than a minute"));
}

/* ------------------------------------------------------------------ conflicts */

static void
tell_conflict (Fixture *fixture, BureauTask *task, const char *members)
{
    g_autofree char *text = g_strdup_printf (
        "{\"taskId\":\"%s\",\"title\":\"Cables\",\"byName\":\"Ben\",%s}", bureau_task_get_id (task),
        members);
    g_autoptr (JsonObject) conflict = bureau_json_parse_object (text, -1, NULL);

    g_assert_nonnull (conflict);
    g_signal_emit_by_name (fixture->client, "conflicted", conflict);
}

/* What people write is shown as they wrote it, and one click puts it back. */
static void
test_put_theirs_back (Fixture *fixture, gconstpointer data)
{
    BureauTask *task = get_nth_task (fixture, 0);

    tell_conflict (fixture, task,
                   "\"field\":\"title\",\"mine\":\"Red\",\"theirs\":\"<b>&amp;</b> %s\","
                   "\"stands\":true");
    WAIT_UNTIL (
        find_label (fixture->window, "Title: yours, “Red”, replaced Ben’s, “<b>&amp;</b> %s”."));
    click (fixture, "Put Theirs Back");
    WAIT_UNTIL (g_str_equal (bureau_task_get_title (task), "<b>&amp;</b> %s"));
    WAIT_UNTIL (!find_label (fixture->window, "Put Theirs Back"));
}

static void
test_put_mine_back (Fixture *fixture, gconstpointer data)
{
    BureauTask *task = get_nth_task (fixture, 0);

    tell_conflict (fixture, task,
                   "\"field\":\"dueAt\",\"mine\":null,\"theirs\":\"2031-12-24\",\"stands\":false");
    WAIT_UNTIL (find_label (fixture->window, "Put Mine Back"));
    bureau_task_set_due_at (task, "2031-12-24");
    click (fixture, "Put Mine Back");
    WAIT_UNTIL (bureau_task_get_due_at (task) == NULL);
}

/* Many are one word, which leads from one of the tasks to the next. */
static void
test_many_clashes (Fixture *fixture, gconstpointer data)
{
    BureauTask *first = get_nth_task (fixture, 0), *second = get_nth_task (fixture, 1);

    for (guint i = 0; i < 5; i++)
        tell_conflict (fixture, i < 3 ? first : second,
                       "\"field\":\"priority\",\"mine\":1,\"theirs\":2,\"stands\":true");
    WAIT_UNTIL (find_label (fixture->window, "5 of your changes clashed with those of others"));
    g_assert_null (find_label (fixture->window, "Put Theirs Back"));
    click (fixture, "Show");
    WAIT_UNTIL (is_open (fixture, first));
    click (fixture, "Next");
    WAIT_UNTIL (is_open (fixture, second));

    tell_conflict (fixture, first,
                   "\"field\":\"priority\",\"mine\":1,\"theirs\":2,\"stands\":true");
    WAIT_UNTIL (find_label (fixture->window, "Put Theirs Back"));
}

/* ------------------------------------------------------------------ refused */

static void
tell_refused (Fixture *fixture)
{
    g_autoptr (JsonObject) params = json_object_new ();
    g_autoptr (GError) error = g_error_new_literal (BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN,
                                                    "You may not.");

    g_signal_emit_by_name (fixture->client, "refused", "task:update", params, error);
}

/* Several are one word, which leads to the list. */
static void
test_refused (Fixture *fixture, gconstpointer data)
{
    GtkWindow *dialog;

    tell_refused (fixture);
    tell_refused (fixture);
    tell_refused (fixture);
    WAIT_UNTIL (find_label (fixture->window, "3 changes of yours were not done; they are kept"));
    click (fixture, "Show");
    WAIT_UNTIL ((dialog = shown_find_window (BUREAU_TYPE_QUEUE_DIALOG)) != NULL);
    WAIT_UNTIL (find_label (dialog, "Nothing Waits"));
    gtk_window_destroy (dialog);
    WAIT_UNTIL (!find_label (fixture->window, "Show"));

    /* Once it was seen, the count begins anew. */
    tell_refused (fixture);
    WAIT_UNTIL (find_label (fixture->window, "Show"));
    g_assert_null (find_label (fixture->window, "4 changes of yours were not done; they are kept"));
}

/* What one does is answered at once, whatever else is being said. */
static void
test_answer_comes_first (Fixture *fixture, gconstpointer data)
{
    const char *const none[] = { NULL };

    tell_missed (fixture, 23, 41 * MINUTE, none);
    WAIT_UNTIL (find_label (fixture->window, "While you were away: 23 changes in 41 minutes"));
    bureau_toaster_say (bureau_window_get_toaster (fixture->window), "Copied");
    WAIT_UNTIL (find_label (fixture->window, "Copied"));
}

/* As when one comes back: all of it at once, with the animations that a window has. */
static void
test_all_at_once (Fixture *fixture, gconstpointer data)
{
    const char *const none[] = { NULL };

    g_object_set (gtk_settings_get_default (), "gtk-enable-animations", TRUE, NULL);
    tell_missed (fixture, 23, 41 * MINUTE, none);
    tell_refused (fixture);
    tell_refused (fixture);
    for (guint i = 0; i < 4; i++)
        tell_conflict (fixture, get_nth_task (fixture, i % 2),
                       "\"field\":\"priority\",\"mine\":1,\"theirs\":2,\"stands\":true");
    g_signal_emit_by_name (fixture->client, "access-changed", "role", "manager");
    g_signal_emit_by_name (fixture->client, "access-changed", "role", "owner");
    bureau_toaster_say (bureau_window_get_toaster (fixture->window), "Copied");
    WAIT_UNTIL (find_label (fixture->window, "Copied"));
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    shown_init ();
#define ADD(name, function)                                                                        \
    g_test_add ("/toasts/wide/" name, Fixture, GINT_TO_POINTER (1000), set_up, function,           \
                tear_down);                                                                        \
    g_test_add ("/toasts/narrow/" name, Fixture, GINT_TO_POINTER (360), set_up, function, tear_down)
    ADD ("jump", test_jump);
    ADD ("jump-nowhere", test_jump_nowhere);
    ADD ("not-worth-a-word", test_not_worth_a_word);
    ADD ("put-theirs-back", test_put_theirs_back);
    ADD ("put-mine-back", test_put_mine_back);
    ADD ("many-clashes", test_many_clashes);
    ADD ("set-back", test_set_back);
    ADD ("refused", test_refused);
    ADD ("answer-comes-first", test_answer_comes_first);
    ADD ("all-at-once", test_all_at_once);
#undef ADD
    return g_test_run ();
}
