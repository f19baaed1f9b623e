#!/usr/bin/python3
# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""take-screenshots.py [BUILD]: renews data/screenshots/ from Ana's window in the demo office."""

import os
import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build").resolve()
sys.path.insert(1, str(ROOT / "data/demo"))

# pylint: disable=wrong-import-position
from PIL import Image, ImageDraw

from driver import App, xdo
from office import Office, handle_of
from session import Desk, Person

SIZE = (1480, 800)
CORNER = 12


def make_office(desk, ana):
    office = Office(desk.directory, str(BUILD / "src/hub/bureau-hub"))
    desk.callback(office.close)
    for person in office.plan["people"]:
        if handle_of(person["name"]) == "ana":
            subprocess.run([BUILD / "data/demo/bureau-demo-seat", office.invite(person["role"]), person["name"]],
                           env=ana.env, check=True)
            continue
        person.setdefault("presence", "online")
        if "role" in person:
            office.join(person)
    office.fill()
    office.be_present()


def keep(app, name):
    """A picture of the window without what shows behind its round corners."""
    path = ROOT / f"data/screenshots/{name}.png"
    xdo("mousemove", 1, 1)
    app.photograph(str(path))
    picture = Image.open(path).convert("RGB")
    scale = 4
    mask = Image.new("L", (picture.width * scale, picture.height * scale))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, mask.width - 1, mask.height - 1), CORNER * scale, 255)
    picture.putalpha(mask.resize(picture.size, Image.LANCZOS))
    picture.save(path, optimize=True)


def main():
    with Desk(1680, 960) as desk:
        ana = Person(desk, "ana")
        ana.env["GSETTINGS_SCHEMA_DIR"] = str(BUILD / "data")
        make_office(desk, ana)
        app = App(ana, [BUILD / "src/app/bureau"])
        app.window().place(100, 60, *SIZE)
        app.find("push button", "Connection: Live")
        app.find("list item", re.compile("^Studio B refit")).mouse()
        app.find("list item", re.compile("^STU-1 ")).mouse()
        app.see(re.compile("Cleo.* viewing"))
        keep(app, "board")
        app.press("Escape")
        app.find("list item", re.compile("^People, ")).mouse()
        app.see("HAR-1 Mix episode three")
        keep(app, "people")


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    main()
