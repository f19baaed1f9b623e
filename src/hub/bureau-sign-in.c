/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-sign-in.h"

#include <string.h>

#include "bureau-authority.h"
#include "bureau-error.h"
#include "bureau-instant.h"
#include "bureau-invitation.h"
#include "bureau-json.h"
#include "bureau-people.h"
#include "bureau-sessions.h"
#include "bureau-store-invitations.h"

/* rules.md, Limits: so many a minute, then waits that double. */
#define MAX_GUESSES     5
#define GUESS_WINDOW_MS 60000
#define MAX_WAIT_MS     (15 * 60000)
/* Addresses that wrong guesses are remembered of. */
#define MAX_GUESSERS 4096

/* ------------------------------------------------------------------ guesses */

typedef struct {
    guint count;  /* in the minute from `since` on */
    gint64 since; /* instant */
    gint64 wait;  /* ms; 0 before the first */
    gint64 until; /* instant: no guess before it */
} Guesses;

static gboolean
is_forgotten (gpointer address, gpointer value, gpointer data)
{
    Guesses *guesses = value;

    return *(gint64 *) data - MAX (guesses->since, guesses->until) >= MAX_WAIT_MS;
}

static gboolean
is_not_waiting (gpointer address, gpointer value, gpointer data)
{
    return ((Guesses *) value)->until <= *(gint64 *) data;
}

/* Who must wait is not forgotten to make room, so at the worst a stranger waits, too. */
static gboolean
make_room (GHashTable *guessers, gint64 now)
{
    if (g_hash_table_size (guessers) >= MAX_GUESSERS)
        g_hash_table_foreach_remove (guessers, is_forgotten, &now);
    if (g_hash_table_size (guessers) >= MAX_GUESSERS)
        g_hash_table_foreach_remove (guessers, is_not_waiting, &now);
    return g_hash_table_size (guessers) < MAX_GUESSERS;
}

static gboolean
check_guesses (BureauAuthority *authority, const char *address, gint64 now, GError **error)
{
    Guesses *guesses = g_hash_table_lookup (authority->guesses, address);

    if (guesses == NULL && !make_room (authority->guesses, now))
        bureau_error_set_rate_limited (error, GUESS_WINDOW_MS);
    else if (guesses != NULL && guesses->until > now)
        bureau_error_set_rate_limited (error, guesses->until - now);
    else
        return TRUE;
    return FALSE;
}

static void
count_guess (BureauAuthority *authority, const char *address, gint64 now)
{
    Guesses *guesses = g_hash_table_lookup (authority->guesses, address);

    if (guesses == NULL || is_forgotten (NULL, guesses, &now)) {
        guesses = g_new0 (Guesses, 1);
        guesses->since = now;
        g_hash_table_insert (authority->guesses, g_strdup (address), guesses);
    }
    if (guesses->wait == 0 && now - guesses->since >= GUESS_WINDOW_MS) {
        guesses->count = 0;
        guesses->since = now;
    }
    if (++guesses->count < MAX_GUESSES)
        return;
    guesses->wait = CLAMP (guesses->wait * 2, GUESS_WINDOW_MS, MAX_WAIT_MS);
    guesses->until = now + guesses->wait;
}

/* ------------------------------------------------------------------ answers */

static gboolean
get_text (JsonObject *params, const char *name, guint max, const char **text, GError **error)
{
    *text = bureau_json_get_string (params, name);
    if (*text != NULL && **text != '\0' && g_utf8_strlen (*text, -1) <= max)
        return TRUE;

    bureau_error_set_invalid (error, name, "“%s” must be a text of 1 to %u characters.", name, max);
    return FALSE;
}

/* A person's name, or a device's, is checked by the rule of the command that changes a name. */
static gboolean
get_name (JsonObject *params, const char *member, const char **name, GError **error)
{
    const BureauCommand *command = bureau_command_get (BUREAU_COMMAND_MEMBER_UPDATE_SELF);
    g_autoptr (JsonObject) own = json_object_new ();
    g_autoptr (JsonObject) valid = NULL;

    if (!get_text (params, member, BUREAU_MAX_NAME, name, error))
        return FALSE;
    bureau_json_set_string (own, "name", *name);
    valid = bureau_command_validate (command, own, NULL);
    if (valid == NULL)
        bureau_error_set_invalid (error, member, "“%s” must be one line of text that can be seen.",
                                  member);
    return valid != NULL;
}

/* ------------------------------------------------------------------ joining */

static gboolean
publish_membership (BureauCall *call, const char *workspace_id, const char *project_id,
                    GError **error)
{
    g_autofree char *room = project_id != NULL ? bureau_room ("project", project_id)
                                               : bureau_room ("workspace", workspace_id);
    JsonObject *member = bureau_store_get_member (call->authority->store, workspace_id,
                                                  call->actor->user_id, error);
    JsonObject *fields;

    if (member == NULL)
        return FALSE;
    fields = json_object_new ();
    json_object_set_object_member (fields, "member", member);
    bureau_json_set_string (fields, "role", bureau_json_get_string (member, "role"));
    if (project_id != NULL) {
        JsonObject *project = bureau_store_get_project (call->authority->store, project_id, error);

        if (project == NULL) {
            json_object_unref (fields);
            return FALSE;
        }
        json_object_set_object_member (fields, "project", project);
    }
    return bureau_call_publish (call, room, NULL, workspace_id, project_id,
                                BUREAU_EVENT_MEMBER_JOINED, fields, error);
}

/* The project the invitation names; without one, a member (not a guest) is let into all that are
 * open. */
static gboolean
join_projects (BureauCall *call, const char *workspace_id, BureauRole role, const char *project_id,
               GError **error)
{
    BureauStore *store = call->authority->store;
    g_auto (GStrv) projects = NULL;

    if (project_id != NULL) {
        const char *named[] = { project_id, NULL };

        projects = g_strdupv ((GStrv) named);
    } else if (role >= BUREAU_ROLE_MEMBER) {
        projects = bureau_store_list_projects (store, workspace_id, error);
        if (projects == NULL)
            return FALSE;
    }

    for (guint i = 0; projects != NULL && projects[i] != NULL; i++) {
        if (!bureau_store_add_project_member (store, projects[i], call->actor->user_id, error) ||
            !publish_membership (call, workspace_id, projects[i], error))
            return FALSE;
    }
    return TRUE;
}

static JsonObject *
use_invitation (BureauCall *call, const char *code, GError **error)
{
    g_autofree char *typed = bureau_code_normalize (code);
    g_autoptr (GError) local_error = NULL;
    JsonObject *invitation;
    guint8 hash[32];

    bureau_secret_hash (typed != NULL ? typed : code, hash);
    invitation = bureau_store_use_invitation (call->authority->store, hash, call->now,
                                              &local_error);
    if (invitation == NULL && local_error == NULL)
        g_set_error_literal (
            &local_error, BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN,
            "This invitation is not valid, used up or expired. Ask for a new one.");
    if (local_error != NULL)
        g_propagate_error (error, g_steal_pointer (&local_error));
    return invitation;
}

static gboolean
run_join (BureauCall *call, GError **error)
{
    BureauStore *store = call->authority->store;
    const char *code, *name, *device, *workspace_id;
    g_autofree char *user_id = bureau_id_new ();
    g_autofree char *session_id = bureau_id_new ();
    g_autoptr (JsonObject) invitation = NULL;
    int role;

    if (!get_text (call->params, "code", 100, &code, error) ||
        !get_name (call->params, "name", &name, error) ||
        !get_name (call->params, "device", &device, error) ||
        !check_guesses (call->authority, call->address, call->now, error))
        return FALSE;

    invitation = use_invitation (call, code, error);
    if (invitation == NULL) {
        count_guess (call->authority, call->address, call->now);
        return FALSE;
    }

    workspace_id = bureau_json_get_string (invitation, "workspaceId");
    role = bureau_role_from_string (bureau_json_get_string (invitation, "role"));
    call->actor = bureau_actor_new (user_id, session_id);
    return bureau_people_add (store, user_id, name, workspace_id, role, FALSE, call->now, error) &&
           publish_membership (call, workspace_id, NULL, error) &&
           join_projects (call, workspace_id, role,
                          bureau_json_get_string (invitation, "projectId"), error) &&
           bureau_call_start_session (call, session_id, user_id, device, error);
}

BureauRequest *
bureau_sign_in_new_join (BureauAuthority *authority, JsonObject *params)
{
    json_object_remove_member (params, "opId");
    return bureau_request_new (authority, run_join, params);
}

/* ------------------------------------------------------------------ a new office */

static gboolean
add_office (BureauStore *store, const guint8 *refresh_key, const char *office_name,
            const char *owner_name, const char *device, gint64 now, const char *user_id,
            const char *workspace_id, char **refresh_token, GError **error)
{
    g_autofree char *hub_id = bureau_id_new ();
    g_autofree char *epoch = bureau_id_new ();
    g_autofree char *session_id = bureau_id_new ();

    return bureau_store_set_meta (store, "hub", hub_id, error) &&
           bureau_store_set_meta (store, "epoch", epoch, error) &&
           bureau_store_add_workspace (store, workspace_id, office_name, now, error) &&
           bureau_people_add (store, user_id, owner_name, workspace_id, BUREAU_ROLE_OWNER, FALSE,
                              now, error) &&
           bureau_session_add (store, refresh_key, session_id, user_id, device, now, refresh_token,
                               error);
}

gboolean
bureau_sign_in_create_office (BureauStore *store, BureauAudit *audit, const guint8 *refresh_key,
                              const char *office_name, const char *owner_name, const char *device,
                              gint64 now, char **user_id, char **workspace_id, char **refresh_token,
                              GError **error)
{
    *user_id = bureau_id_new ();
    *workspace_id = bureau_id_new ();
    if (!bureau_store_begin (store, error))
        return FALSE;
    if (add_office (store, refresh_key, office_name, owner_name, device, now, *user_id,
                    *workspace_id, refresh_token, error) &&
        bureau_audit_write_creation (audit, store, *workspace_id, *user_id, now, error) &&
        bureau_store_commit (store, error))
        return TRUE;

    bureau_store_rollback (store);
    return FALSE;
}

static gboolean
add_owner_session (BureauStore *store, const guint8 *refresh_key, const char *device, gint64 now,
                   char **user_id, char **workspace_id, char **refresh_token, GError **error)
{
    g_autofree char *session_id = bureau_id_new ();
    g_autoptr (JsonArray) workspaces = NULL;
    JsonObject *first;

    *user_id = bureau_store_find_owner (store, NULL, error);
    workspaces = *user_id != NULL ? bureau_store_list_workspaces (store, *user_id, error) : NULL;
    first = workspaces != NULL ? bureau_json_array_get_object (workspaces, 0) : NULL;
    if (first == NULL) {
        if (error != NULL && *error == NULL)
            g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_NOT_FOUND,
                                 "This office has no owner.");
        return FALSE;
    }
    *workspace_id = g_strdup (bureau_json_get_string (first, "id"));
    return bureau_session_add (store, refresh_key, session_id, *user_id, device, now, refresh_token,
                               error);
}

gboolean
bureau_sign_in_add_owner_session (BureauStore *store, const guint8 *refresh_key, const char *device,
                                  gint64 now, char **user_id, char **workspace_id,
                                  char **refresh_token, GError **error)
{
    if (!bureau_store_begin (store, error))
        return FALSE;
    if (add_owner_session (store, refresh_key, device, now, user_id, workspace_id, refresh_token,
                           error) &&
        bureau_store_commit (store, error))
        return TRUE;

    bureau_store_rollback (store);
    return FALSE;
}
