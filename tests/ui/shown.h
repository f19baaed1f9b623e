/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "fixture.h"

G_BEGIN_DECLS

/* gtk_init, and the style and icons of the application. */
void shown_init (void);

/* A real office with its owner, and a window that shows a widget of the application. The actions of
 * the window that content widgets activate are here, and note what they were activated for. */
typedef struct {
    Office *office;
    Person *ana;
    BureauProject *project; /* (owned) */
    GtkWindow *window;      /* (nullable) */
    GString *activated;     /* (owned): "open-task STU-1 …" */
} Shown;

Shown *shown_new (void);
/* Presents @widget and waits until it is drawn. */
void shown_present (Shown *shown, GtkWidget *widget, int width, int height);
void shown_free (Shown *shown);
/* Makes a task and waits until the hub has numbered it. (transfer none) */
BureauTask *shown_add_task (Shown *shown, const char *title, BureauStatus status);
/* The first descendant of @type, in the order of the widget tree. */
gpointer shown_find (GtkWidget *root, GType type, guint nth);
/* The open window of @type. (transfer none) */
gpointer shown_find_window (GType type);
/* Turns the main context until all that waits for the next frames is done. */
void shown_settle (Shown *shown);

G_END_DECLS
