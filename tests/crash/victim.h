/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "fixture.h"

G_BEGIN_DECLS

/* Somebody's program that is there to be killed: it makes tasks and renames them, and prints each
 * title as soon as the window would show it as kept. A title is "SERIES-TASK.CHANGE", and a task's
 * change is also its version. */

#define VICTIM_WORD "--victim"

/* Runs until it is killed, or has nothing more to say. @args: as victim_start() gives them. */
G_NORETURN void victim_run (char **args);

typedef struct {
    GSubprocess *process;     /* (owned) */
    GDataInputStream *output; /* (owned) */
    Person *person;
    GHashTable *kept; /* "SERIES-TASK" (owned) → the last change that was kept */
    guint n_lines;
    gboolean ended;
} Victim;

/* Starts @program, which calls victim_run(), on the files of @person, who must be stopped. What it
 * has kept is added to @kept. */
Victim *victim_start (const char *program, Person *person, const char *project, const char *series,
                      GHashTable *kept);
/* Kills it, hears its last words, frees it. */
void victim_kill (Victim *victim);

/* Takes the number behind the last dot of a title off it. */
guint victim_split_title (char *title);

G_END_DECLS
