"""Chats out of files of any kind that is known. What a file is, is told by what is in it. Any thread."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from desktop.domain.exchange import BrokenChat, FoundChat, LeftOut
from desktop.storage.exchange import chatgpt, jan, lm_studio, open_webui, own, sharegpt
from desktop.storage.exchange.assembly import Entry, UnreadableChat
from desktop.storage.exchange.json_values import NotJson, parse, values
from desktop.storage.exchange.sources import Document, UnreadableSource, documents
from desktop.system.printable import size_in_words

MAX_CHAT = 128 * 1024**2
"""Bytes of one chat: as objects it takes several times as much memory."""

Found = FoundChat | BrokenChat | LeftOut


@dataclass(frozen=True, slots=True)
class Reader:
    """``recognises`` looks at a JSON object's shape; ``read`` raises :class:`UnreadableChat`."""

    name: str
    recognises: Callable[[Mapping[str, object]], bool]
    read: Callable[[Mapping[str, object], Entry], FoundChat]


READERS: tuple[Reader, ...] = (
    Reader("Locution", own.recognises, own.read),
    Reader("ChatGPT", chatgpt.recognises, chatgpt.read),
    Reader("Open WebUI", open_webui.recognises, open_webui.read),
    Reader("LM Studio", lm_studio.recognises, lm_studio.read),
    Reader("ShareGPT", sharegpt.recognises, sharegpt.read),
)
"""The first that recognises a value reads it. Jan's come in two files and are brought together below."""


def read_chats(path: Path, *, now: float) -> Generator[tuple[float, Found], None, None]:
    """All chats in a file, folder or archive, one by one; what is none is said, and the rest goes on.

    With each comes which share of all has been read, from 0 to 1. ``now`` takes the place of times that are
    missing.
    """
    threads = _Threads()
    folder = ""
    share = 0.0
    half = jan.other_half(path)
    for document in chain(documents(path), documents(half) if half is not None else ()):
        if isinstance(document, LeftOut):
            yield share, document
            continue
        here, _, _ = document.place.rpartition("/")
        if here != folder or threads.size > MAX_CHAT:
            yield from ((share, found) for found in threads.read(now))
            threads, folder = _Threads(), here
        for read, found in _read_document(document, threads, now):
            yield document.begin + (document.end - document.begin) * read, found
        share = document.end
    yield from ((share, found) for found in threads.read(now))


def _read_document(document: Document, threads: _Threads, now: float) -> Iterator[tuple[float, Found]]:
    """With each the share of the document that has been read, as far as can be told."""
    try:
        content = document.read()
    except UnreadableSource as error:
        yield 1.0, LeftOut(str(error), document.place)
        return
    known = strange = done = 0
    for number, raw in enumerate(values(content), 1):
        where = f"{document.place}, entry {number:,}"
        done += len(raw)
        share = min(1.0, done / len(content))
        try:
            value = _parse(raw)
        except NotJson as error:
            known += 1
            yield share, BrokenChat(where, str(error))
            continue
        if isinstance(value, dict) and threads.take(value, len(raw)):
            known += 1
        elif (reader := _reader_of(value)) is not None and isinstance(value, dict):
            known += 1
            entry = Entry(hashlib.sha256(raw).hexdigest(), now, document.folders)
            yield share, _read_chat(reader, value, where, entry)
        else:
            strange += 1
    if strange or not known:
        said = f"{strange:,} of its entries are no chats." if known else "There are no chats in it."
        yield 1.0, LeftOut(said, document.place)


def _parse(raw: bytes) -> object:
    if len(raw) > MAX_CHAT:
        raise NotJson(
            f"It is too large: {size_in_words(len(raw))}, and at most {size_in_words(MAX_CHAT)} can be read."
        )
    return parse(raw)


def _reader_of(value: object) -> Reader | None:
    if not isinstance(value, dict):
        return None
    return next((reader for reader in READERS if reader.recognises(value)), None)


def _read_chat(
    reader: Reader, value: Mapping[str, object], where: str, entry: Entry
) -> FoundChat | BrokenChat:
    try:
        return reader.read(value, entry)
    except UnreadableChat as error:
        return BrokenChat(where, str(error))


@dataclass(slots=True)
class _Threads:
    """Jan's threads and messages until both halves of each have been seen: they lie in one folder.

    ``size`` is in bytes, as they were in their files.
    """

    size: int = 0
    _threads: dict[str, Mapping[str, object]] = field(default_factory=dict)
    _messages: dict[str, list[Mapping[str, object]]] = field(default_factory=dict)

    def take(self, value: Mapping[str, object], size: int) -> bool:
        """Whether it is one of Jan's."""
        if jan.is_message(value):
            self._messages.setdefault(jan.thread_id(value), []).append(value)
        elif jan.is_thread(value):
            self._threads[jan.thread_id(value)] = value
        else:
            return False
        self.size += size
        return True

    def read(self, now: float) -> Iterator[FoundChat | BrokenChat]:
        for identity in self._threads | self._messages:
            thread, messages = self._threads.get(identity, {}), self._messages.get(identity, ())
            try:
                yield jan.read(thread, messages, Entry(identity, now))
            except UnreadableChat as error:
                yield BrokenChat(f"thread {identity}", str(error))
