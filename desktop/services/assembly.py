"""All services over one data folder: built in the order they need each other, closed in the reverse."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from desktop.domain.model import ModelFile
from desktop.engine.bridge import EngineBridge
from desktop.library.local_models import ModelLibrary, starter_path
from desktop.library.model_file import inspect
from desktop.services.bus import ChangeBus
from desktop.services.chat import ChatService
from desktop.services.conversations import ConversationService
from desktop.services.exchange import ExchangeService
from desktop.services.folders import FolderService
from desktop.services.ledger import LedgerService
from desktop.services.models import ModelService
from desktop.services.next_message import NextMessageService
from desktop.services.presets import PresetService
from desktop.services.search import SearchService
from desktop.services.settings import SettingsService
from desktop.services.spelling import SpellingService
from desktop.services.states import KeptStates
from desktop.services.stores import Store, Stores
from desktop.services.titles import TitleService
from desktop.services.trash import TrashClock, TrashService
from desktop.services.undo import UndoStack
from desktop.services.unsaved import UnsavedAnswers
from desktop.storage.database import Database
from desktop.storage.folders import FolderRepository
from desktop.storage.imports import ImportRepository
from desktop.storage.reader import Reader
from desktop.storage.search import SearchRepository
from desktop.storage.settings import SettingsRepository
from desktop.system.paths import Locations, ready, resources_dir

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Services:
    """``notice`` is a sentence the user should read, from opening the data; usually empty."""

    bus: ChangeBus
    settings: SettingsService
    presets: PresetService
    models: ModelService
    conversations: ConversationService
    chat: ChatService
    next_message: NextMessageService
    spelling: SpellingService
    folders: FolderService
    trash: TrashService
    undo: UndoStack
    search: SearchService
    exchange: ExchangeService
    titles: TitleService
    ledger: LedgerService
    notice: str = ""


def open_presets(locations: Locations) -> PresetService:
    """Those that ship with the app, and the user's own; the user's take the place of those."""
    return PresetService((resources_dir() / "presets", locations.presets))


@asynccontextmanager
async def open_services(
    locations: Locations,
    *,
    engine_command: Sequence[str] | None = None,
    inspect_file: Callable[[Path], ModelFile] = inspect,
    keep_states: bool = True,
    on_progress: Callable[[float], None] = lambda _: None,
) -> AsyncIterator[Services]:
    """Opens the data and builds everything on it; no engine process is started and no model loaded.

    ``keep_states`` lets the engine keep on disk what it has read of chats. ``on_progress`` is told how far
    an update of an earlier version's file has come, from 0 to 1, where that takes long.

    Raises :class:`StorageError`. On leaving: answers are ended and kept, settings written, the engine
    stopped, the database closed; each also if the one before failed.
    """
    async with AsyncExitStack() as stack:
        path = ready(locations.data) / locations.database.name
        database = await Database.open(path, on_progress=on_progress)
        stack.push_async_callback(database.close)
        bus = ChangeBus()
        settings = SettingsService(SettingsRepository(database), bus)
        await settings.read()
        stack.push_async_callback(settings.aclose)
        presets = open_presets(locations)
        library = ModelLibrary(locations.models, starter_path())
        states = KeptStates(locations.states, locations.states_key, settings) if keep_states else None
        models = ModelService(EngineBridge(engine_command), library, settings, bus, inspect_file, states)
        stack.push_async_callback(models.aclose)
        stores = Stores(Store.over(database))
        if recovered := await stores.disk.messages.recover():
            _log.warning("%d answers were cut short when the app ended", len(recovered))
        undo = UndoStack(bus)
        trash = TrashService(stores, TrashClock(SettingsRepository(database)), models, undo, bus)
        stack.push_async_callback(trash.aclose)
        await trash.start()
        unsaved = UnsavedAnswers(stores.disk.messages, bus)
        conversations = ConversationService(stores, unsaved, trash, undo, presets, settings, bus)
        chat = ChatService(stores, conversations, unsaved, trash, undo, models, bus)
        stack.push_async_callback(chat.aclose)
        next_message = NextMessageService(conversations, chat, bus)
        stack.push_async_callback(next_message.aclose)
        spelling = SpellingService()
        stack.push_async_callback(spelling.aclose)
        titles = TitleService(conversations, chat, models, settings, bus)
        stack.push_async_callback(titles.aclose)
        folders = FolderService(FolderRepository(database), stores, undo, bus)
        reader = Reader(database.path)
        stack.push_async_callback(reader.close)
        search = SearchService(SearchRepository(reader, database))
        exchange = ExchangeService(conversations, trash, folders, ImportRepository(database), undo, bus)
        yield Services(
            bus,
            settings,
            presets,
            models,
            conversations,
            chat,
            next_message,
            spelling,
            folders,
            trash,
            undo,
            search,
            exchange,
            titles,
            LedgerService(conversations, chat, models, bus),
            database.notice,
        )
