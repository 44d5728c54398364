"""What of a chat the model is sent. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from desktop.domain.conversation import InContext, Message, Part, PartKind, Role
from desktop.domain.generation import Turn
from desktop.domain.spans import places
from desktop.system.printable import one_line

BETWEEN = "\n\n"
"""Stands between a message's files and its text, and between messages that become one turn."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message as the model is sent it; without an id what is not in the chat yet, and instructions."""

    message_id: str | None
    role: Role
    text: str
    files: tuple[str, ...] = ()
    context: InContext = InContext.AUTO
    name: str = ""
    """The first file's, on one line."""

    @property
    def content(self) -> str:
        return BETWEEN.join((*self.files, self.text) if self.text else self.files)

    @property
    def characters(self) -> int:
        return sum(map(len, (*self.files, self.text)))

    @property
    def is_sent(self) -> bool:
        return self.context is not InContext.EXCLUDED and bool(self.text or self.files)


def said(message: Message) -> Said:
    """Its files come before its text; thinking is never sent back."""
    names, files = _files(message.parts)
    return Said(message.id, message.role, message.text, files, message.context, names)


def about_to_be_said(text: str, attachments: Sequence[Part]) -> Said:
    """A user's message that is not sent yet."""
    names, files = _files(attachments)
    return Said(None, Role.USER, text if text.strip() else "", files, name=names)


def as_sent(part: Part) -> str:
    """An attachment: a heading with the file's name, and its text between fences that it cannot close."""
    fence = "`" * max(3, 1 + _longest_run(part.text))
    end = "" if part.text.endswith("\n") else "\n"
    return f"### {_name(part)}\n\n{fence}\n{part.text}{end}{fence}"


def turns_of(path: Iterable[Message], system_prompt: str) -> tuple[Turn, ...]:
    """The system prompt, then the messages that are not excluded.

    A message without text and files, such as an answer that never came, is left out.
    """
    return tuple(turn for turn, _ in turns_from(map(said, path), system_prompt))


def turns_from(path: Iterable[Said], system_prompt: str) -> Iterator[tuple[Turn, list[Said]]]:
    """Each turn, and the messages that it is made of.

    Neighbours with the same role become one turn: many templates insist that roles alternate. It is pinned
    if one of them is.
    """
    instructions = [Said(None, Role.SYSTEM, system_prompt)] if system_prompt.strip() else []
    sent = (each for each in (*instructions, *path) if each.is_sent)
    for role, neighbours in groupby(sent, lambda each: each.role):
        parts = list(neighbours)
        pinned = any(each.context is InContext.PINNED for each in parts)
        yield Turn(role, BETWEEN.join(each.content for each in parts), pinned), parts


def placed_turns(
    path: Sequence[Message], system_prompt: str
) -> tuple[tuple[Turn, ...], tuple[tuple[int, ...], ...]]:
    """The same as :func:`turns_of`, and where on ``path`` the messages are that each turn is made of."""
    at = {message.id: place for place, message in enumerate(path)}
    made = list(turns_from(map(said, path), system_prompt))
    whence = (tuple(at[each.message_id] for each in parts if each.message_id in at) for _, parts in made)
    return tuple(turn for turn, _ in made), tuple(whence)


def turns_sent(path: Sequence[Message], system_prompt: str, sent: str) -> tuple[Turn, ...]:
    """The turns that an answer was made from; ``sent`` is what its origin says of it.

    Where that is empty, those that would be sent now.
    """
    if known := places(sent, len(path)):
        path = [replace(path[place], context=InContext.AUTO) for place in sorted(known)]
    return turns_of(path, system_prompt)


def _longest_run(text: str) -> int:
    """Of backticks, where there are three or more; 2 at most otherwise. In milliseconds for megabytes."""
    low, high = 2, 3
    while "`" * high in text:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if "`" * middle in text else (low, middle)
    return low


def _files(parts: Iterable[Part]) -> tuple[str, tuple[str, ...]]:
    """The first one's name, and all as they are sent."""
    attached = [part for part in parts if part.kind is PartKind.ATTACHMENT]
    return _name(attached[0]) if attached else "", tuple(map(as_sent, attached))


def _name(part: Part) -> str:
    return one_line(part.name) or "file"
