"""What GFM has beyond CommonMark, and what people expect of both, also while an answer is still coming."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect

from desktop.ui.markdown.blocks import RichBlock
from desktop.ui.markdown.rendering import render
from desktop.ui.theme import Token
from tests.helpers import chats

NOTES = """\
Water boils[^1] at sea level[^p], and lower above[^1].

[^1]: At 100 °C.
[^p]: *At* one atmosphere.

    Or nearly."""


def html(source: str) -> str:
    return "".join(block.html for block in render(source) if isinstance(block, RichBlock))


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("~~one~~ and *two **three***", "<s>one</s> and <i>two <b>three</b></i>"),
        ("a  \nb", "a<br/>b"),
        ("<https://a.example>", '<a href="https://a.example">https://a.example</a>'),
        ("see www.a.example/b.", '<a href="http://www.a.example/b">www.a.example/b</a>.'),
        ("to me@a.example, please", '<a href="mailto:me@a.example">me@a.example</a>, please'),
        ("**https://a.example**", '<b><a href="https://a.example">https://a.example</a></b>'),
        ("[a][b]\n\n[b]: https://a.example", '<a href="https://a.example">a</a>'),
        ("[t](https://a.example 'title')", '<a href="https://a.example">t</a>'),
        ("&copy; &#35; \\*", "© # *"),
        ("`` a`b ``", "<code>a`b</code>"),
        ("1) one\n2) two", '<ol start="1"><li>one</li><li>two</li></ol>'),
        ("* one\n\n  more", "<ul><li>one<p>more</p></li></ul>"),
        ("- a\n  1. b\n     - c", '<ul><li>a<ol start="1"><li>b<ul><li>c</li></ul></li></ol></li></ul>'),
        ("Title\n---", "<h2>Title</h2>"),
        ("a\n\n---\n\nb", "<hr/>"),
    ],
)
def test_a_mark_means_what_it_does_elsewhere(source, shown):
    assert shown in html(source)


def test_headings_are_never_smaller_than_the_one_below_them_and_as_large_as_the_sheet_says(shown):
    shown.show("\n\n".join(f"{'#' * level} Level **{level}**" for level in range(1, 7)) + "\n\nwords")
    document = shown.texts()[0].document()
    blocks = [document.findBlockByNumber(n) for n in range(document.blockCount())]
    heights = [block.layout().lineAt(0).height() for block in blocks]
    assert heights == sorted(heights, reverse=True)
    assert heights[0] < 2 * heights[5]
    assert [block.blockFormat().headingLevel() for block in blocks] == [1, 2, 3, 4, 5, 6, 0]


def test_a_quote_that_ends_with_code_leaves_no_empty_one_below(shown):
    assert html("> a\n> ```\n> b\n> ```\n\nc").count("<table") == 1
    assert html("> - a\n>   ```\n>   b\n>   ```\n\nc").count("<table") == 1
    assert html("> ```\n> b\n> ```\n> c").count("<table") == 1


def test_a_rule_is_drawn_in_the_colour_of_borders(shown):
    shown.show("a\n\n---\n\nb")
    assert shown.has_color(shown.view.rect(), Token.BORDER)


def test_a_tables_cells_stand_at_their_sides_and_hold_marks():
    shown = html("|a|b|c|\n|:--|:-:|--:|\n| **x** | `y` | a \\| b |")
    assert '<td align="left"><b>x</b></td><td align="center"><code>y</code></td>' in shown
    assert '<td align="right">a | b</td>' in shown


def test_tasks_are_drawn_as_boxes(shown):
    shown.show("- [ ] open\n- [x] done\n- plain")
    assert shown.words() == "open\ndone\nplain"
    block = shown.texts()[0].document().firstBlock()
    markers = []
    while block.isValid():
        markers.append(block.blockFormat().marker().name)
        block = block.next()
    assert markers == ["Unchecked", "Checked", "NoMarker"]
    line = shown.view.height() // 3
    ticked = [shown.has_color(QRect(0, number * line, 24, line), Token.ACCENT) for number in range(3)]
    assert ticked == [False, True, False]


def test_a_tasks_box_stands_beside_its_words_whatever_their_size_and_direction(shown):
    for percent in (80, 200):
        shown.theme.set_scale(percent)
        shown.view.restyle()
        shown.show("- [x] done")
        height = shown.lay_out()
        assert shown.has_color(QRect(0, 0, 24, height), Token.ACCENT)
        shown.show("- [x] אחת")
        height = shown.lay_out()
        assert shown.has_color(QRect(shown.view.width() - 24, 0, 24, height), Token.ACCENT)


def test_quotes_hold_lists_code_and_quotes():
    blocks = render("> - a\n>   > b\n>\n> ```py\n> x\n> ```\n> c")
    assert [type(block).__name__ for block in blocks] == ["RichBlock", "CodeBlock", "RichBlock"]


def test_footnotes_are_numbered_by_their_first_mention(shown):
    shown.show(NOTES)
    lines = [" ".join(line.split()) for line in shown.words().splitlines()]
    assert lines == [
        "Water boils[1] at sea level[2], and lower above[1].",
        "1. At 100 °C.",
        "2. At one atmosphere.",
        "Or nearly.",
    ]


def test_a_footnote_that_nothing_mentions_has_its_own_name_and_one_without_text_stays_text(shown):
    shown.show("Here[^none].\n\n[^alone]: Words.")
    assert [" ".join(line.split()) for line in shown.words().splitlines()] == [
        "Here[^none].",
        "alone. Words.",
    ]


def test_a_footnote_without_words_keeps_its_number_to_itself(shown):
    shown.show("a[^1]\n\n[^1]: ```\n    code\n    ```\n\nnext")
    assert "next" in shown.words().splitlines()


def test_a_footnotes_name_is_text():
    assert "<b>" not in html("x[^<b>]\n\n[^<b>]: note")


@pytest.mark.parametrize("step", [1, 13, 500])
def test_footnotes_of_a_streaming_answer_are_right_once_it_is_finished(shown, step):
    shown.stream(NOTES, step)
    assert "boils[^1]" in shown.words() or step == 500
    assert not shown.view.end_stream(NOTES), "the notes came after what mentions them: all is rendered anew"
    shown.show(NOTES)
    assert "boils[1]" in shown.words()


@pytest.mark.parametrize("answer", chats.ANSWERS)
@pytest.mark.parametrize("step", [5, 60])
def test_a_streamed_answer_reads_like_the_finished_one(shown, answer, step):
    shown.stream(answer, step)
    assert shown.view.end_stream(answer)
    shown.lay_out()
    streamed = shown.words()
    shown.show(answer)
    assert streamed.split() == shown.words().split()
