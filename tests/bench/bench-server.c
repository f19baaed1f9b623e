/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What peer-socketio.js does, on the wire library: `join` a room; `task:update` is sent on to the
 * task's room as `task:updated`, written to SQLite before where a database is named, in one
 * transaction for each turn as the hub does. An event's task is text that wire has checked, so it
 * is spliced into the new event; with --tree it is read into a tree and written again, as the hub
 * does with what it has to look into. */

#include "bureau-json-slice.h"
#include "bureau-json.h"
#include "bureau-server.h"

#include <glib-unix.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#define MANY 60000

typedef struct {
    char *task;    /* (owned): its id */
    char *project; /* (owned): its room */
    char *json;    /* (owned) */
} Update;

typedef struct {
    int port;
    char *certificate;
    char *key;
    char *database;
    char *sync;
    gboolean tree;
    gboolean without_uring;
} Options;

typedef struct {
    Options options;
    BureauServer *server; /* (owned) */
    GArray *updates;      /* (element-type Update): of this turn */
    sqlite3 *database;    /* (owned) (nullable) */
    sqlite3_stmt *begin, *put, *log, *commit;
} Bench;

static void
clear_update (gpointer data)
{
    Update *update = data;

    g_free (update->task);
    g_free (update->project);
    g_free (update->json);
}

/* ------------------------------------------------------------------ SQLite */

static void
must (Bench *bench, int result, int wanted)
{
    if (result != wanted)
        g_error ("SQLite: %s", sqlite3_errmsg (bench->database));
}

static sqlite3_stmt *
prepare (Bench *bench, const char *sql)
{
    sqlite3_stmt *statement;

    must (
        bench,
        sqlite3_prepare_v3 (bench->database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL),
        SQLITE_OK);
    return statement;
}

static void
open_database (Bench *bench)
{
    g_autofree char *set_up = g_strdup_printf (
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = %s;"
        "CREATE TABLE IF NOT EXISTS task (id TEXT PRIMARY KEY, version INTEGER, body TEXT,"
        "                                 updated INTEGER);"
        "CREATE TABLE IF NOT EXISTS event (seq INTEGER PRIMARY KEY, task TEXT, kind TEXT,"
        "                                  at INTEGER, body TEXT)",
        bench->options.sync != NULL ? bench->options.sync : "NORMAL");

    must (bench, sqlite3_open (bench->options.database, &bench->database), SQLITE_OK);
    must (bench, sqlite3_exec (bench->database, set_up, NULL, NULL, NULL), SQLITE_OK);
    bench->begin = prepare (bench, "BEGIN IMMEDIATE");
    bench->commit = prepare (bench, "COMMIT");
    bench->put = prepare (bench, "INSERT INTO task VALUES (?, 1, ?, ?) ON CONFLICT (id) DO UPDATE "
                                 "SET version = version + 1, body = excluded.body,"
                                 "    updated = excluded.updated");
    bench->log = prepare (bench,
                          "INSERT INTO event (task, body, at, kind) VALUES (?, ?, ?, 'update')");
}

static void
close_database (Bench *bench)
{
    sqlite3_finalize (bench->begin);
    sqlite3_finalize (bench->put);
    sqlite3_finalize (bench->log);
    sqlite3_finalize (bench->commit);
    sqlite3_close (bench->database);
}

static void
run (Bench *bench, sqlite3_stmt *statement)
{
    must (bench, sqlite3_step (statement), SQLITE_DONE);
    sqlite3_reset (statement);
}

static void
write_row (Bench *bench, sqlite3_stmt *statement, const Update *update, gint64 now)
{
    sqlite3_bind_text (statement, 1, update->task, -1, SQLITE_STATIC);
    sqlite3_bind_text (statement, 2, update->json, -1, SQLITE_STATIC);
    sqlite3_bind_int64 (statement, 3, now);
    run (bench, statement);
}

static void
store_updates (Bench *bench)
{
    gint64 now = g_get_real_time () / 1000;

    run (bench, bench->begin);
    for (guint i = 0; i < bench->updates->len; i++) {
        const Update *update = &g_array_index (bench->updates, Update, i);

        write_row (bench, bench->put, update, now);
        write_row (bench, bench->log, update, now);
    }
    run (bench, bench->commit);
}

/* ------------------------------------------------------------------ events */

static char *
write_again (const BureauJsonSlice *task)
{
    g_autoptr (JsonObject) object = bureau_json_parse_object (task->text, (gssize) task->length,
                                                              NULL);

    return bureau_json_object_to_string (object);
}

static void
take_update (Bench *bench, const BureauJsonSlice *task)
{
    BureauJsonSlice id, project;
    Update update = { 0 };

    if (!bureau_json_slice_member (task->text, task->length, "id", &id) ||
        !bureau_json_slice_member (task->text, task->length, "project", &project))
        return;
    update.task = bureau_json_slice_dup_string (&id);
    update.project = bureau_json_slice_dup_string (&project);
    if (update.task == NULL || update.project == NULL) {
        clear_update (&update);
        return;
    }
    update.json = bench->options.tree ? write_again (task) : g_strndup (task->text, task->length);
    g_array_append_val (bench->updates, update);
}

static void
on_connect (BureauServer *server, BureauConnection *connection, const char *auth, gpointer data)
{
    bureau_connection_accept (connection);
}

static void
on_event (BureauServer *server, BureauConnection *connection, const BureauPacket *packet,
          gpointer data)
{
    BureauJsonSlice first, second;
    g_autofree char *name = NULL;

    bureau_json_slice_element (packet->json, packet->json_length, 0, &first);
    name = bureau_json_slice_dup_string (&first);
    if (name == NULL || !bureau_json_slice_element (packet->json, packet->json_length, 1, &second))
        return;
    if (g_str_equal (name, "task:update")) {
        take_update (data, &second);
    } else if (g_str_equal (name, "join")) {
        g_autofree char *room = bureau_json_slice_dup_string (&second);

        if (room != NULL)
            bureau_server_join (server, connection, room);
    }
}

static void
on_closed (BureauServer *server, BureauConnection *connection, const char *reason, gpointer data)
{
}

static void
on_turn (BureauServer *server, gpointer data)
{
    Bench *bench = data;

    if (bench->updates->len == 0)
        return;
    if (bench->database != NULL)
        store_updates (bench);
    for (guint i = 0; i < bench->updates->len; i++) {
        const Update *update = &g_array_index (bench->updates, Update, i);
        const char *const rooms[] = { update->project, NULL };
        g_autoptr (BureauFrame) frame = bureau_frame_new_event (server, "task:updated",
                                                                update->json);

        bureau_server_broadcast (server, rooms, frame, NULL);
    }
    g_array_set_size (bench->updates, 0);
}

static void
on_trouble (BureauServer *server, const char *what, gpointer data)
{
    g_printerr ("bench-server: %s\n", what);
}

static const BureauServerHooks hooks = {
    .connect = on_connect,
    .event = on_event,
    .closed = on_closed,
    .turn = on_turn,
    .trouble = on_trouble,
};

/* ------------------------------------------------------------------ main */

static BureauTlsIdentity *
load_identity (const Options *options, GError **error)
{
    g_autofree char *certificate = NULL;
    g_autofree char *key = NULL;

    if (!g_file_get_contents (options->certificate, &certificate, NULL, error) ||
        !g_file_get_contents (options->key, &key, NULL, error))
        return NULL;
    return bureau_tls_identity_new (certificate, key, error);
}

static gboolean
start (Bench *bench, GError **error)
{
    BureauServerOptions options = bureau_server_default_options;
    g_autoptr (BureauTlsIdentity) identity = NULL;
    g_autofree char *uri = NULL;

    if (bench->options.certificate != NULL) {
        identity = load_identity (&bench->options, error);
        if (identity == NULL)
            return FALSE;
    }
    options.max_connections = MANY;
    options.max_connections_per_address = MANY;
    options.max_waiting = MANY;
    options.max_waiting_per_address = MANY;
    options.without_uring = bench->options.without_uring;
    bench->server = bureau_server_new (&options, &hooks, bench);
    uri = bureau_server_listen (bench->server, "127.0.0.1", (guint16) bench->options.port, identity,
                                error);
    if (uri == NULL)
        return FALSE;
    printf ("ready %s\n", strrchr (uri, ':') + 1);
    fflush (stdout);
    return TRUE;
}

static gboolean
on_signal_cb (gpointer loop)
{
    g_main_loop_quit (loop);
    return G_SOURCE_CONTINUE;
}

static gboolean
parse_options (Options *options, int *argc, char ***argv, GError **error)
{
    const GOptionEntry entries[] = {
        { "port", 0, 0, G_OPTION_ARG_INT, &options->port, "0: any", "PORT" },
        { "certificate", 0, 0, G_OPTION_ARG_FILENAME, &options->certificate, "For TLS", "PEM" },
        { "key", 0, 0, G_OPTION_ARG_FILENAME, &options->key, "For TLS", "PEM" },
        { "db", 0, 0, G_OPTION_ARG_FILENAME, &options->database, "Write events there", "FILE" },
        { "sync", 0, 0, G_OPTION_ARG_STRING, &options->sync, "How safely", "NORMAL|FULL" },
        { "no-uring", 0, 0, G_OPTION_ARG_NONE, &options->without_uring, "Write with send()", NULL },
        { "tree", 0, 0, G_OPTION_ARG_NONE, &options->tree, "Read tasks into a tree", NULL },
        { 0 },
    };
    g_autoptr (GOptionContext) context = g_option_context_new (NULL);

    g_option_context_add_main_entries (context, entries, NULL);
    return g_option_context_parse (context, argc, argv, error);
}

int
main (int argc, char **argv)
{
    Bench bench = { 0 };
    g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
    g_autoptr (GError) error = NULL;
    struct rlimit limit;

    if (getrlimit (RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit (RLIMIT_NOFILE, &limit);
    }
    bench.updates = g_array_new (FALSE, FALSE, sizeof (Update));
    g_array_set_clear_func (bench.updates, clear_update);
    if (!parse_options (&bench.options, &argc, &argv, &error) || !start (&bench, &error)) {
        g_printerr ("bench-server: %s\n", error->message);
        return 1;
    }
    if (bench.options.database != NULL)
        open_database (&bench);

    g_unix_signal_add (SIGTERM, on_signal_cb, loop);
    g_unix_signal_add (SIGINT, on_signal_cb, loop);
    g_main_loop_run (loop);

    bureau_server_free (bench.server);
    if (bench.database != NULL)
        close_database (&bench);
    g_array_unref (bench.updates);
    g_free (bench.options.certificate);
    g_free (bench.options.key);
    g_free (bench.options.database);
    g_free (bench.options.sync);
    return 0;
}
