/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-client-private.h"

#include <string.h>

#include "bureau-error.h"
#include "bureau-json.h"

/* What I may see and do, as I was last told: my role, and the projects I am in. Whatever way a
 * change came, live or while I was away, it shows as a difference once all is caught up with. */

#define PROJECT "project:"

typedef struct {
    const char *what;
    char *name; /* (owned) */
} Change;

static void
change_free (gpointer data)
{
    Change *change = data;

    g_free (change->name);
    g_free (change);
}

static void
add_change (GPtrArray *changes, const char *what, const char *name)
{
    Change *change = g_new0 (Change, 1);

    change->what = what;
    change->name = g_strdup (name);
    g_ptr_array_add (changes, change);
}

static void
add_project (BureauClient *self, GHashTable *projects, const char *room)
{
    const char *id = room + strlen (PROJECT);
    BureauProject *project = bureau_client_find_project (self, id);

    /* A new one's name comes a moment after its room. */
    if (project)
        g_hash_table_insert (projects, g_strdup (id), g_strdup (bureau_project_get_name (project)));
}

/* Those whose rooms we follow: id → name. (transfer full) */
static GHashTable *
list_projects (BureauClient *self)
{
    GHashTable *projects = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init (&iter, self->rooms);
    while (g_hash_table_iter_next (&iter, NULL, &value)) {
        const BureauFollowed *room = value;

        if (room->have && g_str_has_prefix (room->name, PROJECT))
            add_project (self, projects, room->name);
    }
    return projects;
}

/* One that I am making is no news. */
static gboolean
is_own (BureauClient *self, const char *id)
{
    for (const GList *link = bureau_outbox_peek (self->outbox); link; link = link->next) {
        const BureauOutboxEntry *entry = link->data;

        if (entry->command->id == BUREAU_COMMAND_PROJECT_CREATE &&
            g_strcmp0 (entry->target, id) == 0)
            return TRUE;
    }
    return FALSE;
}

/* Those of @projects that are not among @others. */
static void
add_missing (BureauClient *self, GPtrArray *changes, const char *what, GHashTable *projects,
             GHashTable *others)
{
    GHashTableIter iter;
    gpointer id, name;

    g_hash_table_iter_init (&iter, projects);
    while (g_hash_table_iter_next (&iter, &id, &name)) {
        if (!g_hash_table_contains (others, id) && !is_own (self, id))
            add_change (changes, what, name);
    }
}

static void
compare_role (BureauClient *self, GPtrArray *changes)
{
    BureauRole role = self->self_member ? bureau_member_get_role (self->self_member)
                                        : BUREAU_ROLE_NONE;

    if (role == BUREAU_ROLE_NONE || role == self->known_role)
        return;
    if (self->known_role != BUREAU_ROLE_NONE)
        add_change (changes, "role", bureau_role_to_string (role));
    self->known_role = role;
}

static void
compare_projects (BureauClient *self, GPtrArray *changes)
{
    g_autoptr (GHashTable) before = NULL;

    if (self->known_projects && !self->projects_changed)
        return;
    self->projects_changed = FALSE;
    before = g_steal_pointer (&self->known_projects);
    self->known_projects = list_projects (self);
    if (!before)
        return;
    add_missing (self, changes, "project-lost", before, self->known_projects);
    add_missing (self, changes, "project-gained", self->known_projects, before);
}

void
bureau_client_note_access (BureauClient *self)
{
    g_autoptr (GPtrArray) unused = g_ptr_array_new_with_free_func (change_free);

    /* With an empty replica, all that there is would be news. */
    if (g_hash_table_size (self->rooms) == 0)
        return;
    compare_role (self, unused);
    compare_projects (self, unused);
}

void
bureau_client_note_leaving (BureauClient *self, const char *room)
{
    self->projects_changed = TRUE;
    if (self->known_projects && g_str_has_prefix (room, PROJECT) &&
        g_hash_table_contains (self->known_projects, room + strlen (PROJECT)))
        add_project (self, self->known_projects, room);
}

void
bureau_client_compare_access (BureauClient *self)
{
    g_autoptr (GPtrArray) changes = g_ptr_array_new_with_free_func (change_free);

    compare_role (self, changes);
    compare_projects (self, changes);
    for (guint i = 0; i < changes->len; i++) {
        const Change *change = changes->pdata[i];

        bureau_client_emit_access_changed (self, change->what, change->name);
    }
}

void
bureau_client_leave_office (BureauClient *self)
{
    g_autoptr (GError) error = NULL;

    bureau_error_set_unauthenticated (&error, "removed", "You are no longer in this office.");
    bureau_link_give_up (self->link, error);
}
