/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "test-avahi.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "test-wait.h"

#define NAME    "org.freedesktop.Avahi"
#define MADE    "/made" /* where objects are made */
#define RUNNING 2

static const char description[] =
    "<node>"
    " <interface name='" NAME ".Server'>"
    "  <method name='GetState'><arg type='i' direction='out'/></method>"
    "  <method name='EntryGroupNew'><arg type='o' direction='out'/></method>"
    " </interface>"
    " <interface name='" NAME ".Server2'>"
    "  <method name='ServiceBrowserPrepare'>"
    "   <arg type='i'/><arg type='i'/><arg type='s'/><arg type='s'/><arg type='u'/>"
    "   <arg type='o' direction='out'/>"
    "  </method>"
    "  <method name='ServiceResolverPrepare'>"
    "   <arg type='i'/><arg type='i'/><arg type='s'/><arg type='s'/><arg type='s'/><arg type='i'/>"
    "   <arg type='u'/><arg type='o' direction='out'/>"
    "  </method>"
    " </interface>"
    " <interface name='" NAME ".ServiceBrowser'><method name='Start'/></interface>"
    " <interface name='" NAME ".ServiceResolver'>"
    "  <method name='Start'/><method name='Free'/>"
    " </interface>"
    " <interface name='" NAME ".EntryGroup'>"
    "  <method name='AddService'>"
    "   <arg type='i'/><arg type='i'/><arg type='u'/><arg type='s'/><arg type='s'/><arg type='s'/>"
    "   <arg type='s'/><arg type='q'/><arg type='aay'/>"
    "  </method>"
    "  <method name='Commit'/><method name='Reset'/><method name='Free'/>"
    " </interface>"
    "</node>";

static GDBusNodeInfo *
get_node (void)
{
    static GDBusNodeInfo *node;

    if (node == NULL)
        node = g_dbus_node_info_new_for_xml (description, NULL);
    g_assert_nonnull (node);
    return node;
}

/* ------------------------------------------------------------------ answering */

static void
answer_path (TestAvahi *avahi, const char *kind, GDBusMethodInvocation *invocation)
{
    g_autofree char *path = g_strdup_printf (MADE "/%s%u", kind, ++avahi->n_made);

    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", path));
}

static void
on_called (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
           const char *method, GVariant *params, GDBusMethodInvocation *invocation, gpointer data)
{
    TestAvahi *avahi = data;
    g_autofree char *text = g_variant_print (params, FALSE);

    g_ptr_array_add (avahi->calls, g_strdup_printf ("%s %s.%s %s", path,
                                                    interface + strlen (NAME "."), method, text));
    if (g_str_equal (method, "GetState"))
        g_dbus_method_invocation_return_value (invocation, g_variant_new ("(i)", avahi->state));
    else if (g_str_equal (method, "EntryGroupNew"))
        answer_path (avahi, "group", invocation);
    else if (g_str_equal (method, "ServiceBrowserPrepare"))
        answer_path (avahi, "browser", invocation);
    else if (g_str_equal (method, "ServiceResolverPrepare"))
        answer_path (avahi, "resolver", invocation);
    else if (g_str_equal (method, "AddService") && avahi->collisions > 0) {
        avahi->collisions--;
        g_dbus_method_invocation_return_dbus_error (invocation, NAME ".CollisionError",
                                                    "Local name collision");
    } else
        g_dbus_method_invocation_return_value (invocation, NULL);
}

static char **
enumerate (GDBusConnection *connection, const char *sender, const char *path, gpointer data)
{
    return g_new0 (char *, 1);
}

static GDBusInterfaceInfo **
introspect (GDBusConnection *connection, const char *sender, const char *path, const char *node,
            gpointer data)
{
    GPtrArray *infos = g_ptr_array_new ();

    for (GDBusInterfaceInfo **info = get_node ()->interfaces; *info != NULL; info++)
        g_ptr_array_add (infos, g_dbus_interface_info_ref (*info));
    g_ptr_array_add (infos, NULL);
    return (GDBusInterfaceInfo **) g_ptr_array_free (infos, FALSE);
}

static const GDBusInterfaceVTable *
dispatch (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
          const char *node, gpointer *out_data, gpointer data)
{
    static const GDBusInterfaceVTable vtable = { .method_call = on_called };

    *out_data = data;
    return &vtable;
}

/* ------------------------------------------------------------------ coming and going */

static void
on_acquired (GDBusConnection *connection, const char *name, gpointer data)
{
    *(gboolean *) data = TRUE;
}

void
test_avahi_appear (TestAvahi *avahi)
{
    static const GDBusSubtreeVTable vtable = { enumerate, introspect, dispatch, { NULL } };
    static const char *const paths[] = { "/", MADE };
    gboolean acquired = FALSE;

    /* Each time another connection, as with another process. */
    avahi->connection = g_dbus_connection_new_for_address_sync (
        avahi->address,
        G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
            G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
        NULL, NULL, NULL);
    g_assert_nonnull (avahi->connection);
    for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
        avahi->objects[i] = g_dbus_connection_register_subtree (
            avahi->connection, paths[i], &vtable,
            G_DBUS_SUBTREE_FLAGS_DISPATCH_TO_UNENUMERATED_NODES, avahi, NULL, NULL);
    avahi->name = g_bus_own_name_on_connection (
        avahi->connection, NAME, G_BUS_NAME_OWNER_FLAGS_NONE, on_acquired, NULL, &acquired, NULL);
    WAIT_UNTIL (acquired);
}

void
test_avahi_vanish (TestAvahi *avahi)
{
    g_clear_handle_id (&avahi->name, g_bus_unown_name);
    for (guint i = 0; i < G_N_ELEMENTS (avahi->objects); i++)
        g_dbus_connection_unregister_subtree (avahi->connection, avahi->objects[i]);
    g_dbus_connection_close_sync (avahi->connection, NULL, NULL);
    g_clear_object (&avahi->connection);
    g_ptr_array_set_size (avahi->calls, 0);
}

/* Between fork() and exec(): it ends with the test, however that ends. */
static void
set_up_child (gpointer data)
{
    prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static void
start_bus (TestAvahi *avahi, const char *program)
{
    g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
        G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
    g_autoptr (GDataInputStream) stream = NULL;

    g_subprocess_launcher_set_child_setup (launcher, set_up_child, NULL, NULL);
    avahi->bus = g_subprocess_launcher_spawn (launcher, NULL, program, "--session", "--nofork",
                                              "--print-address", NULL);
    g_assert_nonnull (avahi->bus);
    stream = g_data_input_stream_new (g_subprocess_get_stdout_pipe (avahi->bus));
    avahi->address = g_data_input_stream_read_line (stream, NULL, NULL, NULL);
    g_assert_nonnull (avahi->address);
}

TestAvahi *
test_avahi_new (void)
{
    g_autofree char *program = g_find_program_in_path ("dbus-daemon");
    TestAvahi *avahi;

    if (program == NULL) {
        g_test_skip ("There is no dbus-daemon.");
        return NULL;
    }
    avahi = g_new0 (TestAvahi, 1);
    avahi->state = RUNNING;
    avahi->calls = g_ptr_array_new_with_free_func (g_free);
    start_bus (avahi, program);
    g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", avahi->address, TRUE);
    return avahi;
}

void
test_avahi_free (TestAvahi *avahi)
{
    if (avahi->connection != NULL)
        test_avahi_vanish (avahi);
    g_subprocess_force_exit (avahi->bus);
    g_subprocess_wait (avahi->bus, NULL, NULL);
    g_object_unref (avahi->bus);
    g_free (avahi->address);
    g_ptr_array_unref (avahi->calls);
    g_free (avahi);
    g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", "disabled:", TRUE);
}

/* ------------------------------------------------------------------ what is said */

gboolean
test_avahi_was_called (TestAvahi *avahi, const char *start)
{
    for (guint i = 0; i < avahi->calls->len; i++) {
        if (g_str_has_prefix (avahi->calls->pdata[i], start))
            return TRUE;
    }
    return FALSE;
}

void
test_avahi_emit (TestAvahi *avahi, const char *path, const char *interface, const char *signal,
                 GVariant *params)
{
    g_autofree char *full_interface = g_strconcat (NAME ".", interface, NULL);

    g_assert_true (g_dbus_connection_emit_signal (avahi->connection, NULL, path, full_interface,
                                                  signal, params, NULL));
}
