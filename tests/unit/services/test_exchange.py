"""Chats to files and back, over a real database."""

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.domain.changes import Change, Kind
from desktop.domain.conversation import Part, PartKind, Role
from desktop.domain.errors import NotFoundError, ParameterError, StorageError
from desktop.domain.exchange import Fate, ImportReport, Progress
from desktop.services.assembly import Services
from desktop.services.undo import Act
from desktop.storage.exchange import writing
from tests.unit.services.scripted_app import opened
from tests.unit.storage.exchange import samples
from tests.unit.storage.exchange.samples import write


async def imported(services: Services, *paths: Path, as_copies: bool = False) -> ImportReport:
    return await services.exchange.import_files(paths, as_copies=as_copies)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    """A folder with an export of each program."""
    folder = tmp_path / "exports"
    folder.mkdir()
    for number, value in enumerate(samples.every_kind()):
        write(folder / f"{number}.json", value)
    return folder


async def test_what_was_imported_is_said_published_and_skipped_the_second_time(
    services: Services, exports: Path
) -> None:
    told: list[Change] = []
    progress: list[Progress] = []
    services.bus.subscribe(told.append)

    report = await services.exchange.import_files([exports], on_progress=progress.append, actor="me")
    again = await imported(services, exports)

    assert report.count(Fate.IMPORTED) == 7
    assert {step.chats for step in progress} == {1, 2, 3, 4, 5, 6, 7}
    shares = [step.share for step in progress]
    assert shares == sorted(shares) and 0 < shares[0] < shares[-1] == 1
    listed = {head.id for head in await services.conversations.list()}
    assert told[-2:] == [
        Change(Kind.FOLDERS, frozenset(), "me"),
        Change(Kind.CONVERSATIONS, frozenset(listed), "me"),
    ]
    assert (again.count(Fate.ALREADY_THERE), again.count(Fate.IMPORTED)) == (7, 0)
    assert again.in_words() == "Imported 0 chats, skipped 7 already there."
    lines = report.in_words().splitlines()
    assert lines[0] == "Imported 7 chats."
    assert (
        "“The tower” (imported): Left out: 1 × note on how long was thought, 1 × tool call, 1 × tool result, "
        "1 × image." in lines
    )


async def test_copies_and_what_is_in_the_trash_or_has_grown(services: Services, tmp_path: Path) -> None:
    chat = samples.lm_studio()
    path = write(tmp_path / "c.json", chat)
    (first,) = (await imported(services, path)).chats
    chat["messages"].append(chat["messages"][2])
    write(path, chat)

    (grown,) = (await imported(services, path)).chats
    await services.chat.trash(first.conversation_id)
    (trashed,) = (await imported(services, path)).chats
    (copy,) = (await imported(services, path, as_copies=True)).chats

    assert grown.reason == "The file has 1 more messages; import it as a copy to get them."
    assert trashed.reason == "It is in the trash; restore it there, or import it as a copy."
    assert (copy.fate, copy.messages) == (Fate.IMPORTED, 5)
    assert [head.id for head in await services.conversations.list()] == [copy.conversation_id]


async def test_an_import_can_be_undone(services: Services, exports: Path) -> None:
    await imported(services, exports)

    done = await services.undo.undo()

    assert done is not None
    assert (done.act, done.count) == (Act.IMPORT, 7)
    assert await services.conversations.list() == []
    assert len(await services.trash.entries()) == 7


async def test_a_broken_chat_is_one_line_of_the_report(services: Services, tmp_path: Path) -> None:
    path = write(tmp_path / "c.json", [samples.chatgpt(), samples.chatgpt() | {"mapping": {}, "id": "x"}, 7])

    report = await imported(services, path, tmp_path / "none")

    assert [chat.fate for chat in report.chats] == [Fate.IMPORTED, Fate.FAILED]
    assert report.in_words().splitlines()[2:] == [
        "“c.json, entry 2” (not imported): There is no message in it.",
        "c.json: 1 of its entries are no chats.",
        f"{tmp_path}/none: There is no such file.",
    ]


async def test_a_disk_that_fills_up_stops_the_import_and_keeps_what_is_there(
    services: Services, exports: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from desktop.storage.imports import ImportRepository

    add = ImportRepository.add

    async def full_at_the_third(self: ImportRepository, *arguments, **options):
        if len(await services.conversations.list()) == 2:
            raise StorageError("The disk is full.")
        return await add(self, *arguments, **options)

    monkeypatch.setattr(ImportRepository, "add", full_at_the_third)
    told: list[Change] = []
    services.bus.subscribe(told.append)

    report = await imported(services, exports)

    assert (report.count(Fate.IMPORTED), report.stopped) == (2, "The disk is full.")
    assert report.in_words().endswith("Stopped: The disk is full.")
    assert len(told[-1].ids) == len(await services.conversations.list()) == 2


async def test_a_cancelled_import_keeps_what_is_there_and_tells_the_views(
    services: Services, exports: Path
) -> None:
    told: list[Change] = []
    services.bus.subscribe(told.append)

    def on_progress(progress: Progress) -> None:
        if progress.chats == 2:
            task.cancel()

    task = asyncio.ensure_future(services.exchange.import_files([exports], on_progress=on_progress))

    with pytest.raises(asyncio.CancelledError):
        await task

    assert len(told[-1].ids) == len(await services.conversations.list()) == 2


async def test_an_import_that_the_user_ends_says_what_was_imported(services: Services, exports: Path) -> None:
    ending = asyncio.Event()

    def on_progress(progress: Progress) -> None:
        if progress.chats == 3:
            ending.set()

    report = await services.exchange.import_files([exports], on_progress=on_progress, ending=ending)

    assert report.count(Fate.IMPORTED) == len(await services.conversations.list()) == 3
    assert report.in_words().splitlines()[-1].startswith("Stopped: You ended it.")
    assert (done := await services.undo.undo()) and done.count == 3


async def test_out_and_into_another_data_folder_nothing_is_lost(
    services: Services, exports: Path, tmp_path: Path
) -> None:
    await imported(services, exports)
    ids = [head.id for head in await services.conversations.list()]

    progress: list[Progress] = []
    exported = await services.exchange.export(ids, "json", tmp_path / "all.zip", on_progress=progress.append)

    assert exported.chats == 7
    assert progress == [Progress(done / 7, done) for done in range(1, 8)]
    async with opened(tmp_path / "other") as other:
        await imported(other, tmp_path / "all.zip")
        heads, copies = await services.conversations.list(), await other.conversations.list()
        assert {head.title for head in copies} == {head.title for head in heads}
        assert await other.exchange.chats_in("work") == ["own-1"]
        for identity in ids:
            before, after = (
                await services.conversations.open(identity),
                await other.conversations.open(identity),
            )
            assert after.path == before.path
            assert len(after.tree) == len(before.tree)


async def test_folders_are_named_by_their_path(services: Services, exports: Path, tmp_path: Path) -> None:
    await imported(services, exports)

    (identity,) = await services.exchange.chats_in("WORK")
    with pytest.raises(NotFoundError, match="no folder “Play”"):
        await services.exchange.chats_in("Play")

    assert identity == "own-1"
    await services.exchange.export([identity, identity], "text", tmp_path / "out")
    assert files(tmp_path / "out" / "Work") == ["Mine (2).txt", "Mine.txt"]


async def test_chats_with_nothing_for_a_format_are_said(
    services: Services, exports: Path, tmp_path: Path
) -> None:
    await imported(services, exports)
    ids = [head.id for head in await services.conversations.list()]

    exported = await services.exchange.export(ids, "preferences", tmp_path / "pairs.jsonl")
    pieces = [piece async for piece in services.exchange.pieces(ids, "sft")]

    assert len(exported.empty) == 7 - len((tmp_path / "pairs.jsonl").read_text().splitlines())
    assert all(json.loads(piece)["messages"] for piece in pieces if piece)


async def test_unknown_formats_and_chats_are_said(services: Services, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="Known: markdown, html"):
        await services.exchange.export([], "docx", tmp_path / "x")
    with pytest.raises(NotFoundError):
        await services.exchange.export(["none"], "text", tmp_path / "x")
    assert files(tmp_path) == []


async def test_a_cancelled_export_leaves_nothing(
    services: Services, exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await imported(services, exports)
    ids = [head.id for head in await services.conversations.list()]
    begun, go_on = threading.Event(), threading.Event()
    write_piece: Callable[..., bool] = writing._write

    def slowly(*arguments: object) -> bool:
        begun.set()
        go_on.wait(10)
        return write_piece(*arguments)

    monkeypatch.setattr(writing, "_write", slowly)
    task = asyncio.ensure_future(services.exchange.export(ids, "json", tmp_path / "all.zip"))
    await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    await asyncio.sleep(0.05)
    go_on.set()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert files(tmp_path) == []


async def test_parts_and_roles_are_in_the_text(services: Services, exports: Path) -> None:
    report = await imported(services, exports)
    (shopping,) = [chat.conversation_id for chat in report.chats if chat.title == "Shopping"]

    (page,) = [piece async for piece in services.exchange.pieces([shopping], "html")]
    chat = await services.conversations.open(shopping)

    assert chat.path[0].parts[0] == Part(PartKind.ATTACHMENT, "Buy milk", "notes.txt")
    assert chat.path[1].role is Role.ASSISTANT
    assert "Buy milk" in page and "Llama 3" in page
