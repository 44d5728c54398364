"""Thinking: what a model writes for itself before its answer, between two tags.

The tags are those that the model's template speaks of, else the usual ones. They may be control tokens or
plain text in any number of tokens.

A block counts as thinking where the prompt already opens it, or where an answer begins with the opening tag;
white space before it does not matter. The first closing tag ends it. All that follows is the answer proper,
whatever tags are in it; so is an answer that does not begin with a tag. A block that is never closed is all
thinking, and the answer is empty. Neither tags nor the white space around them are shown.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import AnyStr

from desktop.engine.worker.llama.vocabulary import Vocabulary
from desktop.engine.worker.prompts.traced import TEMPLATE, Traced, join_all

SPACE = " \t\r\n"
_SPACE = SPACE.encode()
_NAMED = re.compile(r"<(/?)(\w{0,30}(?:think|thought|reason)\w{0,30})>")
MAX_NAMES = 8
"""Tags of names of their own that a template may speak of."""


@dataclass(frozen=True, slots=True)
class Tags:
    """With no ``closing`` tag the opening one alone announces the answer proper."""

    opening: str
    closing: str


USUAL = (
    Tags("<think>", "</think>"),
    Tags("<thinking>", "</thinking>"),
    Tags("<thought>", "</thought>"),
    Tags("<reasoning>", "</reasoning>"),
    Tags("<seed:think>", "</seed:think>"),
    Tags("[THINK]", "[/THINK]"),
    Tags("◁think▷", "◁/think▷"),
    Tags("<|START_THINKING|>", "<|END_THINKING|>"),
    Tags("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"),
    Tags("<|channel|>final<|message|>", ""),
)


def tags_of(template: str) -> tuple[Tags, ...]:
    """The tags that a template's source speaks of; one half of a pair is enough."""
    known = [
        tags for tags in USUAL if tags.opening in template or (tags.closing and tags.closing in template)
    ]
    names = dict.fromkeys(match[2] for match in _NAMED.finditer(template))
    named = [Tags(f"<{name}>", f"</{name}>") for name in list(names)[:MAX_NAMES]]
    return tuple(dict.fromkeys((*known, *named)))


def left_open(prompt: Traced, tags: Sequence[Tags]) -> Tags | None:
    """The block that a prompt's end opens. The template must have opened it, not somebody's text."""
    end = prompt.rstrip(SPACE)
    for pair in tags:
        size = len(pair.opening)
        if pair.closing and end.endswith(pair.opening) and end.origins[-size:] == bytes((TEMPLATE,)) * size:
            return pair
    return None


def without_thinking(prompt: Traced, tags: Sequence[Tags], *, add_block: bool) -> Traced:
    """The prompt, going on with the answer proper: an open block is closed.

    With ``add_block`` an empty one is put there if there is none: that is how models which think of their own
    accord are told not to.
    """
    block = ""
    if (opened := left_open(prompt, tags)) is not None:
        line = "\n" if prompt.endswith("\n") else "\n\n"
        block = f"{line}{opened.closing}\n\n"
    elif direct := next((pair for pair in tags if not pair.closing), None):
        block = direct.opening
    elif add_block and tags:
        block = f"{tags[0].opening}\n\n{tags[0].closing}\n\n"
    return join_all((prompt, Traced(block, TEMPLATE)))


class Place(Enum):
    """How far an answer is. It only ever goes on to a later one."""

    START = auto()
    """Nothing yet but white space, or the beginning of a tag."""
    THINKING = auto()
    AFTER = auto()
    """Behind the closing tag; nothing of the answer proper yet."""
    ANSWER = auto()


class Splitter:
    """Splits an answer, as its bytes arrive, into what is thinking and what is the answer proper.

    Bytes that could still become a tag are held back. ``tags`` are the pairs that are looked for; ``opened``
    is a block that the prompt opens. ``exact`` keeps the answer as it is: white space at its beginning is
    not taken off, as there is a grammar that has asked for it.
    """

    __slots__ = ("_closing", "_exact", "_fresh", "_held", "_openings", "closing", "place")

    def __init__(self, tags: Sequence[Tags] = (), *, opened: Tags | None = None, exact: bool = False) -> None:
        self._openings = [(pair.opening.encode(), pair.closing) for pair in tags]
        self._exact = exact
        self._held = b""
        self._fresh = False
        """Whether white space that comes now is beside a tag."""
        self._closing = b""
        self.closing = ""
        """What ends the block that is open."""
        self.place = Place.START if tags else Place.ANSWER
        if opened is not None:
            self._open(opened.closing)

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """What may be shown of the thinking, and of the answer proper that follows it."""
        if self.place is Place.ANSWER and not self._held:
            return b"", data
        self._held += data
        thinking = b""
        if self.place is Place.START:
            self._look_for_opening()
        if self.place is Place.THINKING:
            thinking = self._think()
        if self.place is Place.AFTER:
            self._begin_answer()
        return thinking, self._rest() if self.place is Place.ANSWER else b""

    def finish(self) -> tuple[bytes, bytes]:
        """What was held back, at the end of it all."""
        is_thinking = self.place is Place.THINKING
        rest = self._rest()
        return (rest.rstrip(_SPACE), b"") if is_thinking else (b"", rest)

    def preview(self, data: bytes) -> bytes:
        """What :meth:`feed` would let out of the answer proper."""
        return data if self.place is Place.ANSWER and not self._held else copy.copy(self).feed(data)[1]

    def would_open(self, data: bytes) -> bool:
        """Whether ``data`` completes an opening tag."""
        if self.place is not Place.START:
            return False
        other = copy.copy(self)
        other.feed(data)
        return other.place is not Place.START and other.place is not Place.ANSWER

    def settle(self) -> None:
        """What has come so far is the answer proper, even if it looks like the beginning of a tag."""
        if self.place is Place.START:
            self.place = Place.ANSWER

    def bytes_of(self, token: int, vocabulary: Vocabulary) -> bytes:
        """What a token adds to the text. A control token is nothing, unless it may be part of a tag."""
        piece = vocabulary.piece(token)
        if piece or self.place in (Place.AFTER, Place.ANSWER):
            return piece
        label = vocabulary.label(token)
        return label if self._speaks_of(label) else b""

    def _speaks_of(self, label: bytes) -> bool:
        if self.place is Place.START:
            return any(label in opening for opening, _ in self._openings)
        return self.place is Place.THINKING and label in self._closing

    def _open(self, closing: str) -> None:
        self.place = Place.THINKING if closing else Place.AFTER
        self.closing, self._closing = closing, closing.encode()
        self._fresh = True

    def _look_for_opening(self) -> None:
        text = self._held.lstrip(_SPACE)
        for opening, closing in self._openings:
            if text.startswith(opening):
                self._held = text[len(opening) :]
                self._open(closing)
                return
        if not any(opening.startswith(text) for opening, _ in self._openings):
            self.place = Place.ANSWER

    def _think(self) -> bytes:
        if self._fresh:
            self._held = self._held.lstrip(_SPACE)
            self._fresh = not self._held
        at = self._held.find(self._closing)
        if at >= 0:
            thinking, self._held = self._held[:at].rstrip(_SPACE), self._held[at + len(self._closing) :]
            self.place = Place.AFTER
            # What stands in the closing tag's own token was not chosen as part of an answer.
            self._held = self._held.lstrip(_SPACE)
            return thinking
        cut = len(self._held) - overlap(self._held, self._closing)
        cut = len(self._held[:cut].rstrip(_SPACE))
        thinking, self._held = self._held[:cut], self._held[cut:]
        return thinking

    def _begin_answer(self) -> None:
        if not self._exact:
            self._held = self._held.lstrip(_SPACE)
        if self._held:
            self.place = Place.ANSWER

    def _rest(self) -> bytes:
        rest, self._held = self._held, b""
        return rest


def overlap(text: AnyStr, tag: AnyStr) -> int:
    """Length of the longest end of ``text`` that may become ``tag``: is a beginning of it, and not all."""
    return next((size for size in range(min(len(text), len(tag) - 1), 0, -1) if text.endswith(tag[:size])), 0)
