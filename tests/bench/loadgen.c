/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Measures how a Socket.IO server on loopback fans events out: opens its clients, publishes events
 * into their room, and says in one line of JSON when they arrived and what it cost the server.
 *
 * Closed loop (--window): so many events are outstanding at all times. Open loop (--rate): events
 * leave at their time whether or not the last one has arrived, and latency counts from the time at
 * which they should have left. CPU per delivery is the figure to compare: it hardly moves with what
 * else the machine does. */

#include "client.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define NS_PER_S        1e9
#define PROBE_PAUSE     (0.2 * NS_PER_S)
#define QUIET           (0.1 * NS_PER_S)
#define DRAIN_PATIENCE  (5 * NS_PER_S)
#define SLOW_PATIENCE   (2 * NS_PER_S)
#define SAMPLE_INTERVAL (0.25 * NS_PER_S)

typedef struct {
    ClientsOptions clients;
    char *publish;
    int window;
    double rate;
    double duration;
    double warm_up;
    double settle;
    double patience;
    int size;
    int pid;
    gboolean connect_only;
} Options;

typedef struct {
    Options options;
    Clients *clients;
    guint next_publisher;
    GString *message;
    char *padding;
    guint64 start; /* of publishing */
    guint64 sampled;
    ProcessUsage empty, connected, idle, begun, ended;
    guint64 set_up_time, begun_at, ended_at, own_cpu;
    gint64 max_rss;
    double slow_freed; /* s after `start`, 0: they were not */
    guint lost;
} Load;

static void G_GNUC_NORETURN G_GNUC_PRINTF (1, 2) fail (const char *format, ...)
{
    va_list arguments;
    g_autofree char *what = NULL;

    va_start (arguments, format);
    what = g_strdup_vprintf (format, arguments);
    va_end (arguments);
    g_printerr ("loadgen: %s\n", what);
    exit (2);
}

static guint64
seconds (double count)
{
    return (guint64) (count * NS_PER_S);
}

/* ------------------------------------------------------------------ publishing */

/* Fills the template in: %M the marker, %I a number of three digits, %P padding. */
static void
fill_in (Load *load, guint32 number, guint64 time)
{
    g_string_truncate (load->message, 0);
    for (const char *p = load->options.publish; *p != '\0'; p++) {
        if (*p != '%') {
            g_string_append_c (load->message, *p);
            continue;
        }
        switch (*++p) {
        case 'M':
            marker_append (load->message, number, time);
            break;
        case 'I':
            g_string_append_printf (load->message, "%u", 100 + number % 900);
            break;
        case 'P':
            g_string_append (load->message, load->padding);
            break;
        default:
            fail ("--publish has a %% before none of M, I and P");
        }
    }
}

static void
publish (Load *load, guint64 time)
{
    Clients *clients = load->clients;

    fill_in (load, tally_publish (&clients->tally), time);
    client_send_text (&clients->all[load->next_publisher], load->message->str, load->message->len);
    load->next_publisher = (load->next_publisher + 1) % clients->options.publishers;
}

static void
measure_padding (Load *load)
{
    load->padding = g_strdup ("");
    fill_in (load, 0, 0);
    g_free (load->padding);
    load->padding = g_strnfill (MAX (load->options.size - (int) load->message->len, 0), 'x');
}

/* ------------------------------------------------------------------ phases */

static void
connect_all (Load *load)
{
    Clients *clients = load->clients;
    guint64 start = meter_now ();
    guint64 deadline = start + seconds (load->options.patience);

    load->empty = process_usage_read (load->options.pid);
    while (clients->ready < clients->count && clients->closed == 0 && meter_now () < deadline) {
        if (!clients_open_more (clients))
            fail ("Can't open client %u: %s", clients->opened, g_strerror (errno));
        clients_poll (clients, deadline);
    }
    if (clients->ready < clients->count)
        fail ("Only %u of %u clients were let in", clients->ready, clients->count);
    load->set_up_time = meter_now () - start;
    load->connected = process_usage_read (load->options.pid);
    clients_run (clients, meter_now () + seconds (load->options.settle));
    load->idle = process_usage_read (load->options.pid);
}

/* Publishes until an event has reached everybody: all have joined then. */
static void
probe (Load *load)
{
    Tally *tally = &load->clients->tally;
    guint64 deadline = meter_now () + seconds (load->options.patience);

    while (tally->complete == 0) {
        guint64 until = meter_now () + (guint64) PROBE_PAUSE;

        if (until > deadline)
            fail ("No event reaches all %u receivers", tally->receivers);
        publish (load, meter_now ());
        while (tally->complete == 0 && meter_now () < until)
            clients_poll (load->clients, until);
    }
    clients_run (load->clients, meter_now () + (guint64) QUIET);
    tally_forget_outstanding (tally);
}

static void
sample (Load *load, guint64 now)
{
    guint slow = load->clients->options.slow;

    if (now - load->sampled < (guint64) SAMPLE_INTERVAL)
        return;
    load->sampled = now;
    load->max_rss = MAX (load->max_rss, process_read_rss (load->options.pid));
    if (slow > 0 && load->slow_freed == 0 && load->idle.descriptors > 0 &&
        process_count_descriptors (load->options.pid) + slow <= load->idle.descriptors)
        load->slow_freed = (double) (now - load->start) / NS_PER_S;
}

/* Publishes what is due; returns when the next one is, @until for none before. */
static guint64
publish_due (Load *load, guint64 *due, guint64 until)
{
    const Options *options = &load->options;
    Tally *tally = &load->clients->tally;
    guint32 window = options->rate > 0 ? TALLY_RING / 2 : (guint32) options->window;

    while (tally_count_outstanding (tally) < window) {
        guint64 now = meter_now ();

        if (options->rate > 0 && *due > now)
            return MIN (*due, until);
        publish (load, options->rate > 0 ? *due : now);
        if (options->rate > 0)
            *due += seconds (1 / options->rate);
    }
    return until;
}

/* Publishes and takes what comes for @duration ns. */
static void
keep_going (Load *load, guint64 *due, guint64 duration)
{
    Tally *tally = &load->clients->tally;
    guint64 now = meter_now ();
    guint64 until = now + duration;
    guint64 progress = now;
    guint32 complete = tally->complete;

    for (; now < until; now = meter_now ()) {
        if (tally->complete != complete || tally_count_outstanding (tally) == 0) {
            complete = tally->complete;
            progress = now;
        }
        if (now - progress > seconds (load->options.patience))
            fail ("Stalled with %u events outstanding", tally_count_outstanding (tally));
        sample (load, now);
        clients_poll (load->clients, publish_due (load, due, until));
    }
}

static void
measure (Load *load)
{
    const Options *options = &load->options;
    Tally *tally = &load->clients->tally;
    guint64 due = meter_now ();

    load->start = due;
    keep_going (load, &due, seconds (options->warm_up));
    load->begun = process_usage_read (options->pid);
    load->own_cpu = process_own_cpu ();
    load->begun_at = meter_now ();
    tally_begin (tally, load->begun_at, seconds (options->duration));
    keep_going (load, &due, seconds (options->duration));
    load->ended_at = meter_now ();
    load->ended = process_usage_read (options->pid);
    load->own_cpu = process_own_cpu () - load->own_cpu;
}

/* What is still on its way counts for latency, and must arrive. */
static void
drain (Load *load)
{
    Tally *tally = &load->clients->tally;
    guint64 until = meter_now () + (guint64) DRAIN_PATIENCE;

    while (tally_count_outstanding (tally) > 0 && meter_now () < until)
        clients_poll (load->clients, until);
    load->lost = tally_count_outstanding (tally);
}

/* Lets the slow ones read what they were told at the end. */
static void
wake_slow (Load *load)
{
    Clients *clients = load->clients;

    guint64 until = meter_now () + (guint64) (load->slow_freed > 0 ? SLOW_PATIENCE : QUIET);

    for (guint i = 0; i < clients->count; i++) {
        if (clients->all[i].role == CLIENT_SLOW)
            client_read_on (&clients->all[i]);
    }
    while (clients->slow_closed < clients->options.slow && meter_now () < until)
        clients_poll (clients, until);
}

/* ------------------------------------------------------------------ the report */

static void
add (GString *json, const char *name, double value)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];

    g_string_append_printf (
        json, "%s\"%s\":%s", json->len > 1 ? "," : "", name,
        isfinite (value) ? g_ascii_formatd (digits, sizeof digits, "%.6g", value) : "null");
}

static void
report_set_up (Load *load, GString *json)
{
    double count = load->clients->count;

    add (json, "clients", count);
    add (json, "set_up_s", (double) load->set_up_time / NS_PER_S);
    add (json, "set_up_per_s", count / ((double) load->set_up_time / NS_PER_S));
    add (json, "set_up_cpu_us", (double) (load->connected.cpu - load->empty.cpu) / 1e3 / count);
    add (json, "handshake_p50_us", histogram_percentile (&load->clients->handshakes, .5));
    add (json, "handshake_p99_us", histogram_percentile (&load->clients->handshakes, .99));
    add (json, "rss_empty_kb", (double) load->empty.rss / 1024);
    add (json, "rss_idle_kb", (double) load->idle.rss / 1024);
    add (json, "rss_kb_per_client", (double) (load->idle.rss - load->empty.rss) / 1024 / count);
}

static void
report_fan_out (Load *load, GString *json)
{
    const Tally *tally = &load->clients->tally;
    double elapsed = (double) (load->ended_at - load->begun_at) / NS_PER_S;
    double cpu = (double) (load->ended.cpu - load->begun.cpu) / 1e3;

    add (json, "elapsed_s", elapsed);
    add (json, "events", (double) tally->complete_in_time);
    add (json, "events_per_s", (double) tally->complete_in_time / elapsed);
    add (json, "deliveries", (double) tally->deliveries);
    add (json, "deliveries_per_s", (double) tally->deliveries / elapsed);
    add (json, "cpu_us_per_delivery", cpu / (double) tally->deliveries);
    add (json, "cpu_us_per_event", cpu * tally->receivers / (double) tally->deliveries);
    add (json, "cpu_percent", cpu / 1e4 / elapsed);
    add (json, "system_percent", (load->ended.system - load->begun.system) * 100 / elapsed);
    add (json, "p50_us", histogram_percentile (&tally->latencies, .5));
    add (json, "p99_us", histogram_percentile (&tally->latencies, .99));
    add (json, "p999_us", histogram_percentile (&tally->latencies, .999));
    add (json, "max_us", (double) tally->latencies.max / 1000);
    add (json, "last_p50_us", histogram_percentile (&tally->last_latencies, .5));
    add (json, "last_p99_us", histogram_percentile (&tally->last_latencies, .99));
    add (json, "rss_max_kb", (double) load->max_rss / 1024);
    add (json, "rss_end_kb", (double) load->ended.rss / 1024);
    add (json, "generator_percent", (double) load->own_cpu / 1e7 / elapsed);
    add (json, "lost", load->lost);
}

static void
report_slow (Load *load, GString *json)
{
    Clients *clients = load->clients;
    guint code = 0;

    for (guint i = 0; i < clients->count; i++) {
        if (clients->all[i].role == CLIENT_SLOW)
            code = MAX (code, clients->all[i].close_code);
    }
    add (json, "slow", clients->options.slow);
    add (json, "slow_gone", clients->slow_closed);
    add (json, "slow_close_code", code);
    add (json, "slow_freed_s", load->slow_freed);
}

static void
report (Load *load)
{
    Clients *clients = load->clients;
    const char *tls = clients->tls != NULL ? stream_tls_get_description (clients->tls) : NULL;
    g_autoptr (GString) json = g_string_new ("{");

    report_set_up (load, json);
    if (!load->options.connect_only)
        report_fan_out (load, json);
    if (clients->options.slow > 0)
        report_slow (load, json);
    add (json, "reads", (double) clients->reads);
    add (json, "pings", (double) clients->pings);
    add (json, "others", (double) clients->others);
    add (json, "closed", clients->closed);
    g_string_append_printf (json, ",\"tls\":\"%s\"}", tls != NULL ? tls : "");
    g_print ("%s\n", json->str);
}

/* ------------------------------------------------------------------ main */

static gboolean
parse_options (Options *options, int *argc, char ***argv, GError **error)
{
    ClientsOptions *clients = &options->clients;
    int port = 3000;
    const GOptionEntry entries[] = {
        { "port", 'p', 0, G_OPTION_ARG_INT, &port, "Of the server, on 127.0.0.1", "PORT" },
        { "receivers", 'n', 0, G_OPTION_ARG_INT, &clients->receivers, "In the room", "N" },
        { "idle", 0, 0, G_OPTION_ARG_INT, &clients->idle, "Connected besides", "N" },
        { "slow", 0, 0, G_OPTION_ARG_INT, &clients->slow, "In the room, never reading", "N" },
        { "publishers", 0, 0, G_OPTION_ARG_INT, &clients->publishers, "Taking turns", "N" },
        { "concurrency", 0, 0, G_OPTION_ARG_INT, &clients->concurrency, "Handshakes at once", "N" },
        { "tls", 0, 0, G_OPTION_ARG_NONE, &clients->tls, "TLS 1.3, no certificate checked", NULL },
        { "resume", 0, 0, G_OPTION_ARG_NONE, &clients->resume, "Take up a TLS session", NULL },
        { "connect", 0, 0, G_OPTION_ARG_STRING_ARRAY, &clients->connect,
          "CONNECT packet; given more than once, clients take turns", "TEXT" },
        { "join", 0, 0, G_OPTION_ARG_STRING, &clients->join, "Sent by who joins", "TEXT" },
        { "publish", 0, 0, G_OPTION_ARG_STRING, &options->publish,
          "The event: %M marker, within a string; %I number, %P padding", "TEXT" },
        { "size", 0, 0, G_OPTION_ARG_INT, &options->size, "Of the event (500)", "BYTES" },
        { "window", 'w', 0, G_OPTION_ARG_INT, &options->window, "Events outstanding (1)", "N" },
        { "rate", 0, 0, G_OPTION_ARG_DOUBLE, &options->rate, "Open loop", "EVENTS/S" },
        { "duration", 'd', 0, G_OPTION_ARG_DOUBLE, &options->duration, "Measured (4)", "S" },
        { "warm-up", 0, 0, G_OPTION_ARG_DOUBLE, &options->warm_up, "Before that (1)", "S" },
        { "settle", 0, 0, G_OPTION_ARG_DOUBLE, &options->settle, "Idle once connected", "S" },
        { "patience", 0, 0, G_OPTION_ARG_DOUBLE, &options->patience, "To give up (60)", "S" },
        { "connect-only", 0, 0, G_OPTION_ARG_NONE, &options->connect_only, "Publish nothing",
          NULL },
        { "pid", 0, 0, G_OPTION_ARG_INT, &options->pid, "The server's process", "PID" },
        { 0 },
    };
    g_autoptr (GOptionContext) context = g_option_context_new (NULL);

    g_option_context_add_main_entries (context, entries, NULL);
    if (!g_option_context_parse (context, argc, argv, error))
        return FALSE;
    clients->port = (guint16) port;
    return TRUE;
}

static void
set_defaults (Options *options)
{
    static const char *const connect[] = { "40{\"token\":\"x\"}", NULL };
    ClientsOptions *clients = &options->clients;

    if (clients->connect == NULL)
        clients->connect = g_strdupv ((char **) connect);
    if (clients->join == NULL)
        clients->join = g_strdup ("42[\"join\",\"bench\"]");
    if (options->publish == NULL)
        options->publish = g_strdup (
            "42[\"task:update\",{\"id\":\"task-%I\",\"project\":\"bench\",\"title\":\"%M\","
            "\"status\":\"in_progress\",\"priority\":2,\"tags\":[\"a\",\"b\"],\"version\":%I,"
            "\"assignee\":{\"id\":\"u-17\",\"name\":\"Ada\"},\"description\":\"%P\"}]");
}

static gboolean
are_good (const Options *options)
{
    const ClientsOptions *clients = &options->clients;

    return clients->receivers > 0 && clients->publishers > 0 && clients->concurrency > 0 &&
           clients->receivers + clients->publishers + clients->slow + clients->idle <= 60000 &&
           options->window > 0 && options->window <= TALLY_RING / 2 && options->rate >= 0 &&
           options->duration > 0 && options->duration <= 600 && options->size < 60000 &&
           strstr (options->publish, "%M") != NULL;
}

static void
raise_descriptor_limit (void)
{
    struct rlimit limit;

    if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit (RLIMIT_NOFILE, &limit);
}

int
main (int argc, char **argv)
{
    Load load = {
        .options = { .clients = { .publishers = 1, .receivers = 100, .concurrency = 64 },
                     .window = 1,
                     .duration = 4,
                     .warm_up = 1,
                     .settle = 0.5,
                     .patience = 60,
                     .size = 500 },
    };
    g_autoptr (GError) error = NULL;
    gboolean good;

    if (!parse_options (&load.options, &argc, &argv, &error))
        fail ("%s", error->message);
    set_defaults (&load.options);
    if (!are_good (&load.options))
        fail ("an option is out of range");
    signal (SIGPIPE, SIG_IGN);
    raise_descriptor_limit ();
    load.clients = clients_new (&load.options.clients);
    load.message = g_string_new (NULL);
    measure_padding (&load);

    connect_all (&load);
    if (!load.options.connect_only) {
        probe (&load);
        measure (&load);
        drain (&load);
        wake_slow (&load);
    }
    report (&load);

    good = load.lost == 0 && load.clients->closed == 0;
    clients_free (load.clients);
    g_string_free (load.message, TRUE);
    g_free (load.padding);
    g_free (load.options.publish);
    return good ? 0 : 1;
}
