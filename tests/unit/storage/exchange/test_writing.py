"""What chats look like in a file, and which files there are."""

import errno
import json
import os
import re
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from desktop.domain.conversation import Conversation, Message, Origin, Part, PartKind, Role, Status
from desktop.domain.errors import StorageError
from desktop.domain.exchange import PortableChat
from desktop.storage.exchange import html_page, labels, markdown
from desktop.storage.exchange.formats import FORMATS, Format
from desktop.storage.exchange.writing import open_target
from tests.unit.storage.exchange import trees
from tests.unit.storage.exchange.samples import read_one

MODEL = Origin(model_name="SmolLM2")


def made(
    *said: tuple[Role, tuple[Part, ...]], title: str = "A talk", folder: tuple[str, ...] = ()
) -> PortableChat:
    """One branch."""
    messages = [
        Message(
            f"m{at}", "c", f"m{at - 1}" if at else None, role, parts, created_at=1_700_000_000.0 + at,
            origin=MODEL if role is Role.ASSISTANT else None,
        )
        for at, (role, parts) in enumerate(said)
    ]  # fmt: skip
    leaf = messages[-1].id if messages else None
    head = Conversation(
        "c", title, 1_700_000_000.0, 1_700_000_000.0, leaf_id=leaf, system_prompt="Be *brief*."
    )
    return PortableChat(head, tuple(messages), folder)


def text(words: str) -> tuple[Part, ...]:
    return (Part(PartKind.TEXT, words),)


def talk(answer: str = "It **is**.", title: str = "A talk", folder: tuple[str, ...] = ()) -> PortableChat:
    asked = (Part(PartKind.ATTACHMENT, "a ``` b", "notes.md"), Part(PartKind.TEXT, "Is <it>?"))
    answered = (Part(PartKind.THINKING, "Hm."), Part(PartKind.TEXT, answer))
    return made((Role.USER, asked), (Role.ASSISTANT, answered), title=title, folder=folder)


def written(format: str, chat: PortableChat) -> str:
    return "".join(FORMATS[format].write(chat))


class Page(HTMLParser):
    """What a browser would make of it: its elements, where they lead, and the text that is seen."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: set[str] = set()
        self.handlers: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in ("href", "src", "srcset", "data", "action", "background", "poster", "xlink:href"):
                self.addresses.add(value or "")
            if name.startswith("on"):
                self.handlers.add(name)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_markdown() -> None:
    assert written("markdown", talk()) == (
        "# A talk\n\n*2023-11-14 22:13 UTC · Locution*\n\n## System prompt\n\nBe *brief*.\n"
        "\n## You · 2023-11-14 22:13 UTC\n\n**notes.md**\n\n````\na ``` b\n````\n\nIs <it>?\n"
        "\n## SmolLM2 · 2023-11-14 22:13 UTC\n\n<details>\n<summary>Thinking</summary>\n\nHm.\n\n</details>\n"
        "\nIt **is**.\n"
    )


def test_plain_text() -> None:
    assert written("text", talk(folder=("Work", "Ideas"))) == (
        "A talk\n======\nWork / Ideas · 2023-11-14 22:13 UTC · Locution\n"
        "\nSystem prompt\n-------------\nBe *brief*.\n"
        "\nYou · 2023-11-14 22:13 UTC\n--------------------------\n"
        "[notes.md]\na ``` b\n[End of file]\n\nIs <it>?\n"
        "\nSmolLM2 · 2023-11-14 22:13 UTC\n------------------------------\n"
        "[Thinking]\nHm.\n[End of thinking]\n\n"
        "It **is**.\n"
    )


@pytest.mark.parametrize(
    "answer", ["```python\nx", "````\n```\nx", "~~~\n```\n~~", "```a`b\n", "text\n```\nx\n```"]
)
def test_an_open_code_block_ends_with_its_message(answer: str) -> None:
    chat = made((Role.ASSISTANT, text(answer)), (Role.USER, text("next")))

    headings = [
        token.content for token in MarkdownIt().parse("".join(markdown.write(chat))) if token.type == "inline"
    ]

    assert any(heading.startswith("You ·") for heading in headings)
    assert headings[-1] == "next"


def test_html_is_rendered_and_needs_nothing_else() -> None:
    answer = "# Head\n\n| a | b |\n|--|--|\n| 1 | ~~2~~ |\n\n- [x] done\n\n[^1] `x`\n\n[^1]: Foot\n\n"
    answer += (
        "```python\nprint(1)\n```\n\n[link](https://example.org/?a=1&b=2) ![cat](https://example.org/cat.png)"
    )
    page = Page(written("html", talk(answer)))

    assert {"h1", "table", "s", "input", "pre", "details", "sup"} <= page.tags
    assert not page.tags & {"script", "img", "iframe", "object", "embed", "link", "base", "form", "svg"}
    assert {address for address in page.addresses if not address.startswith("#")} == {
        "https://example.org/?a=1&b=2"
    }
    assert "[cat: https://example.org/cat.png]" in page.text
    assert "Is <it>?" in page.text
    assert "prefers-color-scheme: dark" in page.text and "@media print" in page.text


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1)) [b](data:text/html,x) [c](file:///etc/passwd) [d](vbscript:x) [e](//evil.org)",
    "<javascript:alert(1)> <https://ok.org>",
    "![x](https://evil.org/pixel.png) ![y](data:image/svg+xml,x)",
    "[x]: https://evil.org/a.css\n<link rel=stylesheet href=x>",
    "</div></article></body><style>@import 'https://evil.org'</style>",
    '```"><script>x</script>\ncode\n```',
    "```html onload=x\n<script>alert(1)</script>\n```",
    "`</code><script>`",
    "[^1]\n\n[^1]: <script>",
    "| <script> |\n|---|\n| <img src=x> |",
    "\x00\x1b[31m\ud800 \u202e",
    r"$\text{<img src=x onerror=alert(1)>}$ $\href{javascript:alert(1)}{x}$ $\text{<script>}$",
)


@pytest.mark.parametrize(
    "where", ["answer", "question", "title", "thinking", "file", "name", "model", "error"]
)
def test_hostile_text_is_only_text(where: str) -> None:
    for words in HOSTILE:
        part = {
            "thinking": Part(PartKind.THINKING, words),
            "file": Part(PartKind.ATTACHMENT, words, "f"),
            "name": Part(PartKind.ATTACHMENT, "f", words),
        }.get(where, Part(PartKind.TEXT, words))
        message = Message(
            "m", "c", None, Role.USER if where == "question" else Role.ASSISTANT, (part,),
            Status.FAILED, 1.0, origin=Origin(model_name=words if where == "model" else "M"),
            error=words if where == "error" else "",
        )  # fmt: skip
        head = Conversation("c", words if where == "title" else "t", 1.0, 1.0, "m", system_prompt=words)

        page = Page("".join(html_page.write(PortableChat(head, (message,), (words,)))))

        assert not page.tags & {"script", "img", "link", "iframe", "base", "form", "svg"}, words
        assert page.handlers == set(), words
        assert {
            address for address in page.addresses if not re.match(r"#|https://(ok|evil)\.org", address)
        } == set()
        assert "\x00" not in page.text and "\x1b" not in page.text


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("<>&\"'`[]()!*_~#|-+:/\\ \n\tajsx1.^=${}"), max_size=80))
def test_no_text_becomes_an_element_that_could_do_something(words: str) -> None:
    page = Page("".join(html_page.write(made((Role.ASSISTANT, text(words)), title=words))))

    harmless = """
        html head meta title style body header h1 h2 h3 h4 h5 h6 p article div em strong s code pre blockquote
        ul ol li hr br a table thead tbody tr th td input sup section details summary
    """
    assert not {tag for tag in page.tags if not tag.startswith("m")} - set(harmless.split())
    assert not page.tags & {"marquee", "main", "map", "mark", "menu", "meter"}
    assert page.handlers == set()


def test_formulas_are_set_by_the_browser_and_prices_are_not() -> None:
    answer = "\n\n".join(
        (r"So \(x \cdot y\) at $5 or $6, `$z$`", r"$$\begin{matrix} a \\ b \end{matrix}$$", r"$\frac{1}$")
    )

    page = written("html", talk(answer))

    assert 'display="inline" alttext="x \\cdot y"' in page and "</mi><mo>" in page
    assert "<mtr><mtd><mi>b</mi></mtd></mtr>" in page
    assert "at $5 or $6, <code>$z$</code>" in page
    assert r"<code>$\frac{1}$</code>" in page, "what is no formula is as it was written"
    many = written("html", talk("$x$ " * (html_page.MAX_FORMULAS + 5)))
    assert (many.count("<math "), many.count("<code>$x$</code>")) == (html_page.MAX_FORMULAS, 5)


@pytest.mark.parametrize(
    "words",
    [
        "[" * 50_000,
        ">" * 50_000,
        "> " * 200 + "deep",
        "*a **b " * 5000,
        "x" * 600_000,
        "[a][" * 60_000,
        "- " * 300 + "deep",
    ],
)
def test_what_makes_the_parser_slow_or_drop_text_is_shown_as_it_is(words: str) -> None:
    page = Page("".join(html_page.write(made((Role.ASSISTANT, text(words))))))

    assert words.split()[-1] in page.text


@settings(max_examples=60, deadline=None)
@given(trees.chats())
def test_every_format_takes_every_chat(chat: PortableChat) -> None:
    for format in FORMATS.values():
        "".join(format.write(chat)).encode()


def test_a_message_says_how_it_ended_and_failed() -> None:
    message = Message("m", "c", None, Role.ASSISTANT, (), Status.FAILED, 1e300, error="Out of\nmemory")
    chat = PortableChat(Conversation("c", "", 1.0, 1.0, "m"), (message,))

    assert labels.heading(message) == "Assistant · failed"
    assert "# Untitled chat" in written("markdown", chat)
    assert "> Out of memory" in written("markdown", chat)
    assert "[Out of\nmemory]" in written("text", chat)
    assert '<p class="error">Out of\nmemory</p>' in written("html", chat)


def export(out: Path, *chats: PortableChat, format: str = "json", replace: bool = False) -> None:
    target = open_target(out, FORMATS[format], several=len(chats) > 1, replace=replace)
    try:
        for chat in chats:
            target.add(chat)
        target.finish()
    finally:
        target.discard()


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_one_chat_is_one_file(tmp_path: Path) -> None:
    export(tmp_path / "talk.json", talk())

    assert files(tmp_path) == ["talk.json"]
    assert read_one(tmp_path / "talk.json").chat == talk()


MANY = (
    talk(title="Talk"),
    talk(title="TALK"),
    talk(title="con"),
    talk(title="../up", folder=("Work", "../../out")),
    talk(title=""),
    talk(title="x" * 500),
)
NAMES = sorted(
    ["Talk.json", "TALK (2).json", "con_.json", "Work/out/up.json", "Untitled chat.json", f"{'x' * 160}.json"]
)


def test_several_chats_are_a_folder_that_keeps_what_is_in_it(tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(out, *MANY)
    assert files(tmp_path) == [f"out/{name}" for name in NAMES]

    export(out, talk(title="talk"), talk(title="new"))
    assert set(files(out)) == {*NAMES, "talk (3).json", "new.json"}


def test_several_chats_are_an_archive_that_can_be_read_again(tmp_path: Path) -> None:
    export(tmp_path / "all.zip", *MANY)

    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert sorted(archive.namelist()) == NAMES
        assert archive.testzip() is None
        assert json.loads(archive.read("Talk.json"))["conversation"]["title"] == "Talk"
    assert files(tmp_path) == ["all.zip"]


def lines() -> Format:
    return Format("lines", ".jsonl", lambda chat: iter([f"{chat.conversation.title}\n"]), joins=True)


def test_formats_that_join_make_one_file_of_many_chats(tmp_path: Path) -> None:
    for out in (tmp_path / "a.jsonl", tmp_path / "a.zip"):
        target = open_target(out, lines(), several=True)
        target.add(talk(title="one"))
        target.add(talk(title="two"))
        target.finish()

    assert (tmp_path / "a.jsonl").read_text() == "one\ntwo\n"
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.read("chats.jsonl") == b"one\ntwo\n"


@pytest.mark.parametrize("name", ["a.json", "a.zip"])
def test_a_file_that_is_there_is_replaced_only_if_that_is_asked(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("precious")

    with pytest.raises(StorageError, match="there already"):
        export(tmp_path / name, talk())
    assert (tmp_path / name).read_text() == "precious"

    export(tmp_path / name, talk(), replace=True)
    assert (tmp_path / name).read_bytes() != b"precious"
    assert files(tmp_path) == [name]


@pytest.mark.parametrize("name", ["a.json", "a.zip", "folder"])
def test_a_full_disk_leaves_nothing_half_written(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    chats = (talk(), talk()) if name == "folder" else (talk(),)

    with pytest.raises(StorageError, match="No space left") as caught:
        export(tmp_path / name, *chats)

    assert "disk space" in caught.value.action
    assert files(tmp_path) == []


@pytest.mark.parametrize("name", ["a.json", "a.zip", "folder"])
def test_what_is_discarded_is_gone(tmp_path: Path, name: str) -> None:
    def broken(_: PortableChat) -> Iterator[str]:
        yield "half"
        raise StorageError("no more")

    format = Format("broken", ".json", broken)
    target = open_target(tmp_path / name, format, several=name == "folder")
    with pytest.raises(StorageError, match="no more"):
        target.add(talk())
    target.discard()

    assert files(tmp_path) == []


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    for out, several in ((tmp_path / "none" / "a.json", False), (tmp_path / "file", True)):
        with pytest.raises(StorageError, match="could not be written"):
            open_target(out, FORMATS["json"], several=several)
