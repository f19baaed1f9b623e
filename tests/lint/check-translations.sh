#!/bin/sh
# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Each translation has every string of the program as it stands, none fuzzy.
set -eu
for tool in xgettext msgmerge msgfmt; do
    command -v "$tool" >/dev/null || {
        echo "no $tool here"
        exit 77
    }
done
cd "$1"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# The keywords of meson's glib preset.
xgettext --from-code UTF-8 --add-comments --files-from po/POTFILES --output "$scratch/bureau.pot" \
    --keyword=_ --keyword=N_ --keyword=C_:1c,2 --keyword=NC_:1c,2 --keyword=g_dcgettext:2 \
    --keyword=g_dngettext:2,3 --keyword=g_dpgettext2:2c,3
wrong=0
while read -r language; do
    msgmerge --quiet --no-fuzzy-matching -o "$scratch/$language.po" "po/$language.po" "$scratch/bureau.pot"
    msgfmt --check -o /dev/null "$scratch/$language.po" || wrong=1
    counts=$(msgfmt --statistics -o /dev/null "$scratch/$language.po" 2>&1)
    echo "$language: $counts"
    case $counts in
    *fuzzy* | *untranslated*)
        msgattrib --untranslated --no-obsolete "$scratch/$language.po" | grep '^msgid' || true
        msgattrib --only-fuzzy --no-obsolete "$scratch/$language.po" | grep '^msgid' || true
        wrong=1
        ;;
    esac
done <po/LINGUAS
exit $wrong
