"""Where in a text the words of a search are, and the piece of it that is shown."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.domain.search import parse_search
from desktop.storage.snippets import WIDTH, Finder
from desktop.storage.words import ends_with_sign, spaced


def finder(line: str) -> Finder:
    query = parse_search(line)
    return Finder(query.terms, prefix=query.prefix)


def marked(text: str, line: str) -> str:
    """The snippet with what was found in brackets."""
    shown, ranges = finder(line).snippet(text)
    for first, last in reversed(ranges):
        shown = f"{shown[:first]}[{shown[first:last]}]{shown[last:]}"
    return shown


@pytest.mark.parametrize(
    ("line", "text", "expected"),
    [
        ("lamp ", "A Lamp, two lamps, clamp, lamp_shade.", "A [Lamp], two lamps, clamp, [lamp]_shade."),
        ("lam", "A Lamp, two lamps, clamp.", "A [Lamp], two [lamps], clamp."),
        ("cafe ", "Le CAFÉ, le cafe\u0301, les cafés", "Le [CAFÉ], le [cafe\u0301], les cafés"),
        ("café ", "Le cafe", "Le [cafe]"),
        ("Привет ", "привет всем", "[привет] всем"),
        ('"nine seconds" ', "nine, seconds; seconds nine", "[nine, seconds]; seconds nine"),
        ("two words ", "words and two", "[words] and [two]"),
        ("c++ ", "c++ and c", "[c]++ and [c]"),
        ("東京 ", "私は東京に住んでいます", "私は[東京]に住んでいます"),
        ("京都", "東京都", "東[京都]"),
        ("학교 ", "나는 학교에 간다", "나는 [학교]에 간다"),
        ("gpt東京 ", "これはGPT東京です", "これは[GPT東京]です"),
        ("ガ", "カガ", "カ[ガ]"),
        ("nothing ", "at all", "at all"),
        ("\u0301 ", "an accent alone", "an accent alone"),
        ("", "no words", "no words"),
    ],
)
def test_words_are_marked_as_the_index_finds_them(line: str, text: str, expected: str) -> None:
    assert marked(text, line) == expected


def test_the_piece_with_the_most_different_words_is_shown() -> None:
    text = "lamp " + "and so on " * 100 + "a lamp in nine seconds " + "and so on " * 100

    shown = marked(text, "nine lamp ")

    assert "a [lamp] in [nine] seconds and" in shown
    assert shown.startswith("…") and shown.endswith("…")
    assert len(shown) < WIDTH + 20


def test_the_beginning_is_shown_as_it_is_and_long_texts_without_spaces_are_cut() -> None:
    assert marked("lamp " * 3, "lamp ") == "[lamp] [lamp] [lamp] "
    shown, ranges = finder("x" * 300 + " ").snippet("a " * 100 + "x" * 300)
    assert len(shown) <= WIDTH + 2
    assert all(0 <= first < last <= len(shown) for first, last in ranges) and ranges


@settings(max_examples=100, deadline=None)
@given(
    text=st.text(st.sampled_from("abé\u0301 .東京ハñ학A\ud83d\n_1"), max_size=60),
    line=st.text(st.sampled_from("abé 東ハ학1"), min_size=1, max_size=6),
)
def test_it_finds_what_the_index_finds(text: str, line: str) -> None:
    query = parse_search(line + " ")
    if not query.terms:
        return
    well_formed = spaced(text).encode("utf-8", "replace").decode()
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(
            "CREATE VIRTUAL TABLE t USING fts5 (x, tokenize = 'unicode61 remove_diacritics 2')"
        )
        connection.execute("INSERT INTO t VALUES (?)", (well_formed,))
        for term in query.terms:
            match = f'"{spaced(term)}"'
            found = connection.execute("SELECT count(*) FROM t WHERE t MATCH ?", (match,)).fetchone()[0]
            assert Finder((term,), prefix=False).finds(text) == bool(found)


def test_signs_stand_alone_and_other_text_stays() -> None:
    assert spaced("plain text") == "plain text"
    assert spaced("Überall é") == "Überall é"
    assert spaced("GPT東京").split() == ["GPT", "東", "京"]
    assert ends_with_sign("a東") and not ends_with_sign("東a") and not ends_with_sign("")
