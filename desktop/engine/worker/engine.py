"""The native core: llama.cpp behind the worker's interface."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from desktop.domain.errors import NoModelError
from desktop.domain.generation import GenerationRequest, RenderedPrompt, Token, Turn
from desktop.domain.ledger import Foresight
from desktop.domain.model import Adapter, LoadedModel, LoadSettings, StateStore
from desktop.domain.text import well_formed
from desktop.engine.worker.core import Between, CoreInfo, Emit, Request, Start
from desktop.engine.worker.kv.keeper import Keeper, is_usable, ties_of
from desktop.engine.worker.kv.state_files import StateFiles
from desktop.engine.worker.llama import native
from desktop.engine.worker.llama.context import Context
from desktop.engine.worker.llama.model import Model
from desktop.engine.worker.loading.loading import Opened, open_model
from desktop.engine.worker.measuring.embedding_context import Basis
from desktop.engine.worker.measuring.instruments import Instruments, only_embeds
from desktop.engine.worker.measuring.measuring import MeasuringAlone
from desktop.engine.worker.prompts.fitting import Build, Fitter
from desktop.engine.worker.prompts.prompt import PromptBuilder
from desktop.engine.worker.prompts.template import ChatTemplate
from desktop.engine.worker.reports import memory
from desktop.engine.worker.sampling.grammars import Grammars
from desktop.engine.worker.sampling.writer import Writer
from desktop.engine.worker.scheduling.foresight import foresee
from desktop.engine.worker.scheduling.scheduler import Scheduler

MAX_NAME = 200
"""Characters of a model's name, which is whatever its file says."""


@dataclass(frozen=True, slots=True)
class _Writing:
    """What belongs to a model that can write."""

    context: Context
    fitter: Fitter
    scheduler: Scheduler
    keeper: Keeper | None


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A model, and all that works with it. ``runner`` is the scheduler of one that can write."""

    opened: Opened
    prompts: PromptBuilder
    grammars: Grammars
    instruments: Instruments
    runner: Scheduler | MeasuringAlone
    writing: _Writing | None

    def can_write(self) -> _Writing:
        """Raises :class:`LocutionError` for a model that can only embed."""
        if self.writing is None:
            raise only_embeds()
        return self.writing

    def forget_all(self) -> None:
        """What was read was read with other weights."""
        self.instruments.forget()
        if self.writing is not None:
            self.writing.scheduler.forget_all()

    def close(self) -> None:
        if self.writing is not None and self.writing.keeper is not None:
            self.writing.scheduler.put_down()
            self.writing.keeper.close()
        self.runner.close()
        self.opened.close()


class NativeCore:
    """Holds at most one model. See :class:`~desktop.engine.worker.core.Core` for who may call what."""

    def __init__(self) -> None:
        native.start()
        self._loaded: _Loaded | None = None

    def info(self) -> CoreInfo:
        return CoreInfo(native.build(), tuple(map(str, native.devices())), native.features())

    def load(
        self,
        path: str,
        settings: LoadSettings,
        state: StateStore | None,
        progress: Callable[[float], bool],
    ) -> LoadedModel:
        self.close()
        opened = open_model(path, settings, progress)
        try:
            template = _template(opened.model)
            self._loaded = _put_together(opened, template, state, settings)
        except BaseException:
            opened.close()
            raise
        return _described(opened, template, path)

    def set_adapters(self, adapters: Sequence[Adapter]) -> None:
        loaded = self._require()
        changed = loaded.opened.adapters.use(adapters, loaded.forget_all)
        if changed and loaded.writing is not None and loaded.writing.keeper is not None:
            loaded.writing.keeper.look_again()

    def prepare(self, request_id: int, request: Request) -> Start:
        loaded = self._require()
        if not isinstance(request, GenerationRequest):
            task = loaded.instruments.task(request_id, request)
            return lambda emit: loaded.runner.measure(task, emit)
        writing, prompts = loaded.can_write(), loaded.prompts
        length = writing.context.length
        if request.parameters.context_policy == "stop":
            prompts.refuse_if_far_too_long(request.turns, length)
        prompt, cut = writing.fitter.fit(request, _build(prompts, request))
        writer = Writer(
            request,
            loaded.opened.model.vocabulary,
            length,
            tags=prompts.tags,
            opened=prompt.opened,
            constraint=loaded.grammars.constraint(request.parameters, request.prefill),
        )
        kept = writing.keeper.fetch(request, prompt.ids) if writing.keeper else None

        def start(emit: Emit) -> None:
            if cut is not None:
                emit(cut)
            writing.scheduler.submit(request_id, request, prompt.ids, emit, writer, kept)

        return start

    def step(self) -> None:
        if (loaded := self._loaded) is None:
            return
        loaded.runner.step()
        if loaded.writing is not None and loaded.writing.keeper is not None:
            loaded.writing.keeper.worked()

    def rest(self) -> float | None:
        if (loaded := self._loaded) is None or loaded.writing is None or loaded.writing.keeper is None:
            return None
        return loaded.writing.keeper.rest()

    def forget(self, key: str) -> None:
        if (loaded := self._loaded) is None or loaded.writing is None:
            return
        loaded.writing.scheduler.forget(key)
        if loaded.writing.keeper is not None:
            loaded.writing.keeper.forget(key)

    @property
    def active(self) -> bool:
        return self._loaded is not None and self._loaded.runner.active

    def cancel(self, request_id: int) -> None:
        if (loaded := self._loaded) is not None:
            loaded.runner.cancel(request_id)

    def tokenize(self, text: str) -> tuple[Token, ...]:
        vocabulary = self._require().opened.model.vocabulary
        return tuple(
            Token(token, vocabulary.label(token).decode("utf-8", "replace"), vocabulary.is_control(token))
            for token in vocabulary.tokenize(text)
        )

    def count_tokens(self, text: str) -> int:
        return len(self._require().opened.model.vocabulary.tokenize(text))

    def render(self, turns: Sequence[Turn]) -> RenderedPrompt:
        prompts = self._require().prompts
        return prompts.show(prompts.build(turns))

    def foresee(self, request: GenerationRequest, between: Between) -> Foresight:
        loaded = self._require()
        writing = loaded.can_write()
        build = _build(loaded.prompts, request)
        return foresee(request, build, writing.fitter, writing.scheduler, writing.keeper, between)

    def close(self) -> None:
        loaded, self._loaded = self._loaded, None
        if loaded is not None:
            loaded.close()

    def _require(self) -> _Loaded:
        if self._loaded is None:
            raise NoModelError("No model is loaded.", action="Choose a model.")
        return self._loaded


def _put_together(
    opened: Opened, template: ChatTemplate | None, state: StateStore | None, settings: LoadSettings
) -> _Loaded:
    model, context = opened.model, opened.any_context
    writing = None
    runner: Scheduler | MeasuringAlone
    if context is None:
        runner = MeasuringAlone()
        interruption = runner.interruption
    else:
        writing = _writing(opened, context, state, settings)
        runner, interruption = writing.scheduler, context.interruption
    prompts = PromptBuilder(model.vocabulary, template)
    grammars = Grammars(model.vocabulary)
    reads_whole = context is None or not context.causal
    basis = Basis(model, settings, opened.threads, reads_whole, interruption, opened.adapters)
    instruments = Instruments(basis, context, prompts, grammars)
    return _Loaded(opened, prompts, grammars, instruments, runner, writing)


def _writing(opened: Opened, context: Context, state: StateStore | None, settings: LoadSettings) -> _Writing:
    vocabulary = opened.model.vocabulary
    fitter = Fitter(vocabulary, context.length)
    if not is_usable(state):
        return _Writing(context, fitter, Scheduler(context, vocabulary, settings.sequences), None)
    ties = partial(ties_of, state, settings, opened)
    files = StateFiles(state, ties())
    scheduler = Scheduler(context, vocabulary, settings.sequences, files)
    return _Writing(context, fitter, scheduler, Keeper(files, scheduler.cache, ties))


def _described(opened: Opened, template: ChatTemplate | None, path: str) -> LoadedModel:
    model, context = opened.model, opened.any_context
    return LoadedModel(
        name=model.metadata("general.name")[:MAX_NAME] or well_formed(Path(path).stem),
        # The app knows where it is; its name need not even be text.
        path="",
        architecture=model.metadata("general.architecture"),
        quantization=model.description.rsplit(" ", 1)[-1],
        size=model.size,
        context_length=context.length if context else model.trained_context_length,
        trained_context_length=model.trained_context_length,
        threads=opened.threads,
        device=opened.device,
        has_template=template is not None,
        can_switch_thinking=template is not None and template.can_switch_thinking,
        speaks_of_thinking=template is not None and bool(template.tags),
        engine_build=native.build(),
        template_hash=template.hash if template else "",
        memory=memory(),
        adapters=opened.adapters.in_use,
    )


def _build(prompts: PromptBuilder, request: GenerationRequest) -> Build:
    """Makes prompts of some of the request's turns, in its way."""
    return partial(prompts.build, thinking=request.parameters.thinking, prefill=request.prefill)


def _template(model: Model) -> ChatTemplate | None:
    source = model.metadata("tokenizer.chat_template")
    if not source:
        return None
    vocabulary = model.vocabulary
    return ChatTemplate(source, bos=vocabulary.text(vocabulary.bos), eos=vocabulary.text(vocabulary.eos))
