"""Two starts on one data folder: the second brings the first to front, or says why not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.domain.errors import StorageError
from desktop.ui import single_instance
from desktop.ui.single_instance import LOCK_NAME, SingleInstance
from tests.helpers.qt_loop import until

ROOT = Path(__file__).resolve().parents[3]
HOLD = """
import sys, time
from pathlib import Path
from desktop.ui.single_instance import SingleInstance
with SingleInstance(Path(sys.argv[1])) as instance:
    print("first" if instance.is_first else "second", flush=True)
    time.sleep(60)
"""
CALL = """
import asyncio, sys
from pathlib import Path
from desktop.ui.single_instance import SingleInstance
with SingleInstance(Path(sys.argv[1])) as instance:
    assert not instance.is_first
    sys.exit(0 if asyncio.run(instance.call_first()) else 3)
"""


@pytest.fixture
def start(data_dir):
    """Runs a script in another process on the same data folder."""
    running = []

    def run(script):
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(data_dir)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.communicate()


async def test_a_second_start_brings_the_first_to_front(data_dir, start):
    with SingleInstance(data_dir) as first:
        assert first.is_first and first.listen()
        calls = []
        first.called.connect(lambda: calls.append(True))
        second = start(CALL)
        await until(lambda: second.poll() is not None, "the second start's end")
        assert second.returncode == 0
        assert calls == [True]


async def test_a_first_window_that_does_not_answer_is_told_of(data_dir, monkeypatch):
    monkeypatch.setattr(single_instance, "ANSWER_S", 0.3)
    with SingleInstance(data_dir) as first, SingleInstance(data_dir) as second:
        assert first.is_first and not second.is_first
        assert not await second.call_first()


def test_a_killed_start_leaves_nothing_that_blocks_the_next(data_dir, start):
    process = start(HOLD)
    assert process.stdout.readline().strip() == "first"
    with SingleInstance(data_dir) as early:
        assert not early.is_first
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert (data_dir / LOCK_NAME).exists()
    with SingleInstance(data_dir) as next_one:
        assert next_one.is_first
        assert next_one.listen()


def test_another_data_folder_is_another_app(data_dir, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    with SingleInstance(data_dir) as one, SingleInstance(other) as two:
        assert one.is_first and two.is_first
        assert one.listen() and two.listen()


def test_the_folder_is_free_again_after_a_normal_end(data_dir):
    with SingleInstance(data_dir):
        pass
    with SingleInstance(data_dir) as second:
        assert second.is_first


def test_a_folder_that_cannot_be_written_to_is_said_in_words(tmp_path):
    with pytest.raises(StorageError, match="cannot be written to"), SingleInstance(tmp_path / "missing"):
        pass


async def test_a_stranger_on_the_socket_changes_nothing(data_dir):
    from PySide6.QtNetwork import QLocalSocket

    with SingleInstance(data_dir) as first:
        first.listen()
        calls = []
        first.called.connect(lambda: calls.append(True))
        socket = QLocalSocket()
        socket.connectToServer(single_instance._server_name(data_dir))
        assert socket.waitForConnected(60_000)
        socket.write(b"\x00" * 10_000)
        socket.flush()
        hung_up = QLocalSocket.LocalSocketState.UnconnectedState
        await until(lambda: socket.state() is hung_up, "the end of the connection")
        assert calls == []


def test_the_network_library_is_not_loaded_before_the_window_needs_it():
    modules = "desktop.ui.main_window, desktop.ui.single_instance"
    code = f"import {modules}, sys; print('PySide6.QtNetwork' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
