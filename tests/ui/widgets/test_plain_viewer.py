"""Plain text of any length, laid out as far as somebody has scrolled."""

from __future__ import annotations

import pytest
import shiboken6

from desktop.ui.widgets.plain_viewer import LONGEST_LINE, PORTION, PlainViewer


@pytest.fixture
def viewer(qapp):
    made = PlainViewer()
    made.resize(400, 300)
    made.show()
    yield made
    made.hide()
    shiboken6.delete(made)


async def test_more_is_laid_out_when_somebody_comes_near_the_end(viewer):
    text = "a line of words\n" * 20_000
    viewer.set_text(text)
    assert viewer.shown() <= PORTION
    for _ in range(len(text) // PORTION + 2):
        viewer.verticalScrollBar().setValue(viewer.verticalScrollBar().maximum())
    assert viewer.toPlainText() == text


async def test_another_text_takes_the_place_of_the_first(viewer):
    viewer.set_text("one\n" * 50_000)
    viewer.set_text("<b>two</b>\0")
    assert viewer.toPlainText() == "<b>two</b>\N{REPLACEMENT CHARACTER}"


async def test_a_line_without_end_is_cut_for_the_eye(viewer):
    viewer.set_text("x" * (PORTION * 2))
    lines = viewer.toPlainText().split("\n")
    assert max(map(len, lines)) == LONGEST_LINE
    assert viewer.shown() == PORTION
