"""Asking and being answered, with the keyboard alone and the real starter model."""

import re
from itertools import pairwise
from pathlib import Path

from desktop.domain.settings import Setting
from tests.e2e.conftest import Open
from tests.helpers.app_data import put_settings, put_steady_preset, stored, stored_answers
from tests.helpers.app_process import App
from tests.helpers.screen import Screen, wait_for
from tests.helpers.screen_reader import Node

LONG = "Tell me a long story about a lighthouse keeper and the sea."


def letters(text: str) -> str:
    """What is left of Markdown once it is rendered, for sure."""
    return re.sub(r"[^a-z]+", "", text.lower())


def body(message: Node) -> str:
    """A message's text, without its buttons."""
    return "\n".join(node.text for node in message.walk() if node.text)


def answer_status(app: App, number: int = -1) -> str:
    answers = stored_answers(app.data_dir)
    return answers[number].status if answers else ""


def wait_for_answer(app: App, count: int = 1) -> None:
    """Until answer ``count`` is in the database, whole."""
    wait_for(
        lambda: len(stored_answers(app.data_dir)) >= count and answer_status(app) not in ("", "streaming"),
        f"answer {count}",
    )


def shows_answer(app: App, number: int = -1) -> None:
    """Until the last message in the window is this answer of the database, and none is being written."""
    text = stored_answers(app.data_dir)[number].text
    app.until(
        lambda node: (
            letters(body(app.messages()[-1])).startswith(letters(text))
            and not node.find("push button", "Stop")
        ),
        f"the answer “{text}”",
    )


def wait_for_words(app: App, count: int = 1) -> str:
    """Until answer ``count`` has some text in the database and is still being written; that text."""

    def some() -> str:
        answers = stored_answers(app.data_dir)
        writing = len(answers) >= count and answers[-1].status == "streaming"
        return answers[-1].text if writing and len(answers[-1].text) > 40 else ""

    return wait_for(some, f"the beginning of answer {count}")


def test_a_typed_prompt_is_answered_word_by_word(open_app: Open, data_dir: Path, screen: Screen) -> None:
    put_steady_preset(data_dir, max_tokens=120)
    app = open_app()
    app.ready()
    app.ask("Explain in three sentences why the sky is blue.")

    seen: list[str] = []
    pictures: list[bytes] = []

    worker = app.worker()

    def look() -> bool:
        """Whether the answer is whole; until then, what can be read and what is painted of it.

        It is not written on meanwhile: looking may take longer than a whole answer.
        """
        worker.suspend()
        if len(messages := app.messages()) == 2 and (text := body(messages[1])):
            seen.append(text)
            pictures.append(screen.pixels(app.window(), app.place(messages[1])))
        worker.resume()
        return answer_status(app) not in ("", "streaming")

    wait_for(look, "the answer")
    assert len(set(seen)) >= 3, "the answer came at once, not word by word"
    assert len(set(pictures)) >= 3, "the words that came were not painted"
    assert all(later.startswith(earlier[:20]) for earlier, later in pairwise(seen))

    question, answer = stored(data_dir)
    assert (question.role, question.text) == ("user", "Explain in three sentences why the sky is blue.")
    assert answer.status in ("complete", "length")
    assert len(answer.text.split()) > 10
    shows_answer(app)
    assert [message.name for message in app.messages()] == ["You", "SmolLM2 135M Instruct"]


def test_stop_keeps_what_is_written(open_app: Open, data_dir: Path, screen: Screen) -> None:
    put_steady_preset(data_dir)
    app = open_app()
    app.ready()
    app.ask(LONG)
    written = wait_for_words(app)
    app.worker().suspend()
    screen.press("Escape")
    app.worker().resume()
    wait_for_answer(app)
    answer = stored_answers(data_dir)[0]
    assert answer.status == "cancelled"
    assert answer.text.startswith(written)
    app.sees("You stopped this answer.")
    shows_answer(app)


def test_another_answer_is_a_version_beside_the_first(open_app: Open, data_dir: Path, screen: Screen) -> None:
    put_steady_preset(data_dir, max_tokens=30)
    app = open_app()
    app.ready()
    app.ask("Name three fruits.")
    wait_for_answer(app)
    shows_answer(app)
    screen.press("ctrl+r")
    wait_for_answer(app, 2)
    app.sees("2 of 2")
    screen.press("alt+Left")
    app.sees("1 of 2")
    shows_answer(app, 0)
    screen.press("alt+Right")
    app.sees("2 of 2")


def test_an_edited_question_is_answered_and_the_old_one_kept(
    open_app: Open, data_dir: Path, screen: Screen
) -> None:
    put_steady_preset(data_dir, max_tokens=30)
    app = open_app()
    app.ready()
    app.ask("Name three fruits.")
    wait_for_answer(app)
    shows_answer(app)
    screen.press("ctrl+Up")
    app.until(lambda node: _focused_text(node) == "Name three fruits.", "the question in an editor")
    screen.press("ctrl+a")
    screen.type("Name three birds.")
    app.until(lambda node: _focused_text(node) == "Name three birds.", "the new words in the editor")
    screen.press("ctrl+Return")
    wait_for_answer(app, 2)
    questions = [message.text for message in stored(data_dir) if message.role == "user"]
    assert questions == ["Name three fruits.", "Name three birds."]
    app.sees("2 of 2")
    shows_answer(app, 1)
    assert [body(message) for message in app.messages()[:1]] == ["Name three birds."]


def test_a_prompt_longer_than_the_context_is_refused_in_plain_words(
    open_app: Open, data_dir: Path, screen: Screen
) -> None:
    put_steady_preset(data_dir, max_tokens=30)
    put_settings(data_dir, {Setting.CONTEXT_LENGTH: 256})
    app = open_app()
    app.ready()
    app.ask("one two three " * 120)
    app.sees("the context holds 256")
    assert answer_status(app) == "failed"
    assert "Shorten the text" in app.words()
    screen.press("ctrl+n")
    app.sees("What shall we do?")
    app.ask("Name three fruits.")
    wait_for_answer(app, 2)
    assert answer_status(app) in ("complete", "length")


def _focused_text(window: Node) -> str:
    return next((node.text for node in window.walk() if node.focused and node.role == "text"), "")
