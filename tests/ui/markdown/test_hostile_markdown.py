"""Group 12 of what the app must survive: each message is shown, if need be plainly; none fetches."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QTextBrowser

from desktop.ui.chat.rows import parts_of
from desktop.ui.markdown.blocks import CodeBlock, RichBlock
from desktop.ui.markdown.code_block import CodeWidget
from desktop.ui.markdown.formulas import PER_TEXT
from desktop.ui.markdown.limit_note import LimitNote
from desktop.ui.markdown.limits import MAX_BLOCKS, MAX_DEPTH, MAX_QUOTES, is_too_hard
from desktop.ui.markdown.rendering import render, render_plain, render_raw
from desktop.ui.markdown.rich_text import RichText
from tests.helpers import chats
from tests.helpers.hostile_markdown import HOSTILE


def html(source: str) -> str:
    return "".join(block.html for block in render(source) if isinstance(block, RichBlock))


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hard_message_is_shown_and_the_next_one_too(shown, name):
    for part in parts_of(HOSTILE[name])[:2]:
        shown.show(part)
        widgets = [widget for _, widget in shown.view._shown]
        assert 0 < len(widgets) <= 2 * MAX_BLOCKS + 10
        assert shown.words().strip() or name in ("rules", "tabs")
        assert shown.view.height() > 0
    shown.show("A **plain** one.")
    assert shown.words() == "A plain one."


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hard_message_can_stream(shown, name):
    source = HOSTILE[name][:3000]
    shown.stream(source, step=700)
    shown.view.end_stream(source)
    shown.lay_out()
    assert shown.view.height() > 0 or not source.strip()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("[" * 500 + "\n\nwords", "as plain text because"),
        ("*a* " * 1200, "as plain text because"),
        ("|a" * 31 + "|\n" + "|-" * 31 + "|\n" + "|b" * 31 + "|", "table is shown as plain text"),
        ("```\nx\n```\n\n" * (MAX_BLOCKS + 1), "beyond the first 40 stand"),
        ("$x$ " * (PER_TEXT + 1), "beyond the first 100 are"),
    ],
)
def test_what_is_not_rendered_is_said_under_the_message(shown, source, said):
    shown.show("A **plain** one.")
    assert shown.view.findChild(LimitNote) is None
    shown.show(source)
    note = shown.view.findChild(LimitNote)
    assert note is not None and note.isVisible() and said in note.text()
    assert shown.view.rect().contains(note.geometry())
    assert note.y() >= max(part.geometry().bottom() for _, part in shown.view._shown)
    assert said not in shown.words(), "it is not part of the message"
    shown.view.set_blocks(render_raw(source))
    shown.lay_out()
    assert not note.isVisible()


def test_a_streamed_message_says_it_at_its_end(shown):
    source = "```\nx\n```\n\n" * (MAX_BLOCKS + 1) + "The end"
    shown.stream(source, step=100)
    assert shown.view.end_stream(source)
    shown.lay_out()
    note = shown.view.findChild(LimitNote)
    assert note is not None and note.isVisible() and "beyond the first 40" in note.text()


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_nothing_can_be_loaded_and_only_web_addresses_opened(shown, name, monkeypatch):
    asked: list[str] = []
    inner = RichText.loadResource

    def load(self: RichText, kind: int, address: QUrl | str) -> object:
        found = inner(self, kind, address)
        asked.append(QUrl(address).toString())
        assert found is None or asked[-1].startswith("formula:")
        return found

    monkeypatch.setattr(RichText, "loadResource", load)
    part = parts_of(HOSTILE[name])[0]
    shown.show(part)
    shown.view.grab()
    assert all(address.startswith("formula:") for address in asked)
    targets = re.findall(r'href="([^"]*)"', html(part))
    assert all(target.startswith(("http://", "https://", "mailto:")) for target in targets)
    assert "<img" not in html(part)


def test_a_text_loads_nothing_by_itself(shown):
    shown.show("words")
    browser = shown.texts()[0]
    assert isinstance(browser, QTextBrowser)
    for address in (
        "file:///etc/passwd",
        "https://example.invalid/x.png",
        "formula:0",
        "data:image/png;base64,AA",
    ):
        assert browser.loadResource(QTextDocument.ResourceType.ImageResource.value, QUrl(address)) is None


def test_an_open_fence_is_code_to_the_end():
    blocks = render(HOSTILE["unclosed fence"])
    assert isinstance(blocks[-1], CodeBlock)
    assert blocks[-1].text.count("print") == 200


def test_five_thousand_lines_are_one_window_with_all_lines_in_it(shown):
    shown.show(HOSTILE["5,000 lines of code"])
    code = shown.view.findChild(CodeWidget)
    assert code.source().count("\n") == 4999
    assert code.height() < 700


@pytest.mark.parametrize("name", ["200 columns", "1,000 rows"])
def test_a_table_too_large_to_lay_out_is_text(name):
    assert "<table" not in html(HOSTILE[name])
    assert "<td" not in html(HOSTILE[name])


@pytest.mark.parametrize("name", ["quotes 100 deep", "quotes in each other's way"])
def test_quotes_are_framed_as_deep_and_as_often_as_can_be_seen(name):
    shown = html(HOSTILE[name])
    deepest = deep = 0
    for tag in re.findall(r"</?table", shown):
        deep += 1 if tag == "<table" else -1
        deepest = max(deepest, deep)
    assert deepest <= MAX_DEPTH
    assert shown.count("<table") <= MAX_QUOTES * 4
    assert "word" in shown or "deep" in shown


@pytest.mark.parametrize("name", ["many code blocks", "many fences in a list"])
def test_of_very_many_code_blocks_the_last_stand_in_the_text(name):
    blocks = render(HOSTILE[name])
    assert sum(isinstance(block, CodeBlock) for block in blocks) <= MAX_BLOCKS
    texts = [block.html if isinstance(block, RichBlock) else block.text for block in blocks]
    assert sum(text.count("x") for text in texts) >= 800


def test_an_answer_with_many_short_commands_has_a_block_for_each():
    answer = "".join(f"Step {n}:\n\n```sh\ncommand {n}\n```\n\n" for n in range(MAX_BLOCKS))
    assert sum(isinstance(block, CodeBlock) for block in render(answer)) == MAX_BLOCKS


def test_what_a_user_pasted_is_bounded_too():
    assert len(render_plain(HOSTILE["many code blocks"])) <= MAX_BLOCKS + 10


@pytest.mark.parametrize(
    "name",
    [
        "stars",
        "brackets and parentheses",
        "nested links",
        "open brackets",
        "angle brackets",
        "headings",
        "dollars",
    ],
)
def test_text_of_nothing_but_marks_is_shown_as_it_was_written(shown, name):
    part = parts_of(HOSTILE[name])[0]
    shown.show(part)
    assert shown.words().split() == part.split()


@pytest.mark.parametrize("answer", [*chats.ANSWERS, "- a\n- b\n" * 90, "**b** `c` " * 50, "$x_i^2$ " * 80])
def test_what_people_and_models_write_is_not_too_hard(answer):
    assert not is_too_hard(answer)
    assert not is_too_hard("\n\n".join(chats.ANSWERS * 2)[:8000])


def test_markup_of_a_page_is_text(shown):
    shown.show("<script>alert(1)</script> <style>*{color:red}</style> <img src=x onerror=alert(1)>")
    assert (
        shown.words() == "<script>alert(1)</script> <style>*{color:red}</style> <img src=x onerror=alert(1)>"
    )


def test_five_hundred_footnotes_have_their_numbers(shown):
    shown.show(HOSTILE["500 footnotes"])
    words = shown.words()
    assert "word[1]" in words
    assert "word[500]" in words
    assert re.search(r"500\.\s+Note 499\.", words)
