/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-invitation.h"

#include <gio/gio.h>
#include <string.h>

#include "bureau-error.h"

#define LINK_SCHEME  "bureau://"
#define LINK_VERSION "v1."
#define PIN_LENGTH   43 /* 32 bytes in base64url without padding */
#define MAX_SECRET   128
#define MAX_HOST     253 /* RFC 1035, section 2.3.4 */
#define MAX_LABEL    63

#define BASE64URL   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
#define CROCKFORD   "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#define CODE_LENGTH 8

static gboolean
is_ip_address (const char *text, GSocketFamily family)
{
    g_autoptr (GInetAddress) address = NULL;

    /* GLib takes scope ids too; an invitation has none. */
    if (text[strspn (text, "0123456789abcdefABCDEF.:")] != '\0')
        return FALSE;
    address = g_inet_address_new_from_string (text);
    return address != NULL && g_inet_address_get_family (address) == family;
}

/* Letters, digits and hyphens (RFC 1123, section 2.1). A name whose last label is a number is an
 * IPv4 address or nothing: resolvers read "1" and "0x7f.1" as addresses, people do not. */
static gboolean
is_host_name (const char *host)
{
    g_auto (GStrv) labels = NULL;
    guint n_labels;

    if (*host == '\0' || strlen (host) > MAX_HOST)
        return FALSE;
    labels = g_strsplit (host, ".", -1);
    n_labels = g_strv_length (labels);
    for (guint i = 0; i < n_labels; i++) {
        gsize length = strlen (labels[i]);

        if (length == 0 || length > MAX_LABEL || labels[i][0] == '-' ||
            labels[i][length - 1] == '-')
            return FALSE;
        for (gsize k = 0; k < length; k++) {
            if (!g_ascii_isalnum (labels[i][k]) && labels[i][k] != '-')
                return FALSE;
        }
    }
    return !g_ascii_isdigit (labels[n_labels - 1][0]);
}

/* Reads HOST[:PORT] into @invitation. */
static gboolean
parse_authority (BureauInvitation *invitation, const char *text)
{
    const char *port = NULL;
    guint64 number = BUREAU_DEFAULT_PORT;

    if (*text == '[') {
        const char *end = strchr (text, ']');

        if (end == NULL || (end[1] != '\0' && end[1] != ':'))
            return FALSE;
        invitation->host = g_strndup (text + 1, (gsize) (end - text - 1));
        port = end[1] == ':' ? end + 2 : NULL;
        if (!is_ip_address (invitation->host, G_SOCKET_FAMILY_IPV6))
            return FALSE;
    } else {
        port = strchr (text, ':');
        invitation->host = port != NULL ? g_strndup (text, (gsize) (port - text)) : g_strdup (text);
        port = port != NULL ? port + 1 : NULL;
        if (!is_host_name (invitation->host) &&
            !is_ip_address (invitation->host, G_SOCKET_FAMILY_IPV4))
            return FALSE;
    }

    if (port != NULL && !g_ascii_string_to_unsigned (port, 10, 1, G_MAXUINT16, &number, NULL))
        return FALSE;
    /* g_ascii_string_to_unsigned() has refused signs and blanks, but not leading zeros. */
    if (port != NULL && *port == '0')
        return FALSE;
    invitation->port = (guint16) number;
    return TRUE;
}

/* Only this computer's own hub needs no certificate. */
static gboolean
is_pin (const BureauInvitation *invitation)
{
    if (*invitation->pin == '\0')
        return bureau_hub_address_is_loopback (invitation->host);
    return strlen (invitation->pin) == PIN_LENGTH &&
           invitation->pin[strspn (invitation->pin, BASE64URL)] == '\0';
}

/* Reads v1.PIN.SECRET into @invitation, whose host is known. */
static gboolean
parse_fragment (BureauInvitation *invitation, const char *text)
{
    const char *secret;

    if (!g_str_has_prefix (text, LINK_VERSION))
        return FALSE;
    text += strlen (LINK_VERSION);
    secret = strchr (text, '.');
    if (secret == NULL)
        return FALSE;
    invitation->pin = g_strndup (text, (gsize) (secret - text));
    invitation->secret = g_strdup (secret + 1);

    return is_pin (invitation) && strlen (invitation->secret) <= MAX_SECRET &&
           invitation->secret[strspn (invitation->secret, BASE64URL)] == '\0';
}

void
bureau_invitation_free (BureauInvitation *invitation)
{
    if (invitation == NULL)
        return;
    g_free (invitation->host);
    g_free (invitation->pin);
    g_free (invitation->secret);
    g_free (invitation);
}

BureauInvitation *
bureau_invitation_copy (const BureauInvitation *invitation)
{
    BureauInvitation *copy = g_new0 (BureauInvitation, 1);

    copy->host = g_strdup (invitation->host);
    copy->port = invitation->port;
    copy->pin = g_strdup (invitation->pin);
    copy->secret = g_strdup (invitation->secret);
    copy->typed = invitation->typed;
    return copy;
}

BureauInvitation *
bureau_invitation_parse_link (const char *link, GError **error)
{
    g_autoptr (BureauInvitation) invitation = g_new0 (BureauInvitation, 1);
    g_autofree char *text = g_strstrip (g_strdup (link != NULL ? link : ""));
    char *fragment = NULL;

    if (g_ascii_strncasecmp (text, LINK_SCHEME, strlen (LINK_SCHEME)) == 0)
        fragment = strstr (text + strlen (LINK_SCHEME), "/#");
    if (fragment != NULL)
        *fragment = '\0';

    if (fragment == NULL || !parse_authority (invitation, text + strlen (LINK_SCHEME)) ||
        !parse_fragment (invitation, fragment + strlen ("/#"))) {
        bureau_error_set_invalid (error, "link",
                                  "This is not a whole invitation link. Copy it again, from "
                                  "“bureau://” to its end.");
        return NULL;
    }
    return g_steal_pointer (&invitation);
}

/* What a browser's address has around HOST:PORT says nothing to us. @text is changed. */
static const char *
strip_scheme (char *text)
{
    static const char *const schemes[] = { "http://", "https://" };

    for (guint i = 0; i < G_N_ELEMENTS (schemes); i++) {
        if (g_ascii_strncasecmp (text, schemes[i], strlen (schemes[i])) != 0)
            continue;
        if (g_str_has_suffix (text, "/"))
            text[strlen (text) - 1] = '\0';
        return text + strlen (schemes[i]);
    }
    return text;
}

BureauInvitation *
bureau_invitation_parse_code (const char *address, const char *code, GError **error)
{
    g_autoptr (BureauInvitation) invitation = g_new0 (BureauInvitation, 1);
    g_autofree char *text = g_strstrip (g_strdup (address != NULL ? address : ""));

    if (!parse_authority (invitation, strip_scheme (text))) {
        bureau_error_set_invalid (error, "address",
                                  "The address must look like 192.168.1.20:28732 or "
                                  "studio.local.");
        return NULL;
    }

    invitation->typed = TRUE;
    invitation->pin = g_strdup ("");
    invitation->secret = bureau_code_normalize (code);
    if (invitation->secret == NULL) {
        bureau_error_set_invalid (error, "code",
                                  "The code has eight letters and digits, like K7QF-2M9X.");
        return NULL;
    }
    return g_steal_pointer (&invitation);
}

char *
bureau_invitation_to_link (const BureauInvitation *invitation)
{
    g_autofree char *authority = bureau_hub_address_join (invitation->host, invitation->port);

    return g_strconcat (LINK_SCHEME, authority, "/#", LINK_VERSION, invitation->pin, ".",
                        invitation->secret, NULL);
}

char *
bureau_invitation_to_base_uri (const BureauInvitation *invitation)
{
    g_autofree char *authority = bureau_hub_address_join (invitation->host, invitation->port);
    gboolean plain = *invitation->pin == '\0' && bureau_hub_address_is_loopback (invitation->host);

    return g_strconcat (plain ? "http://" : "https://", authority, NULL);
}

char *
bureau_code_normalize (const char *typed)
{
    g_autoptr (GString) code = g_string_new (NULL);

    for (const char *at = typed; at != NULL && *at != '\0'; at++) {
        char c = g_ascii_toupper (*at);

        if (c == '-' || g_ascii_isspace (c))
            continue;
        c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
        if (strchr (CROCKFORD, c) == NULL || code->len == CODE_LENGTH)
            return NULL;
        g_string_append_c (code, c);
    }
    return code->len == CODE_LENGTH ? g_string_free (g_steal_pointer (&code), FALSE) : NULL;
}

char *
bureau_code_format (const char *code)
{
    g_return_val_if_fail (strlen (code) == CODE_LENGTH, NULL);

    return g_strdup_printf ("%.4s-%s", code, code + CODE_LENGTH / 2);
}
