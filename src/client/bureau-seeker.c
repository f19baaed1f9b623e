/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-seeker.h"

#include "bureau-discovery.h"
#include "bureau-inquiry.h"

#define MAX_ANSWER (16 * 1024)

struct _BureauSeeker {
    GObject parent_instance;

    char *pin;                  /* (owned) */
    SoupSession *soup;          /* (owned): speaks with the hub that has the pin alone */
    BureauDiscovery *discovery; /* (owned) (nullable): while it looks */
    GCancellable *asking;       /* (owned) (nullable): somebody is being asked */
    guint next;                 /* the one of the discovery's to look at then */
    char *asked;                /* (owned) (nullable): where */
};

G_DEFINE_FINAL_TYPE (BureauSeeker, bureau_seeker, G_TYPE_OBJECT)

enum { SIGNAL_FOUND, N_SIGNALS };

static guint signals[N_SIGNALS];

static void ask_next (BureauSeeker *self);

/* Whoever has answered has proven the key. */
static void
on_answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauSeeker) self = data;
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) answer = bureau_inquiry_finish (result, &error);
    g_autofree char *asked = NULL;

    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    g_clear_object (&self->asking);
    asked = g_steal_pointer (&self->asked);
    if (answer != NULL)
        g_signal_emit (self, signals[SIGNAL_FOUND], 0, asked);
    else
        ask_next (self);
}

static void
ask (BureauSeeker *self, BureauFoundHub *hub)
{
    self->asking = g_cancellable_new ();
    self->asked = g_strconcat ("https://", bureau_found_hub_get_address (hub), NULL);
    bureau_inquiry_async (self->soup, self->asked, "GET", "/api/v1/health", NULL, NULL, MAX_ANSWER,
                          self->asking, on_answered_cb, g_object_ref (self));
}

/* One after the other: they are few, and all but one are none. */
static void
ask_next (BureauSeeker *self)
{
    while (self->discovery != NULL && self->asking == NULL) {
        g_autoptr (BureauFoundHub) hub = g_list_model_get_item (G_LIST_MODEL (self->discovery),
                                                                self->next++);

        if (hub == NULL)
            return;
        if (bureau_discovery_match (hub, self->pin))
            ask (self, hub);
    }
}

static void
ask_all (BureauSeeker *self)
{
    self->next = 0;
    ask_next (self);
}

/* ------------------------------------------------------------------ type */

static void
bureau_seeker_dispose (GObject *object)
{
    BureauSeeker *self = BUREAU_SEEKER (object);

    bureau_seeker_stop (self);
    g_clear_object (&self->soup);
    G_OBJECT_CLASS (bureau_seeker_parent_class)->dispose (object);
}

static void
bureau_seeker_finalize (GObject *object)
{
    g_free (BUREAU_SEEKER (object)->pin);
    G_OBJECT_CLASS (bureau_seeker_parent_class)->finalize (object);
}

static void
bureau_seeker_class_init (BureauSeekerClass *klass)
{
    G_OBJECT_CLASS (klass)->dispose = bureau_seeker_dispose;
    G_OBJECT_CLASS (klass)->finalize = bureau_seeker_finalize;
    signals[SIGNAL_FOUND] = g_signal_new ("found", BUREAU_TYPE_SEEKER, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
bureau_seeker_init (BureauSeeker *self)
{
}

BureauSeeker *
bureau_seeker_new (const char *pin)
{
    BureauSeeker *self = g_object_new (BUREAU_TYPE_SEEKER, NULL);

    self->pin = g_strdup (pin);
    self->soup = bureau_inquiry_session_new (pin);
    return self;
}

void
bureau_seeker_look (BureauSeeker *self)
{
    g_return_if_fail (BUREAU_IS_SEEKER (self));

    if (self->discovery == NULL) {
        self->discovery = bureau_discovery_new ();
        g_signal_connect_object (self->discovery, "items-changed", G_CALLBACK (ask_all), self,
                                 G_CONNECT_SWAPPED);
        bureau_discovery_start (self->discovery);
    }
    ask_all (self);
}

void
bureau_seeker_stop (BureauSeeker *self)
{
    g_return_if_fail (BUREAU_IS_SEEKER (self));

    g_cancellable_cancel (self->asking);
    g_clear_object (&self->asking);
    g_clear_pointer (&self->asked, g_free);
    g_clear_object (&self->discovery);
}
