/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-visit.h"

#include <libsoup/soup.h>

#include "bureau-hub-identity.h"
#include "bureau-json-scanner.h"
#include "bureau-json.h"
#include "bureau-pin.h"
#include "bureau-socket.h"
#include "bureau-token-keys.h"

/* Of a hub that does not answer. */
#define ASK_SECONDS 30
#define TOKEN_MS    (60 * 1000)

/* ------------------------------------------------------------------ looking */

gboolean
bureau_visit_begin (BureauVisit *self, const char *path, GError **error)
{
    if (!g_file_test (path, G_FILE_TEST_IS_DIR)) {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no office in %s.", path);
        return FALSE;
    }
    self->path = g_strdup (path);
    self->directory = bureau_data_directory_open (path, error);
    if (self->directory == NULL)
        return FALSE;
    if (!bureau_data_directory_has_office (self->directory)) {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no office in %s.", path);
        return FALSE;
    }
    self->store = bureau_store_open_read_only (bureau_data_directory_get_database (self->directory),
                                               error);
    return self->store != NULL;
}

void
bureau_visit_end (BureauVisit *self)
{
    g_clear_pointer (&self->store, bureau_store_close);
    g_clear_pointer (&self->directory, bureau_data_directory_close);
    g_clear_pointer (&self->path, g_free);
}

/* ------------------------------------------------------------------ signing */

static char *
find_hub_id (BureauStore *store, GError **error)
{
    g_autoptr (GError) local_error = NULL;
    char *hub_id = bureau_store_get_meta (store, "hub", &local_error);

    if (hub_id != NULL)
        return hub_id;
    if (local_error == NULL)
        g_set_error_literal (&local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                             "There is no whole office here.");
    g_propagate_error (error, g_steal_pointer (&local_error));
    return NULL;
}

char *
bureau_visit_sign_token (BureauVisit *self, const char *user_id, gint64 lifetime_ms, GError **error)
{
    BureauTokenSigner signer = { 0 };
    g_autofree char *hub_id = find_hub_id (self->store, error);
    char *token;
    gint64 now;

    if (hub_id == NULL || !bureau_clock_peek (self->store, &now, error) ||
        !bureau_token_keys_load (&signer, self->directory, hub_id, error))
        return NULL;
    token = bureau_token_sign (&signer, user_id, BUREAU_SCRIPT_SESSION, now, now + lifetime_ms);
    bureau_token_signer_clear (&signer);
    return token;
}

/* ------------------------------------------------------------------ asking */

/* Who serves the directory has its key. (transfer full) */
static SoupSession *
make_session (BureauDataDirectory *directory, GError **error)
{
    g_autofree char *pin = bureau_hub_identity_read_pin (directory, error);
    g_autoptr (GTlsDatabase) database = NULL;
    SoupSession *session;

    if (pin == NULL)
        return NULL;
    database = bureau_pin_database_new (pin);
    session = bureau_socket_session_new ();
    soup_session_set_tls_database (session, database);
    soup_session_set_timeout (session, ASK_SECONDS);
    return session;
}

static GBytes *
post (BureauVisit *self, const char *uri, const char *token, JsonObject *params, GError **error)
{
    g_autofree char *bearer = g_strdup_printf ("Bearer %s", token);
    g_autofree char *json = bureau_json_object_to_string (params);
    g_autoptr (GBytes) body = g_bytes_new (json, strlen (json));
    g_autoptr (SoupSession) session = make_session (self->directory, error);
    g_autoptr (SoupMessage) message = soup_message_new ("POST", uri);

    if (session == NULL)
        return NULL;
    soup_message_headers_append (soup_message_get_request_headers (message), "Authorization",
                                 bearer);
    soup_message_set_request_body_from_bytes (message, "application/json", body);
    return soup_session_send_and_read (session, message, NULL, error);
}

static JsonObject *
ask_serving_hub (BureauVisit *self, const char *address, const BureauQuestion *question,
                 const char *user_id, JsonObject *params, GError **error)
{
    g_autofree char *uri = g_strdup_printf ("%s/api/v1/%s", address, question->path);
    g_autofree char *token = bureau_visit_sign_token (self, user_id, TOKEN_MS, error);
    g_autoptr (GBytes) answer = token != NULL ? post (self, uri, token, params, error) : NULL;
    const char *text;
    gsize length;

    if (answer == NULL)
        return NULL;
    text = g_bytes_get_data (answer, &length);
    if (!bureau_json_scan (text, length, BUREAU_MAX_JSON_DEPTH, NULL, error))
        return NULL;
    return bureau_json_parse_object (text, length, error);
}

static void
keep_answer (BureauRequest *request)
{
    *(char **) request->door = g_strdup (request->json);
}

/* In this process, which serves nobody. An invitation's link names the address a hub serves by
 * default. */
static JsonObject *
run_here (const char *path, const BureauQuestion *question, const char *user_id, JsonObject *params,
          GError **error)
{
    g_autoptr (BureauAuthority) authority = bureau_authority_open (path, NULL, error);
    g_autofree char *answer = NULL;
    BureauRequest *request;

    if (authority == NULL)
        return NULL;
    request = question->make (authority, json_object_ref (params),
                              bureau_actor_new (user_id, BUREAU_SCRIPT_SESSION));
    request->door = &answer;
    request->answered = keep_answer;
    bureau_authority_queue (authority, request);
    bureau_authority_run_turn (authority);
    /* Some go by the workers, and come back to this thread's loop. */
    while (answer == NULL)
        g_main_context_iteration (NULL, TRUE);
    return bureau_json_parse_object (answer, -1, error);
}

JsonObject *
bureau_visit_ask (BureauVisit *self, const BureauQuestion *question, const char *user_id,
                  JsonObject *params, GError **error)
{
    g_autofree char *address = bureau_data_directory_get_address (self->directory);

    if (address != NULL)
        return ask_serving_hub (self, address, question, user_id, params, error);

    g_clear_pointer (&self->store, bureau_store_close);
    g_clear_pointer (&self->directory, bureau_data_directory_close);
    return run_here (self->path, question, user_id, params, error);
}
