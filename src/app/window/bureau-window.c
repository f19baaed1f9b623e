/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "window/bureau-window-private.h"

#include <glib/gi18n.h>

#include "hub/bureau-hub-page.h"
#include "welcome/bureau-welcome.h"
#include "window/bureau-idle-watch.h"
#include "window/bureau-office-bar.h"

struct _BureauWindow {
    AdwApplicationWindow parent_instance;

    GSettings *settings;          /* (owned) */
    BureauAccounts *accounts;     /* (owned) */
    BureauWorkplace *workplace;   /* (owned) (nullable) */
    BureauShell *shell;           /* (nullable): a child of office */
    BureauToaster *toaster;       /* (owned) */
    GSignalGroup *client_signals; /* (owned): of the client, while an office is open */
    BureauIdleWatch *idle;        /* (owned) (nullable) */
    char *last_deleted;           /* (owned) (nullable) */
    gboolean signed_in_anew;      /* once for each office that is opened is enough */
    GCancellable *cancellable;    /* (owned) */

    AdwToastOverlay *overlay;
    GtkStack *stack;
    GtkWidget *meanwhile_box;
    GtkLabel *meanwhile;
    BureauWelcome *welcome;
    AdwBin *office;
};

G_DEFINE_FINAL_TYPE (BureauWindow, bureau_window, ADW_TYPE_APPLICATION_WINDOW)

enum { SIGNAL_CLOSED, N_SIGNALS };

static guint signals[N_SIGNALS];

static void reopen_office (BureauWindow *self);

/* ------------------------------------------------------------------ the workplace */

static void
on_problem_cb (BureauWindow *self)
{
    g_autofree char *sentence = bureau_workplace_take_problem (self->workplace);
    if (sentence != NULL)
        bureau_toaster_say (self->toaster, sentence);
}

static void
update_title (BureauWindow *self)
{
    const char *name = bureau_client_get_office_name (bureau_window_get_client (self));
    gtk_window_set_title (GTK_WINDOW (self), name);
}

/* An office of one's own needs no invitation: it is opened anew, without the secret that is no good
 * any more. */
static void
on_state_cb (BureauWindow *self, GParamSpec *pspec, BureauClient *client)
{
    if (bureau_client_get_state (client) != BUREAU_CLIENT_SIGNED_OUT || self->workplace == NULL ||
        !bureau_workplace_is_host (self->workplace) || self->signed_in_anew)
        return;
    self->signed_in_anew = TRUE;
    reopen_office (self);
}

static void
enter_office (BureauWindow *self, BureauWorkplace *workplace)
{
    BureauClient *client = bureau_workplace_get_client (workplace);

    g_set_object (&self->workplace, workplace);
    g_signal_connect_object (workplace, "problem", G_CALLBACK (on_problem_cb), self,
                             G_CONNECT_SWAPPED);
    g_signal_group_set_target (self->client_signals, client);
    bureau_toaster_set_client (self->toaster, client);
    bureau_window_update_actions (self);
    self->shell = BUREAU_SHELL (bureau_shell_new (client, bureau_workplace_is_host (workplace)));
    bureau_shell_set_notice (self->shell, bureau_office_bar_new (workplace));
    if (bureau_workplace_is_host (workplace))
        bureau_shell_set_hub (self->shell, bureau_hub_page_new (workplace));
    g_settings_bind (self->settings, "project-view", self->shell, "view", G_SETTINGS_BIND_DEFAULT);
    adw_bin_set_child (self->office, GTK_WIDGET (self->shell));
    self->idle = bureau_idle_watch_new (GTK_WIDGET (self), client);
    update_title (self);
    on_problem_cb (self);
    gtk_stack_set_visible_child_name (self->stack, "office");
}

static void
show_welcome (BureauWindow *self, gboolean joins)
{
    gtk_window_set_title (GTK_WINDOW (self), _ ("Bureau"));
    gtk_stack_set_visible_child_name (self->stack, "welcome");
    bureau_welcome_begin (self->welcome, joins);
}

static void
on_opened_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauWorkplace) workplace = bureau_workplace_finish (result, &error);
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    BureauWindow *self = data;
    if (workplace != NULL) {
        enter_office (self, workplace);
        return;
    }
    bureau_welcome_set_notice (
        self->welcome,
        g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) ? NULL : error->message);
    show_welcome (self, FALSE);
}

static void
on_welcome_entered_cb (BureauWindow *self, BureauWorkplace *workplace)
{
    bureau_welcome_set_notice (self->welcome, NULL);
    enter_office (self, workplace);
}

static void
on_welcome_returned_cb (BureauWindow *self, const char *user_id)
{
    bureau_accounts_choose (self->accounts, user_id);
    gtk_stack_set_visible_child_name (self->stack, "opening");
    bureau_workplace_open_async (self->accounts, self->cancellable, on_opened_cb, self);
}

/* ------------------------------------------------------------------ leaving */

static void
on_reopening_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauWindow) self = data;
    g_autoptr (GError) error = NULL;
    if (!bureau_workplace_close_finish (BUREAU_WORKPLACE (source), result, &error))
        g_warning ("The office was not left in good order: %s", error->message);
    if (!g_cancellable_is_cancelled (self->cancellable))
        bureau_workplace_open_async (self->accounts, self->cancellable, on_opened_cb, self);
}

/* The shell goes first: what is being typed in it is given to the client then, which takes nothing
 * more once the workplace is closing. */
static BureauWorkplace *
take_workplace (BureauWindow *self)
{
    /* A GtkPasswordEntry that is freed with the focus in it hears of losing it too late. */
    gtk_window_set_focus (GTK_WINDOW (self), NULL);
    g_clear_object (&self->idle);
    self->shell = NULL;
    adw_bin_set_child (self->office, NULL);
    g_signal_group_set_target (self->client_signals, NULL);
    bureau_toaster_set_client (self->toaster, NULL);
    return g_steal_pointer (&self->workplace);
}

/* Opens an office of one's own anew, without the secret that its hub no longer takes. */
static void
reopen_office (BureauWindow *self)
{
    g_autoptr (BureauWorkplace) workplace = NULL;

    gtk_stack_set_visible_child_name (self->stack, "opening");
    workplace = take_workplace (self);
    bureau_window_update_actions (self);
    bureau_workplace_forget (workplace);
    bureau_workplace_close_async (workplace, on_reopening_cb, g_object_ref (self));
}

/* @text (nullable): what is being done. */
static void
show_meanwhile (BureauWindow *self, const char *text)
{
    gtk_label_set_text (self->meanwhile, text != NULL ? text : "");
    gtk_widget_set_visible (self->meanwhile_box, text != NULL);
    gtk_stack_set_visible_child_name (self->stack, "opening");
}

void
bureau_window_leave_office (BureauWindow *self, const char *meanwhile, GAsyncReadyCallback callback,
                            gpointer data)
{
    g_autoptr (BureauWorkplace) workplace = NULL;

    show_meanwhile (self, meanwhile);
    workplace = take_workplace (self);
    bureau_window_update_actions (self);
    bureau_workplace_close_async (workplace, callback, data);
}

gboolean
bureau_window_is_closing (BureauWindow *self)
{
    return g_cancellable_is_cancelled (self->cancellable);
}

void
bureau_window_open_office (BureauWindow *self)
{
    if (bureau_window_is_closing (self))
        return;
    show_meanwhile (self, NULL);
    self->signed_in_anew = FALSE;
    bureau_workplace_open_async (self->accounts, self->cancellable, on_opened_cb, self);
}

static void
on_left_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauWindow) self = data;
    g_autoptr (GError) error = NULL;
    if (!bureau_workplace_close_finish (BUREAU_WORKPLACE (source), result, &error))
        g_warning ("The office was not left in good order: %s", error->message);
    if (!g_cancellable_is_cancelled (self->cancellable))
        show_welcome (self, TRUE);
}

void
bureau_window_join_again (BureauWindow *self)
{
    g_autoptr (BureauWorkplace) workplace = NULL;

    if (self->workplace == NULL)
        return;
    gtk_stack_set_visible_child_name (self->stack, "opening");
    workplace = take_workplace (self);
    bureau_window_update_actions (self);
    if (bureau_client_get_state (bureau_workplace_get_client (workplace)) ==
        BUREAU_CLIENT_SIGNED_OUT)
        bureau_workplace_forget (workplace);
    bureau_workplace_close_async (workplace, on_left_cb, g_object_ref (self));
}

/* ------------------------------------------------------------------ closing */

static void
on_workplace_closed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauWindow) self = data;
    g_autoptr (GError) error = NULL;
    if (!bureau_workplace_close_finish (BUREAU_WORKPLACE (source), result, &error))
        g_warning ("The office was not closed in good order: %s", error->message);
    g_signal_emit (self, signals[SIGNAL_CLOSED], 0);
}

static void
save_state (BureauWindow *self)
{
    int width, height;
    gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
    g_settings_set_int (self->settings, "window-width", MAX (width, 360));
    g_settings_set_int (self->settings, "window-height", MAX (height, 294));
    g_settings_set_boolean (self->settings, "window-maximized",
                            gtk_window_is_maximized (GTK_WINDOW (self)));
}

static gboolean
bureau_window_close_request (GtkWindow *window)
{
    BureauWindow *self = BUREAU_WINDOW (window);
    save_state (self);
    g_cancellable_cancel (self->cancellable);
    if (self->workplace != NULL) {
        g_autoptr (BureauWorkplace) workplace = take_workplace (self);
        bureau_workplace_close_async (workplace, on_workplace_closed_cb, g_object_ref (self));
    } else {
        g_signal_emit (self, signals[SIGNAL_CLOSED], 0);
    }
    return GTK_WINDOW_CLASS (bureau_window_parent_class)->close_request (window);
}

static void
bureau_window_dispose (GObject *object)
{
    BureauWindow *self = BUREAU_WINDOW (object);
    g_cancellable_cancel (self->cancellable);
    g_clear_object (&self->idle);
    g_clear_object (&self->client_signals);
    g_clear_object (&self->toaster);
    g_clear_object (&self->workplace);
    g_clear_object (&self->accounts);
    g_clear_object (&self->settings);
    g_clear_object (&self->cancellable);
    g_clear_pointer (&self->last_deleted, g_free);
    self->shell = NULL;
    G_OBJECT_CLASS (bureau_window_parent_class)->dispose (object);
}

static void
bureau_window_class_init (BureauWindowClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    G_OBJECT_CLASS (klass)->dispose = bureau_window_dispose;
    GTK_WINDOW_CLASS (klass)->close_request = bureau_window_close_request;
    signals[SIGNAL_CLOSED] = g_signal_new ("closed", BUREAU_TYPE_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL,
                                           NULL, NULL, G_TYPE_NONE, 0);

    g_type_ensure (BUREAU_TYPE_WELCOME);
    gtk_widget_class_set_template_from_resource (widget_class,
                                                 BUREAU_RESOURCE_BASE "/ui/bureau-window.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauWindow, overlay);
    gtk_widget_class_bind_template_child (widget_class, BureauWindow, stack);
    gtk_widget_class_bind_template_child (widget_class, BureauWindow, meanwhile_box);
    gtk_widget_class_bind_template_child (widget_class, BureauWindow, meanwhile);
    gtk_widget_class_bind_template_child (widget_class, BureauWindow, welcome);
    gtk_widget_class_bind_template_child (widget_class, BureauWindow, office);
    bureau_window_install_actions (widget_class);
}

static void
make_signals (BureauWindow *self)
{
    self->client_signals = g_signal_group_new (BUREAU_TYPE_CLIENT);
    g_signal_group_connect_swapped (self->client_signals, "notify::role",
                                    G_CALLBACK (bureau_window_update_actions), self);
    g_signal_group_connect_swapped (self->client_signals, "notify::state",
                                    G_CALLBACK (bureau_window_update_actions), self);
    g_signal_group_connect_swapped (self->client_signals, "notify::office-name",
                                    G_CALLBACK (update_title), self);
    g_signal_group_connect_swapped (self->client_signals, "notify::state", G_CALLBACK (on_state_cb),
                                    self);
}

static void
bureau_window_init (BureauWindow *self)
{
    self->cancellable = g_cancellable_new ();
    make_signals (self);
    gtk_widget_init_template (GTK_WIDGET (self));
    self->toaster = bureau_toaster_new (self->overlay);
    g_signal_connect_object (self->welcome, "entered", G_CALLBACK (on_welcome_entered_cb), self,
                             G_CONNECT_SWAPPED);
    g_signal_connect_object (self->welcome, "returned", G_CALLBACK (on_welcome_returned_cb), self,
                             G_CONNECT_SWAPPED);
    bureau_window_update_actions (self);
}

BureauWindow *
bureau_window_new (GtkApplication *application, GSettings *settings, BureauAccounts *accounts)
{
    BureauWindow *self = g_object_new (BUREAU_TYPE_WINDOW, "application", application, NULL);

    self->settings = g_object_ref (settings);
    self->accounts = g_object_ref (accounts);
    gtk_window_set_default_size (GTK_WINDOW (self), g_settings_get_int (settings, "window-width"),
                                 g_settings_get_int (settings, "window-height"));
    if (g_settings_get_boolean (settings, "window-maximized"))
        gtk_window_maximize (GTK_WINDOW (self));
    bureau_welcome_set_accounts (self->welcome, accounts);
    bureau_workplace_open_async (accounts, self->cancellable, on_opened_cb, self);
    return self;
}

BureauWorkplace *
bureau_window_get_workplace (BureauWindow *self)
{
    return self->workplace;
}

BureauAccounts *
bureau_window_get_accounts (BureauWindow *self)
{
    return self->accounts;
}

BureauClient *
bureau_window_get_client (BureauWindow *self)
{
    return self->workplace != NULL ? bureau_workplace_get_client (self->workplace) : NULL;
}

BureauShell *
bureau_window_get_shell (BureauWindow *self)
{
    return self->shell;
}

BureauToaster *
bureau_window_get_toaster (BureauWindow *self)
{
    return self->toaster;
}

const char *
bureau_window_get_last_deleted (BureauWindow *self)
{
    return self->last_deleted;
}

void
bureau_window_set_last_deleted (BureauWindow *self, const char *task_id)
{
    if (task_id == self->last_deleted)
        return;
    g_free (self->last_deleted);
    self->last_deleted = g_strdup (task_id);
}
