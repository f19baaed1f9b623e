/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "bureau-enums.h"

G_BEGIN_DECLS

/* Every command and every event there is, declared once (rules.md, Commands and Events). The hub's
 * handlers, the REST door, the client's outbox and the window's offers all read this table. */

typedef enum {
    BUREAU_COMMAND_ROOM_JOIN,
    BUREAU_COMMAND_ROOM_LEAVE,
    BUREAU_COMMAND_PRESENCE_UPDATE,
    BUREAU_COMMAND_PRESENCE_VIEWING,
    BUREAU_COMMAND_TASK_CREATE,
    BUREAU_COMMAND_TASK_UPDATE,
    BUREAU_COMMAND_TASK_MOVE,
    BUREAU_COMMAND_TASK_DELETE,
    BUREAU_COMMAND_TASK_UNDO_DELETE,
    BUREAU_COMMAND_PROJECT_CREATE,
    BUREAU_COMMAND_PROJECT_UPDATE,
    BUREAU_COMMAND_PROJECT_ARCHIVE,
    BUREAU_COMMAND_TIMER_START,
    BUREAU_COMMAND_TIMER_STOP,
    BUREAU_COMMAND_MEMBER_INVITE,
    BUREAU_COMMAND_MEMBER_LIST_INVITES,
    BUREAU_COMMAND_MEMBER_RENEW_CODE,
    BUREAU_COMMAND_MEMBER_REVOKE_INVITE,
    BUREAU_COMMAND_MEMBER_ADD,
    BUREAU_COMMAND_MEMBER_SET_ROLE,
    BUREAU_COMMAND_MEMBER_DEACTIVATE,
    BUREAU_COMMAND_MEMBER_REACTIVATE,
    BUREAU_COMMAND_MEMBER_REMOVE,
    BUREAU_COMMAND_MEMBER_UPDATE_SELF,
    BUREAU_COMMAND_ACCOUNT_SET_PASSWORD,
    BUREAU_COMMAND_DEVICE_LIST,
    BUREAU_COMMAND_DEVICE_SIGN_OUT,
    BUREAU_COMMAND_AUTH_REFRESH,
    BUREAU_COMMAND_AUDIT_LIST,
    BUREAU_COMMAND_OFFICE_DESCRIBE,
    BUREAU_COMMAND_SYNC_SINCE,
    BUREAU_N_COMMANDS
} BureauCommandId;

typedef enum {
    BUREAU_FIELD_ID,      /* a UUID */
    BUREAU_FIELD_TEXT,    /* a string of at most `max` characters, no control characters but tab and
                             newline */
    BUREAU_FIELD_NAME,    /* a TEXT of one line that has at least one visible character */
    BUREAU_FIELD_COLOR,   /* "#rrggbb" */
    BUREAU_FIELD_INTEGER, /* `min` to `max` */
    BUREAU_FIELD_STATUS,  /* a task's status */
    BUREAU_FIELD_PRESENCE, /* online, away, offline */
    BUREAU_FIELD_ROLE,     /* guest, member, manager, owner */
    BUREAU_FIELD_KIND,     /* task or request */
    BUREAU_FIELD_DUE,      /* a date or an instant */
    BUREAU_FIELD_INSTANT,  /* RFC 3339 */
    BUREAU_FIELD_ID_LIST,  /* an array of at most `max` UUIDs */
    BUREAU_FIELD_BASE,     /* an integer ≥ 1: the version a change was made from */
    BUREAU_FIELD_KEY, /* a project's short name: 1 to 8 of A–Z and 0–9, a letter first; made upper
                         case */
    BUREAU_FIELD_BOOLEAN,
    BUREAU_FIELD_POSITION, /* see bureau-position.h */
} BureauFieldType;

typedef enum {
    BUREAU_FIELD_OPTIONAL = 0,
    BUREAU_FIELD_REQUIRED = 1 << 0,
    BUREAU_FIELD_NULLABLE = 1 << 1,
} BureauFieldFlags;

typedef struct {
    const char *name;
    BureauFieldType type;
    BureauFieldFlags flags;
    gint64 min;
    gint64 max;
} BureauField;

typedef enum {
    /* A durable change: runs in the turn's transaction, answers with `seq`, may carry `opId`. */
    BUREAU_COMMAND_DURABLE = 1 << 0,
    /* Its `id` is made by the client and names the new thing. */
    BUREAU_COMMAND_CREATES = 1 << 1,
    /* Belongs to a live connection: over REST it is refused. */
    BUREAU_COMMAND_NEEDS_CONNECTION = 1 << 2,
} BureauCommandFlags;

typedef struct {
    BureauCommandId id;
    const char *name; /* "task:create" */
    BureauRole role;  /* the least role that may ever give it; the handler checks the rest */
    BureauCommandFlags flags;
    const BureauField *fields; /* ends with a NULL name */
} BureauCommand;

const BureauCommand *bureau_command_get (BureauCommandId id);
/* NULL for an unknown name. Names of other systems (join:project, leave:project) are understood. */
const BureauCommand *bureau_command_find (const char *name);

/* Checks @params against the command's fields and returns it in canonical form: aliases renamed
 * (organizationId, programId), unknown members dropped. @params may be NULL for {}. `opId` is every
 * command's. Sets BUREAU_ERROR_INVALID or BUREAU_ERROR_TOO_LARGE with the field. (transfer full) */
JsonObject *bureau_command_validate (const BureauCommand *command, JsonObject *params,
                                     GError **error);
/* TRUE if a member with @role may be offered it at all. */
gboolean bureau_command_is_offered (BureauCommandId id, BureauRole role);
/* TRUE if somebody with the role @actor may give, change or end a membership with the role @other:
 * managers those up to their own, and nobody but owners touches or makes an owner (rules.md,
 * Commands). */
gboolean bureau_role_may_manage (BureauRole actor, BureauRole other);

/* What the name of a person, a device, a project or an office must be: one line that can be seen,
 * of at most BUREAU_MAX_NAME characters. @name: nullable, which is none. Sets BUREAU_ERROR_INVALID
 * or BUREAU_ERROR_TOO_LARGE about `name`. */
gboolean bureau_name_check (const char *name, GError **error);

/* The events of this release. */
#define BUREAU_EVENT_TASK_CREATED        "task:created"
#define BUREAU_EVENT_TASK_UPDATED        "task:updated"
#define BUREAU_EVENT_TASK_MOVED          "task:moved"
#define BUREAU_EVENT_TASK_DELETED        "task:deleted"
#define BUREAU_EVENT_PROJECT_CREATED     "project:created"
#define BUREAU_EVENT_PROJECT_UPDATED     "project:updated"
#define BUREAU_EVENT_PROJECT_ARCHIVED    "project:archived"
#define BUREAU_EVENT_MEMBER_JOINED       "member:joined"
#define BUREAU_EVENT_MEMBER_UPDATED      "member:updated"
#define BUREAU_EVENT_MEMBER_LEFT         "member:left"
#define BUREAU_EVENT_MEMBER_ROLE_CHANGED "member:role_changed"
#define BUREAU_EVENT_INVITATION_CREATED  "invitation:created"
#define BUREAU_EVENT_INVITATION_USED     "invitation:used"
#define BUREAU_EVENT_INVITATION_REVOKED  "invitation:revoked"
#define BUREAU_EVENT_AUTH_EXPIRING       "auth:expiring"
#define BUREAU_EVENT_TIMER_STARTED       "timer:started"
#define BUREAU_EVENT_TIMER_STOPPED       "timer:stopped"
#define BUREAU_EVENT_PRESENCE_ONLINE     "presence:user_online"
#define BUREAU_EVENT_PRESENCE_OFFLINE    "presence:user_offline"
#define BUREAU_EVENT_PRESENCE_UPDATE     "presence:update"
#define BUREAU_EVENT_PRESENCE_VIEWING    "presence:users_viewing"
#define BUREAU_EVENT_PRESENCE_SNAPSHOT   "presence:snapshot"
#define BUREAU_EVENT_SYNC_READY          "sync:ready"
#define BUREAU_EVENT_SYNC_RESET          "sync:reset"
#define BUREAU_EVENT_SYNC_HEADS          "sync:heads"
#define BUREAU_EVENT_ROOM_JOINED         "room:joined"
#define BUREAU_EVENT_ROOM_LEFT           "room:left"
#define BUREAU_EVENT_STORAGE_CHANGED     "storage:changed"
#define BUREAU_EVENT_HUB_CLOSING         "hub:closing"

typedef struct {
    const char *name;
    gboolean durable; /* has a seq and is in a room's log */
    const char *noun; /* the member of the event that holds the object: "task"; NULL if none */
} BureauEvent;

/* NULL for an unknown name. */
const BureauEvent *bureau_event_find (const char *name);

/* Limits of rules.md that both ends keep. */
#define BUREAU_MAX_PACKET      (256 * 1024) /* bytes, fragments and all */
#define BUREAU_MAX_JSON_DEPTH  32
#define BUREAU_MAX_TITLE       500 /* characters */
#define BUREAU_MAX_NAME        120
#define BUREAU_MAX_DESCRIPTION 50000
#define BUREAU_MAX_EVENTS      500 /* of one page of a log */
#define BUREAU_MAX_EVENT_BYTES (256 * 1024)
#define BUREAU_MIN_PASSWORD    10   /* characters */
#define BUREAU_MAX_PASSWORD    1024 /* bytes */

G_END_DECLS
