"""The native library as a whole: its start, its words, its version, the devices it sees."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import importlib
import sys
from collections import deque
from dataclasses import dataclass

import llama_cpp.llama_cpp as ll

log_lines: deque[str] = deque(maxlen=200)
"""The native library's last words, for the detail of an error."""


def _log(level: int, text: bytes | None, _user_data: object) -> None:
    # ggml_log_level: 1 debug, 2 information, 3 a warning, 4 an error, 5 more of the line before.
    if text and level >= 2:
        line = text.decode("utf-8", "replace")
        log_lines.append(line.rstrip("\n"))
        if level in (3, 4):
            with contextlib.suppress(OSError, ValueError):
                sys.stderr.write(line)


_on_log = ll.llama_log_callback(_log)
"""Kept here: the native library holds only its address."""


def start() -> None:
    """Initialises the native library. Its own words go to standard error and to :data:`log_lines`."""
    ll.llama_log_set(_on_log, ctypes.c_void_p(0))
    ll.llama_backend_init()


def build() -> str:
    """The native library's version, to tell whose state or figures something is."""
    import llama_cpp

    return f"llama-cpp-python {llama_cpp.__version__}"


def features() -> str:
    """CPU features and back ends the library was built with, in its own words."""
    words: bytes = ll.llama_print_system_info()
    return words.decode("utf-8", "replace").strip()


@functools.cache
def _ggml() -> ctypes.CDLL:
    """The tensor library, for its list of devices; the binding has no functions for it."""
    library = importlib.import_module("llama_cpp._ggml").libggml
    for name in ("ggml_backend_dev_name", "ggml_backend_dev_description"):
        getattr(library, name).argtypes = [ctypes.c_void_p]
        getattr(library, name).restype = ctypes.c_char_p
    library.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    library.ggml_backend_dev_get.restype = ctypes.c_void_p
    library.ggml_backend_dev_memory.argtypes = [ctypes.c_void_p, *[ctypes.POINTER(ctypes.c_size_t)] * 2]
    library.ggml_backend_dev_memory.restype = None
    library.ggml_backend_dev_type.argtypes = [ctypes.c_void_p]
    library.ggml_backend_dev_type.restype = ctypes.c_int
    library.ggml_backend_dev_count.restype = ctypes.c_size_t
    assert isinstance(library, ctypes.CDLL)
    return library


@dataclass(frozen=True, slots=True)
class Device:
    """What can compute. Its memory in bytes; ``free`` is what others leave of it now."""

    name: str
    description: str
    is_gpu: bool
    free: int
    total: int

    def __str__(self) -> str:
        if not self.is_gpu:
            return f"{self.name}: {self.description}"
        return f"{self.name}: {self.description}, {self.free / 1e9:.1f} of {self.total / 1e9:.1f} GB free"


def devices() -> tuple[Device, ...]:
    """Every device the tensor library sees, in its order."""
    ggml = _ggml()
    found = []
    for index in range(ggml.ggml_backend_dev_count()):
        device = ggml.ggml_backend_dev_get(index)
        name, description = ggml.ggml_backend_dev_name(device), ggml.ggml_backend_dev_description(device)
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        ggml.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
        # ggml_backend_dev_type: 0 the CPU, 1 a GPU with memory of its own, 2 one that shares the machine's.
        is_gpu = ggml.ggml_backend_dev_type(device) in (1, 2)
        found.append(Device(name.decode(), description.decode(), is_gpu, free.value, total.value))
    return tuple(found)


def gpus() -> tuple[Device, ...]:
    return tuple(device for device in devices() if device.is_gpu)


def failure() -> Exception:
    """The last load's failure from the native words: ``MemoryError`` or ``ValueError``."""
    words = "\n".join(line for line in log_lines if line.strip())[-2000:]
    memory = (
        "out of memory",
        "failed to allocate",
        "unable to allocate",
        "alloc_buffer",
        "bad_alloc",
        "allocation",
    )
    return MemoryError(words) if any(sign in words.lower() for sign in memory) else ValueError(words)
