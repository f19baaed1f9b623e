/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-audit.h"
#include "bureau-authority.h"
#include "bureau-commands.h"
#include "bureau-error.h"
#include "bureau-heads.h"
#include "bureau-instant.h"
#include "bureau-json.h"
#include "bureau-people.h"

/* Who belongs to a workspace, and as what (rules.md, Rooms and Commands). */

/* Whom a command is about. */
typedef struct {
    char *workspace_id; /* (owned) */
    const char *id;
    BureauRole actor_role;
    BureauMembership was;
    GStrv rooms; /* (owned): that they were in before */
} Subject;

static void
subject_clear (Subject *subject)
{
    g_free (subject->workspace_id);
    g_strfreev (subject->rooms);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Subject, subject_clear)

gboolean
bureau_check_may_manage (BureauRole actor, BureauRole role, GError **error)
{
    if (bureau_role_may_manage (actor, role))
        return TRUE;

    g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_FORBIDDEN,
                         "Only an owner makes owners, or changes what an owner may.");
    return FALSE;
}

/* The workspace that the params name, in which the actor manages people. */
static gboolean
find_workspace (BureauCall *call, Subject *subject, GError **error)
{
    g_autoptr (GError) local_error = NULL;

    subject->workspace_id = bureau_call_require_workspace (call, BUREAU_ROLE_MANAGER, error);
    if (subject->workspace_id == NULL)
        return FALSE;
    subject->actor_role = bureau_store_get_role (call->authority->store, subject->workspace_id,
                                                 call->actor->user_id, &local_error);
    if (local_error == NULL)
        return TRUE;
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
}

static gboolean
find_subject (BureauCall *call, Subject *subject, GError **error)
{
    subject->id = bureau_json_get_string (call->params, "id");
    if (!find_workspace (call, subject, error) ||
        !bureau_call_require_member (call, subject->workspace_id, subject->id, &subject->was,
                                     error) ||
        !bureau_check_may_manage (subject->actor_role, subject->was.role, error))
        return FALSE;
    subject->rooms = bureau_list_rooms (call->authority->store, subject->id, error);
    return subject->rooms != NULL;
}

/* The last owner stays, or there would be nobody left who can make one. */
static gboolean
check_owner_remains (BureauCall *call, const Subject *subject, GError **error)
{
    g_autoptr (GError) local_error = NULL;

    if (subject->was.role < BUREAU_ROLE_OWNER || !subject->was.active ||
        bureau_store_has_other_owner (call->authority->store, subject->workspace_id, subject->id,
                                      &local_error))
        return TRUE;
    if (local_error == NULL)
        g_set_error_literal (&local_error, BUREAU_ERROR, BUREAU_ERROR_CONFLICT,
                             "This is the office's last owner. Make somebody else an owner first.");
    g_propagate_error (error, g_steal_pointer (&local_error));
    return FALSE;
}

static gboolean
answer_member (BureauCall *call, const Subject *subject, GError **error)
{
    JsonObject *member = bureau_store_get_member (call->authority->store, subject->workspace_id,
                                                  subject->id, error);

    if (member == NULL)
        return FALSE;
    json_object_set_object_member (call->answer, "member", member);
    return TRUE;
}

/* Tells the workspace of the member as they are now. @fields: besides `member` (taken). */
static gboolean
publish_member (BureauCall *call, const Subject *subject, const char *event, JsonObject *fields,
                GError **error)
{
    g_autofree char *room = bureau_room ("workspace", subject->workspace_id);

    if (!answer_member (call, subject, error)) {
        json_object_unref (fields);
        return FALSE;
    }
    json_object_set_object_member (
        fields, "member", json_object_ref (bureau_json_get_object (call->answer, "member")));
    return bureau_call_publish (call, room, NULL, subject->workspace_id, NULL, event, fields,
                                error);
}

static gboolean
publish_joined (BureauCall *call, const Subject *subject, BureauRole role, GError **error)
{
    JsonObject *fields = json_object_new ();

    bureau_json_set_string (fields, "role", bureau_role_to_string (role));
    return publish_member (call, subject, BUREAU_EVENT_MEMBER_JOINED, fields, error);
}

static gboolean
publish_left (BureauCall *call, const Subject *subject, const char *reason, GError **error)
{
    JsonObject *fields = json_object_new ();

    bureau_json_set_string (fields, "reason", reason);
    return publish_member (call, subject, BUREAU_EVENT_MEMBER_LEFT, fields, error);
}

static BureauRole
get_role (BureauCall *call, BureauRole fallback)
{
    const char *word = bureau_json_get_string (call->params, "role");

    return word != NULL ? (BureauRole) bureau_role_from_string (word) : fallback;
}

/* ------------------------------------------------------------------ placeholders */

/* An add with an id that is there is answered with what the first one made; any other is a
 * conflict, whoever has it. */
static gboolean
answer_existing (BureauCall *call, const Subject *subject, gboolean *done, GError **error)
{
    g_autoptr (GError) local_error = NULL;
    BureauMembership membership;

    *done = bureau_store_has_user (call->authority->store, subject->id, &local_error);
    if (local_error != NULL) {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return FALSE;
    }
    if (!*done)
        return TRUE;

    if (!bureau_store_get_membership (call->authority->store, subject->workspace_id, subject->id,
                                      &membership, error))
        return FALSE;
    if (membership.placeholder && answer_member (call, subject, error) &&
        g_strcmp0 (bureau_json_get_string (bureau_json_get_object (call->answer, "member"), "name"),
                   bureau_json_get_string (call->params, "name")) == 0)
        return TRUE;
    if (error != NULL && *error == NULL)
        g_set_error_literal (error, BUREAU_ERROR, BUREAU_ERROR_CONFLICT,
                             "This id is taken. Use a new one.");
    return FALSE;
}

/* A placeholder owns no office: there would be nobody to be asked. */
static gboolean
check_placeholder_role (BureauRole role, GError **error)
{
    if (role < BUREAU_ROLE_OWNER)
        return TRUE;

    bureau_error_set_invalid (error, "role", "Somebody becomes an owner once they have joined.");
    return FALSE;
}

gboolean
bureau_handle_member_add (BureauCall *call, GError **error)
{
    BureauRole role = get_role (call, BUREAU_ROLE_MEMBER);
    const char *wanted = bureau_json_get_string (call->params, "id");
    g_autofree char *id = wanted != NULL ? g_strdup (wanted) : bureau_id_new ();
    g_auto (Subject) subject = { .id = id };
    gboolean done;

    if (!find_workspace (call, &subject, error) ||
        !bureau_check_may_manage (subject.actor_role, role, error) ||
        !check_placeholder_role (role, error) || !answer_existing (call, &subject, &done, error))
        return FALSE;
    if (done)
        return TRUE;

    return bureau_people_add (call->authority->store, id,
                              bureau_json_get_string (call->params, "name"), subject.workspace_id,
                              role, TRUE, call->now, error) &&
           bureau_call_audit (call, subject.workspace_id, BUREAU_AUDIT_MEMBER_ADDED, id, NULL,
                              error) &&
           publish_joined (call, &subject, role, error);
}

/* ------------------------------------------------------------------ roles */

static gboolean
publish_role (BureauCall *call, const Subject *subject, BureauRole role, GError **error)
{
    JsonObject *fields = json_object_new ();

    bureau_json_set_string (fields, "role", bureau_role_to_string (role));
    bureau_json_set_string (fields, "previousRole", bureau_role_to_string (subject->was.role));
    return publish_member (call, subject, BUREAU_EVENT_MEMBER_ROLE_CHANGED, fields, error);
}

static gboolean
audit_role (BureauCall *call, const Subject *subject, BureauRole role, GError **error)
{
    JsonObject *details = json_object_new ();

    bureau_json_set_string (details, "role", bureau_role_to_string (role));
    bureau_json_set_string (details, "previousRole", bureau_role_to_string (subject->was.role));
    return bureau_call_audit (call, subject->workspace_id, BUREAU_AUDIT_MEMBER_ROLE, subject->id,
                              details, error);
}

gboolean
bureau_handle_member_set_role (BureauCall *call, GError **error)
{
    BureauRole role = get_role (call, BUREAU_ROLE_NONE);
    g_auto (Subject) subject = { 0 };

    if (!find_subject (call, &subject, error) ||
        !bureau_check_may_manage (subject.actor_role, role, error) ||
        (subject.was.placeholder && !check_placeholder_role (role, error)))
        return FALSE;
    if (subject.was.role == role)
        return answer_member (call, &subject, error);

    return check_owner_remains (call, &subject, error) &&
           bureau_store_set_role (call->authority->store, subject.workspace_id, subject.id, role,
                                  error) &&
           bureau_call_move (call, subject.id, (const char *const *) subject.rooms, "role",
                             error) &&
           audit_role (call, &subject, role, error) && publish_role (call, &subject, role, error);
}

/* ------------------------------------------------------------------ leaving and coming back */

/* Who is in no other office of this hub has nothing left to be connected for. */
static gboolean
leave_hub (BureauCall *call, const Subject *subject, const char *reason, gboolean *leaves,
           GError **error)
{
    g_autoptr (JsonArray) others = bureau_store_list_workspaces (call->authority->store,
                                                                 subject->id, error);

    if (others == NULL)
        return FALSE;
    *leaves = json_array_get_length (others) == 0;
    if (*leaves)
        bureau_call_disconnect (call, subject->id, reason);
    return TRUE;
}

/* What both ways out have in common, once the store knows. @leaves: whether they were in no other
 * office. (out) */
static gboolean
put_out (BureauCall *call, const Subject *subject, const char *reason, gboolean *leaves,
         GError **error)
{
    return leave_hub (call, subject, reason, leaves, error) &&
           bureau_call_move (call, subject->id, (const char *const *) subject->rooms, reason,
                             error) &&
           bureau_end_timer (call, subject->workspace_id, subject->id, error);
}

gboolean
bureau_handle_member_deactivate (BureauCall *call, GError **error)
{
    g_auto (Subject) subject = { 0 };
    gboolean leaves;

    if (!find_subject (call, &subject, error))
        return FALSE;
    if (!subject.was.active)
        return answer_member (call, &subject, error);

    return check_owner_remains (call, &subject, error) &&
           bureau_store_set_active (call->authority->store, subject.workspace_id, subject.id, FALSE,
                                    error) &&
           put_out (call, &subject, "deactivated", &leaves, error) &&
           bureau_call_audit (call, subject.workspace_id, BUREAU_AUDIT_MEMBER_DEACTIVATED,
                              subject.id, NULL, error) &&
           publish_left (call, &subject, "deactivated", error);
}

gboolean
bureau_handle_member_reactivate (BureauCall *call, GError **error)
{
    g_auto (Subject) subject = { 0 };

    if (!find_subject (call, &subject, error))
        return FALSE;
    if (subject.was.active)
        return answer_member (call, &subject, error);

    return bureau_store_set_active (call->authority->store, subject.workspace_id, subject.id, TRUE,
                                    error) &&
           bureau_call_move (call, subject.id, (const char *const *) subject.rooms, "role",
                             error) &&
           bureau_call_audit (call, subject.workspace_id, BUREAU_AUDIT_MEMBER_REACTIVATED,
                              subject.id, NULL, error) &&
           publish_joined (call, &subject, subject.was.role, error);
}

/* Their projects have one member less. */
static gboolean
publish_projects (BureauCall *call, const Subject *subject, const char *const *projects,
                  GError **error)
{
    g_autoptr (JsonObject) no_changes = json_object_new ();

    for (guint i = 0; projects[i] != NULL; i++) {
        if (!bureau_store_update_project (call->authority->store, projects[i], no_changes, error) ||
            !bureau_publish_project (call, projects[i], subject->workspace_id,
                                     BUREAU_EVENT_PROJECT_UPDATED, NULL, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
bureau_handle_member_remove (BureauCall *call, GError **error)
{
    BureauStore *store = call->authority->store;
    g_auto (Subject) subject = { 0 };
    g_auto (GStrv) projects = NULL;
    gboolean leaves;

    if (!find_subject (call, &subject, error) || !check_owner_remains (call, &subject, error))
        return FALSE;
    projects = bureau_store_list_member_projects (store, subject.workspace_id, subject.id, error);
    if (projects == NULL)
        return FALSE;

    return bureau_store_remove_member (store, subject.workspace_id, subject.id, call->now, error) &&
           put_out (call, &subject, "removed", &leaves, error) &&
           (!leaves || bureau_call_end_sessions (call, subject.id, NULL, NULL, "removed", error)) &&
           bureau_call_audit (call, subject.workspace_id, BUREAU_AUDIT_MEMBER_REMOVED, subject.id,
                              NULL, error) &&
           publish_projects (call, &subject, (const char *const *) projects, error) &&
           publish_left (call, &subject, "removed", error);
}
