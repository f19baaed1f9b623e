/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-time-entry.h"

#include "bureau-fields.h"
#include "bureau-instant.h"
#include "bureau-json.h"

struct _BureauTimeEntry {
    GObject parent_instance;

    char *id;           /* (owned) */
    char *workspace_id; /* (owned) (nullable) */
    char *user_id;      /* (owned) (nullable) */
    char *task_id;      /* (owned) (nullable) */
    char *project_id;   /* (owned) (nullable) */
    char *note;         /* (owned) (nullable) */
    gint64 start_time;
    gint64 end_time;
};

G_DEFINE_FINAL_TYPE (BureauTimeEntry, bureau_time_entry, G_TYPE_OBJECT)

typedef enum {
    PROP_ID = 1,
    PROP_WORKSPACE_ID,
    PROP_USER_ID,
    PROP_TASK_ID,
    PROP_PROJECT_ID,
    PROP_NOTE,
    PROP_START_TIME,
    PROP_END_TIME,
} BureauTimeEntryProperty;

static GParamSpec *properties[PROP_END_TIME + 1];

static const BureauField fields[] = {
    { "id", BUREAU_FIELD_ID, BUREAU_FIELD_REQUIRED },
    { "userId", BUREAU_FIELD_ID, BUREAU_FIELD_REQUIRED },
    { "startTime", BUREAU_FIELD_INSTANT, BUREAU_FIELD_REQUIRED },
    { "workspaceId", BUREAU_FIELD_ID, BUREAU_FIELD_NULLABLE },
    { "taskId", BUREAU_FIELD_ID, BUREAU_FIELD_NULLABLE },
    { "projectId", BUREAU_FIELD_ID, BUREAU_FIELD_NULLABLE },
    { "note", BUREAU_FIELD_TEXT, BUREAU_FIELD_NULLABLE, 0, BUREAU_FIELD_UNLIMITED },
    { "endTime", BUREAU_FIELD_INSTANT, BUREAU_FIELD_NULLABLE },
    { NULL },
};

static void
set_string (BureauTimeEntry *self, char **place, const char *value,
            BureauTimeEntryProperty property)
{
    if (bureau_field_set_string (place, value))
        g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
set_number (BureauTimeEntry *self, gint64 *place, gint64 value, BureauTimeEntryProperty property)
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

/* Takes over what has been checked. */
static void
apply (BureauTimeEntry *self, JsonObject *json)
{
    g_object_freeze_notify (G_OBJECT (self));
    if (json_object_has_member (json, "workspaceId"))
        bureau_time_entry_set_workspace_id (self, bureau_json_get_string (json, "workspaceId"));
    if (json_object_has_member (json, "userId"))
        bureau_time_entry_set_user_id (self, bureau_json_get_string (json, "userId"));
    if (json_object_has_member (json, "taskId"))
        bureau_time_entry_set_task_id (self, bureau_json_get_string (json, "taskId"));
    if (json_object_has_member (json, "projectId"))
        bureau_time_entry_set_project_id (self, bureau_json_get_string (json, "projectId"));
    if (json_object_has_member (json, "note"))
        bureau_time_entry_set_note (self, bureau_json_get_string (json, "note"));
    if (json_object_has_member (json, "startTime"))
        bureau_time_entry_set_start_time (
            self, bureau_instant_from_string (bureau_json_get_string (json, "startTime")));
    if (json_object_has_member (json, "endTime"))
        bureau_time_entry_set_end_time (
            self, bureau_instant_from_string (bureau_json_get_string (json, "endTime")));
    g_object_thaw_notify (G_OBJECT (self));
}

static void
bureau_time_entry_get_property (GObject *object, guint property, GValue *value, GParamSpec *pspec)
{
    BureauTimeEntry *self = BUREAU_TIME_ENTRY (object);

    switch ((BureauTimeEntryProperty) property) {
    case PROP_ID:
        g_value_set_string (value, self->id);
        break;
    case PROP_WORKSPACE_ID:
        g_value_set_string (value, self->workspace_id);
        break;
    case PROP_USER_ID:
        g_value_set_string (value, self->user_id);
        break;
    case PROP_TASK_ID:
        g_value_set_string (value, self->task_id);
        break;
    case PROP_PROJECT_ID:
        g_value_set_string (value, self->project_id);
        break;
    case PROP_NOTE:
        g_value_set_string (value, self->note);
        break;
    case PROP_START_TIME:
        g_value_set_int64 (value, self->start_time);
        break;
    case PROP_END_TIME:
        g_value_set_int64 (value, self->end_time);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
bureau_time_entry_set_property (GObject *object, guint property, const GValue *value,
                                GParamSpec *pspec)
{
    BureauTimeEntry *self = BUREAU_TIME_ENTRY (object);

    switch ((BureauTimeEntryProperty) property) {
    case PROP_ID:
        self->id = g_value_dup_string (value);
        break;
    case PROP_WORKSPACE_ID:
        bureau_time_entry_set_workspace_id (self, g_value_get_string (value));
        break;
    case PROP_USER_ID:
        bureau_time_entry_set_user_id (self, g_value_get_string (value));
        break;
    case PROP_TASK_ID:
        bureau_time_entry_set_task_id (self, g_value_get_string (value));
        break;
    case PROP_PROJECT_ID:
        bureau_time_entry_set_project_id (self, g_value_get_string (value));
        break;
    case PROP_NOTE:
        bureau_time_entry_set_note (self, g_value_get_string (value));
        break;
    case PROP_START_TIME:
        bureau_time_entry_set_start_time (self, g_value_get_int64 (value));
        break;
    case PROP_END_TIME:
        bureau_time_entry_set_end_time (self, g_value_get_int64 (value));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
bureau_time_entry_finalize (GObject *object)
{
    BureauTimeEntry *self = BUREAU_TIME_ENTRY (object);

    g_free (self->id);
    g_free (self->workspace_id);
    g_free (self->user_id);
    g_free (self->task_id);
    g_free (self->project_id);
    g_free (self->note);

    G_OBJECT_CLASS (bureau_time_entry_parent_class)->finalize (object);
}

static void
bureau_time_entry_class_init (BureauTimeEntryClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS (klass);
    const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

    object_class->get_property = bureau_time_entry_get_property;
    object_class->set_property = bureau_time_entry_set_property;
    object_class->finalize = bureau_time_entry_finalize;

    properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL,
                                               flags | G_PARAM_CONSTRUCT_ONLY);
    properties[PROP_WORKSPACE_ID] = g_param_spec_string ("workspace-id", NULL, NULL, NULL, flags);
    properties[PROP_USER_ID] = g_param_spec_string ("user-id", NULL, NULL, NULL, flags);
    properties[PROP_TASK_ID] = g_param_spec_string ("task-id", NULL, NULL, NULL, flags);
    properties[PROP_PROJECT_ID] = g_param_spec_string ("project-id", NULL, NULL, NULL, flags);
    properties[PROP_NOTE] = g_param_spec_string ("note", NULL, NULL, NULL, flags);
    properties[PROP_START_TIME] = g_param_spec_int64 ("start-time", NULL, NULL, G_MININT64,
                                                      G_MAXINT64, 0, flags);
    properties[PROP_END_TIME] = g_param_spec_int64 ("end-time", NULL, NULL, G_MININT64, G_MAXINT64,
                                                    0, flags);
    g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bureau_time_entry_init (BureauTimeEntry *self)
{
}

BureauTimeEntry *
bureau_time_entry_new (const char *id)
{
    return g_object_new (BUREAU_TYPE_TIME_ENTRY, "id", id, NULL);
}

BureauTimeEntry *
bureau_time_entry_new_from_json (JsonObject *json, GError **error)
{
    BureauTimeEntry *self;

    if (!check (json, TRUE, error))
        return NULL;
    self = bureau_time_entry_new (bureau_json_get_string (json, "id"));
    apply (self, json);
    return self;
}

gboolean
bureau_time_entry_update_from_json (BureauTimeEntry *self, JsonObject *json, GError **error)
{
    if (!check (json, FALSE, error) || !bureau_field_check_own_id (self->id, json, error))
        return FALSE;
    apply (self, json);
    return TRUE;
}

JsonObject *
bureau_time_entry_to_json (BureauTimeEntry *self)
{
    JsonObject *json = json_object_new ();
    g_autofree char *start_time = bureau_instant_to_string (self->start_time);
    g_autofree char *end_time = bureau_instant_to_string (self->end_time);

    bureau_json_set_string (json, "id", self->id);
    bureau_json_set_string (json, "workspaceId", self->workspace_id);
    bureau_json_set_string (json, "userId", self->user_id);
    bureau_json_set_string (json, "taskId", self->task_id);
    bureau_json_set_string (json, "projectId", self->project_id);
    bureau_json_set_string (json, "note", self->note);
    bureau_json_set_string (json, "startTime", start_time);
    bureau_json_set_string (json, "endTime", end_time);
    return json;
}

const char *
bureau_time_entry_get_id (BureauTimeEntry *self)
{
    return self->id;
}

const char *
bureau_time_entry_get_workspace_id (BureauTimeEntry *self)
{
    return self->workspace_id;
}

const char *
bureau_time_entry_get_user_id (BureauTimeEntry *self)
{
    return self->user_id;
}

const char *
bureau_time_entry_get_task_id (BureauTimeEntry *self)
{
    return self->task_id;
}

const char *
bureau_time_entry_get_project_id (BureauTimeEntry *self)
{
    return self->project_id;
}

const char *
bureau_time_entry_get_note (BureauTimeEntry *self)
{
    return self->note;
}

gint64
bureau_time_entry_get_start_time (BureauTimeEntry *self)
{
    return self->start_time;
}

gint64
bureau_time_entry_get_end_time (BureauTimeEntry *self)
{
    return self->end_time;
}

void
bureau_time_entry_set_workspace_id (BureauTimeEntry *self, const char *workspace_id)
{
    set_string (self, &self->workspace_id, workspace_id, PROP_WORKSPACE_ID);
}

void
bureau_time_entry_set_user_id (BureauTimeEntry *self, const char *user_id)
{
    set_string (self, &self->user_id, user_id, PROP_USER_ID);
}

void
bureau_time_entry_set_task_id (BureauTimeEntry *self, const char *task_id)
{
    set_string (self, &self->task_id, task_id, PROP_TASK_ID);
}

void
bureau_time_entry_set_project_id (BureauTimeEntry *self, const char *project_id)
{
    set_string (self, &self->project_id, project_id, PROP_PROJECT_ID);
}

void
bureau_time_entry_set_note (BureauTimeEntry *self, const char *note)
{
    set_string (self, &self->note, note, PROP_NOTE);
}

void
bureau_time_entry_set_start_time (BureauTimeEntry *self, gint64 start_time)
{
    set_number (self, &self->start_time, start_time, PROP_START_TIME);
}

void
bureau_time_entry_set_end_time (BureauTimeEntry *self, gint64 end_time)
{
    set_number (self, &self->end_time, end_time, PROP_END_TIME);
}

gint64
bureau_time_entry_get_seconds (BureauTimeEntry *self, gint64 now)
{
    gint64 end = self->end_time != 0 ? self->end_time : now;

    return MAX (end - self->start_time, 0) / 1000;
}
