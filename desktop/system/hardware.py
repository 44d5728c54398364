"""The machine, as far as it decides how a model is run: cores, instruction sets, memory.

Read when asked for, never at import; a reading costs a few milliseconds. Any thread.
"""

from __future__ import annotations

import math
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from desktop.system.cgroup import Limits, read_limits
from desktop.system.processor import (
    CpuFeature,
    allowed_cpus,
    count_cores,
    cpu_features,
    cpu_name,
    fast_cpus,
)


@dataclass(frozen=True, slots=True)
class Machine:
    """One reading. Memory in bytes, within the limits of a container; ``usable_cores`` are physical cores."""

    os: str
    cpu: str
    physical_cores: int
    usable_cores: int
    """Physical cores that affinity and a container's quota leave to this process; at least 1."""
    features: frozenset[CpuFeature]
    total_memory: int
    available_memory: int


def read_machine() -> Machine:
    """Look at the machine now."""
    import psutil  # here because it costs start-up

    limits = read_limits()
    memory = psutil.virtual_memory()
    total, available = bounded_memory(memory.total, memory.available, limits)
    return Machine(
        os=_os_name(),
        cpu=cpu_name(),
        physical_cores=psutil.cpu_count(logical=False) or psutil.cpu_count() or 1,
        usable_cores=_usable_cores(limits),
        features=cpu_features(),
        total_memory=total,
        available_memory=available,
    )


def memory_now() -> tuple[int, int]:
    """Total and available memory in bytes, within the limits of a container."""
    import psutil

    memory = psutil.virtual_memory()
    return bounded_memory(memory.total, memory.available, read_limits())


def thread_candidates() -> tuple[int, ...]:
    """Numbers of threads that may suit the engine, ascending: which of them does, only a trial tells.

    One for each fast core, each physical core, each logical processor this process may use. Where only the
    fast ones are counted, slow ones beside them would hold every step up.
    """
    limits = read_limits()
    cpus = allowed_cpus()
    physical = _usable_cores(limits)
    fast = usable_cores(fast_cpus(cpus), limits, physical)
    logical = usable_processors(cpus, limits)
    return tuple(sorted({fast, physical, logical}))


def process_memory(pid: int) -> int:
    """Resident bytes of process ``pid``; 0 if it is gone or may not be looked at."""
    import psutil

    try:
        return int(psutil.Process(pid).memory_info().rss)
    except (psutil.Error, OSError, ValueError):
        return 0


def process_time(pid: int) -> float:
    """Seconds of processor time that process ``pid`` has used; 0 if it is gone or may not be looked at."""
    import psutil

    try:
        times = psutil.Process(pid).cpu_times()
    except (psutil.Error, OSError, ValueError):
        return 0.0
    return float(times.user + times.system)


def usable_cores(cpus: frozenset[int], limits: Limits, physical: int, root: Path = Path("/")) -> int:
    """Physical cores under the logical processors ``cpus``, cut to the quota; at least 1.

    ``physical`` is the machine's number of physical cores (0 if unknown), for where its topology is unread.
    """
    cores = count_cores(cpus, root) or min(len(cpus), physical or len(cpus))
    if limits.cpus is not None:
        cores = min(cores, math.floor(limits.cpus))
    return max(1, cores)


def usable_processors(cpus: frozenset[int], limits: Limits) -> int:
    """Logical processors, cut to the quota; at least 1."""
    quota = len(cpus) if limits.cpus is None else math.floor(limits.cpus)
    return max(1, min(len(cpus), quota))


def bounded_memory(total: int, available: int, limits: Limits) -> tuple[int, int]:
    """Total and available memory in bytes, cut to a container's limit."""
    if limits.memory is None or limits.memory >= total:
        return total, available
    return limits.memory, max(0, min(available, limits.memory - limits.memory_used))


def _usable_cores(limits: Limits) -> int:
    if sys.platform != "linux":
        import psutil

        return usable_cores(allowed_cpus(), limits, psutil.cpu_count(logical=False) or 0)
    return usable_cores(allowed_cpus(), limits, 0)


def _os_name() -> str:
    match platform.system():
        case "Linux":
            try:
                return platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
            except OSError:
                return f"Linux {platform.release()}"
        case "Darwin":
            return f"macOS {platform.mac_ver()[0]}"
        case name:
            return f"{name} {platform.release()}".strip()
