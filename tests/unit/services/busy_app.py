"""An app in a process of its own where everything is done at once, and a journal of what was done.

    python -m tests.unit.services.busy_app FOLDER MODEL JOURNAL SEED

Before an act the journal gets what may be true from now on, after it what is: facts by their names, such as
``draft:CHAT`` and ``said:CHAT/MESSAGE``. Whoever kills this process compares them with what is on disk.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import uuid
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from desktop.domain.conversation import Conversation, Message, Part, PartKind, Rating, Role
from desktop.domain.exchange import PortableChat, Progress
from desktop.services.assembly import Services
from desktop.services.conversations import Chat
from desktop.storage.exchange import own
from tests.helpers.starvation import own_time
from tests.helpers.waiting import until
from tests.unit.services.scripted_app import opened

REPLY = " ".join(f"word{number}" for number in range(120))
"""What every answer says; at 150 tokens a second it takes most of a second."""
SCRIPT: dict[str, Any] = {"reply": REPLY, "tokens_per_s": 150.0}
LANES = 3
"""Chats that are worked in at the same time."""
IMPORTED_CHATS = 12
IMPORTED_MESSAGES = 6

T = TypeVar("T")
Facts = Mapping[str, object]


class Journal:
    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(self, kind: str, what: object) -> None:
        """Outlives this process when it returns."""
        os.write(self._file, (json.dumps([kind, what]) + "\n").encode())

    async def do(self, act: Awaitable[T], facts: Facts) -> T:
        """Does what makes ``facts`` true."""
        self.note("may", facts)
        result = await act
        self.note("is", facts)
        return result


class Lane:
    """Somebody who works in one chat after the other."""

    def __init__(self, services: Services, journal: Journal, rng: random.Random) -> None:
        self._services = services
        self._journal = journal
        self._rng = rng
        self._chat = ""

    async def run(self, naming: asyncio.Lock) -> None:
        """For ever. ``naming`` keeps two lanes from being given the same unused chat."""
        while True:
            async with naming:
                self._chat = (await self._services.conversations.new()).id
                await self._rename()
            for _ in range(self._rng.randint(3, 9)):
                acts = await self._acts()
                await self._rng.choice(acts)()
            await self._rng.choice((self._trash, self._trash_and_delete, self._rename))()

    async def _acts(self) -> list[Callable[[], Awaitable[None]]]:
        acts: list[Callable[[], Awaitable[None]]]
        acts = [self._draft, self._send, self._send, self._rename, self._file_away]
        if (await self._open()).path:
            acts += [self._regenerate, self._edit, self._rate, self._delete_branch, self._stop_early]
        return acts

    async def _open(self) -> Chat:
        return await self._services.conversations.open(self._chat)

    async def _do(self, act: Awaitable[T], **facts: object) -> T:
        return await self._journal.do(act, {f"{name}:{self._chat}": value for name, value in facts.items()})

    async def _rename(self) -> None:
        title = f"Title {self._rng.random()}"
        await self._do(self._services.conversations.rename(self._chat, title), title=title)

    async def _draft(self) -> None:
        attached = [
            Part(PartKind.ATTACHMENT, "line\n" * self._rng.choice((0, 10, 20_000)), f"file {number}.txt")
            for number in range(self._rng.randrange(3))
        ]
        text = f"half a thought {self._rng.random()}"
        draft = [text, [[part.name, part.text] for part in attached]]
        await self._do(self._services.conversations.save_draft(self._chat, text, attached), draft=draft)

    async def _send(self) -> None:
        text = f"question {self._rng.random()} " + "and so on " * self._rng.choice((1, 500))
        sending = self._services.chat.send(self._chat, text)
        answer_id = await self._do(sending, draft=["", []])
        question = (await self._open()).tree[answer_id].parent_id
        self._is("said", question, text)
        await self._written(answer_id)

    async def _stop_early(self) -> None:
        answer_id = await self._do(self._services.chat.send(self._chat, "stop soon"), draft=["", []])
        await asyncio.sleep(self._rng.uniform(0, 0.2))
        await self._services.chat.stop(self._chat)
        await self._written(answer_id)

    async def _written(self, answer_id: str) -> None:
        await until(lambda: self._services.chat.running(self._chat) is None)
        answer = (await self._open()).tree[answer_id]
        self._is("said", answer_id, answer.text)

    async def _regenerate(self) -> None:
        answer_id = await self._services.chat.regenerate((await self._open()).path[-1].id, self._chat)
        await self._written(answer_id)

    async def _edit(self) -> None:
        message = self._rng.choice((await self._open()).path)
        text = f"another version {self._rng.random()}"
        answer_id = await self._services.chat.edit(message.id, self._chat, text)
        chat = await self._open()
        self._is("said", chat.conversation.leaf_id if answer_id is None else chat.path[-2].id, text)
        if answer_id is not None:
            await self._written(answer_id)

    async def _rate(self) -> None:
        message = self._rng.choice((await self._open()).path)
        rating, comment = self._rng.choice((Rating.UP, Rating.DOWN)), f"because {self._rng.random()}"
        fact = {f"rating:{self._chat}/{message.id}": [rating.value, comment]}
        await self._journal.do(self._services.chat.rate(message.id, self._chat, rating, comment), fact)

    async def _delete_branch(self) -> None:
        chat = await self._open()
        message = self._rng.choice(chat.path)
        branch = [each for each in chat.tree if message in chat.tree.path(each.id)]
        names = [f"hidden:{self._chat}/{each.id}" for each in branch]
        deleting = self._services.chat.delete_branch(message.id, self._chat)
        await self._journal.do(deleting, dict.fromkeys(names, True))
        if self._rng.random() < 0.6:
            restoring = self._services.trash.restore_branch(self._chat, message.id)
            await self._journal.do(restoring, dict.fromkeys(names, False))

    async def _file_away(self) -> None:
        folder = await self._services.folders.create(f"Folder {self._rng.random()}")
        self._journal.note("is", {f"folder:{folder.id}": folder.name})
        await self._do(self._services.folders.put([self._chat], folder.id), place=folder.id)
        if self._rng.random() < 0.5:
            gone = {f"folder:{folder.id}": None, f"place:{self._chat}": None}
            await self._journal.do(self._services.folders.delete(folder.id), gone)

    async def _trash(self) -> None:
        await self._do(self._services.trash.put([self._chat]), trashed=True)
        if self._rng.random() < 0.5:
            await self._do(self._services.trash.restore([self._chat]), trashed=False)

    async def _trash_and_delete(self) -> None:
        await self._do(self._services.trash.put([self._chat]), trashed=True)
        await self._do(self._services.trash.delete([self._chat]), chat=False)

    def _is(self, name: str, message_id: str | None, value: object) -> None:
        self._journal.note("is", {f"{name}:{self._chat}/{message_id}": value})


async def watch(services: Services, journal: Journal) -> None:
    """How much text each running answer has, and when."""
    while True:
        for head in await services.conversations.list():
            if (live := services.chat.running(head.id)) is not None:
                journal.note("live", [own_time(os.getpid()), f"{head.id}/{live.message_id}", len(live.text)])
        await asyncio.sleep(0.02)


async def bring_in(services: Services, journal: Journal, folder: Path, rng: random.Random) -> None:
    """Imports one file after the other; some imports are ended early."""
    while True:
        path = folder / f"{uuid.uuid4().hex}.jsonl"
        names = [uuid.uuid4().hex for _ in range(IMPORTED_CHATS)]
        path.write_text(
            "".join("".join(own.write(_portable(name))).replace("\n", "") + "\n" for name in names)
        )
        ending, last = asyncio.Event(), rng.randrange(2 * IMPORTED_CHATS)

        def on_progress(
            progress: Progress, names: list[str] = names, ending: asyncio.Event = ending, last: int = last
        ) -> None:
            if progress.chats:
                journal.note("is", {f"imported:{names[progress.chats - 1]}": IMPORTED_MESSAGES})
            if progress.chats == last:
                ending.set()

        journal.note("may", {f"imported:{name}": IMPORTED_MESSAGES for name in names})
        await services.exchange.import_files([path], on_progress=on_progress, ending=ending)
        path.unlink()
        await asyncio.sleep(rng.uniform(0, 0.3))


def _portable(name: str) -> PortableChat:
    ids = [f"{name}-{number}" for number in range(IMPORTED_MESSAGES)]
    messages = (
        Message(
            identity,
            name,
            ids[number - 1] if number else None,
            Role.ASSISTANT if number % 2 else Role.USER,
            (Part(PartKind.TEXT, f"text of {identity} " * 50),),
            created_at=2.0,
        )
        for number, identity in enumerate(ids)
    )
    return PortableChat(Conversation(name, "Imported", 1.0, 2.0, leaf_id=ids[-1]), tuple(messages))


async def main(folder: Path, model: str, journal: Journal, rng: random.Random) -> None:
    async with opened(folder) as services:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await services.models.use(model)
        naming = asyncio.Lock()
        async with asyncio.TaskGroup() as group:
            group.create_task(watch(services, journal))
            group.create_task(bring_in(services, journal, folder, random.Random(rng.random())))
            for _ in range(LANES):
                group.create_task(Lane(services, journal, random.Random(rng.random())).run(naming))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], Journal(Path(sys.argv[3])), random.Random(sys.argv[4])))
