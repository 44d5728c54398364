"""Plain text of any size, laid out piece by piece."""

from __future__ import annotations

import pytest
import shiboken6

from desktop.ui.widgets.plain_viewer import LONGEST_LINE, PlainViewer
from tests.helpers.qt_loop import until


@pytest.fixture
def viewer(qapp):
    made = PlainViewer()
    made.resize(400, 300)
    made.show()
    yield made
    made.hide()
    shiboken6.delete(made)


async def test_a_long_text_comes_by_and_by_and_its_beginning_is_seen(viewer):
    text = "a line of words\n" * 20_000
    viewer.set_text(text)
    assert not viewer.is_complete and text.startswith(viewer.toPlainText()) and viewer.toPlainText()
    await until(lambda: viewer.is_complete, "all of it")
    assert viewer.toPlainText() == text and not viewer.is_cut
    assert viewer.verticalScrollBar().value() == 0


async def test_another_text_takes_the_place_of_one_that_still_comes(viewer):
    viewer.set_text("one\n" * 50_000)
    viewer.set_text("<b>two</b>\0")
    await until(lambda: viewer.is_complete, "all of it")
    assert viewer.toPlainText() == "<b>two</b>\N{REPLACEMENT CHARACTER}"


async def test_a_line_without_end_is_cut_for_the_eye(viewer):
    viewer.set_text("x" * 200_000)
    await until(lambda: viewer.is_complete, "all of it")
    lines = viewer.toPlainText().split("\n")
    assert max(map(len, lines)) <= 2 * LONGEST_LINE
    assert sum(map(len, lines)) == 200_000
