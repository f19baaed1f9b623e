/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-catalog.h"
#include "bureau-error.h"
#include "bureau-json.h"

#define A       "0b0e7d0e-0d0c-4a0b-8c0d-0e0f0a0b0c0a"
#define B       "0b0e7d0e-0d0c-4a0b-8c0d-0e0f0a0b0c0b"
#define UPPER_A "0B0E7D0E-0D0C-4A0B-8C0D-0E0F0A0B0C0A"

#define TASK "\"projectId\":\"" A "\",\"title\":\"x\""

typedef struct {
    const char *command;
    const char *params;
    const char *canonical; /* NULL where @params are right as they are */
} GoodRow;

static const GoodRow good_rows[] = {
    { "office:describe", "{}", NULL },
    { "office:describe", "{\"opId\":\"" A "\"}", NULL },
    { "office:describe", "{\"opId\":\"" UPPER_A "\",\"whatever\":[{}]}", "{\"opId\":\"" A "\"}" },
    { "room:join", "{\"projectId\":\"" A "\"}", NULL },
    { "room:join", "{\"programId\":\"" A "\"}", "{\"projectId\":\"" A "\"}" },
    { "room:join", "{\"organizationId\":\"" A "\"}", "{\"workspaceId\":\"" A "\"}" },
    { "room:join", "{\"programId\":\"" B "\",\"projectId\":\"" A "\"}",
      "{\"projectId\":\"" A "\"}" },
    { "join:project", "{\"projectId\":\"" A "\"}", NULL },
    { "leave:project", "{\"programId\":\"" A "\"}", "{\"projectId\":\"" A "\"}" },
    { "presence:update", "{\"status\":\"away\"}", NULL },
    { "presence:viewing", "{\"taskId\":null}", NULL },
    { "presence:viewing", "{\"taskId\":\"" A "\"}", NULL },
    { "task:create", "{" TASK "}", NULL },
    { "task:create",
      "{\"id\":\"" B "\"," TASK ",\"description\":\"a\\n\\tb\",\"status\":\"todo\",\"priority\":1,"
      "\"assigneeIds\":[\"" A "\"],\"dueAt\":\"2026-11-21\",\"kind\":\"request\",\"after\":null}",
      NULL },
    { "task:create", "{" TASK ",\"assigneeIds\":[\"" A "\",\"" UPPER_A "\",\"" B "\"]}",
      "{" TASK ",\"assigneeIds\":[\"" A "\",\"" B "\"]}" },
    { "task:create", "{\"programId\":\"" A "\",\"title\":\" x \"}", "{" TASK "}" },
    { "task:create", "{" TASK ",\"description\":\"\"}", NULL },
    { "task:update", "{\"id\":\"" A "\",\"base\":3,\"dueAt\":null}", NULL },
    { "task:update", "{\"id\":\"" A "\",\"dueAt\":\"2026-11-21T10:30:00+01:00\"}",
      "{\"id\":\"" A "\",\"dueAt\":\"2026-11-21T09:30:00.000Z\"}" },
    { "task:update", "{\"id\":\"" A "\",\"dueAt\":\"1970-01-01T00:00:00Z\"}", NULL },
    { "timer:start", "{\"startTime\":\"2026-11-21T09:30:00Z\"}",
      "{\"startTime\":\"2026-11-21T09:30:00.000Z\"}" },
    { "task:move", "{\"id\":\"" A "\",\"status\":\"done\",\"after\":\"" B "\"}", NULL },
    { "task:delete", "{\"id\":\"" A "\"}", NULL },
    { "task:undo_delete", "{\"id\":\"" A "\"}", NULL },
    { "project:create", "{\"name\":\"Studio\",\"key\":\"stu\",\"color\":\"#3584E4\"}",
      "{\"name\":\"Studio\",\"key\":\"STU\",\"color\":\"#3584e4\"}" },
    { "project:create", "{\"name\":\"Studio\",\"key\":\"S\",\"memberIds\":[]}", NULL },
    { "project:update", "{\"id\":\"" A "\",\"name\":\"Studio\"}", NULL },
    { "project:archive", "{\"id\":\"" A "\"}", NULL },
    { "timer:start", "{}", NULL },
    { "timer:start", "{\"taskId\":null,\"note\":null}", NULL },
    { "timer:start", "{\"startTime\":\"2026-11-21T09:30:00.000Z\",\"note\":\"\"}", NULL },
    { "timer:stop", "{}", NULL },
    { "timer:stop", "{\"endTime\":\"2026-11-21T10:30:00+01:00\"}",
      "{\"endTime\":\"2026-11-21T09:30:00.000Z\"}" },
    { "member:invite", "{\"role\":\"guest\",\"uses\":10,\"hours\":168}", NULL },
    { "member:update_self", "{\"name\":\"Zoë\",\"color\":\"#000000\"}", NULL },
};

typedef struct {
    const char *command;
    const char *params;
    const char *field;
} BadRow;

static const BadRow bad_rows[] = {
    { "office:describe", "{\"opId\":\"x\"}", "opId" },
    { "office:describe", "{\"opId\":null}", "opId" },
    { "room:join", "{\"programId\":5}", "projectId" },
    { "presence:update", "{}", "status" },
    { "presence:update", "{\"status\":\"busy\"}", "status" },
    { "presence:viewing", "{}", "taskId" },
    { "task:create", "{}", "projectId" },
    { "task:create", "{\"projectId\":\"" A "\"}", "title" },
    { "task:create", "{\"projectId\":\"" A "\",\"title\":\"\"}", "title" },
    { "task:create", "{\"projectId\":\"" A "\",\"title\":\" \\u200b\\u00a0 \"}", "title" },
    { "task:create", "{\"projectId\":\"" A "\",\"title\":null}", "title" },
    { "task:create", "{\"projectId\":\"" A "\",\"title\":5}", "title" },
    { "task:create", "{\"projectId\":\"" A "\",\"title\":[\"x\"]}", "title" },
    { "task:create", "{\"projectId\":\"" A "\",\"title\":{\"x\":1}}", "title" },
    { "task:create", "{\"projectId\":\"" A "\",\"title\":\"a\\nb\"}", "title" },
    { "task:create", "{\"projectId\":\"" A "\",\"title\":\"a\\tb\"}", "title" },
    { "task:create", "{\"projectId\":\"" A "\",\"title\":\"a\\u2028b\"}", "title" },
    { "task:create", "{\"projectId\":\"" A "\",\"title\":\"a\\u0007b\"}", "title" },
    { "task:create", "{\"projectId\":\"" A "\",\"title\":\"a\\u202eb\"}", "title" },
    { "task:create", "{\"projectId\":\"" A "\",\"title\":\"a\\u2066b\"}", "title" },
    { "task:create", "{" TASK ",\"description\":\"a\\u001bb\"}", "description" },
    { "task:create", "{" TASK ",\"description\":\"a\\u0085b\"}", "description" },
    { "task:create", "{" TASK ",\"description\":\"a\\rb\"}", "description" },
    { "task:create", "{" TASK ",\"description\":null}", "description" },
    { "task:create", "{" TASK ",\"status\":\"doing\"}", "status" },
    { "task:create", "{" TASK ",\"priority\":0}", "priority" },
    { "task:create", "{" TASK ",\"priority\":5}", "priority" },
    { "task:create", "{" TASK ",\"priority\":1.0}", "priority" },
    { "task:create", "{" TASK ",\"priority\":\"1\"}", "priority" },
    { "task:create", "{" TASK ",\"priority\":true}", "priority" },
    { "task:create", "{" TASK ",\"assigneeIds\":\"" A "\"}", "assigneeIds" },
    { "task:create", "{" TASK ",\"assigneeIds\":[5]}", "assigneeIds" },
    { "task:create", "{" TASK ",\"assigneeIds\":[null]}", "assigneeIds" },
    { "task:create", "{" TASK ",\"assigneeIds\":[[]]}", "assigneeIds" },
    { "task:create", "{" TASK ",\"dueAt\":\"2026-02-30\"}", "dueAt" },
    { "task:create", "{" TASK ",\"dueAt\":1}", "dueAt" },
    { "task:create", "{" TASK ",\"kind\":\"epic\"}", "kind" },
    { "task:create", "{" TASK ",\"id\":\"1\"}", "id" },
    { "task:update", "{\"title\":\"x\"}", "id" },
    { "task:update", "{\"id\":\"" A "\",\"base\":0}", "base" },
    { "task:update", "{\"id\":\"" A "\",\"title\":null}", "title" },
    { "task:move", "{\"id\":\"" A "\"}", "status" },
    { "project:create", "{}", "name" },
    { "project:create", "{\"name\":\"x\",\"key\":\"\"}", "key" },
    { "project:create", "{\"name\":\"x\",\"key\":\"ABCDEFGHI\"}", "key" },
    { "project:create", "{\"name\":\"x\",\"key\":\"1ST\"}", "key" },
    { "project:create", "{\"name\":\"x\",\"key\":\"ST-U\"}", "key" },
    { "project:create", "{\"name\":\"x\",\"color\":\"red\"}", "color" },
    { "project:create", "{\"name\":\"x\",\"color\":\"#12345\"}", "color" },
    { "timer:start", "{\"startTime\":\"yesterday\"}", "startTime" },
    { "timer:stop", "{\"endTime\":5}", "endTime" },
    { "member:invite", "{\"role\":\"none\"}", "role" },
    { "member:invite", "{\"role\":\"king\"}", "role" },
    { "member:invite", "{\"uses\":0}", "uses" },
    { "member:invite", "{\"hours\":100000}", "hours" },
    { "member:update_self", "{\"name\":\"\"}", "name" },
};

static void
test_good (gconstpointer data)
{
    const GoodRow *row = data;
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) params = bureau_json_parse_object (row->params, -1, NULL);
    g_autoptr (JsonObject) result = NULL;
    g_autoptr (JsonObject) expected = NULL;

    result = bureau_command_validate (bureau_command_find (row->command), params, &error);
    g_assert_no_error (error);
    expected = bureau_json_parse_object (row->canonical != NULL ? row->canonical : row->params, -1,
                                         NULL);
    g_assert_true (bureau_json_equal (result, expected));
}

static void
test_bad (gconstpointer data)
{
    const BadRow *row = data;
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) params = bureau_json_parse_object (row->params, -1, NULL);

    g_assert_nonnull (params);
    g_assert_null (bureau_command_validate (bureau_command_find (row->command), params, &error));
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_INVALID);
    g_assert_cmpstr (bureau_error_get_field (error), ==, row->field);
    g_assert_true (g_str_has_suffix (error->message, "."));
    g_assert_null (bureau_command_validate (bureau_command_find (row->command), params, NULL));
}

/* Limits count characters, not bytes. */
static void
test_sizes (void)
{
    static const struct {
        const char *command;
        const char *field;
        guint max;
    } rows[] = {
        { "task:create", "title", BUREAU_MAX_TITLE },
        { "task:create", "description", BUREAU_MAX_DESCRIPTION },
        { "project:create", "name", BUREAU_MAX_NAME },
        { "member:update_self", "name", BUREAU_MAX_NAME },
    };

    for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
        const BureauCommand *command = bureau_command_find (rows[i].command);
        g_autoptr (JsonObject) params = json_object_new ();
        g_autoptr (JsonObject) result = NULL;
        g_autoptr (GString) text = g_string_new (NULL);
        g_autoptr (GError) error = NULL;

        json_object_set_string_member (params, "projectId", A);
        json_object_set_string_member (params, "title", "x");
        for (guint k = 0; k < rows[i].max; k++)
            g_string_append (text, "ü");
        json_object_set_string_member (params, rows[i].field, text->str);
        result = bureau_command_validate (command, params, &error);
        g_assert_no_error (error);
        g_assert_cmpstr (bureau_json_get_string (result, rows[i].field), ==, text->str);

        g_string_append_c (text, 'x');
        json_object_set_string_member (params, rows[i].field, text->str);
        g_assert_null (bureau_command_validate (command, params, &error));
        g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_TOO_LARGE);
        g_assert_cmpstr (bureau_error_get_field (error), ==, rows[i].field);
    }
}

static void
test_list_size (void)
{
    g_autoptr (JsonObject) params = json_object_new ();
    JsonArray *ids = json_array_new ();
    g_autoptr (GError) error = NULL;

    json_object_set_string_member (params, "projectId", A);
    json_object_set_string_member (params, "title", "x");
    for (guint i = 0; i < 101; i++)
        json_array_add_string_element (ids, A);
    json_object_set_array_member (params, "assigneeIds", ids);
    g_assert_null (bureau_command_validate (bureau_command_find ("task:create"), params, &error));
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_TOO_LARGE);
}

static void
test_no_params (void)
{
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) result = NULL;

    result = bureau_command_validate (bureau_command_find ("timer:stop"), NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (json_object_get_size (result), ==, 0);
}

/* What is checked stays as it was. */
static void
test_leaves_params (void)
{
    const char *text = "{\"programId\":\"" UPPER_A "\",\"title\":\" x \",\"more\":1}";
    g_autoptr (JsonObject) params = bureau_json_parse_object (text, -1, NULL);
    g_autoptr (JsonObject) result = NULL;
    g_autofree char *after = NULL;

    result = bureau_command_validate (bureau_command_find ("task:create"), params, NULL);
    g_assert_nonnull (result);
    after = bureau_json_object_to_string (params);
    g_assert_cmpstr (after, ==, text);
}

static void
test_table (void)
{
    for (guint i = 0; i < BUREAU_N_COMMANDS; i++) {
        const BureauCommand *command = bureau_command_get ((BureauCommandId) i);

        g_assert_cmpuint (command->id, ==, i);
        g_assert_true (bureau_command_find (command->name) == command);
        g_assert_nonnull (command->fields);
        g_assert_false (bureau_command_is_offered (command->id, BUREAU_ROLE_NONE));
        g_assert_true (bureau_command_is_offered (command->id, BUREAU_ROLE_OWNER));
    }
    g_assert_null (bureau_command_find ("task:explode"));
    g_assert_null (bureau_command_find (""));
    g_assert_null (bureau_command_find (NULL));
}

static void
test_offers (void)
{
    static const struct {
        const char *command;
        BureauRole least;
    } rows[] = {
        { "task:create", BUREAU_ROLE_GUEST },      { "task:update", BUREAU_ROLE_GUEST },
        { "task:move", BUREAU_ROLE_MEMBER },       { "timer:start", BUREAU_ROLE_MEMBER },
        { "timer:stop", BUREAU_ROLE_MEMBER },      { "project:create", BUREAU_ROLE_MANAGER },
        { "project:update", BUREAU_ROLE_MANAGER }, { "project:archive", BUREAU_ROLE_MANAGER },
        { "member:invite", BUREAU_ROLE_MANAGER },  { "office:describe", BUREAU_ROLE_GUEST },
    };

    for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
        BureauCommandId id = bureau_command_find (rows[i].command)->id;

        for (BureauRole role = BUREAU_ROLE_NONE; role <= BUREAU_ROLE_OWNER; role++)
            g_assert_cmpint (bureau_command_is_offered (id, role), ==, role >= rows[i].least);
    }
}

static void
test_may_manage (void)
{
    for (BureauRole other = BUREAU_ROLE_GUEST; other <= BUREAU_ROLE_OWNER; other++) {
        g_assert_false (bureau_role_may_manage (BUREAU_ROLE_NONE, other));
        g_assert_false (bureau_role_may_manage (BUREAU_ROLE_GUEST, other));
        g_assert_false (bureau_role_may_manage (BUREAU_ROLE_MEMBER, other));
        g_assert_cmpint (bureau_role_may_manage (BUREAU_ROLE_MANAGER, other), ==,
                         other != BUREAU_ROLE_OWNER);
        g_assert_true (bureau_role_may_manage (BUREAU_ROLE_OWNER, other));
    }
}

static void
test_names (void)
{
    static const char *const bad[] = { NULL,        "",          "  ",       "Ana\nPohl",
                                       "Ana\tPohl", "Ana\x7f",   "\xff",     "\u200b",
                                       "Ana\u2028", "\u202eanA", "Ana\u2066" };
    g_autofree char *longest = g_strnfill (BUREAU_MAX_NAME, 'a');
    g_autofree char *longer = g_strconcat (longest, "a", NULL);
    g_autoptr (GError) error = NULL;

    g_assert_true (bureau_name_check ("Änne-Łucja O’Brien 2", NULL));
    g_assert_true (bureau_name_check (longest, NULL));
    for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
        g_assert_false (bureau_name_check (bad[i], &error));
        g_assert_error (error, BUREAU_ERROR, (int) BUREAU_ERROR_INVALID);
        g_assert_cmpstr (bureau_error_get_field (error), ==, "name");
        g_clear_error (&error);
    }
    g_assert_false (bureau_name_check (longer, &error));
    g_assert_error (error, BUREAU_ERROR, (int) BUREAU_ERROR_TOO_LARGE);
}

static void
test_events (void)
{
    g_assert_cmpstr (bureau_event_find ("task:moved")->noun, ==, "task");
    g_assert_true (bureau_event_find ("timer:stopped")->durable);
    g_assert_cmpstr (bureau_event_find ("timer:stopped")->noun, ==, "entry");
    g_assert_false (bureau_event_find ("sync:ready")->durable);
    g_assert_null (bureau_event_find ("sync:ready")->noun);
    g_assert_null (bureau_event_find ("task:exploded"));
    g_assert_null (bureau_event_find (NULL));
}

int
main (int argc, char *argv[])
{
    g_test_init (&argc, &argv, NULL);
    for (guint i = 0; i < G_N_ELEMENTS (good_rows); i++) {
        g_autofree char *path = g_strdup_printf ("/catalog/good/%02u-%s", i, good_rows[i].command);

        g_test_add_data_func (path, &good_rows[i], test_good);
    }
    for (guint i = 0; i < G_N_ELEMENTS (bad_rows); i++) {
        g_autofree char *path = g_strdup_printf ("/catalog/bad/%02u-%s-%s", i, bad_rows[i].command,
                                                 bad_rows[i].field);

        g_test_add_data_func (path, &bad_rows[i], test_bad);
    }
    g_test_add_func ("/catalog/sizes", test_sizes);
    g_test_add_func ("/catalog/list-size", test_list_size);
    g_test_add_func ("/catalog/no-params", test_no_params);
    g_test_add_func ("/catalog/leaves-params", test_leaves_params);
    g_test_add_func ("/catalog/table", test_table);
    g_test_add_func ("/catalog/offers", test_offers);
    g_test_add_func ("/catalog/may-manage", test_may_manage);
    g_test_add_func ("/catalog/names", test_names);
    g_test_add_func ("/catalog/events", test_events);
    return g_test_run ();
}
