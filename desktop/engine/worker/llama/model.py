"""A loaded GGUF file."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from typing import Self

import llama_cpp.llama_cpp as ll

from desktop.domain.model import LoadSettings
from desktop.engine.worker.llama import native
from desktop.engine.worker.llama.load_params import DEFAULTS, model_params, outline_params
from desktop.engine.worker.llama.vocabulary import Vocabulary


class Model:
    """Raises ``MemoryError`` or ``ValueError``, with the native words, if the file cannot be loaded.

    ``progress`` is told the fraction that has been read, and returns False to give up.
    """

    def __init__(
        self,
        path: str,
        *,
        gpu_layers: int,
        progress: Callable[[float], bool],
        settings: LoadSettings = DEFAULTS,
    ) -> None:
        self._open(path, model_params(settings, gpu_layers, progress))

    @classmethod
    def outline(cls, path: str, progress: Callable[[float], bool] = lambda _fraction: True) -> Self:
        """The model as a plan: its figures, its vocabulary, but no weights in memory."""
        model = cls.__new__(cls)
        model._open(path, outline_params(progress))
        return model

    def _open(self, path: str, params: ll.llama_model_params) -> None:
        native.log_lines.clear()
        handle = ll.llama_model_load_from_file(os.fsencode(path), params)
        if not handle:
            raise native.failure()
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
    def only_encodes(self) -> bool:
        """Whether it is an encoder alone, which can embed and not write."""
        return not ll.llama_model_has_decoder(self.handle)

    @property
    def is_encoder_decoder(self) -> bool:
        return bool(ll.llama_model_has_encoder(self.handle)) and not self.only_encodes

    @property
    def forgets_tokens(self) -> bool:
        """Whether the cache can drop the end of a sequence; a recurrent state cannot be rolled back."""
        return not (ll.llama_model_is_recurrent(self.handle) or ll.llama_model_is_hybrid(self.handle))

    @property
    def window(self) -> int:
        """Tokens that sliding layers look back; 0 if there are none."""
        return int(ll.llama_model_n_swa(self.handle))

    @property
    def layers(self) -> int:
        return int(ll.llama_model_n_layer(self.handle))

    @property
    def cache_values(self) -> tuple[int, int]:
        """How many numbers a token leaves in the KV cache, as (keys, values), if all layers keep it.

        An upper bound: layers may keep only a window of tokens, or a state in place of them.
        """
        if ll.llama_model_is_recurrent(self.handle):
            return 0, 0
        heads = max(1, ll.llama_model_n_head(self.handle))
        width = ll.llama_model_n_embd(self.handle) // heads
        architecture = self.metadata("general.architecture")
        key = int(self.metadata(f"{architecture}.attention.key_length") or width)
        value = int(self.metadata(f"{architecture}.attention.value_length") or width)
        heads_kv = (ll.llama_model_n_head_kv(self.handle) or heads) * self.layers
        return key * heads_kv, value * heads_kv

    def close(self) -> None:
        ll.llama_model_free(self.handle)
