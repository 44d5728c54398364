"""The window and the engine are loaded by those who need them, and by nobody else.

Import contracts read the source; these tests look at what a fresh interpreter really ends up with.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import desktop

ROOT = Path(desktop.__file__).parent

# Modules whose job it is to load Qt or llama.cpp.
LOADERS = ("desktop.ui", "desktop.main", "desktop.engine.worker")

PROBE = """
import importlib, json, sys
loaded = {}
for name in json.loads(sys.argv[1]):
    importlib.import_module(name)
    loaded[name] = sorted({module.partition(".")[0] for module in sys.modules})
    loaded[name] += sorted(module for module in sys.modules if module.startswith("desktop."))
print(json.dumps(loaded))
"""


def _modules() -> list[str]:
    files = (path.relative_to(ROOT.parent).with_suffix("") for path in ROOT.rglob("*.py"))
    return sorted(".".join(path.parts).removesuffix(".__init__") for path in files)


def _is_within(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def _loaded_after_importing(modules: list[str]) -> dict[str, set[str]]:
    """Import `modules` one after the other in a fresh interpreter; map each to all that is loaded by then."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps(modules)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return {name: set(loaded) for name, loaded in json.loads(done.stdout).items()}


def test_nothing_but_the_window_and_the_worker_loads_qt_or_llama_cpp() -> None:
    modules = [name for name in _modules() if not _is_within(name, LOADERS)]
    looked_at = {name.split(".")[1] for name in modules if "." in name}
    assert looked_at >= {"domain", "system", "engine", "storage", "library", "services", "cli", "__main__"}

    offenders = {
        name: heavy
        for name, loaded in _loaded_after_importing(modules).items()
        if (heavy := loaded & {"PySide6", "shiboken6", "qasync", "qtawesome", "llama_cpp"})
    }

    assert offenders == {}


def test_the_engine_worker_loads_llama_cpp_and_no_app_code() -> None:
    said = ("desktop.engine.protocol", "desktop.engine.framing")
    allowed = ("desktop.domain", "desktop.system", *said, "desktop.engine.worker")

    loaded = _loaded_after_importing([name for name in _modules() if _is_within(name, LOADERS[2:])])

    everything = set().union(*loaded.values())
    assert "llama_cpp" in everything
    assert not everything & {"PySide6", "shiboken6", "qasync", "qtawesome"}
    ours = {name for name in everything if name.startswith("desktop.")} - {"desktop.engine"}
    assert {name for name in ours if not _is_within(name, allowed)} == set()


@pytest.mark.parametrize("package", ["desktop.ui", "desktop.main"])
def test_the_window_never_loads_llama_cpp(package: str) -> None:
    modules = [name for name in _modules() if _is_within(name, (package,))]

    loaded: set[str] = set().union(*_loaded_after_importing(modules).values())

    assert "PySide6" in loaded
    assert "llama_cpp" not in loaded
