/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-client-private.h"

#include "bureau-error.h"
#include "bureau-json.h"
#include "bureau-inquiry.h"

enum {
    PROP_STATE = 1,
    PROP_WAITING,
    PROP_REFUSED,
    PROP_BEHIND,
    PROP_TRANSPORT,
    PROP_HUB_TROUBLE,
    PROP_OFFICE_NAME,
    PROP_RUNNING_ENTRY,
    PROP_SELF,
    PROP_ROLE,
    PROP_LOADED,
    N_PROPS
};

enum {
    SIGNAL_HAPPENED,
    SIGNAL_REFUSED,
    SIGNAL_CONFLICTED,
    SIGNAL_CAUGHT_UP,
    SIGNAL_SET_BACK,
    SIGNAL_VIEWERS_CHANGED,
    SIGNAL_REFRESH_TOKEN,
    SIGNAL_ACCESS_CHANGED,
    SIGNAL_MOVED,
    N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BureauClient, bureau_client, G_TYPE_OBJECT)

GType
bureau_client_state_get_type (void)
{
    static gsize type;
    static const GEnumValue VALUES[] = {
        { BUREAU_CLIENT_OFFLINE, "BUREAU_CLIENT_OFFLINE", "offline" },
        { BUREAU_CLIENT_CONNECTING, "BUREAU_CLIENT_CONNECTING", "connecting" },
        { BUREAU_CLIENT_CATCHING_UP, "BUREAU_CLIENT_CATCHING_UP", "catching-up" },
        { BUREAU_CLIENT_LIVE, "BUREAU_CLIENT_LIVE", "live" },
        { BUREAU_CLIENT_SIGNED_OUT, "BUREAU_CLIENT_SIGNED_OUT", "signed-out" },
        { BUREAU_CLIENT_STRANGER, "BUREAU_CLIENT_STRANGER", "stranger" },
        { 0 },
    };

    if (g_once_init_enter (&type))
        g_once_init_leave (&type, g_enum_register_static ("BureauClientState", VALUES));
    return type;
}

/* ------------------------------------------------------------------ what is derived */

/* @behind: events that are still to come, as far as the hub has told where the rooms stand. */
static void
count_rooms (BureauClient *self, guint *wanted, guint *behind)
{
    gboolean connected = bureau_link_get_state (self->link) == BUREAU_LINK_OPEN;
    GHashTableIter iter;
    gpointer value;
    gint64 events = 0;

    *wanted = 0;
    g_hash_table_iter_init (&iter, self->rooms);
    while (g_hash_table_iter_next (&iter, NULL, &value)) {
        const BureauFollowed *room = value;

        *wanted += room->wanted;
        if (connected && (room->wanted || !self->ready) && room->head > room->seq)
            events += MIN (room->head - room->seq, G_MAXINT);
    }
    *behind = MIN (events, G_MAXINT);
}

static BureauClientState
derive_state (BureauClient *self, gboolean wanted)
{
    if (!self->started || self->stopped)
        return BUREAU_CLIENT_OFFLINE;
    switch (bureau_link_get_state (self->link)) {
    case BUREAU_LINK_OPEN:
        return self->ready && !wanted ? BUREAU_CLIENT_LIVE : BUREAU_CLIENT_CATCHING_UP;
    case BUREAU_LINK_OFFLINE:
        return BUREAU_CLIENT_OFFLINE;
    case BUREAU_LINK_SIGNED_OUT:
        return BUREAU_CLIENT_SIGNED_OUT;
    case BUREAU_LINK_STRANGER:
        return BUREAU_CLIENT_STRANGER;
    case BUREAU_LINK_IDLE:
    case BUREAU_LINK_CONNECTING:
        break;
    }
    return BUREAU_CLIENT_CONNECTING;
}

static void
set_number (BureauClient *self, guint *place, guint value, guint property)
{
    if (*place == value)
        return;
    *place = value;
    g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

/* What the replica says of somebody who was removed is what was true before. */
static BureauRole
derive_role (BureauClient *self)
{
    if (self->self_member == NULL ||
        (self->state == BUREAU_CLIENT_SIGNED_OUT &&
         bureau_client_get_signed_out_reason (self) == BUREAU_SIGNED_OUT_REMOVED))
        return BUREAU_ROLE_NONE;
    return bureau_member_get_role (self->self_member);
}

static void
refresh_role (BureauClient *self)
{
    BureauRole role = derive_role (self);

    if (role == self->role)
        return;
    self->role = role;
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ROLE]);
}

static void
refresh_objects (BureauClient *self)
{
    const char *name = bureau_office_get_name (self->office);

    if (g_set_object (&self->running_entry,
                      bureau_office_find_timer (self->office, self->account->user_id)))
        g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING_ENTRY]);
    if (g_set_object (&self->self_member, bureau_client_find_member (self, self->account->user_id)))
        g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SELF]);
    refresh_role (self);
    if (bureau_name_check (name, NULL) && g_strcmp0 (name, self->office_name) != 0) {
        g_autofree char *old = g_steal_pointer (&self->office_name);

        self->office_name = g_strdup (name);
        g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OFFICE_NAME]);
    }
}

void
bureau_client_refresh (BureauClient *self)
{
    BureauClientState state;
    BureauTransport transport = self->stopped ? BUREAU_TRANSPORT_NONE
                                              : bureau_link_get_transport (self->link);
    guint wanted, behind;

    count_rooms (self, &wanted, &behind);
    state = derive_state (self, wanted > 0);
    g_object_freeze_notify (G_OBJECT (self));
    if (state != self->state) {
        self->state = state;
        g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
    }
    set_number (self, &self->waiting, bureau_outbox_get_waiting (self->outbox), PROP_WAITING);
    set_number (self, &self->refused, bureau_outbox_get_refused (self->outbox), PROP_REFUSED);
    bureau_client_refresh_queue (self);
    set_number (self, &self->behind, behind, PROP_BEHIND);
    if (transport != self->transport) {
        self->transport = transport;
        g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TRANSPORT]);
    }
    refresh_objects (self);
    g_object_thaw_notify (G_OBJECT (self));
    if (self->state == BUREAU_CLIENT_LIVE) {
        bureau_client_compare_access (self);
        bureau_client_tell_missed (self);
    }
}

void
bureau_client_emit_access_changed (BureauClient *self, const char *what, const char *name)
{
    g_signal_emit (self, signals[SIGNAL_ACCESS_CHANGED], 0, what, name);
}

void
bureau_client_emit_happened (BureauClient *self, const char *event, JsonObject *json)
{
    g_signal_emit (self, signals[SIGNAL_HAPPENED], 0, event, json);
}

void
bureau_client_emit_refused (BureauClient *self, const BureauCommand *command, JsonObject *params,
                            const GError *error)
{
    g_signal_emit (self, signals[SIGNAL_REFUSED], 0, command->name, params, error);
}

void
bureau_client_emit_conflicted (BureauClient *self, JsonObject *conflict)
{
    g_signal_emit (self, signals[SIGNAL_CONFLICTED], 0, conflict);
}

void
bureau_client_emit_set_back (BureauClient *self, guint n_tasks)
{
    g_signal_emit (self, signals[SIGNAL_SET_BACK], 0, n_tasks);
}

void
bureau_client_emit_caught_up (BureauClient *self, guint n_changes, gint64 since,
                              const char *const *task_ids)
{
    g_signal_emit (self, signals[SIGNAL_CAUGHT_UP], 0, n_changes, since, task_ids);
}

void
bureau_client_emit_moved (BureauClient *self, const char *base_uri)
{
    g_signal_emit (self, signals[SIGNAL_MOVED], 0, base_uri);
}

void
bureau_client_emit_viewers_changed (BureauClient *self, const char *task_id)
{
    g_signal_emit (self, signals[SIGNAL_VIEWERS_CHANGED], 0, task_id);
}

/* ------------------------------------------------------------------ link and credentials */

static void
on_link_describe (gpointer data, JsonObject *auth)
{
    bureau_client_describe (data, auth);
}

static void
on_link_opened (gpointer data)
{
    bureau_client_on_opened (data);
}

static void
on_link_event (gpointer data, const char *name, JsonObject *json)
{
    g_autoptr (BureauClient) self = g_object_ref (data);

    bureau_client_on_event (self, name, json);
}

static void
on_link_closed (gpointer data)
{
    g_autoptr (BureauClient) self = g_object_ref (data);

    bureau_client_on_closed (self);
}

static void
on_link_state_changed (gpointer data)
{
    g_autoptr (BureauClient) self = g_object_ref (data);

    bureau_client_refresh (self);
    bureau_client_seek (self);
}

static const BureauLinkListener LISTENER = {
    .describe = on_link_describe,
    .opened = on_link_opened,
    .event = on_link_event,
    .closed = on_link_closed,
    .state_changed = on_link_state_changed,
};

static void
on_refresh_token_cb (BureauCredentials *credentials, const char *token, BureauClient *self)
{
    g_signal_emit (self, signals[SIGNAL_REFRESH_TOKEN], 0, token);
}

/* ------------------------------------------------------------------ starting */

static void
take_rooms (BureauClient *self, GHashTable *rooms)
{
    GHashTableIter iter;
    gpointer name, seq;

    g_hash_table_iter_init (&iter, rooms);
    while (g_hash_table_iter_next (&iter, &name, &seq)) {
        BureauFollowed *room = bureau_client_follow (self, name);

        if (!room)
            continue;
        room->have = TRUE;
        room->seq = room->head = *(gint64 *) seq;
    }
}

static void
take_contents (BureauClient *self, BureauDiskContents *contents)
{
    for (guint i = 0; i < contents->outbox->len; i++) {
        BureauOutboxEntry *entry = contents->outbox->pdata[i];

        if (entry->command->id == BUREAU_COMMAND_MEMBER_UPDATE_SELF) {
            g_free (entry->target);
            entry->target = g_strdup (self->account->user_id);
        }
    }
    self->epoch = g_strdup (contents->epoch);
    take_rooms (self, contents->rooms);
    bureau_outbox_prepend (self->outbox, contents->outbox);
    bureau_office_load (self->office, contents->objects);
}

static void
on_loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauClient) self = data;
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauDiskContents) contents = bureau_replica_load_finish (BUREAU_REPLICA (source),
                                                                          result, &error);

    if (self->stopped)
        return;
    if (contents)
        take_contents (self, contents);
    else
        g_message ("The replica can’t be used: %s", error->message);
    self->replica_error = g_steal_pointer (&error);
    self->loaded = TRUE;
    bureau_client_refresh (self);
    bureau_client_note_access (self);
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOADED]);
    if (!self->stopped)
        bureau_link_start (self->link);
}

/* ------------------------------------------------------------------ object */

const char *
bureau_client_get_hub_trouble (BureauClient *self)
{
    g_return_val_if_fail (BUREAU_IS_CLIENT (self), NULL);

    return self->hub_trouble;
}

const GError *
bureau_client_get_replica_error (BureauClient *self)
{
    g_return_val_if_fail (BUREAU_IS_CLIENT (self), NULL);

    return self->replica_error;
}

void
bureau_client_set_hub_trouble (BureauClient *self, const char *trouble)
{
    static const char *const known[] = { "full", "failing", "read_only", "damaged" };
    const char *found = NULL;

    for (guint i = 0; i < G_N_ELEMENTS (known); i++) {
        if (g_strcmp0 (trouble, known[i]) == 0)
            found = known[i];
    }
    if (found == self->hub_trouble)
        return;
    self->hub_trouble = found;
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_HUB_TROUBLE]);
}

static void
bureau_client_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    BureauClient *self = BUREAU_CLIENT (object);

    switch (id) {
    case PROP_STATE:
        g_value_set_enum (value, self->state);
        break;
    case PROP_WAITING:
        g_value_set_uint (value, self->waiting);
        break;
    case PROP_REFUSED:
        g_value_set_uint (value, self->refused);
        break;
    case PROP_BEHIND:
        g_value_set_uint (value, self->behind);
        break;
    case PROP_TRANSPORT:
        g_value_set_enum (value, self->transport);
        break;
    case PROP_HUB_TROUBLE:
        g_value_set_string (value, self->hub_trouble);
        break;
    case PROP_OFFICE_NAME:
        g_value_set_string (value, self->office_name);
        break;
    case PROP_RUNNING_ENTRY:
        g_value_set_object (value, self->running_entry);
        break;
    case PROP_SELF:
        g_value_set_object (value, self->self_member);
        break;
    case PROP_ROLE:
        g_value_set_int (value, self->role);
        break;
    case PROP_LOADED:
        g_value_set_boolean (value, self->loaded);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
shut (BureauClient *self)
{
    self->stopped = TRUE;
    if (self->link)
        bureau_link_stop (self->link);
    if (self->seeker)
        bureau_seeker_stop (self->seeker);
    if (self->credentials)
        bureau_credentials_stop (self->credentials);
    if (self->office)
        bureau_client_on_closed (self);
}

static void
bureau_client_dispose (GObject *object)
{
    BureauClient *self = BUREAU_CLIENT (object);

    if (!self->stopped)
        shut (self);
    g_clear_object (&self->link);
    g_clear_object (&self->seeker);
    g_clear_object (&self->credentials);
    g_clear_object (&self->replica);
    g_clear_object (&self->running_entry);
    g_clear_object (&self->self_member);
    g_clear_object (&self->queue);
    G_OBJECT_CLASS (bureau_client_parent_class)->dispose (object);
}

static void
bureau_client_finalize (GObject *object)
{
    BureauClient *self = BUREAU_CLIENT (object);

    g_clear_pointer (&self->office, bureau_office_free);
    g_clear_pointer (&self->outbox, bureau_outbox_free);
    g_hash_table_unref (self->rooms);
    g_hash_table_unref (self->viewers);
    g_clear_pointer (&self->known_projects, g_hash_table_unref);
    bureau_missed_clear (&self->missed);
    bureau_account_free (self->account);
    g_clear_error (&self->replica_error);
    g_free (self->epoch);
    g_free (self->viewing);
    g_free (self->replica_path);
    g_free (self->office_name);
    G_OBJECT_CLASS (bureau_client_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *klass)
{
    GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

    properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, BUREAU_TYPE_CLIENT_STATE,
                                                BUREAU_CLIENT_OFFLINE, flags);
    properties[PROP_WAITING] = g_param_spec_uint ("waiting", NULL, NULL, 0, G_MAXUINT, 0, flags);
    properties[PROP_REFUSED] = g_param_spec_uint ("refused", NULL, NULL, 0, G_MAXUINT, 0, flags);
    properties[PROP_BEHIND] = g_param_spec_uint ("behind", NULL, NULL, 0, G_MAXUINT, 0, flags);
    properties[PROP_TRANSPORT] = g_param_spec_enum ("transport", NULL, NULL, BUREAU_TYPE_TRANSPORT,
                                                    BUREAU_TRANSPORT_NONE, flags);
    properties[PROP_HUB_TROUBLE] = g_param_spec_string ("hub-trouble", NULL, NULL, NULL, flags);
    properties[PROP_OFFICE_NAME] = g_param_spec_string ("office-name", NULL, NULL, NULL, flags);
    properties[PROP_RUNNING_ENTRY] = g_param_spec_object ("running-entry", NULL, NULL,
                                                          BUREAU_TYPE_TIME_ENTRY, flags);
    properties[PROP_SELF] = g_param_spec_object ("self", NULL, NULL, BUREAU_TYPE_MEMBER, flags);
    properties[PROP_ROLE] = g_param_spec_int ("role", NULL, NULL, BUREAU_ROLE_NONE,
                                              BUREAU_ROLE_OWNER, BUREAU_ROLE_NONE, flags);
    properties[PROP_LOADED] = g_param_spec_boolean ("loaded", NULL, NULL, FALSE, flags);
    g_object_class_install_properties (klass, N_PROPS, properties);
}

static void
bureau_client_class_init (BureauClientClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS (klass);

    object_class->get_property = bureau_client_get_property;
    object_class->dispose = bureau_client_dispose;
    object_class->finalize = bureau_client_finalize;
    install_properties (object_class);

    signals[SIGNAL_HAPPENED] = g_signal_new (
        "happened", BUREAU_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
        G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE, JSON_TYPE_OBJECT);
    signals[SIGNAL_REFUSED] = g_signal_new (
        "refused", BUREAU_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
        G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE, JSON_TYPE_OBJECT, G_TYPE_ERROR);
    signals[SIGNAL_CONFLICTED] = g_signal_new ("conflicted", BUREAU_TYPE_CLIENT, G_SIGNAL_RUN_LAST,
                                               0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                               JSON_TYPE_OBJECT);
    signals[SIGNAL_CAUGHT_UP] = g_signal_new ("caught-up", BUREAU_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0,
                                              NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_UINT,
                                              G_TYPE_INT64, G_TYPE_STRV);
    signals[SIGNAL_SET_BACK] = g_signal_new ("set-back", BUREAU_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0,
                                             NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
    signals[SIGNAL_VIEWERS_CHANGED] = g_signal_new ("viewers-changed", BUREAU_TYPE_CLIENT,
                                                    G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                    G_TYPE_NONE, 1, G_TYPE_STRING);
    signals[SIGNAL_REFRESH_TOKEN] = g_signal_new ("refresh-token", BUREAU_TYPE_CLIENT,
                                                  G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                  G_TYPE_NONE, 1, G_TYPE_STRING);
    signals[SIGNAL_MOVED] = g_signal_new ("moved", BUREAU_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL,
                                          NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
    signals[SIGNAL_ACCESS_CHANGED] = g_signal_new ("access-changed", BUREAU_TYPE_CLIENT,
                                                   G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                   G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
bureau_client_init (BureauClient *self)
{
    self->outbox = bureau_outbox_new ();
    self->rooms = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                         (GDestroyNotify) bureau_client_followed_free);
    self->viewers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                           (GDestroyNotify) g_strfreev);
    self->presence = BUREAU_PRESENCE_ONLINE;
}

BureauClient *
bureau_client_new (const BureauAccount *account, const char *refresh_token, const char *directory)
{
    BureauClient *self = g_object_new (BUREAU_TYPE_CLIENT, NULL);
    g_autoptr (SoupSession) soup = bureau_inquiry_session_new (account->pin);
    g_autofree char *file = g_strconcat (account->user_id, ".replica", NULL);

    /* The id comes from a hub: it must not lead out of the directory. */
    g_strdelimit (file, G_DIR_SEPARATOR_S, '_');
    self->account = bureau_account_copy (account);
    self->office_name = g_strdup (account->office_name);
    self->replica_path = g_build_filename (directory, file, NULL);
    self->replica = bureau_replica_new (self->replica_path, account->workspace_id);
    self->office = bureau_office_new (account->user_id, account->workspace_id, self->outbox);
    self->credentials = bureau_credentials_new (soup, account->base_uri, refresh_token);
    g_signal_connect_object (self->credentials, "refresh-token", G_CALLBACK (on_refresh_token_cb),
                             self, 0);
    self->link = bureau_link_new (self->credentials, &LISTENER, self);
    bureau_client_begin_seeking (self);
    return self;
}

const char *
bureau_client_get_replica_path (BureauClient *self)
{
    g_return_val_if_fail (BUREAU_IS_CLIENT (self), NULL);
    return self->replica_path;
}

void
bureau_client_start (BureauClient *self)
{
    g_return_if_fail (BUREAU_IS_CLIENT (self));
    g_return_if_fail (!self->started && !self->stopped);

    self->started = TRUE;
    bureau_replica_load_async (self->replica, on_loaded_cb, g_object_ref (self));
    bureau_client_refresh (self);
}

static void
on_replica_closed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    GError *error = NULL;

    if (bureau_replica_close_finish (BUREAU_REPLICA (source), result, &error))
        g_task_return_boolean (task, TRUE);
    else
        g_task_return_error (task, error);
}

void
bureau_client_stop_async (BureauClient *self, GAsyncReadyCallback callback, gpointer data)
{
    GTask *task;

    g_return_if_fail (BUREAU_IS_CLIENT (self));

    task = g_task_new (self, NULL, callback, data);
    g_task_set_source_tag (task, bureau_client_stop_async);
    if (!self->stopped)
        shut (self);
    bureau_replica_close_async (self->replica, on_replica_closed_cb, task);
}

gboolean
bureau_client_stop_finish (BureauClient *self, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean (G_TASK (result), error);
}

void
bureau_client_reconnect (BureauClient *self)
{
    g_return_if_fail (BUREAU_IS_CLIENT (self));

    if (self->stopped)
        return;
    bureau_link_reconnect (self->link);
    bureau_client_seek (self);
}

gint64
bureau_client_get_next_attempt (BureauClient *self)
{
    g_return_val_if_fail (BUREAU_IS_CLIENT (self), 0);

    return self->stopped ? 0 : bureau_link_get_next_attempt (self->link);
}

void
bureau_client_sign_in (BureauClient *self, const char *refresh_token)
{
    g_return_if_fail (BUREAU_IS_CLIENT (self));
    g_return_if_fail (refresh_token != NULL);

    if (self->stopped)
        return;
    bureau_credentials_set_refresh_token (self->credentials, refresh_token);
    bureau_link_reconnect (self->link);
}
