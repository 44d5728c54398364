"""A native context that gives the vectors of a text's tokens, and what such contexts are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import llama_cpp.llama_cpp as ll
import numpy as np
from numpy.typing import NDArray

from desktop.domain.model import LoadSettings
from desktop.engine.worker.kv.state import Tokens
from desktop.engine.worker.llama import native
from desktop.engine.worker.llama.context import apply_adapters
from desktop.engine.worker.llama.interruption import Interruption
from desktop.engine.worker.llama.load_params import context_params
from desktop.engine.worker.llama.model import Model
from desktop.engine.worker.loading.adapters import Adapters

MAX_LENGTH = 8192
"""Tokens of one text, where the model was trained for as many."""
TEXTS_AT_ONCE = 8
"""Texts that may share a batch, each in a sequence of its own."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Tokens ``start`` to ``end`` of text ``text``."""

    text: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Basis:
    """What embedding contexts are made from. ``whole``: a text must be read in one batch."""

    model: Model
    settings: LoadSettings
    threads: int
    whole: bool
    interruption: Interruption
    adapters: Adapters

    @property
    def limit(self) -> int:
        """Tokens that one text can have."""
        return min(MAX_LENGTH, self.model.trained_context_length or MAX_LENGTH)


class EmbeddingContext:
    """A context whose results are vectors of tokens. Raises ``MemoryError`` or ``ValueError``."""

    def __init__(self, basis: Basis, length: int, batch: int) -> None:
        params = context_params(
            basis.settings, length=length, batch=batch, sequences=TEXTS_AT_ONCE, threads=basis.threads
        )
        params.embeddings = True
        params.pooling_type = ll.LLAMA_POOLING_TYPE_NONE
        native.log_lines.clear()
        self._handle = ll.llama_init_from_model(basis.model.handle, params)
        if not self._handle:
            raise native.failure()
        self._memory = ll.llama_get_memory(self._handle)
        self._width = int(ll.llama_model_n_embd_out(basis.model.handle))
        self._batch: Any = ll.llama_batch_init(batch, 0, 1)
        basis.interruption.attach(self._handle)
        apply_adapters(self._handle, basis.adapters.applied)

    def decode(self, pieces: Sequence[Piece], texts: Sequence[Tokens]) -> int:
        """Status as of :meth:`Context.decode`."""
        if self._memory and pieces[0].start == 0:
            ll.llama_memory_clear(self._memory, True)
        batch, entry = self._batch, 0
        for sequence, piece in enumerate(pieces):
            for at in range(piece.start, piece.end):
                batch.token[entry] = texts[piece.text][at]
                batch.pos[entry] = at
                batch.n_seq_id[entry] = 1
                batch.seq_id[entry][0] = sequence
                batch.logits[entry] = True
                entry += 1
        batch.n_tokens = entry
        return int(ll.llama_decode(self._handle, batch))

    def undo(self, pieces: Sequence[Piece]) -> bool:
        """Takes back what an interrupted :meth:`decode` left. False if this model cannot."""
        start = pieces[0].start
        return not start or bool(ll.llama_memory_seq_rm(self._memory, 0, start, -1))

    def vectors(self, count: int) -> NDArray[np.float32]:
        """Of the tokens decoded last, in order; (count, width). A view."""
        vectors: NDArray[np.float32] = np.ctypeslib.as_array(
            ll.llama_get_embeddings(self._handle), (count, self._width)
        )
        return vectors

    def close(self) -> None:
        ll.llama_batch_free(self._batch)
        ll.llama_free(self._handle)
