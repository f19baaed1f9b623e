/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-task.h"

#include "bureau-error.h"
#include "bureau-fields.h"
#include "bureau-instant.h"
#include "bureau-json.h"

#define LOWEST_PRIORITY 4

struct _BureauTask {
    GObject parent_instance;

    char *id;          /* (owned) */
    char *key;         /* (owned) (nullable) */
    char *project_id;  /* (owned) (nullable) */
    char *title;       /* (owned) (nullable) */
    char *description; /* (owned) */
    BureauStatus status;
    char *position; /* (owned) (nullable) */
    guint priority;
    char *due_at; /* (owned) (nullable) */
    char *kind;   /* (owned) */
    gint64 created_at;
    gint64 updated_at;
    gint64 completed_at;
    char *created_by; /* (owned) (nullable) */
    gint64 version;
    char **assignee_ids; /* (owned) */
    char *assignee_name; /* (owned) (nullable) */
    char *project_name;  /* (owned) (nullable) */
    gboolean pending;

    /* What the hub says about each assignment, by user id; @assignee_ids has the order. */
    GHashTable *assignments; /* (owned): (owned) char * → (owned) JsonObject */
};

G_DEFINE_FINAL_TYPE (BureauTask, bureau_task, G_TYPE_OBJECT)

typedef enum {
    PROP_ID = 1,
    PROP_KEY,
    PROP_PROJECT_ID,
    PROP_TITLE,
    PROP_DESCRIPTION,
    PROP_STATUS,
    PROP_POSITION,
    PROP_PRIORITY,
    PROP_DUE_AT,
    PROP_KIND,
    PROP_CREATED_AT,
    PROP_UPDATED_AT,
    PROP_COMPLETED_AT,
    PROP_CREATED_BY,
    PROP_VERSION,
    PROP_ASSIGNEE_IDS,
    PROP_ASSIGNEE_NAME,
    PROP_PROJECT_NAME,
    PROP_PENDING,
} BureauTaskProperty;

static GParamSpec *properties[PROP_PENDING + 1];

static const BureauField fields[] = {
    { "id", BUREAU_FIELD_ID, BUREAU_FIELD_REQUIRED },
    { "projectId", BUREAU_FIELD_ID, BUREAU_FIELD_REQUIRED },
    { "title", BUREAU_FIELD_NAME, BUREAU_FIELD_REQUIRED, 0, BUREAU_FIELD_UNLIMITED },
    { "status", BUREAU_FIELD_STATUS, BUREAU_FIELD_REQUIRED },
    { "key", BUREAU_FIELD_TEXT, BUREAU_FIELD_NULLABLE, 0, BUREAU_FIELD_UNLIMITED },
    { "description", BUREAU_FIELD_TEXT, BUREAU_FIELD_NULLABLE, 0, BUREAU_FIELD_UNLIMITED },
    { "position", BUREAU_FIELD_POSITION, BUREAU_FIELD_NULLABLE },
    { "priority", BUREAU_FIELD_INTEGER, BUREAU_FIELD_OPTIONAL, 1, LOWEST_PRIORITY },
    { "dueAt", BUREAU_FIELD_DUE, BUREAU_FIELD_NULLABLE },
    { "kind", BUREAU_FIELD_KIND, BUREAU_FIELD_OPTIONAL },
    { "createdAt", BUREAU_FIELD_INSTANT, BUREAU_FIELD_NULLABLE },
    { "updatedAt", BUREAU_FIELD_INSTANT, BUREAU_FIELD_NULLABLE },
    { "completedAt", BUREAU_FIELD_INSTANT, BUREAU_FIELD_NULLABLE },
    { "createdBy", BUREAU_FIELD_ID, BUREAU_FIELD_NULLABLE },
    { "version", BUREAU_FIELD_INTEGER, BUREAU_FIELD_OPTIONAL, 0, G_MAXINT64 },
    { "assigneeName", BUREAU_FIELD_TEXT, BUREAU_FIELD_NULLABLE, 0, BUREAU_FIELD_UNLIMITED },
    { "projectName", BUREAU_FIELD_TEXT, BUREAU_FIELD_NULLABLE, 0, BUREAU_FIELD_UNLIMITED },
    { NULL },
};

static void
set_string (BureauTask *self, char **place, const char *value, BureauTaskProperty property)
{
    if (bureau_field_set_string (place, value))
        g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
set_number (BureauTask *self, gint64 *place, gint64 value, BureauTaskProperty property)
{
    if (*place == value)
        return;
    *place = value;
    g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static gboolean
check_assignees (JsonObject *json, GError **error)
{
    JsonArray *assignees = bureau_json_get_array (json, "assignees");
    guint length = assignees != NULL ? json_array_get_length (assignees) : 0;

    if (assignees == NULL && json_object_has_member (json, "assignees")) {
        bureau_error_set_invalid (error, "assignees", "“assignees” must be a list.");
        return FALSE;
    }
    for (guint i = 0; i < length; i++) {
        JsonObject *assignee = bureau_json_array_get_object (assignees, i);

        if (!bureau_id_is_valid (bureau_json_get_string (assignee, "userId"))) {
            bureau_error_set_invalid (error, "assignees", "Each assignee must have a “userId”.");
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean
check (JsonObject *json, gboolean whole, GError **error)
{
    return bureau_fields_check (fields, json, whole, error) && check_assignees (json, error);
}

static void
apply_assignees (BureauTask *self, JsonArray *array)
{
    g_autoptr (GPtrArray) ids = g_ptr_array_new ();

    g_hash_table_remove_all (self->assignments);
    for (guint i = 0; i < json_array_get_length (array); i++) {
        JsonObject *assignee = json_array_get_object_element (array, i);
        const char *id = bureau_json_get_string (assignee, "userId");

        if (!g_hash_table_replace (self->assignments, g_strdup (id), bureau_json_copy (assignee)))
            continue;
        g_ptr_array_add (ids, (gpointer) id);
    }
    g_ptr_array_add (ids, NULL);
    bureau_task_set_assignee_ids (self, (const char *const *) ids->pdata);
}

static JsonArray *
assignees_to_json (BureauTask *self)
{
    JsonArray *array = json_array_new ();

    for (guint i = 0; self->assignee_ids[i] != NULL; i++) {
        JsonObject *known = g_hash_table_lookup (self->assignments, self->assignee_ids[i]);
        JsonObject *assignee = known != NULL ? bureau_json_copy (known) : json_object_new ();

        if (known == NULL)
            json_object_set_string_member (assignee, "userId", self->assignee_ids[i]);
        json_array_add_object_element (array, assignee);
    }
    return array;
}

/* Takes over what has been checked. */
static void
apply (BureauTask *self, JsonObject *json)
{
    g_object_freeze_notify (G_OBJECT (self));
    if (json_object_has_member (json, "key"))
        bureau_task_set_key (self, bureau_json_get_string (json, "key"));
    if (json_object_has_member (json, "projectId"))
        bureau_task_set_project_id (self, bureau_json_get_string (json, "projectId"));
    if (json_object_has_member (json, "title"))
        bureau_task_set_title (self, bureau_json_get_string (json, "title"));
    if (json_object_has_member (json, "description"))
        bureau_task_set_description (self, bureau_json_get_string (json, "description"));
    if (json_object_has_member (json, "status"))
        bureau_task_set_status (
            self, bureau_status_from_string (bureau_json_get_string (json, "status")));
    if (json_object_has_member (json, "position"))
        bureau_task_set_position (self, bureau_json_get_string (json, "position"));
    bureau_task_set_priority (self, (guint) bureau_json_get_int (json, "priority", self->priority));
    if (json_object_has_member (json, "dueAt"))
        bureau_task_set_due_at (self, bureau_json_get_string (json, "dueAt"));
    if (json_object_has_member (json, "kind"))
        bureau_task_set_kind (self, bureau_json_get_string (json, "kind"));
    if (json_object_has_member (json, "createdAt"))
        bureau_task_set_created_at (
            self, bureau_instant_from_string (bureau_json_get_string (json, "createdAt")));
    if (json_object_has_member (json, "updatedAt"))
        bureau_task_set_updated_at (
            self, bureau_instant_from_string (bureau_json_get_string (json, "updatedAt")));
    if (json_object_has_member (json, "completedAt"))
        bureau_task_set_completed_at (
            self, bureau_instant_from_string (bureau_json_get_string (json, "completedAt")));
    if (json_object_has_member (json, "createdBy"))
        bureau_task_set_created_by (self, bureau_json_get_string (json, "createdBy"));
    bureau_task_set_version (self, bureau_json_get_int (json, "version", self->version));
    if (json_object_has_member (json, "assignees"))
        apply_assignees (self, bureau_json_get_array (json, "assignees"));
    if (json_object_has_member (json, "assigneeName"))
        bureau_task_set_assignee_name (self, bureau_json_get_string (json, "assigneeName"));
    if (json_object_has_member (json, "projectName"))
        bureau_task_set_project_name (self, bureau_json_get_string (json, "projectName"));
    g_object_thaw_notify (G_OBJECT (self));
}

static void
bureau_task_get_property (GObject *object, guint property, GValue *value, GParamSpec *pspec)
{
    BureauTask *self = BUREAU_TASK (object);

    switch ((BureauTaskProperty) property) {
    case PROP_ID:
        g_value_set_string (value, self->id);
        break;
    case PROP_KEY:
        g_value_set_string (value, self->key);
        break;
    case PROP_PROJECT_ID:
        g_value_set_string (value, self->project_id);
        break;
    case PROP_TITLE:
        g_value_set_string (value, self->title);
        break;
    case PROP_DESCRIPTION:
        g_value_set_string (value, self->description);
        break;
    case PROP_STATUS:
        g_value_set_int (value, (int) self->status);
        break;
    case PROP_POSITION:
        g_value_set_string (value, self->position);
        break;
    case PROP_PRIORITY:
        g_value_set_uint (value, self->priority);
        break;
    case PROP_DUE_AT:
        g_value_set_string (value, self->due_at);
        break;
    case PROP_KIND:
        g_value_set_string (value, self->kind);
        break;
    case PROP_CREATED_AT:
        g_value_set_int64 (value, self->created_at);
        break;
    case PROP_UPDATED_AT:
        g_value_set_int64 (value, self->updated_at);
        break;
    case PROP_COMPLETED_AT:
        g_value_set_int64 (value, self->completed_at);
        break;
    case PROP_CREATED_BY:
        g_value_set_string (value, self->created_by);
        break;
    case PROP_VERSION:
        g_value_set_int64 (value, self->version);
        break;
    case PROP_ASSIGNEE_IDS:
        g_value_set_boxed (value, self->assignee_ids);
        break;
    case PROP_ASSIGNEE_NAME:
        g_value_set_string (value, self->assignee_name);
        break;
    case PROP_PROJECT_NAME:
        g_value_set_string (value, self->project_name);
        break;
    case PROP_PENDING:
        g_value_set_boolean (value, self->pending);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
bureau_task_set_property (GObject *object, guint property, const GValue *value, GParamSpec *pspec)
{
    BureauTask *self = BUREAU_TASK (object);

    switch ((BureauTaskProperty) property) {
    case PROP_ID:
        self->id = g_value_dup_string (value);
        break;
    case PROP_KEY:
        bureau_task_set_key (self, g_value_get_string (value));
        break;
    case PROP_PROJECT_ID:
        bureau_task_set_project_id (self, g_value_get_string (value));
        break;
    case PROP_TITLE:
        bureau_task_set_title (self, g_value_get_string (value));
        break;
    case PROP_DESCRIPTION:
        bureau_task_set_description (self, g_value_get_string (value));
        break;
    case PROP_STATUS:
        bureau_task_set_status (self, (BureauStatus) g_value_get_int (value));
        break;
    case PROP_POSITION:
        bureau_task_set_position (self, g_value_get_string (value));
        break;
    case PROP_PRIORITY:
        bureau_task_set_priority (self, g_value_get_uint (value));
        break;
    case PROP_DUE_AT:
        bureau_task_set_due_at (self, g_value_get_string (value));
        break;
    case PROP_KIND:
        bureau_task_set_kind (self, g_value_get_string (value));
        break;
    case PROP_CREATED_AT:
        bureau_task_set_created_at (self, g_value_get_int64 (value));
        break;
    case PROP_UPDATED_AT:
        bureau_task_set_updated_at (self, g_value_get_int64 (value));
        break;
    case PROP_COMPLETED_AT:
        bureau_task_set_completed_at (self, g_value_get_int64 (value));
        break;
    case PROP_CREATED_BY:
        bureau_task_set_created_by (self, g_value_get_string (value));
        break;
    case PROP_VERSION:
        bureau_task_set_version (self, g_value_get_int64 (value));
        break;
    case PROP_ASSIGNEE_IDS:
        bureau_task_set_assignee_ids (self, g_value_get_boxed (value));
        break;
    case PROP_ASSIGNEE_NAME:
        bureau_task_set_assignee_name (self, g_value_get_string (value));
        break;
    case PROP_PROJECT_NAME:
        bureau_task_set_project_name (self, g_value_get_string (value));
        break;
    case PROP_PENDING:
        bureau_task_set_pending (self, g_value_get_boolean (value));
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
bureau_task_finalize (GObject *object)
{
    BureauTask *self = BUREAU_TASK (object);

    g_free (self->id);
    g_free (self->key);
    g_free (self->project_id);
    g_free (self->title);
    g_free (self->description);
    g_free (self->position);
    g_free (self->due_at);
    g_free (self->kind);
    g_free (self->created_by);
    g_strfreev (self->assignee_ids);
    g_free (self->assignee_name);
    g_free (self->project_name);
    g_hash_table_unref (self->assignments);

    G_OBJECT_CLASS (bureau_task_parent_class)->finalize (object);
}

static void
bureau_task_class_init (BureauTaskClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS (klass);
    const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

    object_class->get_property = bureau_task_get_property;
    object_class->set_property = bureau_task_set_property;
    object_class->finalize = bureau_task_finalize;

    properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL,
                                               flags | G_PARAM_CONSTRUCT_ONLY);
    properties[PROP_KEY] = g_param_spec_string ("key", NULL, NULL, NULL, flags);
    properties[PROP_PROJECT_ID] = g_param_spec_string ("project-id", NULL, NULL, NULL, flags);
    properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
    properties[PROP_DESCRIPTION] = g_param_spec_string ("description", NULL, NULL, NULL, flags);
    properties[PROP_STATUS] = g_param_spec_int ("status", NULL, NULL, BUREAU_STATUS_REQUESTED,
                                                BUREAU_STATUS_DECLINED, BUREAU_STATUS_TODO, flags);
    properties[PROP_POSITION] = g_param_spec_string ("position", NULL, NULL, NULL, flags);
    properties[PROP_PRIORITY] = g_param_spec_uint ("priority", NULL, NULL, 1, LOWEST_PRIORITY,
                                                   LOWEST_PRIORITY, flags);
    properties[PROP_DUE_AT] = g_param_spec_string ("due-at", NULL, NULL, NULL, flags);
    properties[PROP_KIND] = g_param_spec_string ("kind", NULL, NULL, NULL, flags);
    properties[PROP_CREATED_AT] = g_param_spec_int64 ("created-at", NULL, NULL, G_MININT64,
                                                      G_MAXINT64, 0, flags);
    properties[PROP_UPDATED_AT] = g_param_spec_int64 ("updated-at", NULL, NULL, G_MININT64,
                                                      G_MAXINT64, 0, flags);
    properties[PROP_COMPLETED_AT] = g_param_spec_int64 ("completed-at", NULL, NULL, G_MININT64,
                                                        G_MAXINT64, 0, flags);
    properties[PROP_CREATED_BY] = g_param_spec_string ("created-by", NULL, NULL, NULL, flags);
    properties[PROP_VERSION] = g_param_spec_int64 ("version", NULL, NULL, G_MININT64, G_MAXINT64, 0,
                                                   flags);
    properties[PROP_ASSIGNEE_IDS] = g_param_spec_boxed ("assignee-ids", NULL, NULL, G_TYPE_STRV,
                                                        flags);
    properties[PROP_ASSIGNEE_NAME] = g_param_spec_string ("assignee-name", NULL, NULL, NULL, flags);
    properties[PROP_PROJECT_NAME] = g_param_spec_string ("project-name", NULL, NULL, NULL, flags);
    properties[PROP_PENDING] = g_param_spec_boolean ("pending", NULL, NULL, FALSE, flags);
    g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
bureau_task_init (BureauTask *self)
{
    self->description = g_strdup ("");
    self->status = BUREAU_STATUS_TODO;
    self->priority = LOWEST_PRIORITY;
    self->kind = g_strdup ("task");
    self->assignee_ids = g_new0 (char *, 1);
    self->assignments = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                               (GDestroyNotify) json_object_unref);
}

BureauTask *
bureau_task_new (const char *id)
{
    return g_object_new (BUREAU_TYPE_TASK, "id", id, NULL);
}

BureauTask *
bureau_task_new_from_json (JsonObject *json, GError **error)
{
    BureauTask *self;

    if (!check (json, TRUE, error))
        return NULL;
    self = bureau_task_new (bureau_json_get_string (json, "id"));
    apply (self, json);
    return self;
}

gboolean
bureau_task_update_from_json (BureauTask *self, JsonObject *json, GError **error)
{
    if (!check (json, FALSE, error) || !bureau_field_check_own_id (self->id, json, error))
        return FALSE;
    apply (self, json);
    return TRUE;
}

JsonObject *
bureau_task_to_json (BureauTask *self)
{
    JsonObject *json = json_object_new ();
    g_autofree char *completed_at = bureau_instant_to_string (self->completed_at);
    g_autofree char *created_at = bureau_instant_to_string (self->created_at);
    g_autofree char *updated_at = bureau_instant_to_string (self->updated_at);

    bureau_json_set_string (json, "id", self->id);
    bureau_json_set_string (json, "key", self->key);
    bureau_json_set_string (json, "projectId", self->project_id);
    bureau_json_set_string (json, "title", self->title);
    bureau_json_set_string (json, "description", self->description);
    bureau_json_set_string (json, "status", bureau_status_to_string (self->status));
    bureau_json_set_string (json, "position", self->position);
    json_object_set_int_member (json, "priority", self->priority);
    json_object_set_array_member (json, "assignees", assignees_to_json (self));
    bureau_json_set_string (json, "dueAt", self->due_at);
    bureau_json_set_string (json, "kind", self->kind);
    bureau_json_set_string (json, "completedAt", completed_at);
    bureau_json_set_string (json, "createdAt", created_at);
    bureau_json_set_string (json, "createdBy", self->created_by);
    bureau_json_set_string (json, "updatedAt", updated_at);
    json_object_set_int_member (json, "version", self->version);
    bureau_json_set_string (json, "projectName", self->project_name);
    bureau_json_set_string (json, "assigneeName", self->assignee_name);
    /* Systems come with a later release; readers need not ask whether the member is there. */
    bureau_json_set_string (json, "systemName", NULL);
    return json;
}

const char *
bureau_task_get_id (BureauTask *self)
{
    return self->id;
}

const char *
bureau_task_get_key (BureauTask *self)
{
    return self->key;
}

const char *
bureau_task_get_project_id (BureauTask *self)
{
    return self->project_id;
}

const char *
bureau_task_get_title (BureauTask *self)
{
    return self->title;
}

const char *
bureau_task_get_description (BureauTask *self)
{
    return self->description;
}

BureauStatus
bureau_task_get_status (BureauTask *self)
{
    return self->status;
}

const char *
bureau_task_get_position (BureauTask *self)
{
    return self->position;
}

guint
bureau_task_get_priority (BureauTask *self)
{
    return self->priority;
}

const char *
bureau_task_get_due_at (BureauTask *self)
{
    return self->due_at;
}

const char *
bureau_task_get_kind (BureauTask *self)
{
    return self->kind;
}

gint64
bureau_task_get_created_at (BureauTask *self)
{
    return self->created_at;
}

gint64
bureau_task_get_updated_at (BureauTask *self)
{
    return self->updated_at;
}

gint64
bureau_task_get_completed_at (BureauTask *self)
{
    return self->completed_at;
}

const char *
bureau_task_get_created_by (BureauTask *self)
{
    return self->created_by;
}

gint64
bureau_task_get_version (BureauTask *self)
{
    return self->version;
}

const char *const *
bureau_task_get_assignee_ids (BureauTask *self)
{
    return (const char *const *) self->assignee_ids;
}

gboolean
bureau_task_is_assigned_to (BureauTask *self, const char *user_id)
{
    return user_id != NULL && g_strv_contains ((const char *const *) self->assignee_ids, user_id);
}

const char *
bureau_task_get_assignee_name (BureauTask *self)
{
    return self->assignee_name;
}

const char *
bureau_task_get_project_name (BureauTask *self)
{
    return self->project_name;
}

gboolean
bureau_task_get_pending (BureauTask *self)
{
    return self->pending;
}

void
bureau_task_set_key (BureauTask *self, const char *key)
{
    set_string (self, &self->key, key, PROP_KEY);
}

void
bureau_task_set_project_id (BureauTask *self, const char *project_id)
{
    set_string (self, &self->project_id, project_id, PROP_PROJECT_ID);
}

void
bureau_task_set_title (BureauTask *self, const char *title)
{
    set_string (self, &self->title, title, PROP_TITLE);
}

void
bureau_task_set_description (BureauTask *self, const char *description)
{
    set_string (self, &self->description, description != NULL ? description : "", PROP_DESCRIPTION);
}

void
bureau_task_set_status (BureauTask *self, BureauStatus status)
{
    if (self->status == status)
        return;
    self->status = status;
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATUS]);
}

void
bureau_task_set_position (BureauTask *self, const char *position)
{
    set_string (self, &self->position, position, PROP_POSITION);
}

void
bureau_task_set_priority (BureauTask *self, guint priority)
{
    if (self->priority == priority)
        return;
    self->priority = priority;
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PRIORITY]);
}

void
bureau_task_set_due_at (BureauTask *self, const char *due_at)
{
    set_string (self, &self->due_at, due_at, PROP_DUE_AT);
}

void
bureau_task_set_kind (BureauTask *self, const char *kind)
{
    set_string (self, &self->kind, kind != NULL ? kind : "task", PROP_KIND);
}

void
bureau_task_set_created_at (BureauTask *self, gint64 created_at)
{
    set_number (self, &self->created_at, created_at, PROP_CREATED_AT);
}

void
bureau_task_set_updated_at (BureauTask *self, gint64 updated_at)
{
    set_number (self, &self->updated_at, updated_at, PROP_UPDATED_AT);
}

void
bureau_task_set_completed_at (BureauTask *self, gint64 completed_at)
{
    set_number (self, &self->completed_at, completed_at, PROP_COMPLETED_AT);
}

void
bureau_task_set_created_by (BureauTask *self, const char *created_by)
{
    set_string (self, &self->created_by, created_by, PROP_CREATED_BY);
}

void
bureau_task_set_version (BureauTask *self, gint64 version)
{
    set_number (self, &self->version, version, PROP_VERSION);
}

void
bureau_task_set_assignee_ids (BureauTask *self, const char *const *user_ids)
{
    if (bureau_field_set_strv (&self->assignee_ids, user_ids))
        g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ASSIGNEE_IDS]);
}

void
bureau_task_set_assignee_name (BureauTask *self, const char *assignee_name)
{
    set_string (self, &self->assignee_name, assignee_name, PROP_ASSIGNEE_NAME);
}

/* (nullable) */
static const char *
name_assignee (BureauTask *self, const char *user_id, const char *name)
{
    JsonObject *assignment = g_hash_table_lookup (self->assignments, user_id);

    if (name != NULL && assignment != NULL)
        bureau_json_set_string (assignment, "name", name);
    return name != NULL ? name : bureau_json_get_string (assignment, "name");
}

void
bureau_task_name_assignees (BureauTask *self, BureauTaskNamer get_name, gpointer data)
{
    g_autoptr (GString) names = g_string_new (NULL);

    g_return_if_fail (BUREAU_IS_TASK (self));

    for (guint i = 0; self->assignee_ids[i] != NULL; i++) {
        const char *id = self->assignee_ids[i];
        const char *name = name_assignee (self, id, get_name (data, id));

        if (name != NULL)
            g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", name);
    }
    bureau_task_set_assignee_name (self, names->len > 0 ? names->str : NULL);
}

void
bureau_task_set_project_name (BureauTask *self, const char *project_name)
{
    set_string (self, &self->project_name, project_name, PROP_PROJECT_NAME);
}

void
bureau_task_set_pending (BureauTask *self, gboolean pending)
{
    if (self->pending == !!pending)
        return;
    self->pending = !!pending;
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PENDING]);
}

int
bureau_task_compare (gconstpointer a, gconstpointer b)
{
    const BureauTask *first = a;
    const BureauTask *second = b;
    int order;

    if (first->status != second->status)
        return first->status < second->status ? -1 : 1;
    order = g_strcmp0 (first->position, second->position);
    return order != 0 ? order : g_strcmp0 (first->id, second->id);
}
