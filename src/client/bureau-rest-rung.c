/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-rest-rung.h"

#include "bureau-catalog.h"
#include "bureau-error.h"
#include "bureau-inquiry.h"
#include "bureau-json.h"
#include "bureau-rest-round.h"
#include "bureau-timer.h"

#define ROUND_WAIT   10000 /* ms between two rounds (sync.md, Reconnect) */
#define OPEN_TIMEOUT 10000 /* ms for the hub's first answer */
#define MIN_PAUSE    1000  /* ms, of those that the hub may ask for */
#define MAX_PAUSE    300000
#define MAX_ANSWER   (1024 * 1024)

struct _BureauRestRung {
    BureauRung parent_instance;

    BureauCredentials *credentials; /* (owned) */
    BureauRestPlaces *places;       /* (owned) */
    GCancellable *cancellable;      /* (owned): of all that is under way */
    GPtrArray *pending;             /* (owned): of Emission (owned): not answered yet */
    GSource *next;                  /* (owned) (nullable): the next round */
    gboolean asking;                /* a round is under way */
    gboolean again;                 /* and another is to follow at once */
    gboolean closed;

    BureauRungOpened opened; /* (nullable): until it is open */
    gpointer opened_data;
    GCancellable *outer; /* (owned) (nullable): the caller's, until then */
    gulong outer_handler;
    gboolean timed_out;
};

G_DEFINE_FINAL_TYPE (BureauRestRung, bureau_rest_rung, BUREAU_TYPE_RUNG)

static void ask (BureauRestRung *self);

/* ------------------------------------------------------------------ rounds */

static gboolean
on_next_cb (gpointer data)
{
    BureauRestRung *self = data;

    bureau_timer_stop (&self->next);
    ask (self);
    return G_SOURCE_REMOVE;
}

static void
on_told (gpointer data, const char *name, JsonObject *json)
{
    bureau_rung_tell_event (data, name, json);
}

/* A hub that is short of breath says when to come again; whoever else fails, is left. */
static void
end_round (BureauRestRung *self, const GError *error)
{
    gint64 wait = self->again ? 0 : ROUND_WAIT;

    self->asking = FALSE;
    self->again = FALSE;
    if (self->closed)
        return;
    if (!error) {
        bureau_timer_start (&self->next, wait, on_next_cb, self);
    } else if (g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_RATE_LIMITED)) {
        bureau_timer_start (&self->next,
                            CLAMP (bureau_error_get_retry_after (error), MIN_PAUSE, MAX_PAUSE),
                            on_next_cb, self);
    } else {
        bureau_rung_close (BUREAU_RUNG (self));
        bureau_rung_tell_closed (BUREAU_RUNG (self), error);
    }
}

static void
on_round_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauRestRung) self = data;
    g_autoptr (GError) error = NULL;

    bureau_rest_round_finish (result, &error);
    end_round (self, error);
}

static void
ask (BureauRestRung *self)
{
    self->asking = TRUE;
    bureau_rest_round_async (self->credentials, self->places, on_told, self, self->cancellable,
                             on_round_cb, g_object_ref (self));
}

static void
rest_rung_hurry (BureauRung *rung)
{
    BureauRestRung *self = BUREAU_REST_RUNG (rung);

    if (self->asking)
        self->again = TRUE;
    else if (!self->closed)
        bureau_timer_start (&self->next, 0, on_next_cb, self);
}

/* ------------------------------------------------------------------ what it is told */

typedef struct {
    BureauRestRung *rung; /* (owned) */
    BureauCredentialsAnswer answer;
    gpointer data;
    gboolean durable;
} Emission;

static void
emission_free (gpointer data)
{
    Emission *emission = data;

    g_object_unref (emission->rung);
    g_free (emission);
}

static void
resolve (Emission *emission, JsonObject *json, const GError *error)
{
    if (emission->answer)
        emission->answer (json, error, emission->data);
    emission->answer = NULL;
}

static void
on_posted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    Emission *emission = data;
    g_autoptr (BureauRestRung) self = g_object_ref (emission->rung);
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) bytes = bureau_credentials_request_finish (BUREAU_CREDENTIALS (source),
                                                                  result, &error);
    g_autoptr (JsonObject) json = bytes ? bureau_inquiry_parse_answer (bytes, &error) : NULL;
    gboolean durable = emission->durable;

    resolve (emission, json, error);
    g_ptr_array_remove (self->pending, emission);
    /* What came of it stands in the logs. Of many, one after another, only the last one asks; one
     * that failed may have found the hub gone. */
    if (durable && self->pending->len == 0)
        rest_rung_hurry (BUREAU_RUNG (self));
}

static void
refuse (BureauCredentialsAnswer answer, gpointer data, const char *why)
{
    g_autoptr (GError) error = g_error_new_literal (BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE, why);

    if (answer)
        answer (NULL, error, data);
}

static void
rest_rung_emit (BureauRung *rung, const char *name, JsonObject *params,
                BureauCredentialsAnswer answer, gpointer data)
{
    BureauRestRung *self = BUREAU_REST_RUNG (rung);
    const BureauCommand *command = bureau_command_find (name);
    g_autofree char *path = g_strconcat ("/api/v1/commands/", name, NULL);
    g_autofree char *body = bureau_json_object_to_string (params);
    Emission *emission;

    if (self->closed || !command || (command->flags & BUREAU_COMMAND_NEEDS_CONNECTION)) {
        refuse (answer, data, "This needs a live connection to the office.");
        return;
    }
    emission = g_new0 (Emission, 1);
    emission->rung = g_object_ref (self);
    emission->answer = answer;
    emission->data = data;
    emission->durable = (command->flags & BUREAU_COMMAND_DURABLE) != 0;
    g_ptr_array_add (self->pending, emission);
    bureau_credentials_request_async (self->credentials, "POST", path, body, MAX_ANSWER,
                                      self->cancellable, on_posted_cb, emission);
}

static BureauTransport
rest_rung_get_transport (BureauRung *rung)
{
    return BUREAU_TRANSPORT_REST;
}

/* The answers that are still to come find nobody who waits for them. */
static void
rest_rung_close (BureauRung *rung)
{
    BureauRestRung *self = BUREAU_REST_RUNG (rung);
    g_autoptr (BureauRestRung) alive = g_object_ref (self);
    g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                                    "The connection was left.");

    self->closed = TRUE;
    bureau_timer_stop (&self->next);
    g_cancellable_cancel (self->cancellable);
    for (guint i = 0; i < self->pending->len; i++)
        resolve (self->pending->pdata[i], NULL, error);
}

/* ------------------------------------------------------------------ opening */

static void
on_outer_cancelled_cb (GCancellable *outer, gpointer data)
{
    g_cancellable_cancel (data);
}

static gboolean
on_timeout_cb (gpointer data)
{
    BureauRestRung *self = data;

    self->timed_out = TRUE;
    bureau_timer_stop (&self->next);
    g_cancellable_cancel (self->cancellable);
    return G_SOURCE_REMOVE;
}

static void
on_heads_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauRestRung) self = data;
    g_autoptr (GError) error = NULL;
    BureauRungOpened opened = g_steal_pointer (&self->opened);

    bureau_timer_stop (&self->next);
    g_cancellable_disconnect (self->outer, self->outer_handler);
    if (!bureau_rest_round_finish (result, &error)) {
        self->closed = TRUE;
        if (self->timed_out) {
            g_clear_error (&error);
            g_set_error_literal (&error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE,
                                 "The hub does not answer.");
        }
        opened (NULL, error, self->opened_data);
        return;
    }
    bureau_timer_start (&self->next, 0, on_next_cb, self);
    opened (g_object_ref (BUREAU_RUNG (self)), NULL, self->opened_data);
}

void
bureau_rest_rung_open (BureauCredentials *credentials, JsonObject *auth, GCancellable *cancellable,
                       BureauRungOpened opened, gpointer data)
{
    g_autoptr (BureauRestRung) self = g_object_new (BUREAU_TYPE_REST_RUNG, NULL);

    self->credentials = g_object_ref (credentials);
    self->places = bureau_rest_places_new (auth);
    self->opened = opened;
    self->opened_data = data;
    self->outer = g_object_ref (cancellable);
    self->outer_handler = g_cancellable_connect (cancellable, G_CALLBACK (on_outer_cancelled_cb),
                                                 g_object_ref (self->cancellable), g_object_unref);
    bureau_timer_start (&self->next, OPEN_TIMEOUT, on_timeout_cb, self);
    bureau_rest_round_look_async (credentials, self->cancellable, on_heads_cb, g_object_ref (self));
}

/* ------------------------------------------------------------------ object */

static void
bureau_rest_rung_dispose (GObject *object)
{
    BureauRestRung *self = BUREAU_REST_RUNG (object);

    if (!self->closed)
        rest_rung_close (BUREAU_RUNG (self));
    g_clear_object (&self->credentials);
    g_clear_object (&self->outer);
    G_OBJECT_CLASS (bureau_rest_rung_parent_class)->dispose (object);
}

static void
bureau_rest_rung_finalize (GObject *object)
{
    BureauRestRung *self = BUREAU_REST_RUNG (object);

    g_clear_pointer (&self->places, bureau_rest_places_free);
    g_object_unref (self->cancellable);
    g_ptr_array_unref (self->pending);
    G_OBJECT_CLASS (bureau_rest_rung_parent_class)->finalize (object);
}

static void
bureau_rest_rung_class_init (BureauRestRungClass *klass)
{
    BureauRungClass *rung_class = BUREAU_RUNG_CLASS (klass);

    G_OBJECT_CLASS (klass)->dispose = bureau_rest_rung_dispose;
    G_OBJECT_CLASS (klass)->finalize = bureau_rest_rung_finalize;
    rung_class->get_transport = rest_rung_get_transport;
    rung_class->emit = rest_rung_emit;
    rung_class->hurry = rest_rung_hurry;
    rung_class->close = rest_rung_close;
}

static void
bureau_rest_rung_init (BureauRestRung *self)
{
    self->cancellable = g_cancellable_new ();
    self->pending = g_ptr_array_new_with_free_func (emission_free);
}
