/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What happens to people, and to what they do. */

#include "world.h"

#include <stdarg.h>

#include "bureau-instant.h"
#include "bureau-json.h"
#include "sim-workers.h"
#include "test-directory.h"
#include "test-wait.h"

static void
on_refused_cb (BureauClient *client, const char *command, JsonObject *params, const GError *error,
               WorldPerson *person)
{
    Op *op = g_hash_table_lookup (person->ops, bureau_json_get_string (params, "opId"));

    world_tell (person->world, "%u is refused %s: %s", person->index, command, error->message);
    g_assert_nonnull (op);
    op->state = OP_REFUSED;
}

static void
on_refresh_token_cb (BureauClient *client, const char *token, WorldPerson *person)
{
    g_free (person->refresh_token);
    person->refresh_token = g_strdup (token);
}

void
world_start_person (WorldPerson *person)
{
    world_tell (person->world, "%u starts", person->index);
    person->client = bureau_client_new (person->account, person->refresh_token, person->directory);
    g_signal_connect (person->client, "refused", G_CALLBACK (on_refused_cb), person);
    g_signal_connect (person->client, "refresh-token", G_CALLBACK (on_refresh_token_cb), person);
    bureau_client_start (person->client);
    while (!bureau_client_get_loaded (person->client)) {
        sim_workers_settle ();
        g_main_context_iteration (NULL, TRUE);
    }
}

/* Nothing but this goes on meanwhile that could be told from a moment. */
static void
stop (WorldPerson *person)
{
    g_autoptr (GAsyncResult) result = NULL;

    g_signal_handlers_disconnect_by_data (person->client, person);
    bureau_client_stop_async (person->client, keep_result, &result);
    while (!result) {
        sim_workers_settle ();
        g_main_context_iteration (NULL, TRUE);
    }
    g_clear_object (&person->client);
}

void
world_stop_person (WorldPerson *person)
{
    world_tell (person->world, "%u stops", person->index);
    world_observe (person);
    stop (person);
}

void
world_lose_person (WorldPerson *person, char *directory)
{
    world_tell (person->world, "%u is lost", person->index);
    sim_relay_cut (person->relay);
    stop (person);
    sim_relay_cut (person->relay);
    crash_vfs_forget (person->directory);
    directory_remove (person->directory);
    g_free (person->directory);
    person->directory = directory;
    person->life++;
    world_start_person (person);
}

/* ------------------------------------------------------------------ commands */

static void
op_free (gpointer data)
{
    Op *op = data;

    g_free (op->id);
    g_free (op->command);
    g_free (op);
}

GHashTable *
world_new_ops (void)
{
    return g_hash_table_new_full (g_str_hash, g_str_equal, NULL, op_free);
}

void
world_give (WorldPerson *person, BureauCommandId command, const char *members, ...)
{
    g_autofree char *inside = NULL;
    g_autofree char *text = NULL;
    g_autoptr (GError) error = NULL;
    JsonObject *params;
    va_list args;
    Op *op;

    va_start (args, members);
    inside = g_strdup_vprintf (members, args);
    va_end (args);
    text = g_strdelimit (g_strdup_printf ("{%s}", inside), "'", '"');
    params = bureau_json_parse_object (text, -1, &error);
    g_assert_no_error (error);
    op = g_new0 (Op, 1);
    op->id = bureau_id_new ();
    op->command = g_strdup (bureau_command_get (command)->name);
    bureau_json_set_string (params, "opId", op->id);
    g_hash_table_insert (person->ops, op->id, op);
    world_tell (person->world, "%u gives %s %s %s", person->index, op->command, text, op->id);
    g_free (bureau_client_give (person->client, command, params, &error));
    if (error) {
        world_tell (person->world, "%u may not: %s", person->index, error->message);
        op->state = OP_REFUSED;
    }
}

static void
observe (WorldPerson *person, Op *op)
{
    const BureauOutboxEntry *entry = bureau_outbox_lookup (person->client->outbox, op->id);

    if (entry && entry->state != BUREAU_OUTBOX_DONE) {
        if (entry->state != BUREAU_OUTBOX_WRITING)
            op->state = OP_KEPT;
        return;
    }
    /* It had not said that it kept it: then it may be gone with the program. */
    if (!entry && op->state == OP_GIVEN) {
        op->state = OP_LOST;
        return;
    }
    op->state = OP_DONE;
    world_check_op (person->world, op, person->client->epoch);
}

void
world_observe (WorldPerson *person)
{
    GHashTableIter iter;
    gpointer op;

    if (!person->client || !bureau_client_get_loaded (person->client))
        return;
    g_hash_table_iter_init (&iter, person->ops);
    while (g_hash_table_iter_next (&iter, NULL, &op)) {
        if (((Op *) op)->state < OP_DONE)
            observe (person, op);
    }
}
