"""The window in a language that is longer and read from right to left: nothing is cut off or left out."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QWidget,
)

from desktop.domain.parameters import SPEC_BY_NAME
from desktop.ui.widgets.elided_label import ElidedLabel
from desktop.ui.widgets.menu_button import MenuButton
from tests.helpers.pseudo import stretched, translated, untranslated
from tests.helpers.qt_loop import laid_out
from tests.helpers.tour import NEXT, QUESTION, Names, Tour

ROOMS = [((900, 600), 100), ((1280, 800), 100), ((1280, 800), 150), ((900, 600), 150)]
"""Window sizes, and text sizes in per cent."""
SHORTENED = (ElidedLabel, MenuButton)
"""They shorten their words themselves, and have the whole of them as tooltip."""


@pytest.fixture
def foreign(qapp):
    with translated(qapp):
        yield


@pytest.fixture
def window(foreign, window):
    """Made when the language is already another one."""
    return window


def shown(root: QWidget) -> list[QWidget]:
    return [widget for widget in root.findChildren(QWidget) if widget.isVisible()]


def described(widget: QWidget) -> str:
    parent = widget.parentWidget()
    place = f"{type(parent).__name__}#{parent.objectName()}" if parent is not None else ""
    text = widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""
    return f"{type(widget).__name__}#{widget.objectName()} in {place} {text[:50]!r}"


def is_cut_off(widget: QWidget) -> bool:
    """Whether a label or a button has less room than its words need."""
    if isinstance(widget, SHORTENED) or getattr(widget, "shortens", False):
        return False
    if isinstance(widget, QLabel | QAbstractButton) and not widget.text():
        return False  # a picture
    if isinstance(widget, QLabel) and widget.wordWrap():
        return widget.heightForWidth(widget.width()) > widget.height() + 1
    if isinstance(widget, QLabel):
        needed = widget.minimumSizeHint()
        return needed.width() > widget.width() + 1 or needed.height() > widget.height() + 1
    if isinstance(widget, QPushButton | QToolButton) and widget.text():
        return widget.sizeHint().width() > widget.width() + 1
    return False


def sticks_out(widget: QWidget, root: QWidget) -> bool:
    """Whether a part of it is outside the window, or of what it is scrolled in sideways."""
    area = widget.parentWidget()
    while area is not None and area is not root and not isinstance(area, QAbstractScrollArea):
        area = area.parentWidget()
    if area is None or (isinstance(area, QAbstractScrollArea) and area.horizontalScrollBar().maximum() > 0):
        return False
    place = QRect(widget.mapTo(area, QPoint()), widget.size())
    return place.left() < -1 or place.right() > area.width() + 1


DATA = {
    "banner",
    "banner-advice",
    "banner-message",
    "chat-title",
    "code-language",
    "example",
    "message-status-text",
    "origin-value",
    "qt_msgbox_informativelabel",
    "search-hint",
    "status-device",
    "status-memory",
    "status-model",
    "text-viewer-name",
    "text-viewer-text",
    "tree-map-detail",
}
"""What shows titles, files, what presets and errors say, and units."""


def data(services) -> list[str]:
    """What is no text of the app: what users wrote, what files are called and say."""
    presets = [text for preset in services.presets.all() for text in (preset.name, preset.description)]
    specs = [text for spec in SPEC_BY_NAME.values() for text in (spec.label, spec.help)]
    names = Names()
    return [QUESTION, NEXT, *filter(None, names.titles), names.model, names.file, *presets, *specs]


def texts_of(widget: QWidget) -> list[str]:
    texts = [widget.toolTip(), widget.accessibleName()]
    if isinstance(widget, ElidedLabel):
        texts.append(widget.whole)
    elif isinstance(widget, QLabel | QAbstractButton):
        texts.append(widget.text())
    if isinstance(widget, QLineEdit):
        texts.append(widget.placeholderText())
    return [re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL) for text in texts if text]


def left_untranslated(root: QWidget, known: list[str]) -> set[str]:
    found: set[str] = set()
    for widget in shown(root):
        for text in texts_of(widget) if widget.objectName() not in DATA else ():
            for known_text in sorted(known, key=len, reverse=True):
                text = text.replace(known_text, " ")
            if left := untranslated(text):
                found.add(f"untranslated: {type(widget).__name__}#{widget.objectName()}: {left[:80]!r}")
    return found


def out_of_room(root: QWidget) -> set[str]:
    found: set[str] = set()
    for widget in shown(root):
        if isinstance(widget, QLabel | QAbstractButton | QLineEdit) and sticks_out(widget, root):
            found.add(f"sticks out: {described(widget)}")
        if is_cut_off(widget):
            found.add(f"cut off: {described(widget)} {widget.width()} {widget.sizeHint().width()}")
    return found


async def test_nothing_is_cut_off_or_left_untranslated(window, services, theme, tmp_path):
    found: set[str] = set()
    async for name, root in Tour(window, services, tmp_path).stops():
        found |= {f"{name}: {what}" for what in left_untranslated(root, data(services))}
        # From the text size that is there: dressing the app anew is what takes long.
        for size, scale in ROOMS if theme.scale == ROOMS[0][1] else ROOMS[::-1]:
            window.resize(*size)
            theme.set_scale(scale)
            await laid_out(root)
            found |= {f"{name} at {size[0]}, {scale} %: {what}" for what in out_of_room(root)}
    for action_id, action in window.actions_table.all():
        found |= {
            f"{action_id}: {left}"
            for text in (action.text(), action.toolTip())
            if (left := untranslated(text))
        }
    assert not found, "\n".join(sorted(found))


def test_the_made_up_language_is_longer_and_keeps_what_is_no_word():
    assert stretched("Open %1 of <b>it</b>").startswith("[Ôpéñ %1 ôf <b>îţ</b>~~~")
    assert untranslated(f"{stretched('Open')} · 4 %") == ""
    assert untranslated(f"{stretched('Open')} all") == "all"
