/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-audit.h"
#include "bureau-announcement.h"
#include "bureau-call.h"
#include "bureau-clock.h"
#include "bureau-data-directory.h"
#include "bureau-prune.h"
#include "bureau-rate.h"
#include "bureau-rates.h"
#include "bureau-server.h"
#include "bureau-settings.h"
#include "bureau-store.h"
#include "bureau-token.h"
#include "bureau-upkeep.h"
#include "bureau-workers.h"

G_BEGIN_DECLS

/* The hub itself: it alone decides, orders, stores and announces. One thread, the one that opened
 * it. Every door queues a BureauRequest; once a turn all that wait are run in one transaction,
 * committed, answered, and only then announced (README.md, The hub's loop). */
typedef struct _BureauAuthority BureauAuthority;
typedef struct _BureauLiveTable BureauLiveTable;

struct _BureauAuthority {
    BureauDataDirectory *directory; /* (owned) */
    BureauStore *store;             /* (owned) */
    BureauServer *server;           /* (owned) */
    BureauAudit *audit;             /* (owned) */
    BureauLiveTable *live;          /* (owned): who is connected, see bureau-live.h */
    BureauTokenSigner signer;
    guint8 refresh_key[BUREAU_KEY_SIZE];
    guint8 code_key[BUREAU_KEY_SIZE];
    char *epoch;                      /* (owned) */
    char *pin;                        /* (owned): of the hub's key; "" before there is one */
    BureauTlsIdentity *identity;      /* (owned) */
    GPtrArray *places;                /* BureauPlace (owned): what is listened to */
    BureauAnnouncement *announcement; /* (owned) (nullable): of the one that others reach */
    GPtrArray *requests;              /* BureauRequest (owned): waiting for the turn */
    GPtrArray *computing;             /* BureauRequest (owned): with the workers */
    BureauWorkers *workers;           /* (owned) (nullable): NULL while closing */
    guint planned;                    /* what this turn will give to the workers */
    GPtrArray *effects;               /* BureauEffect (owned): what the turn will announce */
    BureauPrune *prune;               /* (owned) */
    GPtrArray *snapshots;             /* BureauSnapshotStream (not owned): on their way */
    BureauSettings settings;          /* without its lists */
    BureauRateLimit commands;         /* of each live connection */
    BureauRates *rates;               /* (owned): of people and addresses */
    gint64 guess_room;                /* rows that still fit, see bureau-guesses.c */
    GHashTable *attempts;             /* of proving a code, see bureau-code.c (owned) */
    GSource *checkpoint; /* (owned) (nullable): waits for a pause, or for the turn to be over */
    gboolean checkpoint_due;
    BureauStorageState told;    /* what the owners know of the disk, see bureau-health.h */
    GSource *probe;             /* (owned) (nullable): tries it again */
    BureauUpkeep *upkeep;       /* (owned): what it does for itself each day */
    gint64 last_turn;           /* monotonic, µs */
    GSource *day;               /* (owned) */
    GSource *heads;             /* (owned) */
    BureauClock security;       /* see bureau_authority_get_security_time() */
    gint64 (*clock) (void);     /* instants; a test may put its own here */
    gint64 (*monotonic) (void); /* µs; and here */
};

/* Takes the directory's lock and opens its office; G_IO_ERROR_NOT_FOUND if there is none.
 * @settings (nullable): the defaults; copied, but its lists must live until this returns. */
BureauAuthority *bureau_authority_open (const char *path, const BureauSettings *settings,
                                        GError **error);
/* Tells everybody hub:closing, closes everything. */
void bureau_authority_close (BureauAuthority *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauAuthority, bureau_authority_close)

/* @listen: "ADDRESS:PORT". Loopback speaks plain HTTP, any other address TLS; so does one that is
 * @shared: then it is this machine's every address. Returns the URI (transfer full). */
char *bureau_authority_listen (BureauAuthority *self, const char *listen, gboolean shared,
                               GError **error);
/* Opens the first address listened to, one of loopback, to the network, or closes it again: then
 * other machines' connections end at once. Those of this machine stay. If it fails, all is as
 * before. */
gboolean bureau_authority_share (BureauAuthority *self, gboolean shared, GError **error);
/* Whether other machines can reach it. */
gboolean bureau_authority_is_shared (BureauAuthority *self);
/* "192.168.1.20:28732": where other machines find it; on loopback while it is not shared. (transfer
 * full) */
char *bureau_authority_get_invite_host (BureauAuthority *self);
/* The same as a URI, "https://…", or "http://…" while it is not shared. (transfer full) */
char *bureau_authority_get_uri (BureauAuthority *self);
/* The port of that address. */
guint16 bureau_authority_get_port (BureauAuthority *self);
/* The link that invites to that address with @secret. (transfer full) */
char *bureau_authority_make_link (BureauAuthority *self, const char *secret);
/* Reads, or makes, who this hub is to others: before it listens. For bureau-authority.c. */
gboolean bureau_authority_load_identity (BureauAuthority *self, GError **error);
void bureau_authority_init_places (BureauAuthority *self);

/* Queues a request for the next turn. Takes it. */
void bureau_authority_queue (BureauAuthority *self, BureauRequest *request);
/* Runs all that wait, now. The server's turn calls it; so does a program that serves nobody. */
void bureau_authority_run_turn (BureauAuthority *self);
/* How the disk does: while it is not OK, what would change something is refused as `unavailable`,
 * and what only asks is answered. */
BureauStorageState bureau_authority_get_storage_state (BureauAuthority *self);
/* A request is back from the workers. */
void bureau_authority_on_computed (gpointer request, gpointer authority);
/* Takes back a checkpoint that is planned. */
void bureau_authority_cancel_checkpoint (BureauAuthority *self);

gint64 bureau_authority_now (BureauAuthority *self);
/* What anything expires by, as an instant: it never runs backwards (bureau-clock.h). */
gint64 bureau_authority_get_security_time (BureauAuthority *self);

/* Who a token is, checked against the store: BUREAU_ERROR_UNAUTHENTICATED if it is not good now.
 * @address (nullable): where it came from. */
BureauActor *bureau_authority_authenticate (BureauAuthority *self, const char *token,
                                            const char *address, GError **error);

/* Whoever has no active membership is nobody, whatever their token says:
 * BUREAU_ERROR_UNAUTHENTICATED. */
gboolean bureau_authority_check_person (BureauAuthority *self, const char *user_id, GError **error);

/* The answer to a command that failed: {"ok":false,"error":{…}} (transfer full) */
char *bureau_error_to_answer (const GError *error);
/* What the client is told of it. What only the hub's own people can mend goes to the log, and the
 * client gets the id it stands there under (rules.md, Errors). (transfer full) */
char *bureau_error_to_message (const GError *error);

/* A session's id for scripts, which have no device (`bureau-hub token`). */
#define BUREAU_SCRIPT_SESSION "script"

G_END_DECLS
