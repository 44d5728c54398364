"""The native context: a KV cache for several sequences, and the one batch that is decoded again and again.

Not safe to use from two threads, except :meth:`Context.interrupt`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import llama_cpp.llama_cpp as ll
import numpy as np
from numpy.typing import NDArray

from desktop.domain.model import LoadSettings
from desktop.engine.worker.llama import native
from desktop.engine.worker.llama.interruption import Interruption
from desktop.engine.worker.llama.load_params import DEFAULTS, context_params
from desktop.engine.worker.llama.model import Model

State = NDArray[np.uint8]


class NoMemoryOfText(ValueError):
    """The model reads a text as a whole and keeps nothing of it: it can embed, and not write."""


def apply_adapters(context: ll.llama_context_p, adapters: Sequence[tuple[Any, float]]) -> bool:
    """Puts these, as (native handle, strength), in place of all that a context uses. False if refused."""
    handles = (ll.llama_adapter_lora_p_ctypes * len(adapters))(*(handle for handle, _ in adapters))
    strengths = (ctypes.c_float * len(adapters))(*(strength for _, strength in adapters))
    return bool(ll.llama_set_adapters_lora(context, handles, len(adapters), strengths) == 0)


class Context:
    """The batch is four numpy arrays that native code reads as they are.

    Entry i is one token (``tokens``), its position (``positions``) in its sequence (``sequences``), and
    whether its logits are wanted (``outputs``). Raises ``MemoryError`` or ``ValueError``, in native words,
    and :class:`NoMemoryOfText`.
    """

    def __init__(
        self,
        model: Model,
        *,
        length: int,
        batch: int,
        sequences: int,
        threads: int,
        settings: LoadSettings = DEFAULTS,
    ) -> None:
        params = context_params(settings, length=length, batch=batch, sequences=sequences, threads=threads)
        native.log_lines.clear()
        handle = ll.llama_init_from_model(model.handle, params)
        if not handle:
            raise native.failure()
        if not ll.llama_get_memory(handle):
            ll.llama_free(handle)
            raise NoMemoryOfText
        self.handle = handle
        self.length = int(ll.llama_n_ctx(handle))
        # A context shorter than the batch takes no more than it holds.
        batch = min(batch, int(ll.llama_n_batch(handle)))
        self.capacity = batch
        self.forgets_tokens = model.forgets_tokens
        """Whether the end of a sequence can be dropped; :meth:`warm_up` finds out whether that is so."""
        self.window = model.window
        """Tokens that sliding layers look back, 0 if all layers look back on everything."""
        self.causal = bool(ll.llama_get_causal_attn(handle))
        """Whether a token sees only what is before it."""
        self._memory = ll.llama_get_memory(handle)
        self.tokens: NDArray[np.int32] = np.zeros(batch, np.int32)
        self.positions: NDArray[np.int32] = np.zeros(batch, np.int32)
        self.sequences: NDArray[np.int32] = np.zeros(batch, np.int32)
        self.outputs: NDArray[np.int8] = np.zeros(batch, np.int8)
        self._batch = self._native_batch(batch)
        self.interruption = Interruption()
        self.interruption.attach(handle)

    def decode(self, count: int) -> int:
        """Runs the first ``count`` entries. 0: done, 1: cache full, 2: interrupted, below 0: failed."""
        self._batch.n_tokens = count
        return int(ll.llama_decode(self.handle, self._batch))

    def decode_undisturbed(self, count: int) -> int:
        """As :meth:`decode`; :meth:`interrupt` waits for its end."""
        self.interruption.ignore(self.handle)
        try:
            return self.decode(count)
        finally:
            self.interruption.attach(self.handle)

    def interrupt(self) -> None:
        """Makes the running :meth:`decode` return 2 soon. From any thread."""
        self.interruption.set()

    def resume(self) -> None:
        """Takes :meth:`interrupt` back."""
        self.interruption.clear()

    def apply_adapters(self, adapters: Sequence[tuple[Any, float]]) -> bool:
        """Puts these, as (native handle, strength), in place of all that were applied. False if refused."""
        return apply_adapters(self.handle, adapters)

    def copy_sequence(self, source: int, target: int, end: int) -> None:
        """Lets ``target`` share the first ``end`` cells of ``source``."""
        ll.llama_memory_seq_cp(self._memory, source, target, 0, end)

    def cut_sequence(self, sequence: int, start: int) -> bool:
        """Forgets a sequence from position ``start`` on. False, and nothing done, if this model cannot."""
        return bool(ll.llama_memory_seq_rm(self._memory, sequence, start, -1))

    def oldest(self, sequence: int) -> int:
        """The position from which on a sequence is whole; what sliding layers left behind is overwritten."""
        if not self.window or not self.forgets_tokens:
            return 0
        return max(0, int(ll.llama_memory_seq_pos_min(self._memory, sequence)))

    def clear(self) -> None:
        ll.llama_memory_clear(self._memory, True)

    def state_size(self, sequence: int, *, fixed: bool = False) -> int:
        """Bytes that :meth:`state` gives."""
        return int(ll.llama_state_seq_get_size_ext(self.handle, sequence, _flags(fixed)))

    def state(self, sequence: int, *, fixed: bool = False) -> State:
        """What the cache holds of a sequence, as bytes; empty if that fails.

        ``fixed`` leaves out what grows with the text and can be cut: the rest is a recurrent state or the
        window of sliding layers.
        """
        data = np.empty(self.state_size(sequence, fixed=fixed), np.uint8)
        written = ll.llama_state_seq_get_data_ext(
            self.handle, _bytes_of(data), len(data), sequence, _flags(fixed)
        )
        return data[:written]

    def put_state(self, sequence: int, data: State, *, fixed: bool = False) -> bool:
        """Gives a sequence what :meth:`state` gave. False, and the sequence is empty, if it does not fit.

        Native code trusts these bytes: they must be our own.
        """
        read = ll.llama_state_seq_set_data_ext(
            self.handle, _bytes_of(data), len(data), sequence, _flags(fixed)
        )
        if 0 < read == len(data):
            return True
        self.cut_sequence(sequence, 0)
        return False

    def warm_up(self, token: int) -> None:
        """One throw-away step, so that the first answer does not pay for reading the weights from disk.

        Some architectures turn out only now to be unable to drop the end of a sequence.
        """
        ll.llama_set_warmup(self.handle, True)
        self.tokens[:2], self.positions[:2], self.sequences[:2], self.outputs[:2] = token, (0, 1), 0, (0, 1)
        self.decode(2)
        ll.llama_set_warmup(self.handle, False)
        self.forgets_tokens = self.forgets_tokens and self.cut_sequence(0, 1)
        self.clear()

    def try_threads(self, threads: int, token: int) -> None:
        """One throw-away step with that many threads, which are used from then on."""
        ll.llama_set_n_threads(self.handle, threads, threads)
        self.tokens[0], self.positions[0], self.sequences[0], self.outputs[0] = token, 0, 0, 1
        self.decode(1)
        self.clear()

    def use_threads(self, threads: int) -> None:
        ll.llama_set_n_threads(self.handle, threads, threads)

    def close(self) -> None:
        ll.llama_free(self.handle)

    def _native_batch(self, capacity: int) -> ll.llama_batch:
        """The native view of the arrays, each entry in exactly one sequence."""
        self._counts = np.ones(capacity, np.int32)
        pointer = ctypes.POINTER(ll.llama_seq_id)
        first, size = self.sequences.ctypes.data, self.sequences.itemsize
        self._owners = (pointer * capacity)(
            *(ctypes.cast(first + at * size, pointer) for at in range(capacity))
        )
        made = ll.llama_batch()
        # The binding's types call every pointer an array.
        batch: Any = made
        batch.token = self.tokens.ctypes.data_as(ctypes.POINTER(ll.llama_token))
        batch.pos = self.positions.ctypes.data_as(ctypes.POINTER(ll.llama_pos))
        batch.n_seq_id = self._counts.ctypes.data_as(ctypes.POINTER(ctypes.c_int32))
        batch.seq_id = self._owners
        batch.logits = self.outputs.ctypes.data_as(ctypes.POINTER(ctypes.c_int8))
        return made


def _flags(fixed: bool) -> int:
    return ll.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY if fixed else ll.LLAMA_STATE_SEQ_FLAGS_NONE


def _bytes_of(data: State) -> Any:
    return data.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
