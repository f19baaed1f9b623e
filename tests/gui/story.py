# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A story that people tell with their windows: its steps, in order, as TAP."""

import os
import pathlib
import re
import shutil
import sys
import traceback

from driver import App, photograph
from session import Desk, Person

LIVE = "Connection: Live"
NEEDED = ("Xvfb", "xauth", "metacity", "xdotool", "xprop", "xset", "xsetroot", "dbus-daemon", "gdbus", "gnome-keyring-daemon")


class Story:
    """What happens, in order: each public method of a story's own class is a step. Each builds on those before it;
    after one that fails the rest is not tried."""

    WIDTH, HEIGHT = 1000, 800
    NAMES = ("ana", "ben")
    TITLE = None  # what its pictures begin with
    PROGRAM = os.environ.get("BUREAU")
    PICTURES = pathlib.Path(os.environ.get("BUREAU_SCREENSHOTS", "."))

    def __init__(self, desk):
        self._desk = desk
        self._people = {name: Person(desk, name) for name in self.NAMES}

    def _open_window(self, name, **env):
        """Side by side, in the order of the names."""
        app = App(self._people[name], [self.PROGRAM], {"G_DEBUG": "fatal-criticals", **env})
        app.window().place(self.NAMES.index(name) * (self.WIDTH + 10), 0, self.WIDTH, self.HEIGHT)
        return app

    def _take_picture(self, app, name):
        app.photograph(self.PICTURES / f"{self.TITLE}-{name}.png")

    def _start_office(self, app):
        """From the welcome page."""
        app.click("push button", "Start an office here")
        app.fill("Office name", "Studio Nord")
        app.fill("Your name", "Ana Keller")
        app.press("Return")
        app.find("push button", LIVE)

    def _make_task(self, app, title, witness=lambda: None):
        """Calls the witness of what happens as soon as it does."""
        app.press("ctrl+n")
        app.expect(lambda a: len(a.tree().children) == 2, "the dialog to open")
        app.write(title)
        app.press("Return")
        witness()
        self._see_dialog_close(app)

    def _see_dialog_close(self, app):
        app.expect(lambda a: len(a.tree().children) == 1, "the dialog to close")

    def _close_dialog(self, app):
        app.press("Escape")
        self._see_dialog_close(app)

    def _close_well(self, *apps):
        """They end in good order, and have complained of nothing."""
        for app in apps:
            status = app.close()
            assert status == 0, f"{app.person.name}'s window ended with {status}"
        for name in self._people:
            complaints = [line for line in self._desk.log(f"{name}-app").splitlines()
                          if re.search("-(WARNING|CRITICAL) ", line)]
            assert not complaints, "\n".join(complaints)

    def _show_failure(self):
        """What it looked like, and what the programs said."""
        photograph(self.PICTURES / f"{self.TITLE}-failed.png")
        for person in self._people:
            print(f"--- {person}\n{self._desk.log(f'{person}-app')[-4000:]}", file=sys.stderr)


def tell(kind, *more_needed):
    """Tells the story of class @kind, which takes the programs of NEEDED and @more_needed. Returns the exit status."""
    missing = next((program for program in NEEDED + more_needed if not shutil.which(program)), None)
    if missing:
        print(f"1..0 # SKIP no {missing} here")
        return 0
    steps = [step for step, value in vars(kind).items() if callable(value) and not step.startswith("_")]
    print(f"1..{len(steps)}", flush=True)
    kind.PICTURES.mkdir(parents=True, exist_ok=True)
    for old in kind.PICTURES.glob(f"{kind.TITLE}-*.png"):
        old.unlink()
    with Desk(len(kind.NAMES) * (kind.WIDTH + 10), kind.HEIGHT + 60) as desk:
        story = kind(desk)
        for number, step in enumerate(steps, 1):
            try:
                getattr(story, step)()
                print(f"ok {number} {step.replace('_', ' ')}", flush=True)
            except Exception:  # pylint: disable=broad-except
                traceback.print_exc()
                story._show_failure()  # pylint: disable=protected-access
                for rest, left in enumerate(steps[number - 1:], number):
                    print(f"not ok {rest} {left.replace('_', ' ')}" + (" (not reached)" if rest > number else ""))
                return 1
    return 0
