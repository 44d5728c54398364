"""Everything in the window can be used without seeing it and without a mouse: names, tooltips, the tab order.

The walk looks at whatever is there, so a new widget is found by itself.
"""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QTextEdit,
    QWidget,
)

from tests.helpers.qt_loop import until
from tests.helpers.tour import Tour

INTERACTIVE = (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QAbstractItemView,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
)
SHOWS_ONLY = (QTextEdit, QPlainTextEdit)
"""Text to be read says itself what it is; of a list it is the rows that have tooltips."""
MOST_TABS = 400


def is_internal(widget: QWidget) -> bool:
    """Parts Qt puts into its own widgets: a box's line edit, scroll bars, what clears a field."""
    parent = widget.parentWidget()
    return (
        isinstance(widget, QScrollBar)
        or isinstance(parent, QAbstractSpinBox | QLineEdit)
        or widget.objectName().startswith("qt_")
    )


def takes_tab(widget: QWidget) -> bool:
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus == Qt.FocusPolicy.TabFocus)


def usable(root: QWidget) -> list[QWidget]:
    return [
        widget for widget in root.findChildren(QWidget)
        if widget.isVisible() and not is_internal(widget) and widget.window() is root.window()
        and (isinstance(widget, INTERACTIVE) or takes_tab(widget))
    ]  # fmt: skip


def described(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    names = [f"{type(widget).__name__}#{widget.objectName()}"]
    parent = widget.parentWidget()
    while parent is not None and len(names) < 4:
        names.append(f"{type(parent).__name__}#{parent.objectName()}")
        parent = parent.parentWidget()
    return f"{' < '.join(names)} {text[:30]!r}"


def name_of(widget: QWidget) -> str:
    """As a screen reader is told it: its own, its label's, or its text."""
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name).strip()


def needs_tip(widget: QWidget) -> bool:
    if isinstance(widget, SHOWS_ONLY) and widget.isReadOnly():
        return False
    return isinstance(widget, INTERACTIVE) and not isinstance(widget, QAbstractItemView)


async def tabbed(root: QWidget) -> list[QWidget]:
    """Where Tab leads, once around."""
    window = root.window()
    window.activateWindow()
    await until(window.isActiveWindow, "the window in front")
    seen: list[QWidget] = []
    for _ in range(MOST_TABS):
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        await asyncio.sleep(0)
        at = QApplication.focusWidget()
        if seen and at is seen[-1]:
            continue  # it has several things inside
        if at is None or at in seen:
            break
        seen.append(at)
    return seen


async def test_everything_has_a_name_a_tooltip_and_is_reached_by_tab(window, services, tmp_path):
    window.resize(1600, 1000)
    found: set[str] = set()
    async for name, root in Tour(window, services, tmp_path).stops():
        QCoreApplication.sendPostedEvents()
        for widget in usable(root):
            if not name_of(widget):
                found.add(f"{name}: no name: {described(widget)}")
            if needs_tip(widget) and not widget.toolTip():
                found.add(f"{name}: no tooltip: {described(widget)}")
        if name == "keys wait":
            continue  # there Tab is a key like others
        reached = await tabbed(root)
        for widget in usable(root):
            if takes_tab(widget) and widget.isEnabled() and widget not in reached and not widget.focusProxy():
                found.add(f"{name}: Tab passes it by: {described(widget)}")
    assert not found, "\n".join(sorted(found))
