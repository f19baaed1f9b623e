/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "welcome/bureau-diagnosis-dialog.h"

#include <glib/gi18n.h>

#include "bureau-diagnosis.h"
#include "widgets/bureau-entry-row.h"

struct _BureauDiagnosisDialog {
    AdwWindow parent_instance;

    GCancellable *cancellable; /* (owned) */

    GtkEditable *address_row;
    GtkWidget *look;
    GtkSpinner *spinner;
    GtkLabel *error;
    GtkListBox *facts;
};

G_DEFINE_FINAL_TYPE (BureauDiagnosisDialog, bureau_diagnosis_dialog, ADW_TYPE_WINDOW)

/* ------------------------------------------------------------------ words */

static const char *
get_title (const BureauFact *fact)
{
    static const struct {
        const char *good;
        const char *bad;
        const char *unknown;
    } TITLES[] = {
        [BUREAU_CHECK_NETWORK] = { N_ ("This computer is on a network"),
                                   N_ ("This computer is on no network"), N_ ("Network") },
        [BUREAU_CHECK_SANDBOX] = { N_ ("Bureau may look around"), N_ ("Bureau may not look around"),
                                   N_ ("Permission to look around") },
        [BUREAU_CHECK_AVAHI] = { N_ ("The service that finds offices is here"),
                                 N_ ("The service that finds offices is not here"),
                                 N_ ("The service that finds offices") },
        [BUREAU_CHECK_REACH] = { N_ ("Somebody answers at the address"),
                                 N_ ("Nobody answers at the address"),
                                 N_ ("An answer from the address") },
        [BUREAU_CHECK_HUB] = { N_ ("It is an office’s hub"), N_ ("It is not an office’s hub"),
                               N_ ("What answers there") },
        [BUREAU_CHECK_CLOCK] = { N_ ("The clocks agree"), N_ ("The clocks don’t agree"),
                                 N_ ("Its clock") },
    };
    return fact->finding == BUREAU_FINDING_GOOD  ? _ (TITLES[fact->check].good)
           : fact->finding == BUREAU_FINDING_BAD ? _ (TITLES[fact->check].bad)
                                                 : _ (TITLES[fact->check].unknown);
}

static const char *
get_reach_advice (BureauTrouble trouble)
{
    switch (trouble) {
    case BUREAU_TROUBLE_NO_NAME:
        return _ (
            "Nobody knows that name. Check how it is spelt, or type the address in numbers, as "
            "the window that serves the office shows it.");
    case BUREAU_TROUBLE_NO_ROUTE:
        return _ ("No way leads there from here. Are both computers on the same network? One for "
                  "guests often keeps its computers apart.");
    case BUREAU_TROUBLE_REFUSED:
        return _ (
            "The computer is there, but serves no office. Is Bureau open on it, and the office "
            "shared on the network? Is the number after the colon right?");
    default:
        return _ (
            "Silence. Is that computer on and awake? Its firewall may keep others out: it must "
            "let in the number after the colon.");
    }
}

/* What to do about it. */
static const char *
get_advice (const BureauFact *fact)
{
    switch (fact->check) {
    case BUREAU_CHECK_NETWORK:
        return _ ("Plug in the cable or choose a wireless network.");
    case BUREAU_CHECK_SANDBOX:
        return _ (
            "It runs in a sandbox that does not let it ask for offices nearby. Type the address "
            "instead.");
    case BUREAU_CHECK_AVAHI:
        return _ ("Whoever looks after this computer can install and start Avahi. Until then, type "
                  "the address.");
    case BUREAU_CHECK_REACH:
        return get_reach_advice (fact->trouble);
    case BUREAU_CHECK_HUB:
        if (fact->trouble == BUREAU_TROUBLE_NOT_TLS)
            return _ (
                "What answers there does not encrypt, as every hub on a network does. Check the "
                "address against what the window that serves the office shows.");
        return _ (
            "Something else uses this address. Check it against what the window that serves the "
            "office shows.");
    case BUREAU_CHECK_CLOCK:
        return _ ("Sign-ins run out by the clock. Set the one that is wrong, best by the network.");
    }
    return "";
}

/* ------------------------------------------------------------------ rows */

static GtkWidget *
make_row (const BureauFact *fact)
{
    static const char *const ICONS[] = {
        [BUREAU_FINDING_GOOD] = "emblem-ok-symbolic",
        [BUREAU_FINDING_BAD] = "dialog-warning-symbolic",
        [BUREAU_FINDING_UNKNOWN] = "dialog-question-symbolic",
    };
    static const char *const CLASSES[] = { "success", "warning", "dim-label" };
    GtkWidget *row = adw_action_row_new ();
    GtkWidget *icon = gtk_image_new_from_icon_name (ICONS[fact->finding]);

    gtk_widget_add_css_class (icon, CLASSES[fact->finding]);
    adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), get_title (fact));
    adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
    if (fact->finding == BUREAU_FINDING_BAD)
        adw_action_row_set_subtitle (ADW_ACTION_ROW (row), get_advice (fact));
    else if (fact->finding == BUREAU_FINDING_UNKNOWN)
        adw_action_row_set_subtitle (ADW_ACTION_ROW (row),
                                     _ ("That can be told when the rest is well."));
    return row;
}

/* ------------------------------------------------------------------ looking */

static void
set_busy (BureauDiagnosisDialog *self, gboolean busy)
{
    gtk_spinner_set_spinning (self->spinner, busy);
    gtk_widget_set_visible (GTK_WIDGET (self->spinner), busy);
    gtk_widget_set_sensitive (self->look, !busy);
}

static void
on_diagnosed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (GArray) facts = bureau_diagnose_finish (result, &error);
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    BureauDiagnosisDialog *self = data;
    set_busy (self, FALSE);
    gtk_label_set_text (self->error, error != NULL ? error->message : "");
    gtk_widget_set_visible (GTK_WIDGET (self->error), error != NULL);
    for (guint i = 0; facts != NULL && i < facts->len; i++)
        gtk_list_box_append (self->facts, make_row (&g_array_index (facts, BureauFact, i)));
    gtk_widget_set_visible (GTK_WIDGET (self->facts), facts != NULL);
}

static void
look (BureauDiagnosisDialog *self)
{
    g_autofree char *text = bureau_row_get_text (self->address_row);
    GtkWidget *row;

    if (!gtk_widget_get_sensitive (self->look))
        return;
    while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->facts))) != NULL)
        gtk_list_box_remove (self->facts, row);
    gtk_widget_set_visible (GTK_WIDGET (self->facts), FALSE);
    set_busy (self, TRUE);
    bureau_diagnose_async (*text != '\0' ? text : NULL, self->cancellable, on_diagnosed_cb, self);
}

/* ------------------------------------------------------------------ class */

static void
bureau_diagnosis_dialog_dispose (GObject *object)
{
    BureauDiagnosisDialog *self = BUREAU_DIAGNOSIS_DIALOG (object);
    g_cancellable_cancel (self->cancellable);
    g_clear_object (&self->cancellable);
    G_OBJECT_CLASS (bureau_diagnosis_dialog_parent_class)->dispose (object);
}

static void
bureau_diagnosis_dialog_class_init (BureauDiagnosisDialogClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
    G_OBJECT_CLASS (klass)->dispose = bureau_diagnosis_dialog_dispose;

    gtk_widget_class_set_template_from_resource (widget_class, BUREAU_RESOURCE_BASE
                                                 "/ui/bureau-diagnosis-dialog.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauDiagnosisDialog, address_row);
    gtk_widget_class_bind_template_child (widget_class, BureauDiagnosisDialog, look);
    gtk_widget_class_bind_template_child (widget_class, BureauDiagnosisDialog, spinner);
    gtk_widget_class_bind_template_child (widget_class, BureauDiagnosisDialog, error);
    gtk_widget_class_bind_template_child (widget_class, BureauDiagnosisDialog, facts);
    gtk_widget_class_bind_template_callback (widget_class, look);
}

static void
bureau_diagnosis_dialog_init (BureauDiagnosisDialog *self)
{
    self->cancellable = g_cancellable_new ();
    gtk_widget_init_template (GTK_WIDGET (self));
    bureau_row_name_text (self->address_row);
}

void
bureau_diagnosis_dialog_present (GtkWindow *parent, const char *address)
{
    BureauDiagnosisDialog *self = g_object_new (BUREAU_TYPE_DIAGNOSIS_DIALOG, "transient-for",
                                                parent, NULL);
    if (address != NULL)
        gtk_editable_set_text (self->address_row, address);
    gtk_window_present (GTK_WINDOW (self));
    look (self);
}
