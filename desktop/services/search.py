"""Looking for something in all chats."""

from __future__ import annotations

from desktop.domain.search import Hit, parse_search
from desktop.storage.search import SearchRepository

MOST_HITS = 50


class SearchService:
    """On the loop; reads beside the writes and keeps none of them waiting."""

    def __init__(self, repository: SearchRepository) -> None:
        self._repository = repository

    async def search(self, text: str, limit: int = MOST_HITS) -> list[Hit]:
        """What a line finds, see :mod:`desktop.domain.search`; titles first, then the newest messages.

        As many hits as ``limit`` means that there may be more: ask again with a higher one. A message is
        found once; several of one chat have its ``conversation_id`` in common.

        Whoever cancels it frees the way for the next. Temporary chats are not looked into. Raises
        :class:`StorageError`.
        """
        return await self._repository.search(parse_search(text), limit)
