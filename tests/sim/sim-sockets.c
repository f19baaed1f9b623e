/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Loopback hands bytes on when the kernel gets round to it, which would be another time on another
 * day. So what connects over it in this program gets one end of a pair of Unix sockets, where what
 * is written can be read at once, and whoever listens gets the other. For that the C library's
 * functions are replaced by giving their names to these. Only the main thread's. */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>

/* That the kernel takes of what is said to somebody who does not listen. */
#define FEW_BYTES 4096
/* Whoever listens gets another port, and none comes twice. */
#define FIRST_PORT 10000

/* Shows by being readable that somebody has connected. */
typedef struct {
    int fd;
    in_port_t port; /* network order */
    GQueue waiting; /* of fds */
} Listener;

static Listener listeners[64];
static guint n_listeners;

static void
set_address (struct sockaddr *address, socklen_t *length, in_port_t port)
{
    const struct sockaddr_in loopback = { .sin_family = AF_INET,
                                          .sin_port = port,
                                          .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };

    if (address == NULL)
        return;
    memcpy (address, &loopback, MIN (*length, sizeof loopback));
    *length = sizeof loopback;
}

/* Puts @other into the place of @fd, which stays as it was set. */
static void
replace (int fd, int other)
{
    int status = fcntl (fd, F_GETFL), descriptor = fcntl (fd, F_GETFD);

    g_assert_cmpint (dup2 (other, fd), ==, fd);
    close (other);
    fcntl (fd, F_SETFL, status & O_NONBLOCK);
    fcntl (fd, F_SETFD, descriptor);
}

static Listener *
find_by_fd (int fd)
{
    for (guint i = 0; i < n_listeners; i++) {
        if (listeners[i].fd == fd)
            return &listeners[i];
    }
    return NULL;
}

static Listener *
find_by_port (in_port_t port)
{
    for (guint i = 0; i < n_listeners; i++) {
        if (listeners[i].fd >= 0 && listeners[i].port == port)
            return &listeners[i];
    }
    return NULL;
}

static Listener *
new_listener (void)
{
    Listener *free_one = find_by_fd (-1);

    if (free_one)
        return free_one;
    g_assert_cmpuint (n_listeners, <, G_N_ELEMENTS (listeners));
    return &listeners[n_listeners++];
}

/* The port that the socket was bound to is free again as soon as it is replaced. */
int
listen (int fd, int backlog)
{
    static guint n_ports;
    Listener *listener = new_listener ();

    listener->fd = fd;
    listener->port = htons (FIRST_PORT + n_ports++);
    g_queue_init (&listener->waiting);
    replace (fd, eventfd (0, EFD_SEMAPHORE | EFD_CLOEXEC));
    return 0;
}

/* Whoever has not been accepted yet is turned away. */
int
close (int fd)
{
    Listener *listener = fd >= 0 ? find_by_fd (fd) : NULL;

    if (listener) {
        listener->fd = -1;
        while (!g_queue_is_empty (&listener->waiting))
            close (GPOINTER_TO_INT (g_queue_pop_head (&listener->waiting)));
    }
    return syscall (SYS_close, fd);
}

int
connect (int fd, const struct sockaddr *address, socklen_t length)
{
    Listener *listener;
    guint64 one = 1;
    int ends[2], few = FEW_BYTES;

    if (address->sa_family != AF_INET)
        return syscall (SYS_connect, fd, address, length);
    listener = find_by_port (((const struct sockaddr_in *) address)->sin_port);
    if (!listener) {
        errno = ECONNREFUSED;
        return -1;
    }
    g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
    setsockopt (ends[1], SOL_SOCKET, SO_SNDBUF, &few, sizeof few);
    replace (fd, ends[0]);
    g_queue_push_tail (&listener->waiting, GINT_TO_POINTER (ends[1]));
    g_assert_cmpint (write (listener->fd, &one, sizeof one), ==, sizeof one);
    return 0;
}

int
accept4 (int fd, struct sockaddr *restrict address, socklen_t *restrict length, int flags)
{
    Listener *listener = find_by_fd (fd);
    guint64 one;
    int end;

    if (!listener || g_queue_is_empty (&listener->waiting)) {
        errno = EAGAIN;
        return -1;
    }
    g_assert_cmpint (read (fd, &one, sizeof one), ==, sizeof one);
    end = GPOINTER_TO_INT (g_queue_pop_head (&listener->waiting));
    if (flags & SOCK_NONBLOCK)
        fcntl (end, F_SETFL, O_NONBLOCK);
    set_address (address, length, htons (1));
    return end;
}

/* Of a pair's end, which has no name, the name that it stands for. */
static int
name (long call, int fd, struct sockaddr *address, socklen_t *length)
{
    Listener *listener = find_by_fd (fd);
    socklen_t room = *length;
    int result;

    if (listener) {
        set_address (address, length, listener->port);
        return 0;
    }
    result = syscall (call, fd, address, length);
    if (result == 0 && address->sa_family == AF_UNIX && *length == sizeof (sa_family_t)) {
        *length = room;
        set_address (address, length, htons (1));
    }
    return result;
}

int
getsockname (int fd, struct sockaddr *restrict address, socklen_t *restrict length)
{
    return name (SYS_getsockname, fd, address, length);
}

int
getpeername (int fd, struct sockaddr *restrict address, socklen_t *restrict length)
{
    return name (SYS_getpeername, fd, address, length);
}
