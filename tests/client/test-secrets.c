/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What a client is told to keep to itself is in no log, no error and no file of its. */

#include <string.h>

#include "bureau-error.h"
#include "bureau-json.h"
#include "fixture.h"

static const char password[] = "Kastanienallee-7391-ru5ty";
static const char wrong[] = "Pflaumenbaum-2846-gr33n";

/* All that any thread has logged, at every level. */
static GMutex mutex;
static GString *logged;

static GLogWriterOutput
keep_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
    g_mutex_lock (&mutex);
    for (gsize i = 0; i < n_fields; i++) {
        if (fields[i].length < 0)
            g_string_append_printf (logged, "%s=%s\n", fields[i].key,
                                    (const char *) fields[i].value);
        else
            g_string_append_len (logged, fields[i].value, fields[i].length);
    }
    g_mutex_unlock (&mutex);
    return G_LOG_WRITER_HANDLED;
}

static void
assert_not_logged (const char *what, const char *secret)
{
    g_mutex_lock (&mutex);
    if (strstr (logged->str, secret) != NULL)
        g_error ("The log has %s.", what);
    g_mutex_unlock (&mutex);
}

static void
assert_not_in_files (const char *directory, const char *what, const char *secret)
{
    g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
    const char *name;

    g_assert_nonnull (dir);
    while ((name = g_dir_read_name (dir)) != NULL) {
        g_autofree char *path = g_build_filename (directory, name, NULL);
        g_autofree char *contents = NULL;
        gsize length;

        if (g_file_get_contents (path, &contents, &length, NULL) &&
            memmem (contents, length, secret, strlen (secret)) != NULL)
            g_error ("%s has %s.", name, what);
    }
}

/* ------------------------------------------------------------------ what is sent */

static void
set_password (Person *person)
{
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) answer = NULL;
    JsonObject *params = json_object_new ();

    json_object_set_string_member (params, "password", password);
    bureau_client_ask_async (person->client, BUREAU_COMMAND_ACCOUNT_SET_PASSWORD, params, NULL,
                             keep_result, &result);
    WAIT_UNTIL (result != NULL);
    answer = bureau_client_ask_finish (person->client, result, &error);
    g_assert_no_error (error);
}

/* (transfer full) (nullable): the refresh token */
static char *
sign_in (Two *two, const char *with, GError **error)
{
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (BureauAccount) account = NULL;
    char *refresh_token = NULL;

    bureau_account_sign_in_async (two->office->base_uri, "", two->ben->account->handle, with,
                                  "Second", NULL, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    account = bureau_account_sign_in_finish (result, &refresh_token, error);
    return refresh_token;
}

/* Nobody's invitation: refused, and not said back. */
static void
try_invitation (BureauInvitation *taken, const char *secret)
{
    g_autoptr (BureauInvitation) invitation = taken;
    g_autoptr (GError) error = NULL;
    g_autoptr (BureauOffer) offer = get_offer (invitation, &error);

    g_assert_null (offer);
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN);
    g_assert_null (strstr (error->message, secret));
}

/* ------------------------------------------------------------------ */

static void
test_secrets (Two *two, gconstpointer data)
{
    static const char link_secret[] = "AbCdEfGhIjKlMnOpQrStUv";
    g_autofree char *first_token = g_strdup (two->ben->refresh_token);
    g_autofree char *second_token = NULL;
    g_autofree char *link = g_strdup_printf ("bureau://%s/#v1..%s", two->office->listen,
                                             link_secret);
    g_autoptr (GError) error = NULL;

    set_password (two->ben);
    g_free (sign_in (two, wrong, &error));
    g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_UNAUTHENTICATED);
    g_assert_null (strstr (error->message, wrong));
    g_clear_error (&error);
    second_token = sign_in (two, password, &error);
    g_assert_no_error (error);
    try_invitation (bureau_invitation_parse_link (link, NULL), link_secret);
    try_invitation (bureau_invitation_parse_code (two->office->base_uri, "7K3MQ9T2", NULL), "7K3M");

    /* And through a time without the hub. */
    office_stop (two->office);
    WAIT_UNTIL (!is_live (two->ben));
    office_start (two->office);
    WAIT_UNTIL (is_live (two->ben));
    person_stop (two->ben);

    const struct {
        const char *what;
        const char *secret;
    } secrets[] = {
        { "a password", password },
        { "a wrong password", wrong },
        { "an invitation", link_secret },
        { "a typed code", "7K3MQ9T2" },
        { "a refresh token", first_token },
        { "the refresh token", two->ben->refresh_token },
        { "another device's refresh token", second_token },
        { "an access token", "eyJhbGciOi" },
    };
    g_assert_cmpuint (logged->len, >, 0);
    for (guint i = 0; i < G_N_ELEMENTS (secrets); i++) {
        assert_not_logged (secrets[i].what, secrets[i].secret);
        assert_not_in_files (two->ben->directory, secrets[i].what, secrets[i].secret);
    }
}

int
main (int argc, char **argv)
{
    logged = g_string_new (NULL);
    g_log_set_writer_func (keep_log, NULL, NULL);
    /* Some libraries look before they say anything. */
    g_setenv ("G_MESSAGES_DEBUG", "all", TRUE);
    g_test_init (&argc, &argv, NULL);
    g_test_add ("/client/secrets", Two, NULL, two_set_up, test_secrets, two_tear_down);
    return g_test_run ();
}
