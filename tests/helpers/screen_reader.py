"""Reads a window as a screen reader does: the accessibility tree, over D-Bus (AT-SPI 2).

What a test finds here has a name, a role and a place, and is showing; what a sighted user sees and this
does not is a fault of the window. Interfaces: https://gitlab.gnome.org/GNOME/at-spi2-core, xml/ folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from jeepney import DBusAddress, HeaderFields, MessageType, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

_REGISTRY = "org.a11y.atspi.Registry"
_ROOT = "/org/a11y/atspi/accessible/root"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_ACCESSIBLE = "org.a11y.atspi.Accessible"
_TEXT = "org.a11y.atspi.Text"
_COMPONENT = "org.a11y.atspi.Component"
_SECONDS = 10.0
_MOST_NODES = 3000
# Bits of AtspiStateType.
_CHECKED, _ENABLED, _FOCUSED, _SHOWING = 4, 8, 12, 25
_WITH_TEXT = ("text", "label", "paragraph", "document text", "document frame")


class GoneError(Exception):
    """The thing asked about is no longer there, or its program does not answer."""


@dataclass(slots=True)
class Node:
    """One thing on the screen at the moment it was read. ``text`` is a field's content, else empty."""

    bus: str
    path: str
    role: str
    name: str
    description: str
    text: str
    state: int
    children: list[Node] = field(default_factory=list)

    @property
    def enabled(self) -> bool:
        return bool(self.state >> _ENABLED & 1)

    @property
    def checked(self) -> bool:
        return bool(self.state >> _CHECKED & 1)

    @property
    def focused(self) -> bool:
        return bool(self.state >> _FOCUSED & 1)

    def walk(self) -> Iterator[Node]:
        """Itself and everything in it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def find(self, role: str, name: str) -> Node | None:
        """The first of this role whose name begins with ``name``."""
        found = (node for node in self.walk() if node.role == role and node.name.startswith(name))
        return next(found, None)

    def words(self) -> str:
        """All text that is showing in it: labels, buttons, contents of fields."""
        return "\n".join(part for node in self.walk() for part in (node.name, node.text) if part)


def has_registry(address: str) -> bool:
    """Whether programs that start now on this accessibility bus will be heard."""
    try:
        with open_dbus_connection(address) as connection:
            daemon = DBusAddress("/", bus_name="org.freedesktop.DBus", interface="org.freedesktop.DBus")
            asked = new_method_call(daemon, "NameHasOwner", "s", (_REGISTRY,))
            return bool(connection.send_and_get_reply(asked, timeout=_SECONDS).body[0])
    except OSError:
        return False


class ScreenReader:
    """Connected to one accessibility bus until it is closed."""

    def __init__(self, address: str) -> None:
        self._connection: DBusConnection = open_dbus_connection(address)

    def close(self) -> None:
        self._connection.close()

    def read(self, pid: int) -> Node | None:
        """Everything that process ``pid`` is showing, or ``None`` while it shows nothing or is busy."""
        try:
            for bus, path in self._children(_REGISTRY, _ROOT):
                if self._pid(bus) == pid:
                    return self._read(bus, path, [_MOST_NODES])
        except (GoneError, TimeoutError):
            return None
        return None

    def place(self, node: Node) -> tuple[int, int, int, int]:
        """x, y, width and height on the screen."""
        place: tuple[int, int, int, int] = self._call(
            node.bus, node.path, _COMPONENT, "GetExtents", "u", (0,)
        )[0]
        return place

    def _read(self, bus: str, path: str, left: list[int]) -> Node | None:
        left[0] -= 1
        low, high = self._call(bus, path, _ACCESSIBLE, "GetState")[0]
        state = low | high << 32
        if not state >> _SHOWING & 1 or left[0] < 0:
            return None
        role = self._call(bus, path, _ACCESSIBLE, "GetRoleName")[0]
        name, description = (self._property(bus, path, key) for key in ("Name", "Description"))
        text = self._text(bus, path) if role in _WITH_TEXT else ""
        if text == name:  # A label, whose name is what it says.
            text = ""
        node = Node(bus, path, role, name, description, text, state)
        for child in self._children(bus, path):
            if (read := self._read(*child, left)) is not None:
                node.children.append(read)
        return node

    def _children(self, bus: str, path: str) -> list[tuple[str, str]]:
        children: list[tuple[str, str]] = self._call(bus, path, _ACCESSIBLE, "GetChildren")[0]
        return children

    def _property(self, bus: str, path: str, name: str) -> str:
        return str(self._call(bus, path, _PROPERTIES, "Get", "ss", (_ACCESSIBLE, name))[0][1])

    def _text(self, bus: str, path: str) -> str:
        try:
            return str(self._call(bus, path, _TEXT, "GetText", "ii", (0, -1))[0])
        except GoneError:
            return ""  # nothing but a picture

    def _pid(self, bus: str) -> int:
        daemon = "org.freedesktop.DBus"
        body = self._call(daemon, "/org/freedesktop/DBus", daemon, "GetConnectionUnixProcessID", "s", (bus,))
        return int(body[0])

    def _call(
        self, bus: str, path: str, interface: str, method: str, signature: str = "", body: tuple = ()
    ) -> tuple[Any, ...]:
        address = DBusAddress(path, bus_name=bus, interface=interface)
        message = new_method_call(address, method, signature or None, body)
        reply = self._connection.send_and_get_reply(message, timeout=_SECONDS)
        if reply.header.message_type is MessageType.error:
            raise GoneError(f"{method} on {path}: {reply.header.fields.get(HeaderFields.error_name)}")
        return reply.body
