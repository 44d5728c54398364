"""Text from strangers, made safe to show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.system.printable import escaped, one_line, size_in_words


def test_line_breaks_and_escapes_become_spaces():
    assert one_line("a\r\nb\x1b[31m\tc\u202ed\u2028e") == "a b [31m c d e"


def test_a_long_text_is_cut_with_a_mark():
    assert one_line("word " * 100, limit=12) == "word word w…"
    assert one_line("x" * 12, limit=12) == "x" * 12


@given(st.text(st.characters(), max_size=300), st.integers(2, 50))
def test_one_line_is_printable_and_short(text, limit):
    shown = one_line(text, limit)
    assert len(shown) <= limit
    assert shown.isprintable()


@given(st.text(st.characters(codec="utf-8")))
def test_escaped_text_is_printable_and_loses_nothing(text):
    shown = escaped(text)
    assert shown.isprintable()
    assert all(character in shown for character in text if character.isprintable())


def test_what_moves_the_cursor_is_written_out():
    assert escaped("a\x1b[2Jb\nc\u202ed\x00\ud800") == r"a\x1b[2Jb\nc\u202ed\x00\ud800"
    assert escaped("Grüße 模型 😀") == "Grüße 模型 😀"


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (98_362_432, "98.4 MB"),
        (999_999, "1.0 MB"),
        (40_960_000_000, "41.0 GB"),
        (2**63, "9223372.0 TB"),
    ],
)
def test_sizes_read_as_in_a_file_manager(size, words):
    assert size_in_words(size) == words
