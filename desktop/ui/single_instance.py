"""One window on one data folder: a lock that dies with its process, and a way to call the first window.

The lock is held by the operating system, not by a file's existence, so nothing is left to clear up after a
crash or ``kill -9``. Made by the composition root before anything opens the data; main thread, on the loop.
QtNetwork (about 10 ms and 3 MB) is loaded a moment after the first window is up, or by a second start.

    first start                                   second start
    with SingleInstance(folder) as instance:      with SingleInstance(folder) as instance:
        instance.is_first == True                     instance.is_first == False
        instance.called  ◄────────────────────────    await instance.call_first() -> it answered
        window.bring_to_front()
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.domain.errors import StorageError

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer, QLocalSocket

LOCK_NAME = "locution.lock"
LISTEN_AFTER_MS = 1000
"""Nothing but the window belongs into the first second."""
ANSWER_S = 5.0
"""How long a second start tries to be heard; the first may just be starting."""
_RETRY_S = 0.1
_TRY_MS = 500
_HELLO = b"show"
_OK = b"ok"
_MOST_BYTES = 512
"""Of a caller's message; a longer one is not ours."""


class SingleInstance(QObject):
    """Holds a data folder from ``__enter__`` to ``__exit__`` or the process's end, if nobody else does."""

    called = Signal()
    """A second start asks for the window."""

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._lock: IO[bytes] | None = None
        self._server: QLocalServer | None = None
        self._timer = QTimer(self, singleShot=True, interval=LISTEN_AFTER_MS)
        self._timer.timeout.connect(self.listen)

    def __enter__(self) -> Self:
        """Raises :class:`~desktop.domain.errors.StorageError` if nothing can be written to the folder."""
        self._lock = _try_lock(self._folder / LOCK_NAME)
        if self.is_first:
            self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Lets go of the folder. The lock's file stays: removing it would race with the next start."""
        self._timer.stop()
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    @property
    def is_first(self) -> bool:
        return self._lock is not None

    def listen(self) -> bool:
        """Starts answering second starts; false if the system gives no local socket (they then say so)."""
        from PySide6.QtNetwork import QLocalServer

        self._timer.stop()
        name = _server_name(self._folder)
        QLocalServer.removeServer(name)  # left by a process that was killed: the lock is ours
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_new_connection)
        return self._server.listen(name)

    async def call_first(self) -> bool:
        """Asks the first window to come to the front; whether it answered."""
        end = time.monotonic() + ANSWER_S
        while time.monotonic() < end:
            if _ask(_server_name(self._folder)):
                return True
            await asyncio.sleep(_RETRY_S)
        return False

    def _on_new_connection(self) -> None:
        if self._server is None:
            return
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.readyRead.connect(lambda socket=socket: self._on_ready_read(socket))
            socket.disconnected.connect(socket.deleteLater)
            if socket.bytesAvailable():
                self._on_ready_read(socket)

    def _on_ready_read(self, socket: QLocalSocket) -> None:
        message = bytes(socket.read(_MOST_BYTES).data())
        greeting, _, token = message.partition(b"\n")
        if greeting != _HELLO:
            socket.abort()
            return
        if token:
            # Wayland lets a window come to the front only with the token of the click that asked for it.
            os.environ["XDG_ACTIVATION_TOKEN"] = token.decode("ascii", "replace")
        socket.write(_OK)
        socket.flush()
        socket.disconnectFromServer()
        self.called.emit()


def _ask(server: str) -> bool:
    """One try, at most a second. Blocks: there is no window yet that it could keep waiting."""
    from PySide6.QtNetwork import QLocalSocket

    socket = QLocalSocket()
    socket.connectToServer(server)
    if not socket.waitForConnected(_TRY_MS):
        return False
    token = os.environ.get("XDG_ACTIVATION_TOKEN", "").encode("ascii", "ignore")
    socket.write(_HELLO + b"\n" + token)
    socket.flush()
    answered = socket.waitForReadyRead(_TRY_MS) and bytes(socket.readAll().data()) == _OK
    socket.disconnectFromServer()
    return answered


def _server_name(folder: Path) -> str:
    """Short, whatever the folder is called: the path of a Unix socket holds about 100 characters."""
    real = os.path.normcase(folder.resolve())
    return f"locution-{hashlib.sha256(real.encode('utf-8', 'surrogateescape')).hexdigest()[:20]}"


def _try_lock(path: Path) -> IO[bytes] | None:
    """The locked file, or ``None`` if another process holds it."""
    try:
        file = path.open("ab")
    except OSError as error:
        raise StorageError(
            f"The folder {path.parent} cannot be written to.",
            action="Change its permissions, or start with another data folder.",
            detail=repr(error),
        ) from error
    try:
        _lock_file(file)
    except OSError:
        file.close()
        return None
    return file


if sys.platform == "win32":
    import msvcrt

    def _lock_file(file: IO[bytes]) -> None:
        """Raises ``OSError`` if another process holds it."""
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock_file(file: IO[bytes]) -> None:
        """Raises ``OSError`` if another process holds it."""
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
