/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-client.h"
#include "hub.h"
#include "test-directory.h"
#include "test-wait.h"

G_BEGIN_DECLS

/* A real office: a hub in this process and its people. */
typedef struct {
    char *directory;       /* (owned) */
    BureauHub *hub;        /* (owned) (nullable) */
    char *listen;          /* (owned): the address it has, from its first start on */
    char *base_uri;        /* (owned) */
    BureauHubOwner *owner; /* (owned) */
} Office;

Office *office_new (void);
void office_free (Office *office);
void office_start (Office *office);
void office_stop (Office *office);
/* A copy of a stopped office's files; office_restore() puts it back, once. (transfer full) */
char *office_save (Office *office);
void office_restore (Office *office, char *copy);

/* One person at one machine. */
typedef struct {
    char *directory; /* (owned) */
    gboolean keeps_files;
    char *refresh_token;    /* (owned): kept up to date, as the keyring would */
    BureauAccount *account; /* (owned) */
    BureauClient *client;   /* (owned) (nullable) */
    GPtrArray *happened;    /* (owned): names of events */
    GPtrArray *refused;     /* (owned): "command code" */
    GPtrArray *access;      /* (owned): what has changed of it, "what name" */
} Person;

/* The owner, not started yet. */
Person *person_new_owner (Office *office);
/* Invited by @host, who must be live; not started yet. */
Person *person_new_invited (Person *host, const char *name);
/* The same, as a guest. */
Person *person_new_guest (Person *host, const char *name);
/* On files that are there already; takes @account. They are not removed. */
Person *person_new_at (BureauAccount *account, const char *refresh_token, const char *directory);
/* A person of an office that does not answer. */
Person *person_new_alone (void);
void person_free (Person *person);
/* Only makes it. */
void person_make_client (Person *person);
/* Starts a client on the person's files; waits until the replica is loaded. */
void person_start (Person *person);
void person_start_live (Person *person);
void person_stop (Person *person);

/* What an invitation is good for. (transfer full) */
BureauOffer *get_offer (const BureauInvitation *invitation, GError **error);

/* An invitation to the first project, as the hub answers it; @members of it as in give(), or "".
 * (transfer full) */
JsonObject *make_invitation (Person *host, const char *members);

/* Has a command done, with @members as in give(). Fails the test if it is refused. (transfer full)
 */
JsonObject *order (Person *person, BureauCommandId command, const char *members, ...)
    G_GNUC_PRINTF (3, 4);
/* Asks and drops the answer. */
void ask (Person *person, BureauCommandId command, GError **error);

gboolean is_live (Person *person);
/* (transfer none) */
BureauTask *get_task (Person *person, const char *id);
const char *get_first_project (Person *person);

/* An object, of @members as in give(). (transfer full) */
JsonObject *make_params (const char *members, va_list args) G_GNUC_PRINTF (1, 0);

/* Gives a command; @members is the inside of a JSON object, "'title': 'A'" with single quotes.
 * Fails the test if it is not taken. (transfer full) */
char *give (Person *person, BureauCommandId command, const char *members, ...) G_GNUC_PRINTF (3, 4);

/* An office with its owner and a member, both live; for g_test_add(). */
typedef struct {
    Office *office;
    Person *ana;
    Person *ben;
} Two;

void two_set_up (Two *two, gconstpointer data);
void two_tear_down (Two *two, gconstpointer data);

gboolean has_happened (Person *person, const char *event);
/* In the first project. (transfer full) */
char *give_task (Person *person, const char *title);
/* The task is as the hub has it, and nothing waits. */
gboolean is_settled (Person *person, const char *id);
/* Changes that the hub has not got, or not taken. (transfer none): the list keeps it */
BureauChange *get_change (Person *person, guint index);
guint count_changes (Person *person);

/* Ben's window opens with no hub to be reached. */
void cut_off (Two *two);
/* Ben's window is closed, and Ana goes on. */
void go_on_without (Two *two);

G_END_DECLS
