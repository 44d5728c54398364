"""Beam search: the likeliest answers as a whole, where sampling goes token by token.

Each step continues every live answer with every token and keeps the ``width`` likeliest of all. Those that
end are set aside with their score, which is the log-probability per token, the end token included; the search
is over when ``width`` have ended, or at the limit, where those that are still live count as well. With width
1 that is greedy decoding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from desktop.domain.generation import PromptProgress
from desktop.domain.instruments import Beam, BeamRequest, Beams
from desktop.engine.worker.kv.cache import Lease
from desktop.engine.worker.kv.state import Tokens
from desktop.engine.worker.llama.context import Context
from desktop.engine.worker.llama.vocabulary import Vocabulary
from desktop.engine.worker.measuring.task import PromptTask, Rows, Run
from desktop.engine.worker.sampling.logprobs import Logits, log_total, top


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """An answer on its way. An end token is the last of ``tokens``."""

    tokens: tuple[int, ...] = ()
    logprob: float = 0.0
    finished: bool = False

    @property
    def score(self) -> float:
        return self.logprob / max(1, len(self.tokens))


class Search:
    """The search itself, whoever computes the logits. ``ends`` says whether a token ends an answer."""

    def __init__(self, width: int, limit: int, ends: Callable[[int], bool]) -> None:
        self._width = width
        self._limit = limit
        self._ends = ends
        self.live: list[Hypothesis] = [Hypothesis()]
        self._finished: list[Hypothesis] = []

    @property
    def done(self) -> bool:
        return not self.live or len(self._finished) >= self._width or self._at_limit

    @property
    def best(self) -> list[Hypothesis]:
        """At most ``width``, best first."""
        found = [*self._finished, *(self.live if self._at_limit else ())]
        return sorted(found, key=lambda one: -one.score)[: self._width]

    @property
    def _at_limit(self) -> bool:
        return bool(self.live) and len(self.live[0].tokens) >= self._limit

    def extend(self, logits: Sequence[Logits]) -> list[int]:
        """Takes a step; ``logits`` are those after each live answer.

        Returns for each new live answer which of the old ones it continues.
        """
        grown = sorted(self._grown(logits), key=lambda one: (-one[0], one[1:]))
        parents: list[int] = []
        live: list[Hypothesis] = []
        for place, (logprob, parent, token) in enumerate(grown):
            ends = self._ends(token)
            longer = Hypothesis((*self.live[parent].tokens, token), logprob, ends)
            if not ends:
                live.append(longer)
                parents.append(parent)
            elif place < self._width:
                self._finished.append(longer)
            if len(live) == self._width:
                break
        self.live = live
        return parents

    def _grown(self, logits: Sequence[Logits]) -> list[tuple[float, int, int]]:
        """(log-probability, parent, token) of all continuations that can be among the best.

        Twice the width of each: half of them may end.
        """
        found = []
        for parent, (row, before) in enumerate(zip(logits, self.live, strict=True)):
            total = log_total(row)
            for token in top(row, 2 * self._width).tolist():
                if row[token] > -np.inf:
                    found.append((before.logprob + min(0.0, float(row[token]) - total), parent, token))
        return found


class BeamTask(PromptTask):
    """Every live answer has a sequence; what they have in common they share."""

    def __init__(
        self, request_id: int, request: BeamRequest, prompt: Tokens, context: Context, vocabulary: Vocabulary
    ) -> None:
        super().__init__(request_id, prompt, context)
        self._request = request
        self._vocabulary = vocabulary
        room = max(1, (context.length - len(prompt)) // request.width)
        self._limit = min(request.max_tokens, room)

    @property
    def width(self) -> int:
        return self._request.width

    def cells(self, length: int) -> int:
        return min(length, len(self.prompt) + self.width * self._limit)

    def run(self, lease: Lease, room: Callable[[], int]) -> Run:
        self.kept = lease.reused
        size, total = len(self.prompt), len(self.prompt) + self._limit
        search = Search(self.width, self._limit, self._vocabulary.ends)
        rows = yield from self.read_prompt(lease, room, total)
        if self.context.window or not self.context.forgets_tokens:
            # What follows cannot be taken away again without a trace.
            self.kept = 0
        sequences = lease.sequences[:1]
        while True:
            parents = search.extend(list(rows.logits(self._vocabulary.size)))
            if search.done:
                break
            written = len(search.live[0].tokens)
            self.emit(PromptProgress(size + written, total, lease.reused))
            at = size + written - 1
            sequences = self._branch(parents, sequences, lease.sequences, at)
            rows = Rows(
                self.context,
                np.array([one.tokens[-1] for one in search.live], np.int32),
                np.full(len(search.live), at, np.int32),
                np.array(sequences, np.int32),
                np.ones(len(search.live), np.bool_),
            )
            yield rows
        return Beams(tuple(map(self._beam, search.best)), size)

    def _branch(self, parents: list[int], current: list[int], all_: list[int], end: int) -> list[int]:
        """The sequence of each new answer: its parent's for the first child, a copy of it for the others."""
        free = [one for one in all_ if one not in {current[parent] for parent in parents}]
        taken: set[int] = set()
        sequences = []
        for parent in parents:
            sequence = current[parent]
            if parent in taken:
                sequence = free.pop()
                self.context.cut_sequence(sequence, 0)
                self.context.copy_sequence(current[parent], sequence, end)
            taken.add(parent)
            sequences.append(sequence)
        return sequences

    def _beam(self, found: Hypothesis) -> Beam:
        data = b"".join(map(self._vocabulary.piece, found.tokens[: -1 if found.finished else None]))
        return Beam(
            self._request.prefill + data.decode("utf-8", "replace"),
            len(found.tokens),
            found.logprob,
            found.score,
            found.finished,
        )
