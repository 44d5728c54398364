"""Chats to files and back on the command line."""

import json
from pathlib import Path

import pytest

from desktop.domain.exchange import EXPORT_FORMATS
from desktop.storage.exchange.formats import FORMATS
from tests.helpers.command_line import Result, run
from tests.unit.storage.exchange import samples
from tests.unit.storage.exchange.samples import write


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    write(folder / "conversations.json", [samples.chatgpt(), samples.chatgpt() | {"conversation_id": "c-2"}])
    write(folder / "mine.json", samples.own())
    return folder


def conversations(data_dir: Path, *arguments: str) -> Result:
    return run(data_dir, "conversations", *arguments)


def test_in_and_out_again(data_dir: Path, tmp_path: Path, exports: Path) -> None:
    report = conversations(data_dir, "import", str(exports), "--json")
    assert (report.code, report.err) == (0, "")
    assert [chat["fate"] for chat in report.json["chats"]] == ["imported"] * 3
    ids = {chat["title"]: chat["conversation_id"] for chat in report.json["chats"]}
    assert report.json["chats"][0]["left_out"][0] == {
        "what": "note on how long was thought",
        "where": "recap",
    }

    again = conversations(data_dir, "import", str(exports))
    assert (again.code, again.out) == (0, "Imported 0 chats, skipped 3 already there.\n")
    copy = conversations(data_dir, "import", "--copies", str(exports / "mine.json"))
    assert copy.out == "Imported 1 chat.\n"

    shown = conversations(data_dir, "export", ids["Mine"])
    assert shown.out.startswith("# Mine\n") and "\nHello\n" in shown.out
    one = tmp_path / "one.json"
    assert conversations(data_dir, "export", ids["Mine"], "--format", "json", "--out", str(one)).code == 0
    assert json.loads(one.read_text())["folder"] == ["Work"]
    assert "there already" in conversations(data_dir, "export", ids["Mine"], "--out", str(one)).complaint
    assert conversations(data_dir, "export", ids["Mine"], "--out", str(one), "--replace").code == 0
    assert one.read_text().startswith("# Mine")
    html = tmp_path / "html"
    assert (
        conversations(data_dir, "export", "--folder", "work", "--format", "html", "--out", str(html)).code
        == 0
    )
    assert sorted(path.name for path in (html / "Work").iterdir()) == ["Mine (2).html", "Mine.html"]
    lines = conversations(data_dir, "export", "--all", "--format", "sft")
    assert len(lines.lines) == 2
    empty = conversations(data_dir, "export", "--all", "--format", "sft", "--out", str(tmp_path / "a.jsonl"))
    assert empty.err.count("“Mine” has nothing for this format.") == 2


def test_an_export_speaks_json_too(data_dir: Path, tmp_path: Path, exports: Path) -> None:
    report = conversations(data_dir, "import", str(exports), "--json")
    ids = {chat["title"]: chat["conversation_id"] for chat in report.json["chats"]}
    out = tmp_path / "a.jsonl"

    written = conversations(data_dir, "export", "--all", "--format", "sft", "--out", str(out), "--json")
    assert written.json == {"out": str(out), "format": "sft", "chats": 3, "empty": ["Mine"]}
    chat = conversations(data_dir, "export", ids["Mine"], "--json")
    assert chat.json["format"] == "locution-chat"
    lines = conversations(data_dir, "export", "--all", "--format", "sft", "--json")
    assert [list(line) for line in lines.lines] == [["messages"]] * 2


def test_wrong_use_is_said(data_dir: Path, exports: Path) -> None:
    conversations(data_dir, "import", str(exports))

    for arguments in (
        ["export"],
        ["export", "x", "--all"],
        ["export", "--all"],
        ["export", "x", "--format", "pdf"],
        [],
    ):
        result = conversations(data_dir, *arguments)
        assert (result.code, result.out) == (2, ""), arguments
    assert "no folder “Play”" in conversations(data_dir, "export", "--folder", "Play").complaint
    assert "no chat “x”" in conversations(data_dir, "export", "x").complaint


def test_an_import_that_fails_in_part_says_so(data_dir: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "c.json", [samples.chatgpt(), {"mapping": {}}])

    part = conversations(data_dir, "import", str(path))
    nothing = conversations(data_dir, "import", str(tmp_path / "none"))

    assert "could not read 1" in part.out and part.complaint == "Not all of it could be imported."
    assert "There is no such file." in nothing.out and nothing.complaint == "Nothing was imported."


def test_the_command_line_knows_every_format() -> None:
    assert tuple(FORMATS) == EXPORT_FORMATS
