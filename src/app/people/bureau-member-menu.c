/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "people/bureau-member-menu.h"

#include <glib/gi18n.h>

#include "bureau-catalog.h"

const char *
bureau_role_to_label (BureauRole role)
{
    switch (role) {
    case BUREAU_ROLE_OWNER:
        return _ ("Owner");
    case BUREAU_ROLE_MANAGER:
        return _ ("Manager");
    case BUREAU_ROLE_MEMBER:
        return _ ("Member");
    case BUREAU_ROLE_GUEST:
        return _ ("Guest");
    case BUREAU_ROLE_NONE:
        break;
    }
    return "";
}

static const char *
get_make_label (BureauRole role)
{
    switch (role) {
    case BUREAU_ROLE_OWNER:
        return _ ("Make _Owner");
    case BUREAU_ROLE_MANAGER:
        return _ ("Make _Manager");
    case BUREAU_ROLE_MEMBER:
        return _ ("Make _Member");
    case BUREAU_ROLE_GUEST:
        return _ ("Make _Guest");
    case BUREAU_ROLE_NONE:
        break;
    }
    return "";
}

static void
append (GMenu *menu, const char *label, const char *action, const char *id)
{
    g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

    g_menu_item_set_action_and_target (item, action, "s", id);
    g_menu_append_item (menu, item);
}

static void
append_role (GMenu *menu, BureauRole role, const char *id)
{
    g_autoptr (GMenuItem) item = g_menu_item_new (get_make_label (role), NULL);

    g_menu_item_set_action_and_target (item, "win.set-role", "(ss)", id,
                                       bureau_role_to_string (role));
    g_menu_append_item (menu, item);
}

static GMenuModel *
make_roles (BureauRole mine, BureauMember *other)
{
    GMenu *menu = g_menu_new ();
    /* Somebody becomes an owner once they have joined. */
    BureauRole highest = bureau_member_get_placeholder (other) ? BUREAU_ROLE_MANAGER
                                                               : BUREAU_ROLE_OWNER;

    for (BureauRole role = highest; role > BUREAU_ROLE_NONE; role--) {
        if (role != bureau_member_get_role (other) && bureau_role_may_manage (mine, role))
            append_role (menu, role, bureau_member_get_id (other));
    }
    return G_MENU_MODEL (menu);
}

static GMenuModel *
make_end (BureauMember *other)
{
    GMenu *menu = g_menu_new ();
    const char *id = bureau_member_get_id (other);

    if (!bureau_member_get_active (other))
        append (menu, _ ("_Let In Again"), "win.reactivate-member", id);
    else if (!bureau_member_get_placeholder (other))
        append (menu, _ ("_Deactivate…"), "win.deactivate-member", id);
    append (menu, _ ("_Remove…"), "win.remove-member", id);
    return G_MENU_MODEL (menu);
}

GMenuModel *
bureau_member_menu_new (BureauRole mine, BureauMember *other)
{
    g_autoptr (GMenu) menu = NULL;
    g_autoptr (GMenuModel) roles = NULL;
    g_autoptr (GMenuModel) end = NULL;

    if (!bureau_role_may_manage (mine, bureau_member_get_role (other)))
        return NULL;

    menu = g_menu_new ();
    if (bureau_member_get_placeholder (other)) {
        GMenu *invite = g_menu_new ();

        append (invite, _ ("_Invite to Take Over…"), "win.invite-member",
                bureau_member_get_id (other));
        g_menu_append_section (menu, NULL, G_MENU_MODEL (invite));
        g_object_unref (invite);
    }
    if (bureau_member_get_active (other)) {
        roles = make_roles (mine, other);
        g_menu_append_section (menu, NULL, roles);
    }
    end = make_end (other);
    g_menu_append_section (menu, NULL, end);
    return G_MENU_MODEL (g_steal_pointer (&menu));
}
