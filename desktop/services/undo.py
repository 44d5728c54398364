"""What was done in this session, each with its way back: Ctrl+Z. On the loop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from desktop.domain.changes import Kind
from desktop.services.bus import ChangeBus

MOST = 200
"""Acts that are remembered."""


class Act(Enum):
    """What can be undone; the view has the words."""

    RENAME = "rename"
    PIN = "pin"
    MOVE = "move"
    DELETE = "delete"
    """Chats."""
    DUPLICATE = "duplicate"
    """Of a chat, or a branch that became a chat."""
    DELETE_BRANCH = "delete-branch"
    NEW_VERSION = "new-version"
    """An edit, or another answer."""
    SHOW = "show"
    RATE = "rate"
    CONTEXT = "context"
    PRESET = "preset"
    INSTRUCTIONS = "instructions"
    PARAMETERS = "parameters"
    """Of a chat."""
    IMPORT = "import"
    """Of chats from files."""
    NEW_FOLDER = "new-folder"
    RENAME_FOLDER = "rename-folder"
    MOVE_FOLDER = "move-folder"
    DELETE_FOLDER = "delete-folder"
    REMOVE_NEXT = "remove-next"
    """Of the message that waits."""
    DETACH = "detach"
    """Of a file that was to be sent."""


@dataclass(frozen=True, slots=True, eq=False)
class Done:
    """An act, on so many things at once; ``name`` is that of a single one, where the view needs it."""

    act: Act
    undo: Callable[[], Awaitable[None]]
    count: int = 1
    name: str = ""
    same: object = None
    """Acts in a row that have the same here are one."""


class UndoStack:
    """Publishes ``Kind.UNDO`` when what can be undone next is another."""

    def __init__(self, bus: ChangeBus) -> None:
        self._bus = bus
        self._done: list[Done] = []
        self._is_undoing = False
        self._settling: list[Callable[[], Awaitable[None]]] = []

    @property
    def next(self) -> Done | None:
        """What :meth:`undo` would undo."""
        return self._done[-1] if self._done else None

    def add(
        self,
        act: Act,
        undo: Callable[[], Awaitable[None]],
        count: int = 1,
        *,
        name: str = "",
        same: object = None,
    ) -> Done | None:
        """Something was done that ``undo`` takes back; what undoing itself does is not remembered.

        If the last act has the ``same`` in it, this one only goes on with it: taking that back is enough.
        """
        if self._is_undoing:
            return None
        if same is not None and self._done and self._done[-1].same == same:
            return self._done[-1]
        done = Done(act, undo, count, name, same)
        self._done = [*self._done[-MOST + 1 :], done]
        self._bus.publish(Kind.UNDO)
        return done

    def settle_first(self, settle: Callable[[], Awaitable[None]]) -> Callable[[], None]:
        """Before anything is undone, ``settle`` does what is still to be done; returns the way out."""
        self._settling.append(settle)
        return lambda: self._settling.remove(settle)

    def forget(self, done: Done) -> bool:
        """It is taken back in another way; ``False`` if it was taken back already."""
        if done not in self._done:
            return False
        self._done.remove(done)
        self._bus.publish(Kind.UNDO)
        return True

    async def undo(self) -> Done | None:
        """Takes back what was done last, if there is anything; returns what that was.

        What cannot be taken back any more (a chat that was deleted for good) is forgotten, and raises why.
        """
        for settle in tuple(self._settling):
            await settle()
        if self._is_undoing or not self._done:
            return None
        done = self._done.pop()
        self._is_undoing = True
        try:
            await done.undo()
        finally:
            self._is_undoing = False
            self._bus.publish(Kind.UNDO)
        return done
