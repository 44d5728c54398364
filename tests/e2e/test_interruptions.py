"""Processes that die in the middle of an answer."""

from pathlib import Path

import psutil

from tests.e2e.conftest import Open
from tests.e2e.test_answers import LONG, answer_status, shows_answer, wait_for_answer, wait_for_words
from tests.helpers.app_data import put_steady_preset, stored_answers, stored_drafts
from tests.helpers.app_process import is_worker
from tests.helpers.screen import Screen, wait_for


def test_an_engine_that_is_killed_is_said_in_plain_words_and_the_next_prompt_is_answered(
    open_app: Open, data_dir: Path
) -> None:
    put_steady_preset(data_dir)
    app = open_app()
    app.ready()
    app.ask("Hello!")
    wait_for_answer(app)

    app.until(lambda node: "ready" in app.model_state(), "the model is ready again")
    app.ask(LONG)
    written = wait_for_words(app, 2)
    killed = app.worker()
    killed.kill()
    wait_for_answer(app, 2)
    partial = stored_answers(data_dir)[1]
    assert partial.status == "failed"
    assert partial.text.startswith(written)
    app.sees("The engine was ended from outside")
    shows_answer(app, 1)
    assert "Traceback" not in app.words()

    app.ask("Name three fruits.")
    wait_for_answer(app, 3)
    assert answer_status(app) in ("complete", "length")
    assert app.worker().pid != killed.pid
    shows_answer(app, 2)


def test_the_app_that_is_killed_leaves_no_engine_behind_and_keeps_the_answer(
    open_app: Open, data_dir: Path
) -> None:
    put_steady_preset(data_dir)
    app = open_app()
    app.ready()
    app.ask(LONG)
    written = wait_for_words(app)
    worker = app.worker()
    app.kill()
    wait_for(lambda: not _runs(worker), "the engine's end")

    again = open_app()
    again.ready()
    again.sees("The app closed while this was being written.")
    answer = stored_answers(data_dir)[0]
    assert answer.status == "interrupted"
    assert answer.text.startswith(written)
    shows_answer(again, 0)


def test_the_app_that_is_killed_at_rest_leaves_no_engine_behind_and_keeps_what_was_typed(
    open_app: Open, data_dir: Path, screen: Screen
) -> None:
    app = open_app()
    app.ready()
    worker = app.worker()
    app.place_to_write()
    screen.type("Half a thought")
    wait_for(lambda: stored_drafts(data_dir) == ["Half a thought"], "the draft on disk")
    app.kill()
    wait_for(lambda: not _runs(worker), "the engine's end")

    again = open_app()
    again.ready()
    again.until(
        lambda node: (composer := node.find("text", "Message")) and composer.text == "Half a thought",
        "the draft in the composer",
    )


def _runs(process: psutil.Process) -> bool:
    return process.is_running() and is_worker(process)
