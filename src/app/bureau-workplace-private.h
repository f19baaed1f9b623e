/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "bureau-workplace.h"
#include "hub/bureau-host.h"

G_BEGIN_DECLS

/* What the ways into an office (bureau-workplace-ways.c) need of it. */

struct _BureauWorkplace {
    GObject parent_instance;

    BureauAccounts *accounts; /* (owned) */
    BureauAccount *account;   /* (owned) */
    BureauHost *host;         /* (owned) (nullable): where this machine serves the office */
    BureauClient *client;     /* (owned) (nullable): until the secret is known */
    char *problem;            /* (owned) (nullable): the last one, until somebody has taken it */
    gboolean keeps_no_secret; /* the keyring would not take it: it is not asked again */
    gboolean is_forgotten;    /* its secret is to be taken out of the keyring */
};

/* There is something the person should know, see the signal "problem". */
void bureau_workplace_say_problem (BureauWorkplace *self, const char *sentence);
/* Gives the secret to the keyring. */
void bureau_workplace_keep_token (BureauWorkplace *self, const char *token);
/* @token: NULL for somebody who has yet to sign in. */
void bureau_workplace_start_client (BureauWorkplace *self, const char *token);
void bureau_workplace_save_account (BureauWorkplace *self);
/* A task that makes a workplace; its data is that. */
GTask *bureau_workplace_begin (BureauAccounts *accounts, gpointer tag, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer data);
/* Ends such a task with the office opened again, once its account and, if this machine serves it,
 * its host are there. Takes @task. */
void bureau_workplace_open_again (GTask *task);

G_END_DECLS
