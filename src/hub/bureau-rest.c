/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-rest.h"

#include <libsoup/soup.h>
#include <string.h>

#include "bureau-address.h"
#include "bureau-authority.h"
#include "bureau-cookie.h"
#include "bureau-code.h"
#include "bureau-discretion.h"
#include "bureau-error.h"
#include "bureau-join.h"
#include "bureau-json-scanner.h"
#include "bureau-json.h"
#include "bureau-live.h"
#include "bureau-refresh.h"
#include "bureau-sign-in.h"
#include "bureau-snapshot.h"
#include "bureau-token-keys.h"

/* Of one page: rules.md, Limits. */
#define MAX_EVENTS      500
#define MAX_EVENT_BYTES (256 * 1024)

/* One request while a route answers it. */
typedef struct {
    BureauAuthority *authority;
    BureauExchange *exchange; /* (not owned) */
    const char *rest;         /* what follows the route's path */
    BureauActor *actor;       /* (owned) (nullable): set for routes that need one */
} Rest;

static void
respond_json (BureauExchange *exchange, guint status, char *json)
{
    bureau_exchange_answer_take (exchange, status, "application/json", json);
}

static void
respond_object (BureauExchange *exchange, JsonObject *object)
{
    respond_json (exchange, 200, bureau_json_object_to_string (object));
}

static void
respond_error (BureauExchange *exchange, const GError *error)
{
    if (g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_UNAUTHENTICATED))
        bureau_exchange_set_header (exchange, "WWW-Authenticate", "Bearer");
    respond_json (exchange, bureau_error_to_status (error), bureau_error_to_answer (error));
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
    return g_hash_table_lookup (bureau_exchange_get_query (rest->exchange), name);
}

/* Only from a page, which the transport has let in by its Origin. */
static gboolean
takes_cookies (BureauAuthority *authority, BureauExchange *exchange)
{
    return authority->settings.server.credentials &&
           bureau_exchange_get_header (exchange, "Origin") != NULL;
}

/* (transfer full) (nullable) */
static char *
find_cookie (Rest *rest, const char *name)
{
    return takes_cookies (rest->authority, rest->exchange)
               ? bureau_cookie_find (bureau_exchange_get_header (rest->exchange, "Cookie"), name)
               : NULL;
}

/* With or without parameters. */
static gboolean
is_json (const char *type)
{
    static const char json[] = "application/json";
    gsize length = strlen (json);

    return type != NULL && g_ascii_strncasecmp (type, json, length) == 0 &&
           (type[length] == '\0' || strchr ("; \t", type[length]) != NULL);
}

/* Only application/json: a page elsewhere can't send that without asking first. */
static gboolean
check_type (Rest *rest, GError **error)
{
    if (is_json (bureau_exchange_get_header (rest->exchange, "Content-Type")))
        return TRUE;
    g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_INVALID,
                         "The body must be application/json.");
    return FALSE;
}

/* What a cookie may change, even without a body, has to look like nothing that a form can send. */
static char *
find_token (Rest *rest, GError **error)
{
    const char *header = bureau_exchange_get_header (rest->exchange, "Authorization");
    char *token;

    if (header != NULL)
        return g_ascii_strncasecmp (header, "Bearer ", 7) == 0 ? g_strdup (header + 7) : NULL;
    token = find_cookie (rest, BUREAU_ACCESS_COOKIE);
    if (token != NULL && !g_str_equal (bureau_exchange_get_method (rest->exchange), "GET") &&
        !check_type (rest, error))
        g_clear_pointer (&token, g_free);
    return token;
}

static BureauActor *
authenticate (Rest *rest, GError **error)
{
    g_autoptr (GError) local_error = NULL;
    g_autofree char *token = find_token (rest, &local_error);

    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return NULL;
    }
    return bureau_authority_authenticate (rest->authority, token,
                                          bureau_exchange_get_address (rest->exchange), error);
}

/* ------------------------------------------------------------------ changes */

/* The door of a queued request is the exchange: who has left it by then gets no answer. Who has got
 * tokens is signed in. */
static void
on_answered (BureauRequest *request)
{
    if (request->status == 200 && request->call.actor != NULL)
        bureau_exchange_set_signed_in (request->door);
    if (request->status == 200 && takes_cookies (request->call.authority, request->door))
        bureau_cookie_set (request->door, request->call.answer);
    respond_json (request->door, request->status, g_steal_pointer (&request->json));
}

/* What a page's scripts can't read in a cookie, they are not told either. */
static void
on_renewed_by_cookie (BureauRequest *request)
{
    if (request->status != 200) {
        on_answered (request);
        return;
    }
    bureau_cookie_set (request->door, request->call.answer);
    json_object_remove_member (request->call.answer, "accessToken");
    json_object_remove_member (request->call.answer, "refreshToken");
    respond_object (request->door, request->call.answer);
}

static void
on_logged_out (BureauRequest *request)
{
    if (request->status == 200 && takes_cookies (request->call.authority, request->door))
        bureau_cookie_clear (request->door);
    on_answered (request);
}

static void
queue_for (Rest *rest, BureauRequest *request, void (*answered) (BureauRequest *request))
{
    request->call.address = g_strdup (bureau_exchange_get_address (rest->exchange));
    request->call.is_secure = bureau_exchange_is_secure (rest->exchange);
    if (request->call.actor == NULL && rest->actor != NULL)
        request->call.actor = bureau_actor_copy (rest->actor);
    request->door = bureau_exchange_ref (rest->exchange);
    request->free_door = (GDestroyNotify) bureau_exchange_unref;
    request->answered = answered;
    bureau_authority_queue (rest->authority, request);
}

static void
queue (Rest *rest, BureauRequest *request)
{
    queue_for (rest, request, on_answered);
}

/* (transfer full) */
static JsonObject *
read_body (Rest *rest, GError **error)
{
    g_autoptr (GError) local_error = NULL;
    const char *text;
    gsize length;

    if (!check_type (rest, error))
        return NULL;
    text = bureau_exchange_get_body (rest->exchange, &length);
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
        respond_error (rest->exchange, error);
    else
        queue (rest, bureau_request_new_command (rest->authority, rest->rest, params,
                                                 bureau_actor_copy (rest->actor)));
}

/* A request of somebody who is not known yet. */
static void
post_open (Rest *rest, BureauRequest *(*make) (BureauAuthority *authority, JsonObject *params))
{
    g_autoptr (GError) error = NULL;
    JsonObject *params = read_body (rest, &error);

    if (params == NULL)
        respond_error (rest->exchange, error);
    else
        queue (rest, make (rest->authority, params));
}

static void
post_login (Rest *rest)
{
    post_open (rest, bureau_sign_in_new);
}

static void
post_invitation (Rest *rest)
{
    post_open (rest, bureau_join_new_look);
}

static void
post_code (Rest *rest)
{
    post_open (rest, bureau_code_new_attempt);
}

static void
post_proof (Rest *rest)
{
    post_open (rest, bureau_code_new_proof);
}

/* With the token of the body, or else of the cookie. */
static void
post_refresh (Rest *rest)
{
    g_autoptr (GError) error = NULL;
    JsonObject *params = read_body (rest, &error);
    g_autofree char *cookie = NULL;

    if (params == NULL) {
        respond_error (rest->exchange, error);
        return;
    }
    if (!json_object_has_member (params, "refreshToken"))
        cookie = find_cookie (rest, BUREAU_REFRESH_COOKIE);
    bureau_json_set_optional (params, "refreshToken", cookie);
    queue_for (rest, bureau_refresh_new (rest->authority, params),
               cookie != NULL ? on_renewed_by_cookie : on_answered);
}

/* Somebody new, or else somebody who says that the hub knows them. */
static void
post_join (Rest *rest)
{
    g_autoptr (GError) error = NULL;

    if (bureau_exchange_get_header (rest->exchange, "Authorization") != NULL) {
        rest->actor = authenticate (rest, &error);
        if (rest->actor == NULL) {
            respond_error (rest->exchange, error);
            return;
        }
    }
    post_open (rest, bureau_join_new);
}

static void
post_rotate_key (Rest *rest)
{
    queue (rest, bureau_token_keys_new_rotation (rest->authority, bureau_actor_copy (rest->actor)));
}

static void
post_logout (Rest *rest)
{
    queue_for (rest, bureau_refresh_new_logout (rest->authority, bureau_actor_copy (rest->actor)),
               on_logged_out);
}

/* ------------------------------------------------------------------ reading */

static void
get_health (Rest *rest)
{
    g_autoptr (JsonObject) answer = new_answer ();
    g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
    g_autofree char *date = soup_date_time_to_string (now, SOUP_DATE_HTTP);

    /* Who is asked why it can't be seen may have a clock that is wrong. */
    bureau_exchange_set_header (rest->exchange, "Date", date);
    respond_object (rest->exchange, answer);
}

/* The same command as over the live connection. */
static void
get_office (Rest *rest)
{
    queue (rest, bureau_request_new_command (rest->authority, "office:describe", NULL,
                                             bureau_actor_copy (rest->actor)));
}

/* A number of the query as the command takes it; what is none is left for the command to refuse. */
static void
add_number (Rest *rest, JsonObject *params, const char *name)
{
    const char *text = get_query (rest, name);
    guint64 number;

    if (text != NULL && g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &number, NULL))
        json_object_set_int_member (params, name, number);
    else
        bureau_json_set_optional (params, name, text);
}

static void
get_audit (Rest *rest)
{
    JsonObject *params = json_object_new ();

    bureau_json_set_optional (params, "workspaceId", get_query (rest, "workspace"));
    add_number (rest, params, "before");
    add_number (rest, params, "limit");
    queue (rest, bureau_request_new_command (rest->authority, "audit:list", params,
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
        respond_error (rest->exchange, error);
    else
        respond_object (rest->exchange, answer);
}

static void
get_task (Rest *rest)
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
        respond_error (rest->exchange, error);
        return;
    }
    json_object_set_object_member (answer, "task", g_steal_pointer (&task));
    respond_object (rest->exchange, answer);
}

/* Who is there in one `workspace` of the person's, or in all. Of one that is not theirs there is
 * nothing to see. */
static void
get_presence (Rest *rest)
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
        respond_error (rest->exchange, error);
    else
        respond_object (rest->exchange, answer);
}

/* The values of a parameter that may come more than once. NULL if it does not come at all. */
static GStrv
list_query (Rest *rest, const char *name)
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
static void
get_snapshot (Rest *rest)
{
    g_auto (GStrv) rooms = list_query (rest, "room");
    const char *workspace = get_query (rest, "workspace");
    g_autoptr (GString) out = g_string_new (NULL);
    g_autoptr (GError) error = NULL;

    if (!bureau_snapshot_write (rest->authority, rest->actor->user_id, workspace,
                                (const char *const *) rooms, out, &error)) {
        respond_error (rest->exchange, error);
        return;
    }
    bureau_exchange_answer_take (rest->exchange, 200, "application/x-ndjson",
                                 g_string_free (g_steal_pointer (&out), FALSE));
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
        respond_error (rest->exchange, error);
        return;
    }
    json_object_set_int_member (answer, "seq", page.seq);
    bureau_json_set_string (answer, "epoch", rest->authority->epoch);
    respond_object (rest->exchange, answer);
}

/* ------------------------------------------------------------------ routes */

typedef struct {
    const char *method;
    const char *path; /* one that ends with '/' takes the rest as its argument */
    gboolean open;    /* needs no sign-in */
    BureauRateKind rate;
    void (*answer) (Rest *rest);
} Route;

/* clang-format off: one route a line */
static const Route routes[] = {
    { "GET", "health", TRUE, BUREAU_RATE_NONE, get_health },
    { "POST", "auth/login", TRUE, BUREAU_RATE_LOGIN, post_login },
    { "POST", "auth/invitation", TRUE, BUREAU_RATE_INVITATION, post_invitation },
    { "POST", "auth/join", TRUE, BUREAU_RATE_JOIN, post_join },
    { "POST", "auth/code", TRUE, BUREAU_RATE_CODE, post_code },
    { "POST", "auth/code/prove", TRUE, BUREAU_RATE_CODE, post_proof },
    { "POST", "auth/refresh", TRUE, BUREAU_RATE_REFRESH, post_refresh },
    { "POST", "auth/logout", FALSE, BUREAU_RATE_COMMAND, post_logout },
    { "POST", "auth/rotate-key", FALSE, BUREAU_RATE_COMMAND, post_rotate_key },
    { "POST", "commands/", FALSE, BUREAU_RATE_COMMAND, post_command },
    { "GET", "office", FALSE, BUREAU_RATE_COMMAND, get_office },
    { "GET", "tasks", FALSE, BUREAU_RATE_COMMAND, get_tasks },
    { "GET", "tasks/", FALSE, BUREAU_RATE_COMMAND, get_task },
    { "GET", "presence", FALSE, BUREAU_RATE_COMMAND, get_presence },
    { "GET", "snapshot", FALSE, BUREAU_RATE_COMMAND, get_snapshot },
    { "GET", "events", FALSE, BUREAU_RATE_COMMAND, get_events },
    { "GET", "audit", FALSE, BUREAU_RATE_COMMAND, get_audit },
};
/* clang-format on */

GStrv
bureau_rest_list_routes (void)
{
    g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

    for (guint i = 0; i < G_N_ELEMENTS (routes); i++) {
        g_autofree char *route = g_strdup_printf ("%s %s", routes[i].method, routes[i].path);

        g_strv_builder_add (builder, route);
    }
    return g_strv_builder_end (builder);
}

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

/* Who asks, and whether they have asked too much: by address until they are known. */
static gboolean
admit (Rest *rest, const Route *route, GError **error)
{
    g_autofree char *group = NULL;

    if (route->open) {
        group = bureau_address_to_group (bureau_exchange_get_address (rest->exchange));
        return bureau_rates_take (rest->authority->rates, route->rate, group, 1, error);
    }
    rest->actor = authenticate (rest, error);
    if (rest->actor == NULL)
        return FALSE;
    bureau_exchange_set_signed_in (rest->exchange);
    return bureau_rates_take (rest->authority->rates, route->rate, rest->actor->user_id, 1, error);
}

static void
respond_no_route (BureauExchange *exchange, gboolean path_known)
{
    g_autoptr (GError) error = g_error_new (BUREAU_ERROR, BUREAU_ERROR_NOT_FOUND,
                                            path_known ? "This address takes another method."
                                                       : "There is nothing at this address.");

    respond_json (exchange, path_known ? 405 : 404, bureau_error_to_answer (error));
}

void
bureau_rest_on_request (BureauServer *server, BureauExchange *exchange, gpointer data)
{
    const char *path = bureau_exchange_get_path (exchange);
    Rest rest = { .authority = data, .exchange = exchange };
    g_autoptr (GError) error = NULL;
    const Route *route = NULL;
    gboolean path_known = FALSE;

    if (g_str_has_prefix (path, "/api/v1/"))
        route = find_route (bureau_exchange_get_method (exchange), path + strlen ("/api/v1/"),
                            &rest.rest, &path_known);
    if (route == NULL) {
        respond_no_route (exchange, path_known);
        return;
    }
    if (admit (&rest, route, &error))
        route->answer (&rest);
    else
        respond_error (exchange, error);
    g_clear_pointer (&rest.actor, bureau_actor_free);
}
