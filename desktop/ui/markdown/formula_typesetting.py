"""LaTeX formulas as drawings, made by one thread beside the window's. No Qt.

Ziamath is Python, a few milliseconds for a usual formula, and doubles its work with each level of nesting;
and the text is a stranger's. So whoever owns the :class:`Typesetter` looks in from time to time, and a
formula that takes too long is thrown out.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import queue
import re
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

DEADLINE_S = 2.0
"""Far more than any formula needs that people read, also on a machine with much else to do."""
EM = 16
"""Pixels of the type that drawings are made at."""
_MAX_WIDTH = 3000
_MAX_HEIGHT = 1200
_SWITCH_S = 0.001
"""The longest the window waits for the interpreter while this thread computes."""
_FORBIDDEN = re.compile(
    r"\\(?:[egx]?def|let|(?:re)?newcommand|providecommand|DeclareMathOperator|href|includegraphics)\b"
)


class Formula(NamedTuple):
    """``apart`` stands in a line of its own, with room above and below its signs."""

    latex: str
    apart: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """Black on nothing. Sizes are in pixels at a type of ``EM``; ``ascent`` is above the baseline."""

    svg: bytes
    width: float
    ascent: float
    descent: float


class Overrun(BaseException):
    """Thrown into the thread at the deadline. No ``Exception``: a library cannot catch it."""


class Typesetter:
    """A queue of formulas and the thread that works through it. All methods return at once."""

    def __init__(self) -> None:
        self.wanted: set[Formula] = set()
        """What is still worth beginning. The owner takes out what nobody waits for any more."""
        self._todo: queue.SimpleQueue[Formula | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[tuple[Formula, Drawing | None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._begun = 0.0
        self._closed = False
        self._thread: threading.Thread | None = None

    def put(self, formula: Formula) -> None:
        self.wanted.add(formula)
        self._todo.put(formula)
        if self._thread is None:
            sys.setswitchinterval(min(sys.getswitchinterval(), _SWITCH_S))
            self._thread = threading.Thread(target=self._work, name="formulas", daemon=True)
            self._thread.start()

    def results(self) -> Iterator[tuple[Formula, Drawing | None]]:
        """What is finished; ``None`` for what is no formula, too large or took too long. Throws out a formula
        that is over its time."""
        self._throw_out(DEADLINE_S)
        while not self._done.empty():
            yield self._done.get()

    def close(self) -> None:
        """Ends the thread, and what it is at: that would go on for ever if it has no end."""
        self.wanted.clear()
        self._closed = True
        self._todo.put(None)
        self._throw_out(0.0)

    def _throw_out(self, most_s: float) -> None:
        """The formula that the thread has been at for longer."""
        with self._lock:
            if self._thread is not None and self._begun and time.monotonic() - self._begun > most_s:
                self._begun = 0.0
                thread = ctypes.c_ulong(self._thread.ident or 0)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, ctypes.py_object(Overrun))

    def _work(self) -> None:
        while (formula := self._todo.get()) is not None:
            if formula in self.wanted:
                self._done.put((formula, self._set(formula)))

    def _set(self, formula: Formula) -> Drawing | None:
        drawing = None
        try:
            with contextlib.suppress(Exception):
                _load()
            with self._lock:
                if self._closed:
                    return None
                self._begun = time.monotonic()
            drawing = typeset(formula)
        except Overrun:
            return None
        finally:
            self._rest()
        return drawing

    def _rest(self) -> None:
        """No throw comes after this; one that was thrown meanwhile arrives here."""
        try:
            with self._lock:
                self._begun = 0.0
            time.sleep(0)
        except Overrun:
            pass


def typeset(formula: Formula) -> Drawing | None:
    """The drawing, or ``None`` for what is no formula or too large."""
    if _FORBIDDEN.search(formula.latex):
        return None
    try:
        _load()
        return _draw(formula)
    except Exception:  # noqa: BLE001 - whatever a foreign parser throws at a stranger's text
        return None


@functools.cache
def _load() -> None:
    """A quarter of a second and 30 MB for the first formula, which are not counted as its work."""
    import ziamath.zmath  # noqa: F401 - with its fonts
    from ziamath.config import config

    # Paths instead of references to them, which Qt's small SVG does not know.
    config.svg2 = False
    config.precision = 2


def _draw(formula: Formula) -> Drawing | None:
    from ziamath.zmath import Latex

    laid_out = Latex(formula.latex, size=EM, inline=not formula.apart)
    width, height = laid_out.getsize()
    if not (0 < width <= _MAX_WIDTH and 0 < height <= _MAX_HEIGHT):
        return None
    svg = laid_out.svgxml()
    _, top, width, height = (float(part) for part in svg.attrib["viewBox"].split())
    return Drawing(ElementTree.tostring(svg), width, -top, top + height)
