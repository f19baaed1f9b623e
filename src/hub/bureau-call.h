/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-catalog.h"
#include "bureau-server.h"
#include "bureau-store-members.h"
#include "bureau-store.h"

G_BEGIN_DECLS

typedef struct _BureauAuthority BureauAuthority;
typedef struct _BureauCall BureauCall;
typedef struct _BureauRequest BureauRequest;

/* Who gives a command. */
typedef struct {
    char *user_id;     /* (owned) */
    char *session_id;  /* (owned): one device; `opId` is unique in it */
    gint64 expires_at; /* security time: the token's that they came with; 0 for none */
} BureauActor;
BureauActor *bureau_actor_new (const char *user_id, const char *session_id);
BureauActor *bureau_actor_copy (const BureauActor *actor);
void bureau_actor_free (BureauActor *actor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauActor, bureau_actor_free)

typedef gboolean (*BureauRunFunc) (BureauCall *call, GError **error);

/* What a handler leaves to a worker's thread (bureau-workers.h), to be gone on with in a later
 * turn. */
typedef struct {
    void (*compute) (gpointer data); /* in the thread, with nothing but @data */
    BureauRunFunc finish;            /* in the turn, with @data for what came of it */
    gpointer data;                   /* (owned) */
    GDestroyNotify free_data;
    gboolean computed;
} BureauWork;

/* One command while it is carried out: what a handler sees. */
struct _BureauCall {
    BureauAuthority *authority;   /* (not owned) */
    const BureauCommand *command; /* NULL for signing in */
    BureauActor *actor;           /* (owned) (nullable) */
    BureauConnection *connection; /* (nullable): the live connection it came from */
    char *address;                /* (owned) (nullable): its peer's; NULL: from this process */
    gboolean is_secure;           /* it came through TLS */
    char *workspace_id;           /* (owned) (nullable): the one it is about, once that is known */
    JsonObject *params;           /* (owned): validated */
    JsonObject *answer;           /* (owned): what the handler adds to {"ok":true} … */
    char *text;                   /* (owned) (nullable): … or the whole answer instead, as JSON */
    gint64 now;
    gint64 seq;      /* of the last event it published; 0 for none */
    gsize stored;    /* bytes that it put into the log for good */
    GError *refusal; /* (owned) (nullable): a handler that has done something, and yet gives them
                        nothing, puts its reason here and returns TRUE: that is the answer */
    GPtrArray *refusals; /* (owned) (nullable): for the audit, see bureau-audit.h */
    BureauWork *work;    /* (owned) (nullable): see bureau_call_compute() */
};

/* A command on its way through the turn, whichever door it came through. */
struct _BureauRequest {
    BureauCall call;
    BureauRunFunc run;
    gboolean is_resumed; /* it goes on from what a worker has computed: it can't begin again */
    void (*answered) (BureauRequest *request); /* after the commit; reads `json` and `status` */
    gpointer door;                             /* the door's own */
    GDestroyNotify free_door;
    gint64 ack_id; /* of a live connection's command; -1 if it wants no acknowledgement */
    char *json;    /* (owned): the whole answer */
    guint status;  /* its HTTP status */
};

/* A command as it came: the name as given, the object not yet validated (taken) (nullable), the
 * actor (taken). */
BureauRequest *bureau_request_new_command (BureauAuthority *authority, const char *name,
                                           JsonObject *params, BureauActor *actor);
BureauRequest *bureau_request_new (BureauAuthority *authority, BureauRunFunc run,
                                   JsonObject *params);
void bureau_request_free (BureauRequest *request);
/* Forgets what a turn that was not stored has made of it, so that it can be run again; FALSE if it
 * can't. */
gboolean bureau_request_rewind (BureauRequest *request);
/* Makes @error its answer. */
void bureau_request_fail (BureauRequest *request, const GError *error);

/* ------------------------------------------------------------------ for handlers */

/* The workspace that it turned out to be about; the calls below that find one say it themselves. */
void bureau_call_set_workspace (BureauCall *call, const char *workspace_id);

/* Whoever has been signed out, or has no active membership left, is nobody, whatever their token
 * says: BUREAU_ERROR_UNAUTHENTICATED. */
gboolean bureau_call_check_actor (BureauCall *call, GError **error);

/* Their access to a project. A project they may not see is BUREAU_ERROR_NOT_FOUND, exactly as if it
 * did not exist; one they may see with less than @role is BUREAU_ERROR_FORBIDDEN; a change to an
 * archived one is BUREAU_ERROR_CONFLICT. */
gboolean bureau_call_require_project (BureauCall *call, const char *project_id, BureauRole role,
                                      BureauAccess *access, GError **error);
/* The task `id` of the params if they may act on it with @role; else an error as above. (transfer
 * full) */
JsonObject *bureau_call_require_task (BureauCall *call, const char *id, gboolean deleted,
                                      BureauRole role, BureauAccess *access, GError **error);
/* The workspace the params name, or the actor's first, where they have at least @role. (transfer
 * full) */
char *bureau_call_require_workspace (BureauCall *call, BureauRole role, GError **error);
/* What the person @user_id is in the workspace. Somebody who is not in it is
 * BUREAU_ERROR_NOT_FOUND, exactly as if there were nobody of that id. */
gboolean bureau_call_require_member (BureauCall *call, const char *workspace_id,
                                     const char *user_id, BureauMembership *membership,
                                     GError **error);
/* TRUE if all are active members of the workspace, or among @known (nullable): those who are named
 * already, and may have left since; else BUREAU_ERROR_INVALID about @field. */
gboolean bureau_call_require_members (BureauCall *call, const char *workspace_id,
                                      const char *const *user_ids, const char *const *known,
                                      const char *field, GError **error);

/* Takes the room's next seq, stores the event with its envelope, and announces it after the commit
 * in @room and, if not NULL, @other_room. @fields: the event's own members (taken). */
gboolean bureau_call_publish (BureauCall *call, const char *room, const char *other_room,
                              const char *workspace_id, const char *project_id, const char *name,
                              JsonObject *fields, GError **error);
/* After the commit, and before what is published later: these people's connections join or leave
 * the room. */
void bureau_call_join (BureauCall *call, const char *room, const char *const *user_ids, gint64 seq);
void bureau_call_leave (BureauCall *call, const char *room, const char *const *user_ids,
                        const char *reason);
/* What the person may see has changed: of the rooms that they were in @before, their connections
 * leave those that they may not be in any more, and they join those that they may be in now. */
gboolean bureau_call_move (BureauCall *call, const char *user_id, const char *const *before,
                           const char *reason, GError **error);

/* Signs @user_id out on the device @session_id (nullable: on all), but not on @except (nullable):
 * revoked in the store with this call, and their live connections closed (4403) after the commit,
 * before anything else is announced. What waited for them in their rooms is dropped. */
gboolean bureau_call_end_sessions (BureauCall *call, const char *user_id, const char *session_id,
                                   const char *except, const char *reason, GError **error);
/* The same for who may not be there at present: their devices stay signed in, for when they may. */
void bureau_call_disconnect (BureauCall *call, const char *user_id, const char *reason);

/* After the commit, the live connection that the call came from may go on until @expires_at. */
void bureau_call_renew_connection (BureauCall *call, gint64 expires_at);

/* The handler that calls this has only begun: what it stored so far is committed, @compute is
 * called with @data (taken) in a worker's thread, and then @finish runs in a turn of its own, as
 * the handler. What may have changed meanwhile, it looks up again. */
void bureau_call_compute (BureauCall *call, void (*compute) (gpointer data), BureauRunFunc finish,
                          gpointer data, GDestroyNotify free_data);
/* TRUE between the two. */
gboolean bureau_call_is_computing (const BureauCall *call);
/* Drops the work, done or not. */
void bureau_call_end_work (BureauCall *call);

/* "project:ID" and the like. (transfer full) */
char *bureau_room (const char *kind, const char *id);

/* Strings of an array member of the params, NULL-terminated; NULL if it is not there. (transfer
 * full) */
GStrv bureau_call_get_ids (BureauCall *call, const char *name);

/* ------------------------------------------------------------------ effects */

typedef enum {
    BUREAU_EFFECT_EVENT,
    BUREAU_EFFECT_JOIN,
    BUREAU_EFFECT_LEAVE,
    BUREAU_EFFECT_SIGN_OUT,
    BUREAU_EFFECT_RENEW,
} BureauEffectKind;

typedef struct {
    BureauEffectKind kind;
    char *room;       /* (owned) */
    char *other_room; /* (owned) (nullable) */
    char *name;       /* (owned): the event, or why they leave or are signed out */
    char *payload;    /* (owned): the event's JSON */
    GStrv user_ids;   /* (owned): who joins, leaves or is signed out */
    char *session_id; /* (owned) (nullable): signed out of this one; NULL: of all … */
    char *except;     /* (owned) (nullable): … but this */
    gint64 seq;
    BureauConnection *connection; /* that goes on … */
    gint64 expires_at;            /* … until then */
} BureauEffect;
void bureau_effect_free (BureauEffect *effect);

G_END_DECLS
