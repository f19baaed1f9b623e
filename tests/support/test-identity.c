/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "test-identity.h"

#include "bureau-tls-certificate.h"

#define DAY (24 * 60 * 60)

void
test_identity_new (char **certificate, char **key)
{
    static const char *const names[] = { "localhost", "127.0.0.1", "::1", NULL };
    gint64 now = g_get_real_time () / G_USEC_PER_SEC;

    *key = bureau_tls_key_new ();
    *certificate = bureau_tls_certificate_new (*key, names, now - DAY, now + DAY, NULL);
}
