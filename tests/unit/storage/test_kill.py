"""What a process that was killed leaves. That nothing is lost: ``tests.unit.services.test_kill_anywhere``."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from desktop.domain.conversation import Status
from desktop.storage.conversations import ConversationRepository
from desktop.storage.messages import MessageRepository
from tests.unit.storage.chats import chat, opened

# Begins one answer after the other and ends none; says when it has.
CHATTER = """
import asyncio, itertools, sys
from pathlib import Path
from desktop.storage.conversations import ConversationRepository
from desktop.storage.database import Database
from desktop.storage.messages import MessageRepository
from desktop.domain.conversation import PartKind
from tests.unit.storage.chats import chat, question, streaming

async def main(path):
    db = await Database.open(Path(path))
    for name in map(str, itertools.count()):
        await ConversationRepository(db).create(chat(name))
        answer = streaming(f"r{name}", name, f"q{name}")
        await MessageRepository(db).add(question(f"q{name}", name), answer, leaf_id=answer.id)
        await MessageRepository(db).append(answer.id, PartKind.TEXT, "so far")
        print("streamed", flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


@contextmanager
def chatting(path: Path) -> Iterator[None]:
    """It has begun an answer, goes on meanwhile, and is killed in the end."""
    with subprocess.Popen(
        [sys.executable, "-c", CHATTER, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    ) as process:
        try:
            assert process.stdout is not None and process.stdout.readline() == "streamed\n"
            yield
        finally:
            process.kill()


async def test_an_answer_is_called_interrupted_when_its_process_is_dead_and_not_before(path: Path) -> None:
    async with opened(path) as db:
        messages = MessageRepository(db)
        with chatting(path):
            assert await messages.recover() == []

        answers = await messages.recover()

        assert answers[0] == "r0"
        (_, answer) = await messages.tree("0")
        assert (answer.status, answer.text) == (Status.INTERRUPTED, "so far")


async def test_files_of_killed_processes_are_cleared_away(path: Path) -> None:
    with chatting(path):
        pass
    assert list(path.parent.glob("*-owner-*"))

    async with opened(path) as db:
        await ConversationRepository(db).create(chat("after"))

    assert not list(path.parent.glob("*-owner-*"))
