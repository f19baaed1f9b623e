/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Somebody at another machine, without a window. Usage: neighbour DIRECTORY
 *
 * Is told in lines, whose words tabs keep apart, and tells in lines; test-two-machines.py knows
 * which. */

#include "fixture.h"

#include <gio/gunixinputstream.h>
#include <stdio.h>
#include <unistd.h>

#include "bureau-diagnosis.h"
#include "bureau-discovery.h"
#include "bureau-json.h"

typedef struct {
    const char *directory;
    GMainLoop *loop;            /* (owned) */
    GDataInputStream *input;    /* (owned) */
    BureauDiscovery *discovery; /* (owned) (nullable) */
    Person *person;             /* (owned) (nullable) */
    gboolean live;
} Neighbour;

static void G_GNUC_PRINTF (1, 2) say (const char *format, ...)
{
    va_list args;

    va_start (args, format);
    vprintf (format, args);
    va_end (args);
    putchar ('\n');
    fflush (stdout);
}

/* ------------------------------------------------------------------ looking round */

static void
on_items_changed_cb (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
    for (guint i = 0; i < added; i++) {
        g_autoptr (BureauFoundHub) hub = g_list_model_get_item (model, position + i);

        say ("found %s %s", bureau_found_hub_get_address (hub), bureau_found_hub_get_name (hub));
    }
    if (g_list_model_get_n_items (model) == 0)
        say ("nobody");
}

static void
on_discovery_state_cb (BureauDiscovery *discovery, GParamSpec *pspec, gpointer data)
{
    BureauDiscoveryState state = bureau_discovery_get_state (discovery);

    say (state == BUREAU_DISCOVERY_BROWSING ? "browsing" : "unavailable");
}

static void
look (Neighbour *self, char **words)
{
    self->discovery = bureau_discovery_new ();
    g_signal_connect (self->discovery, "items-changed", G_CALLBACK (on_items_changed_cb), NULL);
    g_signal_connect (self->discovery, "notify::state", G_CALLBACK (on_discovery_state_cb), NULL);
    bureau_discovery_start (self->discovery);
}

/* Each check's finding and trouble, as numbers. */
static void
diagnose (Neighbour *self, char **words)
{
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GArray) facts = NULL;
    g_autoptr (GString) text = g_string_new ("facts");

    bureau_diagnose_async (words[1], NULL, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    facts = bureau_diagnose_finish (result, NULL);
    for (guint i = 0; i < facts->len; i++) {
        BureauFact *fact = &g_array_index (facts, BureauFact, i);

        g_string_append_printf (text, " %d/%d", fact->finding, fact->trouble);
    }
    say ("%s", text->str);
}

/* ------------------------------------------------------------------ the office */

static void
on_client_state_cb (BureauClient *client, GParamSpec *pspec, gpointer data)
{
    Neighbour *self = data;
    BureauClientState state = bureau_client_get_state (client);
    gboolean live = state == BUREAU_CLIENT_LIVE;

    if (live != self->live)
        say (live ? "live" : "away");
    if (state == BUREAU_CLIENT_OFFLINE)
        say ("offline");
    self->live = live;
}

static void
on_happened_cb (BureauClient *client, const char *event, JsonObject *json, gpointer data)
{
    JsonObject *task = bureau_json_get_object (json, "task");

    if (task)
        say ("happened %s %s", event, bureau_json_get_string (task, "title"));
}

static void
on_tasks_changed_cb (GListModel *tasks, guint position, guint removed, guint added, gpointer data)
{
    for (guint i = 0; i < added; i++) {
        g_autoptr (BureauTask) task = g_list_model_get_item (tasks, position + i);

        say ("task %s", bureau_task_get_title (task));
    }
}

static void
start_client (Neighbour *self)
{
    GListModel *tasks;

    self->live = FALSE;
    person_start (self->person);
    tasks = bureau_client_get_tasks (self->person->client);
    say ("loaded %u", g_list_model_get_n_items (tasks));
    g_signal_connect (tasks, "items-changed", G_CALLBACK (on_tasks_changed_cb), NULL);
    g_signal_connect (self->person->client, "notify::state", G_CALLBACK (on_client_state_cb), self);
    g_signal_connect (self->person->client, "happened", G_CALLBACK (on_happened_cb), NULL);
}

/* Takes @invitation. */
static void
join (Neighbour *self, BureauInvitation *taken, const char *name)
{
    g_autoptr (BureauInvitation) invitation = taken;
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauOffer) offer = get_offer (invitation, &error);
    g_autofree char *refresh_token = NULL;
    BureauAccount *account = NULL;

    if (offer) {
        say ("offer %s", offer->office_name);
        bureau_account_join_async (offer, name, NULL, "Laptop", NULL, keep_result, &result);
        WAIT_UNTIL (result != NULL);
        account = bureau_account_join_finish (result, &refresh_token, &error);
    }
    if (!account) {
        say ("refused %s", error->message);
        return;
    }
    self->person = person_new_at (account, refresh_token, self->directory);
    start_client (self);
}

static void
join_by_link (Neighbour *self, char **words)
{
    join (self, bureau_invitation_parse_link (words[1], NULL), words[2]);
}

static void
join_by_code (Neighbour *self, char **words)
{
    join (self, bureau_invitation_parse_code (words[1], words[2], NULL), words[3]);
}

static void
create (Neighbour *self, char **words)
{
    g_autofree char *id = give_task (self->person, words[1]);
}

/* Closes the replica and opens it again, as on another day. */
static void
reopen (Neighbour *self, char **words)
{
    person_stop (self->person);
    start_client (self);
}

/* ------------------------------------------------------------------ being told */

static void
obey (Neighbour *self, const char *line)
{
    static const struct {
        const char *word;
        void (*obey) (Neighbour *self, char **words);
    } orders[] = { { "look", look },         { "diagnose", diagnose }, { "link", join_by_link },
                   { "code", join_by_code }, { "create", create },     { "reopen", reopen } };
    g_auto (GStrv) words = g_strsplit (line, "\t", -1);

    for (guint i = 0; i < G_N_ELEMENTS (orders); i++) {
        if (g_str_equal (words[0], orders[i].word))
            orders[i].obey (self, words);
    }
}

static void
on_line_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    Neighbour *self = data;
    g_autofree char *line = g_data_input_stream_read_line_finish (self->input, result, NULL, NULL);

    if (!line) {
        g_main_loop_quit (self->loop);
        return;
    }
    obey (self, line);
    g_data_input_stream_read_line_async (self->input, G_PRIORITY_DEFAULT, NULL, on_line_cb, self);
}

int
main (int argc, char **argv)
{
    Neighbour self = { .directory = argv[1] };
    g_autoptr (GInputStream) input = g_unix_input_stream_new (STDIN_FILENO, FALSE);

    g_assert_cmpint (argc, ==, 2);
    self.loop = g_main_loop_new (NULL, FALSE);
    self.input = g_data_input_stream_new (input);
    g_data_input_stream_read_line_async (self.input, G_PRIORITY_DEFAULT, NULL, on_line_cb, &self);
    g_main_loop_run (self.loop);
    g_clear_object (&self.discovery);
    g_clear_pointer (&self.person, person_free);
    g_object_unref (self.input);
    g_main_loop_unref (self.loop);
    return 0;
}
