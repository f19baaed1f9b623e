/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "hub/bureau-qr-code.h"

#include <qrencode.h>

/* Modules on each side that stay white (ISO/IEC 18004, 5.3.8). */
#define QUIET_ZONE 4
/* Pixels of a module: what a camera close by still tells apart, and what it does at arm's length.
 */
#define MIN_MODULE 3
#define MODULE     4

struct _BureauQrCode {
    GtkWidget parent_instance;

    QRcode *code; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (BureauQrCode, bureau_qr_code, GTK_TYPE_WIDGET)

static int
count_modules (BureauQrCode *self)
{
    return self->code != NULL ? self->code->width + 2 * QUIET_ZONE : 0;
}

static void
bureau_qr_code_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                        int *natural, int *minimum_baseline, int *natural_baseline)
{
    int modules = count_modules (BUREAU_QR_CODE (widget));

    *minimum = modules * MIN_MODULE;
    *natural = modules * MODULE;
}

static gboolean
is_dark (BureauQrCode *self, int row, int column)
{
    return (self->code->data[row * self->code->width + column] & 1) != 0;
}

/* Modules are whole pixels: a blurred edge is what makes a code unreadable. Dark ones that lie side
 * by side are one rectangle. */
static void
draw_row (BureauQrCode *self, GtkSnapshot *snapshot, int row, int size)
{
    static const GdkRGBA black = { 0, 0, 0, 1 };
    int width = self->code->width;

    for (int column = 0, end; column < width; column = end + 1) {
        end = column;
        while (end < width && is_dark (self, row, end))
            end++;
        if (end > column)
            gtk_snapshot_append_color (snapshot, &black,
                                       &GRAPHENE_RECT_INIT ((QUIET_ZONE + column) * size,
                                                            (QUIET_ZONE + row) * size,
                                                            (end - column) * size, size));
    }
}

static void
bureau_qr_code_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
    static const GdkRGBA white = { 1, 1, 1, 1 };
    BureauQrCode *self = BUREAU_QR_CODE (widget);
    int modules = count_modules (self);
    int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
    int size = modules > 0 ? MIN (width, height) / modules : 0;

    if (size == 0)
        return;
    gtk_snapshot_save (snapshot);
    gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((width - modules * size) / 2,
                                                            (height - modules * size) / 2));
    gtk_snapshot_append_color (snapshot, &white,
                               &GRAPHENE_RECT_INIT (0, 0, modules * size, modules * size));
    for (int row = 0; row < self->code->width; row++)
        draw_row (self, snapshot, row, size);
    gtk_snapshot_restore (snapshot);
}

static void
bureau_qr_code_finalize (GObject *object)
{
    BureauQrCode *self = BUREAU_QR_CODE (object);
    g_clear_pointer (&self->code, QRcode_free);
    G_OBJECT_CLASS (bureau_qr_code_parent_class)->finalize (object);
}

static void
bureau_qr_code_class_init (BureauQrCodeClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

    G_OBJECT_CLASS (klass)->finalize = bureau_qr_code_finalize;
    widget_class->measure = bureau_qr_code_measure;
    widget_class->snapshot = bureau_qr_code_snapshot;
    gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
bureau_qr_code_init (BureauQrCode *self)
{
}

GtkWidget *
bureau_qr_code_new (void)
{
    return g_object_new (BUREAU_TYPE_QR_CODE, NULL);
}

void
bureau_qr_code_set_text (BureauQrCode *self, const char *text)
{
    g_return_if_fail (BUREAU_IS_QR_CODE (self));
    g_clear_pointer (&self->code, QRcode_free);
    if (text != NULL)
        self->code = QRcode_encodeString (text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    gtk_widget_queue_resize (GTK_WIDGET (self));
}
