"""Who gets which sequence of the KV cache: what a request is told to be there is there, and nobody else's."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.engine.worker.kv.cache import Lease, SequenceCache
from desktop.engine.worker.kv.reuse import CANONICAL_CHUNK
from desktop.engine.worker.kv.state import Data, Snapshot, Tokens

LENGTH = 4000
SEQUENCES = 4


@dataclass
class Cells:
    """A context's memory: the tokens of each sequence. A recurrent one cannot forget the end of a text.

    With a `window` all before the last so many tokens of a sequence is overwritten once others need room:
    `overwrite` does that.
    """

    forgets_tokens: bool = True
    window: int = 0
    length: int = LENGTH
    capacity: int = 512
    held: dict[int, list[int]] = field(default_factory=lambda: {at: [] for at in range(SEQUENCES)})
    gone: dict[int, int] = field(default_factory=lambda: dict.fromkeys(range(SEQUENCES), 0))

    def cut_sequence(self, sequence: int, start: int) -> bool:
        if not self.forgets_tokens and 0 < start < len(self.held[sequence]):
            return False
        del self.held[sequence][start:]
        if start == 0:
            self.gone[sequence] = 0
        return True

    def overwrite(self) -> None:
        for sequence, tokens in self.held.items():
            self.gone[sequence] = max(self.gone[sequence], len(tokens) - self.window)

    def oldest(self, sequence: int) -> int:
        return self.gone[sequence] if self.window and self.forgets_tokens else 0

    def state_size(self, sequence: int, *, fixed: bool = False) -> int:
        return 4 * len(self.held[sequence])

    def state(self, sequence: int, *, fixed: bool = False) -> Data:
        return np.array(self.held[sequence], np.int32).view(np.uint8)

    def put_state(self, sequence: int, data: Data, *, fixed: bool = False) -> bool:
        text = data.view(np.int32).tolist()
        fits = sum(map(len, self.held.values())) - len(self.held[sequence]) + len(text) <= self.length
        self.held[sequence] = text if fits else []
        self.gone[sequence] = max(0, len(text) - self.window) if self.window and fits else 0
        return fits

    def copy_sequence(self, source: int, target: int, end: int) -> None:
        assert self.held[target] == []
        self.held[target] = self.held[source][:end]
        self.gone[target] = self.gone[source]

    def clear(self) -> None:
        for tokens in self.held.values():
            tokens.clear()


def tokens(*runs: tuple[int, int]) -> Tokens:
    """A text: runs of (token, how often)."""
    return np.array([token for token, count in runs for _ in range(count)], np.int32)


class Disk(dict[str, Snapshot]):
    """What was saved, in place of files."""

    def takes(self, size: int) -> bool:
        return size <= 4 * LENGTH

    def save(self, key: str, snapshot: Snapshot) -> None:
        self[key] = snapshot


class Engine:
    """A cache, and requests that read their whole prompt and leave."""

    def __init__(self, *, forgets_tokens: bool = True, window: int = 0) -> None:
        self.cells = Cells(forgets_tokens, window)
        self.disk = Disk()
        self.cache = SequenceCache(self.cells, SEQUENCES, self.disk)  # type: ignore[arg-type]

    def lease(self, prompt: Tokens, count: int = 1, *, alone: bool = False, key: str = "") -> Lease:
        state = self.disk.get(key)
        if state is not None and not self.cache.gains(prompt, state.outline, alone=alone):
            state = None
        return (self.cache.lease_alone if alone else self.cache.lease)(prompt, count, key, state)

    def guess(self, prompt: Tokens, *, alone: bool = False, key: str = "") -> int:
        state = self.disk.get(key)
        useful = state is not None and self.cache.gains(prompt, state.outline, alone=alone)
        return self.cache.guess(prompt, [state.outline] if state and useful else [], alone=alone)

    def finish(self, lease: Lease, prompt: Tokens, *, alone: bool = False, key: str = "") -> None:
        first, *others = lease.sequences
        checkpoint = lease.checkpoint
        if pause := self.cache.pause_at(len(prompt), alone=alone):
            self.cells.held[first] = prompt[:pause].tolist()
            checkpoint = self.cache.checkpoint(first, pause)
        self.cells.held[first] = prompt.tolist()
        for other in others:
            self.cells.held[other] = prompt.tolist()
            self.cache.release(other)
        read = len(prompt) // CANONICAL_CHUNK * CANONICAL_CHUNK if alone else 0
        self.cache.hold(first, prompt, max(read, lease.canonical), key, checkpoint, len(prompt) // 2)

    def run(self, prompt: Tokens, count: int = 1, *, alone: bool = False, key: str = "") -> Lease:
        lease = self.lease(prompt, count, alone=alone, key=key)
        self.finish(lease, prompt, alone=alone, key=key)
        return lease


def test_a_prompt_that_goes_on_where_another_ended_reads_only_what_is_new() -> None:
    engine = Engine()
    engine.run(tokens((1, 100)))

    assert engine.run(tokens((1, 100), (2, 50))).reused == 100


def test_of_the_same_prompt_the_last_token_is_read_again() -> None:
    engine = Engine()
    engine.run(tokens((1, 100)))

    assert engine.run(tokens((1, 100))).reused == 99


def test_a_chat_with_the_same_instructions_leaves_the_other_one_whole() -> None:
    engine = Engine()
    engine.run(tokens((1, 30), (2, 500)))

    assert engine.run(tokens((1, 30), (3, 500))).reused == 30
    assert engine.run(tokens((1, 30), (2, 500), (4, 9))).reused == 530


def test_another_version_of_an_answer_takes_the_place_of_the_first() -> None:
    engine = Engine()
    first = engine.run(tokens((1, 300), (2, 100)))
    second = engine.run(tokens((1, 300), (3, 100)))

    assert second.reused == 300
    assert second.sequences == first.sequences


def test_the_chat_that_was_not_used_for_longest_is_forgotten_first() -> None:
    engine = Engine()
    for text in range(SEQUENCES):
        engine.run(tokens((text, 100)))
    engine.run(tokens((0, 100), (9, 1)))
    engine.run(tokens((50, 100)))

    assert engine.run(tokens((1, 100), (9, 1))).reused == 0
    assert engine.run(tokens((0, 100), (9, 2))).reused == 101


def test_held_chats_give_way_to_what_is_needed() -> None:
    engine = Engine()
    engine.run(tokens((1, 1500)))
    engine.run(tokens((2, 1500)))

    engine.cache.make_room(2000)

    assert engine.run(tokens((1, 1500), (9, 1))).reused == 0
    assert engine.run(tokens((2, 1500), (9, 1))).reused == 1500


def test_there_is_nothing_left_to_forget_at_the_end() -> None:
    engine = Engine()
    engine.run(tokens((1, 10)))

    assert engine.cache.forget_one()
    assert not engine.cache.forget_one()
    assert engine.cells.held[0] == []


def test_a_recurrent_state_is_extended_or_goes_back_to_its_prompts_end() -> None:
    engine = Engine(forgets_tokens=False)
    engine.run(tokens((1, 100)))

    assert engine.run(tokens((1, 100), (2, 5))).reused == 100
    assert engine.run(tokens((1, 100), (2, 4), (3, 5))).reused == 104
    assert engine.run(tokens((1, 100), (4, 5))).reused == 0


def test_a_window_that_moved_on_is_not_gone_back_to() -> None:
    engine = Engine(window=50)
    engine.run(tokens((1, 100), (2, 100)))
    engine.cells.overwrite()

    assert engine.run(tokens((1, 100), (2, 100), (3, 9))).reused == 200
    assert engine.run(tokens((1, 100), (4, 9))).reused == 0


def test_what_goes_to_disk_is_what_has_a_key() -> None:
    engine = Engine()
    engine.run(tokens((1, 100)))
    engine.run(tokens((2, 100)), key="b")
    engine.run(tokens((3, 100)), key="c")

    assert engine.cache.has_unsaved
    assert engine.cache.save_one()
    assert list(engine.disk) == ["c"]
    assert engine.cache.save_one()
    assert not engine.cache.save_one()
    assert not engine.cache.has_unsaved
    assert set(engine.disk) == {"b", "c"}


def test_a_chat_that_made_way_comes_back() -> None:
    engine = Engine()
    engine.run(tokens((1, 300)), key="a")
    engine.cache.forget_all()

    assert engine.run(tokens((1, 300), (2, 5)), key="a").reused == 300


def test_there_is_room_for_what_comes_back() -> None:
    engine = Engine()
    engine.run(tokens((1, 1500)), key="a")
    engine.cache.forget_all()
    for text in (2, 3):
        engine.run(tokens((text, 1900)))

    assert engine.run(tokens((1, 1500), (2, 5)), key="a").reused == 1500


def test_where_there_is_no_room_nothing_comes_back() -> None:
    engine = Engine()
    engine.run(tokens((1, 3000)), key="a")
    engine.cache.forget_all()
    running = engine.lease(tokens((2, 1)))
    engine.cells.held[running.sequences[0]] = [2] * 1500

    assert engine.run(tokens((1, 3000), (2, 5)), key="a").reused == 0


def test_what_is_forgotten_is_neither_held_nor_saved() -> None:
    engine = Engine()
    engine.run(tokens((1, 300)), key="a")
    engine.cache.forget("a")

    assert engine.disk == {}
    assert engine.run(tokens((1, 300))).reused == 0


def test_alone_a_request_keeps_whole_chunks_that_were_read_alone() -> None:
    engine = Engine()
    engine.run(tokens((1, 300)), alone=True)
    engine.run(tokens((1, 300), (2, 50)))
    engine.run(tokens((3, 300)))

    lease = engine.lease(tokens((1, 300), (4, 50)), alone=True)

    assert lease.reused == lease.canonical == 2 * CANONICAL_CHUNK
    assert sum(map(len, engine.cells.held.values())) == lease.reused


def test_alone_a_request_does_not_trust_what_was_read_beside_others() -> None:
    engine = Engine()
    engine.run(tokens((1, 300)))

    assert engine.lease(tokens((1, 300)), alone=True).reused == 0
    assert all(held == [] for held in engine.cells.held.values())


PROMPTS = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 200)), min_size=1, max_size=4)
REQUESTS = st.lists(
    st.tuples(PROMPTS, st.integers(1, SEQUENCES), st.booleans(), st.sampled_from(["", "a", "b"])), max_size=12
)
KINDS: dict[str, dict[str, Any]] = {
    "attention": {},
    "recurrent": {"forgets_tokens": False},
    "sliding": {"window": 100},
}


@pytest.mark.parametrize("kind", KINDS)
@given(requests=REQUESTS)
def test_whatever_was_asked_before_what_is_reused_is_there_and_nothing_else(
    kind: str, requests: list[tuple[list[tuple[int, int]], int, bool, str]]
) -> None:
    engine = Engine(**KINDS[kind])
    for runs, count, alone, key in requests:
        prompt = tokens(*runs)
        guess = engine.guess(prompt, alone=alone, key=key)
        lease = engine.lease(prompt, count, alone=alone, key=key)
        first, *others = lease.sequences

        assert len({first, *others}) == count
        assert engine.cells.held[first] == prompt[: lease.reused].tolist()
        assert all(engine.cells.held[other] == [] for other in others)
        assert 0 <= lease.canonical <= lease.reused < len(prompt)
        assert engine.cache.idle == SEQUENCES - count
        assert guess >= lease.reused if kind == "sliding" else guess == lease.reused
        # The window that the next token looks back on is whole.
        assert engine.cells.oldest(first) <= max(0, lease.reused - engine.cells.window + 1)
        if alone:
            assert lease.reused == lease.canonical
            assert lease.reused % CANONICAL_CHUNK == 0
            assert engine.cells.oldest(first) == 0
            assert sum(map(len, engine.cells.held.values())) == lease.reused
        engine.finish(lease, prompt, alone=alone, key=key)
        engine.cells.overwrite()
        engine.cache.make_room(LENGTH // 2)
        assert sum(map(len, engine.cells.held.values())) <= LENGTH // 2
