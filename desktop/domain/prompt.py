"""What a user is about to send, as one value. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.domain.conversation import Part


@dataclass(frozen=True, slots=True)
class Prompt:
    """A message that is not sent yet. True if there is anything to send."""

    text: str = ""
    attachments: tuple[Part, ...] = ()
    prefill: str = ""
    """What the answer is to begin with."""

    def __bool__(self) -> bool:
        return bool(self.text.strip() or self.attachments)

    def joined(self, other: Prompt) -> Prompt:
        """Both as one message, this one first."""
        text = "\n\n".join(part for part in (self.text, other.text) if part.strip())
        return Prompt(text, self.attachments + other.attachments, other.prefill or self.prefill)
