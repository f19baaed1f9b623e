#!/bin/sh
# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The help pages are well-formed, are all installed, and their links lead somewhere.
set -eu
command -v xmllint >/dev/null || {
    echo "no xmllint here"
    exit 77
}
cd "$1/help"
wrong=0
for page in C/*.page; do
    xmllint --noout "$page" || wrong=1
    name=${page#C/}
    grep -q "'$name'" meson.build || {
        echo "help/meson.build leaves out $name"
        wrong=1
    }
    lost=$(grep -o 'xref="[^"#]*' "$page" | cut -d '"' -f 2 | while read -r target; do
        [ -f "C/$target.page" ] || echo "$page links to $target, which is not there"
    done)
    [ -z "$lost" ] || {
        echo "$lost"
        wrong=1
    }
done
exit $wrong
