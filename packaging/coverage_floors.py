"""Holds the tests' coverage of each package to its floor in pyproject.toml.

Run after `coverage combine`; prints a table and exits with 1 when a package is below its floor. A single
total would let a well-tested package hide an untested one.
"""

import io
import sys
import tomllib
from pathlib import Path

import coverage

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Print package, coverage and floor; return the exit status."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        floors: dict[str, float] = tomllib.load(file)["tool"]["locution"]["coverage-floors"]
    measured = coverage.Coverage()
    measured.load()

    failed = []
    for package, floor in floors.items():
        try:
            percent = measured.report(include=[f"{package}/*"], file=io.StringIO())
        except coverage.exceptions.NoDataError:
            percent = 0.0
        enough = percent >= floor
        print(f"{'ok  ' if enough else 'LOW '} {package:<20} {percent:5.1f} %   floor {floor:g} %")
        if not enough:
            failed.append(package)

    if failed:
        print(f"\nCoverage fell below its floor in {', '.join(failed)}. What no test reaches there:\n")
        measured.report(include=[f"{package}/*" for package in failed], show_missing=True, skip_covered=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
