/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "queue/bureau-change-words.h"

#include <glib/gi18n.h>

#include "bureau-json.h"
#include "widgets/bureau-due-text.h"
#include "widgets/bureau-task-cell.h"

#define MAX_VALUE 60 /* characters of a text in a sentence */

/* ------------------------------------------------------------------ values */

char *
bureau_text_shorten (const char *text)
{
    g_autofree char *line = g_strndup (text, strcspn (text, "\n"));
    g_autofree char *start = NULL;

    if (g_utf8_strlen (line, -1) <= MAX_VALUE && line[0] == text[0])
        return g_steal_pointer (&line);
    start = g_utf8_substring (line, 0, MIN (MAX_VALUE, g_utf8_strlen (line, -1)));
    return g_strconcat (start, "…", NULL);
}

static char *
name_people (JsonNode *value, BureauClient *client)
{
    JsonArray *ids = JSON_NODE_HOLDS_ARRAY (value) ? json_node_get_array (value) : NULL;
    g_autoptr (GString) names = g_string_new (NULL);

    for (guint i = 0; ids != NULL && i < json_array_get_length (ids); i++) {
        BureauMember *member = bureau_client_find_member (client,
                                                          json_array_get_string_element (ids, i));

        g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                                member != NULL ? bureau_member_get_name (member)
                                               : _ ("somebody who has left"));
    }
    return names->len > 0 ? g_string_free (g_steal_pointer (&names), FALSE)
                          : g_strdup (_ ("nobody"));
}

char *
bureau_task_value_to_words (const char *field, JsonNode *value, BureauClient *client)
{
    const char *text = JSON_NODE_HOLDS_VALUE (value) &&
                               json_node_get_value_type (value) == G_TYPE_STRING
                           ? json_node_get_string (value)
                           : NULL;
    g_autoptr (GTimeZone) zone = g_time_zone_new_local ();

    if (g_str_equal (field, "assigneeIds")) {
        g_autofree char *names = name_people (value, client);

        return bureau_text_shorten (names);
    }
    if (g_str_equal (field, "priority"))
        return g_strdup (bureau_priority_to_label ((guint) json_node_get_int (value)));
    if (text == NULL)
        return g_strdup (_ ("no date"));
    if (g_str_equal (field, "status"))
        return g_strdup (bureau_status_to_label ((BureauStatus) bureau_status_from_string (text)));
    if (g_str_equal (field, "dueAt"))
        return bureau_due_to_text (text, bureau_client_get_now (client), zone);
    return bureau_text_shorten (text);
}

/* ------------------------------------------------------------------ changes */

/* Translators: {what} is the name of a task, a project or a person, {value} a new value: leave both
 * as they are. */
static const struct {
    BureauCommandId command;
    const char *sentence;
    const char *plain; /* (nullable): where nothing is known of what it is about */
} SENTENCES[] = {
    { BUREAU_COMMAND_TASK_CREATE, N_ ("New task: {what}") },
    { BUREAU_COMMAND_TASK_UPDATE, N_ ("Change “{what}”"), N_ ("Change a task") },
    { BUREAU_COMMAND_TASK_MOVE, N_ ("Put “{what}” into {value}"), N_ ("Put a task into {value}") },
    { BUREAU_COMMAND_TASK_DELETE, N_ ("Delete “{what}”"), N_ ("Delete a task") },
    { BUREAU_COMMAND_TASK_UNDO_DELETE, N_ ("Bring “{what}” back"),
      N_ ("Bring a deleted task back") },
    { BUREAU_COMMAND_PROJECT_CREATE, N_ ("New project: {what}") },
    { BUREAU_COMMAND_PROJECT_UPDATE, N_ ("Change the project “{what}”"), N_ ("Change a project") },
    { BUREAU_COMMAND_PROJECT_ARCHIVE, N_ ("Archive the project “{what}”"),
      N_ ("Archive a project") },
    { BUREAU_COMMAND_TIMER_START, N_ ("Start the timer on “{what}”"), N_ ("Start the timer") },
    { BUREAU_COMMAND_TIMER_STOP, N_ ("Stop the timer on “{what}”"), N_ ("Stop the timer") },
    { BUREAU_COMMAND_MEMBER_REVOKE_INVITE, NULL, N_ ("Withdraw an invitation") },
    { BUREAU_COMMAND_MEMBER_ADD, N_ ("New person: {what}") },
    { BUREAU_COMMAND_MEMBER_SET_ROLE, N_ ("Change the role of {what}"), N_ ("Change a role") },
    { BUREAU_COMMAND_MEMBER_DEACTIVATE, N_ ("Deactivate {what}"), N_ ("Deactivate somebody") },
    { BUREAU_COMMAND_MEMBER_REACTIVATE, N_ ("Let {what} in again"), N_ ("Let somebody in again") },
    { BUREAU_COMMAND_MEMBER_REMOVE, N_ ("Remove {what}"), N_ ("Remove somebody") },
    { BUREAU_COMMAND_MEMBER_UPDATE_SELF, NULL, N_ ("Change your name or colour") },
};

static const struct {
    const char *field;
    const char *sentence;
} UPDATES[] = {
    { "title", N_ ("Rename “{what}” to “{value}”") },
    { "description", N_ ("Describe “{what}”: {value}") },
    { "status", N_ ("Put “{what}” into {value}") },
    { "priority", N_ ("Priority of “{what}”: {value}") },
    { "dueAt", N_ ("Date of “{what}”: {value}") },
    { "assigneeIds", N_ ("People of “{what}”: {value}") },
};

/* The one field that a change of a task is about, and its sentence; NULL if there are several. */
static const char *
find_update (JsonObject *params, const char **sentence)
{
    const char *found = NULL;

    for (guint i = 0; i < G_N_ELEMENTS (UPDATES); i++) {
        if (!json_object_has_member (params, UPDATES[i].field))
            continue;
        if (found != NULL)
            return NULL;
        found = UPDATES[i].field;
        *sentence = _ (UPDATES[i].sentence);
    }
    return found;
}

static const char *
find_sentence (BureauCommandId command, gboolean is_plain)
{
    for (guint i = 0; i < G_N_ELEMENTS (SENTENCES); i++) {
        const char *sentence = is_plain ? SENTENCES[i].plain : SENTENCES[i].sentence;

        if (SENTENCES[i].command == command)
            return sentence != NULL ? _ (sentence) : find_sentence (command, !is_plain);
    }
    return bureau_command_get (command)->name;
}

char *
bureau_change_to_words (BureauChange *change, BureauClient *client)
{
    BureauCommandId command = bureau_change_get_command (change)->id;
    JsonObject *params = bureau_change_get_params (change);
    g_autofree char *what = bureau_text_shorten (
        bureau_change_get_subject (change) != NULL ? bureau_change_get_subject (change) : "");
    const char *sentence = find_sentence (command, *what == '\0');
    const char *field = command == BUREAU_COMMAND_TASK_MOVE ? "status" : NULL;
    g_autofree char *value = NULL;
    g_autoptr (GString) words = NULL;

    if (command == BUREAU_COMMAND_TASK_UPDATE && *what != '\0')
        field = find_update (params, &sentence);
    if (field != NULL)
        value = bureau_task_value_to_words (field, json_object_get_member (params, field), client);
    words = g_string_new (sentence);
    /* The value first: what stands in it is not looked at. */
    if (value != NULL)
        g_string_replace (words, "{value}", value, 1);
    g_string_replace (words, "{what}", what, 1);
    return g_string_free (g_steal_pointer (&words), FALSE);
}

const char *
bureau_change_get_text (BureauChange *change)
{
    static const char *const FIELDS[] = { "description", "title", "name", "note" };
    JsonObject *params = bureau_change_get_params (change);

    for (guint i = 0; i < G_N_ELEMENTS (FIELDS); i++) {
        const char *text = bureau_json_get_string (params, FIELDS[i]);

        if (text != NULL && *text != '\0')
            return text;
    }
    return NULL;
}

/* ------------------------------------------------------------------ conflicts */

/* "Date of “Cables”"; a title alone is told from the rest by itself. (transfer full) */
static char *
name_field (const char *field, const char *task)
{
    g_autofree char *title = bureau_text_shorten (task != NULL ? task : "");

    if (g_str_equal (field, "status"))
        return g_strdup_printf (_ ("Column of “%s”"), title);
    if (g_str_equal (field, "priority"))
        return g_strdup_printf (_ ("Priority of “%s”"), title);
    if (g_str_equal (field, "dueAt"))
        return g_strdup_printf (_ ("Date of “%s”"), title);
    if (g_str_equal (field, "assigneeIds"))
        return g_strdup_printf (_ ("People of “%s”"), title);
    if (g_str_equal (field, "description"))
        return g_strdup_printf (_ ("Description of “%s”"), title);
    return g_strdup (_ ("Title"));
}

char *
bureau_conflict_to_words (JsonObject *conflict, BureauClient *client)
{
    const char *field = bureau_json_get_string (conflict, "field");
    const char *name = bureau_json_get_string (conflict, "byName");
    g_autofree char *who = bureau_text_shorten (name != NULL ? name : _ ("Somebody"));
    gboolean stands = bureau_json_get_boolean (conflict, "stands", FALSE);
    g_autofree char *what = name_field (field, bureau_json_get_string (conflict, "title"));
    g_autofree char *mine = bureau_task_value_to_words (
        field, json_object_get_member (conflict, "mine"), client);
    g_autofree char *theirs = bureau_task_value_to_words (
        field, json_object_get_member (conflict, "theirs"), client);

    /* Translators: %1$s is a field of a task, %2$s a person. */
    if (g_str_equal (field, "description"))
        return g_strdup_printf (stands
                                    ? _ ("%1$s: %2$s changed the same lines as you. Yours stand.")
                                    : _ ("%1$s: %2$s changed the same lines as you. Theirs stand."),
                                what, who);
    /* Translators: %1$s is a field of a task, %2$s a person, the others are values. */
    return g_strdup_printf (stands ? _ ("%1$s: yours, “%3$s”, replaced %2$s’s, “%4$s”.")
                                   : _ ("%1$s: %2$s’s, “%4$s”, replaced yours, “%3$s”."),
                            what, who, mine, theirs);
}
