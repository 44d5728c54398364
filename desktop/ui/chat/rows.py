"""What the transcript shows, row by row. A message is one row; a very long one is several. No Qt."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from desktop.domain.conversation import Message, MessageTree, Node, Role, Status
from desktop.ui.markdown.source import Piece, Splitter, gap_between

ROW_CHARACTERS = 16 * 1024
"""About how much text one row holds, so that no row takes long to render."""
LONGEST_CUT = 500_000
"""Characters in which the blocks are looked for: some 50 ms."""
_BLOCK_COST = 60
"""What a block, however short, takes to render, in characters of running text: a list of single words costs
more than a page of prose."""
KEPT = 400
"""Messages whose text is kept; many times what is seen."""
Key = tuple[str, int]
"""Of a row: the message's id, and which of its rows it is."""
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
    guess: int = 0
    """Of a row whose text is not there yet: its height, about."""
    raw: bool = False
    """Shown as it was written, with its marks."""

    @property
    def loaded(self) -> bool:
        return not self.guess

    @property
    def stamp(self) -> tuple[object, ...]:
        """What its height follows from, at one width."""
        message = self.message
        return message.status, len(self.text), self.version, self.versions, self.last, self.end, self.raw

    @property
    def key(self) -> Key:
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
        if self.guess:
            return self.guess
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


class Rows:
    """The shown branch as rows, each made when it is asked for; system messages are the sidebar's.

    What a message says is there only once somebody wanted it: until then its row is blank and its height a
    guess from its size. ``path`` is a list that its owner changes and then tells with :meth:`follow`.
    """

    def __init__(
        self, path: Sequence[Node], tree: MessageTree[Node], bodies: Mapping[str, Message], kept: int = KEPT
    ) -> None:
        self._path = path
        self._tree = tree
        self._kept = kept
        self._bodies: OrderedDict[str, Message] = OrderedDict()
        self._texts: dict[str, list[str]] = {}
        """Of long messages that are there: a text for each row."""
        self._counts: dict[str, int] = {}
        """Of messages that were seen to be long: their rows."""
        self._entries: list[tuple[Node, int]] = []
        self._first: dict[str, int] = {}
        self._starts: list[int] = []
        """For each place of the path its first row, or that of what follows."""
        self.raw: set[str] = set()
        """Messages that are shown as they were written."""
        self._take(bodies.values())
        self.follow(0)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Row]:
        return (self[at] for at in range(len(self)))

    def __getitem__(self, at: int) -> Row:
        node, part = self._entries[at]
        body = self._bodies.get(node.id)
        siblings = self._tree.siblings(node.id)
        version = next((number for number, one in enumerate(siblings, 1) if one.id == node.id), 1)
        last = part == self._counts.get(node.id, 1) - 1
        end = at in (len(self._entries) - 1, -1)
        if body is None:
            hollow = Message(node.id, "", node.parent_id, node.role, (), node.status, node.created_at)
            return Row(hollow, "", part, part == 0, last, version, len(siblings), end, self._guess(node))
        self._bodies.move_to_end(node.id)
        texts = self._texts.get(node.id)
        text = texts[part] if texts is not None else body.text
        raw = node.id in self.raw
        return Row(body, text, part, part == 0, last, version, len(siblings), end, raw=raw)

    def key(self, at: int) -> Key:
        node, part = self._entries[at]
        return node.id, part

    def index(self, key: Key) -> int | None:
        """Where a row is, if it is there."""
        first = self._first.get(key[0])
        return None if first is None or key[1] >= self._counts.get(key[0], 1) else first + key[1]

    def last_key(self, message_id: str) -> Key:
        """Of a message's last row, which has its buttons."""
        return message_id, self._counts.get(message_id, 1) - 1

    def first(self, message_id: str) -> int | None:
        """Where a message's rows begin, if they are there."""
        return self._first.get(message_id)

    def body(self, message_id: str) -> Message | None:
        """A whole message, if it is there."""
        return self._bodies.get(message_id)

    def estimate(self, at: int) -> int:
        """A guess at the height in pixels, from the length alone."""
        node, _ = self._entries[at]
        return self[at].estimate() if node.id in self._bodies else self._guess(node)

    def missing(self, near: range) -> list[str]:
        """The messages whose rows are there and whose text is not."""
        found = (self._entries[at][0].id for at in near if 0 <= at < len(self._entries))
        return [message_id for message_id in dict.fromkeys(found) if message_id not in self._bodies]

    def follow(self, first: int) -> int:
        """The path is another from this place on; returns the first row that is."""
        at = self._starts[first] if first < len(self._starts) else len(self._entries)
        for node, _ in self._entries[at:]:
            self._first.pop(node.id, None)
        del self._entries[at:], self._starts[first:]
        for node in self._path[first:]:
            self._starts.append(len(self._entries))
            if node.role is not Role.SYSTEM:
                self._first[node.id] = len(self._entries)
                self._entries += [(node, part) for part in range(self._counts.get(node.id, 1))]
        return max(0, at - 1)  # The one before may no longer be the last.

    def put(self, bodies: Iterable[Message]) -> int:
        """What messages say; returns the first row from which there are other rows than before."""
        grown = [self._first[one] for one in self._take(bodies) if one in self._first]
        if not grown:
            return len(self._entries)
        return self.follow(bisect_right(self._starts, min(grown)) - 1)

    def _take(self, bodies: Iterable[Message]) -> list[str]:
        """Those that have another number of rows now."""
        grown = []
        for body in bodies:
            texts = texts_of(body)
            is_long = len(texts) > 1
            self._bodies[body.id] = body
            self._bodies.move_to_end(body.id)
            self._texts.pop(body.id, None)
            if is_long:
                self._texts[body.id] = texts
            if self._counts.get(body.id, 1) != len(texts):
                self._counts[body.id] = len(texts)
                grown.append(body.id)
        while len(self._bodies) > self._kept:
            gone, _ = self._bodies.popitem(last=False)
            self._texts.pop(gone, None)
        return grown

    def _guess(self, node: Node) -> int:
        rows = self._counts.get(node.id, 1)
        return _FRAME + _LINE * (node.characters // _PER_LINE + node.lines // 2) // rows


def rows_of(path: Sequence[Message], tree: MessageTree[Message]) -> Rows:
    """Of messages that are all there."""
    nodes = MessageTree([_node(message) for message in tree])
    bodies = {message.id: message for message in path}
    return Rows([nodes[message.id] for message in path], nodes, bodies, max(KEPT, len(bodies)))


def _node(message: Message) -> Node:
    return Node(
        message.id,
        message.parent_id,
        message.position,
        message.role,
        message.status,
        message.created_at,
        len(message.text),
        message.text.count("\n"),
        message.context,
    )


def texts_of(message: Message) -> list[str]:
    """A text for each of a message's rows; an answer that is being written has one."""
    text = message.text
    is_long = len(text) > ROW_CHARACTERS and message.status is not Status.STREAMING
    return parts_of(text) if is_long else [text]


def parts_of(text: str) -> list[str]:
    """A long text cut between its blocks, into parts that render as the whole would.

    One of more than ``LONGEST_CUT`` characters is cut at any line: to look for its blocks would take long.
    """
    if len(text) > LONGEST_CUT:
        return list(_slices(text))
    splitter = Splitter()
    parts: list[str] = []
    part, cost = "", 0
    last: Piece | None = None
    for piece in [*splitter.feed(text), *splitter.finish()]:
        source = _fenced(piece) if piece.is_code else piece.text
        if last and cost + len(source) > ROW_CHARACTERS:
            parts.append(part)
            part, cost, last = "", 0, None
        part += (gap_between(last, piece) if last else "") + source
        cost += len(source) + _BLOCK_COST
        last = piece
    return [*parts, part] if last else [text]


def _slices(text: str) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = start + ROW_CHARACTERS // 2  # it may be nothing but short lines
        if end < len(text):
            end = text.rfind("\n", start, end) + 1 or end
        yield text[start:end]
        start = end


def _fenced(piece: Piece) -> str:
    fence = "```"
    while fence in piece.text:
        fence += "`"
    return f"{fence}{piece.language}\n{piece.text}\n{fence}"
