"""Values out of a stranger's JSON, whatever type they turn out to have. Pure; any thread."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

_LATEST = 1e11
"""As Unix seconds the year 5138: a larger number counts something smaller than seconds."""


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def name(value: object) -> str:
    """An id: some programs write them as numbers."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
        return str(value)
    return text(value)


def mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def items(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def number(value: object) -> float | None:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def count(value: object) -> int:
    """A number of tokens or the like; 0 for everything that cannot be one."""
    found = number(value)
    return int(found) if found is not None and 0 <= found < 2**53 else 0


def moment(value: object) -> float:
    """Unix seconds, from those or from their thousandths, millionths or billionths, or from ISO 8601.

    0 for what is no time after 1970.
    """
    if isinstance(value, str):
        return _from_iso(value)
    found = number(value)
    if found is None or found <= 0:
        return 0.0
    for _ in range(3):
        if found < _LATEST:
            break
        found /= 1000
    return found if found < _LATEST else 0.0


def _from_iso(value: str) -> float:
    try:
        found = datetime.fromisoformat(value[:40])
        return max(0.0, (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return 0.0
