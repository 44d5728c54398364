"""Watches dependencies for faults that would end the app without a word."""

import subprocess
import sys

# Some PySide6 releases forget to take a reference to None for each call that returns nothing, until the
# interpreter frees None and aborts. Seen with 6.12.0 on Python below 3.12, hence the bound in pyproject.toml.
COUNT_NONE = """
import sys
from PySide6.QtCore import QCoreApplication, QObject, Signal

class Source(QObject):
    fired = Signal(int)

app = QCoreApplication([])
source = Source()
received = []
source.fired.connect(received.append)
before = sys.getrefcount(None)
for number in range({calls}):
    source.fired.emit(number)
    source.setObjectName("canary")
    received.clear()
print(before - sys.getrefcount(None), flush=True)
"""


def test_many_qt_calls_do_not_wear_out_none() -> None:
    calls = 2_000

    done = subprocess.run(
        [sys.executable, "-c", COUNT_NONE.format(calls=calls)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    lost = int(done.stdout)
    # From Python 3.12 on None is immortal and its count stands still; before, a few come and go.
    assert abs(lost) < calls / 10
