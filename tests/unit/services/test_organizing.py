"""Folders, pins, copies, ratings and the trash: every act works, is told, and can be taken back."""

from pathlib import Path

import pytest

from desktop.domain.changes import Kind
from desktop.domain.conversation import InContext, Rating, Status
from desktop.domain.errors import LocutionError, NotFoundError, StorageError
from desktop.services.assembly import Services
from desktop.services.turns import turns_of
from desktop.services.undo import MOST, Act, UndoStack
from tests.helpers.scripted import Gate
from tests.unit.services.scripted_app import ask, held, live, new_chat, opened, texts, told, use, writing
from tests.unit.storage.test_updates import assert_index_is_whole


async def head(services: Services, chat_id: str):
    (found,) = [one for one in await services.conversations.list() if one.id == chat_id]
    return found


async def chats(services: Services, tmp_path: Path, count: int) -> list[str]:
    await use(services, tmp_path)
    made = []
    for number in range(count):
        made.append(await new_chat(services))
        await ask(services, made[-1], f"chat {number}")
    return made


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def undo(services: Services) -> Act:
    done = await services.undo.undo()
    assert done is not None
    return done.act


async def test_folders_are_made_nested_moved_and_taken_back(services: Services) -> None:
    work = await services.folders.create("  Work\n ")
    clients = await services.folders.create("Clients", work.id)
    with told(services) as kinds:
        await services.folders.rename(clients.id, "Customers")
        await services.folders.move(clients.id, None, 0)
    tree = await services.folders.tree()

    assert [folder.name for folder in tree.children(None)] == ["Customers", "Work"]
    assert kinds.count(Kind.FOLDERS) == 2

    assert [await undo(services) for _ in range(2)] == [Act.MOVE_FOLDER, Act.RENAME_FOLDER]
    tree = await services.folders.tree()
    assert [folder.name for folder in tree.path(clients.id)] == ["Work", "Clients"]
    assert [await undo(services) for _ in range(2)] == [Act.NEW_FOLDER] * 2
    assert list(await services.folders.tree()) == []
    assert await services.undo.undo() is None


@pytest.mark.parametrize("name", ["", " \n\t"])
async def test_a_folder_needs_a_name(services: Services, name: str) -> None:
    with pytest.raises(LocutionError, match="needs a name"):
        await services.folders.create(name)


async def test_chats_are_put_into_folders_several_at_once(services: Services, tmp_path: Path) -> None:
    first, second = await chats(services, tmp_path, 2)
    folder = await services.folders.create("Work")

    await services.folders.put([first, second], folder.id)
    assert {one.folder_id for one in await services.conversations.list()} == {folder.id}
    await services.folders.delete(folder.id)
    assert {one.folder_id for one in await services.conversations.list()} == {None}

    assert await undo(services) is Act.DELETE_FOLDER
    assert (await head(services, first)).folder_id == folder.id
    assert await undo(services) is Act.MOVE
    assert (await head(services, second)).folder_id is None
    with pytest.raises(NotFoundError):
        await services.folders.put([first], "gone")


async def test_a_new_chat_begins_in_a_folder(services: Services) -> None:
    folder = await services.folders.create("Work")

    made = await services.conversations.new(folder_id=folder.id)

    assert made.folder_id == folder.id
    assert (await services.conversations.new(folder_id=folder.id)).id == made.id
    assert (await services.conversations.new()).id != made.id


async def test_names_and_pins_are_taken_back(services: Services, tmp_path: Path) -> None:
    (chat_id,) = await chats(services, tmp_path, 1)
    await services.conversations.rename(chat_id, "Another")
    await services.conversations.pin(chat_id, pinned=True)
    assert ((await head(services, chat_id)).title, (await head(services, chat_id)).pinned) == (
        "Another",
        True,
    )

    assert [await undo(services), await undo(services)] == [Act.PIN, Act.RENAME]

    assert ((await head(services, chat_id)).title, (await head(services, chat_id)).pinned) == (
        "chat 0",
        False,
    )


async def test_several_chats_are_deleted_at_once_and_come_back_with_one_undo(
    services: Services, tmp_path: Path
) -> None:
    first, second, third = await chats(services, tmp_path, 3)

    await services.chat.trash(first, third)
    assert [one.id for one in await services.conversations.list()] == [second]
    assert [entry.conversation_id for entry in await services.trash.entries()] == [third, first]
    last = services.undo.next
    assert last is not None and (last.act, last.count) == (Act.DELETE, 2)

    await undo(services)
    assert [one.id for one in await services.conversations.list()] == [third, second, first]


async def test_what_is_deleted_for_good_cannot_be_taken_back_and_that_is_said(
    services: Services, tmp_path: Path
) -> None:
    first, second = await chats(services, tmp_path, 2)
    await services.conversations.rename(second, "Kept")
    await services.chat.trash(first)
    await services.trash.delete([first, second])

    with pytest.raises(NotFoundError):
        await services.undo.undo()

    assert await undo(services) is Act.RENAME
    assert [one.id for one in await services.conversations.list()] == [second]


async def test_a_copy_is_whole_and_a_chat_of_its_own(services: Services, tmp_path: Path) -> None:
    (chat_id,) = await chats(services, tmp_path, 1)
    folder = await services.folders.create("Work")
    await services.folders.put([chat_id], folder.id)
    await services.conversations.configure(chat_id, overrides={"top_k": 3}, system_prompt="Be brief.")
    original = await services.conversations.open(chat_id)
    await services.chat.rate(original.path[1].id, chat_id, Rating.UP, "good")
    await services.chat.edit(original.path[1].id, chat_id, "corrected")
    before = await services.conversations.open(chat_id)

    copy = await services.conversations.duplicate(chat_id, "A copy")
    await ask(services, copy.id, "only there")

    made = await services.conversations.open(copy.id)
    assert texts(made)[:2] == texts(before) == ["chat 0", "corrected"]
    versions = made.tree.siblings(made.path[1].id)
    assert [(one.text, one.rating) for one in versions] == [
        ("You said: chat 0", Rating.UP),
        ("corrected", Rating.NONE),
    ]
    assert versions[0].origin == original.path[1].origin
    assert (copy.title, copy.folder_id, copy.overrides) == ("A copy", folder.id, {"top_k": 3})
    assert copy.system_prompt == "Be brief."
    assert await services.conversations.open(chat_id) == before or texts(
        await services.conversations.open(chat_id)
    ) == texts(before)
    assert await undo(services) is Act.DUPLICATE
    assert [one.id for one in await services.conversations.list()] == [chat_id]


async def test_a_branch_becomes_a_chat_to_go_on_in(services: Services, tmp_path: Path) -> None:
    (chat_id,) = await chats(services, tmp_path, 1)
    await ask(services, chat_id, "more")
    path = (await services.conversations.open(chat_id)).path

    made = await services.conversations.branch(path[1].id, chat_id)
    await ask(services, made.id, "another way")

    assert texts(await services.conversations.open(made.id))[:3] == [
        "chat 0",
        "You said: chat 0",
        "another way",
    ]
    assert texts(await services.conversations.open(chat_id))[2] == "more"
    with pytest.raises(NotFoundError):
        await services.conversations.branch("gone", chat_id)


async def test_an_empty_chat_is_copied_too(services: Services, chat_id: str) -> None:
    copy = await services.conversations.duplicate(chat_id)

    assert (await services.conversations.open(copy.id)).path == []


async def test_a_deleted_branch_comes_back(services: Services, tmp_path: Path) -> None:
    (chat_id,) = await chats(services, tmp_path, 1)
    await ask(services, chat_id, "more")
    before = await services.conversations.open(chat_id)

    await services.chat.delete_branch(before.path[2].id, chat_id)
    assert texts(await services.conversations.open(chat_id)) == ["chat 0", "You said: chat 0"]
    (entry,) = await services.trash.entries()
    assert (entry.message_id, entry.excerpt) == (before.path[2].id, "more")

    assert await undo(services) is Act.DELETE_BRANCH
    assert (await services.conversations.open(chat_id)).path == before.path
    with pytest.raises(NotFoundError):
        await services.chat.delete_branch("gone", chat_id)


async def test_deleting_the_branch_an_answer_is_written_in_ends_the_answer(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate
) -> None:
    await use(services, tmp_path, **held(gate))
    answer_id = await services.chat.send(chat_id, "go")
    await writing(services, chat_id)

    await services.chat.delete_branch(answer_id, chat_id)

    assert services.chat.running(chat_id) is None
    assert texts(await services.conversations.open(chat_id)) == ["go"]
    await undo(services)
    answer = (await services.conversations.open(chat_id)).path[-1]
    assert (answer.status, answer.text[:5]) == (Status.CANCELLED, "word0")


async def test_edits_and_new_answers_are_taken_back_also_while_they_are_written(
    services: Services, tmp_path: Path, gate: Gate
) -> None:
    (chat_id,) = await chats(services, tmp_path, 1)
    before = await services.conversations.open(chat_id)
    await services.chat.edit(before.path[1].id, chat_id, "corrected")
    await use(services, tmp_path, **held(gate))
    await services.chat.regenerate(before.path[1].id, chat_id)
    await writing(services, chat_id)

    assert await undo(services) is Act.NEW_VERSION
    assert texts(await services.conversations.open(chat_id)) == ["chat 0", "corrected"]
    assert await undo(services) is Act.NEW_VERSION
    assert (await services.conversations.open(chat_id)).path == before.path

    await services.chat.edit(before.path[0].id, chat_id, "another question")
    await writing(services, chat_id)
    await undo(services)
    assert (await services.conversations.open(chat_id)).path == before.path


async def test_another_shown_version_is_taken_back(services: Services, tmp_path: Path) -> None:
    (chat_id,) = await chats(services, tmp_path, 1)
    answer = (await services.conversations.open(chat_id)).path[1]
    await services.chat.edit(answer.id, chat_id, "corrected")
    await services.chat.show(answer.id, chat_id)
    assert texts(await services.conversations.open(chat_id))[1] == answer.text

    assert await undo(services) is Act.SHOW

    assert texts(await services.conversations.open(chat_id))[1] == "corrected"


async def test_ratings_and_marks_are_kept_and_taken_back(services: Services, tmp_path: Path) -> None:
    (chat_id,) = await chats(services, tmp_path, 1)
    answer = (await services.conversations.open(chat_id)).path[1]

    await services.chat.rate(answer.id, chat_id, Rating.DOWN, "  wrong ")
    await services.chat.set_context(answer.id, chat_id, InContext.PINNED)
    marked = (await services.conversations.open(chat_id)).path[1]
    assert (marked.rating, marked.comment, marked.context) == (Rating.DOWN, "wrong", InContext.PINNED)

    assert [await undo(services), await undo(services)] == [Act.CONTEXT, Act.RATE]
    assert (await services.conversations.open(chat_id)).path[1] == answer
    for chat in ("gone", await new_chat(services)):
        with pytest.raises(NotFoundError):
            await services.chat.rate(answer.id, chat, Rating.UP)


async def test_what_is_left_out_is_shown_and_not_sent_to_the_model(
    services: Services, tmp_path: Path
) -> None:
    (chat_id,) = await chats(services, tmp_path, 1)
    question = (await services.conversations.open(chat_id)).path[0]

    await services.chat.set_context(question.id, chat_id, InContext.EXCLUDED)

    path = (await services.conversations.open(chat_id)).path
    assert [message.text for message in path] == ["chat 0", "You said: chat 0"]
    assert [turn.content for turn in turns_of(path, "")] == ["You said: chat 0"]


async def test_a_temporary_chat_works_like_others_and_leaves_nothing_behind(
    data_dir: Path, tmp_path: Path
) -> None:
    async with opened(data_dir) as services:
        await use(services, tmp_path, reply="A secret answer.")
        made = await services.conversations.new(temporary=True)
        kept = await new_chat(services)
        await services.conversations.save_draft(made.id, "a secret draft")
        answer = await ask(services, made.id, "a secret question")
        await services.chat.regenerate(answer.id, made.id)
        await services.chat.settle()
        await services.chat.rate(answer.id, made.id, Rating.UP)
        branch = await services.conversations.branch(answer.id, made.id)
        assert branch.temporary
        assert texts(await services.conversations.open(branch.id))[0] == "a secret question"
        assert await undo(services) is Act.DUPLICATE

        assert [one.temporary for one in await services.conversations.list()] == [True, False]
        chat = await services.conversations.open(made.id)
        assert len(chat.tree.siblings(answer.id)) == 2
        assert await services.search.search("secret") == []
        with pytest.raises(LocutionError, match="in no folder"):
            await services.folders.put([made.id, kept], None)
        await services.chat.trash(made.id, kept)
        assert [entry.conversation_id for entry in await services.trash.entries()] == [kept]
        await services.undo.undo()
        assert len(await services.conversations.list()) == 2

    async with opened(data_dir) as services:
        assert [one.id for one in await services.conversations.list()] == [kept]
    written = files(data_dir)
    assert written
    assert not [path for path in written if b"secret" in path.read_bytes()]


async def test_a_temporary_chat_is_kept_by_copying_it(data_dir: Path, tmp_path: Path) -> None:
    async with opened(data_dir) as services:
        await use(services, tmp_path)
        made = await services.conversations.new(temporary=True)
        await ask(services, made.id, "worth keeping")
        copy = await services.conversations.duplicate(made.id)
        assert not copy.temporary

    async with opened(data_dir) as services:
        assert texts(await services.conversations.open(copy.id))[0] == "worth keeping"


async def test_only_so_many_acts_are_remembered_and_undoing_is_none(services: Services) -> None:
    stack = UndoStack(services.bus)
    undone: list[int] = []

    async def back(number: int) -> None:
        assert stack.add(Act.PIN, lambda: back(-1)) is None
        assert await stack.undo() is None
        undone.append(number)

    for number in range(MOST + 5):
        stack.add(Act.PIN, lambda number=number: back(number))  # type: ignore[misc]
    newest = stack.next
    assert newest is not None
    stack.forget(newest)
    stack.forget(newest)
    while await stack.undo():
        pass

    assert undone == list(range(MOST + 3, 4, -1))


async def test_acts_on_a_running_chat_are_not_lost(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate
) -> None:
    await use(services, tmp_path, **held(gate))
    await services.chat.send(chat_id, "go")
    await writing(services, chat_id)
    await services.chat.trash(chat_id)
    await services.chat.settle()

    await services.undo.undo()

    assert (await services.conversations.open(chat_id)).path[-1].status is Status.CANCELLED
    with pytest.raises(AssertionError):
        live(services, chat_id)


async def test_on_a_full_disk_each_act_is_refused_whole_and_nothing_can_be_undone_that_was_not_done(
    data_dir: Path, tmp_path: Path
) -> None:
    async with opened(data_dir) as services:
        await use(services, tmp_path, reply="word " * 2000)
        chat_id = await new_chat(services)
        await ask(services, chat_id, "go")
        for number in range(12):
            await services.conversations.duplicate(chat_id, f"copy {number}")
        before = [one.title for one in await services.conversations.list()]
        last = services.undo.next
        database = services.chat._stores.disk.messages._db
        pages = await database.read(lambda c: c.execute("PRAGMA page_count").fetchone()[0])
        await database.run(lambda c: c.execute(f"PRAGMA max_page_count = {pages}"))

        with pytest.raises(StorageError, match="disk is full"):
            for _ in range(20):
                await services.conversations.duplicate(chat_id, "one too many")

        done = [one.title for one in await services.conversations.list() if one.title != "one too many"]
        assert done == before
        assert services.undo.next is last or len(await services.conversations.list()) > len(before)
        await database.run(lambda c: c.execute("PRAGMA max_page_count = 1000000"))
        await services.conversations.duplicate(chat_id, "fits again")
        await database.run(assert_index_is_whole)
