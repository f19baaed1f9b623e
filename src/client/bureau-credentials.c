/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-credentials.h"

#include "bureau-error.h"
#include "bureau-json.h"
#include "bureau-inquiry.h"

#define MAX_ANSWER         (256 * 1024)
#define MIN_VALIDITY       5 /* seconds a token must have left to be handed out */
#define MAX_EXPIRY_SECONDS 86400

struct _BureauCredentials {
    GObject parent_instance;

    SoupSession *soup;   /* (owned) */
    char *base_uri;      /* (owned) */
    char *refresh_token; /* (owned) */
    char *access_token;  /* (owned) (nullable) */
    gint64 expires;      /* monotonic time of the access token's end */
    GPtrArray *askers;   /* (owned): of GTask (owned), those that wait for the refresh under way */
    gboolean refreshing;
    GSource *renewal; /* (owned) (nullable) */
    gboolean stopped;
};

enum { SIGNAL_REFRESH_TOKEN, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BureauCredentials, bureau_credentials, G_TYPE_OBJECT)

static void refresh (BureauCredentials *self);

static void
clear_renewal (BureauCredentials *self)
{
    if (self->renewal)
        g_source_destroy (self->renewal);
    g_clear_pointer (&self->renewal, g_source_unref);
}

static gboolean
on_renewal_cb (gpointer data)
{
    BureauCredentials *self = data;

    clear_renewal (self);
    refresh (self);
    return G_SOURCE_REMOVE;
}

/* A fifth of a token's life before its end, at most a minute. */
static void
plan_renewal (BureauCredentials *self, gint64 seconds)
{
    g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();

    clear_renewal (self);
    if (self->stopped)
        return;
    self->renewal = g_timeout_source_new_seconds (MAX (1, seconds - MIN (60, seconds / 5)));
    g_source_set_callback (self->renewal, on_renewal_cb, self, NULL);
    g_source_attach (self->renewal, context);
}

static gboolean
take_tokens (BureauCredentials *self, GBytes *bytes, GError **error)
{
    g_autoptr (JsonObject) answer = bureau_inquiry_parse (g_bytes_get_data (bytes, NULL),
                                                          g_bytes_get_size (bytes), error);
    const char *access, *next;
    gint64 seconds;

    if (!answer || !bureau_inquiry_check (answer, error))
        return FALSE;
    access = bureau_json_get_string (answer, "accessToken");
    next = bureau_json_get_string (answer, "refreshToken");
    seconds = CLAMP (bureau_json_get_int (answer, "expiresIn", 0), 1, MAX_EXPIRY_SECONDS);
    if (!access) {
        g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_UNAVAILABLE,
                             "The office’s answer can’t be understood.");
        return FALSE;
    }
    g_free (self->access_token);
    self->access_token = g_strdup (access);
    self->expires = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;
    plan_renewal (self, seconds);
    if (next && g_strcmp0 (next, self->refresh_token) != 0) {
        g_free (self->refresh_token);
        self->refresh_token = g_strdup (next);
        g_signal_emit (self, signals[SIGNAL_REFRESH_TOKEN], 0, self->refresh_token);
    }
    return TRUE;
}

static void
on_refreshed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (BureauCredentials) self = data;
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) bytes = bureau_inquiry_finish (result, &error);
    g_autoptr (GPtrArray) askers = g_steal_pointer (&self->askers);
    gboolean ok = bytes && take_tokens (self, bytes, &error);

    self->askers = g_ptr_array_new_with_free_func (g_object_unref);
    self->refreshing = FALSE;
    for (guint i = 0; i < askers->len; i++) {
        if (ok)
            g_task_return_pointer (askers->pdata[i], g_strdup (self->access_token), g_free);
        else
            g_task_return_error (askers->pdata[i], g_error_copy (error));
    }
}

static void
refresh (BureauCredentials *self)
{
    g_autoptr (JsonObject) params = NULL;
    g_autofree char *body = NULL;

    if (self->refreshing || self->stopped)
        return;
    self->refreshing = TRUE;
    params = json_object_new ();
    bureau_json_set_string (params, "refreshToken", self->refresh_token);
    body = bureau_json_object_to_string (params);
    /* Never cancelled half way: the answer may hold the only refresh token that still counts. */
    bureau_inquiry_async (self->soup, self->base_uri, "POST", "/api/v1/auth/refresh", NULL, body,
                          MAX_ANSWER, NULL, on_refreshed_cb, g_object_ref (self));
}

static void
bureau_credentials_finalize (GObject *object)
{
    BureauCredentials *self = BUREAU_CREDENTIALS (object);

    clear_renewal (self);
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
    self->stopped = TRUE;
    clear_renewal (self);
}

/* ------------------------------------------------------------------ GET */

typedef struct {
    char *path; /* (owned) */
    gsize max_size;
} Get;

static void
get_free (gpointer data)
{
    Get *get = data;

    g_free (get->path);
    g_free (get);
}

static void
on_got_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    GError *error = NULL;
    GBytes *bytes = bureau_inquiry_finish (result, &error);

    if (bytes) {
        g_task_return_pointer (task, bytes, (GDestroyNotify) g_bytes_unref);
        return;
    }
    if (g_error_matches (error, BUREAU_ERROR, BUREAU_ERROR_UNAUTHENTICATED))
        bureau_credentials_forget_token (g_task_get_source_object (task));
    g_task_return_error (task, error);
}

static void
on_token_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    BureauCredentials *self = BUREAU_CREDENTIALS (source);
    g_autoptr (GTask) task = data;
    GError *error = NULL;
    g_autofree char *token = bureau_credentials_get_token_finish (self, result, &error);
    Get *get = g_task_get_task_data (task);

    if (!token) {
        g_task_return_error (task, error);
        return;
    }
    bureau_inquiry_async (self->soup, self->base_uri, "GET", get->path, token, NULL, get->max_size,
                          g_task_get_cancellable (task), on_got_cb, g_object_ref (task));
}

void
bureau_credentials_get_async (BureauCredentials *self, const char *path, gsize max_size,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer data)
{
    GTask *task = g_task_new (self, cancellable, callback, data);
    Get *get = g_new0 (Get, 1);

    g_task_set_source_tag (task, bureau_credentials_get_async);
    get->path = g_strdup (path);
    get->max_size = max_size;
    g_task_set_task_data (task, get, get_free);
    bureau_credentials_get_token_async (self, cancellable, on_token_cb, task);
}

GBytes *
bureau_credentials_get_finish (BureauCredentials *self, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer (G_TASK (result), error);
}
