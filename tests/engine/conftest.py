"""The engine's two cores as fixtures. What a module shares is left idle by every test that uses it."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from desktop.domain.engine_state import Ready
from desktop.engine.bridge import EngineBridge
from tests.helpers.engine import Heard, Subject, ask, native, opened, scripted
from tests.helpers.waiting import until

QUESTION = "Name three colours of the rainbow."


@pytest.fixture(scope="session", params=["scripted", "llama"])
def subject(request: pytest.FixtureRequest, starter_model: Path) -> Iterator[Subject]:
    """Each of the two cores."""
    with tempfile.TemporaryDirectory(prefix="locution-") as folder:
        yield scripted(Path(folder)) if request.param == "scripted" else native(starter_model)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(subject: Subject) -> AsyncIterator[EngineBridge]:
    """A bridge with its model loaded, for the whole module."""
    async with opened(subject) as (bridge, _):
        yield bridge


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def right_answer(subject: Subject) -> str:
    """What a worker that has seen nothing else answers to `QUESTION`."""
    async with opened(subject) as (bridge, _):
        return (await answer_again(bridge)).text


@pytest_asyncio.fixture(loop_scope="module")
async def bridge(shared: EngineBridge, right_answer: str) -> AsyncIterator[EngineBridge]:
    """The module's bridge; after each test it is idle again and answers as it always did."""
    yield shared
    await until(lambda: isinstance(shared.state, Ready))
    assert (await answer_again(shared)).text == right_answer


async def answer_again(bridge: EngineBridge) -> Heard:
    return await ask(bridge, QUESTION, max_tokens=5)
