/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-enums.h"

static const char *const role_words[] = { "none", "guest", "member", "manager", "owner" };
static const char *const status_words[] = { "requested", "todo", "in_progress",
                                            "review",    "done", "declined" };
static const char *const presence_words[] = { "offline", "away", "online" };

static int
find_word (const char *const *words, guint n_words, const char *word)
{
    for (guint i = 0; word != NULL && i < n_words; i++) {
        if (g_str_equal (words[i], word))
            return (int) i;
    }
    return -1;
}

const char *
bureau_role_to_string (BureauRole role)
{
    g_return_val_if_fail ((guint) role < G_N_ELEMENTS (role_words), NULL);

    return role_words[role];
}

int
bureau_role_from_string (const char *word)
{
    int role = find_word (role_words, G_N_ELEMENTS (role_words), word);

    /* "none" is our own word for somebody without a role; nobody can be given it. */
    return role == BUREAU_ROLE_NONE ? -1 : role;
}

const char *
bureau_status_to_string (BureauStatus status)
{
    g_return_val_if_fail ((guint) status < G_N_ELEMENTS (status_words), NULL);

    return status_words[status];
}

int
bureau_status_from_string (const char *word)
{
    return find_word (status_words, G_N_ELEMENTS (status_words), word);
}

const char *
bureau_presence_to_string (BureauPresence presence)
{
    g_return_val_if_fail ((guint) presence < G_N_ELEMENTS (presence_words), NULL);

    return presence_words[presence];
}

int
bureau_presence_from_string (const char *word)
{
    return find_word (presence_words, G_N_ELEMENTS (presence_words), word);
}
