"""Services, and a loaded model, for the time of one command. What the window uses stays as it is."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from desktop.cli.load_options import load_overrides
from desktop.cli.output import complain
from desktop.cli.update_progress import UpdateProgress
from desktop.domain.model import LoadedModel
from desktop.services.assembly import Services, open_services
from desktop.services.models import ModelService
from desktop.system.paths import Locations


@dataclass(frozen=True, slots=True)
class Session:
    """``load_s`` is how long the model took, in seconds."""

    models: ModelService
    model: LoadedModel
    load_s: float


@asynccontextmanager
async def open_data(options: argparse.Namespace) -> AsyncIterator[Services]:
    """The user's chats and settings; what there is to tell of opening them is told."""
    locations, update = Locations.choose(options.data_dir), UpdateProgress()
    async with open_services(locations, keep_states=False, on_progress=update.tell) as services:
        if services.notice:
            complain(services.notice)
        yield services


@asynccontextmanager
async def open_session(options: argparse.Namespace, *, to_embed: bool = False) -> AsyncIterator[Session]:
    """With the model asked for, or the one used last. With ``to_embed`` it may be one that only embeds."""
    async with open_data(options) as services:
        models = services.models
        settings = models.load_settings(**load_overrides(options))
        clock = asyncio.get_running_loop().time
        start = clock()
        model = await models.use(
            options.model or models.usual_ref(), settings, remember=False, to_embed=to_embed
        )
        yield Session(models, model, clock() - start)
