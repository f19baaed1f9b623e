/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What hub.h offers of an office that no hub serves: making it, and somebody's new device. */

#include "hub.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <sodium.h>

#include "bureau-authority.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-founding.h"
#include "bureau-opening.h"

void
bureau_hub_owner_free (BureauHubOwner *owner)
{
    g_free (owner->user_id);
    g_free (owner->workspace_id);
    g_free (owner->user_name);
    g_free (owner->refresh_token);
    g_free (owner);
}

/* ------------------------------------------------------------------ a new office */

static void
warn_if_failed (BureauRequest *request)
{
    if (request->status != 200)
        g_warning ("Can't make the first project: %s", request->json);
}

static void
queue_example (BureauAuthority *authority, const char *user_id, const char *command,
               JsonObject *params)
{
    BureauRequest *request = bureau_request_new_command (
        authority, command, params, bureau_actor_new (user_id, BUREAU_SCRIPT_SESSION));

    request->answered = warn_if_failed;
    bureau_authority_queue (authority, request);
}

/* Made through the one command table like everything else. */
static void
add_first_project (BureauAuthority *authority, const char *user_id, const char *name,
                   const BureauHubExample *examples)
{
    g_autofree char *project_id = bureau_id_new ();
    JsonObject *params = json_object_new ();

    bureau_json_set_string (params, "id", project_id);
    bureau_json_set_string (params, "name", name);
    queue_example (authority, user_id, "project:create", params);
    for (; examples != NULL && examples->title != NULL; examples++) {
        params = json_object_new ();
        bureau_json_set_string (params, "projectId", project_id);
        bureau_json_set_string (params, "title", examples->title);
        bureau_json_set_string (params, "description", examples->description);
        bureau_json_set_string (params, "status", examples->status);
        queue_example (authority, user_id, "task:create", params);
    }
    bureau_authority_run_turn (authority);
}

/* The office's first rows, in a file of its own. */
static gboolean
make_database (BureauDataDirectory *directory, const char *path, const char *office_name,
               const char *owner_name, const char *device, BureauHubOwner *owner, GError **error)
{
    static const char *const parts[] = { "", "-wal", "-shm" };
    g_autoptr (BureauStore) store = NULL;
    g_autoptr (BureauAudit) audit = NULL;
    guint8 key[BUREAU_KEY_SIZE];
    gboolean made;

    for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
        g_autofree char *left = g_strconcat (path, parts[i], NULL);

        g_unlink (left);
    }
    store = bureau_store_open (path, error);
    g_chmod (path, 0600);
    audit = store != NULL ? bureau_audit_open (directory, store, error) : NULL;
    if (audit == NULL ||
        !bureau_data_directory_load_key (directory, BUREAU_REFRESH_KEY, key, error))
        return FALSE;
    made = bureau_founding_create_office (store, audit, key, office_name, owner_name, device,
                                          g_get_real_time () / 1000, &owner->user_id,
                                          &owner->workspace_id, &owner->refresh_token, error);
    sodium_memzero (key, sizeof key);
    return made;
}

/* It gets its name when it is whole: what is interrupted before leaves no half office behind, and
 * is not in the way of the next try. */
static gboolean
create_office (BureauDataDirectory *directory, const char *office_name, const char *owner_name,
               const char *device, BureauHubOwner *owner, GError **error)
{
    const char *path = bureau_data_directory_get_database (directory);
    g_autofree char *unfinished = g_strconcat (path, ".new", NULL);

    if (!bureau_token_init (error) || !bureau_data_directory_lock (directory, error))
        return FALSE;
    if (bureau_data_directory_has_office (directory)) {
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                             "There is an office in this directory already.");
        return FALSE;
    }
    if (!make_database (directory, unfinished, office_name, owner_name, device, owner, error))
        return FALSE;
    if (g_rename (unfinished, path) != 0) {
        g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "Can't name %s: %s.", path,
                     g_strerror (errno));
        return FALSE;
    }
    return TRUE;
}

BureauHubOwner *
bureau_hub_create_office (const char *directory, const char *office_name, const char *owner_name,
                          const char *device, const char *project_name,
                          const BureauHubExample *examples, GError **error)
{
    g_autoptr (BureauHubOwner) owner = g_new0 (BureauHubOwner, 1);
    g_autoptr (BureauDataDirectory) data = NULL;
    g_autoptr (GMainContext) context = g_main_context_new ();
    g_autoptr (BureauAuthority) authority = NULL;
    gboolean opened;

    if (!bureau_name_check (office_name, error) || !bureau_name_check (owner_name, error) ||
        !bureau_name_check (project_name, error))
        return NULL;

    data = bureau_data_directory_open (directory, error);
    if (data == NULL || !create_office (data, office_name, owner_name, device, owner, error))
        return NULL;
    owner->user_name = g_strdup (owner_name);
    g_clear_pointer (&data, bureau_data_directory_close);

    g_main_context_push_thread_default (context);
    authority = bureau_authority_open (directory, NULL, error);
    opened = authority != NULL;
    if (opened)
        add_first_project (authority, owner->user_id, project_name, examples);
    g_clear_pointer (&authority, bureau_authority_close);
    g_main_context_pop_thread_default (context);
    return opened ? g_steal_pointer (&owner) : NULL;
}

typedef struct {
    char *directory;
    char *user_id; /* (nullable) */
    char *office_name;
    char *owner_name;
    char *device;
    char *project_name;
    const BureauHubExample *examples; /* (unowned) (nullable) */
} CreateData;

static void
create_data_free (CreateData *data)
{
    g_free (data->directory);
    g_free (data->user_id);
    g_free (data->office_name);
    g_free (data->owner_name);
    g_free (data->device);
    g_free (data->project_name);
    g_free (data);
}

static void
create_office_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
    CreateData *data = task_data;
    GError *error = NULL;
    BureauHubOwner *owner = bureau_hub_create_office (data->directory, data->office_name,
                                                      data->owner_name, data->device,
                                                      data->project_name, data->examples, &error);

    if (owner != NULL)
        g_task_return_pointer (task, owner, (GDestroyNotify) bureau_hub_owner_free);
    else
        g_task_return_error (task, error);
}

void
bureau_hub_create_office_async (const char *directory, const char *office_name,
                                const char *owner_name, const char *device,
                                const char *project_name, const BureauHubExample *examples,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data)
{
    g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
    CreateData *data = g_new0 (CreateData, 1);

    data->directory = g_strdup (directory);
    data->office_name = g_strdup (office_name);
    data->owner_name = g_strdup (owner_name);
    data->device = g_strdup (device);
    data->project_name = g_strdup (project_name);
    data->examples = examples;
    g_task_set_source_tag (task, bureau_hub_create_office_async);
    g_task_set_task_data (task, data, (GDestroyNotify) create_data_free);
    g_task_run_in_thread (task, create_office_thread);
}

BureauHubOwner *
bureau_hub_create_office_finish (GAsyncResult *result, GError **error)
{
    g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

    return g_task_propagate_pointer (G_TASK (result), error);
}

/* ------------------------------------------------------------------ a new device */

static gboolean
add_session (BureauDataDirectory *directory, const char *user_id, const char *device,
             BureauHubOwner *owner, GError **error)
{
    g_autoptr (BureauStore) store = bureau_opening_open_store (directory, error);
    g_autoptr (BureauAudit) audit = store != NULL ? bureau_audit_open (directory, store, error)
                                                  : NULL;
    g_autoptr (JsonObject) member = NULL;
    guint8 key[BUREAU_KEY_SIZE];
    gboolean added;
    gint64 now;

    if (audit == NULL || !bureau_clock_peek (store, &now, error) ||
        !bureau_data_directory_load_key (directory, BUREAU_REFRESH_KEY, key, error))
        return FALSE;
    owner->user_id = g_strdup (user_id);
    added = bureau_founding_add_session (store, audit, key, device, now, &owner->user_id,
                                         &owner->workspace_id, &owner->refresh_token, error);
    sodium_memzero (key, sizeof key);
    if (added)
        member = bureau_store_get_member (store, owner->workspace_id, owner->user_id, error);
    owner->user_name = g_strdup (member != NULL ? bureau_json_get_string (member, "name") : NULL);
    return member != NULL;
}

static BureauHubOwner *
sign_in (const char *path, const char *user_id, const char *device, GError **error)
{
    g_autoptr (BureauDataDirectory) directory = bureau_data_directory_open (path, error);
    g_autoptr (BureauHubOwner) owner = g_new0 (BureauHubOwner, 1);

    if (directory == NULL || !bureau_token_init (error) ||
        !bureau_data_directory_lock (directory, error))
        return NULL;
    if (!bureau_data_directory_has_office (directory)) {
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no office in %s.", path);
        return NULL;
    }
    if (!add_session (directory, user_id, device, owner, error))
        return NULL;
    return g_steal_pointer (&owner);
}

static void
sign_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
    CreateData *data = task_data;
    GError *error = NULL;
    BureauHubOwner *owner = sign_in (data->directory, data->user_id, data->device, &error);

    if (owner != NULL)
        g_task_return_pointer (task, owner, (GDestroyNotify) bureau_hub_owner_free);
    else
        g_task_return_error (task, error);
}

void
bureau_hub_sign_in_async (const char *directory, const char *user_id, const char *device,
                          GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data)
{
    g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
    CreateData *data = g_new0 (CreateData, 1);

    data->directory = g_strdup (directory);
    data->user_id = g_strdup (user_id);
    data->device = g_strdup (device);
    g_task_set_source_tag (task, bureau_hub_sign_in_async);
    g_task_set_task_data (task, data, (GDestroyNotify) create_data_free);
    g_task_run_in_thread (task, sign_in_thread);
}

BureauHubOwner *
bureau_hub_sign_in_finish (GAsyncResult *result, GError **error)
{
    g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

    return g_task_propagate_pointer (G_TASK (result), error);
}
