"""What this machine has and what is wrong with it, for a person or for a report."""

from __future__ import annotations

import asyncio
import platform
import sys
from collections.abc import Callable
from dataclasses import fields
from importlib import metadata
from pathlib import Path

from desktop.domain.errors import LocutionError
from desktop.engine.bridge import EngineBridge
from desktop.engine.protocol import Hello
from desktop.services.assembly import Services, open_services
from desktop.system.hardware import Machine, read_machine
from desktop.system.paths import Locations
from desktop.system.printable import size_in_words

_PACKAGES = (
    "PySide6-Essentials",
    "qasync",
    "llama-cpp-python",
    "msgspec",
    "Jinja2",
    "markdown-it-py",
    "Pygments",
)
ENGINE_S = 30.0
"""Seconds that the engine has to say what it is."""
SPARSE_MEMORY = 2_000_000_000
"""Bytes; with less than this free few models run well."""

Report = dict[str, object]


async def examine(data_dir: Path | None, on_progress: Callable[[float], None] = lambda _: None) -> Report:
    """``on_progress`` is told what :func:`open_services` tells of an update.

    Never raises a :class:`LocutionError`: each one found is a line under ``problems``."""
    locations = Locations.choose(data_dir)
    machine = read_machine()
    problems: list[str] = []
    model: Report = {}
    try:
        async with open_services(locations, on_progress=on_progress) as services:
            problems += [services.notice] if services.notice else []
            problems += services.presets.problems
            model = await _model_in_use(services, problems)
    except LocutionError as error:
        problems.append(str(error))
    hello = await _ask_engine(problems)
    if machine.available_memory < SPARSE_MEMORY:
        problems.append(f"Only {size_in_words(machine.available_memory)} of memory are free.")
    return {
        "versions": _versions(hello),
        "machine": _machine(machine),
        "devices": list(hello.devices) if hello else [],
        "engine_features": hello.features if hello else "",
        "folders": {field.name: str(getattr(locations, field.name)) for field in fields(locations)},
        "model": model,
        "problems": problems,
    }


def in_words(report: Report) -> str:
    """The report as lines for a terminal."""
    lines: list[str] = []
    for heading, value in report.items():
        title = heading.replace("_", " ").capitalize()
        match value:
            case dict() if value:
                lines += [title, *(f"  {name}: {_plain(entry)}" for name, entry in value.items())]
            case list() if value:
                lines += [title, *(f"  {entry}" for entry in value)]
            case _:
                lines.append(f"{title}: {value or 'none'}")
    return "\n".join(lines)


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _versions(hello: Hello | None) -> dict[str, str]:
    from desktop import __version__

    versions = {"locution": __version__, "python": platform.python_version(), "platform": sys.platform}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = "not installed"
    return versions | ({"engine": hello.build} if hello else {})


async def _ask_engine(problems: list[str]) -> Hello | None:
    """What the engine says of itself; its own bridge, so that trouble with the data does not hide it."""
    engine = EngineBridge()
    try:
        return await asyncio.wait_for(engine.describe(), ENGINE_S)
    except LocutionError as error:
        problems.append(str(error))
    except TimeoutError:
        problems.append(f"The engine did not start within {ENGINE_S:g} seconds.")
    finally:
        await engine.close()
    return None


def _machine(machine: Machine) -> dict[str, object]:
    return {
        "os": machine.os,
        "cpu": machine.cpu,
        "physical_cores": machine.physical_cores,
        "usable_cores": machine.usable_cores,
        "cpu_features": sorted(feature.value for feature in machine.features),
        "total_memory": machine.total_memory,
        "available_memory": machine.available_memory,
    }


async def _model_in_use(services: Services, problems: list[str]) -> Report:
    """The model that the next prompt would use; its file is checked, not loaded."""
    ref = services.models.usual_ref()
    try:
        file = await services.models.check(ref)
    except LocutionError as error:
        problems.append(str(error))
        return {"ref": ref}
    return {
        "ref": ref,
        "path": str(file.path),
        "name": file.name,
        "quantization": file.quantization,
        "size": file.size,
        "context_length": file.context_length,
    }
