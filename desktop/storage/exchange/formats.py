"""What a chat can be written as. A row here is all that a new format needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from desktop.domain.exchange import PortableChat
from desktop.storage.exchange import html_page, markdown, own, plain, tuning


@dataclass(frozen=True, slots=True)
class Format:
    """``write`` gives a chat's file piece by piece. ``joins``: many chats make one file, one after the other.

    ``suffix`` begins with its dot.
    """

    name: str
    suffix: str
    write: Callable[[PortableChat], Iterator[str]]
    joins: bool = False


FORMATS: Mapping[str, Format] = {
    found.name: found
    for found in (
        Format("markdown", ".md", markdown.write),
        Format("html", ".html", html_page.write),
        Format("text", ".txt", plain.write),
        Format("json", ".json", own.write),
        Format("sft", ".jsonl", tuning.write_sft, joins=True),
        Format("preferences", ".jsonl", tuning.write_preferences, joins=True),
    )
}
