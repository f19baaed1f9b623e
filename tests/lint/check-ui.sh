#!/bin/sh
# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every .ui file is what GtkBuilder reads.
set -eu
schema=/usr/share/gtk-4.0/gtk4builder.rng
if ! command -v xmllint >/dev/null || [ ! -f "$schema" ]; then
    echo "no xmllint or no $schema here"
    exit 77
fi
find "$1/src" -name '*.ui' -exec xmllint --noout --relaxng "$schema" {} +
