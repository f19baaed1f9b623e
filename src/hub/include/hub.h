/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* All that the window may know of a hub: make an office, serve it, stop. The hub runs in a thread
 * of its own with its own GMainContext; the functions below may be called from any one thread, and
 * their callbacks arrive in the main context that was the caller's thread-default. */
#define BUREAU_TYPE_HUB (bureau_hub_get_type ())
G_DECLARE_FINAL_TYPE (BureauHub, bureau_hub, BUREAU, HUB, GObject)

/* What a person needs to sign in as somebody's device. The refresh token is a secret: keyring only.
 */
typedef struct {
    char *user_id;       /* (owned) */
    char *workspace_id;  /* (owned) */
    char *user_name;     /* (owned) */
    char *refresh_token; /* (owned) */
} BureauHubOwner;
void bureau_hub_owner_free (BureauHubOwner *owner);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauHubOwner, bureau_hub_owner_free)

/* A task that a new office begins with, in the language of who makes it. (unowned) texts */
typedef struct {
    const char *title;
    const char *description;
    const char *status; /* "todo", "in_progress" … */
} BureauHubExample;

/* Makes a new office in @directory (made with mode 0700 if it is not there) with its owner, a first
 * project called @project_name and, in it, the @examples (nullable; ended by one without a title;
 * they must live until the callback); fails with G_IO_ERROR_EXISTS if one is there. The owner's
 * device is signed in as @device. Runs in a worker thread. */
void bureau_hub_create_office_async (const char *directory, const char *office_name,
                                     const char *owner_name, const char *device,
                                     const char *project_name, const BureauHubExample *examples,
                                     GCancellable *cancellable, GAsyncReadyCallback callback,
                                     gpointer data);
BureauHubOwner *bureau_hub_create_office_finish (GAsyncResult *result, GError **error);
/* The same, blocking; for programs without a loop. */
BureauHubOwner *bureau_hub_create_office (const char *directory, const char *office_name,
                                          const char *owner_name, const char *device,
                                          const char *project_name,
                                          const BureauHubExample *examples, GError **error);

/* Signs @user_id, who is in the office, in as a new device (nullable: its owner): for a machine
 * that has the office but has lost its secret. Whoever may read the directory has the hub's keys
 * anyway. Not while a hub serves it. */
void bureau_hub_sign_in_async (const char *directory, const char *user_id, const char *device,
                               GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer data);
BureauHubOwner *bureau_hub_sign_in_finish (GAsyncResult *result, GError **error);

/* What an office, or a backup of one, holds: for whoever decides between the two. */
typedef struct {
    GStrv offices; /* (owned): their names */
    char *hub;     /* (owned): its id, for good */
    gint64 at;     /* an instant: when it was so */
    gint64 people;
    gint64 projects;
    gint64 tasks;
    gint64 changes; /* of an office: how many there were since the instant that was asked about */
    char *path; /* (owned) (nullable): the backup; after a restore, where what was there is kept */
    char *pin;  /* (owned) (nullable): of an office that was taken over, its hub's */
    gboolean handed_over; /* a package: where it was, it is served no more */
} BureauHubSummary;
void bureau_hub_summary_free (BureauHubSummary *summary);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauHubSummary, bureau_hub_summary_free)

/* Each of these runs in a worker thread, and ends with bureau_hub_summary_finish(). */

/* Writes all of the office, whether it is served or not, into the file @to, which somebody has
 * agreed to lose if it is there (nullable: a new one in its directory's `backups/`). Whoever has
 * that file can be the hub. */
void bureau_hub_back_up_async (const char *directory, const char *to, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer data);
/* Reads a backup, as far as to know that it is whole. */
void bureau_hub_examine_backup_async (const char *path, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer data);
/* The office as it is now, and how much of it has come about since the instant @since. */
void bureau_hub_summarize_async (const char *directory, gint64 since, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer data);
/* Puts the office in @directory back to the backup @from; what was there is kept. Not while it is
 * served: G_IO_ERROR_BUSY. */
void bureau_hub_restore_async (const char *directory, const char *from,
                               GAsyncReadyCallback callback, gpointer data);
/* Packs the office for another machine into the file @to, as bureau_hub_back_up_async() does, and
 * marks @directory: no hub serves it from there any more. Not while it is served:
 * G_IO_ERROR_BUSY. */
void bureau_hub_hand_over_async (const char *directory, const char *to,
                                 GAsyncReadyCallback callback, gpointer data);
/* Makes the office of a package, or of any backup, in the new @directory; if that fails there is
 * none. */
void bureau_hub_take_over_async (const char *directory, const char *from,
                                 GAsyncReadyCallback callback, gpointer data);
/* What could be made of a client's file @replica, of an office whose hub and backups are lost: as
 * of when something last reached it. BUREAU_ERROR_FORBIDDEN if it is no owner's. */
void bureau_hub_examine_replica_async (const char *replica, GCancellable *cancellable,
                                       GAsyncReadyCallback callback, gpointer data);
/* Makes that office anew in the new @directory; if that fails there is none. It is another hub:
 * everybody but the replica's owner joins anew, by an invitation to be who they were. */
void bureau_hub_rescue_async (const char *directory, const char *replica,
                              GAsyncReadyCallback callback, gpointer data);
BureauHubSummary *bureau_hub_summary_finish (GAsyncResult *result, GError **error);

/* A backup in an office's `backups/`. */
typedef struct {
    char *path;   /* (owned) */
    gint64 at;    /* an instant */
    goffset size; /* bytes */
} BureauHubBackup;
void bureau_hub_backup_free (BureauHubBackup *backup);

/* All that the office keeps, the newest first, unread. In a worker thread. */
void bureau_hub_list_backups_async (const char *directory, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer data);
/* (element-type BureauHubBackup) (transfer full) */
GPtrArray *bureau_hub_list_backups_finish (GAsyncResult *result, GError **error);

/* One thing that was looked at, as `bureau-hub doctor` names it: "database". */
typedef struct {
    char *what; /* (owned) */
    char *text; /* (owned): a sentence or two for whoever keeps the machine */
    gboolean good;
} BureauHubFinding;
void bureau_hub_finding_free (BureauHubFinding *finding);

/* Looks whether the office's files are whole, and safe from others; it may be served meanwhile. In
 * a worker thread, perhaps for long. */
void bureau_hub_check_async (const char *directory, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer data);
/* (element-type BureauHubFinding) (transfer full) */
GPtrArray *bureau_hub_check_finish (GAsyncResult *result, GError **error);

BureauHub *bureau_hub_new (const char *directory);
/* Takes the directory's lock, opens the store and listens. @listen: "ADDRESS:PORT" strings,
 * NULL-terminated; port 0 picks a free one. @shared: as if bureau_hub_share_async() had been called
 * for the first of them. Fails with G_IO_ERROR_BUSY if another hub serves the directory. */
void bureau_hub_start_async (BureauHub *self, const char *const *listen, gboolean shared,
                             GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer data);
gboolean bureau_hub_start_finish (BureauHub *self, GAsyncResult *result, GError **error);
/* "http://127.0.0.1:28732" and so on, in the order of @listen, for this machine's own window;
 * NULL-terminated; empty while not serving. (transfer none) */
const char *const *bureau_hub_get_uris (BureauHub *self);

/* Since when, an instant; 0 while not serving. */
gint64 bureau_hub_get_since (BureauHub *self);

/* Sharing: other machines on the network may reach the office too, by TLS, on the port of the first
 * address of @listen. Turning it off ends their connections at once. This machine's own stay either
 * way. It is off unless asked for, and whoever asks keeps it in mind for the next start. If it
 * fails, all is as it was. Not before the hub has started, nor while it stops. */
void bureau_hub_share_async (BureauHub *self, gboolean shared, GAsyncReadyCallback callback,
                             gpointer data);
gboolean bureau_hub_share_finish (BureauHub *self, GAsyncResult *result, GError **error);
gboolean bureau_hub_get_shared (BureauHub *self);
/* What other machines know the hub by: its key's SHA-256, 43 characters of base64url; "" while not
 * serving. (transfer none) */
const char *bureau_hub_get_pin (BureauHub *self);
/* "192.168.1.20:28732": where other machines find it at this moment; NULL while it is not shared,
 * or this machine is on no network. (nullable) (transfer full) */
char *bureau_hub_get_address (BureauHub *self);

/* Stops gracefully: commits in flight finish, clients are told hub:closing. */
void bureau_hub_stop_async (BureauHub *self, GAsyncReadyCallback callback, gpointer data);
gboolean bureau_hub_stop_finish (BureauHub *self, GAsyncResult *result, GError **error);

G_END_DECLS
