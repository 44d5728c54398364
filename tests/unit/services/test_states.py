"""Where the engine may keep what it has read, and that nothing of a deleted chat stays there."""

import stat
import sys
from pathlib import Path

import pytest

from desktop.domain.model import StateStore
from desktop.domain.settings import Setting
from desktop.services.states import SECRET_SIZE, KeptStates
from desktop.system.paths import Locations
from tests.unit.services.scripted_app import ask, new_chat, opened, script, use


@pytest.fixture
def locations(data_dir: Path) -> Locations:
    return Locations.below(data_dir)


def name_in(locations: Locations, chat_id: str) -> str:
    """What the names of a chat's states begin with."""
    return StateStore("", locations.states_key.read_bytes(), "", 0).name_of(chat_id)


def put(folder: Path, name: str) -> Path:
    path = folder / f"{name}-0a1b.state"
    path.write_bytes(b"cells")
    return path


async def test_a_loaded_model_has_a_private_folder_and_a_secret(locations: Locations, tmp_path: Path) -> None:
    async with opened(locations.data) as services:
        await use(services, tmp_path)

    assert len(locations.states_key.read_bytes()) == SECRET_SIZE
    if sys.platform != "win32":
        assert stat.S_IMODE(locations.states_key.stat().st_mode) == 0o600
        assert stat.S_IMODE(locations.states.stat().st_mode) == 0o700


async def test_the_secret_stays_the_same(locations: Locations) -> None:
    async with opened(locations.data) as services:
        states = KeptStates(locations.states, locations.states_key, services.settings)
        first = await states.store("one")
        second = await states.store("another")

    assert first is not None and second is not None
    assert first.secret == second.secret == locations.states_key.read_bytes()
    assert (first.model_hash, second.model_hash) == ("one", "another")
    assert first.limit == second.limit == 2_000_000_000


async def test_a_secret_that_is_none_is_replaced(locations: Locations) -> None:
    locations.states_key.write_bytes(b"short")
    async with opened(locations.data) as services:
        store = await KeptStates(locations.states, locations.states_key, services.settings).store("model")

    assert store is not None
    assert store.secret == locations.states_key.read_bytes()
    assert len(store.secret) == SECRET_SIZE


async def test_a_deleted_chat_leaves_nothing(locations: Locations, tmp_path: Path) -> None:
    async with opened(locations.data) as services:
        await use(services, tmp_path)
        deleted = await new_chat(services)
        await ask(services, deleted, "Secret plans")
        kept = await new_chat(services)
        put(locations.states, name_in(locations, deleted))
        other = put(locations.states, name_in(locations, kept))

        await services.chat.trash(deleted)

        assert list(locations.states.iterdir()) == [other]


async def test_a_deleted_branch_leaves_nothing(locations: Locations, tmp_path: Path) -> None:
    async with opened(locations.data) as services:
        await use(services, tmp_path)
        chat_id = await new_chat(services)
        answer = await ask(services, chat_id, "Secret plans")
        put(locations.states, name_in(locations, chat_id))

        await services.chat.delete_branch(answer.id, chat_id)

        assert list(locations.states.iterdir()) == []


async def test_who_wants_none_kept_has_none(locations: Locations, tmp_path: Path) -> None:
    async with opened(locations.data) as services:
        await use(services, tmp_path)
        put(locations.states, "any")
        services.settings.put(Setting.KEPT_STATES, 0)
        await services.models.use(script(tmp_path, "again"))

        assert list(locations.states.iterdir()) == []


async def test_without_a_place_models_load_all_the_same(locations: Locations, tmp_path: Path) -> None:
    locations.states.parent.mkdir()
    locations.states.write_text("a file in the folder's place")
    async with opened(locations.data) as services:
        states = KeptStates(locations.states, locations.states_key, services.settings)
        assert await states.store("model") is None
        assert (await use(services, tmp_path)).name == "model"

        locations.states_key.unlink(missing_ok=True)
        locations.states_key.mkdir()
        await states.forget("a chat")


@pytest.mark.skipif(sys.platform == "win32", reason="every name is text there")
async def test_a_folder_whose_name_is_no_text_is_not_used(locations: Locations, tmp_path: Path) -> None:
    folder = Path(f"{tmp_path}/caf\udce9")
    async with opened(locations.data) as services:
        assert await KeptStates(folder, locations.states_key, services.settings).store("model") is None


async def test_what_cannot_be_removed_is_left(locations: Locations, tmp_path: Path) -> None:
    async with opened(locations.data) as services:
        states = KeptStates(locations.states, locations.states_key, services.settings)
        await states.store("model")
        (locations.states / f"{name_in(locations, 'chat')}-folder").mkdir()

        await states.forget("chat")

        assert len(list(locations.states.iterdir())) == 1
