"""An open chat without what it says: its shape, and the branch that is shown. Kept up to date in place.

Whoever shows a chat keeps one. What is said is read for the messages that are looked at, so that a chat of
ten thousand opens like a short one, and a change to one message costs the same in both.
"""

from __future__ import annotations

from collections.abc import Iterable

from desktop.domain.conversation import Conversation, MessageTree, Node


class Outline:
    """``path`` is the shown branch, oldest first. Changed by :meth:`take` alone."""

    __slots__ = ("_places", "conversation", "path", "tree")

    def __init__(self, conversation: Conversation, nodes: Iterable[Node]) -> None:
        self.conversation = conversation
        self.tree = MessageTree(nodes)
        self.path = self.tree.path(conversation.leaf_id)
        self._places = {node.id: place for place, node in enumerate(self.path)}

    def place(self, message_id: str) -> int | None:
        """Where on the path a message is, if it is on it."""
        return self._places.get(message_id)

    def take(self, conversation: Conversation, nodes: Iterable[Node]) -> int:
        """Nodes that are new or others now; returns the first place of the path that is another.

        That is the path's length if none is. Costs what changed, however long the chat is.
        """
        self.conversation = conversation
        first = len(self.path)
        for node in nodes:
            self.tree.put(node)
            place = self._places.get(node.id)
            if place is not None and self.path[place] != node:
                self.path[place] = node
                first = min(first, place)
        return min(first, self._follow(conversation.leaf_id))

    def _follow(self, leaf_id: str | None) -> int:
        """Shows the branch that ends there; returns where it leaves the one that was shown."""
        behind: list[Node] = []
        at = leaf_id if leaf_id in self.tree else None
        while at is not None and at in self.tree and at not in self._places and len(behind) < len(self.tree):
            behind.append(self.tree[at])
            at = self.tree[at].parent_id
        kept = self._places[at] + 1 if at is not None and at in self._places else 0
        if kept == len(self.path) and not behind:
            return kept
        for node in self.path[kept:]:
            del self._places[node.id]
        self.path[kept:] = reversed(behind)
        self._places |= {node.id: place for place, node in enumerate(self.path[kept:], kept)}
        return kept
