"""The list of chats, their titles and drafts, and what their answers are made with."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from desktop.domain.changes import Kind
from desktop.domain.conversation import Conversation, Part, PartKind
from desktop.domain.errors import NotFoundError, ParameterError
from desktop.domain.settings import Setting
from desktop.services.assembly import Services
from desktop.services.undo import Act
from desktop.system.paths import Locations
from tests.helpers.scripted import Gate
from tests.unit.services.scripted_app import ask, held, new_chat, opened, texts, told, use, writing

NOTES = Part(PartKind.ATTACHMENT, "line one\nline two", "notes.txt")


async def head(services: Services, chat_id: str) -> Conversation:
    return (await services.conversations.open(chat_id)).conversation


async def listed(services: Services) -> list[str]:
    return [conversation.id for conversation in await services.conversations.list()]


async def test_unused_chats_do_not_pile_up(services: Services, tmp_path: Path) -> None:
    await use(services, tmp_path)
    first = await services.conversations.new("translation")
    await services.conversations.configure(first.id, system_prompt="Mine", overrides={"top_k": 3})

    again = await services.conversations.new("code-assist")

    assert (again.id, again.preset_id, again.system_prompt, again.overrides) == (
        first.id,
        "code-assist",
        None,
        {},
    )
    await ask(services, again.id, "used now")
    other = await services.conversations.new()
    assert other.id != first.id
    assert await listed(services) == [other.id, first.id]


@pytest.mark.parametrize("what", ["draft", "file", "title"])
async def test_a_chat_that_holds_something_is_not_taken_for_unused(services: Services, what: str) -> None:
    first = await new_chat(services)
    if what == "draft":
        await services.conversations.save_draft(first, "half a thought")
    elif what == "file":
        await services.conversations.save_draft(first, "", (NOTES,))
    else:
        await services.conversations.rename(first, "For later")

    assert await new_chat(services) != first


async def test_a_chat_into_which_something_is_being_sent_is_not_taken_for_unused(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path)
    await services.conversations.configure(chat_id, overrides={"max_tokens": 1})
    sending = asyncio.create_task(services.chat.send(chat_id, "hi"))
    await asyncio.sleep(0)

    other = await services.conversations.new()

    await sending
    assert other.id != chat_id
    assert (await head(services, chat_id)).overrides == {"max_tokens": 1}


async def test_a_chat_is_called_after_its_first_prompt_until_it_is_renamed(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path)
    assert (await head(services, chat_id)).title == ""

    await ask(services, chat_id, "  Why is\nthe sky blue, and why is it red in the evening sometimes?")
    assert (await head(services, chat_id)).title == "Why is the sky blue, and why is it red in the…"
    await ask(services, chat_id, "Another question")
    assert (await head(services, chat_id)).title.startswith("Why is")

    await services.conversations.rename(chat_id, "  About\n the   sky ")
    await ask(services, chat_id, "A third")
    assert (await head(services, chat_id)).title == "About the sky"


async def test_a_draft_is_kept_until_it_is_sent(data_dir: Path, tmp_path: Path) -> None:
    async with opened(data_dir) as services:
        chat_id = await new_chat(services)
        await services.conversations.save_draft(chat_id, "half a thou", (NOTES,))

    async with opened(data_dir) as services:
        kept = await head(services, chat_id)
        assert (kept.draft, kept.draft_attachments) == ("half a thou", (NOTES,))
        await use(services, tmp_path)
        await services.chat.send(chat_id, "half a thought")
        sent = await head(services, chat_id)
        assert (sent.draft, sent.draft_attachments) == ("", ())


async def test_the_chat_last_written_in_is_on_top(services: Services, tmp_path: Path) -> None:
    await use(services, tmp_path)
    first = await new_chat(services)
    await ask(services, first, "a")
    second = await new_chat(services)
    await ask(services, second, "b")
    assert await listed(services) == [second, first]

    await ask(services, first, "c")

    assert await listed(services) == [first, second]


async def test_the_trash_gives_back_what_it_was_given(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path)
    await ask(services, chat_id, "keep me")

    with told(services) as kinds:
        await services.chat.trash(chat_id)
        assert await listed(services) == []
        await services.trash.restore((chat_id,))

    assert [kind for kind in kinds if kind is not Kind.UNDO] == [Kind.CONVERSATIONS] * 2
    assert await listed(services) == [chat_id]
    assert texts(await services.conversations.open(chat_id))[0] == "keep me"


async def test_views_are_told_who_changed_something(services: Services, chat_id: str) -> None:
    view = object()
    actors = []
    services.bus.subscribe(
        lambda change: actors.append(change.actor) if change.kind is not Kind.UNDO else None
    )

    await services.conversations.rename(chat_id, "New name", actor=view)
    await services.conversations.configure(chat_id, overrides={"top_k": 5}, actor=view)
    await services.conversations.rename(chat_id, "Newer name")

    assert actors == [view, view, None]


async def test_a_chat_that_does_not_exist_is_said_in_words(services: Services) -> None:
    with pytest.raises(NotFoundError, match="There is no chat"):
        await services.conversations.open("gone")
    with pytest.raises(NotFoundError):
        await services.conversations.configure("gone", overrides={})


async def test_answers_are_made_with_the_preset_and_what_the_chat_changes_of_it(services: Services) -> None:
    conversation = await services.conversations.new("translation")
    preset = services.presets.get("translation")
    untouched = services.conversations.effective(conversation)
    assert (untouched.preset, untouched.parameters) == (preset, preset.parameters)
    assert untouched.system_prompt == preset.system_prompt
    assert untouched.changed == set()

    conversation = await services.conversations.configure(
        conversation.id, system_prompt="Only French.", overrides={"temperature": 1.5, "top_k": 7}
    )

    changed = services.conversations.effective(conversation)
    assert changed.system_prompt == "Only French."
    assert (changed.parameters.temperature, changed.parameters.top_k) == (1.5, 7)
    assert changed.parameters.top_p == preset.parameters.top_p
    assert changed.changed == {"system_prompt", "temperature", "top_k"}


async def test_a_value_that_is_the_presets_own_is_no_change(services: Services, chat_id: str) -> None:
    preset = services.presets.get("chatbot")

    conversation = await services.conversations.configure(
        chat_id, system_prompt=preset.system_prompt, overrides={"top_k": preset.parameters.top_k}
    )

    assert services.conversations.effective(conversation).changed == set()


async def test_no_instructions_is_a_change_like_any_other(services: Services, chat_id: str) -> None:
    conversation = await services.conversations.configure(chat_id, system_prompt="")
    assert services.conversations.effective(conversation).system_prompt == ""
    assert services.conversations.effective(conversation).changed == {"system_prompt"}

    conversation = await services.conversations.configure(chat_id, system_prompt=None)
    assert services.conversations.effective(conversation).changed == set()


async def test_another_preset_takes_back_all_changes_and_is_used_for_the_next_chat(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await services.conversations.configure(chat_id, system_prompt="Mine", overrides={"top_k": 3})

    same = await services.conversations.configure(chat_id, preset_id="chatbot")
    assert services.conversations.effective(same).changed == {"system_prompt", "top_k"}
    other = await services.conversations.configure(chat_id, preset_id="code-assist")

    assert services.conversations.effective(other).changed == set()
    assert services.conversations.effective(other).preset.id == "code-assist"
    await use(services, tmp_path)
    await ask(services, chat_id, "used")
    assert (await services.conversations.new()).preset_id == "code-assist"


async def test_a_preset_that_is_gone_leaves_the_chat_with_the_usual_one(services: Services) -> None:
    conversation = await services.conversations.new("deleted-since")

    assert services.conversations.effective(conversation).preset.id == "chatbot"


@pytest.mark.parametrize(
    "overrides", [{"temperature": float("nan")}, {"top_k": -1}, {"unknown": 1}, {"stop": "x" * 500}]
)
async def test_a_value_out_of_range_is_refused_and_changes_nothing(
    services: Services, chat_id: str, overrides: dict[str, object]
) -> None:
    before = await services.conversations.configure(chat_id, overrides={"top_k": 9})

    with pytest.raises(ParameterError):
        await services.conversations.configure(chat_id, overrides=overrides)

    assert await head(services, chat_id) == before


async def test_changes_made_at_the_same_time_all_hold(services: Services, chat_id: str) -> None:
    await asyncio.gather(
        services.conversations.configure(chat_id, overrides={"top_k": 9}),
        services.conversations.configure(chat_id, system_prompt="Mine"),
    )

    assert services.conversations.effective(await head(services, chat_id)).changed == {
        "top_k",
        "system_prompt",
    }


async def test_stored_values_that_do_not_fit_are_left_out_and_the_others_hold(
    data_dir: Path, tmp_path: Path
) -> None:
    async with opened(data_dir) as services:
        chat_id = await new_chat(services)
    stored = {"temperature": 99, "top_k": 10**400, "seed": "x", "stop": [1], "gone": True, "top_p": 0.5}
    with closing(sqlite3.connect(Locations.below(data_dir).database)) as connection, connection:
        connection.execute("UPDATE conversations SET overrides = ?", (json.dumps(stored),))

    async with opened(data_dir) as services:
        effective = services.conversations.effective(await head(services, chat_id))
        assert effective.changed == {"top_p"}
        assert effective.parameters.top_p == 0.5
        await use(services, tmp_path)
        assert (await ask(services, chat_id, "hi")).text == "You said: hi"


async def test_what_an_answer_is_made_with_is_decided_when_it_begins(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate
) -> None:
    await use(services, tmp_path, **held(gate))
    await services.conversations.configure(chat_id, overrides={"max_tokens": 20})
    answer_id = await services.chat.send(chat_id, "go")
    await writing(services, chat_id)

    await services.conversations.configure(chat_id, overrides={"max_tokens": 1})
    gate.open()
    await services.chat.settle()

    answer = (await services.conversations.open(chat_id)).tree[answer_id]
    assert answer.origin is not None
    assert (answer.origin.completion_tokens, answer.origin.parameters["max_tokens"]) == (20, 20)


async def test_where_the_window_was_left_is_remembered(data_dir: Path) -> None:
    async with opened(data_dir) as services:
        services.settings.put(Setting.LAST_CONVERSATION, "abc")
    async with opened(data_dir) as services:
        assert services.settings.text(Setting.LAST_CONVERSATION) == "abc"


async def test_what_one_parameter_is_changed_to_again_and_again_is_one_step_back(services: Services) -> None:
    chat_id = await new_chat(services)
    configure = services.conversations.configure
    for value in (0.5, 0.6, 0.7):
        await configure(chat_id, overrides={"temperature": value})
    await configure(chat_id, overrides={"temperature": 0.7, "top_k": 7})
    await configure(chat_id, system_prompt="B")
    await configure(chat_id, system_prompt="Be brief.")
    await configure(chat_id, system_prompt=None, overrides={})

    done = []
    while (step := await services.undo.undo()) is not None:
        chat = await head(services, chat_id)
        done.append((step.act, step.name, step.count, chat.system_prompt, chat.overrides))

    assert done == [
        (Act.PARAMETERS, "temperature", 3, "Be brief.", {"temperature": 0.7, "top_k": 7}),
        (Act.INSTRUCTIONS, "", 1, None, {"temperature": 0.7, "top_k": 7}),
        (Act.PARAMETERS, "top_k", 1, None, {"temperature": 0.7}),
        (Act.PARAMETERS, "temperature", 1, None, {}),
    ]


async def test_the_same_parameter_of_two_chats_are_two_steps(services: Services) -> None:
    chats = [(await services.conversations.new()).id]
    await services.conversations.rename(chats[0], "One")
    chats.append(await new_chat(services))
    for chat_id in chats:
        await services.conversations.configure(chat_id, overrides={"top_k": 7})
    await services.undo.undo()
    assert [dict((await head(services, chat_id)).overrides) for chat_id in chats] == [{"top_k": 7}, {}]


async def test_a_change_that_is_taken_back_by_hand_leaves_no_step(services: Services) -> None:
    chat_id = await new_chat(services)
    await services.conversations.configure(chat_id, overrides={"top_k": 7})
    await services.conversations.configure(chat_id, overrides={"top_k": 7})
    assert services.undo.next is not None
    await services.conversations.configure(chat_id, overrides={})
    assert services.undo.next is None
    await services.conversations.configure(chat_id, overrides={"top_k": 8})
    await services.conversations.configure(chat_id, overrides={}, alone=True)
    await services.undo.undo()
    assert (await head(services, chat_id)).overrides == {"top_k": 8}, "a reset is a step of its own"
    await services.undo.undo()
    assert (await head(services, chat_id)).overrides == {}


async def test_a_preset_is_taken_back_with_what_was_changed_of_the_one_before(services: Services) -> None:
    chat_id = (await services.conversations.new("translation")).id
    await services.conversations.configure(chat_id, system_prompt="Mine", overrides={"top_k": 7})
    await services.conversations.configure(chat_id, preset_id="code-assist")
    assert services.settings.text(Setting.LAST_PRESET) == "code-assist"

    with told(services) as kinds:
        done = await services.undo.undo()

    assert done is not None and done.act is Act.PRESET
    chat = await head(services, chat_id)
    assert (chat.preset_id, chat.system_prompt, chat.overrides) == ("translation", "Mine", {"top_k": 7})
    assert services.settings.text(Setting.LAST_PRESET) == "translation"
    assert Kind.CONVERSATIONS in kinds
