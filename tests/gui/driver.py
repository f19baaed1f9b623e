# SPDX-FileCopyrightText: The Bureau authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sees and drives a GTK 4 window as a person does: through the accessibility bus, the keyboard and the mouse.

What GTK 4.8 makes necessary:
 - it knows no screen coordinates: they are the window's own plus the X window's place;
 - pages of a stack that are not shown count as visible: what is shown is found by asking what is at its middle;
 - a popover's coordinates are its own: they are left alone here, keys do what menus would;
 - list rows have no name: they are called after the text in them;
 - GetText(0, -1) is empty: a large end does it.
"""

import functools
import os
import re
import subprocess
import time

import gi

gi.require_version("Atspi", "2.0")
# pylint: disable=wrong-import-position
from gi.repository import Atspi, Gio, GLib
from PIL import Image
from Xlib import X
from Xlib import display as xdisplay
from Xlib import error as xerror
from Xlib.ext import xtest

from session import wait

ACCESSIBLE, COMPONENT, TEXT, ACTION, EDITABLE = (
    "org.a11y.atspi." + name for name in ("Accessible", "Component", "Text", "Action", "EditableText"))
CACHE = "org.a11y.atspi.Cache", "/org/a11y/atspi/cache"
ROLES = {int(role): Atspi.role_get_name(role) for role in map(Atspi.Role, range(int(Atspi.Role.LAST_DEFINED)))}
STATES = {number: Atspi.StateType(number).value_nick for number in range(int(Atspi.StateType.LAST_DEFINED))}
TOPLEVELS = ("frame", "dialog", "alert", "window")
SCROLLED = TOPLEVELS + ("scroll pane", "list", "viewport")
ROWS = ("list item", "tree item", "table row", "menu item")
BOXES = ("panel", "filler")
LABELS = ("label", "static")
TELLING = {"focused", "selected", "checked", "pressed", "modal"}
IN_THE_WINDOW = GLib.Variant("(u)", (1,))
WHOLE_TEXT = GLib.Variant("(ii)", (0, 0x7FFFFFFF))
TIMEOUT = float(os.environ.get("GUI_TIMEOUT", "20"))
SOME_FRAMES = 0.06  # seconds
RESTLESS = 3
ACTIVATION = 0.3  # for so long GTK shows a button as pressed, when no mouse presses it, before it does anything
DOUBLE_CLICK = 0.5  # what is clicked again sooner has been double-clicked


def until(condition, what, timeout=None):
    """As wait(), and what goes away while one looks counts as not yet."""

    def safely():
        try:
            return condition()
        except (GLib.Error, xerror.XError, StopIteration):
            return None

    return wait(safely, what, TIMEOUT if timeout is None else timeout)


# ---------------------------------------------------------------------- the display

_display = None


def screen():
    global _display  # pylint: disable=global-statement
    if _display is None:
        _display = xdisplay.Display()
    return _display


def xdo(*words):
    subprocess.run(["xdotool", *map(str, words)], check=True, timeout=20, stdout=subprocess.DEVNULL)


_clicked_at = 0.0


def mouse(kind, x=0, y=0):
    """Has the mouse do something; it is the window's to take when this returns."""
    xtest.fake_input(screen(), kind, 1 if kind in (X.ButtonPress, X.ButtonRelease) else 0, x=x, y=y)
    screen().sync()


def press(*keys):
    xdo("key", "--clearmodifiers", "--delay", "20", *keys)


def write(text):
    xdo("type", "--clearmodifiers", "--delay", "15", text)


class XWindow:
    """A mapped window: where it is, without the shadow that GTK draws round it."""

    def __init__(self, window):
        self.window = window
        geometry = window.get_geometry()
        place = window.translate_coords(screen().screen().root, 0, 0)
        attributes = window.get_attributes()
        left, right, top, bottom = self._property("_GTK_FRAME_EXTENTS") or (0, 0, 0, 0)
        self.frame = (left, right, top, bottom)
        self.x, self.y = -place.x + left, -place.y + top
        self.width, self.height = geometry.width - left - right, geometry.height - top - bottom
        self.mapped = attributes.map_state == X.IsViewable
        self.popup = bool(attributes.override_redirect)
        self.pid = (self._property("_NET_WM_PID") or [None])[0]
        self.title = bytes(self._property("_NET_WM_NAME") or []).decode("utf-8", "replace")

    def _property(self, name):
        value = self.window.get_full_property(screen().intern_atom(name), X.AnyPropertyType)
        return list(value.value) if value and len(value.value) else None

    def activate(self):
        root = screen().screen().root

        def active():
            value = root.get_full_property(screen().intern_atom("_NET_ACTIVE_WINDOW"), X.AnyPropertyType)
            return value and len(value.value) and value.value[0] == self.window.id

        if not active():
            xdo("windowactivate", self.window.id)
            until(active, "the window to become active")

    def place(self, x, y, width, height):
        left, right, top, bottom = self.frame
        xdo("windowsize", self.window.id, width + left + right, height + top + bottom)
        xdo("windowmove", self.window.id, x - left, y - top)


def all_windows():
    """The programs' windows, lowest first; a window manager's frames are looked into."""
    found = []

    def look(window, depth):
        for child in window.query_tree().children:
            try:
                candidate = XWindow(child)
                if candidate.mapped and candidate.pid:
                    found.append(candidate)
                elif depth < 2:
                    look(child, depth + 1)
            except xerror.XError:
                pass

    look(screen().screen().root, 0)
    return found


def x_windows(pid):
    return [window for window in all_windows() if window.pid == pid]


def photograph(path, area=None):
    """Writes the screen, or (x, y, width, height) of it, as a PNG. Returns the path."""
    root = screen().screen().root
    size = root.get_geometry()
    x, y, width, height = area or (0, 0, size.width, size.height)
    x, y = max(x, 0), max(y, 0)
    width, height = min(width, size.width - x), min(height, size.height - y)
    image = root.get_image(x, y, width, height, X.ZPixmap, 0xFFFFFFFF)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    Image.frombytes("RGB", (width, height), image.data, "raw", "BGRX").save(path)
    return path


# ---------------------------------------------------------------------- what is in a window


class Node:
    """One accessible as it was when the tree was read; its place, and what is typed in it, as they were when they were
    first asked for."""

    def __init__(self, app, bus, path, parent=None):
        self.app, self.bus, self.path, self.parent = app, bus, path, parent
        self.interfaces, self.children, self.states = [], [], set()
        self.role = self.name = ""

    def describe(self, _n_children, interfaces, name, role, _description, states):
        """As its program lists it."""
        self.interfaces, self.name, self.role = interfaces, name, ROLES.get(role, str(role))
        bits = states[0] | states[1] << 32
        self.states = {state for number, state in STATES.items() if bits >> number & 1}

    def __repr__(self):
        return f"<{self.role} {self.label!r} {self.extents}>"

    def walk(self, depth=0):
        yield self, depth
        for child in self.children:
            yield from child.walk(depth + 1)

    def ancestors(self):
        node = self.parent
        while node:
            yield node
            node = node.parent

    @property
    def label(self):
        if self.name:
            return self.name
        if self.role in ROWS:
            return " ".join(n.name or n.text for n, _ in self.walk() if n.role in LABELS)
        return ""

    @property
    def inside(self):
        """All the text in it, for cards and rows."""
        return " ".join(n.name or n.text for n, _ in self.walk() if n.name or n.text)

    @property
    def toplevel(self):
        return next((n for n in [self, *self.ancestors()] if n.role in TOPLEVELS), None)

    def ask(self, interface, method, arguments=None):
        return self.app.connection.call_sync(self.bus, self.path, interface, method, arguments, None,
                                             Gio.DBusCallFlags.NONE, 8000, None).unpack()

    @functools.cached_property
    def text(self):
        if self.role in LABELS and self.name:
            return self.name
        return self.ask(TEXT, "GetText", WHOLE_TEXT)[0] if TEXT in self.interfaces else ""

    @functools.cached_property
    def extents(self):
        return tuple(self.ask(COMPONENT, "GetExtents", IN_THE_WINDOW)[0]) if COMPONENT in self.interfaces else None

    @functools.cached_property
    def _room(self):
        """The area outside of which nothing in it is shown."""
        if self.role in SCROLLED and self.clip:
            return self.clip
        return self.parent._room if self.parent and self.role != "menu" else None

    @functools.cached_property
    def clip(self):
        """What the scrolled areas round it leave of it."""
        room = self.parent._room if self.parent and self.role not in TOPLEVELS + ("menu",) else None
        if not room or not self.extents:
            return self.extents
        x, y, width, height = self.extents
        left, top = max(x, room[0]), max(y, room[1])
        right, bottom = min(x + width, room[0] + room[2]), min(y + height, room[1] + room[3])
        return (left, top, max(0, right - left), max(0, bottom - top))

    @property
    def has_area(self):
        return "visible" in self.states and self.clip and self.clip[2] > 0 and self.clip[3] > 0

    @property
    def shown(self):
        if not self.has_area:
            return False
        top = self.toplevel
        if top is None or top is self:
            return True
        # A menu is above all else, on a surface of its own, which the window's hit test knows nothing of.
        menu = next((n for n in self.ancestors() if n.role == "menu"), None)
        if menu:
            return menu.has_area
        x, y, width, height = self.clip
        _, there = top.ask(COMPONENT, "GetAccessibleAtPoint",
                           GLib.Variant("(iiu)", (x + width // 2, y + height // 2, 1)))[0]
        family = {n.path for n in self.ancestors()} | {n.path for n, _ in self.walk()}
        return there.endswith("/null") or there in family

    def again(self):
        """It as it is now, or what stands for the same thing: a list may have been filled anew."""
        nodes = [n for n, _ in self.app.tree().walk()]
        return next((n for n in nodes if n.path == self.path), None) or next(
            n for n in nodes if n.role == self.role and n.label == self.label and n.shown)

    def at_rest(self):
        """It as it lies once its program has drawn it there."""

        def lies():
            self.app.settle()
            now = self.again()
            return now.shown and now

        return until(lies, f"{self} to come to rest")

    def window(self):
        """The X window it is in."""
        return self.app.window(self.toplevel.name if self.toplevel else None)

    def middle(self):
        """The screen's coordinates of the middle of what is shown of it."""
        window = self.window()
        x, y, width, height = self.clip
        return window.x + x + width // 2, window.y + y + height // 2

    def click(self):
        """Presses it as an assistive technology does, with the mouse where that does nothing."""
        try:
            if ACTION in self.interfaces and self.ask(ACTION, "GetActions")[0]:
                self.ask(ACTION, "DoAction", GLib.Variant("(i)", (0,)))
                time.sleep(ACTIVATION)
                self.app.settle()
                return
        except GLib.Error:
            pass
        self.mouse()

    def _point(self):
        """Puts the mouse on it. Returns it as it lies there."""
        node = self.at_rest()
        while True:
            node.window().activate()
            mouse(X.MotionNotify, *node.middle())
            # The mouse may have stirred something.
            place, node = node.clip, node.at_rest()
            if node.clip == place:
                return node

    def mouse(self):
        global _clicked_at  # pylint: disable=global-statement
        self._point()
        time.sleep(max(0, _clicked_at + DOUBLE_CLICK - time.monotonic()))
        # Held until all has been done about it: where things move, GTK asks whether the button is still down, and
        # takes the press back if it is not.
        mouse(X.ButtonPress)
        self.app.settle()
        mouse(X.ButtonRelease)
        self.app.settle()
        _clicked_at = time.monotonic()

    def drag_to(self, other, upper=False):
        """Takes it with the mouse and lets go over the other, at its middle or near its upper edge."""
        other = other.at_rest()
        x, y = self._point().middle()
        to_x, to_y = other.middle()
        if upper:
            to_y = other.window().y + other.clip[1] + 8
        mouse(X.ButtonPress)
        for step in range(1, 13):
            self.app.settle()
            mouse(X.MotionNotify, x + (to_x - x) * step // 12, y + (to_y - y) * step // 12)
        self.app.settle()
        mouse(X.MotionNotify, to_x + 1, to_y)
        self.app.settle()
        mouse(X.ButtonRelease)
        self.app.settle()


class App:
    """A running program of somebody's, and what is in its windows."""

    def __init__(self, person, argv, env=None):
        self.person = person
        self.process = person.desk.start(argv, {**person.env, **(env or {})}, log=f"{person.name}-app")
        flags = Gio.DBusConnectionFlags
        self.connection = Gio.DBusConnection.new_for_address_sync(
            person.env["AT_SPI_BUS_ADDRESS"], flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION, None, None)
        self.root = until(self._find_root, f"{person.name}'s window")

    def _get_turns(self):
        """How often its main thread has gone to sleep; None while it is awake."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/status", encoding="ascii") as file:
            status = file.read()
        return re.search(r"^State:\tS", status, re.M) and re.search(r"^voluntary_ctxt_switches:\t(\d+)", status, re.M)[1]

    def settle(self):
        """Waits until it has nothing to do, however busy the machine is: what came is dealt with, and frames are drawn.
        One that finds no rest is left at it."""
        end = time.monotonic() + RESTLESS
        turns = None
        while time.monotonic() < end:
            last, turns = turns, self._get_turns()
            if turns and turns == last:
                return
            time.sleep(SOME_FRAMES)

    # --- finding

    def _find_root(self):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.person.name}'s program ended with {self.process.returncode}:\n"
                                 + self.person.desk.log(f"{self.person.name}-app"))
        registry = Node(self, "org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root")
        for bus, path in registry.ask(ACCESSIBLE, "GetChildren")[0]:
            pid = Node(self, "org.freedesktop.DBus", "/org/freedesktop/DBus").ask(
                "org.freedesktop.DBus", "GetConnectionUnixProcessID", GLib.Variant("(s)", (bus,)))[0]
            if pid == self.process.pid and self.window():
                return bus, path
        return None

    def _list(self):
        """What the program says in one answer of all that it has been asked about before."""
        interface, path = CACHE
        items = Node(self, self.root[0], path).ask(interface, "GetItems")[0]
        return {path: item for (_, path), _, _, _, *item in items}

    def _read_children(self, nodes):
        """Asks all the nodes of a level at once."""
        pending = len(nodes)

        def answered(connection, result, node):
            nonlocal pending
            pending -= 1
            try:
                node.children = [Node(self, bus, path, node) for bus, path in connection.call_finish(result).unpack()[0]]
            except GLib.Error:
                pass  # It is gone.

        for node in nodes:
            self.connection.call(node.bus, node.path, ACCESSIBLE, "GetChildren", None, None, Gio.DBusCallFlags.NONE,
                                 8000, None, answered, node)
        context = GLib.MainContext.default()
        while pending:
            context.iteration(True)

    def tree(self):
        """What is in its windows."""
        known = self._list()
        root = Node(self, *self.root)
        level = [root]
        while level:
            self._read_children([node for node in level if node is root or node.path not in known or known[node.path][0]])
            level = [child for node in level for child in node.children]
        nodes = [node for node, _ in root.walk()]
        if any(node.path not in known for node in nodes):
            known = self._list()
        for node in nodes:
            if node.path in known:
                node.describe(*known[node.path])
        return root

    def find_all(self, role=None, name=None, within=None):
        """Those shown with the role whose name is, or matches, the given."""
        return [n for n, depth in (within or self.tree()).walk()
                if depth and (role is None or n.role == role) and matches(name, n.label) and n.shown]

    def find(self, role=None, name=None, timeout=None):
        return self._expect(lambda: next(iter(self.find_all(role, name)), None), f"{role or ''} {name!r}", timeout)

    def see(self, text, timeout=None):
        """Waits until the text is somewhere in the window."""
        pattern = text if isinstance(text, re.Pattern) else re.compile(re.escape(text))
        return self._expect(lambda: next((n for n, _ in self.tree().walk() if says(n, pattern)), None),
                            f"to see {text!r}", timeout)

    def not_see(self, text, timeout=None):
        pattern = text if isinstance(text, re.Pattern) else re.compile(re.escape(text))
        self._expect(lambda: not any(says(n, pattern) for n, _ in self.tree().walk()), f"{text!r} to go", timeout)

    def expect(self, condition, what, timeout=None):
        """Waits until the condition holds; it is called with this app."""
        return self._expect(lambda: condition(self), what, timeout)

    def _expect(self, condition, what, timeout):
        def still_running():
            if self.process.poll() is not None:
                raise AssertionError(f"{self.person.name}'s program ended with {self.process.returncode}:\n"
                                     + self.person.desk.log(f"{self.person.name}-app"))
            return condition()

        try:
            return until(still_running, what, timeout)
        except AssertionError as error:
            raise AssertionError(f"{self.person.name}: {error}\n{self._read_out()}\n{self.dump()}") from None

    def _read_out(self):
        """What it says at the moment and what is typed in it, in a few lines: the beginning of a long log is all that
        some show."""
        texts = [n.name if n.role in LABELS + ("alert",) else n.text and f"[{n.text}]"
                 for n, _ in self.tree().walk() if n.shown]
        return "It says: " + " | ".join(dict.fromkeys(text for text in texts if text))

    def dump(self):
        """The tree as text, for a failure's log; boxes without a name are left out."""
        return "\n".join(f"{'  ' * depth}{n.role} {n.label!r} {n.text!r} {n.extents} {' '.join(n.states & TELLING)}"
                         for n, depth in self.tree().walk()
                         if depth == 0 or n.has_area and (n.role not in BOXES or n.name and not n.name.startswith("G")))

    # --- acting

    def window(self, title=None):
        """The uppermost window, or the one with the title."""
        return next((w for w in reversed(x_windows(self.process.pid))
                     if not w.popup and title in (None, w.title)), None)

    def activate(self):
        self.window().activate()

    def press(self, *keys):
        self.activate()
        press(*keys)

    def write(self, text):
        self.activate()
        write(text)

    def click(self, role, name):
        self.find(role, name).click()

    def fill(self, name, text, role="text"):
        """Types into the entry of that name in place of what is there."""
        entry = self.find(role, name)
        if not has_focus(entry):
            entry.mouse()
            until(lambda: has_focus(self.find(role, name)), f"focus in {name!r}")
        self.press("ctrl+a", "BackSpace")
        self.write(text)

    def photograph(self, path):
        """A picture of the window as it was last drawn."""
        window = self.window()
        window.activate()
        self.settle()
        photograph(path, (window.x, window.y, window.width, window.height))

    def close(self, timeout=15):
        """Closes its window and waits for the program to end."""
        self.press("ctrl+q")
        return self.process.wait(timeout)


def has_focus(node):
    """Whether it has the focus, or what is in it does."""
    return any("focused" in n.states for n, _ in node.walk())


def matches(pattern, name):
    if pattern is None:
        return True
    if isinstance(pattern, re.Pattern):
        return bool(pattern.search(name))
    plain = name.replace("_", "")
    # A button with a mnemonic is called "_Add Add".
    return plain in (pattern, f"{pattern} {pattern}")


def says(node, pattern):
    return "visible" in node.states and (pattern.search(node.name) or pattern.search(node.text)) and node.shown
