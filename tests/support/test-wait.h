/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct {
    const char *where, *what;
    guint source;
    gboolean passed;
} Deadline;
Deadline deadline_new (const char *where, const char *what);
void deadline_turn (Deadline *deadline);
void deadline_clear (Deadline *deadline);

/* Turns the main context until @expression holds; fails the test after 20 s. */
#define WAIT_UNTIL(expression)                                                                     \
    G_STMT_START                                                                                   \
    {                                                                                              \
        Deadline deadline_ = deadline_new (G_STRLOC, #expression);                                 \
        while (!(expression))                                                                      \
            deadline_turn (&deadline_);                                                            \
        deadline_clear (&deadline_);                                                               \
    }                                                                                              \
    G_STMT_END

/* A GAsyncReadyCallback: keeps the result in the GAsyncResult * that @data points to. */
void keep_result (GObject *source, GAsyncResult *result, gpointer data);

G_END_DECLS
