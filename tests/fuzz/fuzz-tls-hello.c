/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What a peer says first where TLS is spoken: told to be whole or bad at the same byte however it
 * comes, and nothing that GnuTLS can't take. */

#include "bureau-tls.h"
#include "slices.h"
#include "test-identity.h"

#define MAX_TRIED 1500
/* More than a server answers to somebody who can't have the keys: its whole flight. */
#define MAX_OUTPUT (16 * 1024)

static BureauTlsIdentity *
get_identity (void)
{
    static BureauTlsIdentity *identity;
    g_autofree char *certificate = NULL;
    g_autofree char *key = NULL;

    if (identity == NULL) {
        test_identity_new (&certificate, &key);
        identity = bureau_tls_identity_new (certificate, key, NULL);
        g_assert (identity != NULL);
    }
    return identity;
}

/* Where it is first told, and as what. */
static BureauTlsHello
check_bytewise (const guint8 *bytes, gsize length, gsize *reached)
{
    BureauTlsHello hello = BUREAU_TLS_HELLO_INCOMPLETE;

    for (*reached = 0; hello == BUREAU_TLS_HELLO_INCOMPLETE && *reached < length;)
        hello = bureau_tls_check_hello (bytes, ++*reached);
    return hello;
}

static void
count_output (const void *bytes, gsize length, gpointer data)
{
    *(gsize *) data += length;
}

static gboolean
read_all (BureauTls *tls)
{
    static guint8 buffer[16 * 1024];
    BureauTlsResult result;
    gsize length;

    do {
        result = bureau_tls_read (tls, buffer, sizeof buffer, &length);
        /* It has none of our keys. */
        g_assert (result != BUREAU_TLS_READY && result != BUREAU_TLS_DATA);
    } while (result != BUREAU_TLS_NEED_MORE && result != BUREAU_TLS_END &&
             result != BUREAU_TLS_ERROR);
    return result == BUREAU_TLS_NEED_MORE;
}

static void
shake_hands (const guint8 *data, gsize size)
{
    gsize output = 0;
    g_autoptr (BureauTls) tls = bureau_tls_new (get_identity (), count_output, &output);
    gboolean goes_on = TRUE;
    Slices slices;
    guint8 *slice;
    gsize length;

    slices_init (&slices, data, size, 200);
    while (slices_next (&slices, &slice, &length)) {
        if (goes_on) {
            bureau_tls_feed (tls, slice, length);
            goes_on = read_all (tls);
        }
        g_free (slice);
    }
    g_assert (bureau_tls_write (tls, "x", 1) == 0);
    bureau_tls_close (tls);
    g_assert (output <= MAX_OUTPUT);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
    BureauTlsHello hello = bureau_tls_check_hello (data, size);
    gsize reached;

    if (size <= MAX_TRIED)
        g_assert (check_bytewise (data, size, &reached) == hello);
    /* Whether it was told to be whole or not: it is never the check that keeps GnuTLS safe. */
    shake_hands (data, size);
    return 0;
}
