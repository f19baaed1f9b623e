/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-attempt.h"

#include "bureau-error.h"
#include "bureau-json.h"
#include "bureau-socket.h"

/* Reference-counted: by its owner and by what is under way. */
struct _BureauAttempt {
    BureauCredentials *credentials; /* (owned) */
    BureauTransport transport;      /* under way */
    BureauTransport last;
    guint failed;                          /* a bit for each transport */
    GCancellable *cancellable;             /* (owned) */
    const BureauAttemptListener *listener; /* (nullable): it is over */
    gpointer data;
};

static void open_rung (BureauAttempt *self);

static void
clear (gpointer data)
{
    BureauAttempt *self = data;

    g_object_unref (self->credentials);
    g_object_unref (self->cancellable);
}

static void
release (BureauAttempt *self)
{
    g_rc_box_release_full (self, clear);
}

/* Takes @rung. */
static void
end (BureauAttempt *self, BureauRung *rung, const GError *error)
{
    const BureauAttemptListener *listener = g_steal_pointer (&self->listener);

    listener->ended (self->data, rung, error);
}

/* ------------------------------------------------------------------ from one to the next */

static BureauTransport
find_next (BureauAttempt *self)
{
    for (BureauTransport next = BUREAU_TRANSPORT_WEBSOCKET; next <= self->last; next++) {
        if (!bureau_attempt_has_failed_by (self, next))
            return next;
    }
    return BUREAU_TRANSPORT_NONE;
}

/* There is somebody, but he does not answer by this transport as he should: something between us
 * may be in its way. With HTTP one can't tell that from nobody's being there; a WebSocket can. */
static gboolean
is_in_the_way (BureauAttempt *self, const GError *error)
{
    if (error->domain == BUREAU_SOCKET_ERROR)
        return error->code != BUREAU_SOCKET_ERROR_REFUSED &&
               error->code != BUREAU_SOCKET_ERROR_PLAIN &&
               error->code != BUREAU_SOCKET_ERROR_STRANGER;
    if (error->domain == BUREAU_ERROR)
        return error->code == BUREAU_ERROR_UNAVAILABLE;
    return self->transport != BUREAU_TRANSPORT_WEBSOCKET;
}

static void
on_opened (BureauRung *rung, const GError *error, gpointer data)
{
    BureauAttempt *self = data;
    BureauTransport next;

    if (!self->listener) {
        g_clear_object (&rung);
    } else if (rung) {
        end (self, rung, NULL);
    } else {
        self->failed |= 1u << self->transport;
        next = is_in_the_way (self, error) ? find_next (self) : BUREAU_TRANSPORT_NONE;
        if (next == BUREAU_TRANSPORT_NONE) {
            end (self, NULL, error);
        } else {
            self->transport = next;
            open_rung (self);
        }
    }
    release (self);
}

static void
on_token_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    BureauAttempt *self = data;
    g_autoptr (GError) error = NULL;
    g_autofree char *token = bureau_credentials_get_token_finish (BUREAU_CREDENTIALS (source),
                                                                  result, &error);
    g_autoptr (JsonObject) auth = NULL;

    if (self->listener && token) {
        auth = json_object_new ();
        bureau_json_set_string (auth, "token", token);
        self->listener->describe (self->data, auth);
        bureau_rung_open (self->transport, self->credentials, auth, self->cancellable, on_opened,
                          g_rc_box_acquire (self));
    } else if (self->listener) {
        end (self, NULL, error);
    }
    release (self);
}

static void
open_rung (BureauAttempt *self)
{
    bureau_credentials_get_token_async (self->credentials, self->cancellable, on_token_cb,
                                        g_rc_box_acquire (self));
}

BureauAttempt *
bureau_attempt_begin (BureauCredentials *credentials, BureauTransport first, BureauTransport last,
                      const BureauAttemptListener *listener, gpointer data)
{
    BureauAttempt *self = g_rc_box_new0 (BureauAttempt);

    self->credentials = g_object_ref (credentials);
    self->transport = first;
    self->last = last;
    self->cancellable = g_cancellable_new ();
    self->listener = listener;
    self->data = data;
    open_rung (self);
    return self;
}

void
bureau_attempt_leave (BureauAttempt *self)
{
    self->listener = NULL;
    g_cancellable_cancel (self->cancellable);
    release (self);
}

gboolean
bureau_attempt_has_failed_by (BureauAttempt *self, BureauTransport transport)
{
    return (self->failed & 1u << transport) != 0;
}
