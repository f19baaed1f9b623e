/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "bureau-data-directory.h"
#include "bureau-store.h"

G_BEGIN_DECLS

/* Opening the database of an office whose directory is locked (reliability.md, G20 and G22): only
 * if it is sound, and not before a backup has been made of one that this release has to bring up to
 * date. Of one that is damaged the error says which backup can take its place; the file is left as
 * it is. Blocking. */
BureauStore *bureau_opening_open_store (BureauDataDirectory *directory, GError **error);

/* @what (transfer none) is wrong with the office's file: a sentence more, with the newest backup
 * that is good and how to put it back. (transfer full) */
char *bureau_opening_advise (const char *directory, const char *what, GCancellable *cancellable);

G_END_DECLS
