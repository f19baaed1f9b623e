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
    "json": set(),
    "wire": {"json"},
    "model": {"json"},
    "store": {"json", "model"},
    "hub": {"json", "wire", "model", "store"},
    "client": {"json", "wire", "model"},
    "app": {"json", "client", "model"},
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


def run(build, flags, source, *more):
    return subprocess.run([*flags, *more, "-x", "c", "-"], input=source, text=True, cwd=build, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def compiles(build, flags, header):
    return run(build, flags, f'#include <glib.h>\n#include "{header}"\n', "-fsyntax-only").returncode == 0


def visible(build, flags, headers):
    """Those of the headers that an #include would find; asks the preprocessor for all of them at once."""
    source = "".join(f'#if __has_include("{name}")\nseen {name}\n#endif\n' for name in headers)
    return [line[5:] for line in run(build, flags, source, "-E").stdout.splitlines() if line.startswith("seen ")]


def front(folder, headers):
    """The header that stands for a folder: the one of its name, or the first that is not private."""
    names = [header.name for header in headers if not header.name.endswith("-private.h")]
    return f"bureau-{folder}.h" if f"bureau-{folder}.h" in names else names[0]


def checks(source, build):
    """Yields a sentence and whether it is true."""
    headers = {folder: [header for header in sorted((source / "src" / folder).rglob("*.h"))
                        if not str(header).endswith(DOOR)] for folder in MAY_USE}
    for folder, below in MAY_USE.items():
        flags = compiler_flags(build, folder)
        if flags is None:
            yield f"{folder} is compiled", False
            continue
        for other in sorted(set(MAY_USE) - {folder}):
            public = front(other, headers[other])
            if other in below:
                yield f"{folder} may use {other}: {public} compiles", compiles(build, flags, public)
            else:
                names = [name for header in headers[other]
                         for name in (header.name, str(header.relative_to(source / "src")))]
                seen = visible(build, flags, names)
                yield (f"{folder} can't use {other}: {public} does not compile {' '.join(seen)}".rstrip(),
                       not seen and not compiles(build, flags, public))
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
