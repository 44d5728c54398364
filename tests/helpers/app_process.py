"""The app as a user has it: a process with a window, driven by keys and read by a screen reader."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import psutil

from tests.helpers.screen import Screen, XWindow, wait_for
from tests.helpers.screen_reader import Node, ScreenReader
from tests.helpers.waiting import PATIENCE_S

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]


class App:
    """One start of the app on a data folder. ``close`` ends it whatever state it is in."""

    def __init__(
        self,
        screen: Screen,
        data_dir: Path,
        *,
        command: Sequence[str] = ("-m", "desktop"),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._screen = screen
        self.data_dir = data_dir
        self._log = data_dir.parent / f"{data_dir.name}-{time.monotonic_ns()}.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *command, "--data-dir", str(data_dir)],
                cwd=ROOT,
                env=screen.environment if environment is None else environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._reader: ScreenReader | None = None

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def reader(self) -> ScreenReader:
        if self._reader is None:
            self._reader = ScreenReader(self._screen.bus_address)
        return self._reader

    def log(self) -> str:
        """What it wrote to standard output and error."""
        return self._log.read_text("utf-8", "replace")

    # Its window

    def window(self) -> XWindow:
        """Waits until there is one."""

        def found() -> list[XWindow]:
            if (code := self.process.poll()) is not None:
                raise AssertionError(f"The app ended with {code} before it had a window:\n{self.log()}")
            return self._screen.windows(self.pid)

        return wait_for(found, "the app's window")[0]

    def read(self) -> Node:
        """What the window shows now, dialogs and menus included."""
        return wait_for(lambda: self.reader.read(self.pid), lambda: f"a readable window\n{self.log()}")

    def words(self) -> str:
        """All text that the window shows now."""
        return self.read().words()

    def sees(self, text: str, timeout: float = PATIENCE_S) -> None:
        """Waits until the window shows ``text``."""
        self.until(lambda node: text in node.words(), f"“{text}” in the window", timeout)

    def until(self, condition: Callable[[Node], T | None], what: str, timeout: float = PATIENCE_S) -> T:
        """Waits until the window's content is as wanted; returns what ``condition`` gave."""
        return wait_for(
            lambda: condition(self.read()), lambda: f"{what}; it shows:\n{self.words()}", timeout, every=0.1
        )

    def messages(self) -> list[Node]:
        """The messages that are showing, the topmost first."""
        return sorted(messages_in(self.read()), key=lambda node: self.reader.place(node)[1])

    def place(self, node: Node) -> tuple[int, int, int, int]:
        """x, y, width and height on the screen."""
        return self.reader.place(node)

    def press_button(self, name: str) -> None:
        """Clicks the button whose accessible name begins with ``name``."""
        button = self.until(lambda node: _button(node, name), f"a button “{name}”")
        x, y, width, height = self.reader.place(button)
        self._screen.click(x + width // 2, y + height // 2)

    def ready(self) -> None:
        """Waits for the window, gives it the keyboard, and waits until the model in use is loaded."""
        window = self.window()
        wait_for(lambda: self._screen.active() != 0, "a window with the focus")
        if self._screen.active() != window.id:
            self._screen.activate(window)
        self.until(lambda node: _model(node).endswith(", ready"), "a model that is ready")

    def place_to_write(self) -> None:
        """Waits until what is typed goes into the composer."""
        self.until(lambda node: (field := node.find("text", "Message")) and field.focused, "a place to write")

    def ask(self, text: str) -> None:
        """Types a prompt and sends it."""
        self.place_to_write()
        self._screen.type(text)
        self.until(lambda node: _composed(node) == text, "the typed prompt in the composer")
        self._screen.press("Return")

    def model_state(self) -> str:
        """Name and state of the model, as the model menu's button says them."""
        return _model(self.read())

    # Its processes

    def workers(self) -> list[psutil.Process]:
        """Engine workers that this process started and that are alive."""
        try:
            children = psutil.Process(self.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []
        return [child for child in children if is_worker(child)]

    def worker(self) -> psutil.Process:
        """Waits until there is one."""
        return wait_for(self.workers, "an engine worker")[0]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def wait_for_end(self, timeout: float = PATIENCE_S) -> int:
        """The exit code."""
        return self.process.wait(timeout)

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
        if self.process.poll() is None:
            workers = self.workers()
            self.thaw()
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
            for worker in workers:
                if worker.is_running():
                    os.kill(worker.pid, signal.SIGKILL)


def messages_in(window: Node) -> list[Node]:
    """The messages in the transcript, in no order, each with its author as its name."""
    transcript = next((node for node in window.walk() if node.name == "Messages"), None)
    if transcript is None:
        return []
    return [message for child in transcript.children for message in _outermost(child)]


def _outermost(node: Node) -> list[Node]:
    """What is named and holds something, without what is in it."""
    if node.name and node.children:
        return [node]
    return [found for child in node.children for found in _outermost(child)]


def is_worker(process: psutil.Process) -> bool:
    try:
        return "--engine-worker" in process.cmdline() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _button(window: Node, name: str) -> Node | None:
    found = (window.find(role, name) for role in ("push button", "button menu", "check box"))
    return next((node for node in found if node is not None), None)


def _model(window: Node) -> str:
    button = next((node for node in window.walk() if node.name.startswith("Model ")), None)
    return button.name if button else ""


def _composed(window: Node) -> str:
    composer = window.find("text", "Message")
    return composer.text if composer else ""
