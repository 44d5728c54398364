"""Tries out the wheel in a given folder the way a user gets it: unpacked away from the repository.

Dependencies are those of the running environment; the app itself must come from the wheel alone.
"""

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

WHERE = "import desktop; print(desktop.__file__)"
VERSION = "import desktop; print(desktop.__version__)"
RESOURCES = "from desktop.system.paths import resources_dir; print(resources_dir())"


def check(condition: bool, message: str) -> None:
    """Stop with `message` unless `condition` holds."""
    if not condition:
        sys.exit(f"smoke test: {message}")


def check_contents(wheel: Path) -> None:
    """Nothing that is needed is missing, nothing else travels."""
    names = zipfile.ZipFile(wheel).namelist()
    for wanted, pattern in (
        ("a preset", "desktop/resources/presets/*.toml"),
        ("an icon", "desktop/resources/icons/*"),
        ("the text for translation", "desktop/resources/i18n/*"),
        ("the licence", "*.dist-info/licenses/LICENSE"),
        ("the menu entry", "*.data/data/share/applications/locution.desktop"),
        ("the menu entry's icon", "*.data/data/share/icons/hicolor/scalable/apps/locution.svg"),
    ):
        check(any(Path(name).match(pattern) for name in names), f"the wheel lacks {wanted} ({pattern})")
    foreign = [
        name
        for name in names
        if not name.startswith(("desktop/", "locution-")) or "/screenshots/" in name or "__pycache__" in name
    ]
    check(not foreign, f"the wheel carries what it should not: {foreign[:5]}")


def check_installed(wheel: Path, folder: Path) -> None:
    """The app runs from the unpacked wheel and tells its version."""
    site = folder / "site"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--target", site, wheel], check=True)
    check((site / "bin" / "locution").is_file(), "the command `locution` was not installed")

    # Ahead of the editable install; the home folder stays the user's own business.
    environment = {**os.environ, "PYTHONPATH": str(site), "HOME": str(folder), "QT_QPA_PLATFORM": "offscreen"}

    def python(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        check(done.returncode == 0, f"{' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout.strip()

    for program in (WHERE, RESOURCES):
        path = Path(python("-c", program))
        check(path.exists(), f"{path} is missing")
        check(path.is_relative_to(site), f"{path} is used, which is not in the wheel")
    version = python("-c", VERSION)
    check(wheel.name.startswith(f"locution-{version}-"), f"the wheel {wheel.name} holds version {version}")
    check(version in python("-m", "desktop", "--version"), f"--version does not say {version}")
    python("-m", "desktop", "--data-dir", str(folder / "data"), "doctor", "--json")


def main() -> int:
    """Check the one wheel in the folder given on the command line."""
    wheels = list(Path(sys.argv[1]).resolve().glob("locution-*.whl"))
    check(len(wheels) == 1, f"one wheel expected in {sys.argv[1]}, found {len(wheels)}")
    with tempfile.TemporaryDirectory(prefix="locution-smoke-") as folder:
        check_contents(wheels[0])
        check_installed(wheels[0], Path(folder))
    print(f"smoke test: {wheels[0].name} works")
    return 0


if __name__ == "__main__":
    sys.exit(main())
