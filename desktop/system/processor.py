"""The processor: its name, its instruction sets, and how many physical cores this process may use.

Sources: /proc/cpuinfo and /sys/devices/system/cpu on Linux, sysctl on macOS,
``IsProcessorFeaturePresent`` on Windows. What a system does not tell is left out, never guessed.
"""

from __future__ import annotations

import os
import platform
import sys
from enum import StrEnum
from pathlib import Path


class CpuFeature(StrEnum):
    """Instruction sets that decide how fast llama.cpp runs, or whether it runs at all."""

    SSE42 = "SSE4.2"
    AVX = "AVX"
    AVX2 = "AVX2"
    AVX512 = "AVX512"
    AVX512_VNNI = "AVX512-VNNI"
    AVX_VNNI = "AVX-VNNI"
    AMX = "AMX"
    BMI2 = "BMI2"
    F16C = "F16C"
    FMA = "FMA"
    NEON = "NEON"
    DOTPROD = "DOTPROD"
    I8MM = "I8MM"
    SVE = "SVE"


_LINUX_FLAGS = {
    "sse4_2": CpuFeature.SSE42,
    "avx": CpuFeature.AVX,
    "avx2": CpuFeature.AVX2,
    "avx512f": CpuFeature.AVX512,
    "avx512_vnni": CpuFeature.AVX512_VNNI,
    "avx_vnni": CpuFeature.AVX_VNNI,
    "amx_int8": CpuFeature.AMX,
    "bmi2": CpuFeature.BMI2,
    "f16c": CpuFeature.F16C,
    "fma": CpuFeature.FMA,
    "asimd": CpuFeature.NEON,
    "neon": CpuFeature.NEON,
    "asimddp": CpuFeature.DOTPROD,
    "i8mm": CpuFeature.I8MM,
    "sve": CpuFeature.SVE,
}
_MAC_FLAGS = {
    "SSE4.2": CpuFeature.SSE42,
    "AVX1.0": CpuFeature.AVX,
    "AVX2": CpuFeature.AVX2,
    "AVX512F": CpuFeature.AVX512,
    "BMI2": CpuFeature.BMI2,
    "F16C": CpuFeature.F16C,
    "FMA": CpuFeature.FMA,
}
# PF_* constants of winnt.h. Windows names neither F16C nor FMA.
_WINDOWS_FLAGS = {
    38: CpuFeature.SSE42,
    39: CpuFeature.AVX,
    40: CpuFeature.AVX2,
    41: CpuFeature.AVX512,
    19: CpuFeature.NEON,
    43: CpuFeature.DOTPROD,
}


def cpu_name(root: Path = Path("/")) -> str:
    """What the maker calls the processor, or its architecture where nothing else is known."""
    if sys.platform == "darwin":
        name = _sysctl("machdep.cpu.brand_string")
    else:
        fields = _cpuinfo(root)
        name = fields.get("model name", "") or fields.get("hardware", "") or platform.processor()
    return " ".join(name.split()) or platform.machine() or "unknown"


def cpu_features(root: Path = Path("/")) -> frozenset[CpuFeature]:
    """The instruction sets this machine has, of those that matter here."""
    if sys.platform == "darwin":
        words = f"{_sysctl('machdep.cpu.features')} {_sysctl('machdep.cpu.leaf7_features')}".split()
        found = frozenset(_MAC_FLAGS[word] for word in words if word in _MAC_FLAGS)
        return found | {CpuFeature.NEON, CpuFeature.DOTPROD} if platform.machine() == "arm64" else found
    if sys.platform == "win32":
        import ctypes

        present = ctypes.windll.kernel32.IsProcessorFeaturePresent
        return frozenset(feature for number, feature in _WINDOWS_FLAGS.items() if present(number))
    fields = _cpuinfo(root)
    words = (fields.get("flags", "") or fields.get("features", "")).split()
    return frozenset(_LINUX_FLAGS[word] for word in words if word in _LINUX_FLAGS)


def allowed_cpus() -> frozenset[int]:
    """The logical processors this process may run on; all of them where that cannot be asked."""
    if sys.platform != "linux":
        return frozenset(range(os.cpu_count() or 1))
    return frozenset(os.sched_getaffinity(0))


def count_cores(cpus: frozenset[int], root: Path = Path("/")) -> int:
    """How many physical cores the logical processors ``cpus`` lie on; 0 if their topology cannot be read."""
    cores: set[tuple[str, str]] = set()
    for cpu in cpus:
        folder = root / f"sys/devices/system/cpu/cpu{cpu}/topology"
        try:
            cores.add((_word(folder / "physical_package_id"), _word(folder / "core_id")))
        except OSError:
            return 0
    return len(cores)


def fast_cpus(cpus: frozenset[int], root: Path = Path("/")) -> frozenset[int]:
    """Those of ``cpus`` on the fastest kind of core; all of them where the kinds are alike or unknown."""
    if sys.platform == "darwin":
        count = _sysctl("hw.perflevel0.logicalcpu")
        return frozenset(sorted(cpus)[: int(count)]) if count.isdigit() and int(count) else cpus
    speeds: dict[int, int] = {}
    for cpu in cpus:
        folder = root / f"sys/devices/system/cpu/cpu{cpu}"
        for name in ("cpu_capacity", "cpufreq/cpuinfo_max_freq"):
            try:
                speeds[cpu] = int(_word(folder / name))
                break
            except (OSError, ValueError):
                continue
    if len(speeds) < len(cpus):
        return cpus
    # Cores of one kind differ a little in how far their maker lets them go.
    limit = 0.85 * max(speeds.values())
    return frozenset(cpu for cpu, speed in speeds.items() if speed >= limit)


def _word(file: Path) -> str:
    return file.read_text(encoding="ascii", errors="replace").strip()


def _cpuinfo(root: Path) -> dict[str, str]:
    """The fields of the first processor, names in lower case."""
    fields: dict[str, str] = {}
    try:
        with (root / "proc/cpuinfo").open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                name, colon, value = line.partition(":")
                if not colon and fields:
                    break
                fields.setdefault(name.strip().lower(), value.strip())
    except OSError:
        pass
    return fields


def _sysctl(name: str) -> str:
    import subprocess  # here because only macOS needs it

    try:
        result = subprocess.run(
            ["/usr/sbin/sysctl", "-n", name], capture_output=True, text=True, timeout=2, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return result.stdout.strip()
