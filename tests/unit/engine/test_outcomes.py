"""How a worker's end is told: one sentence for each way it may come."""

import signal

import pytest

from desktop.engine.process import Outcome


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (None, "could not be started"),
        (0, "The engine ended."),
        (-signal.SIGKILL, "may have run out of memory"),
        (-signal.SIGTERM, "ended from outside"),
        (-signal.SIGABRT, "internal error"),
        (-signal.SIGSEGV, "crashed"),
        (-signal.SIGBUS, "crashed"),
        (-signal.SIGILL, "instructions that this processor does not have"),
        (0xC0000005, "crashed"),
        (0xC000001D, "instructions that this processor does not have"),
        (0xC0000409, "internal error"),
        (0xC0000135, "A part of the engine is missing"),
        (1, "ended unexpectedly"),
        (-signal.SIGUSR1, "ended unexpectedly"),
    ],
)
def test_every_end_has_its_words(code: int | None, words: str) -> None:
    assert words in Outcome(code).message


@pytest.mark.parametrize(
    "last_words",
    [
        "ModuleNotFoundError: No module named 'llama_cpp'",
        "OSError: libllama.so: cannot open shared object file",
        "RuntimeError: Failed to load shared library",
        "FileNotFoundError: Shared library with base name 'llama' not found",
    ],
)
def test_a_missing_part_is_told_from_the_last_words(last_words: str) -> None:
    outcome = Outcome(1, last_words)

    assert outcome.message == "A part of the engine is missing on this machine."
    assert outcome.detail == f"exit code 1\n{last_words}"
    assert outcome.action == "Install Locution again."


@pytest.mark.parametrize("code", [-9, -11, -6, 1])
def test_what_may_go_well_next_time_is_to_be_tried_again(code: int) -> None:
    assert Outcome(code).action.startswith("Send it again")


@pytest.mark.parametrize(
    ("outcome", "action"),
    [
        (Outcome(-signal.SIGKILL), "Send it again: the model is loaded anew."),
        (Outcome(-signal.SIGILL), "Install Locution again."),
        (Outcome(1, "OSError: libllama.so"), "Install Locution again."),
        (
            Outcome(1, "OSError: libllama.so", "It stopped answering."),
            "Send it again: the model is loaded anew.",
        ),
    ],
)
def test_what_helps_is_another_try_unless_it_would_end_in_the_same_way(outcome: Outcome, action: str) -> None:
    assert outcome.action == action


def test_why_the_app_ended_it_comes_before_how() -> None:
    assert Outcome(-9, reason="It stopped answering.").message == "It stopped answering."
