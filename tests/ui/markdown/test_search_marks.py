"""What a search marks in a message, and what it counts where no message is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.ui.markdown.code_text import WINDOW_LINES
from desktop.ui.markdown.plain_text import rendered_text
from desktop.ui.markdown.search_marks import matches
from desktop.ui.theme import Token
from tests.helpers import chats

MIXED = """\
One **lan**tern on the wall.

- a lantern in a list

| Lantern | oil |
|---|---|
| old LANTERN | yes |

```python
lantern = "lantern"
```

The last lantern."""


def test_matches_are_counted_in_reading_order_over_text_tables_and_code(shown):
    shown.show(MIXED)
    assert shown.view.set_highlights("lantern", None) == 7
    boxes = [shown.view.match_rect(index) for index in range(7)]
    assert [box.y() for box in boxes] == sorted(box.y() for box in boxes)
    assert boxes[4].y() == boxes[5].y()
    assert boxes[4].x() < boxes[5].x()
    assert all(shown.view.rect().contains(box) for box in boxes)
    assert shown.view.match_rect(7).isEmpty()


def test_the_current_match_is_drawn_stronger_and_the_marks_can_be_taken_away(shown):
    shown.show(MIXED)
    shown.view.set_highlights("lantern", 5)
    for index in range(7):
        box = shown.view.match_rect(index)
        assert shown.has_color(box, Token.HIGHLIGHT_CURRENT) == (index == 5)
        assert shown.has_color(box, Token.HIGHLIGHT) == (index != 5)
    boxes = [shown.view.match_rect(index) for index in range(7)]
    shown.view.set_highlights("", None)
    assert not any(shown.has_color(box, Token.HIGHLIGHT) for box in boxes)
    assert not any(shown.has_color(box, Token.HIGHLIGHT_CURRENT) for box in boxes)


def test_marks_stay_through_another_width_and_another_theme(shown):
    shown.show("word " * 60 + "lantern")
    shown.view.set_highlights("lantern", 0)
    before = shown.view.match_rect(0)
    shown.lay_out(300)
    assert shown.view.match_rect(0).y() > before.y()
    shown.theme.set_mode("dark")
    shown.lay_out()
    assert shown.view.match_rect(0) == before
    assert shown.has_color(before, Token.HIGHLIGHT_CURRENT)


@pytest.mark.parametrize("step", [1, 7, 50])
def test_a_streaming_answer_is_marked_as_it_comes(shown, step):
    shown.view.begin_stream()
    shown.view.set_highlights("lantern", 1)
    source = MIXED + "\n\n```\nan open lantern\nand a lan"
    for end in range(0, len(source) + step, step):
        shown.view.feed(source[:end])
        shown.lay_out()
    assert shown.view.set_highlights("lantern", 1) == 8
    assert shown.has_color(shown.view.match_rect(1), Token.HIGHLIGHT_CURRENT)
    assert shown.view.end_stream(source + "tern")
    shown.lay_out()
    assert shown.view.set_highlights("lantern", 1) == 9
    assert shown.has_color(shown.view.match_rect(1), Token.HIGHLIGHT_CURRENT)


def test_other_text_in_the_view_is_searched_anew(shown):
    shown.show(MIXED)
    shown.view.set_highlights("lantern", 6)
    shown.show("No light.\n\nA lantern.")
    assert shown.view.set_highlights("lantern", 0) == 1
    assert shown.has_color(shown.view.match_rect(0), Token.HIGHLIGHT_CURRENT)


def test_a_match_far_down_in_a_long_block_is_scrolled_to(shown):
    shown.show("```\n" + "line\n" * 800 + "lantern\n" + "line\n" * 800 + "```")
    assert shown.view.set_highlights("lantern", 0) == 1
    box = shown.view.match_rect(0)
    assert shown.has_color(box, Token.HIGHLIGHT_CURRENT)
    assert box.bottom() < WINDOW_LINES * 30


def test_a_match_far_to_the_right_is_scrolled_to(shown):
    shown.show("```\n" + "word " * 100 + "lantern\n```\n\n|" + "wide-cell|" * 28 + "\n|" + "-|" * 28)
    shown.view.set_highlights("lantern", 0)
    assert shown.has_color(shown.view.match_rect(0), Token.HIGHLIGHT_CURRENT)
    shown.view.set_highlights("wide-cell", 27)
    assert shown.has_color(shown.view.match_rect(27), Token.HIGHLIGHT_CURRENT)


def test_signs_of_two_units_and_of_any_case_are_placed_right(shown):
    shown.show("👩‍👩‍👧 Größe 👩 größe 🎉 GRÖSSE")
    assert shown.view.set_highlights("GRÖßE", None) == 2
    assert shown.view.set_highlights("🎉", 0) == 1
    assert shown.view._shown[0][1].marks.cursor(0).selectedText() == "🎉"
    assert shown.view.set_highlights("größe 🎉", None) == 1


def test_thousands_of_matches_are_counted_and_those_in_sight_are_drawn(shown):
    shown.show("lantern " * 2000)
    assert shown.view.set_highlights("lantern", 1999) == 2000
    assert shown.has_color(shown.view.match_rect(1999), Token.HIGHLIGHT_CURRENT)
    assert shown.has_color(shown.view.match_rect(1990), Token.HIGHLIGHT)


def test_a_needle_is_plain_text():
    assert matches("a.c abc A.C", "a.c") == [0, 8]
    assert matches("aaaa", "aa") == [0, 2]
    assert matches("abc", "") == []


@pytest.mark.parametrize("answer", [*chats.ANSWERS, *chats.QUESTIONS, MIXED])
def test_what_is_not_shown_reads_like_what_is(shown, answer):
    shown.show(answer)
    assert rendered_text(answer).split() == shown.words().split()
    for needle in ("e", "the", "a ", "sql", "("):
        assert len(matches(rendered_text(answer), needle)) == shown.view.set_highlights(needle, None)


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("***both*** and __this__ and _that_ and ~~gone~~", "both and this and that and gone"),
        ("2 * 3 * 4, snake_case_name, a ~ b", "2 * 3 * 4, snake_case_name, a ~ b"),
        (r"\*not em\* and `**code** \*`", r"*not em* and **code** \*"),
        ("[site](https://a.example/x_y_z) ![cat](b.png)", "site [cat]"),
        ("> quoted\n> - [x] done", "quoted\ndone"),
        ("1. one\n2. two", "one\ntwo"),
        ("Title\n=====\n\n***", "Title"),
        ("&lt;b&gt; &amp; <i>x</i>", "<b> & <i>x</i>"),
        ("see [ref]\n\n[ref]: https://a.example", "see [ref]"),
        ("~~~\n**code**\n~~~", "**code**"),
        ("- item\n  ```sh\n  ls *\n  ```\n  rest", "item\nls *\nrest"),
    ],
)
def test_marks_are_not_part_of_what_is_read(source, read):
    assert rendered_text(source).split() == read.split()


def test_what_a_user_typed_is_read_as_typed():
    assert rendered_text("a *b* # c\n```py\n*x*\n```", typed=True).split() == ["a", "*b*", "#", "c", "*x*"]


@given(st.text(st.sampled_from("ab \n`-*>#|_~[]()\\&;:!"), max_size=200))
def test_nothing_but_marks_is_ever_taken_away(source):
    if not any(sign in source for sign in ("](", "]:", "][", "`", "~", "&")):
        assert [s for s in rendered_text(source) if s in "ab"] == [s for s in source if s in "ab"]


@pytest.mark.parametrize(
    "sign", ["*", "_", "`", "[", "](", "~~", "\\", "|", "> ", "- ", "**a ", "[a](", "`a"]
)
def test_no_source_takes_long_to_read(sign):
    assert len(rendered_text(sign * (200_000 // len(sign)))) <= 200_000
