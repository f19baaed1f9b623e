#!/bin/sh
# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The code is as clang-format would have it. Versions differ in taste: ours is Debian 12's.
set -eu
for tool in clang-format-14 clang-format; do
    if command -v "$tool" >/dev/null && "$tool" --version | grep -q 'version 14\.'; then
        cd "$1"
        find src tests -name '*.[ch]' -print0 | xargs -0 "$tool" --dry-run -Werror
        exit
    fi
done
echo "no clang-format 14 here"
exit 77
