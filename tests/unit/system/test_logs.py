"""What the log holds, what it hides, and how it tells that a run did not end."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from desktop.domain.errors import StorageError
from desktop.system.logs import MAX_BYTES, OLD_FILES, run_log

log = logging.getLogger("desktop.test")


def test_what_happens_is_in_the_file(tmp_path):
    with run_log(tmp_path / "logs") as run:
        log.info("engine ready after %d ms", 120)
        log.debug("a user's words")
    text = run.path.read_text(encoding="utf-8")
    assert "INFO    desktop.test [MainThread] engine ready after 120 ms" in text
    assert "a user's words" not in text


def test_more_is_written_when_asked_for(tmp_path):
    with run_log(tmp_path, logging.DEBUG) as run:
        log.debug("details")
    assert "details" in run.path.read_text(encoding="utf-8")


def test_nothing_can_move_the_cursor_or_forge_a_line(tmp_path):
    with run_log(tmp_path) as run:
        log.info(
            "bad \x1b[2J\x07 name\n2026-01-01 00:00:00,000 INFO    fake [MainThread] all is well\r\u202eover"
        )
    lines = run.path.read_text(encoding="utf-8").splitlines()
    assert lines[0].endswith(r"bad \x1b[2J\x07 name")
    assert lines[1] == r"    | 2026-01-01 00:00:00,000 INFO    fake [MainThread] all is well\r\u202eover"


def test_a_lone_surrogate_does_not_stop_the_log(tmp_path):
    with run_log(tmp_path) as run:
        log.warning("name \ud800 odd")
    assert r"name \ud800 odd" in run.path.read_text(encoding="utf-8")


def test_an_error_that_holds_a_document_is_cut(tmp_path):
    with run_log(tmp_path) as run:
        try:
            raise ValueError("x" * 1_000_000)
        except ValueError:
            log.exception("failed")
    text = run.path.read_text(encoding="utf-8")
    assert "    | Traceback (most recent call last):" in text
    assert "    | ValueError: xxx" in text
    assert len(text) < 5_000


def test_old_logs_are_kept_and_bounded(tmp_path):
    with run_log(tmp_path):
        for _ in range(60):
            for _ in range(50):
                log.info("x" * 1_900)
    files = [file for file in tmp_path.iterdir() if file.name.startswith("locution.log")]
    assert len(files) == OLD_FILES + 1
    assert sum(file.stat().st_size for file in files) < (OLD_FILES + 1) * (MAX_BYTES + 3_000)


def test_what_nobody_caught_is_logged_and_passed_on(tmp_path, monkeypatch):
    passed_on = []
    monkeypatch.setattr(sys, "excepthook", lambda *args: passed_on.append(args[0]))
    with run_log(tmp_path) as run:
        error = RuntimeError("boom")
        sys.excepthook(RuntimeError, error, None)
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    text = run.path.read_text(encoding="utf-8")
    assert "CRITICAL" in text
    assert "RuntimeError: boom" in text
    assert "KeyboardInterrupt" not in text
    assert passed_on == [RuntimeError, KeyboardInterrupt]


def test_what_a_thread_did_not_catch_is_logged_with_its_name(tmp_path, monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda args: None)

    def fails() -> None:
        raise RuntimeError("boom in thread")

    with run_log(tmp_path) as run:
        thread = threading.Thread(target=fails, name="reader")
        thread.start()
        thread.join()
    text = run.path.read_text(encoding="utf-8")
    assert "Nobody caught this in reader" in text
    assert "RuntimeError: boom in thread" in text


def test_a_thread_that_ends_itself_is_no_error(tmp_path, monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda args: None)
    with run_log(tmp_path) as run:
        thread = threading.Thread(target=sys.exit)
        thread.start()
        thread.join()
        log.info("after")
    assert "Nobody caught" not in run.path.read_text(encoding="utf-8")


def test_an_error_while_an_object_goes_is_logged(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "unraisablehook", lambda args: None)

    class Fragile:
        def __del__(self) -> None:
            raise RuntimeError("boom at the end")

    with run_log(tmp_path) as run:
        Fragile()
    assert "RuntimeError: boom at the end" in run.path.read_text(encoding="utf-8")


def test_everything_is_put_back_at_the_end(tmp_path):
    before = sys.excepthook, threading.excepthook, sys.unraisablehook, logging.getLogger().level
    handlers = list(logging.getLogger().handlers)
    with run_log(tmp_path):
        assert sys.excepthook is not before[0]
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook, logging.getLogger().level) == before
    assert logging.getLogger().handlers == handlers


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "logs").touch()
    with pytest.raises(StorageError), run_log(tmp_path / "logs"):
        pass


def test_a_run_that_ended_in_order_leaves_no_mark(tmp_path):
    with run_log(tmp_path) as run:
        log.info("something")
        assert run.unclean_end is None
    with run_log(tmp_path) as run:
        assert run.unclean_end is None


@pytest.mark.skipif(sys.platform == "win32", reason="signals are others there")
def test_a_run_that_was_killed_is_noticed_once(tmp_path):
    code = (
        "import sys, pathlib; from desktop.system.logs import run_log\n"
        "with run_log(pathlib.Path(sys.argv[1])): print('up', flush=True); sys.stdin.read()"
    )
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"up\n"
        with run_log(tmp_path) as run:
            assert run.unclean_end is None  # the other run is still going on
        process.send_signal(signal.SIGKILL)
    with run_log(tmp_path) as run:
        assert run.unclean_end == pytest.approx(time.time(), abs=60)
    with run_log(tmp_path) as run:
        assert run.unclean_end is None


def test_a_process_number_given_out_again_does_not_hide_a_killed_run(tmp_path):
    mark = tmp_path / f"running-{os.getppid()}"  # a process that lives, but began after the mark was made
    mark.touch()
    os.utime(mark, (1_000_000, 1_000_000))
    with run_log(tmp_path) as run:
        assert run.unclean_end == 1_000_000


def test_a_stray_file_is_no_killed_run(tmp_path):
    (tmp_path / "running-late").touch()
    with run_log(tmp_path) as run:
        assert run.unclean_end is None
