"""Chats on their way out of the app or into it, and what became of those that came in. Pure values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from desktop.domain.conversation import Conversation, Message, MessageTree

EXPORT_FORMATS = ("markdown", "html", "text", "json", "sft", "preferences")
"""What chats can be written as; ``storage.exchange.formats`` has the writers. The window adds PDF."""


@dataclass(frozen=True, slots=True)
class PortableChat:
    """A whole chat without a database. Parents stand before their children; ``folder`` is names, outermost
    first."""

    conversation: Conversation
    messages: tuple[Message, ...]
    folder: tuple[str, ...] = ()

    @property
    def tree(self) -> MessageTree[Message]:
        return MessageTree(self.messages)

    @property
    def path(self) -> list[Message]:
        """The branch that is shown, oldest first."""
        return self.tree.path(self.conversation.leaf_id)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an export or import is: ``share`` of what there is to do, from 0 to 1; ``chats`` are done."""

    share: float
    chats: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that could not be taken over. ``where`` is the id of the message, or the file it was in."""

    what: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class FoundChat:
    """A chat as an import read it."""

    chat: PortableChat
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class BrokenChat:
    """Something that should be a chat and cannot be read; ``reason`` is a sentence."""

    where: str
    reason: str


class Fate(StrEnum):
    IMPORTED = "imported"
    ALREADY_THERE = "already-there"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ImportedChat:
    """What became of one chat. ``messages`` is how many it has; ``reason`` says why it was not imported."""

    title: str
    fate: Fate
    conversation_id: str = ""
    messages: int = 0
    reason: str = ""
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """``left_out`` concerns whole files and entries; ``stopped`` is why the rest was not read, if so."""

    chats: tuple[ImportedChat, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    stopped: str = ""

    def count(self, fate: Fate) -> int:
        return sum(chat.fate is fate for chat in self.chats)

    def in_words(self) -> str:
        """Lines for people: the sum, then each chat that has something to say, then files."""
        lines = [_sum(self)]
        for chat in self.chats:
            said = [chat.reason] if chat.reason else []
            said += in_numbers(chat.left_out)
            if said:
                lines.append(f"“{chat.title or 'Untitled'}” ({_FATES[chat.fate]}): {' '.join(said)}")
        lines += [f"{item.where}: {item.what}" for item in self.left_out]
        if self.stopped:
            lines.append(f"Stopped: {self.stopped}")
        return "\n".join(lines)


def in_numbers(left_out: Iterable[LeftOut]) -> list[str]:
    """``["Left out: 2 × image, 1 × tool call."]``, or nothing."""
    counted = Counter(item.what for item in left_out)
    if not counted:
        return []
    return [f"Left out: {', '.join(f'{count} × {what}' for what, count in counted.items())}."]


_FATES = {
    Fate.IMPORTED: "imported",
    Fate.ALREADY_THERE: "already there, skipped",
    Fate.FAILED: "not imported",
}


def _sum(report: ImportReport) -> str:
    parts = [f"Imported {_chats(report.count(Fate.IMPORTED))}"]
    if there := report.count(Fate.ALREADY_THERE):
        parts.append(f"skipped {there:,} already there")
    if failed := report.count(Fate.FAILED):
        parts.append(f"could not read {failed:,}")
    return f"{', '.join(parts)}."


def _chats(count: int) -> str:
    return f"{count:,} chat" if count == 1 else f"{count:,} chats"
