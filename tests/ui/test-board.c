/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "board/bureau-board-column.h"
#include "board/bureau-board.h"
#include "board/bureau-project-page.h"
#include "board/bureau-task-commands.h"
#include "board/bureau-task-surface.h"
#include "list/bureau-task-list.h"
#include "myday/bureau-my-day-page.h"
#include "shown.h"
#include "timers/bureau-timer-pill.h"
#include "widgets/bureau-task-cell.h"

/* "A B C": the titles of a column from top to bottom. */
static char *
titles_of (GtkWidget *page, BureauStatus status)
{
    BureauBoardColumn *column = shown_find (page, BUREAU_TYPE_BOARD_COLUMN, status);
    BureauTaskModel *model = bureau_board_column_get_model (column);
    GString *titles = g_string_new (NULL);

    g_assert_cmpint (bureau_board_column_get_status (column), ==, status);
    for (guint i = 0; i < bureau_task_model_get_n_items (model); i++)
        g_string_append_printf (titles, "%s%s", i > 0 ? " " : "",
                                bureau_task_get_title (bureau_task_model_get (model, i)));
    return g_string_free (titles, FALSE);
}

static void
assert_column (GtkWidget *page, BureauStatus status, const char *expected)
{
    g_autofree char *titles = titles_of (page, status);

    g_assert_cmpstr (titles, ==, expected);
}

static void
act (GtkWidget *page, const char *action)
{
    BureauBoard *board = shown_find (page, BUREAU_TYPE_BOARD, 0);

    gtk_widget_activate_action (GTK_WIDGET (board), action, NULL);
}

static void
test_moves (void)
{
    Shown *shown = shown_new ();
    GtkWidget *page = bureau_project_page_new (shown->ana->client, shown->project);
    BureauTask *a = shown_add_task (shown, "A", BUREAU_STATUS_TODO);
    BureauTaskSurface *board;

    shown_add_task (shown, "B", BUREAU_STATUS_TODO);
    shown_add_task (shown, "C", BUREAU_STATUS_IN_PROGRESS);
    shown_present (shown, page, 1100, 600);
    board = shown_find (page, BUREAU_TYPE_BOARD, 0);
    assert_column (page, BUREAU_STATUS_TODO, "A B");

    g_assert_true (bureau_project_page_focus_first (BUREAU_PROJECT_PAGE (page)));
    g_assert_true (bureau_task_surface_get_focused (board) == a);
    act (page, "task.down");
    shown_settle (shown);
    assert_column (page, BUREAU_STATUS_TODO, "B A");
    g_assert_true (bureau_task_surface_get_focused (board) == a);
    act (page, "task.up");
    shown_settle (shown);
    assert_column (page, BUREAU_STATUS_TODO, "A B");

    /* Into the next column, to its top; the focus goes along. */
    act (page, "task.right");
    shown_settle (shown);
    assert_column (page, BUREAU_STATUS_TODO, "B");
    assert_column (page, BUREAU_STATUS_IN_PROGRESS, "A C");
    g_assert_true (bureau_task_surface_get_focused (board) == a);
    act (page, "task.done");
    shown_settle (shown);
    assert_column (page, BUREAU_STATUS_DONE, "A");
    g_assert_true (bureau_task_surface_get_focused (board) == a);

    /* What the hub confirms is what was shown. */
    WAIT_UNTIL (bureau_client_get_waiting (shown->ana->client) == 0);
    shown_settle (shown);
    assert_column (page, BUREAU_STATUS_IN_PROGRESS, "C");
    assert_column (page, BUREAU_STATUS_DONE, "A");

    act (page, "task.open");
    act (page, "task.timer");
    act (page, "task.delete");
    g_assert_cmpstr (shown->activated->str, ==, "open-task A toggle-timer A delete-task A ");
    shown_free (shown);
}

/* A colleague moves the card that has my focus, and one above it. */
static void
test_live (void)
{
    Shown *shown = shown_new ();
    GtkWidget *page = bureau_project_page_new (shown->ana->client, shown->project);
    BureauTask *a = shown_add_task (shown, "A", BUREAU_STATUS_TODO);
    BureauTask *b = shown_add_task (shown, "B", BUREAU_STATUS_TODO);
    Person *ben = person_new_invited (shown->ana, "Ben");
    BureauTaskSurface *board;

    person_start_live (ben);
    WAIT_UNTIL (get_task (ben, bureau_task_get_id (b)) != NULL);
    shown_present (shown, page, 1100, 600);
    board = shown_find (page, BUREAU_TYPE_BOARD, 0);
    g_assert_true (bureau_task_surface_focus_task (board, b));

    bureau_task_give_move (ben->client, get_task (ben, bureau_task_get_id (a)), BUREAU_STATUS_DONE,
                           NULL);
    WAIT_UNTIL (bureau_task_get_status (a) == BUREAU_STATUS_DONE);
    shown_settle (shown);
    assert_column (page, BUREAU_STATUS_TODO, "B");
    g_assert_true (bureau_task_surface_get_focused (board) == b);

    bureau_task_give_move (ben->client, get_task (ben, bureau_task_get_id (b)),
                           BUREAU_STATUS_REVIEW, NULL);
    WAIT_UNTIL (bureau_task_get_status (b) == BUREAU_STATUS_REVIEW);
    shown_settle (shown);
    assert_column (page, BUREAU_STATUS_REVIEW, "B");
    g_assert_true (bureau_task_surface_get_focused (board) == b);
    person_free (ben);
    shown_free (shown);
}

static void
test_filter (void)
{
    Shown *shown = shown_new ();
    GtkWidget *page = bureau_project_page_new (shown->ana->client, shown->project);
    GtkEditable *entry;
    GtkStack *stack;

    shown_add_task (shown, "Replace patch bay", BUREAU_STATUS_TODO);
    shown_add_task (shown, "Order cables", BUREAU_STATUS_TODO);
    shown_present (shown, page, 1100, 600);
    bureau_project_page_focus_filter (BUREAU_PROJECT_PAGE (page));
    entry = shown_find (page, GTK_TYPE_SEARCH_ENTRY, 0);
    stack = shown_find (page, GTK_TYPE_STACK, 0);

    gtk_editable_set_text (entry, "BAY replace");
    WAIT_UNTIL (bureau_task_model_get_n_items (bureau_board_column_get_model (
                    shown_find (page, BUREAU_TYPE_BOARD_COLUMN, BUREAU_STATUS_TODO))) == 1);
    assert_column (page, BUREAU_STATUS_TODO, "Replace patch bay");
    g_assert_cmpstr (gtk_stack_get_visible_child_name (stack), ==, "board");

    gtk_editable_set_text (entry, "nowhere");
    WAIT_UNTIL (g_str_equal (gtk_stack_get_visible_child_name (stack), "nothing"));
    gtk_editable_set_text (entry, "");
    WAIT_UNTIL (g_str_equal (gtk_stack_get_visible_child_name (stack), "board"));
    assert_column (page, BUREAU_STATUS_TODO, "Replace patch bay Order cables");
    shown_free (shown);
}

static void
test_list (void)
{
    Shown *shown = shown_new ();
    GtkWidget *page = bureau_project_page_new (shown->ana->client, shown->project);
    BureauTask *a = shown_add_task (shown, "A", BUREAU_STATUS_TODO);
    BureauTask *b = shown_add_task (shown, "B", BUREAU_STATUS_IN_PROGRESS);
    BureauTaskSurface *list;

    bureau_project_page_set_view (BUREAU_PROJECT_PAGE (page), "list");
    shown_present (shown, page, 800, 600);
    list = shown_find (page, BUREAU_TYPE_TASK_LIST, 0);
    g_assert_true (bureau_task_surface_focus_task (list, b));

    /* The row above is of another column: nowhere to go. */
    gtk_widget_activate_action (GTK_WIDGET (list), "task.up", NULL);
    g_assert_cmpuint (bureau_client_get_waiting (shown->ana->client), ==, 0);
    gtk_widget_activate_action (GTK_WIDGET (list), "task.left", NULL);
    shown_settle (shown);
    g_assert_cmpint (bureau_task_get_status (b), ==, BUREAU_STATUS_TODO);
    g_assert_true (bureau_task_surface_get_focused (list) == b);
    g_assert_cmpint (bureau_task_compare (b, a), <, 0);
    shown_free (shown);
}

static void
test_my_day (void)
{
    Shown *shown = shown_new ();
    GtkWidget *page = bureau_my_day_page_new (shown->ana->client);
    const char *const me[] = { shown->ana->account->user_id, NULL };
    BureauTask *a = shown_add_task (shown, "A", BUREAU_STATUS_TODO);

    shown_present (shown, page, 500, 600);
    g_assert_cmpuint (bureau_my_day_page_get_count (BUREAU_MY_DAY_PAGE (page)), ==, 0);
    bureau_task_give_assignees (shown->ana->client, a, me);
    WAIT_UNTIL (bureau_my_day_page_get_count (BUREAU_MY_DAY_PAGE (page)) == 1);
    /* Later than in seven days it waits in its project; overdue it is here again. */
    bureau_task_give_due (shown->ana->client, a, "2999-01-01");
    WAIT_UNTIL (bureau_my_day_page_get_count (BUREAU_MY_DAY_PAGE (page)) == 0);
    bureau_task_give_due (shown->ana->client, a, "2001-01-01");
    WAIT_UNTIL (bureau_my_day_page_get_count (BUREAU_MY_DAY_PAGE (page)) == 1);
    bureau_task_give_done (shown->ana->client, a);
    WAIT_UNTIL (bureau_my_day_page_get_count (BUREAU_MY_DAY_PAGE (page)) == 0);
    bureau_task_give_done (shown->ana->client, a);
    WAIT_UNTIL (bureau_my_day_page_get_count (BUREAU_MY_DAY_PAGE (page)) == 1);

    /* An archived project takes its tasks with it. */
    g_free (give (shown->ana, BUREAU_COMMAND_PROJECT_ARCHIVE, "'id': '%s'",
                  bureau_project_get_id (shown->project)));
    WAIT_UNTIL (bureau_my_day_page_get_count (BUREAU_MY_DAY_PAGE (page)) == 0);
    shown_free (shown);
}

static void
test_timer_pill (void)
{
    Shown *shown = shown_new ();
    GtkWidget *pill = bureau_timer_pill_new (shown->ana->client);
    GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
    BureauTask *a = shown_add_task (shown, "A", BUREAU_STATUS_TODO);
    g_autofree char *id = NULL;

    gtk_box_append (GTK_BOX (box), gtk_label_new ("Head"));
    gtk_box_append (GTK_BOX (box), pill);
    shown_present (shown, box, 300, 100);
    g_assert_false (gtk_widget_get_visible (pill));
    g_free (
        give (shown->ana, BUREAU_COMMAND_TIMER_START, "'taskId': '%s'", bureau_task_get_id (a)));
    WAIT_UNTIL (gtk_widget_get_mapped (pill));
    g_assert_cmpstr (gtk_label_get_label (shown_find (pill, GTK_TYPE_LABEL, 0)), ==,
                     bureau_task_get_key (a));
    WAIT_UNTIL (
        g_str_equal (gtk_label_get_label (shown_find (pill, GTK_TYPE_LABEL, 1)), "0:00:01"));
    g_free (give (shown->ana, BUREAU_COMMAND_TIMER_STOP, " "));
    WAIT_UNTIL (!gtk_widget_get_visible (pill));

    id = bureau_duration_to_text (36000 + 60 * 5 + 9);
    g_assert_cmpstr (id, ==, "10:05:09");
    shown_free (shown);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    shown_init ();
    g_test_add_func ("/board/moves", test_moves);
    g_test_add_func ("/board/live", test_live);
    g_test_add_func ("/board/filter", test_filter);
    g_test_add_func ("/board/list", test_list);
    g_test_add_func ("/board/my-day", test_my_day);
    g_test_add_func ("/board/timer-pill", test_timer_pill);
    return g_test_run ();
}
