/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-diagnosis.h"

#include <string.h>

#include "bureau-error.h"
#include "fixture.h"
#include "test-avahi.h"

static GArray *
diagnose (const char *address, GError **error)
{
    g_autoptr (GAsyncResult) result = NULL;

    bureau_diagnose_async (address, NULL, keep_result, &result);
    WAIT_UNTIL (result != NULL);
    return bureau_diagnose_finish (result, error);
}

static void
assert_fact (GArray *facts, BureauCheck check, BureauFinding finding, BureauTrouble trouble)
{
    BureauFact *fact = &g_array_index (facts, BureauFact, check);

    g_assert_cmpuint (check, <, facts->len);
    g_assert_cmpint (fact->check, ==, check);
    g_assert_cmpint (fact->finding, ==, finding);
    g_assert_cmpint (fact->trouble, ==, trouble);
}

#define ASSERT_GOOD(facts, check)                                                                  \
    assert_fact (facts, check, BUREAU_FINDING_GOOD, BUREAU_TROUBLE_NONE)
#define ASSERT_BAD(facts, check, trouble) assert_fact (facts, check, BUREAU_FINDING_BAD, trouble)
#define ASSERT_UNKNOWN(facts, check)                                                               \
    assert_fact (facts, check, BUREAU_FINDING_UNKNOWN, BUREAU_TROUBLE_NONE)

/* ------------------------------------------------------------------ Avahi */

static void
test_avahi (void)
{
    TestAvahi *avahi = test_avahi_new ();
    g_autoptr (GArray) without = NULL;
    g_autoptr (GArray) with = NULL;
    g_autoptr (GArray) without_bus = NULL;

    if (avahi == NULL)
        return;
    without = diagnose (NULL, NULL);
    g_assert_cmpuint (without->len, ==, BUREAU_CHECK_AVAHI + 1);
    ASSERT_GOOD (without, BUREAU_CHECK_SANDBOX);
    ASSERT_BAD (without, BUREAU_CHECK_AVAHI, BUREAU_TROUBLE_NONE);
    test_avahi_appear (avahi);
    with = diagnose (NULL, NULL);
    ASSERT_GOOD (with, BUREAU_CHECK_AVAHI);
    test_avahi_free (avahi);
    without_bus = diagnose (NULL, NULL);
    ASSERT_BAD (without_bus, BUREAU_CHECK_AVAHI, BUREAU_TROUBLE_NO_BUS);
}

/* ------------------------------------------------------------------ an address */

static void
test_office (void)
{
    Office *office = office_new ();
    g_autoptr (GArray) served = NULL;
    g_autoptr (GArray) stopped = NULL;

    served = diagnose (office->base_uri, NULL);
    g_assert_cmpuint (served->len, ==, BUREAU_CHECK_CLOCK + 1);
    ASSERT_GOOD (served, BUREAU_CHECK_REACH);
    ASSERT_GOOD (served, BUREAU_CHECK_HUB);
    ASSERT_GOOD (served, BUREAU_CHECK_CLOCK);
    office_stop (office);
    stopped = diagnose (office->base_uri, NULL);
    ASSERT_BAD (stopped, BUREAU_CHECK_REACH, BUREAU_TROUBLE_REFUSED);
    ASSERT_UNKNOWN (stopped, BUREAU_CHECK_HUB);
    ASSERT_UNKNOWN (stopped, BUREAU_CHECK_CLOCK);
    office_free (office);
}

static gboolean
on_incoming_cb (GSocketService *service, GSocketConnection *connection, GObject *source,
                const char *answer)
{
    GOutputStream *stream = g_io_stream_get_output_stream (G_IO_STREAM (connection));

    g_output_stream_write_all (stream, answer, strlen (answer), NULL, NULL, NULL);
    g_socket_shutdown (g_socket_connection_get_socket (connection), FALSE, TRUE, NULL);
    return FALSE;
}

#define OK "HTTP/1.1 200 OK\r\nConnection: close\r\n"

/* Who is there is something else, or says what time it is not. */
static void
test_others (void)
{
    static const struct {
        const char *answer;
        BureauFinding hub, clock;
    } rows[] = {
        { "", BUREAU_FINDING_BAD, BUREAU_FINDING_UNKNOWN },
        { "220 mail.example\r\n", BUREAU_FINDING_BAD, BUREAU_FINDING_UNKNOWN },
        { OK "\r\n", BUREAU_FINDING_BAD, BUREAU_FINDING_UNKNOWN },
        { OK "\r\n<html>", BUREAU_FINDING_BAD, BUREAU_FINDING_UNKNOWN },
        { OK "\r\n{\"ok\":false}", BUREAU_FINDING_BAD, BUREAU_FINDING_UNKNOWN },
        { "HTTP/1.1 404 No\r\nConnection: close\r\n\r\n{\"ok\":true}", BUREAU_FINDING_BAD,
          BUREAU_FINDING_UNKNOWN },
        { OK "\r\n{\"ok\":true}", BUREAU_FINDING_GOOD, BUREAU_FINDING_UNKNOWN },
        { OK "Date: yesterday\r\n\r\n{\"ok\":true}", BUREAU_FINDING_GOOD, BUREAU_FINDING_UNKNOWN },
        { OK "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n{\"ok\":true}", BUREAU_FINDING_GOOD,
          BUREAU_FINDING_BAD },
    };

    for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
        g_autoptr (GSocketService) service = g_socket_service_new ();
        guint16 port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (service), NULL,
                                                            NULL);
        g_autofree char *address = g_strdup_printf ("127.0.0.1:%u", port);
        g_autoptr (GArray) facts = NULL;

        g_signal_connect (service, "incoming", G_CALLBACK (on_incoming_cb),
                          (gpointer) rows[i].answer);
        facts = diagnose (address, NULL);
        g_test_message ("%s", rows[i].answer);
        ASSERT_GOOD (facts, BUREAU_CHECK_REACH);
        assert_fact (facts, BUREAU_CHECK_HUB, rows[i].hub,
                     rows[i].hub == BUREAU_FINDING_BAD ? BUREAU_TROUBLE_NOT_HUB
                                                       : BUREAU_TROUBLE_NONE);
        assert_fact (facts, BUREAU_CHECK_CLOCK, rows[i].clock, BUREAU_TROUBLE_NONE);
        g_socket_service_stop (service);
        g_socket_listener_close (G_SOCKET_LISTENER (service));
    }
}

static void
test_no_address (void)
{
    static const char *const addresses[] = { "", "a b", "host:0", "host:99999", "ftp://host" };

    for (guint i = 0; i < G_N_ELEMENTS (addresses); i++) {
        g_autoptr (GError) error = NULL;

        g_assert_null (diagnose (addresses[i], &error));
        g_assert_error (error, BUREAU_ERROR, BUREAU_ERROR_INVALID);
    }
}

static void
test_cancelled (void)
{
    for (guint turns = 0; turns < 20; turns++) {
        g_autoptr (GCancellable) cancellable = g_cancellable_new ();
        g_autoptr (GAsyncResult) result = NULL;
        g_autoptr (GError) error = NULL;

        bureau_diagnose_async ("127.0.0.1:9", cancellable, keep_result, &result);
        for (guint i = 0; i < turns && result == NULL; i++)
            g_main_context_iteration (NULL, FALSE);
        g_cancellable_cancel (cancellable);
        WAIT_UNTIL (result != NULL);
        g_assert_null (bureau_diagnose_finish (result, &error));
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
}

int
main (int argc, char **argv)
{
    g_test_init (&argc, &argv, NULL);
    g_test_add_func ("/diagnosis/avahi", test_avahi);
    g_test_add_func ("/diagnosis/office", test_office);
    g_test_add_func ("/diagnosis/others", test_others);
    g_test_add_func ("/diagnosis/no-address", test_no_address);
    g_test_add_func ("/diagnosis/cancelled", test_cancelled);
    return g_test_run ();
}
