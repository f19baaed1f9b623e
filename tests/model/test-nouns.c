/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "bureau-enums.h"
#include "bureau-error.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-member.h"
#include "bureau-project.h"
#include "bureau-time-entry.h"

#define A "0b0e7d0e-0d0c-4a0b-8c0d-0e0f0a0b0c01"
#define B "0b0e7d0e-0d0c-4a0b-8c0d-0e0f0a0b0c02"
#define C "0b0e7d0e-0d0c-4a0b-8c0d-0e0f0a0b0c03"

static const char member_json[] = "{\"id\":\"" A
                                  "\",\"name\":\"Ana\",\"handle\":\"ana\",\"color\":\"#3584e4\","
                                  "\"role\":\"owner\",\"active\":true,\"placeholder\":true}";
static const char project_json[] = "{\"id\":\"" A "\",\"workspaceId\":\"" B
                                   "\",\"name\":\"Studio\",\"key\":\"STU\","
                                   "\"color\":\"#3584e4\",\"archived\":true,\"memberIds\":[\"" C
                                   "\",\"" B "\"],\"version\":7}";
static const char entry_json[] = "{\"id\":\"" A "\",\"workspaceId\":\"" B "\",\"userId\":\"" C
                                 "\",\"taskId\":null,"
                                 "\"projectId\":\"" B
                                 "\",\"note\":\"n\",\"startTime\":\"2026-11-21T09:30:00.000Z\","
                                 "\"endTime\":null}";

static JsonObject *
parse (const char *text)
{
    return bureau_json_parse_object (text, -1, NULL);
}

static void
assert_json (JsonObject *json, const char *expected)
{
    g_autofree char *text = bureau_json_object_to_string (json);

    g_assert_cmpstr (text, ==, expected);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
    return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
on_notify_cb (GObject *object, GParamSpec *pspec, gpointer data)
{
    g_ptr_array_add (data, (gpointer) pspec->name);
}

/* In which order a thaw notifies is GLib's affair. */
static void
assert_notified (GPtrArray *names, const char *expected)
{
    g_autofree char *joined = NULL;

    g_ptr_array_sort (names, compare_names);
    g_ptr_array_add (names, NULL);
    joined = g_strjoinv (" ", (char **) names->pdata);
    g_assert_cmpstr (joined, ==, expected);
}

static void
test_member (void)
{
    g_autoptr (JsonObject) json = parse (member_json);
    g_autoptr (JsonObject) change = parse ("{\"name\":\"Ann\",\"role\":\"guest\"}");
    g_autoptr (JsonObject) wrong = parse ("{\"name\":\"Eve\",\"active\":\"yes\"}");
    g_autoptr (JsonObject) back = NULL;
    g_autoptr (GPtrArray) notified = g_ptr_array_new ();
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauMember) member = bureau_member_new_from_json (json, &error);

    g_assert_no_error (error);
    back = bureau_member_to_json (member);
    assert_json (back, member_json);

    g_signal_connect (member, "notify", G_CALLBACK (on_notify_cb), notified);
    g_assert_true (bureau_member_update_from_json (member, change, &error));
    bureau_member_set_presence (member, BUREAU_PRESENCE_AWAY);
    bureau_member_set_presence (member, BUREAU_PRESENCE_AWAY);
    assert_notified (notified, "name presence role");
    g_assert_cmpint (bureau_member_get_role (member), ==, BUREAU_ROLE_GUEST);

    g_assert_false (bureau_member_update_from_json (member, wrong, &error));
    g_assert_cmpstr (bureau_error_get_field (error), ==, "active");
    g_assert_cmpstr (bureau_member_get_name (member), ==, "Ann");
}

static void
test_project (void)
{
    g_autoptr (JsonObject) json = parse (project_json);
    g_autoptr (JsonObject) change = parse ("{\"memberIds\":[],\"archived\":false}");
    g_autoptr (JsonObject) wrong = parse ("{\"name\":\"x\",\"memberIds\":[1]}");
    g_autoptr (JsonObject) back = NULL;
    g_autoptr (GPtrArray) notified = g_ptr_array_new ();
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauProject) project = bureau_project_new_from_json (json, &error);

    g_assert_no_error (error);
    back = bureau_project_to_json (project);
    assert_json (back, project_json);
    g_assert_cmpstr (bureau_project_get_member_ids (project)[1], ==, B);

    g_signal_connect (project, "notify", G_CALLBACK (on_notify_cb), notified);
    g_assert_true (bureau_project_update_from_json (project, change, &error));
    assert_notified (notified, "archived member-ids");

    /* A key of the hub's own making may be longer than one that people may choose. */
    json_object_set_string_member (json, "key", "ABCDEFGH2");
    g_assert_true (bureau_project_update_from_json (project, json, &error));
    g_assert_no_error (error);
    g_assert_cmpstr (bureau_project_get_short_name (project), ==, "ABCDEFGH2");

    g_assert_false (bureau_project_update_from_json (project, wrong, &error));
    g_assert_cmpstr (bureau_error_get_field (error), ==, "memberIds");
    g_assert_cmpstr (bureau_project_get_name (project), ==, "Studio");
}

static void
test_time_entry (void)
{
    g_autoptr (JsonObject) json = parse (entry_json);
    g_autoptr (JsonObject) back = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauTimeEntry) entry = bureau_time_entry_new_from_json (json, &error);
    gint64 start = bureau_instant_from_string ("2026-11-21T09:30:00Z");

    g_assert_no_error (error);
    back = bureau_time_entry_to_json (entry);
    assert_json (back, entry_json);

    g_assert_cmpint (bureau_time_entry_get_seconds (entry, start), ==, 0);
    g_assert_cmpint (bureau_time_entry_get_seconds (entry, start - 5000), ==, 0);
    g_assert_cmpint (bureau_time_entry_get_seconds (entry, start + 61999), ==, 61);
    bureau_time_entry_set_end_time (entry, start + 3000);
    g_assert_cmpint (bureau_time_entry_get_seconds (entry, start + 61999), ==, 3);
}

/* Each required member, left out and made null. */
static void
test_required (void)
{
    static const struct {
        const char *text;
        const char *names[4];
    } nouns[] = {
        { member_json, { "id", "name", "role" } },
        { project_json, { "id", "workspaceId", "name" } },
        { entry_json, { "id", "userId", "startTime" } },
    };

    for (guint i = 0; i < G_N_ELEMENTS (nouns); i++) {
        for (guint k = 0; k < 6; k++) {
            const char *name = nouns[i].names[k % 3];
            g_autoptr (JsonObject) json = parse (nouns[i].text);
            g_autoptr (GObject) object = NULL;
            g_autoptr (GError) error = NULL;

            if (k < 3)
                json_object_remove_member (json, name);
            else
                json_object_set_null_member (json, name);
            if (i == 0)
                object = (GObject *) bureau_member_new_from_json (json, &error);
            else if (i == 1)
                object = (GObject *) bureau_project_new_from_json (json, &error);
            else
                object = (GObject *) bureau_time_entry_new_from_json (json, &error);
            g_assert_null (object);
            g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_INVALID);
            g_assert_cmpstr (bureau_error_get_field (error), ==, name);
        }
    }
}

static void
test_words (void)
{
    for (BureauRole role = BUREAU_ROLE_GUEST; role <= BUREAU_ROLE_OWNER; role++)
        g_assert_cmpint (bureau_role_from_string (bureau_role_to_string (role)), ==, role);
    for (BureauStatus status = BUREAU_STATUS_REQUESTED; status <= BUREAU_STATUS_DECLINED; status++)
        g_assert_cmpint (bureau_status_from_string (bureau_status_to_string (status)), ==, status);
    for (BureauPresence p = BUREAU_PRESENCE_OFFLINE; p <= BUREAU_PRESENCE_ONLINE; p++)
        g_assert_cmpint (bureau_presence_from_string (bureau_presence_to_string (p)), ==, p);
    g_assert_cmpstr (bureau_status_to_string (BUREAU_STATUS_IN_PROGRESS), ==, "in_progress");
    g_assert_cmpint (bureau_role_from_string ("none"), ==, -1);
    g_assert_cmpint (bureau_role_from_string (NULL), ==, -1);
    g_assert_cmpint (bureau_status_from_string ("Todo"), ==, -1);
    g_assert_cmpint (bureau_presence_from_string (""), ==, -1);
}

int
main (int argc, char *argv[])
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/nouns/member", test_member);
    g_test_add_func ("/nouns/project", test_project);
    g_test_add_func ("/nouns/time-entry", test_time_entry);
    g_test_add_func ("/nouns/required", test_required);
    g_test_add_func ("/nouns/words", test_words);
    return g_test_run ();
}
