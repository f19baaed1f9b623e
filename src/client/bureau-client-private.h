/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-client.h"
#include "bureau-link.h"
#include "bureau-office.h"
#include "bureau-outbox.h"
#include "bureau-replica.h"
#include "bureau-seeker.h"

G_BEGIN_DECLS

/* The client, split by role: -commands.c gives and sends, -queue.c keeps what was refused,
 * -conflicts.c tells whose change stands, -missed.c what happened while one was away, -sync.c
 * applies the rooms' events, -rooms.c follows what the hub says of rooms and connection,
 * -snapshots.c fetches what a log can't tell, -access.c says what I may no longer, or now,
 * -seek.c finds a hub that has moved, -presence.c knows who is there, -models.c is what a window
 * reads. */

/* A room as far as we follow it. */
typedef struct {
    char *name;    /* (owned) */
    guint number;  /* those we come into later have higher ones */
    gboolean have; /* the models hold its state as of `seq` */
    gint64 seq;
    gint64 head;        /* where the hub last said the log stands */
    gboolean wanted;    /* a snapshot is needed */
    gboolean fetching;  /* and is on its way */
    gboolean of_before; /* what the models hold is of the hub's last life */
    GPtrArray *held;    /* (owned): of JsonObject, events that wait for it, in order */
} BureauFollowed;

/* What others did while one was away. */
typedef struct {
    guint n_changes;
    gint64 since;         /* instant of the first; 0 if it is not known */
    GHashTable *task_ids; /* (owned) (nullable): those assigned to me */
    guint n_set_back;     /* tasks that the hub, in another life, has not, or only as they were */
} BureauMissed;

struct _BureauClient {
    GObject parent_instance;

    BureauAccount *account;         /* (owned) */
    char *replica_path;             /* (owned) */
    BureauReplica *replica;         /* (owned) */
    GError *replica_error;          /* (owned) (nullable) */
    BureauOutbox *outbox;           /* (owned) */
    BureauOffice *office;           /* (owned) */
    BureauCredentials *credentials; /* (owned) */
    BureauLink *link;               /* (owned) */
    BureauSeeker *seeker;           /* (owned) (nullable): where other machines serve the office */
    gboolean started, loaded, stopped;
    GSource *resend; /* (owned) (nullable): the hub asked for a pause */

    char *epoch;         /* (owned) (nullable) */
    GHashTable *rooms;   /* (owned): name → BureauFollowed (owned) */
    guint n_followed;    /* ever */
    gboolean ready;      /* the catch-up of this connection has ended */
    guint n_held;        /* events held, of all rooms */
    GCancellable *fetch; /* (owned) (nullable): the snapshot under way */
    guint fetch_failures;
    GSource *refetch;       /* (owned) (nullable) */
    GSource *heads_check;   /* (owned) (nullable) */
    GSource *ready_timeout; /* (owned) (nullable) */
    GSource *batch_end;     /* (owned) (nullable): while the models are held still */
    gint64 clock_offset;    /* ms: the hub's clock less ours */

    BureauRole known_role;      /* as I was last told; NONE: never yet */
    GHashTable *known_projects; /* (owned) (nullable): the same; id → name */
    gboolean projects_changed;  /* they may be others than those */

    GListStore *queue; /* (owned) (nullable): made when it is asked for */
    guint64 queue_generation;
    BureauMissed missed; /* since the connection was lost */

    char *viewing; /* (owned) (nullable) */
    BureauPresence presence;
    gboolean presence_chosen;
    GHashTable *viewers; /* (owned): task id (owned) → GStrv (owned) of user ids */

    /* As last notified. */
    BureauClientState state;
    guint waiting, refused, behind;
    BureauTransport transport;
    const char *hub_trouble;        /* (nullable) (not owned) */
    char *office_name;              /* (owned) */
    BureauTimeEntry *running_entry; /* (owned) (nullable) */
    BureauMember *self_member;      /* (owned) (nullable) */
    BureauRole role;
};

/* Compares what the properties say with what was notified last. After every turn of events. */
void bureau_client_refresh (BureauClient *self);
void bureau_client_emit_happened (BureauClient *self, const char *event, JsonObject *json);
void bureau_client_emit_refused (BureauClient *self, const BureauCommand *command,
                                 JsonObject *params, const GError *error);
void bureau_client_emit_set_back (BureauClient *self, guint n_tasks);
void bureau_client_emit_conflicted (BureauClient *self, JsonObject *conflict);
void bureau_client_emit_caught_up (BureauClient *self, guint n_changes, gint64 since,
                                   const char *const *task_ids);
void bureau_client_emit_access_changed (BureauClient *self, const char *what, const char *name);
void bureau_client_emit_moved (BureauClient *self, const char *base_uri);
void bureau_client_emit_viewers_changed (BureauClient *self, const char *task_id);

/* -commands.c */
void bureau_client_send_next (BureauClient *self);
/* Puts @entry on disk, and sends it when it is there. */
void bureau_client_write (BureauClient *self, BureauOutboxEntry *entry);
/* Takes an entry out of the outbox and shows the models without it. */
void bureau_client_take_out (BureauClient *self, const char *op_id);
/* The room is known up to its seq: what is done and waited for its event there, need not any more.
 */
void bureau_client_settle (BureauClient *self, const char *room, gint64 seq);
/* Done commands whose event can't come any more, because we are not in its room. */
void bureau_client_settle_strays (BureauClient *self);
/* A new life of the hub may not know of what it did before: what we have only its word for is sent
 * again, once. */
void bureau_client_doubt_done (BureauClient *self);

/* -queue.c */
/* The hub won't have it: it is kept, with what builds on it, and no longer shown in the models. */
void bureau_client_refuse (BureauClient *self, BureauOutboxEntry *entry, const GError *error);
void bureau_client_name_subject (BureauClient *self, BureauOutboxEntry *entry);
void bureau_client_refresh_queue (BureauClient *self);

/* -conflicts.c */
/* What an answer to me (@is_mine), or an event, says of conflicts. */
void bureau_client_take_conflicts (BureauClient *self, JsonObject *json, gboolean is_mine);

/* -missed.c */
void bureau_missed_clear (BureauMissed *missed);
/* An event of somebody else's that was caught up with. */
void bureau_client_note_missed (BureauClient *self, JsonObject *event);
/* @state is about to take the place of what is known of @room. */
void bureau_client_note_replaced (BureauClient *self, const BureauFollowed *room,
                                  const BureauSnapshotRoom *state);
/* All is caught up with: tells what it was. */
void bureau_client_tell_missed (BureauClient *self);

/* -access.c */
/* What I am to be told changes of, from here on. */
void bureau_client_note_access (BureauClient *self);
/* @room is about to be dropped, and with it the name of what was lost. */
void bureau_client_note_leaving (BureauClient *self, const char *room);
/* Tells what has changed since. All is caught up with. */
void bureau_client_compare_access (BureauClient *self);
/* I am no longer in the workspace: nothing is dropped, and nothing more is asked of the hub. */
void bureau_client_leave_office (BureauClient *self);

/* -sync.c */
BureauFollowed *bureau_client_follow (BureauClient *self, const char *room);
void bureau_client_followed_free (BureauFollowed *room);
/* Applies an event if it is its room's next, holds it if it comes too early. */
void bureau_client_take_durable (BureauClient *self, const char *name, JsonObject *json);
/* Applies the events held for @room, now that it has a state. */
void bureau_client_release_held (BureauClient *self, BureauFollowed *room);
void bureau_client_clear_held (BureauClient *self, BureauFollowed *room);
/* Publishes what was caught up with so far. */
void bureau_client_end_batch (BureauClient *self);

/* -rooms.c */
void bureau_client_describe (BureauClient *self, JsonObject *auth);
void bureau_client_on_opened (BureauClient *self);
void bureau_client_on_event (BureauClient *self, const char *name, JsonObject *json);
void bureau_client_on_closed (BureauClient *self);

/* -seek.c */
/* From then on bureau_client_seek() does something, unless this machine itself serves the office.
 */
void bureau_client_begin_seeking (BureauClient *self);
/* Looks for the hub on the network as long as it can't be reached where it was. */
void bureau_client_seek (BureauClient *self);

/* -snapshots.c */
void bureau_client_fetch (BureauClient *self);
void bureau_client_stop_fetching (BureauClient *self);

/* -presence.c */
gboolean bureau_client_take_presence (BureauClient *self, const char *name, JsonObject *json);
void bureau_client_tell_presence (BureauClient *self);
void bureau_client_forget_presence (BureauClient *self);

/* As the hub calls it; NULL for none. */
void bureau_client_set_hub_trouble (BureauClient *self, const char *trouble);

G_END_DECLS
