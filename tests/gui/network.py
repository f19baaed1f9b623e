# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network of one's own for windows to find each other on: a namespace with a cable in it, and an Avahi.

Windows that run at one desk are on one machine then, but reach each other at its address on the cable, by TLS and
announced as on any network.
"""

import os
import pathlib
import shutil
import subprocess
import sys

from session import wait

ADDRESS = "192.168.77.20"
INSIDE = "BUREAU_OWN_NETWORK"
NEEDED = ("unshare", "mount", "ip")
CABLE = f"""
mount -t tmpfs none /run &&
ip link set lo up &&
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
[publish]
publish-hinfo=no
publish-workstation=no
[rlimits]
"""


def enter():
    """Goes on in a network of its own; returns why that can't be, if it can't."""
    if INSIDE in os.environ:
        return None
    missing = next((program for program in NEEDED if not shutil.which(program)), None)
    if missing:
        return f"no {missing} here"
    os.environ[INSIDE] = "1"
    for words in (["unshare", "--net", "--mount"], ["unshare", "--map-root-user", "--net", "--mount"]):
        if subprocess.run([*words, "sh", "-c", CABLE], check=False, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode == 0:
            os.execvp(words[0], [*words, "sh", "-c", CABLE + 'exec "$@"', "sh", sys.executable, *sys.argv])
    return "namespaces are not permitted here"


def start_avahi(desk):
    """An Avahi, and the system bus that it is asked on. False where there is none to start."""
    if not shutil.which("avahi-daemon") or os.geteuid() != 0:
        return False
    path = pathlib.Path(desk.directory) / "system-bus"
    config = path.with_suffix(".conf")
    config.write_text(BUS.format(path=path))
    bus = desk.start(["dbus-daemon", "--nofork", "--print-address", f"--config-file={config}"], log="system-bus",
                     stdout=subprocess.PIPE, text=True)
    bus.stdout.readline()
    desk.env["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={path}"
    avahi = path.with_name("avahi.conf")
    avahi.write_text(AVAHI)
    daemon = desk.start(["avahi-daemon", "--no-drop-root", "--no-chroot", "--no-rlimits", "-f", str(avahi)], desk.env,
                        log="avahi")
    wait(lambda: daemon.poll() is not None or "startup complete" in desk.log("avahi"), "Avahi to start")
    return daemon.poll() is None
