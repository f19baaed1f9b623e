/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The strict look at the head of an HTTP request before libsoup sees it: libsoup 3.2 takes bare
 * line feeds, signed and doubled lengths and two hosts, and loses memory over some that it refuses
 * (reliability.md 4). */

#define BUREAU_HTTP_MAX_HEAD (16 * 1024)

typedef enum {
    BUREAU_HTTP_HEAD_INCOMPLETE,
    BUREAU_HTTP_HEAD_GOOD,
    BUREAU_HTTP_HEAD_BAD,       /* 400 */
    BUREAU_HTTP_HEAD_NO_LENGTH, /* 411: some Transfer-Encoding, which no client of ours uses */
    BUREAU_HTTP_HEAD_TOO_LARGE, /* 431 */
} BureauHttpHead;

/* @bytes: from the request's first byte on; what follows the head is not looked at. */
BureauHttpHead bureau_http_head_check (const char *bytes, gsize length);

G_END_DECLS
