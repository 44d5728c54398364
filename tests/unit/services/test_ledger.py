"""What the next message would cost, whose tokens those are, and what of it would be left out.

The script's tokens are words with the space behind them; its template adds nothing.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from desktop.domain.conversation import InContext, Part, PartKind, Role
from desktop.domain.errors import LocutionError, NotFoundError
from desktop.domain.ledger import BEGINNING, Ledger, Share
from desktop.services import ledger as service
from desktop.services.assembly import Services
from desktop.services.ledger import LedgerService
from tests.helpers.scripted import Gate
from tests.helpers.waiting import until
from tests.unit.services.scripted_app import ask, held, new_chat, use, writing

NOTES = Part(PartKind.ATTACHMENT, "one two three\n", "notes.txt")


@pytest.fixture
async def chat_id(services: Services, tmp_path: Path) -> str:
    """A chat with instructions, one question and one answer."""
    await use(services, tmp_path, reply="yes it is")
    chat_id = await new_chat(services)
    await services.conversations.configure(chat_id, system_prompt="be brief")
    await ask(services, chat_id, "is it so")
    return chat_id


async def ledger(services: Services, chat_id: str, text: str = "", files: Sequence[Part] = ()) -> Ledger:
    made = await services.ledger.of(chat_id, text, files)
    assert made is not None
    whole = sum(made.shares.values()) - made.shares[Share.RESERVE]
    assert whole == made.foresight.prompt_tokens
    return made


async def test_without_a_model_there_is_no_ledger(services: Services) -> None:
    assert await services.ledger.of(await new_chat(services), "hello") is None


async def test_every_token_is_somebodys(services: Services, chat_id: str) -> None:
    made = await ledger(services, chat_id, "go on then", [NOTES])

    shares = {share: size for share, size in made.shares.items() if size}
    files = await services.ledger.count_file(NOTES)
    assert shares.pop(Share.RESERVE) == made.foresight.reserve > 0
    between = {Share.TEMPLATE: 1}
    assert shares == {Share.SYSTEM: 2, Share.HISTORY: 6, Share.NEW: 3, Share.ATTACHMENTS: files, **between}
    assert [(turn.role, turn.tokens, turn.beginning) for turn in made.turns] == [
        (Role.USER, 3, "is it so"),
        (Role.ASSISTANT, 3, "yes it is"),
        (Role.USER, 3 + files, "go on then"),
    ]
    assert made.turns[-1].message_id is None


async def test_before_anything_is_typed_the_chat_so_far_is_what_it_costs(
    services: Services, chat_id: str
) -> None:
    made = await ledger(services, chat_id)

    assert made.foresight.prompt_tokens == 8
    assert made.foresight.reused_tokens == 7
    assert all(turn.message_id is not None for turn in made.turns)


async def test_a_chat_without_a_word_costs_nothing(services: Services, tmp_path: Path) -> None:
    await use(services, tmp_path)
    chat_id = await new_chat(services)
    await services.conversations.configure(chat_id, system_prompt="")

    made = await ledger(services, chat_id)

    assert made.foresight.prompt_tokens == 0
    assert not made.turns
    assert made.shares[Share.RESERVE] > 0


async def test_a_file_alone_is_shown_by_its_name(services: Services, chat_id: str) -> None:
    made = await ledger(services, chat_id, "", [NOTES])

    assert made.turns[-1].beginning == "notes.txt"
    assert made.shares[Share.NEW] == 0


async def test_a_long_message_is_shown_by_how_it_begins(services: Services, chat_id: str) -> None:
    made = await ledger(services, chat_id, "\x1b[1mlong\n\n" + "words " * 1000)

    beginning = made.turns[-1].beginning
    assert beginning.startswith("[1mlong words words")
    assert len(beginning) <= BEGINNING
    assert beginning.endswith("…")


async def test_what_is_excluded_costs_nothing_and_can_be_taken_in_again(
    services: Services, chat_id: str
) -> None:
    question = (await ledger(services, chat_id)).turns[0].message_id
    assert question is not None

    await services.chat.set_context(question, chat_id, InContext.EXCLUDED)
    without = await ledger(services, chat_id)
    await services.chat.set_context(question, chat_id, InContext.PINNED)
    pinned = await ledger(services, chat_id)

    assert (without.turns[0].tokens, without.turns[0].context) == (0, InContext.EXCLUDED)
    assert without.shares[Share.HISTORY] == 3
    assert (pinned.turns[0].tokens, pinned.turns[0].context) == (3, InContext.PINNED)


async def test_the_ledger_follows_the_chat(services: Services, chat_id: str) -> None:
    await ledger(services, chat_id)

    await ask(services, chat_id, "and this")
    longer = await ledger(services, chat_id)
    first = longer.turns[0].message_id
    assert first is not None
    await services.chat.edit(first, chat_id, "or not")
    await until(lambda: services.chat.running(chat_id) is None)
    edited = await ledger(services, chat_id)
    await services.conversations.configure(chat_id, system_prompt="be very brief indeed")
    instructed = await ledger(services, chat_id)
    await services.chat.delete_branch(edited.turns[-1].message_id or "", chat_id)
    shorter = await ledger(services, chat_id)

    assert [turn.beginning for turn in longer.turns] == ["is it so", "yes it is", "and this", "yes it is"]
    assert [turn.beginning for turn in edited.turns] == ["or not", "yes it is"]
    assert (edited.shares[Share.SYSTEM], instructed.shares[Share.SYSTEM]) == (2, 4)
    assert [turn.beginning for turn in shorter.turns] != [turn.beginning for turn in edited.turns]


async def test_each_chat_has_a_ledger_of_its_own(services: Services, chat_id: str) -> None:
    other = await new_chat(services)
    await services.conversations.configure(other, system_prompt="")

    assert (await ledger(services, other, "hello")).foresight.prompt_tokens == 1
    assert (await ledger(services, chat_id)).foresight.prompt_tokens == 8
    with pytest.raises(NotFoundError):
        await services.ledger.of("no such chat", "hello")


async def test_messages_that_become_one_turn_have_tokens_of_their_own(
    services: Services, chat_id: str
) -> None:
    answer = (await ledger(services, chat_id)).turns[1].message_id
    assert answer is not None
    await services.chat.set_context(answer, chat_id, InContext.EXCLUDED)

    made = await ledger(services, chat_id, "so is it or is it not")

    assert [turn.tokens for turn in made.turns] == [3, 0, 7]
    # One more stands between the two.
    assert made.foresight.turn_tokens == {0: 2, 1: 11}
    assert made.shares[Share.TEMPLATE] == 1


async def test_what_would_be_left_out_is_marked(services: Services, tmp_path: Path) -> None:
    await use(services, tmp_path, reply="yes", cut_turns=2)
    chat_id = await new_chat(services)
    await services.conversations.configure(chat_id, system_prompt="")
    await ask(services, chat_id, "one")
    await ask(services, chat_id, "two")

    made = await ledger(services, chat_id, "three")

    assert [turn.dropped for turn in made.turns] == [True, True, False, False, False]
    assert made.foresight.cut is not None
    assert made.foresight.sent_tokens == 3


async def test_while_an_answer_is_written_it_counts_as_far_as_it_is(
    services: Services, tmp_path: Path, gate: Gate
) -> None:
    await use(services, tmp_path, **held(gate))
    chat_id = await new_chat(services)
    await services.chat.send(chat_id, "go")
    answer = await writing(services, chat_id)

    made = await ledger(services, chat_id, "and then")

    assert made.turns[1].message_id == answer.message_id
    assert made.turns[1].tokens > 0
    await services.chat.stop(chat_id)


async def test_only_the_last_question_matters(services: Services, chat_id: str) -> None:
    asked = [asyncio.ensure_future(services.ledger.of(chat_id, "word " * at)) for at in range(20)]
    await asyncio.sleep(0)
    for each in asked[:-1]:
        each.cancel()

    made = await asked[-1]

    assert made is not None
    assert made.shares[Share.NEW] == 19
    assert (await ledger(services, chat_id, "a b")).shares[Share.NEW] == 2


async def test_a_model_that_goes_meanwhile_leaves_no_ledger(
    services: Services, chat_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.ensure_future(services.ledger.of(chat_id, "hello"))
    await asyncio.sleep(0)
    await services.models.unload()

    try:
        assert await asked is None
    except LocutionError as error:
        assert error.code == "unloaded"


async def test_a_text_is_counted_once_for_each_model(services: Services, tmp_path: Path) -> None:
    with pytest.raises(LocutionError):
        await services.ledger.count("one two")
    await use(services, tmp_path)

    assert await services.ledger.count("one two") == 2
    assert await services.ledger.count("one two") == 2


async def test_followed_step_by_step_the_ledger_is_one_made_anew(services: Services, chat_id: str) -> None:
    async def is_as_made_anew(text: str, *files: Part) -> None:
        fresh = LedgerService(services.conversations, services.chat, services.models, services.bus)
        made, other = await ledger(services, chat_id, text, files), await fresh.of(chat_id, text, files)
        assert other is not None
        assert (made.shares, list(made.turns)) == (other.shares, list(other.turns))
        assert (made.dropped, made.foresight.turn_tokens) == (other.dropped, other.foresight.turn_tokens)

    for at in range(4):
        await ask(services, chat_id, f"question {at}")
        await is_as_made_anew("and then")
    ids = [turn.message_id or "" for turn in (await ledger(services, chat_id)).turns]
    for place, context in ((1, InContext.EXCLUDED), (4, InContext.PINNED), (7, InContext.EXCLUDED)):
        await services.chat.set_context(ids[place], chat_id, context)
        await is_as_made_anew("and then", NOTES)
    await services.conversations.configure(chat_id, system_prompt="")
    await is_as_made_anew("")
    await services.chat.delete_branch(ids[6], chat_id)
    await is_as_made_anew("and then")
    await services.conversations.configure(chat_id, system_prompt="be kind")
    await is_as_made_anew("and then what")


async def test_a_long_chat_is_planned_in_portions(
    services: Services, chat_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in range(3):
        await ask(services, chat_id, f"question {at}")
    whole = await ledger(services, chat_id, "so")

    monkeypatch.setattr(service, "_PORTION", 2)
    fresh = LedgerService(services.conversations, services.chat, services.models, services.bus)
    made = await fresh.of(chat_id, "so")

    assert made is not None
    assert (made.shares, list(made.turns), len(made.turns)) == (whole.shares, list(whole.turns), 9)


async def test_files_too_long_to_be_counted_whole_get_a_fair_share(services: Services, chat_id: str) -> None:
    """A count of a long text is estimated from its beginning, here all short words."""
    long = Part(PartKind.ATTACHMENT, "a " * 30_000 + "longer " * 10_000, "long.txt")

    made = await ledger(services, chat_id, "one two", [long])

    assert made.foresight.overflows
    assert 40_000 < made.shares[Share.ATTACHMENTS] < 41_000
    assert 0 < made.shares[Share.NEW] <= 2
    assert made.shares[Share.TEMPLATE] == 0
