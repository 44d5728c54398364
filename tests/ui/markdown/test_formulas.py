"""Formulas: found where they are, set beside the window, copied as they were written, harmless."""

from __future__ import annotations

import time

import pytest
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QTextBrowser

from desktop.domain.math_syntax import FORMULA_SIGN
from desktop.ui.markdown.blocks import RichBlock
from desktop.ui.markdown.formula_typesetting import DEADLINE_S, Formula, Typesetter, typeset
from desktop.ui.markdown.formulas import PER_TEXT
from desktop.ui.markdown.plain_text import rendered_text
from desktop.ui.markdown.rendering import render
from desktop.ui.markdown.rich_text import plain_of
from desktop.ui.theme import Token
from tests.helpers.qt_loop import until


def html(source: str) -> str:
    return "".join(block.html for block in render(source) if isinstance(block, RichBlock))


@pytest.mark.parametrize(
    ("source", "latex"),
    [
        ("so $x^2$ is", "x^2"),
        ("so $x$, then", "x"),
        (r"so \(x_i\) is", "x_i"),
        (r"so $\$5$ is", r"\$5"),
        ("so $a*b*c$ is", "a*b*c"),
    ],
)
def test_formulas_in_a_line_are_found(source, latex):
    assert f'<formula latex="{latex}">' in html(source)


@pytest.mark.parametrize(
    "source",
    [
        "$$\nx = 1\n$$",
        "$$x = 1$$",
        "\\[\nx = 1\n\\]",
        r"\[x = 1\]",
        "text\n$$\nx = 1\n$$\nmore",
        "text $$x = 1$$ more",
        "- item\n  $$\n  x = 1\n  $$",
        "> $$x = 1$$.",
    ],
)
def test_formulas_apart_are_found(source):
    assert '<formula class="apart" latex="x = 1">' in html(source)


def test_an_environment_needs_no_marks_and_no_line_of_it_is_a_list():
    shown = html("\\begin{align}\na &= b \\\\\n- c\n\\end{align}")
    assert shown.count("<formula") == 1
    assert "<ul>" not in shown
    assert r"\end{align}" in shown


@pytest.mark.parametrize(
    "source",
    [
        "It costs $5 and $10.",
        "between $5-$10, or US$5 or US$6",
        "from $5 (or 6$ here), about 3 words",
        "set $HOME and $PATH, or $HOME:$PATH",
        "`$x$` and \\$x\\$",
        "$ x $ and $$ $$",
        "$$\nnever closed\n\nnext",
        "\\[ never closed",
        "$x\n\ny$",
    ],
)
def test_money_and_what_is_not_closed_stay_text(source):
    assert "<formula" not in html(source)


def test_the_source_is_what_a_reader_without_pictures_gets():
    assert plain_of(RichBlock(html(r"so $a<b$ and \[c\]"))).split() == ["so", "$a<b$", "and", r"\[c\]"]


def browser(shown) -> QTextBrowser:
    found = shown.texts()[0]
    assert isinstance(found, QTextBrowser)
    return found


async def set_all(shown, count: int) -> None:
    await until(lambda: shown.words().count(FORMULA_SIGN) == count, "the formulas are set")


async def test_a_formula_is_its_source_until_it_is_set(shown):
    shown.show("Let $x^2$ be.")
    assert shown.words() == "Let $x^2$ be."
    await set_all(shown, 1)
    assert shown.words() == f"Let {FORMULA_SIGN} be."
    shown.show("Again $x^2$.")
    assert shown.words() == f"Again {FORMULA_SIGN}.", "it is known now"


async def test_a_formula_has_the_colour_of_the_text_in_light_and_dark(shown):
    shown.show("$$\\blacksquare$$")
    await set_all(shown, 1)
    assert shown.has_color(shown.view.rect(), Token.TEXT)
    shown.theme.set_mode("dark")
    shown.lay_out()
    assert shown.has_color(shown.view.rect(), Token.TEXT)


async def test_a_formula_grows_with_the_text_and_makes_room(shown):
    shown.show("$$\\frac{a}{b}$$")
    await set_all(shown, 1)
    before = shown.view.height()
    shown.theme.set_scale(200)
    assert shown.lay_out() > 1.5 * before


async def test_a_formula_stands_on_the_line(shown):
    """A picture of a letter ends where the letters beside it end."""
    shown.show("x $x$ x")
    await set_all(shown, 1)
    image = shown.view.grab().toImage()
    dark = [
        [y for y in range(image.height()) if image.pixelColor(x, y).lightness() < 128]
        for x in range(image.width())
    ]
    columns = [max(rows) for rows in dark if rows]
    assert max(columns) - min(columns[:3] + columns[-3:]) <= 3


async def test_what_is_copied_has_the_source(shown):
    shown.show("a $x$ b $y$ c\n\n$$z$$")
    await set_all(shown, 3)
    text = browser(shown)
    text.selectAll()
    assert text.createMimeDataFromSelection().text().split() == ["a", "$x$", "b", "$y$", "c", "$$z$$"]
    assert "$y$" in text.createMimeDataFromSelection().html()
    assert "<img" not in text.createMimeDataFromSelection().html()
    cursor = text.textCursor()
    cursor.setPosition(4)
    cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
    text.setTextCursor(cursor)
    assert text.createMimeDataFromSelection().text().split() == ["b", "$y$", "c", "$$z$$"]


async def test_a_formula_too_wide_is_scrolled_to(shown):
    shown.show("$$" + "+".join("abcdefghij" * 8) + "$$")
    await set_all(shown, 1)
    assert browser(shown).horizontalScrollBar().maximum() > 0


async def test_a_streaming_answer_shows_its_formulas_too(shown):
    shown.stream("First $x$ here.\n\nThen \\[ y \\]\n\nand an open $z")
    await set_all(shown, 2)
    assert "open $z" in shown.words()


async def test_what_is_no_formula_keeps_its_source(shown):
    shown.show(r"bad $\frac{$ and $x$")
    await set_all(shown, 1)
    assert r"$\frac{$" in shown.words()


async def test_of_very_many_formulas_the_first_are_set(shown):
    shown.show(" ".join(f"$x_{{{n % 150}}}$" for n in range(300)))
    await set_all(shown, PER_TEXT)
    assert "$x_{149}$" in shown.words()


async def test_a_search_takes_a_formula_for_one_sign(shown):
    shown.show("sum $\\sum x$ sum")
    await set_all(shown, 1)
    assert shown.view.set_highlights("sum", None) == 2
    assert rendered_text("sum $\\sum x$ sum").count("sum") == 2


async def test_the_place_a_search_is_at_stays_marked_when_formulas_come(shown):
    shown.show("word $x$ word")
    shown.view.set_highlights("word", 1)
    await set_all(shown, 1)
    assert shown.has_color(shown.view.match_rect(1), Token.HIGHLIGHT_CURRENT)


@pytest.mark.parametrize(
    "latex",
    [
        r"\def\a{\a\a}\a",
        r"\newcommand{\a}{x}\a",
        r"\href{file:///etc/passwd}{x}",
        r"\includegraphics{x}",
        r"\hspace{99999999em}x",
        "a & b",
        "",
    ],
)
def test_what_could_do_more_than_be_read_is_refused(latex):
    typesetter = Typesetter()
    typesetter.put(Formula("x", False))
    typesetter.close()
    assert typeset(Formula(latex, False)) is None


def test_a_formula_that_takes_too_long_is_thrown_out_and_the_next_one_is_set():
    typesetter = Typesetter()
    endless, usual = Formula(r"\frac{1}{" * 30 + "x" + "}" * 30, False), Formula("x", False)
    unwanted = Formula("y", False)
    for formula in (endless, unwanted, usual):
        typesetter.put(formula)
    typesetter.wanted.discard(unwanted)
    found: dict[Formula, object] = {}
    give_up = time.monotonic() + 60
    while usual not in found and time.monotonic() < give_up:
        found.update(typesetter.results())
        time.sleep(DEADLINE_S / 50)
    typesetter.close()
    assert found.pop(usual)
    assert found == {endless: None}


@pytest.mark.parametrize("begun", [False, True])
def test_the_end_of_the_window_is_the_end_of_a_formula_without_one(begun):
    typesetter = Typesetter()
    typesetter.put(Formula(r"\frac{1}{" * 30 + "x" + "}" * 30, False))
    thread = typesetter._thread
    assert thread is not None
    while begun and not typesetter._begun:
        time.sleep(0.01)
    typesetter.close()
    thread.join(60)
    assert not thread.is_alive()
