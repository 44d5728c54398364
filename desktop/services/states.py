"""What the engine keeps on disk of the chats it has read: where, how much, and nothing of a deleted one."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from pathlib import Path

from desktop.domain.errors import StorageError
from desktop.domain.model import StateStore
from desktop.domain.settings import Setting
from desktop.domain.text import well_formed
from desktop.services.settings import SettingsService
from desktop.system.paths import ready

SECRET_SIZE = 32
"""Bytes."""
_MEGABYTE = 1_000_000

_log = logging.getLogger(__name__)


class KeptStates:
    """``folder`` holds the states; ``secret`` is the file with which they are proved to be this app's own.

    States only spare reading, so a failure is logged and none are kept.
    """

    def __init__(self, folder: Path, secret: Path, settings: SettingsService) -> None:
        self._folder = folder
        self._secret = secret
        self._settings = settings

    async def store(self, model_hash: str) -> StateStore | None:
        """Where states of this model are kept; ``None`` if the user wants none, or if there is no place."""
        limit = self._settings.number(Setting.KEPT_STATES) * _MEGABYTE
        return await asyncio.to_thread(self._store, model_hash, limit)

    async def forget(self, key: str) -> None:
        """Removes what is kept for a chat, whatever the model."""
        await asyncio.to_thread(self._forget, key)

    def _store(self, model_hash: str, limit: int) -> StateStore | None:
        if not limit:
            self._remove("*")
            return None
        if well_formed(str(self._folder)) != str(self._folder):
            return None
        try:
            folder = ready(self._folder)
            return StateStore(str(folder), self._read_secret() or self._make_secret(), model_hash, limit)
        except (OSError, StorageError) as error:
            _log.warning("The engine's state cannot be kept on disk: %s", error)
            return None

    def _forget(self, key: str) -> None:
        try:
            secret = self._read_secret()
        except OSError as error:
            _log.warning("Kept states cannot be told apart: %s", error)
            return
        if secret is not None:
            self._remove(f"{StateStore(str(self._folder), secret, '', 0).name_of(key)}-*")

    def _remove(self, pattern: str) -> None:
        try:
            for path in self._folder.glob(pattern):
                path.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("A kept state could not be removed: %s", error)

    def _read_secret(self) -> bytes | None:
        """``None`` if there is none yet, or none of ours."""
        try:
            secret = self._secret.read_bytes()
        except FileNotFoundError:
            return None
        return secret if len(secret) == SECRET_SIZE else None

    def _make_secret(self) -> bytes:
        ready(self._secret.parent)
        self._secret.unlink(missing_ok=True)
        secret = secrets.token_bytes(SECRET_SIZE)
        descriptor = os.open(self._secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secret)
        return secret
