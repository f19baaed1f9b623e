/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A text as a QR code (ISO/IEC 18004), dark on white in every theme, because that is what cameras
 * read, with its quiet zone around it. */
#define BUREAU_TYPE_QR_CODE (bureau_qr_code_get_type ())
G_DECLARE_FINAL_TYPE (BureauQrCode, bureau_qr_code, BUREAU, QR_CODE, GtkWidget)

GtkWidget *bureau_qr_code_new (void);
/* NULL, or one that is too long for a code: nothing is shown. */
void bureau_qr_code_set_text (BureauQrCode *self, const char *text);

G_END_DECLS
