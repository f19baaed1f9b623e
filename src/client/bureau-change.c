/* SPDX-FileCopyrightText: The Bureau authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "bureau-change.h"

struct _BureauChange {
    GObject parent_instance;

    char *op_id; /* (owned) */
    const BureauCommand *command;
    JsonObject *params; /* (owned) */
    char *subject;      /* (owned) (nullable) */
    gint64 given_at;
    GError *error; /* (owned) (nullable) */
};

enum { PROP_ERROR = 1, N_PROPS };

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (BureauChange, bureau_change, G_TYPE_OBJECT)

static void
bureau_change_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
    BureauChange *self = BUREAU_CHANGE (object);

    if (id == PROP_ERROR)
        g_value_set_boxed (value, self->error);
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
bureau_change_finalize (GObject *object)
{
    BureauChange *self = BUREAU_CHANGE (object);

    g_free (self->op_id);
    json_object_unref (self->params);
    g_free (self->subject);
    g_clear_error (&self->error);
    G_OBJECT_CLASS (bureau_change_parent_class)->finalize (object);
}

static void
bureau_change_class_init (BureauChangeClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS (klass);

    object_class->get_property = bureau_change_get_property;
    object_class->finalize = bureau_change_finalize;
    properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR,
                                                 G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
bureau_change_init (BureauChange *self)
{
}

BureauChange *
bureau_change_new (const char *op_id, const BureauCommand *command, JsonObject *params,
                   const char *subject, gint64 given_at)
{
    BureauChange *self = g_object_new (BUREAU_TYPE_CHANGE, NULL);

    self->op_id = g_strdup (op_id);
    self->command = command;
    self->params = json_object_ref (params);
    self->subject = g_strdup (subject);
    self->given_at = given_at;
    return self;
}

void
bureau_change_set_error (BureauChange *self, const GError *error)
{
    g_return_if_fail (BUREAU_IS_CHANGE (self));

    if (!error && !self->error)
        return;
    g_clear_error (&self->error);
    self->error = error ? g_error_copy (error) : NULL;
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
}

const char *
bureau_change_get_op_id (BureauChange *self)
{
    g_return_val_if_fail (BUREAU_IS_CHANGE (self), NULL);
    return self->op_id;
}

const BureauCommand *
bureau_change_get_command (BureauChange *self)
{
    g_return_val_if_fail (BUREAU_IS_CHANGE (self), NULL);
    return self->command;
}

JsonObject *
bureau_change_get_params (BureauChange *self)
{
    g_return_val_if_fail (BUREAU_IS_CHANGE (self), NULL);
    return self->params;
}

const char *
bureau_change_get_subject (BureauChange *self)
{
    g_return_val_if_fail (BUREAU_IS_CHANGE (self), NULL);
    return self->subject;
}

gint64
bureau_change_get_given_at (BureauChange *self)
{
    g_return_val_if_fail (BUREAU_IS_CHANGE (self), 0);
    return self->given_at;
}

const GError *
bureau_change_get_error (BureauChange *self)
{
    g_return_val_if_fail (BUREAU_IS_CHANGE (self), NULL);
    return self->error;
}
