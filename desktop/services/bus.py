"""Who is told when something changed. Views subscribe and decide themselves what to read again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from desktop.domain.changes import Change, Kind

_log = logging.getLogger(__name__)


class ChangeBus:
    """Calls subscribers on the caller's loop, at once and in order of subscription."""

    def __init__(self) -> None:
        self._subscribers: dict[object, Callable[[Change], None]] = {}

    def subscribe(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Returns what ends the subscription."""
        key = object()
        self._subscribers[key] = callback
        return lambda: self._subscribers.pop(key, None) and None

    def publish(self, kind: Kind, *ids: str, messages: Iterable[str] = (), actor: object = None) -> None:
        change = Change(kind, frozenset(ids), actor, frozenset(messages))
        for key, callback in tuple(self._subscribers.items()):
            if key not in self._subscribers:
                # Ended by one that was told before: what it belonged to may be gone.
                continue
            try:
                callback(change)
            except Exception:  # noqa: BLE001 - one broken view must not keep the others in the dark
                _log.exception("A subscriber failed at %s", change)
