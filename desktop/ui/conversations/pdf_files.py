"""One chat as a PDF, or several as an archive of PDFs. Main thread, on the loop."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtGui import QFont

from desktop.domain.errors import StorageError
from desktop.domain.exchange import Progress
from desktop.services.conversations import ConversationService
from desktop.services.exchange import ExchangeService
from desktop.system.file_names import free_name, safe_name, same_file
from desktop.system.printable import one_line
from desktop.ui.conversations.pdf import write_pdf

ARCHIVE = ".zip"


async def write_pdfs(
    exchange: ExchangeService,
    conversations: ConversationService,
    conversation_ids: Sequence[str],
    out: Path,
    font: QFont,
    on_progress: Callable[[Progress], None],
) -> None:
    """An archive if ``out`` is called ``….zip``. A file there is replaced; raises :class:`StorageError`.

    If it fails or is cancelled, what was at ``out`` is as it was.
    """
    if out.suffix.lower() != ARCHIVE:
        pieces = [piece async for piece in exchange.pieces(conversation_ids, "html")]
        await write_pdf("".join(pieces), out, font, lambda done, of: on_progress(Progress(done / of, 0)))
        return
    titles = {head.id: head.title for head in await conversations.list()}
    taken: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="locution-") as folder:
        archive = Path(folder, "all.zip")
        for done, conversation_id in enumerate(conversation_ids, 1):
            name = free_name(safe_name(titles.get(conversation_id, ""), "Untitled chat"), ".pdf", taken)
            taken.add(same_file(name))
            page = Path(folder, "chat.pdf")
            pieces = [piece async for piece in exchange.pieces((conversation_id,), "html")]
            await write_pdf("".join(pieces), page, font)
            await asyncio.to_thread(_put, archive, page, name)
            on_progress(Progress(done / len(conversation_ids), done))
        await asyncio.to_thread(_move, archive, out)


def _put(archive: Path, page: Path, name: str) -> None:
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as opened:
        opened.write(page, name)


def _move(archive: Path, out: Path) -> None:
    """First beside it, then in its place: never half of a file there."""
    partial = out.with_name(f".{out.name}.partial")
    try:
        shutil.copyfile(archive, partial)
        partial.replace(out)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise StorageError(
            f"{one_line(str(out), 300)} could not be written: {error.strerror or error}.",
            action="Choose another place, or free some disk space.",
        ) from error
