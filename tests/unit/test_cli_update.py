"""A command that has to bring an earlier version's chats up to date says so, beside what it was asked for."""

import json
from argparse import Namespace
from pathlib import Path

import pytest

from desktop.cli import conversations, update_progress
from desktop.cli.exit_code import ExitCode
from desktop.cli.update_progress import UpdateProgress
from desktop.system.paths import Locations
from tests.unit.storage.test_updates import first_version


@pytest.mark.parametrize("after_s", [0.0, 3600.0])
def test_a_long_update_is_told_beside_the_answer(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], after_s: float
) -> None:
    monkeypatch.setattr(update_progress, "AFTER_S", after_s)
    first_version(Locations.below(data_dir).database, 3)

    code = conversations.conversations(
        Namespace(data_dir=data_dir, verb="list", folder=None, limit=9, json=True)
    )

    out, err = capsys.readouterr()
    assert code is ExitCode.DONE
    assert [json.loads(line)["id"] for line in out.splitlines()] == ["c1", "c0"]
    if after_s:
        assert err == ""
    else:
        assert err.endswith("locution: Bringing your chats up to date, which is done once: 100 %\n")


def test_an_update_is_told_of_once_in_a_while(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(update_progress, "AFTER_S", 0.0)
    update = UpdateProgress()
    for share in range(201):
        update.tell(share / 200)

    said = [line.split(": ")[-1] for line in capsys.readouterr().err.splitlines()]
    assert said == [f"{percent} %" for percent in range(0, 101, 10)]
