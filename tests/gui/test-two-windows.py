#!/usr/bin/python3
# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two people, two windows, one office, from the welcome page on: what one does, the other sees without touching
anything. Ana's window serves the office.

Each step builds on those before it; after one that fails the rest is not tried. Pictures are kept in
$BUREAU_SCREENSHOTS.
"""

import os
import pathlib
import re
import sys

sys.dont_write_bytecode = True

try:
    from network import enter
    from story import LIVE, Story, tell
except (ImportError, ValueError) as error:
    print(f"1..0 # SKIP {error}")
    sys.exit(0)

ICONS = pathlib.Path(os.environ["BUREAU_ICONS"])

PROJECT = re.compile("^First project")
PEOPLE = re.compile("^People, ")


class TwoWindows(Story):
    WIDTH, HEIGHT = 1400, 900  # enough for the board's four columns to be in view
    TITLE = "two-windows"

    def __init__(self, desk):
        super().__init__(desk)
        for person in self._people.values():
            dress(person)
        self.ana = self.ben = None
        self.code = self.address = None

    @staticmethod
    def _choose(app, title, status):
        """Gives the card the focus, and closes the details that open with the click."""
        card(app, title, status).mouse()
        app.find("push button", "Close Details")
        app.press("Escape")
        app.expect(lambda a: "focused" in card(a, title, status).states, f"focus on {title}")

    # --- the steps

    def ana_starts_an_office(self):
        self.ana = self._open_window("ana")
        self._take_picture(self.ana, "1-welcome")
        self._start_office(self.ana)
        self.ana.find("list item", PROJECT)

    def ana_invites(self):
        self.ana.find("list item", PEOPLE).mouse()
        self.ana.click("push button", "Invite")
        self.ana.click("push button", "Make Invitation")
        self.code = self.ana.find("label", re.compile(r"^[0-9A-Z]{4}-[0-9A-Z]{4}$")).label
        self.address = self.ana.find("label", re.compile(r"^[0-9.]+:\d+$")).label
        self._take_picture(self.ana, "2-invitation")
        self._close_dialog(self.ana)

    def ben_joins_with_the_code(self):
        self.ben = self._open_window("ben")
        self.ben.click("push button", "Join an office")
        self.ben.fill("Or an invitation link, or an address", self.address)
        self.ben.fill("Code of eight characters", self.code)
        self.ben.see("Studio Nord")
        self.ben.fill("Your name", "Ben Okafor")
        self.ben.fill("A password for this office", "a quiet room for two")
        self._take_picture(self.ben, "3-join")
        self.ben.press("Return")
        self.ben.find("push button", LIVE)
        self.ben.find("list item", PROJECT).mouse()
        self.ben.see("Drag this card to Done")

    def each_sees_that_the_other_is_here(self):
        self.ana.find("list item", "People, 2 of 2 here")
        self.ben.find("list item", "People, 2 of 2 here")
        self.ana.see("Ben Okafor")

    def ana_creates_and_ben_follows(self):
        self.ana.find("list item", PROJECT).mouse()
        self.ana.find("list item", re.compile("Drag this card to Done"))
        self._make_task(self.ana, "Replace the patch bay")
        card(self.ben, "Replace the patch bay", "To do")

    def ben_creates_and_ana_is_told(self):
        # It is said for five seconds.
        self._make_task(self.ben, "Order acoustic panels",
                        lambda: self.ana.see(re.compile("Ben Okafor.*Order acoustic panels")))
        card(self.ana, "Order acoustic panels", "To do")

    def ana_edits_and_ben_follows(self):
        card(self.ana, "Replace the patch bay", "To do").mouse()
        self.ana.press("Return")
        self.ana.fill("Title", "Replace the old patch bay")
        self.ana.press("Tab")
        card(self.ben, "Replace the old patch bay", "To do")

    def each_sees_that_the_other_is_viewing(self):
        card(self.ben, "Replace the old patch bay", "To do").mouse()
        self.ben.press("Return")
        self.ana.see(re.compile("Ben.* viewing"))
        self.ben.see(re.compile("Ana.* viewing"))
        self._take_picture(self.ana, "4-details-light")
        self.ben.press("Escape")
        self.ana.not_see(re.compile("Ben.* viewing"))
        self.ana.press("Escape")

    def ana_moves_with_the_keyboard(self):
        self._choose(self.ana, "Replace the old patch bay", "To do")
        self.ana.press("alt+Right")
        card(self.ana, "Replace the old patch bay", "In progress")
        card(self.ben, "Replace the old patch bay", "In progress")

    def ben_moves_with_the_mouse(self):
        here = card(self.ben, "Order acoustic panels", "To do")
        here.drag_to(card(self.ben, "Replace the old patch bay", "In progress"), upper=True)
        card(self.ben, "Order acoustic panels", "In progress")
        card(self.ana, "Order acoustic panels", "In progress")
        assert cards(self.ana, "In progress")[:2] == cards(self.ben, "In progress")[:2]

    def ben_deletes_and_takes_it_back(self):
        self._choose(self.ben, "Order acoustic panels", "In progress")
        self.ben.press("Delete")
        undo = self.ben.find("push button", "Undo")
        no_card(self.ana, "Order acoustic panels")
        undo.click()
        card(self.ben, "Order acoustic panels", "In progress")
        card(self.ana, "Order acoustic panels", "In progress")

    def bens_timer_is_seen(self):
        self._choose(self.ben, "Order acoustic panels", "In progress")
        self.ben.press("t")
        self.ben.find("push button", "Stop Timer")
        self.ana.find("list item", PEOPLE).mouse()
        self.ana.see(re.compile("Order acoustic panels|FIR-5"))
        self._take_picture(self.ana, "5-people")
        self.ben.press("t")
        self.ben.expect(lambda app: not app.find_all("push button", "Stop Timer"), "the timer to stop")
        self.ana.find("list item", PROJECT).mouse()

    def anas_window_closes_and_ben_works_on(self):
        status = self.ana.close()
        assert status == 0, f"Ana's window ended with {status}"
        self.ben.find("push button", re.compile("^Connection: (Offline|Connecting)"))
        self._make_task(self.ben, "Call the electrician")
        card(self.ben, "Call the electrician", "To do")
        self.ben.find("push button", re.compile("1 change"))
        self._take_picture(self.ben, "6-offline")

    def anas_window_opens_and_all_is_there(self):
        self.ana = self._open_window("ana", ADW_DEBUG_COLOR_SCHEME="prefer-dark")
        self.ana.find("push button", LIVE)
        self.ana.find("list item", PROJECT).mouse()
        card(self.ana, "Replace the old patch bay", "In progress")
        card(self.ana, "Order acoustic panels", "In progress")

    def ben_is_back_by_himself(self):
        self.ben.find("push button", LIVE, timeout=60)
        card(self.ana, "Call the electrician", "To do")
        self.ana.find("list item", "People, 2 of 2 here")

    def the_windows_fit_any_width(self):
        self.ana.window().place(0, 0, 1920, 940)
        self._take_picture(self.ana, "7-wide-dark")
        self.ben.window().place(100, 0, 360, 720)
        self.ben.expect(lambda app: app.window().width == 360, "the window to be 360 pixels wide")
        self._take_picture(self.ben, "8-narrow-light")

    def the_windows_close_well(self):
        self._close_well(self.ben, self.ana)


def dress(person):
    """The icon as an installed Bureau has it."""
    folder = person.home / "data/icons/hicolor/scalable/apps"
    folder.mkdir(parents=True)
    (folder / f"{os.environ['BUREAU_APP_ID']}.svg").symlink_to(ICONS / "scalable.svg")


def card(app, title, status):
    return app.find("list item", re.compile(f"^([A-Z]+-\\d+ )?{re.escape(title)}, {status}"))


def no_card(app, title):
    app.expect(lambda a: not a.find_all("list item", re.compile(f"^([A-Z]+-\\d+ )?{re.escape(title)}, ")),
               f"the card {title!r} to go")


def cards(app, status):
    """The titles in a column, from the top."""
    found = app.find_all("list item", re.compile(f"^[A-Z]+-\\d+ .*, {status}"))
    return [node.label for node in sorted(found, key=lambda node: node.extents[1])]


def main():
    # Without one, a Bureau that runs on this machine has its port, and another is taken.
    enter()
    return tell(TwoWindows)


if __name__ == "__main__":
    sys.exit(main())
