"""A prompt is answered, stopped, cut short; what is kept, and what the chat says about it."""

import asyncio
from pathlib import Path

import pytest

from desktop.domain.changes import Kind
from desktop.domain.conversation import Role, Status
from desktop.domain.errors import EngineBusyError, LocutionError, NotFoundError
from desktop.engine import bridge, process
from desktop.services.assembly import Services
from desktop.services.live_answer import Phase
from tests.helpers.scripted import Gate
from tests.helpers.waiting import until
from tests.unit.services.scripted_app import (
    ask,
    finished,
    held,
    live,
    new_chat,
    texts,
    told,
    use,
    worker,
    workers,
    writing,
)


async def test_a_prompt_is_answered_and_both_are_in_the_chat(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path, reply="Hello, {prompt}!")

    answer = await ask(services, chat_id, "world")

    chat = await services.conversations.open(chat_id)
    assert [(m.role, m.text, m.status) for m in chat.path] == [
        (Role.USER, "world", Status.COMPLETE),
        (Role.ASSISTANT, "Hello, world!", Status.COMPLETE),
    ]
    assert answer == chat.path[-1]


async def test_an_answer_says_how_it_was_made(services: Services, chat_id: str, tmp_path: Path) -> None:
    await use(services, tmp_path, reply="one two")
    await services.conversations.configure(
        chat_id, system_prompt="Be brief.", overrides={"temperature": 0.25}
    )

    origin = (await ask(services, chat_id, "Say it")).origin

    assert origin is not None
    assert (origin.model_name, origin.engine_build, origin.preset_id) == ("model", "scripted", "chatbot")
    assert origin.model_hash.startswith("sampled-sha256:")
    assert origin.system_prompt == "Be brief."
    assert origin.parameters["temperature"] == 0.25
    assert (origin.prompt_tokens, origin.completion_tokens) == (5, 2)
    assert services.chat.last_timing is not None
    assert services.chat.last_timing.context_used == 7


async def test_the_model_is_sent_the_instructions_and_the_whole_shown_branch(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path, reply="b c")
    await services.conversations.configure(chat_id, system_prompt="")
    first = await ask(services, chat_id, "a")
    second = await ask(services, chat_id, "d e f")
    await services.conversations.configure(chat_id, system_prompt="x y")
    third = await ask(services, chat_id, "g")

    counts = [message.origin.prompt_tokens for message in (first, second, third) if message.origin]
    assert counts == [1, 1 + 2 + 3, 2 + 1 + 2 + 3 + 2 + 1]


async def test_text_can_be_read_while_it_is_written(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate
) -> None:
    await use(services, tmp_path, **held(gate))
    await services.chat.send(chat_id, "go")

    answer = await writing(services, chat_id)
    early = answer.text
    gate.open_to(60)
    await until(lambda: len(answer.text) > len(early) + 40)

    assert answer.text.startswith(early)
    assert answer.tokens > 4
    assert answer.tokens_per_s > 0


async def test_a_prompt_that_is_being_read_says_how_far_it_is(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate
) -> None:
    gate.read_to(25)
    await use(services, tmp_path, gate=gate)
    await services.conversations.configure(chat_id, system_prompt="")
    await services.chat.send(chat_id, "word " * 60)

    await until(lambda: live(services, chat_id).prompt_done == 25)

    answer = live(services, chat_id)
    assert (answer.phase, answer.prompt_total) == (Phase.READING, 60)


async def test_an_answer_that_waits_for_the_model_says_how_far_that_is(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate
) -> None:
    gate.load_to(0.25)
    loading = asyncio.create_task(use(services, tmp_path, gate=gate))
    await services.chat.send(chat_id, "hi")

    await until(lambda: live(services, chat_id).load_fraction == 0.25)
    assert live(services, chat_id).phase is Phase.LOADING

    gate.open()
    await loading
    await until(lambda: services.chat.running(chat_id) is None)
    assert texts(await services.conversations.open(chat_id)) == ["hi", "You said: hi"]


@pytest.mark.parametrize("times", [1, 2])
async def test_a_stopped_answer_keeps_what_it_has_and_the_next_one_is_right(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate, times: int
) -> None:
    await use(services, tmp_path, **held(gate) | {"reply": "{prompt} " * 200})
    answer_id = await services.chat.send(chat_id, "first")
    await writing(services, chat_id)

    for _ in range(times):
        await services.chat.stop(chat_id)
    stopped = await finished(services, chat_id, answer_id)

    assert stopped.status is Status.CANCELLED
    assert stopped.error == ""
    assert 0 < stopped.text.count("first") < 200
    assert stopped.origin is not None and stopped.origin.completion_tokens > 0
    await services.chat.send(chat_id, "second")
    assert "second" in (await writing(services, chat_id)).text


async def test_an_answer_is_stopped_while_its_prompt_is_read(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate
) -> None:
    gate.read_to(100)
    await use(services, tmp_path, gate=gate)
    answer_id = await services.chat.send(chat_id, "word " * 3000)
    await until(lambda: live(services, chat_id).prompt_done > 0)

    await services.chat.stop(chat_id)
    stopped = await finished(services, chat_id, answer_id)

    assert (stopped.status, stopped.text) == (Status.CANCELLED, "")
    gate.open()
    assert (await ask(services, await new_chat(services), "again")).text == "You said: again"


async def test_an_answer_is_stopped_while_the_model_is_loaded_and_the_model_is_there_for_the_next(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate
) -> None:
    gate.load_to(0.5)
    loading = asyncio.create_task(use(services, tmp_path, gate=gate))
    answer_id = await services.chat.send(chat_id, "stopped")
    await until(lambda: live(services, chat_id).load_fraction > 0)

    await services.chat.stop(chat_id)
    stopped = await finished(services, chat_id, answer_id)

    assert (stopped.status, stopped.text) == (Status.CANCELLED, "")
    assert not loading.done()
    gate.open()
    assert (await ask(services, await new_chat(services), "again")).text == "You said: again"
    assert len(workers()) == 1


async def test_stopping_a_chat_in_which_nothing_is_written_does_nothing(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path)
    answer = await ask(services, chat_id, "hi")

    await services.chat.stop(chat_id)
    await services.chat.stop("no such chat")

    assert (await services.conversations.open(chat_id)).tree[answer.id] == answer


async def test_a_killed_engine_leaves_the_partial_answer_and_plain_words_and_the_next_prompt_is_answered(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate
) -> None:
    await use(services, tmp_path, **held(gate))
    answer_id = await services.chat.send(chat_id, "go")
    await writing(services, chat_id)

    killed = worker()
    killed.kill()
    broken = await finished(services, chat_id, answer_id)

    assert broken.status is Status.FAILED
    assert broken.text.startswith("word0")
    assert broken.error.startswith("The engine was ended from outside")
    assert broken.origin is not None and broken.origin.model_name == "model"
    await use(services, tmp_path, reply="fine")
    assert (await ask(services, chat_id, "again")).text == "fine"
    assert worker().pid != killed.pid


async def test_the_next_prompt_after_a_crash_loads_the_model_by_itself(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path, reply="alive")
    worker().kill()
    await until(lambda: services.models.current is None)

    assert (await ask(services, chat_id, "hello?")).text == "alive"


async def test_an_engine_that_aborts_in_the_middle_of_an_answer_is_said_in_words(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path, reply="one two three four", crash_after=2)

    broken = await ask(services, chat_id, "go")

    assert broken.status is Status.FAILED
    assert broken.error == (
        "The engine gave up because of an internal error. Send it again: the model is loaded anew."
    )


async def test_an_engine_that_hangs_can_be_stopped_and_the_answer_counts_as_stopped(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bridge, "STOP_GRACE_S", 0.2)
    await use(services, tmp_path, hang_after=4, **held(gate, 4))
    answer_id = await services.chat.send(chat_id, "go")
    await writing(services, chat_id)
    gate.open()
    await asyncio.sleep(0.3)  # It hangs by then; if not, it is stopped all the same.

    await services.chat.stop(chat_id)
    stopped = await finished(services, chat_id, answer_id)

    assert (stopped.status, stopped.error) == (Status.CANCELLED, "")
    assert stopped.text.startswith("word0")


async def test_a_request_that_the_engine_refuses_is_a_failed_answer_with_its_words(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path, context_length=8)

    refused = await ask(services, chat_id, "far too many words " * 10)

    assert refused.status is Status.FAILED
    assert "the context holds 8" in refused.error
    await services.conversations.configure(chat_id, system_prompt="")
    other = await new_chat(services)
    await services.conversations.configure(other, system_prompt="")
    assert (await ask(services, other, "short")).status is Status.COMPLETE


async def test_an_answer_that_failed_before_its_first_word_is_not_sent_to_the_model(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await services.conversations.configure(chat_id, system_prompt="")
    await use(services, tmp_path, fail="Not today.")
    assert (await ask(services, chat_id, "one")).error == "Not today."

    await use(services, tmp_path, reply="{prompt}")

    assert (await ask(services, chat_id, "two")).text == "one\n\ntwo"


async def test_an_answer_that_reaches_its_limit_says_so(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path, reply="one two three")
    await services.conversations.configure(chat_id, overrides={"max_tokens": 2})

    answer = await ask(services, chat_id, "count")

    assert (answer.status, answer.text) == (Status.LENGTH, "one two ")


async def test_a_second_prompt_waits_its_turn_in_a_chat(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate
) -> None:
    await use(services, tmp_path, **held(gate))
    answer_id = await services.chat.send(chat_id, "one")

    for act in (
        services.chat.send(chat_id, "two"),
        services.chat.regenerate(answer_id, chat_id),
        services.chat.edit(answer_id, chat_id, "other"),
    ):
        with pytest.raises(EngineBusyError, match="still being written"):
            await act

    assert len((await services.conversations.open(chat_id)).tree) == 2


async def test_two_prompts_sent_at_once_into_a_chat_are_one_and_a_refusal(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path)

    results = await asyncio.gather(
        services.chat.send(chat_id, "one"), services.chat.send(chat_id, "two"), return_exceptions=True
    )

    assert [type(result) for result in results] == [str, EngineBusyError]
    await services.chat.settle()
    assert texts(await services.conversations.open(chat_id)) == ["one", "You said: one"]


async def test_two_chats_are_answered_at_once(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate
) -> None:
    await use(services, tmp_path, **held(gate) | {"reply": "{prompt} " * 30})
    await services.chat.send(chat_id, "left")
    other = await new_chat(services)
    await services.chat.send(other, "right")

    await writing(services, chat_id)
    await writing(services, other)
    assert services.chat.running(chat_id) and services.chat.running(other)

    gate.open()
    await services.chat.settle()
    for conversation, word in ((chat_id, "left"), (other, "right")):
        assert texts(await services.conversations.open(conversation)) == [word, f"{word} " * 30]


@pytest.mark.parametrize("text", ["", "  \n\t"])
async def test_nothing_is_sent_when_there_is_nothing_to_send(
    services: Services, chat_id: str, tmp_path: Path, text: str
) -> None:
    with pytest.raises(LocutionError, match="nothing to send"):
        await services.chat.send(chat_id, text)

    assert texts(await services.conversations.open(chat_id)) == []


async def test_a_prompt_for_a_chat_that_is_gone_is_refused(services: Services) -> None:
    with pytest.raises(NotFoundError):
        await services.chat.send("no such chat", "hello")


async def test_half_an_emoji_does_not_stop_the_answer(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path)

    answer = await ask(services, chat_id, "half \ud83d an emoji")

    assert answer.status is Status.COMPLETE
    assert (await services.conversations.open(chat_id)).path[0].text == "half \ud83d an emoji"


async def test_views_are_told_of_text_and_of_the_end(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path)

    with told(services) as kinds:
        await ask(services, chat_id, "hi")

    assert Kind.ANSWER in kinds
    assert kinds[-1] is Kind.MESSAGES
    assert Kind.CONVERSATIONS in kinds


async def test_an_answer_ends_although_its_chat_is_put_into_the_trash(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate
) -> None:
    await use(services, tmp_path, **held(gate))
    answer_id = await services.chat.send(chat_id, "go")
    await writing(services, chat_id)

    await services.chat.trash(chat_id)
    stopped = await finished(services, chat_id, answer_id)

    assert stopped.status is Status.CANCELLED
    assert chat_id not in [head.id for head in await services.conversations.list()]
    await services.trash.restore((chat_id,))
    assert (await services.conversations.open(chat_id)).path[-1].text == stopped.text


async def test_a_worker_that_does_not_end_when_asked_does_not_keep_the_next_model_away(
    services: Services, chat_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "EXIT_GRACE_S", 0.1)
    await use(services, tmp_path, hang_after=0)
    answer_id = await services.chat.send(chat_id, "go")
    await until(lambda: live(services, chat_id).phase is Phase.READING)

    await use(services, tmp_path, reply="fine")

    assert (await finished(services, chat_id, answer_id)).status is Status.CANCELLED
    assert (await ask(services, chat_id, "again")).text == "fine"
