/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Due dates as people say them. Pure functions of the due date, the present and the zone. */

typedef enum {
    BUREAU_DUE_NONE,
    BUREAU_DUE_OVERDUE,
    BUREAU_DUE_TODAY,
    BUREAU_DUE_SOON, /* in the next seven days */
    BUREAU_DUE_LATER,
} BureauDueNearness;

/* @due: a date, an instant or NULL; @now: an instant; @zone: the reader's. */
BureauDueNearness bureau_due_get_nearness (const char *due, gint64 now, GTimeZone *zone);
/* "Today", "Tomorrow", "Friday", "12 Nov", "12 Nov 2027"; an instant has its time after it.
 * NULL for NULL. (transfer full) */
char *bureau_due_to_text (const char *due, gint64 now, GTimeZone *zone);
/* The date @days days from the present day in @zone: "2026-11-21". (transfer full) */
char *bureau_due_in_days (int days, gint64 now, GTimeZone *zone);
/* The date of a due date or an instant, as people say it, with its time: "Today, 14:05". (transfer
 * full) */
char *bureau_instant_to_text (gint64 instant, gint64 now, GTimeZone *zone);

G_END_DECLS
