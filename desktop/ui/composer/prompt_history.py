"""What was written before, for Up and Down in an empty field: this chat's prompts, then those of other chats.

Of other chats it knows what was sent since the start. Main thread only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from desktop.domain.conversation import Node, Role
from desktop.domain.outline import Outline
from desktop.ui.widgets.prompt_edit import PromptEdit, oversize

_MOST = 200


class PromptHistory:
    """``read`` is asked for a message's text and calls back with it, or not at all."""

    def __init__(
        self,
        edit: PromptEdit,
        opened: Callable[[], Outline | None],
        read: Callable[[str, Callable[[str], None]], None],
    ) -> None:
        self._edit = edit
        self._opened = opened
        self._read = read
        self._sent: deque[tuple[str, str]] = deque(maxlen=_MOST)
        """Ids of chats, and what was sent there; the newest last."""
        self._own: list[str] = []
        """Ids of messages, the newest last."""
        self._others: list[str] = []
        self._at = 0
        """How many back what is shown is; 0: nothing is recalled."""
        edit.recall_requested.connect(self._on_recall_requested)

    def remember(self, conversation_id: str, text: str) -> None:
        """Something was sent, which other chats may recall."""
        if text.strip() and not oversize(text):
            self._sent.append((conversation_id, text))

    def _on_recall_requested(self, step: int) -> None:
        if self._edit.document().isEmpty():
            self._begin()
        at = self._at + step
        if at == 0:
            self._at = 0
            self._edit.set_text("")
        elif 0 < at <= len(self._own):
            self._at = at
            self._read(self._own[-at], lambda text: self._show(at, text))
        elif 0 < at <= len(self._own) + len(self._others):
            self._at = at
            self._show(at, self._others[len(self._own) - at])

    def _begin(self) -> None:
        """Looks at the chat's shape: it may be another one than last time, or longer."""
        chat = self._opened()
        path: Sequence[Node] = chat.path if chat else ()
        here = chat.conversation.id if chat else ""
        self._at = 0
        self._own = [node.id for node in path if node.role is Role.USER and node.characters]
        self._others = [text for there, text in self._sent if there != here]

    def _show(self, at: int, text: str) -> None:
        # A text that came late is no longer wanted, and one that is too long for the field stays where it is.
        if at == self._at and not oversize(text):
            self._edit.recall(text)
