"""The ledger of a real chat with the starter model, against what is then sent."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from desktop.domain.conversation import InContext, Part, PartKind
from desktop.domain.ledger import Ledger, Share
from desktop.domain.model import LoadSettings
from desktop.services.assembly import Services, open_services
from desktop.system.paths import Locations
from tests.unit.services.scripted_app import ask, new_chat

NOTES = Part(
    PartKind.ATTACHMENT,
    "".join(f"On day {day} the ship had sailed {day * 37 % 91} miles.\n" for day in range(9)),
    "log book.txt",
)
SHORT = {"max_tokens": 8, "temperature": 0.8}


@pytest.fixture
async def services(data_dir: Path, starter_model: Path) -> AsyncIterator[Services]:
    async with open_services(Locations.below(data_dir)) as services:
        await services.models.use("starter", LoadSettings(threads=1, context_length=512, batch=64))
        yield services


async def ledger(services: Services, chat_id: str, text: str, *files: Part) -> Ledger:
    made = await services.ledger.of(chat_id, text, files)
    assert made is not None
    assert sum(made.shares.values()) - made.shares[Share.RESERVE] == made.foresight.prompt_tokens
    return made


async def test_the_ledger_is_what_the_answer_is_made_from(services: Services) -> None:
    chat_id = await new_chat(services)
    await services.conversations.configure(chat_id, system_prompt="You are a sailor.", overrides=SHORT)
    await ask(services, chat_id, "What do you see?")

    made = await ledger(services, chat_id, "Sum this up.", NOTES)
    answer_id = await services.chat.send(chat_id, "Sum this up.", attachments=[NOTES])
    await services.chat.settle()
    answer = (await services.conversations.open(chat_id)).tree[answer_id]

    assert answer.origin is not None
    assert answer.origin.prompt_tokens == made.foresight.sent_tokens == made.foresight.prompt_tokens
    assert made.shares[Share.ATTACHMENTS] == await services.ledger.count_file(NOTES) > 100
    assert made.shares[Share.NEW] == await services.ledger.count("Sum this up.") == 4
    assert made.shares[Share.SYSTEM] == await services.ledger.count("You are a sailor.")
    assert made.shares[Share.TEMPLATE] > 10
    assert made.foresight.reused_tokens > 10
    assert made.foresight.first_token_s is None or made.foresight.first_token_s > 0


async def test_what_is_pinned_is_kept_when_the_context_is_full(services: Services) -> None:
    chat_id = await new_chat(services)
    await services.conversations.configure(
        chat_id, system_prompt="", overrides={**SHORT, "context_policy": "drop_oldest"}
    )
    for day in range(6):
        await ask(services, chat_id, f"Day {day}. " + "The tide comes in and goes out. " * 8)
    full = await ledger(services, chat_id, "And then? " + "Tell me all of it. " * 20)
    assert full.turns[0].dropped
    first = full.turns[0].message_id
    assert first is not None

    await services.chat.set_context(first, chat_id, InContext.PINNED)
    pinned = await ledger(services, chat_id, "And then? " + "Tell me all of it. " * 20)

    assert not pinned.turns[0].dropped
    assert pinned.turns[2].dropped
    assert pinned.foresight.cut is not None
    assert pinned.foresight.sent_tokens <= 512 - 8
