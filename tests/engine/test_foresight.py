"""What the engine says of a request before it runs, against what then happens."""

from pathlib import Path

import pytest

from desktop.domain.conversation import Role
from desktop.domain.errors import LocutionError, NoModelError
from desktop.domain.generation import ContextCut, GenerationRequest, Turn
from desktop.domain.ledger import Foresight
from desktop.domain.model import StateStore
from desktop.domain.parameters import Parameters
from desktop.engine.worker.core import nothing
from desktop.engine.worker.engine import NativeCore
from tests.helpers.native_core import Asked, Driven, driven, kept_in, written
from tests.helpers.tiny_models import TinyModels

NOTES = " ".join(f"On day {day} they made it to sea number {day * 37 % 91}." for day in range(14))
KEY = "a chat"


def talk(exchanges: int) -> tuple[Turn, ...]:
    turns = [Turn(Role.SYSTEM, "Be brief.")]
    for at in range(exchanges):
        turns += [Turn(Role.USER, f"What of day {at}? {NOTES[:120]}"), Turn(Role.ASSISTANT, NOTES[:80])]
    return (*turns, Turn(Role.USER, "And then?"))


def look(
    core: Driven, *turns: Turn, key: str = "", reproducible: bool = False, **values: object
) -> Foresight:
    parameters = Parameters(temperature=0.0, max_tokens=16, **values)  # type: ignore[arg-type]
    return core.core.foresee(
        GenerationRequest(turns, parameters, reproducible=reproducible, state_key=key), nothing
    )


def cut_of(asked: Asked) -> ContextCut | None:
    return next((event for event in asked.events if isinstance(event, ContextCut)), None)


@pytest.mark.parametrize("policy", ["stop", "drop_oldest", "keep_ends"])
@pytest.mark.parametrize("exchanges", [0, 3, 18, 120])
def test_what_is_left_out_and_sent_is_as_foreseen(
    tiny_models: TinyModels, policy: str, exchanges: int
) -> None:
    with driven(tiny_models["llama"]) as core:
        foreseen = look(core, *talk(exchanges), context_policy=policy)
        if foreseen.overflows:
            assert policy == "stop"
            with pytest.raises(LocutionError):
                core.put(*talk(exchanges), context_policy=policy)
            return
        asked = core.ask(*talk(exchanges), context_policy=policy)

    assert foreseen.sent_tokens == asked.total
    assert foreseen.cut == cut_of(asked)
    assert foreseen.reserve == 16
    # Of a long chat only the end is counted.
    assert len(foreseen.turn_tokens) <= 2 * exchanges + 2
    assert (len(foreseen.turn_tokens) < 2 * exchanges + 2) == foreseen.is_estimate == (exchanges == 120)
    assert (foreseen.prompt_tokens > foreseen.sent_tokens) == (foreseen.cut is not None)
    assert (foreseen.cut is not None) == (exchanges >= 18)


@pytest.mark.parametrize("reproducible", [False, True])
@pytest.mark.parametrize("kind", ["llama", "sliding", "recurrent"])
def test_what_would_not_be_read_again_is_as_foreseen(
    tiny_models: TinyModels, kind: str, reproducible: bool
) -> None:
    first, *others = talk(3)
    with driven(tiny_models[kind]) as core:
        assert look(core, first, *others, reproducible=reproducible).reused_tokens == 0
        answer = core.ask(first, *others, reproducible=reproducible)
        goes_on = (first, *others, Turn(Role.ASSISTANT, answer.text), Turn(Role.USER, "Why?"))
        foreseen = look(core, *goes_on, reproducible=reproducible)
        asked = core.ask(*goes_on, reproducible=reproducible)

    assert foreseen.reused_tokens == asked.reused
    assert foreseen.prompt_tokens_per_s > 0
    assert foreseen.step_s > 0


def test_what_lies_on_disk_counts_as_read(tiny_models: TinyModels, tmp_path: Path) -> None:
    (tmp_path / "states").mkdir()
    store: StateStore = kept_in(tmp_path / "states")
    turns = talk(4)
    with driven(tiny_models["llama"], store) as core:
        core.ask(*turns, key=KEY)
    written(store, KEY)

    with driven(tiny_models["llama"], store) as core:
        foreseen = look(core, *turns, key=KEY)
        of_another = look(core, *turns, key="another chat")
        asked = core.ask(*turns, key=KEY, reproducible=False)

    assert foreseen.reused_tokens == asked.reused > 200
    assert of_another.reused_tokens == 0


def test_what_a_running_answer_has_read_will_not_be_read_again(tiny_models: TinyModels) -> None:
    turns = talk(3)
    with driven(tiny_models["llama"]) as core:
        running = core.put(*turns, max_tokens=200, ignore_eos=True)
        core.run(until=lambda: bool(running.progress) and running.progress[-1].done == running.total)
        foreseen = look(core, *turns)
        core.run()
        asked = core.ask(*turns, reproducible=False)

    assert foreseen.reused_tokens == asked.reused == running.total - 1


@pytest.mark.parametrize("exchanges", [18, 120])
@pytest.mark.parametrize("policy", ["drop_oldest", "keep_ends"])
def test_pinned_turns_are_sent(tiny_models: TinyModels, exchanges: int, policy: str) -> None:
    turns = list(talk(exchanges))
    turns[4] = Turn(Role.ASSISTANT, turns[4].content, pinned=True)
    with driven(tiny_models["llama"]) as core:
        foreseen = look(core, *turns, context_policy=policy)
        asked = core.ask(*turns, context_policy=policy)

    assert foreseen.sent_tokens == asked.total
    assert foreseen.cut == cut_of(asked)
    assert foreseen.cut is not None
    assert {5, 6} <= set(foreseen.cut.turns)
    assert ({1, 2} <= set(foreseen.cut.turns)) == (policy == "drop_oldest")
    assert not {3, 4} & set(foreseen.cut.turns)


def test_a_model_that_only_embeds_foresees_nothing(tiny_models: TinyModels) -> None:
    with driven(tiny_models["embedding"]) as core, pytest.raises(LocutionError, match="embed"):
        look(core, Turn(Role.USER, "a"))


def test_without_a_model_there_is_nothing_to_foresee() -> None:
    with pytest.raises(NoModelError):
        NativeCore().foresee(GenerationRequest((Turn(Role.USER, "a"),)), nothing)
