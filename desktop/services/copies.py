"""A chat, or a branch of it, as another chat: new ids, the same content. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace

from desktop.domain.conversation import Message, MessageTree, Status


def copies(messages: Iterable[Message], conversation_id: str) -> dict[str, Message]:
    """Each message for another chat, by the id it had; parents first, versions in their order.

    An answer that is being written is copied as far as it is. One whose parent is not among them begins anew.
    """
    tree = MessageTree(messages)
    made: dict[str, Message] = {}
    waiting = [message for message in tree if message.parent_id not in tree]
    waiting = sorted(waiting, key=lambda message: message.position, reverse=True)
    while waiting:
        message = waiting.pop()
        parent = made.get(message.parent_id) if message.parent_id is not None else None
        made[message.id] = replace(
            message,
            id=uuid.uuid4().hex,
            conversation_id=conversation_id,
            parent_id=parent.id if parent is not None else None,
            status=Status.INTERRUPTED if message.status is Status.STREAMING else message.status,
        )
        waiting += reversed(tree.children(message.id))
    return made
