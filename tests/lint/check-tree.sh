#!/bin/sh
# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What must not be in the tree: paths and hosts of somebody's machine, includes that go round the layers, files
# without a licence.
set -eu
cd "$1"
wrong=0
files=$(mktemp)
trap 'rm -f "$files"' EXIT
if [ -e .git ] && command -v git >/dev/null; then
    git ls-files --cached --others --exclude-standard >"$files"
else
    find . -name .git -prune -o -name 'build*' -prune -o -name node_modules -prune -o -type f -print | sed 's|^\./||' >"$files"
fi

# refuse PATTERN SENTENCE FILES-PATTERN
refuse () {
    # shellcheck disable=SC2046 # no file of ours has a blank in its name
    if grep -nIE "$1" $(grep -E "$3" "$files" | while read -r f; do [ -f "$f" ] && echo "$f"; done) /dev/null; then
        echo "^ $2"
        wrong=1
    fi
}

refuse '#include "[.][.]/' 'an include that goes round the layers' '\.[ch]$'
refuse '(^|[^[:alnum:]_.~-])/(home|root|Users|work)/[[:alnum:]_.]' 'a path on somebody'"'"'s machine' '.'
refuse '(registry|packages?|proxy|deb|mirror)[.](npmjs|yarnpkg|debian|pypi|golang|gnome)[.]' 'a package registry'"'"'s host' '.'
refuse '"resolved":' 'a lock file that names a registry' 'package-lock\.json$'
refuse '[[:space:]]$' 'blanks at a line'"'"'s end' '\.(c|h|ui|py|sh|js|css|build|in)$'

while read -r file; do
    case $file in
    *.c | *.h | *.ui | *.py | *.sh | *.js | *.css | *.in | */meson.build | meson.build | dev | .ci/run)
        [ ! -f "$file" ] || head -n 8 "$file" | grep -q 'SPDX-License-Identifier' || case $file in
        *.desktop.in | *.service.in) ;;
        *)
            echo "$file has no SPDX header"
            wrong=1
            ;;
        esac
        ;;
    esac
done <"$files"
exit $wrong
