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

All of this is decided from the newest turn back: what lies far behind is neither counted nor rendered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from desktop.domain.errors import ContextOverflowError
from desktop.domain.generation import ContextCut, GenerationRequest, Turn
from desktop.engine.worker.core import Between, nothing
from desktop.engine.worker.llama.vocabulary import Vocabulary
from desktop.engine.worker.prompts.exchanges import Exchanges
from desktop.engine.worker.prompts.known import Counts
from desktop.engine.worker.prompts.prompt import Prompt
from desktop.engine.worker.prompts.tally import Tally

GAP = "\n[…]\n"
"""Stands where a turn lost its middle."""
MAX_TRIES = 8
"""Rounds of leaving out more: the template adds tokens that no count of the turns foresees."""
_QUARTER = 4
"""Of the context: the most an answer has, and the most that is left out beyond need."""

Build = Callable[[Sequence[Turn]], Prompt]


@dataclass(frozen=True, slots=True)
class Fitted:
    """How a request fits: ``prompt`` is what would be sent, ``None`` if it cannot be. All in tokens."""

    prompt: Prompt | None
    cut: ContextCut | None
    turns: Mapping[int, int]
    """Of the text of each turn that was counted, by its place."""
    whole: int
    """The prompt with nothing left out."""
    least: int
    """The shortest prompt that was found, where there is none that fits."""
    is_estimate: bool = False
    """Whether ``whole`` is: what is many times too long is neither counted nor built."""
    per_character: float = 0.0
    """What turns that were not counted are taken to have."""


@dataclass(frozen=True, slots=True)
class _Shortened:
    """What is left of a conversation; ``prompt`` is ``None`` if it is still too long."""

    prompt: Prompt | None = None
    least: int = 0
    """Its tokens."""
    dropped: Sequence[int] = ()
    """The places of the turns that were left out."""
    added: int = 0
    """What the template adds to a turn, in tokens."""
    middle: int = 0
    """Tokens that the longest turn lost."""


class Fitter:
    """Makes prompts that fit into ``length`` tokens, for one model. On the prompts' thread."""

    def __init__(self, vocabulary: Vocabulary, length: int) -> None:
        self._vocabulary = vocabulary
        self.length = length
        self._reasonable = 2 * length
        """Tokens; what is longer is not put through the template only to learn that it is too long."""
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

    def look(self, request: GenerationRequest, build: Build, between: Between = nothing) -> Fitted:
        """How the request fits, too long or not.

        ``between`` is called before each turn is counted. Raises what it and ``build`` do.
        """
        turns, policy = request.turns, request.parameters.context_policy
        if not turns:
            return Fitted(Prompt("", (), b""), None, {}, 0, 0)
        room = self.length - (1 if policy == "stop" else self.reserve(request))
        tally = Tally(turns, self._counts.of, between)
        is_estimate = not tally.count_back(self._reasonable)
        whole = added = 0
        if not is_estimate:
            prompt = build(turns)
            whole = len(prompt.ids)
            if whole <= room:
                return Fitted(prompt, None, tally.counted, whole, whole)
            added = _added(prompt, turns, tally.about(range(len(turns))))
        short = _Shortened()
        if policy != "stop":
            short = self._shorten(request, build, tally, room, added)
        if is_estimate:
            # What the template adds to a turn that is sent it would add to each.
            whole = tally.about(range(len(turns))) + short.added * len(turns)
        gone = tally.about(short.dropped) + short.middle
        cut = ContextCut(policy, tuple(short.dropped), gone) if short.prompt and gone else None
        least = short.least or whole
        return Fitted(short.prompt, cut, tally.counted, whole, least, is_estimate, tally.per_character)

    def reserve(self, request: GenerationRequest) -> int:
        """Tokens that are kept free for the answer, where that is possible."""
        return min(request.n * request.parameters.max_tokens, self.length // _QUARTER)

    def _shorten(
        self, request: GenerationRequest, build: Build, tally: Tally, room: int, added: int
    ) -> _Shortened:
        """``added`` is what the template adds to a turn; while that is not known, 0, it is learnt first."""
        turns, ends = request.turns, request.parameters.context_policy == "keep_ends"
        exchanges = Exchanges(turns, ends=ends)
        for _ in range(MAX_TRIES):
            start = exchanges.start(tally.size, room, self.length // _QUARTER, added)
            if start == exchanges.last:
                break
            places = exchanges.kept(start)
            kept = [turns[at] for at in places]
            prompt = build(kept)
            adds = _added(prompt, kept, tally.about(places))
            if len(prompt.ids) <= room and (added or not adds):
                return _Shortened(prompt, len(prompt.ids), exchanges.dropped(start), adds)
            added = max(added, adds)
        dropped, places = exchanges.dropped(exchanges.last), exchanges.kept(exchanges.last)
        text = sum(map(tally.size, places))
        least = self._shorten_turn([turns[at] for at in places], build, text, room, ends=ends)
        return replace(least, dropped=dropped)

    def _shorten_turn(
        self, turns: Sequence[Turn], build: Build, text: int, room: int, *, ends: bool
    ) -> _Shortened:
        """Where no exchange can go any more, the longest of the ``turns`` loses its middle, with ``ends``.

        If that cannot be, an answer may have to do with less room.
        """
        prompt = build(turns) if text <= self._reasonable else None
        least = len(prompt.ids) if prompt else text
        excess = least - room
        for _ in range(MAX_TRIES if ends else 0):
            shorter, middle = self._without_middle(turns, excess)
            if not middle:
                break
            shortened = build(shorter)
            if (over := len(shortened.ids) - room) <= 0:
                adds = _added(shortened, turns, text - middle)
                return _Shortened(shortened, len(shortened.ids), added=adds, middle=middle)
            excess += over
        if prompt is None or least >= self.length:
            return _Shortened(None, least)
        return _Shortened(prompt, least, added=_added(prompt, turns, text))

    def _without_middle(self, turns: Sequence[Turn], needed: int) -> tuple[list[Turn], int]:
        """``turns`` with the longest one shortened by ``needed`` tokens, and by how many it was."""
        free = [place for place, turn in enumerate(turns) if not turn.pinned]
        if not free or needed <= 0:
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


def _added(prompt: Prompt, turns: Sequence[Turn], text: int) -> int:
    """What the template adds to each of the ``turns`` of a prompt, rather too much than too little."""
    return max(0, -(-(len(prompt.ids) - text) // len(turns)))
