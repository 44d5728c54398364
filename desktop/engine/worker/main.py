"""The worker process: private pipes, three threads, and the loop that drives the core.

Standard input and output are the pipes to the app. Before native code is loaded they are moved to private
descriptors, and standard output points at standard error: the native library writes to it, and closes it
for a while when it loads.

The control thread reads commands. It serves a cancel at once, so that it works inside a batch, and ends the
process when the app is gone. The prompts' thread turns text into tokens, also for who only asks about them: a
text of a megabyte takes seconds, and a running answer must not wait for it, nor a question for the answer.
The main thread runs everything else in order.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
from typing import BinaryIO

from desktop.engine import framing, protocol
from desktop.engine.worker.core import Core
from desktop.engine.worker.loop import Inbox, Loop
from desktop.engine.worker.reports import Outbox

READ_SIZE = 1 << 16
"""Bytes."""
STACK_SIZE = 16 * 1024 * 1024
"""Bytes, for each thread: native regular expressions and templates recurse, and macOS gives little."""
SWITCH_S = 0.0005
"""Seconds after which a thread that runs Python lets another one run: a small model's step takes 5 ms."""


def main(core_name: str) -> int:
    """Runs until told to exit or until the app is gone. ``core_name`` is ``llama`` or ``scripted``."""
    # Ctrl+C in a terminal reaches the whole group of processes; what becomes of it is the app's to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.stack_size(STACK_SIZE)
    sys.setswitchinterval(SWITCH_S)
    if sys.stderr is None:
        # A program without a console has none; what goes there is read by the app.
        sys.stderr = open(2, "w", encoding="utf-8", errors="replace", buffering=1)  # noqa: SIM115
    commands, reports = _private_pipes()
    inbox: Inbox = queue.SimpleQueue()
    outbox = Outbox(reports)
    core = _make_core(core_name)
    loop = Loop(core, inbox, outbox)
    threading.Thread(target=_control, args=(commands, inbox, loop), name="control", daemon=True).start()
    info = core.info()
    outbox.send(protocol.Hello(0, protocol.PROTOCOL_VERSION, info.build, info.devices, info.features))
    try:
        loop.run()
    except BrokenPipeError:
        # The app is gone, or stops listening because it is about to end this process.
        os._exit(0)
    if loop.prompts.busy:
        # Native code is still reading the vocabulary, which must not be freed under it.
        os._exit(0)
    core.close()
    return 0


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    commands, reports = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    if sys.platform == "win32":
        import msvcrt

        for descriptor in (commands, reports):
            msvcrt.setmode(descriptor, os.O_BINARY)
    return os.fdopen(commands, "rb", buffering=0), os.fdopen(reports, "wb", buffering=0)


def _make_core(name: str) -> Core:
    if name == "scripted":
        from desktop.engine.fake import ScriptedCore

        return ScriptedCore()
    from desktop.engine.worker.engine import NativeCore

    return NativeCore()


def _control(commands: BinaryIO, inbox: Inbox, loop: Loop) -> None:
    try:
        reader = framing.FrameReader()
        while block := commands.read(READ_SIZE):
            for body in reader.feed(block):
                _serve(framing.decode_command(body), inbox, loop)
    finally:
        # The app is gone, or makes no sense. Native code may be running; nothing here is worth keeping.
        os._exit(0)


def _serve(command: protocol.Command, inbox: Inbox, loop: Loop) -> None:
    if isinstance(command, protocol.Exit):
        loop.ending = True
    if isinstance(command, protocol.Question):
        # Not in line: a long step would hold it up.
        loop.ask(command)
        return
    if isinstance(command, protocol.TakeBack):
        loop.take_back(command.id)
        return
    if isinstance(command, protocol.Cancel | protocol.Exit):
        loop.core.cancel(command.id)
    # A cancel goes through the line as well: its request may still be waiting there.
    inbox.put(command)
