"""How long people wait: for the first token of a long chat, after a restart, and for a stop.

The chat goes through the same five turns here and with llama.cpp's server, prompt cache on; each side goes on
from its own answers, and what is timed is what a caller waits for: template, tokens and all.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import tempfile
import time
from contextlib import aclosing, closing
from pathlib import Path

from desktop.domain.conversation import Role
from desktop.domain.generation import Done, GenerationRequest, PromptProgress, Turn
from desktop.domain.model import StateStore
from desktop.domain.parameters import Parameters
from desktop.engine.bridge import EngineBridge
from desktop.system.hardware import read_machine
from tests.bench.engine import BATCH, CONTEXT, ROUNDS, answer, opened, starter
from tests.bench.measurement import Measurement, median, rounded
from tests.bench.peer import NAME, Others, Peer
from tests.helpers.chats import FLAT, LISBON, REGEX, SKY, STORY

ANSWER = 24
"""Tokens of each of the answers before the fifth."""
KEPT_S = 60.0
"""Seconds in which an idle engine must have kept its state."""
_QUESTIONS = (
    f"{SKY}\n\n{LISBON}\n\n{FLAT}\n\n{REGEX}\n\nWhich of these texts do you like best?",
    f"{REGEX}\n\n{STORY}\n\n{SKY}\n\n{LISBON}\n\nWhat would Tomás say about all this?",
    f"{FLAT}\n\n{SKY}\n\n{STORY}\n\nWhat has the one to do with the others?",
    f"{LISBON}\n\n{FLAT}\n\n{STORY}\n\n{REGEX}\n\nWhere would you rather live?",
    "And why?",
)


def run(_home: Path) -> list[Measurement]:
    return asyncio.run(_run())


async def _run() -> list[Measurement]:
    threads = read_machine().usable_cores
    async with opened(threads) as bridge:
        with closing(
            Peer(starter(), threads=threads, context_length=CONTEXT, batch=BATCH, cache=True)
        ) as peer:
            fifth = await _fifth_turn(bridge, peer)
        stop = await _stop(bridge)
    return [fifth, stop, await _restart(threads)]


async def _fifth_turn(bridge: EngineBridge, peer: Peer) -> Measurement:
    others = Others(bridge.pid, peer.pid)
    ours: list[float] = []
    theirs: list[float] = []
    read: dict[str, int] = {}
    for number in range(ROUNDS + 1):
        await others.wait_for_quiet()
        our, their = await _our_chat(bridge, number, read), await _their_chat(peer, number, read)
        if number:
            ours.append(our)
            theirs.append(their)
    ratios = [our / their for our, their in zip(ours, theirs, strict=True)]
    detail = {
        "peer": NAME,
        "ours_s": round(median(ours), 4),
        "theirs_s": round(median(theirs), 4),
        "ratios": rounded(ratios),
        "tokens": read,
    }
    return Measurement(
        "first token on turn 5, ours to theirs", round(median(ratios), 3), "", 1.0, detail=detail
    )


async def _our_chat(bridge: EngineBridge, number: int, read: dict[str, int]) -> float:
    turns = [Turn(Role.SYSTEM, f"This is chat number {number}.")]
    for question in _QUESTIONS[:-1]:
        turns.append(Turn(Role.USER, question))
        heard = await answer(bridge, _request(turns, ANSWER))
        turns.append(Turn(Role.ASSISTANT, heard.done.responses[0].text))
    turns.append(Turn(Role.USER, _QUESTIONS[-1]))
    start = time.perf_counter()
    heard = await answer(bridge, _request(turns, 1))
    read["prompt"] = heard.done.responses[0].prompt_tokens
    read["ours read"] = read["prompt"] - heard.reused
    return time.perf_counter() - start


async def _their_chat(peer: Peer, number: int, read: dict[str, int]) -> float:
    messages = [{"role": "system", "content": f"This is chat number {number}."}]
    for question in _QUESTIONS[:-1]:
        messages.append({"role": "user", "content": question})
        text, _ = await asyncio.to_thread(peer.chat, messages, ANSWER)
        messages.append({"role": "assistant", "content": text})
    messages.append({"role": "user", "content": _QUESTIONS[-1]})
    start = time.perf_counter()
    _, read["theirs read"] = await asyncio.to_thread(peer.chat, messages, 1)
    return time.perf_counter() - start


def _request(turns: list[Turn], tokens: int, key: str = "") -> GenerationRequest:
    parameters = Parameters(max_tokens=tokens, temperature=0.0, repeat_penalty=1.0)
    return GenerationRequest(tuple(turns), parameters, reproducible=False, state_key=key)


async def _stop(bridge: EngineBridge) -> Measurement:
    """From the call to the last event, in chunks of the prompt that was being read."""
    text = "\n\n".join((SKY, LISBON, REGEX, STORY, FLAT) * 4)
    spent, chunks = [], []
    for number in range(ROUNDS):
        turns = [Turn(Role.SYSTEM, f"Request {number}."), Turn(Role.USER, text)]
        start = time.perf_counter()
        last_read = 0
        async with aclosing(bridge.generate(_request(turns, 1))) as events:
            async for event in events:
                match event:
                    case PromptProgress(done, total) if done > last_read:
                        assert total > 3 * BATCH
                        if not last_read:
                            chunks.append((time.perf_counter() - start) * BATCH / done)
                            # Somewhere in the next chunk.
                            await asyncio.sleep(chunks[-1] * (number + 1) / (ROUNDS + 2))
                            asked = time.perf_counter()
                            events.cancel()
                        last_read = done
                    case Done():
                        spent.append(time.perf_counter() - asked)
                    case _:
                        pass
    ratios = [seconds / chunk for seconds, chunk in zip(spent, chunks, strict=True)]
    detail = {
        "stop_s": rounded(spent, 4),
        "chunk_s": round(median(chunks), 3),
        "chunk_tokens": BATCH,
        "worst": round(max(ratios), 3),
    }
    return Measurement("stop inside a prompt, in chunks", round(median(ratios), 3), "", 1.0, detail=detail)


async def _restart(threads: int) -> Measurement:
    """How much sooner a chat's next answer begins after a restart if its state was kept."""
    turns = [Turn(Role.SYSTEM, "You answer briefly.")]
    for question in _QUESTIONS[:-1]:
        turns += [Turn(Role.USER, question), Turn(Role.ASSISTANT, "That is hard to say.")]
    kept_turns = [*turns, Turn(Role.USER, "And why?")]
    kept, anew, reused, size = [], [], 0, 0
    with tempfile.TemporaryDirectory(prefix="locution-", ignore_cleanup_errors=True) as folder:
        state = StateStore(folder, secrets.token_bytes(32), "starter", 1 << 30)
        async with opened(threads, state=state) as bridge:
            heard = await answer(bridge, _request(turns[:-1], 1, "chat"))
            await _until_kept(Path(folder))
        for number in range(ROUNDS):
            # A fresh engine each time: a copy of the kept state must not be in its memory.
            async with opened(threads, state=state) as bridge:
                heard = await answer(bridge, _request(kept_turns, 1, "chat"))
                kept.append(heard.first_s)
                reused, size = heard.reused, heard.done.responses[0].prompt_tokens
            async with opened(threads) as bridge:
                anew.append((await answer(bridge, _request(kept_turns, 1))).first_s)
            assert reused, f"nothing was kept in round {number}"
    ratios = [new / old for new, old in zip(anew, kept, strict=True)]
    detail = {
        "kept_s": rounded(kept, 4),
        "anew_s": rounded(anew, 3),
        "prompt_tokens": size,
        "kept_tokens": reused,
        "ratios": rounded(ratios, 1),
    }
    return Measurement(
        "first token after a restart, times sooner",
        round(median(ratios), 1),
        "",
        20.0,
        at_least=True,
        detail=detail,
    )


async def _until_kept(folder: Path) -> None:
    """Until a file lies there that no longer grows."""
    end, before = time.monotonic() + KEPT_S, -1
    while time.monotonic() < end:
        await asyncio.sleep(0.5)
        size = await asyncio.to_thread(_bytes_in, folder)
        if size and size == before:
            return
        before = size
    raise AssertionError("the engine kept nothing")


def _bytes_in(folder: Path) -> int:
    size = 0
    for path in folder.rglob("*"):
        # A file may be renamed or removed meanwhile.
        with contextlib.suppress(OSError):
            size += path.stat().st_size if path.is_file() else 0
    return size
