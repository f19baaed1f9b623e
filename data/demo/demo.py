#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`./dev demo`: an office with made-up people, and Ana's and Ben's windows side by side.

Each window has a home and a session bus of its own, so that the two don't find each other and nothing of the demo
stays behind. It ends when both windows are closed.
"""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

from office import Office, handle_of

WINDOWS = ("ana", "ben")
BUILD = pathlib.Path(os.environ.get("BUREAU_BUILD", pathlib.Path(__file__).parents[2] / "build"))
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default"><allow send_destination="*"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
"""


def answer_of(*argv):
    """What the program prints; nothing if there is no such program."""
    with contextlib.suppress(OSError):
        return subprocess.run(argv, check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return ""


def screen_size():
    """Of the X display; (1600, 900) where that can't be told."""
    found = re.search(r"current (\d+) x (\d+)", answer_of("xrandr", "--current"))
    return (int(found[1]), int(found[2])) if found else (1600, 900)


def make_home(directory, handle, size):
    """A person's folders, and the environment that leads there."""
    home = directory / handle
    env = dict(os.environ, GSETTINGS_BACKEND="keyfile", GSETTINGS_SCHEMA_DIR=str(BUILD / "data"),
               ADW_DISABLE_PORTAL="1", GTK_USE_PORTAL="0",
               SECRET_BACKEND="file", SECRET_FILE_TEST_PASSWORD="demo",
               SECRET_FILE_TEST_PATH=str(home / "keyring"), **accessibility_bus())
    env.pop("DBUS_SESSION_BUS_ADDRESS", None)
    for name in ("config", "data", "cache", "state"):
        (home / name).mkdir(parents=True)
        env[f"XDG_{name.upper()}_HOME"] = str(home / name)
    settings = home / "config/glib-2.0/settings/keyfile"
    settings.parent.mkdir(parents=True)
    settings.write_text("[io/github/bureau_app/Bureau]\n"
                        f"window-width={size[0]}\nwindow-height={size[1]}\n")
    return env


class Window:
    """Somebody's Bureau, on a bus that lives as long as it does."""

    def __init__(self, directory, env):
        config = directory / "bus.conf"
        config.write_text(BUS)
        self.session = subprocess.Popen(["dbus-run-session", f"--config-file={config}", "--", "sh", "-c",
                                         'echo $$; exec "$0" >&2', BUILD / "src/app/bureau"],
                                        env=env, stdout=subprocess.PIPE, text=True)
        self.pid = int(self.session.stdout.readline())

    def wait(self):
        self.session.wait()

    def end(self):
        if self.session.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)
            self.session.wait()


def place(pids, width):
    """Side by side, where the display lets one say so: X11 with xdotool."""
    if not shutil.which("xdotool") or os.environ.get("WAYLAND_DISPLAY"):
        return
    for number, pid in enumerate(pids):
        found = answer_of("timeout", "20", "xdotool", "search", "--sync", "--onlyvisible", "--all",
                          "--pid", str(pid), "--name", ".")
        for window in found.split():
            # Its shadow counts as part of it.
            edges = re.findall(r"\d+", answer_of("xprop", "-id", window, "_GTK_FRAME_EXTENTS").partition("=")[2])
            left, _, top, _ = map(int, edges) if len(edges) == 4 else (0, 0, 0, 0)
            answer_of("timeout", "5", "xdotool", "windowmove", "--sync", window, str(number * width - left), str(-top))


def accessibility_bus():
    """The session's own, for the windows that have buses without one."""
    answer = answer_of("gdbus", "call", "--session", "-d", "org.a11y.Bus", "-o", "/org/a11y/bus",
                       "-m", "org.a11y.Bus.GetAddress").split("'")
    return {"AT_SPI_BUS_ADDRESS": answer[1]} if len(answer) == 3 else {"GTK_A11Y": "none"}


def prepare(directory, size):
    """The filled office and, for each window, its environment."""
    office = Office(directory, str(BUILD / "src/hub/bureau-hub"))
    homes = {}
    for person in office.plan["people"]:
        handle = handle_of(person["name"])
        if handle in WINDOWS:
            homes[handle] = make_home(directory, handle, size)
            subprocess.run([BUILD / "data/demo/bureau-demo-seat", office.invite(person["role"]), person["name"]],
                           env=homes[handle], check=True)
        elif "role" in person:
            office.join(person)
    office.fill()
    office.be_present()
    return office, homes


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    width, height = screen_size()
    size = (min(width // 2, 1180), min(height - 80, 860))
    with contextlib.ExitStack() as stack:
        directory = pathlib.Path(tempfile.mkdtemp(prefix="bureau-demo-"))
        stack.callback(shutil.rmtree, directory, ignore_errors=True)
        office, homes = prepare(directory, size)
        stack.callback(office.close)
        print(f"{office.plan['office']} is served at {office.uri} until both windows are closed.", flush=True)
        windows = []
        for handle in WINDOWS:
            windows.append(Window(directory, homes[handle]))
            stack.callback(windows[-1].end)
        place([window.pid for window in windows], width // 2)
        for window in windows:
            window.wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
