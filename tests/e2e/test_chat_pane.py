"""A day with chats by keys alone, with the real starter model: files, branches, searching, undoing."""

import asyncio
from pathlib import Path

from desktop.domain.settings import Setting
from desktop.system.paths import DATABASE_NAME
from tests.e2e.busy_life import PHYSICS, lay_out
from tests.e2e.conftest import Open
from tests.helpers.app_data import put_settings, put_steady_preset, stored, stored_answers
from tests.helpers.app_process import App
from tests.helpers.chats import store_titles
from tests.helpers.screen import Screen, wait_for


def wait_for_answers(app: App, count: int) -> None:
    def whole() -> bool:
        answers = stored_answers(app.data_dir)
        return len(answers) >= count and all(answer.status != "streaming" for answer in answers)

    wait_for(whole, f"{count} whole answers")


def busy(data_dir: Path) -> None:
    """Some weeks of chats, the one about a pendulum open."""
    put_steady_preset(data_dir, max_tokens=24)

    async def write() -> None:
        await store_titles(data_dir / DATABASE_NAME, 9)
        await lay_out(data_dir / DATABASE_NAME)

    asyncio.run(write())
    put_settings(data_dir, {Setting.LAST_CONVERSATION: PHYSICS})


def test_a_file_and_a_beginning_are_sent_and_the_next_message_waits(
    open_app: Open, data_dir: Path, screen: Screen, tmp_path: Path
) -> None:
    put_steady_preset(data_dir, max_tokens=400)
    notes = tmp_path / "harbour.txt"
    notes.write_text("Seven boats lie in the harbour.\n", "utf-8")
    app = open_app()
    app.ready()
    screen.press("ctrl+u")
    app.sees("Attach files")
    screen.type(str(notes))
    screen.press("Return")
    app.sees("harbour.txt")
    screen.press("ctrl+shift+j")
    screen.type("In the harbour there are ")
    screen.press("Return")
    app.ask("How many boats are there?")

    wait_for(lambda: stored_answers(data_dir), "an answer that is being written")
    # However fast the model is: the answer is not over before the next message waits.
    app.worker().suspend()
    app.ask("Thank you.")
    app.sees("Will be sent next")
    app.worker().resume()

    wait_for_answers(app, 2)
    question, answer, thanks, _ = stored(data_dir)
    assert (question.text, thanks.text) == ("How many boats are there?", "Thank you.")
    assert answer.text.startswith("In the harbour there are ")
    app.sees("harbour.txt")


def test_words_are_found_and_gone_to_on_another_branch(
    open_app: Open, data_dir: Path, screen: Screen
) -> None:
    busy(data_dir)
    app = open_app()
    app.ready()
    app.sees("Take a string of one metre")
    screen.press("ctrl+k")
    screen.type("half times as long")
    app.sees("1 found")
    screen.press("Return")
    app.sees("About two and a half times as long.")
    screen.press("ctrl+z")
    app.sees("Take a string of one metre")


def test_what_was_deleted_comes_back_by_one_key(open_app: Open, data_dir: Path, screen: Screen) -> None:
    busy(data_dir)
    app = open_app()
    app.ready()
    app.sees("Take a string of one metre")

    screen.press("ctrl+m", "Up", "Return")
    app.until(lambda node: "Take a string of one metre" not in node.words(), "the answer is gone")
    screen.press("ctrl+z")

    app.sees("Take a string of one metre")
    screen.press("ctrl+shift+t")
    app.sees("Grouping anagrams")
