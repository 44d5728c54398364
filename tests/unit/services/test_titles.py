"""Titles that the model writes: only where none was given, only while nobody waits."""

from __future__ import annotations

import asyncio

import pytest

from desktop.domain.changes import Change, Kind
from desktop.domain.conversation import Part, PartKind
from desktop.domain.engine_state import Busy, Ready
from desktop.domain.settings import Setting
from desktop.services import titles
from desktop.services.titles import clean
from tests.unit.services.scripted_app import SLOW, ask, new_chat, texts, until, use, writing

QUESTION = "How do I keep the lamp of a lighthouse clean in a storm?"
GIVEN_S = 0.4
"""Seconds in which a title would have been written."""


@pytest.fixture
async def services(services):
    services.titles.idle_s = 0.02
    services.settings.put(Setting.AUTO_TITLES, "always")
    return services


async def title(services, chat_id) -> str:
    return (await services.conversations.head(chat_id)).title


async def until_titled(services, chat_id, expected) -> None:
    async with asyncio.timeout(20):
        while True:
            if await title(services, chat_id) == expected:
                return
            await asyncio.sleep(0.01)


async def quiet(services) -> None:
    """Until a title would be there."""
    await asyncio.sleep(GIVEN_S)
    await until(services, lambda: isinstance(services.models.state, Ready))


async def test_an_answered_chat_gets_a_title_from_the_model(services, chat_id, tmp_path):
    told: list[Change] = []
    services.bus.subscribe(told.append)
    await use(services, tmp_path, reply="Cleaning the Lamp")
    await ask(services, chat_id, QUESTION)
    assert (await title(services, chat_id)).startswith("How do I keep the lamp")
    await until_titled(services, chat_id, "Cleaning the Lamp")
    assert any(change.kind is Kind.CONVERSATIONS and chat_id in change.ids for change in told[-3:])


async def test_a_chat_is_asked_about_once(services, chat_id, tmp_path):
    await use(services, tmp_path, reply="Cleaning the Lamp")
    await ask(services, chat_id, QUESTION)
    await until_titled(services, chat_id, "Cleaning the Lamp")
    first = titles.first_title((await services.conversations.beginning(chat_id, 1))[0])
    await services.conversations.rename(chat_id, first)
    await ask(services, chat_id, "And the lens?")
    await quiet(services)
    assert await title(services, chat_id) == first


async def test_a_name_that_the_user_gave_stays(services, chat_id, tmp_path):
    services.titles.idle_s = 0.3
    await use(services, tmp_path, reply="Cleaning the Lamp")
    await ask(services, chat_id, QUESTION)
    await services.conversations.rename(chat_id, "Mine")
    services.titles.idle_s = 0.02
    services.titles.put_off()
    await quiet(services)
    assert await title(services, chat_id) == "Mine"


async def test_a_name_given_while_the_title_is_written_stays(services, chat_id, tmp_path):
    await use(services, tmp_path, reply="Fine.")
    services.titles.idle_s = 60
    await ask(services, chat_id, QUESTION)
    await use(services, tmp_path, reply="Cleaning the Lamp", prompt_tokens_per_s=200.0)
    services.titles.idle_s = 0.02
    services.titles.put_off()
    await until(services, lambda: isinstance(services.models.state, Busy))
    await services.conversations.rename(chat_id, "Mine")
    await until(services, lambda: isinstance(services.models.state, Ready))
    await quiet(services)
    assert await title(services, chat_id) == "Mine"


async def test_a_message_of_the_user_goes_first(services, chat_id, tmp_path):
    await use(services, tmp_path, reply="Fine.")
    services.titles.idle_s = 60
    await ask(services, chat_id, QUESTION)
    await use(services, tmp_path, reply="Cleaning the Lamp", prompt_tokens_per_s=60.0)
    services.titles.idle_s = 0.02
    services.titles.put_off()
    await until(services, lambda: isinstance(services.models.state, Busy))
    other = await new_chat(services)
    await services.chat.send(other, "one two")
    # Seconds of reading are given up for it; the first chat is not forgotten.
    await until(services, lambda: services.chat.running(other) is None)
    assert texts(await services.conversations.open(other)) == [
        "one two",
        "Cleaning the Lamp",
    ]
    assert (await title(services, chat_id)).startswith("How do I keep")
    await use(services, tmp_path, reply="Cleaning the Lamp")
    await until_titled(services, other, "Cleaning the Lamp")
    await until_titled(services, chat_id, "Cleaning the Lamp")


async def test_nothing_is_written_while_an_answer_is(services, chat_id, tmp_path):
    await use(services, tmp_path, reply="Cleaning the Lamp")
    services.titles.idle_s = 0.1
    await ask(services, chat_id, QUESTION)
    await use(services, tmp_path, **SLOW)
    other = await new_chat(services)
    await services.chat.send(other, "Count")
    await writing(services, other)
    await asyncio.sleep(GIVEN_S)
    match services.models.state:
        case Busy(_, running):
            assert running == 1
        case state:
            pytest.fail(f"{state}")
    await services.chat.stop(other)


async def test_typing_puts_it_off(services, chat_id, tmp_path):
    await use(services, tmp_path, reply="Cleaning the Lamp")
    services.titles.idle_s = 0.2
    await ask(services, chat_id, QUESTION)
    for _ in range(10):
        services.titles.put_off()
        await asyncio.sleep(0.05)
    assert (await title(services, chat_id)).startswith("How do I keep")
    await until_titled(services, chat_id, "Cleaning the Lamp")


@pytest.mark.parametrize("choice", ["never", "capable"])
async def test_none_is_written_if_the_user_or_the_size_of_the_model_is_against_it(
    services, chat_id, tmp_path, choice
):
    services.settings.put(Setting.AUTO_TITLES, choice)
    await use(services, tmp_path, reply="Cleaning the Lamp")
    await ask(services, chat_id, QUESTION)
    await quiet(services)
    assert (await title(services, chat_id)).startswith("How do I keep")
    services.settings.put(Setting.AUTO_TITLES, "always")
    await until_titled(services, chat_id, "Cleaning the Lamp")


async def test_a_large_model_writes_them_by_itself(services, chat_id, tmp_path, monkeypatch):
    services.settings.put(Setting.AUTO_TITLES, "capable")
    monkeypatch.setattr(titles, "CAPABLE", 0)
    await use(services, tmp_path, reply="Cleaning the Lamp")
    await ask(services, chat_id, QUESTION)
    await until_titled(services, chat_id, "Cleaning the Lamp")


async def test_temporary_and_trashed_chats_get_none(services, chat_id, tmp_path):
    await use(services, tmp_path, reply="Cleaning the Lamp")
    temporary = (await services.conversations.new(temporary=True)).id
    services.titles.idle_s = 0.2
    await ask(services, temporary, QUESTION)
    await ask(services, chat_id, QUESTION)
    await services.chat.trash(chat_id)
    await quiet(services)
    await asyncio.sleep(GIVEN_S)
    assert (await title(services, temporary)).startswith("How do I keep")
    assert (await title(services, chat_id)).startswith("How do I keep")


async def test_a_chat_that_is_gone_for_good_is_no_trouble(services, chat_id, tmp_path):
    await use(services, tmp_path, reply="Cleaning the Lamp")
    services.titles.idle_s = 0.2
    await ask(services, chat_id, QUESTION)
    await services.chat.trash(chat_id)
    await services.trash.delete((chat_id,))
    other = await new_chat(services)
    await ask(services, other, QUESTION)
    await until_titled(services, other, "Cleaning the Lamp")


@pytest.mark.parametrize("reply", ["word " * 40, "…", "la la la la"])
async def test_what_is_no_title_leaves_the_first_one(services, chat_id, tmp_path, reply):
    await use(services, tmp_path, reply=reply)
    await ask(services, chat_id, QUESTION)
    await quiet(services)
    assert (await title(services, chat_id)).startswith("How do I keep")


async def test_a_chat_that_began_with_a_file_is_titled_too(services, chat_id, tmp_path):
    await use(services, tmp_path, reply="Harbour Notes")
    notes = Part(PartKind.ATTACHMENT, "seven boats", "harbour.txt")
    await services.chat.send(chat_id, "", attachments=(notes,))
    await until(services, lambda: services.chat.running(chat_id) is None)
    await until_titled(services, chat_id, "Harbour Notes")


async def test_only_the_newest_chats_wait(services, tmp_path):
    await use(services, tmp_path, reply="Cleaning the Lamp")
    services.titles.idle_s = 60
    asked = [await new_chat(services)]
    await ask(services, asked[0], QUESTION)
    for _ in range(titles.MOST_CHATS):
        asked.append(await new_chat(services))
        await ask(services, asked[-1], QUESTION)
    services.titles.idle_s = 0.02
    services.titles.put_off()
    for chat_id in asked[1:]:
        await until_titled(services, chat_id, "Cleaning the Lamp")
    await quiet(services)
    assert (await title(services, asked[0])).startswith("How do I keep")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Title: Cleaning the Lamp", "Cleaning the Lamp"),
        ("title:  **“Cleaning the Lamp.”**", "Cleaning the Lamp"),
        ("Title: # Lamp care\nand more", "Lamp care"),
        ('Title: "What is TCP?"', "What is TCP?"),
        ("Title: Lamp\u202e\x1b[31m care", "Lamp [31m care"),
        ("Title: 灯台のランプ", "灯台のランプ"),
        ("Title:", ""),
        ("", ""),
        ("Title: ***", ""),
        ("Title: a b c d e f g h i j", ""),
        ("Title: " + "x" * 61, ""),
        ("Title: the lamp the lens the light", ""),
        ("Title: x", ""),
    ],
)
def test_a_title_is_cleaned_or_refused(written, expected):
    assert clean(written) == expected
