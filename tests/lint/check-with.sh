#!/bin/sh
# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# check-with.sh TOOL [ARG…]: runs the tool; skips if there is none.
set -eu
command -v "$1" >/dev/null || {
    echo "no $1 here"
    exit 77
}
exec "$@"
