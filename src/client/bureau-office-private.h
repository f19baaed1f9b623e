/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-office.h"
#include "bureau-overlay.h"

G_BEGIN_DECLS

struct _BureauOffice {
    char *user_id;                         /* (owned) */
    char *workspace_id;                    /* (owned) */
    BureauOutbox *outbox;                  /* the client's */
    BureauRoster *rosters[BUREAU_N_KINDS]; /* (owned): NULL for the workspace */
    char *name;                            /* (owned) (nullable): the workspace's */
    GHashTable *touched;                   /* (owned): "kind:id" (owned) → Touched (owned) */
    GHashTable *timers; /* (owned): user id (owned) → BureauTimeEntry (owned), the running ones */
    GHashTable *presence; /* (owned): user id (owned) → BureauPresence */
    GQueue deleted;       /* of JsonObject (owned): tasks deleted of late, newest first */
    BureauOverlay overlay;
    guint depth;            /* of begin and end */
    gboolean names_changed; /* of members or projects; to be seen to at the last end */
};

/* Shows @json, or nothing, under that id. @spare (nullable): the object that stood for it before,
 * taken up again if there is none now. */
void bureau_office_show (BureauOffice *office, BureauKind kind, const char *id, JsonObject *json,
                         gpointer spare);
/* Puts in an object made elsewhere. */
void bureau_office_adopt (BureauOffice *office, BureauKind kind, const char *id, gpointer object);
/* Has the task call its people and its project what these are called now. */
void bureau_office_name_task (BureauOffice *office, BureauTask *task);
void bureau_office_name_tasks (BureauOffice *office);
/* What the hub has confirmed of an object that the outbox concerns. (nullable) (transfer none) */
JsonObject *bureau_office_get_touched (BureauOffice *office, BureauKind kind, const char *id);
/* (transfer full) */
GHashTable *bureau_office_touched_new (void);
/* Fills in what the overlay may ask of us. */
void bureau_office_init_overlay (BureauOffice *office);
/* Remembers a task that is gone; takes @task. */
void bureau_office_take_deleted (BureauOffice *office, JsonObject *task);

G_END_DECLS
