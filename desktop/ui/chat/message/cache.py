"""Rendered text of the rows that were seen last, so that scrolling back renders nothing again.

Main thread only.
"""

from __future__ import annotations

from collections import OrderedDict

from desktop.ui.chat.rows import Row
from desktop.ui.markdown.blocks import Block
from desktop.ui.markdown.rendering import render, render_plain, render_raw

_KEPT = 200
_Key = tuple[bool, bool, str]


class MessageCache:
    """Keyed by the text itself: an edited message is another text."""

    def __init__(self) -> None:
        self._blocks: OrderedDict[_Key, list[Block]] = OrderedDict()

    def has(self, row: Row) -> bool:
        """Whether a row is rendered already."""
        return _key(row) in self._blocks

    def blocks(self, row: Row) -> list[Block]:
        key = _key(row)
        found = self._blocks.get(key)
        if found is None:
            found = self._blocks[key] = _render(row)
            if len(self._blocks) > _KEPT:
                self._blocks.popitem(last=False)
        else:
            self._blocks.move_to_end(key)
        return found


def _key(row: Row) -> _Key:
    return row.own, row.raw, row.text


def _render(row: Row) -> list[Block]:
    if row.raw:
        return render_raw(row.text)
    return render_plain(row.text) if row.own else render(row.text)
