/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Tells the network by Avahi that a hub is there: its port and its id (see bureau-hub-id.h), and
 * nothing of its office or its people. Nothing waits, and it is no failure if there is no Avahi:
 * whenever one comes, it is told. */
typedef struct _BureauAnnouncement BureauAnnouncement;

/* @address: the one listened on, numeric; of a wildcard, all networks are told. */
BureauAnnouncement *bureau_announcement_new (const char *address, guint16 port, const char *pin);
/* Takes it back. */
void bureau_announcement_free (BureauAnnouncement *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BureauAnnouncement, bureau_announcement_free)

G_END_DECLS
