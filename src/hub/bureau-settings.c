/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-settings.h"

#include <string.h>

#define COMMANDS_PER_SECOND    50
#define COMMANDS_AT_ONCE       200
#define CONNECTIONS_PER_PERSON 8
#define STORED_PER_DAY         (64 << 20)
/* KiB: an office in full for each of a person's devices, and then what keeps one of them from
 * keeping everybody else waiting. */
#define READ_PER_SECOND 2048
#define READ_AT_ONCE    (32 << 10)
/* ms for which a stock client's lost connection can be taken up again: ten minutes in a tunnel, and
 * some more. What is kept for that is bounded in bytes. */
#define RECOVERY_MS (15 * 60 * 1000)

typedef struct {
    const char *name;
    gsize offset;
    gboolean is_size; /* a gsize, not a guint */
    guint64 min, max;
    const char *meaning;
} Limit;

#define COUNT(field) offsetof (BureauSettings, field), FALSE
#define SIZE(field)  offsetof (BureauSettings, field), TRUE

static const Limit limits[] = {
    { "payload", SIZE (server.max_payload), 4096, 64 << 20, "bytes of one message" },
    { "unsent", SIZE (server.max_unsent), 65536, 1 << 30,
      "bytes that may wait for one slow connection" },
    { "connections", COUNT (server.max_connections), 1, 1000000, "all together" },
    { "connections-per-address", COUNT (server.max_connections_per_address), 1, 1000000,
      "from one network address" },
    { "connections-per-person", COUNT (connections_per_person), 1, 1000000,
      "windows, pages and scripts of one person" },
    { "waiting", COUNT (server.max_waiting), 1, 1000000, "not yet signed in, all together" },
    { "waiting-per-address", COUNT (server.max_waiting_per_address), 1, 1000000,
      "not yet signed in, from one network address" },
    { "commands-per-second", COUNT (commands_per_second), 1, 1000000, "of one connection" },
    { "commands-at-once", COUNT (commands_at_once), 1, 1000000, "of one connection" },
    { "person-commands-per-second", COUNT (person_commands_per_second), 1, 1000000,
      "of one person, all connections together" },
    { "person-commands-at-once", COUNT (person_commands_at_once), 1, 1000000,
      "of one person, all connections together" },
    { "stored-per-day", SIZE (stored_per_day), 1 << 20, (guint64) 1 << 36,
      "bytes that one person may store" },
    { "read-per-second", COUNT (read_per_second), 1, 1000000,
      "KiB of tasks, events and snapshots that one person may fetch" },
    { "read-at-once", COUNT (read_at_once), 1, 1000000, "the same, after a pause" },
    { "projects-per-hour", COUNT (projects_per_hour), 1, 1000000, "made by one person" },
    { "members-per-hour", COUNT (members_per_hour), 1, 1000000, "added by one person" },
    { "invitations-per-hour", COUNT (invitations_per_hour), 1, 1000000, "made by one person" },
    { "sign-ins-per-minute", COUNT (sign_ins_per_minute), 1, 1000000,
      "of each way, from one network address" },
    { "sign-ins-at-once", COUNT (sign_ins_at_once), 1, 1000000,
      "of each way, from one network address" },
    { "refreshes-per-minute", COUNT (refreshes_per_minute), 1, 1000000,
      "of sessions, from one network address" },
    { "refreshes-at-once", COUNT (refreshes_at_once), 1, 1000000,
      "of sessions, from one network address" },
    { "log-days", COUNT (log_days), 1, 36500, "that events are kept, at least" },
    { "log-events", COUNT (log_events), 0, 1 << 30, "of each room that are kept, however old" },
    { "answer-days", COUNT (answer_days), 1, 36500, "that a repeated command is known" },
};

static guint64
get (const Limit *limit, const BureauSettings *settings)
{
    const char *place = (const char *) settings + limit->offset;

    return limit->is_size ? *(const gsize *) place : *(const guint *) place;
}

static void
set (const Limit *limit, BureauSettings *settings, guint64 value)
{
    char *place = (char *) settings + limit->offset;

    if (limit->is_size)
        *(gsize *) place = value;
    else
        *(guint *) place = value;
}

BureauSettings
bureau_settings_get_default (void)
{
    BureauServerOptions server = bureau_server_default_options;

    server.recovery_time = RECOVERY_MS;
    return (BureauSettings){ .server = server,
                             .commands_per_second = COMMANDS_PER_SECOND,
                             .commands_at_once = COMMANDS_AT_ONCE,
                             .connections_per_person = CONNECTIONS_PER_PERSON,
                             .person_commands_per_second = 2 * COMMANDS_PER_SECOND,
                             .person_commands_at_once = 2 * COMMANDS_AT_ONCE,
                             .stored_per_day = STORED_PER_DAY,
                             .read_per_second = READ_PER_SECOND,
                             .read_at_once = READ_AT_ONCE,
                             .projects_per_hour = 60,
                             .members_per_hour = 300,
                             .invitations_per_hour = 60,
                             .sign_ins_per_minute = 30,
                             .sign_ins_at_once = 10,
                             /* A whole office behind one address comes back after a restart. */
                             .refreshes_per_minute = 600,
                             .refreshes_at_once = 1000,
                             .log_days = 30,
                             .log_events = 100000,
                             .answer_days = 90,
                             .announced = TRUE };
}

static const Limit *
find_limit (const char *name, gsize length)
{
    for (guint i = 0; i < G_N_ELEMENTS (limits); i++) {
        if (strlen (limits[i].name) == length && strncmp (limits[i].name, name, length) == 0)
            return &limits[i];
    }
    return NULL;
}

gboolean
bureau_settings_set_limit (BureauSettings *settings, const char *text, GError **error)
{
    const char *number = strchrnul (text, '=');
    const Limit *limit = find_limit (text, number - text);
    guint64 value;

    if (limit == NULL || *number == '\0') {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                     "“%s” is not a limit and its number, as in connections=5000.", text);
        return FALSE;
    }
    if (!g_ascii_string_to_unsigned (number + 1, 10, limit->min, limit->max, &value, NULL)) {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                     "The limit “%s” is a number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
                     ".",
                     limit->name, limit->min, limit->max);
        return FALSE;
    }
    set (limit, settings, value);
    return TRUE;
}

char *
bureau_settings_describe_limits (void)
{
    BureauSettings settings = bureau_settings_get_default ();
    GString *out = g_string_new (NULL);

    for (guint i = 0; i < G_N_ELEMENTS (limits); i++) {
        g_autofree char *pair = g_strdup_printf ("%s=%" G_GUINT64_FORMAT, limits[i].name,
                                                 get (&limits[i], &settings));

        g_string_append_printf (out, "  %-28s %s\n", pair, limits[i].meaning);
    }
    return g_string_free (out, FALSE);
}
