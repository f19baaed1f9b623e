/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* A hub that can only be asked, and answers wrong: it is left, or waited for, and asked no more
 * than it must be; honest again, it is believed again. */

#include <libsoup/soup.h>

#include "bureau-client-private.h"
#include "fixture.h"
#include "test-clock.h"

#define OFFICE "11111111-1111-4111-8111-111111111111"
#define ANA    "22222222-2222-4222-8222-222222222222"
#define BEN    "33333333-3333-4333-8333-333333333333"
#define ROOM   "project:44444444-4444-4444-8444-444444444444"

typedef enum {
    HONEST,
    EXPIRED,     /* the first token does not count any more */
    LIMITED,     /* "not now", once */
    GAP,         /* the first event is missing */
    ENDLESS,     /* there is always one more */
    STUCK,       /* there is always more, of which it gives nothing */
    OTHER_ROOM,  /* it tells of another room */
    OTHER_EPOCH, /* or of another life */
    BACKWARDS,
    NO_JSON,
    NO_OBJECT,
    HUGE_ANSWER,
    N_MANNERS
} Manner;

typedef struct {
    SoupServer *server; /* (owned) */
    Manner manner;
    int head;                                 /* of the room */
    int told;                                 /* of it, in snapshots */
    guint refreshes, heads, pages, snapshots; /* so often asked for */
} Hub;

/* ------------------------------------------------------------------ what it answers */

static void
add_event (GString *out, int seq)
{
    g_string_append_printf (out,
                            "%s{'event':'task:noted','room':'" ROOM "','seq':%d,'eventId':'e%d',"
                            "'userId':'" BEN "','at':'2026-11-21T09:30:00.000Z'}",
                            out->str[out->len - 1] == '[' ? "" : ",", seq, seq);
}

static void
answer_page (Hub *hub, int since, GString *out)
{
    gboolean endless = hub->manner == ENDLESS || hub->manner == STUCK;
    int last = hub->manner == STUCK ? since : endless ? since + 1 : hub->head;

    g_string_append (out, "{'ok':true,'events':[");
    for (int seq = since + (hub->manner == GAP ? 2 : 1); seq <= last; seq++)
        add_event (out, seq);
    g_string_append_printf (out, "],'room':'%s','seq':%d,'epoch':'%s','more':%s}",
                            hub->manner == OTHER_ROOM ? "user:" ANA : ROOM,
                            hub->manner == BACKWARDS ? since - 1 : last,
                            hub->manner == OTHER_EPOCH ? "e2" : "e1", endless ? "true" : "false");
}

static void
answer_events (Hub *hub, GHashTable *query, GString *out)
{
    int since = g_ascii_strtoll (g_hash_table_lookup (query, "since"), NULL, 10);

    hub->pages++;
    g_assert_cmpstr (g_hash_table_lookup (query, "room"), ==, ROOM);
    if (hub->manner == NO_JSON) {
        g_string_append (out, "<html>Please sign in to this network</html>");
    } else if (hub->manner == NO_OBJECT) {
        g_string_append (out, "[1,2]");
    } else if (hub->manner == HUGE_ANSWER) {
        g_string_set_size (out, 4 * 1024 * 1024);
        memset (out->str, ' ', out->len);
    } else if (hub->manner == LIMITED) {
        hub->manner = HONEST;
        g_string_append (out, "{'ok':false,'error':{'code':'rate_limited','message':'Not now.',"
                              "'retryAfterMs':50}}");
    } else {
        answer_page (hub, since, out);
    }
}

static void
answer_heads (Hub *hub, SoupServerMessage *message, GString *out)
{
    const char *token = soup_message_headers_get_one (
        soup_server_message_get_request_headers (message), "Authorization");

    hub->heads++;
    if (hub->manner == EXPIRED && g_strcmp0 (token, "Bearer a0") == 0)
        g_string_append (
            out, "{'ok':false,'error':{'code':'unauthenticated','message':'It has expired.'}}");
    else
        g_string_append_printf (out,
                                "{'ok':true,'epoch':'e1','rooms':{'workspace:" OFFICE "':0,'" ROOM
                                "':%d},'serverTime':'2026-11-21T09:30:00.000Z'}",
                                hub->head);
}

static void
answer_snapshot (Hub *hub, GString *out)
{
    hub->snapshots++;
    g_string_append_printf (out,
                            "{'kind':'epoch','epoch':'e1'}\n"
                            "{'kind':'room','room':'workspace:" OFFICE "','seq':0}\n"
                            "{'kind':'room','room':'" ROOM "','seq':%d}\n{'kind':'end'}\n",
                            hub->told);
}

static void
on_request_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
               gpointer data)
{
    Hub *hub = data;
    g_autoptr (GString) body = g_string_new (NULL);
    guint status = 200;

    if (g_str_has_suffix (path, "/auth/refresh")) {
        g_string_printf (body,
                         "{'ok':true,'accessToken':'a%u','refreshToken':'r%u','expiresIn':86400}",
                         hub->refreshes, hub->refreshes);
        hub->refreshes++;
    } else if (g_str_has_suffix (path, "/heads")) {
        answer_heads (hub, message, body);
    } else if (g_str_has_suffix (path, "/events")) {
        answer_events (hub, query, body);
    } else {
        answer_snapshot (hub, body);
    }
    g_strdelimit (body->str, "'", '"');
    if (strstr (body->str, "unauthenticated"))
        status = 401;
    else if (strstr (body->str, "rate_limited"))
        status = 429;
    soup_server_message_set_status (message, status, NULL);
    soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, body->str,
                                      body->len);
}

/* ------------------------------------------------------------------ a hub and Ana */

typedef struct {
    Hub hub;
    Person *ana;
    char *directory; /* (owned) */
} Pair;

static BureauAccount *
account_new (Hub *hub)
{
    GSList *uris = soup_server_get_uris (hub->server);
    BureauAccount *account = g_new0 (BureauAccount, 1);

    account->base_uri = g_strdup_printf ("http://127.0.0.1:%d", g_uri_get_port (uris->data));
    account->pin = g_strdup ("");
    account->workspace_id = g_strdup (OFFICE);
    account->office_name = g_strdup ("Studio Nord");
    account->user_id = g_strdup (ANA);
    account->user_name = g_strdup ("Ana");
    account->device_id = g_strdup (BEN);
    g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
    return account;
}

static void
set_up (Pair *pair, gconstpointer data)
{
    g_autoptr (GError) error = NULL;

    pair->hub.server = soup_server_new (NULL, NULL);
    soup_server_add_handler (pair->hub.server, "/api", on_request_cb, &pair->hub, NULL);
    soup_server_listen_local (pair->hub.server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
    g_assert_no_error (error);
    pair->directory = directory_new ();
    pair->ana = person_new_at (account_new (&pair->hub), "r", pair->directory);
    person_start_live (pair->ana);
    g_assert_cmpint (bureau_client_get_transport (pair->ana->client), ==, BUREAU_TRANSPORT_REST);
    g_assert_cmpuint (pair->hub.snapshots, ==, 1);
    pair->hub.manner = GPOINTER_TO_INT (data);
}

static void
tear_down (Pair *pair, gconstpointer data)
{
    person_free (pair->ana);
    directory_free (pair->directory);
    soup_server_disconnect (pair->hub.server);
    g_object_unref (pair->hub.server);
}

static gint64
get_seq (Pair *pair)
{
    const BureauFollowed *room = g_hash_table_lookup (pair->ana->client->rooms, ROOM);

    return room->have ? room->seq : -1;
}

static gboolean
is_asking (Pair *pair)
{
    return bureau_client_get_transport (pair->ana->client) == BUREAU_TRANSPORT_REST;
}

/* ------------------------------------------------------------------ the tests */

static void
test_expired (Pair *pair, gconstpointer data)
{
    guint heads = pair->hub.heads;

    pair->hub.head = 3;
    bureau_client_reconnect (pair->ana->client);
    WAIT_UNTIL (get_seq (pair) == 3);
    g_assert_cmpuint (pair->hub.refreshes, ==, 2);
    /* The same question once more, and not another connection. */
    g_assert_cmpuint (pair->hub.heads, ==, heads + 2);
    g_assert_cmpstr (pair->ana->refresh_token, ==, "r1");
    g_assert_true (is_live (pair->ana) && is_asking (pair));
    g_assert_cmpuint (pair->hub.snapshots, ==, 1);
}

static void
test_limited (Pair *pair, gconstpointer data)
{
    pair->hub.head = 3;
    bureau_client_reconnect (pair->ana->client);
    WAIT_UNTIL (pair->hub.manner == HONEST);
    WAIT_UNTIL (get_seq (pair) == 3);
    g_assert_true (is_live (pair->ana) && is_asking (pair));
    g_assert_cmpuint (pair->hub.pages, ==, 2);
}

/* What is missing in between comes with a snapshot; a snapshot that lacks it too, is not asked for
 * again at once. */
static void
test_gap (Pair *pair, gconstpointer data)
{
    BureauClient *client = pair->ana->client;

    pair->hub.head = 3;
    bureau_client_reconnect (client);
    WAIT_UNTIL (pair->hub.snapshots == 2 && !client->fetch);
    g_assert_nonnull (client->refetch);
    g_assert_cmpint (get_seq (pair), ==, 0);
    pair->hub.told = 3;
    WAIT_UNTIL (get_seq (pair) == 3 && is_live (pair->ana));
    g_assert_cmpuint (pair->hub.snapshots, ==, 3);
}

/* A round ends where the rooms stood at its beginning. */
static void
test_endless (Pair *pair, gconstpointer data)
{
    guint heads = pair->hub.heads;

    pair->hub.head = 3;
    bureau_client_reconnect (pair->ana->client);
    WAIT_UNTIL (get_seq (pair) == 3);
    g_assert_cmpuint (pair->hub.pages, ==, 3);
    g_assert_cmpuint (pair->hub.heads, ==, heads + 1);
    g_assert_true (is_live (pair->ana) && is_asking (pair));
}

/* It is left, and each try costs it one page. */
static void
test_nonsense (Pair *pair, gconstpointer data)
{
    BureauClient *client = pair->ana->client;

    pair->hub.head = 3;
    bureau_client_reconnect (client);
    for (guint pages = 1; pages <= 3; pages++) {
        gint64 next;

        WAIT_UNTIL ((next = bureau_client_get_next_attempt (client)) > 0);
        g_assert_false (is_asking (pair));
        g_assert_cmpuint (pair->hub.pages, ==, pages);
        g_assert_cmpint (next - g_get_monotonic_time (), >, 500000 << (pages - 1));
        test_clock_skip ((next - g_get_monotonic_time ()) / 1000 + 1);
        WAIT_UNTIL (bureau_client_get_next_attempt (client) == 0);
        WAIT_UNTIL (bureau_client_get_next_attempt (client) > 0);
    }
    pair->hub.manner = HONEST;
    bureau_client_reconnect (client);
    WAIT_UNTIL (is_live (pair->ana) && is_asking (pair));
    g_assert_cmpint (get_seq (pair), ==, 3);
    g_assert_cmpuint (pair->hub.snapshots, ==, 1);
}

static void
add (const char *path, Manner manner, void (*test) (Pair *, gconstpointer))
{
    g_test_add (path, Pair, GINT_TO_POINTER (manner), set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    add ("/hostile-rest/expired", EXPIRED, test_expired);
    add ("/hostile-rest/limited", LIMITED, test_limited);
    add ("/hostile-rest/gap", GAP, test_gap);
    add ("/hostile-rest/endless", ENDLESS, test_endless);
    for (Manner manner = STUCK; manner < N_MANNERS; manner++) {
        g_autofree char *path = g_strdup_printf ("/hostile-rest/nonsense/%u", manner);

        add (path, manner, test_nonsense);
    }
    return g_test_run ();
}
