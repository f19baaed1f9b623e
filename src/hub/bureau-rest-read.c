/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-rest-private.h"

#include <libsoup/soup.h>
#include <string.h>

#include "bureau-error.h"
#include "bureau-heads.h"
#include "bureau-json.h"
#include "bureau-live.h"
#include "bureau-log-page.h"
#include "bureau-snapshot.h"

static JsonObject *
new_answer (void)
{
    JsonObject *answer = json_object_new ();

    json_object_set_boolean_member (answer, "ok", TRUE);
    return answer;
}

/* What may be much, and costs the hub as much: @text (taken) counts for the person. */
static void
respond_read (BureauRest *rest, char *text)
{
    bureau_rates_owe (rest->authority->rates, BUREAU_RATE_READ, rest->actor->user_id,
                      strlen (text) / 1024 + 1);
    bureau_exchange_answer_take (rest->exchange, 200, "application/json", text);
}

static const char *
get_query (BureauRest *rest, const char *name)
{
    return g_hash_table_lookup (bureau_exchange_get_query (rest->exchange), name);
}

void
bureau_rest_get_health (BureauRest *rest)
{
    g_autoptr (JsonObject) answer = new_answer ();
    g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
    g_autofree char *date = soup_date_time_to_string (now, SOUP_DATE_HTTP);

    /* Who is asked why it can't be seen may have a clock that is wrong. */
    bureau_exchange_set_header (rest->exchange, "Date", date);
    bureau_rest_respond_object (rest->exchange, answer);
}

/* The same command as over the live connection. */
void
bureau_rest_get_office (BureauRest *rest)
{
    bureau_rest_queue_command (rest, bureau_command_get (BUREAU_COMMAND_OFFICE_DESCRIBE)->name,
                               NULL);
}

/* A number of the query as the command's @field takes it; what is none is left for the command to
 * refuse. */
static void
add_number (BureauRest *rest, JsonObject *params, const char *name, const char *field)
{
    const char *text = get_query (rest, name);
    guint64 number;

    if (text != NULL && g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &number, NULL))
        json_object_set_int_member (params, field, number);
    else
        bureau_json_set_optional (params, field, text);
}

void
bureau_rest_get_audit (BureauRest *rest)
{
    JsonObject *params = json_object_new ();

    bureau_json_set_optional (params, "workspaceId", get_query (rest, "workspace"));
    add_number (rest, params, "before", "before");
    add_number (rest, params, "limit", "limit");
    bureau_rest_queue_command (rest, bureau_command_get (BUREAU_COMMAND_AUDIT_LIST)->name, params);
}

static gboolean
add_task (JsonObject *task, gpointer data, GError **error)
{
    json_array_add_object_element (data, json_object_ref (task));
    return TRUE;
}

/* Tasks of one project, or of all that the person may see. */
void
bureau_rest_get_tasks (BureauRest *rest)
{
    const char *wanted = get_query (rest, "project");
    g_autoptr (GError) error = NULL;
    g_auto (GStrv) projects = bureau_store_list_visible_projects (rest->authority->store,
                                                                  rest->actor->user_id, &error);
    g_autoptr (JsonObject) answer = new_answer ();
    JsonArray *tasks = json_array_new ();

    json_object_set_array_member (answer, "tasks", tasks);
    for (guint i = 0; projects != NULL && projects[i] != NULL && error == NULL; i++) {
        if (wanted == NULL || g_str_equal (wanted, projects[i]))
            bureau_store_foreach_task (rest->authority->store, projects[i], add_task, tasks,
                                       &error);
    }
    if (error != NULL)
        bureau_rest_respond_error (rest->exchange, error);
    else
        respond_read (rest, bureau_json_object_to_string (answer));
}

void
bureau_rest_get_task (BureauRest *rest)
{
    BureauStore *store = rest->authority->store;
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) task = NULL;
    g_autoptr (JsonObject) answer = new_answer ();
    g_auto (BureauAccess) access = { 0 };

    if (bureau_store_get_task_access (store, rest->rest, rest->actor->user_id, &access, &error) &&
        access.workspace_id != NULL)
        task = bureau_store_get_task (store, rest->rest, FALSE, &error);
    if (error == NULL && task == NULL)
        g_set_error_literal (&error, BUREAU_ERROR, BUREAU_ERROR_NOT_FOUND,
                             "There is no task with this id that you can see.");
    if (error != NULL) {
        bureau_rest_respond_error (rest->exchange, error);
        return;
    }
    json_object_set_object_member (answer, "task", g_steal_pointer (&task));
    bureau_rest_respond_object (rest->exchange, answer);
}

/* Who is there in one `workspace` of the person's, or in all. Of one that is not theirs there is
 * nothing to see. */
void
bureau_rest_get_presence (BureauRest *rest)
{
    const char *wanted = get_query (rest, "workspace");
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonArray) workspaces = bureau_store_list_workspaces (rest->authority->store,
                                                                     rest->actor->user_id, &error);
    g_autoptr (JsonObject) answer = new_answer ();
    JsonArray *users = json_array_new ();

    json_object_set_array_member (answer, "users", users);
    for (guint i = 0; error == NULL && i < json_array_get_length (workspaces); i++) {
        const char *id = bureau_json_get_string (json_array_get_object_element (workspaces, i),
                                                 "id");

        if (wanted == NULL || g_str_equal (wanted, id))
            bureau_presence_list (rest->authority->live, id, users, &error);
    }
    if (error != NULL)
        bureau_rest_respond_error (rest->exchange, error);
    else
        bureau_rest_respond_object (rest->exchange, answer);
}

/* The values of a parameter that may come more than once. NULL if it does not come at all. */
static GStrv
list_query (BureauRest *rest, const char *name)
{
    const char *query = bureau_exchange_get_query_text (rest->exchange);
    g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
    GUriParamsIter iter;
    gboolean found = FALSE;
    char *key, *value;

    g_uri_params_iter_init (&iter, query != NULL ? query : "", -1, "&", G_URI_PARAMS_WWW_FORM);
    while (g_uri_params_iter_next (&iter, &key, &value, NULL)) {
        if (g_str_equal (key, name)) {
            g_strv_builder_add (builder, value);
            found = TRUE;
        }
        g_free (key);
        g_free (value);
    }
    return found ? g_strv_builder_end (builder) : NULL;
}

/* `room=ROOM`, as often as wanted, or all of the person's rooms; of one `workspace`, or of all. Of
 * what is not theirs there is nothing to see. */
void
bureau_rest_get_snapshot (BureauRest *rest)
{
    g_auto (GStrv) rooms = list_query (rest, "room");
    const char *workspace = get_query (rest, "workspace");
    g_autoptr (GError) error = NULL;
    BureauSnapshotStream *snapshot = bureau_snapshot_stream_new (
        rest->authority, rest->actor->user_id, workspace, (const char *const *) rooms, &error);

    if (snapshot == NULL)
        bureau_rest_respond_error (rest->exchange, error);
    else
        bureau_exchange_stream (rest->exchange, 200, "application/x-ndjson",
                                bureau_snapshot_stream_write, snapshot,
                                bureau_snapshot_stream_free);
}

/* What sync:since answers; without the turn, so that who only looks also gets it while the hub
 * can't store anything. */
void
bureau_rest_get_events (BureauRest *rest)
{
    g_autoptr (JsonObject) given = json_object_new ();
    g_autoptr (JsonObject) params = NULL;
    g_autoptr (GError) error = NULL;
    char *text = NULL;

    json_object_set_int_member (given, "seq", 0);
    bureau_json_set_optional (given, "room", get_query (rest, "room"));
    add_number (rest, given, "since", "seq");
    add_number (rest, given, "limit", "limit");
    bureau_json_set_optional (given, "epoch", get_query (rest, "epoch"));
    params = bureau_command_validate (bureau_command_get (BUREAU_COMMAND_SYNC_SINCE), given,
                                      &error);
    if (params != NULL)
        text = bureau_log_answer_since (rest->authority, rest->actor->user_id, params, &error);
    if (text == NULL)
        bureau_rest_respond_error (rest->exchange, error);
    else
        bureau_exchange_answer_take (rest->exchange, 200, "application/json", text);
}

/* What sync:heads says: for those who can but ask, which of their rooms to ask for. */
void
bureau_rest_get_heads (BureauRest *rest)
{
    BureauAuthority *authority = rest->authority;
    g_autoptr (GError) error = NULL;
    g_auto (GStrv) rooms = bureau_list_rooms (authority->store, rest->actor->user_id, &error);
    g_autoptr (JsonObject) heads = NULL;

    if (rooms != NULL)
        heads = bureau_describe_heads (authority, (const char *const *) rooms, &error);
    if (heads == NULL) {
        bureau_rest_respond_error (rest->exchange, error);
        return;
    }
    json_object_set_boolean_member (heads, "ok", TRUE);
    bureau_rest_respond_object (rest->exchange, heads);
}
