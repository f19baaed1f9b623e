/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-project.h"

#include "bureau-fields.h"
#include "bureau-json.h"

struct _BureauProject {
    GObject parent_instance;

    char *id;           /* (owned) */
    char *workspace_id; /* (owned) (nullable) */
    char *name;         /* (owned) (nullable) */
    char *short_name;   /* (owned) (nullable) */
    char *color;        /* (owned) (nullable) */
    gboolean archived;
    gint64 version;
    char **member_ids; /* (owned) */
};

G_DEFINE_FINAL_TYPE (BureauProject, bureau_project, G_TYPE_OBJECT)

typedef enum {
    PROP_ID = 1,
    PROP_WORKSPACE_ID,
    PROP_NAME,
    PROP_SHORT_NAME,
    PROP_COLOR,
    PROP_ARCHIVED,
    PROP_VERSION,
    PROP_MEMBER_IDS,
} BureauProjectProperty;

static GParamSpec *properties[PROP_MEMBER_IDS + 1];

static const BureauField fields[] = {
    { "id", BUREAU_FIELD_ID, BUREAU_FIELD_REQUIRED },
    { "workspaceId", BUREAU_FIELD_ID, BUREAU_FIELD_REQUIRED },
    { "name", BUREAU_FIELD_NAME, BUREAU_FIELD_REQUIRED, 0, BUREAU_FIELD_UNLIMITED },
    { "key", BUREAU_FIELD_TEXT, BUREAU_FIELD_NULLABLE, 0, BUREAU_FIELD_UNLIMITED },
    { "color", BUREAU_FIELD_COLOR, BUREAU_FIELD_NULLABLE },
    { "archived", BUREAU_FIELD_BOOLEAN, BUREAU_FIELD_OPTIONAL },
    { "memberIds", BUREAU_FIELD_ID_LIST, BUREAU_FIELD_OPTIONAL, 0, BUREAU_FIELD_UNLIMITED },
    { "version", BUREAU_FIELD_INTEGER, BUREAU_FIELD_OPTIONAL, 0, G_MAXINT64 },
    { NULL },
};

static void
set_string (BureauProject *self, char **place, const char *value, BureauProjectProperty property)
{
    if (bureau_field_set_string (place, value))
        g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
set_number (BureauProject *self, gint64 *place, gint64 value, BureauProjectProperty property)
{
    if (*place == value)
        return;
    *place = value;
    g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static gboolean
check (JsonObject *json, gboolean whole, GError **error)
{
    return bureau_fields_check (fields, json, whole, error);
}

static void
apply_member_ids (BureauProject *self, JsonArray *array)
{
    g_autoptr (GPtrArray) ids = g_ptr_array_new ();

    for (guint i = 0; i < json_array_get_length (array); i++)
        g_ptr_array_add (ids, (gpointer) json_array_get_string_element (array, i));
    g_ptr_array_add (ids, NULL);
    bureau_project_set_member_ids (self, (const char *const *) ids->pdata);
}

/* Takes over what has been checked. */
static void
apply (BureauProject *self, JsonObject *json)
{
    g_object_freeze_notify (G_OBJECT (self));
    if (json_object_has_member (json, "workspaceId"))
        bureau_project_set_workspace_id (self, bureau_json_get_string (json, "workspaceId"));
    if (json_object_has_member (json, "name"))
        bureau_project_set_name (self, bureau_json_get_string (json, "name"));
    if (json_object_has_member (json, "key"))
        bureau_project_set_short_name (self, bureau_json_get_string (json, "key"));
    if (json_object_has_member (json, "color"))
        bureau_project_set_color (self, bureau_json_get_string (json, "color"));
    bureau_project_set_archived (self, bureau_json_get_boolean (json, "archived", self->archived));
    bureau_project_set_version (self, bureau_json_get_int (json, "version", self->version));
    if (json_object_has_member (json, "memberIds"))
        apply_member_ids (self, bureau_json_get_array (json, "memberIds"));
    g_object_thaw_notify (G_OBJECT (self));
}

static void
bureau_project_get_property (GObject *object, guint property, GValue *value, GParamSpec *pspec)
{
    BureauProject *self = BUREAU_PROJECT (object);

    switch ((BureauProjectProperty) property) {
    case PROP_ID:
        g_value_set_string (value, self->id);
        break;
    case PROP_WORKSPACE_ID:
        g_value_set_string (value, self->workspace_id);
        break;
    case PROP_NAME:
        g_value_set_string (value, self->name);
        break;
    case PROP_SHORT_NAME:
        g_value_set_string (value, self->short_name);
        break;
    case PROP_COLOR:
        g_value_set_string (value, self->color);
        break;
    case PROP_ARCHIVED:
        g_value_set_boolean (value, self->archived);
        break;
    case PROP_VERSION:
        g_value_set_int64 (value, self->version);
        break;
    case PROP_MEMBER_IDS:
        g_value_set_boxed (value, self->member_ids);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
bureau_project_set_property (GObject *object, guint property, const GValue *value,
                             GParamSpec *pspec)
{
    BureauProject *self = BUREAU_PROJECT (object);

    switch ((BureauProjectProperty) property) {
    case PROP_ID:
        self->id = g_value_dup_string (value);
        break;
    case PROP_WORKSPACE_ID:
        bureau_project_set_workspace_id (self, g_value_get_string (value));
        break;
    case PROP_NAME:
        bureau_project_set_name (self, g_value_get_string (value));
        break;
    case PROP_SHORT_NAME:
        bureau_project_set_short_name (self, g_value_get_string (value));
        break;
    case PROP_COLOR:
        bureau_project_set_color (self, g_value_get_string (value));
        break;
    case PROP_ARCHIVED:
        bureau_project_set_archived (self, g_value_get_boolean (value));
        break;
    case PROP_VERSION:
        bureau_project_set_version (self, g_value_get_int64 (value));
        break;
    case PROP_MEMBER_IDS:
        bureau_project_set_member_ids (self, g_value_get_boxed (value));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
bureau_project_finalize (GObject *object)
{
    BureauProject *self = BUREAU_PROJECT (object);

    g_free (self->id);
    g_free (self->workspace_id);
    g_free (self->name);
    g_free (self->short_name);
    g_free (self->color);
    g_strfreev (self->member_ids);

    G_OBJECT_CLASS (bureau_project_parent_class)->finalize (object);
}

static void
bureau_project_class_init (BureauProjectClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS (klass);
    const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

    object_class->get_property = bureau_project_get_property;
    object_class->set_property = bureau_project_set_property;
    object_class->finalize = bureau_project_finalize;

    properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL,
                                               flags | G_PARAM_CONSTRUCT_ONLY);
    properties[PROP_WORKSPACE_ID] = g_param_spec_string ("workspace-id", NULL, NULL, NULL, flags);
    properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
    properties[PROP_SHORT_NAME] = g_param_spec_string ("short-name", NULL, NULL, NULL, flags);
    properties[PROP_COLOR] = g_param_spec_string ("color", NULL, NULL, NULL, flags);
    properties[PROP_ARCHIVED] = g_param_spec_boolean ("archived", NULL, NULL, FALSE, flags);
    properties[PROP_VERSION] = g_param_spec_int64 ("version", NULL, NULL, G_MININT64, G_MAXINT64, 0,
                                                   flags);
    properties[PROP_MEMBER_IDS] = g_param_spec_boxed ("member-ids", NULL, NULL, G_TYPE_STRV, flags);
    g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bureau_project_init (BureauProject *self)
{
    self->member_ids = g_new0 (char *, 1);
}

BureauProject *
bureau_project_new (const char *id)
{
    return g_object_new (BUREAU_TYPE_PROJECT, "id", id, NULL);
}

BureauProject *
bureau_project_new_from_json (JsonObject *json, GError **error)
{
    BureauProject *self;

    if (!check (json, TRUE, error))
        return NULL;
    self = bureau_project_new (bureau_json_get_string (json, "id"));
    apply (self, json);
    return self;
}

gboolean
bureau_project_update_from_json (BureauProject *self, JsonObject *json, GError **error)
{
    if (!check (json, FALSE, error) || !bureau_field_check_own_id (self->id, json, error))
        return FALSE;
    apply (self, json);
    return TRUE;
}

JsonObject *
bureau_project_to_json (BureauProject *self)
{
    JsonObject *json = json_object_new ();
    JsonArray *member_ids = json_array_new ();

    bureau_json_set_string (json, "id", self->id);
    bureau_json_set_string (json, "workspaceId", self->workspace_id);
    bureau_json_set_string (json, "name", self->name);
    bureau_json_set_string (json, "key", self->short_name);
    bureau_json_set_string (json, "color", self->color);
    json_object_set_boolean_member (json, "archived", self->archived);
    for (guint i = 0; self->member_ids[i] != NULL; i++)
        json_array_add_string_element (member_ids, self->member_ids[i]);
    json_object_set_array_member (json, "memberIds", member_ids);
    json_object_set_int_member (json, "version", self->version);
    return json;
}

const char *
bureau_project_get_id (BureauProject *self)
{
    return self->id;
}

const char *
bureau_project_get_workspace_id (BureauProject *self)
{
    return self->workspace_id;
}

const char *
bureau_project_get_name (BureauProject *self)
{
    return self->name;
}

const char *
bureau_project_get_short_name (BureauProject *self)
{
    return self->short_name;
}

const char *
bureau_project_get_color (BureauProject *self)
{
    return self->color;
}

gboolean
bureau_project_get_archived (BureauProject *self)
{
    return self->archived;
}

gint64
bureau_project_get_version (BureauProject *self)
{
    return self->version;
}

const char *const *
bureau_project_get_member_ids (BureauProject *self)
{
    return (const char *const *) self->member_ids;
}

void
bureau_project_set_workspace_id (BureauProject *self, const char *workspace_id)
{
    set_string (self, &self->workspace_id, workspace_id, PROP_WORKSPACE_ID);
}

void
bureau_project_set_name (BureauProject *self, const char *name)
{
    set_string (self, &self->name, name, PROP_NAME);
}

void
bureau_project_set_short_name (BureauProject *self, const char *short_name)
{
    set_string (self, &self->short_name, short_name, PROP_SHORT_NAME);
}

void
bureau_project_set_color (BureauProject *self, const char *color)
{
    set_string (self, &self->color, color, PROP_COLOR);
}

void
bureau_project_set_archived (BureauProject *self, gboolean archived)
{
    if (self->archived == !!archived)
        return;
    self->archived = !!archived;
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ARCHIVED]);
}

void
bureau_project_set_version (BureauProject *self, gint64 version)
{
    set_number (self, &self->version, version, PROP_VERSION);
}

void
bureau_project_set_member_ids (BureauProject *self, const char *const *user_ids)
{
    if (bureau_field_set_strv (&self->member_ids, user_ids))
        g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MEMBER_IDS]);
}
