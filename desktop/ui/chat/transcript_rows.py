"""What the transcript shows, row by row. A message is one row; a very long one is several. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop.domain.conversation import Message, MessageTree, Role, Status
from desktop.ui.widgets.markdown_source import Piece, Splitter

ROW_CHARACTERS = 16 * 1024
"""About how much text one row holds, so that no row takes long to render."""
_PER_LINE = 92
_LINE = 23
_FRAME = 88


@dataclass(frozen=True, slots=True)
class Row:
    """``part`` counts a long message's rows. ``version`` of ``versions`` are for the arrows, from 1."""

    message: Message
    text: str
    part: int = 0
    first: bool = True
    last: bool = True
    version: int = 1
    versions: int = 1
    end: bool = False
    """The conversation's last row."""

    @property
    def key(self) -> tuple[str, int]:
        return (self.message.id, self.part)

    @property
    def own(self) -> bool:
        """Written by the user."""
        return self.message.role is Role.USER

    @property
    def streaming(self) -> bool:
        return self.message.status is Status.STREAMING

    @property
    def left_out(self) -> tuple[int, int]:
        """Messages and tokens of the conversation that the model was not sent for this answer."""
        origin = self.message.origin
        return (origin.left_out_turns, origin.left_out_tokens) if origin else (0, 0)

    def estimate(self) -> int:
        """A guess at the height in pixels, from the length alone."""
        above = _LINE * (bool(self.message.thinking) + bool(self.left_out[1])) if self.first else 0
        return _FRAME + above + _LINE * (len(self.text) // _PER_LINE + self.text.count("\n") // 2)


@dataclass(frozen=True, slots=True)
class Streamed:
    """A running answer as far as it is.

    ``progress`` and ``fraction`` are those of ``progress.py``; ``left_out`` those of ``words.left_out``.
    """

    message_id: str
    text: str
    progress: str = ""
    fraction: float | None = None
    thinking: str = ""
    thinking_s: float = 0.0
    left_out: tuple[int, int] = (0, 0)


def rows_of(path: Sequence[Message], tree: MessageTree[Message]) -> list[Row]:
    """The shown branch as rows; system messages are the sidebar's."""
    shown = [message for message in path if message.role is not Role.SYSTEM]
    rows: list[Row] = []
    for index, message in enumerate(shown):
        siblings = tree.siblings(message.id)
        version = next((at for at, one in enumerate(siblings, 1) if one.id == message.id), 1)
        rows.extend(_rows(message, version, len(siblings), end=index == len(shown) - 1))
    return rows


def _rows(message: Message, version: int, versions: int, *, end: bool) -> list[Row]:
    text = message.text
    parts = [text] if len(text) <= ROW_CHARACTERS or message.status is Status.STREAMING else parts_of(text)
    last = len(parts) - 1
    return [
        Row(message, part, at, at == 0, at == last, version, versions, end and at == last)
        for at, part in enumerate(parts)
    ]


def parts_of(text: str) -> list[str]:
    """A long text cut between its blocks, into parts that render as the whole would."""
    splitter = Splitter()
    parts: list[str] = []
    gathered: list[str] = []
    size = 0
    for piece in [*splitter.feed(text), *splitter.finish()]:
        source = _fenced(piece) if piece.is_code else piece.text
        if gathered and size + len(source) > ROW_CHARACTERS:
            parts.append("\n\n".join(gathered))
            gathered, size = [], 0
        gathered.append(source)
        size += len(source)
    if gathered:
        parts.append("\n\n".join(gathered))
    return parts or [text]


def _fenced(piece: Piece) -> str:
    fence = "```"
    while fence in piece.text:
        fence += "`"
    return f"{fence}{piece.language}\n{piece.text}\n{fence}"
