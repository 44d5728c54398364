"""LoRA adapters of a loaded model: small sets of weights that change what it writes."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import llama_cpp.llama_cpp as ll

from desktop.domain.errors import ModelLoadError
from desktop.domain.model import Adapter
from desktop.engine.worker.llama import native
from desktop.engine.worker.llama.context import Context
from desktop.engine.worker.llama.model import Model


class Adapters:
    """A file is read once; its strength changes without reading it again. The model frees what is left."""

    def __init__(self, model: Model, context: Context | None) -> None:
        """``context`` is None for a model that can only embed."""
        self._model = model
        self._context = context
        self._loaded: dict[str, Any] = {}
        self.in_use: tuple[Adapter, ...] = ()
        self.applied: tuple[tuple[Any, float], ...] = ()
        """Those in use as (native handle, strength)."""

    def use(self, adapters: Sequence[Adapter], forget: Callable[[], None] = lambda: None) -> bool:
        """Puts these in place of those in use; False if they are the same, and nothing changes.

        ``forget`` is called when all files are read and before anything changes: what was read so far was
        read with the adapters in use. One at strength 0 is not applied at all. Raises
        :class:`ModelLoadError` if one does not fit the model; those in use stay then.
        """
        adapters = tuple(adapters)
        if adapters == self.in_use:
            return False
        fresh = {
            adapter.path: self._load(adapter.path) for adapter in adapters if adapter.path not in self._loaded
        }
        self._loaded |= fresh
        applied = tuple(
            (self._loaded[adapter.path], adapter.strength) for adapter in adapters if adapter.strength
        )
        forget()
        if self._context is not None and not self._context.apply_adapters(applied):
            raise ModelLoadError(
                "The engine could not apply the adapters.", action="Use fewer adapters.", setting="adapters"
            )
        self.in_use, self.applied = adapters, applied
        self._free({adapter.path for adapter in adapters})
        return True

    def _load(self, path: str) -> Any:
        native.log_lines.clear()
        handle = ll.llama_adapter_lora_init(self._model.handle, os.fsencode(path))
        if handle:
            return handle
        raise ModelLoadError(
            f'The adapter "{os.path.basename(path)}" does not fit this model.',  # noqa: PTH119 - names need not be text
            action="Choose an adapter that was made for this model.",
            setting="adapters",
            detail="\n".join(native.log_lines)[-2000:],
        )

    def _free(self, kept: set[str]) -> None:
        for path in [path for path in self._loaded if path not in kept]:
            ll.llama_adapter_lora_free(self._loaded.pop(path))
