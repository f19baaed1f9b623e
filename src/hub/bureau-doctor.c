/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-doctor.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "bureau-audit-chain.h"
#include "bureau-backup-ring.h"
#include "bureau-clock.h"
#include "bureau-hub-identity.h"
#include "bureau-instant.h"
#include "bureau-printable.h"
#include "bureau-store-check.h"
#include "bureau-tls.h"

#define DAY_MS (24 * 3600 * (gint64) 1000)
/* The hub makes a new certificate a year before the old one's end, whenever it starts. */
#define MIN_CERTIFICATE_DAYS 30
/* What a clock may have been set back by. */
#define CLOCK_SLACK_MS (60 * (gint64) 1000)
#define MIN_FREE_MIB   200
/* A hub that serves makes one each day. */
#define MAX_BACKUP_DAYS 14

typedef struct {
    const char *path;
    char *database; /* (owned) */
    char *keys;     /* (owned) */
    uid_t owner;    /* whose the directory is */
    gint64 now;
    BureauFindingFunc func;
    gpointer data;
    gboolean good;
} Examination;

/* ------------------------------------------------------------------ saying */

static void
say (Examination *self, const char *what, gboolean good, const char *text)
{
    g_autofree char *printable = bureau_printable (text);

    self->good = self->good && good;
    self->func (what, good, printable, self->data);
}

/* @wrong (taken) (nullable): what is; else @right. */
static void
say_verdict (Examination *self, const char *what, char *wrong, const char *right)
{
    g_autofree char *own = wrong;

    say (self, what, own == NULL, own != NULL ? own : right);
}

/* ------------------------------------------------------------------ files */

/* (transfer full) (nullable): what is wrong with one that only its owner may use */
static char *
check_file (Examination *self, const char *path, mode_t type, mode_t mode)
{
    struct stat info;

    if (lstat (path, &info) != 0)
        return errno == ENOENT
                   ? g_strdup_printf ("%s is missing. Put back a backup.", path)
                   : g_strdup_printf ("Can't look at %s: %s.", path, g_strerror (errno));
    if ((info.st_mode & S_IFMT) != type)
        return g_strdup_printf ("%s is not what it should be: a link, perhaps.", path);
    if ((info.st_mode & 0777 & ~mode) != 0)
        return g_strdup_printf ("%s is open to others. Run: chmod %o %s", path, mode, path);
    if (info.st_uid != self->owner)
        return g_strdup_printf ("%s belongs to somebody else.", path);
    return NULL;
}

static void
examine_directories (Examination *self)
{
    /* Whoever looks is who serves it, or the machine's administrator. */
    char *wrong = self->owner != geteuid () && geteuid () != 0
                      ? g_strdup ("It belongs to somebody else.")
                      : NULL;

    if (wrong == NULL)
        wrong = check_file (self, self->path, S_IFDIR, 0700);
    if (wrong == NULL)
        wrong = check_file (self, self->keys, S_IFDIR, 0700);
    if (wrong == NULL)
        wrong = check_file (self, self->database, S_IFREG, 0600);
    say_verdict (self, "directory", wrong, "Nobody else can open it.");
}

/* Every one that is there; what must be there, the others. */
static char *
check_keys (Examination *self, guint *count)
{
    static const char *const needed[] = { BUREAU_TOKEN_KEY, BUREAU_REFRESH_KEY, BUREAU_AUDIT_KEY };
    g_autoptr (GError) error = NULL;
    g_autoptr (GDir) directory = g_dir_open (self->keys, 0, &error);
    const char *name;
    char *wrong = directory != NULL ? NULL : g_strdup (error->message);

    for (guint i = 0; i < G_N_ELEMENTS (needed) && wrong == NULL; i++) {
        g_autofree char *path = g_build_filename (self->keys, needed[i], NULL);

        wrong = check_file (self, path, S_IFREG, 0600);
    }
    while (wrong == NULL && (name = g_dir_read_name (directory)) != NULL) {
        g_autofree char *path = g_build_filename (self->keys, name, NULL);

        if (!g_str_has_suffix (name, ".key"))
            continue;
        wrong = check_file (self, path, S_IFREG, 0600);
        *count += 1;
    }
    return wrong;
}

static void
examine_keys (Examination *self)
{
    guint count = 0;
    char *wrong = check_keys (self, &count);
    g_autofree char *right = g_strdup_printf ("%u, for nobody else to read.", count);

    say_verdict (self, "keys", wrong, right);
}

static void
examine_disk (Examination *self)
{
    struct statvfs info;
    g_autofree char *text = NULL;
    guint64 free_mib = 0;

    if (statvfs (self->path, &info) == 0) {
        free_mib = (guint64) info.f_bavail * info.f_frsize >> 20;
        text = g_strdup_printf ("%" G_GUINT64_FORMAT " MiB are free.%s", free_mib,
                                free_mib >= MIN_FREE_MIB ? "" : " Make room before it is full.");
    } else {
        text = g_strdup_printf ("Can't look at it: %s.", g_strerror (errno));
    }
    say (self, "disk", free_mib >= MIN_FREE_MIB, text);
}

/* ------------------------------------------------------------------ the certificate */

/* Only ever read: the file's mode is another line's matter. (transfer full) (nullable) */
static char *
read_key_file (Examination *self, const char *name, gsize *length, char **wrong)
{
    g_autofree char *path = g_build_filename (self->keys, name, NULL);
    g_autoptr (GError) error = NULL;
    char *contents = NULL;

    if (!g_file_get_contents (path, &contents, length, &error))
        *wrong = g_strdup_printf ("Can't read it: %s.", error->message);
    return contents;
}

static char *
check_end (const char *certificate, gint64 now, char **right)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (GTlsCertificate) parsed = g_tls_certificate_new_from_pem (certificate, -1, &error);
    g_autoptr (GDateTime) end = NULL;
    gint64 days;

    if (parsed == NULL)
        return g_strdup_printf ("It can't be read: %s.", error->message);
    end = g_tls_certificate_get_not_valid_after (parsed);
    days = (g_date_time_to_unix (end) * 1000 - now) / DAY_MS;
    if (days < MIN_CERTIFICATE_DAYS)
        return g_strdup_printf ("It ends in %" G_GINT64_FORMAT " days. Start the hub anew, which "
                                "makes another for the same key.",
                                days);
    *right = g_strdup_printf ("It fits the key, and is good for %" G_GINT64_FORMAT " days.", days);
    return NULL;
}

static char *
check_certificate (Examination *self, char **right)
{
    char *wrong = NULL;
    gsize length = 0, key_length = 0;
    g_autofree char *certificate = read_key_file (self, BUREAU_HUB_CERTIFICATE, &length, &wrong);
    char *key = wrong == NULL ? read_key_file (self, BUREAU_HUB_KEY, &key_length, &wrong) : NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauTlsIdentity) identity = NULL;

    if (wrong != NULL)
        return wrong;
    identity = bureau_tls_identity_new (certificate, key, &error);
    sodium_memzero (key, key_length);
    g_free (key);
    if (identity == NULL)
        return g_strdup ("It does not fit the key: other machines can't connect. Put back keys/ "
                         "from a backup; or remove keys/hub.crt, and start the hub anew.");
    return check_end (certificate, self->now, right);
}

static void
examine_certificate (Examination *self)
{
    g_autofree char *key = g_build_filename (self->keys, BUREAU_HUB_KEY, NULL);
    g_autofree char *right = NULL;
    char *wrong;

    /* One that has never been served by this release has none. */
    if (!g_file_test (key, G_FILE_TEST_EXISTS)) {
        say (self, "certificate", TRUE, "There is none yet: the hub makes it when it starts.");
        return;
    }
    wrong = check_certificate (self, &right);
    say_verdict (self, "certificate", wrong, right);
}

/* ------------------------------------------------------------------ the database */

/* (transfer full) for both */
static char *
advise (char *wrong)
{
    g_autofree char *own = wrong;

    return g_strconcat (own,
                        " Somebody changed the database behind the hub's back: find out who could, "
                        "keep a copy of it, and put back a backup.",
                        NULL);
}

static char *
check_audit (Examination *self, BureauStore *store, gint64 *rows)
{
    char *wrong = NULL;
    gsize length = 0;
    char *key = read_key_file (self, BUREAU_AUDIT_KEY, &length, &wrong);
    g_autoptr (GError) error = NULL;

    if (key == NULL)
        return wrong;
    if (length != BUREAU_KEY_SIZE)
        wrong = g_strdup ("Its key is damaged. Put back keys/ from a backup.");
    else if (!bureau_audit_chain_check (store, (const guint8 *) key, rows, &wrong, &error))
        wrong = g_strdup (error->message);
    else if (wrong != NULL)
        wrong = advise (wrong);
    sodium_memzero (key, length);
    g_free (key);
    return wrong;
}

static void
examine_audit (Examination *self, BureauStore *store)
{
    gint64 rows = 0;
    char *wrong = check_audit (self, store, &rows);
    g_autofree char *right = g_strdup_printf ("%" G_GINT64_FORMAT " rows, as they were written.",
                                              rows);

    say_verdict (self, "audit", wrong, right);
}

/* Tokens that have expired would be good again (reliability.md, G28), but for what the hub keeps:
 * where the clock had got to. */
static void
examine_clock (Examination *self, BureauStore *store)
{
    BureauClock clock = { 0 };
    g_autofree char *at = NULL;
    g_autofree char *wrong = NULL;
    g_autoptr (GError) error = NULL;

    if (!bureau_clock_load (&clock, store, 0, &error)) {
        say (self, "clock", FALSE, error->message);
        return;
    }
    at = bureau_instant_to_string (clock.stored);
    wrong = g_strdup_printf (
        "This machine's clock is behind the office, which has been at %s. Set the clock.", at);
    say_verdict (self, "clock",
                 self->now < clock.stored - CLOCK_SLACK_MS ? g_steal_pointer (&wrong) : NULL,
                 "It has not gone back.");
}

static void
examine_contents (Examination *self, BureauStore *store)
{
    say_verdict (self, "references", bureau_store_check_references (store),
                 "What is referred to is there.");
    say_verdict (self, "log", bureau_store_check_log (store), "No room has a gap.");
    examine_audit (self, store);
    examine_clock (self, store);
}

static void
examine_database (Examination *self)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauStore) store = bureau_store_open_read_only (self->database, &error);
    char *wrong;

    if (store == NULL || !bureau_store_begin_reading (store, &error)) {
        say (self, "database", FALSE, error->message);
        return;
    }
    wrong = bureau_store_check_pages (store);
    if (wrong == NULL)
        wrong = bureau_store_check_texts (store);
    say_verdict (self, "database", g_strdup (wrong),
                 "It holds together; a letter changed within a text would not show.");
    if (wrong == NULL) {
        wrong = bureau_store_check_schema (store);
        if (wrong == NULL)
            wrong = bureau_store_check_tables (store);
        say_verdict (self, "schema", g_strdup (wrong), "It is of this release.");
    }
    /* In a file that is damaged or of another release, the rest would be guessing. */
    if (wrong == NULL)
        examine_contents (self, store);
    g_free (wrong);
}

/* None is no fault of an office that is new, or is served for minutes at a time. */
static void
examine_backups (Examination *self)
{
    gint64 newest = bureau_ring_get_newest (self->path);
    g_autofree char *at = bureau_instant_to_string (newest);
    g_autofree char *text = NULL;

    if (newest == 0) {
        say (self, "backups", TRUE, "There is none yet: a hub that serves makes one each day.");
        return;
    }
    if (self->now - newest < MAX_BACKUP_DAYS * DAY_MS)
        text = g_strdup_printf ("The newest was made at %s.", at);
    else
        text = g_strdup_printf ("The newest is of %s. Run: bureau-hub backup --data %s --to FILE",
                                at, self->path);
    say (self, "backups", self->now - newest < MAX_BACKUP_DAYS * DAY_MS, text);
}

gboolean
bureau_doctor_examine (const char *path, gint64 now, BureauFindingFunc func, gpointer data)
{
    g_autofree char *database = g_build_filename (path, "hub.db", NULL);
    g_autofree char *keys = g_build_filename (path, "keys", NULL);
    struct stat info = { 0 };
    Examination self = { path, database, keys, 0, now, func, data, TRUE };

    if (lstat (path, &info) != 0 || !g_file_test (database, G_FILE_TEST_EXISTS)) {
        say (&self, "directory", FALSE, "There is no office in it.");
        return FALSE;
    }
    self.owner = info.st_uid;
    examine_directories (&self);
    examine_keys (&self);
    examine_certificate (&self);
    examine_database (&self);
    examine_backups (&self);
    examine_disk (&self);
    return self.good;
}
