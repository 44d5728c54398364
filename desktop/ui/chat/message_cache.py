"""Rendered text of the rows that were seen last, so that scrolling back renders nothing again.

Main thread only.
"""

from __future__ import annotations

from collections import OrderedDict

from desktop.ui.chat.transcript_rows import Row
from desktop.ui.widgets.markdown_html import Block, render, render_plain

_KEPT = 200


class MessageCache:
    """Keyed by the text itself: an edited message is another text."""

    def __init__(self) -> None:
        self._blocks: OrderedDict[tuple[bool, str], list[Block]] = OrderedDict()

    def has(self, row: Row) -> bool:
        """Whether a row is rendered already."""
        return (row.own, row.text) in self._blocks

    def blocks(self, row: Row) -> list[Block]:
        key = (row.own, row.text)
        found = self._blocks.get(key)
        if found is None:
            found = render_plain(row.text) if row.own else render(row.text)
            self._blocks[key] = found
            if len(self._blocks) > _KEPT:
                self._blocks.popitem(last=False)
        else:
            self._blocks.move_to_end(key)
        return found
