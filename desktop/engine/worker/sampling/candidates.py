"""The tokens that can come next, as native samplers take them and leave them."""

from __future__ import annotations

import ctypes
from typing import Any

import llama_cpp.llama_cpp as ll
import numpy as np
from numpy.typing import NDArray

_RECORD = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


class Candidates:
    """One buffer for a vocabulary of ``size`` tokens, filled anew for each choice.

    Samplers drop tokens, change logits and sort; ``p`` is only sound after one that computes it.
    """

    def __init__(self, size: int) -> None:
        self._ids: NDArray[np.int32] = np.arange(size, dtype=np.int32)
        self._records = np.zeros(size, _RECORD)
        # The binding's types call every pointer an array.
        self._array: Any = ll.llama_token_data_array()

    def fill(self, logits: NDArray[np.float32]) -> None:
        """Every token with its logit; ``logits`` has one for each."""
        self._records["id"] = self._ids
        self._records["logit"] = logits
        self._array.data = self._records.ctypes.data_as(ctypes.POINTER(ll.llama_token_data))
        self._array.size = len(self._records)
        self._array.selected = -1
        self._array.sorted = False

    def forbid(self, tokens: NDArray[np.integer[Any]]) -> None:
        """Takes tokens out, right after :meth:`fill`."""
        self._records["logit"][tokens] = -np.inf

    def apply(self, sampler: ll.llama_sampler_p) -> None:
        ll.llama_sampler_apply(sampler, ctypes.byref(self._array))

    @property
    def selected(self) -> int:
        """The token that the last sampler chose; -1 if it chose none."""
        at = self._array.selected
        return int(self._array.data[at].id) if 0 <= at < self._array.size else -1

    @property
    def left(self) -> NDArray[np.void]:
        """A copy of what is left, as records of ``id``, ``logit`` and ``p``, in the samplers' order."""
        # Samplers may move the beginning of the array, so it is read from where they say it is.
        address = ctypes.addressof(self._array.data.contents)
        memory = (ctypes.c_char * (self._array.size * _RECORD.itemsize)).from_address(address)
        return np.frombuffer(memory, _RECORD).copy()

    def probabilities(self) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Ids and probabilities of the tokens that can still be chosen, likeliest first; they sum to 1."""
        left = self.left
        left = left[left["logit"] > -np.inf]
        left = left[np.argsort(-left["logit"], kind="stable")]
        weights = np.exp(left["logit"].astype(np.float64) - left["logit"][:1])
        return left["id"].copy(), weights / weights.sum()
