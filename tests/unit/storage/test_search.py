"""Full-text search: what is found, where in it, and that it stays true whatever is written."""

import asyncio
import random
import sqlite3
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.domain.conversation import Message, Origin, Part, PartKind, Role, Status
from desktop.domain.errors import StorageError
from desktop.domain.folders import Folder
from desktop.domain.search import Hit, parse_search
from desktop.storage import search
from desktop.storage.conversations import ConversationRepository
from desktop.storage.database import Database
from desktop.storage.folders import FolderRepository
from desktop.storage.messages import MessageRepository
from desktop.storage.reader import Reader
from desktop.storage.search import SearchRepository
from desktop.storage.trash import TrashRepository
from tests.unit.storage.chats import chat, question, said, streaming
from tests.unit.storage.test_updates import assert_index_is_whole


@pytest.fixture
async def reader(path: Path, db: Database) -> AsyncIterator[Reader]:
    reader = Reader(path)
    yield reader
    await reader.close()


@pytest.fixture
def find(reader: Reader, db: Database):
    async def look(line: str, limit: int = 50) -> list[Hit]:
        return await SearchRepository(reader, db).search(parse_search(line), limit)

    return look


@pytest.fixture
def ids(find):
    async def look(line: str) -> list[str]:
        return [hit.message_id or f"title of {hit.conversation_id}" for hit in await find(line)]

    return look


@pytest.fixture(autouse=True)
async def chats(
    conversations: ConversationRepository, messages: MessageRepository, folders: FolderRepository
) -> None:
    await folders.create(Folder("work", "Work"))
    await folders.create(Folder("north", "North", "work"))
    for name, folder, title in (("a", None, "The lighthouse"), ("b", "work", "Café"), ("c", "north", "Misc")):
        await conversations.create(replace(chat(name), title=title, folder_id=folder))
    await conversations.pin("c", pinned=True)
    day = datetime(2026, 3, 5).timestamp()
    for number, (name, text) in enumerate(
        (
            ("a", "The lamp turns once in nine seconds."),
            ("b", "A lamp for the café."),
            ("c", "Lamps & lights"),
        )
    ):
        asked = replace(question(f"m{name}", name, text=text), created_at=day + number * 86_400)
        await messages.add(asked, leaf_id=asked.id)
    origin = Origin(model_name="SmolLM2 135M Instruct")
    await messages.add(streaming("answer", "a", "ma"), leaf_id="answer")
    await messages.finish("answer", said("Every lamp burns."), Status.COMPLETE, origin)


def marked(hit: Hit) -> str:
    """The hit's text with what was found in brackets."""
    text = hit.text
    for first, last in reversed(hit.ranges):
        text = f"{text[:first]}[{text[first:last]}]{text[last:]}"
    return text


async def test_the_newest_comes_first_and_what_was_found_is_shown(find) -> None:
    found = await find("lamp")

    assert [(hit.conversation_id, hit.message_id) for hit in found] == [
        ("a", "answer"),
        ("c", "mc"),
        ("b", "mb"),
        ("a", "ma"),
    ]
    assert [marked(hit) for hit in found][1:3] == ["[Lamps] & lights", "A [lamp] for the café."]
    assert found[1].title == "Misc"
    assert [hit.role for hit in found] == [Role.ASSISTANT, Role.USER, Role.USER, Role.USER]
    assert found[1].at == datetime(2026, 3, 7).timestamp()


async def test_titles_are_found_before_messages(find, ids) -> None:
    assert await ids("cafe") == ["title of b", "mb"]
    assert marked((await find("LIGHTHOUSE "))[0]) == "The [lighthouse]"


async def test_a_phrase_is_found_as_it_stands_and_words_in_any_order(ids) -> None:
    assert await ids('"nine seconds"') == ["ma"]
    assert await ids('"seconds nine"') == []
    assert await ids("seconds nine lamp ") == ["ma"]
    assert await ids("lam nine") == []
    assert await ids("lamp ") == ["answer", "mb", "ma"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("東京", ["title of zh", "ja", "zh"]),
        ("京東", []),
        ("住んで ", ["ja"]),
        ("ん", ["ja"]),
        ("我住 東京", ["zh"]),
        ('"东京"', []),
        ("학교", ["ko"]),
        ("학", ["ko"]),
        ("교에 간다 ", ["ko"]),
        ("gpt東", ["ja"]),
        ("gpt", ["ja"]),
        ("計画", ["file"]),
    ],
)
async def test_words_are_found_where_no_spaces_are_between_them(
    conversations: ConversationRepository, messages: MessageRepository, ids, line: str, expected: list[str]
) -> None:
    await conversations.create(replace(chat("zh"), title="在東京塔下"))
    await messages.add(question("zh", "zh", text="我住在東京、很大。"), leaf_id="zh")
    await messages.add(question("ja", "zh", "zh", text="GPT東京に住んでいます。"), leaf_id="ja")
    await messages.add(question("ko", "zh", "ja", text="나는 학교에 간다"), leaf_id="ko")
    plan = (Part(PartKind.ATTACHMENT, "a,b", "新計画.csv"),)
    await messages.add(Message("file", "zh", "ko", Role.USER, plan), leaf_id="file")

    assert await ids(line) == expected


async def test_what_was_found_is_marked_in_the_text_as_it_was_written(
    conversations: ConversationRepository, messages: MessageRepository, find
) -> None:
    await conversations.create(replace(chat("ja"), title="東京塔"))
    await messages.add(question("ja", "ja", text="私は東京に住んでいます。"), leaf_id="ja")
    plan = (Part(PartKind.ATTACHMENT, "a,b", "計画 plan.csv"),)
    await messages.add(Message("file", "ja", "ja", Role.USER, plan), leaf_id="file")

    assert [marked(hit) for hit in await find("東京")] == ["[東京]塔", "私は[東京]に住んでいます。"]
    assert [marked(hit) for hit in await find("plan")] == ["計画 [plan].csv"]


@pytest.mark.parametrize(("newest", "most"), [(3, 10**6), (20, 10**6), (1000, 10**6), (1000, 100)])
async def test_a_word_that_is_being_typed_is_found_alike_in_the_newest_messages_and_in_the_index(
    messages: MessageRepository,
    trash: TrashRepository,
    find,
    monkeypatch: pytest.MonkeyPatch,
    newest: int,
    most: int,
) -> None:
    lines = ["lam", "lamp tu", "ever", "every la", "la in:work", "lam model:smol", "nin se", "zzz"]
    lines += ["lam after:2026-03-06", "rar", "common ra", "common wo", "in:north li"]
    for number in range(40):
        text = f"common word{number} " + ("rare thing" if number in (2, 30) else "")
        await messages.add(question(f"n{number}", "c", text=text), leaf_id=f"n{number}")
    await trash.put_branch("c", "n30", 1.0, 0.0)
    monkeypatch.setattr(search, "_NEWEST", 0)
    in_index = [await find(line, 5) for line in lines]

    monkeypatch.setattr(search, "_NEWEST", newest)
    monkeypatch.setattr(search, "_MOST_CHARACTERS", most)
    assert [await find(line, 5) for line in lines] == in_index
    assert [hit.message_id for hit in in_index[9]] == ["n2"]


async def test_filters_narrow_it_down(ids) -> None:
    assert await ids("lamp in:work") == ["mc", "mb"]
    assert await ids("lamp in:Work/north") == ["mc"]
    assert await ids("lamp in:nowhere") == []
    assert await ids("lamp is:pinned") == ["mc"]
    assert await ids("lamp model:smol") == ["answer"]
    assert await ids("model:smollm2-135m") == ["answer"]
    assert await ids("lamp model:llama") == []
    assert await ids("lamp after:2026-03-06 before:2026-03-07") == ["mb"]
    assert await ids("lamp after:2027") == []
    assert await ids("lamp before:1970") == []
    assert await ids("in:work") == ["title of c", "title of b"]


async def test_many_chats_in_a_folder_are_searched_too(
    conversations: ConversationRepository, messages: MessageRepository, ids
) -> None:
    for number in range(110):
        await conversations.create(replace(chat(f"many{number}"), folder_id="work"))
    last = question("last", "many100", text="a rare lamp")
    await messages.add(last, leaf_id="last")

    assert await ids("lamp in:work") == ["last", "mc", "mb"]


async def test_what_is_deleted_is_not_found_and_what_comes_back_is(trash: TrashRepository, ids) -> None:
    await trash.put_branch("a", "answer", 1.0, 0.0)
    await trash.put_chats(["b"], 1.0, 0.0)
    assert await ids("lamp") == ["mc", "ma"]
    assert await ids("cafe") == []

    await trash.restore_chats(["b"])
    await trash.restore_branch("a", "answer")
    assert await ids("lamp") == ["answer", "mc", "mb", "ma"]


async def test_names_of_files_and_thoughts_are_found_a_message_once(messages: MessageRepository, ids) -> None:
    parts = (
        Part(PartKind.ATTACHMENT, "a,b", "report.csv"),
        Part(PartKind.THINKING, "report?"),
        *said("Report!"),
    )
    await messages.add(Message("file", "c", None, Role.USER, parts), leaf_id="file")

    assert await ids("report") == ["file"]
    assert await ids("csv") == ["file"]


async def test_the_index_follows_everything_that_is_written(
    db: Database,
    conversations: ConversationRepository,
    messages: MessageRepository,
    trash: TrashRepository,
    folders: FolderRepository,
    ids,
) -> None:
    await conversations.rename("a", "Beacon \ud83d")
    await messages.add(streaming("r", "b", "mb"), leaf_id="r")
    await messages.append("r", PartKind.TEXT, "half an emoji \ud83d and NUL \0 behind")
    await messages.finish("r", said("half an emoji \ud83d and NUL \0 behind"), Status.COMPLETE)
    await trash.put_branch("b", "r", 1.0, 1.0)
    await trash.put_chats(["c"], 1.0, 1.0)
    await folders.dissolve("work")
    await db.run(assert_index_is_whole)
    await trash.empty()

    await db.run(assert_index_is_whole)
    assert await ids("lighthouse") == []
    assert await ids("beacon") == ["title of a"]
    assert await ids("lamp") == ["answer", "mb", "ma"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    line=st.text(max_size=40)
    | st.lists(
        st.sampled_from(
            [
                '"',
                "*",
                "(",
                ")",
                "^",
                "-",
                "+",
                "NEAR(",
                "AND",
                "OR",
                "NOT",
                "lamp",
                ":",
                "{",
                "text :",
                "in:",
                "\0",
            ]
        )
    ).map("".join)
)
async def test_no_line_is_an_error(find, line: str) -> None:
    assert isinstance(await find(line), list)


async def test_a_search_does_not_keep_a_write_waiting_and_ends_when_nobody_waits(
    reader: Reader, conversations: ConversationRepository
) -> None:
    endless = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"
    searching = asyncio.create_task(reader.read(lambda connection: connection.execute(endless).fetchone()))
    await asyncio.sleep(0.05)

    await conversations.rename("a", "written meanwhile")
    assert not searching.done()
    searching.cancel()
    found = await reader.read(lambda c: c.execute("SELECT title FROM conversations").fetchone())

    assert found == ("written meanwhile",)
    assert searching.cancelled()


async def test_nothing_is_searched_after_the_end(reader: Reader) -> None:
    await reader.close()
    await reader.close()

    with pytest.raises(StorageError, match="closing"):
        await reader.read(lambda connection: None)


async def test_a_damaged_index_is_made_anew(db: Database, conversations: ConversationRepository, ids) -> None:
    def damage(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE parts_search_data SET block = x'ff00ff00' WHERE id > 10")

    await db.run(damage)
    assert await ids("every lamp ") == ["answer"]
    await db.run(assert_index_is_whole)
    assert await ids("lamp") == ["answer", "mc", "mb", "ma"]
    await db.run(assert_index_is_whole)

    await db.run(lambda c: c.execute("UPDATE titles_search_data SET block = x'ff' WHERE id > 0"))
    for name in "abc":
        await conversations.rename(name, f"Renamed {name}")
    assert await ids("renamed") == ["title of a", "title of c", "title of b"]


async def test_a_large_history_is_searched_in_a_moment(
    db: Database, messages: MessageRepository, conversations: ConversationRepository, find
) -> None:
    """Not a measurement, which the benchmark is: a search that reads everything takes many times longer."""
    words = [f"word{number}" for number in range(2000)]
    rng = random.Random(1)
    await conversations.create(chat("large"))
    await messages.add(
        *(
            question(f"l{n}", "large", text="common " + " ".join(rng.choices(words, k=60)))
            for n in range(5000)
        ),
        leaf_id="l0",
    )
    began = time.process_time()

    assert len(await find("common")) == 50

    assert time.process_time() - began < 1
