"""Measurements without a worker process: a model in this one, and what the library says of it directly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import llama_cpp.llama_cpp as ll
import numpy as np

from desktop.domain.errors import LocutionError
from desktop.domain.instruments import Measurement
from desktop.domain.model import LoadSettings
from desktop.engine.worker.core import Event
from desktop.engine.worker.llama import native
from desktop.engine.worker.loading.loading import Opened, open_model
from desktop.engine.worker.measuring.task import Task
from desktop.engine.worker.scheduling.scheduler import Scheduler

SMALL = LoadSettings(context_length=512, batch=128, threads=1, sequences=4)


@contextmanager
def opened_here(path: Path, settings: LoadSettings = SMALL) -> Iterator[Opened]:
    native.start()
    model = open_model(str(path), settings, lambda _fraction: True)
    try:
        yield model
    finally:
        model.close()


def all_logprobs(model: Opened, tokens: list[int]) -> np.ndarray:
    """Log-probabilities after each of these tokens, read from nothing in one batch; (tokens, vocabulary)."""
    context, size = model.context, len(tokens)
    context.clear()
    context.tokens[:size], context.positions[:size] = tokens, np.arange(size)
    context.sequences[:size], context.outputs[:size] = 0, 1
    assert context.decode(size) == 0
    logits = np.ctypeslib.as_array(ll.llama_get_logits(context.handle), (size, model.model.vocabulary.size))
    exact = logits.astype(np.float64)
    exact -= exact.max(axis=1, keepdims=True)
    return exact - np.log(np.exp(exact).sum(axis=1, keepdims=True))


def measure(model: Opened, task: Task) -> Measurement:
    """Runs a task alone, to its end."""
    heard: list[Event | LocutionError] = []
    model.context.clear()
    scheduler = Scheduler(model.context, model.model.vocabulary, SMALL.sequences)
    scheduler.measure(task, heard.append)
    while scheduler.active:
        scheduler.step()
    outcome = heard[-1]
    if isinstance(outcome, LocutionError):
        raise outcome
    assert isinstance(outcome, Measurement)
    return outcome
