#!/usr/bin/python3
# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the list of what is on the network into an office, with a typed code; signed out and in again, with what was
done meanwhile; without a keyring; and a hub that is another one all of a sudden. Ana's window serves the office over
TLS on a network of its own.

Each step builds on those before it; after one that fails the rest is not tried. Pictures are kept in
$BUREAU_SCREENSHOTS.
"""

import json
import os
import re
import subprocess
import sys
import urllib.request

sys.dont_write_bytecode = True

try:
    import network
    from driver import App, has_focus
    from session import Person, end
    from story import LIVE, Story, tell
except (ImportError, ValueError) as error:
    print(f"1..0 # SKIP {error}")
    sys.exit(0)

HUB = os.environ["BUREAU_HUB"]
PORT = 28732
PASSWORD = "a quiet room for two"
CODE = "Code of eight characters"
FOUND_HUB = re.compile("^Bureau [0-9a-f]{4}-[0-9a-f]{4}$")
BAR = "Password of Ben Okafor"


class Joining(Story):
    TITLE = "joining"

    def __init__(self, desk):
        # People are told of its bus by what the desk has in its environment when they come to it.
        self._avahi = network.start_avahi(desk)
        super().__init__(desk)
        self.ana = self.ben = None
        self._clicks = 0
        self._office = self._people["ana"].home / "data/bureau/office"

    def _click(self, app, role, name):
        """With the mouse, and counted."""
        app.find(role, name).mouse()
        self._clicks += 1

    def _settings(self, name):
        return (self._people[name].home / "config/glib-2.0/settings/keyfile").read_text()

    def _blink(self):
        """The network tells of the hub no longer, and tells of it again."""
        end(self._avahi)
        self.ben.expect(lambda app: not app.find_all(None, FOUND_HUB), "the hub to be gone from the list")
        self._avahi = network.start_avahi_again(self._desk)
        self.ben.expect(lambda app: any("checked" in n.states for n in app.find_all(None, FOUND_HUB)),
                        "the hub to be found and chosen again")

    def _hub(self, command, *more):
        return subprocess.run([HUB, command, "--data", self._office, *more], check=True, stdout=subprocess.PIPE,
                              text=True).stdout

    def _command(self, handle, name, **params):
        """Gives a command as somebody, by the door for scripts."""
        token = self._hub("token", "--user", handle).strip()
        request = urllib.request.Request(f"http://127.0.0.1:{PORT}/api/v1/commands/{name}", method="POST",
                                         data=json.dumps(params).encode(),
                                         headers={"Authorization": f"Bearer {token}",
                                                  "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def _devices(self, handle):
        """The window's, not the script's own."""
        return [device for device in self._command(handle, "device:list")["devices"] if not device["current"]]

    # --- the steps

    def ana_starts_an_office_for_others(self):
        self.ana = self._open_window("ana")
        self._click(self.ana, "push button", "Start an office here")
        self.ana.fill("Office name", "Studio Nord")
        self.ana.fill("Your name", "Ana Keller")
        self._click(self.ana, "push button", "Start")
        self.ana.find("push button", LIVE)
        assert self._clicks <= 3, f"{self._clicks} clicks to serve an office"

    def ben_finds_it_and_joins_with_two_clicks_and_a_code(self):
        code = re.search(r"^code (\S+)$", self._hub("invite"), re.M)[1]
        self.ben = self._open_window("ben")
        self._clicks = 0
        self._click(self.ben, "push button", "Join an office")
        if self._avahi:
            # The only one is chosen, and the cursor stands where the code goes.
            self.ben.expect(lambda app: any("checked" in n.states for n in app.find_all(None, FOUND_HUB)),
                            "the hub to be found and chosen")
            self.ben.expect(lambda app: "focused" in app.find("text", CODE).states, "the cursor at the code")
            self._take_picture(self.ben, "1-found")
        else:
            self.ben.fill("Or an invitation link, or an address", f"{network.ADDRESS}:{PORT}")
            self.ben.find("text", CODE).mouse()
        self.ben.write(code[:3].lower())
        if self._avahi:
            self._blink()
        self.ben.write(code[3:].lower())
        self.ben.see("Studio Nord")
        self.ben.see("You are invited as a member.")
        self.ben.fill("Your name", "Ben Okafor")
        self.ben.fill("A password for this office", PASSWORD)
        self._take_picture(self.ben, "2-offer")
        self._click(self.ben, "push button", "Join")
        self.ana.see("Ben Okafor joined the office")
        self.ben.find("push button", LIVE)
        assert self._clicks <= 2, f"{self._clicks} clicks to join"

    def it_is_tls_to_the_others_and_pinned(self):
        settings = self._settings("ben")
        assert f"https://{network.ADDRESS}:{PORT}" in settings, settings
        assert re.search(r'pin\W+[A-Za-z0-9_-]{43}', settings), settings
        assert PASSWORD not in settings and "refresh" not in settings.lower()

    def a_wrong_code_is_said_in_place(self):
        cleo = App(Person(self._desk, "cleo"), [self.PROGRAM])
        cleo.window().place(self.WIDTH + 10, 0, 360, 720)
        cleo.click("push button", "Join an office")
        cleo.fill("Or an invitation link, or an address", f"{network.ADDRESS}:{PORT}")
        cleo.fill(CODE, "00000000")
        cleo.find("push button", re.compile("Continue"))
        cleo.see("This invitation is not right")
        self._take_picture(cleo, "3-wrong-code")
        assert cleo.close() == 0

    def ben_is_signed_out_and_can_still_read_and_write(self):
        self._command("ben", "device:sign_out", id=self._devices("ben")[0]["id"])
        self.ben.see("You were signed out")
        self.ben.find("list item", re.compile("^First project")).mouse()
        self.ben.see("Drag this card to Done")
        self._make_task(self.ben, "Order acoustic panels")
        self.ben.find("push button", re.compile("1 change waiting"))
        self._take_picture(self.ben, "4-signed-out")

    def a_wrong_password_is_said_in_place(self):
        self.ben.fill(BAR, "not the password", "password text")
        self.ben.press("Return")
        self.ben.see("The sign-in name or the password is not right.")
        self._take_picture(self.ben, "5-wrong-password")

    def the_right_one_sends_what_waits(self):
        self.ben.fill(BAR, PASSWORD, "password text")
        self.ben.press("Return")
        self.ben.find("push button", LIVE)
        self.ben.not_see("You were signed out")
        self.ana.find("list item", re.compile("^First project")).mouse()
        self.ana.see("Order acoustic panels")

    def the_keyring_signs_ben_in(self):
        assert self.ben.close() == 0
        self.ben = self._open_window("ben")
        self.ben.find("push button", LIVE)

    def without_a_keyring_ben_is_asked(self):
        assert self.ben.close() == 0
        self._people["ben"].end_keyring()
        self.ben = self._open_window("ben")
        self.ben.see("Sign in to go on")
        self.ben.expect(lambda app: has_focus(app.find("password text", BAR)), "the cursor there")
        self._take_picture(self.ben, "6-no-keyring")
        self.ben.write("half a password")
        assert self.ben.close() == 0
        self.ben = self._open_window("ben")
        self.ben.expect(lambda app: has_focus(app.find("password text", BAR)), "the cursor there again")
        self.ben.write(PASSWORD)
        self.ben.press("Return")
        self.ben.find("push button", LIVE)
        self.ben.see("There is no keyring: you stay signed in until you close Bureau.")

    def a_second_device_signs_in_by_a_link(self):
        pin = re.search(r'pin\W+([A-Za-z0-9_-]{43})', self._settings("ben"))[1]
        self._people["ben2"] = Person(self._desk, "ben2")
        second = App(self._people["ben2"], [self.PROGRAM])
        second.window().place(self.WIDTH + 10, 0, self.WIDTH, self.HEIGHT)
        second.click("push button", "Join an office")
        second.fill("Or an invitation link, or an address", f"bureau://{network.ADDRESS}:{PORT}/#v1.{pin}.")
        second.press("Return")
        second.fill("Sign-in name", "ben")
        second.fill("Password", PASSWORD)
        self._take_picture(second, "7-sign-in")
        second.press("Return")
        second.find("push button", LIVE)
        assert second.close() == 0

    def another_certificate_is_not_accepted(self):
        self.ben.find("list item", re.compile("^First project")).mouse()
        assert self.ana.close() == 0
        for path in (self._office / "keys").glob("hub.*"):
            path.unlink()
        self.ana = self._open_window("ana")
        self.ana.find("push button", LIVE)
        self.ben.press("F5")
        self.ben.see("Somebody else answers for this office", timeout=60)
        self._make_task(self.ben, "Call the electrician")
        self.ben.find("push button", re.compile("1 change waiting"))
        self._take_picture(self.ben, "8-stranger")
        self.ben.click("push button", "Compare…")
        self.ben.see("Known to you")
        self.ben.see("Shown now")
        self._take_picture(self.ben, "9-compare")
        self.ben.click("push button", "Stay Offline")
        self._see_dialog_close(self.ben)
        self.ben.see("Call the electrician")
        assert "Call the electrician" not in self.ana.find("frame", "Studio Nord").inside

    def joining_again_leads_to_the_page_and_back(self):
        self.ben.click("push button", "Compare…")
        self.ben.click("push button", re.compile("Join Again"))
        self.ben.find("text", CODE)
        self.ben.click("push button", "Back")
        self.ben.find("list item", re.compile("^Studio Nord")).mouse()
        self.ben.see("Sign in to go on")

    def the_windows_close_well(self):
        self._close_well(self.ben, self.ana)


def main():
    reason = network.enter(cable=True)
    if reason:
        print(f"1..0 # SKIP {reason}")
        return 0
    return tell(Joining)


if __name__ == "__main__":
    sys.exit(main())
