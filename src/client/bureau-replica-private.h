/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-replica.h"

G_BEGIN_DECLS

typedef enum {
    BUREAU_JOB_LOAD,
    BUREAU_JOB_CLOSE,
    BUREAU_JOB_APPLY,
    BUREAU_JOB_BEGIN_ROOM,
    BUREAU_JOB_FORGET_ROOM,
    BUREAU_JOB_DROP_ROOM,
    BUREAU_JOB_SET_EPOCH,
    BUREAU_JOB_KEEP_ROOMS,
    BUREAU_JOB_REPLACE,
    BUREAU_JOB_ADD_COMMAND,
    BUREAU_JOB_REMOVE_COMMAND,
    BUREAU_JOB_REFUSE_COMMAND,
    BUREAU_JOB_RETRY_COMMAND,
    BUREAU_N_JOBS
} BureauReplicaJobKind;

/* What the thread works on; only it touches `disk` and `open_error`. */
typedef struct {
    GAsyncQueue *jobs;  /* (owned): of BureauReplicaJob (owned) */
    char *path;         /* (owned) */
    char *office;       /* (owned) */
    BureauDisk *disk;   /* (owned) (nullable) */
    GError *open_error; /* (owned) (nullable) */
} BureauReplicaWorker;

typedef struct _BureauReplicaJob BureauReplicaJob;

struct _BureauReplicaJob {
    BureauReplicaJobKind what;
    gboolean alone; /* not part of a transaction */
    gboolean last;  /* the thread ends after it */

    char *room; /* (owned) (nullable): or the epoch */
    gint64 number;
    BureauKind kind;
    char *id;    /* (owned) (nullable) */
    char *text;  /* (owned) (nullable): JSON */
    char *op_id; /* (owned) (nullable) */
    const char *command;
    char *subject; /* (owned) (nullable) */
    char **rooms;  /* (owned) (nullable) */
    GBytes *bytes; /* (owned) (nullable) */

    GTask *task;     /* (owned) (nullable): who wants to know */
    gpointer result; /* (owned) (nullable) */
    GDestroyNotify free_result;
    GError *error; /* (owned) (nullable) */
};

void bureau_replica_job_free (BureauReplicaJob *job);
/* The thread: does jobs until the one that is the last. Takes @worker. */
gpointer bureau_replica_work (gpointer worker);

G_END_DECLS
