"""Where files live, and what is said when they cannot."""

from __future__ import annotations

import dataclasses
import errno
import os
import stat
import sys
import tomllib
from pathlib import Path

import pytest

from desktop.domain.errors import StorageError
from desktop.system import paths
from desktop.system.paths import Locations, ready, resources_dir

on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="XDG folders are Linux's")


def all_of(locations: Locations) -> list[Path]:
    return [getattr(locations, field.name) for field in dataclasses.fields(locations)]


@on_linux
def test_the_platforms_own_places_are_used(monkeypatch, tmp_path):
    for name in ("data", "config", "cache", "state"):
        monkeypatch.setenv(f"XDG_{name.upper()}_HOME", str(tmp_path / name))
    found = Locations.choose(None)
    assert found.data == tmp_path / "data" / "locution"
    assert found.config == tmp_path / "config" / "locution"
    assert found.cache == tmp_path / "cache" / "locution"
    assert found.logs.is_relative_to(tmp_path / "state" / "locution")
    assert found.models == found.data / "models"
    assert found.database == found.data / "locution.db"


@pytest.mark.parametrize("name", ["plain", "with space", "Zoë 模型", "wide\u3000space", "a" * 200])
def test_with_a_data_folder_everything_is_in_it(tmp_path, name):
    found = Locations.choose(tmp_path / name)
    assert found.data == tmp_path / name
    assert all(path.is_relative_to(tmp_path / name) for path in all_of(found))
    assert len(set(all_of(found))) == len(all_of(found))
    for folder in (found.models, found.logs):
        assert ready(folder).is_dir()
    found.database.write_bytes(b"x")


def test_nothing_is_created_before_it_is_needed(tmp_path):
    Locations.choose(tmp_path / "data")
    Locations.of_platform()
    assert not (tmp_path / "data").exists()
    assert not (tmp_path / "home").exists()


def test_a_relative_data_folder_stays_where_it_was_when_the_app_started(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Locations.below(Path("data")).data == tmp_path / "data"


def test_a_tilde_is_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert Locations.below(Path("~/data")).data == tmp_path / "data"
    assert Locations.below(Path("~no-such-user/data")).data.is_absolute()


def test_a_path_of_over_260_characters_is_made(tmp_path):
    folder = tmp_path.joinpath(*["deep" * 20] * 4)
    assert len(str(folder)) > 300
    assert ready(folder).is_dir()


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are others there")
def test_folders_are_private_to_the_user(tmp_path):
    before = os.umask(0o022)
    try:
        ready(tmp_path / "a" / "b")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700


def test_a_file_in_the_folders_place_is_said(tmp_path):
    (tmp_path / "data").touch()
    with pytest.raises(StorageError) as caught:
        ready(tmp_path / "data")
    assert (
        caught.value.message
        == f"The folder {tmp_path / 'data'} cannot be used: {tmp_path / 'data'} is a file."
    )


def test_a_folder_below_a_file_is_said(tmp_path):
    (tmp_path / "data").touch()
    with pytest.raises(StorageError, match="cannot be used: ") as caught:
        ready(tmp_path / "data" / "logs")
    assert caught.value.message.endswith(f"{tmp_path / 'data'} is a file.")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_why_a_folder_could_not_be_made_is_said(tmp_path, monkeypatch, code):
    def fails(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "mkdir", fails)
    with pytest.raises(StorageError) as caught:
        ready(tmp_path / "data")
    assert os.strerror(code) in caught.value.message
    assert caught.value.action


def test_a_folder_that_is_read_only_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    with pytest.raises(StorageError, match="cannot be written to"):
        ready(tmp_path)


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000])
def test_an_impossible_name_is_said(tmp_path, name):
    with pytest.raises(StorageError, match="could not be created"):
        ready(tmp_path / name)


def test_in_a_checkout_resources_lie_beside_the_package():
    assert resources_dir() == Path(__file__).resolve().parents[3] / "resources"


def test_in_a_wheel_resources_lie_in_the_package(tmp_path, monkeypatch):
    package = tmp_path / "site-packages" / "desktop"
    (package / "system").mkdir(parents=True)
    (package / "resources").mkdir()
    (tmp_path / "site-packages" / "resources").mkdir()  # another package's
    monkeypatch.setattr(paths, "__file__", str(package / "system" / "paths.py"))
    assert resources_dir() == package / "resources"


def test_the_wheel_puts_resources_where_they_are_looked_for():
    config = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8"))
    sources = config["tool"]["hatch"]["build"]["targets"]["wheel"]["sources"]
    assert sources["resources"] == "desktop/resources"
