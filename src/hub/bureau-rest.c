/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-rest.h"

#include <string.h>

#include "bureau-authority.h"
#include "bureau-discretion.h"
#include "bureau-error.h"
#include "bureau-json-scanner.h"
#include "bureau-json.h"
#include "bureau-live.h"
#include "bureau-sign-in.h"
#include "bureau-snapshot.h"

/* Of one page: rules.md, Limits. */
#define MAX_EVENTS      500
#define MAX_EVENT_BYTES (256 * 1024)

/* One request while a route answers it. */
typedef struct {
    BureauAuthority *authority;
    SoupServerMessage *message; /* (not owned) */
    const char *rest;           /* what follows the route's path */
    GHashTable *query;          /* (nullable) (not owned) */
    BureauActor *actor;         /* (owned) (nullable): set for routes that need one */
} Rest;

static void
respond (SoupServerMessage *message, guint status, const char *type, char *body, gsize length)
{
    SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

    soup_message_headers_replace (headers, "Cache-Control", "no-store");
    soup_message_headers_replace (headers, "X-Content-Type-Options", "nosniff");
    soup_server_message_set_status (message, status, NULL);
    soup_server_message_set_response (message, type, SOUP_MEMORY_TAKE, body, length);
}

static void
respond_json (SoupServerMessage *message, guint status, char *json)
{
    respond (message, status, "application/json", json, strlen (json));
}

static void
respond_object (SoupServerMessage *message, JsonObject *object)
{
    respond_json (message, 200, bureau_json_object_to_string (object));
}

static void
respond_error (SoupServerMessage *message, const GError *error)
{
    if (g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_UNAUTHENTICATED))
        soup_message_headers_replace (soup_server_message_get_response_headers (message),
                                      "WWW-Authenticate", "Bearer");
    respond_json (message, bureau_error_to_status (error), bureau_error_to_answer (error));
}

static JsonObject *
new_answer (void)
{
    JsonObject *answer = json_object_new ();

    json_object_set_boolean_member (answer, "ok", TRUE);
    return answer;
}

static const char *
get_query (Rest *rest, const char *name)
{
    return rest->query != NULL ? g_hash_table_lookup (rest->query, name) : NULL;
}

/* ------------------------------------------------------------------ changes */

/* The door of a queued request: the message, until its connection is gone. */
typedef struct {
    SoupServerMessage *message; /* (owned) (nullable) */
    gulong gone_id;
} RestDoor;

static void
forget_message (RestDoor *door)
{
    if (door->message == NULL)
        return;
    g_signal_handler_disconnect (door->message, door->gone_id);
    g_clear_object (&door->message);
}

static void
free_door (gpointer data)
{
    RestDoor *door = data;

    forget_message (door);
    g_free (door);
}

static void
on_message_gone_cb (SoupServerMessage *message, gpointer data)
{
    forget_message (data);
}

static void
on_answered (BureauRequest *request)
{
    RestDoor *door = request->door;
    g_autoptr (SoupServerMessage) message = NULL;

    if (door->message == NULL)
        return;
    message = g_object_ref (door->message);
    forget_message (door);
    respond_json (message, request->status, g_steal_pointer (&request->json));
    soup_server_message_unpause (message);
}

static void
queue (Rest *rest, BureauRequest *request)
{
    RestDoor *door = g_new0 (RestDoor, 1);

    door->message = g_object_ref (rest->message);
    door->gone_id = g_signal_connect (rest->message, "disconnected",
                                      G_CALLBACK (on_message_gone_cb), door);
    request->door = door;
    request->free_door = free_door;
    request->answered = on_answered;
    soup_server_message_pause (rest->message);
    bureau_authority_queue (rest->authority, request);
}

/* Only application/json: a page elsewhere can't send that without asking first. (transfer full) */
static JsonObject *
read_body (Rest *rest, GError **error)
{
    SoupMessageHeaders *headers = soup_server_message_get_request_headers (rest->message);
    SoupMessageBody *body = soup_server_message_get_request_body (rest->message);
    const char *type = soup_message_headers_get_content_type (headers, NULL);
    g_autoptr (GBytes) bytes = NULL;
    g_autoptr (GError) local_error = NULL;
    const char *text;
    gsize length;

    if (g_strcmp0 (type, "application/json") != 0) {
        g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_INVALID,
                             "The body must be application/json.");
        return NULL;
    }
    bytes = soup_message_body_flatten (body);
    text = g_bytes_get_data (bytes, &length);
    if (!bureau_json_scan (text, length, BUREAU_MAX_JSON_DEPTH, NULL, &local_error)) {
        g_set_error (error, BUREAU_ERROR, BUREAU_ERROR_INVALID,
                     "The body is not acceptable JSON: %s.", local_error->message);
        return NULL;
    }
    return bureau_json_parse_object (text, length, error);
}

static void
post_command (Rest *rest)
{
    g_autoptr (GError) error = NULL;
    JsonObject *params = read_body (rest, &error);

    if (params == NULL)
        respond_error (rest->message, error);
    else
        queue (rest, bureau_request_new_command (rest->authority, rest->rest, params,
                                                 bureau_actor_copy (rest->actor)));
}

static void
post_join (Rest *rest)
{
    GInetSocketAddress *remote = G_INET_SOCKET_ADDRESS (
        soup_server_message_get_remote_address (rest->message));
    g_autofree char *address = g_inet_address_to_string (
        g_inet_socket_address_get_address (remote));
    g_autoptr (GError) error = NULL;
    JsonObject *params = read_body (rest, &error);

    if (params == NULL)
        respond_error (rest->message, error);
    else
        queue (rest, bureau_sign_in_new_join (rest->authority, params, address));
}

static void
post_refresh (Rest *rest)
{
    g_autoptr (GError) error = NULL;
    JsonObject *params = read_body (rest, &error);

    if (params == NULL)
        respond_error (rest->message, error);
    else
        queue (rest, bureau_sign_in_new_refresh (rest->authority, params));
}

/* ------------------------------------------------------------------ reading */

static void
get_health (Rest *rest)
{
    g_autoptr (JsonObject) answer = new_answer ();

    respond_object (rest->message, answer);
}

/* The same command as over the live connection. */
static void
get_office (Rest *rest)
{
    queue (rest, bureau_request_new_command (rest->authority, "office:describe", NULL,
                                             bureau_actor_copy (rest->actor)));
}

static gboolean
add_task (JsonObject *task, gpointer data, GError **error)
{
    json_array_add_object_element (data, json_object_ref (task));
    return TRUE;
}

/* Tasks of one project, or of all that the person may see. */
static void
get_tasks (Rest *rest)
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
        respond_error (rest->message, error);
    else
        respond_object (rest->message, answer);
}

static void
get_task (Rest *rest)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) task = bureau_store_get_task (rest->authority->store, rest->rest, FALSE,
                                                         &error);
    g_autoptr (JsonObject) answer = new_answer ();
    g_auto (BureauAccess) access = { 0 };

    if (task != NULL)
        bureau_store_get_access (rest->authority->store, bureau_json_get_string (task, "projectId"),
                                 rest->actor->user_id, &access, &error);
    if (error == NULL && access.workspace_id == NULL)
        g_set_error_literal (&error, BUREAU_ERROR, BUREAU_ERROR_NOT_FOUND,
                             "There is no task with this id that you can see.");
    if (error != NULL) {
        respond_error (rest->message, error);
        return;
    }
    json_object_set_object_member (answer, "task", g_steal_pointer (&task));
    respond_object (rest->message, answer);
}

static void
get_presence (Rest *rest)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonArray) workspaces = bureau_store_list_workspaces (rest->authority->store,
                                                                     rest->actor->user_id, &error);
    JsonObject *first = workspaces != NULL ? bureau_json_array_get_object (workspaces, 0) : NULL;
    JsonArray *users = first != NULL
                           ? bureau_presence_list (rest->authority->live,
                                                   bureau_json_get_string (first, "id"), &error)
                           : NULL;
    g_autoptr (JsonObject) answer = new_answer ();

    if (error != NULL) {
        respond_error (rest->message, error);
        return;
    }
    json_object_set_array_member (answer, "users", users != NULL ? users : json_array_new ());
    respond_object (rest->message, answer);
}

/* The values of a parameter that may come more than once. NULL if it does not come at all. */
static GStrv
list_query (Rest *rest, const char *name)
{
    const char *query = g_uri_get_query (soup_server_message_get_uri (rest->message));
    g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
    GUriParamsIter iter;
    gboolean found = FALSE;
    char *key, *value;

    g_uri_params_iter_init (&iter, query != NULL ? query : "", -1, "&", G_URI_PARAMS_NONE);
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

/* `room=ROOM`, as often as wanted, or all of the person's rooms. Of a `workspace` that is not
 * theirs there is nothing to see. */
static void
get_snapshot (Rest *rest)
{
    g_auto (GStrv) rooms = list_query (rest, "room");
    const char *workspace = get_query (rest, "workspace");
    g_autoptr (GString) out = g_string_new (NULL);
    g_autoptr (GError) error = NULL;
    gsize length;

    if (workspace != NULL &&
        bureau_store_get_role (rest->authority->store, workspace, rest->actor->user_id, &error) ==
            BUREAU_ROLE_NONE) {
        g_strfreev (rooms);
        rooms = g_new0 (char *, 1);
    }
    if (error != NULL) {
        respond_error (rest->message, error);
        return;
    }

    if (!bureau_snapshot_write (rest->authority, rest->actor->user_id, (const char *const *) rooms,
                                out, &error)) {
        respond_error (rest->message, error);
        return;
    }
    length = out->len;
    respond (rest->message, 200, "application/x-ndjson",
             g_string_free (g_steal_pointer (&out), FALSE), length);
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

static void
get_events (Rest *rest)
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
        respond_error (rest->message, error);
        return;
    }
    json_object_set_int_member (answer, "seq", page.seq);
    bureau_json_set_string (answer, "epoch", rest->authority->epoch);
    respond_object (rest->message, answer);
}

/* ------------------------------------------------------------------ routes */

typedef struct {
    const char *method;
    const char *path; /* one that ends with '/' takes the rest as its argument */
    gboolean open;    /* needs no sign-in */
    void (*answer) (Rest *rest);
} Route;

static const Route routes[] = {
    { "GET", "health", TRUE, get_health },          { "POST", "auth/join", TRUE, post_join },
    { "POST", "auth/refresh", TRUE, post_refresh }, { "POST", "commands/", FALSE, post_command },
    { "GET", "office", FALSE, get_office },         { "GET", "tasks", FALSE, get_tasks },
    { "GET", "tasks/", FALSE, get_task },           { "GET", "presence", FALSE, get_presence },
    { "GET", "snapshot", FALSE, get_snapshot },     { "GET", "events", FALSE, get_events },
};

static const Route *
find_route (const char *method, const char *path, const char **rest, gboolean *path_known)
{
    *path_known = FALSE;
    for (guint i = 0; i < G_N_ELEMENTS (routes); i++) {
        gsize length = strlen (routes[i].path);
        gboolean matches = routes[i].path[length - 1] == '/'
                               ? g_str_has_prefix (path, routes[i].path) && path[length] != '\0'
                               : g_str_equal (path, routes[i].path);

        if (!matches)
            continue;
        *path_known = TRUE;
        *rest = path + length;
        if (g_str_equal (method, routes[i].method))
            return &routes[i];
    }
    return NULL;
}

static BureauActor *
authenticate (Rest *rest, GError **error)
{
    SoupMessageHeaders *headers = soup_server_message_get_request_headers (rest->message);
    const char *header = soup_message_headers_get_one (headers, "Authorization");
    const char *token = header != NULL && g_ascii_strncasecmp (header, "Bearer ", 7) == 0
                            ? header + strlen ("Bearer ")
                            : NULL;

    return bureau_authority_authenticate (rest->authority, token, error);
}

static void
respond_no_route (SoupServerMessage *message, gboolean path_known)
{
    g_autoptr (GError) error = g_error_new (BUREAU_ERROR, BUREAU_ERROR_NOT_FOUND,
                                            path_known ? "This address takes another method."
                                                       : "There is nothing at this address.");

    respond_json (message, path_known ? 405 : 404, bureau_error_to_answer (error));
}

void
bureau_rest_on_request (BureauServer *server, SoupServerMessage *message, const char *path,
                        gpointer data)
{
    Rest rest = { .authority = data, .message = message };
    const char *query = g_uri_get_query (soup_server_message_get_uri (message));
    g_autoptr (GHashTable) parsed = query != NULL ? soup_form_decode (query) : NULL;
    g_autoptr (GError) error = NULL;
    const Route *route = NULL;
    gboolean path_known = FALSE;

    rest.query = parsed;
    if (g_str_has_prefix (path, "/api/v1/"))
        route = find_route (soup_server_message_get_method (message), path + strlen ("/api/v1/"),
                            &rest.rest, &path_known);
    if (route == NULL) {
        respond_no_route (message, path_known);
        return;
    }
    if (!route->open) {
        rest.actor = authenticate (&rest, &error);
        if (rest.actor == NULL) {
            respond_error (message, error);
            return;
        }
    }

    route->answer (&rest);
    g_clear_pointer (&rest.actor, bureau_actor_free);
}
