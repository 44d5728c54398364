"""What a model thinks before it answers, what it waits for, and what of the conversation it was not sent."""

import asyncio
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from desktop.domain.conversation import Part, PartKind, Role, Status
from desktop.services.assembly import Services
from desktop.services.live_answer import Phase
from desktop.services.turns import turns_of
from desktop.system.paths import DATABASE_NAME, Locations
from tests.helpers.scripted import Gate
from tests.helpers.waiting import until
from tests.unit.services.scripted_app import ask, finished, held, live, opened, use

THOUGHT = "Let me see. "
THOUGHTS = " ".join(f"thought{n}" for n in range(100))


async def test_thinking_is_a_part_of_its_own_and_the_answer_is_without_it(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path, thinking=THOUGHT, reply="Yes.")

    answer = await ask(services, chat_id, "Well?")

    assert answer.parts == (Part(PartKind.THINKING, THOUGHT), Part(PartKind.TEXT, "Yes."))
    assert (answer.text, answer.thinking) == ("Yes.", THOUGHT)
    assert answer.origin is not None
    assert answer.origin.completion_tokens == len(["Let ", "me ", "see", ".", " ", "Yes", "."])


async def test_thinking_is_not_sent_back_to_the_model(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path, thinking=THOUGHT, reply="Yes.")
    await ask(services, chat_id, "a")

    path = (await services.conversations.open(chat_id)).path

    assert [turn.content for turn in turns_of(path, "")] == ["a", "Yes."]


async def test_how_long_it_thought_is_kept(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate
) -> None:
    gate.open_to(2)
    await use(services, tmp_path, thinking="one two three four ", reply="five six", gate=gate)
    began = time.monotonic()
    answer_id = await services.chat.send(chat_id, "count")
    await until(lambda: bool(live(services, chat_id).thinking))
    await asyncio.sleep(0.1)
    gate.open()

    origin = (await finished(services, chat_id, answer_id)).origin

    assert origin is not None
    assert 0.1 < origin.thinking_s < time.monotonic() - began


async def test_an_answer_without_thinking_took_no_time_to_think(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path)

    answer = await ask(services, chat_id, "a")

    assert answer.thinking == ""
    assert answer.origin is not None
    assert answer.origin.thinking_s == 0


async def test_it_can_be_read_while_the_model_thinks(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate
) -> None:
    await use(services, tmp_path, thinking=THOUGHTS, **held(gate))
    answer_id = await services.chat.send(chat_id, "go")

    await until(lambda: "thought3" in live(services, chat_id).thinking)

    answer = live(services, chat_id)
    assert (answer.phase, answer.text) == (Phase.THINKING, "")
    gate.open_to(20)
    await until(lambda: answer.thinking_s > 0)
    await services.chat.stop(chat_id)
    stopped = await finished(services, chat_id, answer_id)
    assert stopped.status is Status.CANCELLED
    assert stopped.text == ""
    assert stopped.thinking.startswith("thought0 thought1 thought2 thought3")


async def test_what_it_thinks_is_saved_on_the_way(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate
) -> None:
    await use(services, tmp_path, thinking=THOUGHTS, **held(gate))
    answer_id = await services.chat.send(chat_id, "go")

    async def is_saved() -> bool:
        on_disk = (await services.conversations.open(chat_id)).tree[answer_id]
        assert on_disk.text == ""
        return "thought7" in on_disk.thinking

    await until(is_saved)
    await services.chat.stop(chat_id)


async def test_thinking_and_text_saved_together_keep_their_order(
    services: Services, chat_id: str, tmp_path: Path, data_dir: Path, gate: Gate
) -> None:
    """Both come within one save: as fast as the script can."""
    gate.open_to(40)
    await use(services, tmp_path, thinking="a b c ", reply="d e f " * 20, gate=gate)
    answer_id = await services.chat.send(chat_id, "go")

    def saved() -> list[str]:
        with closing(sqlite3.connect(Locations.below(data_dir).data / DATABASE_NAME)) as database:
            return [kind for (kind,) in database.execute("SELECT kind FROM deltas ORDER BY key")]

    await until(lambda: len(saved()) > 1)
    assert saved()[:2] == ["thinking", "text"]
    gate.open()
    answer = await finished(services, chat_id, answer_id)
    assert (answer.thinking, answer.text) == ("a b c ", "d e f " * 20)


async def test_thinking_survives_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path) as services:
        await use(services, tmp_path, thinking=THOUGHT, reply="Yes.")
        chat_id = (await services.conversations.new()).id
        before = await ask(services, chat_id, "Well?")
    async with opened(tmp_path) as services:
        after = (await services.conversations.open(chat_id)).path[-1]

    assert after == before
    assert after.thinking == THOUGHT


async def test_a_queued_answer_says_how_many_are_before_it(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path, ahead=2, queue_s=0.05, reply="at last")
    seen: list[tuple[Phase, int]] = []

    def look(_change: object) -> None:
        if (answer := services.chat.running(chat_id)) is not None:
            seen.append((answer.phase, answer.ahead))

    services.bus.subscribe(look)

    assert (await ask(services, chat_id, "go")).text == "at last"
    assert (Phase.QUEUED, 2) in seen


async def test_what_was_left_out_is_kept_with_the_answer(tmp_path: Path) -> None:
    async with opened(tmp_path) as services:
        await use(services, tmp_path, cut_turns=2)
        chat_id = (await services.conversations.new()).id
        await services.conversations.configure(chat_id, system_prompt="")
        await ask(services, chat_id, "a b c")
        before = await ask(services, chat_id, "d")
    async with opened(tmp_path) as services:
        after = (await services.conversations.open(chat_id)).path[-1]

    assert after.role is Role.ASSISTANT
    assert after.origin == before.origin
    assert after.origin is not None
    assert (after.origin.left_out_turns, after.origin.left_out_tokens) == (2, 10)


async def test_what_was_left_out_is_known_while_the_answer_is_written(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate
) -> None:
    await use(services, tmp_path, cut_turns=1, **held(gate))
    await services.chat.send(chat_id, "go")

    await until(lambda: bool(live(services, chat_id).text))

    cut = live(services, chat_id).cut
    assert cut is not None
    assert cut.turns == (0,)
