/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-cookie.h"

#include <string.h>

#include "bureau-json.h"
#include "bureau-sessions.h"

/* The narrowest that reach what needs them. */
#define REST_PATH    "/api/v1/"
#define SOCKET_PATH  "/socket.io/"
#define REFRESH_PATH "/api/v1/auth/refresh"

char *
bureau_cookie_find (const char *header, const char *name)
{
    g_auto (GStrv) pairs = g_strsplit (header != NULL ? header : "", ";", -1);
    g_autofree char *prefix = g_strconcat (name, "=", NULL);
    const char *value = NULL;

    for (guint i = 0; pairs[i] != NULL; i++) {
        const char *pair = g_strstrip (pairs[i]);

        if (!g_str_has_prefix (pair, prefix))
            continue;
        if (value != NULL)
            return NULL;
        value = pair + strlen (prefix);
    }
    return g_strdup (value);
}

static void
set (BureauExchange *exchange, const char *name, const char *value, const char *path, gint64 age)
{
    g_autofree char *cookie = g_strdup_printf ("%s=%s; Path=%s; Max-Age=%" G_GINT64_FORMAT
                                               "; HttpOnly; Secure; SameSite=Strict",
                                               name, value, path, age);

    bureau_exchange_set_header (exchange, "Set-Cookie", cookie);
}

static void
set_all (BureauExchange *exchange, const char *access, gint64 access_age, const char *refresh,
         gint64 refresh_age)
{
    set (exchange, BUREAU_ACCESS_COOKIE, access, REST_PATH, access_age);
    set (exchange, BUREAU_ACCESS_COOKIE, access, SOCKET_PATH, access_age);
    set (exchange, BUREAU_REFRESH_COOKIE, refresh, REFRESH_PATH, refresh_age);
}

void
bureau_cookie_set (BureauExchange *exchange, JsonObject *answer)
{
    const char *access = bureau_json_get_string (answer, "accessToken");
    const char *refresh = bureau_json_get_string (answer, "refreshToken");

    if (access != NULL && refresh != NULL)
        set_all (exchange, access, bureau_json_get_int (answer, "expiresIn", 0), refresh,
                 BUREAU_SESSION_IDLE_MS / 1000);
}

void
bureau_cookie_clear (BureauExchange *exchange)
{
    set_all (exchange, "", 0, "", 0);
}
