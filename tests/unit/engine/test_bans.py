"""Banned phrases are found in any case, across tokens and inside characters that tokens cut apart."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from desktop.domain.errors import ParameterError
from desktop.engine.worker.sampling.bans import Bans

LETTERS = st.text(st.sampled_from("abAB ßéÉ🌊İ\ufffd"), max_size=6)
PHRASES = st.lists(st.text(st.sampled_from("abAß é🌊İ"), min_size=1, max_size=4), min_size=1, max_size=4)


@given(PHRASES, st.lists(st.binary(max_size=4) | LETTERS.map(str.encode), max_size=20), LETTERS)
def test_who_heeds_it_never_writes_a_phrase(phrases: list[str], pieces: list[bytes], prefill: str) -> None:
    bans = Bans(phrases)
    assume(not any(phrase.casefold() in prefill.casefold() for phrase in phrases))
    bans.begin(prefill)
    written = b""
    for piece in pieces:
        if not bans.hit_by(piece):
            bans.feed(piece)
            written += piece

    # What is not complete at the end may still become anything.
    text = (prefill + written.decode("utf-8", "replace")).rstrip("\ufffd").casefold()
    assert not any(phrase.casefold() in text for phrase in phrases)


@given(st.text(st.sampled_from("abc é🌊"), min_size=1, max_size=5), st.integers(1, 19))
def test_a_phrase_is_hit_by_the_very_piece_that_completes_it(phrase: str, cut: int) -> None:
    bans = Bans((phrase.upper(),))
    data = phrase.encode()
    cut %= len(data)

    assert not bans.hit_by(data[:cut])
    bans.feed(data[:cut])
    assert bans.hit_by(data[cut:])
    assert bans.is_hit_at_end(data[cut:])


def test_looking_changes_nothing() -> None:
    bans = Bans(("🌊",))
    wave = "🌊".encode()
    bans.feed(wave[:2])

    assert bans.hit_by(wave[2:])
    assert not bans.hit_by(b"x")
    assert bans.hit_by(wave[2:])


def test_a_character_that_stays_incomplete_counts_at_the_end() -> None:
    bans = Bans(("a\ufffd",))
    bans.feed(b"a\xf0\x9f")

    assert not bans.hit_by(b"")
    assert bans.is_hit_at_end(b"")


def test_a_beginning_with_a_banned_phrase_contradicts_itself() -> None:
    with pytest.raises(ParameterError, match="to begin with contains a banned phrase") as caught:
        Bans(("sea",)).begin("The SEA")

    assert caught.value.setting == "banned"
