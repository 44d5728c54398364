"""All services over a real database and a real worker process that follows a script, and what a user does."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import psutil

from desktop.domain.changes import Kind
from desktop.domain.conversation import Message
from desktop.domain.model import LoadedModel
from desktop.engine.process import worker_command
from desktop.services.assembly import Services, open_services
from desktop.services.conversations import Chat
from desktop.services.live_answer import LiveAnswer, Phase
from desktop.system.paths import Locations
from tests.helpers.scripted import Gate, scripted_file, write_script
from tests.helpers.waiting import until

LONG = " ".join(f"word{n}" for n in range(400))


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Services]:
    """The app on this data folder, until the block is left."""
    async with open_services(
        Locations.below(folder), engine_command=worker_command("scripted"), inspect_file=scripted_file
    ) as services:
        yield services


def script(folder: Path, name: str = "model", **fields: Any) -> str:
    """A scripted model's REF."""
    return str(write_script(folder / f"{name}.json", **{"name": name, **fields}))


async def use(services: Services, folder: Path, **fields: Any) -> LoadedModel:
    """Loads a scripted model that does what ``fields`` say."""
    return await services.models.use(script(folder, **fields))


def held(gate: Gate, tokens: int = 8) -> dict[str, Any]:
    """A model that stops for a while in the middle of a long answer: time to do something to it."""
    gate.open_to(tokens)
    return {"reply": LONG, "gate": gate}


async def new_chat(services: Services) -> str:
    return (await services.conversations.new()).id


async def ask(services: Services, chat_id: str, text: str) -> Message:
    """Sends ``text`` and waits for the whole answer."""
    answer_id = await services.chat.send(chat_id, text)
    return await finished(services, chat_id, answer_id)


async def finished(services: Services, chat_id: str, answer_id: str) -> Message:
    """The answer as it is saved, once nothing is being written in its chat."""
    await until(lambda: services.chat.running(chat_id) is None)
    return (await services.conversations.open(chat_id)).tree[answer_id]


def texts(chat: Chat) -> list[str]:
    """What the shown branch says."""
    return [message.text for message in chat.path]


def live(services: Services, chat_id: str) -> LiveAnswer:
    """The answer that is being written there."""
    answer = services.chat.running(chat_id)
    assert answer is not None, "no answer is being written"
    return answer


async def writing(services: Services, chat_id: str) -> LiveAnswer:
    """The answer in this chat, as soon as it has some text."""
    await until(lambda: bool(live(services, chat_id).text))
    answer = live(services, chat_id)
    assert answer.phase is Phase.WRITING
    return answer


@contextmanager
def told(services: Services) -> Iterator[list[Kind]]:
    """The kinds of changes that were published meanwhile."""
    kinds: list[Kind] = []
    unsubscribe = services.bus.subscribe(lambda change: kinds.append(change.kind))
    yield kinds
    unsubscribe()


def worker(parent: int | None = None) -> psutil.Process:
    """The engine process of this process, or of another."""
    (found,) = workers(parent)
    return found


def workers(parent: int | None = None) -> list[psutil.Process]:
    return [child for child in psutil.Process(parent).children() if "--engine-worker" in child.cmdline()]


def python(code: str, *arguments: str) -> list[str]:
    """A command that runs ``code`` in a process of its own; it can import the tests."""
    return [sys.executable, "-W", "error", "-c", code, *arguments]
