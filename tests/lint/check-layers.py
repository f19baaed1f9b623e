#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An upward include does not compile.

Takes the flags each library is compiled with from compile_commands.json and tries headers of every other folder:
those it may use must be found, all others must not.
"""

import json
import pathlib
import shlex
import subprocess
import sys

MAY_USE = {
    "wire": set(),
    "model": set(),
    "store": {"model"},
    "hub": {"wire", "model", "store"},
    "client": {"wire", "model"},
    "app": {"client", "model"},
}
# The one file of the hub that the app may see.
DOOR = "hub/include/hub.h"


def compiler_flags(build, folder):
    """The compiler and the flags of the folder's library; None if it has no source yet."""
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.PurePath(entry["file"])
        if f"/src/{folder}/" in f"/{path}" and path.suffix == ".c" and ".a.p/" in entry["output"]:
            words = shlex.split(entry["command"])
            end = words.index("-MD") if "-MD" in words else words.index("-o")
            return [word for word in words[:end] if word != "ccache"]
    return None


def compiles(build, flags, header):
    source = f'#include <glib.h>\n#include "{header}"\n'
    result = subprocess.run([*flags, "-fsyntax-only", "-x", "c", "-"], input=source, text=True, cwd=build,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return result.returncode == 0


def checks(source, build):
    """Yields a sentence and whether it is true."""
    headers = {folder: sorted((source / "src" / folder).rglob("*.h")) for folder in MAY_USE}
    for folder, below in MAY_USE.items():
        flags = compiler_flags(build, folder)
        if flags is None:
            yield f"{folder} is compiled", False
            continue
        for other in MAY_USE:
            if other == folder:
                continue
            own = [h for h in headers[other] if not str(h).endswith(DOOR)]
            if other in below:
                public = next(h for h in own if not h.name.endswith("-private.h"))
                yield f"{folder} may use {other}: {public.name}", compiles(build, flags, public.name)
            else:
                seen = [h.name for h in own
                        if compiles(build, flags, h.name)
                        or compiles(build, flags, str(h.relative_to(source / "src")))]
                yield f"{folder} can't use {other} {' '.join(seen)}".rstrip(), not seen
        door = compiles(build, flags, "hub.h")
        if folder in ("app", "hub"):
            yield f"{folder} sees hub.h", door
        else:
            yield f"{folder} does not see hub.h", not door


def main():
    source, build = map(pathlib.Path, sys.argv[1:3])
    number = 0
    failed = False
    for number, (sentence, true) in enumerate(checks(source, build), 1):
        print(f"{'ok' if true else 'not ok'} {number} {sentence}", flush=True)
        failed = failed or not true
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
