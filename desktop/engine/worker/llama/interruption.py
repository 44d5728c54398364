"""The flag that stops native code in the middle of a batch. Contexts may share one."""

from __future__ import annotations

import ctypes
import sys

import llama_cpp.llama_cpp as ll


class Interruption:
    """While it is set, ``llama_decode`` returns 2 soon. Set it from any thread.

    WORKAROUND: a Python callback would be called for every node of the compute graph. The flag is a C string
    instead, and the callback is strlen: 0 for an empty one, 1 once a character is set.
    """

    def __init__(self) -> None:
        self._flag = ctypes.create_string_buffer(2)
        self._never = ctypes.create_string_buffer(1)
        strlen = ctypes.CDLL(None if sys.platform != "win32" else "msvcrt").strlen
        self._callback = ctypes.cast(strlen, ll.ggml_abort_callback)

    def attach(self, handle: ll.llama_context_p) -> None:
        """Lets a context poll it. Must live as long as the context."""
        ll.llama_set_abort_callback(handle, self._callback, ctypes.cast(self._flag, ctypes.c_void_p))

    def ignore(self, handle: ll.llama_context_p) -> None:
        """Lets a context run undisturbed until it is attached again."""
        ll.llama_set_abort_callback(handle, self._callback, ctypes.cast(self._never, ctypes.c_void_p))

    def set(self) -> None:
        self._flag[0] = b"\x01"

    def clear(self) -> None:
        self._flag[0] = b"\x00"
