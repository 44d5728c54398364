"""Leaving: answers are kept, settings written, no engine left, whatever hangs; and a disk that is full."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from desktop.domain.conversation import Message, Status
from desktop.domain.engine_state import Loading
from desktop.domain.errors import NewerDataError, StorageError
from desktop.domain.settings import Setting
from desktop.engine import process
from desktop.services import unsaved
from desktop.services.assembly import Services
from desktop.storage.messages import MessageRepository
from desktop.system.paths import Locations
from tests.helpers.app_data import stored_answers
from tests.helpers.scripted import Gate
from tests.helpers.waiting import PATIENCE_S, until
from tests.unit.services.scripted_app import (
    finished,
    held,
    live,
    new_chat,
    opened,
    script,
    texts,
    use,
    workers,
    writing,
)


async def test_answers_that_are_being_written_are_kept_as_far_as_they_got(
    data_dir: Path, tmp_path: Path, gate: Gate
) -> None:
    async with opened(data_dir) as services:
        await use(services, tmp_path, **held(gate))
        chat_ids = []
        for prompt in ("one", "two"):
            chat_ids.append(await new_chat(services))
            await services.chat.send(chat_ids[-1], prompt)
        shown = [(await writing(services, chat_id)).text for chat_id in chat_ids]
        services.settings.put(Setting.THEME, "dark")

    assert workers() == []
    async with opened(data_dir) as services:
        for chat_id, text in zip(chat_ids, shown, strict=True):
            answer = (await services.conversations.open(chat_id)).path[-1]
            assert answer.status is Status.INTERRUPTED
            assert answer.text.startswith(text)
            assert answer.origin is not None and answer.origin.model_name == "model"
        assert services.settings.text(Setting.THEME) == "dark"


async def test_leaving_while_a_model_is_loaded_gives_it_up(data_dir: Path, tmp_path: Path) -> None:
    async with opened(data_dir) as services:
        services.settings.put(Setting.LAST_MODEL, script(tmp_path, load_s=3600))
        chat_id = await new_chat(services)
        await services.chat.send(chat_id, "hi")
        await until(lambda: isinstance(services.models.state, Loading))

    assert workers() == []
    async with opened(data_dir) as services:
        assert (await services.conversations.open(chat_id)).path[-1].status is Status.INTERRUPTED


async def test_leaving_does_not_wait_for_an_engine_that_hangs(
    data_dir: Path, tmp_path: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "EXIT_GRACE_S", 0.1)
    async with asyncio.timeout(PATIENCE_S), opened(data_dir) as services:
        await use(services, tmp_path, hang_after=4, **held(gate, 4))
        chat_id = await new_chat(services)
        await services.chat.send(chat_id, "go")
        await writing(services, chat_id)
        gate.open()
        await asyncio.sleep(0.3)  # It hangs by then; if not, it ends as others do.

    assert workers() == []
    async with opened(data_dir) as services:
        assert (await services.conversations.open(chat_id)).path[-1].text.startswith("word0")


async def test_leaving_right_after_sending_keeps_the_prompt(data_dir: Path, tmp_path: Path) -> None:
    async with opened(data_dir) as services:
        await use(services, tmp_path)
        chat_id = await new_chat(services)
        await services.chat.send(chat_id, "the last word")

    async with opened(data_dir) as services:
        chat = await services.conversations.open(chat_id)
        assert chat.path[0].text == "the last word"
        assert chat.path[1].status is Status.INTERRUPTED


async def test_an_error_in_the_window_does_not_keep_the_rest_from_closing(
    data_dir: Path, tmp_path: Path
) -> None:
    with pytest.raises(RuntimeError, match="window"):
        async with opened(data_dir) as services:
            await use(services, tmp_path)
            services.settings.put(Setting.THEME, "dark")
            raise RuntimeError("the window broke")

    assert workers() == []
    async with opened(data_dir) as services:
        assert services.settings.text(Setting.THEME) == "dark"


async def test_a_folder_that_cannot_be_used_is_said_before_anything_is_started(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="is a file"):
        async with opened(tmp_path / "file" / "data"):
            pytest.fail("opened")


async def test_data_of_a_newer_version_is_left_alone(data_dir: Path) -> None:
    async with opened(data_dir):
        pass
    database = Locations.below(data_dir).database
    _set_version(database, 10_000)
    before = database.read_bytes()

    with pytest.raises(NewerDataError, match="newer version"):
        async with opened(data_dir):
            pytest.fail("opened")

    assert database.read_bytes() == before


@contextmanager
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Nothing of an answer can be written until the block is left; counts what was refused, by its name."""
    refused: Counter[str] = Counter()

    def refuse(name: str) -> Callable[..., Awaitable[None]]:
        async def act(*_args: object, **_options: object) -> None:
            refused[name] += 1
            raise StorageError(
                "The disk is full, so your chats cannot be saved.", action="Free some disk space."
            )

        return act

    with monkeypatch.context() as patch:
        for name in ("append", "finish"):
            patch.setattr(MessageRepository, name, refuse(name))
        yield refused


async def unsaved_answer(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate, refused: Counter[str]
) -> Message:
    """Neither a part of it nor the whole can be saved."""
    await use(services, tmp_path, **held(gate, 2) | {"reply": "one two three"})
    answer_id = await services.chat.send(chat_id, "count")
    await until(lambda: refused["append"] > 0)
    gate.open()
    return await finished(services, chat_id, answer_id)


async def test_an_answer_that_the_disk_does_not_take_is_shown_and_says_so(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    with full_disk(monkeypatch) as refused:
        answer = await unsaved_answer(services, chat_id, tmp_path, gate, refused)

        assert answer.text == "one two three"
        assert answer.status is Status.FAILED
        assert answer.error == "The disk is full, so your chats cannot be saved. Free some disk space."


async def test_an_answer_that_the_disk_did_not_take_is_saved_once_it_does(
    services: Services,
    chat_id: str,
    data_dir: Path,
    tmp_path: Path,
    gate: Gate,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unsaved, "RETRY_S", 0.05)
    with full_disk(monkeypatch) as refused:
        answer = await unsaved_answer(services, chat_id, tmp_path, gate, refused)
        await until(lambda: refused["finish"] > 2)

    async def is_saved() -> bool:
        return (await services.conversations.open(chat_id)).tree[answer.id].status is Status.COMPLETE

    await until(is_saved)
    assert texts(await services.conversations.open(chat_id)) == ["count", "one two three"]
    async with opened(data_dir) as other:
        assert texts(await other.conversations.open(chat_id)) == ["count", "one two three"]


async def test_an_answer_that_the_disk_did_not_take_is_saved_at_the_end(
    data_dir: Path, tmp_path: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(data_dir) as services:
        chat_id = await new_chat(services)
        with full_disk(monkeypatch) as refused:
            await unsaved_answer(services, chat_id, tmp_path, gate, refused)

    async with opened(data_dir) as services:
        answer = (await services.conversations.open(chat_id)).path[-1]
        assert (answer.status, answer.text) == (Status.COMPLETE, "one two three")


async def test_a_disk_that_was_full_for_a_while_costs_an_answer_nothing(
    services: Services,
    chat_id: str,
    data_dir: Path,
    tmp_path: Path,
    gate: Gate,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await use(services, tmp_path, **held(gate, 16))
    with full_disk(monkeypatch) as refused:
        await services.chat.send(chat_id, "go")
        await until(lambda: live(services, chat_id).tokens == 16 and refused["append"] > 0)
    unwritten = live(services, chat_id).text

    gate.open_to(50)

    def is_saved() -> bool:
        return stored_answers(data_dir)[0].text.startswith(unwritten)

    await until(is_saved)


def _set_version(database: Path, version: int) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
