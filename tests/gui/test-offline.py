#!/usr/bin/python3
# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ben goes on without the hub, which is in Ana's window: what he changes is kept, shown after a restart, and goes out
when she is back; what clashes with hers is told to both, with a way back; what can't be done is kept and can be looked
at.

Each step builds on those before it; after one that fails the rest is not tried. Pictures are kept in
$BUREAU_SCREENSHOTS.
"""

import re
import sys

sys.dont_write_bytecode = True

try:
    from network import enter
    from story import LIVE, Story, tell
except (ImportError, ValueError) as error:
    print(f"1..0 # SKIP {error}")
    sys.exit(0)

PROJECT = re.compile("^First project")
OFFLINE = re.compile("^Connection: (Offline|Connecting)")
DARK = {"ADW_DEBUG_COLOR_SCHEME": "prefer-dark"}
NEW = ("Order cables", "Call the electrician", "Sweep the booth", "Label the racks", "Buy batteries")


def waiting(number):
    return re.compile(f"^Connection: (Offline|Connecting) · {number} changes? waiting")


class Offline(Story):
    WIDTH = 1400  # enough for the board's four columns to be in view
    TITLE = "offline"

    def __init__(self, desk):
        super().__init__(desk)
        self.ana = self.ben = None

    def _open_at_project(self, name, **env):
        app = self._open_window(name, **env)
        app.expect(lambda a: a.window("Studio Nord"), "the office to open")
        app.find("list item", PROJECT).mouse()
        return app

    def _ana_leaves(self):
        status = self.ana.close()
        assert status == 0, f"Ana's window ended with {status}"
        self.ben.find("push button", OFFLINE)

    def _ben_leaves(self):
        status = self.ben.close()
        assert status == 0, f"Ben's window ended with {status}"

    @staticmethod
    def _card(app, title, status="To do"):
        return app.find("list item", re.compile(f"^([A-Z]+-\\d+ )?{re.escape(title)}, {status}"), timeout=40)

    def _choose(self, app, title, status="To do"):
        """Gives the card the focus, and closes the details that open with the click."""
        self._card(app, title, status).mouse()
        app.find("push button", "Close Details")
        app.press("Escape")
        app.expect(lambda a: "focused" in self._card(a, title, status).states, f"focus on {title}")

    def _write_in_details(self, app, card, field, text):
        self._card(app, card).mouse()
        app.find("push button", "Close Details")
        app.fill(field, text)
        app.press("Tab")
        app.press("Escape")

    def _open_queue(self, app):
        """Behind the connection, where the first button has the focus."""
        app.find("push button", re.compile("^Connection: ")).mouse()
        app.press("Return")
        app.expect(lambda a: len(a.tree().children) == 2, "the dialog to open")

    # --- the steps

    def ana_and_ben_are_in_one_office(self):
        self.ana = self._open_window("ana")
        self._start_office(self.ana)
        self.ana.find("list item", re.compile("^People, ")).mouse()
        self.ana.click("push button", "Invite")
        self.ana.click("push button", "Make Invitation")
        link = self.ana.find("label", re.compile("^bureau://")).label
        self._close_dialog(self.ana)
        self.ben = self._open_window("ben")
        self.ben.click("push button", "Join an office")
        self.ben.fill("Or an invitation link, or an address", link)
        self.ben.press("Return")
        self.ben.see("Studio Nord")
        self.ben.fill("Your name", "Ben Okafor")
        self.ben.fill("A password for this office", "a quiet room for two")
        self.ben.press("Return")
        self.ben.find("push button", LIVE)
        self.ben.find("list item", PROJECT).mouse()
        self._make_task(self.ben, "Replace the patch bay")
        self._make_task(self.ben, "Tune the piano")
        self.ana.find("list item", PROJECT).mouse()
        self._card(self.ana, "Tune the piano")

    def the_hub_goes_and_ben_changes_ten_things(self):
        self._ana_leaves()
        for title in NEW:
            self._make_task(self.ben, title)
        self._write_in_details(self.ben, "Order cables", "Title", "Order long cables")
        self._write_in_details(self.ben, "Buy batteries", "Description", "AA, forty of them")
        self._choose(self.ben, "Sweep the booth")
        self.ben.press("alt+Right")
        self._card(self.ben, "Sweep the booth", "In progress")
        self._choose(self.ben, "Label the racks")
        self.ben.press("space")
        self._card(self.ben, "Label the racks", "Done")
        self._choose(self.ben, "Tune the piano")
        self.ben.press("t")
        self.ben.find("push button", waiting(10))
        self._take_picture(self.ben, "ten-changes")

    def the_queue_names_each_of_them(self):
        self._open_queue(self.ben)
        for words in ("New task: Order cables", "Rename “Order cables” to “Order long cables”",
                      "Describe “Buy batteries”: AA, forty of them", "Put “Sweep the booth” into In progress",
                      "Put “Label the racks” into Done", "Start the timer on “Tune the piano”"):
            self.ben.expect(lambda a, w=words: any(n.name == w for n, _ in a.tree().walk()), f"to read {words!r}")
        self._take_picture(self.ben, "queue-waiting")
        self._close_dialog(self.ben)

    def ben_starts_again_and_they_are_all_there(self):
        self._ben_leaves()
        self.ben = self._open_at_project("ben")
        self._card(self.ben, "Order long cables")
        self._card(self.ben, "Sweep the booth", "In progress")
        self._card(self.ben, "Label the racks", "Done")
        self.ben.find("push button", "Stop Timer")
        self.ben.find("push button", waiting(10))

    def one_is_thought_better_of(self):
        self._open_queue(self.ben)
        self.ben.see("New task: Call the electrician")
        row = self.ben.find("list item", re.compile("New task: Call the electrician"))
        next(n for n, _ in row.walk() if n.role == "push button" and n.label == "Discard").click()
        self.ben.not_see("New task: Call the electrician")
        self._close_dialog(self.ben)
        self.ben.find("push button", waiting(9))
        self.ben.expect(lambda a: not a.find_all("list item", re.compile("Call the electrician")), "the card to go")

    def the_hub_is_back_and_they_go(self):
        self.ana = self._open_at_project("ana")
        self.ben.find("push button", LIVE, timeout=60)
        for app in (self.ana, self.ben):
            self._card(app, "Order long cables")
            self._card(app, "Sweep the booth", "In progress")
            self._card(app, "Label the racks", "Done")
        self.ben.press("t")

    def both_change_one_title_and_ana_deletes_what_ben_changes(self):
        self._ana_leaves()
        self._write_in_details(self.ben, "Replace the patch bay", "Title", "Replace the red patch bay")
        self._write_in_details(self.ben, "Buy batteries", "Title", "Buy good batteries")
        self._ben_leaves()
        self.ana = self._open_at_project("ana")
        self.ana.find("push button", LIVE)
        self._write_in_details(self.ana, "Replace the patch bay", "Title", "Replace the green patch bay")
        self._choose(self.ana, "Buy batteries")
        self.ana.press("Delete")
        self.ana.expect(lambda a: not a.find_all("list item", re.compile("Buy batteries")), "the card to go")

    def ben_is_told_and_restores_the_task(self):
        self.ben = self._open_at_project("ben")
        self.ben.see("“Buy batteries” was deleted meanwhile. Your change of it is kept.", timeout=40)
        self.ben.find("push button", re.compile("1 change not done"))
        self._take_picture(self.ben, "deleted")
        self._open_queue(self.ben)
        self.ben.see("Rename “Buy batteries” to “Buy good batteries”")
        self._take_picture(self.ben, "queue-refused")
        self._close_dialog(self.ben)
        self.ben.click("push button", "Restore")
        for app in (self.ben, self.ana):
            self._card(app, "Buy good batteries")
        self.ben.find("push button", LIVE)

    def ben_puts_anas_title_back(self):
        self.ben.see("Title: yours, “Replace the red patch bay”, replaced Ana Keller’s, “Replace the green patch bay”.")
        self._card(self.ben, "Replace the red patch bay")
        self._take_picture(self.ben, "conflict")
        self.ana.see("Title: Ben Okafor’s, “Replace the red patch bay”, replaced yours, “Replace the green patch bay”.")
        self.ana.find("push button", "Put Mine Back")
        self._take_picture(self.ana, "conflict-lost")
        self.ben.click("push button", "Put Theirs Back")
        for app in (self.ben, self.ana):
            self._card(app, "Replace the green patch bay")

    def ben_is_told_what_he_missed(self):
        self._ben_leaves()
        for number in range(5):
            self._make_task(self.ana, f"News {number}")
        self.ben = self._open_at_project("ben")
        self.ben.see(re.compile("^While you were away: 5 changes in (less than a minute|[1-9] minutes?)$"), timeout=40)
        self._take_picture(self.ben, "away")

    def a_narrow_dark_window_says_it_too(self):
        self._ana_leaves()
        self._write_in_details(self.ben, "Replace the green patch bay", "Title", "Replace the patch bay again")
        self._make_task(self.ben, "Something else")
        self._ben_leaves()
        self.ana = self._open_at_project("ana")
        self.ana.find("push button", LIVE)
        self._write_in_details(self.ana, "Replace the green patch bay", "Title", "Replace the blue patch bay")
        self._card(self.ana, "Replace the blue patch bay")
        self.ben = self._open_window("ben", **DARK)
        self.ben.window().place(self.WIDTH + 10, 0, 360, 720)
        self.ben.see(re.compile("Replace the blue patch bay"), timeout=40)
        self._take_picture(self.ben, "narrow-dark-conflict")
        self.ben.window().place(self.WIDTH + 10, 0, 1000, 720)
        self._ana_leaves()
        self._make_task(self.ben, "A last one, with a name that is rather long for a narrow window")
        self._open_queue(self.ben)
        self.ben.window().place(self.WIDTH + 10, 0, 360, 720)
        self._take_picture(self.ben, "narrow-dark-queue")
        self._close_dialog(self.ben)

    def the_windows_close_well(self):
        self._close_well(self.ben)


def main():
    # While Ana's hub is away, nobody else's may take its port.
    reason = enter(cable=True)
    if reason:
        print(f"1..0 # SKIP {reason}")
        return 0
    return tell(Offline)


if __name__ == "__main__":
    sys.exit(main())
