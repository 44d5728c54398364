"""A message tree out of nodes as another program wrote them: with gaps, loops and ids that occur twice.

    nodes ── place ──> each under the nearest one that is kept ──> messages, parents first

Everything is done in loops, in time linear in the nodes: a branch may be 100,000 messages deep. Pure.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from desktop.domain.conversation import (
    LONGEST_TITLE,
    Conversation,
    Message,
    Origin,
    Part,
    PartKind,
    Role,
    Status,
    title_from,
)
from desktop.domain.exchange import FoundChat, LeftOut, PortableChat
from desktop.system.printable import one_line

MAX_MESSAGES = 200_000
"""Of one chat: more than anybody writes."""
_THINKING = re.compile(r"\s*<think(?:ing)?>(.*?)</think(?:ing)?>\s*", re.DOTALL)


class UnreadableChat(Exception):
    """The chat as a whole cannot be taken over; the message is a sentence."""


@dataclass(slots=True, eq=False)
class Node:
    """A message, or with ``role`` ``None`` what only leads to its children.

    With ``lends`` its parts open the answer below it, as thinking does; without one it is an answer itself.
    """

    id: str
    parent: str | None
    role: Role | None
    parts: tuple[Part, ...] = ()
    created_at: float = 0.0
    status: Status = Status.COMPLETE
    origin: Origin | None = None
    error: str = ""
    position: int = 0
    lends: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of :class:`Message`."""


@dataclass(slots=True)
class Notes:
    """What a reader could not take over of the chat it is reading."""

    items: list[LeftOut] = field(default_factory=list)

    def add(self, what: str, where: str = "") -> None:
        self.items.append(LeftOut(one_line(what), one_line(where)))


@dataclass(slots=True)
class Entry:
    """Where a reader is: ``key`` is the value's own fingerprint, for chats that have no id.

    ``folders`` are those that its file lies in, outermost first.
    """

    key: str
    now: float
    folders: tuple[str, ...] = ()
    notes: Notes = field(default_factory=Notes)


def text_parts(text: str) -> tuple[Part, ...]:
    """An answer's text; thinking between its usual marks at the beginning becomes a part of its own."""
    thought = _THINKING.match(text) if text.lstrip().startswith("<think") else None
    if thought is None:
        return (Part(PartKind.TEXT, text),) if text else ()
    rest = text[thought.end() :]
    found = (Part(PartKind.THINKING, thought[1].strip()),) if thought[1].strip() else ()
    return (*found, Part(PartKind.TEXT, rest)) if rest else found


def derived_id(*words: str) -> str:
    """The same for the same words, so that what is imported twice is known again."""
    digest = hashlib.sha256("\0".join(words).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]


def assemble(
    head: Conversation,
    nodes: Sequence[Node],
    notes: Notes,
    *,
    shown: str | None = None,
    message_id: Callable[[str], str] | None = None,
    folder: tuple[str, ...] = (),
    complete: bool = False,
    now: float,
) -> FoundChat:
    """``head`` with its messages. Its title and times are filled in where they are missing, from ``now`` too.

    ``shown`` is the node whose branch is shown. A system message at the beginning of all becomes the chat's
    system prompt. A ``complete`` chat, one of our own, stays as it is in that, and may be empty. Raises
    :class:`UnreadableChat` if nothing is left, or far too much.
    """
    if len(nodes) > MAX_MESSAGES:
        raise UnreadableChat(f"It has {len(nodes):,} messages; at most {MAX_MESSAGES:,} can be taken over.")
    placed = _Placing(nodes, notes)
    system_prompt = head.system_prompt if complete else _lift_system(placed, head)
    messages, names = _messages(placed, head, message_id or (lambda name: derived_id(head.id, name)), now)
    if not messages and not complete:
        raise UnreadableChat("There is no message in it.")
    leaf_id = placed.shown(shown, names)
    made = PortableChat(replace(head, leaf_id=leaf_id, system_prompt=system_prompt), tuple(messages), folder)
    if leaf_id is None and not (complete and shown is None):
        newest = made.tree.newest_leaf(None)
        made = replace(made, conversation=replace(made.conversation, leaf_id=newest))
    return FoundChat(_completed(made, now, named=complete), tuple(notes.items))


class _Placing:
    """Each node's kept parent, the nodes with every parent before its children."""

    def __init__(self, nodes: Sequence[Node], notes: Notes) -> None:
        self.order: list[Node] = []
        self.parent: dict[int, Node | None] = {}
        """By the node's identity: ids may occur twice."""
        self._anchor: dict[int, Node | None] = {}
        self._lender: dict[int, Node | None] = {}
        self.by_id: dict[str, Node] = {}
        for node in nodes:
            self.by_id.setdefault(node.id, node)
        children: dict[int, list[Node]] = {}
        roots: list[Node] = []
        for node in nodes:
            above = None if node.parent is None else self.by_id.get(node.parent)
            if above is None:
                if node.parent is not None:
                    notes.add("reply to a message that is missing", node.id)
                roots.append(node)
            else:
                children.setdefault(id(above), []).append(node)
        for root in roots:
            self._descend(root, children)
        for node in nodes:
            if id(node) not in self._anchor:
                notes.add("link in a loop of replies", node.id)
                self._descend(node, children)
        self._lend(nodes)

    def shown(self, name: str | None, names: dict[int, str]) -> str | None:
        """The message's id that stands for the node ``name``, or for what is kept above it."""
        node = self.by_id.get(name) if name is not None else None
        if node is None:
            return None
        kept = node if id(node) in names else self._anchor.get(id(node))
        return names.get(id(kept)) if kept is not None else None

    def drop(self, node: Node) -> None:
        """Its children stand where it stood."""
        above = self.parent[id(node)]
        for other in self.order:
            if self.parent[id(other)] is node:
                self.parent[id(other)] = above
        self.order.remove(node)
        self._anchor[id(node)] = above

    def _descend(self, root: Node, children: dict[int, list[Node]]) -> None:
        waiting: list[tuple[Node, Node | None, Node | None]] = [(root, None, None)]
        while waiting:
            node, anchor, lender = waiting.pop()
            if id(node) in self._anchor:
                continue
            self._anchor[id(node)] = anchor
            self._lender[id(node)] = lender
            if node.lends:
                lender = node
            elif node.role is not None:
                self.parent[id(node)] = anchor
                self.order.append(node)
                anchor, lender = node, None
            waiting += ((child, anchor, lender) for child in reversed(children.get(id(node), ())))

    def _lend(self, nodes: Sequence[Node]) -> None:
        spent: set[int] = set()
        for node in self.order:
            borrowed: list[Part] = []
            lender = self._lender[id(node)] if node.role is Role.ASSISTANT else None
            while lender is not None and id(lender) not in spent:
                spent.add(id(lender))
                borrowed += reversed(lender.parts)
                lender = self._lender[id(lender)]
            if borrowed:
                node.parts = (*reversed(borrowed), *node.parts)
        for node in nodes:
            if node.lends and id(node) not in spent and node.parts:
                # Thinking that led to no answer.
                self.parent[id(node)] = self._anchor[id(node)]
                self.order.append(node)


def _lift_system(placed: _Placing, head: Conversation) -> str | None:
    roots = [node for node in placed.order if placed.parent[id(node)] is None]
    if head.system_prompt is not None or len(roots) != 1 or roots[0].role is not Role.SYSTEM:
        return head.system_prompt
    placed.drop(roots[0])
    return "".join(part.text for part in roots[0].parts)


def _messages(
    placed: _Placing, head: Conversation, message_id: Callable[[str], str], now: float
) -> tuple[list[Message], dict[int, str]]:
    names = dict(_unique_names(placed.order, message_id))
    by_parent: dict[int, list[Node]] = {}
    for node in placed.order:
        by_parent.setdefault(id(placed.parent[id(node)]), []).append(node)
    positions: dict[int, int] = {}
    for siblings in by_parent.values():
        for position, node in enumerate(sorted(siblings, key=lambda node: node.position)):
            positions[id(node)] = position
    times: dict[int, float] = {}
    messages: list[Message] = []
    for node in placed.order:
        parent = placed.parent[id(node)]
        earlier = times[id(parent)] if parent is not None else head.created_at or head.updated_at or now
        times[id(node)] = node.created_at or earlier
        messages.append(
            Message(
                id=names[id(node)],
                conversation_id=head.id,
                parent_id=None if parent is None else names[id(parent)],
                role=node.role or Role.ASSISTANT,
                parts=node.parts,
                status=node.status,
                created_at=times[id(node)],
                position=positions[id(node)],
                origin=node.origin,
                error=node.error,
                **node.more,
            )
        )
    return messages, names


def _unique_names(nodes: Sequence[Node], message_id: Callable[[str], str]) -> Iterator[tuple[int, str]]:
    taken: set[str] = set()
    for number, node in enumerate(nodes):
        name = message_id(node.id)
        if name in taken:
            name = derived_id(name, str(number))
        taken.add(name)
        yield id(node), name


def _completed(chat: PortableChat, now: float, *, named: bool) -> PortableChat:
    head, times = chat.conversation, [message.created_at for message in chat.messages]
    created = head.created_at or (min(times) if times else 0.0) or head.updated_at or now
    asked = next((message.text for message in chat.messages if message.role is Role.USER), "")
    title = one_line(head.title, LONGEST_TITLE)
    if not title and not named:
        title = title_from(one_line(asked, LONGEST_TITLE))
    updated = head.updated_at or max(times, default=created)
    return replace(chat, conversation=replace(head, title=title, created_at=created, updated_at=updated))
