/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whom one talks to. An office's hub is known by the pin of its certificate's key and by nothing
 * else (reliability.md, G25): not by its address, and not by who signed the certificate. On
 * loopback there is no certificate, and the pin is "". */

#define BUREAU_STRANGER_ERROR (bureau_stranger_error_quark ())
GQuark bureau_stranger_error_quark (void);

typedef enum {
    BUREAU_STRANGER_ERROR_CERTIFICATE, /* it has another one than the office */
    BUREAU_STRANGER_ERROR_CODE,        /* it does not know the code that it was asked with */
} BureauStrangerError;

/* (transfer full) */
GError *bureau_stranger_error_new_certificate (const char *expected, const char *presented);
GError *bureau_stranger_error_new_code (const char *presented);

/* The pin of the office; NULL where only the code could tell. (nullable) (transfer none) */
const char *bureau_stranger_error_get_expected (const GError *error);
/* The pin of whoever answered in its place; "" without TLS. (transfer none) */
const char *bureau_stranger_error_get_presented (const GError *error);

G_END_DECLS
