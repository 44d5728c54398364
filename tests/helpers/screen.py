"""A screen without a monitor, for tests: an X server, a window manager, an accessibility bus, and hands.

    with Screen() as screen:
        process = subprocess.Popen(command, env=screen.environment)
        screen.type("Hello")
        screen.press("Return")

What is on it is read through ``screen_reader``, as a blind user would. Linux; needs the packages that
``packaging/install-system.sh --tests`` installs. Nothing here sleeps for a fixed time: ``wait_for`` polls.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from tests.helpers.screen_reader import has_registry
from tests.helpers.waiting import PATIENCE_S

T = TypeVar("T")
REGISTRY = "/usr/libexec/at-spi2-registryd"
_KEY_MS = 4
"""Between two typed characters; with none at all a busy window manager drops some."""
_BUS = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>accessibility</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


def wait_for(
    condition: Callable[[], T | None],
    what: str | Callable[[], str],
    timeout: float = PATIENCE_S,
    every: float = 0.05,
) -> T:
    """Calls ``condition`` until it is true and returns what it gave; fails naming ``what`` was waited for."""
    end = time.monotonic() + timeout
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"Not within {timeout:g} s: {what if isinstance(what, str) else what()}")
        time.sleep(every)
    return found


@dataclass(frozen=True, slots=True)
class XWindow:
    """One top-level window as the window manager lists it."""

    id: int
    pid: int
    title: str


class Screen:
    """Its servers live from ``__enter__`` to ``__exit__``, and no longer than this process."""

    def __init__(self, width: int = 1600, height: int = 1000) -> None:
        self._size = f"{width}x{height}x24"
        self._folder = tempfile.TemporaryDirectory(prefix="screen-")
        self._servers: list[subprocess.Popen[bytes]] = []
        self._display = ""

    def __enter__(self) -> Self:
        try:
            self._start_display()
            self._start("openbox", "--sm-disable", "--config-file", str(self._openbox_config()))
            wait_for(self._is_managed, "a window manager")
            self._start_bus()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        for server in reversed(self._servers):
            server.terminate()
            try:
                server.wait(5)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
        self._servers.clear()
        self._folder.cleanup()

    @property
    def environment(self) -> dict[str, str]:
        """For a program that shall appear here and be read by a screen reader."""
        return self._plain_environment | {
            "QT_QPA_PLATFORM": "xcb",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        }

    @property
    def quiet_environment(self) -> dict[str, str]:
        """For a program that shall appear here without a screen reader: what most people have."""
        return self._plain_environment | {
            "QT_QPA_PLATFORM": "xcb",
            "AT_SPI_BUS_ADDRESS": "",
            "DBUS_SESSION_BUS_ADDRESS": "disabled:",
        }

    @property
    def bus_address(self) -> str:
        return f"unix:path={self._folder.name}/bus"

    # Hands

    def type(self, text: str) -> None:
        """Into the window that has the focus."""
        for number, line in enumerate(text.split("\n")):
            if number:
                self.press("shift+Return")
            if line:
                self._hands("type", "--delay", str(_KEY_MS), "--", line)

    def press(self, *keys: str) -> None:
        """Keys by xdotool's names, each pressed and let go: ``ctrl+Return``."""
        self._hands("key", "--delay", str(_KEY_MS), "--", *keys)

    def click(self, x: int, y: int) -> None:
        self._hands("mousemove", str(x), str(y), "click", "1")

    def point(self, x: int, y: int) -> None:
        self._hands("mousemove", str(x), str(y))

    # Windows

    def windows(self, pid: int | None = None) -> list[XWindow]:
        """Top-level windows, of one process or of all, in the window manager's order."""
        listed = self._run("wmctrl", "-lp", check=False).splitlines()
        rows = (line.split(None, 4) for line in listed)
        windows = [XWindow(int(row[0], 16), int(row[2]), row[4] if len(row) > 4 else "") for row in rows]
        return [window for window in windows if pid in (None, window.pid)]

    def popups(self, pid: int) -> int:
        """How many menus and tooltips of a process are open: windows that no manager and no reader lists."""
        every = self._run("xdotool", "search", "--onlyvisible", "--pid", str(pid), ".*", check=False).split()
        return len(set(map(int, every)) - {window.id for window in self.windows(pid)})

    def active(self) -> int:
        """The id of the window that has the focus, or 0."""
        words = self._run("xprop", "-root", "_NET_ACTIVE_WINDOW", check=False).split()
        return int(words[-1].rstrip(","), 16) if words and words[-1].startswith("0x") else 0

    def stacking(self) -> list[int]:
        """Ids of all top-level windows, the lowest first."""
        words = self._run("xprop", "-root", "_NET_CLIENT_LIST_STACKING", check=False).partition("#")[2]
        return [int(word.strip(" ,"), 16) for word in words.split()]

    def activate(self, window: XWindow) -> None:
        self._run("wmctrl", "-ia", hex(window.id))
        wait_for(lambda: self.active() == window.id, "the window has the focus")

    def close_window(self, window: XWindow) -> None:
        """As its close button does."""
        self._run("wmctrl", "-ic", hex(window.id))

    def resize(self, window: XWindow, width: int, height: int) -> None:
        """Moves it to the corner; the size is the window's, without what the manager draws around it."""
        self._hands("windowmove", str(window.id), "0", "0")
        self._hands("windowsize", str(window.id), str(width), str(height))

    def geometry(self, window: XWindow) -> tuple[int, int, int, int]:
        """x, y, width, height on the screen, without what the manager draws around it."""
        lines = self._run("xwininfo", "-id", str(window.id)).splitlines()
        values = dict(line.strip().split(":", 1) for line in lines if ":" in line)
        names = ("Absolute upper-left X", "Absolute upper-left Y", "Width", "Height")
        x, y, width, height = (int(values[name]) for name in names)
        return x, y, width, height

    # Eyes

    def save_picture(self, path: Path, window: XWindow | None = None) -> None:
        """A PNG of the whole screen or of one window's place on it, menus above it included."""
        path.parent.mkdir(parents=True, exist_ok=True)
        place: tuple[str, ...] = ()
        if window is not None:
            x, y, width, height = self.geometry(window)
            place = ("-crop", f"{width}x{height}+{x}+{y}", "+repage")
        self._run("import", "-silent", "-window", "root", *place, "-strip", f"png24:{path}")

    def pixels(self, window: XWindow, area: tuple[int, int, int, int] | None = None) -> bytes:
        """What a window, or an area of the screen within it, shows, to compare with what it shows later."""
        x, y, width, height = area or self.geometry(window)
        crop = f"{max(1, width)}x{max(1, height)}+{x}+{y}"
        command = ("import", "-silent", "-window", "root", "-crop", crop, "rgb:-")
        return subprocess.run(command, env=self._plain_environment, check=True, capture_output=True).stdout

    # Servers

    @property
    def _plain_environment(self) -> dict[str, str]:
        return dict(os.environ) | {
            "DISPLAY": self._display,
            "WAYLAND_DISPLAY": "",
            # A session bus of its own, so that nothing reaches the desktop this may run on.
            "DBUS_SESSION_BUS_ADDRESS": self.bus_address,
            "AT_SPI_BUS_ADDRESS": self.bus_address,
        }

    def _start_display(self) -> None:
        reading, writing = os.pipe()
        try:
            self._start(
                "Xvfb", "-displayfd", str(writing), "-screen", "0", self._size, "-nolisten", "tcp",
                "-noreset", keep=writing,
            )  # fmt: skip
        finally:
            os.close(writing)
        with os.fdopen(reading, "rb") as numbers:
            # The server writes the number of the first free display, and closes.
            self._display = f":{numbers.readline().decode().strip()}"
        assert self._display != ":", "Xvfb did not start"

    def _start_bus(self) -> None:
        folder = Path(self._folder.name)
        config = folder / "bus.conf"
        config.write_text(_BUS.format(socket=folder / "bus"), encoding="utf-8")
        self._start("dbus-daemon", f"--config-file={config}", "--nofork")
        wait_for((folder / "bus").exists, "an accessibility bus")
        self._start(REGISTRY)
        wait_for(lambda: has_registry(self.bus_address), "an accessibility registry")

    def _openbox_config(self) -> Path:
        """No desktop menus, no key bindings of its own, so that every key reaches the window."""
        path = Path(self._folder.name) / "openbox.xml"
        path.write_text(
            '<?xml version="1.0"?><openbox_config xmlns="http://openbox.org/3.4/rc">'
            "<focus><focusNew>yes</focusNew></focus>"
            "<placement><policy>Smart</policy></placement>"
            "<desktops><number>1</number></desktops></openbox_config>",
            encoding="utf-8",
        )
        return path

    def _is_managed(self) -> bool:
        return "window id" in self._run("xprop", "-root", "_NET_SUPPORTING_WM_CHECK", check=False)

    def _start(self, *command: str, keep: int | None = None) -> None:
        # It ends with this process, also if that is killed.
        bound = ("setpriv", "--pdeathsig", "TERM", *command)
        with (Path(self._folder.name) / "servers.log").open("ab") as log:
            self._servers.append(
                subprocess.Popen(
                    bound,
                    env=self._plain_environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=() if keep is None else (keep,),
                )
            )

    def _hands(self, *words: str) -> None:
        self._run("xdotool", *words)

    def _run(self, *command: str, check: bool = True) -> str:
        done = subprocess.run(
            command,
            env=self._plain_environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        if check and done.returncode:
            raise AssertionError(f"{command[0]} failed: {done.stderr.strip()}")
        return done.stdout
