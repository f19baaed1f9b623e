# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A private desk to test windows at: one X display with a window manager, and people who share it.

Each person has a home, a session bus, an accessibility bus and an unlocked keyring of their own, so that two of
them can run Bureau on one display as they would on two machines. All of it ends with the `with` block.
"""

import contextlib
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import tempfile
import time

NO_SERVICES = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir={run}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default"><allow send_destination="*"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>
"""

GTK_SETTINGS = """[Settings]
gtk-enable-animations=0
gtk-font-name=Cantarell 11
gtk-icon-theme-name=Adwaita
gtk-cursor-theme-name=Adwaita
gtk-cursor-blink=false
gtk-xft-antialias=1
gtk-xft-hinting=1
gtk-xft-hintstyle=hintslight
gtk-xft-rgba=none
gtk-decoration-layout=:minimize,maximize,close
"""

DESKTOP_SETTINGS = """[org/gnome/desktop/interface]
toolkit-accessibility=true
enable-animations=false
font-name='Cantarell 11'
"""


class Desk(contextlib.ExitStack):
    """The display, and all that was started at it."""

    def __init__(self, width=1400, height=900):
        super().__init__()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="bureau-desk-"))
        self.callback(shutil.rmtree, self.directory, ignore_errors=True)
        self.env = {
            key: value
            for key, value in os.environ.items()
            if key not in ("WAYLAND_DISPLAY", "GTK_THEME", "DBUS_SESSION_BUS_ADDRESS", "GTK_A11Y", "NO_AT_BRIDGE",
                           "AT_SPI_BUS_ADDRESS", "SESSION_MANAGER", "SECRET_BACKEND", "G_DEBUG", "XAUTHORITY")
        }
        self.env.update(GDK_BACKEND="x11", GSK_RENDERER="cairo", LIBGL_ALWAYS_SOFTWARE="1", ADW_DISABLE_PORTAL="1",
                        GTK_USE_PORTAL="0", XDG_SESSION_TYPE="x11", XDG_CURRENT_DESKTOP="GNOME",
                        GSETTINGS_BACKEND="keyfile")
        self._start_display(width, height)
        self._start_window_manager()

    def start(self, argv, env=None, log=None, **options):
        """Starts a program that ends with the desk, together with whatever it started itself."""
        log_file = open(self.directory / f"{log or pathlib.Path(argv[0]).name}.log", "ab")
        process = subprocess.Popen(argv, env=env or self.env, stdout=options.pop("stdout", log_file),
                                   stderr=log_file, start_new_session=True, **options)
        log_file.close()
        self.callback(end, process)
        return process

    def log(self, name):
        path = self.directory / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _start_display(self, width, height):
        authority = self.directory / "authority"
        authority.touch()
        self.env["XAUTHORITY"] = str(authority)
        cookie = secrets.token_hex(16)
        subprocess.run(["xauth", "-q", "-f", authority, "add", ":0", ".", cookie], check=True,
                       stderr=subprocess.DEVNULL)
        reader, writer = os.pipe()
        self.start(["Xvfb", "-displayfd", str(writer), "-screen", "0", f"{width}x{height}x24", "-dpi", "96",
                    "-nolisten", "tcp", "-noreset", "-auth", str(authority)], pass_fds=[writer])
        os.close(writer)
        with os.fdopen(reader) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise RuntimeError("Xvfb did not start: " + self.log("Xvfb"))
        self.env["DISPLAY"] = ":" + number
        subprocess.run(["xauth", "-q", "-f", authority, "add", self.env["DISPLAY"], ".", cookie], check=True)
        # For the code that photographs and drives, in this very process.
        os.environ.update(DISPLAY=self.env["DISPLAY"], XAUTHORITY=self.env["XAUTHORITY"])

    def _start_window_manager(self):
        env = {**self.env, "GSETTINGS_BACKEND": "memory", "NO_AT_BRIDGE": "1",
               "DBUS_SESSION_BUS_ADDRESS": "disabled:", "HOME": str(self.directory)}
        self.start(["metacity", "--sm-disable", "--composite"], env)
        wait(lambda: "window id" in output(["xprop", "-root", "_NET_SUPPORTING_WM_CHECK"], self.env),
             "the window manager")
        subprocess.run(["xsetroot", "-solid", "#3b4252"], env=self.env, check=True)
        subprocess.run(["xdotool", "mousemove", "2", "2"], env=self.env, check=True)
        # No key is held for long on purpose, but the machine may stop for a while between down and up.
        subprocess.run(["xset", "r", "off"], env=self.env, check=True)


class Person:
    """Somebody's session at the desk: `env` is what their programs run with."""

    def __init__(self, desk, name):
        self.desk = desk
        self.name = name
        self.home = desk.directory / name
        run = self.home / "run"
        self.env = dict(desk.env, HOME=str(self.home), XDG_RUNTIME_DIR=str(run))
        for key, folder in (("CONFIG", "config"), ("DATA", "data"), ("CACHE", "cache"), ("STATE", "state")):
            self.env[f"XDG_{key}_HOME"] = str(self.home / folder)
            (self.home / folder).mkdir(parents=True)
        run.mkdir(mode=0o700)
        self._write("config/gtk-4.0/settings.ini", GTK_SETTINGS)
        self._write("config/glib-2.0/settings/keyfile", DESKTOP_SETTINGS)
        self._start_bus()
        self._start_keyring()
        self._start_accessibility()

    def _write(self, name, text):
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def _start_bus(self):
        config = self._write("bus.conf", NO_SERVICES.format(run=self.home / "run"))
        bus = self.desk.start(["dbus-daemon", "--nofork", "--print-address", f"--config-file={config}"], self.env,
                              log=f"{self.name}-bus", stdout=subprocess.PIPE, text=True)
        self.env["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()

    def end_keyring(self):
        """From now on there is none."""
        end(self.keyring)

    def _start_keyring(self):
        self.keyring = self.desk.start(["gnome-keyring-daemon", "--unlock", "--components=secrets", "--foreground"],
                                       self.env, log=f"{self.name}-keyring", stdin=subprocess.PIPE)
        self.keyring.stdin.write(b"a password")
        self.keyring.stdin.close()
        self._wait_for("org.freedesktop.secrets")

    def _start_accessibility(self):
        # Without DISPLAY, or the people at one display would overwrite each other's address on its root window.
        env = {key: value for key, value in self.env.items() if key != "DISPLAY"}
        launcher = next(path for path in ("/usr/libexec/at-spi-bus-launcher",
                                          "/usr/lib/at-spi2-core/at-spi-bus-launcher") if os.path.exists(path))
        self.desk.start([launcher, "--launch-immediately", "--a11y=1"], env, log=f"{self.name}-accessibility")
        self._wait_for("org.a11y.Bus")
        answer = output(["gdbus", "call", "--session", "-d", "org.a11y.Bus", "-o", "/org/a11y/bus",
                         "-m", "org.a11y.Bus.GetAddress"], self.env)
        self.env["AT_SPI_BUS_ADDRESS"] = answer.split("'")[1]

    def _wait_for(self, name):
        subprocess.run(["gdbus", "wait", "--session", "--timeout", "20", name], env=self.env, check=True)


def output(argv, env):
    return subprocess.run(argv, env=env, check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True).stdout


def wait(condition, what, timeout=20.0, step=0.03):
    """Calls the condition until it answers something true, and returns that."""
    end_time = time.monotonic() + timeout
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end_time:
            raise AssertionError(f"timed out waiting for {what}")
        time.sleep(step)


def end(process, timeout=10.0):
    """Ends the process politely, and then its whole group for certain."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
