"""A model's tokens: text to ids and back. Any thread may ask."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Sequence
from dataclasses import dataclass

import llama_cpp.llama_cpp as ll
import numpy as np
from numpy.typing import NDArray

_PIECE_SIZE = 128
"""Bytes that hold nearly every token's text; a longer one is asked for again."""


@dataclass(frozen=True, slots=True)
class ControlToken:
    """``strips_left`` and ``strips_right``: the token swallows the white space beside it."""

    text: str
    id: int
    strips_left: bool
    strips_right: bool


class Vocabulary:
    def __init__(self, handle: ll.llama_vocab_p) -> None:
        self.handle = handle
        self.size = ll.llama_vocab_n_tokens(handle)
        self.bos: int = ll.llama_vocab_bos(handle)
        self.eos: int = ll.llama_vocab_eos(handle)
        self.add_bos = bool(ll.llama_vocab_get_add_bos(handle))
        self._pieces: dict[int, bytes] = {}
        self._labels: dict[int, bytes] = {}
        self._ends: dict[int, bool] = {}
        self.control = self._control_tokens()

    def tokenize(self, text: str, *, special: bool = False, ends: bool = False) -> list[int]:
        """Token ids of ``text``. With ``special`` control tokens in it are recognised.

        With ``ends`` the vocabulary's own tokens for the beginning and the end of a text are added, such as
        BERT's; else the ids are those of ``text`` alone.
        """
        data = text.encode("utf-8", "replace")
        room = len(data) + 16
        out = (ll.llama_token * room)()
        count = ll.llama_tokenize(self.handle, data, len(data), out, room, ends, special)
        if count < 0:
            room = -count
            out = (ll.llama_token * room)()
            count = ll.llama_tokenize(self.handle, data, len(data), out, room, ends, special)
        return out[:count]

    def piece(self, token: int) -> bytes:
        """The text a token stands for; nothing for a control token."""
        piece = self._pieces.get(token)
        if piece is None:
            piece = self._pieces[token] = self._to_piece(token, special=False)
        return piece

    def label(self, token: int) -> bytes:
        """A token's text for display, control tokens too."""
        label = self._labels.get(token)
        if label is None:
            label = self._labels[token] = self._to_piece(token, special=True)
        return label

    def sizes(self, tokens: Sequence[int]) -> NDArray[np.int64]:
        """The length in bytes of each token's :meth:`label`."""
        return np.fromiter((len(self.label(token)) for token in tokens), np.int64, len(tokens))

    def ends(self, token: int) -> bool:
        """Whether this token ends an answer."""
        end = self._ends.get(token)
        if end is None:
            end = self._ends[token] = bool(ll.llama_vocab_is_eog(self.handle, token))
        return end

    @functools.cached_property
    def ending(self) -> tuple[int, ...]:
        """All tokens that end an answer."""
        return tuple(token for token in range(self.size) if self.ends(token))

    def is_control(self, token: int) -> bool:
        return bool(ll.llama_vocab_is_control(self.handle, token))

    def text(self, token: int) -> str:
        """A token as the vocabulary writes it; empty for none (-1)."""
        raw = ll.llama_vocab_get_text(self.handle, token) if token >= 0 else None
        return raw.decode("utf-8", "replace") if raw else ""

    def _to_piece(self, token: int, *, special: bool) -> bytes:
        buffer = ctypes.create_string_buffer(_PIECE_SIZE)
        size = ll.llama_token_to_piece(self.handle, token, buffer, len(buffer), 0, special)
        if size < 0:
            buffer = ctypes.create_string_buffer(-size)
            size = ll.llama_token_to_piece(self.handle, token, buffer, len(buffer), 0, special)
        return buffer.raw[:size]

    def _control_tokens(self) -> list[ControlToken]:
        """Longest first, as llama.cpp looks for them in a text."""
        mask = ll.LLAMA_TOKEN_ATTR_CONTROL | ll.LLAMA_TOKEN_ATTR_UNKNOWN
        found = []
        for token in range(self.size):
            attributes = ll.llama_vocab_get_attr(self.handle, token)
            if attributes & mask and (text := self.text(token)):
                left, right = attributes & ll.LLAMA_TOKEN_ATTR_LSTRIP, attributes & ll.LLAMA_TOKEN_ATTR_RSTRIP
                found.append(ControlToken(text, token, bool(left), bool(right)))
        return sorted(found, key=lambda control: -len(control.text.encode()))
