/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "board/bureau-task-commands.h"
#include "details/bureau-details.h"
#include "details/bureau-text-field.h"
#include "newtask/bureau-new-task-dialog.h"
#include "shown.h"
#include "widgets/bureau-people-button.h"

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

/* (nullable) */
static GtkWidget *
find_label (GtkWidget *root, const char *text)
{
    GtkWidget *label;

    for (guint i = 0; (label = shown_find (root, GTK_TYPE_LABEL, i)) != NULL; i++)
        if (g_str_equal (gtk_label_get_text (GTK_LABEL (label)), text))
            return label;
    return NULL;
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

    bureau_task_give_title (ben->client, his, bureau_task_get_version (his), "Patch bay C");
    WAIT_UNTIL (g_str_equal (bureau_task_get_title (pane.task), "Patch bay C"));
    g_assert_cmpstr (bureau_text_field_get_text (pane.title), ==, "Patch bay C");
    g_assert_false (has_chip (pane.title));

    type_text (pane.title, "Patch bay, mine");
    bureau_task_give_title (ben->client, his, bureau_task_get_version (his), "Patch bay, his");
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

static gboolean
is_offered (GtkWidget *details, GType type, guint nth)
{
    GtkWidget *widget = shown_find (details, type, nth);

    return gtk_widget_get_mapped (widget) && gtk_widget_is_sensitive (widget);
}

/* Guests look on; a request of their own they change until it is accepted. */
static void
test_guest (void)
{
    Shown *shown = shown_new ();
    BureauTask *a = shown_add_task (shown, "Patch bay", BUREAU_STATUS_TODO);
    Person *cleo = person_new_guest (shown->ana, "Cleo");
    g_autofree char *id = NULL;
    GtkWidget *details;
    GtkTextView *title;

    person_start_live (cleo);
    WAIT_UNTIL (get_task (cleo, bureau_task_get_id (a)) != NULL);
    details = bureau_details_new (cleo->client);
    bureau_details_set_task (BUREAU_DETAILS (details), get_task (cleo, bureau_task_get_id (a)));
    shown_present (shown, details, 360, 900);
    title = shown_find (details, GTK_TYPE_TEXT_VIEW, 0);
    g_assert_false (gtk_text_view_get_editable (title));
    g_assert_false (is_offered (details, ADW_TYPE_COMBO_ROW, 0));
    g_assert_false (is_offered (details, BUREAU_TYPE_PEOPLE_BUTTON, 0));
    bureau_task_give_done (cleo->client, get_task (cleo, bureau_task_get_id (a)));
    g_assert_cmpuint (bureau_client_get_waiting (cleo->client), ==, 0);

    id = bureau_task_give_new (cleo->client,
                               bureau_client_find_project (cleo->client, get_first_project (cleo)),
                               "A chair", BUREAU_STATUS_TODO, NULL, NULL);
    g_assert_cmpint (bureau_task_get_status (get_task (cleo, id)), ==, BUREAU_STATUS_REQUESTED);
    bureau_details_set_task (BUREAU_DETAILS (details), get_task (cleo, id));
    g_assert_true (gtk_text_view_get_editable (title));
    g_assert_true (is_offered (details, BUREAU_TYPE_PEOPLE_BUTTON, 0));
    g_assert_false (is_offered (details, ADW_TYPE_COMBO_ROW, 0));

    WAIT_UNTIL (get_task (shown->ana, id) != NULL);
    bureau_task_give_move (shown->ana->client, get_task (shown->ana, id), BUREAU_STATUS_TODO, NULL);
    WAIT_UNTIL (!gtk_text_view_get_editable (title));
    g_clear_pointer (&shown->window, gtk_window_destroy);
    person_free (cleo);
    shown_free (shown);
}

/* Names are text, not markup. */
static void
test_names (void)
{
    Pane pane;
    Person *ben;
    GtkWidget *row;

    pane_set_up (&pane);
    ben = person_new_invited (pane.shown->ana, "Ben & <Co>");
    person_start_live (ben);
    g_free (
        give (ben, BUREAU_COMMAND_TIMER_START, "'taskId': '%s'", bureau_task_get_id (pane.task)));
    row = gtk_widget_get_ancestor (shown_find (pane.details, GTK_TYPE_LIST_BOX_ROW, 4),
                                   ADW_TYPE_ACTION_ROW);
    WAIT_UNTIL (
        g_strcmp0 (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), "Ben & <Co> is on it") == 0);
    shown_settle (pane.shown);
    person_free (ben);
    shown_free (pane.shown);
}

/* What somebody else chose while the list of people was open is not undone by closing it. */
static void
test_people_meanwhile (void)
{
    Pane pane;
    BureauPeopleButton *button;
    const char *me[2] = { NULL };
    GtkWidget *row;

    pane_set_up (&pane);
    me[0] = pane.shown->ana->account->user_id;
    button = shown_find (pane.details, BUREAU_TYPE_PEOPLE_BUTTON, 0);
    bureau_people_button_popup (button);
    WAIT_UNTIL ((row = shown_find (GTK_WIDGET (button), GTK_TYPE_LIST_BOX_ROW, 0)) != NULL &&
                gtk_widget_get_mapped (row));
    bureau_task_give_assignees (pane.shown->ana->client, pane.task, me);
    shown_settle (pane.shown);
    gtk_popover_popdown (shown_find (GTK_WIDGET (button), GTK_TYPE_POPOVER, 0));
    shown_settle (pane.shown);
    g_assert_cmpstrv (bureau_task_get_assignee_ids (pane.task), me);

    /* A name that changes is followed. */
    g_free (give (pane.shown->ana, BUREAU_COMMAND_MEMBER_UPDATE_SELF, "'name': 'Anna'"));
    shown_settle (pane.shown);
    g_assert_nonnull (find_label (GTK_WIDGET (button), "Anna"));
    shown_free (pane.shown);
}

/* Escape takes the line as somebody else has made it; nothing is left to choose then. */
static void
test_escape (void)
{
    Pane pane;
    gboolean handled = FALSE;
    gpointer view;

    pane_set_up (&pane);
    view = shown_find (GTK_WIDGET (pane.title), GTK_TYPE_TEXT_VIEW, 0);
    type_text (pane.title, "Patch bay, mine");
    bureau_text_field_set_value (pane.title, "Patch bay, hers");
    g_assert_true (has_chip (pane.title));
    for (guint i = 0; !handled; i++) {
        g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (view);
        g_autoptr (GtkEventController) keys = g_list_model_get_item (controllers, i);

        g_assert_nonnull (keys);
        if (GTK_IS_EVENT_CONTROLLER_KEY (keys))
            g_signal_emit_by_name (keys, "key-pressed", GDK_KEY_Escape, 0, 0, &handled);
    }
    g_assert_cmpstr (bureau_text_field_get_text (pane.title), ==, "Patch bay, hers");
    g_assert_false (has_chip (pane.title));
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
    g_test_add_func ("/details/guest", test_guest);
    g_test_add_func ("/details/names", test_names);
    g_test_add_func ("/details/people-meanwhile", test_people_meanwhile);
    g_test_add_func ("/details/escape", test_escape);
    g_test_add_func ("/details/new-task", test_new_task);
    return g_test_run ();
}
