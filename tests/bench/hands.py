"""Hands from outside: they turn the wheel sixty times a second and press keys, as a user does."""

from __future__ import annotations

import asyncio
import subprocess
from typing import TYPE_CHECKING, Any

from tests.bench.pulse import Pulse, Whole

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractScrollArea

WHEEL_UP, WHEEL_DOWN = "4", "5"
TURNS = 400
PAGES = 60
LEAPS = 40


async def hands(*words: str) -> None:
    await asyncio.to_thread(subprocess.run, ["xdotool", *words], check=True)


async def reach(area: QAbstractScrollArea) -> None:
    """Puts the pointer and the keyboard there."""
    middle = area.viewport().mapToGlobal(area.viewport().rect().center())
    await hands("mousemove", str(middle.x()), str(middle.y()))
    area.setFocus()


class Scrolling:
    """What a pulse says while an area is scrolled, stretch by stretch and in all."""

    def __init__(self, area: QAbstractScrollArea, pulse: Pulse) -> None:
        self._bar = area.verticalScrollBar()
        self._pulse = pulse
        self._whole = Whole()
        self._found: dict[str, Any] = {}

    async def wheel(self, name: str, button: str) -> None:
        await self._watch(name, "click", "--repeat", str(TURNS), "--delay", "16", button)

    async def pages(self, name: str, key: str) -> None:
        await self._watch(name, "key", "--repeat", str(PAGES), "--delay", "60", key)

    async def leaps(self) -> None:
        """To places all over, ten a second."""
        with self._pulse.beating():
            for leap in range(LEAPS):
                self._bar.setValue(self._bar.maximum() * (leap * 7 % LEAPS) // LEAPS)
                await asyncio.sleep(0.1)
        self._found["leaps"] = self._whole.add(self._pulse)

    def found(self) -> dict[str, Any]:
        return self._found | {"all": self._whole.found()}

    async def _watch(self, name: str, *words: str) -> None:
        with self._pulse.beating():
            await hands(*words)
            await asyncio.sleep(0.3)
        self._found[name] = self._whole.add(self._pulse)
