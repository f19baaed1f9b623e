/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-authority.h"

#include <sodium.h>

#include "bureau-commands.h"
#include "bureau-error.h"
#include "bureau-json.h"

static JsonObject *
new_answer (void)
{
    JsonObject *answer = json_object_new ();

    json_object_set_boolean_member (answer, "ok", TRUE);
    return answer;
}

BureauRequest *
bureau_request_new (BureauAuthority *authority, BureauRunFunc run, JsonObject *params)
{
    BureauRequest *request = g_new0 (BureauRequest, 1);

    request->call.authority = authority;
    request->call.params = params != NULL ? params : json_object_new ();
    request->call.answer = new_answer ();
    request->run = run;
    return request;
}

gboolean
bureau_request_rewind (BureauRequest *request)
{
    BureauCall *call = &request->call;

    if (request->is_resumed)
        return FALSE;
    bureau_call_end_work (call);
    g_clear_pointer (&call->answer, json_object_unref);
    call->answer = new_answer ();
    g_clear_pointer (&call->text, g_free);
    g_clear_pointer (&call->refusals, g_ptr_array_unref);
    g_clear_error (&call->refusal);
    call->seq = 0;
    call->stored = 0;
    g_clear_pointer (&request->json, g_free);
    return TRUE;
}

static gboolean
run_unknown (BureauCall *call, GError **error)
{
    g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_INVALID, "There is no such command.");
    return FALSE;
}

BureauRequest *
bureau_request_new_command (BureauAuthority *authority, const char *name, JsonObject *params,
                            BureauActor *actor)
{
    const BureauCommand *command = bureau_command_find (name);
    BureauRequest *request = bureau_request_new (
        authority, command != NULL ? bureau_run_command : run_unknown, params);

    request->call.command = command;
    request->call.actor = actor;
    return request;
}

void
bureau_request_free (BureauRequest *request)
{
    if (request->free_door != NULL)
        request->free_door (request->door);
    g_clear_pointer (&request->call.actor, bureau_actor_free);
    g_clear_pointer (&request->call.params, json_object_unref);
    g_clear_pointer (&request->call.answer, json_object_unref);
    g_free (request->call.text);
    g_clear_pointer (&request->call.refusals, g_ptr_array_unref);
    g_free (request->call.address);
    g_clear_error (&request->call.refusal);
    g_free (request->call.workspace_id);
    bureau_call_end_work (&request->call);
    g_free (request->json);
    g_free (request);
}

char *
bureau_error_to_message (const GError *error)
{
    guint32 id;

    if (bureau_error_to_status (error) != 500)
        return g_strdup (error->message);

    id = randombytes_random ();
    g_warning ("Error %08x: %s", id, error->message);
    return g_strdup_printf ("Something went wrong in the hub. Its log says more about error %08x.",
                            id);
}

char *
bureau_error_to_answer (const GError *error)
{
    g_autoptr (JsonObject) answer = json_object_new ();
    JsonObject *body = json_object_new ();
    const char *field = bureau_error_get_field (error);
    gint64 retry_after = bureau_error_get_retry_after (error);
    g_autofree char *message = bureau_error_to_message (error);

    json_object_set_boolean_member (answer, "ok", FALSE);
    json_object_set_object_member (answer, "error", body);
    bureau_json_set_string (body, "code", bureau_error_to_code (error));
    bureau_json_set_string (body, "message", message);
    bureau_json_set_optional (body, "field", field);
    bureau_json_set_optional (body, "reason", bureau_error_get_reason (error));
    if (retry_after > 0)
        json_object_set_int_member (body, "retryAfterMs", retry_after);
    return bureau_json_object_to_string (answer);
}

void
bureau_request_fail (BureauRequest *request, const GError *error)
{
    bureau_call_end_work (&request->call);
    g_free (request->json);
    request->json = bureau_error_to_answer (error);
    request->status = bureau_error_to_status (error);
}
