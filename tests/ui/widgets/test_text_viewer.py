"""A window to look at a text of any size."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLabel, QPlainTextEdit, QPushButton, QWidget

from desktop.ui.theme import Theme
from desktop.ui.widgets.plain_viewer import LONGEST_LINE, MOST_CHARACTERS, MOST_LINES
from desktop.ui.widgets.text_viewer import TextViewer
from tests.helpers.qt_loop import until


@pytest.fixture
def window(theme: Theme) -> Iterator[QWidget]:
    made = QWidget()
    made.resize(900, 600)
    made.show()
    yield made
    shiboken6.delete(made)


async def shown(name: str, text: str, theme: Theme, window: QWidget) -> TextViewer:
    viewer = TextViewer(name, text, theme, window)
    viewer.open()
    await until(lambda: viewer.field.is_complete, "the text")
    return viewer


def child(viewer: TextViewer, kind: type, name: str):
    found = viewer.findChild(kind, name)
    assert found is not None
    return found


async def test_a_text_is_shown_as_it_is_and_cannot_be_changed(theme, window):
    viewer = await shown("notes.md", "# One\n\n\ttwo\0", theme, window)
    assert viewer.field.toPlainText() == "# One\n\n\ttwo\ufffd"
    QTest.keyClicks(viewer.field, "x")
    assert viewer.field.toPlainText().startswith("# One")
    assert viewer.windowTitle() == "notes.md"
    assert child(viewer, QLabel, "text-viewer-size").text().startswith("12 characters")


async def test_a_hostile_name_stays_on_its_line(theme, window):
    viewer = await shown("a\n\u202egpj.exe" + "x" * 900, "text", theme, window)
    assert "\n" not in viewer.windowTitle()
    assert "\u202e" not in viewer.windowTitle()
    assert viewer.width() <= window.width()


async def test_a_very_long_line_is_shown_as_several_and_copied_as_one(theme, window):
    viewer = await shown("data.json", "x" * 50_000, theme, window)
    assert max(map(len, viewer.field.toPlainText().split("\n"))) <= 2 * LONGEST_LINE
    child(viewer, QPushButton, "text-viewer-copy").click()
    assert QGuiApplication.clipboard().text() == "x" * 50_000


@pytest.mark.parametrize("text", ["\n" * (3 * MOST_LINES), ("a" * 99 + "\n") * (MOST_CHARACTERS // 100 + 9)])
async def test_of_an_endless_text_the_beginning_is_shown_and_that_is_said(theme, window, text):
    viewer = await shown("log.txt", text, theme, window)
    assert viewer.field.document().characterCount() <= MOST_CHARACTERS + LONGEST_LINE
    assert viewer.field.blockCount() <= MOST_LINES + 20_000
    assert "only the beginning" in child(viewer, QLabel, "text-viewer-size").text()


async def test_lines_can_be_wrapped_and_escape_closes(theme, window):
    viewer = await shown("a.txt", "word " * 400, theme, window)
    child(viewer, QCheckBox, "text-viewer-wrap").click()
    assert viewer.field.lineWrapMode() is QPlainTextEdit.LineWrapMode.WidgetWidth
    gone = []
    viewer.destroyed.connect(lambda: gone.append(True))
    QTest.keyClick(viewer, Qt.Key.Key_Escape)
    await until(lambda: gone, "the end of it")
