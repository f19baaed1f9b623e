/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "bureau-storage.h"

G_BEGIN_DECLS

/* A thin skin over one SQLite connection: every statement is prepared once, kept, and bound by
 * position. Errors are BUREAU_ERROR_UNAVAILABLE (disk full, I/O, read-only, busy, damaged) or
 * BUREAU_ERROR_INTERNAL. One thread. */
typedef struct _BureauSql BureauSql;
typedef struct _BureauRows BureauRows;

/* @path by the real name of its directory: SQLite, told to follow no link, refuses one anywhere on
 * the way, and people's homes may lie behind one. Its last name stays, a link or not, and
 * ":memory:" does. (transfer full) */
char *bureau_sql_follow_directory (const char *path);

/* Opens @path, which must not be a link itself, with the settings of reliability.md, 6: WAL, FULL,
 * defensive, no mmap. A read-only connection never writes and never checkpoints. */
BureauSql *bureau_sql_open (const char *path, gboolean read_only, GError **error);
void bureau_sql_close (BureauSql *sql);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauSql, bureau_sql_close)

/* Runs text that holds no parameters: schema, PRAGMA. */
gboolean bureau_sql_execute (BureauSql *sql, const char *text, GError **error);

/* Begins a query. @text must be a literal: it is the key of the statement cache. @types has a
 * letter for each parameter: 's' const char * (may be NULL), 'i' gint64, 'b' const void * and
 * gsize. The texts need live only until the rows are released. A statement can be in use once at a
 * time. NULL with @error set. */
BureauRows *bureau_sql_query (BureauSql *sql, GError **error, const char *text, const char *types,
                              ...);
/* TRUE while there is a row; FALSE at the end or with @error. */
gboolean bureau_rows_next (BureauRows *rows, GError **error);
/* (nullable) (transfer none): until the next row. UTF-8 whatever the disk has made of it: what is
 * none any more is replaced, so that one letter keeps nobody from reading the rest. */
const char *bureau_rows_text (BureauRows *rows, int column);
gint64 bureau_rows_int (BureauRows *rows, int column);
/* (nullable) (transfer none): until the next row */
const void *bureau_rows_bytes (BureauRows *rows, int column, gsize *length);
void bureau_rows_release (BureauRows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauRows, bureau_rows_release)

/* The first table with a text that is not UTF-8; NULL, or NULL with @error. (transfer full) */
char *bureau_sql_find_bad_text (BureauSql *sql, GError **error);

/* Runs a statement that gives no rows; @types as above. */
gboolean bureau_sql_run (BureauSql *sql, GError **error, const char *text, const char *types, ...);
/* Rows that the last statement changed. */
gint64 bureau_sql_count_changes (BureauSql *sql);
/* FALSE also after an error that made SQLite roll all of it back by itself (a full disk, failing
 * I/O). */
gboolean bureau_sql_in_transaction (BureauSql *sql);
/* Pages in the WAL after the last commit: what a checkpoint has to carry over, or has already. */
guint bureau_sql_get_wal_pages (BureauSql *sql);

/* From now on, what takes long ends with G_IO_ERROR_CANCELLED once @cancellable (nullable) (not
 * owned) is. */
void bureau_sql_set_cancellable (BureauSql *sql, GCancellable *cancellable);
/* What takes long writes to @fd (not owned), which is flushed meanwhile (bureau-files.h); -1: to
 * nothing of the kind. */
void bureau_sql_set_output (BureauSql *sql, int fd);

/* All pages of a database, as they are in its file, on their way into another: a few at a time, and
 * what is committed by the same connection meanwhile goes into both. Nothing of the database is
 * held between two steps. */
typedef struct _BureauSqlCopy BureauSqlCopy;
/* Into the empty file @path. @sql must live until it is closed, which takes no part in the disk's
 * state: what fails may be the other file. */
BureauSqlCopy *bureau_sql_copy_open (BureauSql *sql, const char *path, GError **error);
/* No more than so many pages. TRUE in @done once it is whole: a database of its own then, which
 * nobody has waited for the disk to have. */
gboolean bureau_sql_copy_step (BureauSqlCopy *copy, int pages, gboolean *done, GError **error);
void bureau_sql_copy_close (BureauSqlCopy *copy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauSqlCopy, bureau_sql_copy_close)

/* What the last error said of the disk; OK again once something has been written for good. */
BureauStorageState bureau_sql_get_state (BureauSql *sql);
/* It is known to be so: for what is not noticed by an error. */
void bureau_sql_set_state (BureauSql *sql, BureauStorageState state);
/* Until it is ended, whatever would write fails with what is wrong with the disk. */
void bureau_sql_refuse_writes (BureauSql *sql, gboolean refuse);
gboolean bureau_sql_refuses_writes (BureauSql *sql);
/* FALSE if the file was removed, or another put in its place: what is written to it is lost. */
gboolean bureau_sql_is_in_place (BureauSql *sql);

G_END_DECLS
