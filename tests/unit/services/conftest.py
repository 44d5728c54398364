"""The app without a window, on an empty data folder, with the scripted engine."""

from collections.abc import AsyncIterator
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
