"""Texts as vectors: what the model's last layer says of their tokens, pooled to one vector for each text.

Computed in a context of its own, made for these texts and freed after them. A model that reads in both
directions takes each text whole; any other reads it in chunks, so that no more than :data:`OUTPUT_BYTES` of
what native code computes beside the vectors has to be there at once. Pooling is done here, over all chunks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

import numpy as np
from numpy.typing import NDArray

from desktop.domain.errors import ContextOverflowError, OutOfMemoryError, ParameterError
from desktop.domain.generation import PromptProgress
from desktop.domain.instruments import POOLINGS, Embeddings, EmbedRequest
from desktop.engine.worker.kv.cache import Lease
from desktop.engine.worker.kv.state import Tokens
from desktop.engine.worker.llama.model import Model
from desktop.engine.worker.llama.vocabulary import Vocabulary
from desktop.engine.worker.loading.memory_plan import SPARE_MEMORY, cache_size
from desktop.engine.worker.measuring.embedding_context import TEXTS_AT_ONCE, Basis, EmbeddingContext, Piece
from desktop.engine.worker.measuring.task import Run, Task
from desktop.engine.worker.prompts.prompt import FEW_CHARACTERS
from desktop.engine.worker.sampling.logprobs import no_numbers
from desktop.system.hardware import memory_now

MAX_BATCH = 512
"""Tokens of a batch, where a text need not be read whole."""
OUTPUT_BYTES = 64 * 1024 * 1024
"""What native code computes for a batch beside the vectors: logits, for every token."""
_OWN = {"1": "mean", "2": "cls", "3": "last"}
"""``enum llama_pooling_type``, as files write it."""
_RANK = "4"

Vector = NDArray[np.float64]


class EmbedTask(Task):
    """``texts`` are the tokens of each."""

    def __init__(
        self, request_id: int, texts: Sequence[Tokens], pooling: str, basis: Basis, *, normalize: bool
    ) -> None:
        super().__init__(request_id)
        self._texts = texts
        self._pooling = pooling
        self._basis = basis
        self._normalize = normalize

    def run(self, lease: Lease, room: Callable[[], int]) -> Run:
        basis = self._basis
        sizes = [len(text) for text in self._texts]
        batch = _batch(basis, sizes)
        pooled: list[Vector] = [np.empty(0)] * len(sizes)
        done = 0
        with closing(self._open(max(batch, *sizes), batch)) as context:
            for pieces in plan(sizes, lambda: batch if basis.whole else max(1, min(batch, room()))):
                yield _Reading(context, pieces, self._texts)
                at = 0
                vectors = context.vectors(sum(piece.end - piece.start for piece in pieces))
                for piece in pieces:
                    own = vectors[at : at + piece.end - piece.start].astype(np.float64)
                    pooled[piece.text] = self._pool(pooled[piece.text], own, piece, sizes[piece.text])
                    at += len(own)
                done += at
                self.emit(PromptProgress(done, sum(sizes)))
        return Embeddings(
            tuple(self._finish(vector) for vector in pooled), tuple(sizes), self._pooling, self._normalize
        )

    def _open(self, length: int, batch: int) -> EmbeddingContext:
        """Raises :class:`OutOfMemoryError`."""
        basis = self._basis
        if cache_size(basis.model, basis.settings, length) > memory_now()[1] - SPARE_MEMORY:
            raise _no_memory("")
        try:
            return EmbeddingContext(basis, length, batch)
        except (MemoryError, ValueError) as error:
            raise _no_memory(str(error)) from error

    def _pool(self, before: Vector, new: Vector, piece: Piece, size: int) -> Vector:
        """What a text has come to with its tokens ``new``, after ``before``."""
        if self._pooling == "cls":
            first: Vector = new[0]
            return before if piece.start else first
        if self._pooling == "last":
            latest: Vector = new[-1]
            return latest
        part: Vector = new.sum(axis=0) / size
        return part if piece.start == 0 else before + part

    def _finish(self, vector: Vector) -> tuple[float, ...]:
        if not np.isfinite(vector).all():
            raise no_numbers()
        length = float(np.linalg.norm(vector)) if self._normalize else 1.0
        return tuple((vector / (length or 1.0)).tolist())


class _Reading:
    """A batch of pieces as a portion."""

    def __init__(self, context: EmbeddingContext, pieces: Sequence[Piece], texts: Sequence[Tokens]) -> None:
        self._context = context
        self._pieces = pieces
        self._texts = texts

    def compute(self) -> int:
        return self._context.decode(self._pieces, self._texts)

    def undo(self) -> bool:
        return self._context.undo(self._pieces)


def embed_task(request_id: int, request: EmbedRequest, basis: Basis) -> EmbedTask:
    """On the prompts' thread. Raises :class:`ContextOverflowError`, :class:`ParameterError`."""
    vocabulary = basis.model.vocabulary
    pooling = pooling_of(basis.model, request.pooling)
    texts = [_tokens(vocabulary, text, place, basis.limit) for place, text in enumerate(request.texts, 1)]
    return EmbedTask(request_id, texts, pooling, basis, normalize=request.normalize)


def _tokens(vocabulary: Vocabulary, text: str, place: int, limit: int) -> Tokens:
    if not text.strip():
        raise ParameterError(f"Text {place} is empty.", action="Leave it out.", setting="texts")
    is_long = len(text) > 2 * limit * FEW_CHARACTERS
    if is_long or len(ids := vocabulary.tokenize(text, ends=True)) > limit:
        raise ContextOverflowError(
            f"Text {place} has more than the {limit:,} tokens that this model can embed.",
            action="Shorten it, or embed its parts.",
        )
    if not ids:
        raise ParameterError(
            f"The model has no tokens for text {place}.", action="Leave it out.", setting="texts"
        )
    return np.array(ids, np.int32)


def _batch(basis: Basis, sizes: Sequence[int]) -> int:
    """Tokens of a batch."""
    usual: int = max(32, min(MAX_BATCH, OUTPUT_BYTES // (4 * basis.model.vocabulary.size)))
    return max(usual, *sizes) if basis.whole else usual


def _no_memory(detail: str) -> OutOfMemoryError:
    return OutOfMemoryError(
        "There is not enough memory to read texts of this length.",
        action="Embed shorter parts, or close other programs.",
        detail=detail[-2000:],
    )


def pooling_of(model: Model, wanted: str) -> str:
    """The pooling to use: the one asked for, else the model's own, else the mean.

    Raises :class:`ParameterError` for a model whose own pooling gives no vector.
    """
    own = model.metadata(f"{model.metadata('general.architecture')}.pooling_type")
    if wanted:
        return wanted
    if own == _RANK:
        raise ParameterError(
            "This model ranks texts and has no pooling of its own for vectors.",
            action=f"Choose a pooling: {', '.join(POOLINGS)}.",
            setting="pooling",
        )
    return _OWN.get(own, "mean")


def plan(sizes: Sequence[int], limit: Callable[[], int]) -> Iterator[list[Piece]]:
    """What is read together: short texts share a batch, one that is longer than a batch is read in chunks.

    ``limit()`` is how many tokens the next batch may have.
    """
    text = start = 0
    while text < len(sizes):
        room = limit()
        if start or sizes[text] > room:
            end = min(start + room, sizes[text])
            yield [Piece(text, start, end)]
            text, start = (text, end) if end < sizes[text] else (text + 1, 0)
            continue
        together: list[Piece] = []
        while text < len(sizes) and sizes[text] <= room and len(together) < TEXTS_AT_ONCE:
            together.append(Piece(text, 0, sizes[text]))
            room -= sizes[text]
            text += 1
        yield together
