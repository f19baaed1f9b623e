/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-rest-private.h"

#include <libsoup/soup.h>
#include <string.h>

#include "bureau-discretion.h"
#include "bureau-error.h"
#include "bureau-json.h"
#include "bureau-live.h"
#include "bureau-snapshot.h"

/* Of one page: rules.md, Limits. */
#define MAX_EVENTS      500
#define MAX_EVENT_BYTES (256 * 1024)

static JsonObject *
new_answer (void)
{
    JsonObject *answer = json_object_new ();

    json_object_set_boolean_member (answer, "ok", TRUE);
    return answer;
}

/* What may be much, and costs the hub as much: @text (taken) counts for the person. */
static void
respond_read (BureauRest *rest, const char *type, char *text)
{
    bureau_rates_owe (rest->authority->rates, BUREAU_RATE_READ, rest->actor->user_id,
                      strlen (text) / 1024 + 1);
    bureau_exchange_answer_take (rest->exchange, 200, type, text);
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

/* A number of the query as the command takes it; what is none is left for the command to refuse. */
static void
add_number (BureauRest *rest, JsonObject *params, const char *name)
{
    const char *text = get_query (rest, name);
    guint64 number;

    if (text != NULL && g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &number, NULL))
        json_object_set_int_member (params, name, number);
    else
        bureau_json_set_optional (params, name, text);
}

void
bureau_rest_get_audit (BureauRest *rest)
{
    JsonObject *params = json_object_new ();

    bureau_json_set_optional (params, "workspaceId", get_query (rest, "workspace"));
    add_number (rest, params, "before");
    add_number (rest, params, "limit");
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
        respond_read (rest, "application/json", bureau_json_object_to_string (answer));
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
    g_autoptr (GString) out = g_string_new (NULL);
    g_autoptr (GError) error = NULL;

    if (!bureau_snapshot_write (rest->authority, rest->actor->user_id, workspace,
                                (const char *const *) rooms, out, &error)) {
        bureau_rest_respond_error (rest->exchange, error);
        return;
    }
    respond_read (rest, "application/x-ndjson", g_string_free (g_steal_pointer (&out), FALSE));
}

typedef struct {
    JsonArray *events;
    gint64 seq;
    gsize bytes;
    BureauDiscretion discretion;
} EventPage;

static void
add_event (const char *name, gint64 seq, const char *payload, gpointer data)
{
    EventPage *page = data;
    g_autofree char *less = NULL;
    JsonObject *event;

    /* The first that does not fit ends the page, but for one that would be on no page at all. */
    page->bytes += strlen (payload);
    if (page->bytes > MAX_EVENT_BYTES && json_array_get_length (page->events) > 0)
        return;
    less = bureau_discretion_apply_event (&page->discretion, payload);
    event = bureau_json_parse_object (less != NULL ? less : payload, -1, NULL);
    if (event == NULL)
        return;
    page->seq = seq;
    json_object_set_string_member (event, "event", name);
    json_array_add_object_element (page->events, event);
}

void
bureau_rest_get_events (BureauRest *rest)
{
    const char *room = get_query (rest, "room");
    const char *since_text = get_query (rest, "since");
    gint64 since = since_text != NULL ? g_ascii_strtoll (since_text, NULL, 10) : 0;
    EventPage page = { .events = json_array_new (), .seq = since };
    g_autoptr (GError) error = NULL;
    g_auto (GStrv) mine = bureau_list_rooms (rest->authority, rest->actor->user_id, &error);
    g_autoptr (JsonObject) answer = new_answer ();

    json_object_set_array_member (answer, "events", page.events);
    if (mine != NULL && (room == NULL || !g_strv_contains ((const char *const *) mine, room)))
        g_set_error_literal (&error, BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN,
                             "You are not in this room, or it does not exist.");
    if (error != NULL ||
        !bureau_discretion_init (&page.discretion, rest->authority->store, room,
                                 rest->actor->user_id, &error) ||
        !bureau_store_foreach_event (rest->authority->store, room, since, MAX_EVENTS, add_event,
                                     &page, &error)) {
        bureau_rest_respond_error (rest->exchange, error);
        return;
    }
    json_object_set_int_member (answer, "seq", page.seq);
    bureau_json_set_string (answer, "epoch", rest->authority->epoch);
    respond_read (rest, "application/json", bureau_json_object_to_string (answer));
}
