"""Files that are to go with a message: chosen, read, and what is said of those that cannot be.

Main thread, on the loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.domain.conversation import Part, PartKind
from desktop.domain.errors import LocutionError
from desktop.domain.text import well_formed
from desktop.system.printable import one_line
from desktop.system.text_files import read_text
from desktop.ui.composer.attachments import MOST


def choose_files(place: QWidget, chosen: Callable[[list[Path]], None], ended: Callable[[], None]) -> None:
    """Asks for files; ``ended`` also if none was chosen."""
    dialog = QFileDialog(place, QCoreApplication.translate("Asking", "Attach files"))
    dialog.setObjectName("attach-dialog")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.filesSelected.connect(lambda names: chosen([Path(name) for name in names]))
    dialog.finished.connect(dialog.deleteLater)
    dialog.finished.connect(lambda _result: ended())
    dialog.open()


async def read_files(paths: Sequence[Path], take: Callable[[Part], Awaitable[bool]]) -> None:
    """Hands each over, in this order, until ``take`` has no room for one.

    Raises :class:`LocutionError` in the end, which names every file that was not taken.
    """
    failures: list[LocutionError] = []
    for at, path in enumerate(paths):
        if at >= MOST:
            failures.append(too_many())
            break
        try:
            text = well_formed(await asyncio.to_thread(read_text, path))
        except LocutionError as error:
            failures.append(error)
            continue
        if not await take(Part(PartKind.ATTACHMENT, text, one_line(well_formed(path.name), 200))):
            failures.append(too_many())
            break
    if failures:
        raise failures[0] if len(failures) == 1 else _together(failures)


def too_many() -> LocutionError:
    return LocutionError(
        f"A message can have at most {MOST} files.", action="Send the others with the next message."
    )


def _together(failures: list[LocutionError]) -> LocutionError:
    """Several as one, which names each."""
    first = failures[0]
    return LocutionError(
        f"{len(failures)} files could not be attached. {first.message}",
        action=first.action,
        detail="\n".join(str(failure) for failure in failures),
    )
