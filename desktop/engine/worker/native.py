"""Typed handles on llama_cpp's low-level API: a model with its vocabulary, and a context with its batch.

Everything native that the scheduler needs goes through here. Handles are freed by ``close``; nothing in
this module is safe to call from two threads, except :meth:`Context.interrupt`.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import importlib
import sys
from collections import deque
from collections.abc import Callable

import llama_cpp.llama_cpp as ll
import numpy as np
from numpy.typing import NDArray

log_lines: deque[str] = deque(maxlen=200)
"""The native library's last words, for the detail of an error."""


def _log(level: int, text: bytes | None, _user_data: object) -> None:
    if text and level in (2, 3, 4, 5):
        line = text.decode("utf-8", "replace")
        log_lines.append(line.rstrip("\n"))
        if level in (2, 3):
            with contextlib.suppress(OSError, ValueError):
                sys.stderr.write(line)


_on_log = ll.llama_log_callback(_log)
"""Kept here: the native library holds only its address."""


def start() -> None:
    """Initialises the native library. Its own words go to standard error and to :data:`log_lines`."""
    ll.llama_log_set(_on_log, ctypes.c_void_p(0))
    ll.llama_backend_init()


def build() -> str:
    """The native library's version, to tell whose state or figures something is."""
    import llama_cpp

    return f"llama-cpp-python {llama_cpp.__version__}"


def features() -> str:
    """CPU features and back ends the library was built with, in its own words."""
    words: bytes = ll.llama_print_system_info()
    return words.decode("utf-8", "replace").strip()


@functools.cache
def _ggml() -> ctypes.CDLL:
    """The tensor library, for its list of devices; the binding has no functions for it."""
    library = importlib.import_module("llama_cpp._ggml").libggml
    for name in ("ggml_backend_dev_name", "ggml_backend_dev_description"):
        getattr(library, name).argtypes = [ctypes.c_void_p]
        getattr(library, name).restype = ctypes.c_char_p
    library.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    library.ggml_backend_dev_get.restype = ctypes.c_void_p
    library.ggml_backend_dev_type.argtypes = [ctypes.c_void_p]
    library.ggml_backend_dev_type.restype = ctypes.c_int
    library.ggml_backend_dev_count.restype = ctypes.c_size_t
    assert isinstance(library, ctypes.CDLL)
    return library


def _device_list() -> list[tuple[str, str, bool]]:
    """(name, description, is a GPU) of every device ggml sees."""
    ggml = _ggml()
    found = []
    for index in range(ggml.ggml_backend_dev_count()):
        device = ggml.ggml_backend_dev_get(index)
        name, description = ggml.ggml_backend_dev_name(device), ggml.ggml_backend_dev_description(device)
        # ggml_backend_dev_type: 0 the CPU, 1 a GPU with memory of its own, 2 one that shares the machine's.
        found.append((name.decode(), description.decode(), ggml.ggml_backend_dev_type(device) in (1, 2)))
    return found


def devices() -> tuple[str, ...]:
    """What can compute, as ``CPU: AMD EPYC …``."""
    return tuple(f"{name}: {description}" for name, description, _ in _device_list())


def has_gpu() -> bool:
    return any(gpu for *_, gpu in _device_list())


def main_device() -> str:
    """Where the model's layers are by default: the first GPU, else the CPU."""
    return next((description for _, description, gpu in _device_list() if gpu), "CPU")


class Vocabulary:
    """A model's tokens."""

    def __init__(self, handle: ll.llama_vocab_p) -> None:
        self._handle = handle
        self.size = ll.llama_vocab_n_tokens(handle)
        self.bos: int = ll.llama_vocab_bos(handle)
        self.eos: int = ll.llama_vocab_eos(handle)
        self.add_bos = bool(ll.llama_vocab_get_add_bos(handle))
        self._buffer = ctypes.create_string_buffer(512)
        self._pieces: dict[int, bytes] = {}
        self._ends: dict[int, bool] = {}
        self.control = self._control_tokens()

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """Token ids of ``text`` alone, no BOS added. With ``special`` control tokens in it are recognised."""
        data = text.encode("utf-8", "replace")
        room = len(data) + 16
        out = (ll.llama_token * room)()
        count = ll.llama_tokenize(self._handle, data, len(data), out, room, False, special)
        if count < 0:
            out = (ll.llama_token * -count)()
            count = ll.llama_tokenize(self._handle, data, len(data), out, -count, False, special)
        return out[:count]

    def piece(self, token: int) -> bytes:
        """The text a token stands for; nothing for a control token."""
        piece = self._pieces.get(token)
        if piece is None:
            piece = self._pieces[token] = self._to_piece(token, special=False)
        return piece

    def label(self, token: int) -> bytes:
        """A token's text for display, control tokens too."""
        return self._to_piece(token, special=True)

    def ends(self, token: int) -> bool:
        """Whether this token ends an answer."""
        end = self._ends.get(token)
        if end is None:
            end = self._ends[token] = bool(ll.llama_vocab_is_eog(self._handle, token))
        return end

    def is_control(self, token: int) -> bool:
        return bool(ll.llama_vocab_is_control(self._handle, token))

    def text(self, token: int) -> str:
        """A token as the vocabulary writes it; empty for none (-1)."""
        raw = ll.llama_vocab_get_text(self._handle, token) if token >= 0 else None
        return raw.decode("utf-8", "replace") if raw else ""

    def _to_piece(self, token: int, *, special: bool) -> bytes:
        size = ll.llama_token_to_piece(self._handle, token, self._buffer, len(self._buffer), 0, special)
        if size < 0:
            self._buffer = ctypes.create_string_buffer(-size)
            size = ll.llama_token_to_piece(self._handle, token, self._buffer, -size, 0, special)
        return self._buffer.raw[:size]

    def _control_tokens(self) -> list[tuple[str, int, bool, bool]]:
        """(text, id, strips white space left, right) of every control token.

        Longest first, as llama.cpp looks for them.
        """
        mask = ll.LLAMA_TOKEN_ATTR_CONTROL | ll.LLAMA_TOKEN_ATTR_UNKNOWN
        found = []
        for token in range(self.size):
            attributes = ll.llama_vocab_get_attr(self._handle, token)
            if attributes & mask and (text := self.text(token)):
                left, right = attributes & ll.LLAMA_TOKEN_ATTR_LSTRIP, attributes & ll.LLAMA_TOKEN_ATTR_RSTRIP
                found.append((text, token, bool(left), bool(right)))
        return sorted(found, key=lambda entry: -len(entry[0].encode()))


class Model:
    """A loaded GGUF file. Raises ``MemoryError`` or ``ValueError`` with the native words."""

    def __init__(self, path: str, *, gpu_layers: int, progress: Callable[[float], bool]) -> None:
        params = ll.llama_model_default_params()
        params.n_gpu_layers = 999 if gpu_layers < 0 else gpu_layers
        params.progress_callback = ll.llama_progress_callback(lambda fraction, _user_data: progress(fraction))
        log_lines.clear()
        handle = ll.llama_model_load_from_file(path.encode(), params)
        if not handle:
            raise _failure()
        self.handle = handle
        vocab = ll.llama_model_get_vocab(handle)
        assert vocab
        self.vocabulary = Vocabulary(vocab)

    def metadata(self, key: str) -> str:
        """A metadata value as text, empty if the file has none."""
        size = ll.llama_model_meta_val_str(self.handle, key.encode(), None, 0)
        if size <= 0:
            return ""
        buffer = ctypes.create_string_buffer(size + 1)
        ll.llama_model_meta_val_str(self.handle, key.encode(), buffer, size + 1)
        return buffer.value.decode("utf-8", "replace")

    @property
    def description(self) -> str:
        """Architecture, size class and quantization, as in ``llama 135M Q4_1``."""
        buffer = ctypes.create_string_buffer(256)
        ll.llama_model_desc(self.handle, buffer, len(buffer))
        return buffer.value.decode("utf-8", "replace")

    @property
    def size(self) -> int:
        """Bytes of all tensors."""
        return int(ll.llama_model_size(self.handle))

    @property
    def trained_context_length(self) -> int:
        return int(ll.llama_model_n_ctx_train(self.handle))

    @property
    def has_decoder(self) -> bool:
        return bool(ll.llama_model_has_decoder(self.handle)) and not ll.llama_model_has_encoder(self.handle)

    def kv_bytes_per_token(self) -> int:
        """What one token of context holds in the KV cache, in bytes, at 16 bits a value."""
        heads = max(1, ll.llama_model_n_head(self.handle))
        width = ll.llama_model_n_embd(self.handle) * max(1, ll.llama_model_n_head_kv(self.handle)) // heads
        return int(2 * 2 * width * ll.llama_model_n_layer(self.handle))

    def close(self) -> None:
        ll.llama_model_free(self.handle)


class Context:
    """A KV cache for several sequences, and the one batch that is filled and decoded again and again.

    ``tokens``, ``positions``, ``sequences`` and ``outputs`` are numpy views of the native batch:
    entry i is one token, its position in its sequence, that sequence's id, and whether its logits are wanted.
    """

    def __init__(self, model: Model, *, length: int, batch: int, sequences: int, threads: int) -> None:
        params = ll.llama_context_default_params()
        params.n_ctx = length
        params.n_batch = params.n_ubatch = batch
        params.n_seq_max = sequences
        params.n_threads = params.n_threads_batch = threads
        params.kv_unified = True
        params.no_perf = True
        log_lines.clear()
        handle = ll.llama_init_from_model(model.handle, params)
        if not handle:
            raise _failure()
        self.handle = handle
        self.length = int(ll.llama_n_ctx(handle))
        self.capacity = batch
        memory = ll.llama_get_memory(handle)
        assert memory
        self._memory = memory
        self._batch = ll.llama_batch_init(batch, 0, 1)
        self.tokens: NDArray[np.int32] = np.ctypeslib.as_array(self._batch.token, (batch,))
        self.positions: NDArray[np.int32] = np.ctypeslib.as_array(self._batch.pos, (batch,))
        self.outputs: NDArray[np.int8] = np.ctypeslib.as_array(self._batch.logits, (batch,))
        self._sequence_ids = [np.ctypeslib.as_array(self._batch.seq_id[i], (1,)) for i in range(batch)]
        np.ctypeslib.as_array(self._batch.n_seq_id, (batch,))[:] = 1
        self._interrupt = ctypes.create_string_buffer(2)
        # WORKAROUND: a Python callback here would be called for every node of the compute graph. The flag
        # is a C string instead, and the callback is strlen: 0 for an empty one, 1 once a character is set.
        strlen = ctypes.CDLL(None if sys.platform != "win32" else "msvcrt").strlen
        self._abort = ctypes.cast(strlen, ll.ggml_abort_callback)
        ll.llama_set_abort_callback(handle, self._abort, ctypes.cast(self._interrupt, ctypes.c_void_p))

    def set_sequence(self, entry: int, sequence: int) -> None:
        self._sequence_ids[entry][0] = sequence

    def decode(self, count: int) -> int:
        """Runs the first ``count`` entries. 0: done, 1: cache full, 2: interrupted, below 0: failed."""
        self._batch.n_tokens = count
        return int(ll.llama_decode(self.handle, self._batch))

    def interrupt(self) -> None:
        """Makes the running :meth:`decode` return 2 soon. From any thread."""
        self._interrupt[0] = b"\x01"

    def resume(self) -> None:
        """Takes :meth:`interrupt` back."""
        self._interrupt[0] = b"\x00"

    def copy_sequence(self, source: int, target: int, end: int) -> None:
        """Lets ``target`` share the first ``end`` cells of ``source``."""
        ll.llama_memory_seq_cp(self._memory, source, target, 0, end)

    def cut_sequence(self, sequence: int, start: int) -> bool:
        """Forgets a sequence from position ``start`` on. False, and nothing done, if this model cannot."""
        return bool(ll.llama_memory_seq_rm(self._memory, sequence, start, -1))

    def clear(self) -> None:
        ll.llama_memory_clear(self._memory, True)

    def warm_up(self, token: int) -> None:
        """One throw-away step, so that the first answer does not pay for reading the weights from disk."""
        ll.llama_set_warmup(self.handle, True)
        self.tokens[0], self.positions[0], self.outputs[0] = token, 0, 1
        self.set_sequence(0, 0)
        self.decode(1)
        ll.llama_set_warmup(self.handle, False)
        self.clear()

    def close(self) -> None:
        ll.llama_batch_free(self._batch)
        ll.llama_free(self.handle)


def _failure() -> Exception:
    """The last load's failure from the native words: ``MemoryError`` or ``ValueError``."""
    words = "\n".join(line for line in log_lines if line.strip())[-2000:]
    memory = (
        "out of memory",
        "failed to allocate",
        "unable to allocate",
        "alloc_buffer",
        "bad_alloc",
        "allocation",
    )
    return MemoryError(words) if any(sign in words.lower() for sign in memory) else ValueError(words)
