"""Names that every system takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.system.file_names import MAX_BYTES, free_name, safe_name, same_file


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Three days in Lisbon", "Three days in Lisbon"),
        ("../../etc/passwd", "etc-passwd"),
        ('a/b\\c:d*e?f"g<h>i|j', "a-b-c-d-e-f-g-h-i-j"),
        ("C:\\Windows", "C--Windows"),
        ("CON", "CON_"),
        ("nul.txt", "nul.txt_"),
        ("Lpt¹", "Lpt¹_"),
        ("console", "console"),
        (".hidden", "hidden"),
        ("ends with dots. . .", "ends with dots"),
        ("line\nbreak\x1b[31m\u202e", "line break [31m"),
        ("", "Untitled"),
        ("...", "Untitled"),
        ("half \ud83d", "half"),
        ("日本語", "日本語"),
        ("e\u0301", "é"),
    ],
)
def test_a_name_is_safe_everywhere_and_close_to_the_words(words: str, name: str) -> None:
    assert safe_name(words) == name


@given(st.text(st.characters(), max_size=300))
def test_any_text_gives_a_name(words: str) -> None:
    name = safe_name(words)

    assert 0 < len(name.encode()) <= MAX_BYTES + 1
    assert not set(name) & set('<>:"/\\|?*\0\n')
    assert name == name.strip(" ") and not name.startswith(".") and not name.endswith(".")
    assert safe_name(name) == name or name.endswith("_")


def test_names_that_are_one_file_somewhere_are_numbered() -> None:
    taken = {same_file("Chat.md"), same_file("chat (2).md")}

    assert free_name("CHAT", ".md", taken) == "CHAT (3).md"
    assert free_name("Other", ".md", taken) == "Other.md"
    assert same_file("ﬁle.md") == same_file("FILE.MD")
