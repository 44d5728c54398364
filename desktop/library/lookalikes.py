"""What a file that is not GGUF seems to be, from its first bytes.

A failed download often leaves an error page or a pointer under the model's name; saying so saves the user
a search.
"""

from __future__ import annotations

from dataclasses import dataclass

ENOUGH = 512
"""Bytes from the start of the file that are looked at."""

_AGAIN = "Download it again."
_OTHER = "Choose another file."


@dataclass(frozen=True, slots=True)
class Lookalike:
    """``what`` completes the sentence "The file …"; ``action`` is the one thing that helps."""

    what: str
    action: str


_UNKNOWN = Lookalike("is not a GGUF model file", _OTHER)

_STARTS: tuple[tuple[bytes, Lookalike], ...] = (
    (
        b"version https://git-lfs.github.com/spec/",
        Lookalike(
            "is a Git LFS pointer: a few lines of text that stand for the model, not the model itself",
            "Download the model itself, for example with “git lfs pull”.",
        ),
    ),
    # The magic numbers 'ggml', 'ggmf', 'ggjt' and 'ggla' as they lie in a little-endian file.
    *(
        (
            magic,
            Lookalike(
                "is in a GGML format older than GGUF, which is no longer read", "Find it as a GGUF file."
            ),
        )
        for magic in (b"lmgg", b"fmgg", b"tjgg", b"algg")
    ),
    (b"PK\x03\x04", Lookalike("is a ZIP archive (or a PyTorch model), not a GGUF model file", _OTHER)),
    (
        b"\x1f\x8b",
        Lookalike("is a gzip archive, not a GGUF model file", "Unpack it, then choose the file inside."),
    ),
    (
        b"7z\xbc\xaf\x27\x1c",
        Lookalike("is a 7z archive, not a GGUF model file", "Unpack it, then choose the file inside."),
    ),
    (b"%PDF-", Lookalike("is a PDF document, not a GGUF model file", _OTHER)),
)


def recognise(start: bytes) -> Lookalike:
    """Name what a file beginning with ``start`` (up to ``ENOUGH`` bytes, not a GGUF magic) seems to be."""
    for prefix, found in _STARTS:
        if start.startswith(prefix):
            return found
    if not start.strip(b"\0"):
        return Lookalike("holds nothing but zeros: the download was never finished", _AGAIN)
    if start[8:10] in (b'{"', b"{ "):  # 8 bytes of header length, then JSON
        return Lookalike("is a safetensors file, not a GGUF model file", "Find the model as a GGUF file.")
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")) or b"<html" in text:
        return Lookalike("is a web page saved under a model's name, not a model", _AGAIN)
    if text.startswith((b"<?xml", b"<error")):
        return Lookalike("is an error answer from a server, not a model", _AGAIN)
    if text.startswith((b'{"', b"{\n", b"{ ")):
        return Lookalike("is a JSON text (perhaps a server's error answer), not a model", _AGAIN)
    return _UNKNOWN
