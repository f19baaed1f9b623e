#!/usr/bin/python3
# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is in the office, from Ana's window: somebody who has not joined yet, an invitation to take their place over,
roles, devices, the end of a membership, and what the access log says of it all. Ben's window shows what it means to
him.

Each step builds on those before it; after one that fails the rest is not tried. Pictures are kept in
$BUREAU_SCREENSHOTS.
"""

import re
import subprocess
import sys

sys.dont_write_bytecode = True

try:
    from network import enter
    from story import LIVE, Story, tell
except (ImportError, ValueError) as error:
    print(f"1..0 # SKIP {error}")
    sys.exit(0)

PEOPLE = re.compile("^People, ")
PASSWORD = "a quiet room for two"


def is_offered(app, name):
    return any("sensitive" in node.states for node in app.find_all("push button", name))


class Membership(Story):
    TITLE = "people"

    def __init__(self, desk):
        super().__init__(desk)
        self.ana = self.ben = None
        self.link = None

    def _open_menu(self, button, item):
        """Chooses from a menu of Ana's."""
        self.ana.find("push button", button)
        self.ana.find_all("push button", button)[-1].click()
        self.ana.click("menu item", item)

    # --- the steps

    def ana_starts_an_office(self):
        self.ana = self._open_window("ana")
        self._start_office(self.ana)
        self.ana.find("list item", PEOPLE).mouse()
        self.ana.see("Nobody Else Yet")

    def ana_adds_somebody_who_has_not_joined(self):
        self._open_menu("More about people", "Add Somebody…")
        self.ana.fill("Name", "Cleo Marchand")
        self.ana.press("Return")
        self._see_dialog_close(self.ana)
        self.ana.see("Member · has not joined yet")

    def ana_makes_an_invitation_for_that_place(self):
        self._open_menu("What to do with Cleo Marchand", "Invite to Take Over…")
        self.ana.see("Whoever joins with it becomes Cleo Marchand.")
        self.ana.click("push button", "Make Invitation")
        self.link = self.ana.find("label", re.compile("^bureau://")).label
        self.ana.find("label", re.compile(r"^[0-9A-Z]{4}-[0-9A-Z]{4}$"))
        self.ana.see(re.compile("Type it on the other machine: (10:00|9:5[0-9]) left"))

    def the_qr_code_says_the_link(self):
        self.ana.find("label", "QR code").mouse()
        picture = self.PICTURES / "people-invitation.png"

        def is_read(_app):
            self.ana.photograph(picture)
            found = subprocess.run(["zbarimg", "--quiet", "--raw", picture], stdout=subprocess.PIPE, text=True, check=False)
            return found.stdout.strip() == self.link

        self.ana.expect(is_read, "the picture to be read as the link")
        self._close_dialog(self.ana)

    def the_open_invitation_is_listed(self):
        self.ana.see("Member, in place of Cleo Marchand")
        self._take_picture(self.ana, "page")

    def ben_takes_the_place_over(self):
        self.ben = self._open_window("ben")
        self.ben.click("push button", "Join an office")
        self.ben.fill("Or an invitation link, or an address", self.link)
        self.ben.press("Return")
        self.ben.see("Studio Nord")
        self.ben.fill("Your name", "Ben Okafor")
        self.ben.fill("A password for this office", PASSWORD)
        self.ben.press("Return")
        self.ben.find("push button", LIVE)
        self.ana.see("Member · online")
        self.ana.not_see("Member · has not joined yet")
        self.ana.not_see("Member, in place of Cleo Marchand")
        self.ana.find("list item", "People, 2 of 2 here")

    def a_guest_is_offered_less(self):
        self._open_menu("What to do with Ben Okafor", "Make Guest")
        self.ben.see("You are now a guest in this office: you see what you are shown")
        self.ana.see("Guest · online")
        self.ben.find("list item", PEOPLE).mouse()
        assert not self.ben.find_all("push button", "Invite"), "a guest may invite"
        assert not self.ben.find_all("push button", "New project"), "a guest may make projects"
        assert not self.ben.find_all("push button", re.compile("^What to do with")), "a guest may change people"
        self._take_picture(self.ben, "guest")

    def a_manager_is_offered_more(self):
        self._open_menu("What to do with Ben Okafor", "Make Manager")
        self.ben.see("You now manage this office")
        self.ben.find("push button", "Invite")
        assert not self.ben.find_all("push button", "What to do with Ana Keller"), "a manager may change owners"

    def what_takes_the_hub_waits_for_it(self):
        status = self.ana.close()
        assert status == 0, f"Ana's window ended with {status}"
        self.ben.expect(lambda app: not is_offered(app, "Invite"), "inviting to wait for the hub")
        assert is_offered(self.ben, "New project"), "what can wait to be sent is not offered any more"
        self._take_picture(self.ben, "offline")
        self.ana = self._open_window("ana")
        self.ana.find("push button", LIVE)
        self.ana.find("list item", PEOPLE).mouse()
        self.ben.find("push button", LIVE, timeout=60)
        self.ben.expect(lambda app: is_offered(app, "Invite"), "inviting to be offered again")

    def an_invitation_is_withdrawn(self):
        self.ben.click("push button", "Invite")
        self.ben.click("push button", "Make Invitation")
        self.ben.find("label", re.compile("^bureau://"))
        self._close_dialog(self.ben)
        self.ben.click("push button", "Withdraw")
        self.ben.not_see("Open Invitations")

    def ben_changes_the_password_and_sees_the_devices(self):
        self.ben.click("push button", "Password and Devices")
        self.ben.see("This device")
        self.ben.see("ben")
        self.ben.fill("Current password, if you have one", "not the password")
        self.ben.fill("New password", "another quiet room")
        self.ben.press("Return")
        self.ben.see(re.compile("password.*not right", re.IGNORECASE))
        self._take_picture(self.ben, "account")
        self.ben.fill("Current password, if you have one", PASSWORD)
        self.ben.click("push button", "Set Password")
        self.ben.see("Your password is set, and your other devices are signed out.")
        self._close_dialog(self.ben)

    def a_deactivated_person_is_out_at_once(self):
        self._open_menu("What to do with Ben Okafor", "Deactivate…")
        self.ana.click("push button", "Deactivate")
        self._see_dialog_close(self.ana)
        self.ana.see("Manager · deactivated")
        self.ben.see("You are no longer in this office")
        self.ben.not_see("You now manage this office")
        for name in ("Invite", "New project", re.compile("^What to do with")):
            assert not self.ben.find_all("push button", name), f"{name} is offered to somebody who is out"
        self._take_picture(self.ana, "deactivated")
        self._take_picture(self.ben, "out")

    def and_can_be_let_in_again(self):
        self._open_menu("What to do with Ben Okafor", "Let In Again")
        self.ana.not_see("Manager · deactivated")

    def a_removed_person_is_gone(self):
        self._open_menu("What to do with Ben Okafor", "Remove…")
        self.ana.click("push button", "Remove")
        self._see_dialog_close(self.ana)
        self.ana.not_see("Ben Okafor")
        self.ana.see("Nobody Else Yet")

    def the_access_log_tells_of_it_all(self):
        self._open_menu("More about people", "Access Log")
        for sentence in ("Ana Keller made the office", "Ana Keller removed Ben Okafor",
                         "Ana Keller deactivated Ben Okafor", "Ana Keller let Ben Okafor in again",
                         "Ana Keller changed the role of Ben Okafor", "Ben Okafor withdrew an invitation",
                         "Ben Okafor set a new password"):
            # Some of it is further down.
            self.ana.expect(lambda a, said=sentence: any(n.name == said for n, _ in a.tree().walk()), f"“{sentence}”")
        self._take_picture(self.ana, "access-log")
        self._close_dialog(self.ana)

    def the_windows_close_well(self):
        self._close_well(self.ben, self.ana)


def main():
    enter(cable=True)
    return tell(Membership, "zbarimg")


if __name__ == "__main__":
    sys.exit(main())
