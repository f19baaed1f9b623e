/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-call.h"
#include "bureau-rate.h"
#include "bureau-server.h"

G_BEGIN_DECLS

/* The Socket.IO door: live connections, their rooms, what they missed, and presence, which is
 * derived from them and never stored (sync.md, Presence). */
typedef struct _BureauLiveTable BureauLiveTable;
typedef struct _BureauCatchUp BureauCatchUp;
typedef struct _BureauCatchUps BureauCatchUps;

/* One accepted connection. */
typedef struct {
    BureauConnection *connection; /* (not owned) */
    BureauActor *actor;           /* (owned) */
    BureauPresence presence;      /* as this device says */
    char *viewing;                /* (owned) (nullable): task id */
    char *viewing_project;        /* (owned) (nullable) */
    BureauRate commands;
    BureauRate passing;      /* of those, what is merged if it is too much: presence and viewing */
    GSequenceIter *place;    /* (nullable): in table->expiring */
    gint64 due;              /* security time: it is told that its token expires, or closed */
    gboolean follows;        /* it keeps its own account of what it has, and is told the heads */
    BureauCatchUp *catch_up; /* (owned) (nullable): while it is not caught up with */
    GHashTable *tasks; /* (owned) (nullable): task id → project id, of the task rooms it asked
                          for */
} BureauLive;

/* A person with at least one connection, or whose last one went less than the grace ago. */
typedef struct {
    BureauLiveTable *table; /* (not owned) */
    char *user_id;          /* (owned) */
    GPtrArray *lives;       /* BureauLive (not owned) */
    BureauPresence shown;   /* what the others were told last */
    gboolean untold;        /* and they are to be told anew by table->telling */
    GSource *grace;         /* (owned) (nullable) */
} BureauPerson;

struct _BureauLiveTable {
    BureauAuthority *authority; /* (not owned) */
    GHashTable *people;         /* user id → BureauPerson (owned) */
    GHashTable *untold;  /* (owned): task id → project id, of tasks whose viewers have changed */
    GSource *telling;    /* (owned) (nullable): when that, and what people say, is told */
    GSequence *expiring; /* (owned): BureauLive, the first that is due first */
    GSource *expiry;     /* (owned) (nullable): when that is */
    BureauCatchUps *catch_ups; /* (owned) */
    GPtrArray *untold_heads; /* (owned): user ids, of those whose heads are still to be told … */
    GSource *heads;          /* (owned) (nullable): … and when some of them are */
};

BureauLiveTable *bureau_live_table_new (BureauAuthority *authority);
void bureau_live_table_free (BureauLiveTable *table);

/* The server's hooks; data is the BureauAuthority. */
void bureau_live_on_connect (BureauServer *server, BureauConnection *connection, const char *auth,
                             gpointer data);
void bureau_live_on_event (BureauServer *server, BureauConnection *connection,
                           const BureauPacket *packet, gpointer data);
void bureau_live_on_closed (BureauServer *server, BureauConnection *connection, const char *reason,
                            gpointer data);

/* Sends the connection an event that is of no room. */
void bureau_live_tell (BureauLive *live, const char *name, JsonObject *fields);

/* ------------------------------------------------------------------ rooms (bureau-live-rooms.c) */

/* These people's connections join or leave @room and are told so. */
void bureau_live_join (BureauLiveTable *table, const char *room, const char *const *user_ids,
                       gint64 seq);
void bureau_live_leave (BureauLiveTable *table, const char *room, const char *const *user_ids,
                        const char *reason);
/* Into a task's room until bureau_live_exit_task(), the end of the connection, or the person's end
 * in the project. FALSE if it is in too many already. */
gboolean bureau_live_enter_task (BureauLiveTable *table, BureauLive *live, const char *task_id,
                                 const char *project_id);
gboolean bureau_live_has_entered (BureauLive *live, const char *task_id);
/* FALSE if it had not entered. */
gboolean bureau_live_exit_task (BureauLiveTable *table, BureauLive *live, const char *task_id);

/* ------------------------------------------------------------------ the end (bureau-live-expiry.c)
 */

/* A minute before its actor's token expires it is told so (auth:expiring), and then closed (4401).
 */
void bureau_live_watch (BureauLiveTable *table, BureauLive *live);
void bureau_live_unwatch (BureauLive *live);
/* It may go on until @expires_at, if that is later. */
void bureau_live_renew (BureauLiveTable *table, BureauLive *live, gint64 expires_at);
/* Tells and closes whoever is due. */
void bureau_live_expire (BureauLiveTable *table);
void bureau_live_stop_watching (BureauLiveTable *table);
/* Closes (4403) the connections of this person's device, @session_id (nullable: of all), but not of
 * @except (nullable), and drops what their rooms have sent them. */
void bureau_live_sign_out (BureauLiveTable *table, const char *user_id, const char *session_id,
                           const char *except, const char *reason);

/* ------------------------------------------------------------------ to everybody */

void bureau_live_send_closing (BureauLiveTable *table);

/* ------------------------------------------------------------------ presence (bureau-presence.c)
 */

void bureau_presence_add (BureauLiveTable *table, BureauLive *live);
void bureau_presence_remove (BureauLiveTable *table, BureauLive *live);
/* What the connection says from now on. */
void bureau_presence_say (BureauLiveTable *table, BureauLive *live, BureauPresence presence);
/* Moves the connection's view to a task, or to none (@task_id NULL), and tells both tasks' viewers.
 */
void bureau_presence_view (BureauLiveTable *table, BureauLive *live, const char *task_id,
                           const char *project_id);
/* The person has come into the workspace, or is out of it: its people are told of them, and who
 * comes is told of its people. */
void bureau_presence_enter (BureauPerson *person, const char *workspace_id);
void bureau_presence_exit (BureauPerson *person, const char *workspace_id);
/* Sends the connection who is there in the workspace, and what they look at that it may see. */
gboolean bureau_presence_send (BureauLiveTable *table, BureauLive *live, const char *workspace_id,
                               GError **error);
/* Appends {userId, userName, status, workspaceId} of who is there in the workspace. */
gboolean bureau_presence_list (BureauLiveTable *table, const char *workspace_id, JsonArray *users,
                               GError **error);
void bureau_person_free (BureauPerson *person);
void bureau_presence_stop_telling (BureauLiveTable *table);

G_END_DECLS
