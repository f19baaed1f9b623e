/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-authority.h"
#include "bureau-client-private.h"
#include "crash-vfs.h"
#include "hub.h"
#include "sim-relay.h"

G_BEGIN_DECLS

/* One world of one seed: an office's hub and its people's programs, real ones, in this thread and
 * in virtual time, and all that can happen to them. */

#define WORLD_MAX_PEOPLE 6
#define WORLD_N_STEPS    40

/* What became of a command that somebody gave. */
typedef enum {
    OP_GIVEN,   /* shown, but not yet said to be kept */
    OP_KEPT,    /* on the person's own disk, or so the program says */
    OP_DONE,    /* the hub has carried it out, or so the program says */
    OP_REFUSED, /* the person was told so */
    OP_LOST,    /* with the program, before that had kept it */
} OpState;

typedef struct {
    char *id;      /* (owned) */
    char *command; /* (owned) */
    OpState state;
    gboolean waived; /* the hub may have forgotten it: it was put back to an older backup */
} Op;

typedef struct _World World;

typedef struct {
    World *world;
    guint index;
    char *directory; /* (owned): of its program's files */
    guint life;
    SimRelay *relay;        /* (owned) */
    char *refresh_token;    /* (owned): as in the keyring */
    BureauAccount *account; /* (owned) */
    BureauClient *client;   /* (owned) (nullable) */
    GHashTable *ops;        /* (owned): opId → Op (owned) */
} WorldPerson;

/* What every world begins with: an office with its people, made once. */
typedef struct {
    char *directory;                        /* (owned) */
    char *workspace_id;                     /* (owned) */
    char *project_id;                       /* (owned) */
    char *user_ids[WORLD_MAX_PEOPLE];       /* (owned) */
    char *refresh_tokens[WORLD_MAX_PEOPLE]; /* (owned) */
} WorldTemplate;

/* Power goes, or a program is killed, in the midst of something. */
typedef struct {
    char *directory; /* (owned) (nullable): whose */
    char *target;    /* (owned): where its files are then as they were in that moment */
    CrashImage image;
    guint moments; /* so many writes and syncs from now on */
    gboolean happened;
} WorldCrash;

struct _World {
    const WorldTemplate *template;
    GRand *chance; /* (owned): for what is not in a step's hands */
    char *directory;
    char *hub_directory; /* (owned) */
    guint hub_life;
    BureauAuthority *authority; /* (owned) (nullable) */
    WorldPerson people[WORLD_MAX_PEOPLE];
    guint n_people;
    WorldCrash crash;
    guint n_backups;
    char *backup;          /* (owned) (nullable) */
    GHashTable *in_backup; /* (owned): opIds (owned) that were done by then, or by the copy */
    char *copy;            /* (owned): where one of the hub's directory goes */
    gboolean is_set_back;  /* to that, at the end */
    GString *story;        /* (owned): what happens, for people */
    char *failure;         /* (owned) (nullable): what must not be */
};

/* In a directory that is there and empty. */
void world_template_make (const char *directory);
WorldTemplate *world_template_load (const char *directory);
void world_template_free (WorldTemplate *template);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WorldTemplate, world_template_free)

/* @directory must be there and empty. */
World *world_new (const WorldTemplate *template, const char *directory, guint32 seed);
void world_free (World *world);

/* Goes on for so long, or until something must not be. */
void world_run (World *world, gint64 milliseconds);
void world_tell (World *world, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* The first one counts. */
void world_fail (World *world, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* world-hub.c */
void world_start_hub (World *world);
void world_stop_hub (World *world);
/* Nothing that it does any more matters to anybody; @directory (taken) is what is left of it. */
void world_lose_hub (World *world, char *directory);
void world_back_up (World *world);
void world_restore (World *world);
/* The same by hand: it stops, and nobody tells it. */
void world_copy_hub (World *world);
void world_put_back (World *world);
/* From now on it forgets the older events of each room, a little at a time while all
 * is quiet. */
void world_prune (World *world, guint kept);

/* world-people.c */
void world_start_person (WorldPerson *person);
void world_stop_person (WorldPerson *person);
void world_lose_person (WorldPerson *person, char *directory);
/* Gives a command; @members as the inside of an object, ' for ". */
void world_give (WorldPerson *person, BureauCommandId command, const char *members, ...)
    G_GNUC_PRINTF (3, 4);
GHashTable *world_new_ops (void);
/* Looks what has become of what was given. */
void world_observe (WorldPerson *person);

/* The next crash: of whose files @directory are, at the @moments-th write or sync, or when
 * world_crash_now() is called. */
void world_plan_crash (World *world, const char *directory, CrashImage image, guint moments);
void world_crash_now (World *world);

/* world-steps.c: one step, all of it drawn from @seed. */
void world_step (World *world, guint32 seed);

/* world-spy.c: what the hub says to whom in this world (nullable: in none). */
void world_watch (World *world);

/* world-checks.c */
/* What the hub must know, and what its log must be. */
void world_check_hub (World *world);
/* At once when the program says that it is done, in the hub's life @epoch. */
void world_check_op (World *world, Op *op, const char *epoch);
/* Everybody comes back; when all is quiet, all must be the same. */
void world_check_end (World *world);

G_END_DECLS
