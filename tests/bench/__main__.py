"""``python -m tests.bench [NAME…]``: one JSON object on standard output, a table on standard error.

The exit code is 0 also where a target is missed: this measures, it does not judge.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
from pathlib import Path

from tests.bench.measurement import Measurement
from tests.helpers.app_home import throwaway_home

ENGINE = ("engine_speed", "engine_answers", "engine_waiting", "engine_overhead")
APP = ("streaming_cost", "start_up", "memory_use", "ledger_cost")
UI = ("rendering", "long_chat", "scrolling", "streaming_long", "conversation_list", "search_speed")
BENCHMARKS = (*ENGINE, *APP, *UI)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"engine, app, ui, or some of: {', '.join(BENCHMARKS)}"
    )
    asked = parser.parse_args().names or BENCHMARKS
    groups = {"engine": ENGINE, "app": APP, "ui": UI}
    names = [name for word in asked for name in groups.get(word, (word,))]
    if unknown := set(names) - set(BENCHMARKS):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    results: list[Measurement] = []
    with throwaway_home() as home:
        for name in names:
            print(f"{name} …", file=sys.stderr)
            results += importlib.import_module(f"tests.bench.{name}").run(home)
    for result in results:
        print(result.as_row(), file=sys.stderr)
    machine = {"processor": _processor(), "cores": os.cpu_count(), "python": platform.python_version()}
    print(json.dumps({"machine": machine} | {result.name: result.as_dict() for result in results}, indent=2))
    return 0


def _processor() -> str:
    """The processor's name, where the system tells."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


if __name__ == "__main__":
    sys.exit(main())
