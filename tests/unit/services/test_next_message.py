"""The message that waits for the running answer to end, and drafts."""

from __future__ import annotations

import asyncio
import textwrap

import pytest

from desktop.domain.changes import Kind
from desktop.domain.conversation import Conversation, Part, PartKind
from desktop.domain.errors import LocutionError, NotFoundError
from desktop.domain.prompt import Prompt
from desktop.services.assembly import Services
from tests.helpers.waiting import until
from tests.unit.services.scripted_app import held, new_chat, opened, python, script, texts, told, use, writing

NOTES = Part(PartKind.ATTACHMENT, "seven boats", "harbour.txt")
MORE = Part(PartKind.ATTACHMENT, "nine boats", "pier.txt")


async def head(services: Services, chat_id: str) -> Conversation:
    return (await services.conversations.open(chat_id)).conversation


async def settled(services: Services, chat_id: str, messages: int) -> list[str]:
    """The shown branch once it is so long and nothing is being written."""

    async def is_settled() -> bool:
        return len((await services.conversations.open(chat_id)).path) >= messages and not (
            services.chat.is_busy(chat_id)
        )

    await until(is_settled)
    return texts(await services.conversations.open(chat_id))


async def until_draft(services: Services, chat_id: str, text: str) -> None:
    async def is_kept() -> bool:
        return (await head(services, chat_id)).draft == text

    await until(is_kept)


def is_held(services: Services, chat_id: str) -> bool:
    waiting = services.next_message.of(chat_id)
    return waiting is not None and waiting.is_held


async def test_with_nothing_running_a_message_is_sent_at_once(services, chat_id, tmp_path):
    await use(services, tmp_path, reply="Fine.")
    await services.next_message.submit(chat_id, Prompt("one", (NOTES,), "Well: "))
    assert services.next_message.of(chat_id) is None
    assert await settled(services, chat_id, 2) == ["one", "Well: Fine."]
    question = (await services.conversations.open(chat_id)).path[0]
    assert question.parts == (NOTES, Part(PartKind.TEXT, "one"))


async def test_a_message_waits_for_the_answer_and_is_sent_after_it(services, chat_id, tmp_path, gate):
    await use(services, tmp_path, **held(gate))
    await services.next_message.submit(chat_id, Prompt("one"))
    with told(services) as kinds:
        await services.next_message.submit(chat_id, Prompt("two", (NOTES,), "So: "))
    assert Kind.NEXT in kinds
    waiting = services.next_message.of(chat_id)
    assert waiting is not None
    assert waiting.prompt == Prompt("two", (NOTES,), "So: ")
    draft = await head(services, chat_id)
    assert (draft.draft, draft.draft_attachments) == ("two", (NOTES,))

    gate.open()
    shown = await settled(services, chat_id, 4)

    assert [shown[0], shown[2], shown[3][:4]] == ["one", "two", "So: "]
    assert services.next_message.of(chat_id) is None
    draft = await head(services, chat_id)
    assert (draft.draft, draft.draft_attachments) == ("", ())


async def test_a_second_one_is_joined_to_the_first_and_what_is_typed_stays(services, chat_id, tmp_path, gate):
    await use(services, tmp_path, **held(gate))
    await services.next_message.submit(chat_id, Prompt("one"))
    await services.next_message.submit(chat_id, Prompt("two", (NOTES,)))
    await services.next_message.submit(chat_id, Prompt("three", (MORE,), "So: "))
    await services.next_message.keep(chat_id, Prompt("four"))
    draft = await head(services, chat_id)
    assert (draft.draft, draft.draft_attachments) == ("two\n\nthree\n\nfour", (NOTES, MORE))
    assert services.next_message.draft(draft) == Prompt("four")

    gate.open()
    shown = await settled(services, chat_id, 4)

    assert shown[2] == "two\n\nthree"
    await until_draft(services, chat_id, "four")


async def test_after_an_answer_that_was_stopped_it_is_held_and_can_be_taken_back(
    services, chat_id, tmp_path, gate
):
    await use(services, tmp_path, **held(gate))
    await services.next_message.submit(chat_id, Prompt("one"))
    await writing(services, chat_id)
    await services.next_message.submit(chat_id, Prompt("two"))
    await services.chat.stop(chat_id)
    await until(lambda: is_held(services, chat_id))
    assert (await head(services, chat_id)).draft == "two"
    assert services.next_message.take_back(chat_id) == Prompt("two")
    assert services.next_message.of(chat_id) is None
    assert services.next_message.take_back(chat_id) == Prompt()


@pytest.mark.parametrize("before", ["", "two"])
async def test_one_that_is_given_when_the_answer_was_told_to_stop_is_sent_when_it_has(
    services, chat_id, tmp_path, gate, before
):
    await use(services, tmp_path, **held(gate))
    await services.next_message.submit(chat_id, Prompt("one"))
    await writing(services, chat_id)
    if before:
        await services.next_message.submit(chat_id, Prompt(before))
    await services.chat.stop(chat_id)
    assert services.chat.is_stopping(chat_id)
    await services.next_message.submit(chat_id, Prompt("three"))
    gate.open()
    shown = await settled(services, chat_id, 4)
    assert shown[2] == "\n\n".join(filter(None, (before, "three")))
    assert services.next_message.of(chat_id) is None
    assert not services.chat.is_stopping(chat_id)


async def test_one_that_waits_for_an_answer_after_the_stopped_one_is_held_when_that_is_stopped(
    services, chat_id, tmp_path, gate
):
    await use(services, tmp_path, **held(gate))
    await services.next_message.submit(chat_id, Prompt("one"))
    await writing(services, chat_id)
    await services.chat.stop(chat_id)
    await services.next_message.submit(chat_id, Prompt("two"))
    await until(lambda: services.next_message.of(chat_id) is None)
    await until(lambda: services.chat.running(chat_id) is not None)
    await writing(services, chat_id)
    await services.next_message.submit(chat_id, Prompt("three"))
    await services.chat.stop(chat_id)
    await until(lambda: is_held(services, chat_id))
    assert services.next_message.take_back(chat_id) == Prompt("three")


async def test_what_is_held_goes_with_the_next_one_that_is_sent(services, chat_id, tmp_path):
    await use(services, tmp_path, fail="No.")
    await services.next_message.submit(chat_id, Prompt("one"))
    await services.next_message.submit(chat_id, Prompt("two"))
    await until(lambda: is_held(services, chat_id))
    await services.next_message.submit(chat_id, Prompt("three"))
    shown = await settled(services, chat_id, 4)
    assert shown[2] == "two\n\nthree"


async def test_a_message_waits_also_for_an_answer_that_is_only_about_to_begin(
    services, chat_id, tmp_path, gate
):
    await use(services, tmp_path, **held(gate))
    first = asyncio.ensure_future(services.chat.send(chat_id, "one"))
    await asyncio.sleep(0)
    assert services.chat.is_busy(chat_id)
    assert services.chat.running(chat_id) is None
    await services.next_message.submit(chat_id, Prompt("two"))
    await first
    gate.open()
    assert (await settled(services, chat_id, 4))[2] == "two"


async def test_an_answer_that_cannot_begin_leaves_the_waiting_message_to_the_user(
    services, chat_id, tmp_path
):
    await use(services, tmp_path)
    first = asyncio.ensure_future(services.chat.regenerate("nobody", chat_id))
    await asyncio.sleep(0)
    assert services.chat.is_busy(chat_id)
    await services.next_message.submit(chat_id, Prompt("two"))
    with pytest.raises(NotFoundError):
        await first
    await until(lambda: is_held(services, chat_id))


async def test_what_cannot_be_sent_is_the_draft(services, tmp_path):
    await use(services, tmp_path)
    with pytest.raises(LocutionError):
        await services.next_message.submit("nobody", Prompt("lost?"))
    assert services.next_message.draft(Conversation("nobody", "", 0, 0)) == Prompt("lost?")


async def test_a_message_that_can_no_longer_be_sent_says_why(services, chat_id, tmp_path, gate, monkeypatch):
    await use(services, tmp_path, **held(gate))
    await services.next_message.submit(chat_id, Prompt("one"))
    await services.next_message.submit(chat_id, Prompt("two"))

    async def full(*_args: object, **_named: object) -> str:
        raise LocutionError("The disk is full.")

    monkeypatch.setattr(services.chat, "send", full)
    gate.open()
    await until(lambda: is_held(services, chat_id))
    waiting = services.next_message.of(chat_id)
    assert waiting is not None
    assert str(waiting.error) == "The disk is full."
    await until_draft(services, chat_id, "two")


async def test_chats_wait_each_for_its_own_answer(services, chat_id, tmp_path, gate):
    await use(services, tmp_path, **held(gate))
    await services.next_message.submit(chat_id, Prompt("one"))
    other = await new_chat(services)
    await services.next_message.submit(other, Prompt("uno"))
    await services.next_message.submit(chat_id, Prompt("two"))
    assert services.next_message.of(other) is None
    gate.open()
    assert (await settled(services, other, 2))[0] == "uno"
    assert (await settled(services, chat_id, 4))[2] == "two"


_ENDS_BADLY = """
import asyncio, sys
from pathlib import Path
from desktop.domain.conversation import Part, PartKind
from desktop.domain.prompt import Prompt
from tests.helpers.scripted import Gate
from tests.unit.services.scripted_app import held, new_chat, opened, use, writing

async def main() -> None:
    folder = Path(sys.argv[1])
    async with opened(folder) as services:
        await use(services, folder, **held(Gate(folder / "gate.json")))
        chat_id = await new_chat(services)
        await services.next_message.submit(chat_id, Prompt("one"))
        await writing(services, chat_id)
        notes = Part(PartKind.ATTACHMENT, "seven boats", "harbour.txt")
        await services.next_message.submit(chat_id, Prompt("two", (notes,)))
        await services.next_message.keep(chat_id, Prompt("half a thou"))
        print(chat_id, flush=True)
        await asyncio.sleep(3600)

asyncio.run(main())
"""


async def test_after_a_kill_what_waited_and_what_was_typed_are_the_draft(data_dir, tmp_path):
    command = python(textwrap.dedent(_ENDS_BADLY), str(data_dir))
    app = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert app.stdout is not None
    chat_id = (await app.stdout.readline()).decode().strip()
    app.kill()
    await app.wait()
    async with opened(data_dir) as services:
        draft = await head(services, chat_id)
        assert (draft.draft, draft.draft_attachments) == ("two\n\nhalf a thou", (NOTES,))
        assert services.next_message.of(chat_id) is None


async def test_closing_the_app_leaves_what_waits_as_the_draft(data_dir, tmp_path, gate):
    async with opened(data_dir) as services:
        await services.models.use(script(tmp_path, **held(gate)))
        chat_id = await new_chat(services)
        await services.next_message.submit(chat_id, Prompt("one"))
        await writing(services, chat_id)
        await services.next_message.submit(chat_id, Prompt("two"))
    async with opened(data_dir) as services:
        assert (await head(services, chat_id)).draft == "two"
        assert len((await services.conversations.open(chat_id)).path) == 2
