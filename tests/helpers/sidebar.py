"""What a test looks for in the parameter sidebar, and in what it stores."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QAbstractButton, QLabel

from desktop.domain.conversation import Conversation
from desktop.services.assembly import Services
from desktop.ui.main_window import MainWindow
from desktop.ui.parameters.row import ParameterRow
from desktop.ui.parameters.sidebar import ParameterSidebar
from tests.helpers.qt_loop import until


def row(sidebar: ParameterSidebar, name: str) -> ParameterRow:
    """A parameter's."""
    return next(row for row in sidebar.findChildren(ParameterRow) if row.spec.name == name)


def button(sidebar: ParameterSidebar, name: str) -> QAbstractButton:
    found = sidebar.findChild(QAbstractButton, name)
    assert found is not None, name
    return found


def problem(sidebar: ParameterSidebar, name: str) -> str:
    """What is said to be wrong with a parameter."""
    return _shown(sidebar, f"problem-{name}")


def note(sidebar: ParameterSidebar, name: str) -> str:
    """What is said of a parameter's value."""
    return _shown(sidebar, f"band-{name}")


async def stored(window: MainWindow, services: Services, conversation_id: str = "") -> Conversation:
    """The open chat, or another one."""
    current = window.chat_pane.current()
    assert current is not None
    return await services.conversations.head(conversation_id or current.id)


async def until_stored(
    window: MainWindow,
    services: Services,
    condition: Callable[[Conversation], bool],
    conversation_id: str = "",
) -> None:
    """Waits until the chat is so on disk, and everybody shows it."""

    async def is_stored() -> bool:
        return condition(await stored(window, services, conversation_id))

    await until(is_stored, "what is stored")
    await window._kit.tasks.settle()


async def until_overrides(window: MainWindow, services: Services, values: dict[str, object]) -> None:
    """The same for what the chat says beside its preset."""
    await until_stored(window, services, lambda chat: chat.overrides == values)


def _shown(sidebar: ParameterSidebar, name: str) -> str:
    label = sidebar.findChild(QLabel, name)
    return label.text() if label is not None and label.isVisible() else ""
