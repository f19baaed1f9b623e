/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "bureau-catalog.h"
#include "bureau-change.h"
#include "bureau-invitation.h"
#include "bureau-member.h"
#include "bureau-offer.h"
#include "bureau-project.h"
#include "bureau-task.h"
#include "bureau-time-entry.h"
#include "bureau-transport.h"

G_BEGIN_DECLS

/* ------------------------------------------------------------------ account */

/* Who one is, at which hub. Kept in a file by whoever uses the client; holds no secret. */
typedef struct {
    char *base_uri;     /* (owned): "http://127.0.0.1:28732" */
    char *pin;          /* (owned): certificate pin, "" on loopback */
    char *workspace_id; /* (owned) */
    char *office_name;  /* (owned) */
    char *user_id;      /* (owned) */
    char *user_name;    /* (owned) */
    char *handle;       /* (owned) (nullable): what one signs in with where no secret is kept */
    char *device_id;    /* (owned): names this installation */
} BureauAccount;

BureauAccount *bureau_account_copy (const BureauAccount *account);
void bureau_account_free (BureauAccount *account);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauAccount, bureau_account_free)
JsonObject *bureau_account_to_json (const BureauAccount *account);
/* NULL with BUREAU_ERROR_INVALID if a member is missing. */
BureauAccount *bureau_account_new_from_json (JsonObject *json, GError **error);

/* What joining and signing in end in: errors are BUREAU_ERROR with a sentence for people, of which
 * BUREAU_ERROR_UNAVAILABLE says that nobody was reached, and
 * BUREAU_ERROR_STRANGER that whoever was reached is not the office. Before the certificate is
 * proven to be the office's, nothing is sent that others must not know. */

/* Redeems an invitation that has been looked at: makes the member. @name is how the others will see
 * them; @password (nullable): to sign in with elsewhere; @device: how this machine is called. */
void bureau_account_join_async (const BureauOffer *offer, const char *name, const char *password,
                                const char *device, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer data);
/* @refresh_token (out) (transfer full): the secret for bureau_client_new(). (transfer full) */
BureauAccount *bureau_account_join_finish (GAsyncResult *result, char **refresh_token,
                                           GError **error);

/* Signs in somebody who is a member already, as on a second machine. @pin: "" on loopback alone. */
void bureau_account_sign_in_async (const char *base_uri, const char *pin, const char *handle,
                                   const char *password, const char *device,
                                   GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer data);
BureauAccount *bureau_account_sign_in_finish (GAsyncResult *result, char **refresh_token,
                                              GError **error);

/* ------------------------------------------------------------------ client */

typedef enum {
    BUREAU_CLIENT_OFFLINE, /* not connected; tries again by itself */
    BUREAU_CLIENT_CONNECTING,
    BUREAU_CLIENT_CATCHING_UP, /* connected; the replica is not yet at the head */
    BUREAU_CLIENT_LIVE,
    BUREAU_CLIENT_SIGNED_OUT, /* tries no more by itself: see bureau_client_sign_in() */
    BUREAU_CLIENT_STRANGER,   /* the certificate is another: nothing was sent; the same */
} BureauClientState;
GType bureau_client_state_get_type (void);
#define BUREAU_TYPE_CLIENT_STATE (bureau_client_state_get_type ())

/* Why one is signed out. */
typedef enum {
    BUREAU_SIGNED_OUT_NOT,     /* or one has not been signed in yet */
    BUREAU_SIGNED_OUT_REVOKED, /* from another device, by a manager, or by a new password */
    BUREAU_SIGNED_OUT_EXPIRED, /* away for too long */
    BUREAU_SIGNED_OUT_REMOVED, /* no longer in the office */
} BureauSignedOutReason;

/* One person's side of one office: connection, replica, outbox and the models a window binds to.
 * What the models show is always replica + outbox replayed over it (sync.md, On the client). Lives
 * in one thread, the one whose main context it was made in; disk work is done on a worker thread of
 * its own.
 *
 * Properties (read-only, notify): "state", "waiting" (guint: changes in the outbox), "refused"
 * (guint: changes that the hub has refused, and that are kept), "behind"
 * (guint: events still to catch up), "transport" (BureauTransport: how one is connected),
 * "office-name" (string), "running-entry" (BureauTimeEntry or NULL: my timer), "self" (BureauMember
 * or NULL until known), "role" (int, a BureauRole: what I may be offered), "loaded" (gboolean: the
 * replica has been read).
 *
 * Signals:
 *  - "happened" (const char *event, JsonObject *object): a durable event of somebody else's, live,
 *    already applied; the whole event with its envelope
 *  - "refused" (const char *command, JsonObject *params, const GError *error): the hub refused a
 *    change of mine; this is on disk. The models no longer show it; it is kept in the queue, and
 *    what builds on it with it
 *  - "conflicted" (JsonObject *conflict): somebody else and I have changed the same field of a task
 *    and only one's value stands: "taskId", "title" of the task, "field" as task:update names it,
 *    "mine", "theirs", "byName" (nullable: who they are), "stands" (boolean: it is mine that does)
 *  - "caught-up" (guint n_changes, gint64 since, char **task_ids): what others have done while one
 *    was away; the instant of the first change; those of the tasks changed that are assigned to me
 *  - "set-back" (guint n_tasks): the office was put back from a backup, which lacks so many of the
 *    tasks that were here, or has them as they were before
 *  - "viewers-changed" (const char *task_id)
 *  - "refresh-token" (const char *token): a new secret to keep in place of the last one
 *  - "moved" (const char *base_uri): the hub was found elsewhere; the account says so already
 *  - "access-changed" (const char *what, const char *name): somebody else has changed what I may
 *    see or do, also while I was away. "role": @name is the new one's word; "project-gained" and
 *    "project-lost": @name is the project's */
#define BUREAU_TYPE_CLIENT (bureau_client_get_type ())
G_DECLARE_FINAL_TYPE (BureauClient, bureau_client, BUREAU, CLIENT, GObject)

/* @refresh_token (nullable): without one, the client is SIGNED_OUT from its start on, shows what
 * the replica holds and waits for bureau_client_sign_in(). @directory: where the replica's file
 * lives, made if need be (0700). Does nothing yet. */
BureauClient *bureau_client_new (const BureauAccount *account, const char *refresh_token,
                                 const char *directory);
/* Opens the replica, fills the models, then connects and stays connected. */
void bureau_client_start (BureauClient *self);
/* Leaves the hub and closes the replica when all writes are on disk. */
void bureau_client_stop_async (BureauClient *self, GAsyncReadyCallback callback, gpointer data);
gboolean bureau_client_stop_finish (BureauClient *self, GAsyncResult *result, GError **error);
/* When it tries to connect again, in monotonic time (µs); 0 while it is connected, is trying, or
 * tries no more by itself. */
gint64 bureau_client_get_next_attempt (BureauClient *self);
/* Try to connect now instead of waiting, or of not trying at all; connected, to be so in a better
 * way. */
void bureau_client_reconnect (BureauClient *self);
/* Goes on after SIGNED_OUT with a new secret of the same person (bureau_account_sign_in_async()):
 * what the replica holds is still there, and what waits in the outbox is sent. */
void bureau_client_sign_in (BureauClient *self, const char *refresh_token);
/* While SIGNED_OUT; the replica stays readable and the outbox whole until it is decided what to do.
 */
BureauSignedOutReason bureau_client_get_signed_out_reason (BureauClient *self);
/* The pin of whoever answered instead of the hub, while STRANGER. (nullable) */
const char *bureau_client_get_presented_pin (BureauClient *self);

/* The file that the replica is in. (transfer none) */
const char *bureau_client_get_replica_path (BureauClient *self);
const BureauAccount *bureau_client_get_account (BureauClient *self);
BureauClientState bureau_client_get_state (BureauClient *self);
/* By what one may be offered something: NONE until it is known, and once one has been removed from
 * the office, whatever the replica still holds. */
BureauRole bureau_client_get_role (BureauClient *self);
/* Whether bureau_client_ask_async() has somebody to ask just now. */
gboolean bureau_client_can_ask (BureauClient *self);
guint bureau_client_get_waiting (BureauClient *self);
guint bureau_client_get_refused (BureauClient *self);
guint bureau_client_get_behind (BureauClient *self);
BureauTransport bureau_client_get_transport (BureauClient *self);
/* What an owner is told is wrong with the hub's disk: "full", "failing", "read_only", "damaged".
 * (nullable) (transfer none) */
const char *bureau_client_get_hub_trouble (BureauClient *self);
/* Why the replica can't be used, G_IO_ERROR; set when "loaded" becomes TRUE, and for good. One can
 * look on, but each change that is given is refused. (nullable) */
const GError *bureau_client_get_replica_error (BureauClient *self);
gboolean bureau_client_get_loaded (BureauClient *self);
const char *bureau_client_get_office_name (BureauClient *self);
BureauMember *bureau_client_get_self (BureauClient *self); /* (nullable) (transfer none) */
BureauTimeEntry *
bureau_client_get_running_entry (BureauClient *self); /* (nullable) (transfer none) */
/* The hub's clock, as estimated at the last connect: an instant (bureau-instant.h). */
gint64 bureau_client_get_now (BureauClient *self);

/* The canonical list models, one of each: views filter and sort on top of them. (transfer none)
 * Tasks: all of the projects I may see, no order. Projects: those not archived, by name. Members:
 * by name. Entries: all running timers, and my own ended ones. An object stays the same GObject for
 * as long as it exists, and announces its changes by notify; a change that moves a task between
 * filters also emits items-changed of nothing: views watch the properties. */
GListModel *bureau_client_get_tasks (BureauClient *self);
GListModel *bureau_client_get_projects (BureauClient *self);
GListModel *bureau_client_get_members (BureauClient *self);
GListModel *bureau_client_get_entries (BureauClient *self);
/* (nullable) (transfer none) */
BureauTask *bureau_client_find_task (BureauClient *self, const char *id);
BureauProject *bureau_client_find_project (BureauClient *self, const char *id);
BureauMember *bureau_client_find_member (BureauClient *self, const char *id);
/* Somebody's running timer. (nullable) (transfer none) */
BureauTimeEntry *bureau_client_find_timer (BureauClient *self, const char *user_id);

/* Gives a durable command: writes it to the outbox, shows it at once in the models, sends it when
 * connected.
 * @params is the command's object (rules.md, Commands), taken (transfer full); `opId`, and `id` for
 * commands that create, are added if missing. Returns the `id` in it (transfer full) (nullable), or
 * NULL with BUREAU_ERROR_INVALID and nothing done. */
char *bureau_client_give (BureauClient *self, BureauCommandId command, JsonObject *params,
                          GError **error);

/* The changes that wait and those that were refused (BureauChange), in the order they will be sent.
 * (transfer none) */
GListModel *bureau_client_get_queue (BureauClient *self);
/* One of them. (nullable) (transfer full) */
BureauChange *bureau_client_find_change (BureauClient *self, const char *op_id);
/* A refused one is to be sent again, behind all others: with what it builds on, if that was refused
 * too, and with all that builds on that. For one that waits, tries to connect now. */
void bureau_client_retry (BureauClient *self, const char *op_id);
/* Gives a change up, and what builds on it. FALSE if it is not there any more, or on its way. */
gboolean bureau_client_discard (BureauClient *self, const char *op_id);
/* TRUE if the task has been deleted of late, as far as one has heard. */
gboolean bureau_client_was_deleted (BureauClient *self, const char *task_id);
/* Brings a deleted task back and tries again what was refused because it was not there. */
void bureau_client_restore_task (BureauClient *self, const char *task_id);

/* Asks the hub something that is not a change of the replica and can't wait: invitations
 * (member:invite, list_invites, renew_code), devices, the password, the audit log. Answered with
 * the hub's answer object, or BUREAU_ERROR; BUREAU_ERROR_UNAVAILABLE while not connected. Takes
 * @params. */
void bureau_client_ask_async (BureauClient *self, BureauCommandId command, JsonObject *params,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer data);
JsonObject *bureau_client_ask_finish (BureauClient *self, GAsyncResult *result, GError **error);

/* The task I have open, NULL for none; told to the others, again after each reconnect. */
void bureau_client_set_viewing (BureauClient *self, const char *task_id);
/* BureauMember objects of the others who have the task open. (transfer container): free with
 * g_ptr_array_unref */
GPtrArray *bureau_client_get_viewers (BureauClient *self, const char *task_id);
/* Online, away, or offline for "appear offline"; told again after each reconnect. */
void bureau_client_set_presence (BureauClient *self, BureauPresence presence);

G_END_DECLS
