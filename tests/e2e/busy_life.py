"""Chats as somebody has them after some weeks: in folders, with branches, formulas, ratings and deletions."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from desktop.domain.conversation import Conversation, InContext, Message, Part, PartKind, Rating, Role
from desktop.domain.folders import Folder
from desktop.storage.conversations import ConversationRepository
from desktop.storage.database import Database
from desktop.storage.folders import FolderRepository
from desktop.storage.messages import MessageRepository
from desktop.storage.trash import TrashRepository
from tests.helpers.chats import ORIGIN

PHYSICS = "physics"
FOLDERS = (Folder("work", "Work"), Folder("papers", "Papers", "work"), Folder("home", "At home"))
IN_FOLDERS = {"title-0": "work", "title-2": "papers", "title-3": "papers", "title-5": "home"}

PENDULUM = """\
A pendulum of length $\\ell$ that swings a little takes the time

$$T = 2\\pi\\sqrt{\\frac{\\ell}{g}}$$

for one swing, **whatever its weight**.[^small] Four times the length is twice the time:

| Length | Time |
|---:|---:|
| 0.25 m | 1.0 s |
| 1.00 m | 2.0 s |
| 4.00 m | 4.0 s |

- [x] The weight has no part in it
- [x] Nor has the height it starts from, as long as it is small
- [ ] ~~Air~~ is left out

[^small]: For angles of more than about $20^\\circ$ it takes longer than that.
"""
CHECK = """\
Take a string of one metre and count ten swings: that should be 20 seconds, since

$$g = \\frac{4\\pi^2\\ell}{T^2} \\approx \\frac{39.5 \\cdot 1}{2.0^2} \\approx 9.8\\;\\mathrm{m/s^2}.$$

```python
from math import pi


def gravity(length_m: float, period_s: float) -> float:
    return 4 * pi**2 * length_m / period_s**2
```
"""


async def lay_out(database: Path) -> None:
    """Adds to a file that holds the chats of ``store_titles``, and that no app has open."""
    db = await Database.open(database)
    try:
        conversations, folders = ConversationRepository(db), FolderRepository(db)
        for folder in FOLDERS:
            await folders.create(folder)
        await conversations.move(IN_FOLDERS)
        await conversations.pin("title-7", pinned=True)
        now = time.time()
        await conversations.create(Conversation(PHYSICS, "", now, now, preset_id="chatbot"))
        messages = MessageRepository(db)
        branched = list(_branched(now))
        await messages.add(*branched, leaf_id="check-2", title="Pendulum")
        await messages.rate("time-2", Rating.UP, "The table helps.")
        await messages.set_context("ask-0", InContext.PINNED)
        await TrashRepository(db).put_chats(["title-1"], now - 3 * 86_400, -3 * 86_400.0)
    finally:
        await db.close()


def _branched(now: float) -> list[Message]:
    """Two versions of the first answer; below the second two questions, one of them with two answers."""

    def made(identity: str, parent: str | None, role: Role, text: str) -> Message:
        message = Message(identity, PHYSICS, parent, role, (Part(PartKind.TEXT, text),), created_at=now)
        return message if role is Role.USER else replace(message, origin=ORIGIN)

    return [
        made("ask-0", None, Role.USER, "How long does a pendulum take for one swing?"),
        made("time-1", "ask-0", Role.ASSISTANT, "It depends on its length."),
        made("ask-1", "time-1", Role.USER, "In what way?"),
        made("length-1", "ask-1", Role.ASSISTANT, "The longer it is, the longer it takes."),
        made("time-2", "ask-0", Role.ASSISTANT, PENDULUM),
        made("ask-2", "time-2", Role.USER, "And on the moon?"),
        made("moon-1", "ask-2", Role.ASSISTANT, "About two and a half times as long."),
        made("ask-3", "time-2", Role.USER, "How can I check that at home?"),
        made("check-1", "ask-3", Role.ASSISTANT, "With a string, a key and a watch."),
        made("check-2", "ask-3", Role.ASSISTANT, CHECK),
    ]
