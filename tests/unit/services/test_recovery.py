"""Engines that end, again and again: what comes back by itself, what does not, and stops that come early."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.domain.conversation import Status
from desktop.domain.engine_state import Failed
from desktop.domain.errors import ModelFileError, ModelLoadError, NoModelError, ParameterError
from desktop.domain.model import Adapter, LoadSettings
from desktop.domain.settings import Setting
from desktop.services.assembly import Services
from desktop.services.models import MAX_DEATHS
from tests.helpers.scripted import Gate, write_script
from tests.helpers.waiting import until
from tests.unit.services.scripted_app import ask, finished, held, script, use, worker, workers, writing


def adapter(folder: Path, name: str = "style", **fields: str) -> Adapter:
    values = {"name": name, "kind": "adapter", **fields}
    return Adapter(str(write_script(folder / f"{name}.json", **values)), 0.5)


async def dies(services: Services) -> None:
    """The loaded engine is killed, and that is noticed."""
    worker().kill()
    await until(lambda: isinstance(services.models.state, Failed))


async def test_the_next_prompt_gets_the_same_model_with_the_same_settings(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    asked = LoadSettings(context_length=300, threads=3, adapters=(adapter(tmp_path),))
    before = await services.models.use(script(tmp_path), asked, remember=False)
    services.settings.put(Setting.CONTEXT_LENGTH, 512)
    await dies(services)

    assert (await ask(services, chat_id, "hi")).text == "You said: hi"
    assert services.models.current == before
    assert (before.context_length, before.threads, before.adapters) == (300, 3, asked.adapters)


async def test_adapters_that_were_changed_later_come_back_too(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path)
    chosen = adapter(tmp_path)
    await services.models.set_adapters([chosen])
    assert services.models.current is not None
    assert services.models.current.adapters == (chosen,)
    await dies(services)

    await ask(services, chat_id, "hi")

    assert services.models.current.adapters == (chosen,)


async def test_what_is_no_adapter_for_this_model_is_refused_before_the_engine_sees_it(
    services: Services, tmp_path: Path
) -> None:
    with pytest.raises(NoModelError):
        await services.models.set_adapters([])
    await use(services, tmp_path)
    good = adapter(tmp_path)
    await services.models.set_adapters([good])
    other = adapter(tmp_path, "other", architecture="llama")
    model = Adapter(script(tmp_path, "model"))

    for wrong, words in (
        (model, "is not an adapter"),
        (other, "for models of the kind llama, and this one is scripted"),
        (Adapter(str(tmp_path / "missing.gguf")), "There is no file"),
    ):
        with pytest.raises(ModelFileError, match=words):
            await services.models.set_adapters([good, wrong])
        with pytest.raises(ModelFileError, match=words):
            await services.models.use(script(tmp_path), LoadSettings(adapters=(wrong,)))
    with pytest.raises(ParameterError, match="named twice"):
        await services.models.set_adapters([good, replace(good, strength=2.0)])

    assert services.models.current is not None
    assert services.models.current.adapters == (good,)


async def test_after_three_ends_in_a_row_the_user_decides(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path, reply="one two three four", crash_after=2)
    for _ in range(MAX_DEATHS):
        broken = await ask(services, chat_id, "go")
        assert broken.status is Status.FAILED
        assert "internal error" in broken.error

    refused = await ask(services, chat_id, "go")

    assert refused.status is Status.FAILED
    assert refused.error == (
        "The engine ended 3 times in a row with this model. "
        "Choose another model, or load this one with other settings."
    )
    assert workers() == []
    # Choosing it again is a decision, too.
    await use(services, tmp_path, reply="fine")
    assert (await ask(services, chat_id, "go")).text == "fine"


async def test_a_finished_answer_makes_good_for_the_ends_before(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path)
    for _ in range(2 * MAX_DEATHS):
        await dies(services)
        assert (await ask(services, chat_id, "hi")).status is Status.COMPLETE


async def test_an_engine_that_ends_while_it_loads_is_not_started_for_ever(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    services.settings.put(Setting.LAST_MODEL, script(tmp_path, load_s=3600))
    for _ in range(MAX_DEATHS):
        answer_id = await services.chat.send(chat_id, "go")
        await until(lambda: bool(workers()))
        worker().kill()
        assert (
            "It happened while the model was loaded" in (await finished(services, chat_id, answer_id)).error
        )

    assert (await ask(services, chat_id, "go")).error.startswith("The engine ended 3 times in a row")


async def test_a_model_that_says_why_it_cannot_be_loaded_may_be_tried_as_often_as_one_likes(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    services.settings.put(Setting.LAST_MODEL, script(tmp_path, load_error="Too big."))
    for _ in range(MAX_DEATHS + 1):
        assert (await ask(services, chat_id, "hi")).error == "Too big."


async def test_what_could_not_be_loaded_is_not_tried_again_with_what_the_user_has_changed_since(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path, name="good")
    with pytest.raises(ModelLoadError, match="Too big"):
        await use(services, tmp_path, name="bad", load_error="Too big.")
    services.settings.put(Setting.CONTEXT_LENGTH, 300)
    services.settings.put(Setting.LAST_MODEL, script(tmp_path, "good"))

    assert (await ask(services, chat_id, "hi")).status is Status.COMPLETE

    assert services.models.current is not None
    assert (services.models.current.name, services.models.current.context_length) == ("good", 300)


async def test_settings_that_exclude_each_other_are_said_when_a_model_is_loaded(
    services: Services, tmp_path: Path
) -> None:
    services.settings.put(Setting.CACHE_TYPE_V, "q4_0")
    services.settings.put(Setting.FLASH_ATTENTION, "off")

    with pytest.raises(ParameterError, match="need flash attention"):
        await use(services, tmp_path)
    assert isinstance(state := services.models.state, Failed)
    assert state.error.setting == "flash_attention"
    assert services.models.load_settings(cache_type_v="f16").flash_attention == "off"
    with pytest.raises(ParameterError, match="must be one of"):
        services.models.load_settings(cache_type_v="f17")


async def test_unloading_ends_an_answer_as_stopped_and_says_so(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate
) -> None:
    await use(services, tmp_path, **held(gate))
    answer_id = await services.chat.send(chat_id, "go")
    shown = (await writing(services, chat_id)).text

    await services.models.unload()

    ended = await finished(services, chat_id, answer_id)
    assert (ended.status, ended.error) == (Status.CANCELLED, "The model was unloaded.")
    assert ended.text.startswith(shown)


@pytest.mark.parametrize("turns", [1, 2, 3, 5, 8])
async def test_a_stop_right_after_sending_is_not_lost_whether_the_answer_has_begun_or_not(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate, turns: int
) -> None:
    await use(services, tmp_path, gate=gate)
    sending = asyncio.create_task(services.chat.send(chat_id, "go"))
    for _ in range(turns):
        await asyncio.sleep(0)

    await services.chat.stop(chat_id)

    stopped = await finished(services, chat_id, await sending)
    assert (stopped.status, stopped.text) == (Status.CANCELLED, "")
    assert (await services.conversations.open(chat_id)).path[0].text == "go"


async def test_a_model_that_cannot_be_used_again_is_refused_once_and_for_all_by_ready(
    services: Services, tmp_path: Path
) -> None:
    await use(services, tmp_path)
    for _ in range(MAX_DEATHS - 1):
        await dies(services)
        await services.models.ready()
    await dies(services)

    with pytest.raises(ModelLoadError, match="3 times in a row"):
        await services.models.ready()
    state = services.models.state
    assert isinstance(state, Failed) and state.error.action.startswith("Choose another model")
    assert workers() == []
