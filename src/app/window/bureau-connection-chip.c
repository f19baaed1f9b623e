/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "window/bureau-connection-chip.h"

#include <glib/gi18n.h>

#include "window/bureau-color-dot.h"

struct _BureauConnectionChip {
    AdwBin parent_instance;

    BureauClient *client; /* (owned) (nullable) */
    gboolean is_host;
    char *trouble;     /* (owned) (nullable) */
    const char *color; /* (nullable) */

    GtkMenuButton *button;
    GtkPopover *popover;
    GtkWidget *content;
    BureauColorDot *dot;
    GtkLabel *label;
    GtkLabel *heading;
    GtkLabel *meaning;
    GtkLabel *next;
    GtkLabel *address;
    GtkWidget *show_queue;
    GtkWidget *try_now;
    guint tick; /* source id, while the popover is open; 0 for none */
};

G_DEFINE_FINAL_TYPE (BureauConnectionChip, bureau_connection_chip, ADW_TYPE_BIN)

enum { PROP_TROUBLE = 1, PROP_COLOR, N_PROPS };

static GParamSpec *properties[N_PROPS];

#define COLOR_GOOD "#2ec27e"
#define COLOR_BUSY "#e5a50a"
#define COLOR_BAD  "#c01c28"

/* "Offline · 3 changes waiting" (transfer full) */
static char *
add_waiting (const char *text, guint waiting)
{
    if (waiting == 0)
        return g_strdup (text);
    /* Translators: %s is “Offline” or “Connecting” */
    return g_strdup_printf (ngettext ("%s · %u change waiting", "%s · %u changes waiting", waiting),
                            text, waiting);
}

/* "Live · 1 change not done" (transfer full) */
static char *
add_refused (const char *text, guint refused)
{
    if (refused == 0)
        return g_strdup (text);
    /* Translators: %s is “Live” or “Offline · 3 changes waiting” */
    return g_strdup_printf (
        ngettext ("%s · %u change not done", "%s · %u changes not done", refused), text, refused);
}

/* What the chip says. (transfer full) */
static char *
make_label (BureauClientState state, BureauTransport transport, guint behind, guint waiting)
{
    switch (state) {
    case BUREAU_CLIENT_LIVE:
        /* Translators: connected, but only by asking the hub again and again */
        return g_strdup (transport == BUREAU_TRANSPORT_WEBSOCKET ? _ ("Live") : _ ("Polling"));
    case BUREAU_CLIENT_CATCHING_UP:
        return behind > 0 ? g_strdup_printf (_ ("Catching up %u"), behind)
                          : g_strdup (_ ("Catching up"));
    case BUREAU_CLIENT_SIGNED_OUT:
        return add_waiting (_ ("Signed out"), waiting);
    case BUREAU_CLIENT_STRANGER:
        return add_waiting (_ ("Not the office"), waiting);
    case BUREAU_CLIENT_CONNECTING:
        return add_waiting (_ ("Connecting"), waiting);
    case BUREAU_CLIENT_OFFLINE:
        break;
    }
    return add_waiting (_ ("Offline"), waiting);
}

/* Of being connected, in the popover. */
static const char *
get_connected_meaning (BureauTransport transport)
{
    switch (transport) {
    case BUREAU_TRANSPORT_POLLING:
        return _ ("Something on the way to the office’s hub lets no WebSocket through, so Bureau "
                  "asks for news again and again (long-polling). Everything works, only a little "
                  "later.");
    case BUREAU_TRANSPORT_REST:
        return _ ("Something on the way to the office’s hub lets no lasting connection through, so "
                  "Bureau asks for news every ten seconds. What others do appears a little later, "
                  "and who is here can’t be seen. Bureau keeps trying for something better.");
    case BUREAU_TRANSPORT_NONE:
    case BUREAU_TRANSPORT_WEBSOCKET:
        break;
    }
    return _ ("What others do appears here at once, and they see what you do.");
}

/* What it means, in the popover. */
static char *
make_meaning (BureauClientState state, BureauTransport transport, guint waiting)
{
    switch (state) {
    case BUREAU_CLIENT_LIVE:
        return g_strdup (get_connected_meaning (transport));
    case BUREAU_CLIENT_CONNECTING:
        return g_strdup (_ ("Bureau is reaching for the office’s hub. You can go on working."));
    case BUREAU_CLIENT_CATCHING_UP:
        return g_strdup (_ ("Connected. What happened while you were away is being fetched."));
    case BUREAU_CLIENT_SIGNED_OUT:
        return g_strdup (
            _ ("Nothing is lost: you see what was last known, and what you change is kept on this "
               "machine. The bar above the office says why, and how to come back in."));
    case BUREAU_CLIENT_STRANGER:
        return g_strdup (
            _ ("Whoever answers at the office’s address has another certificate, so nothing was "
               "sent. The bar above the office shows both."));
    case BUREAU_CLIENT_OFFLINE:
        break;
    }
    if (waiting == 0)
        return g_strdup (
            _ ("The office’s hub can’t be reached. You see what was last known. Bureau keeps "
               "trying."));
    return g_strdup_printf (
        ngettext (
            "The office’s hub can’t be reached. %u change of yours is kept on this machine and goes "
            "out as soon as it can.",
            "The office’s hub can’t be reached. %u changes of yours are kept on this machine and go "
            "out as soon as they can.",
            waiting),
        waiting);
}

static const char *
get_color (BureauClientState state, BureauTransport transport)
{
    switch (state) {
    case BUREAU_CLIENT_LIVE:
        return transport == BUREAU_TRANSPORT_WEBSOCKET ? COLOR_GOOD : COLOR_BUSY;
    case BUREAU_CLIENT_CONNECTING:
    case BUREAU_CLIENT_CATCHING_UP:
        return COLOR_BUSY;
    case BUREAU_CLIENT_OFFLINE:
    case BUREAU_CLIENT_SIGNED_OUT:
    case BUREAU_CLIENT_STRANGER:
        break;
    }
    return COLOR_BAD;
}

static void
update_address (BureauConnectionChip *self)
{
    const char *uri = bureau_client_get_account (self->client)->base_uri;
    g_autofree char *text = self->is_host
                                ? g_strdup_printf (_ ("This window serves the office, at %s"), uri)
                                : g_strdup_printf (_ ("Hub: %s"), uri);
    gtk_label_set_text (self->address, text);
}

/* "Next try in 12 seconds" */
static void
update_next (BureauConnectionChip *self)
{
    gint64 next = bureau_client_get_next_attempt (self->client);
    guint seconds = (MAX (0, next - g_get_monotonic_time ()) + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;
    g_autofree char *text = g_strdup_printf (
        ngettext ("Next try in %u second", "Next try in %u seconds", seconds), seconds);

    gtk_label_set_text (self->next, text);
    gtk_widget_set_visible (GTK_WIDGET (self->next), next > 0);
}

static gboolean
on_tick_cb (gpointer data)
{
    update_next (data);
    return G_SOURCE_CONTINUE;
}

static void
on_shown_cb (BureauConnectionChip *self)
{
    update_next (self);
    self->tick = g_timeout_add_seconds (1, on_tick_cb, self);
}

static void
on_closed_cb (BureauConnectionChip *self)
{
    g_clear_handle_id (&self->tick, g_source_remove);
}

static void
set_trouble (BureauConnectionChip *self, const char *text, const char *color)
{
    const char *trouble = !g_str_equal (color, COLOR_GOOD) ||
                                  bureau_client_get_refused (self->client) > 0
                              ? text
                              : NULL;

    self->color = color;
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COLOR]);
    if (g_strcmp0 (trouble, self->trouble) == 0)
        return;
    g_free (self->trouble);
    self->trouble = g_strdup (trouble);
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TROUBLE]);
}

static void
update (BureauConnectionChip *self)
{
    BureauClientState state = bureau_client_get_state (self->client);
    BureauTransport transport = bureau_client_get_transport (self->client);
    guint waiting = bureau_client_get_waiting (self->client);
    guint behind = bureau_client_get_behind (self->client);
    guint refused = bureau_client_get_refused (self->client);
    g_autofree char *where = make_label (state, transport, behind, waiting);
    g_autofree char *text = add_refused (where, refused);
    g_autofree char *meaning = make_meaning (state, transport, waiting);
    g_autofree char *spoken = g_strdup_printf (_ ("Connection: %s"), text);

    bureau_color_dot_set_color (self->dot, get_color (state, transport));
    set_trouble (self, text, get_color (state, transport));
    gtk_label_set_text (self->label, text);
    gtk_label_set_text (self->heading, text);
    gtk_label_set_text (self->meaning, meaning);
    update_next (self);
    update_address (self);
    gtk_widget_set_visible (self->show_queue, waiting > 0 || refused > 0);
    gtk_widget_set_visible (self->try_now, state == BUREAU_CLIENT_OFFLINE ||
                                               state == BUREAU_CLIENT_CONNECTING ||
                                               state == BUREAU_CLIENT_STRANGER ||
                                               transport > BUREAU_TRANSPORT_WEBSOCKET);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    spoken, -1);
}

static void
on_show_queue_cb (BureauConnectionChip *self)
{
    gtk_popover_popdown (self->popover);
    gtk_widget_activate_action (GTK_WIDGET (self), "win.show-queue", NULL);
}

static void
bureau_connection_chip_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    BureauConnectionChip *self = BUREAU_CONNECTION_CHIP (object);
    switch (id) {
    case PROP_TROUBLE:
        g_value_set_string (value, self->trouble);
        break;
    case PROP_COLOR:
        g_value_set_string (value, self->color);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
bureau_connection_chip_dispose (GObject *object)
{
    BureauConnectionChip *self = BUREAU_CONNECTION_CHIP (object);
    g_clear_handle_id (&self->tick, g_source_remove);
    g_clear_object (&self->client);
    G_OBJECT_CLASS (bureau_connection_chip_parent_class)->dispose (object);
}

static void
bureau_connection_chip_finalize (GObject *object)
{
    g_free (BUREAU_CONNECTION_CHIP (object)->trouble);
    G_OBJECT_CLASS (bureau_connection_chip_parent_class)->finalize (object);
}

static void
bureau_connection_chip_class_init (BureauConnectionChipClass *klass)
{
    GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
    GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

    G_OBJECT_CLASS (klass)->get_property = bureau_connection_chip_get_property;
    G_OBJECT_CLASS (klass)->dispose = bureau_connection_chip_dispose;
    G_OBJECT_CLASS (klass)->finalize = bureau_connection_chip_finalize;
    properties[PROP_TROUBLE] = g_param_spec_string ("trouble", NULL, NULL, NULL, flags);
    properties[PROP_COLOR] = g_param_spec_string ("color", NULL, NULL, NULL, flags);
    g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPS, properties);

    g_type_ensure (BUREAU_TYPE_COLOR_DOT);
    gtk_widget_class_set_template_from_resource (widget_class, BUREAU_RESOURCE_BASE
                                                 "/ui/bureau-connection-chip.ui");
    gtk_widget_class_bind_template_child (widget_class, BureauConnectionChip, button);
    gtk_widget_class_bind_template_child (widget_class, BureauConnectionChip, popover);
    gtk_widget_class_bind_template_child (widget_class, BureauConnectionChip, content);
    gtk_widget_class_bind_template_child (widget_class, BureauConnectionChip, dot);
    gtk_widget_class_bind_template_child (widget_class, BureauConnectionChip, label);
    gtk_widget_class_bind_template_child (widget_class, BureauConnectionChip, heading);
    gtk_widget_class_bind_template_child (widget_class, BureauConnectionChip, meaning);
    gtk_widget_class_bind_template_child (widget_class, BureauConnectionChip, next);
    gtk_widget_class_bind_template_child (widget_class, BureauConnectionChip, address);
    gtk_widget_class_bind_template_child (widget_class, BureauConnectionChip, show_queue);
    gtk_widget_class_bind_template_child (widget_class, BureauConnectionChip, try_now);
    gtk_widget_class_bind_template_callback (widget_class, on_closed_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_show_queue_cb);
    gtk_widget_class_bind_template_callback (widget_class, on_shown_cb);
}

static void
bureau_connection_chip_init (BureauConnectionChip *self)
{
    gtk_widget_init_template (GTK_WIDGET (self));
    /* A menu button centres what it holds in a box of its own. */
    gtk_widget_set_halign (gtk_widget_get_parent (self->content), GTK_ALIGN_FILL);
}

void
bureau_connection_chip_set_client (BureauConnectionChip *self, BureauClient *client,
                                   gboolean is_host)
{
    g_return_if_fail (BUREAU_IS_CONNECTION_CHIP (self));
    g_return_if_fail (self->client == NULL);
    self->client = g_object_ref (client);
    self->is_host = is_host;
    g_signal_connect_object (client, "notify::state", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
    g_signal_connect_object (client, "notify::transport", G_CALLBACK (update), self,
                             G_CONNECT_SWAPPED);
    g_signal_connect_object (client, "notify::waiting", G_CALLBACK (update), self,
                             G_CONNECT_SWAPPED);
    g_signal_connect_object (client, "notify::refused", G_CALLBACK (update), self,
                             G_CONNECT_SWAPPED);
    g_signal_connect_object (client, "notify::behind", G_CALLBACK (update), self,
                             G_CONNECT_SWAPPED);
    update (self);
}
