"""The native core: llama.cpp behind the worker's interface."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from desktop.domain.errors import LocutionError, NoModelError
from desktop.domain.generation import GenerationRequest, RenderedPrompt, Token, Turn
from desktop.domain.ledger import Foresight
from desktop.domain.model import Adapter, LoadedModel, LoadSettings, StateStore
from desktop.domain.text import well_formed
from desktop.engine.worker.core import CoreInfo, Emit, Request, Start
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
from desktop.engine.worker.prompts.prompt import Prompt, PromptBuilder
from desktop.engine.worker.prompts.template import ChatTemplate
from desktop.engine.worker.reports import memory
from desktop.engine.worker.sampling.grammars import Grammars
from desktop.engine.worker.sampling.writer import Writer
from desktop.engine.worker.scheduling.foresight import foresee
from desktop.engine.worker.scheduling.scheduler import Scheduler

MAX_NAME = 200
"""Characters of a model's name, which is whatever its file says."""


class NativeCore:
    """Holds at most one model. See :class:`~desktop.engine.worker.core.Core` for who may call what."""

    def __init__(self) -> None:
        native.start()
        self._model: Model | None = None
        self._context: Context | None = None
        self._scheduler: Scheduler | None = None
        self._alone: MeasuringAlone | None = None
        """In place of the scheduler for a model that can only embed."""
        self._instruments: Instruments | None = None
        self._prompts: PromptBuilder | None = None
        self._fitter: Fitter | None = None
        self._grammars: Grammars | None = None
        self._opened: Opened | None = None
        self._keeper: Keeper | None = None

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
        opened = self._opened = open_model(path, settings, progress)
        model, context = self._model, self._context = opened.model, opened.any_context
        try:
            template = _template(model)
        except LocutionError:
            self.close()
            raise
        if context is None:
            self._alone = MeasuringAlone()
            interruption = self._alone.interruption
        else:
            self._schedule(context, state, settings)
            interruption = context.interruption
        self._prompts = PromptBuilder(model.vocabulary, template)
        self._grammars = Grammars(model.vocabulary)
        basis = Basis(
            model,
            settings,
            opened.threads,
            context is None or not context.causal,
            interruption,
            opened.adapters,
        )
        self._instruments = Instruments(basis, context, self._prompts, self._grammars)
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

    def _schedule(self, context: Context, state: StateStore | None, settings: LoadSettings) -> None:
        """For a model that can write: who writes when, and what is kept of it."""
        assert self._opened is not None
        files = None
        if is_usable(state):
            ties = partial(ties_of, state, settings, self._opened)
            files = StateFiles(state, ties())
        vocabulary = self._opened.model.vocabulary
        self._fitter = Fitter(vocabulary, context.length)
        scheduler = self._scheduler = Scheduler(context, vocabulary, settings.sequences, files)
        if files is not None:
            self._keeper = Keeper(files, scheduler.cache, ties)

    def set_adapters(self, adapters: Sequence[Adapter]) -> None:
        self._loaded()
        assert self._opened is not None
        if self._opened.adapters.use(adapters, self._forget_all) and self._keeper is not None:
            self._keeper.look_again()

    def _forget_all(self) -> None:
        """What was read was read with other weights."""
        assert self._instruments is not None
        self._instruments.forget()
        if self._scheduler is not None:
            self._scheduler.forget_all()

    def prepare(self, request_id: int, request: Request) -> Start:
        runner, prompts, instruments = self._runner, self._prompts, self._instruments
        if runner is None or prompts is None or instruments is None:
            raise NoModelError("No model is loaded.", action="Choose a model.")
        if not isinstance(request, GenerationRequest):
            task = instruments.task(request_id, request)
            return lambda emit: runner.measure(task, emit)
        scheduler, context = self._scheduler, self._context
        if scheduler is None or context is None:
            raise only_embeds()
        if request.parameters.context_policy == "stop":
            prompts.refuse_if_far_too_long(request.turns, context.length)
        assert self._fitter is not None
        prompt, cut = self._fitter.fit(request, _build(prompts, request))
        writer = self._writer(request, prompt)

        kept = self._keeper.fetch(request, prompt.ids) if self._keeper else None

        def start(emit: Emit) -> None:
            if cut is not None:
                emit(cut)
            scheduler.submit(request_id, request, prompt.ids, emit, writer, kept)

        return start

    def _writer(self, request: GenerationRequest, prompt: Prompt) -> Writer:
        assert self._prompts is not None and self._grammars is not None and self._context is not None
        return Writer(
            request,
            self._loaded().vocabulary,
            self._context.length,
            tags=self._prompts.tags,
            opened=prompt.opened,
            constraint=self._grammars.constraint(request.parameters, request.prefill),
        )

    def step(self) -> None:
        if (runner := self._runner) is not None:
            runner.step()
        if self._keeper is not None:
            self._keeper.worked()

    def rest(self) -> float | None:
        return self._keeper.rest() if self._keeper is not None else None

    def forget(self, key: str) -> None:
        if self._scheduler is not None:
            self._scheduler.forget(key)
        if self._keeper is not None:
            self._keeper.forget(key)

    @property
    def active(self) -> bool:
        return (runner := self._runner) is not None and runner.active

    def cancel(self, request_id: int) -> None:
        if (runner := self._runner) is not None:
            runner.cancel(request_id)

    def tokenize(self, text: str) -> tuple[Token, ...]:
        vocabulary = self._loaded().vocabulary
        return tuple(
            Token(token, vocabulary.label(token).decode("utf-8", "replace"), vocabulary.is_control(token))
            for token in vocabulary.tokenize(text)
        )

    def count_tokens(self, text: str) -> int:
        return len(self._loaded().vocabulary.tokenize(text))

    def render(self, turns: Sequence[Turn]) -> RenderedPrompt:
        self._loaded()
        assert self._prompts is not None
        return self._prompts.show(self._prompts.build(turns))

    def foresee(self, request: GenerationRequest) -> Foresight:
        self._loaded()
        if self._scheduler is None or self._fitter is None:
            raise only_embeds()
        assert self._prompts is not None
        build = _build(self._prompts, request)
        return foresee(request, build, self._fitter, self._scheduler, self._keeper)

    def close(self) -> None:
        if self._keeper is not None and self._scheduler is not None:
            self._scheduler.put_down()
            self._keeper.close()
            self._keeper = None
        if (runner := self._runner) is not None:
            runner.close()
        self._scheduler = self._alone = self._instruments = self._prompts = self._opened = None
        self._grammars = self._fitter = None
        if self._context is not None:
            self._context.close()
            self._context = None
        if self._model is not None:
            self._model.close()
            self._model = None

    @property
    def _runner(self) -> Scheduler | MeasuringAlone | None:
        return self._scheduler or self._alone

    def _loaded(self) -> Model:
        if self._model is None:
            raise NoModelError("No model is loaded.", action="Choose a model.")
        return self._model


def _build(prompts: PromptBuilder, request: GenerationRequest) -> Build:
    """Makes prompts of some of the request's turns, in its way."""
    return partial(prompts.build, thinking=request.parameters.thinking, prefill=request.prefill)


def _template(model: Model) -> ChatTemplate | None:
    source = model.metadata("tokenizer.chat_template")
    if not source:
        return None
    vocabulary = model.vocabulary
    return ChatTemplate(source, bos=vocabulary.text(vocabulary.bos), eos=vocabulary.text(vocabulary.eos))
