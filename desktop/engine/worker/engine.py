"""The native core: llama.cpp behind the worker's interface."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from desktop.domain.errors import LocutionError, ModelLoadError, NoModelError, OutOfMemoryError
from desktop.domain.generation import GenerationRequest, RenderedPrompt, Token, Turn
from desktop.domain.model import Adapter, LoadedModel, LoadSettings, StateStore
from desktop.domain.text import well_formed
from desktop.engine.worker import native
from desktop.engine.worker.context import Context
from desktop.engine.worker.core import CoreInfo, Emit, Request, Start
from desktop.engine.worker.fitting import Fitter
from desktop.engine.worker.model import Model
from desktop.engine.worker.prompt import PromptBuilder
from desktop.engine.worker.reports import memory
from desktop.engine.worker.scheduler import Scheduler
from desktop.engine.worker.template import ChatTemplate

DEFAULT_CONTEXT = 8192
"""Tokens, where the user chose none and the model was trained for as many."""
MAX_NAME = 200
"""Characters of a model's name, which is whatever its file says."""
SPARE_MEMORY = 256 * 1024 * 1024
"""Bytes for compute buffers and for everybody else on the machine."""


class NativeCore:
    """Holds at most one model. See :class:`~desktop.engine.worker.core.Core` for who may call what."""

    def __init__(self) -> None:
        native.start()
        self._model: Model | None = None
        self._context: Context | None = None
        self._scheduler: Scheduler | None = None
        self._prompts: PromptBuilder | None = None

    def info(self) -> CoreInfo:
        return CoreInfo(native.build(), native.devices(), native.features())

    def load(
        self,
        path: str,
        settings: LoadSettings,
        state: StateStore | None,
        progress: Callable[[float], bool],
    ) -> LoadedModel:
        self.close()
        try:
            return self._load(path, settings, progress)
        except (MemoryError, ValueError) as error:
            self.close()
            raise _load_error(error) from error
        except LocutionError:
            self.close()
            raise

    def _load(self, path: str, settings: LoadSettings, progress: Callable[[float], bool]) -> LoadedModel:
        model = self._model = Model(path, gpu_layers=settings.gpu_layers, progress=progress)
        if not model.has_decoder or model.vocabulary.size == 0:
            raise ModelLoadError("This model cannot write text.", action="Choose a chat or text model.")
        template = _template(model)
        length = _context_length(model, settings)
        threads = settings.threads or psutil.cpu_count(logical=False) or 1
        context = self._context = Context(
            model, length=length, batch=settings.batch, sequences=settings.sequences, threads=threads
        )
        context.warm_up(max(0, model.vocabulary.bos))
        self._scheduler = Scheduler(context, model.vocabulary, settings.sequences)
        self._prompts = PromptBuilder(model.vocabulary, template)
        return LoadedModel(
            name=model.metadata("general.name")[:MAX_NAME] or well_formed(Path(path).stem),
            # The app knows where it is; its name need not even be text.
            path="",
            architecture=model.metadata("general.architecture"),
            quantization=model.description.rsplit(" ", 1)[-1],
            size=model.size,
            context_length=context.length,
            trained_context_length=model.trained_context_length,
            threads=threads,
            device=native.main_device() if settings.gpu_layers else "CPU",
            has_template=template is not None,
            engine_build=native.build(),
            template_hash=template.hash if template else "",
            memory=memory(),
        )

    def set_adapters(self, adapters: Sequence[Adapter]) -> None:
        self._loaded()

    def prepare(self, request_id: int, request: Request) -> Start:
        scheduler, prompts, context = self._scheduler, self._prompts, self._context
        if scheduler is None or prompts is None or context is None:
            raise NoModelError("No model is loaded.", action="Choose a model.")
        if not isinstance(request, GenerationRequest):
            raise LocutionError("This cannot be measured yet.")
        if request.parameters.context_policy == "stop":
            prompts.refuse_if_far_too_long(request.turns, context.length)
        fitter = Fitter(self._loaded().vocabulary, context.length)
        prompt, cut = fitter.fit(request, prompts.build)

        def start(emit: Emit) -> None:
            if cut is not None:
                emit(cut)
            scheduler.submit(request_id, request, prompt.ids, emit)

        return start

    def step(self) -> None:
        if self._scheduler is not None:
            self._scheduler.step()

    def rest(self) -> float | None:
        return None

    @property
    def active(self) -> bool:
        return self._scheduler is not None and self._scheduler.active

    def cancel(self, request_id: int) -> None:
        if (scheduler := self._scheduler) is not None:
            scheduler.cancel(request_id)

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

    def close(self) -> None:
        self._scheduler = self._prompts = None
        if self._context is not None:
            self._context.close()
            self._context = None
        if self._model is not None:
            self._model.close()
            self._model = None

    def _loaded(self) -> Model:
        if self._model is None:
            raise NoModelError("No model is loaded.", action="Choose a model.")
        return self._model


def _template(model: Model) -> ChatTemplate | None:
    source = model.metadata("tokenizer.chat_template")
    if not source:
        return None
    vocabulary = model.vocabulary
    return ChatTemplate(source, bos=vocabulary.text(vocabulary.bos), eos=vocabulary.text(vocabulary.eos))


def _context_length(model: Model, settings: LoadSettings) -> int:
    """The length asked for, or the usual one.

    Raises :class:`OutOfMemoryError` before anything is allocated.
    """
    trained = model.trained_context_length or DEFAULT_CONTEXT
    length = settings.context_length or min(trained, DEFAULT_CONTEXT)
    if settings.gpu_layers != 0 and native.has_gpu():
        return length
    each = max(1, model.kv_bytes_per_token())
    needed = length * each + SPARE_MEMORY
    available = psutil.virtual_memory().available
    if needed > available:
        fitting = max(0, available - SPARE_MEMORY) // each // 256 * 256
        raise OutOfMemoryError(
            f"A context of {length:,} tokens needs {needed / 1e9:.1f} GB more memory, "
            f"and {available / 1e9:.1f} GB are free.",
            action=f"Choose a context length of at most {fitting:,}, or a smaller model.",
            setting="context_length",
        )
    return length


def _load_error(error: Exception) -> LocutionError:
    detail = str(error)[-2000:]
    if isinstance(error, MemoryError):
        return OutOfMemoryError(
            "There is not enough memory for this model and its context.",
            action="Choose a smaller context length or a smaller model.",
            setting="context_length",
            detail=detail,
        )
    if "unknown model architecture" in detail:
        return ModelLoadError(
            "This version of the engine does not know this kind of model.",
            action="Choose another model.",
            detail=detail,
        )
    return ModelLoadError(
        "The engine could not load this file.", action="Choose another file.", detail=detail
    )
