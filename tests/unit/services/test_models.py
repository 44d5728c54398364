"""The model in use: choosing, loading, switching, and files that are no model."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from desktop.domain.changes import Kind
from desktop.domain.conversation import Status
from desktop.domain.engine_state import Failed, Loading, Ready, Unloaded
from desktop.domain.errors import (
    LocutionError,
    ModelFileError,
    ModelLoadError,
    NoModelError,
    NotFoundError,
)
from desktop.domain.instruments import BeamRequest, DistributionRequest, EmbedRequest, ScoreRequest
from desktop.domain.model import FileKind, LoadSettings, ModelFile
from desktop.domain.settings import Setting
from desktop.engine.process import worker_command
from desktop.library.model_file import inspect
from desktop.services import assembly
from desktop.services.assembly import Services, open_services
from desktop.system.paths import Locations
from tests.helpers.gguf_files import small_model
from tests.helpers.scripted import Gate, scripted_file
from tests.helpers.waiting import PATIENCE_S, until
from tests.unit.services.scripted_app import (
    ask,
    finished,
    held,
    new_chat,
    opened,
    script,
    told,
    use,
    workers,
    writing,
)


async def test_a_model_is_loaded_and_known_by_its_name_and_content(
    services: Services, tmp_path: Path
) -> None:
    with told(services) as kinds:
        model = await use(services, tmp_path, name="Tiny", context_length=1000)

    assert (model.name, model.context_length) == ("Tiny", 1000)
    assert model.model_hash.startswith("sampled-sha256:")
    assert services.models.state == Ready(model)
    assert services.models.current == model
    assert services.models.memory > 0
    assert Kind.MODEL in kinds


async def test_a_model_that_is_loaded_is_seen_to_be(services: Services, tmp_path: Path, gate: Gate) -> None:
    fractions: list[float] = []

    def look(_change: object) -> None:
        if isinstance(state := services.models.state, Loading):
            fractions.append(state.fraction)

    services.bus.subscribe(look)
    gate.load_to(0)
    loading = asyncio.create_task(use(services, tmp_path, gate=gate))
    for share in (0.25, 0.5, 0.75):
        gate.load_to(share)
        await until(partial(fractions.__contains__, share))
    gate.open()
    await loading

    assert fractions == sorted(fractions)


async def test_what_the_user_set_is_what_the_model_is_loaded_with(services: Services, tmp_path: Path) -> None:
    services.settings.put(Setting.CONTEXT_LENGTH, 512)
    assert (await use(services, tmp_path)).context_length == 512

    asked = LoadSettings(context_length=256)
    model = await services.models.use(script(tmp_path), asked)

    assert model.context_length == 256


async def test_a_model_that_only_embeds_is_used_where_that_is_asked_for(
    tmp_path: Path, data_dir: Path
) -> None:
    """Also after its engine ended. For a chat the same file is refused."""

    def embedding(path: Path) -> ModelFile:
        return replace(scripted_file(path), kind=FileKind.EMBEDDING)

    async with open_services(
        Locations.below(data_dir), engine_command=worker_command("scripted"), inspect_file=embedding
    ) as services:
        models, ref = services.models, script(tmp_path)
        with pytest.raises(ModelFileError, match="turns text into numbers"):
            await models.use(ref)
        first = await models.use(ref, to_embed=True)
        for worker in workers():
            worker.kill()
        await until(lambda: isinstance(models.state, Failed))

        assert (await models.ready()).name == first.name


async def test_measurements_are_asked_of_the_engine(services: Services, tmp_path: Path) -> None:
    """The scripted engine has nothing to measure, and says so."""
    models = services.models
    with pytest.raises(NoModelError):
        await models.ask.score(ScoreRequest("hi"))
    await use(services, tmp_path)

    for measuring in (
        models.ask.score(ScoreRequest("hi")),
        models.ask.distribution(DistributionRequest(())),
        models.ask.embed(EmbedRequest(("hi",))),
        models.ask.search_beams(BeamRequest(())),
    ):
        with pytest.raises(LocutionError, match="A script has nothing to measure"):
            await measuring


async def test_another_model_takes_the_place_of_the_one_before(services: Services, tmp_path: Path) -> None:
    first = await use(services, tmp_path, name="First")
    (before,) = workers()

    second = await use(services, tmp_path, name="Second")

    (after,) = workers()
    assert services.models.current == second
    assert second.model_hash != first.model_hash
    assert after.pid != before.pid


async def test_a_model_chosen_while_another_is_loaded_is_the_one_that_everybody_gets(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    slow = asyncio.create_task(use(services, tmp_path, name="Slow", load_s=3600))
    await until(lambda: isinstance(services.models.state, Loading))
    answer_id = await services.chat.send(chat_id, "who are you?")

    quick = await use(services, tmp_path, name="Quick", reply="quick")

    assert await slow == quick
    assert (await finished(services, chat_id, answer_id)).text == "quick"
    assert len(workers()) == 1
    assert services.settings.text(Setting.LAST_MODEL).endswith("Quick.json")


async def test_the_model_chosen_last_wins_although_another_ones_file_took_longer_to_look_at(
    data_dir: Path, tmp_path: Path
) -> None:
    quick_is_loaded = threading.Event()

    def inspect_slowly(path: Path) -> ModelFile:
        if path.stem == "Slow":
            quick_is_loaded.wait(PATIENCE_S)
        return scripted_file(path)

    async with open_services(
        Locations.below(data_dir), engine_command=worker_command("scripted"), inspect_file=inspect_slowly
    ) as services:
        slow, quick = [asyncio.create_task(use(services, tmp_path, name=name)) for name in ("Slow", "Quick")]

        assert (await quick).name == "Quick"
        quick_is_loaded.set()

        assert await slow == await quick == services.models.current


async def test_all_who_wait_for_the_model_get_it_by_one_load(services: Services, tmp_path: Path) -> None:
    services.settings.put(Setting.LAST_MODEL, script(tmp_path, load_s=0.2))
    chats = []
    for _ in range(2):
        chats.append(await new_chat(services))
        await services.chat.send(chats[-1], "hi")
    paths = []
    services.bus.subscribe(lambda _: paths.append(type(services.models.state)))

    await services.models.ready()
    await services.chat.settle()

    for chat_id in chats:
        assert (await services.conversations.open(chat_id)).path[-1].text == "You said: hi"
    assert Unloaded not in paths


async def test_stopping_one_of_two_answers_that_wait_for_the_model_leaves_the_other_waiting(
    services: Services, tmp_path: Path, gate: Gate
) -> None:
    gate.load_to(0.5)
    services.settings.put(Setting.LAST_MODEL, script(tmp_path, gate=gate))
    first, second = await new_chat(services), ""
    await services.chat.send(first, "stopped")
    second = await new_chat(services)
    await services.chat.send(second, "waited")
    await until(lambda: isinstance(services.models.state, Loading))
    (loading,) = workers()

    await services.chat.stop(first)
    gate.open()
    await services.chat.settle()

    assert (await services.conversations.open(first)).path[-1].status is Status.CANCELLED
    assert (await services.conversations.open(second)).path[-1].text == "You said: waited"
    assert workers() == [loading]


async def test_an_answer_that_is_being_written_when_another_model_is_chosen_keeps_its_text_and_says_why(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate
) -> None:
    await use(services, tmp_path, **held(gate))
    answer_id = await services.chat.send(chat_id, "go")
    await writing(services, chat_id)

    await use(services, tmp_path, name="Other", reply="other")

    broken = await finished(services, chat_id, answer_id)
    assert broken.status is Status.CANCELLED
    assert broken.text.startswith("word0")
    assert broken.error == "The model was unloaded to load another one."
    assert (await ask(services, chat_id, "again")).text == "other"


async def test_unloading_frees_the_memory_and_the_next_prompt_loads_the_model_again(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    await use(services, tmp_path)

    await services.models.unload()

    assert services.models.state == Unloaded()
    assert services.models.memory == 0
    assert workers() == []
    with pytest.raises(NoModelError):
        await services.models.ask.tokenize("text")
    assert (await ask(services, chat_id, "hi")).text == "You said: hi"


async def test_unloading_gives_up_a_load_and_whoever_waits_for_it_is_told(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    loading = asyncio.create_task(use(services, tmp_path, load_s=3600))
    await until(lambda: isinstance(services.models.state, Loading))
    answer_id = await services.chat.send(chat_id, "hi")

    await services.models.unload()

    with pytest.raises(ModelLoadError, match="given up"):
        await loading
    failed = await finished(services, chat_id, answer_id)
    assert failed.status is Status.FAILED
    assert failed.error.startswith("Loading was given up.")
    assert services.models.state == Unloaded()


async def test_a_load_goes_on_when_whoever_asked_for_it_is_gone(
    services: Services, tmp_path: Path, gate: Gate
) -> None:
    gate.load_to(0.5)
    asking = asyncio.create_task(use(services, tmp_path, gate=gate))
    await until(lambda: isinstance(services.models.state, Loading))

    asking.cancel()
    gate.open()

    assert (await services.models.ready()).name == "model"


async def test_a_model_that_cannot_be_loaded_is_a_state_with_words_and_can_be_tried_again(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    with pytest.raises(ModelLoadError, match="Too big"):
        await use(services, tmp_path, load_error="Too big.")

    state = services.models.state
    assert isinstance(state, Failed) and state.error.message == "Too big."
    assert services.models.current is None
    assert workers() == []
    assert (await use(services, tmp_path)).name == "model"
    assert (await ask(services, chat_id, "hi")).status is Status.COMPLETE


async def test_an_answer_whose_model_cannot_be_loaded_says_why(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    services.settings.put(Setting.LAST_MODEL, script(tmp_path, load_error="Too big."))

    failed = await ask(services, chat_id, "hi")

    assert (failed.status, failed.error) == (Status.FAILED, "Too big.")


async def test_an_answer_whose_model_is_gone_says_why(
    services: Services, chat_id: str, tmp_path: Path
) -> None:
    services.settings.put(Setting.LAST_MODEL, str(tmp_path / "deleted.gguf"))

    failed = await ask(services, chat_id, "hi")

    assert failed.status is Status.FAILED
    assert failed.error.startswith("There is no file at ")
    assert isinstance(services.models.state, Failed)


def _html(path: Path) -> None:
    path.write_text("<!doctype html><title>404</title>")


def _truncated(path: Path) -> None:
    whole = small_model().write(path)
    whole.write_bytes(whole.read_bytes()[:-100])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(lambda path: None, "There is no file", id="missing"),
        pytest.param(lambda path: path.touch(), "empty", id="empty"),
        pytest.param(_html, "web page", id="not GGUF"),
        pytest.param(_truncated, "incomplete", id="truncated"),
        pytest.param(lambda path: path.mkdir(), "is a folder", id="folder"),
    ],
)
async def test_a_file_that_is_no_model_is_refused_in_words_and_the_loaded_model_stays(
    data_dir: Path, tmp_path: Path, gate: Gate, make: Callable[[Path], object], words: str
) -> None:
    bad = tmp_path / "bad.gguf"
    make(bad)
    async with open_services(
        Locations.below(data_dir), engine_command=worker_command("scripted"), inspect_file=_scripts_and_gguf
    ) as services:
        with pytest.raises((ModelFileError, NotFoundError), match=words):
            await services.models.use(bad)
        assert isinstance(services.models.state, Failed)

        loaded = await use(services, tmp_path, **held(gate))
        chat_id = await new_chat(services)
        await services.chat.send(chat_id, "go")
        await writing(services, chat_id)
        with pytest.raises((ModelFileError, NotFoundError), match=words):
            await services.models.use(bad)

        assert services.models.current == loaded
        assert services.chat.running(chat_id) is not None
        assert services.settings.text(Setting.LAST_MODEL) == loaded.path


async def test_a_bad_file_chosen_while_a_model_is_loaded_does_not_keep_that_away(
    services: Services, chat_id: str, tmp_path: Path, gate: Gate
) -> None:
    gate.load_to(0.5)
    loading = asyncio.create_task(use(services, tmp_path, gate=gate))
    await until(lambda: isinstance(services.models.state, Loading))
    answer_id = await services.chat.send(chat_id, "hi")

    with pytest.raises(ModelFileError):
        await services.models.use(tmp_path / "missing.gguf")

    assert services.models.current is None
    gate.open()
    assert (await loading).name == "model"
    assert (await finished(services, chat_id, answer_id)).text == "You said: hi"


async def test_the_model_used_last_is_used_again_after_a_restart(data_dir: Path, tmp_path: Path) -> None:
    async with opened(data_dir) as services:
        assert services.models.usual_ref() == "starter"
        await use(services, tmp_path, name="Mine")
    async with opened(data_dir) as services:
        assert (await services.models.ready()).name == "Mine"


async def test_a_model_used_in_passing_is_not_remembered(services: Services, tmp_path: Path) -> None:
    await services.models.use(script(tmp_path), remember=False)

    assert services.models.usual_ref() == "starter"
    assert services.settings.texts(Setting.RECENT_MODELS) == []


async def test_the_menu_offers_the_starter_recent_files_and_the_library(
    data_dir: Path, tmp_path: Path, starter_model: Path
) -> None:
    models = Locations.below(data_dir).models
    models.mkdir()
    small_model().write(models / "own.gguf")
    (models / "broken.gguf").write_bytes(b"GGUF")
    async with open_services(
        Locations.below(data_dir), engine_command=worker_command("scripted"), inspect_file=_scripts_and_gguf
    ) as services:
        recent = [await use(services, tmp_path, name=name) for name in ("Old", "New")]

        choices = await services.models.choices()

        assert [(choice.group, choice.ref) for choice in choices] == [
            ("starter", "starter"),
            ("library", "broken"),
            ("library", "own"),
            ("recent", recent[1].path),
            ("recent", recent[0].path),
        ]
        assert [choice.ref for choice in choices if choice.current] == [recent[1].path]
        assert [choice.ref for choice in choices if choice.problem] == ["broken"]
        assert choices[0].path == starter_model


async def test_a_recent_file_that_is_gone_is_listed_with_the_reason(
    services: Services, tmp_path: Path
) -> None:
    model = await use(services, tmp_path, name="Gone")
    (tmp_path / "Gone.json").unlink()

    (gone,) = [choice for choice in await services.models.choices() if choice.group == "recent"]

    assert gone.ref == model.path
    assert gone.problem.startswith("There is no file")


async def test_eight_recent_files_are_kept_each_once(services: Services, tmp_path: Path) -> None:
    names = [f"m{number}" for number in range(9)]
    for name in [*names, "m5"]:
        await use(services, tmp_path, name=name)

    recent = [Path(path).stem for path in services.settings.texts(Setting.RECENT_MODELS)]

    assert recent == ["m5", "m8", "m7", "m6", "m4", "m3", "m2", "m1"]


async def test_the_starter_is_remembered_by_its_name_wherever_it_lies(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starter = Path(script(tmp_path))
    monkeypatch.setattr(assembly, "starter_path", lambda: starter)
    async with opened(data_dir) as services:
        await use(services, tmp_path, name="other")
        await services.models.use(starter)

        assert services.models.usual_ref() == "starter"
        assert [Path(path).stem for path in services.settings.texts(Setting.RECENT_MODELS)] == ["other"]


async def test_tokens_are_counted(services: Services, tmp_path: Path) -> None:
    await use(services, tmp_path)

    assert await services.models.count_tokens("") == 0
    assert await services.models.count_tokens("one two three") == 3
    assert await services.models.count_tokens("word " * 100_000) == 100_000


def _scripts_and_gguf(path: Path) -> ModelFile:
    return scripted_file(path) if path.suffix == ".json" else inspect(path)
