/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The directory that holds everything of an office: hub.db, keys/, backups/, hub.lock (doors.md,
 * Programs).
 * Mode 0700; one hub at a time serves it, which the lock on hub.lock holds even against a crash.
 * Blocking. */
typedef struct _BureauDataDirectory BureauDataDirectory;

#define BUREAU_KEY_SIZE 32

/* Makes what is missing. G_IO_ERROR if it can't, or if it belongs to or is open to somebody else.
 */
BureauDataDirectory *bureau_data_directory_open (const char *path, GError **error);
void bureau_data_directory_close (BureauDataDirectory *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauDataDirectory, bureau_data_directory_close)

/* As it was opened. (transfer none) */
const char *bureau_data_directory_get_path (BureauDataDirectory *self);
/* (transfer none) */
const char *bureau_data_directory_get_database (BureauDataDirectory *self);
/* Where the hub's keys are. (transfer none) */
const char *bureau_data_directory_get_keys (BureauDataDirectory *self);
/* TRUE if an office has been made here. */
gboolean bureau_data_directory_has_office (BureauDataDirectory *self);

/* Takes the lock until close. G_IO_ERROR_BUSY, with a sentence, if another hub holds it;
 * G_IO_ERROR_PERMISSION_DENIED if the office was handed over to another machine
 * (bureau-hand-over.h). Whatever office a restore was putting there when it was interrupted is
 * there then (bureau-restore.h). */
gboolean bureau_data_directory_lock (BureauDataDirectory *self, GError **error);
/* The same, also of one that was handed over: to take it back. */
gboolean bureau_data_directory_lock_marked (BureauDataDirectory *self, GError **error);
gboolean bureau_data_directory_is_locked (BureauDataDirectory *self);
/* Says in the lock file where this hub is served, for the command line. */
gboolean bureau_data_directory_set_address (BureauDataDirectory *self, const char *uri,
                                            GError **error);
/* Where the hub that holds the lock is served; NULL if none does. (transfer full) */
char *bureau_data_directory_get_address (BureauDataDirectory *self);

/* Keys of the hub's own, in keys/: what access tokens, refresh tokens and the audit are signed
 * with, and typed codes are sealed with. */
#define BUREAU_TOKEN_KEY   "token.key"
#define BUREAU_REFRESH_KEY "refresh.key"
#define BUREAU_AUDIT_KEY   "audit.key"
#define BUREAU_CODE_KEY    "code.key"

/* A key by its file's name below keys/. G_IO_ERROR_NOT_FOUND if there is none; see
 * bureau-key-file.h. @key: BUREAU_KEY_SIZE bytes. */
gboolean bureau_data_directory_read_key (BureauDataDirectory *self, const char *name, guint8 *key,
                                         GError **error);
gboolean bureau_data_directory_write_key (BureauDataDirectory *self, const char *name,
                                          const guint8 *key, GError **error);
/* When it was written, as an instant; 0 if there is none. */
gint64 bureau_data_directory_get_key_time (BureauDataDirectory *self, const char *name);
/* Reads a key that is made at first use. */
gboolean bureau_data_directory_load_key (BureauDataDirectory *self, const char *name, guint8 *key,
                                         GError **error);

G_END_DECLS
