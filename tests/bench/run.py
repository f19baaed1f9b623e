#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures the wire library and its peer, Socket.IO on Node, side by side on the same work.

One fresh server for each measurement; ours and the peer's take turns, round by round; what is printed is made of
medians. Compared is the server's CPU per delivery wherever that is the point, since it hardly moves with whatever else
the machine does; rates and latencies do move, and want a quiet machine.
"""

import argparse
import contextlib
import json
import os
import pathlib
import platform
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
# What a goal is about: in the table's first column, and after --only.
GOALS = range(1, 11)
PATIENCE = 20  # s for a server to be ready, or to end


class Unavailable(Exception):
    """A measurement that can't be made here, and why."""


# --------------------------------------------------------------------------------------------------- servers


class Server:
    """A process that says `ready` and its port, and is gone at the end of the block."""

    def __init__(self, command, environment=None, log=None):
        self.command = [str(word) for word in command]
        self.log = log
        self.environment = {**os.environ, **(environment or {})}

    def __enter__(self):
        try:
            self.process = subprocess.Popen(self.command, env=self.environment, stdout=subprocess.PIPE,
                                            stderr=self.log, text=True)
        except OSError as error:
            raise Unavailable(f"{self.command[0]}: {error.strerror}") from error
        line = self.process.stdout.readline().split()
        if len(line) != 2 or line[0] != "ready":
            self.__exit__()
            raise Unavailable(f"{self.command[0]} did not start")
        self.port = int(line[1].rpartition(":")[2])
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


class Bench:
    """The programs, how long each is measured, and every figure that came out."""

    def __init__(self, options, directory):
        self.build = options.build
        self.peer = options.peer
        self.quick = options.quick
        self.rounds = 1 if options.quick else options.rounds
        self.duration = 1.2 if options.quick else 3
        self.warm_up = 0.4 if options.quick else 0.8
        self.directory = directory
        self.tls = False
        self.runs = []
        self.left_out = set()
        subprocess.run([self.program("bench-identity"), directory], check=True)

    def program(self, name):
        return self.build / "tests" / "bench" / name

    def has_peer(self, package="socket.io"):
        return self.peer is not None and (self.peer / "node_modules" / package).is_dir()

    def fresh_database(self):
        """Each server begins with an empty one."""
        for file in self.directory.glob("bench.db*"):
            file.unlink()
        return self.directory / "bench.db"

    # How each kind of server is started.

    def ours(self, *words, sync=None):
        command = [self.program("bench-server"), *words]
        if self.tls:
            command += ["--certificate", self.directory / "certificate.pem", "--key", self.directory / "key.pem"]
        if sync:
            command += ["--db", self.fresh_database(), "--sync", sync]
        return Server(command)

    def without_uring(self):
        return self.ours("--no-uring")

    def with_tree(self):
        return self.ours("--tree")

    def node(self, sync=None):
        if not self.has_peer():
            raise Unavailable("the peer is not installed")
        if sync and not self.has_peer("better-sqlite3"):
            raise Unavailable("better-sqlite3 could not be installed")
        environment = {"PORT": "0", "NODE_PATH": str(self.peer / "node_modules"), "NODE_ENV": "production"}
        if self.tls:
            environment |= {"CERT": str(self.directory / "certificate.pem"), "KEY": str(self.directory / "key.pem")}
        if sync:
            environment |= {"DB": str(self.fresh_database()), "SYNC": sync}
        return Server(["node", HERE / "peer-socketio.js"], environment)

    def bare_send(self):
        return Server([self.program("bare-limit")])

    def bare_batch(self):
        return Server([self.program("bare-limit"), "--batch"])

    # Measuring.

    def load(self, server, **settings):
        """One run of the load generator; its settings are its options."""
        settings = {"duration": self.duration, "warm-up": self.warm_up, "settle": 0.3, "patience": 120,
                    "pid": server.process.pid, "port": server.port, "tls": self.tls, **settings}
        command = [str(self.program("loadgen"))]
        for name, value in settings.items():
            if value is True:
                command.append(f"--{name}")
            elif value is not False:
                command += [f"--{name}", str(value)]
        result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        if not result.stdout.startswith("{"):
            raise Unavailable(f"the load generator failed with {result.returncode}: {' '.join(command)}")
        figures = json.loads(result.stdout)
        if result.returncode != 0:
            print(f"  lost {figures.get('lost')} events, {figures.get('closed')} clients closed: {' '.join(command)}",
                  file=sys.stderr)
        return figures

    def leave_out(self, name, reason):
        """Says so, each reason once."""
        if reason not in self.left_out:
            print(f"  left out, {name}: {reason}", file=sys.stderr)
            self.left_out.add(reason)

    def compare(self, kinds, rounds=None, **settings):
        """Measures servers of all @kinds in turn: {name: function that makes one, or that and settings of its own}.
        Returns {name: figures, each a median}."""
        results = {name: [] for name in kinds}
        for number in range(rounds or self.rounds):
            for name, kind in kinds.items():
                make, own = kind if isinstance(kind, tuple) else (kind, {})
                try:
                    with make() as server:
                        figures = self.load(server, **settings, **own)
                except Unavailable as reason:
                    self.leave_out(name, str(reason))
                    continue
                results[name].append(figures)
                self.runs.append({"server": name, "tls": self.tls, "round": number,
                                  "settings": {**settings, **own}, "figures": figures})
        return {name: medians(figures) for name, figures in results.items() if figures}


def medians(runs):
    """The median of each figure."""
    return {name: statistics.median(run[name] for run in runs) if not isinstance(value, str) else value
            for name, value in runs[0].items() if value is not None}


# --------------------------------------------------------------------------------------------------- the table


class Table:
    """One line for each thing measured, printed as it comes."""

    HEAD = ("", "what", "ours", "against", "ratio", "target", "")
    WIDTHS = (3, 66, 11, 16, 7, 9, 4)

    def __init__(self):
        self.rows = []

    def print_line(self, cells):
        print("  ".join(str(cell).ljust(width) for cell, width in zip(cells, self.WIDTHS)).rstrip(), flush=True)

    def begin(self, title):
        print(f"\n{title}\n")
        self.print_line(self.HEAD)

    def add(self, goal, what, ours, peer=None, name="Node", unit="µs", least=None, most=None, inverse=False):
        """@least, @most: what the ratio has to be. The ratio says how much better ours is, or with @inverse how much
        of the other one's it is."""
        ratio = None
        if peer is not None and ours and peer:
            ratio = ours / peer if inverse else peer / ours
        value = ours if peer is None else ratio
        met = None
        if value is not None and least is not None:
            met = value >= least
        elif value is not None and most is not None:
            met = value <= most
        target = f"≥ {least:g}" if least is not None else f"≤ {most:g}" if most is not None else ""
        if peer is None and target:
            target += f" {unit}"
        self.rows.append({"goal": goal, "what": what, "ours": ours, "against": name if peer is not None else None,
                          "theirs": peer, "unit": unit, "ratio": ratio, "target": target, "met": met})
        self.print_line((goal, what, f"{show(ours)} {unit}", "" if peer is None else f"{name} {show(peer)}",
                         "" if ratio is None else f"{ratio:.2f}×", target,
                         "" if met is None else "yes" if met else "NO"))

    def note(self, goal, text):
        self.rows.append({"goal": goal, "what": text})
        self.print_line((goal, text))


def show(value):
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}" if abs(value) < 100 else f"{value:,.0f}"


def row(table, results, goal, what, figure, ours="ours", peer="Node", **more):
    """A row of one figure of two servers, if both were measured."""
    if ours not in results:
        return
    other = results[peer][figure] if peer in results else None
    if other is None:
        more = {key: value for key, value in more.items() if key == "unit"}
    table.add(goal, what, results[ours][figure], other, peer.split()[0], **more)


# --------------------------------------------------------------------------------------------------- the goals

PER_DELIVERY = "cpu_us_per_delivery"


def fan_out(bench, members, window, bare):
    """Ours with and without io_uring, the peer, and the bare limit (which speaks no TLS)."""
    kinds = {"ours": bench.ours, "send()": bench.without_uring, "Node": bench.node}
    if not bench.tls:
        kinds[bare] = getattr(bench, f"bare_{bare}")
    return bench.compare(kinds, receivers=members, window=window)


def ahead(bench, target):
    """Over TLS every row has to be ahead of the peer; the ratios of performance.md are those without."""
    return 1 if bench.tls else target


def measure_single(bench, table):
    for members in (1000, 100):
        results = fan_out(bench, members, 1, "send")
        at = f"N={members}, window 1, CPU per delivery"
        full = members == 1000
        row(table, results, "1", f"{at}, send()", PER_DELIVERY, "send()",
            least=ahead(bench, 1.7) if full or bench.tls else None)
        row(table, results, "1b", f"{at}, io_uring", PER_DELIVERY,
            least=ahead(bench, 2.4) if full or bench.tls else None)
        if "send" in results:
            row(table, results, "1", f"{at}, send(), of the bare limit", PER_DELIVERY, "send()", "send",
                most=1.15, inverse=True)
            row(table, results, "1b", f"{at}, io_uring, of the bare limit", PER_DELIVERY, "ours", "send", inverse=True)


def measure_burst(bench, table):
    results = fan_out(bench, 1000, 16, "batch")
    at = "N=1000, window 16, CPU per delivery"
    row(table, results, "2", f"{at}, send()", PER_DELIVERY, "send()", least=ahead(bench, 12))
    row(table, results, "2", f"{at}, io_uring", PER_DELIVERY, least=ahead(bench, 12))
    if "batch" in results:
        row(table, results, "2", f"{at}, send(), of the bare limit", PER_DELIVERY, "send()", "batch", most=1.15,
            inverse=True)
        row(table, results, "2", f"{at}, io_uring, of the bare limit", PER_DELIVERY, "ours", "batch", most=1.15,
            inverse=True)


def measure_small_burst(bench, table):
    kinds = {"ours": bench.ours, "tree": bench.with_tree, "Node": bench.node}
    if not bench.tls:
        kinds["batch"] = bench.bare_batch
    results = bench.compare(kinds, receivers=10, window=16)
    at = "N=10, window 16, CPU per delivery"
    row(table, results, "3", at, PER_DELIVERY, least=ahead(bench, 6.5))
    row(table, results, "3", f"{at}, read into a tree as the hub does", PER_DELIVERY, "tree")
    if "batch" in results:
        row(table, results, "3", f"{at}, of the bare limit", PER_DELIVERY, "ours", "batch", inverse=True)


def with_database(bench, sync, members):
    return bench.compare({"ours": lambda: bench.ours(sync=sync), "Node": lambda: bench.node(sync=sync)},
                         receivers=members, window=16)


def measure_normal(bench, table):
    for members, target in ((10, 3), (1000, 12)):
        row(table, with_database(bench, "NORMAL", members), "4",
            f"N={members}, window 16, SQLite NORMAL, CPU per delivery", PER_DELIVERY, least=ahead(bench, target))


def measure_durable(bench, table):
    for members, target in ((10, 4.5), (100, 7)):
        results = with_database(bench, "FULL", members)
        row(table, results, "5", f"N={members}, window 16, SQLite FULL, events", "events_per_s", unit="/s",
            least=ahead(bench, target), inverse=True)
        row(table, results, "5", f"N={members}, window 16, SQLite FULL, CPU per delivery", PER_DELIVERY)


def measure_idle(bench, table):
    makers = {"ours": bench.ours, "Node": bench.node}
    counts = (0, 1000, 5000)
    results = bench.compare({f"{name} {idle}": (make, {"idle": idle}) for idle in counts
                             for name, make in makers.items()}, receivers=10, window=1)
    for idle in counts:
        row(table, results, "6", f"10 of {10 + idle:,}, window 1, CPU per event", "cpu_us_per_event",
            f"ours {idle}", f"Node {idle}", least=1 if bench.tls else None)
    for name in makers:
        for idle in counts[1:]:
            if f"{name} 0" in results and f"{name} {idle}" in results:
                change = results[f"{name} {idle}"]["cpu_us_per_event"] / results[f"{name} 0"]["cpu_us_per_event"] - 1
                table.add("6", f"{idle:,} idle change it by, {name}", 100 * change, unit="%",
                          most=10 if name == "ours" else None)


def measure_set_up(bench, table):
    kinds = {"ours": bench.ours, "Node": bench.node}
    results = {count: bench.compare(kinds, receivers=count - 1, **{"connect-only": True, "settle": 2})
               for count in (2000, 8000)}
    for name in kinds:
        if name in results[2000]:
            table.add("7", f"empty server, {name}", results[2000][name]["rss_empty_kb"] / 1024,
                      unit="MB", most=12 if name == "ours" else None)
    for count, of in results.items():
        row(table, of, "7", f"RSS per idle connection @{count:,}", "rss_kb_per_client", unit="kB")
        if "ours" in of and not bench.tls:
            table.add("7", f"RSS per idle connection @{count:,}", of["ours"]["rss_kb_per_client"], unit="kB", most=2)
    for count, of in results.items():
        row(table, of, "8", f"set-up @{count:,}, 64 at once, CPU per connection", "set_up_cpu_us",
            least=ahead(bench, 3.5))
        row(table, of, "8", f"set-up @{count:,}, 64 at once, connections", "set_up_per_s", unit="/s", inverse=True,
            least=ahead(bench, 3.5))
    if "ours" in results[2000] and "ours" in results[8000]:
        table.add("8", "CPU per connection @8,000 of that @2,000", results[8000]["ours"]["set_up_cpu_us"],
                  results[2000]["ours"]["set_up_cpu_us"], "ours", most=1.25, inverse=True)


def measure_latency(bench, table):
    results = bench.compare({"ours": bench.ours, "Node": bench.node}, receivers=1000, rate=40)
    row(table, results, "9", "N=1000, open loop, 40 events/s, p50", "p50_us", inverse=True, most=ahead(bench, 0.9))
    row(table, results, "9", "N=1000, open loop, 40 events/s, p99", "p99_us", inverse=True, most=ahead(bench, 0.75))


def measure_slow_reader(bench, table):
    both = {"without": (bench.ours, {"slow": 0}), "beside": (bench.ours, {"slow": 1})}
    steady = bench.compare(both, receivers=2000, rate=40)
    row(table, steady, "10", "2,000 members, 40 events/s, p99 beside a slow reader", "p99_us", "beside", "without",
        inverse=True, most=1.2)
    # Fast and long enough for either of a slow reader's ends: 1 MiB unsent, or 10 s without progress.
    makers = {"ours": bench.ours, "Node": bench.node}
    burst = bench.compare({f"{name} {slow}": (make, {"slow": slow}) for name, make in makers.items()
                           for slow in (0, 1)}, rounds=1, receivers=2000, window=16, size=4000,
                          duration=6 if bench.quick else 12)
    for name in makers:
        if f"{name} 0" not in burst or f"{name} 1" not in burst:
            continue
        end = burst[f"{name} 1"]
        table.add("10", f"2,000 members, window 16, events of 4 kB, memory more with it, {name}",
                  (end["rss_max_kb"] - burst[f"{name} 0"]["rss_max_kb"]) / 1024, unit="MB",
                  most=2 if name == "ours" else None)
        table.note("10", f"the slow reader, {name}: {describe_end(end)}")


def describe_end(figures):
    """A slow reader's. It is told why behind all that the kernel holds for it, which it may never come to."""
    words = []
    if figures["slow_freed_s"]:
        words.append(f"its descriptor was free after {figures['slow_freed_s']:.1f} s")
    if figures["slow_gone"]:
        words.append(f"it was told {figures['slow_close_code']:g}" if figures["slow_close_code"] else "it was cut")
    return ", ".join(words) or "still connected at the end"


# --------------------------------------------------------------------------------------------------- the hub


class Hub:
    """An office of Ana's, served by bureau-hub, with one task. It sets its limits high."""

    LIMITS = ("connections", "connections-per-address", "connections-per-person", "waiting", "waiting-per-address",
              "commands-per-second", "commands-at-once", "person-commands-per-second", "person-commands-at-once")
    STORED = 1 << 36

    def __init__(self, bench):
        self.program = bench.build / "src" / "hub" / "bureau-hub"
        self.data = pathlib.Path(tempfile.mkdtemp(dir=bench.directory)) / "office"

    def run(self, verb, *words):
        return subprocess.run([self.program, verb, "--data", self.data, *words], check=True, text=True,
                              stdout=subprocess.PIPE).stdout.strip()

    def ask(self, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.server.port}/api/v1{path}",
                                         headers={"Authorization": f"Bearer {self.token}",
                                                  "Content-Type": "application/json"},
                                         data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    @contextlib.contextmanager
    def serve(self):
        self.run("init", "--office", "Bench", "--owner", "Ana")
        limits = [word for name in self.LIMITS for word in ("--limit", f"{name}=100000")]
        limits += ["--limit", f"stored-per-day={self.STORED}"]
        with Server([self.program, "--data", self.data, "--listen", "127.0.0.1:0", *limits],
                    log=subprocess.DEVNULL) as self.server:
            self.token = self.run("token", "--user", "ana", "--minutes", "60")
            project = self.ask("/commands/project:create", {"name": "Bench", "key": "BEN"})["project"]["id"]
            self.task = self.ask("/commands/task:create", {"projectId": project, "title": "Bench"})["task"]["id"]
            yield self

    def settings(self):
        """Everybody is Ana, so comes into the project's room by connecting."""
        fields = {"id": self.task, "title": "%M", "description": "%P"}
        publish = "42" + json.dumps(["task:update", fields], separators=(",", ":"))
        return {"connect": "40" + json.dumps({"token": self.token}), "join": "", "publishers": 16, "publish": publish}


def measure_hub(bench, table):
    """bureau-hub itself: rights, fields, log, notifications and all. Without TLS only."""
    if bench.tls:
        return
    for members in (10, 100):
        runs = []
        for _ in range(bench.rounds):
            with Hub(bench).serve() as hub:
                runs.append(bench.load(hub.server, receivers=members, window=16, **hub.settings()))
        figures = medians(runs)
        bench.runs.append({"server": "bureau-hub", "settings": {"receivers": members}, "figures": figures})
        table.add("5", f"bureau-hub itself, N={members}, window 16, events", figures["events_per_s"], unit="/s")
        table.add("5", f"bureau-hub itself, N={members}, window 16, CPU per event", figures["cpu_us_per_event"])


def measure_hub_memory(bench, table):
    """The same with what the hub knows of each session. Without TLS only."""
    if bench.tls:
        return
    with Hub(bench).serve() as hub:
        figures = bench.load(hub.server, receivers=1984, settle=2, **{"connect-only": True}, **hub.settings())
    bench.runs.append({"server": "bureau-hub", "settings": {"receivers": 1984}, "figures": figures})
    table.add("7", "bureau-hub itself, empty", figures["rss_empty_kb"] / 1024, unit="MB")
    table.add("7", "bureau-hub itself, RSS per connection @2,000", figures["rss_kb_per_client"], unit="kB", most=2)
    table.add("8", "bureau-hub itself, set-up @2,000, CPU per connection", figures["set_up_cpu_us"])


# --------------------------------------------------------------------------------------------------- main


MEASURES = (
    ((1,), measure_single),
    ((2,), measure_burst),
    ((3,), measure_small_burst),
    ((4,), measure_normal),
    ((5,), measure_durable),
    ((5,), measure_hub),
    ((6,), measure_idle),
    ((7, 8), measure_set_up),
    ((7, 8), measure_hub_memory),
    ((9,), measure_latency),
    ((10,), measure_slow_reader),
)


def raise_descriptor_limit(wanted):
    """To what the hard limit allows; says if that is not enough."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard != resource.RLIM_INFINITY and hard < wanted:
        print(f"Only {hard} file descriptors are allowed (ulimit -n): {wanted} connections can't be measured.",
              file=sys.stderr)


def describe_machine():
    node = shutil.which("node")
    version = subprocess.run([node, "--version"], stdout=subprocess.PIPE, text=True, check=False) if node else None
    return {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "kernel": platform.release(),
            "machine": platform.machine(), "cores": os.cpu_count(), "load": os.getloadavg()[0],
            "node": version.stdout.strip() if version else None}


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description="Measure the wire against its peer.")
    parser.add_argument("--quick", action="store_true", help="one short round: no figure to quote")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="of which the medians are taken (3)")
    parser.add_argument("--only", metavar="GOALS", help=f"some of {GOALS[0]}–{GOALS[-1]}, e.g. 1,2,6")
    parser.add_argument("--plain", action="store_true", help="without TLS only")
    parser.add_argument("--tls", action="store_true", help="with TLS only")
    parser.add_argument("--build", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--peer", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--smoke", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--output", type=pathlib.Path, help="where the JSON goes (build/bench/results.json)")
    options = parser.parse_args()
    options.goals = {int(word) for word in options.only.split(",")} if options.only else set(GOALS)
    return options


def measure_all(bench, table, goals):
    for numbers, measure in MEASURES:
        if goals & set(numbers):
            try:
                measure(bench, table)
            except (Unavailable, OSError, subprocess.CalledProcessError) as reason:
                table.note(",".join(map(str, numbers)), f"not measured: {reason}")


def smoke(bench):
    """What is ours works: a moment of it, for the tests. Returns the exit status."""
    bench.rounds, bench.duration, bench.warm_up = 1, 0.2, 0.1
    good = True
    for tls, names in ((False, ("ours", "without_uring", "bare_send", "bare_batch")), (True, ("ours",))):
        bench.tls = tls
        results = bench.compare({name: getattr(bench, name) for name in names}, receivers=5, window=2, settle=0.1)
        good = good and all(name in results and results[name]["events"] and not results[name]["lost"]
                            for name in names)
    return 0 if good else 1


def main():
    options = parse_arguments()
    raise_descriptor_limit(8100)
    if options.smoke:
        with tempfile.TemporaryDirectory(prefix="bureau-bench-") as directory:
            sys.exit(smoke(Bench(options, pathlib.Path(directory))))
    table = Table()
    machine = describe_machine()
    with tempfile.TemporaryDirectory(prefix="bureau-bench-") as directory:
        bench = Bench(options, pathlib.Path(directory))
        for tls in (False, True):
            if (options.tls and not options.plain and not tls) or (options.plain and not options.tls and tls):
                continue
            bench.tls = tls
            table.begin(f"Over TLS 1.3, against Node {machine['node']} with TLS" if tls
                        else f"Without TLS, against Node {machine['node']}")
            measure_all(bench, table, options.goals)
    table.note("", "uWebSockets.js is not measured: npm does not have it")
    output = options.output or options.build / "results.json"
    output.write_text(json.dumps({"machine": machine, "quick": options.quick, "rounds": bench.rounds,
                                  "table": table.rows, "runs": bench.runs}, indent=1))
    print(f"\nEvery figure: {output}")
    missed = [line for line in table.rows if line.get("met") is False]
    print(f"{sum(line.get('met') is True for line in table.rows)} targets met, {len(missed)} not")


if __name__ == "__main__":
    main()
