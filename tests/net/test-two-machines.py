#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two machines on one wire: what is shared on the first is found on the second, joined and worked with; and no more
once it is not shared.

Each step builds on those before it; after one that fails the rest is not tried.
"""

import os
import re
import signal
import sys
import traceback

sys.dont_write_bytecode = True

import machine  # noqa: E402 (no bytecode of it, either)

HUB = os.environ["BUREAU_HUB"]
NEIGHBOUR = os.environ["BUREAU_NEIGHBOUR"]

PORT = "28732"
OFFICE, OWNER = "Studio Nord", "Ana Keller"
FIRST, SECOND = "10.77.0.1", "10.77.0.2"

# As in bureau-diagnosis.h: whether each check is good, and if not, what is the trouble.
GOOD, REFUSED, TIMED_OUT, NO_ROUTE, NOT_TLS = "0/0", "1/4", "1/5", "1/3", "1/6"
UNKNOWN = "2/0"

# Everything that is told by multicast DNS on the wire, a packet a line.
LISTEN = f"""
import socket, struct, sys
listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
listener.bind(("224.0.0.251", 5353))
listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                    socket.inet_aton("224.0.0.251") + socket.inet_aton("{SECOND}"))
print("listening", flush=True)
while True:
    packet, (address, _) = listener.recvfrom(9000)
    if address == "{FIRST}":
        print(packet.hex(), flush=True)
"""

# A web server without TLS.
PLAIN = """
import socket
server = socket.create_server(("", 8080))
print("listening", flush=True)
while True:
    peer, _ = server.accept()
    peer.recv(9000)
    peer.sendall(b"HTTP/1.0 200 OK\\r\\n\\r\\n")
    peer.close()
"""


class Story:
    """What happens, in order; each method is a step."""

    def __init__(self, world):
        self.world = world
        self.host = machine.Machine(world, "host", FIRST)
        self.guest = machine.Machine(world, "guest", SECOND)
        self.office = self.host.directory / "office"
        self.hub = self.wire = self.scout = self.ben = self.cleo = None

    def serve(self, address, *options):
        """Serves the office, and nowhere else than before."""
        if self.hub:
            machine.end(self.hub.process)
        self.hub = machine.Lines(self.host, HUB, "--data", self.office, "--listen", f"{address}:{PORT}", *options)
        return self.hub.hear(r"ready (.*)")[1]

    def invite(self):
        said = self.host.run(HUB, "invite", "--data", self.office, "--uses", "1")
        return re.search(r"^link (.*)$", said, re.M)[1], re.search(r"^code (.*)$", said, re.M)[1]

    def person(self, name):
        return machine.Lines(self.guest, NEIGHBOUR, self.guest.directory / name, log=name)

    def diagnose(self, address):
        self.scout.tell("diagnose", address)
        return self.scout.hear(r"facts (.*)")[1].split(" ")

    # --- the steps

    def both_are_on_the_wire(self):
        self.world.connect(self.host, self.guest)
        self.host.run(HUB, "init", "--data", self.office, "--office", OFFICE, "--owner", OWNER)
        self.wire = machine.Lines(self.guest, sys.executable, "-c", LISTEN, log="wire")
        self.wire.hear("listening")

    def without_avahi_nobody_is_found(self):
        self.scout = self.person("scout")
        self.scout.tell("look")
        self.scout.hear("unavailable")
        assert self.diagnose(f"{FIRST}:{PORT}")[2:] == ["1/1", REFUSED, UNKNOWN, UNKNOWN]

    def with_avahi_it_would_be(self):
        for one in (self.host, self.guest):
            one.start_bus()
            one.start_avahi()
        machine.end(self.scout.process)
        self.scout = self.person("scout")
        self.scout.tell("look")
        self.scout.hear("browsing")

    def what_is_shared_is_found(self):
        assert self.serve("0.0.0.0") == f"https://{FIRST}:{PORT}"
        assert self.scout.hear(r"found (\S+) Bureau [0-9a-f]{4}-[0-9a-f]{4}")[1] == f"{FIRST}:{PORT}"
        assert self.diagnose(f"{FIRST}:{PORT}") == [GOOD] * 6

    def one_joins_by_link(self):
        link, _ = self.invite()
        assert link.startswith(f"bureau://{FIRST}:{PORT}/#v1."), link
        self.ben = self.person("ben")
        self.ben.tell("link", link, "Ben Okafor")
        assert self.ben.hear("offer (.*)")[1] == OFFICE
        self.ben.hear("live")

    def the_other_by_code(self):
        _, code = self.invite()
        wrong = ("1" if code[0] == "0" else "0") + code[1:]
        self.cleo = self.person("cleo")
        self.cleo.tell("code", f"{FIRST}:{PORT}", wrong, "Cleo Wirth")
        self.cleo.hear("refused .*")
        self.cleo.tell("code", f"{FIRST}:{PORT}", code, "Cleo Wirth")
        assert self.cleo.hear("offer (.*)")[1] == OFFICE
        self.cleo.hear("live")

    def each_sees_what_the_other_does(self):
        self.ben.tell("create", "Paint the door")
        self.cleo.hear("happened task:created Paint the door")
        self.cleo.tell("create", "Oil the hinges")
        self.ben.hear("happened task:created Oil the hinges")

    def who_pulls_the_cable_is_offline_at_once(self):
        """Not only when it is noticed that nothing comes any more; and back at once, not at the next try."""
        self.guest.run("ip", "link", "set", "wire0", "down")
        self.ben.hear("offline", timeout=10)
        self.ben.tell("create", "Sand the floor")
        self.guest.run("ip", "link", "set", "wire0", "up")
        for one in (self.ben, self.cleo):
            one.hear("live", timeout=15)
        self.cleo.hear("task Sand the floor")

    def avahi_may_go_and_come(self):
        self.guest.stop_avahi()
        self.scout.hear("nobody")
        self.scout.hear("unavailable")
        self.guest.start_avahi()
        self.scout.hear("browsing")
        self.scout.hear(f"found {FIRST}:{PORT} .*")
        self.host.stop_avahi()
        self.scout.hear("nobody")
        self.host.start_avahi()
        self.scout.hear(f"found {FIRST}:{PORT} .*")

    def what_is_not_to_be_announced_is_not(self):
        self.serve("0.0.0.0", "--no-announce")
        self.scout.hear("nobody")
        self.ben.hear("away")
        self.ben.hear("live")
        assert self.diagnose(f"{FIRST}:{PORT}") == [GOOD] * 6

    def not_shared_it_is_neither_found_nor_reached(self):
        self.serve("0.0.0.0")
        self.scout.hear(f"found {FIRST}:{PORT} .*")
        self.ben.hear("away")
        self.ben.hear("live")
        assert self.serve("127.0.0.1") == f"http://127.0.0.1:{PORT}"
        self.scout.hear("nobody")
        self.ben.hear("away")
        assert self.diagnose(f"{FIRST}:{PORT}")[3:] == [REFUSED, UNKNOWN, UNKNOWN]

    def what_was_there_can_still_be_read(self):
        self.ben.tell("reopen")
        assert int(self.ben.hear(r"loaded (\d+)")[1]) == 3
        self.ben.tell("create", "Ring the bell")

    def shared_again_it_comes_back(self):
        self.serve("0.0.0.0")
        self.scout.hear(f"found {FIRST}:{PORT} .*")
        # They have been away so often that they wait for a while.
        self.ben.hear("live", timeout=60)
        self.cleo.hear("task Ring the bell", timeout=60)

    def what_is_in_the_way_is_told_apart(self):
        machine.Lines(self.host, sys.executable, "-c", PLAIN, log="plain").hear("listening")
        assert self.diagnose(f"{FIRST}:8080")[3:] == [GOOD, NOT_TLS, UNKNOWN]
        assert self.diagnose("192.0.2.1")[3:] == [NO_ROUTE, UNKNOWN, UNKNOWN]
        self.host.run("ip", "link", "set", "wire0", "down")
        assert self.diagnose(f"{FIRST}:{PORT}")[3] in (NO_ROUTE, TIMED_OUT)

    def the_wire_heard_no_names(self):
        os.kill(self.wire.process.pid, signal.SIGTERM)
        heard = b"".join(bytes.fromhex(line) for line in self.wire.rest()[1:])
        assert b"Bureau " in heard and b"_bureau" in heard and b"v=1" in heard and b"id=" in heard
        for word in (*OFFICE.split(), *OWNER.split(), "Ben", "Okafor", "Cleo", "Wirth"):
            for coding in ("utf-8", "utf-16-le"):
                assert word.lower().encode(coding) not in heard.lower(), word
        # Of the strings of a TXT record, no others than these two.
        assert set(re.findall(rb"[\x01-\xff]([a-z]+)=", heard)) == {b"v", b"id"}


def main():
    why = machine.enter_world()
    if why:
        print(f"1..0 # SKIP {why}")
        return 0
    names = list(vars(Story))
    steps = [name for name in names[names.index("diagnose") + 1:] if not name.startswith("_")]
    print(f"1..{len(steps)}", flush=True)
    with machine.World() as world:
        story = None
        for number, name in enumerate(steps, 1):
            try:
                story = story or Story(world)
                getattr(story, name)()
            except Exception:  # of whatever kind: the step has failed
                print(f"not ok {number} - {name}")
                print(re.sub(r"^", "# ", traceback.format_exc() + world.log(), flags=re.M))
                return 1
            print(f"ok {number} - {name}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
