"""A chat goes on from disk in another engine; whatever is wrong with what lies there changes no answer."""

import asyncio
import dataclasses
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.domain.conversation import Role
from desktop.domain.generation import GenerationRequest, Turn
from desktop.domain.model import Adapter, CacheType, LoadSettings, StateStore
from desktop.domain.parameters import Parameters
from desktop.engine.worker.kv import cache
from desktop.engine.worker.kv.keeper import IDLE_S
from tests.helpers.engine import SETTINGS, Heard, hear, is_running, native, opened
from tests.helpers.native_core import SMALL, Asked, driven, kept_in, written
from tests.helpers.tiny_models import TinyModels
from tests.helpers.waiting import until

NOTES = " ".join(f"On day {day} they made it to sea number {day * 37 % 91}." for day in range(14))
FIRST = Turn(Role.USER, f"Now look at this. {NOTES}")
KEY = "a chat"


@pytest.fixture
def model(tiny_models: TinyModels) -> Path:
    return tiny_models["llama"]


@pytest.fixture
def store(tmp_path: Path) -> StateStore:
    (tmp_path / "states").mkdir()
    return kept_in(tmp_path / "states")


@pytest.fixture
def answer(model: Path) -> str:
    """What a core says that has nothing on disk."""
    with driven(model) as core:
        return core.ask(FIRST).text


def leave(model: Path, store: StateStore | None, load: LoadSettings = SMALL) -> Path:
    """A core answers and ends; returns the file it leaves."""
    assert store is not None
    with driven(model, store, load) as core:
        core.ask(FIRST, key=KEY)
    return written(store, KEY)


def come_back(model: Path, store: StateStore | None, load: LoadSettings = SMALL) -> Asked:
    """Another core is asked the same."""
    with driven(model, store, load) as core:
        return core.ask(FIRST, key=KEY)


def files(store: StateStore) -> list[Path]:
    return sorted(Path(store.folder).glob("*.state"))


def test_the_prompt_is_not_read_again(model: Path, store: StateStore, answer: str) -> None:
    leave(model, store)
    again = come_back(model, store)

    assert again.reused >= 128
    assert again.text == answer


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "cut short": lambda content: content[: len(content) // 2],
    "zeros": lambda content: bytes(len(content)),
    "cells exchanged": lambda content: (
        content[:-9000] + content[-4000:-40] + content[-9000:-4000] + content[-40:]
    ),
    "code replaced": lambda content: content[:-32] + os.urandom(32),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_state_is_read_anew(
    model: Path, store: StateStore, answer: str, damage: Callable[[bytes], bytes]
) -> None:
    path = leave(model, store)
    path.write_bytes(damage(path.read_bytes()))

    again = come_back(model, store)

    assert again.reused == 0
    assert again.text == answer


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_changed_bit_is_read_anew(
    model: Path, store: StateStore, answer: str, place: float, bit: int
) -> None:
    path = leave(model, store)
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    path.write_bytes(content)

    again = come_back(model, store)

    assert again.reused == 0
    assert again.text == answer


@pytest.mark.parametrize("change", [{"secret": b"t" * 40}, {"model_hash": "another model"}], ids=str)
def test_what_belongs_to_somebody_else_is_not_used(
    model: Path, store: StateStore, answer: str, change: dict[str, object]
) -> None:
    leave(model, store)
    again = come_back(model, dataclasses.replace(store, **change))  # type: ignore[arg-type]

    assert again.reused == 0
    assert again.text == answer


@pytest.mark.parametrize(
    "change",
    [
        {"cache_type_k": CacheType.F32},
        {"context_length": 1024},
        {"rope_freq_scale": 0.5},
        {"rope_freq_base": 20_000.0},
    ],
    ids=str,
)
def test_other_settings_read_anew(model: Path, store: StateStore, change: dict[str, object]) -> None:
    other = dataclasses.replace(SMALL, **change)  # type: ignore[arg-type]
    leave(model, store)

    again = come_back(model, store, other)

    assert again.reused == 0
    assert again.text == come_back(model, None, other).text


def test_other_batches_keep_nothing_that_must_be_exact(model: Path, store: StateStore) -> None:
    """Cells that were read in other chunks serve an ordinary request, and no reproducible one."""
    other = dataclasses.replace(SMALL, batch=128)
    leave(model, store)
    with driven(model, store, other) as core:
        exact = core.ask(FIRST, key=KEY)
    leave(model, store)
    with driven(model, store, other) as core:
        ordinary = core.ask(FIRST, key=KEY, reproducible=False)

    assert exact.reused == 0
    assert exact.text == come_back(model, None, other).text
    assert ordinary.reused >= 128


def test_adapters_have_states_of_their_own(
    model: Path, store: StateStore, answer: str, tiny_models: TinyModels
) -> None:
    adapted = dataclasses.replace(SMALL, adapters=(Adapter(str(tiny_models["adapter"])),))
    leave(model, store)
    with driven(model, store) as core:
        core.core.set_adapters(adapted.adapters)
        changed = core.ask(FIRST, key=KEY)
        core.core.set_adapters([])
        unchanged = core.ask(FIRST, key=KEY)

    assert changed.reused == 0
    assert changed.text == come_back(model, None, adapted).text != answer
    assert unchanged.text == answer
    assert unchanged.reused >= 128
    assert len(files(store)) == 2


@pytest.mark.parametrize("place", ["missing", "a file"])
def test_without_a_place_answers_are_the_same(model: Path, tmp_path: Path, answer: str, place: str) -> None:
    (tmp_path / "a file").write_bytes(b"")
    store = kept_in(tmp_path / place)
    with driven(model, store) as core:
        first = core.ask(FIRST, key=KEY)

    assert first.text == come_back(model, store).text == answer


@pytest.mark.parametrize("change", [{"limit": 0}, {"limit": 1000}, {"secret": b"short"}], ids=str)
def test_nothing_is_kept_where_it_must_not_be(
    model: Path, store: StateStore, answer: str, change: dict[str, object]
) -> None:
    with driven(model, dataclasses.replace(store, **change)) as core:  # type: ignore[arg-type]
        assert core.ask(FIRST, key=KEY).text == answer

    assert files(store) == []


def test_without_a_key_nothing_is_kept(model: Path, store: StateStore) -> None:
    with driven(model, store) as core:
        core.ask(FIRST)
        assert core.core.rest() is None

    assert files(store) == []


def test_a_short_prompt_is_not_worth_it(model: Path, store: StateStore) -> None:
    with driven(model, store) as core:
        core.ask(Turn(Role.USER, "Go."), key=KEY, max_tokens=1)

    assert files(store) == []


def test_it_is_written_when_nothing_else_is_to_be_done(model: Path, store: StateStore) -> None:
    with driven(model, store) as core:
        core.ask(FIRST, key=KEY)
        wait = core.core.rest()
        assert wait is not None
        assert IDLE_S / 2 < wait <= IDLE_S
        assert files(store) == []
        core.rest()
        assert written(store, KEY).stat().st_size > 10_000
        assert core.core.rest() is None


def test_a_chat_that_makes_way_is_written_at_once(model: Path, store: StateStore) -> None:
    with driven(model, store) as core:
        core.ask(FIRST, key=KEY)
        core.ask(Turn(Role.USER, NOTES[::-1]), key="another")

        assert written(store, KEY) in files(store)


def test_what_is_too_large_is_not_copied_while_others_wait(
    model: Path, store: StateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MAX_COPY", 1000)
    small = dataclasses.replace(SMALL, sequences=2)
    with driven(model, store, small) as core:
        core.ask(FIRST, key=KEY)
        neighbour = core.put(Turn(Role.USER, NOTES[::-1]), reproducible=False, max_tokens=100)
        core.run(until=lambda: len(neighbour.events) > len(neighbour.progress))
        core.put(Turn(Role.USER, NOTES[5:]), reproducible=False)
        core.run()

    assert files(store) == []
    assert neighbour.text


def test_a_chat_is_written_before_another_takes_its_sequence(model: Path, store: StateStore) -> None:
    """Nobody waits for a free one: the other begins like it, and goes on differently."""
    single = dataclasses.replace(SMALL, sequences=1)
    longer = Turn(Role.USER, f"{FIRST.content} And more of it.")
    with driven(model, store, single) as core:
        core.ask(FIRST, key=KEY, reproducible=False)
        other = core.ask(longer, key="another", reproducible=False)
        assert other.reused > 128
        assert written(store, KEY) in files(store)


def test_an_answer_that_is_cut_short_by_the_end_is_kept_too(
    model: Path, store: StateStore, answer: str
) -> None:
    with driven(model, store) as core:
        running = core.put(FIRST, key=KEY, max_tokens=500)
        waiting = core.put(FIRST, max_tokens=500)
        core.run(until=lambda: len(running.events) > len(running.progress))

    assert not running.ended
    assert not waiting.ended
    again = come_back(model, store)
    assert again.reused >= 128
    assert again.text == answer


def test_what_is_forgotten_is_not_written_again(model: Path, store: StateStore, answer: str) -> None:
    leave(model, store)
    with driven(model, store) as core:
        core.ask(FIRST, key=KEY)
        running = core.put(FIRST, key=KEY, max_tokens=200)
        core.run(until=lambda: len(running.events) > len(running.progress))
        core.core.forget(KEY)
        core.run()
        again = core.ask(FIRST)
        core.rest()

    assert files(store) == []
    assert running.text.startswith(answer)
    assert again.text == answer


def test_checkpoints_have_their_bounds(tiny_models: TinyModels, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one, a recurrent model reads again what does not come back token for token."""
    model = tiny_models["recurrent"]
    with driven(model) as core:
        first = core.ask(FIRST, reproducible=False)
        size = core.core._loaded.opened.context.state_size(0, fixed=True)  # type: ignore[union-attr]
        monkeypatch.setattr(cache, "MAX_CHECKPOINTS", size + size // 2)
        core.ask(Turn(Role.USER, NOTES[::-1]), reproducible=False)
        forgotten = core.ask(FIRST, reproducible=False)
        kept = core.ask(FIRST, reproducible=False)
        monkeypatch.setattr(cache, "MAX_CHECKPOINTS", size - 1)
        core.ask(Turn(Role.USER, NOTES[7:]), reproducible=False)
        none = core.ask(Turn(Role.USER, NOTES[7:]), reproducible=False)

    assert forgotten.reused == none.reused == 0
    assert kept.reused == first.total - 1
    assert first.text == forgotten.text == kept.text


# A worker process, and a model that means something


QUESTION = Turn(Role.USER, f"{NOTES} What did they reach on day 3?")


def asked(key: str, *turns: Turn) -> GenerationRequest:
    parameters = dataclasses.replace(Parameters(), temperature=0.0, repeat_penalty=1.0, max_tokens=12)
    return GenerationRequest(turns, parameters, state_key=key)


@pytest.mark.asyncio(loop_scope="function")
async def test_a_killed_worker_loses_no_state(starter_model: Path, store: StateStore) -> None:
    subject = native(starter_model)

    async def answered(state: StateStore | None, key: str, *turns: Turn, kill: bool = False) -> Heard:
        async with opened(subject, load=False) as (bridge, _):
            await bridge.load(str(subject.path), SETTINGS, state)
            heard = await hear(bridge.generate(asked(key, *turns)))
            if kill:
                await asyncio.to_thread(written, store, key)
                pid = bridge.pid
                assert pid is not None
                os.kill(pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
                await until(lambda: not is_running(pid))
            return heard

    first = await answered(store, KEY, QUESTION, kill=True)
    turns = (QUESTION, Turn(Role.ASSISTANT, first.text), Turn(Role.USER, "And on day 5?"))
    second = await answered(store, KEY, *turns)
    cold = await answered(None, "", *turns)

    assert second.progress[0].reused >= first.progress[-1].total // 64 * 64
    assert cold.progress[0].reused == 0
    assert second.text == cold.text


@pytest.mark.asyncio(loop_scope="function")
async def test_the_bridge_forgets(starter_model: Path, store: StateStore) -> None:
    async with opened(native(starter_model), load=False) as (bridge, _):
        bridge.forget("nobody is there yet")
        await bridge.load(str(starter_model), SETTINGS, store)
        await hear(bridge.generate(asked(KEY, QUESTION)))
        await asyncio.to_thread(written, store, KEY)

        bridge.forget(KEY)

        await until(lambda: files(store) == [])
