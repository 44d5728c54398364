"""A scripted core: the worker runs it in place of the native one; the bridge and all above it are real.

Its "model file" is a small JSON script, which makes it a model like any other: it can be picked, loaded,
listed among the recent ones. Used by tests and benchmarks, and by nobody else. Fields, all optional:

    name, context_length      what the model says of itself
    load_s, load_error        how long loading takes; a message to fail with
    reply                     the answer; "{prompt}" in it stands for the last user turn
    thinking                  what comes before it, and is not part of it
    ahead, queue_s            how many others every request is told to wait for, and for how long
    cut_turns                 how many of the oldest turns it says it left out
    tokens_per_s              0 means as fast as asked for
    prompt_tokens_per_s       0 means at once
    crash_after, hang_after   tokens after which the process aborts, or stops answering
    fail                      a message that every request fails with
    gate                      a file that says how far it may have got by now, whatever the times above allow

A gate's file is a JSON object and may change at any time: ``loaded``, the share of the model, from 0 to 1;
``read``, the tokens of each prompt; ``written``, the tokens of each answer, thinking included. What it does
not name is not held back, and neither is anything where there is no such file. So a test decides what has
happened when it looks, however slow the machine is.

A token is a run of letters, digits or white space, or one other character.
"""

from __future__ import annotations

import json
import math
import os
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import takewhile
from pathlib import Path

from desktop.domain.conversation import Role
from desktop.domain.errors import (
    ContextOverflowError,
    LocutionError,
    ModelLoadError,
    NoModelError,
    ParameterError,
)
from desktop.domain.generation import (
    ContextCut,
    Delta,
    Done,
    FinishReason,
    GenerationRequest,
    PromptProgress,
    Queued,
    RenderedPrompt,
    Response,
    Timing,
    Token,
    TokenOrigin,
    Turn,
)
from desktop.domain.ledger import Foresight
from desktop.domain.model import Adapter, LoadedModel, LoadSettings, StateStore
from desktop.engine.worker.core import Between, CoreInfo, Emit, Request, Start

STEP_S = 0.002
"""Seconds one idle step sleeps, so that a paced answer does not spin."""
_TOKEN = re.compile(r"[^\W_]+ ?|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Script:
    name: str = "Scripted"
    context_length: int = 4096
    load_s: float = 0.0
    load_error: str = ""
    reply: str = "You said: {prompt}"
    thinking: str = ""
    ahead: int = 0
    queue_s: float = 0.0
    cut_turns: int = 0
    tokens_per_s: float = 0.0
    prompt_tokens_per_s: float = 0.0
    crash_after: int = -1
    hang_after: int = -1
    fail: str = ""
    gate: str = ""

    @classmethod
    def read(cls, path: str) -> Script:
        """Raises :class:`ModelLoadError` if the file is no script."""
        try:
            values = json.loads(Path(path).read_text("utf-8"))
            known = {field.name for field in fields(cls)}
            return cls(**{name: value for name, value in values.items() if name in known})
        except (OSError, ValueError, AttributeError, TypeError) as error:
            raise ModelLoadError(
                "The engine could not load this file.", action="Choose another file.", detail=str(error)
            ) from error


@dataclass(frozen=True, slots=True)
class _Gate:
    """How far things may have got by now."""

    loaded: float = 1.0
    read: float = math.inf
    written: float = math.inf

    @classmethod
    def of(cls, script: Script) -> _Gate:
        if not script.gate:
            return cls()
        try:
            return cls(**json.loads(Path(script.gate).read_text("utf-8")))
        except FileNotFoundError:
            return cls()


@dataclass(slots=True, eq=False)
class _Job:
    id: int
    request: GenerationRequest
    emit: Emit
    prompt_tokens: int
    thoughts: int
    """How many of ``pieces`` are thinking."""
    pieces: list[str]
    started: float
    read: int = -1
    """Tokens of the prompt, as last told."""
    read_at: float = 0.0
    written: int = 0
    cancelled: bool = False


class ScriptedCore:
    """Keeps the interface of :class:`~desktop.engine.worker.core.Core`."""

    def __init__(self) -> None:
        self._script: Script | None = None
        self._length = 0
        self._sequences = 0
        self._jobs: list[_Job] = []
        self._read_last: list[str] = []
        """What it would still have in a cache: the last request and its answer."""
        self._speed = 0.0

    def info(self) -> CoreInfo:
        return CoreInfo("scripted")

    def load(
        self,
        path: str,
        settings: LoadSettings,
        state: StateStore | None,
        progress: Callable[[float], bool],
    ) -> LoadedModel:
        script = Script.read(path)
        start = time.monotonic()
        while (share := min(_share(start, script.load_s), _Gate.of(script).loaded)) < 1:
            if not progress(share):
                raise ModelLoadError("Loading was given up.")
            time.sleep(STEP_S)
        if script.load_error:
            raise ModelLoadError(script.load_error)
        self._script = script
        self._sequences = settings.sequences
        length = self._length = settings.context_length or script.context_length
        return LoadedModel(
            script.name,
            "",
            "scripted",
            "",
            0,
            length,
            length,
            settings.threads or 1,
            "CPU",
            True,
            "scripted",
            template_hash="scripted",
            can_switch_thinking=bool(script.thinking),
            adapters=settings.adapters,
        )

    def set_adapters(self, adapters: Sequence[Adapter]) -> None:
        self._loaded()

    def prepare(self, request_id: int, request: Request) -> Start:
        script = self._loaded()
        if not isinstance(request, GenerationRequest):
            raise LocutionError("A script has nothing to measure.")
        prompt_tokens = sum(len(_pieces(turn.content)) for turn in request.turns)
        if not prompt_tokens:
            raise ParameterError("There is nothing to answer.", action="Write something first.")
        if request.n > self._sequences:
            raise ParameterError(
                f"The engine was started for at most {self._sequences} answers at once.", setting="n"
            )
        if prompt_tokens >= self._length:
            raise ContextOverflowError.of(prompt_tokens, self._length)
        if script.fail:
            raise LocutionError(script.fail)
        asked = next((turn.content for turn in reversed(request.turns) if turn.role is Role.USER), "")
        thoughts = [] if request.prefill else _pieces(script.thinking)
        begun = [request.prefill] if request.prefill else []
        pieces = thoughts + begun + _pieces(script.reply.replace("{prompt}", asked))
        sizes = [len(_pieces(turn.content)) for turn in request.turns]

        def start(emit: Emit) -> None:
            now = time.monotonic() + script.queue_s
            self._jobs.append(_Job(request_id, request, emit, prompt_tokens, len(thoughts), pieces, now))
            if script.ahead:
                emit(Queued(script.ahead))
            if (cut := _cut(script, sizes)) is not None:
                emit(cut)
            if not script.queue_s:
                emit(PromptProgress(0, prompt_tokens))

        return start

    def step(self) -> None:
        before = sum(job.written for job in self._jobs)
        for job in list(self._jobs):
            self._advance(job)
        if self._jobs and sum(job.written for job in self._jobs) == before:
            time.sleep(STEP_S)

    def rest(self) -> float | None:
        return None

    def forget(self, key: str) -> None:
        pass

    @property
    def active(self) -> bool:
        return bool(self._jobs)

    def cancel(self, request_id: int) -> None:
        for job in tuple(self._jobs):
            if job.id == request_id:
                job.cancelled = True

    def tokenize(self, text: str) -> tuple[Token, ...]:
        self._loaded()
        return tuple(Token(_id(piece), piece) for piece in _pieces(text))

    def count_tokens(self, text: str) -> int:
        self._loaded()
        return len(_pieces(text))

    def render(self, turns: Sequence[Turn]) -> RenderedPrompt:
        self._loaded()
        tokens: list[Token] = []
        for turn in turns:
            tokens.append(Token(0, f"<{turn.role}>", special=True, origin=TokenOrigin.TEMPLATE))
            tokens += (
                Token(_id(piece), piece, origin=TokenOrigin(turn.role.value))
                for piece in _pieces(turn.content)
            )
        return RenderedPrompt("".join(token.piece for token in tokens), tuple(tokens))

    def foresee(self, request: GenerationRequest, between: Between) -> Foresight:
        script = self._loaded()
        sizes = [len(_pieces(turn.content)) for turn in request.turns]
        cut = _cut(script, sizes)
        gone = cut.tokens if cut else 0
        sent = sum(sizes) - gone
        fits = sent < self._length
        pieces = _prompt(request.turns[len(cut.turns) if cut else 0 :])
        return Foresight(
            turn_tokens=dict(enumerate(sizes)),
            prompt_tokens=sum(sizes),
            sent_tokens=sent,
            reused_tokens=min(_common(pieces, self._read_last), sent - 1) if fits and sent else 0,
            cut=cut if fits else None,
            overflows=not fits,
            reserve=max(
                0, min(request.n * request.parameters.max_tokens, self._length // 4, self._length - sent)
            ),
            context_length=self._length,
            prompt_tokens_per_s=self._speed,
            step_s=1 / script.tokens_per_s if self._speed and script.tokens_per_s else 0.0,
        )

    def close(self) -> None:
        self._script = None

    def _loaded(self) -> Script:
        if self._script is None:
            raise NoModelError("No model is loaded.", action="Choose a model.")
        return self._script

    def _advance(self, job: _Job) -> None:
        script, now = self._loaded(), time.monotonic()
        if job.cancelled:
            self._finish(job, FinishReason.CANCELLED)
            return
        if now < job.started:
            return
        if not job.read_at:
            self._read(job, script, now)
            return
        limit = min(len(job.pieces), job.request.parameters.max_tokens)
        due = int((now - job.read_at) * script.tokens_per_s) + 1 if script.tokens_per_s else job.written + 1
        allowed = min(due, limit, _Gate.of(script).written)
        while job.written < allowed:
            self._misbehave(script, job.written)
            piece = job.pieces[job.written]
            job.written += 1
            for index in range(job.request.n):
                job.emit(Delta(index, piece, job.written, thinking=job.written <= job.thoughts))
        if job.written >= limit:
            self._finish(job, FinishReason.STOP if limit == len(job.pieces) else FinishReason.LENGTH)

    def _read(self, job: _Job, script: Script, now: float) -> None:
        rate = script.prompt_tokens_per_s
        due = (now - job.started) * rate if rate else job.prompt_tokens
        done = int(min(job.prompt_tokens, due, _Gate.of(script).read))
        if done > job.read:
            job.read = done
            job.emit(PromptProgress(done, job.prompt_tokens))
        if done == job.prompt_tokens:
            job.read_at = now
            self._speed = rate

    @staticmethod
    def _misbehave(script: Script, written: int) -> None:
        if written == script.crash_after:
            os.abort()
        if written == script.hang_after:
            while True:
                time.sleep(60)

    def _finish(self, job: _Job, reason: FinishReason) -> None:
        self._jobs.remove(job)
        self._read_last = [*_prompt(job.request.turns), *job.pieces[job.thoughts : job.written]]
        now = time.monotonic()
        written = job.pieces[: job.written]
        thinking, text = "".join(written[: job.thoughts]), "".join(written[job.thoughts :])
        response = Response(text, reason, job.prompt_tokens, job.written, 0, thinking)
        writing = now - job.read_at if job.read_at else 0.0
        job.emit(
            Done(
                responses=(response,) * job.request.n,
                timing=Timing(
                    prompt_s=max(0.0, job.read_at - job.started),
                    first_token_s=max(0.0, job.read_at - job.started),
                    tokens_per_s=job.written * job.request.n / writing if writing > 0 else 0.0,
                ),
                context_used=job.prompt_tokens + job.written,
            )
        )


def _share(start: float, seconds: float) -> float:
    """How much of ``seconds`` has passed, from 0 to 1."""
    return min((time.monotonic() - start) / seconds, 1.0) if seconds else 1.0


def _cut(script: Script, sizes: Sequence[int]) -> ContextCut | None:
    turns = range(min(script.cut_turns, len(sizes)))
    return ContextCut("drop_oldest", tuple(turns), sum(sizes[at] for at in turns)) if turns else None


def _prompt(turns: Iterable[Turn]) -> list[str]:
    return [piece for turn in turns for piece in _pieces(turn.content)]


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    """Length of the common beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False)))


def _pieces(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _id(piece: str) -> int:
    return sum(piece.encode("utf-8", "replace"))
