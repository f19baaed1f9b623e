/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-diagnosis.h"

#include "bureau-avahi.h"
#include "bureau-fetch.h"
#include "bureau-inquiry.h"
#include "bureau-invitation.h"
#include "bureau-json.h"
#include "bureau-lan-address.h"
#include "bureau-pin.h"
#include "bureau-socket.h"

#define CONNECT_SECONDS 5
#define ANSWER_TIME     5000 /* ms */
#define MAX_ANSWER      4096
/* Of two clocks. Tokens of 10 minutes would be taken for old ones. */
#define MAX_SKEW (5 * 60)

#define FLATPAK_INFO "/.flatpak-info"
/* A code is not needed to look, but an address comes with one. */
#define NO_CODE "00000000"

/* On its way; the task's data. */
typedef struct {
    BureauInvitation *place; /* (owned) (nullable): host and port */
    GArray *facts;           /* (owned): BureauFact */
    BureauAvahi *avahi;      /* (owned) (nullable) */
    SoupMessage *message;    /* (owned) (nullable) */
} Diagnosis;

static void
diagnosis_free (gpointer data)
{
    Diagnosis *diagnosis = data;

    g_clear_pointer (&diagnosis->place, bureau_invitation_free);
    g_clear_pointer (&diagnosis->facts, g_array_unref);
    g_clear_pointer (&diagnosis->avahi, bureau_avahi_free);
    g_clear_object (&diagnosis->message);
    g_free (diagnosis);
}

static void
note (GTask *task, BureauCheck check, BureauFinding finding, BureauTrouble trouble)
{
    Diagnosis *diagnosis = g_task_get_task_data (task);
    BureauFact fact = { check, finding, trouble };

    g_array_append_val (diagnosis->facts, fact);
}

static void
note_whether (GTask *task, BureauCheck check, gboolean good)
{
    note (task, check, good ? BUREAU_FINDING_GOOD : BUREAU_FINDING_BAD, BUREAU_TROUBLE_NONE);
}

/* What comes after the last fact can't be known. */
static void
finish (GTask *task, BureauCheck last)
{
    Diagnosis *diagnosis = g_task_get_task_data (task);

    for (guint check = diagnosis->facts->len; check <= last; check++)
        note (task, check, BUREAU_FINDING_UNKNOWN, BUREAU_TROUBLE_NONE);
    g_task_return_pointer (task, g_steal_pointer (&diagnosis->facts),
                           (GDestroyNotify) g_array_unref);
}

/* ------------------------------------------------------------------ the hub */

static void
note_clock (GTask *task, SoupMessage *message)
{
    const char *text = soup_message_headers_get_one (soup_message_get_response_headers (message),
                                                     "Date");
    g_autoptr (GDateTime) theirs = text ? soup_date_time_new_from_http_string (text) : NULL;
    g_autoptr (GDateTime) ours = g_date_time_new_now_utc ();

    if (theirs)
        note_whether (task, BUREAU_CHECK_CLOCK,
                      ABS (g_date_time_difference (ours, theirs)) <= MAX_SKEW * G_TIME_SPAN_SECOND);
}

static gboolean
is_of_hub (SoupMessage *message, GBytes *bytes)
{
    g_autoptr (JsonObject) answer = bureau_inquiry_parse (g_bytes_get_data (bytes, NULL),
                                                          g_bytes_get_size (bytes), NULL);

    return soup_message_get_status (message) == SOUP_STATUS_OK && answer &&
           bureau_json_get_boolean (answer, "ok", FALSE);
}

static void
on_answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    Diagnosis *diagnosis = g_task_get_task_data (task);
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) bytes = bureau_fetch_finish (result, &error);

    if (g_task_return_error_if_cancelled (task))
        return;
    if (bytes && is_of_hub (diagnosis->message, bytes)) {
        note (task, BUREAU_CHECK_HUB, BUREAU_FINDING_GOOD, BUREAU_TROUBLE_NONE);
        note_clock (task, diagnosis->message);
    } else {
        note (task, BUREAU_CHECK_HUB, BUREAU_FINDING_BAD,
              error && error->domain == G_TLS_ERROR ? BUREAU_TROUBLE_NOT_TLS
                                                    : BUREAU_TROUBLE_NOT_HUB);
    }
    finish (task, BUREAU_CHECK_CLOCK);
}

/* Whoever it is may answer: nothing is believed of what it says, and nothing secret said to it. */
static void
ask_hub (GTask *task)
{
    Diagnosis *diagnosis = g_task_get_task_data (task);
    g_autofree char *base_uri = bureau_invitation_to_base_uri (diagnosis->place);
    g_autofree char *uri = g_strconcat (base_uri, "/api/v1/health", NULL);
    g_autoptr (SoupSession) session = bureau_socket_session_new ();
    g_autoptr (GTlsDatabase) database = bureau_pin_database_new (NULL);

    soup_session_set_tls_database (session, database);
    diagnosis->message = soup_message_new ("GET", uri);
    bureau_fetch_async (session, diagnosis->message, MAX_ANSWER, ANSWER_TIME,
                        g_task_get_cancellable (task), on_answered_cb, g_object_ref (task));
}

/* ------------------------------------------------------------------ the address */

static BureauTrouble
explain (const GError *error)
{
    if (error->domain == G_RESOLVER_ERROR)
        return BUREAU_TROUBLE_NO_NAME;
    if (error->domain != G_IO_ERROR)
        return BUREAU_TROUBLE_NONE;
    switch (error->code) {
    case G_IO_ERROR_CONNECTION_REFUSED:
        return BUREAU_TROUBLE_REFUSED;
    case G_IO_ERROR_HOST_UNREACHABLE:
    case G_IO_ERROR_NETWORK_UNREACHABLE:
        return BUREAU_TROUBLE_NO_ROUTE;
    case G_IO_ERROR_TIMED_OUT:
        return BUREAU_TROUBLE_TIMED_OUT;
    default:
        return BUREAU_TROUBLE_NONE;
    }
}

static void
on_reached_cb (GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr (GTask) task = data;
    g_autoptr (GError) error = NULL;
    g_autoptr (GSocketConnection) connection = g_socket_client_connect_finish (
        G_SOCKET_CLIENT (source), result, &error);

    if (g_task_return_error_if_cancelled (task))
        return;
    if (connection) {
        note (task, BUREAU_CHECK_REACH, BUREAU_FINDING_GOOD, BUREAU_TROUBLE_NONE);
        ask_hub (task);
    } else {
        note (task, BUREAU_CHECK_REACH, BUREAU_FINDING_BAD, explain (error));
        finish (task, BUREAU_CHECK_CLOCK);
    }
}

static void
reach (GTask *task)
{
    Diagnosis *diagnosis = g_task_get_task_data (task);
    g_autoptr (GSocketClient) client = g_socket_client_new ();
    g_autoptr (GSocketConnectable) address = g_network_address_new (diagnosis->place->host,
                                                                    diagnosis->place->port);

    g_socket_client_set_timeout (client, CONNECT_SECONDS);
    g_socket_client_set_enable_proxy (client, FALSE);
    g_socket_client_connect_async (client, address, g_task_get_cancellable (task), on_reached_cb,
                                   g_object_ref (task));
}

/* ------------------------------------------------------------------ Avahi */

static void
go_on (GTask *task)
{
    Diagnosis *diagnosis = g_task_get_task_data (task);

    if (g_task_return_error_if_cancelled (task))
        return;
    if (diagnosis->place)
        reach (task);
    else
        finish (task, BUREAU_CHECK_AVAHI);
}

static void
on_avahi_changed_cb (BureauAvahi *avahi, BureauAvahiState state, gpointer data)
{
    GTask *task = data;
    Diagnosis *diagnosis = g_task_get_task_data (task);

    g_clear_pointer (&diagnosis->avahi, bureau_avahi_free);
    note (task, BUREAU_CHECK_AVAHI,
          state == BUREAU_AVAHI_THERE ? BUREAU_FINDING_GOOD : BUREAU_FINDING_BAD,
          state == BUREAU_AVAHI_NO_BUS ? BUREAU_TROUBLE_NO_BUS : BUREAU_TROUBLE_NONE);
    go_on (task);
    g_object_unref (task);
}

/* Flatpak says what an application may do; other sandboxes show by Avahi's not being there. */
static gboolean
is_allowed_avahi (void)
{
    g_autoptr (GKeyFile) info = g_key_file_new ();
    g_autofree char *policy = NULL;

    if (!g_key_file_load_from_file (info, FLATPAK_INFO, G_KEY_FILE_NONE, NULL))
        return TRUE;
    policy = g_key_file_get_string (info, "System Bus Policy", "org.freedesktop.Avahi", NULL);
    return g_strcmp0 (policy, "talk") == 0 || g_strcmp0 (policy, "own") == 0;
}

/* ------------------------------------------------------------------ all of it */

void
bureau_diagnose_async (const char *address, GCancellable *cancellable, GAsyncReadyCallback callback,
                       gpointer data)
{
    g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
    Diagnosis *diagnosis = g_new0 (Diagnosis, 1);
    GError *error = NULL;

    g_task_set_source_tag (task, bureau_diagnose_async);
    g_task_set_task_data (task, diagnosis, diagnosis_free);
    diagnosis->facts = g_array_new (FALSE, FALSE, sizeof (BureauFact));
    if (address) {
        diagnosis->place = bureau_invitation_parse_code (address, NO_CODE, &error);
        if (!diagnosis->place) {
            g_task_return_error (task, error);
            return;
        }
    }
    note_whether (task, BUREAU_CHECK_NETWORK, bureau_lan_address_is_there ());
    note_whether (task, BUREAU_CHECK_SANDBOX, is_allowed_avahi ());
    diagnosis->avahi = bureau_avahi_new (on_avahi_changed_cb, g_steal_pointer (&task));
}

GArray *
bureau_diagnose_finish (GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer (G_TASK (result), error);
}
