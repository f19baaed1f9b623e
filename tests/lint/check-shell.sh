#!/bin/sh
# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
set -eu
command -v shellcheck >/dev/null || {
    echo "no shellcheck here"
    exit 77
}
cd "$1"
find dev .ci/run tests data -type f \( -name '*.sh' -o -name dev -o -name run \) -not -path '*/node_modules/*' \
    -exec shellcheck {} +
