# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines on one wire: each a network namespace with a system bus and an Avahi of its own.

Avahi's runtime directory belongs to another user, so that this wants root. All of it ends with the `with` block.
"""

import contextlib
import os
import pathlib
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

NEEDED = ("avahi-daemon", "dbus-daemon", "ip", "nsenter", "unshare")
INSIDE = "BUREAU_INSIDE"
NEW_WORLD = ["unshare", "--net", "--mount"]

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/>
  </policy>
</busconfig>
"""

AVAHI = """[server]
host-name={name}
use-ipv4=yes
use-ipv6=yes
[publish]
publish-hinfo=no
publish-workstation=no
[rlimits]
"""


def enter_world():
    """Goes on in namespaces of its own; returns why that can't be, if it can't."""
    missing = next((program for program in NEEDED if not shutil.which(program)), None)
    if missing:
        return f"no {missing} here"
    if INSIDE in os.environ:
        return None
    tried = subprocess.run([*NEW_WORLD, "sh", "-c", "ip link set lo up && mount -t tmpfs none /run"],
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if tried.returncode != 0:
        return f"namespaces are not permitted here: {tried.stderr.strip()}"
    os.execvpe(NEW_WORLD[0], [*NEW_WORLD, "--kill-child", sys.executable, *sys.argv], {**os.environ, INSIDE: "1"})


class World(contextlib.ExitStack):
    """Everything that was started."""

    def __init__(self):
        super().__init__()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="bureau-net-"))
        self.callback(shutil.rmtree, self.directory, ignore_errors=True)

    def start(self, argv, log, **options):
        """Starts a program that ends with the world."""
        with open(self.directory / f"{log}.log", "ab") as file:
            process = subprocess.Popen(argv, stdout=options.pop("stdout", file), stderr=file,
                                       start_new_session=True, **options)
        self.callback(end, process)
        return process

    def log(self):
        """What all of them said."""
        return "".join(f"--- {path.name}\n{path.read_text(errors='replace')}"
                       for path in sorted(self.directory.glob("*.log")))

    def connect(self, first, second):
        """Lays a cable between two machines."""
        run("ip", "link", "add", "wire0", "netns", first.pid, "type", "veth", "peer", "wire0", "netns", second.pid)
        for machine in (first, second):
            machine.run("ip", "address", "add", f"{machine.address}/24", "dev", "wire0")
            machine.run("ip", "link", "set", "wire0", "up")


class Machine:
    """One of them. Programs run on it with `env`."""

    def __init__(self, world, name, address):
        self.world = world
        self.name = name
        self.address = address
        self.directory = world.directory / name
        self.directory.mkdir()
        self.bus = self.directory / "bus"
        self.env = dict(os.environ, HOME=str(self.directory), DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={self.bus}")
        reader, writer = os.pipe()
        holder = world.start(["unshare", "--net", "--mount", "sh", "-c", f"echo >&{writer}; exec sleep infinity"],
                             f"{name}-holder", pass_fds=[writer])
        os.close(writer)
        with os.fdopen(reader) as pipe:
            pipe.readline()
        self.pid = str(holder.pid)
        self.run("mount", "-t", "tmpfs", "none", "/run")
        self.run("ip", "link", "set", "lo", "up")
        self.avahi = None

    def command(self, *argv):
        return ["nsenter", "--target", self.pid, "--net", "--mount", *map(str, argv)]

    def run(self, *argv):
        return subprocess.run(self.command(*argv), env=self.env, check=True, stdout=subprocess.PIPE, text=True).stdout

    def start(self, *argv, log=None, **options):
        return self.world.start(self.command(*argv), f"{self.name}-{log or pathlib.Path(argv[0]).name}", env=self.env,
                                **options)

    def start_bus(self):
        config = self.directory / "bus.conf"
        config.write_text(BUS.format(path=self.bus))
        bus = self.start("dbus-daemon", "--nofork", "--print-address", f"--config-file={config}",
                         stdout=subprocess.PIPE, text=True)
        bus.stdout.readline()

    def start_avahi(self):
        config = self.directory / "avahi.conf"
        config.write_text(AVAHI.format(name=self.name))
        self.avahi = self.start("avahi-daemon", "--no-drop-root", "--no-chroot", "--no-rlimits", "-f", config)

    def stop_avahi(self):
        end(self.avahi)


class Lines:
    """A program that is told and tells in lines."""

    def __init__(self, machine, *argv, log=None):
        self.process = machine.start(*argv, log=log, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.said = []
        self.queue = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.queue.put(line.rstrip("\n"))
        self.queue.put(None)

    def tell(self, *words):
        self.process.stdin.write("\t".join(words) + "\n")
        self.process.stdin.flush()

    def rest(self):
        """All it has said, once it has ended."""
        self.process.wait()
        return self.said + [line for line in iter(self.queue.get, None)]

    def hear(self, pattern, timeout=20.0):
        """The next line that the pattern matches; those before it are passed over."""
        while True:
            try:
                line = self.queue.get(timeout=timeout)
            except queue.Empty:
                raise AssertionError(f"nothing like {pattern!r} came; but {self.said}") from None
            if line is None:
                raise AssertionError(f"it ended before {pattern!r}; it said {self.said}")
            self.said.append(line)
            found = re.fullmatch(pattern, line)
            if found:
                return found


def run(*argv):
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)


def end(process, timeout=10.0):
    """Ends the process politely, and then its whole group for certain."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
