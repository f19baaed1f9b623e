/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-error.h"
#include "bureau-json.h"
#include "bureau-task.h"

#define T "0b0e7d0e-0d0c-4a0b-8c0d-0e0f0a0b0c01"
#define P "0b0e7d0e-0d0c-4a0b-8c0d-0e0f0a0b0c02"
#define U "0b0e7d0e-0d0c-4a0b-8c0d-0e0f0a0b0c03"
#define V "0b0e7d0e-0d0c-4a0b-8c0d-0e0f0a0b0c04"

static const char whole[] =
    "{\"id\":\"" T "\",\"key\":\"STU-42\",\"projectId\":\"" P "\",\"title\":\"Patch bay\","
    "\"description\":\"Old\",\"status\":\"review\",\"position\":\"a1\",\"priority\":2,"
    "\"assignees\":[{\"userId\":\"" U "\",\"name\":\"Ana\",\"state\":\"sent\","
    "\"at\":\"2026-11-21T09:30:00.000Z\"}],\"dueAt\":\"2026-11-30\",\"kind\":\"task\","
    "\"completedAt\":null,\"createdAt\":\"2026-11-21T09:30:00.000Z\",\"createdBy\":\"" U "\","
    "\"updatedAt\":\"2026-11-21T09:31:00.000Z\",\"version\":3,\"projectName\":\"Studio\","
    "\"assigneeName\":\"Ana\",\"systemName\":null}";

static BureauTask *
task_from (const char *text)
{
    g_autoptr (JsonObject) json = bureau_json_parse_object (text, -1, NULL);
    g_autoptr (GError) error = NULL;
    BureauTask *task = bureau_task_new_from_json (json, &error);

    g_assert_no_error (error);
    return task;
}

static gboolean
update (BureauTask *task, const char *text, GError **error)
{
    g_autoptr (JsonObject) json = bureau_json_parse_object (text, -1, NULL);

    return bureau_task_update_from_json (task, json, error);
}

static void
on_notify_cb (GObject *object, GParamSpec *pspec, gpointer data)
{
    g_string_append_printf (data, "%s ", pspec->name);
}

static void
test_round_trip (void)
{
    g_autoptr (BureauTask) task = task_from (whole);
    g_autoptr (JsonObject) json = bureau_task_to_json (task);
    g_autofree char *text = bureau_json_object_to_string (json);

    g_assert_cmpstr (text, ==, whole);
    g_assert_cmpstr (bureau_task_get_title (task), ==, "Patch bay");
    g_assert_cmpint (bureau_task_get_status (task), ==, BUREAU_STATUS_REVIEW);
    g_assert_true (bureau_task_is_assigned_to (task, U));
    g_assert_false (bureau_task_is_assigned_to (task, V));
    g_assert_false (bureau_task_is_assigned_to (task, NULL));
    g_assert_cmpint (bureau_task_get_completed_at (task), ==, 0);
}

static void
test_defaults (void)
{
    g_autoptr (BureauTask) task = bureau_task_new (T);
    g_autoptr (BureauTask) parsed = task_from ("{\"id\":\"" T "\",\"projectId\":\"" P
                                               "\",\"title\":\"x\",\"status\":\"todo\"}");

    g_assert_cmpstr (bureau_task_get_description (task), ==, "");
    g_assert_cmpuint (bureau_task_get_priority (task), ==, 4);
    g_assert_cmpstr (bureau_task_get_kind (task), ==, "task");
    g_assert_null (bureau_task_get_assignee_ids (task)[0]);
    g_assert_cmpuint (bureau_task_get_priority (parsed), ==, 4);
    g_assert_null (bureau_task_get_due_at (parsed));
}

static void
test_missing (void)
{
    static const char *const required[] = { "id", "projectId", "title", "status" };

    for (guint i = 0; i < G_N_ELEMENTS (required); i++) {
        g_autoptr (JsonObject) json = bureau_json_parse_object (whole, -1, NULL);
        g_autoptr (GError) error = NULL;

        json_object_remove_member (json, required[i]);
        g_assert_null (bureau_task_new_from_json (json, &error));
        g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_INVALID);
        g_assert_cmpstr (bureau_error_get_field (error), ==, required[i]);
    }
}

static void
test_update_notifies (void)
{
    g_autoptr (BureauTask) task = task_from (whole);
    g_autoptr (GString) notified = g_string_new (NULL);
    g_autoptr (GError) error = NULL;

    g_signal_connect (task, "notify", G_CALLBACK (on_notify_cb), notified);
    g_assert_true (update (task, whole, &error));
    g_assert_cmpstr (notified->str, ==, "");

    g_assert_true (update (task,
                           "{\"title\":\"New\",\"status\":\"review\",\"dueAt\":null,"
                           "\"assignees\":[],\"future\":{\"x\":1}}",
                           &error));
    g_assert_no_error (error);
    g_assert_nonnull (g_strstr_len (notified->str, -1, "title "));
    g_assert_nonnull (g_strstr_len (notified->str, -1, "due-at "));
    g_assert_nonnull (g_strstr_len (notified->str, -1, "assignee-ids "));
    g_assert_null (g_strstr_len (notified->str, -1, "status "));
    g_assert_cmpstr (bureau_task_get_title (task), ==, "New");
    g_assert_null (bureau_task_get_due_at (task));
    g_assert_cmpstr (bureau_task_get_description (task), ==, "Old");
}

/* A wrong field anywhere changes nothing at all. */
static void
test_update_all_or_nothing (void)
{
    static const struct {
        const char *json;
        const char *field;
    } rows[] = {
        { "{\"title\":\"New\",\"status\":\"doing\"}", "status" },
        { "{\"title\":\"New\",\"status\":null}", "status" },
        { "{\"title\":\"New\",\"priority\":9}", "priority" },
        { "{\"title\":\"New\",\"version\":\"3\"}", "version" },
        { "{\"title\":\"New\",\"assignees\":null}", "assignees" },
        { "{\"title\":\"New\",\"assignees\":{}}", "assignees" },
        { "{\"title\":\"New\",\"assignees\":[{\"userId\":\"x\"}]}", "assignees" },
        { "{\"title\":\"New\",\"assignees\":[\"" U "\"]}", "assignees" },
        { "{\"title\":\"New\",\"position\":\"a0\"}", "position" },
        { "{\"title\":\"New\",\"dueAt\":\"soon\"}", "dueAt" },
        { "{\"title\":\"New\",\"createdAt\":\"soon\"}", "createdAt" },
        { "{\"title\":\"New\",\"createdBy\":\"ana\"}", "createdBy" },
        { "{\"title\":\"New\",\"id\":\"" P "\"}", "id" },
        { "{\"title\":\"New\",\"projectId\":\"0B0E7D0E-0d0c-4a0b-8c0d-0e0f0a0b0c02\"}",
          "projectId" },
    };
    g_autoptr (BureauTask) task = task_from (whole);

    for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
        g_autoptr (JsonObject) json = NULL;
        g_autoptr (GError) error = NULL;
        g_autofree char *text = NULL;

        g_assert_false (update (task, rows[i].json, &error));
        g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_INVALID);
        g_assert_cmpstr (bureau_error_get_field (error), ==, rows[i].field);
        json = bureau_task_to_json (task);
        text = bureau_json_object_to_string (json);
        g_assert_cmpstr (text, ==, whole);
    }
}

static void
test_assignees (void)
{
    static const char *const both[] = { V, U, NULL };
    g_autoptr (BureauTask) task = task_from (whole);
    g_autoptr (JsonObject) json = NULL;
    JsonArray *assignees;

    bureau_task_set_assignee_ids (task, both);
    json = bureau_task_to_json (task);
    assignees = bureau_json_get_array (json, "assignees");
    g_assert_cmpuint (json_array_get_length (assignees), ==, 2);
    g_assert_cmpstr (bureau_json_get_string (bureau_json_array_get_object (assignees, 0), "userId"),
                     ==, V);
    g_assert_cmpstr (bureau_json_get_string (bureau_json_array_get_object (assignees, 1), "name"),
                     ==, "Ana");
    bureau_task_set_assignee_ids (task, NULL);
    g_assert_null (bureau_task_get_assignee_ids (task)[0]);
}

/* Every property can be read and set by its name, as bindings do. */
static void
test_properties (void)
{
    g_autoptr (BureauTask) task = task_from (whole);
    g_autofree GParamSpec **pspecs = NULL;
    guint n_pspecs;

    pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (task), &n_pspecs);
    g_assert_cmpuint (n_pspecs, >=, 19);
    for (guint i = 0; i < n_pspecs; i++) {
        g_auto (GValue) value = G_VALUE_INIT;
        g_autoptr (GString) notified = g_string_new (NULL);

        g_object_get_property (G_OBJECT (task), pspecs[i]->name, &value);
        if (pspecs[i]->flags & G_PARAM_CONSTRUCT_ONLY)
            continue;
        g_signal_connect (task, "notify", G_CALLBACK (on_notify_cb), notified);
        g_object_set_property (G_OBJECT (task), pspecs[i]->name, &value);
        g_assert_cmpstr (notified->str, ==, "");
        g_value_reset (&value);
        g_param_value_set_default (pspecs[i], &value);
        g_object_set_property (G_OBJECT (task), pspecs[i]->name, &value);
        g_signal_handlers_disconnect_by_data (task, notified);
    }
    g_assert_cmpstr (bureau_task_get_description (task), ==, "");
    g_assert_cmpint (bureau_task_get_status (task), ==, BUREAU_STATUS_TODO);
}

static void
test_compare (void)
{
    static const struct {
        BureauStatus status;
        const char *position;
        const char *id;
    } ordered[] = {
        { BUREAU_STATUS_REQUESTED, "z", T }, { BUREAU_STATUS_TODO, NULL, T },
        { BUREAU_STATUS_TODO, "Zz", T },     { BUREAU_STATUS_TODO, "a1", T },
        { BUREAU_STATUS_TODO, "a1", U },     { BUREAU_STATUS_TODO, "a2", T },
        { BUREAU_STATUS_DONE, "A1", T },     { BUREAU_STATUS_DECLINED, "A1", T },
    };

    for (guint i = 0; i < G_N_ELEMENTS (ordered); i++) {
        for (guint k = 0; k < G_N_ELEMENTS (ordered); k++) {
            g_autoptr (BureauTask) a = bureau_task_new (ordered[i].id);
            g_autoptr (BureauTask) b = bureau_task_new (ordered[k].id);
            int order;

            bureau_task_set_status (a, ordered[i].status);
            bureau_task_set_position (a, ordered[i].position);
            bureau_task_set_status (b, ordered[k].status);
            bureau_task_set_position (b, ordered[k].position);
            order = bureau_task_compare (a, b);
            g_assert_cmpint (i < k ? order < 0 : i > k ? order > 0 : order == 0, ==, TRUE);
        }
    }
}

int
main (int argc, char *argv[])
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/task/round-trip", test_round_trip);
    g_test_add_func ("/task/defaults", test_defaults);
    g_test_add_func ("/task/missing", test_missing);
    g_test_add_func ("/task/update-notifies", test_update_notifies);
    g_test_add_func ("/task/update-all-or-nothing", test_update_all_or_nothing);
    g_test_add_func ("/task/assignees", test_assignees);
    g_test_add_func ("/task/properties", test_properties);
    g_test_add_func ("/task/compare", test_compare);
    return g_test_run ();
}
