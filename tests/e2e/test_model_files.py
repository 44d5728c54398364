"""Files that are no models: a clear message in the window, and the app goes on."""

from pathlib import Path

import pytest

from desktop.domain.settings import Setting
from tests.e2e.conftest import Open
from tests.e2e.test_answers import answer_status, wait_for_answer
from tests.helpers.app_data import put_settings, put_steady_preset
from tests.helpers.app_process import App
from tests.helpers.screen import Screen


def test_files_that_are_no_models_are_refused_in_plain_words(
    open_app: Open, data_dir: Path, tmp_path: Path, screen: Screen, starter_model: Path
) -> None:
    put_steady_preset(data_dir, max_tokens=30)
    empty, text, cut = (tmp_path / name for name in ("empty.gguf", "text.gguf", "cut.gguf"))
    empty.write_bytes(b"")
    text.write_text("This is a letter to my landlord.", encoding="utf-8")
    with starter_model.open("rb") as whole:
        cut.write_bytes(whole.read(4_000_000))
    app = open_app()
    app.ready()
    for path, words in ((empty, "is empty"), (text, "text.gguf"), (cut, "is incomplete")):
        _open_file(app, screen, path)
        app.sees(f'"{path.name}"')
        app.sees(words)
        assert app.model_state() == "Model SmolLM2 135M Instruct, ready", "the loaded model was given up"
    _still_answers(app, screen)


@pytest.mark.parametrize("what", ["missing", "folder"])
def test_a_start_with_a_model_that_is_gone_says_so_and_offers_the_starter(
    open_app: Open, data_dir: Path, tmp_path: Path, screen: Screen, what: str
) -> None:
    put_steady_preset(data_dir, max_tokens=30)
    path = tmp_path / "gone.gguf"
    if what == "folder":
        path.mkdir()
    put_settings(data_dir, {Setting.LAST_MODEL: str(path)})
    app = open_app()
    app.window()
    app.sees("There is no file" if what == "missing" else "is a folder")
    app.press_button("Load the starter model")
    app.ready()
    _still_answers(app, screen)


def _open_file(app: App, screen: Screen, path: Path) -> None:
    screen.press("ctrl+o")
    app.until(lambda node: node.find("dialog", "Open a GGUF file"), "the file dialog")
    screen.press("ctrl+a")
    screen.type(str(path))
    screen.press("Return")
    app.until(lambda node: not node.find("dialog", "Open a GGUF file"), "the dialog's end")


def _still_answers(app: App, screen: Screen) -> None:
    screen.activate(app.window())
    screen.press("ctrl+n")
    app.ask("Name three fruits.")
    wait_for_answer(app)
    assert answer_status(app) in ("complete", "length")
