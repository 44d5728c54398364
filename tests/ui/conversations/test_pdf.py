"""A chat on paper."""

import asyncio
from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from desktop.domain.conversation import Conversation, Message, Part, PartKind, Role
from desktop.domain.errors import StorageError
from desktop.domain.exchange import PortableChat
from desktop.storage.exchange import html_page
from desktop.ui.conversations.pdf import write_pdf
from tests.helpers.chats import turns

pytestmark = pytest.mark.usefixtures("theme")


def page(*messages: Message) -> str:
    head = Conversation("c", "A talk", 1.0, 1.0, leaf_id=messages[-1].id)
    return "".join(html_page.write(PortableChat(head, messages)))


def said(text: str, role: Role = Role.ASSISTANT) -> Message:
    return Message("m", "c", None, role, (Part(PartKind.TEXT, text),), created_at=1.0)


def words(path: Path) -> list[str]:
    """The text of each page, without spaces: how they come out is the reader's matter."""
    return ["".join(found.extract_text().split()) for found in PdfReader(path).pages]


def names(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir()]


async def test_a_short_chat_is_one_page_with_its_text(tmp_path: Path, qapp: QApplication) -> None:
    path = tmp_path / "talk.pdf"

    answer = "It **is**:\n\n```\ncode <here>\n```\n\n| a | b |\n|--|--|\n| 1 | 2 |\n\n- [x] done\n- [ ] open"

    count = await write_pdf(page(said(answer)), path, qapp.font())

    (text,) = words(path)
    assert count == 1
    for expected in ("Atalk", "Assistant", "Itis:", "code<here>", "☑done", "☐open"):
        assert expected in text
    assert names(tmp_path) == ["talk.pdf"]


async def test_a_formula_is_there_as_it_was_written(tmp_path: Path, qapp: QApplication) -> None:
    path = tmp_path / "talk.pdf"

    await write_pdf(page(said(r"So $a \\ b$ and \(\frac{1}{2} < \alpha\)")), path, qapp.font())

    (text,) = words(path)
    assert r"a\\b" in text and r"\frac{1}{2}<\alpha" in text


async def test_a_long_chat_has_every_line_once_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "long.pdf"
    numbered = "\n\n".join(f"Paragraph {number:04}." for number in range(400))
    progress: list[tuple[int, int]] = []

    count = await write_pdf(
        page(said(numbered)),
        path,
        QFont("Inter", 10),
        on_progress=lambda done, of: progress.append((done, of)),
    )

    pages = words(path)
    assert count == len(pages) > 8
    text = "".join(part.removesuffix(str(number)) for number, part in enumerate(pages, 1))
    assert [text.count(f"Paragraph{number:04}.") for number in range(400)] == [1] * 400
    assert text.index("Paragraph0000") < text.index("Paragraph0200") < text.index("Paragraph0399")
    assert all(part.endswith(str(number)) for number, part in enumerate(pages, 1))
    assert progress == [(1, 2), (2, 2)]


async def test_messages_follow_each_other_on_the_page(tmp_path: Path) -> None:
    path = tmp_path / "many.pdf"
    messages = tuple(turns("c", 40))

    count = await write_pdf(page(*messages), path, QFont("Inter", 10))

    pages = words(path)
    assert 5 < count == len(pages) < 20
    assert "".join(pages).count("Sunlightlookswhite") == 3


async def test_the_window_goes_on_while_a_long_chat_is_drawn(tmp_path: Path) -> None:
    writing = asyncio.ensure_future(write_pdf(page(*turns("c", 60)), tmp_path / "a.pdf", QFont("Inter", 10)))
    turns_of_the_loop = 0
    while not writing.done():
        await asyncio.sleep(0)
        turns_of_the_loop += 1

    assert await writing > 5
    assert turns_of_the_loop >= 60


async def test_cancelled_or_refused_nothing_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_text("precious")
    writing = asyncio.ensure_future(write_pdf(page(*turns("c", 60)), path, QFont("Inter", 10)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    writing.cancel()

    with pytest.raises(asyncio.CancelledError):
        await writing
    assert path.read_text() == "precious"
    assert names(tmp_path) == ["a.pdf"]
    with pytest.raises(StorageError, match="could not be written"):
        await write_pdf(page(said("x")), tmp_path / "none" / "a.pdf", QFont("Inter", 10))


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "![x](https://evil.org/a.png)", "x" * 20_000, "", "\x00\ud800"]
)
async def test_hostile_text_is_drawn_as_text(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.pdf"

    await write_pdf(page(said(text), said(text, Role.USER)), path, QFont("Inter", 10))

    reader = PdfReader(path)
    assert not reader.attachments
    assert all("/JS" not in str(found) and not found.images for found in reader.pages)
