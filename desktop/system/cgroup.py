"""What a container or a service manager lets this process use. Linux only; elsewhere everything is
unlimited.

Formats: https://docs.kernel.org/admin-guide/cgroup-v2.html (``cpu.max``, ``memory.max``) and the older
cgroup-v1 files ``cpu.cfs_quota_us``, ``cpu.cfs_period_us``, ``memory.limit_in_bytes``. A limit on any
level above holds too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_UNLIMITED = 1 << 60
"""cgroup v1 says "no limit" with a number near 2^63."""


@dataclass(frozen=True, slots=True)
class Limits:
    """``cpus`` may be a fraction, ``memory`` and ``memory_used`` are bytes; ``None`` is unlimited."""

    cpus: float | None = None
    memory: int | None = None
    memory_used: int = 0


def read_limits(root: Path = Path("/")) -> Limits:
    """The tightest limits that hold for this process, with the file system's root at ``root``."""
    cpus: float | None = None
    memory: int | None = None
    used = 0
    for folder in _folders(root):
        quota = _cpu_quota(folder)
        if quota is not None and (cpus is None or quota < cpus):
            cpus = quota
        limit = _first_number(folder / "memory.max", folder / "memory.limit_in_bytes")
        if limit is not None and 0 < limit < _UNLIMITED and (memory is None or limit < memory):
            memory = limit
            used = _used(folder)
    return Limits(cpus, memory, used)


def _folders(root: Path) -> Iterator[Path]:
    """The control group folders of this process, and those above them."""
    base = root / "sys/fs/cgroup"
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        for mount in (
            [base] if not controllers else [base / controllers, *(base / c for c in controllers.split(","))]
        ):
            # Inside a container the path may be that of the host; then only the mount itself exists.
            parts = [part for part in path.split("/") if part not in ("", "..", ".")]
            for depth in range(len(parts), -1, -1):
                folder = mount.joinpath(*parts[:depth])
                if folder.is_dir():
                    yield folder


def _cpu_quota(folder: Path) -> float | None:
    words = _words(folder / "cpu.max") or [
        *_words(folder / "cpu.cfs_quota_us")[:1],
        *_words(folder / "cpu.cfs_period_us")[:1],
    ]
    try:
        quota, period = (int(word) for word in words)
    except ValueError:  # "max", or not two numbers
        return None
    return quota / period if quota > 0 and period > 0 else None


def _used(folder: Path) -> int:
    """Bytes in use, less the file cache that the kernel gives up first (a mapped model counts there)."""
    used = _first_number(folder / "memory.current", folder / "memory.usage_in_bytes") or 0
    words = _words(folder / "memory.stat")
    cache = dict(zip(words[::2], words[1::2], strict=False))
    droppable = cache.get("total_inactive_file", cache.get("inactive_file", "0"))
    return max(0, used - int(droppable)) if droppable.isdecimal() else used


def _first_number(*files: Path) -> int | None:
    for file in files:
        words = _words(file)
        if words and words[0].isascii() and words[0].isdigit():
            return int(words[0])
    return None


def _words(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="ascii", errors="replace").split()
    except OSError:
        return []
