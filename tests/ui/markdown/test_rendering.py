"""What Markdown becomes: readable, and never more than something to read."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.ui.markdown.blocks import CodeBlock, RichBlock
from desktop.ui.markdown.rendering import join_html, render, render_plain
from desktop.ui.markdown.rich_text import plain_of
from desktop.ui.markdown.source import Splitter, merge, printable, printable_code, split
from desktop.ui.markdown.spans import safe_address
from tests.helpers import chats

pytestmark = pytest.mark.usefixtures("qapp")


def words(source: str) -> str:
    """What can be read of it."""
    return "\n".join(plain_of(block) for block in render(source))


def html(source: str) -> str:
    return "".join(block.html for block in render(source) if isinstance(block, RichBlock))


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("**bold** *em* ~~gone~~", "<b>bold</b> <i>em</i> <s>gone</s>"),
        ("# Title", "<h1>Title</h1>"),
        ("a `b  c` d", "a <code>b&nbsp;&nbsp;c</code> d"),
        ("- one\n- two", "<ul><li>one</li><li>two</li></ul>"),
        ("3. three\n4. four", '<ol start="3"><li>three</li><li>four</li></ol>'),
        ("- [ ] open\n- [x] done", '<ul><li class="unchecked">open</li><li class="checked">done</li></ul>'),
        ("one\ntwo", "one<br/>two"),
        ("[site](https://a.example)", '<a href="https://a.example">site</a>'),
        ("see https://a.example/b_c.", '<a href="https://a.example/b_c">https://a.example/b_c</a>.'),
        ("[ref]\n\n[ref]: https://a.example", '<a href="https://a.example">ref</a>'),
    ],
)
def test_markdown_is_rendered(source, shown):
    assert shown in html(source)


def test_a_table_keeps_its_cells_and_their_sides():
    shown = html("| a | b |\n|---|--:|\n| 1 | 2 |")
    assert '<th align="left">a</th><th align="right">b</th>' in shown
    assert '<td align="right">2</td>' in shown


def test_code_stands_apart_with_its_language_and_as_it_was_written():
    blocks = render("before\n\n```Python title=x\nif a:\n\tb  \n\n```\nafter")
    assert blocks[1] == CodeBlock("if a:\n\tb  \n", "python")
    assert [type(block) for block in blocks] == [RichBlock, CodeBlock, RichBlock]


def test_code_in_a_list_interrupts_it_and_the_numbers_go_on():
    blocks = render("1. one\n   ```sh\n   ls\n   ```\n   rest\n2. two")
    assert blocks[1] == CodeBlock("ls", "sh", level=1)
    assert isinstance(blocks[2], RichBlock)
    assert blocks[2].html.startswith('<ol start="2">')
    assert plain_of(blocks[2]).splitlines() == ["rest", "two"]


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        '<img src="https://a.example/x.png">',
        "<b onclick=x>hi</b>",
        "<!-- hidden -->",
        "<iframe src='file:///etc/passwd'></iframe>",
    ],
)
def test_raw_html_is_text(source):
    assert words(source).strip() == source
    assert "<script" not in html(source)
    assert "<img" not in html(source)


def test_images_become_links_and_data_never_does():
    assert '<a href="https://a.example/x.png">[cat]</a>' in html("![cat](https://a.example/x.png)")
    for source in ("![cat](data:image/png;base64,AAAA)", "![cat](file:///etc/passwd)"):
        assert "href" not in html(source)
        assert "cat" in words(source)
    assert "<img" not in html("![cat](https://a.example/x.png)")


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        " JaVaScRiPt:alert(1)",
        "file:///etc/passwd",
        "data:text/html,x",
        "vbscript:x",
        "//a.example",
        "ftp://a.example",
        "https://" + "a" * 5000,
    ],
)
def test_only_web_and_mail_addresses_can_be_opened(address):
    assert safe_address(address) == ""
    assert "<a " not in html(f"[click]({address})")


def test_what_a_user_typed_is_shown_as_typed():
    blocks = render_plain("a *b*  # c\n  indented <b>\n\n```py\nx\n```")
    assert isinstance(blocks[0], RichBlock)
    assert plain_of(blocks[0]) == "a *b*  # c\n  indented <b>"
    assert blocks[1] == CodeBlock("x", "py")


@pytest.mark.parametrize("text", [">" * 120 + " deep", "> " * 300 + "deep", "- " * 300 + "deep"])
def test_nesting_without_end_keeps_its_text(text):
    assert "deep" in words(text)


def test_signs_that_hide_or_reorder_code_are_made_visible():
    assert printable_code("a\u202eb\u2066c") == "a\ufffdb\ufffdc"
    assert printable("a\x00b\x1b[31mc") == "a\u2400b\u241b[31mc"
    assert printable("\ud800 \ufdd0") == "\ufffd \ufffd"


def test_a_table_too_wide_to_lay_out_is_text_to_scroll():
    wide = "|" + "|".join(f"c{n}" for n in range(200)) + "|\n|" + "---|" * 200 + "\n"
    blocks = render(wide + "|" + "|".join("v" for _ in range(200)) + "|")
    assert isinstance(blocks[0], CodeBlock)
    assert blocks[0].text.startswith("c0 | c1")


ANSWERS = [
    *chats.ANSWERS,
    "text\n```\nopen fence\n",
    "~~~\na\n```\nb\n~~~\nafter",
    "a\n\n\n\nb",
    "- a\n\n  b\n- c",
]


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("size", [1, 7, 84])
def test_a_streamed_answer_renders_like_the_whole(answer, size):
    splitter = Splitter()
    pieces = []
    for at in range(0, len(answer), size):
        pieces += splitter.feed(answer[at : at + size])
    pieces += splitter.finish()
    assert merge(pieces) == split(answer)


@given(st.text(st.sampled_from("ab \n`-*>#|1.[]()!~\t"), max_size=300))
def test_no_word_is_lost_on_the_way(source):
    def letters(text: str) -> list[str]:
        return [sign for sign in text if sign in "ab"]

    fences = any(line.lstrip(" >-*1.\t").startswith(("```", "~~~")) for line in source.split("\n"))
    shown = "".join(plain_of(block) for block in render(source))
    if not fences and "](" not in source and "]:" not in source:
        assert letters(shown) == letters(source)
    for block, _ in itertools.pairwise(render(source)):
        assert block.text if isinstance(block, CodeBlock) else True


def test_an_item_is_finished_when_the_next_begins_and_holds_what_is_in_it():
    splitter = Splitter()
    assert splitter.feed("- one\n  - inner\n    - deeper\n- tw") == []
    assert [piece.text for piece in splitter.feed("o\n")] == ["- one\n  - inner\n    - deeper"]
    assert splitter.tail == "- two\n"


def test_a_list_that_goes_on_is_one_list():
    assert join_html("<p>x</p><ul><li>a</li></ul>", "<ul><li>b</li></ul>") == (
        "<p>x</p><ul><li>a</li><li>b</li></ul>"
    )
    assert join_html('<ol start="1"><li>a</li></ol>', '<ol start="2"><li>b</li></ol>') == (
        '<ol start="1"><li>a</li><li>b</li></ol>'
    )
