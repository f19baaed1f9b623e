#!/bin/sh
# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# po/POTFILES lists every file with text for people, once and sorted, and none that is not there.
set -eu
cd "$1"
wrong=0
wanted=$(mktemp)
trap 'rm -f "$wanted"' EXIT
{
    grep -rlE '\b(C?_|N_|ngettext|g_dngettext|g_dpgettext2?) \("' src --include '*.c' --include '*.h' || true
    grep -rl 'translatable="yes"' src --include '*.ui' || true
    printf '%s\n' data/bureau.desktop.in data/bureau.metainfo.xml.in
} >"$wanted"
while read -r file; do
    grep -qxF "$file" po/POTFILES || {
        echo "po/POTFILES leaves out $file"
        wrong=1
    }
done <"$wanted"
while read -r file; do
    [ -f "$file" ] || {
        echo "po/POTFILES names $file, which is not there"
        wrong=1
    }
done <po/POTFILES
LC_ALL=C sort -cu po/POTFILES || wrong=1
exit $wrong
