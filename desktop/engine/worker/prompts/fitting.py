"""What becomes of a conversation that does not fit into the context: the request's context policy.

``stop``
    It is refused, in words.
``drop_oldest``
    The oldest turns are left out, whole. Instructions and the newest turn always stay.
``keep_ends``
    Beginning and end stay: the instructions, the first exchange and the newest turns. If that is still too
    much, the longest turn that is left loses its middle.

Room for the answer is kept: as many tokens as it may have, but at most a quarter of the context. More is left
out than has to be, up to a quarter of the context at a time: a conversation that grows turn by turn then
begins at the same place for a while, and what the engine has read of it stays of use.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from desktop.domain.conversation import Role
from desktop.domain.errors import ContextOverflowError
from desktop.domain.generation import ContextCut, GenerationRequest, Turn
from desktop.engine.worker.llama.vocabulary import Vocabulary
from desktop.engine.worker.prompts.prompt import Prompt

GAP = "\n[…]\n"
"""Stands where a turn lost its middle."""
MAX_TRIES = 8
"""Rounds of leaving out more: the template adds tokens that no count of the turns foresees."""
_STEPS = 4
"""The context's length is left out in this many steps, and the answer has one of them."""

Build = Callable[[Sequence[Turn]], Prompt]


class Fitter:
    """Makes prompts that fit into ``length`` tokens. On the prompts' thread."""

    def __init__(self, vocabulary: Vocabulary, length: int) -> None:
        self._vocabulary = vocabulary
        self._length = length

    def fit(self, request: GenerationRequest, build: Build) -> tuple[Prompt, ContextCut | None]:
        """The request's prompt, and what was left out of it.

        Raises :class:`ContextOverflowError` if the policy does not help, and what ``build`` does. With
        ``stop`` the prompt may be too long: whoever takes it refuses it.
        """
        policy, turns = request.parameters.context_policy, request.turns
        if policy == "stop" or not turns:
            return build(turns), None
        room = self._length - min(request.n * request.parameters.max_tokens, self._length // _STEPS)
        sizes = [self._size(turn.content) for turn in turns]
        whole = sum(sizes)
        if self._is_worth_building(whole):
            prompt = build(turns)
            if len(prompt.ids) <= room:
                return prompt, None
            whole = len(prompt.ids)
        return self._shorten(request, build, sizes, whole, room)

    def _shorten(
        self, request: GenerationRequest, build: Build, sizes: Sequence[int], whole: int, room: int
    ) -> tuple[Prompt, ContextCut | None]:
        policy, turns = request.parameters.context_policy, request.turns
        needed = excess = whole - room
        for _ in range(MAX_TRIES):
            dropped = _dropped(turns, sizes, self._in_steps(needed), ends=policy == "keep_ends")
            kept = [turn for at, turn in enumerate(turns) if at not in dropped]
            gone = sum(sizes[at] for at in dropped)
            if policy == "keep_ends" and gone < needed:
                kept, more = self._without_middle(kept, needed - gone)
                gone += more
            excess = whole - gone - room
            if self._is_worth_building(whole - gone):
                prompt = build(kept)
                excess = len(prompt.ids) - room
                # Where nothing more can go, an answer may have to do with less room.
                if excess <= 0 or (gone < needed and len(prompt.ids) < self._length):
                    return prompt, ContextCut(policy, tuple(sorted(dropped)), gone) if gone else None
            if gone < needed:
                break
            needed += excess
        raise ContextOverflowError.of(room + excess, self._length)

    def _is_worth_building(self, tokens: int) -> bool:
        """A text of unreasonable size is not put through the template only to learn that it is too long."""
        return tokens <= 2 * self._length

    def _in_steps(self, needed: int) -> int:
        step = max(1, self._length // _STEPS)
        return -(-needed // step) * step

    def _without_middle(self, turns: Sequence[Turn], needed: int) -> tuple[list[Turn], int]:
        """``turns`` with the longest one shortened by ``needed`` tokens, and by how many it was."""
        at = max(range(len(turns)), key=lambda place: self._size(turns[place].content))
        ids = self._vocabulary.tokenize(turns[at].content)
        keep = len(ids) - needed - self._size(GAP)
        if keep <= 0:
            return list(turns), 0
        head = (keep + 1) // 2
        content = self._text(ids[:head]) + GAP + self._text(ids[len(ids) - (keep - head) :])
        shorter = replace(turns[at], content=content)
        return [*turns[:at], shorter, *turns[at + 1 :]], len(ids) - keep

    def _text(self, ids: Sequence[int]) -> str:
        """Characters that lost some of their bytes at a cut are left out."""
        return b"".join(map(self._vocabulary.piece, ids)).decode("utf-8", "ignore")

    def _size(self, text: str) -> int:
        return len(self._vocabulary.tokenize(text))


def _dropped(turns: Sequence[Turn], sizes: Sequence[int], needed: int, *, ends: bool) -> set[int]:
    """Indexes of turns to leave out, oldest first, until ``needed`` tokens are saved.

    What is left begins with somebody's question: templates insist on it, and an answer without its question
    means little. With ``ends`` the first exchange stays as well.
    """
    first = 1 if turns[0].role is Role.SYSTEM else 0
    if ends:
        first = next((at for at in range(first + 1, len(turns)) if turns[at].role is Role.USER), len(turns))
    # The newest question, and what may already stand after it, always stays.
    last = max((at for at, turn in enumerate(turns) if turn.role is Role.USER), default=len(turns) - 1)
    end, saved = first, 0
    while end < last and (saved < needed or turns[end].role is not Role.USER):
        saved += sizes[end]
        end += 1
    return set(range(first, end))
