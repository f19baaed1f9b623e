/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "test-office.h"

#include <stdarg.h>

#include "bureau-json.h"
#include "bureau-store-members.h"
#include "test-directory.h"

static void
keep_answer (BureauRequest *request)
{
    *(JsonObject **) request->door = bureau_json_parse_object (request->json, -1, NULL);
}

void
office_queue_request (Office *office, BureauRequest *request, JsonObject **answer)
{
    request->door = answer;
    request->answered = keep_answer;
    bureau_authority_queue (office->authority, request);
}

void
office_queue (Office *office, const char *user_id, const char *command, JsonObject **answer,
              const char *format, ...)
{
    g_autofree char *json = NULL;
    BureauRequest *request;
    va_list values;

    va_start (values, format);
    json = g_strdelimit (g_strdup_vprintf (format, values), "'", '"');
    va_end (values);

    request = bureau_request_new_command (office->authority, command,
                                          bureau_json_parse_object (json, -1, NULL),
                                          bureau_actor_new (user_id, user_id));
    office_queue_request (office, request, answer);
}

const char *
get_code (JsonObject *answer)
{
    JsonObject *error = bureau_json_get_object (answer, "error");

    g_assert_cmpint (bureau_json_get_boolean (answer, "ok", FALSE), ==, error == NULL);
    return error != NULL ? bureau_json_get_string (error, "code") : "ok";
}

char *
office_join (Office *office, const char *by, const char *role, const char *name)
{
    g_autofree char *id = bureau_id_new ();

    ASSERT_CODE (RUN (office, by, "member:add",
                      "{'id':'%s','workspaceId':'%s','name':'%s','role':'%s'}", id,
                      office->owner->workspace_id, name, role),
                 "ok");
    g_assert_true (
        bureau_store_set_placeholder (office->authority->store, id, FALSE, NULL) &&
        bureau_store_add_project_member (office->authority->store, office->project_id, id, NULL));
    return g_steal_pointer (&id);
}

void
office_set_up (Office *office, gconstpointer data)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) described = NULL;
    BureauSettings settings = bureau_settings_get_default ();

    office->directory = directory_new ();
    office->owner = bureau_hub_create_office (office->directory, "Studio Nord", "Ana", "test",
                                              "First project", NULL, &error);
    g_assert_no_error (error);
    office->authority = bureau_authority_open (office->directory, &settings, &error);
    g_assert_no_error (error);
    described = RUN (office, office->owner->user_id, "office:describe", "{}");
    office->project_id = g_strdup (bureau_json_get_string (
        json_array_get_object_element (bureau_json_get_array (described, "projects"), 0), "id"));
}

void
office_tear_down (Office *office, gconstpointer data)
{
    bureau_authority_close (office->authority);
    bureau_hub_owner_free (office->owner);
    directory_free (office->directory);
    g_free (office->project_id);
}
