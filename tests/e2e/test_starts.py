"""Starting and ending: quitting keeps everything, and a second start leads to the window that is open."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Open
from tests.e2e.test_answers import body, shows_answer, wait_for_answer
from tests.helpers.app_data import put_steady_preset, stored
from tests.helpers.screen import Screen, XWindow, wait_for

COVER = """
from PySide6.QtWidgets import QApplication, QLabel
app = QApplication([])
label = QLabel("In front")
label.resize(1500, 900)
label.show()
app.exec()
"""


@pytest.fixture
def cover(screen: Screen) -> Iterator[subprocess.Popen[bytes]]:
    """Another program's window, which hides the app's."""
    process = subprocess.Popen([sys.executable, "-c", COVER], env=screen.quiet_environment)
    yield process
    process.kill()
    process.wait()


def test_everything_is_found_again_after_quitting(open_app: Open, data_dir: Path, screen: Screen) -> None:
    put_steady_preset(data_dir, max_tokens=60)
    app = open_app()
    app.ready()
    app.ask("Name three fruits.")
    wait_for_answer(app)
    shows_answer(app)
    app.place_to_write()
    screen.type("A draft that is not sent")
    app.sees("A draft that is not sent")
    worker = app.worker()
    before = stored(data_dir)
    screen.press("ctrl+q")
    assert app.wait_for_end() == 0, app.log()
    assert not worker.is_running()
    assert app.log() == ""

    again = open_app()
    again.ready()
    assert stored(data_dir) == before
    shows_answer(again)
    assert body(again.messages()[0]) == "Name three fruits."
    window = again.read()
    composer = window.find("text", "Message")
    assert composer is not None
    assert composer.text == "A draft that is not sent"
    assert "Name three fruits." in again.window().title


def test_closing_the_window_ends_the_app_and_its_engine(
    open_app: Open, data_dir: Path, screen: Screen
) -> None:
    app = open_app()
    app.ready()
    worker = app.worker()
    screen.close_window(app.window())
    assert app.wait_for_end() == 0, app.log()
    assert not worker.is_running()


def test_a_second_start_brings_the_first_window_to_front(
    open_app: Open, screen: Screen, cover: subprocess.Popen[bytes]
) -> None:
    app = open_app()
    app.ready()
    window = app.window()
    screen.activate(_window_of(screen, cover))
    assert screen.stacking()[-1] != window.id

    second = open_app()
    assert second.wait_for_end() == 0, second.log()
    wait_for(lambda: screen.stacking()[-1] == window.id, "the first window above all others")
    wait_for(lambda: screen.active() == window.id, "the first window with the focus")


def test_a_second_start_says_so_when_the_first_does_not_answer(open_app: Open, screen: Screen) -> None:
    app = open_app()
    app.ready()
    app.freeze()
    second = open_app()
    second.sees("already open on this data folder, and it does not answer")
    screen.press("Return")
    assert second.wait_for_end() == 1
    assert "does not answer" in second.log()
    app.thaw()
    app.sees("What shall we do?")


def _window_of(screen: Screen, process: subprocess.Popen[bytes]) -> XWindow:
    return wait_for(lambda: screen.windows(process.pid), "the covering window")[0]
