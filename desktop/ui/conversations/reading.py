"""What the list of chats is made of, read together and put in lines beside the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from desktop.domain.conversation import Conversation
from desktop.domain.folders import FolderTree
from desktop.services.assembly import Services
from desktop.ui.conversations.entries import Listing, listing


@dataclass(frozen=True, slots=True)
class ListRead:
    """``trashed`` is how many deletions the trash holds. For ``changed`` see :meth:`Listing.changed_from`."""

    conversations: Mapping[str, Conversation]
    folders: FolderTree
    trashed: int
    today: date
    closed: AbstractSet[str]
    listing: Listing
    before: Listing
    """What ``changed`` compares with."""
    changed: Sequence[int] | None


async def read_list(services: Services, before: Listing, closed: AbstractSet[str]) -> ListRead:
    """``before`` is what is shown; of the folders that are ``closed`` only the line is listed."""
    conversations = await services.conversations.list()
    folders = await services.folders.tree()
    trashed = len(await services.trash.entries())

    def work() -> ListRead:
        today = date.today()
        made = listing(conversations, folders, today, closed)
        by_id = {one.id: one for one in conversations}
        return ListRead(by_id, folders, trashed, today, closed, made, before, made.changed_from(before))

    return await asyncio.to_thread(work)
