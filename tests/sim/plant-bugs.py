#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows that the simulation bites: plants one bug after another in a copy of the tree, and lives worlds until one
fails of it (reliability.md, 3.4).

    plant-bugs.py [--seeds 2000] [--scratch DIRECTORY] [NAME…]
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

TURN = "src/hub/bureau-authority-turn.c"
SYNC = "src/client/bureau-client-sync.c"
SEND = "bureau_link_emit (self->link, entry->command->name, entry->params, on_answered_cb,"

# name → [(file, what is there, what is to be there)]
BUGS = {
    "ack-before-commit": [
        (TURN, "bureau_store_commit (self->store, error)",
         "(answer_requests (self, requests), g_ptr_array_set_size (requests, 0),"
         " bureau_store_commit (self->store, error))"),
        (TURN, "static gboolean\nstore_turn (",
         "static void answer_requests (BureauAuthority *self, GPtrArray *requests);\nstatic gboolean\nstore_turn ("),
    ],
    "broadcast-before-commit": [
        (TURN, "bureau_store_commit (self->store, error)",
         "(apply_effects (self), g_ptr_array_set_size (self->effects, 0),"
         " bureau_store_commit (self->store, error))"),
    ],
    "apply-out-of-order": [
        (SYNC, "room->have && !room->wanted && seq - room->seq == 1) {\n        if (!self->ready)",
         "room->have && seq > room->seq) {\n        if (!self->ready)"),
        ("src/client/bureau-disk.c", "AND seq = ?2 - 1", "AND seq < ?2"),
    ],
    "dedupe-skipped": [
        ("src/hub/bureau-commands.c", "if (kept != NULL) {", "if (kept != NULL && op_id == NULL) {"),
        ("src/store/bureau-store-log.c", '"INSERT INTO answers', '"INSERT OR REPLACE INTO answers'),
    ],
    "epoch-kept-on-restore": [
        ("src/hub/bureau-restore.c", 'bureau_store_set_meta (store, "epoch", epoch, error)', "epoch != NULL"),
    ],
    "purge-missing-on-removal": [
        ("src/wire/bureau-room.c", "    bureau_session_purge (connection->session, room);\n", ""),
    ],
    "sync-normal": [
        ("src/store/bureau-sql.c", "synchronous=FULL", "synchronous=NORMAL"),
    ],
    "outbox-removed-before-ack": [
        ("src/client/bureau-client-commands.c", SEND,
         "bureau_replica_remove_command (self->replica, entry->op_id);\n    " + SEND),
    ],
    "event-and-seq-apart": [
        ("src/hub/bureau-call.c", "    if (seq < 0)\n        return FALSE;\n",
         "    if (seq < 0)\n        return FALSE;\n"
         "    bureau_store_release (store, NULL);\n    bureau_store_commit (store, NULL);\n"
         "    bureau_store_begin (store, NULL);\n    bureau_store_savepoint (store, NULL);\n"),
    ],
    "catch-up-off-by-one": [
        ("src/store/bureau-store-log.c", "WHERE room = ? AND seq > ? ORDER BY seq LIMIT",
         "WHERE room = ? AND seq > ? + 1 ORDER BY seq LIMIT"),
    ],
    "snapshot-seq-after-reading": [
        ("src/hub/bureau-snapshot.c", "room, head);", "room, head + 1);"),
    ],
    "since-beyond-head": [
        ("src/hub/bureau-log-page.c", "since > *head ? BUREAU_LOG_AHEAD : BUREAU_LOG_GOOD", "BUREAU_LOG_GOOD"),
        ("src/client/bureau-client-rooms.c", "room->seq != room->head", "room->seq < room->head"),
    ],
}


def copy_tree(scratch):
    names = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                           check=True, capture_output=True).stdout.decode().split("\0")
    for name in filter(None, names):
        target = os.path.join(scratch, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy2(os.path.join(ROOT, name), target)


def plant(scratch, bug):
    """Returns what was there, or None if it is there no more."""
    before = {}
    for name, old, new in BUGS[bug]:
        path = os.path.join(scratch, name)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        before.setdefault(path, text)
        if old not in text:
            print(f"{bug}: {name} has no longer: {old}")
            mend(before)
            return None
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))
    return before


def mend(before):
    for path, text in before.items():
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


def build(scratch):
    return subprocess.run(["ninja", "-C", "build", "tests/sim/test-sim"], cwd=scratch, stdout=subprocess.DEVNULL,
                          check=False).returncode == 0


def live(scratch, seeds):
    """The line of the first world that fails. They are lived in the order of their seeds, two at a time."""
    ran = subprocess.run(["build/tests/sim/test-sim", "--quick"], cwd=scratch, capture_output=True, check=False,
                         env={**os.environ, "BUREAU_SEEDS": str(seeds)})
    found = re.search(r"seed \d+: .*", ran.stdout.decode("utf-8", "replace"))
    return found and found.group(0)[:160]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=2000)
    parser.add_argument("--scratch")
    parser.add_argument("bugs", nargs="*")
    arguments = parser.parse_args()
    scratch = arguments.scratch or tempfile.mkdtemp(prefix="bureau-bugs-")
    escaped = []

    copy_tree(scratch)
    if not os.path.exists(os.path.join(scratch, "build")):
        subprocess.run(["meson", "setup", "build"], cwd=scratch, check=True, stdout=subprocess.DEVNULL)
    for bug in arguments.bugs or BUGS:
        before = plant(scratch, bug)
        caught = before is not None and build(scratch) and live(scratch, arguments.seeds)
        mend(before or {})
        print(f"{bug}: {caught or 'NOT CAUGHT'}", flush=True)
        if not caught:
            escaped.append(bug)
    if not arguments.scratch:
        shutil.rmtree(scratch)
    return 1 if escaped else 0


if __name__ == "__main__":
    sys.exit(main())
