/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What passes for an invitation can be written again as the same one, and its address is one that
 * GUri reads as the same host and port: nothing hides in it. */

#include <string.h>

#include "bureau-invitation.h"
#include "slices.h"

static void
check_address (const BureauInvitation *invitation)
{
    g_autofree char *base_uri = bureau_invitation_to_base_uri (invitation);
    g_autoptr (GUri) uri = g_uri_parse (base_uri, G_URI_FLAGS_NONE, NULL);

    g_assert (uri != NULL);
    g_assert (g_uri_get_userinfo (uri) == NULL && g_uri_get_query (uri) == NULL &&
              g_uri_get_fragment (uri) == NULL && *g_uri_get_path (uri) == '\0');
    g_assert (g_ascii_strcasecmp (g_uri_get_host (uri), invitation->host) == 0);
    g_assert (g_uri_get_port (uri) == invitation->port);
    /* Nothing goes over the network in the clear. */
    g_assert (g_str_equal (g_uri_get_scheme (uri), "https") ||
              (*invitation->pin == '\0' && bureau_hub_address_is_loopback (invitation->host)));
}

static void
check_link (const char *text)
{
    g_autoptr (BureauInvitation) invitation = bureau_invitation_parse_link (text, NULL);
    g_autoptr (BureauInvitation) again = NULL;
    g_autofree char *link = NULL;
    g_autofree char *second = NULL;

    if (invitation == NULL)
        return;
    check_address (invitation);
    link = bureau_invitation_to_link (invitation);
    again = bureau_invitation_parse_link (link, NULL);
    g_assert (again != NULL);
    second = bureau_invitation_to_link (again);
    g_assert (strcmp (link, second) == 0);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
    g_autofree char *text = g_strndup ((const char *) data, size);
    g_autoptr (BureauInvitation) typed = bureau_invitation_parse_code (text, "K7QF2M9X", NULL);
    g_autofree char *code = bureau_code_normalize (text);

    check_link (text);
    if (typed != NULL)
        check_address (typed);
    g_assert (code == NULL || strlen (code) == 8);
    return 0;
}
