"""The prompts' thread: an answer goes before questions, also before the rest of one."""

from __future__ import annotations

import io
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from desktop.domain.conversation import Role
from desktop.domain.generation import GenerationRequest, Turn
from desktop.domain.ledger import Foresight
from desktop.domain.model import LoadSettings
from desktop.engine import protocol
from desktop.engine.fake import ScriptedCore
from desktop.engine.framing import FrameReader, decode_report
from desktop.engine.worker.core import Between
from desktop.engine.worker.loop import Loop, Prompts
from desktop.engine.worker.reports import Outbox
from tests.helpers.scripted import write_script

ASKED = GenerationRequest((Turn(Role.USER, "why"),))
WAIT_S = 60.0


def done(event: threading.Event) -> None:
    assert event.wait(WAIT_S)


@contextmanager
def held(prompts: Prompts) -> Iterator[None]:
    """The thread is in the midst of a question until the block is left."""
    begun, go = threading.Event(), threading.Event()

    def question() -> None:
        begun.set()
        done(go)

    prompts.do(question, question=True)
    done(begun)
    try:
        yield
    finally:
        go.set()


def test_an_answer_goes_before_questions_that_wait() -> None:
    prompts, order, end = Prompts(), list[str](), threading.Event()
    with held(prompts):
        prompts.do(lambda: order.append("a question"), question=True)
        prompts.do(lambda: order.append("an answer"))
        prompts.do(end.set, question=True)
        assert prompts.busy
        assert prompts.preparing

    done(end)
    assert order == ["an answer", "a question"]
    assert not prompts.preparing


class _Halting(ScriptedCore):
    """Foresees in two pieces, the second when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go = threading.Event(), threading.Event()
        self.order: list[str] = []

    def foresee(self, request: GenerationRequest, between: Between) -> Foresight:
        self.begun.set()
        done(self.go)
        between()
        self.order.append("the question's end")
        return super().foresee(request, between)


@pytest.fixture
def core(tmp_path: Path) -> _Halting:
    core = _Halting()
    core.load(str(write_script(tmp_path / "a.json")), LoadSettings(), None, lambda _fraction: True)
    return core


def said_by(loop: Loop, written: io.BytesIO) -> bytes:
    """All that was written once the thread has nothing left to do."""
    end = threading.Event()
    loop.prompts.do(end.set, question=True)
    done(end)
    return written.getvalue()


def test_in_the_midst_of_a_question_an_answer_goes_first(core: _Halting) -> None:
    written = io.BytesIO()
    loop = Loop(core, queue.SimpleQueue(), Outbox(written))
    loop.ask(protocol.Foresee(1, ASKED))
    done(core.begun)
    loop.prompts.do(lambda: core.order.append("an answer"))
    core.go.set()

    assert b"Foreseen" in said_by(loop, written)
    assert core.order == ["an answer", "the question's end"]


def test_a_question_that_is_taken_back_ends_before_its_next_piece(core: _Halting) -> None:
    written = io.BytesIO()
    loop = Loop(core, queue.SimpleQueue(), Outbox(written))
    loop.ask(protocol.Foresee(1, ASKED))
    done(core.begun)
    loop.take_back(1)
    core.go.set()

    assert b"Foreseen" not in said_by(loop, written)
    assert core.order == []


def test_a_question_that_goes_on_is_answered_as_a_whole(core: _Halting) -> None:
    core.go.set()
    written = io.BytesIO()
    loop = Loop(core, queue.SimpleQueue(), Outbox(written))
    loop.ask(protocol.Foresee(0, ASKED, goes_on=True))
    loop.ask(protocol.Foresee(1, GenerationRequest((Turn(Role.ASSISTANT, "so"), *ASKED.turns)), 1))

    said_by(loop, written)
    (report,) = map(decode_report, FrameReader().feed(written.getvalue()))
    assert isinstance(report, protocol.Foreseen)
    assert len(report.foresight.turn_tokens) == 3
