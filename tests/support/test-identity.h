/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Makes a key and a certificate signed by it, for localhost, 127.0.0.1 and ::1, valid from
 * yesterday to tomorrow; as PEM. (transfer full) */
void test_identity_new (char **certificate, char **key);

G_END_DECLS
