#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Flatpak manifest is for this application, pins what it fetches, and opens no more than it needs."""

import json
import pathlib
import sys

# Avahi tells of the offices nearby, logind when the machine has slept.
NEEDED = {"--share=network", "--share=ipc", "--socket=wayland", "--socket=fallback-x11", "--device=dri",
          "--system-talk-name=org.freedesktop.Avahi", "--system-talk-name=org.freedesktop.login1"}


def faults(root, app_id):
    path = root / "flatpak" / f"{app_id}.json"
    if not path.is_file():
        yield f"there is no {path.name}"
        return
    manifest = json.loads(path.read_text())
    if manifest["id"] != app_id:
        yield f"its id is {manifest['id']}, not {app_id}"
    if manifest["command"] != "bureau":
        yield f"its command is {manifest['command']}"
    for argument in set(manifest["finish-args"]) ^ NEEDED:
        yield f"{argument} is {'missing' if argument in NEEDED else 'more than it needs'}"
    for module in manifest["modules"]:
        for source in module["sources"]:
            if source["type"] != "dir" and not source.get("sha256") and not source.get("commit"):
                yield f"{module['name']} is fetched unpinned"


def main():
    wrong = list(faults(pathlib.Path(sys.argv[1]), sys.argv[2]))
    for fault in wrong:
        print(fault)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
