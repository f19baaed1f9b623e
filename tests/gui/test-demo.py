#!/usr/bin/python3
# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`./dev demo` opens two windows on a full office, and leaves nothing behind when it ends."""

import os
import pathlib
import sys

sys.dont_write_bytecode = True

try:
    from driver import all_windows, photograph, until
    from session import Desk, wait
except (ImportError, ValueError) as error:
    print(f"1..0 # SKIP {error}")
    sys.exit(0)

DEMO = pathlib.Path(__file__).resolve().parents[2] / "data/demo/demo.py"
PICTURES = pathlib.Path(os.environ["BUREAU_SCREENSHOTS"])


def office_windows():
    return [window for window in all_windows() if window.title == "Studio Nord"]


def side_by_side():
    places = sorted((window.x, window.width) for window in office_windows())
    return len(places) == 2 and places[0][0] + places[0][1] <= places[1][0]


def colourful(path):
    """Whether both halves of the picture show more than an empty window."""
    from PIL import Image  # pylint: disable=import-outside-toplevel

    with Image.open(path) as picture:
        halves = (picture.crop((x, 0, x + picture.width // 2, picture.height)) for x in (0, picture.width // 2))
        return all(len(half.convert("P").getcolors()) > 16 for half in halves)


def main():
    print("1..3", flush=True)
    picture = str(PICTURES / "9-demo.png")
    with Desk(1920, 900) as desk:
        temporary = desk.directory / "tmp"
        temporary.mkdir()
        env = dict(desk.env, BUREAU_BUILD=os.environ["BUREAU_BUILD"], TMPDIR=str(temporary), HOME=str(desk.directory),
                   XDG_RUNTIME_DIR=str(desk.directory))
        demo = desk.start([sys.executable, "-B", str(DEMO)], env, log="demo")
        try:
            until(side_by_side, "two windows side by side", 60)
            print("ok 1 two windows are side by side", flush=True)
            until(lambda: colourful(photograph(picture)), "something to see", 20)
            print("ok 2 there is something to see in both", flush=True)
            demo.terminate()
            demo.wait(30)
            wait(lambda: not list(temporary.iterdir()) and not office_windows(), "all of it to go")
            print("ok 3 nothing stays behind", flush=True)
        except AssertionError as error:
            print(f"Bail out! {error}")
            print(desk.log("demo"), file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
