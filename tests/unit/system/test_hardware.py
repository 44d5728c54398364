"""What is read of a machine: of this one, and of ones laid out in a folder."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from desktop.system import hardware
from desktop.system.cgroup import Limits, read_limits
from desktop.system.hardware import (
    bounded_memory,
    memory_now,
    process_memory,
    read_machine,
    thread_candidates,
    usable_cores,
    usable_processors,
)
from desktop.system.processor import CpuFeature, allowed_cpus, count_cores, cpu_features, cpu_name, fast_cpus

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's files")


def put(root: Path, path: str, text: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def lay_out_cores(root: Path, cores: dict[int, tuple[int, int]]) -> None:
    """Logical processor -> (package, core)."""
    for cpu, (package, core) in cores.items():
        put(root, f"sys/devices/system/cpu/cpu{cpu}/topology/physical_package_id", f"{package}\n")
        put(root, f"sys/devices/system/cpu/cpu{cpu}/topology/core_id", f"{core}\n")


FOUR_CORES_EIGHT_THREADS = {cpu: (0, cpu % 4) for cpu in range(8)}


def test_this_machine_is_read():
    machine = read_machine()
    assert machine.cpu
    assert machine.os
    assert 1 <= machine.usable_cores <= (os.cpu_count() or 1)
    assert 1 <= machine.physical_cores <= (os.cpu_count() or 1)
    assert 0 < machine.available_memory <= machine.total_memory <= psutil.virtual_memory().total
    assert machine.usable_cores in thread_candidates()
    total, available = memory_now()
    assert total == machine.total_memory
    assert 0 < available <= total


@on_linux
def test_this_machines_instruction_sets_are_those_the_kernel_lists():
    flags = Path("/proc/cpuinfo").read_text(encoding="utf-8").split()
    if platform.machine() == "x86_64":
        assert (CpuFeature.AVX2 in read_machine().features) == ("avx2" in flags)
        assert (CpuFeature.F16C in read_machine().features) == ("f16c" in flags)


@on_linux
def test_an_intel_machine_is_read(tmp_path):
    put(
        tmp_path,
        "proc/cpuinfo",
        "processor\t: 0\nmodel name\t: Intel(R) Core(TM)   i7-4770\n"
        "flags\t\t: fpu sse4_2 avx avx2 bmi2 f16c fma\n\n"
        "processor\t: 1\nmodel name\t: Other\nflags\t\t: avx512f\n",
    )
    assert cpu_name(tmp_path) == "Intel(R) Core(TM) i7-4770"
    expected = {
        CpuFeature.SSE42,
        CpuFeature.AVX,
        CpuFeature.AVX2,
        CpuFeature.BMI2,
        CpuFeature.F16C,
        CpuFeature.FMA,
    }
    assert cpu_features(tmp_path) == expected


@on_linux
def test_an_arm_machine_is_read(tmp_path):
    put(
        tmp_path,
        "proc/cpuinfo",
        "processor\t: 0\nFeatures\t: fp asimd asimddp i8mm sve\n\nHardware\t: Board\n",
    )
    expected = {CpuFeature.NEON, CpuFeature.DOTPROD, CpuFeature.I8MM, CpuFeature.SVE}
    assert cpu_features(tmp_path) == expected


@pytest.mark.parametrize(
    ("machine", "expected"),
    [
        ("x86_64", {CpuFeature.AVX, CpuFeature.AVX2, CpuFeature.FMA}),
        ("arm64", {CpuFeature.NEON, CpuFeature.DOTPROD, CpuFeature.AVX, CpuFeature.AVX2, CpuFeature.FMA}),
    ],
)
def test_a_mac_is_read(monkeypatch, machine, expected):
    told = {
        "machdep.cpu.brand_string": "Apple M2",
        "machdep.cpu.features": "FPU SSE3 AVX1.0 FMA",
        "machdep.cpu.leaf7_features": "AVX2 ERMS",
    }
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr("platform.machine", lambda: machine)
    monkeypatch.setattr("desktop.system.processor._sysctl", told.__getitem__)
    assert cpu_name() == "Apple M2"
    assert cpu_features() == expected


def test_a_system_that_is_not_linux_uses_the_cores_psutil_counts(monkeypatch):
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr("os.cpu_count", lambda: 12)
    monkeypatch.setattr("psutil.cpu_count", lambda logical=True: 12 if logical else 6)
    monkeypatch.setattr("desktop.system.hardware.count_cores", lambda cpus, root: 0)
    assert thread_candidates() == (6, 12)


@pytest.mark.parametrize(
    ("system", "expected"), [("Darwin", "macOS 14.5"), ("Windows", "Windows 11"), ("Linux", "Linux 6.1")]
)
def test_every_system_has_a_name(monkeypatch, system, expected):
    def unnamed() -> dict[str, str]:
        raise OSError

    monkeypatch.setattr("platform.system", lambda: system)
    monkeypatch.setattr("platform.release", lambda: "11" if system == "Windows" else "6.1")
    monkeypatch.setattr("platform.mac_ver", lambda: ("14.5", ("", "", ""), "arm64"))
    monkeypatch.setattr("platform.freedesktop_os_release", unnamed)
    assert read_machine().os == expected


@on_linux
def test_a_machine_that_tells_nothing_has_a_name_and_no_features(tmp_path):
    assert cpu_name(tmp_path)
    assert cpu_features(tmp_path) == frozenset()


def test_two_threads_of_a_core_count_once(tmp_path):
    lay_out_cores(tmp_path, FOUR_CORES_EIGHT_THREADS)
    assert count_cores(frozenset(range(8)), tmp_path) == 4
    assert usable_cores(frozenset(range(8)), Limits(), 4, tmp_path) == 4


def test_two_packages_are_not_mixed_up(tmp_path):
    lay_out_cores(tmp_path, {0: (0, 0), 1: (1, 0)})
    assert count_cores(frozenset({0, 1}), tmp_path) == 2


def test_only_the_processors_allowed_count(tmp_path):
    lay_out_cores(tmp_path, FOUR_CORES_EIGHT_THREADS)
    assert usable_cores(frozenset({1, 5}), Limits(), 4, tmp_path) == 1
    assert usable_cores(frozenset({1, 2}), Limits(), 4, tmp_path) == 2


@pytest.mark.parametrize(("quota", "expected"), [(0.5, 1), (1.0, 1), (2.9, 2), (3.0, 3), (64.0, 4)])
def test_a_quota_bounds_the_cores_and_leaves_one(tmp_path, quota, expected):
    lay_out_cores(tmp_path, FOUR_CORES_EIGHT_THREADS)
    assert usable_cores(frozenset(range(8)), Limits(cpus=quota), 4, tmp_path) == expected


@pytest.mark.parametrize(("quota", "expected"), [(None, 8), (0.5, 1), (2.9, 2), (64.0, 8)])
def test_a_quota_bounds_the_logical_processors_too(quota, expected):
    assert usable_processors(frozenset(range(8)), Limits(cpus=quota)) == expected


@pytest.mark.parametrize("file", ["cpu_capacity", "cpufreq/cpuinfo_max_freq"])
def test_fast_cores_are_told_from_slow_ones(tmp_path, file):
    for cpu, speed in enumerate((5_000_000, 4_800_000, 5_000_000, 3_600_000, 3_600_000)):
        put(tmp_path, f"sys/devices/system/cpu/cpu{cpu}/{file}", f"{speed}\n")

    assert fast_cpus(frozenset(range(5)), tmp_path) == {0, 1, 2}
    assert fast_cpus(frozenset({3, 4}), tmp_path) == {3, 4}
    # One that does not say how fast it is: then nothing is known.
    assert fast_cpus(frozenset(range(6)), tmp_path) == set(range(6))


@pytest.mark.parametrize(("told", "expected"), [("4", 4), ("", 8), ("none", 8), ("0", 8)])
def test_a_macs_fast_cores_are_those_of_its_first_level(monkeypatch, told, expected):
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setattr("desktop.system.processor._sysctl", lambda _name: told)

    assert len(fast_cpus(frozenset(range(8)))) == expected


@pytest.mark.parametrize(("physical", "expected"), [(4, 4), (0, 8), (16, 8)])
def test_without_topology_the_machines_count_is_used(tmp_path, physical, expected):
    assert usable_cores(frozenset(range(8)), Limits(), physical, tmp_path) == expected


@on_linux
def test_affinity_is_respected():
    first = min(os.sched_getaffinity(0))
    code = (
        f"import os; os.sched_setaffinity(0, {{{first}}})\n"
        "from desktop.system.hardware import thread_candidates; print(*thread_candidates())"
    )
    root = Path(__file__).parents[3]
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert result.stdout == "1\n"
    assert first in allowed_cpus()


def test_without_control_groups_nothing_is_limited(tmp_path):
    assert read_limits(tmp_path) == Limits()


def test_limits_of_a_container_are_read(tmp_path):
    put(tmp_path, "proc/self/cgroup", "0::/\n")
    put(tmp_path, "sys/fs/cgroup/cpu.max", "150000 100000\n")
    put(tmp_path, "sys/fs/cgroup/memory.max", "4000000000\n")
    put(tmp_path, "sys/fs/cgroup/memory.current", "1500000000\n")
    put(tmp_path, "sys/fs/cgroup/memory.stat", "anon 1000000000\ninactive_file 400000000\nslab 9\n")
    assert read_limits(tmp_path) == Limits(cpus=1.5, memory=4_000_000_000, memory_used=1_100_000_000)


def test_a_limit_on_a_level_above_holds_too(tmp_path):
    put(tmp_path, "proc/self/cgroup", "0::/user.slice/app.scope\n")
    put(tmp_path, "sys/fs/cgroup/user.slice/cpu.max", "200000 100000\n")
    put(tmp_path, "sys/fs/cgroup/user.slice/app.scope/cpu.max", "max 100000\n")
    put(tmp_path, "sys/fs/cgroup/user.slice/app.scope/memory.max", "max\n")
    assert read_limits(tmp_path) == Limits(cpus=2.0)


def test_the_older_control_groups_are_read(tmp_path):
    put(tmp_path, "proc/self/cgroup", "5:cpu,cpuacct:/docker/abc\n3:memory:/docker/abc\n1:name=systemd:/x\n")
    put(tmp_path, "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "50000\n")
    put(tmp_path, "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n")
    put(tmp_path, "sys/fs/cgroup/memory/memory.limit_in_bytes", "2000000000\n")
    put(tmp_path, "sys/fs/cgroup/memory/memory.usage_in_bytes", "500000000\n")
    assert read_limits(tmp_path) == Limits(cpus=0.5, memory=2_000_000_000, memory_used=500_000_000)


def test_the_older_control_groups_without_limits_limit_nothing(tmp_path):
    put(tmp_path, "proc/self/cgroup", "5:cpu:/\n3:memory:/\n")
    put(tmp_path, "sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n")
    put(tmp_path, "sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n")
    put(tmp_path, "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n")
    assert read_limits(tmp_path) == Limits()


@pytest.mark.parametrize("text", ["", "max", "1 2 3", "x y", "0 0", "100000 0"])
def test_a_strange_quota_limits_nothing(tmp_path, text):
    put(tmp_path, "proc/self/cgroup", "0::/\n")
    put(tmp_path, "sys/fs/cgroup/cpu.max", text)
    assert read_limits(tmp_path).cpus is None


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (Limits(), (1000, 700)),
        (Limits(memory=2000), (1000, 700)),
        (Limits(memory=500, memory_used=100), (500, 400)),
        (Limits(memory=900, memory_used=100), (900, 700)),
        (Limits(memory=500, memory_used=600), (500, 0)),
    ],
)
def test_a_containers_memory_bounds_the_machines(limits, expected):
    assert bounded_memory(1000, 700, limits) == expected


def test_a_reading_stays_within_the_container(monkeypatch):
    monkeypatch.setattr(hardware, "read_limits", lambda: Limits(cpus=1.0, memory=123_456_789))
    machine = read_machine()
    assert machine.total_memory == 123_456_789
    assert machine.usable_cores == 1
    assert thread_candidates() == (1,)


def test_memory_of_a_process_is_what_it_holds():
    before = process_memory(os.getpid())
    held = bytearray(80_000_000)
    assert process_memory(os.getpid()) - before > 40_000_000
    del held


@pytest.mark.parametrize("pid", [-1, 2**22 + 5, 2**40])
def test_a_process_that_is_gone_holds_nothing(pid):
    assert process_memory(pid) == 0
