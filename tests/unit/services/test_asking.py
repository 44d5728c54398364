"""Ways to ask: with attachments, with a beginning, going on, and with something else than the chat's own."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from desktop.domain.conversation import InContext, Part, PartKind, Status
from desktop.domain.errors import EngineBusyError, LocutionError, NotFoundError, ParameterError
from desktop.domain.model import ModelFile
from desktop.engine.process import worker_command
from desktop.services.assembly import Services, open_services
from desktop.services.effective import Using
from desktop.system.paths import Locations
from tests.helpers.scripted import Gate, scripted_file
from tests.helpers.waiting import PATIENCE_S, until
from tests.unit.services.scripted_app import ask, finished, held, new_chat, script, texts, use, writing

NOTES = Part(PartKind.ATTACHMENT, "seven boats", "harbour.txt")


async def test_attachments_belong_to_the_message(services: Services, chat_id: str, tmp_path: Path) -> None:
    await use(services, tmp_path)
    answer = await services.chat.send(chat_id, "How many?", attachments=[NOTES])
    await finished(services, chat_id, answer)
    question = (await services.conversations.open(chat_id)).path[0]
    assert question.parts == (NOTES, Part(PartKind.TEXT, "How many?"))

    edited = await services.chat.edit(question.id, chat_id, "How many boats?")

    assert edited is not None
    await finished(services, chat_id, edited)
    chat = await services.conversations.open(chat_id)
    assert chat.path[0].parts == (NOTES, Part(PartKind.TEXT, "How many boats?"))


async def test_an_attachment_alone_is_something_to_send(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path)
    await finished(services, chat_id, await services.chat.send(chat_id, "", attachments=[NOTES]))
    assert (await services.conversations.open(chat_id)).conversation.title == "harbour.txt"


async def test_an_answer_begins_with_what_it_was_given(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path, reply="a lamp and a sea.", thinking="hm")
    answer = await finished(services, chat_id, await services.chat.send(chat_id, "go", prefill="There was "))
    assert (answer.text, answer.thinking) == ("There was a lamp and a sea.", "")

    again = await services.chat.regenerate(answer.id, chat_id, prefill="Once ")

    assert (await finished(services, chat_id, again)).text == "Once a lamp and a sea."


async def test_its_beginning_is_on_disk_before_the_model_goes_on(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate
) -> None:
    gate.read_to(1)
    await use(services, tmp_path, gate=gate)
    await services.chat.send(chat_id, "one two three four", prefill="There was ")

    assert texts(await services.conversations.open(chat_id))[-1] == "There was "

    await services.chat.stop(chat_id)
    await until(lambda: services.chat.running(chat_id) is None)
    last = (await services.conversations.open(chat_id)).path[-1]
    assert (last.text, last.status) == ("There was ", Status.CANCELLED)


async def test_an_answer_goes_on_as_another_version(services: Services, chat_id: str, tmp_path: Path) -> None:
    await use(services, tmp_path, reply="and on.", thinking="hm")
    first = await ask(services, chat_id, "go")

    second = await finished(services, chat_id, await services.chat.continue_answer(first.id, chat_id))

    assert (second.text, second.thinking) == ("and on.and on.", "hm")
    chat = await services.conversations.open(chat_id)
    assert [version.id for version in chat.tree.siblings(second.id)] == [first.id, second.id]
    await services.undo.undo()
    assert texts(await services.conversations.open(chat_id)) == ["go", "and on."]


async def test_nothing_goes_on_from_a_prompt_or_from_nothing(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path, fail="no")
    answer = await ask(services, chat_id, "go")
    prompt = (await services.conversations.open(chat_id)).path[0]
    for message in (prompt, answer):
        with pytest.raises(LocutionError, match="nothing to go on from"):
            await services.chat.continue_answer(message.id, chat_id)


async def test_one_answer_with_another_preset_and_parameters(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path)
    first = await ask(services, chat_id, "go")
    before = (await services.conversations.open(chat_id)).conversation

    using = Using(preset_id="translation", overrides={"top_k": 7})
    second = await finished(services, chat_id, await services.chat.regenerate(first.id, chat_id, using=using))

    assert second.origin is not None
    assert (second.origin.preset_id, second.origin.parameters["top_k"]) == ("translation", 7)
    after = (await services.conversations.open(chat_id)).conversation
    assert (after.preset_id, after.overrides) == (before.preset_id, before.overrides)
    with pytest.raises(ParameterError):
        await services.chat.regenerate(first.id, chat_id, using=Using(overrides={"top_k": -1}))


async def test_another_model_is_lent_for_one_answer(services: Services, chat_id: str, tmp_path: Path) -> None:
    await use(services, tmp_path, reply="mine")
    first = await ask(services, chat_id, "go")
    usual = services.models.usual_ref()
    other = script(tmp_path, "other", reply="theirs")

    second = await services.chat.regenerate(first.id, chat_id, using=Using(model=other))

    answer = await finished(services, chat_id, second)
    assert answer.text == "theirs"
    assert answer.origin is not None and answer.origin.model_name == "other"
    assert (await services.models.ready()).name == "model"
    assert services.models.usual_ref() == usual
    assert (await ask(services, chat_id, "and now?")).text == "mine"


async def test_nobody_else_gets_the_lent_model_also_while_the_usual_ones_file_is_looked_at(
    data_dir: Path, tmp_path: Path
) -> None:
    go_on = threading.Event()
    go_on.set()

    def inspect(path: Path) -> ModelFile:
        if path.stem == "model":
            go_on.wait(PATIENCE_S)
        return scripted_file(path)

    async with open_services(
        Locations.below(data_dir), engine_command=worker_command("scripted"), inspect_file=inspect
    ) as services:
        await use(services, tmp_path, reply="mine")
        chat_id = await new_chat(services)
        first = await ask(services, chat_id, "go")
        go_on.clear()
        other = script(tmp_path, "other", reply="theirs")
        second = await services.chat.regenerate(first.id, chat_id, using=Using(model=other))
        assert (await finished(services, chat_id, second)).text == "theirs"

        next_id = await services.chat.send(chat_id, "and now?")
        go_on.set()

        assert (await finished(services, chat_id, next_id)).text == "mine"


async def test_a_model_that_cannot_be_lent_leaves_the_one_in_use(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path, reply="mine")
    first = await ask(services, chat_id, "go")
    gone = str(tmp_path / "gone.gguf")

    answer = await finished(
        services, chat_id, await services.chat.regenerate(first.id, chat_id, using=Using(model=gone))
    )

    assert answer.status is Status.FAILED and answer.error
    assert services.models.current is not None and services.models.current.name == "model"


async def test_a_model_the_user_chooses_meanwhile_stays(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate
) -> None:
    await use(services, tmp_path, reply="mine")
    first = await ask(services, chat_id, "go")
    other = script(tmp_path, "other", **held(gate))
    await services.chat.regenerate(first.id, chat_id, using=Using(model=other))
    await writing(services, chat_id)

    await services.models.use(script(tmp_path, "third", reply="third"))

    await until(lambda: services.chat.running(chat_id) is None)
    assert (await services.models.ready()).name == "third"


async def test_no_model_is_lent_while_another_answer_is_written(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate
) -> None:
    await use(services, tmp_path, **held(gate))
    answer = await services.chat.send(chat_id, "go")
    await writing(services, chat_id)
    other = await new_chat(services)
    with pytest.raises(EngineBusyError, match="another answer"):
        await services.chat.regenerate(answer, other, using=Using(model="starter"))


async def test_a_message_that_is_gone_cannot_go_on(services: Services, chat_id: str) -> None:
    with pytest.raises(NotFoundError):
        await services.chat.continue_answer("gone", chat_id)


async def test_an_edit_that_asks_nothing_has_no_answer(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path)
    await ask(services, chat_id, "go")
    question = (await services.conversations.open(chat_id)).path[0]

    assert await services.chat.edit(question.id, chat_id, "went", ask=False) is None

    chat = await services.conversations.open(chat_id)
    assert texts(chat) == ["went"]
    assert len(chat.tree.siblings(chat.path[0].id)) == 2
    await services.undo.undo()
    assert texts(await services.conversations.open(chat_id))[0] == "go"


async def test_one_answer_with_other_instructions_and_what_it_was_sent(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path)
    first = await ask(services, chat_id, "go")

    using = Using(system_prompt="Say no.")
    second = await finished(services, chat_id, await services.chat.regenerate(first.id, chat_id, using=using))

    assert second.origin is not None and second.origin.system_prompt == "Say no."
    sent = await services.chat.sent(second.id, chat_id)
    assert [(turn.role.value, turn.content) for turn in sent] == [("system", "Say no."), ("user", "go")]
    assert (await services.conversations.open(chat_id)).conversation.system_prompt is None
    with pytest.raises(NotFoundError):
        await services.chat.sent("gone", chat_id)


async def test_what_was_sent_is_told_as_it_was_then(services: Services, chat_id: str, tmp_path: Path) -> None:
    await use(services, tmp_path, cut_turns=2)
    await services.conversations.configure(chat_id, system_prompt="")
    await ask(services, chat_id, "one")
    second = await ask(services, chat_id, "two")
    question, answer = (await services.conversations.open(chat_id)).path[:2]
    await services.chat.set_context(question.id, chat_id, InContext.EXCLUDED)
    await services.chat.set_context(answer.id, chat_id, InContext.EXCLUDED)
    await use(services, tmp_path)
    third = await ask(services, chat_id, "three")
    for message in (question, answer):
        await services.chat.set_context(message.id, chat_id, InContext.AUTO)
    await services.chat.set_context(second.id, chat_id, InContext.EXCLUDED)

    async def sent(answer_id: str) -> list[str]:
        return [turn.content for turn in await services.chat.sent(answer_id, chat_id)]

    assert await sent(answer.id) == ["one"]
    assert await sent(second.id) == ["two"], "the first two did not fit"
    assert await sent(third.id) == ["two", second.text, "three"], "the first two were not to be sent"
    copy = await services.conversations.duplicate(chat_id)
    last = (await services.conversations.open(copy.id)).path[-1]
    assert len(await services.chat.sent(last.id, copy.id)) == 3
