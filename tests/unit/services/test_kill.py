"""The app is killed at the worst moments: what was sent and written is there when it is opened again."""

import asyncio
import random
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from desktop.domain.conversation import Status
from desktop.services.assembly import Services
from desktop.system.paths import Locations
from tests.helpers.scripted import Gate
from tests.helpers.starvation import own_time
from tests.helpers.waiting import PATIENCE_S, until
from tests.unit.services.scripted_app import (
    ask,
    finished,
    held,
    live,
    new_chat,
    opened,
    python,
    script,
    texts,
    use,
    workers,
)

ROOT = Path(__file__).parents[3]
LOST_S = 0.25
"""Seconds of an answer that may be lost."""
STARVED_S = 30.0
"""Seconds after which a process that gets next to no time of its own is killed all the same."""
PACED: dict[str, Any] = {"tokens_per_s": 20.0, "reply": " ".join(f"word{n}" for n in range(50_000))}
"""An answer that goes on for minutes. Neither it nor who looks at it keeps a processor busy."""

# Loads the model and sends one prompt; says when it is sent, and then how much text is there, and when.
APP = """
import asyncio, os, sys
from pathlib import Path
from tests.helpers.starvation import own_time
from tests.unit.services.scripted_app import opened

async def main(folder, model, chat_id, text):
    async with opened(Path(folder)) as services:
        loading = asyncio.create_task(services.models.use(model))
        await services.chat.send(chat_id, text)
        print("sent", flush=True)
        while True:
            answer = services.chat.running(chat_id)
            print(own_time(os.getpid()), len(answer.text), flush=True)
            await asyncio.sleep(0.025)

asyncio.run(main(*sys.argv[1:]))
"""


@contextmanager
def app(folder: Path, model: str, chat_id: str, text: str) -> Iterator[subprocess.Popen[str]]:
    """The app in a process of its own, killed in the end; what it has sent it has said."""
    with subprocess.Popen(
        python(APP, str(folder), model, chat_id, text), stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "sent\n"
            yield process
        finally:
            process.kill()


def kill_while_writing(process: subprocess.Popen[str]) -> int:
    """Kills it in the middle of an answer; how many characters there were ``LOST_S`` before."""
    assert process.stdout is not None
    written: list[tuple[float, int]] = []
    long_enough = random.uniform(2, 6) * LOST_S
    starved_at = time.monotonic() + STARVED_S
    for line in process.stdout:
        moment, length = line.split()
        if int(length):
            written.append((float(moment), int(length)))
            if written[-1][0] > written[0][0] + long_enough or time.monotonic() > starved_at:
                break
    killed_at = own_time(process.pid)
    process.kill()
    return max((length for moment, length in written if moment < killed_at - LOST_S), default=0)


async def a_chat(folder: Path) -> str:
    async with opened(folder) as services:
        return await new_chat(services)


async def gone(workers_of_it: list[psutil.Process]) -> None:
    """Waits until they have ended by themselves."""
    _, alive = await asyncio.to_thread(psutil.wait_procs, workers_of_it, PATIENCE_S)
    assert alive == []


async def test_a_prompt_is_saved_before_the_engine_works_on_it(data_dir: Path, tmp_path: Path) -> None:
    chat_id = await a_chat(data_dir)
    with app(data_dir, script(tmp_path, load_s=3600), chat_id, "Remember me") as process:
        process.kill()

    async with opened(data_dir) as services:
        chat = await services.conversations.open(chat_id)
        assert chat.conversation.title == "Remember me"
        assert [(m.text, m.status) for m in chat.path] == [
            ("Remember me", Status.COMPLETE),
            ("", Status.INTERRUPTED),
        ]


async def test_an_answer_that_never_got_a_word_knows_its_model(data_dir: Path, tmp_path: Path) -> None:
    chat_id = await a_chat(data_dir)
    gate = Gate(tmp_path / "gate")
    with (
        app(data_dir, script(tmp_path, "Lantern", gate=gate), chat_id, "go") as process,
        closing(sqlite3.connect(Locations.below(data_dir).database)) as stored,
    ):
        assert process.stdout is not None
        for _ in process.stdout:
            if stored.execute("SELECT 1 FROM messages WHERE origin IS NOT NULL").fetchone():
                break
        process.kill()

    async with opened(data_dir) as services:
        answer = (await services.conversations.open(chat_id)).path[-1]
    assert (answer.status, answer.text) == (Status.INTERRUPTED, "")
    assert answer.origin is not None and answer.origin.model_name == "Lantern"


@pytest.mark.parametrize("_again", range(3))
async def test_at_most_a_quarter_of_a_second_of_an_answer_is_lost(
    calm_dir: Path, tmp_path: Path, _again: int
) -> None:
    chat_id = await a_chat(calm_dir)
    with app(calm_dir, script(tmp_path, **PACED), chat_id, "go") as process:
        expected = kill_while_writing(process)

    async with opened(calm_dir) as services:
        answer = (await services.conversations.open(chat_id)).path[-1]
    assert answer.status is Status.INTERRUPTED
    assert PACED["reply"].startswith(answer.text)
    assert len(answer.text) >= expected


async def test_a_kill_leaves_the_other_chats_as_they_were_and_the_app_goes_on(
    data_dir: Path, tmp_path: Path
) -> None:
    async with opened(data_dir) as services:
        await use(services, tmp_path, name="other")
        whole = await new_chat(services)
        await ask(services, whole, "whole")
        chat_id = await new_chat(services)
    with app(data_dir, script(tmp_path, **PACED), chat_id, "go") as process:
        kill_while_writing(process)

    async with opened(data_dir) as services:
        assert texts(await services.conversations.open(whole)) == ["whole", "You said: whole"]
        partial = (await services.conversations.open(chat_id)).path[-1]
        await use(services, tmp_path, name="other")
        assert (await ask(services, chat_id, "go on")).status is Status.COMPLETE
        assert (await services.conversations.open(chat_id)).tree[partial.id] == partial


async def test_no_engine_is_left_behind_when_the_app_is_killed(data_dir: Path, tmp_path: Path) -> None:
    chat_id = await a_chat(data_dir)
    with app(data_dir, script(tmp_path, **PACED), chat_id, "go") as process:
        assert process.stdout is not None
        while int(process.stdout.readline().split()[1]) == 0:
            pass
        engines = workers(process.pid)
        assert len(engines) == 1

    await gone(engines)


async def test_a_second_process_on_the_data_leaves_a_running_answer_alone(
    services: Services, data_dir: Path, tmp_path: Path, gate: Gate
) -> None:
    await use(services, tmp_path, **held(gate))
    chat_id = await new_chat(services)
    answer_id = await services.chat.send(chat_id, "go")

    doctor = await asyncio.create_subprocess_exec(
        *python("import sys; from desktop.__main__ import main; sys.exit(main(sys.argv[1:]))"),
        "--data-dir",
        str(data_dir),
        "doctor",
        "--json",
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    report, _ = await doctor.communicate()
    assert doctor.returncode == 0
    meanwhile = live(services, chat_id).tokens
    gate.open_to(30)
    await until(lambda: live(services, chat_id).tokens == 30)

    await services.chat.stop(chat_id)
    answer = await finished(services, chat_id, answer_id)
    assert answer.status is Status.CANCELLED
    assert answer.text.count("word") > meanwhile
    assert b'"problems"' in report
