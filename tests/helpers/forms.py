"""Grammars as a model follows them, over a vocabulary in which every byte is a token."""

from __future__ import annotations

import random
from functools import cache

import numpy as np
from llguidance import LLMatcher, LLTokenizer

from desktop.engine.worker.sampling.constraint import limits

LONGEST = 400
"""Bytes of a text that :func:`write` makes before it gives up."""


@cache
def _tokenizer() -> LLTokenizer:
    return LLTokenizer("byte")


def matcher(grammar: str) -> LLMatcher:
    made = LLMatcher(_tokenizer(), grammar, log_level=0, limits=limits())
    assert not made.is_error(), made.get_error()
    return made


def follows(grammar: str, text: str) -> bool:
    """Whether the whole text follows a grammar."""
    way, data = matcher(grammar), list(text.encode())
    return way.try_consume_tokens(data) == len(data) and way.is_accepting()


def write(grammar: str, seed: int) -> str | None:
    """A text that follows a grammar, each byte chosen by chance; ``None`` if it does not come to an end."""
    chance, way = random.Random(seed), matcher(grammar)
    data = bytearray()
    while not way.is_stopped() and len(data) < LONGEST:
        if way.is_accepting() and chance.random() < 0.5:
            break
        bits = np.frombuffer(way.compute_bitmask(), np.uint8)
        allowed = np.flatnonzero(np.unpackbits(bits, count=256, bitorder="little"))
        assert len(allowed), bytes(data)
        # Brackets, quotes and commas more often than chance has it: texts come to an end.
        ending = [byte for byte in allowed.tolist() if byte in b'"]},:']
        byte = chance.choice(ending if ending and chance.random() < 0.4 else allowed.tolist())
        assert way.consume_token(byte)
        data.append(byte)
    return data.decode() if way.is_accepting() else None
