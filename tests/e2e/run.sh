#!/bin/sh
# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Usage: run.sh SOURCE-DIRECTORY BUILD-DIRECTORY TEST-FILE
#
# Runs one file of end-to-end tests. The Socket.IO client that they need is installed into the build directory, once;
# where that can't be done (no Node, no network), the tests are skipped: exit status 77.
set -eu
source=$1
build=$2
file=$3

skip () {
    echo "skipped: $*"
    exit 77
}

command -v node >/dev/null || skip "there is no Node"
command -v npm >/dev/null || skip "there is no npm"

mkdir -p "$build"
exec 9>"$build/install.lock"
flock 9
if ! cmp -s "$source/package-lock.json" "$build/node_modules/installed"; then
    cp "$source/package.json" "$source/package-lock.json" "$build"
    (cd "$build" && npm ci --no-audit --no-fund --fetch-retries=1 --fetch-retry-mintimeout=2000 >install.log 2>&1) || {
        cat "$build/install.log"
        skip "npm ci could not install the Socket.IO client"
    }
    cp "$source/package-lock.json" "$build/node_modules/installed"
fi
exec 9>&-

NODE_PATH=$build/node_modules exec node --test-reporter=tap "$source/$file"
