"""The headless commands without an engine: what can be typed, what cannot, and how it is said."""

import logging
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from desktop import __version__
from desktop.__main__ import main
from desktop.storage.migrations import APPLICATION_ID
from desktop.system.paths import Locations
from tests.helpers.command_line import ROOT, TIMEOUT_S, Result, run, started
from tests.helpers.gguf_files import small_model


def locution(*arguments: str, environment: dict[str, str] | None = None) -> Result:
    """Without a data folder."""
    done = subprocess.run(
        [sys.executable, "-m", "desktop", *arguments],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        check=False,
    )
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
def typed(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Result]]:
    """Runs a command in this process, for speed; real ones show that the exit code is the same."""

    def run_here(*arguments: str) -> Result:
        try:
            code = main(["--data-dir", str(data_dir), *arguments])
        except SystemExit as end:
            assert isinstance(end.code, int)
            code = end.code
        said = capsys.readouterr()
        return Result(code, said.out, said.err)

    interrupt = signal.getsignal(signal.SIGINT)
    handlers = logging.getLogger().handlers.copy()
    yield run_here
    logging.getLogger().handlers[:] = handlers
    signal.signal(signal.SIGINT, interrupt)


def test_the_version_is_said_and_nothing_is_left_behind(own_home: Path) -> None:
    result = locution("--version")

    assert (result.code, result.out, result.err) == (0, f"locution {__version__}\n", "")
    assert not own_home.exists()


@pytest.mark.parametrize(
    "command", ["doctor", "chat", "tokenize", "render", "conversations", "score", "next", "embed", "beam"]
)
def test_every_command_explains_itself(command: str) -> None:
    everything = locution("--help")
    result = locution(command, "--help", environment={"PYTHONIOENCODING": "latin-1"})

    assert (everything.code, result.code) == (0, 0)
    assert command in everything.out
    assert f"usage: locution {command}" in result.out


WRONG = {
    "an unknown command": ["sing"],
    "an unknown option": ["chat", "--loud", "hi"],
    "half an option": ["chat", "--sys", "x", "hi"],
    "two prompts": ["chat", "hello", "world"],
    "no answers": ["chat", "--n", "0", "hi"],
    "too many answers": ["chat", "--n", "9", "hi"],
    "half an answer": ["chat", "--n", "1.5", "hi"],
    "too many alternatives": ["chat", "--logprobs", "51", "hi"],
    "a beginning of unreasonable size": ["chat", "--prefill", "x" * 100_001, "hi"],
    "a negative context": ["chat", "--context-length", "-1", "hi"],
    "a context beyond all": ["chat", "--context-length", "1048577", "hi"],
    "too many threads": ["tokenize", "--model", "starter", "--threads", "1000", "hi"],
    "no model to tokenize with": ["tokenize", "hi"],
    "no text to tokenize": ["tokenize", "--model", "starter"],
    "no messages to render": ["render", "--model", "starter"],
    "a parameter without a value": ["chat", "--set", "temperature", "hi"],
    "an unknown parameter": ["chat", "--set", "warmth=1", "hi"],
    "no number": ["chat", "--set", "top_k=many", "hi"],
    "a number that is none": ["chat", "--set", "temperature=nan", "hi"],
    "an endless number": ["chat", "--set", "temperature=inf", "hi"],
    "a number too large": ["chat", "--set", "temperature=5.1", "hi"],
    "a number too small": ["chat", "--set", "max_tokens=0", "hi"],
    "a number of 400 digits": ["chat", "--set", "top_k=1" + "0" * 400, "hi"],
    "a number of 9000 digits": ["chat", "--set", "top_k=1" + "0" * 9000, "hi"],
    "a seed out of range": ["chat", "--set", "seed=4294967295", "hi"],
    "too many stop sequences": ["chat", *[f"--set=stop={n}" for n in range(17)], "hi"],
    "an empty prompt": ["chat", ""],
    "a blank prompt": ["chat", " \n "],
    "nothing on standard input": ["chat"],
    "nothing to score on standard input": ["score", "--model", "starter", "-"],
    "no file to score": ["score", "--model", "starter"],
    "a window beyond all": ["score", "--model", "starter", "--window", "1048577", "-"],
    "a stride longer than its window": [
        *("score", "--model", "starter", "--window", "8", "--stride", "9", "pyproject.toml"),
    ],
    "a prompt and messages": ["next", "--model", "starter", "--messages", "m.json", "hi"],
    "more candidates than there may be": ["next", "--model", "starter", "--top", "1001", "hi"],
    "an unknown pooling": ["embed", "--model", "starter", "--pooling", "sum", "hi"],
    "nothing to embed": ["embed", "--model", "starter"],
    "too many beams": ["beam", "--model", "starter", "--width", "9", "hi"],
    "no model to measure": ["beam", "hi"],
}


@pytest.mark.parametrize("arguments", WRONG.values(), ids=WRONG)
def test_wrong_use_ends_with_2_and_says_what_is_wrong(
    typed: Callable[..., Result], arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", None)

    result = typed(*arguments)

    assert (result.code, result.out) == (2, "")
    *_, line = result.err.splitlines()
    assert line.startswith("locution")
    assert len(line) < 1100


@pytest.mark.parametrize(
    "arguments", [["chat", "--loud", "hi"], ["chat", "--set", "top_k=x", "hi"], ["chat"]]
)
def test_wrong_use_is_the_process_s_exit_code(data_dir: Path, arguments: list[str]) -> None:
    assert run(data_dir, *arguments).code == 2


def test_a_value_out_of_range_is_said_with_its_range(typed: Callable[..., Result]) -> None:
    assert "between 0 and 5." in typed("chat", "--set", "temperature=9", "hi").err
    assert "from 1 to 8" in typed("chat", "--n", "9", "hi").err
    assert "Known: max_tokens, temperature" in typed("chat", "--set", "warmth=9", "hi").err


def test_the_data_folder_may_stand_on_either_side_of_the_command(tmp_path: Path) -> None:
    presets = tmp_path / "data" / "presets"
    presets.mkdir(parents=True)
    (presets / "mine.toml").write_text("broken")
    arguments = ["chat", "--preset", "mine", "hi"]
    folder = ["--data-dir", str(tmp_path / "data")]

    before, behind = locution(*folder, *arguments), locution(*arguments, *folder)

    assert "“mine” cannot be read" in before.complaint
    assert behind == before


def test_an_unknown_preset_is_said_with_the_known_ones(data_dir: Path) -> None:
    complaint = run(data_dir, "chat", "--preset", "poet", "hi").complaint

    assert "no preset “poet”" in complaint
    assert "chatbot, translation, summarization, code-assist" in complaint


def _html(path: Path) -> None:
    path.write_text("<!doctype html><title>404</title>")


def _cut(path: Path) -> None:
    path.write_bytes(small_model().write(path).read_bytes()[:-10])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(lambda path: None, "There is no file", id="missing"),
        pytest.param(lambda path: path.touch(), "empty", id="empty"),
        pytest.param(_html, "web page", id="not GGUF"),
        pytest.param(_cut, "incomplete", id="truncated"),
        pytest.param(lambda path: path.mkdir(), "is a folder", id="folder"),
        pytest.param(lambda path: small_model("bert").write(path), "embedding model", id="embedding model"),
    ],
)
@pytest.mark.parametrize("command", ["chat", "tokenize"])
def test_a_file_that_is_no_model_is_one_plain_line(
    typed: Callable[..., Result],
    tmp_path: Path,
    make: Callable[[Path], object],
    words: str,
    command: str,
) -> None:
    bad = tmp_path / "bad.gguf"
    make(bad)

    assert words in typed(command, "--model", str(bad), "hi").complaint


def test_a_model_that_nobody_knows_is_one_plain_line(data_dir: Path) -> None:
    assert 'No model is called "nonsuch"' in run(data_dir, "chat", "--model", "nonsuch", "hi").complaint


MESSAGES = {
    "no JSON": ("[{", "is not a list of messages"),
    "no list": ('{"role": "user", "content": "x"}', "is not a list of messages"),
    "an empty list": ("[]", "is not a list of messages"),
    "no content": ('[{"role": "user"}]', "is not a list of messages"),
    "a number for a text": ('[{"role": "user", "content": 1}]', "is not a list of messages"),
    "a list for a role": ('[{"role": [], "content": "x"}]', "is not a list of messages"),
    "an unknown role": ('[{"role": "tool", "content": "x"}]', "Known: system, user, assistant."),
    "lists without end": ("[" * 100_000, "is not a list of messages"),
    "no text": ("\ufffd".encode("utf-16").decode("latin-1"), "is not a list of messages"),
}


@pytest.mark.parametrize(("content", "words"), MESSAGES.values(), ids=MESSAGES)
def test_a_file_that_holds_no_messages_is_one_plain_line(
    typed: Callable[..., Result], tmp_path: Path, content: str, words: str
) -> None:
    messages = tmp_path / "messages.json"
    messages.write_text(content, "latin-1")

    complaint = typed("render", "--model", "starter", "--messages", str(messages)).complaint

    assert str(messages) in complaint
    assert words in complaint


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_a_messages_file_that_cannot_be_read_is_one_plain_line(
    typed: Callable[..., Result], tmp_path: Path, name: str
) -> None:
    path = str(tmp_path / name)

    assert "cannot be read" in typed("render", "--model", "starter", "--messages", path).complaint


@pytest.mark.parametrize("option", ["--grammar", "--schema"])
def test_a_form_that_cannot_be_read_is_one_plain_line(
    typed: Callable[..., Result], tmp_path: Path, option: str
) -> None:
    no_text = tmp_path / "form"
    no_text.write_bytes(b"\xff\xfe\x00")

    assert "cannot be read" in typed("chat", option, str(tmp_path / "missing"), "hi").complaint
    assert "is no text" in typed("chat", option, str(no_text), "hi").complaint


def test_a_data_folder_that_cannot_be_written_is_one_plain_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    complaint = run(tmp_path / "file" / "data", "chat", "hi").complaint

    assert str(tmp_path / "file") in complaint
    assert "is a file" in complaint


def test_data_of_a_newer_version_are_one_plain_line_and_left_alone(data_dir: Path) -> None:
    database = Locations.below(data_dir).database
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(
            f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 9999; VACUUM;"
        )
    before = database.read_bytes()

    complaint = run(data_dir, "chat", "hi").complaint

    assert "newer version" in complaint
    assert database.read_bytes() == before


def test_a_complaint_is_whole_in_a_locale_without_its_characters(data_dir: Path) -> None:
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}

    complaint = run(data_dir, "chat", "--preset", "größe", "hi", environment=ascii_only).complaint

    assert "“gr" in complaint


def test_ctrl_c_while_the_prompt_is_typed_ends_at_once(data_dir: Path) -> None:
    with started(data_dir, "chat", stdin=subprocess.PIPE) as process:
        _wait_until_it_reads(process)

        os.killpg(process.pid, signal.SIGINT)
        process.wait(TIMEOUT_S)

        assert process.returncode == 130
        assert process.stderr is not None and process.stderr.read() == b""


def test_ctrl_c_while_the_app_is_still_imported_shows_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("desktop.cli.arguments.parse_arguments", interrupted)

    assert main(["chat", "hi"]) == 130


def test_a_command_without_standard_streams_ends_in_order(data_dir: Path) -> None:
    closed = subprocess.run(
        ["/bin/sh", "-c", f'exec "{sys.executable}" -m desktop --data-dir "{data_dir}" chat <&- >&-'],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )

    assert closed.returncode == 2
    assert closed.stderr.decode().splitlines() == [
        "locution: The prompt is empty. Give a prompt, or write one to standard input."
    ]


def test_a_failed_command_leaves_the_users_settings_alone(data_dir: Path, tmp_path: Path) -> None:
    run(data_dir, "chat", "--model", str(tmp_path / "missing.gguf"), "hi")

    with closing(sqlite3.connect(Locations.below(data_dir).database)) as connection:
        # The trash keeps its own time there, whoever opens the data.
        query = "SELECT count(*) FROM settings WHERE name != 'trash_clock'"
        assert connection.execute(query).fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM conversations").fetchone() == (0,)


def _wait_until_it_reads(process: subprocess.Popen[bytes]) -> None:
    """Until it has stopped working: then it waits for standard input, and for nothing else."""
    watched = psutil.Process(process.pid)
    used, unchanged = 0.0, 0
    # Several looks: a busy machine may leave it without a processor for a while.
    while unchanged < 5:
        assert process.poll() is None
        time.sleep(0.2)
        before, used = used, sum(watched.cpu_times()[:2])
        unchanged = unchanged + 1 if used == before > 0.1 else 0
