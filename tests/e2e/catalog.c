/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What the tests of permissions are made from.
 *
 * catalog: prints every command with its fields, and every route of REST, as JSON.
 * catalog FILE: prints what stands in a hub's database, a row a line, but for what a refused
 * request may leave behind: its line in the audit, and how late it is. */

#include <sqlite3.h>
#include <stdio.h>

#include "bureau-catalog.h"
#include "bureau-json.h"
#include "bureau-rest.h"

static JsonArray *
describe_fields (const BureauField *fields)
{
    JsonArray *array = json_array_new ();

    for (; fields->name != NULL; fields++) {
        JsonObject *field = json_object_new ();

        bureau_json_set_string (field, "name", fields->name);
        json_object_set_boolean_member (field, "id", fields->type == BUREAU_FIELD_ID);
        json_object_set_boolean_member (field, "list", fields->type == BUREAU_FIELD_ID_LIST);
        json_array_add_object_element (array, field);
    }
    return array;
}

static JsonArray *
describe_commands (void)
{
    JsonArray *array = json_array_new ();

    for (guint i = 0; i < BUREAU_N_COMMANDS; i++) {
        const BureauCommand *command = bureau_command_get (i);
        JsonObject *object = json_object_new ();

        bureau_json_set_string (object, "name", command->name);
        bureau_json_set_string (object, "role", bureau_role_to_string (command->role));
        json_object_set_boolean_member (object, "live",
                                        command->flags & BUREAU_COMMAND_NEEDS_CONNECTION);
        json_object_set_boolean_member (object, "creates", command->flags & BUREAU_COMMAND_CREATES);
        json_object_set_array_member (object, "fields", describe_fields (command->fields));
        json_array_add_object_element (array, object);
    }
    return array;
}

static void
print_catalog (void)
{
    g_autoptr (JsonObject) catalog = json_object_new ();
    g_auto (GStrv) routes = bureau_rest_list_routes ();
    JsonArray *array = json_array_new ();
    g_autofree char *json = NULL;

    for (guint i = 0; routes[i] != NULL; i++)
        json_array_add_string_element (array, routes[i]);
    json_object_set_array_member (catalog, "routes", array);
    json_object_set_array_member (catalog, "commands", describe_commands ());
    json = bureau_json_object_to_string (catalog);
    printf ("%s\n", json);
}

static int
print_row (void *table, int count, char **values, char **names)
{
    printf ("%s", (const char *) table);
    for (int i = 0; i < count; i++)
        printf ("|%s", values[i] != NULL ? values[i] : "-");
    printf ("\n");
    return 0;
}

static int
print_table (void *db, int count, char **values, char **names)
{
    g_autofree char *sql = NULL;

    if (g_str_has_prefix (values[0], "audit") || g_str_equal (values[0], "meta"))
        return 0;
    sql = g_strdup_printf ("SELECT * FROM \"%s\" ORDER BY 1, 2", values[0]);
    return sqlite3_exec (db, sql, print_row, values[0], NULL);
}

static int
print_database (const char *path)
{
    sqlite3 *db;
    gboolean good = sqlite3_open_v2 (path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
                    sqlite3_exec (db, "SELECT name FROM sqlite_schema WHERE type = 'table'",
                                  print_table, db, NULL) == SQLITE_OK;

    if (!good)
        fprintf (stderr, "%s\n", sqlite3_errmsg (db));
    sqlite3_close (db);
    return good ? 0 : 1;
}

int
main (int argc, char **argv)
{
    if (argc > 1)
        return print_database (argv[1]);
    print_catalog ();
    return 0;
}
