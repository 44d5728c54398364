"""In which windows a text is read to score it, and which of its tokens make the perplexity.

A text is read in windows of W tokens that begin S tokens, the stride, after one another. Each window is read
from nothing. As llama.cpp's perplexity tool does it:

``S < W`` (the tool's ``--ppl-stride``)
    Of each window the last S tokens count, so each has at least W - S tokens before it. BOS, where the
    vocabulary wants it, stands in front of the text only. (The tool lengthens the window it is given by half
    the stride; here W is what it is.)
``S = W`` (the tool's default)
    The windows stand side by side. Of each the second half counts, but for the first token in it. Where the
    vocabulary wants BOS, it takes the place of each window's first token.

Only full windows count: the end of the text that fills none is left out, and with ``S < W`` the last window
that could be filled as well. The tool refuses a text shorter than two windows; here one that fits into a
single window counts as a whole, and any other is taken as a longer one. The perplexity is exp of the mean
negative log-probability of the tokens that count.

Every token gets a log-probability, whether it counts or not, under as much of the text before it as its
window has; the very first has nothing before it, and none.

W is 512 by default, or the context's length if that is shorter, and S is half of W: every token but the first
few hundred is judged with at least 256 others before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

DEFAULT_WINDOW = 512
"""Tokens, as llama.cpp's perplexity tool has it."""


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens ``start`` to ``end``; it tells the scores of ``scored``, and of these ``counted`` count."""

    start: int
    end: int
    scored: range
    counted: range

    @property
    def size(self) -> int:
        return self.end - self.start


def windows(size: int, window: int, stride: int) -> Iterator[Window]:
    """The windows of a text of ``size`` tokens, in order. Every token but the first is scored once."""
    if size <= window:
        if size > 1:
            yield Window(0, size, range(1, size), range(1, size))
        return
    strided = stride < window
    count_of_counted = -(-(size - window) // stride) if strided else size // window
    for at, start in enumerate(range(0, size, stride)):
        end = min(start + window, size)
        if strided:
            scored = range(start + window - stride if at else 1, end)
            counted = range(start + window - stride, end)
        else:
            scored = range(start + 1, min(end + 1, size))
            counted = range(start + window // 2 + 1, end)
        if scored:
            yield Window(start, end, scored, counted if at < count_of_counted else range(0))
        if strided and end == size:
            return
