/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Two threads for what takes the processor a tenth of a second and 64 MiB of memory: hashing a
 * password, proving a code. What is given to them comes back in the main context of the thread that
 * made them, and all functions are for that thread. */
typedef struct _BureauWorkers BureauWorkers;

/* At once, those that are being worked on and those that wait (reliability.md, 5). */
#define BUREAU_MAX_WORK 16

/* @done: with each @data that was given, once it is computed. */
BureauWorkers *bureau_workers_new (GFunc done, gpointer user_data);
/* Waits for what is being worked on; nothing comes back any more. */
void bureau_workers_free (BureauWorkers *self);

/* How many more may be given. */
guint bureau_workers_get_room (BureauWorkers *self);
/* @compute is called with @data in one of the threads, and must touch nothing else. */
void bureau_workers_give (BureauWorkers *self, void (*compute) (gpointer data), gpointer data);
/* How many have come back in all. */
guint bureau_workers_get_done (BureauWorkers *self);

G_END_DECLS
