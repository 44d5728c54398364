"""What is too much to be rendered, told before the work is done. No Qt; any thread.

The limits are measured: with them no row of a message takes a tenth of a second
(``tests/bench/rendering.py``). What is beyond them is shown as it was written, to be read and copied.
"""

from __future__ import annotations

import re
from enum import Flag, auto


class Limit(Flag):
    """What of a text was too much; the view has the words."""

    NONE = 0
    PLAIN = auto()
    """Marks that are shown as they were written."""
    TABLE = auto()
    BLOCKS = auto()
    """Code and tables beyond the first."""
    FORMULAS = auto()


MAX_DEPTH = 8
"""Levels of quotes and lists that are drawn; deeper ones keep their text at this level."""
MAX_CELLS = 900
MAX_COLUMNS = 30
MAX_SPANS = 1000
"""Marks inside one paragraph; more are nobody's emphasis, and slow to lay out."""
MAX_QUOTES = 60
"""Quotes in one piece that get a frame."""
MAX_BLOCKS = 40
"""Code blocks and tables in one text that get a widget of their own."""
MAX_LINES = 400
"""Of a piece that is not rendered, which are laid out at once."""
MAX_RAW = 24 * 1024
"""Characters of source that are laid out at once."""
_MARKS = 1500
_DENSE = 0.3
_OPEN = 80
_RUN = re.compile(r"[\[\]!(]{60}|[*_~]{200}|`{200}")
"""Runs that make the parser slow; nobody writes them for their looks."""
_MARK = re.compile(r"[\[\]()*_`~$<>&\\|#\n]|(?m:^)[ \t]*(?:[-+]|\d+[.)])")


def is_too_hard(text: str) -> bool:
    """Whether a piece has far more marks than words, or brackets that never close: the parser looks through
    the whole rest for each of them."""
    if _RUN.search(text) or text.count("[") - text.count("]") > _OPEN:
        return True
    marks = sum(1 for _ in _MARK.finditer(text))
    return marks > _MARKS and marks > _DENSE * len(text)
