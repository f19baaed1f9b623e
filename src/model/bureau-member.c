/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-member.h"

#include "bureau-fields.h"
#include "bureau-json.h"

struct _BureauMember {
    GObject parent_instance;

    char *id;     /* (owned) */
    char *name;   /* (owned) (nullable) */
    char *handle; /* (owned) (nullable) */
    char *color;  /* (owned) (nullable) */
    BureauRole role;
    gboolean active;
    gboolean placeholder;
    BureauPresence presence;
};

G_DEFINE_FINAL_TYPE (BureauMember, bureau_member, G_TYPE_OBJECT)

typedef enum {
    PROP_ID = 1,
    PROP_NAME,
    PROP_HANDLE,
    PROP_COLOR,
    PROP_ROLE,
    PROP_ACTIVE,
    PROP_PLACEHOLDER,
    PROP_PRESENCE,
} BureauMemberProperty;

static GParamSpec *properties[PROP_PRESENCE + 1];

static const BureauField fields[] = {
    { "id", BUREAU_FIELD_ID, BUREAU_FIELD_REQUIRED },
    { "name", BUREAU_FIELD_NAME, BUREAU_FIELD_REQUIRED, 0, BUREAU_FIELD_UNLIMITED },
    { "role", BUREAU_FIELD_ROLE, BUREAU_FIELD_REQUIRED },
    { "handle", BUREAU_FIELD_TEXT, BUREAU_FIELD_NULLABLE, 0, BUREAU_FIELD_UNLIMITED },
    { "color", BUREAU_FIELD_COLOR, BUREAU_FIELD_NULLABLE },
    { "active", BUREAU_FIELD_BOOLEAN, BUREAU_FIELD_OPTIONAL },
    { "placeholder", BUREAU_FIELD_BOOLEAN, BUREAU_FIELD_OPTIONAL },
    { NULL },
};

static void
set_string (BureauMember *self, char **place, const char *value, BureauMemberProperty property)
{
    if (bureau_field_set_string (place, value))
        g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

/* Takes over what has been checked. */
static void
apply (BureauMember *self, JsonObject *json)
{
    g_object_freeze_notify (G_OBJECT (self));
    if (json_object_has_member (json, "name"))
        bureau_member_set_name (self, bureau_json_get_string (json, "name"));
    if (json_object_has_member (json, "role"))
        bureau_member_set_role (self,
                                bureau_role_from_string (bureau_json_get_string (json, "role")));
    if (json_object_has_member (json, "handle"))
        bureau_member_set_handle (self, bureau_json_get_string (json, "handle"));
    if (json_object_has_member (json, "color"))
        bureau_member_set_color (self, bureau_json_get_string (json, "color"));
    bureau_member_set_active (self, bureau_json_get_boolean (json, "active", self->active));
    bureau_member_set_placeholder (
        self, bureau_json_get_boolean (json, "placeholder", self->placeholder));
    g_object_thaw_notify (G_OBJECT (self));
}

static void
bureau_member_get_property (GObject *object, guint property, GValue *value, GParamSpec *pspec)
{
    BureauMember *self = BUREAU_MEMBER (object);

    switch ((BureauMemberProperty) property) {
    case PROP_ID:
        g_value_set_string (value, self->id);
        break;
    case PROP_NAME:
        g_value_set_string (value, self->name);
        break;
    case PROP_HANDLE:
        g_value_set_string (value, self->handle);
        break;
    case PROP_COLOR:
        g_value_set_string (value, self->color);
        break;
    case PROP_ROLE:
        g_value_set_int (value, (int) self->role);
        break;
    case PROP_ACTIVE:
        g_value_set_boolean (value, self->active);
        break;
    case PROP_PLACEHOLDER:
        g_value_set_boolean (value, self->placeholder);
        break;
    case PROP_PRESENCE:
        g_value_set_int (value, (int) self->presence);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
bureau_member_set_property (GObject *object, guint property, const GValue *value, GParamSpec *pspec)
{
    BureauMember *self = BUREAU_MEMBER (object);

    switch ((BureauMemberProperty) property) {
    case PROP_ID:
        self->id = g_value_dup_string (value);
        break;
    case PROP_NAME:
        bureau_member_set_name (self, g_value_get_string (value));
        break;
    case PROP_HANDLE:
        bureau_member_set_handle (self, g_value_get_string (value));
        break;
    case PROP_COLOR:
        bureau_member_set_color (self, g_value_get_string (value));
        break;
    case PROP_ROLE:
        bureau_member_set_role (self, (BureauRole) g_value_get_int (value));
        break;
    case PROP_ACTIVE:
        bureau_member_set_active (self, g_value_get_boolean (value));
        break;
    case PROP_PLACEHOLDER:
        bureau_member_set_placeholder (self, g_value_get_boolean (value));
        break;
    case PROP_PRESENCE:
        bureau_member_set_presence (self, (BureauPresence) g_value_get_int (value));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
bureau_member_finalize (GObject *object)
{
    BureauMember *self = BUREAU_MEMBER (object);

    g_free (self->id);
    g_free (self->name);
    g_free (self->handle);
    g_free (self->color);

    G_OBJECT_CLASS (bureau_member_parent_class)->finalize (object);
}

static void
bureau_member_class_init (BureauMemberClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS (klass);
    const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

    object_class->get_property = bureau_member_get_property;
    object_class->set_property = bureau_member_set_property;
    object_class->finalize = bureau_member_finalize;

    properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL,
                                               flags | G_PARAM_CONSTRUCT_ONLY);
    properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
    properties[PROP_HANDLE] = g_param_spec_string ("handle", NULL, NULL, NULL, flags);
    properties[PROP_COLOR] = g_param_spec_string ("color", NULL, NULL, NULL, flags);
    properties[PROP_ROLE] = g_param_spec_int ("role", NULL, NULL, BUREAU_ROLE_NONE,
                                              BUREAU_ROLE_OWNER, BUREAU_ROLE_NONE, flags);
    properties[PROP_ACTIVE] = g_param_spec_boolean ("active", NULL, NULL, TRUE, flags);
    properties[PROP_PLACEHOLDER] = g_param_spec_boolean ("placeholder", NULL, NULL, FALSE, flags);
    properties[PROP_PRESENCE] = g_param_spec_int ("presence", NULL, NULL, BUREAU_PRESENCE_OFFLINE,
                                                  BUREAU_PRESENCE_ONLINE, BUREAU_PRESENCE_OFFLINE,
                                                  flags);
    g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bureau_member_init (BureauMember *self)
{
    self->active = TRUE;
}

BureauMember *
bureau_member_new (const char *id)
{
    return g_object_new (BUREAU_TYPE_MEMBER, "id", id, NULL);
}

BureauMember *
bureau_member_new_from_json (JsonObject *json, GError **error)
{
    BureauMember *self;

    if (!bureau_fields_check (fields, json, TRUE, error))
        return NULL;
    self = bureau_member_new (bureau_json_get_string (json, "id"));
    apply (self, json);
    return self;
}

gboolean
bureau_member_update_from_json (BureauMember *self, JsonObject *json, GError **error)
{
    if (!bureau_fields_check (fields, json, FALSE, error) ||
        !bureau_field_check_own_id (self->id, json, error))
        return FALSE;
    apply (self, json);
    return TRUE;
}

JsonObject *
bureau_member_to_json (BureauMember *self)
{
    JsonObject *json = json_object_new ();

    bureau_json_set_string (json, "id", self->id);
    bureau_json_set_string (json, "name", self->name);
    bureau_json_set_string (json, "handle", self->handle);
    bureau_json_set_string (json, "color", self->color);
    bureau_json_set_string (json, "role", bureau_role_to_string (self->role));
    json_object_set_boolean_member (json, "active", self->active);
    json_object_set_boolean_member (json, "placeholder", self->placeholder);
    return json;
}

const char *
bureau_member_get_id (BureauMember *self)
{
    return self->id;
}

const char *
bureau_member_get_name (BureauMember *self)
{
    return self->name;
}

const char *
bureau_member_get_handle (BureauMember *self)
{
    return self->handle;
}

const char *
bureau_member_get_color (BureauMember *self)
{
    return self->color;
}

BureauRole
bureau_member_get_role (BureauMember *self)
{
    return self->role;
}

gboolean
bureau_member_get_active (BureauMember *self)
{
    return self->active;
}

gboolean
bureau_member_get_placeholder (BureauMember *self)
{
    return self->placeholder;
}

BureauPresence
bureau_member_get_presence (BureauMember *self)
{
    return self->presence;
}

void
bureau_member_set_name (BureauMember *self, const char *name)
{
    set_string (self, &self->name, name, PROP_NAME);
}

void
bureau_member_set_handle (BureauMember *self, const char *handle)
{
    set_string (self, &self->handle, handle, PROP_HANDLE);
}

void
bureau_member_set_color (BureauMember *self, const char *color)
{
    set_string (self, &self->color, color, PROP_COLOR);
}

void
bureau_member_set_role (BureauMember *self, BureauRole role)
{
    if (self->role == role)
        return;
    self->role = role;
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ROLE]);
}

void
bureau_member_set_active (BureauMember *self, gboolean active)
{
    if (self->active == !!active)
        return;
    self->active = !!active;
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ACTIVE]);
}

void
bureau_member_set_placeholder (BureauMember *self, gboolean placeholder)
{
    if (self->placeholder == !!placeholder)
        return;
    self->placeholder = !!placeholder;
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PLACEHOLDER]);
}

void
bureau_member_set_presence (BureauMember *self, BureauPresence presence)
{
    if (self->presence == presence)
        return;
    self->presence = presence;
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PRESENCE]);
}
