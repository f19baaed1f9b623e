#!/bin/sh
# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# with-display.sh PROGRAM [ARG…]: runs it on an X display and a session bus of its own, on which no service can
# be started, in a home of its own.
set -eu

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
mkdir -p "$scratch/home" "$scratch/config" "$scratch/data" "$scratch/cache" "$scratch/state"
mkdir -m 700 "$scratch/run"
cat >"$scratch/bus.conf" <<XML
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=$scratch/run</listen>
  <auth>EXTERNAL</auth>
  <policy context="default"><allow send_destination="*"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
XML
unset WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS GTK_THEME
export HOME="$scratch/home" XDG_CONFIG_HOME="$scratch/config" XDG_DATA_HOME="$scratch/data" \
    XDG_CACHE_HOME="$scratch/cache" XDG_STATE_HOME="$scratch/state" XDG_RUNTIME_DIR="$scratch/run" GDK_BACKEND=x11

xvfb-run --auto-servernum --server-args='-screen 0 1280x900x24 -nolisten tcp -noreset' \
    dbus-run-session --config-file="$scratch/bus.conf" -- "$@"
