/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-carrier-private.h"

#include <string.h>

typedef struct {
    SoupSession *session; /* (owned) */
    char *base_uri;       /* (owned) */
    gsize max_payload;
    const BureauCarrierEvents *events;
    gpointer owner; /* (unowned) (nullable) */
} BureauCarrierPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (BureauCarrier, bureau_carrier, G_TYPE_OBJECT)

#define PRIVATE(self) ((BureauCarrierPrivate *) bureau_carrier_get_instance_private (self))

static void
bureau_carrier_finalize (GObject *object)
{
    BureauCarrierPrivate *private = PRIVATE (BUREAU_CARRIER (object));

    g_clear_object (&private->session);
    g_free (private->base_uri);
    G_OBJECT_CLASS (bureau_carrier_parent_class)->finalize (object);
}

static void
ignore_begin (BureauCarrier *self, const char *sid, gsize max_post)
{
}

static void
bureau_carrier_class_init (BureauCarrierClass *klass)
{
    G_OBJECT_CLASS (klass)->finalize = bureau_carrier_finalize;
    klass->begin = ignore_begin;
}

static void
bureau_carrier_init (BureauCarrier *self)
{
}

/* ------------------------------------------------------------------ for the owner */

void
bureau_carrier_open (BureauCarrier *self)
{
    BUREAU_CARRIER_GET_CLASS (self)->open (self);
}

void
bureau_carrier_begin (BureauCarrier *self, const char *sid, gsize max_post)
{
    BUREAU_CARRIER_GET_CLASS (self)->begin (self, sid, max_post);
}

void
bureau_carrier_send (BureauCarrier *self, const char *text, gsize length)
{
    BUREAU_CARRIER_GET_CLASS (self)->send (self, text, length);
}

void
bureau_carrier_leave (BureauCarrier *self, guint16 code)
{
    if (!bureau_carrier_has_owner (self))
        return;
    PRIVATE (self)->owner = NULL;
    BUREAU_CARRIER_GET_CLASS (self)->leave (self, code);
}

/* ------------------------------------------------------------------ for the two */

gboolean
bureau_carrier_has_owner (BureauCarrier *self)
{
    return PRIVATE (self)->owner != NULL;
}

BureauCarrier *
bureau_carrier_new (GType type, SoupSession *session, const char *base_uri, gsize max_payload,
                    const BureauCarrierEvents *events, gpointer owner)
{
    BureauCarrier *self = g_object_new (type, NULL);
    BureauCarrierPrivate *private = PRIVATE (self);

    private->session = g_object_ref (session);
    private->base_uri = g_strdup (base_uri);
    private->max_payload = max_payload;
    private->events = events;
    private->owner = owner;
    return self;
}

SoupSession *
bureau_carrier_get_session (BureauCarrier *self)
{
    return PRIVATE (self)->session;
}

const char *
bureau_carrier_get_base_uri (BureauCarrier *self)
{
    return PRIVATE (self)->base_uri;
}

gsize
bureau_carrier_get_max_payload (BureauCarrier *self)
{
    return PRIVATE (self)->max_payload;
}

static gboolean
is_visible (const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text <= ' ' || *text >= '\x7f')
            return FALSE;
    }
    return TRUE;
}

static gboolean
is_fit (GUri *uri)
{
    const char *scheme = g_uri_get_scheme (uri);
    g_autofree char *host = g_uri_get_host (uri) == NULL
                                ? NULL
                                : g_hostname_to_ascii (g_uri_get_host (uri));

    return (strcmp (scheme, "http") == 0 || strcmp (scheme, "https") == 0) && host != NULL &&
           *host != '\0' && is_visible (host) && is_visible (g_uri_get_path (uri)) &&
           is_visible (g_uri_get_query (uri));
}

GUri *
bureau_carrier_make_uri (const char *base_uri, const char *transport, const char *sid)
{
    gsize length = strlen (base_uri);
    g_autofree char *text = NULL;
    g_autoptr (GUri) uri = NULL;

    if (length > 0 && base_uri[length - 1] == '/')
        length--;
    text = g_strdup_printf ("%.*s/socket.io/?EIO=4&transport=%s%s%s", (int) length, base_uri,
                            transport, sid == NULL ? "" : "&sid=", sid == NULL ? "" : sid);
    uri = g_uri_parse (text, SOUP_HTTP_URI_FLAGS, NULL);
    return uri != NULL && is_fit (uri) ? g_steal_pointer (&uri) : NULL;
}

void
bureau_carrier_tell_opened (BureauCarrier *self)
{
    BureauCarrierPrivate *private = PRIVATE (self);

    if (private->owner != NULL)
    private->events->opened (private->owner, self);
}

void
bureau_carrier_tell_packet (BureauCarrier *self, const char *text, gsize length)
{
    BureauCarrierPrivate *private = PRIVATE (self);

    if (private->owner != NULL)
    private->events->packet (private->owner, self, text, length);
}

void
bureau_carrier_tell_paused (BureauCarrier *self)
{
    BureauCarrierPrivate *private = PRIVATE (self);

    if (private->owner != NULL)
    private->events->paused (private->owner, self);
}

void
bureau_carrier_fail (BureauCarrier *self, GError *error)
{
    BureauCarrierPrivate *private = PRIVATE (self);
    gpointer owner = g_steal_pointer (&private->owner);

    if (owner != NULL)
    private->events->failed (owner, self, error);
    else g_error_free (error);
}
