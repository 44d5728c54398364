"""Chats to store, and files to find them in again."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

from desktop.domain.conversation import Conversation, Message, Part, PartKind, Role, Status
from desktop.storage.conversations import ConversationRepository
from desktop.storage.database import Database
from desktop.storage.messages import MessageRepository
from desktop.storage.words import teach

NOBODY = 65534


def chat(name: str, at: float = 1.0) -> Conversation:
    return Conversation(name, f"Title of {name}", created_at=at, updated_at=at)


def said(text: str) -> tuple[Part, ...]:
    return (Part(PartKind.TEXT, text),)


def question(name: str, conversation: str, parent: str | None = None, text: str = "?") -> Message:
    return Message(name, conversation, parent, Role.USER, said(text), created_at=2.0)


def streaming(name: str, conversation: str, parent: str | None = None, *parts: Part) -> Message:
    return Message(name, conversation, parent, Role.ASSISTANT, parts, Status.STREAMING, created_at=3.0)


@asynccontextmanager
async def opened(path: Path, patience: float = 60.0):
    database = await Database.open(path, patience=patience)
    try:
        yield database
    finally:
        await database.close()


async def fill(path: Path, names: list[str], text: str = "text of {}") -> None:
    """Chats named ``names``, each with one message ``m-…`` and a draft."""
    async with opened(path) as db:
        for name in names:
            await ConversationRepository(db).create(chat(name))
            message = question(f"m-{name}", name, text=text.format(name))
            await MessageRepository(db).add(message, leaf_id=message.id)
            await ConversationRepository(db).save_draft(name, f"draft of {name}")


async def found(path: Path) -> dict[str, str]:
    """What a user would see after opening ``path``: each listed chat's text."""
    async with opened(path) as db:
        listed = await ConversationRepository(db).list()
        trees = [await MessageRepository(db).tree(conversation.id) for conversation in listed]
    return {
        conversation.id: "".join(message.text for message in tree)
        for conversation, tree in zip(listed, trees, strict=True)
    }


def content(path: Path, suffix: str = "") -> bytes:
    return path.with_name(path.name + suffix).read_bytes()


def put(path: Path, content: bytes, suffix: str = "") -> None:
    path.with_name(path.name + suffix).write_bytes(content)


def raw(path: Path):
    """The file as another program would open it, but for what our triggers need."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=0)
    teach(connection)
    return closing(connection)


@contextmanager
def with_mode(mode: int, *paths: Path) -> Iterator[None]:
    before = {path: path.stat().st_mode for path in paths}
    for path in paths:
        path.chmod(mode)
    try:
        yield
    finally:
        for path in paths:
            path.chmod(before[path])


@contextmanager
def without_permission(*paths: Path) -> Iterator[None]:
    """Nobody may write to ``paths``: root always may, so it steps down meanwhile."""
    is_root = os.geteuid() == 0
    with with_mode(0o555, *paths):
        if is_root:
            os.seteuid(NOBODY)
        try:
            yield
        finally:
            if is_root:
                os.seteuid(0)
