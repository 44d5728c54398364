"""Whatever happens to the engine, and whenever: nothing that was sent or shown is lost, and life goes on.

All services over a real database and a real worker. Each round does something bad at a random moment, then
looks at everything. LOCUTION_CHAOS is the number of rounds in all (200), LOCUTION_CHAOS_SEED another course
of events.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from desktop.domain.conversation import Message, Role, Status
from desktop.domain.engine_state import Busy, Failed, Loading, Ready, Unloaded
from desktop.domain.errors import LocutionError
from desktop.domain.model import LoadSettings
from desktop.engine import bridge as bridge_module
from desktop.engine import process, watchdog
from desktop.engine.process import worker_command
from desktop.library.model_file import inspect
from desktop.services.assembly import Services, open_services
from desktop.system.paths import Locations
from tests.helpers.scripted import scripted_file, write_script
from tests.helpers.tiny_models import TinyModels
from tests.helpers.waiting import PATIENCE_S, until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")

ROUNDS = int(os.environ.get("LOCUTION_CHAOS", "200"))
SEED = int(os.environ.get("LOCUTION_CHAOS_SEED", "20"))
APPS = 4
CHATS = 3
PAGE = 8
"""Rounds after which new chats are begun."""
ENDED = {Status.COMPLETE, Status.LENGTH, Status.CANCELLED, Status.FAILED}


@dataclass
class World:
    """The app, two models for it, and what a user has done and seen."""

    services: Services
    models: tuple[Path, Path]
    settings: LoadSettings
    dice: random.Random
    longest: float
    """Seconds that may pass before something happens."""
    chats: list[str] = field(default_factory=list)
    sent: dict[str, list[str]] = field(default_factory=dict)
    """By chat, in order."""
    shown: dict[str, str] = field(default_factory=dict)
    """By answer."""

    killed: int | None = None
    """The engine that was sent a deadly signal last."""

    def look(self) -> None:
        """What a user sees now."""
        for chat in self.chats:
            if (live := self.services.chat.running(chat)) is not None:
                self.shown[live.message_id] = live.text

    async def turns_over(self) -> None:
        """New chats: those before have grown long."""
        self.chats.clear()
        for number in range(CHATS):
            chat = (await self.services.conversations.new()).id
            await self.services.conversations.rename(chat, f"chat {number}")
            await self.services.conversations.configure(
                chat, overrides={"max_tokens": 24, "temperature": 0.0}
            )
            self.chats.append(chat)
            self.sent[chat] = []

    async def send(self, chat: str, text: str) -> str:
        answer = await self.services.chat.send(chat, text)
        self.sent[chat].append(text)
        return answer

    async def settled(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await self.services.chat.settle()
        # A signal takes its time.
        await until(lambda: self.killed is None or self.services.models._engine.pid != self.killed)

    async def messages(self, chat: str) -> dict[str, Message]:
        opened = await self.services.conversations.open(chat)
        return {message.id: message for message in opened.path}


Act = Callable[[World], Coroutine[Any, Any, None]]


def sends(name: str) -> Act:
    async def signals(world: World) -> None:
        if (pid := world.services.models._engine.pid) is not None:
            # It may have ended a moment ago, before anybody waited for it.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, getattr(signal, name))
            if name != "SIGSTOP":
                world.killed = pid

    signals.__name__ = name
    return signals


async def cancels(world: World) -> None:
    for chat in world.chats:
        await world.services.chat.stop(chat)


async def unloads(world: World) -> None:
    await world.services.models.unload()


async def changes_model(world: World) -> None:
    with contextlib.suppress(LocutionError):
        await world.services.models.use(world.dice.choice(world.models), world.settings)


async def changes_model_twice(world: World) -> None:
    await asyncio.gather(changes_model(world), changes_model(world))


async def closes_the_bridge(world: World) -> None:
    await world.services.models._engine.close()


async def measures(world: World) -> None:
    models = world.services.models
    asked = [models.count_tokens("one two three " * 500), models.ask.tokenize("one two")]
    kill = asyncio.create_task(sends("SIGKILL")(world))
    for result in await asyncio.gather(*asked, kill, return_exceptions=True):
        assert not isinstance(result, BaseException) or isinstance(result, LocutionError), result


async def does_nothing(_world: World) -> None:
    pass


ACTS: list[Act] = [
    *(sends(name) for name in ("SIGKILL", "SIGABRT", "SIGSEGV", "SIGSTOP")),
    *(cancels, unloads, changes_model, changes_model_twice, closes_the_bridge, measures, does_nothing),
]


async def round_of(world: World, number: int) -> None:
    """Some chats ask, something happens, and then everything has to be in order."""
    dice, services = world.dice, world.services
    asking = dice.sample(world.chats, dice.choice((1, 1, 2)))
    answers = [(chat, await world.send(chat, f"question {number}")) for chat in asking]
    await asyncio.sleep(dice.random() * world.longest)
    world.look()
    act = dice.choice(ACTS)
    await act(world)
    await asyncio.sleep(dice.random() * 0.02)
    world.look()
    if dice.random() < 0.7:
        await cancels(world)
    await world.settled()

    what = f"round {number}: {act.__name__}"
    match services.models.state:
        case Failed(error, _):
            assert error.message.endswith("."), what
        case state:
            assert isinstance(state, Ready | Busy | Loading | Unloaded), what
    for chat, answer in answers:
        found = (await world.messages(chat))[answer]
        assert found.status in ENDED, what
        assert found.text.startswith(world.shown.get(answer, "")), what
        if found.status is Status.FAILED:
            assert found.error, what
    await all_is_kept(world, what, world.chats)
    after = await asks(world, f"after {number}")
    if "stopped working" in after.error:
        # Nobody could see that an idle engine was stopped, until it was asked something. Or the machine
        # is so busy that it got no processor for as long as `hurry` gives it.
        after = await asks(world, f"after {number}, again")
    assert after.status in (Status.COMPLETE, Status.LENGTH), f"{what}: {after.error}"
    assert after.text, what


async def asks(world: World, text: str) -> Message:
    """The answer to a prompt that nothing interferes with."""
    chat = world.dice.choice(world.chats)
    answer = await world.send(chat, text)
    await world.settled()
    return (await world.messages(chat))[answer]


async def all_is_kept(world: World, what: str, chats: Sequence[str]) -> None:
    """Every message that was ever sent, in order, and every answer at least as far as it was seen."""
    for chat in chats:
        messages = (await world.messages(chat)).values()
        assert [message.text for message in messages if message.role is Role.USER] == world.sent[chat], what
        for message in messages:
            assert message.text.startswith(world.shown.get(message.id, "")), what
            assert message.status is not Status.STREAMING, what


@asynccontextmanager
async def world_of(
    folder: Path, models: tuple[Path, Path], settings: LoadSettings, seed: int, *, native: bool
) -> AsyncIterator[World]:
    core, check = ("llama", inspect) if native else ("scripted", scripted_file)
    opening = open_services(Locations.below(folder), engine_command=worker_command(core), inspect_file=check)
    async with opening as services:
        longest = 0.4 if native else 0.12
        world = World(services, models, settings, random.Random(seed), longest)
        await services.models.use(models[0], settings)
        yield world


async def survives(folder: Path, models: tuple[Path, Path], rounds: int, seed: int, *, native: bool) -> None:
    settings = LoadSettings(context_length=2048, batch=64, threads=1)
    async with world_of(folder, models, settings, seed, native=native) as world:
        for number in range(rounds):
            if number % PAGE == 0:
                await world.turns_over()
            await round_of(world, number)
    # As the next start of the app finds it.
    async with world_of_again(folder, world) as again:
        await all_is_kept(again, "after a restart", list(again.sent))


@asynccontextmanager
async def world_of_again(folder: Path, world: World) -> AsyncIterator[World]:
    async with open_services(Locations.below(folder)) as services:
        world.services = services
        yield world


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """What hangs is ended soon."""
    monkeypatch.setattr(bridge_module, "STOP_GRACE_S", 0.25)
    monkeypatch.setattr(process, "EXIT_GRACE_S", 0.2)
    monkeypatch.setattr(process, "TERMINATE_GRACE_S", 0.1)
    monkeypatch.setattr(watchdog, "TICK_S", 0.1)
    monkeypatch.setattr(watchdog, "QUIET_S", 1.5)


def scripts(folder: Path) -> tuple[Path, Path]:
    reply = "You said: {prompt} " + "and so on " * 30
    pace = {"tokens_per_s": 400, "prompt_tokens_per_s": 5000, "load_s": 0.04, "reply": reply}
    return (
        write_script(folder / "one.json", **pace),
        write_script(folder / "two.json", **{**pace, "name": "Two"}),
    )


@pytest.mark.timeout(600)
async def test_nothing_is_lost_with_an_engine_that_follows_a_script(data_dir: Path, tmp_path: Path) -> None:
    """Several apps side by side: most of the time is spent waiting."""
    models = scripts(tmp_path)
    async with asyncio.TaskGroup() as apps:
        for number in range(APPS):
            rounds = ROUNDS * 184 // 200 // APPS
            apps.create_task(survives(data_dir / str(number), models, rounds, SEED + number, native=False))
    assert psutil.Process().children() == []


@pytest.mark.timeout(600)
async def test_nothing_is_lost_with_a_tiny_model(data_dir: Path, tiny_models: TinyModels) -> None:
    models = (tiny_models["llama"], tiny_models["recurrent"])
    await survives(data_dir, models, ROUNDS * 12 // 200, SEED + 5, native=True)


@pytest.mark.timeout(600)
async def test_nothing_is_lost_with_a_real_model(
    data_dir: Path, starter_model: Path, tiny_models: TinyModels
) -> None:
    await survives(data_dir, (starter_model, tiny_models["llama"]), ROUNDS * 4 // 200, SEED + 6, native=True)
