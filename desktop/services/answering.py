"""One answer, from the request to its final state in the database.

What the model writes is kept in memory for views (:mod:`~desktop.services.live_answer`) and saved on the
way: at most ``SAVE_S`` of text is not on disk, whatever happens to the app.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from contextlib import aclosing
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import Any

from desktop.domain.changes import Change, Kind
from desktop.domain.conversation import Message, Origin, Part, PartKind, Status
from desktop.domain.engine_state import Loading
from desktop.domain.errors import LocutionError, ModelUnloadedError, NotFoundError
from desktop.domain.generation import (
    ContextCut,
    Delta,
    Done,
    FinishReason,
    GenerationEvent,
    GenerationRequest,
    PromptProgress,
    Queued,
    Turn,
)
from desktop.domain.model import LoadedModel
from desktop.domain.parameters import Parameters, as_dict
from desktop.domain.spans import spans
from desktop.engine.bridge import Generation
from desktop.services.bus import ChangeBus
from desktop.services.live_answer import LiveAnswer, Phase
from desktop.services.models import ModelService
from desktop.storage.messages import MessageRepository

SAVE_S = 0.1
"""Seconds between two saves; with the time a save takes, less than a quarter of a second is ever unsaved."""
_log = logging.getLogger(__name__)
_STATUS = {
    FinishReason.STOP: Status.COMPLETE,
    FinishReason.LENGTH: Status.LENGTH,
    FinishReason.CANCELLED: Status.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Assignment:
    """What an answer is to be made from."""

    turns: tuple[Turn, ...]
    places: tuple[tuple[int, ...], ...]
    """For each turn where on the branch its messages are, from the root."""
    parameters: Parameters
    preset_id: str
    system_prompt: str
    state_key: str = ""
    """What the engine keeps of the chat is kept under this name; nothing without one."""
    model: str = ""
    """A REF: that model is lent for this answer. Empty: the one in use."""


class Answerer:
    """Makes one answer. ``run`` is the whole of it; ``stop`` ends it early with what there is.

    ``message`` may have text, which the answer begins with.
    """

    def __init__(
        self,
        message: Message,
        assignment: Assignment,
        models: ModelService,
        messages: MessageRepository,
        bus: ChangeBus,
    ) -> None:
        self.live = LiveAnswer(
            message.id, message.conversation_id, text=message.text, thinking=message.thinking
        )
        self.done: Done | None = None
        self.final = message
        """As it is saved in the end."""
        self._assignment = assignment
        self._models = models
        self._bus = bus
        self._saver = _Saver(message.id, messages)
        self._model: LoadedModel | None = None
        self._generation: Generation | None = None
        self._thinking_from = 0.0
        self._begun = len(message.text)
        """Characters that the answer begins with, which are saved and shown already, and come once more."""
        self._stopped: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def stop(self) -> None:
        """Also while the model is loaded or the prompt is read. May be repeated."""
        if not self._stopped.done():
            self._stopped.set_result(None)
        if self._generation is not None:
            self._generation.cancel()

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stopped.done()

    async def run(self) -> None:
        """A failure to answer is a state of the answer, with its words.

        Raises :class:`StorageError` if the final state could not be saved.
        """
        status, error = Status.FAILED, ""
        try:
            status = await self._make()
        except asyncio.CancelledError:
            status = Status.INTERRUPTED
            raise
        except ModelUnloadedError as failure:
            # The user wanted it to end, in this way or another.
            status, error = Status.CANCELLED, "" if self._stopped.done() else failure.message
        except LocutionError as failure:
            if self._stopped.done():
                # An engine that had to be ended to stop it was stopped all the same.
                status = Status.CANCELLED
            else:
                error = str(failure)
        finally:
            # Also when the app ends: what is there is kept.
            whole = ((PartKind.THINKING, self.live.thinking), (PartKind.TEXT, self.live.text))
            parts = tuple(Part(kind, text) for kind, text in whole if text)
            self.final = replace(self.final, parts=parts, status=status, origin=self._origin(), error=error)
            if self._assignment.model:
                self._models.take_back()
            await self._saver.finish(self.final)

    async def _make(self) -> Status:
        if ref := self._assignment.model:
            await self._wait_for_model(self._models.lend(ref))
        while (model := self._models.current) is None and not self._stopped.done():
            await self._wait_for_model(self._models.ready())
        if model is None or self._stopped.done():
            return Status.CANCELLED
        # Nothing is awaited between the look at the model and here, so it is still there.
        self._model = model
        if (origin := self._origin()) is not None:
            self._saver.begin(origin)
        self._show(Phase.READING)
        request = GenerationRequest(
            self._assignment.turns,
            self._assignment.parameters,
            prefill=self.final.text,
            state_key=self._assignment.state_key,
        )
        generation = self._generation = self._models.generate(request)
        async with aclosing(generation):
            async for event in generation:
                self._take(event)
        assert self.done is not None
        self._models.note_finished()
        response = self.done.responses[0]
        # One that was stopped before it was begun has nothing, not even what it was to begin with.
        self.live.text = response.text or self.final.text
        self.live.thinking = response.thinking or self.final.thinking
        return _STATUS[response.finish_reason]

    async def _wait_for_model(self, work: Coroutine[Any, Any, LoadedModel]) -> None:
        """Returns also when the answer is stopped: loading goes on, for others and for the next prompt."""
        unsubscribe = self._bus.subscribe(self._on_change)
        loading = asyncio.ensure_future(work)
        try:
            await asyncio.wait((loading, self._stopped), return_when=asyncio.FIRST_COMPLETED)
            if loading.done():
                loading.result()
        finally:
            unsubscribe()
            loading.cancel()

    def _on_change(self, change: Change) -> None:
        if change.kind is Kind.MODEL:
            self._show(Phase.LOADING)

    def _take(self, event: GenerationEvent) -> None:
        live = self.live
        match event:
            case Queued(ahead):
                live.ahead = ahead
                self._show(Phase.QUEUED)
            case ContextCut():
                live.cut = event
            case PromptProgress(done, total, reused):
                live.prompt_done, live.prompt_total = done, total
                live.clock.take(done, total, reused, time.monotonic())
                self._show(Phase.READING)
            case Delta(_, text, tokens, thinking):
                live.tokens = tokens
                live.first_token_at = live.first_token_at or time.monotonic()
                if thinking:
                    self._think(text)
                else:
                    text, self._begun = text[self._begun :], max(0, self._begun - len(text))
                    live.text += text
                    self._saver.add(PartKind.TEXT, text)
                    self._show(Phase.WRITING)
            case Done():
                self.done = event

    def _think(self, text: str) -> None:
        now = time.monotonic()
        self._thinking_from = self._thinking_from or now
        self.live.thinking += text
        self.live.thinking_s = now - self._thinking_from
        self._saver.add(PartKind.THINKING, text)
        self._show(Phase.THINKING)

    def _show(self, phase: Phase) -> None:
        self.live.phase = phase
        if phase is Phase.LOADING and isinstance(state := self._models.state, Loading):
            self.live.load_fraction = state.fraction
        self._bus.publish(Kind.ANSWER, self.live.message_id)

    def _origin(self) -> Origin | None:
        """How the answer was made, as far as it got; ``None`` if no model had a part in it."""
        if (model := self._model) is None:
            return None
        origin = Origin(
            model_name=model.name,
            model_hash=model.model_hash,
            template_hash=model.template_hash,
            engine_build=model.engine_build,
            preset_id=self._assignment.preset_id,
            system_prompt=self._assignment.system_prompt,
            parameters=as_dict(self._assignment.parameters),
            seed=self._assignment.parameters.seed,
            prompt_tokens=self.live.prompt_total,
            completion_tokens=self.live.tokens,
            thinking_s=self.live.thinking_s,
            left_out_turns=len(self.live.cut.turns) if self.live.cut else 0,
            left_out_tokens=self.live.cut.tokens if self.live.cut else 0,
            sent=self._sent(),
        )
        if self.done is None:
            return origin
        response, timing = self.done.responses[0], self.done.timing
        return replace(
            origin,
            seed=response.seed,
            prompt_tokens=response.prompt_tokens,
            completion_tokens=response.completion_tokens,
            prompt_s=timing.prompt_s,
            first_token_s=timing.first_token_s,
            tokens_per_s=timing.tokens_per_s,
        )

    def _sent(self) -> str:
        left_out = frozenset(self.live.cut.turns) if self.live.cut else frozenset()
        turns = enumerate(self._assignment.places)
        return spans(place for at, places in turns if at not in left_out for place in places)


class _Saver:
    """Writes an answer's parts behind its back, soon and in few writes."""

    def __init__(self, message_id: str, messages: MessageRepository) -> None:
        self._message_id = message_id
        self._messages = messages
        self._unsaved: list[tuple[PartKind, str]] = []
        self._saving: asyncio.Task[None] | None = None

    def begin(self, origin: Origin) -> None:
        """At once: also an answer that never gets a word has its author."""
        self._saving = asyncio.get_running_loop().create_task(self._save_origin(origin), name="save answer")

    def add(self, kind: PartKind, text: str) -> None:
        self._unsaved.append((kind, text))
        if self._saving is None or self._saving.done():
            self._saving = asyncio.get_running_loop().create_task(self._save_soon(), name="save answer")

    async def finish(self, final: Message) -> None:
        """The final state takes the place of all that was saved. Ends also if the caller is cancelled."""
        if self._saving is not None:
            self._saving.cancel()
        write = asyncio.ensure_future(
            self._messages.finish(final.id, final.parts, final.status, final.origin, final.error)
        )
        try:
            await asyncio.shield(write)
        except asyncio.CancelledError:
            await write
            raise
        except NotFoundError:
            # Deleted for good while it was written.
            pass

    async def _save_origin(self, origin: Origin) -> None:
        try:
            await self._messages.begin(self._message_id, origin)
        except LocutionError as error:
            _log.warning("An answer's origin could not be saved on the way: %s %s", error, error.detail)
        await self._save_soon()

    async def _save_soon(self) -> None:
        await asyncio.sleep(SAVE_S)
        while self._unsaved:
            kind, together = next(groupby(self._unsaved, itemgetter(0)))
            texts = [text for _, text in together]
            del self._unsaved[: len(texts)]
            text = "".join(texts)
            try:
                await self._messages.append(self._message_id, kind, text)
            except LocutionError as error:
                # Tried again with what comes next, and in any case at the end.
                _log.warning("An answer could not be saved on the way: %s %s", error, error.detail)
                self._unsaved.insert(0, (kind, text))
                return
