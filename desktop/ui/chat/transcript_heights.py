"""Where each row of the transcript starts, without measuring those nobody has looked at.

A Fenwick tree over row heights: set, offset and search cost a dozen steps at ten thousand rows. No Qt.
"""

from __future__ import annotations

from collections.abc import Iterable


class Heights:
    """Heights in pixels, some exact and some estimated; the caller knows which."""

    __slots__ = ("_heights", "_sums", "_top")

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._heights = list(heights)
        size = len(self._heights)
        self._top = 1 << size.bit_length()
        self._sums = [0, *self._heights]
        for at in range(1, size + 1):
            parent = at + (at & -at)
            if parent <= size:
                self._sums[parent] += self._sums[at]

    def __len__(self) -> int:
        return len(self._heights)

    def __getitem__(self, index: int) -> int:
        return self._heights[index]

    def set(self, index: int, height: int) -> None:
        change = height - self._heights[index]
        if not change:
            return
        self._heights[index] = height
        at = index + 1
        while at <= len(self._heights):
            self._sums[at] += change
            at += at & -at

    def offset(self, index: int) -> int:
        """The sum of the heights before ``index``; of the length: of all."""
        total = 0
        while index > 0:
            total += self._sums[index]
            index -= index & -index
        return total

    @property
    def total(self) -> int:
        return self.offset(len(self._heights))

    def find(self, y: int) -> int:
        """The row that covers ``y``; the first or last one if ``y`` is outside."""
        at, step = 0, self._top
        while step:
            following = at + step
            if following <= len(self._heights) and self._sums[following] <= y:
                at = following
                y -= self._sums[following]
            step >>= 1
        return max(0, min(at, len(self._heights) - 1))
