"""Other answers and edited prompts are versions beside the old ones; nothing is overwritten."""

from pathlib import Path

import pytest

from desktop.domain.changes import Kind
from desktop.domain.conversation import Role, Status
from desktop.domain.errors import LocutionError, NotFoundError
from desktop.services.assembly import Services
from tests.helpers.scripted import Gate
from tests.unit.services.scripted_app import ask, finished, held, texts, told, use, writing


async def test_another_answer_stands_beside_the_old_one(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path, reply="first")
    old = await ask(services, chat_id, "go")
    await use(services, tmp_path, reply="second")

    new_id = await services.chat.regenerate(old.id, chat_id)
    await finished(services, chat_id, new_id)

    chat = await services.conversations.open(chat_id)
    assert texts(chat) == ["go", "second"]
    assert [version.text for version in chat.tree.siblings(new_id)] == ["first", "second"]
    assert chat.tree[old.id] == old


async def test_another_answer_to_an_early_prompt_does_not_read_what_came_after(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path, reply="re: {prompt}")
    early = await ask(services, chat_id, "one")
    await ask(services, chat_id, "two")

    new_id = await services.chat.regenerate(early.id, chat_id)

    assert (await finished(services, chat_id, new_id)).text == "re: one"
    assert texts(await services.conversations.open(chat_id)) == ["one", "re: one"]


async def test_a_failed_answer_is_tried_again_and_kept(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path, fail="Not today.")
    failed = await ask(services, chat_id, "go")
    await use(services, tmp_path, reply="fine")

    new_id = await services.chat.regenerate(failed.id, chat_id)
    await finished(services, chat_id, new_id)

    chat = await services.conversations.open(chat_id)
    assert [version.status for version in chat.tree.siblings(new_id)] == [Status.FAILED, Status.COMPLETE]


async def test_an_edited_prompt_starts_a_branch_with_its_own_answer(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path, reply="re: {prompt}")
    await ask(services, chat_id, "one")
    await ask(services, chat_id, "two")
    first = (await services.conversations.open(chat_id)).path[0]

    answer_id = await services.chat.edit(first.id, chat_id, "uno")
    assert answer_id is not None
    await finished(services, chat_id, answer_id)

    chat = await services.conversations.open(chat_id)
    assert texts(chat) == ["uno", "re: uno"]
    assert [version.text for version in chat.tree.siblings(first.id)] == ["one", "uno"]
    assert chat.conversation.title == "one"


async def test_an_edited_answer_is_kept_beside_the_models_own_and_nothing_is_generated(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path, reply="mine")
    answer = await ask(services, chat_id, "go")

    assert await services.chat.edit(answer.id, chat_id, "corrected") is None

    assert services.chat.running(chat_id) is None
    chat = await services.conversations.open(chat_id)
    assert texts(chat) == ["go", "corrected"]
    assert chat.path[-1].role is Role.ASSISTANT
    assert [version.text for version in chat.tree.siblings(answer.id)] == ["mine", "corrected"]


async def test_switching_versions_shows_all_that_followed_them(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path, reply="re: {prompt}")
    await ask(services, chat_id, "one")
    await ask(services, chat_id, "two")
    old = (await services.conversations.open(chat_id)).path
    answer_id = await services.chat.edit(old[0].id, chat_id, "uno")
    assert answer_id is not None
    await finished(services, chat_id, answer_id)

    with told(services) as kinds:
        await services.chat.show(old[0].id, chat_id)

    assert (await services.conversations.open(chat_id)).path == old
    assert [kind for kind in kinds if kind is not Kind.UNDO] == [Kind.MESSAGES]
    assert (await ask(services, chat_id, "three")).text == "re: three"
    assert texts(await services.conversations.open(chat_id)) == [
        "one",
        "re: one",
        "two",
        "re: two",
        "three",
        "re: three",
    ]


async def test_versions_are_switched_while_an_answer_is_written_elsewhere_in_the_chat(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate
) -> None:
    await use(services, tmp_path, reply="first")
    old = await ask(services, chat_id, "go")
    await use(services, tmp_path, **held(gate))
    new_id = await services.chat.regenerate(old.id, chat_id)
    await writing(services, chat_id)

    await services.chat.show(old.id, chat_id)
    assert texts(await services.conversations.open(chat_id)) == ["go", "first"]

    await services.chat.stop(chat_id)
    stopped = await finished(services, chat_id, new_id)
    assert stopped.text.startswith("word0")
    assert texts(await services.conversations.open(chat_id)) == ["go", "first"]


@pytest.mark.parametrize("text", ["", " \n"])
async def test_a_message_cannot_be_edited_into_nothing(
    services: Services, chat_id: str, tmp_path: Path, text: str
) -> None:
    await use(services, tmp_path)
    await ask(services, chat_id, "go")
    before = await services.conversations.open(chat_id)

    for message in before.path:
        with pytest.raises(LocutionError, match="nothing to send"):
            await services.chat.edit(message.id, chat_id, text)

    assert texts(await services.conversations.open(chat_id)) == texts(before)


async def test_a_prompt_gets_another_answer(services: Services, chat_id: str, tmp_path: Path) -> None:
    await use(services, tmp_path)
    first = await ask(services, chat_id, "go")
    prompt = (await services.conversations.open(chat_id)).path[0]

    second = await services.chat.regenerate(prompt.id, chat_id)

    await finished(services, chat_id, second)
    tree = (await services.conversations.open(chat_id)).tree
    assert [version.id for version in tree.siblings(second)] == [first.id, second]


async def test_a_message_that_is_gone_is_said_in_words_and_the_chat_goes_on(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path)

    for act in (
        services.chat.regenerate("gone", chat_id),
        services.chat.edit("gone", chat_id, "text"),
        services.chat.show("gone", chat_id),
    ):
        with pytest.raises(NotFoundError, match="no longer there"):
            await act

    assert (await ask(services, chat_id, "still here?")).status is Status.COMPLETE
