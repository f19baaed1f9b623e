/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Connection state recovery: wire.md, D. Published events are numbered and kept for a while; their
 * number, behind a prefix that no other text has by chance, is the offset that a client gives back.
 * It opens nothing: who may read what is decided by the rooms that the connection is put into. */

#include "bureau-server-private.h"

#include <string.h>

#include <sodium.h>

#define PREFIX_BYTES 4
/* µs: the log is not looked through for each event that gets old. */
#define SWEEP (10 * G_USEC_PER_SEC)

/* What an event looks like to some rooms. */
typedef struct _Rendering Rendering;
struct _Rendering {
    Rendering *next; /* (owned) (nullable): for others */
    char *within;    /* (owned) (nullable): only for those who are in this room, too */
    GStrv rooms;     /* (owned) */
    BureauFrame *frame;
};

typedef struct {
    gint64 position;
    gint64 time; /* monotonic, µs */
    gsize bytes;
    Rendering *first; /* (owned) */
} Published;

/* A connection that is gone and may come back. */
typedef struct {
    char *pid;   /* (owned) */
    char *owner; /* (owned) */
    char id[BUREAU_ID_SIZE];
    gint64 since;
    gint64 lost; /* monotonic, µs */
    BureauDeadline deadline;
} Parked;

struct _BureauRecovery {
    BureauServer *server;
    char prefix[8];
    gint64 position;    /* of the last event */
    GQueue log;         /* (element-type Published): without gaps, up to `position` */
    gsize bytes;        /* of all that */
    gint64 floor;       /* the position of the last event that is not kept any more */
    gint64 floor_time;  /* when it was published */
    gint64 unnoticed;   /* µs that a connection can be dead before it is noticed */
    gint64 keep;        /* µs for which an event is of use */
    GHashTable *live;   /* pid → BureauConnection (unowned) */
    GHashTable *parked; /* pid → Parked (owned) */
    BureauDeadlineList parking;
};

/* Has bureau_recovery_expire() called at @time, if not sooner. */
static void
expect (BureauRecovery *recovery, gint64 time)
{
    recovery->server->recovery_due = MIN (recovery->server->recovery_due, time);
}

/* ------------------------------------------------------------------ the log */

static void
free_published (Published *published)
{
    Rendering *rendering = published->first;

    while (rendering != NULL) {
        Rendering *next = rendering->next;

        g_free (rendering->within);
        g_strfreev (rendering->rooms);
        bureau_frame_free (rendering->frame);
        g_free (rendering);
        rendering = next;
    }
    g_free (published);
}

static void
drop_oldest (BureauRecovery *recovery)
{
    Published *oldest = g_queue_pop_head (&recovery->log);

    recovery->bytes -= oldest->bytes;
    recovery->floor = oldest->position;
    recovery->floor_time = oldest->time;
    free_published (oldest);
}

static void
trim_log (BureauRecovery *recovery)
{
    while (recovery->bytes > recovery->server->options.recovery_bytes)
        drop_oldest (recovery);
}

static void
add_rendering (BureauRecovery *recovery, Published *published, const char *within,
               const char *const *rooms, const char *text)
{
    Rendering *rendering = g_new0 (Rendering, 1);
    Rendering **end = &published->first;
    gsize bytes;

    rendering->within = g_strdup (within);
    rendering->rooms = g_strdupv ((GStrv) rooms);
    rendering->frame = bureau_frame_new_lasting (text);
    while (*end != NULL)
        end = &(*end)->next;
    *end = rendering;
    bytes = sizeof *rendering + rendering->frame->length;
    bytes += within != NULL ? strlen (within) + 1 : 0;
    for (; *rooms != NULL; rooms++)
        bytes += strlen (*rooms) + 1;
    published->bytes += bytes;
    recovery->bytes += bytes;
}

static void
keep_event (BureauRecovery *recovery, const char *within, const char *const *rooms,
            const char *text)
{
    Published *published = g_new0 (Published, 1);

    published->position = recovery->position;
    published->time = bureau_server_now ();
    published->bytes = sizeof *published;
    recovery->bytes += published->bytes;
    g_queue_push_tail (&recovery->log, published);
    expect (recovery, published->time + recovery->keep + SWEEP);
    add_rendering (recovery, published, within, rooms, text);
    trim_log (recovery);
    /* Nobody there who could come back: so it is with a hub that only our own clients know. */
    if (g_hash_table_size (recovery->live) + g_hash_table_size (recovery->parked) == 0) {
        while (recovery->log.length > 0)
            drop_oldest (recovery);
    }
}

static void
keep_rest (BureauRecovery *recovery, const char *const *rooms, const char *text)
{
    Published *last = g_queue_peek_tail (&recovery->log);

    if (last == NULL)
        return;
    add_rendering (recovery, last, NULL, rooms, text);
    trim_log (recovery);
}

/* ------------------------------------------------------------------ publishing */

/* The event as it goes out, into server->text. */
static BureauFrame *
render (BureauServer *server, const char *name, const char *json)
{
    BureauRecovery *recovery = server->recovery;
    GString *text = g_string_truncate (server->text, 0);

    bureau_packet_append_event (text, "/", name, -1, json);
    if (recovery != NULL) {
        g_string_truncate (text, text->len - 1);
        g_string_append_printf (text, ",\"%s%" G_GINT64_FORMAT "\"]", recovery->prefix,
                                recovery->position);
    }
    return bureau_frame_new_text (server, text->str, text->len);
}

/* The next event, kept and ready to be sent. */
static BureauFrame *
make_event (BureauServer *server, const char *within, const char *const *rooms, const char *name,
            const char *json)
{
    BureauFrame *frame;

    if (server->recovery != NULL)
        server->recovery->position++;
    frame = render (server, name, json);
    if (server->recovery != NULL)
        keep_event (server->recovery, within, rooms, server->text->str);
    return frame;
}

void
bureau_server_publish (BureauServer *server, const char *const *rooms, const char *name,
                       const char *json)
{
    g_autoptr (BureauFrame) frame = make_event (server, NULL, rooms, name, json);

    bureau_server_broadcast (server, rooms, frame, NULL);
}

void
bureau_server_publish_within (BureauServer *server, const char *within, const char *const *rooms,
                              const char *name, const char *json)
{
    g_autoptr (BureauFrame) frame = make_event (server, within, rooms, name, json);

    bureau_server_broadcast_within (server, within, rooms, frame);
}

void
bureau_server_publish_rest (BureauServer *server, const char *const *rooms, const char *name,
                            const char *json)
{
    g_autoptr (BureauFrame) frame = render (server, name, json);

    if (server->recovery != NULL)
        keep_rest (server->recovery, rooms, server->text->str);
    bureau_server_broadcast_rest (server, rooms, frame, NULL);
}

/* ------------------------------------------------------------------ parking */

static void
free_parked (Parked *parked)
{
    bureau_deadline_leave (&parked->deadline);
    g_free (parked->pid);
    g_free (parked->owner);
    g_free (parked);
}

static void
unpark (BureauRecovery *recovery, Parked *parked)
{
    g_hash_table_remove (recovery->parked, parked->pid);
}

void
bureau_recovery_park (BureauRecovery *recovery, BureauConnection *connection)
{
    gint64 now = bureau_server_now ();
    Parked *parked = g_new0 (Parked, 1);

    g_hash_table_remove (recovery->live, connection->pid);
    parked->pid = g_steal_pointer (&connection->pid);
    parked->owner = g_steal_pointer (&connection->owner);
    memcpy (parked->id, connection->id, sizeof parked->id);
    parked->since = connection->since;
    parked->lost = now;
    g_hash_table_insert (recovery->parked, parked->pid, parked);
    bureau_deadline_enter (&recovery->parking, &parked->deadline, parked, now);
    expect (recovery, parked->deadline.due);
    if (g_hash_table_size (recovery->parked) > recovery->server->options.max_connections)
        unpark (recovery, g_queue_peek_head (&recovery->parking.queue));
}

void
bureau_recovery_forget (BureauRecovery *recovery, BureauConnection *connection)
{
    if (connection->pid == NULL)
        return;
    if (g_hash_table_lookup (recovery->live, connection->pid) == connection)
        g_hash_table_remove (recovery->live, connection->pid);
    g_clear_pointer (&connection->pid, g_free);
}

/* ------------------------------------------------------------------ coming back */

static gboolean
parse_offset (BureauRecovery *recovery, const char *offset, gint64 *position)
{
    gsize length = strlen (recovery->prefix);

    return strncmp (offset, recovery->prefix, length) == 0 &&
           g_ascii_string_to_signed (offset + length, 10, 0, recovery->position, position, NULL);
}

/* The last event that the lost one has read; -1 if that, or what came after it, is not known any
 * more, or is too much to be sent at once. */
static gint64
find_start (BureauRecovery *recovery, const Parked *parked, const char *offset)
{
    /* Since what is older was sent, a ping has been answered. */
    gint64 read = parked->lost - recovery->unnoticed;
    gint64 start = 0;
    gsize bytes = 0;

    if (offset != NULL && !parse_offset (recovery, offset, &start))
        return -1;
    start = MAX (start, parked->since);
    if (recovery->floor > start && recovery->floor_time >= read)
        return -1;
    start = MAX (start, recovery->floor);
    for (GList *link = recovery->log.tail; link != NULL; link = link->prev) {
        const Published *published = link->data;

        if (published->position <= start || published->time < read)
            return published->position;
        bytes += published->bytes;
        if (bytes > recovery->server->options.max_unsent / 2)
            return -1;
    }
    return start;
}

/* A connection that is still there for us has long been given up by its client: it becomes a lost
 * one. */
static void
replace_live (BureauRecovery *recovery, const char *pid, const char *owner)
{
    BureauConnection *live = g_hash_table_lookup (recovery->live, pid);

    if (live == NULL || !g_str_equal (live->owner, owner))
        return;
    bureau_recovery_park (recovery, live);
    bureau_session_drop (live->session, BUREAU_CLOSE_REPLACED, "replaced");
}

/* From now on it can be lost and come back. */
static void
begin (BureauRecovery *recovery, BureauConnection *connection, const char *pid, gint64 since)
{
    connection->pid = g_strdup (pid);
    connection->since = since;
    g_hash_table_insert (recovery->live, connection->pid, connection);
}

/* Once: what was parked is gone afterwards. */
static gboolean
resume (BureauRecovery *recovery, BureauConnection *connection)
{
    Parked *parked;
    gint64 start;

    if (connection->asked_pid == NULL)
        return FALSE;
    replace_live (recovery, connection->asked_pid, connection->owner);
    parked = g_hash_table_lookup (recovery->parked, connection->asked_pid);
    if (parked == NULL || !g_str_equal (parked->owner, connection->owner))
        return FALSE;
    start = find_start (recovery, parked, connection->asked_offset);
    if (start >= 0) {
        memcpy (connection->id, parked->id, sizeof connection->id);
        begin (recovery, connection, parked->pid, start);
    }
    unpark (recovery, parked);
    return start >= 0;
}

gboolean
bureau_connection_recover (BureauConnection *connection, const char *owner)
{
    BureauRecovery *recovery = connection->server->recovery;
    char pid[BUREAU_ID_SIZE];

    g_return_val_if_fail (connection->pid == NULL, FALSE);

    /* Rooms, and so events that can be missed, are those of "/". */
    if (recovery == NULL || connection->state != BUREAU_NAMESPACE_ASKED ||
        strcmp (connection->nsp, "/") != 0)
        return FALSE;
    connection->owner = g_strdup (owner);
    if (resume (recovery, connection))
        return TRUE;
    bureau_protocol_make_id (pid);
    begin (recovery, connection, pid, recovery->position);
    return FALSE;
}

/* The room that the connection gets it by. (nullable) */
static const char *
find_room (BureauConnection *connection, const Rendering *rendering)
{
    BureauServer *server = connection->server;

    if (rendering->within != NULL &&
        !bureau_server_is_member (server, connection, rendering->within))
        return NULL;
    for (guint i = 0; rendering->rooms[i] != NULL; i++) {
        if (bureau_server_is_member (server, connection, rendering->rooms[i]))
            return rendering->within != NULL ? rendering->within : rendering->rooms[i];
    }
    return NULL;
}

static void
replay_event (BureauConnection *connection, const Published *published)
{
    for (Rendering *rendering = published->first; rendering != NULL; rendering = rendering->next) {
        const char *room = find_room (connection, rendering);

        if (room == NULL)
            continue;
        bureau_server_send (connection->server, connection, room, rendering->frame);
        return;
    }
}

void
bureau_recovery_replay (BureauRecovery *recovery, BureauConnection *connection)
{
    GList *link = recovery->log.tail, *first = NULL;

    for (; link != NULL && ((Published *) link->data)->position > connection->since;
         link = link->prev)
        first = link;
    for (link = first; link != NULL; link = link->next)
        replay_event (connection, link->data);
}

/* ------------------------------------------------------------------ life */

gint64
bureau_recovery_expire (BureauRecovery *recovery, gint64 now)
{
    Published *oldest;
    Parked *parked;
    gint64 next;

    while ((parked = bureau_deadline_take_due (&recovery->parking, now)) != NULL)
        unpark (recovery, parked);
    next = bureau_deadline_next (&recovery->parking);
    while ((oldest = g_queue_peek_head (&recovery->log)) != NULL &&
           oldest->time + recovery->keep <= now)
        drop_oldest (recovery);
    return oldest == NULL ? next : MIN (next, oldest->time + recovery->keep + SWEEP);
}

BureauRecovery *
bureau_recovery_new (BureauServer *server)
{
    const BureauServerOptions *options = &server->options;
    BureauRecovery *recovery = g_new0 (BureauRecovery, 1);
    guint8 bytes[PREFIX_BYTES];

    recovery->server = server;
    randombytes_buf (bytes, sizeof bytes);
    sodium_bin2base64 (recovery->prefix, sizeof recovery->prefix, bytes, sizeof bytes,
                       sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    g_queue_init (&recovery->log);
    recovery->floor_time = G_MININT64;
    /* A ping and its answer, and once more: after an upgrade one goes unanswered. */
    recovery->unnoticed = 2 * (options->ping_interval + options->ping_timeout) * 1000;
    recovery->keep = options->recovery_time * 1000 + recovery->unnoticed;
    recovery->live = g_hash_table_new (g_str_hash, g_str_equal);
    recovery->parked = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                              (GDestroyNotify) free_parked);
    bureau_deadline_list_init (&recovery->parking, options->recovery_time);
    return recovery;
}

void
bureau_recovery_free (BureauRecovery *recovery)
{
    if (recovery == NULL)
        return;
    while (recovery->log.length > 0)
        drop_oldest (recovery);
    g_hash_table_unref (recovery->parked);
    g_hash_table_unref (recovery->live);
    g_free (recovery);
}
