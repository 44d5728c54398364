"""Preset files: those that ship, the user's own, and what a stranger's may hold."""

import os
from pathlib import Path

import pytest

from desktop.domain.errors import PresetError
from desktop.services.assembly import open_presets
from desktop.services.presets import MAX_FILE, PresetService
from desktop.system.paths import Locations


@pytest.fixture
def own(data_dir: Path) -> Path:
    """The folder of the user's own presets."""
    folder = Locations.below(data_dir).presets
    folder.mkdir()
    return folder


def presets(own: Path) -> PresetService:
    return open_presets(Locations.below(own.parent))


def test_the_shipped_presets_are_there_in_their_order(data_dir: Path) -> None:
    service = open_presets(Locations.below(data_dir))

    assert [preset.id for preset in service.all()] == [
        "chatbot",
        "translation",
        "summarization",
        "code-assist",
    ]
    assert service.problems == []


def test_the_users_own_stand_among_them_and_take_their_places(own: Path) -> None:
    (own / "pirate.toml").write_text('name = "Pirate"\norder = 15\nsystem_prompt = "Arr."\n')
    (own / "chatbot.toml").write_text('name = "My chatbot"\norder = 90\n[parameters]\ntop_k = 3\n')

    service = presets(own)

    assert [preset.name for preset in service.all()][-1] == "My chatbot"
    assert "pirate" in [preset.id for preset in service.all()]
    assert service.get("pirate").system_prompt == "Arr."
    assert service.get("chatbot").parameters.top_k == 3


def test_without_any_file_there_is_still_one_to_chat_with(tmp_path: Path) -> None:
    service = PresetService((tmp_path / "nowhere",))

    assert [preset.id for preset in service.all()] == ["chatbot"]


def test_a_preset_that_is_gone_is_the_usual_one_for_its_chats(own: Path) -> None:
    assert presets(own).get("deleted").id == "chatbot"


def test_a_name_that_leads_nowhere_is_said_with_those_that_do(own: Path) -> None:
    with pytest.raises(PresetError, match=r"no preset “pirate”. Known: chatbot, translation"):
        presets(own).require("pirate")


BAD = {
    "no TOML": b"name = ",
    "an unknown field": b'name = "x"\nrun = "rm -rf /"\n',
    "no name": b"order = 1\n",
    "a blank name": b'name = "  "\n',
    "a number for a text": b'name = "x"\nsystem_prompt = 3\n',
    "a text for a number": b'name = "x"\norder = "first"\n',
    "a list for a table": b'name = "x"\nparameters = [1]\n',
    "a value out of range": b'name = "x"\n[parameters]\ntemperature = -1\n',
    "a value that is no number": b'name = "x"\n[parameters]\ntemperature = nan\n',
    "a huge number": b'name = "x"\n[parameters]\ntop_k = 1' + b"0" * 400,
    "a number of thousands of digits": b'name = "x"\norder = 1' + b"0" * 9000,
    "an unknown parameter": b'name = "x"\n[parameters]\nmirostat = 1\n',
    "a text of a million characters": b'name = "' + b"x" * 900_000 + b'"',
    "too many bytes": b"#" * (MAX_FILE + 1),
    "bytes that are no text": b'name = "\xff\xfe"\n',
    "lists without end": b'name = "x"\nexamples = ' + b"[" * 50_000,
    "a line break in its error": b'name = "x\n\n"',
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
def test_a_strangers_bad_file_is_named_and_hides_no_other(own: Path, content: bytes) -> None:
    (own / "bad.toml").write_bytes(content)
    (own / "good.toml").write_text('name = "Good"')

    service = presets(own)

    (problem,) = service.problems
    assert "“bad”" in problem
    assert "\n" not in problem
    assert len(problem) < 400
    assert "bad" not in [preset.id for preset in service.all()]
    assert service.get("good").name == "Good"
    with pytest.raises(PresetError) as refusal:
        service.require("bad")
    assert str(refusal.value) == problem


@pytest.mark.parametrize("name", ["../x", "Upper Case", "é", "x" * 80])
def test_a_file_whose_name_cannot_be_an_id_is_named(own: Path, name: str) -> None:
    (own / f"{name.replace('/', '_')}.toml").write_text('name = "x"')

    (problem,) = presets(own).problems

    assert "cannot be a preset's id" in problem


def test_what_is_no_file_does_not_stop_the_start(own: Path) -> None:
    (own / "folder.toml").mkdir()
    (own / "nowhere.toml").symlink_to(own / "missing")
    os.mkfifo(own / "pipe.toml")

    assert len(presets(own).problems) == 3
