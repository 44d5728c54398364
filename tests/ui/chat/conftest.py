"""The list of messages alone."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import shiboken6
from PySide6.QtWidgets import QWidget

from desktop.ui.chat.transcript.transcript import Transcript
from desktop.ui.icons import Icons
from desktop.ui.theme import Theme
from tests.helpers.qt_loop import until


@pytest.fixture
async def transcript(theme: Theme, icons: Icons) -> AsyncIterator[Transcript]:
    window = QWidget()
    made = Transcript(theme, icons, window)
    window.resize(900, 700)
    made.resize(900, 700)
    window.show()
    window.activateWindow()
    await until(window.isActiveWindow, "the window has the keyboard")
    yield made
    window.hide()
    shiboken6.delete(window)
