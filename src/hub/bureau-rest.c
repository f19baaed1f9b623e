/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-rest.h"

#include <string.h>

#include "bureau-address.h"
#include "bureau-code.h"
#include "bureau-cookie.h"
#include "bureau-error.h"
#include "bureau-join.h"
#include "bureau-json-scanner.h"
#include "bureau-json.h"
#include "bureau-refresh.h"
#include "bureau-rest-private.h"
#include "bureau-sign-in.h"
#include "bureau-token-keys.h"

static void
respond_json (BureauExchange *exchange, guint status, char *json)
{
    bureau_exchange_answer_take (exchange, status, "application/json", json);
}

void
bureau_rest_respond_object (BureauExchange *exchange, JsonObject *object)
{
    respond_json (exchange, 200, bureau_json_object_to_string (object));
}

void
bureau_rest_respond_error (BureauExchange *exchange, const GError *error)
{
    if (g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_UNAUTHENTICATED))
        bureau_exchange_set_header (exchange, "WWW-Authenticate", "Bearer");
    respond_json (exchange, bureau_error_to_status (error), bureau_error_to_answer (error));
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
find_cookie (BureauRest *rest, const char *name)
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
check_type (BureauRest *rest, GError **error)
{
    if (is_json (bureau_exchange_get_header (rest->exchange, "Content-Type")))
        return TRUE;
    g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_INVALID,
                         "The body must be application/json.");
    return FALSE;
}

/* What a cookie may change, even without a body, has to look like nothing that a form can send. */
static char *
find_token (BureauRest *rest, GError **error)
{
    const char *header = bureau_exchange_get_header (rest->exchange, "Authorization");
    char *token;

    if (header != NULL)
        return g_strdup (bureau_token_of_header (header));
    token = find_cookie (rest, BUREAU_ACCESS_COOKIE);
    if (token != NULL && !g_str_equal (bureau_exchange_get_method (rest->exchange), "GET") &&
        !check_type (rest, error))
        g_clear_pointer (&token, g_free);
    return token;
}

static BureauActor *
authenticate (BureauRest *rest, GError **error)
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
    bureau_rest_respond_object (request->door, request->call.answer);
}

static void
on_logged_out (BureauRequest *request)
{
    if (request->status == 200 && takes_cookies (request->call.authority, request->door))
        bureau_cookie_clear (request->door);
    on_answered (request);
}

static void
queue_for (BureauRest *rest, BureauRequest *request, void (*answered) (BureauRequest *request))
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
queue (BureauRest *rest, BureauRequest *request)
{
    queue_for (rest, request, on_answered);
}

void
bureau_rest_queue_command (BureauRest *rest, const char *name, JsonObject *params)
{
    queue (rest, bureau_request_new_command (rest->authority, name, params,
                                             bureau_actor_copy (rest->actor)));
}

/* (transfer full) */
static JsonObject *
read_body (BureauRest *rest, GError **error)
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
post_command (BureauRest *rest)
{
    g_autoptr (GError) error = NULL;
    JsonObject *params = read_body (rest, &error);

    if (params == NULL)
        bureau_rest_respond_error (rest->exchange, error);
    else
        bureau_rest_queue_command (rest, rest->rest, params);
}

/* A request of somebody who is not known yet. */
static void
post_open (BureauRest *rest,
           BureauRequest *(*make) (BureauAuthority *authority, JsonObject *params))
{
    g_autoptr (GError) error = NULL;
    JsonObject *params = read_body (rest, &error);

    if (params == NULL)
        bureau_rest_respond_error (rest->exchange, error);
    else
        queue (rest, make (rest->authority, params));
}

static void
post_login (BureauRest *rest)
{
    post_open (rest, bureau_sign_in_new);
}

static void
post_invitation (BureauRest *rest)
{
    post_open (rest, bureau_join_new_look);
}

static void
post_code (BureauRest *rest)
{
    post_open (rest, bureau_code_new_attempt);
}

static void
post_proof (BureauRest *rest)
{
    post_open (rest, bureau_code_new_proof);
}

/* With the token of the body, or else of the cookie. */
static void
post_refresh (BureauRest *rest)
{
    g_autoptr (GError) error = NULL;
    JsonObject *params = read_body (rest, &error);
    g_autofree char *cookie = NULL;

    if (params == NULL) {
        bureau_rest_respond_error (rest->exchange, error);
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
post_join (BureauRest *rest)
{
    g_autoptr (GError) error = NULL;

    if (bureau_exchange_get_header (rest->exchange, "Authorization") != NULL) {
        rest->actor = authenticate (rest, &error);
        if (rest->actor == NULL) {
            bureau_rest_respond_error (rest->exchange, error);
            return;
        }
    }
    post_open (rest, bureau_join_new);
}

static void
post_rotate_key (BureauRest *rest)
{
    queue (rest, bureau_token_keys_new_rotation (rest->authority, bureau_actor_copy (rest->actor)));
}

static void
post_logout (BureauRest *rest)
{
    queue_for (rest, bureau_refresh_new_logout (rest->authority, bureau_actor_copy (rest->actor)),
               on_logged_out);
}

/* ------------------------------------------------------------------ routes */

typedef struct {
    const char *method;
    const char *path;    /* one that ends with '/' takes the rest as its argument */
    gboolean open;       /* needs no sign-in */
    BureauRateKind rate; /* READ besides COMMAND */
    void (*answer) (BureauRest *rest);
} Route;

/* clang-format off: one route a line */
static const Route routes[] = {
    { "GET", "health", TRUE, BUREAU_RATE_NONE, bureau_rest_get_health },
    { "POST", "auth/login", TRUE, BUREAU_RATE_LOGIN, post_login },
    { "POST", "auth/invitation", TRUE, BUREAU_RATE_INVITATION, post_invitation },
    { "POST", "auth/join", TRUE, BUREAU_RATE_JOIN, post_join },
    { "POST", "auth/code", TRUE, BUREAU_RATE_CODE, post_code },
    { "POST", "auth/code/prove", TRUE, BUREAU_RATE_CODE, post_proof },
    { "POST", "auth/refresh", TRUE, BUREAU_RATE_REFRESH, post_refresh },
    { "POST", "auth/logout", FALSE, BUREAU_RATE_COMMAND, post_logout },
    { "POST", "auth/rotate-key", FALSE, BUREAU_RATE_COMMAND, post_rotate_key },
    { "POST", "commands/", FALSE, BUREAU_RATE_COMMAND, post_command },
    { "GET", "office", FALSE, BUREAU_RATE_COMMAND, bureau_rest_get_office },
    { "GET", "tasks", FALSE, BUREAU_RATE_READ, bureau_rest_get_tasks },
    { "GET", "tasks/", FALSE, BUREAU_RATE_COMMAND, bureau_rest_get_task },
    { "GET", "presence", FALSE, BUREAU_RATE_COMMAND, bureau_rest_get_presence },
    { "GET", "snapshot", FALSE, BUREAU_RATE_READ, bureau_rest_get_snapshot },
    { "GET", "events", FALSE, BUREAU_RATE_READ, bureau_rest_get_events },
    { "GET", "heads", FALSE, BUREAU_RATE_COMMAND, bureau_rest_get_heads },
    { "GET", "audit", FALSE, BUREAU_RATE_COMMAND, bureau_rest_get_audit },
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
admit (BureauRest *rest, const Route *route, GError **error)
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
    return bureau_rates_take (rest->authority->rates, BUREAU_RATE_COMMAND, rest->actor->user_id, 1,
                              error) &&
           (route->rate != BUREAU_RATE_READ ||
            bureau_rates_take (rest->authority->rates, BUREAU_RATE_READ, rest->actor->user_id, 0,
                               error));
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
    BureauRest rest = { .authority = data, .exchange = exchange };
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
        bureau_rest_respond_error (exchange, error);
    g_clear_pointer (&rest.actor, bureau_actor_free);
}
