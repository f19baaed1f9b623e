/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "bureau-catalog.h"

G_BEGIN_DECLS

/* The outbox in memory: the commands given and not yet part of the replica, in the order they were
 * given. The replica holds the same on disk. */

typedef enum {
    BUREAU_OUTBOX_WRITING, /* on its way to the disk: not sent before it is there */
    BUREAU_OUTBOX_QUEUED,  /* on disk */
    BUREAU_OUTBOX_SENT,    /* sent on this connection, not answered */
    BUREAU_OUTBOX_DONE,    /* carried out; its event has not yet reached us */
    BUREAU_OUTBOX_REFUSED, /* not carried out; kept until its giver says what becomes of it */
    BUREAU_N_OUTBOX_STATES
} BureauOutboxState;

typedef struct {
    char *op_id; /* (owned) */
    const BureauCommand *command;
    JsonObject *params; /* (owned): as it is sent, opId and all */
    char *target;       /* (owned) (nullable): id of the thing it is about; it stays the same */
    char *subject;      /* (owned) (nullable): what it is about, as people call it */
    gint64 given_at;    /* instant, the hub's clock as far as it was known */
    BureauOutboxState state; /* set by bureau_outbox_set_state() */
    gboolean is_on_disk;
    GError *error;   /* (owned) (nullable): of a REFUSED one */
    guint attempts;  /* answers so far that asked to try again */
    char *done_room; /* (owned) (nullable): where the event of a DONE one comes */
    gint64 done_seq;
} BureauOutboxEntry;

/* An error as it is kept on disk; whatever else stands there reads as one too. (transfer full) */
char *bureau_outbox_error_to_text (const GError *error);
GError *bureau_outbox_error_from_text (const char *text);

/* Takes @params. @target: see above. */
BureauOutboxEntry *bureau_outbox_entry_new (const BureauCommand *command, JsonObject *params,
                                            const char *target, gint64 given_at);
void bureau_outbox_entry_free (BureauOutboxEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauOutboxEntry, bureau_outbox_entry_free)

typedef struct _BureauOutbox BureauOutbox;

BureauOutbox *bureau_outbox_new (void);
void bureau_outbox_free (BureauOutbox *outbox);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauOutbox, bureau_outbox_free)

/* Takes @entry; one with an opId that is there already is dropped. */
void bureau_outbox_add (BureauOutbox *outbox, BureauOutboxEntry *entry);
/* Puts @entries (BureauOutboxEntry, taken) before all others: what was read from disk came first.
 * Those that are there already are dropped. */
void bureau_outbox_prepend (BureauOutbox *outbox, GPtrArray *entries);
/* (nullable) (transfer none) */
BureauOutboxEntry *bureau_outbox_lookup (BureauOutbox *outbox, const char *op_id);
/* Takes it out. (nullable) (transfer full) */
BureauOutboxEntry *bureau_outbox_steal (BureauOutbox *outbox, const char *op_id);
void bureau_outbox_set_state (BureauOutbox *outbox, BureauOutboxEntry *entry,
                              BureauOutboxState state);
void bureau_outbox_refuse (BureauOutbox *outbox, BureauOutboxEntry *entry, const GError *error);
/* Puts a REFUSED one behind all others, to wait there in @state. */
void bureau_outbox_retry (BureauOutbox *outbox, BureauOutboxEntry *entry, BureauOutboxState state);
/* @entry, if it creates something, and all that builds on that, in order: changes of it and of what
 * is created in it. (transfer container) */
GPtrArray *bureau_outbox_get_family (BureauOutbox *outbox, BureauOutboxEntry *entry);
/* The refused creation that @entry builds on in the end, or itself. (transfer none) */
BureauOutboxEntry *bureau_outbox_get_root (BureauOutbox *outbox, BureauOutboxEntry *entry);
/* The one to send now: the oldest that has not been answered, if it is QUEUED. (nullable) (transfer
 * none) */
BureauOutboxEntry *bureau_outbox_get_next (BureauOutbox *outbox);
/* The connection is gone: what was sent is to be sent again. */
void bureau_outbox_unsend (BureauOutbox *outbox);
/* The hub's life is another: what is DONE is to be sent again. Returns what that was. (transfer
 * container) */
GPtrArray *bureau_outbox_doubt_done (BureauOutbox *outbox);
/* How many are on disk and unanswered. */
guint bureau_outbox_get_waiting (BureauOutbox *outbox);
guint bureau_outbox_get_refused (BureauOutbox *outbox);
/* Counts what happens to the list, and what of it is DONE or REFUSED. */
guint64 bureau_outbox_get_generation (BureauOutbox *outbox);
/* opIds of the DONE ones whose event is in @room at or before @seq. (transfer full) */
GPtrArray *bureau_outbox_get_settled (BureauOutbox *outbox, const char *room, gint64 seq);
/* The entries in order. (transfer none) */
const GList *bureau_outbox_peek (BureauOutbox *outbox);
/* Those that are about @target, in order. (transfer none) */
const GList *bureau_outbox_peek_about (BureauOutbox *outbox, const char *target);

G_END_DECLS
