/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "hub/bureau-check-up-group.h"

#include <glib/gi18n.h>

#include "hub.h"

struct _BureauCheckUpGroup {
    AdwPreferencesGroup parent_instance;

    char *directory;           /* (owned) */
    GCancellable *cancellable; /* (owned) */
    GPtrArray *rows;           /* (owned): of the findings (not owned) */

    AdwActionRow *check_row;
    GtkSpinner *spinner;
    GtkWidget *check;
};

G_DEFINE_FINAL_TYPE (BureauCheckUpGroup, bureau_check_up_group, ADW_TYPE_PREFERENCES_GROUP)

/* What the doctor looks at, in the words of who keeps an office. */
static const struct {
    const char *what;
    const char *good;
    const char *bad;
} WORDS[] = {
    { "directory", N_ ("Nobody else can open the office’s folder"),
      N_ ("Others could open the office’s folder") },
    { "keys", N_ ("The hub’s keys are all there"), N_ ("Something is wrong with the hub’s keys") },
    { "certificate", N_ ("Other computers can know the hub by its certificate"),
      N_ ("Something is wrong with the hub’s certificate") },
    { "database", N_ ("The office’s file is whole"), N_ ("The office’s file is damaged") },
    { "schema", N_ ("The office’s file is of this release"),
      N_ ("The office’s file is of another release") },
    { "references", N_ ("Nothing in the office is missing"),
      N_ ("Something in the office is missing") },
    { "log", N_ ("The log of changes has no gap"), N_ ("The log of changes has a gap") },
    { "audit", N_ ("The access log is as it was written"),
      N_ ("The access log has been tampered with") },
    { "clock", N_ ("The clock is right, as far as the office knows"),
      N_ ("This computer’s clock has gone back") },
    { "backups", N_ ("Backups are made"), N_ ("The newest backup is old") },
    { "disk", N_ ("There is room on the disk"), N_ ("There is little room on the disk") },
};

static const char *
get_title (const BureauHubFinding *finding)
{
    for (guint i = 0; i < G_N_ELEMENTS (WORDS); i++) {
        if (g_str_equal (WORDS[i].what, finding->what))
            return finding->good ? _ (WORDS[i].good) : _ (WORDS[i].bad);
    }
    return finding->what;
}

/* What is well needs no figures. */
static GtkWidget *
make_row (const BureauHubFinding *finding)
{
    GtkWidget *row = adw_action_row_new ();
    GtkWidget *icon = gtk_image_new_from_icon_name (finding->good ? "emblem-ok-symbolic"
                                                                  : "dialog-warning-symbolic");

    gtk_widget_add_css_class (icon, finding->good ? "success" : "warning");
    adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), get_title (finding));
    if (!finding->good)
        adw_action_row_set_subtitle (ADW_ACTION_ROW (row), finding->text);
    adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
    return row;
}

/* What is wrong comes first. */
static void
add_rows (BureauCheckUpGroup *self, GPtrArray *findings, gboolean good)
{
    for (guint i = 0; i < findings->len; i++) {
        const BureauHubFinding *finding = g_ptr_array_index (findings, i);
        GtkWidget *row;

        if (finding->good != good)
            continue;
        row = make_row (finding);
        adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), row);
        g_ptr_array_add (self->rows, row);
    }
}

static void
show_findings (BureauCheckUpGroup *self, GPtrArray *findings)
{
    guint n_bad = 0;
    g_autofree char *text = NULL;

    for (guint i = 0; i < findings->len; i++)
        n_bad += !((const BureauHubFinding *) g_ptr_array_index (findings, i))->good;
    text = g_strdup_printf (
        ngettext ("%u thing needs looking after", "%u things need looking after", n_bad), n_bad);
    adw_action_row_set_subtitle (self->check_row, n_bad > 0 ? text : _ ("All is well"));
    add_rows (self, findings, FALSE);
    add_rows (self, findings, TRUE);
}

static void
clear_rows (BureauCheckUpGroup *self)
{
    for (guint i = 0; i < self->rows->len; i++)
        adw_preferences_group_remove (ADW_PREFERENCES_GROUP (self),
                                      g_ptr_array_index (self->rows, i));
    g_ptr_array_set_size (self->rows, 0);
}

static void
set_busy (BureauCheckUpGroup *self, gboolean busy)
{
    gtk_spinner_set_spinning (self->spinner, busy);
    gtk_widget_set_sensitive (self->check, !busy);
}

static void
on_checked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauCheckUpGroup) self = data;
    g_autoptr (GPtrArray) findings = bureau_hub_check_finish (result, NULL);

    /* Only a page that is gone gets none. */
    if (findings == NULL)
        return;
    set_busy (self, FALSE);
    clear_rows (self);
    show_findings (self, findings);
}

static void
on_check_clicked_cb (BureauCheckUpGroup *self)
{
    set_busy (self, TRUE);
    bureau_hub_check_async (self->directory, self->cancellable, on_checked_cb, g_object_ref (self));
}

/* ------------------------------------------------------------------ class */

static void
bureau_check_up_group_dispose (GObject *object)
{
    BureauCheckUpGroup *self = BUREAU_CHECK_UP_GROUP (object);

    g_cancellable_cancel (self->cancellable);
    g_clear_object (&self->cancellable);
    G_OBJECT_CLASS (bureau_check_up_group_parent_class)->dispose (object);
}

static void
bureau_check_up_group_finalize (GObject *object)
{
    BureauCheckUpGroup *self = BUREAU_CHECK_UP_GROUP (object);

    g_free (self->directory);
    g_ptr_array_unref (self->rows);
    G_OBJECT_CLASS (bureau_check_up_group_parent_class)->finalize (object);
}

static void
bureau_check_up_group_class_init (BureauCheckUpGroupClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    G_OBJECT_CLASS (klass)->dispose = bureau_check_up_group_dispose;
    G_OBJECT_CLASS (klass)->finalize = bureau_check_up_group_finalize;
    gtk_widget_class_set_template_from_resource (widget_class, BUREAU_RESOURCE_BASE
                                                 "/ui/bureau-check-up-group.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauCheckUpGroup, check_row);
    gtk_widget_class_bind_template_child (widget_class, BureauCheckUpGroup, spinner);
    gtk_widget_class_bind_template_child (widget_class, BureauCheckUpGroup, check);
    gtk_widget_class_bind_template_callback (widget_class, on_check_clicked_cb);
}

static void
bureau_check_up_group_init (BureauCheckUpGroup *self)
{
    self->cancellable = g_cancellable_new ();
    self->rows = g_ptr_array_new ();
    gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
bureau_check_up_group_new (const char *directory)
{
    g_return_val_if_fail (directory != NULL, NULL);
    BureauCheckUpGroup *self = g_object_new (BUREAU_TYPE_CHECK_UP_GROUP, NULL);

    self->directory = g_strdup (directory);
    return GTK_WIDGET (self);
}
