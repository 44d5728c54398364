"""A real database file for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from desktop.storage.conversations import ConversationRepository
from desktop.storage.database import Database
from desktop.storage.folders import FolderRepository
from desktop.storage.messages import MessageRepository
from desktop.storage.trash import TrashRepository


@pytest.fixture
def path(data_dir: Path) -> Path:
    """Where the database will be; nothing is there yet."""
    return data_dir / "chats.db"


@pytest.fixture
async def db(path: Path) -> AsyncIterator[Database]:
    """An empty database, closed at the end."""
    database = await Database.open(path)
    yield database
    await database.close()


@pytest.fixture
def conversations(db: Database) -> ConversationRepository:
    return ConversationRepository(db)


@pytest.fixture
def messages(db: Database) -> MessageRepository:
    return MessageRepository(db)


@pytest.fixture
def folders(db: Database) -> FolderRepository:
    return FolderRepository(db)


@pytest.fixture
def trash(db: Database) -> TrashRepository:
    return TrashRepository(db)
