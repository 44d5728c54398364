"""The model in use: find it, check its file, load it, and ask it things."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from desktop.domain.changes import Kind
from desktop.domain.engine_state import Busy, EngineState, Failed, Ready, Unloaded
from desktop.domain.errors import (
    EngineGoneError,
    LocutionError,
    ModelFileError,
    ModelLoadError,
    NoModelError,
    NotFoundError,
    ParameterError,
)
from desktop.domain.generation import GenerationRequest
from desktop.domain.model import (
    Adapter,
    LoadedModel,
    LoadSettings,
    ModelFile,
    check_adapters,
    make_load_settings,
)
from desktop.domain.settings import LOAD_SETTINGS
from desktop.engine.asking import Asking
from desktop.engine.bridge import EngineBridge, Generation
from desktop.library.fingerprint import fingerprint
from desktop.library.local_models import ModelLibrary
from desktop.library.model_file import check_adapter, check_main_model, inspect
from desktop.services.bus import ChangeBus
from desktop.services.known_models import KnownModels, ModelChoice
from desktop.services.settings import SettingsService
from desktop.services.states import KeptStates
from desktop.services.tasks import Tasks
from desktop.system.hardware import process_memory

MAX_DEATHS = 3
"""Engines that may end in a row, without a finished answer between, before none is started by itself."""
_COUNTED = 50_000
"""Characters that are really tokenised to count; the rest of a longer text is estimated from them."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A model as it was asked for; see :meth:`ModelService.use`."""

    ref: str
    settings: LoadSettings | None = None
    remember: bool = True
    to_embed: bool = False


class ModelService:
    """Owns the one engine. All on the loop; file work runs in threads.

    Loading belongs to the service: it goes on when whoever waits for it gives up, and everybody who waits
    gets the model that was chosen last.
    """

    def __init__(
        self,
        engine: EngineBridge,
        library: ModelLibrary,
        settings: SettingsService,
        bus: ChangeBus,
        inspect_file: Callable[[Path], ModelFile] = inspect,
        states: KeptStates | None = None,
    ) -> None:
        self._engine = engine
        self._states = states
        self._library = library
        self._files = KnownModels(library, settings, inspect_file)
        self._settings = settings
        self._bus = bus
        self._inspect = inspect_file
        self._tasks = Tasks()
        self._loads: list[asyncio.Task[LoadedModel]] = []
        """Those that have not ended, the one asked for last at the end."""
        self._checked: tuple[ModelFile, str] | None = None
        """The newest file that passed its check, and its content's identity."""
        self._refused: Failed | None = None
        """The newest file that did not get as far as the engine; told while there is no other model."""
        self._asked: _Asked | None = None
        """What the model in use was loaded with; an engine that ends takes nothing of it with it."""
        self._lent_from: _Asked | None = None
        """What was in use before the model that is lent now."""
        self._is_lent = False
        self._returning: asyncio.Task[LoadedModel] | None = None
        """Loads what was in use before the lent model, which nobody else is to get until then."""
        self._deaths = 0
        engine.on_state = self._on_state

    @property
    def state(self) -> EngineState:
        match self._engine.state:
            case Ready(model):
                return Ready(self._known(model))
            case Busy(model, running):
                return Busy(self._known(model), running)
            case Unloaded() if self._refused is not None:
                return self._refused
            case Failed(_, path) if self._deaths >= MAX_DEATHS:
                return Failed(_too_many_deaths(), path)
            case other:
                return other

    @property
    def current(self) -> LoadedModel | None:
        """The loaded model; none while one that was lent makes way for the one before it."""
        match self.state:
            case Ready(model) | Busy(model, _) if not self._is_returning:
                return model
            case _:
                return None

    @property
    def memory(self) -> int:
        """What the engine process holds, in bytes; 0 if there is none."""
        return process_memory(self._engine.pid) if self._engine.pid is not None else 0

    async def check(self, ref: str, *, to_embed: bool = False) -> ModelFile:
        """The file that ``ref`` names, its header read and found fit to chat with, or to embed texts.

        Raises :class:`NotFoundError`, :class:`ModelFileError`.
        """
        path = await asyncio.to_thread(self._library.resolve, ref)
        file = await asyncio.to_thread(self._inspect, path)
        check_main_model(file, to_embed=to_embed)
        return file

    def usual_ref(self) -> str:
        """The model used last; the starter at first."""
        return self._files.usual_ref()

    async def use(
        self,
        ref: str | Path,
        settings: LoadSettings | None = None,
        *,
        remember: bool = True,
        to_embed: bool = False,
    ) -> LoadedModel:
        """Checks and loads the model that ``ref`` names, in place of the one that is loaded or being loaded.

        Answers that are being written end there, with what they have. With ``remember`` the model is the
        one that is used from now on. If another was chosen meanwhile, that is what comes back. With
        ``to_embed`` it may be one that can only embed.

        Raises :class:`NotFoundError`, :class:`ModelFileError`, :class:`ModelLoadError` and their children.
        A file that fails its check leaves the loaded model as it is.
        """
        self._deaths = 0
        self._is_lent = False
        return await self._loaded(self._begin(_Asked(str(ref), settings, remember, to_embed)))

    async def ready(self) -> LoadedModel:
        """The loaded model, or the one that is being loaded; with neither, the last one used is loaded.

        One whose engine ended is loaded again as it was, with its settings and adapters. Raises what
        :meth:`use` does, and :class:`ModelLoadError` if engines keep ending.
        """
        while (model := self.current) is None:
            task = self._loads[-1] if self._loads else self._begin_again()
            await asyncio.wait((task,))
            if not self._loads:
                # Failed, or loaded and then lost: that is tried again.
                _outcome(task)
        return model

    async def lend(self, ref: str) -> LoadedModel:
        """Another model for one answer; :meth:`take_back` brings back the one in use before it.

        Raises what :meth:`use` does.
        """
        before = self._lent_from if self._is_lent else self._asked
        self._deaths = 0
        task = self._begin(_Asked(ref, remember=False))
        self._lent_from, self._is_lent = before, True
        return await self._loaded(task)

    def take_back(self) -> None:
        """Begins to load what was in use before the lent model, unless the user chose one meanwhile."""
        if not self._is_lent:
            return
        self._is_lent = False
        before, self._lent_from = self._lent_from, None
        if before is None or self._asked != before or self._loads:
            self._returning = self._begin(before or _Asked(self.usual_ref()))

    @property
    def _is_returning(self) -> bool:
        return self._returning is not None and not self._returning.done()

    async def unload(self) -> None:
        """Frees the model's memory; a model that is being loaded is given up."""
        self._refused = None
        self._asked = None
        self._is_lent = False
        self._deaths = 0
        for task in self._loads:
            task.cancel()
        await self._engine.close()

    async def set_adapters(self, adapters: Sequence[Adapter]) -> None:
        """Puts these LoRA adapters in place of those in use, without loading the model again.

        Raises :class:`ModelFileError`, :class:`ModelLoadError`, :class:`EngineBusyError`; those in use stay.
        """
        if self._checked is None or self.current is None:
            raise NoModelError("No model is loaded.", action="Choose a model.")
        checked = await asyncio.to_thread(self._check_adapters, tuple(adapters), self._checked[0])
        await self._engine.set_adapters(checked)
        if (asked := self._asked) is not None and asked.settings is not None:
            self._asked = replace(asked, settings=replace(asked.settings, adapters=checked))

    async def choices(self) -> list[ModelChoice]:
        """What the model menu offers: the starter, recent files, the library."""
        found = await asyncio.to_thread(self._files.choices)
        current = self.current
        path = Path(current.path) if current else None
        return [replace(choice, current=choice.path is not None and choice.path == path) for choice in found]

    @property
    def ask(self) -> Asking:
        """What the loaded model can be asked beside answers: measurements, and questions about texts."""
        return self._engine

    def generate(self, request: GenerationRequest) -> Generation:
        """Starts a request with the loaded model; see :meth:`EngineBridge.generate`."""
        return self._engine.generate(request)

    def note_finished(self) -> None:
        """An answer came to its end: engines that ended before are forgiven."""
        self._deaths = 0

    async def forget_state(self, key: str) -> None:
        """Gives up what is kept for requests with this ``state_key``, in memory and on disk."""
        self._engine.forget(key)
        if self._states is not None:
            await self._states.forget(key)

    async def count_tokens(self, text: str) -> int:
        """How many tokens ``text`` is; estimated from its beginning where it is very long."""
        if not text:
            return 0
        counted = await self._engine.count_tokens(text[:_COUNTED])
        return counted if len(text) <= _COUNTED else counted * len(text) // _COUNTED

    async def aclose(self) -> None:
        """Gives up loading and ends the engine."""
        try:
            await self._tasks.aclose()
        finally:
            await self._engine.close()

    async def _loaded(self, task: asyncio.Task[LoadedModel]) -> LoadedModel:
        """What a load gives, or the one that took its place."""
        await asyncio.wait((task,))
        if task.cancelled() and self._loads:
            return await self.ready()
        return _outcome(task)

    def _begin_again(self) -> asyncio.Task[LoadedModel]:
        if self._deaths >= MAX_DEATHS:
            raise _too_many_deaths()
        return self._begin(self._asked or _Asked(self.usual_ref()))

    def _begin(self, asked: _Asked) -> asyncio.Task[LoadedModel]:
        task = self._tasks.start(self._use(asked, tuple(self._loads)), "load a model")
        self._loads.append(task)
        task.add_done_callback(self._loads.remove)
        return task

    async def _use(self, asked: _Asked, older: Sequence[asyncio.Task[LoadedModel]]) -> LoadedModel:
        try:
            file = await self.check(asked.ref, to_embed=asked.to_embed)
            settings = asked.settings or self.load_settings()
            adapters = await asyncio.to_thread(self._check_adapters, settings.adapters, file)
            settings = replace(settings, adapters=adapters)
            checked = file, await asyncio.to_thread(fingerprint, file.path)
        except (NotFoundError, ModelFileError, ParameterError) as error:
            self._refused = Failed(error, asked.ref)
            if asyncio.current_task() is self._returning:
                # Then the lent one stays.
                self._returning = None
            self._bus.publish(Kind.MODEL)
            raise
        for load in older:
            load.cancel()
        self._refused = None
        self._checked = checked
        self._asked = None
        store = await self._states.store(checked[1]) if self._states else None
        model = await self._engine.load(str(file.path), settings, store)
        self._asked = replace(asked, settings=settings)
        if asked.remember:
            self._files.remember(file.path)
        return self._known(model)

    def load_settings(self, **others: object) -> LoadSettings:
        """As the user set them, with ``others`` in their place; what was left open the engine chooses.

        Raises :class:`ParameterError` for settings that exclude each other.
        """
        return make_load_settings(
            {setting.key: self._settings.get(setting) for setting in LOAD_SETTINGS} | others
        )

    def _check_adapters(self, adapters: tuple[Adapter, ...], model: ModelFile) -> tuple[Adapter, ...]:
        """With absolute paths: the engine runs in another folder. Raises :class:`ModelFileError`."""
        found = []
        for adapter in adapters:
            file = self._inspect(Path(adapter.path).absolute())
            check_adapter(file, model)
            found.append(replace(adapter, path=str(file.path)))
        check_adapters(tuple(found))
        return tuple(found)

    def _on_state(self, state: EngineState) -> None:
        match state:
            case Failed(error, _) if _is_death(error):
                self._deaths += 1
            case _:
                pass
        self._bus.publish(Kind.MODEL)

    def _known(self, model: LoadedModel) -> LoadedModel:
        """With what the file's check found out: a name people know, and what identifies the content."""
        if self._checked is None or model.path != str(self._checked[0].path):
            return model
        file, content = self._checked
        quantization = file.quantization or model.quantization
        return replace(model, name=file.name, quantization=quantization, model_hash=content)


def _too_many_deaths() -> ModelLoadError:
    return ModelLoadError(
        f"The engine ended {MAX_DEATHS} times in a row with this model.",
        action="Choose another model, or load this one with other settings.",
    )


def _is_death(error: LocutionError) -> bool:
    """Whether the engine itself ended, also while it was loading; not if it said why it could not load."""
    return isinstance(error, EngineGoneError) or isinstance(error.__cause__, EngineGoneError)


def _outcome(load: asyncio.Task[LoadedModel]) -> LoadedModel:
    """The model, or the error that came instead."""
    if load.cancelled():
        raise ModelLoadError("Loading was given up.", action="Choose a model.")
    return load.result()
