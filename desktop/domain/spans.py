"""Many places in a list as a short text, such as ``"0-3 7"``. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SPAN = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")


def spans(places: Iterable[int]) -> str:
    """Places from 0, in any order."""
    found: list[list[int]] = []
    for place in sorted(set(places)):
        if found and place == found[-1][1] + 1:
            found[-1][1] = place
        else:
            found.append([place, place])
    return " ".join(str(first) if first == last else f"{first}-{last}" for first, last in found)


def places(text: str, count: int) -> set[int]:
    """Those below ``count``; what is no span says nothing."""
    found: set[int] = set()
    for word in text.split():
        if (span := _SPAN.fullmatch(word)) is not None:
            found.update(range(int(span[1]), min(count, int(span[2] or span[1]) + 1)))
    return found
