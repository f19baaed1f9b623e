/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-proof.h"

#include <string.h>

#define CODE  "K7QF2M9X"
#define PIN   "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
#define OTHER "LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564"
#define HERS  "AAECAwQFBgcICQoLDA0ODw"
#define ITS   "EBESExQVFhcYGRobHB0eHw"

typedef struct {
    guint8 bytes[BUREAU_PROOF_KEY_SIZE];
} Key;

static Key
derive (const char *code, const char *pin, const char *client_nonce, const char *hub_nonce)
{
    g_autoptr (GError) error = NULL;
    Key key;

    bureau_proof_derive (code, pin, client_nonce, hub_nonce, key.bytes, &error);
    g_assert_no_error (error);
    return key;
}

static void
test_both_ends (void)
{
    Key client = derive (CODE, PIN, HERS, ITS);
    Key hub = derive (CODE, PIN, HERS, ITS);
    g_autofree char *from_client = bureau_proof_sign (client.bytes, BUREAU_PROOF_CLIENT, PIN, HERS,
                                                      ITS);
    g_autofree char *from_hub = bureau_proof_sign (hub.bytes, BUREAU_PROOF_HUB, PIN, HERS, ITS);

    g_assert_cmpmem (client.bytes, sizeof client.bytes, hub.bytes, sizeof hub.bytes);
    g_assert_cmpstr (from_client, !=, from_hub);
    g_assert_cmpuint (strlen (from_client), ==, 43);
    g_assert_true (
        bureau_proof_verify (hub.bytes, BUREAU_PROOF_CLIENT, PIN, HERS, ITS, from_client));
    g_assert_true (bureau_proof_verify (client.bytes, BUREAU_PROOF_HUB, PIN, HERS, ITS, from_hub));
    /* Not sent back as one's own. */
    g_assert_false (
        bureau_proof_verify (client.bytes, BUREAU_PROOF_HUB, PIN, HERS, ITS, from_client));
}

/* Every input makes another key, and where two of them meet is no secret way to the same one. */
static void
test_other_inputs (void)
{
    Key key = derive (CODE, PIN, HERS, ITS);
    const Key others[] = {
        derive ("K7QF2M9Y", PIN, HERS, ITS), derive (CODE, OTHER, HERS, ITS),
        derive (CODE, "", HERS, ITS),        derive (CODE, PIN, ITS, HERS),
        derive (CODE, PIN, HERS ITS, ""),
    };
    g_autofree char *proof = bureau_proof_sign (key.bytes, BUREAU_PROOF_CLIENT, PIN, HERS, ITS);

    for (guint i = 0; i < G_N_ELEMENTS (others); i++) {
        g_assert_cmpint (memcmp (key.bytes, others[i].bytes, sizeof key.bytes), !=, 0);
        g_assert_false (
            bureau_proof_verify (others[i].bytes, BUREAU_PROOF_CLIENT, PIN, HERS, ITS, proof));
    }
    g_assert_false (bureau_proof_verify (key.bytes, BUREAU_PROOF_CLIENT, OTHER, HERS, ITS, proof));
    g_assert_false (bureau_proof_verify (key.bytes, BUREAU_PROOF_CLIENT, PIN, ITS, HERS, proof));
}

static void
test_hostile_proofs (void)
{
    const Key key = { { 7 } };
    g_autofree char *proof = bureau_proof_sign (key.bytes, BUREAU_PROOF_HUB, PIN, HERS, ITS);
    g_autofree char *shorter = g_strndup (proof, strlen (proof) - 2);
    g_autofree char *longer = g_strconcat (proof, "AA", NULL);
    g_autofree char *padded = g_strconcat (proof, "=", NULL);
    g_autofree char *huge = g_strnfill (100000, 'A');
    const char *hostile[] = { NULL, "", "A", shorter, longer, padded, huge, "\xff\xfe" };

    g_assert_true (bureau_proof_verify (key.bytes, BUREAU_PROOF_HUB, PIN, HERS, ITS, proof));
    for (guint i = 0; i < G_N_ELEMENTS (hostile); i++)
        g_assert_false (
            bureau_proof_verify (key.bytes, BUREAU_PROOF_HUB, PIN, HERS, ITS, hostile[i]));
}

static void
test_nonces (void)
{
    g_autofree char *one = bureau_proof_nonce_new ();
    g_autofree char *another = bureau_proof_nonce_new ();
    static const char *const bad[] = { NULL,
                                       "",
                                       "AAECAwQFBgcICQoLDA0OD",
                                       "AAECAwQFBgcICQoLDA0ODw=",
                                       "AAECAwQFBgcICQoLDA0ODw==",
                                       "AAECAwQFBgcICQoLDA0ODxA",
                                       "AAECAwQFBgcICQoLDA0O+w",
                                       "AAECAwQFBgcICQoLDA0OD " };

    g_assert_cmpstr (one, !=, another);
    g_assert_true (bureau_proof_nonce_is_valid (one));
    g_assert_true (bureau_proof_nonce_is_valid (HERS));
    for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
        g_assert_false (bureau_proof_nonce_is_valid (bad[i]));
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);

    g_test_add_func ("/proof/both-ends", test_both_ends);
    g_test_add_func ("/proof/other-inputs", test_other_inputs);
    g_test_add_func ("/proof/hostile-proofs", test_hostile_proofs);
    g_test_add_func ("/proof/nonces", test_nonces);

    return g_test_run ();
}
