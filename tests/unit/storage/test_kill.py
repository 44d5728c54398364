"""``kill -9`` at any moment: what was saved is there, and the file is sound."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from desktop.domain.conversation import Rating, Status
from desktop.domain.errors import NotFoundError
from desktop.storage.conversations import ConversationRepository
from desktop.storage.messages import MessageRepository
from tests.unit.storage.chats import chat, opened, raw
from tests.unit.storage.test_updates import assert_index_is_whole

ROUNDS = int(os.environ.get("KILL_ROUNDS", "8"))
"""``KILL_ROUNDS=300 make test-unit ARGS="tests/unit/storage/test_kill.py"`` does it as often as that."""
CHUNKS = 12

# Chats on end, as the app would; says what is saved as soon as it is.
CHATTER = f"""
import asyncio, itertools, sys
from pathlib import Path
from desktop.storage.conversations import ConversationRepository
from desktop.storage.database import Database
from desktop.storage.folders import FolderRepository
from desktop.storage.messages import MessageRepository
from desktop.storage.trash import TrashRepository
from desktop.domain.conversation import PartKind, Rating, Status
from desktop.domain.folders import Folder
from tests.unit.storage.chats import chat, question, said, streaming

def say(*words):
    print(*words, sep="\\t", flush=True)

async def main(path, round):
    db = await Database.open(Path(path))
    conversations, messages = ConversationRepository(db), MessageRepository(db)
    trash, folders = TrashRepository(db), FolderRepository(db)
    for number in itertools.count():
        name = f"{{round}}.{{number}}"
        await conversations.create(chat(name))
        say("created", name)
        await conversations.save_draft(name, f"draft {{name}}")
        say("drafted", name)
        sent = question(f"q{{name}}", name, text="x" * 5000), streaming(f"r{{name}}", name, f"q{{name}}")
        await messages.add(*sent, leaf_id=f"r{{name}}", clear_draft=True)
        say("sent", name)
        for chunk in range({CHUNKS}):
            await messages.append(f"r{{name}}", PartKind.TEXT, f"{{chunk}},")
            say("streamed", name)
        if number % 2:
            await messages.finish(f"r{{name}}", said("done"), Status.COMPLETE)
            say("finished", name)
            await trash.put_branch(name, f"r{{name}}", 1.0, 1.0)
            say("branch-deleted", name)
            await trash.restore_branch(name, f"r{{name}}")
            say("branch-restored", name)
            await messages.rate(f"r{{name}}", Rating.UP, "good")
            say("rated", name)
            await folders.create(Folder(f"f{{name}}", f"Folder {{name}}"))
            await conversations.move({{name: f"f{{name}}"}})
            say("moved", name)
            await folders.dissolve(f"f{{name}}")
            say("dissolved", name)
        if number % 4 == 3:
            await trash.put_chats([name], 1.0, 1.0)
            say("deleted", name)
            await trash.delete([name])
            say("purged", name)

asyncio.run(main(*sys.argv[1:]))
"""


@contextmanager
def chatting(path: Path, round_: int) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", CHATTER, str(path), str(round_)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def killed_while_chatting(path: Path, round_: int) -> dict[str, list[str]]:
    """What it said was saved before it was killed: for each chat what happened, in order."""
    with chatting(path, round_) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(random.randrange(1, 90))]
        time.sleep(random.uniform(0, 0.003))
        process.kill()
        lines += process.stdout.readlines()
    saved: dict[str, list[str]] = {}
    for line in lines:
        if line.endswith("\n"):
            event, name = line.split()
            saved.setdefault(name, []).append(event)
    return saved


async def assert_kept(
    conversations: ConversationRepository, messages: MessageRepository, name: str, events: list[str]
) -> None:
    if "deleted" in events:
        # On the way out, or gone for good already.
        with suppress(NotFoundError):
            head = await conversations.get(name)
            assert head.trashed_at == 1.0 and "purged" not in events
        return
    try:
        head, tree = await conversations.get(name), await messages.tree(name)
    except NotFoundError:
        assert int(name.partition(".")[2]) % 4 == 3 and "dissolved" in events, "it was not to be deleted"
        return
    if head.trashed_at is not None:
        assert "dissolved" in events
        return
    if "rated" in events:
        assert tree[1].rating is Rating.UP
    if "dissolved" in events or "rated" not in events:
        assert head.folder_id is None
    elif "moved" in events:
        assert head.folder_id in (None, f"f{name}")
    if "finished" in events and "branch-restored" not in events and len(tree) == 1:
        # Killed while the branch was in the trash.
        assert head.leaf_id == f"q{name}"
        return
    if "drafted" in events and not tree:
        assert head.draft == f"draft {name}"
    if "sent" not in events:
        return
    asked, answer = tree
    assert (asked.text, head.leaf_id, head.draft) == ("x" * 5000, answer.id, "")
    streamed = "".join(f"{chunk}," for chunk in range(CHUNKS))
    if "finished" in events:
        assert (answer.status, answer.text) == (Status.COMPLETE, "done")
    elif answer.status is Status.INTERRUPTED:
        assert events.count("streamed") <= answer.text.count(",") <= events.count("streamed") + 1
        assert streamed.startswith(answer.text)
    else:
        assert events.count("streamed") == CHUNKS and answer.text == "done"


@pytest.mark.timeout(120 + 4 * ROUNDS)
async def test_everything_that_was_saved_is_there_after_kill_9_at_random_moments(path: Path) -> None:
    saved: dict[str, list[str]] = {}
    for round_ in range(ROUNDS):
        saved |= killed_while_chatting(path, round_)

        async with opened(path) as db:
            assert db.notice == ""
            conversations, messages = ConversationRepository(db), MessageRepository(db)
            await messages.recover()
            for name, events in saved.items():
                await assert_kept(conversations, messages, name, events)
    assert saved
    with raw(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert_index_is_whole(connection)
        assert connection.execute("SELECT count(*) FROM deltas").fetchone() == (0,)


async def test_an_answer_is_called_interrupted_when_its_process_is_dead_and_not_before(path: Path) -> None:
    async with opened(path) as db:
        messages = MessageRepository(db)
        with chatting(path, 0) as process:
            assert process.stdout is not None
            while "sent\t0.0" not in process.stdout.readline():
                pass
            assert await messages.recover() == []
        # It went on a little before it was killed.
        answers = await messages.recover()

        assert len(answers) >= 1
        assert all(answer.startswith("r0.") for answer in answers)
        (_, answer) = await messages.tree(answers[-1][1:])
        assert answer.status is Status.INTERRUPTED


async def test_files_of_killed_processes_are_cleared_away(path: Path) -> None:
    killed_while_chatting(path, 0)
    assert list(path.parent.glob("*-owner-*"))

    async with opened(path) as db:
        await ConversationRepository(db).create(chat("after"))

    assert not list(path.parent.glob("*-owner-*"))
