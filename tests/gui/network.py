# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine of one's own for a story, so that several can be told at once: its ports and displays are nobody else's.
With a cable in it, windows find each other on a network, and reach each other at its address there, by TLS and
announced as on any.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import time

from session import wait

ADDRESS = "192.168.77.20"
INSIDE = "BUREAU_OWN_MACHINE"
NEEDED = ("unshare", "mount", "ip")
# A display is known by its number in the network, and by a file, which may belong to another's display there.
MACHINE = """
mount -t tmpfs none /run &&
mkdir -p /tmp/.X11-unix &&
mount -t tmpfs -o mode=1777 none /tmp/.X11-unix &&
ip link set lo up || exit 1
"""
CABLE = f"""
ip link add cable type veth peer name other &&
ip address add {ADDRESS}/24 dev cable &&
ip link set cable up &&
ip link set other up || exit 1
"""

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
</busconfig>
"""

AVAHI = """[server]
host-name=desk
allow-interfaces=cable
[publish]
publish-hinfo=no
publish-workstation=no
[rlimits]
"""


def enter(cable=False):
    """Goes on at a machine of its own; returns why that can't be, if it can't."""
    if INSIDE in os.environ:
        return None
    missing = next((program for program in NEEDED if not shutil.which(program)), None)
    if missing:
        return f"no {missing} here"
    os.environ[INSIDE] = "1"
    script = MACHINE + (CABLE if cable else "")
    for words in (["unshare", "--net", "--mount"], ["unshare", "--map-root-user", "--net", "--mount"]):
        if subprocess.run([*words, "sh", "-c", script], check=False, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode == 0:
            os.execvp(words[0], [*words, "sh", "-c", script + 'exec "$@"', "sh", sys.executable, *sys.argv])
    return "namespaces are not permitted here"


def start_avahi(desk):
    """An Avahi, and the system bus that it is asked on. None where there is none to start."""
    if not shutil.which("avahi-daemon") or os.geteuid() != 0:
        return None
    path = pathlib.Path(desk.directory) / "system-bus"
    config = path.with_suffix(".conf")
    config.write_text(BUS.format(path=path))
    bus = desk.start(["dbus-daemon", "--nofork", "--print-address", f"--config-file={config}"], log="system-bus",
                     stdout=subprocess.PIPE, text=True)
    bus.stdout.readline()
    desk.env["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={path}"
    return start_avahi_again(desk)


def start_avahi_again(desk):
    """After its end."""
    config = pathlib.Path(desk.directory) / "avahi.conf"
    config.write_text(AVAHI)
    log = f"avahi-{time.monotonic()}"
    daemon = desk.start(["avahi-daemon", "--no-drop-root", "--no-chroot", "--no-rlimits", "-f", str(config)], desk.env,
                        log=log)
    wait(lambda: daemon.poll() is not None or "startup complete" in desk.log(log), "Avahi to start")
    return daemon if daemon.poll() is None else None
