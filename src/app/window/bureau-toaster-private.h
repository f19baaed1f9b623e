/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "window/bureau-toaster.h"

G_BEGIN_DECLS

/* The toaster, split by what it says: bureau-toaster.c what others do, -sync.c what became of one's
 * own changes. */
struct _BureauToaster {
    GObject parent_instance;

    AdwToastOverlay *overlay; /* (owned) */
    BureauClient *client;     /* (owned) (nullable) */
    GSignalGroup *signals;    /* (owned) */
    GPtrArray *waiting;       /* (element-type Notice) (owned): not yet said */
    guint timeout_id;
    GPtrArray *shown;        /* (element-type AdwToast) (owned): those that are not gone yet */
    gint64 shown_at;         /* monotonic, µs: the last of them was */
    AdwToast *refused_toast; /* (owned) (nullable): while it is shown … */
    guint n_refused;         /* … and how many it is about */
    GPtrArray *clash_toasts; /* (element-type AdwToast) (owned): while they are shown … */
    GPtrArray *clashed_ids;  /* (element-type utf8) (owned): … tasks that they are about … */
    guint n_clashes;         /* … and how many changes */
};

/* What the toasts are about that tell what became of one's own work. */
#define BUREAU_TOAST_OF_WORK "work"

/* (transfer full) */
AdwToast *bureau_toaster_make (const char *text, const char *icon_name);
/* About oneself: it is not lost in a burst, and stays for so long. @subject (nullable): what it may
 * be taken back by when it is not true any more. */
void bureau_toaster_say_long (BureauToaster *self, AdwToast *toast, AdwToastPriority priority,
                              const char *subject, guint seconds);

/* Has @self listen to what becomes of one's own changes. */
void bureau_toaster_listen_to_sync (BureauToaster *self);

G_END_DECLS
