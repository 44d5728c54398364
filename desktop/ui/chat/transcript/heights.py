"""Where each row of the transcript starts, without measuring those nobody has looked at.

A Fenwick tree over row heights: set, offset and search cost a dozen steps at ten thousand rows. No Qt.
"""

from __future__ import annotations

from collections.abc import Iterable


class Heights:
    """Heights in pixels, some exact and some estimated; the caller knows which."""

    __slots__ = ("_heights", "_sums", "_top")

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._heights: list[int] = []
        self._sums = [0]
        self._top = 1
        self.replace(0, heights)

    def replace(self, index: int, heights: Iterable[int]) -> None:
        """Takes these in the place of all from ``index`` on; costs as much as there are of them."""
        del self._heights[index:], self._sums[index + 1 :]
        for height in heights:
            self._heights.append(height)
            at = len(self._heights)
            # Each sum covers as many rows as its lowest set bit says: its own, and the sums just before it.
            total, below, covered = height, at - 1, at - (at & -at)
            while below > covered:
                total += self._sums[below]
                below -= below & -below
            self._sums.append(total)
        self._top = 1 << len(self._heights).bit_length()

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
