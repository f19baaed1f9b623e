/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* A task names its people and its project, so that whoever has nothing but the task can show it.
 * When one of these is renamed, the task's log has nothing of it: what its last event says is what
 * they were called then. So the models take the names from members and projects, which each say
 * their own. */

#include "bureau-office-private.h"

#include "bureau-project.h"

static const char *
get_member_name (gpointer data, const char *user_id)
{
    BureauOffice *office = data;
    BureauMember *member = bureau_roster_lookup (office->rosters[BUREAU_KIND_MEMBER], user_id);

    return member ? bureau_member_get_name (member) : NULL;
}

void
bureau_office_name_task (BureauOffice *office, BureauTask *task)
{
    BureauProject *project = bureau_roster_lookup (office->rosters[BUREAU_KIND_PROJECT],
                                                   bureau_task_get_project_id (task));

    bureau_task_name_assignees (task, get_member_name, office);
    if (project)
        bureau_task_set_project_name (task, bureau_project_get_name (project));
}

void
bureau_office_name_tasks (BureauOffice *office)
{
    g_autoptr (GPtrArray) tasks = bureau_roster_get_all (office->rosters[BUREAU_KIND_TASK]);

    office->names_changed = FALSE;
    for (guint i = 0; i < tasks->len; i++)
        bureau_office_name_task (office, tasks->pdata[i]);
}
