"""What becomes of a conversation that does not fit into the context: the request's context policy.

``stop``
    It is refused, in words.
``drop_oldest``
    The oldest exchanges are left out, whole. Instructions and the newest turn always stay.
``keep_ends``
    Beginning and end stay: the instructions, the first exchange and the newest turns. If that is still too
    much, the longest turn that is left loses its middle.

An exchange is a question and what follows it. One with a pinned turn in it stays, all of it: an answer
without its question means little, and templates insist on roles that alternate. A pinned turn keeps its
middle, too.

Room for the answer is kept: as many tokens as it may have, but at most a quarter of the context. More is left
out than has to be, up to a quarter of the context at a time: a conversation that grows turn by turn then
begins at the same place for a while, and what the engine has read of it stays of use.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from desktop.domain.conversation import Role
from desktop.domain.errors import ContextOverflowError
from desktop.domain.generation import ContextCut, GenerationRequest, Turn
from desktop.engine.worker.llama.vocabulary import Vocabulary
from desktop.engine.worker.prompts.known import Counts
from desktop.engine.worker.prompts.prompt import Prompt

GAP = "\n[…]\n"
"""Stands where a turn lost its middle."""
MAX_TRIES = 8
"""Rounds of leaving out more: the template adds tokens that no count of the turns foresees."""
_STEPS = 4
"""The context's length is left out in this many steps, and the answer has one of them."""

Build = Callable[[Sequence[Turn]], Prompt]


@dataclass(frozen=True, slots=True)
class Fitted:
    """How a request fits: ``prompt`` is what would be sent, ``None`` if it cannot be. All in tokens."""

    prompt: Prompt | None
    cut: ContextCut | None
    turns: tuple[int, ...]
    """Of each turn's own text."""
    whole: int
    """The prompt with nothing left out."""
    least: int
    """The shortest prompt that was found, where there is none that fits."""
    is_estimate: bool = False
    """Whether ``whole`` is: what is many times too long is not built."""


class Fitter:
    """Makes prompts that fit into ``length`` tokens, for one model. On the prompts' thread."""

    def __init__(self, vocabulary: Vocabulary, length: int) -> None:
        self._vocabulary = vocabulary
        self.length = length
        self._counts = Counts(lambda text: len(vocabulary.tokenize(text)))

    def fit(self, request: GenerationRequest, build: Build) -> tuple[Prompt, ContextCut | None]:
        """The request's prompt, and what was left out of it.

        Raises :class:`ContextOverflowError` if the policy does not help, and what ``build`` does. With
        ``stop`` the prompt may be too long: whoever takes it refuses it.
        """
        if request.parameters.context_policy == "stop" or not request.turns:
            return build(request.turns), None
        fitted = self.look(request, build)
        if fitted.prompt is not None:
            return fitted.prompt, fitted.cut
        error = ContextOverflowError.of(fitted.least, self.length)
        if any(turn.pinned for turn in request.turns):
            error.action = "Unpin messages, shorten the text, or raise the context length."
        raise error

    def look(self, request: GenerationRequest, build: Build) -> Fitted:
        """How the request fits, too long or not. Raises what ``build`` does."""
        turns = request.turns
        if not turns:
            return Fitted(Prompt("", (), b""), None, (), 0, 0)
        sizes = tuple(self._size(turn.content) for turn in turns)
        room = self.length - self.reserve(request)
        if request.parameters.context_policy == "stop":
            room = self.length - 1
        whole = sum(sizes)
        is_built = self._is_worth_building(whole)
        if is_built:
            prompt = build(turns)
            whole = len(prompt.ids)
            if whole <= room:
                return Fitted(prompt, None, sizes, whole, whole)
        if request.parameters.context_policy == "stop":
            return Fitted(None, None, sizes, whole, whole, is_estimate=not is_built)
        fitted, kept = self._shorten(request, build, sizes, whole, room)
        if fitted.prompt is not None and not is_built:
            # What the template adds to a turn that is sent it would add to each.
            text = whole - (fitted.cut.tokens if fitted.cut else 0)
            whole += max(0, len(fitted.prompt.ids) - text) * len(turns) // max(1, kept)
        return replace(fitted, whole=whole, is_estimate=not is_built)

    def reserve(self, request: GenerationRequest) -> int:
        """Tokens that are kept free for the answer, where that is possible."""
        return min(request.n * request.parameters.max_tokens, self.length // _STEPS)

    def _shorten(
        self, request: GenerationRequest, build: Build, sizes: tuple[int, ...], whole: int, room: int
    ) -> tuple[Fitted, int]:
        """The conversation made to fit, and how many turns of it are left."""
        policy, turns = request.parameters.context_policy, request.turns
        needed = excess = whole - room
        for _ in range(MAX_TRIES):
            dropped = _dropped(turns, sizes, self._in_steps(needed), ends=policy == "keep_ends")
            kept = [turn for at, turn in enumerate(turns) if at not in dropped]
            gone = saved = sum(sizes[at] for at in dropped)
            if policy == "keep_ends" and saved < needed and self._is_worth_building(whole - gone):
                # With the turns goes what the template adds to them.
                saved = whole - len(build(kept).ids)
            if policy == "keep_ends" and saved < needed:
                kept, more = self._without_middle(kept, needed - saved)
                gone, saved = gone + more, saved + more
            excess = whole - gone - room
            if self._is_worth_building(whole - gone):
                prompt = build(kept)
                excess = len(prompt.ids) - room
                # Where nothing more can go, an answer may have to do with less room.
                if excess <= 0 or (saved < needed and len(prompt.ids) < self.length):
                    cut = ContextCut(policy, tuple(sorted(dropped)), gone) if gone else None
                    return Fitted(prompt, cut, sizes, whole, len(prompt.ids)), len(kept)
            if saved < needed:
                break
            needed += excess
        return Fitted(None, None, sizes, whole, room + excess), 0

    def _is_worth_building(self, tokens: int) -> bool:
        """A text of unreasonable size is not put through the template only to learn that it is too long."""
        return tokens <= 2 * self.length

    def _in_steps(self, needed: int) -> int:
        step = max(1, self.length // _STEPS)
        return -(-needed // step) * step

    def _without_middle(self, turns: Sequence[Turn], needed: int) -> tuple[list[Turn], int]:
        """``turns`` with the longest one shortened by ``needed`` tokens, and by how many it was."""
        free = [place for place, turn in enumerate(turns) if not turn.pinned]
        if not free:
            return list(turns), 0
        at = max(free, key=lambda place: self._size(turns[place].content))
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
        return self._counts.of(text)


def _dropped(turns: Sequence[Turn], sizes: Sequence[int], needed: int, *, ends: bool) -> set[int]:
    """Indexes of turns to leave out, oldest exchange first, until ``needed`` tokens are saved.

    What is left begins with somebody's question: templates insist on it. With ``ends`` the first exchange
    stays as well.
    """
    first = 1 if turns[0].role is Role.SYSTEM else 0
    if ends:
        first = _next_question(turns, first + 1)
    # The newest question, and what may already stand after it, always stays.
    last = max((at for at, turn in enumerate(turns) if turn.role is Role.USER), default=len(turns) - 1)
    dropped: set[int] = set()
    saved = 0
    while first < last and saved < needed:
        exchange = range(first, min(last, _next_question(turns, first + 1)))
        if not any(turns[at].pinned for at in exchange):
            dropped.update(exchange)
            saved += sum(sizes[at] for at in exchange)
        first = exchange.stop
    return dropped


def _next_question(turns: Sequence[Turn], at: int) -> int:
    """The first question from a place on; the end if there is none."""
    return next((place for place in range(at, len(turns)) if turns[place].role is Role.USER), len(turns))
