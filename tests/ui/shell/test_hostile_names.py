"""Names of chats, folders, models and files from a stranger are shown as they were written, everywhere.

The walk looks at whatever is there, so a new widget is found by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import Qt as Gui
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QLabel, QMenu, QWidget

from desktop.ui.actions import ActionId
from desktop.ui.models.model_menu import ModelMenu
from desktop.ui.widgets.plain import plain_name, plain_tip, plain_title
from desktop.ui.words import filled
from tests.helpers.tour import Names, Tour

HOSTILE = '<img src="file:///nothing.png"> R&D'
NAMES = Names((HOSTILE, f"{HOSTILE} 2", "Regex help", ""), HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)


def marked(text: str) -> bool:
    """Whether Qt would read the marks of a text."""
    return Gui.mightBeRichText(text) and "<img" in text


def underlined(text: str) -> bool:
    """Whether a letter of the name has become a key."""
    return re.search(r"R&D", text) is not None


def read_as_marks(root: QWidget) -> Iterator[str]:
    for widget in (root, *root.findChildren(QWidget)):
        place = f"{type(widget).__name__}#{widget.objectName()}"
        if marked(widget.toolTip()):
            yield f"tooltip of {place}"
        match widget:
            case QLabel():
                is_plain = widget.textFormat() is Qt.TextFormat.PlainText
                if not is_plain and marked(widget.text()):
                    yield f"text of {place}"
            case QMenu():
                for action in widget.actions():
                    if underlined(action.text()):
                        yield f"{place}: {action.text()}"
                    if marked(action.toolTip()):
                        yield f"tooltip in {place}"
            case QAbstractButton() if underlined(widget.text()):
                yield f"{place}: {widget.text()}"
            case QAbstractItemView() if (model := widget.model()) is not None:
                for row in range(min(model.rowCount(), 100)):
                    if marked(str(model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole) or "")):
                        yield f"tooltip of row {row} of {place}"


async def test_nothing_of_a_name_is_read_as_marks(window, services, tmp_path):
    window.resize(1600, 1000)
    found, seen = set(), set()
    async for name, root in Tour(window, services, tmp_path, NAMES).stops():
        found |= {f"{name}: {place}" for place in read_as_marks(root)}
        seen |= {label.text() for label in root.findChildren(QLabel)}
    assert any("<img" in text for text in seen), "the names were there"
    assert not found, "\n".join(sorted(found))


async def test_the_menu_of_models_shows_a_name_as_it_is(window, services, tmp_path):
    async for name, _ in Tour(window, services, tmp_path, NAMES).stops():
        if name == "versions":
            break
    window.actions_table.action(ActionId.MODEL_MENU).trigger()
    await window._kit.tasks.settle()
    menu = window.findChild(ModelMenu)
    assert not set(read_as_marks(menu))
    shown = [action.text() for popup in menu.findChildren(QMenu) for action in popup.actions()]
    assert any("R&&D" in text for text in shown)


@pytest.mark.parametrize("text", ["<b>x</b>", "a &lt; b", HOSTILE, "<img src=x>\nsecond line"])
def test_a_tip_that_looks_like_marks_is_shown_as_it_was_written(text, qapp):
    shown = QLabel(plain_tip(text))
    document = QTextDocument()
    document.setHtml(shown.text())
    assert document.toPlainText().replace("\u2028", "\n") == text


def test_plain_words_stay_as_they_are():
    assert plain_tip("2 < 3 & so on") == "2 < 3 & so on"
    assert plain_name("R&D") == "R&&D"


def test_a_windows_title_is_the_chats(qtbot):
    shown = QWidget()
    qtbot.addWidget(shown)
    shown.setWindowTitle(plain_title("a [*] b"))
    shown.show()
    assert shown.windowHandle().title().startswith("a [*] b")


def test_what_looks_like_a_place_for_a_value_is_none_in_a_value():
    assert filled("%1 to %2, %1", "%2", "%1") == "%2 to %1, %2"
