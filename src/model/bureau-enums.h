/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Each of these has two functions: to the word of the wire, and from it (-1 for an unknown word).
 */

/* In ascending order of rights: a comparison is meant. */
typedef enum {
    BUREAU_ROLE_NONE,
    BUREAU_ROLE_GUEST,
    BUREAU_ROLE_MEMBER,
    BUREAU_ROLE_MANAGER,
    BUREAU_ROLE_OWNER,
} BureauRole;

/* In the order of the board's columns. */
typedef enum {
    BUREAU_STATUS_REQUESTED,
    BUREAU_STATUS_TODO,
    BUREAU_STATUS_IN_PROGRESS,
    BUREAU_STATUS_REVIEW,
    BUREAU_STATUS_DONE,
    BUREAU_STATUS_DECLINED,
} BureauStatus;

typedef enum {
    BUREAU_PRESENCE_OFFLINE,
    BUREAU_PRESENCE_AWAY,
    BUREAU_PRESENCE_ONLINE,
} BureauPresence;

const char *bureau_role_to_string (BureauRole role);
int bureau_role_from_string (const char *word);
const char *bureau_status_to_string (BureauStatus status);
int bureau_status_from_string (const char *word);
const char *bureau_presence_to_string (BureauPresence presence);
int bureau_presence_from_string (const char *word);

G_END_DECLS
