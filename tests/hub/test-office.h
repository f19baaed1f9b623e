/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-authority.h"
#include "bureau-error.h"
#include "bureau-instant.h"
#include "hub.h"

/* An office of Ana's that nobody serves: commands through the turn, without a socket between. */
typedef struct {
    char *directory;
    BureauHubOwner *owner;
    BureauAuthority *authority;
    char *project_id;
} Office;

void office_set_up (Office *office, gconstpointer data);
void office_tear_down (Office *office, gconstpointer data);

/* Somebody new, taken by @by into the office and its project. (transfer full): their id */
char *office_join (Office *office, const char *by, const char *role, const char *name);
/* @request (taken), for the next turn; @answer is set once it is answered. */
void office_queue_request (Office *office, BureauRequest *request, JsonObject **answer);
/* A command for the next turn, ' for "; @answer is set in it. */
void office_queue (Office *office, const char *user_id, const char *command, JsonObject **answer,
                   const char *format, ...) G_GNUC_PRINTF (5, 6);
/* "ok", or the code of the error. */
const char *get_code (JsonObject *answer);

/* The answer to one command in a turn of its own. (transfer full) */
#define RUN(office, user, command, ...)                                                            \
    ({                                                                                             \
        JsonObject *answer_ = NULL;                                                                \
        office_queue (office, user, command, &answer_, __VA_ARGS__);                               \
        bureau_authority_run_turn ((office)->authority);                                           \
        g_assert_nonnull (answer_);                                                                \
        answer_;                                                                                   \
    })

/* Takes @answer. */
#define ASSERT_CODE(answer, code)                                                                  \
    G_STMT_START                                                                                   \
    {                                                                                              \
        g_autoptr (JsonObject) object_ = answer;                                                   \
        g_assert_cmpstr (get_code (object_), ==, code);                                            \
    }                                                                                              \
    G_STMT_END
