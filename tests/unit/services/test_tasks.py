"""Background work: it ends with its owner, and its failure is not lost."""

import asyncio
import logging

import pytest

from desktop.domain.errors import StorageError
from desktop.services.tasks import Tasks


async def test_work_that_goes_on_is_ended_with_its_owner() -> None:
    tasks = Tasks()
    cleaned: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            cleaned.append("up")

    started = tasks.start(work(), "work")
    await asyncio.sleep(0)

    await tasks.aclose()

    assert started.cancelled()
    assert cleaned == ["up"]


async def test_settling_waits_for_work_that_other_work_starts() -> None:
    tasks = Tasks()
    done: list[str] = []

    async def child() -> None:
        await asyncio.sleep(0.01)
        done.append("child")

    async def parent() -> None:
        await asyncio.sleep(0)
        tasks.start(child(), "child")

    tasks.start(parent(), "parent")

    await tasks.settle()

    assert done == ["child"]


async def test_a_failure_is_in_the_log_by_the_works_name(caplog: pytest.LogCaptureFixture) -> None:
    tasks = Tasks()

    async def fail() -> None:
        raise ValueError("a mistake")

    async def refuse() -> None:
        raise StorageError("The disk is full.", detail="SQLITE_FULL")

    tasks.start(fail(), "count words")
    tasks.start(refuse(), "save a draft")
    await tasks.settle()

    mistake, refusal = sorted(caplog.records, key=lambda record: -record.levelno)
    assert (mistake.levelno, mistake.exc_info is not None) == (logging.ERROR, True)
    assert "count words" in mistake.getMessage()
    assert (refusal.levelno, refusal.exc_info) == (logging.WARNING, None)
    assert refusal.getMessage() == "save a draft: The disk is full. SQLITE_FULL"


async def test_work_that_is_started_after_the_end_does_not_run() -> None:
    tasks = Tasks()
    await tasks.aclose()
    ran: list[str] = []

    async def work() -> None:
        ran.append("work")

    task = tasks.start(work(), "late")
    await tasks.settle()

    assert (task.cancelled(), ran) == (True, [])
