"""Titles that the model writes: only where none was given, only while nobody waits."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from desktop.domain.changes import Change, Kind
from desktop.domain.conversation import Part, PartKind, title_from
from desktop.domain.engine_state import Busy, Ready
from desktop.domain.settings import Setting
from desktop.services import titles
from desktop.services.titles import clean
from tests.helpers.waiting import until
from tests.unit.services.scripted_app import ask, held, new_chat, texts, use, writing

QUESTION = "How do I keep the lamp of a lighthouse clean in a storm?"
FIRST = title_from(QUESTION)
WRITTEN = "Cleaning the Lamp"
GIVEN_S = 0.2
"""Seconds in which a title would have been begun."""


@pytest.fixture
async def services(services):
    """Titles are written, but only once a test says that it has been quiet for long."""
    services.titles.idle_s = 3600
    services.settings.put(Setting.AUTO_TITLES, "always")
    return services


@pytest.fixture
async def older(services, tmp_path) -> str:
    """An answered chat that has its turn after those to come: once it is titled, they had theirs."""
    await use(services, tmp_path, reply=WRITTEN)
    chat_id = await new_chat(services)
    await ask(services, chat_id, QUESTION)
    return chat_id


def be_quiet(services) -> None:
    """From now on as if nothing had happened for long."""
    services.titles.idle_s = 0
    services.titles.put_off()


async def title(services, chat_id) -> str:
    return (await services.conversations.head(chat_id)).title


async def until_titled(services, *chat_ids) -> None:
    for chat_id in chat_ids:
        await until(partial(_is_titled, services, chat_id))


async def _is_titled(services, chat_id) -> bool:
    return await title(services, chat_id) == WRITTEN


async def until_busy(services) -> None:
    await until(lambda: isinstance(services.models.state, Busy))


async def test_an_answered_chat_gets_a_title_from_the_model(services, chat_id, tmp_path):
    await use(services, tmp_path, reply=WRITTEN)
    await ask(services, chat_id, QUESTION)
    assert await title(services, chat_id) == FIRST
    told: list[Change] = []
    services.bus.subscribe(told.append)
    be_quiet(services)
    await until_titled(services, chat_id)
    assert any(change.kind is Kind.CONVERSATIONS and chat_id in change.ids for change in told)


async def test_a_chat_is_asked_about_once(services, chat_id, tmp_path):
    await use(services, tmp_path, reply=WRITTEN)
    await ask(services, chat_id, QUESTION)
    be_quiet(services)
    await until_titled(services, chat_id)
    services.titles.idle_s = 3600
    await services.conversations.rename(chat_id, FIRST)
    other = await new_chat(services)
    await ask(services, other, QUESTION)
    await ask(services, chat_id, "And the lens?")
    be_quiet(services)
    await until_titled(services, other)
    assert await title(services, chat_id) == FIRST


async def test_a_name_that_the_user_gave_stays(services, older, chat_id):
    await ask(services, chat_id, QUESTION)
    await services.conversations.rename(chat_id, "Mine")
    be_quiet(services)
    await until_titled(services, older)
    assert await title(services, chat_id) == "Mine"


async def test_a_name_given_while_the_title_is_written_stays(services, older, chat_id, tmp_path, gate):
    await ask(services, chat_id, QUESTION)
    await use(services, tmp_path, reply=WRITTEN, gate=gate)
    be_quiet(services)
    await until_busy(services)
    await services.conversations.rename(chat_id, "Mine")
    gate.open()
    await until_titled(services, older)
    assert await title(services, chat_id) == "Mine"


async def test_a_message_of_the_user_goes_first(services, chat_id, tmp_path, gate):
    await use(services, tmp_path, reply="Fine.")
    await ask(services, chat_id, QUESTION)
    await use(services, tmp_path, reply=WRITTEN, gate=gate)
    be_quiet(services)
    await until_busy(services)
    services.titles.idle_s = 3600
    other = await new_chat(services)
    await services.chat.send(other, QUESTION)
    # The title that is being written is given up for it; the first chat is not forgotten.
    gate.open()
    await until(lambda: services.chat.running(other) is None)
    assert texts(await services.conversations.open(other)) == [QUESTION, WRITTEN]
    assert await title(services, chat_id) == FIRST
    be_quiet(services)
    await until_titled(services, other, chat_id)


async def test_nothing_is_written_while_an_answer_is(services, chat_id, older, tmp_path, gate):
    await use(services, tmp_path, **held(gate, 1) | {"reply": WRITTEN})
    await services.chat.send(chat_id, "Count")
    await writing(services, chat_id)
    be_quiet(services)
    await asyncio.sleep(GIVEN_S)
    match services.models.state:
        case Busy(_, running):
            assert running == 1
        case state:
            pytest.fail(f"{state}")
    gate.open()
    await until_titled(services, older)


async def test_typing_puts_it_off(services, older):
    services.titles.idle_s = GIVEN_S / 4
    services.titles.put_off()
    services.titles.idle_s = 3600
    services.titles.put_off()
    await asyncio.sleep(GIVEN_S)
    assert await title(services, older) == FIRST
    be_quiet(services)
    await until_titled(services, older)


@pytest.mark.parametrize("choice", ["never", "capable"])
async def test_none_is_written_if_the_user_or_the_size_of_the_model_is_against_it(services, older, choice):
    services.settings.put(Setting.AUTO_TITLES, choice)
    be_quiet(services)
    await asyncio.sleep(GIVEN_S)
    assert await title(services, older) == FIRST
    services.settings.put(Setting.AUTO_TITLES, "always")
    await until_titled(services, older)


async def test_a_large_model_writes_them_by_itself(services, older, monkeypatch):
    services.settings.put(Setting.AUTO_TITLES, "capable")
    monkeypatch.setattr(titles, "CAPABLE", 0)
    be_quiet(services)
    await until_titled(services, older)


async def test_temporary_and_trashed_chats_get_none(services, older, chat_id):
    temporary = (await services.conversations.new(temporary=True)).id
    await ask(services, temporary, QUESTION)
    await ask(services, chat_id, QUESTION)
    await services.chat.trash(chat_id)
    be_quiet(services)
    await until_titled(services, older)
    assert await title(services, temporary) == FIRST
    assert await title(services, chat_id) == FIRST


async def test_a_chat_that_is_gone_for_good_is_no_trouble(services, older, chat_id):
    await ask(services, chat_id, QUESTION)
    await services.chat.trash(chat_id)
    await services.trash.delete((chat_id,))
    be_quiet(services)
    await until_titled(services, older)


@pytest.mark.parametrize("reply", ["word " * 40, "…", "la la la la"])
async def test_what_is_no_title_leaves_the_first_one(services, chat_id, tmp_path, gate, reply):
    await use(services, tmp_path, reply="Fine.")
    await ask(services, chat_id, QUESTION)
    await use(services, tmp_path, reply=reply, gate=gate)
    be_quiet(services)
    await until_busy(services)
    services.titles.idle_s = 3600
    gate.open()
    await until(lambda: isinstance(services.models.state, Ready))
    await use(services, tmp_path, reply=WRITTEN)
    other = await new_chat(services)
    await ask(services, other, QUESTION)
    be_quiet(services)
    await until_titled(services, other)
    assert await title(services, chat_id) == FIRST


async def test_a_chat_that_began_with_a_file_is_titled_too(services, chat_id, tmp_path):
    await use(services, tmp_path, reply=WRITTEN)
    notes = Part(PartKind.ATTACHMENT, "seven boats", "harbour.txt")
    await services.chat.send(chat_id, "", attachments=(notes,))
    await until(lambda: services.chat.running(chat_id) is None)
    be_quiet(services)
    await until_titled(services, chat_id)


async def test_only_the_newest_chats_wait(services, older):
    newer = [await new_chat(services)]
    await ask(services, newer[0], QUESTION)
    for _ in range(titles.MOST_CHATS - 1):
        newer.append(await new_chat(services))
        await ask(services, newer[-1], QUESTION)
    be_quiet(services)
    await until_titled(services, *newer)
    await asyncio.sleep(GIVEN_S)
    assert await title(services, older) == FIRST


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
