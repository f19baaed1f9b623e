/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Where a hub is served, and what it is called there. */

#include "bureau-authority.h"

#include <string.h>

#include "bureau-address.h"
#include "bureau-hub-identity.h"
#include "bureau-invitation.h"

#define LOOPBACK    "127.0.0.1"
#define META_SHARED "shared"

/* One address that is listened to. */
typedef struct {
    char *asked; /* (owned): numeric */
    guint16 port;
    char *host; /* (owned): @asked, or the wildcard while it is shared */
    char *uri;  /* (owned): as the server names it */
} BureauPlace;

static void
free_place (gpointer data)
{
    BureauPlace *place = data;

    g_free (place->asked);
    g_free (place->host);
    g_free (place->uri);
    g_free (place);
}

static gboolean
is_wildcard (const char *host)
{
    g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

    return address != NULL && g_inet_address_get_is_any (address);
}

/* ------------------------------------------------------------------ what it is called */

/* The place that other machines reach, else the first one; NULL while there is none. */
static BureauPlace *
find_best_place (BureauAuthority *self)
{
    for (guint i = 0; i < self->places->len; i++) {
        BureauPlace *place = g_ptr_array_index (self->places, i);

        if (!bureau_hub_address_is_loopback (place->host))
            return place;
    }
    return self->places->len > 0 ? g_ptr_array_index (self->places, 0) : NULL;
}

gboolean
bureau_authority_is_shared (BureauAuthority *self)
{
    BureauPlace *place = find_best_place (self);

    return place != NULL && !bureau_hub_address_is_loopback (place->host);
}

guint16
bureau_authority_get_port (BureauAuthority *self)
{
    BureauPlace *place = find_best_place (self);

    return place == NULL ? BUREAU_DEFAULT_PORT : place->port;
}

/* (transfer full) */
static char *
find_invite_address (BureauPlace *place)
{
    char *address;

    if (place == NULL)
        return g_strdup (LOOPBACK);
    if (!is_wildcard (place->host))
        return g_strdup (place->host);
    address = bureau_address_find ();
    return address == NULL ? g_strdup (LOOPBACK) : address;
}

char *
bureau_authority_get_invite_host (BureauAuthority *self)
{
    g_autofree char *address = find_invite_address (find_best_place (self));

    return bureau_hub_address_join (address, bureau_authority_get_port (self));
}

char *
bureau_authority_make_link (BureauAuthority *self, const char *secret)
{
    g_autofree char *address = find_invite_address (find_best_place (self));
    BureauInvitation invitation = { .host = address,
                                    .port = bureau_authority_get_port (self),
                                    .pin = bureau_authority_is_shared (self) ? self->pin
                                                                             : (char *) "",
                                    .secret = (char *) secret };

    return bureau_invitation_to_link (&invitation);
}

char *
bureau_authority_get_uri (BureauAuthority *self)
{
    g_autofree char *host = bureau_authority_get_invite_host (self);

    return g_strconcat (bureau_authority_is_shared (self) ? "https://" : "http://", host, NULL);
}

/* ------------------------------------------------------------------ listening */

/* "127.0.0.1:28732" or "[::1]:28732" */
static gboolean
split_listen (const char *listen, char **address, guint16 *port, GError **error)
{
    const char *colon = strrchr (listen, ':');
    guint64 number;

    if (colon == NULL || colon == listen ||
        !g_ascii_string_to_unsigned (colon + 1, 10, 0, 65535, &number, NULL)) {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "“%s” is not ADDRESS:PORT.",
                     listen);
        return FALSE;
    }
    if (listen[0] == '[' && colon[-1] == ']')
        *address = g_strndup (listen + 1, colon - listen - 2);
    else
        *address = g_strndup (listen, colon - listen);
    *port = number;
    return TRUE;
}

static gboolean
open_place (BureauAuthority *self, BureauPlace *place, const char *host, GError **error)
{
    g_autoptr (GError) local_error = NULL;
    char *uri = bureau_server_listen (self->server, host, place->port,
                                      bureau_hub_address_is_loopback (host) ? NULL : self->identity,
                                      &local_error);

    if (uri == NULL) {
        g_autofree char *where = bureau_hub_address_join (host, place->port);

        g_set_error (error, local_error->domain, local_error->code, "Can't listen on %s: %s.",
                     where, local_error->message);
        return FALSE;
    }
    g_free (place->host);
    place->host = g_strdup (host);
    g_free (place->uri);
    place->uri = uri;
    place->port = g_ascii_strtoull (strrchr (uri, ':') + 1, NULL, 10);
    return TRUE;
}

/* For the network, while other machines can reach the hub. */
static void
tell_network (BureauAuthority *self)
{
    BureauPlace *place = find_best_place (self);

    g_clear_pointer (&self->announcement, bureau_announcement_free);
    if (self->settings.announced && bureau_authority_is_shared (self))
        self->announcement = bureau_announcement_new (place->host, place->port, self->pin);
}

/* Only a change is worth a row: an office that is shared is so again after each start. */
static gboolean
run_note_sharing (BureauCall *call, GError **error)
{
    BureauStore *store = call->authority->store;
    gboolean shared = bureau_authority_is_shared (call->authority);
    g_autoptr (GError) local_error = NULL;
    g_autofree char *kept = bureau_store_get_meta (store, META_SHARED, &local_error);

    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    if (shared == (g_strcmp0 (kept, "yes") == 0))
        return TRUE;
    return bureau_store_set_meta (store, META_SHARED, shared ? "yes" : "no", error) &&
           bureau_call_audit (call, NULL,
                              shared ? BUREAU_AUDIT_HUB_SHARED : BUREAU_AUDIT_HUB_UNSHARED, NULL,
                              NULL, error);
}

/* For the audit. It is no command's doing: whoever runs the hub opens it or closes it. */
static void
note_sharing (BureauAuthority *self)
{
    bureau_authority_queue (self, bureau_request_new (self, run_note_sharing, NULL));
}

/* For the command line, which runs on this machine: plainly over loopback, if that is served. */
static gboolean
tell_command_line (BureauAuthority *self, GError **error)
{
    BureauPlace *first = g_ptr_array_index (self->places, 0);
    g_autofree char *uri = g_strdup (first->uri);

    for (guint i = 0; i < self->places->len; i++) {
        BureauPlace *place = g_ptr_array_index (self->places, i);

        if (bureau_hub_address_is_loopback (place->host) || is_wildcard (place->host)) {
            g_free (uri);
            uri = bureau_hub_address_is_loopback (place->host)
                      ? g_strdup (place->uri)
                      : g_strdup_printf ("http://" LOOPBACK ":%u", place->port);
            break;
        }
    }
    return bureau_data_directory_set_address (self->directory, uri, error);
}

char *
bureau_authority_listen (BureauAuthority *self, const char *listen, gboolean shared, GError **error)
{
    BureauPlace *place = g_new0 (BureauPlace, 1);

    if (!split_listen (listen, &place->asked, &place->port, error) ||
        !open_place (self, place, shared ? bureau_address_get_wildcard () : place->asked, error)) {
        free_place (place);
        return NULL;
    }
    g_ptr_array_add (self->places, place);
    tell_network (self);
    note_sharing (self);
    if (!tell_command_line (self, error))
        return NULL;
    return g_strdup (place->uri);
}

/* ------------------------------------------------------------------ sharing */

/* One listener goes, the other comes, on the same port: the two can't be there together. */
static gboolean
move_place (BureauAuthority *self, BureauPlace *place, const char *host, GError **error)
{
    g_autofree char *before = g_strdup (place->host);
    g_autoptr (GError) local_error = NULL;

    bureau_server_stop_listening (self->server, place->uri);
    if (open_place (self, place, host, error))
        return TRUE;
    if (!open_place (self, place, before, &local_error))
        g_warning ("%s", local_error->message);
    return FALSE;
}

gboolean
bureau_authority_share (BureauAuthority *self, gboolean shared, GError **error)
{
    BureauPlace *place;

    g_return_val_if_fail (self->places->len > 0, FALSE);

    place = g_ptr_array_index (self->places, 0);
    if (shared == is_wildcard (place->host))
        return TRUE;
    /* The machine may have other addresses than when the certificate was looked at. */
    if (shared && !bureau_authority_load_identity (self, error))
        return FALSE;
    if (!move_place (self, place, shared ? bureau_address_get_wildcard () : place->asked, error))
        return FALSE;
    if (!shared)
        bureau_server_close_distant (self->server, 4503, "The office is not shared any more");
    tell_network (self);
    note_sharing (self);
    return tell_command_line (self, error);
}

/* ------------------------------------------------------------------ who it is */

gboolean
bureau_authority_load_identity (BureauAuthority *self, GError **error)
{
    g_autofree char *pin = NULL;
    BureauTlsIdentity *identity = bureau_hub_identity_load (self->directory, &pin, error);

    if (identity == NULL)
        return FALSE;
    g_clear_pointer (&self->identity, bureau_tls_identity_unref);
    self->identity = identity;
    g_free (self->pin);
    self->pin = g_steal_pointer (&pin);
    return TRUE;
}

void
bureau_authority_init_places (BureauAuthority *self)
{
    self->pin = g_strdup ("");
    self->places = g_ptr_array_new_with_free_func (free_place);
}
