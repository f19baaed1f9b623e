/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-credentials.h"

#include "bureau-catalog.h"
#include "bureau-error.h"
#include "bureau-json.h"
#include "bureau-inquiry.h"
#include "bureau-timer.h"

#define MAX_ANSWER         (256 * 1024)
#define MIN_VALIDITY       5 /* seconds a token must have left to be handed out */
#define MAX_EXPIRY_SECONDS 86400
#define MAX_LEAD           75 /* seconds before its end that a token is renewed; the hub warns at 60 */
#define RENEW_AGAIN        10    /* seconds, after a renewal that failed */
#define LIVE_TIMEOUT       10000 /* ms for the answer over the connection; then REST is asked */
#define MAX_PAUSES         5     /* that the hub may ask for, one after another */
#define MIN_PAUSE          100   /* ms */
#define MAX_PAUSE          30000

struct _BureauCredentials {
    GObject parent_instance;

    SoupSession *soup;   /* (owned) */
    char *base_uri;      /* (owned) */
    char *refresh_token; /* (owned) (nullable) */
    char *access_token;  /* (owned) (nullable) */
    gint64 expires;      /* monotonic time of the access token's end */
    GPtrArray *askers;   /* (owned): of GTask (owned), those that wait for the refresh under way */
    gboolean refreshing;
    guint pauses;             /* of the refresh under way */
    guint live_id;            /* of the question asked last over the connection */
    GSource *timer;           /* (owned) (nullable): of the refresh under way */
    GSource *renewal;         /* (owned) (nullable) */
    BureauCredentialsAsk ask; /* (nullable): over the connection that is open */
    gpointer ask_data;
    gboolean stopped;
};

enum { SIGNAL_REFRESH_TOKEN, SIGNAL_REFUSED, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BureauCredentials, bureau_credentials, G_TYPE_OBJECT)

static void refresh (BureauCredentials *self);
static void refresh_by_rest (BureauCredentials *self);

static gboolean
on_renewal_cb (gpointer data)
{
    BureauCredentials *self = data;

    bureau_timer_stop (&self->renewal);
    refresh (self);
    return G_SOURCE_REMOVE;
}

static void
plan_renewal (BureauCredentials *self, gint64 seconds)
{
    if (!self->stopped)
        bureau_timer_start (&self->renewal, MAX (1, seconds) * 1000, on_renewal_cb, self);
}

/* ------------------------------------------------------------------ the end of a refresh */

static gboolean
take_tokens (BureauCredentials *self, JsonObject *answer, GError **error)
{
    const char *access = bureau_json_get_string (answer, "accessToken");
    const char *next = bureau_json_get_string (answer, "refreshToken");
    gint64 seconds = CLAMP (bureau_json_get_int (answer, "expiresIn", 0), 1, MAX_EXPIRY_SECONDS);

    if (!access) {
        bureau_inquiry_set_not_understood (error);
        return FALSE;
    }
    g_free (self->access_token);
    self->access_token = g_strdup (access);
    self->expires = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;
    plan_renewal (self, seconds - MIN (MAX_LEAD, seconds / 4));
    if (next && g_strcmp0 (next, self->refresh_token) != 0) {
        g_autofree char *old = g_steal_pointer (&self->refresh_token);

        /* Whoever keeps it has the new one before the old one is gone. */
        self->refresh_token = g_strdup (next);
        g_signal_emit (self, signals[SIGNAL_REFRESH_TOKEN], 0, self->refresh_token);
    }
    return TRUE;
}

/* @error (nullable): why there is no new token. */
static void
end_refresh (BureauCredentials *self, const GError *error)
{
    g_autoptr (GPtrArray) askers = g_steal_pointer (&self->askers);

    self->askers = g_ptr_array_new_with_free_func (g_object_unref);
    self->refreshing = FALSE;
    self->pauses = 0;
    bureau_timer_stop (&self->timer);
    if (g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_UNAUTHENTICATED))
        g_signal_emit (self, signals[SIGNAL_REFUSED], 0, error);
    else if (error && self->access_token && self->expires > g_get_monotonic_time ())
        plan_renewal (self, RENEW_AGAIN);
    for (guint i = 0; i < askers->len; i++) {
        if (error)
            g_task_return_error (askers->pdata[i], g_error_copy (error));
        else
            g_task_return_pointer (askers->pdata[i], g_strdup (self->access_token), g_free);
    }
}

static gboolean
on_pause_over_cb (gpointer data)
{
    BureauCredentials *self = data;

    bureau_timer_stop (&self->timer);
    self->refreshing = FALSE;
    refresh (self);
    return G_SOURCE_REMOVE;
}

/* The hub answered a copy of this very question a moment ago, or has too much to do: that is no
 * refusal. TRUE if it is asked again; whoever waits goes on waiting. */
static gboolean
may_pause (BureauCredentials *self, const GError *error)
{
    gint64 pause = CLAMP (bureau_error_get_retry_after (error), MIN_PAUSE, MAX_PAUSE);

    if (!g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_RATE_LIMITED) || self->stopped ||
        ++self->pauses > MAX_PAUSES)
        return FALSE;
    bureau_timer_start (&self->timer, pause, on_pause_over_cb, self);
    return TRUE;
}

/* ------------------------------------------------------------------ over the connection */

typedef struct {
    BureauCredentials *credentials; /* (owned) */
    guint id;
} Question;

/* Only REST says for good that one is signed out. What comes after the timeout is not looked at: by
 * then the hub has been asked again, and has made this answer worthless. */
static void
on_live_answer_cb (JsonObject *answer, const GError *link_error, gpointer data)
{
    g_autofree Question *question = data;
    g_autoptr (BureauCredentials) self = question->credentials;
    g_autoptr (GError) error = NULL;

    if (question->id != self->live_id || !self->refreshing)
        return;
    bureau_timer_stop (&self->timer);
    if (!answer)
        error = g_error_copy (link_error);
    else if (bureau_inquiry_check (answer, &error) && take_tokens (self, answer, &error)) {
        end_refresh (self, NULL);
        return;
    }
    if (!may_pause (self, error))
        refresh_by_rest (self);
}

static gboolean
on_live_timeout_cb (gpointer data)
{
    BureauCredentials *self = data;

    bureau_timer_stop (&self->timer);
    self->live_id++;
    refresh_by_rest (self);
    return G_SOURCE_REMOVE;
}

static void
refresh_live (BureauCredentials *self)
{
    g_autoptr (JsonObject) params = json_object_new ();
    Question *question = g_new0 (Question, 1);

    question->credentials = g_object_ref (self);
    question->id = ++self->live_id;
    bureau_json_set_string (params, "refreshToken", self->refresh_token);
    bureau_timer_start (&self->timer, LIVE_TIMEOUT, on_live_timeout_cb, self);
    self->ask (self->ask_data, bureau_command_get (BUREAU_COMMAND_AUTH_REFRESH)->name, params,
               on_live_answer_cb, question);
}

/* The connection goes by the token it has last been shown. */
static void
show_token (BureauCredentials *self)
{
    g_autoptr (JsonObject) params = json_object_new ();

    bureau_json_set_string (params, "token", self->access_token);
    self->ask (self->ask_data, bureau_command_get (BUREAU_COMMAND_AUTH_REFRESH)->name, params, NULL,
               NULL);
}

/* ------------------------------------------------------------------ by REST */

static void
on_refreshed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauCredentials) self = data;
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) bytes = bureau_inquiry_finish (result, &error);
    g_autoptr (JsonObject) answer = bytes ? bureau_inquiry_parse_answer (bytes, &error) : NULL;

    if (answer && take_tokens (self, answer, &error)) {
        end_refresh (self, NULL);
        if (self->ask)
            show_token (self);
    } else if (!may_pause (self, error)) {
        end_refresh (self, error);
    }
}

static void
refresh_by_rest (BureauCredentials *self)
{
    g_autoptr (JsonObject) params = json_object_new ();
    g_autofree char *body = NULL;

    bureau_json_set_string (params, "refreshToken", self->refresh_token);
    body = bureau_json_object_to_string (params);
    /* Never cancelled half way: the answer may hold the only refresh token that still counts. */
    bureau_inquiry_async (self->soup, self->base_uri, "POST", "/api/v1/auth/refresh", NULL, body,
                          MAX_ANSWER, NULL, on_refreshed_cb, g_object_ref (self));
}

static void
refuse (BureauCredentials *self)
{
    g_autoptr (GError) error = NULL;

    bureau_error_set_unauthenticated (&error, "nobody", "Nobody is signed in.");
    end_refresh (self, error);
}

static void
refresh (BureauCredentials *self)
{
    if (self->refreshing || self->stopped)
        return;
    self->refreshing = TRUE;
    bureau_timer_stop (&self->renewal);
    if (!self->refresh_token)
        refuse (self);
    else if (self->ask)
        refresh_live (self);
    else
        refresh_by_rest (self);
}

static void
bureau_credentials_finalize (GObject *object)
{
    BureauCredentials *self = BUREAU_CREDENTIALS (object);

    bureau_timer_stop (&self->renewal);
    bureau_timer_stop (&self->timer);
    g_clear_object (&self->soup);
    g_free (self->base_uri);
    g_free (self->refresh_token);
    g_free (self->access_token);
    g_ptr_array_unref (self->askers);
    G_OBJECT_CLASS (bureau_credentials_parent_class)->finalize (object);
}

static void
bureau_credentials_class_init (BureauCredentialsClass *klass)
{
    G_OBJECT_CLASS (klass)->finalize = bureau_credentials_finalize;
    signals[SIGNAL_REFRESH_TOKEN] = g_signal_new ("refresh-token", BUREAU_TYPE_CREDENTIALS,
                                                  G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                  G_TYPE_NONE, 1, G_TYPE_STRING);
    signals[SIGNAL_REFUSED] = g_signal_new ("refused", BUREAU_TYPE_CREDENTIALS, G_SIGNAL_RUN_LAST,
                                            0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
bureau_credentials_init (BureauCredentials *self)
{
    self->askers = g_ptr_array_new_with_free_func (g_object_unref);
}

BureauCredentials *
bureau_credentials_new (SoupSession *soup, const char *base_uri, const char *refresh_token)
{
    BureauCredentials *self = g_object_new (BUREAU_TYPE_CREDENTIALS, NULL);

    self->soup = g_object_ref (soup);
    self->base_uri = g_strdup (base_uri);
    self->refresh_token = g_strdup (refresh_token);
    return self;
}

void
bureau_credentials_set_base_uri (BureauCredentials *self, const char *base_uri)
{
    g_free (self->base_uri);
    self->base_uri = g_strdup (base_uri);
}

const char *
bureau_credentials_get_base_uri (BureauCredentials *self)
{
    return self->base_uri;
}

SoupSession *
bureau_credentials_get_soup (BureauCredentials *self)
{
    return self->soup;
}

void
bureau_credentials_get_token_async (BureauCredentials *self, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer data)
{
    g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);

    g_task_set_source_tag (task, bureau_credentials_get_token_async);
    if (self->access_token &&
        self->expires - g_get_monotonic_time () > MIN_VALIDITY * G_USEC_PER_SEC) {
        g_task_return_pointer (task, g_strdup (self->access_token), g_free);
        return;
    }
    if (self->stopped) {
        g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "The session has ended.");
        return;
    }
    g_ptr_array_add (self->askers, g_steal_pointer (&task));
    refresh (self);
}

char *
bureau_credentials_get_token_finish (BureauCredentials *self, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer (G_TASK (result), error);
}

void
bureau_credentials_forget_token (BureauCredentials *self)
{
    g_clear_pointer (&self->access_token, g_free);
}

void
bureau_credentials_set_refresh_token (BureauCredentials *self, const char *refresh_token)
{
    g_free (self->refresh_token);
    self->refresh_token = g_strdup (refresh_token);
    bureau_credentials_forget_token (self);
}

void
bureau_credentials_stop (BureauCredentials *self)
{
    g_autoptr (GError) error = NULL;

    self->stopped = TRUE;
    bureau_timer_stop (&self->renewal);
    if (!self->timer)
        return;
    /* No answer that is still to come would end it. */
    g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "The session has ended.");
    self->live_id++;
    end_refresh (self, error);
}

void
bureau_credentials_set_ask (BureauCredentials *self, BureauCredentialsAsk ask, gpointer data)
{
    self->ask = ask;
    self->ask_data = data;
}

void
bureau_credentials_renew (BureauCredentials *self)
{
    refresh (self);
}

/* ------------------------------------------------------------------ requests */

typedef struct {
    char *method; /* (owned) */
    char *path;   /* (owned) */
    char *body;   /* (owned) (nullable) */
    char *token;  /* (owned) (nullable): what it was last sent with */
    gsize max_size;
    gboolean is_second;
} Request;

static void
request_free (gpointer data)
{
    Request *request = data;

    g_free (request->method);
    g_free (request->path);
    g_free (request->body);
    g_free (request->token);
    g_free (request);
}

static void on_token_cb (GObject *source, GAsyncResult *result, gpointer data);

/* The hub does not take the token. TRUE if it is asked again with another. */
static gboolean
may_renew (BureauCredentials *self, GTask *task)
{
    Request *request = g_task_get_task_data (task);

    /* It may have been renewed meanwhile. */
    if (g_strcmp0 (request->token, self->access_token) == 0)
        bureau_credentials_forget_token (self);
    if (request->is_second)
        return FALSE;
    request->is_second = TRUE;
    bureau_credentials_get_token_async (self, g_task_get_cancellable (task), on_token_cb,
                                        g_object_ref (task));
    return TRUE;
}

static void
on_answer_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    GError *error = NULL;
    GBytes *bytes = bureau_inquiry_finish (result, &error);

    if (bytes)
        g_task_return_pointer (task, bytes, (GDestroyNotify) g_bytes_unref);
    else if (g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_UNAUTHENTICATED) &&
             may_renew (g_task_get_source_object (task), task))
        g_error_free (error);
    else
        g_task_return_error (task, error);
}

static void
on_token_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    BureauCredentials *self = BUREAU_CREDENTIALS (source);
    g_autoptr (GTask) task = data;
    GError *error = NULL;
    char *token = bureau_credentials_get_token_finish (self, result, &error);
    Request *request = g_task_get_task_data (task);

    if (!token) {
        g_task_return_error (task, error);
        return;
    }
    g_free (request->token);
    request->token = token;
    bureau_inquiry_async (self->soup, self->base_uri, request->method, request->path, token,
                          request->body, request->max_size, g_task_get_cancellable (task),
                          on_answer_cb, g_object_ref (task));
}

void
bureau_credentials_request_async (BureauCredentials *self, const char *method, const char *path,
                                  const char *body, gsize max_size, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer data)
{
    GTask *task = g_task_new (self, cancellable, callback, data);
    Request *request = g_new0 (Request, 1);

    g_task_set_source_tag (task, bureau_credentials_request_async);
    request->method = g_strdup (method);
    request->path = g_strdup (path);
    request->body = g_strdup (body);
    request->max_size = max_size;
    g_task_set_task_data (task, request, request_free);
    bureau_credentials_get_token_async (self, cancellable, on_token_cb, task);
}

GBytes *
bureau_credentials_request_finish (BureauCredentials *self, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer (G_TASK (result), error);
}
