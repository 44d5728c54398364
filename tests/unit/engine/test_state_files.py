"""What was read comes back from disk as it was, or not at all."""

import dataclasses
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest import MonkeyPatch

from desktop.domain.model import StateStore
from desktop.engine.worker.kv import state_files
from desktop.engine.worker.kv.state import Checkpoint, Outline, Snapshot, Ties
from desktop.engine.worker.kv.state_files import SHARE, StateFiles

SECRET = b"s" * 32
TIES = Ties.of(["a model", "a build"], ["one thread"])
LIMIT = 1_000_000


@pytest.fixture
def store(tmp_path: Path) -> StateStore:
    folder = tmp_path / "states"
    folder.mkdir()
    return StateStore(str(folder), SECRET, "hash", LIMIT)


def snapshot(size: int = 5000, tokens: int = 300, *, seed: int = 1, point: int = 0) -> Snapshot:
    chance = np.random.default_rng(seed)
    cells = chance.integers(0, 256, size, np.uint8)
    outline = Outline(chance.integers(0, 50_000, tokens, np.int32), canonical=256, oldest=7, point=point)
    return Snapshot(outline, cells, Checkpoint(point, cells[::-1][:999].copy()) if point else None)


def same(one: Snapshot | None, other: Snapshot) -> bool:
    if one is None or (one.checkpoint is None) is not (other.checkpoint is None):
        return False
    left, right = one.outline, other.outline
    points = [each.checkpoint.data if each.checkpoint else each.data for each in (one, other)]
    return (
        np.array_equal(left.tokens, right.tokens)
        and (left.canonical, left.oldest, left.point) == (right.canonical, right.oldest, right.point)
        and np.array_equal(one.data, other.data)
        and np.array_equal(points[0], points[1])
    )


@contextmanager
def opened(store: StateStore, ties: Ties = TIES) -> Iterator[StateFiles]:
    """Everything is on disk when it is left."""
    files = StateFiles(store, ties)
    yield files
    files.close(10)


def save(store: StateStore, *named: tuple[str, Snapshot], ties: Ties = TIES) -> None:
    with opened(store, ties) as files:
        for key, each in named:
            files.save(key, each)


def fetch(store: StateStore, key: str = "chat", ties: Ties = TIES) -> Snapshot | None:
    with opened(store, ties) as files:
        return files.fetch(key, lambda _outline: True)


def on_disk(store: StateStore) -> list[Path]:
    return sorted(Path(store.folder).iterdir())


@pytest.mark.parametrize("point", [0, 299])
def test_what_was_saved_comes_back(store: StateStore, point: int) -> None:
    saved = snapshot(point=point)
    save(store, ("chat", saved))

    assert same(fetch(store), saved)


def test_a_newer_state_takes_the_place_of_the_older(store: StateStore) -> None:
    save(store, ("chat", snapshot(seed=1)), ("chat", snapshot(seed=2)))

    assert same(fetch(store), snapshot(seed=2))
    assert len(on_disk(store)) == 1


def test_files_are_private_and_their_names_tell_nothing(store: StateStore) -> None:
    save(store, ("the secret chat", snapshot()))
    (path,) = on_disk(store)

    assert "secret" not in path.name
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_not_wanted_is_not_read(store: StateStore) -> None:
    save(store, ("chat", snapshot()))
    seen: list[Outline] = []

    def wanted(outline: Outline) -> bool:
        seen.append(outline)
        return False

    with opened(store) as files:
        assert files.fetch("chat", wanted) is None

    assert np.array_equal(seen[0].tokens, snapshot().outline.tokens)
    assert len(on_disk(store)) == 1


def test_nobody_elses_state_is_found(store: StateStore) -> None:
    save(store, ("chat", snapshot()))

    assert fetch(store, "another") is None
    assert fetch(store, ties=Ties.of(["another model", "a build"], ["one thread"])) is None
    assert fetch(dataclasses.replace(store, secret=b"t" * 32)) is None
    assert same(fetch(store), snapshot())


def test_under_another_rounding_nothing_is_canonical(store: StateStore) -> None:
    save(store, ("chat", snapshot()))

    found = fetch(store, ties=Ties(TIES.meaning, Ties.of([], ["two threads"]).rounding))

    assert found is not None
    assert found.outline.canonical == 0
    assert np.array_equal(found.data, snapshot().data)


def flip(content: bytes, at: int, bit: int) -> bytes:
    changed = bytearray(content)
    changed[at % len(content)] ^= 1 << bit
    return bytes(changed)


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "nothing at all": lambda content: b"",
    "one byte": lambda content: content[:1],
    "the header alone": lambda content: content[:80],
    "one byte too few": lambda content: content[:-1],
    "one byte too many": lambda content: content + b"\0",
    "the end is missing": lambda content: content[:-2000],
    "zeros": lambda content: bytes(len(content)),
    "another magic": lambda content: b"LOCSTATF" + content[8:],
    "a huge header": lambda content: content[:8] + b"\xff\xff\xff\xff" + content[12:],
    "no header": lambda content: content[:8] + b"\0\0\0\0" + content[12:],
    "another code": lambda content: content[:-32] + bytes(32),
    "two cells changed places": lambda content: (
        content[:-600] + content[-500:-400] + content[-600:-500] + content[-400:]
    ),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_removed(store: StateStore, damage: Callable[[bytes], bytes]) -> None:
    save(store, ("chat", snapshot()))
    (path,) = on_disk(store)
    path.write_bytes(damage(path.read_bytes()))

    assert fetch(store) is None
    assert on_disk(store) == []


@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_single_bit_is_noticed_wherever_it_is(
    tmp_path_factory: pytest.TempPathFactory, at: int, bit: int
) -> None:
    store = StateStore(str(tmp_path_factory.mktemp("states")), SECRET, "hash", LIMIT)
    save(store, ("chat", snapshot(point=200)))
    (path,) = on_disk(store)
    path.write_bytes(flip(path.read_bytes(), at, bit))

    assert fetch(store) is None
    assert on_disk(store) == []


@given(content=st.binary(max_size=200), starts_right=st.booleans())
def test_any_bytes_in_a_states_place_are_removed(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, starts_right: bool
) -> None:
    store = StateStore(str(tmp_path_factory.mktemp("states")), SECRET, "hash", LIMIT)
    save(store, ("chat", snapshot()))
    (path,) = on_disk(store)
    path.write_bytes(path.read_bytes()[:12] + content if starts_right else content)

    assert fetch(store) is None
    assert on_disk(store) == []


def test_another_chats_file_under_this_ones_name_is_still_only_what_it_is(store: StateStore) -> None:
    """Its tokens tell what it holds, and nothing else is believed."""
    save(store, ("chat", snapshot(seed=1)), ("another", snapshot(seed=2)))
    with opened(store) as files:
        paths = {
            key: Path(store.folder) / f"{store.name_of(key)}-{TIES.meaning.hex()}.state"
            for key in ("chat", "another")
        }
        paths["another"].replace(paths["chat"])
        found = files.fetch("chat", lambda _outline: True)

    assert same(found, snapshot(seed=2))


def test_another_models_file_under_this_ones_name_is_removed(store: StateStore) -> None:
    other = Ties.of(["another model"], ["one thread"])
    save(store, ("chat", snapshot()), ties=other)
    (path,) = on_disk(store)
    path.rename(path.with_name(path.name.replace(other.meaning.hex(), TIES.meaning.hex())))

    assert fetch(store) is None
    assert on_disk(store) == []


def test_a_file_longer_than_all_may_be_is_not_read(store: StateStore) -> None:
    save(store, ("chat", snapshot()))

    assert fetch(dataclasses.replace(store, limit=3000)) is None
    assert on_disk(store) == []


# Room


def test_what_was_used_longest_ago_makes_room(store: StateStore) -> None:
    small = dataclasses.replace(store, limit=25_000)
    save(small, *((key, snapshot(seed=at)) for at, key in enumerate("abc")))
    assert same(fetch(small, "a"), snapshot(seed=0))

    save(small, ("d", snapshot(seed=3)))
    save(small, ("e", snapshot(seed=4)))

    assert [key for key in "abcde" if fetch(small, key) is not None] == ["a", "d", "e"]
    assert sum(path.stat().st_size for path in on_disk(small)) <= small.limit


def test_a_clock_that_is_put_back_changes_no_order(store: StateStore, monkeypatch: MonkeyPatch) -> None:
    small = dataclasses.replace(store, limit=15_000)
    save(small, ("old", snapshot(seed=1)))
    monkeypatch.setattr(time, "time_ns", lambda: 1_000_000_000)
    save(small, ("new", snapshot(seed=2)))
    save(small, ("newest", snapshot(seed=3)))

    assert [key for key in ("old", "new", "newest") if fetch(small, key)] == ["new", "newest"]


def test_a_smaller_limit_holds_from_the_start(store: StateStore) -> None:
    save(store, *((key, snapshot()) for key in "abc"))

    with opened(dataclasses.replace(store, limit=7000)):
        pass

    assert len(on_disk(store)) == 1


def test_what_is_too_large_is_not_taken(store: StateStore, monkeypatch: MonkeyPatch) -> None:
    with opened(store) as files:
        assert files.takes(LIMIT // SHARE)
        assert not files.takes(LIMIT // SHARE + 1)
        monkeypatch.setattr(state_files, "MAX_PENDING", 1000)
        assert not files.takes(1001)


def test_what_is_forgotten_is_gone_whatever_the_model(store: StateStore) -> None:
    save(store, ("chat", snapshot()), ("another", snapshot(seed=2)))
    save(store, ("chat", snapshot()), ties=Ties.of(["another model"], []))

    with opened(store) as files:
        files.forget("chat")

    assert len(on_disk(store)) == 1
    assert same(fetch(store, "another"), snapshot(seed=2))


def test_what_an_ended_worker_left_half_written_is_removed(store: StateStore) -> None:
    (Path(store.folder) / "abc.4711.part").write_bytes(b"half")

    with opened(store):
        pass

    assert on_disk(store) == []


# Disks that do not do what they should


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
def test_a_full_disk_leaves_nothing_behind(store: StateStore, capsys: pytest.CaptureFixture[str]) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with opened(store) as files:
        # The system then refuses every write beyond: a real failure in the middle of the file.
        resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, before[1]))
        try:
            files.save("chat", snapshot(size=200_000))
            files.close(10)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert on_disk(store) == []
    assert "could not be kept" in capsys.readouterr().err
    assert fetch(store) is None


def test_the_last_of_a_disk_is_left_to_others(store: StateStore, monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(state_files, "SPARE_DISK", 1 << 60)
    save(store, ("chat", snapshot()))

    assert on_disk(store) == []


@pytest.mark.parametrize("place", ["nowhere", "a file"])
def test_a_folder_that_cannot_be_written_to_is_no_error(tmp_path: Path, place: str) -> None:
    (tmp_path / "a file").write_bytes(b"")
    store = StateStore(str(tmp_path / place), SECRET, "hash", LIMIT)
    with opened(store) as files:
        files.save("chat", snapshot())
        files.forget("chat")

    assert fetch(store) is None


def test_what_cannot_be_held_in_memory_stays_on_disk(store: StateStore, monkeypatch: MonkeyPatch) -> None:
    save(store, ("chat", snapshot()))

    def fails(*_arguments: object) -> None:
        raise MemoryError

    monkeypatch.setattr(np, "fromfile", fails)

    assert fetch(store) is None
    assert len(on_disk(store)) == 1


def test_closing_waits_no_longer_than_it_may(store: StateStore) -> None:
    release = threading.Event()
    files = StateFiles(store, TIES)

    def wait() -> None:
        release.wait(10)

    files._work.put(wait)
    files.save("chat", snapshot())
    files.close(0.05)

    assert on_disk(store) == []
    release.set()
    files._writer.join(10)
    assert len(on_disk(store)) == 1


def test_the_file_is_used_last_that_was_fetched_last(store: StateStore) -> None:
    save(store, ("a", snapshot(seed=1)), ("b", snapshot(seed=2)))
    fetch(store, "a")
    times = {path.name.split("-")[0]: path.stat().st_mtime_ns for path in on_disk(store)}

    assert times[store.name_of("a")] > times[store.name_of("b")]


def test_what_a_state_holds_can_be_asked_without_reading_it(store: StateStore) -> None:
    with opened(store) as files:
        files.save("a chat", snapshot())
    with opened(store) as files:
        outline = files.outline("a chat")

        assert outline is not None
        assert np.array_equal(outline.tokens, snapshot().outline.tokens)
        assert outline.canonical == 256
        assert files.outline("another") is None


def test_a_look_at_a_damaged_state_is_a_look_at_none_and_removes_nothing(store: StateStore) -> None:
    with opened(store) as files:
        files.save("a chat", snapshot())
    (path,) = Path(store.folder).glob("*.state")
    path.write_bytes(path.read_bytes()[:100])
    with opened(store) as files:
        assert files.outline("a chat") is None

    assert path.exists()
