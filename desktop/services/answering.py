"""One answer, from the request to its final state in the database.

What the model writes is kept in memory for the view (:class:`LiveAnswer`) and saved on the way: at most
``SAVE_S`` of text is not on disk, whatever happens to the app.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from enum import Enum

from desktop.domain.changes import Change, Kind
from desktop.domain.conversation import Message, Origin, Part, PartKind, Role, Status
from desktop.domain.engine_state import Loading
from desktop.domain.errors import LocutionError, NotFoundError
from desktop.domain.generation import (
    Delta,
    Done,
    FinishReason,
    GenerationRequest,
    PromptProgress,
    Turn,
)
from desktop.domain.model import LoadedModel
from desktop.domain.parameters import Parameters, as_dict
from desktop.engine.bridge import Generation
from desktop.services.bus import ChangeBus
from desktop.services.models import ModelService
from desktop.storage.messages import MessageRepository

SAVE_S = 0.15
"""Seconds between two saves; with the time a save takes, less than a quarter of a second is ever unsaved."""
_STATUS = {
    FinishReason.STOP: Status.COMPLETE,
    FinishReason.LENGTH: Status.LENGTH,
    FinishReason.CANCELLED: Status.CANCELLED,
}


class Phase(Enum):
    LOADING = "loading"
    READING = "reading"
    WRITING = "writing"


@dataclass(slots=True, eq=False)
class LiveAnswer:
    """An answer that is being made. The service changes it, views read it."""

    message_id: str
    conversation_id: str
    started: float = field(default_factory=time.monotonic)
    phase: Phase = Phase.LOADING
    text: str = ""
    tokens: int = 0
    prompt_done: int = 0
    prompt_total: int = 0
    load_fraction: float = 0.0
    first_token_at: float = 0.0

    @property
    def tokens_per_s(self) -> float:
        """So far; 0 until there is something to measure."""
        spent = time.monotonic() - self.first_token_at
        return (self.tokens - 1) / spent if self.first_token_at and self.tokens > 1 and spent > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Assignment:
    """What an answer is to be made from."""

    turns: tuple[Turn, ...]
    parameters: Parameters
    preset_id: str
    system_prompt: str


class Answerer:
    """Makes one answer. ``run`` is the whole of it; ``stop`` ends it early with what there is."""

    def __init__(
        self,
        message: Message,
        assignment: Assignment,
        models: ModelService,
        messages: MessageRepository,
        bus: ChangeBus,
    ) -> None:
        self.live = LiveAnswer(message.id, message.conversation_id)
        self.done: Done | None = None
        self._assignment = assignment
        self._models = models
        self._bus = bus
        self._saver = _Saver(message.id, messages)
        self._messages = messages
        self._generation: Generation | None = None
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """Also while the model is loaded or the prompt is read."""
        self._stopped.set()
        if self._generation is not None:
            self._generation.cancel()

    async def run(self) -> None:
        """Never raises a :class:`LocutionError`: a failure is a state of the answer, with its words."""
        status, origin, error = Status.INTERRUPTED, None, ""
        try:
            status, origin = await self._make()
        except LocutionError as failure:
            status, error = Status.FAILED, str(failure)
        finally:
            # Also when the app ends: what is there is kept.
            await self._saver.finish(self.live.text, status, origin, error)

    async def _make(self) -> tuple[Status, Origin | None]:
        model = await self._load()
        if model is None:
            return Status.CANCELLED, None
        self._show(Phase.READING)
        request = GenerationRequest(self._assignment.turns, self._assignment.parameters)
        generation = self._generation = self._models.generate(request)
        async with aclosing(generation):
            async for event in generation:
                self._take(event)
        assert self.done is not None
        response = self.done.responses[0]
        self.live.text = response.text
        return _STATUS[response.finish_reason], self._origin(model, self.done)

    async def _load(self) -> LoadedModel | None:
        """The model, or ``None`` if the answer was stopped before it was there."""
        loading = asyncio.ensure_future(self._models.ready())
        stopped = asyncio.ensure_future(self._stopped.wait())
        unsubscribe = self._bus.subscribe(self._on_change)
        try:
            await asyncio.wait((loading, stopped), return_when=asyncio.FIRST_COMPLETED)
            return None if self._stopped.is_set() else await loading
        finally:
            unsubscribe()
            stopped.cancel()
            if not loading.done():
                loading.cancel()

    def _on_change(self, change: Change) -> None:
        if change.kind is Kind.MODEL:
            self._show(Phase.LOADING)

    def _take(self, event: PromptProgress | Delta | Done) -> None:
        live = self.live
        match event:
            case PromptProgress(done, total, _):
                live.prompt_done, live.prompt_total = done, total
                self._show(Phase.READING)
            case Delta(_, text, tokens):
                live.text += text
                live.tokens = tokens
                live.first_token_at = live.first_token_at or time.monotonic()
                self._saver.add(text)
                self._show(Phase.WRITING)
            case Done():
                self.done = event

    def _show(self, phase: Phase) -> None:
        self.live.phase = phase
        if phase is Phase.LOADING and isinstance(state := self._models.state, Loading):
            self.live.load_fraction = state.fraction
        self._bus.publish(Kind.ANSWER, self.live.message_id)

    def _origin(self, model: LoadedModel, done: Done) -> Origin:
        response = done.responses[0]
        return Origin(
            model_name=model.name,
            model_hash=model.model_hash,
            template_hash=model.template_hash,
            engine_build=model.engine_build,
            preset_id=self._assignment.preset_id,
            system_prompt=self._assignment.system_prompt,
            parameters=as_dict(self._assignment.parameters),
            seed=response.seed,
            prompt_tokens=response.prompt_tokens,
            completion_tokens=response.completion_tokens,
            prompt_s=done.timing.prompt_s,
            first_token_s=done.timing.first_token_s,
            tokens_per_s=done.timing.tokens_per_s,
        )


class _Saver:
    """Writes an answer's text behind its back, soon and in few writes."""

    def __init__(self, message_id: str, messages: MessageRepository) -> None:
        self._message_id = message_id
        self._messages = messages
        self._unsaved: list[str] = []
        self._saving: asyncio.Task[None] | None = None

    def add(self, text: str) -> None:
        self._unsaved.append(text)
        if self._saving is None or self._saving.done():
            self._saving = asyncio.get_running_loop().create_task(self._save_soon(), name="save answer")

    async def finish(self, text: str, status: Status, origin: Origin | None, error: str) -> None:
        """The final state takes the place of all that was saved. Ends also if the caller is cancelled."""
        if self._saving is not None:
            self._saving.cancel()
        parts = (Part(PartKind.TEXT, text),) if text else ()
        write = asyncio.ensure_future(self._messages.finish(self._message_id, parts, status, origin, error))
        try:
            await asyncio.shield(write)
        except asyncio.CancelledError:
            await write
            raise
        except NotFoundError:
            # Deleted for good while it was written.
            pass

    async def _save_soon(self) -> None:
        await asyncio.sleep(SAVE_S)
        while self._unsaved:
            text, self._unsaved = "".join(self._unsaved), []
            await self._messages.append(self._message_id, PartKind.TEXT, text)


def turns_of(path: Sequence[Message], system_prompt: str) -> tuple[Turn, ...]:
    """What the model is sent: the system prompt, then the messages; an answer that never came is left out.

    Neighbours with the same role become one turn: many templates insist that roles alternate.
    """
    turns = [Turn(Role.SYSTEM, system_prompt)] if system_prompt.strip() else []
    for message in path:
        if not (text := message.text):
            continue
        if turns and turns[-1].role is message.role:
            turns[-1] = Turn(message.role, f"{turns[-1].content}\n\n{text}")
        else:
            turns.append(Turn(message.role, text))
    return tuple(turns)
