/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* bureau-hub: serves an office with no display (design page doors.md, Programs). */

#include <glib-unix.h>
#include <locale.h>
#include <malloc.h>
#include <stdio.h>

#include "bureau-authority.h"
#include "bureau-doctor.h"
#include "bureau-error.h"
#include "bureau-json.h"
#include "bureau-offices.h"
#include "bureau-origin.h"
#include "bureau-password-file.h"
#include "bureau-password.h"
#include "bureau-printable.h"
#include "bureau-token-keys.h"
#include "bureau-visit.h"
#include "hub.h"
#include "main-backup.h"

#define EXIT_GOOD   0
#define EXIT_FAILED 1
#define EXIT_USAGE  2

/* A turn's memory is for the next turn: giving it back to the system and asking for it again would
 * cost as much as the turn's SQL. */
#define KEPT_MEMORY (4 * 1024 * 1024)

static const char usage[] =
    "Usage:\n"
    "  bureau-hub init --data DIR --office NAME --owner NAME [--password-file FILE]\n"
    "                                                            make a new office\n"
    "  bureau-hub --data DIR [--listen ADDRESS:PORT]… [--no-announce] [--allow-origin ORIGIN]…\n"
    "             [--session-cookie] [--limit NAME=NUMBER]…\n"
    "                                                            serve it (default 127.0.0.1:28732; to other\n"
    "                                                            machines, by TLS: [::]:28732)\n"
    "  bureau-hub add-office --data DIR --office NAME --owner NAME\n"
    "                                                            make one more office beside it, and\n"
    "                                                            print its owner's invitation; not\n"
    "                                                            while the hub is being served\n"
    "  bureau-hub invite --data DIR [--office NAME] [--role ROLE] [--project KEY] [--uses N]\n"
    "                    [--hours N]\n"
    "                                                            print an invitation's link and code\n"
    "  bureau-hub token --data DIR --user HANDLE [--minutes N]   print an access token, for scripts\n"
    "  bureau-hub rotate-key --data DIR                          sign access tokens with a new key\n"
    "  bureau-hub backup --data DIR --to FILE                    write all of it into one file\n"
    "  bureau-hub restore --data DIR --from FILE                 put it back as it was then, and keep what\n"
    "                                                            is there now; not while it is served\n"
    "  bureau-hub hand-over --data DIR --to FILE                 pack it, keys and all, for another machine,\n"
    "                                                            and serve it here no more; not while it\n"
    "                                                            is served\n"
    "  bureau-hub take-over --data DIR --from FILE               make it in a new directory of this machine\n"
    "  bureau-hub take-back --data DIR                           serve it here again after all, when no\n"
    "                                                            other machine does\n"
    "  bureau-hub rescue --data DIR --from FILE                  make an office whose hub is lost anew, from\n"
    "                                                            its owner's replica (ID.replica)\n"
    "  bureau-hub doctor --data DIR                              say whether its files are sound\n"
    "  bureau-hub --version\n";

typedef struct {
    char *data;
    char *office;
    char *owner;
    char *password_file;
    char *role;
    char *project;
    char *user;
    char *to;
    char *from;
    GStrv listen;
    GStrv allow_origin;
    GStrv limit;
    int uses;
    int hours;
    int minutes;
    gboolean no_announce;
    gboolean session_cookie;
    gboolean version;
} Options;

static void
say_failure (const char *why)
{
    g_autofree char *printable = bureau_printable (why);

    g_printerr ("bureau-hub: %s\n", printable);
}

static int
fail (const GError *error)
{
    say_failure (error->message);
    return EXIT_FAILED;
}

static int
fail_usage (const char *why)
{
    say_failure (why);
    g_printerr ("%s", usage);
    return EXIT_USAGE;
}

/* FALSE if it is none, which is said. */
static gboolean
check_answer (JsonObject *answer, const GError *error)
{
    JsonObject *refusal = bureau_json_get_object (answer, "error");
    const char *why = bureau_json_get_string (refusal, "message");

    if (answer != NULL && bureau_json_get_boolean (answer, "ok", FALSE))
        return TRUE;
    say_failure (error != NULL ? error->message : why != NULL ? why : "The hub gave no answer.");
    return FALSE;
}

/* ------------------------------------------------------------------ init */

/* The password of the file, if one is named and it may be the owner's. FALSE with @error. */
static gboolean
read_password (const Options *options, char **password, GError **error)
{
    const char *words[] = { options->office, options->owner, NULL };

    *password = NULL;
    if (options->password_file == NULL)
        return TRUE;
    *password = bureau_password_file_read (options->password_file, error);
    if (*password != NULL && bureau_password_check (*password, words, "password", error))
        return TRUE;
    bureau_password_free (g_steal_pointer (password));
    return FALSE;
}

static BureauRequest *
make_set_password (BureauAuthority *authority, JsonObject *params, BureauActor *actor)
{
    return bureau_request_new_command (authority, "account:set_password", params, actor);
}

/* Takes @password (nullable). */
static gboolean
set_password (const char *path, const char *user_id, char *password)
{
    static const BureauQuestion question = { "commands/account:set_password", make_set_password };
    g_auto (BureauVisit) visit = { 0 };
    g_autoptr (JsonObject) params = json_object_new ();
    g_autoptr (JsonObject) answer = NULL;
    g_autoptr (GError) error = NULL;

    if (password == NULL)
        return TRUE;
    bureau_json_set_string (params, "password", password);
    bureau_password_free (password);
    if (bureau_visit_begin (&visit, path, &error))
        answer = bureau_visit_ask (&visit, &question, user_id, params, &error);
    return check_answer (answer, error);
}

static int
run_init (const Options *options)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauHubOwner) owner = NULL;
    char *password = NULL;

    if (options->office == NULL || options->owner == NULL)
        return fail_usage ("init needs --office and --owner.");
    if (!read_password (options, &password, &error))
        return fail (error);

    owner = bureau_hub_create_office (options->data, options->office, options->owner, "bureau-hub",
                                      "First project", NULL, &error);
    if (owner == NULL) {
        bureau_password_free (password);
        return fail (error);
    }
    if (!set_password (options->data, owner->user_id, password))
        return EXIT_FAILED;
    g_print ("Made the office “%s” in %s.\n", options->office, options->data);
    return EXIT_GOOD;
}

/* ------------------------------------------------------------------ serve */

static gboolean
on_signal_cb (gpointer loop)
{
    g_main_loop_quit (loop);
    return G_SOURCE_CONTINUE;
}

/* Whom an office lets in, it names. */
static gboolean
check_origins (GStrv origins, GError **error)
{
    for (guint i = 0; origins != NULL && origins[i] != NULL; i++) {
        if (!bureau_origin_is_valid (origins[i])) {
            g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                                 "--allow-origin names one page's origin, as "
                                 "https://wall.example:8080; it can't be “*”.");
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean
read_settings (const Options *options, BureauSettings *settings, GError **error)
{
    *settings = bureau_settings_get_default ();
    settings->announced = !options->no_announce;
    settings->server.allowed_origins = (const char *const *) options->allow_origin;
    settings->server.credentials = options->session_cookie;
    if (options->session_cookie && options->allow_origin == NULL) {
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                             "--session-cookie is for pages that --allow-origin names.");
        return FALSE;
    }
    for (guint i = 0; options->limit != NULL && options->limit[i] != NULL; i++) {
        if (!bureau_settings_set_limit (settings, options->limit[i], error))
            return FALSE;
    }
    return check_origins (options->allow_origin, error);
}

static int
run_serve (const Options *options)
{
    static const char *const default_listen[] = { "127.0.0.1:28732", NULL };
    const char *const *listen = options->listen != NULL ? (const char *const *) options->listen
                                                        : default_listen;
    g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauAuthority) authority = NULL;
    g_autofree char *uri = NULL;
    BureauSettings settings;

    if (!read_settings (options, &settings, &error))
        return fail_usage (error->message);
    authority = bureau_authority_open (options->data, &settings, &error);
    if (authority == NULL)
        return fail (error);
    for (guint i = 0; listen[i] != NULL; i++) {
        g_autofree char *place = bureau_authority_listen (authority, listen[i], FALSE, &error);

        if (place == NULL)
            return fail (error);
        g_printerr ("Serving on %s\n", place);
    }

    g_unix_signal_add (SIGTERM, on_signal_cb, loop);
    g_unix_signal_add (SIGINT, on_signal_cb, loop);
    uri = bureau_authority_get_uri (authority);
    printf ("ready %s\n", uri);
    fflush (stdout);
    g_main_loop_run (loop);
    return EXIT_GOOD;
}

/* ------------------------------------------------------------------ invite */

/* Unless there is an error already. */
static void G_GNUC_PRINTF (2, 3) set_missing (GError **error, const char *format, ...)
{
    g_autofree char *message = NULL;
    va_list values;

    if (*error != NULL)
        return;
    va_start (values, format);
    message = g_strdup_vprintf (format, values);
    va_end (values);
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, message);
}

static JsonObject *
make_params (const Options *options, BureauStore *store, const char *workspace_id, GError **error)
{
    g_autoptr (JsonObject) params = json_object_new ();

    bureau_json_set_string (params, "workspaceId", workspace_id);
    bureau_json_set_optional (params, "role", options->role);
    if (options->uses != 0)
        json_object_set_int_member (params, "uses", options->uses);
    if (options->hours != 0)
        json_object_set_int_member (params, "hours", options->hours);
    if (options->project != NULL) {
        g_autofree char *id = bureau_store_find_project (store, workspace_id, options->project,
                                                         error);

        if (id == NULL) {
            set_missing (error, "There is no project “%s”.", options->project);
            return NULL;
        }
        bureau_json_set_string (params, "projectId", id);
    }
    return g_steal_pointer (&params);
}

/* The office that is invited to, and its owner, for whom it is done. */
static gboolean
find_inviter (const Options *options, BureauStore *store, char **workspace_id, char **user_id,
              GError **error)
{
    *workspace_id = bureau_store_find_workspace (store, options->office, error);
    if (*workspace_id == NULL) {
        set_missing (error, "There is no office “%s”.",
                     options->office != NULL ? options->office : "");
        return FALSE;
    }
    *user_id = bureau_store_find_owner (store, *workspace_id, error);
    if (*user_id != NULL)
        return TRUE;
    set_missing (error, "This office has no owner.");
    return FALSE;
}

static int
print_invitation (JsonObject *answer, const GError *error)
{
    JsonObject *invitation = answer != NULL ? bureau_json_get_object (answer, "invitation") : NULL;

    if (!check_answer (answer, error))
        return EXIT_FAILED;
    printf ("link %s\ncode %s\nexpires %s\n", bureau_json_get_string (invitation, "link"),
            bureau_json_get_string (invitation, "code"),
            bureau_json_get_string (invitation, "expiresAt"));
    return EXIT_GOOD;
}

static BureauRequest *
make_invite (BureauAuthority *authority, JsonObject *params, BureauActor *actor)
{
    return bureau_request_new_command (authority, "member:invite", params, actor);
}

static int
run_invite (const Options *options)
{
    static const BureauQuestion invite = { "commands/member:invite", make_invite };
    g_autoptr (GError) error = NULL;
    g_auto (BureauVisit) visit = { 0 };
    g_autoptr (JsonObject) params = NULL;
    g_autoptr (JsonObject) answer = NULL;
    g_autofree char *workspace_id = NULL;
    g_autofree char *user_id = NULL;

    if (!bureau_visit_begin (&visit, options->data, &error))
        return fail (error);
    if (find_inviter (options, visit.store, &workspace_id, &user_id, &error))
        params = make_params (options, visit.store, workspace_id, &error);
    if (params == NULL)
        return fail (error);
    answer = bureau_visit_ask (&visit, &invite, user_id, params, &error);
    return print_invitation (answer, error);
}

/* ------------------------------------------------------------------ add-office */

static int
run_add_office (const Options *options)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) answer = NULL;

    if (options->office == NULL || options->owner == NULL)
        return fail_usage ("add-office needs --office and --owner.");
    answer = bureau_offices_add (options->data, options->office, options->owner, &error);
    return print_invitation (answer, error);
}

/* ------------------------------------------------------------------ token */

static int
run_token (const Options *options)
{
    g_autoptr (GError) error = NULL;
    g_auto (BureauVisit) visit = { 0 };
    g_autofree char *user_id = NULL;
    g_autofree char *token = NULL;

    if (options->user == NULL)
        return fail_usage ("token needs --user.");
    if (options->minutes <= 0)
        return fail_usage ("--minutes must be more than nothing.");
    if (!bureau_visit_begin (&visit, options->data, &error))
        return fail (error);

    user_id = bureau_store_find_user (visit.store, options->user, &error);
    if (user_id == NULL && error == NULL)
        g_set_error (&error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                     "There is nobody with the handle “%s”.", options->user);
    if (user_id != NULL)
        token = bureau_visit_sign_token (&visit, user_id, (gint64) options->minutes * 60 * 1000,
                                         &error);
    if (token == NULL)
        return fail (error);
    printf ("%s\n", token);
    return EXIT_GOOD;
}

/* ------------------------------------------------------------------ rotate-key */

static BureauRequest *
make_rotation (BureauAuthority *authority, JsonObject *params, BureauActor *actor)
{
    json_object_unref (params);
    return bureau_token_keys_new_rotation (authority, actor);
}

static int
run_rotate_key (const Options *options)
{
    static const BureauQuestion rotate = { "auth/rotate-key", make_rotation };
    g_autoptr (GError) error = NULL;
    g_auto (BureauVisit) visit = { 0 };
    g_autoptr (JsonObject) params = json_object_new ();
    g_autoptr (JsonObject) answer = NULL;
    g_autofree char *user_id = NULL;

    if (!bureau_visit_begin (&visit, options->data, &error))
        return fail (error);
    user_id = bureau_store_find_owner (visit.store, NULL, &error);
    if (user_id == NULL) {
        set_missing (&error, "This office has no owner.");
        return fail (error);
    }
    answer = bureau_visit_ask (&visit, &rotate, user_id, params, &error);
    return check_answer (answer, error) ? EXIT_GOOD : EXIT_FAILED;
}

/* ------------------------------------------------------------------ backup, restore */

static int
run_backup (const Options *options)
{
    g_autoptr (GError) error = NULL;

    if (options->to == NULL)
        return fail_usage ("backup needs --to.");
    return main_back_up (options->data, options->to, &error) ? EXIT_GOOD : fail (error);
}

static int
run_restore (const Options *options)
{
    g_autoptr (GError) error = NULL;

    if (options->from == NULL)
        return fail_usage ("restore needs --from.");
    return main_restore (options->data, options->from, &error) ? EXIT_GOOD : fail (error);
}

/* ------------------------------------------------------------------ another machine */

static int
run_hand_over (const Options *options)
{
    g_autoptr (GError) error = NULL;

    if (options->to == NULL)
        return fail_usage ("hand-over needs --to.");
    return main_hand_over (options->data, options->to, &error) ? EXIT_GOOD : fail (error);
}

static int
run_take_over (const Options *options)
{
    g_autoptr (GError) error = NULL;

    if (options->from == NULL)
        return fail_usage ("take-over needs --from.");
    return main_take_over (options->data, options->from, &error) ? EXIT_GOOD : fail (error);
}

static int
run_take_back (const Options *options)
{
    g_autoptr (GError) error = NULL;

    return main_take_back (options->data, &error) ? EXIT_GOOD : fail (error);
}

static int
run_rescue (const Options *options)
{
    g_autoptr (GError) error = NULL;

    if (options->from == NULL)
        return fail_usage ("rescue needs --from.");
    return main_rescue (options->data, options->from, &error) ? EXIT_GOOD : fail (error);
}

/* ------------------------------------------------------------------ doctor */

static void
print_finding (const char *what, gboolean good, const char *text, gpointer data)
{
    printf ("%-3s %s: %s\n", good ? "ok" : "bad", what, text);
}

static int
run_doctor (const Options *options)
{
    return bureau_doctor_examine (options->data, g_get_real_time () / 1000, print_finding, NULL)
               ? EXIT_GOOD
               : EXIT_FAILED;
}

/* ------------------------------------------------------------------ main */

static gboolean
parse_options (int *argc, char ***argv, Options *options, GError **error)
{
    const GOptionEntry entries[] = {
        { "data", 0, 0, G_OPTION_ARG_FILENAME, &options->data, NULL, "DIR" },
        { "office", 0, 0, G_OPTION_ARG_STRING, &options->office, NULL, "NAME" },
        { "owner", 0, 0, G_OPTION_ARG_STRING, &options->owner, NULL, "NAME" },
        { "password-file", 0, 0, G_OPTION_ARG_FILENAME, &options->password_file, NULL, "FILE" },
        { "listen", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->listen, NULL, "ADDRESS:PORT" },
        { "no-announce", 0, 0, G_OPTION_ARG_NONE, &options->no_announce, NULL, NULL },
        { "allow-origin", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->allow_origin, NULL, "ORIGIN" },
        { "session-cookie", 0, 0, G_OPTION_ARG_NONE, &options->session_cookie, NULL, NULL },
        { "limit", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->limit, NULL, "NAME=NUMBER" },
        { "role", 0, 0, G_OPTION_ARG_STRING, &options->role, NULL, "ROLE" },
        { "project", 0, 0, G_OPTION_ARG_STRING, &options->project, NULL, "KEY" },
        { "uses", 0, 0, G_OPTION_ARG_INT, &options->uses, NULL, "N" },
        { "hours", 0, 0, G_OPTION_ARG_INT, &options->hours, NULL, "N" },
        { "user", 0, 0, G_OPTION_ARG_STRING, &options->user, NULL, "HANDLE" },
        { "minutes", 0, 0, G_OPTION_ARG_INT, &options->minutes, NULL, "N" },
        { "to", 0, 0, G_OPTION_ARG_FILENAME, &options->to, NULL, "FILE" },
        { "from", 0, 0, G_OPTION_ARG_FILENAME, &options->from, NULL, "FILE" },
        { "version", 0, 0, G_OPTION_ARG_NONE, &options->version, NULL, NULL },
        { 0 },
    };
    g_autoptr (GOptionContext) context = g_option_context_new (NULL);

    g_option_context_set_help_enabled (context, FALSE);
    g_option_context_add_main_entries (context, entries, NULL);
    return g_option_context_parse (context, argc, argv, error);
}

static void
options_clear (Options *options)
{
    g_free (options->data);
    g_free (options->office);
    g_free (options->owner);
    g_free (options->password_file);
    g_free (options->role);
    g_free (options->project);
    g_free (options->user);
    g_free (options->to);
    g_free (options->from);
    g_strfreev (options->listen);
    g_strfreev (options->allow_origin);
    g_strfreev (options->limit);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

int
main (int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run) (const Options *options);
    } verbs[] = {
        { "init", run_init },           { "add-office", run_add_office },
        { "invite", run_invite },       { "token", run_token },
        { "backup", run_backup },       { "restore", run_restore },
        { "doctor", run_doctor },       { "rotate-key", run_rotate_key },
        { "hand-over", run_hand_over }, { "take-over", run_take_over },
        { "take-back", run_take_back }, { "rescue", run_rescue },
    };
    g_auto (Options) options = { .minutes = 10 };
    g_autoptr (GError) error = NULL;

    mallopt (M_TRIM_THRESHOLD, KEPT_MEMORY);
    /* A write beyond what a process may write fails, and the hub says so. */
    signal (SIGXFSZ, SIG_IGN);
    setlocale (LC_ALL, "");
    bureau_printable_init_log ();
    if (!bureau_token_init (&error))
        return fail (error);
    if (argc == 2 && g_str_equal (argv[1], "--help")) {
        g_autofree char *limits = bureau_settings_describe_limits ();

        printf ("%s\nLimits, and what they are unless you say otherwise:\n%s", usage, limits);
        return EXIT_GOOD;
    }
    if (!parse_options (&argc, &argv, &options, &error))
        return fail_usage (error->message);
    if (options.version) {
        printf ("bureau-hub " BUREAU_VERSION "\n");
        return EXIT_GOOD;
    }
    if (argc > 2)
        return fail_usage ("too many words.");
    if (options.data == NULL)
        return fail_usage ("--data DIR is needed.");
    if (argc == 1)
        return run_serve (&options);

    for (guint i = 0; i < G_N_ELEMENTS (verbs); i++) {
        if (g_str_equal (argv[1], verbs[i].name))
            return verbs[i].run (&options);
    }
    return fail_usage ("there is no such command.");
}
