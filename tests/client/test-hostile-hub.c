/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* A hub that means harm, or is broken: whatever it says, the client neither crashes nor loses the
 * outbox. */

#include "fixture.h"

#include <libsoup/soup.h>
#include <string.h>

#include "bureau-json.h"

#define WORKSPACE "11111111-1111-4111-8111-111111111111"
#define ANA       "22222222-2222-4222-8222-222222222222"
#define BEN       "33333333-3333-4333-8333-333333333333"
#define PROJECT   "44444444-4444-4444-8444-444444444444"
#define TASK      "55555555-5555-4555-8555-555555555555"
#define ENTRY     "66666666-6666-4666-8666-666666666666"

#define P                                                                                          \
    "'room':'project:" PROJECT                                                                     \
    "','seq':%d,'eventId':'e','at':'2026-11-21T09:30:00.000Z','userId':'" BEN "'"
#define T                                                                                          \
    "'room':'time:" WORKSPACE                                                                      \
    "','seq':%d,'eventId':'e','at':'2026-11-21T09:30:00.000Z','userId':'" BEN "'"
#define W "'room':'workspace:" WORKSPACE "','seq':%d,'eventId':'e','userId':'" BEN "'"
#define TASK_JSON                                                                                  \
    "{'id':'" TASK "','key':'A-1','projectId':'" PROJECT                                           \
    "','title':'t','description':'','status':'todo',"                                              \
    "'position':'a1','priority':4,'assignees':[{'userId':'" ANA "','name':'Ana','state':'sent'}]," \
    "'dueAt':null,'kind':'task','version':1}"
#define PROJECT_JSON                                                                               \
    "{'id':'" PROJECT "','workspaceId':'" WORKSPACE "','name':'p','key':'A','color':'#112233',"    \
    "'archived':false,'memberIds':['" ANA "'],'version':1}"
#define ENTRY_JSON                                                                                 \
    "{'id':'" ENTRY "','workspaceId':'" WORKSPACE "','userId':'" BEN                               \
    "','taskId':null,'startTime':'2026-11-21T09:30:00.000Z','endTime':null}"
#define MEMBER_JSON                                                                                \
    "{'id':'" BEN "','name':'Ben','handle':'ben','color':'#112233','role':'member','active':true}"
#define HEADS                                                                                      \
    "{'epoch':'e1','rooms':{'project:" PROJECT "':0,'workspace:" WORKSPACE "':0,'time:" WORKSPACE  \
    "':0,'user:" ANA "':0},'serverTime':'2026-11-21T09:30:00.000Z'}"

/* What an honest hub says; %d is the next seq. */
static const char *const HONEST[][2] = {
    { "task:created", "{" P ",'task':" TASK_JSON "}" },
    { "task:updated", "{" P ",'task':" TASK_JSON ",'changed':['title']}" },
    { "task:moved", "{" P ",'task':" TASK_JSON "}" },
    { "task:deleted", "{" P ",'task':" TASK_JSON ",'taskId':'" TASK "'}" },
    { "project:updated", "{" P ",'project':" PROJECT_JSON "}" },
    { "member:joined",
      "{" P ",'member':" MEMBER_JSON ",'project':" PROJECT_JSON ",'projectId':'" PROJECT "'}" },
    { "member:updated", "{" W ",'member':" MEMBER_JSON "}" },
    { "timer:started", "{" T ",'entry':" ENTRY_JSON ",'timeEntryId':'" ENTRY "'}" },
    { "timer:stopped", "{" T ",'entry':" ENTRY_JSON ",'timeEntryId':'" ENTRY "'}" },
    { "comment:created", "{" P ",'comment':{'id':'" TASK "'}}" },
    { "presence:user_online", "{'userId':'" BEN "','userName':'Ben','status':'online'}" },
    { "presence:user_offline", "{'userId':'" BEN "','userName':'Ben','status':'offline'}" },
    { "presence:users_viewing", "{'taskId':'" TASK "','users':[{'id':'" BEN "','name':'Ben'}]}" },
    { "presence:snapshot",
      "{'users':[{'userId':'" BEN "','status':'away'}],'viewing':[{'taskId':'" TASK
      "','users':[{'id':'" BEN "','name':'Ben'}]}]}" },
    { "sync:ready", HEADS },
    { "sync:heads", HEADS },
    { "sync:reset", "{'rooms':['project:" PROJECT "'],'reason':'behind'}" },
    { "room:joined", "{'room':'project:" PROJECT "','seq':0}" },
    { "room:left", "{'room':'project:" PROJECT "','reason':'removed'}" },
    { "hub:closing", "{'reason':'stop','retryAfterMs':100}" },
};

static const char *const SNAPSHOT[] = {
    "{'kind':'epoch','epoch':'e1','serverTime':'2026-11-21T09:30:00.000Z'}",
    "{'kind':'room','room':'workspace:" WORKSPACE "','seq':0}",
    "{'kind':'workspace','room':'workspace:" WORKSPACE "','value':{'id':'" WORKSPACE
    "','name':'Studio Nord'}}",
    "{'kind':'member','room':'workspace:" WORKSPACE "','value':" MEMBER_JSON "}",
    "{'kind':'room','room':'project:" PROJECT "','seq':%d}",
    "{'kind':'project','room':'project:" PROJECT "','value':" PROJECT_JSON "}",
    "{'kind':'task','room':'project:" PROJECT "','value':" TASK_JSON "}",
    "{'kind':'room','room':'time:" WORKSPACE "','seq':0}",
    "{'kind':'entry','room':'time:" WORKSPACE "','value':" ENTRY_JSON "}",
    "{'kind':'room','room':'user:" ANA "','seq':0}",
    "{'kind':'end'}",
};

typedef struct {
    SoupServer *server;              /* (owned) */
    SoupWebsocketConnection *socket; /* (owned) (nullable): the one connected now */
    guint n_connects;
    guint n_snapshots;
    guint n_refreshes;
    guint n_commands;
    char *replay;   /* (owned) (nullable): an event of the catch-up, once */
    int expires_in; /* s; 0 for ten minutes */
    int seq;        /* of the project's room, in snapshots */
    guint n_done;   /* commands it says it has carried out */
    gboolean open;  /* it has been let in */
    gboolean does;  /* says of every command that it is done */
    gboolean mean;
} Hub;

/* ------------------------------------------------------------------ twisting */

static JsonNode *
odd_value (void)
{
    static const char *const ODD[] = {
        "null",
        "true",
        "0",
        "-1",
        "9223372036854775807",
        "1.5",
        "''",
        "'x'",
        "[]",
        "{}",
        "[[[]]]",
        "[null]",
        "[7,{'id':3}]",
        "{'id':[]}",
        "'" TASK "'",
        "'" ANA "'",
        "'project:'",
        "':'",
        "'project:" PROJECT "'",
        "'../../etc'",
        "'2026-11-21T09:30:00.000Z'",
        "'\\u202e'",
        "'done'",
        "'nonsense'",
        TASK_JSON,
        PROJECT_JSON,
        "{'userId':'" BEN "','status':5}",
        "['project:" PROJECT "',4]",
    };
    g_autofree char *text = g_strdup (ODD[g_test_rand_int_range (0, G_N_ELEMENTS (ODD))]);

    return json_from_string (g_strdelimit (text, "'", '"'), NULL);
}

static void twist_object (JsonObject *object, int chance);

static void
twist_node (JsonNode *node, int chance)
{
    if (JSON_NODE_HOLDS_OBJECT (node))
        twist_object (json_node_get_object (node), chance);
    else if (JSON_NODE_HOLDS_ARRAY (node) && json_array_get_length (json_node_get_array (node)) > 0)
        twist_node (json_array_get_element (json_node_get_array (node), 0), chance);
}

/* One member in @chance becomes something else, or goes. */
static void
twist_object (JsonObject *object, int chance)
{
    g_autoptr (GList) names = json_object_get_members (object);

    for (GList *link = names; link; link = link->next) {
        g_autofree char *name = g_strdup (link->data);

        if (g_test_rand_int_range (0, chance) > 0)
            twist_node (json_object_get_member (object, name), chance);
        else if (g_test_rand_int_range (0, 4) == 0)
            json_object_remove_member (object, name);
        else
            json_object_set_member (object, name, odd_value ());
    }
}

/* Then it is another life of the hub, and all that was said before is void. */
static gboolean honest_again;

static char *
twist (const char *format, int seq, int chance)
{
    const char *mark = strstr (format, "%d");
    g_autoptr (GString) text = g_string_new_len (format, mark ? mark - format : -1);
    g_autoptr (JsonObject) object = NULL;

    if (mark)
        g_string_append_printf (text, "%d%s", seq, mark + 2);
    g_string_replace (text, "'epoch':'e1'", honest_again ? "'epoch':'e2'" : "'epoch':'e1'", 0);
    g_strdelimit (text->str, "'", '"');
    object = bureau_json_parse_object (text->str, -1, NULL);
    g_assert_nonnull (object);
    if (chance > 0)
        twist_object (object, chance);
    return bureau_json_object_to_string (object);
}

/* ------------------------------------------------------------------ the hub */

static void
send_event (Hub *hub, const char *name, const char *json)
{
    g_autofree char *text = g_strdup_printf ("42[\"%s\",%s]", name, json);

    if (hub->open && soup_websocket_connection_get_state (hub->socket) == SOUP_WEBSOCKET_STATE_OPEN)
        soup_websocket_connection_send_text (hub->socket, text);
}

static void
send_honest (Hub *hub, const char *name, int seq)
{
    for (guint i = 0; i < G_N_ELEMENTS (HONEST); i++) {
        if (g_str_equal (HONEST[i][0], name)) {
            g_autofree char *json = twist (HONEST[i][1], seq, 0);

            send_event (hub, name, json);
        }
    }
}

static void
on_message_cb (SoupWebsocketConnection *socket, int type, GBytes *message, Hub *hub)
{
    const char *text = g_bytes_get_data (message, NULL);
    gint64 id;
    char *end;

    if (g_str_has_prefix (text, "40")) {
        soup_websocket_connection_send_text (socket, "40{\"sid\":\"s\"}");
        hub->open = TRUE;
        if (hub->replay)
            send_event (hub, "task:updated", hub->replay);
        g_clear_pointer (&hub->replay, g_free);
        send_honest (hub, "sync:ready", 0);
        return;
    }
    hub->n_commands += strstr (text, "[\"task:") != NULL;
    id = g_str_has_prefix (text, "42") ? g_ascii_strtoll (text + 2, &end, 10) : 0;
    if (hub->does && g_str_has_prefix (text, "42") && end > text + 2) {
        g_autofree char *body = twist ("{'ok':true,'seq':7,'task':" TASK_JSON "}", 0, 0);
        g_autofree char *answer = g_strdup_printf ("43%" G_GINT64_FORMAT "[%s]", id, body);

        hub->n_done += strstr (text, "task:update") != NULL;
        soup_websocket_connection_send_text (socket, answer);
    }
    if (hub->mean && g_str_has_prefix (text, "42") && end > text + 2) {
        g_autofree char *answer = NULL;
        g_autofree char *body = twist (
            "{'ok':false,'error':{'code':'rate_limited','message':'m','retryAfterMs':50}}", 0, 4);

        answer = g_strdup_printf ("43%" G_GINT64_FORMAT "[%s]", id, body);
        soup_websocket_connection_send_text (socket, answer);
    }
}

static void
on_socket_cb (SoupServer *server, SoupServerMessage *message, const char *path,
              SoupWebsocketConnection *socket, gpointer data)
{
    Hub *hub = data;

    g_set_object (&hub->socket, socket);
    hub->open = FALSE;
    hub->n_connects++;
    g_signal_connect (socket, "message", G_CALLBACK (on_message_cb), hub);
    soup_websocket_connection_send_text (
        socket,
        "0{\"sid\":\"s\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":262144}");
}

static void
on_rest_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
            gpointer data)
{
    Hub *hub = data;
    g_autoptr (GString) body = g_string_new (NULL);

    if (g_str_has_suffix (path, "/auth/refresh")) {
        g_string_printf (
            body, "{\"ok\":true,\"accessToken\":\"a%u\",\"refreshToken\":\"r%u\",\"expiresIn\":%d}",
            hub->n_refreshes, hub->n_refreshes, hub->expires_in ? hub->expires_in : 600);
        hub->n_refreshes++;
    } else {
        hub->n_snapshots++;
        for (guint i = 0; i < G_N_ELEMENTS (SNAPSHOT); i++) {
            g_autofree char *line = twist (SNAPSHOT[i], hub->seq, hub->mean && i > 0 ? 12 : 0);

            g_string_append_printf (body, "%s\n", line);
        }
    }
    soup_server_message_set_status (message, 200, NULL);
    soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, body->str,
                                      body->len);
}

static Person *
person_new_here (Hub *hub)
{
    GSList *uris = soup_server_get_uris (hub->server);
    BureauAccount *account = g_new0 (BureauAccount, 1);
    g_autofree char *directory = directory_new ();

    account->base_uri = g_strdup_printf ("http://127.0.0.1:%d", g_uri_get_port (uris->data));
    account->pin = g_strdup ("");
    account->workspace_id = g_strdup (WORKSPACE);
    account->office_name = g_strdup ("Studio Nord");
    account->user_id = g_strdup (ANA);
    account->user_name = g_strdup ("Ana");
    account->device_id = g_strdup (BEN);
    g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
    return person_new_at (account, "r", directory);
}

static void
hub_start (Hub *hub)
{
    g_autoptr (GError) error = NULL;

    hub->server = soup_server_new (NULL, NULL);
    soup_server_add_handler (hub->server, "/api", on_rest_cb, hub, NULL);
    soup_server_add_websocket_handler (hub->server, "/socket.io/", NULL, NULL, on_socket_cb, hub,
                                       NULL);
    soup_server_listen_local (hub->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
    g_assert_no_error (error);
}

static void
hub_stop (Hub *hub)
{
    g_clear_object (&hub->socket);
    soup_server_disconnect (hub->server);
    g_object_unref (hub->server);
}

static void
send_nonsense (Hub *hub)
{
    guint i = g_test_rand_int_range (0, G_N_ELEMENTS (HONEST));
    g_autofree char *json = twist (HONEST[i][1], g_test_rand_int_range (0, 5), 8);

    send_event (hub, HONEST[i][0], json);
}

static void
on_happened_cb (BureauClient *client, const char *event, JsonObject *json, gpointer data)
{
    g_assert_nonnull (event);
    g_assert_nonnull (json);
}

/* Tries again at once where the client would wait. */
static gboolean
is_open (Hub *hub, Person *person)
{
    BureauClientState state = bureau_client_get_state (person->client);

    if (state == BUREAU_CLIENT_CONNECTING || state == BUREAU_CLIENT_OFFLINE ||
        state == BUREAU_CLIENT_SIGNED_OUT)
        bureau_client_reconnect (person->client);
    return hub->open &&
           soup_websocket_connection_get_state (hub->socket) == SOUP_WEBSOCKET_STATE_OPEN;
}

static void
test_nonsense (void)
{
    Hub hub = { 0 };
    Person *ana;
    g_autofree char *id = NULL;
    g_autofree char *directory = NULL;

    hub_start (&hub);
    ana = person_new_here (&hub);
    directory = g_strdup (ana->directory);
    person_start_live (ana);
    g_signal_handlers_disconnect_by_data (ana->client, ana);
    g_signal_connect (ana->client, "happened", G_CALLBACK (on_happened_cb), NULL);
    g_assert_nonnull (get_task (ana, TASK));
    WAIT_UNTIL (bureau_client_get_waiting (ana->client) == 0);

    hub.mean = TRUE;
    for (int i = 0; i < 3000; i++) {
        WAIT_UNTIL (is_open (&hub, ana));
        send_nonsense (&hub);
        if (i % 50 == 0)
            g_free (
                give (ana, BUREAU_COMMAND_TASK_UPDATE, "'id': '" TASK "', 'title': 'mine %d'", i));
        if (i % 8 == 0)
            g_main_context_iteration (NULL, FALSE);
    }

    /* Honest again, it is believed again. */
    hub.mean = FALSE;
    honest_again = TRUE;
    if (hub.socket && soup_websocket_connection_get_state (hub.socket) == SOUP_WEBSOCKET_STATE_OPEN)
        soup_websocket_connection_close (hub.socket, 1000, NULL);
    WAIT_UNTIL (!is_live (ana));
    WAIT_UNTIL (is_open (&hub, ana) && is_live (ana) && get_task (ana, TASK));
    g_test_message ("%u connections", hub.n_connects);
    person_free (ana);
    directory_free (g_steal_pointer (&directory));
    hub_stop (&hub);
}

static void
send_heads (Hub *hub, int seq)
{
    g_autofree char *json = g_strdup_printf (
        "{\"epoch\":\"e1\",\"rooms\":{\"project:" PROJECT "\":%d}}", seq);

    send_event (hub, "sync:heads", json);
}

/* Events that come twice count once, and one that is missing is noticed: by the next, or by the
 * heads. */
static void
test_gaps (void)
{
    Hub hub = { 0 };
    Person *ana;
    g_autofree char *directory = NULL;

    hub_start (&hub);
    ana = person_new_here (&hub);
    directory = g_strdup (ana->directory);
    person_start_live (ana);
    g_assert_cmpuint (hub.n_snapshots, ==, 1);

    send_honest (&hub, "task:updated", 1);
    send_honest (&hub, "task:updated", 1);
    send_honest (&hub, "task:moved", 2);
    WAIT_UNTIL (ana->happened->len == 2);
    g_assert_cmpstr (ana->happened->pdata[0], ==, "task:updated");
    g_assert_cmpstr (ana->happened->pdata[1], ==, "task:moved");

    hub.seq = 4;
    send_honest (&hub, "task:updated", 4);
    send_honest (&hub, "task:deleted", 5);
    WAIT_UNTIL (hub.n_snapshots == 2 && is_live (ana));
    g_assert_null (get_task (ana, TASK));
    g_assert_cmpuint (ana->happened->len, ==, 2);
    send_honest (&hub, "task:created", 6);
    WAIT_UNTIL (ana->happened->len == 3);
    g_assert_nonnull (get_task (ana, TASK));

    hub.seq = 8;
    send_heads (&hub, 8);
    WAIT_UNTIL (hub.n_snapshots == 3 && is_live (ana));
    send_honest (&hub, "task:deleted", 9);
    WAIT_UNTIL (ana->happened->len == 4);
    g_assert_null (get_task (ana, TASK));

    person_free (ana);
    directory_free (g_steal_pointer (&directory));
    hub_stop (&hub);
}

/* The access token is renewed before it ends, without a new connection; each new secret is handed
 * on. */
static void
test_renewal (void)
{
    Hub hub = { .expires_in = 6 };
    Person *ana;
    g_autofree char *directory = NULL;

    hub_start (&hub);
    ana = person_new_here (&hub);
    directory = g_strdup (ana->directory);
    person_start_live (ana);
    g_assert_cmpstr (ana->refresh_token, ==, "r0");
    hub.expires_in = 600;
    WAIT_UNTIL (g_strcmp0 (ana->refresh_token, "r1") == 0);
    g_assert_cmpuint (hub.n_connects, ==, 1);
    g_assert_true (is_live (ana));

    person_free (ana);
    directory_free (g_steal_pointer (&directory));
    hub_stop (&hub);
}

/* Back at an earlier state, the hub does not know what it has said yes to. What has not been seen
 * to happen is given again. */
static void
test_forgotten (void)
{
    Hub hub = { .does = TRUE };
    Person *ana;
    g_autofree char *directory = NULL;

    hub_start (&hub);
    ana = person_new_here (&hub);
    directory = g_strdup (ana->directory);
    person_start_live (ana);
    g_free (give (ana, BUREAU_COMMAND_TASK_UPDATE, "'id': '" TASK "', 'title': 'mine'"));
    WAIT_UNTIL (hub.n_done == 1 && bureau_client_get_waiting (ana->client) == 0);
    g_assert_cmpstr (bureau_task_get_title (get_task (ana, TASK)), ==, "mine");

    honest_again = TRUE;
    soup_websocket_connection_close (hub.socket, 1000, NULL);
    WAIT_UNTIL (!is_live (ana));
    WAIT_UNTIL (is_open (&hub, ana) && hub.n_done == 2);
    g_assert_cmpstr (bureau_task_get_title (get_task (ana, TASK)), ==, "mine");

    honest_again = FALSE;
    person_free (ana);
    directory_free (g_steal_pointer (&directory));
    hub_stop (&hub);
}

/* ------------------------------------------------------------------ conflicts */

#define UPDATED                                                                                    \
    "{'room':'project:" PROJECT "','seq':%d,'eventId':'e','at':'2026-11-21T09:30:00.000Z',"        \
    "'userId':'%s','userName':'Ben','opId':'%s','task':" TASK_JSON ",'changed':['title'],"         \
    "'conflicts':%s}"
#define CLASH(member) "{'field':'title','mine':'Red','theirs':'Green','by':'" ANA "'" member "}"
#define OF_FIELD(name, mine, theirs)                                                               \
    "[{'field':'" name "','mine':" mine ",'theirs':" theirs ",'by':'" ANA "'}]"

/* An event of @user's that says so much of conflicts. (transfer full) */
static char *
make_updated (int seq, const char *user, const char *op_id, const char *conflicts)
{
    return g_strdelimit (g_strdup_printf (UPDATED, seq, user, op_id, conflicts), "'", '"');
}

static void
on_conflicted_cb (BureauClient *client, JsonObject *conflict, GPtrArray *told)
{
    g_autofree char *mine = json_to_string (json_object_get_member (conflict, "mine"), FALSE);
    g_autofree char *theirs = json_to_string (json_object_get_member (conflict, "theirs"), FALSE);

    g_ptr_array_add (
        told, g_strdup_printf ("%s: mine %s, theirs %s, %s",
                               bureau_json_get_string (conflict, "field"), mine, theirs,
                               bureau_json_get_boolean (conflict, "stands", FALSE) ? "mine stands"
                                                                                   : "theirs"));
}

/* The hub has done it, and nobody has heard its answer: the event tells what it would have told. */
static void
test_lost_answer (void)
{
    Hub hub = { 0 };
    Person *ana;
    g_autofree char *directory = NULL;
    g_autofree char *given = NULL;
    g_autoptr (BureauChange) change = NULL;
    g_autoptr (GPtrArray) told = g_ptr_array_new_with_free_func (g_free);

    hub_start (&hub);
    ana = person_new_here (&hub);
    directory = g_strdup (ana->directory);
    person_start_live (ana);
    g_signal_connect (ana->client, "conflicted", G_CALLBACK (on_conflicted_cb), told);
    given = give (ana, BUREAU_COMMAND_TASK_UPDATE, "'id': '" TASK "', 'title': 'Red'");
    WAIT_UNTIL (hub.n_commands == 1);
    change = g_list_model_get_item (bureau_client_get_queue (ana->client), 0);
    hub.replay = make_updated (1, ANA, bureau_change_get_op_id (change), "[" CLASH ("") "]");
    soup_websocket_connection_close (hub.socket, 1000, NULL);
    WAIT_UNTIL (!is_live (ana));
    WAIT_UNTIL (is_open (&hub, ana) && is_live (ana));

    g_assert_cmpuint (told->len, ==, 1);
    g_assert_cmpstr (told->pdata[0], ==, "title: mine \"Red\", theirs \"Green\", mine stands");
    g_assert_cmpuint (bureau_client_get_waiting (ana->client), ==, 0);
    g_assert_cmpuint (hub.n_commands, ==, 1);

    person_free (ana);
    directory_free (g_steal_pointer (&directory));
    hub_stop (&hub);
}

/* What a hub says of conflicts, and what is told of it. */
static const struct {
    const char *conflicts;
    const char *told; /* (nullable) */
} CONFLICTS[] = {
    { "null" },
    { "7" },
    { "'title'" },
    { CLASH ("") },
    { "[null,7,'title',[],{},[[]]]" },
    { "[{'field':'title','mine':'Red','theirs':'Green'}]" },
    { "[{'field':'title','mine':'Red','theirs':'Green','by':7}]" },
    { "[{'field':'title','mine':'Red','theirs':'Green','by':'" BEN "'}]" },
    { "[{'field':'title','mine':'Red','by':'" ANA "'}]" },
    { "[{'field':'title','theirs':'Green','by':'" ANA "'}]" },
    { "[{'field':['title'],'mine':'Red','theirs':'Green','by':'" ANA "'}]" },
    { OF_FIELD ("position", "'a1'", "'a2'") },
    { OF_FIELD ("base", "1", "2") },
    { OF_FIELD ("title", "'Red'", "7") },
    { OF_FIELD ("title", "''", "'Green'") },
    { OF_FIELD ("title", "{'x':'Red'}", "'Green'") },
    { OF_FIELD ("priority", "'high'", "1") },
    { OF_FIELD ("priority", "99", "1") },
    { OF_FIELD ("priority", "9223372036854775807", "1") },
    { OF_FIELD ("status", "'nonsense'", "'done'") },
    { OF_FIELD ("dueAt", "'when it suits'", "null") },
    { OF_FIELD ("assigneeIds", "'" ANA "'", "[]") },
    { OF_FIELD ("assigneeIds", "[[]]", "[]") },
    { OF_FIELD ("assigneeIds", "[7]", "[]") },
    { "[" CLASH ("") "]", "title: mine \"Green\", theirs \"Red\", theirs" },
    { "[null," CLASH (",'byName':7,'at':[],'taskId':'x','stands':true") "]",
      "title: mine \"Green\", theirs \"Red\", theirs" },
    { OF_FIELD ("title", "'<b>&amp;'", "'<span>%s'"),
      "title: mine \"<span>%s\", theirs \"<b>&amp;\", theirs" },
    { OF_FIELD ("dueAt", "null", "'2026-12-24'"),
      "dueAt: mine \"2026-12-24\", theirs null, theirs" },
};

/* Many times the same, and one with a title of 100,000 letters. (transfer full) */
static char *
make_flood (void)
{
    g_autofree char *long_title = g_strnfill (100000, 'x');
    GString *flood = g_string_new ("[");

    g_string_append_printf (flood, "{'field':'description','mine':'%s','theirs':'','by':'" ANA "'}",
                            long_title);
    for (int i = 0; i < 1500; i++)
        g_string_append (flood, "," CLASH (""));
    return g_string_free (g_string_append_c (flood, ']'), FALSE);
}

static void
test_odd_conflicts (void)
{
    Hub hub = { 0 };
    Person *ana;
    int seq = 0;
    g_autofree char *directory = NULL;
    g_autofree char *flood = make_flood ();
    g_autofree char *last = NULL;
    g_autoptr (GPtrArray) told = g_ptr_array_new_with_free_func (g_free);

    hub_start (&hub);
    ana = person_new_here (&hub);
    directory = g_strdup (ana->directory);
    person_start_live (ana);
    g_signal_connect (ana->client, "conflicted", G_CALLBACK (on_conflicted_cb), told);
    for (guint i = 0; i < G_N_ELEMENTS (CONFLICTS); i++) {
        g_autofree char *json = make_updated (++seq, BEN, ANA, CONFLICTS[i].conflicts);

        g_test_message ("%s", CONFLICTS[i].conflicts);
        g_ptr_array_set_size (told, 0);
        send_event (&hub, "task:updated", json);
        WAIT_UNTIL (ana->happened->len == (guint) seq);
        g_assert_cmpuint (told->len, ==, CONFLICTS[i].told ? 1 : 0);
        if (told->len > 0)
            g_assert_cmpstr (told->pdata[0], ==, CONFLICTS[i].told);
    }
    g_ptr_array_set_size (told, 0);
    last = make_updated (++seq, BEN, ANA, flood);
    send_event (&hub, "task:updated", last);
    WAIT_UNTIL (ana->happened->len == (guint) seq);
    g_assert_cmpuint (told->len, ==, 1);
    g_assert_cmpuint (hub.n_connects, ==, 1);

    person_free (ana);
    directory_free (g_steal_pointer (&directory));
    hub_stop (&hub);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/hostile-hub/forgotten", test_forgotten);
    g_test_add_func ("/hostile-hub/gaps", test_gaps);
    g_test_add_func ("/hostile-hub/renewal", test_renewal);
    g_test_add_func ("/hostile-hub/lost-answer", test_lost_answer);
    g_test_add_func ("/hostile-hub/odd-conflicts", test_odd_conflicts);
    g_test_add_func ("/hostile-hub/nonsense", test_nonsense);
    return g_test_run ();
}
