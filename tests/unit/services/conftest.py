"""The app without a window, on an empty data folder, with the scripted engine."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from desktop.services.assembly import Services
from tests.unit.services.scripted_app import new_chat, opened


@pytest.fixture
async def services(data_dir: Path) -> AsyncIterator[Services]:
    """No model is loaded yet, and no chat begun."""
    async with opened(data_dir) as services:
        yield services


@pytest.fixture
async def chat_id(services: Services) -> str:
    """An empty chat."""
    return await new_chat(services)


@pytest.fixture
def calm_dir(tmp_path: Path) -> Iterator[Path]:
    """An empty data folder on a disk that nobody else keeps busy, where the system has one in its memory."""
    memory = Path("/dev/shm")
    there = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 500_000_000
    with tempfile.TemporaryDirectory(prefix="locution-", dir=memory if there else tmp_path) as folder:
        yield Path(folder)
