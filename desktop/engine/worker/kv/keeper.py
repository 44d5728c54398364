"""When what was read goes to disk, and when it comes back."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import TypeGuard

import numpy as np

from desktop.domain.generation import GenerationRequest
from desktop.domain.model import Adapter, LoadSettings, StateStore
from desktop.engine.worker.kv.cache import SequenceCache
from desktop.engine.worker.kv.state import Outline, Snapshot, Ties, Tokens
from desktop.engine.worker.kv.state_files import StateFiles
from desktop.engine.worker.llama import native
from desktop.engine.worker.loading.loading import Opened

IDLE_S = 2.0
"""Seconds without work after which states are written: the next request would have to wait for a copy."""
CLOSING_S = 1.0
"""Seconds for copying at the end, and as many again for writing; the app gives up on a worker after three."""
MIN_SECRET = 32
"""Bytes."""


class Keeper:
    """On the engine's thread, but for :meth:`fetch` and :meth:`look`."""

    def __init__(self, files: StateFiles, cache: SequenceCache, ties: Callable[[], Ties]) -> None:
        self._files = files
        self._cache = cache
        self._ties = ties
        self._worked_at = time.monotonic()

    def fetch(self, request: GenerationRequest, prompt: Sequence[int]) -> Snapshot | None:
        """What is on disk for a request, if it spares more reading than what is held.

        On the prompts' thread: it blocks on the disk.
        """
        if not request.state_key:
            return None
        tokens, alone = np.array(prompt, np.int32), request.is_reproducible
        return self._files.fetch(
            request.state_key, lambda outline: self._cache.gains(tokens, outline, alone=alone)
        )

    def look(self, request: GenerationRequest, prompt: Tokens) -> Outline | None:
        """What a request would fetch, before it is read and found authentic; on the prompts' thread."""
        outline = self._files.outline(request.state_key) if request.state_key else None
        if outline is None or not self._cache.gains(prompt, outline, alone=request.is_reproducible):
            return None
        return outline

    def worked(self) -> None:
        """The engine was busy until now."""
        self._worked_at = time.monotonic()

    def rest(self) -> float | None:
        """Copies one state for writing; see :meth:`Core.rest`."""
        if not self._cache.has_unsaved:
            return None
        wait = self._worked_at + IDLE_S - time.monotonic()
        if wait > 0:
            return wait
        self._cache.save_one()
        return 0.0

    def forget(self, key: str) -> None:
        """Removes what is kept for a key."""
        self._files.forget(key)

    def look_again(self) -> None:
        """The adapters have changed."""
        self._files.ties = self._ties()

    def close(self) -> None:
        """Has written what there is time for."""
        end = time.monotonic() + CLOSING_S
        while time.monotonic() < end and self._cache.save_one():
            pass
        self._files.close(patience=CLOSING_S)


def is_usable(store: StateStore | None) -> TypeGuard[StateStore]:
    """Whether there is a place for states."""
    return store is not None and store.limit > 0 and len(store.secret) >= MIN_SECRET


def ties_of(store: StateStore, settings: LoadSettings, opened: Opened) -> Ties:
    """What the model's states depend on, with the adapters that are in use."""
    context = opened.context
    meaning = (
        store.model_hash,
        native.build(),
        # Some models see positions differently in a long context.
        context.length,
        settings.cache_type_k,
        settings.cache_type_v,
        settings.flash_attention,
        settings.rope_scaling,
        settings.rope_freq_base,
        settings.rope_freq_scale,
        [_identity(adapter) for adapter in opened.adapters.in_use],
    )
    rounding = (
        native.features(),
        opened.device,
        opened.threads,
        context.capacity,
        settings.sequences,
        settings.gpu_layers,
        settings.tensor_split,
        settings.main_gpu,
    )
    return Ties.of(meaning, rounding)


def _identity(adapter: Adapter) -> tuple[object, ...]:
    facts = os.stat(adapter.path)  # noqa: PTH116 - names need not be text
    return (os.fsencode(adapter.path), facts.st_size, facts.st_mtime_ns, adapter.strength)
