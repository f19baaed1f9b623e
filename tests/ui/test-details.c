/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "board/bureau-task-commands.h"
#include "details/bureau-details.h"
#include "details/bureau-text-field.h"
#include "newtask/bureau-new-task-dialog.h"
#include "shown.h"

static GtkTextBuffer *
buffer_of (gpointer field)
{
    return gtk_text_view_get_buffer (shown_find (field, GTK_TYPE_TEXT_VIEW, 0));
}

static void
type_text (gpointer field, const char *text)
{
    bureau_text_field_focus (field);
    gtk_text_buffer_set_text (buffer_of (field), text, -1);
}

static gboolean
has_chip (gpointer field)
{
    return gtk_revealer_get_reveal_child (shown_find (field, GTK_TYPE_REVEALER, 0));
}

typedef struct {
    Shown *shown;
    BureauTask *task; /* (unowned): Ana's */
    GtkWidget *details;
    BureauTextField *title;
    BureauTextField *description;
} Pane;

static void
pane_set_up (Pane *pane)
{
    pane->shown = shown_new ();
    pane->task = shown_add_task (pane->shown, "Patch bay", BUREAU_STATUS_TODO);
    pane->details = bureau_details_new (pane->shown->ana->client);
    bureau_details_set_task (BUREAU_DETAILS (pane->details), pane->task);
    pane->title = shown_find (pane->details, BUREAU_TYPE_TEXT_FIELD, 0);
    pane->description = shown_find (pane->details, BUREAU_TYPE_TEXT_FIELD, 1);
    shown_present (pane->shown, pane->details, 360, 800);
}

static void
test_saves (void)
{
    Pane pane;

    pane_set_up (&pane);
    g_assert_cmpstr (bureau_text_field_get_text (pane.title), ==, "Patch bay");
    type_text (pane.title, "  Patch bay B ");
    bureau_text_field_focus (pane.description);
    shown_settle (pane.shown);
    g_assert_cmpstr (bureau_task_get_title (pane.task), ==, "Patch bay B");

    /* A title can't be empty, nor can it have lines. */
    type_text (pane.title, "   ");
    bureau_text_field_focus (pane.description);
    shown_settle (pane.shown);
    g_assert_cmpstr (bureau_task_get_title (pane.task), ==, "Patch bay B");
    g_assert_cmpstr (bureau_text_field_get_text (pane.title), ==, "Patch bay B");
    type_text (pane.title, "One\ntwo");
    bureau_text_field_commit (pane.title);
    g_assert_cmpstr (bureau_task_get_title (pane.task), ==, "One two");

    /* What is being typed is kept when another task is shown. */
    type_text (pane.description, "First line\nsecond line");
    bureau_details_set_task (BUREAU_DETAILS (pane.details), NULL);
    g_assert_cmpstr (bureau_task_get_description (pane.task), ==, "First line\nsecond line");
    WAIT_UNTIL (bureau_client_get_waiting (pane.shown->ana->client) == 0);
    g_assert_cmpstr (bureau_task_get_description (pane.task), ==, "First line\nsecond line");
    shown_free (pane.shown);
}

static void
test_length (void)
{
    g_autofree char *word = g_strnfill (BUREAU_MAX_TITLE + 20, 'x');
    Pane pane;

    pane_set_up (&pane);
    type_text (pane.title, word);
    g_assert_cmpint (g_utf8_strlen (bureau_text_field_get_text (pane.title), -1), ==,
                     BUREAU_MAX_TITLE);
    shown_free (pane.shown);
}

/* Ben changes what Ana looks at: at once, unless she is typing right there. */
static void
test_conflict (void)
{
    Person *ben;
    Pane pane;
    BureauTask *his;

    pane_set_up (&pane);
    ben = person_new_invited (pane.shown->ana, "Ben");
    person_start_live (ben);
    WAIT_UNTIL (get_task (ben, bureau_task_get_id (pane.task)) != NULL);
    his = get_task (ben, bureau_task_get_id (pane.task));
    bureau_client_set_viewing (ben->client, bureau_task_get_id (his));

    bureau_task_give_title (ben->client, his, "Patch bay C");
    WAIT_UNTIL (g_str_equal (bureau_task_get_title (pane.task), "Patch bay C"));
    g_assert_cmpstr (bureau_text_field_get_text (pane.title), ==, "Patch bay C");
    g_assert_false (has_chip (pane.title));

    type_text (pane.title, "Patch bay, mine");
    bureau_task_give_title (ben->client, his, "Patch bay, his");
    WAIT_UNTIL (has_chip (pane.title));
    g_assert_cmpstr (bureau_text_field_get_text (pane.title), ==, "Patch bay, mine");
    shown_settle (pane.shown);

    /* Hers is kept as she leaves; his is still offered. */
    bureau_text_field_commit (pane.title);
    WAIT_UNTIL (bureau_client_get_waiting (pane.shown->ana->client) == 0);
    g_assert_cmpstr (bureau_task_get_title (pane.task), ==, "Patch bay, mine");
    g_assert_true (has_chip (pane.title));
    g_signal_emit_by_name (shown_find (GTK_WIDGET (pane.title), GTK_TYPE_BUTTON, 0), "clicked");
    WAIT_UNTIL (g_str_equal (bureau_task_get_title (pane.task), "Patch bay, his"));
    g_assert_false (has_chip (pane.title));

    WAIT_UNTIL (g_str_equal (bureau_task_get_title (his), "Patch bay, his"));
    person_free (ben);
    shown_free (pane.shown);
}

static void
test_new_task (void)
{
    Shown *shown = shown_new ();
    GtkWidget *dialog = NULL;
    g_autoptr (GList) windows = NULL;
    GListModel *tasks;

    shown_present (shown, gtk_label_new ("Behind"), 600, 400);
    bureau_new_task_dialog_present (shown->window, shown->ana->client, shown->project);
    windows = gtk_window_list_toplevels ();
    for (GList *l = windows; l != NULL; l = l->next)
        if (gtk_window_get_transient_for (l->data) == shown->window)
            dialog = l->data;
    g_assert_nonnull (dialog);
    shown_settle (shown);

    /* Nothing without a title. */
    tasks = bureau_client_get_tasks (shown->ana->client);
    g_signal_emit_by_name (shown_find (dialog, ADW_TYPE_ENTRY_ROW, 0), "entry-activated");
    g_assert_cmpuint (g_list_model_get_n_items (tasks), ==, 0);
    gtk_editable_set_text (shown_find (dialog, ADW_TYPE_ENTRY_ROW, 0), " Order cables ");
    g_signal_emit_by_name (shown_find (dialog, ADW_TYPE_ENTRY_ROW, 0), "entry-activated");
    WAIT_UNTIL (g_list_model_get_n_items (tasks) == 1);
    shown_settle (shown);
    shown_free (shown);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    shown_init ();
    g_test_add_func ("/details/saves", test_saves);
    g_test_add_func ("/details/length", test_length);
    g_test_add_func ("/details/conflict", test_conflict);
    g_test_add_func ("/details/new-task", test_new_task);
    return g_test_run ();
}
