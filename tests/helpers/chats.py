"""Realistic chats for tests, benchmarks and screenshots: what people ask and what models write."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from desktop.domain.conversation import Conversation, Message, Origin, Part, PartKind, Role, Status
from desktop.storage.conversations import ConversationRepository
from desktop.storage.database import Database
from desktop.storage.messages import MessageRepository

QUESTIONS = (
    "Why is the sky blue? Explain it to a ten-year-old, in five sentences.",
    "Write a Python function that groups a list of words into anagrams. Add a short test.",
    "Compare SQLite, PostgreSQL and DuckDB for an app that runs on one machine.",
    "Plan three quiet days in Lisbon, with one good meal for each day.",
    "Explain this regular expression part by part: ^(?=.*\\d)(?=.*[a-z])[\\w-]{8,64}$",
    "Write the beginning of a story about a lighthouse keeper who finds a letter in a bottle.",
    "What should I ask before I rent a flat? Give me a checklist.",
)

SKY = """\
Sunlight looks white, but it is a mixture of all the colours of the rainbow. When it comes down \
through the air, it bumps into tiny bits of gas that are far too small to see. **Blue light is \
bounced around much more than red light**, so it comes to your eyes from every part of the sky. In \
the evening the light has a longer way through the air, and most of the blue is already gone. That \
is why sunsets are orange and red."""

ANAGRAMS = """\
Two words are anagrams if their letters, put in order, are the same. So the sorted letters can be \
the key of a dictionary:

```python
from collections import defaultdict


def group_anagrams(words: list[str]) -> list[list[str]]:
    \"\"\"Groups words that are made of the same letters, in the order they first appear.\"\"\"
    groups: dict[str, list[str]] = defaultdict(list)
    for word in words:
        key = "".join(sorted(word.casefold()))
        groups[key].append(word)
    return list(groups.values())


def test_group_anagrams() -> None:
    words = ["listen", "silent", "enlist", "google", "gogole"]
    assert group_anagrams(words) == [["listen", "silent", "enlist"], ["google", "gogole"]]
```

- `casefold()` makes *Listen* and *silent* meet.
- A dictionary keeps the order of insertion, so the result is stable.
- For very long words a tuple of letter counts is faster than sorting: `O(n)` instead of `O(n log n)`.
"""

DATABASES = """\
## Short answer

For an app on one machine, start with **SQLite**. Move only when you can name what it lacks.

| | SQLite | PostgreSQL | DuckDB |
|---|---|---|---|
| Runs as | a library | a server | a library |
| Best at | many small writes | many users at once | large analytic queries |
| Size of the binary | about 1 MB | about 50 MB | about 20 MB |
| Full-text search | FTS5, built in | built in | extension |

### When each one wins

1. **SQLite** when one process writes and reads are short. With `PRAGMA journal_mode = WAL` readers \
never wait.
2. **PostgreSQL** when several machines or people write at the same time.
3. **DuckDB** when a query reads most of a table:
   ```sql
   SELECT region, sum(amount) AS total
   FROM 'sales/*.parquet'
   GROUP BY region
   ORDER BY total DESC;
   ```
   It scans columns, not rows, and uses all cores.

> A rule of thumb: if you ask "do I need a server?", you do not.

More in the [documentation](https://www.sqlite.org/whentouse.html)."""

LISBON = """\
**Day 1 – Alfama.** Walk up slowly from the cathedral, and stop where you hear somebody practising. \
Lunch: grilled sardines at a table in the street.

**Day 2 – Belém.** Go early to the monastery, then sit by the river. Lunch: *bacalhau à Brás* near \
the market hall.

**Day 3 – Sintra.** Take the 8:40 train. Only one palace, the rest of the day in the gardens.

- [x] Museums are closed on Mondays: checked
- [ ] Reserve the train for the third day
- [ ] Comfortable shoes
"""

REGEX = """\
From left to right:

1. `^` – the start of the text.
2. `(?=.*\\d)` – somewhere ahead there is a digit; nothing is consumed.
3. `(?=.*[a-z])` – somewhere ahead there is a small letter.
4. `[\\w-]{8,64}` – eight to sixty-four letters, digits, underscores or hyphens.
5. `$` – the end.

So it accepts `correct-horse-7` and refuses `Password` (no digit) and `a1` (too short)."""

STORY = """\
The letter had been in the water for so long that the bottle had grown a beard of weed. Tomás set it \
on the sill, where the lamp's light passed it once in every nine seconds, and did not open it that \
evening.

He had kept the light for thirty-one years. In that time he had found a wedding ring, a child's \
shoe, and once a piano, which stood for a week on the rocks and was played by the waves until it \
came apart. He had never found anything that was addressed to him.

"To whoever keeps the lamp," it said on the paper, in a hand that leaned forward as if it were \
walking against the wind."""

FLAT = """\
### Money
- What is in the rent, and what comes on top?
- How high is the deposit, and when is it paid back?

### The flat
- How old is the heating, and who pays for repairs?
- Is it loud at night? Come back in the evening and listen.

### The contract
- Can both sides end it, and how long before?
- Are pets, instruments and guests mentioned?
"""

ANSWERS = (SKY, ANAGRAMS, DATABASES, LISBON, REGEX, STORY, FLAT)

TITLES = (
    "Why the sky is blue",
    "Grouping anagrams",
    "Which database",
    "Three days in Lisbon",
    "A password's pattern",
    "The lighthouse keeper",
    "Before renting a flat",
    "Letter to the landlord",
    "Translate the invitation",
    "Summary of the meeting",
    "Sourdough that does not rise",
    "A name for the boat",
    "Unit tests for the parser",
    "Explain entropy",
    "Birthday speech",
    "Garden in the shade",
    "Compare two phones",
    "Refactor the importer",
)

THOUGHTS = """\
They want five sentences that a ten-year-old understands, so no wavelengths and no Rayleigh.

What matters here: white light is a mixture, small things in the air bounce blue around more than red, \
and so blue comes from all over the sky. The evening is a good check, because the long way takes the blue out.

One picture at a time. Count the sentences at the end."""

ORIGIN = Origin(
    model_name="SmolLM2 135M Instruct",
    preset_id="chatbot",
    parameters={"max_tokens": 1024, "temperature": 0.7},
    seed=42,
    prompt_tokens=148,
    completion_tokens=212,
    prompt_s=0.31,
    first_token_s=0.36,
    tokens_per_s=61.4,
)


def turns(conversation_id: str, count: int, start: float = 1_000_000.0) -> Iterator[Message]:
    """``count`` messages that follow each other, questions and answers in turn."""
    texts = itertools.cycle(zip(QUESTIONS, ANSWERS, strict=True))
    parent: str | None = None
    question = answer = ""
    for at in range(count):
        if at % 2 == 0:
            question, answer = next(texts)
        own = at % 2 == 0
        message_id = f"{conversation_id}-{at}"
        yield Message(
            message_id,
            conversation_id,
            parent,
            Role.USER if own else Role.ASSISTANT,
            (Part(PartKind.TEXT, question if own else answer),),
            Status.COMPLETE,
            created_at=start + at,
            origin=None if own else ORIGIN,
        )
        parent = message_id


def thoughtful(conversation_id: str, start: float = 1_000_000.0) -> Iterator[Message]:
    """A question, and an answer that was thought about."""
    question, answer = turns(conversation_id, 2, start)
    origin = replace(ORIGIN, model_name="A reasoning model", thinking_s=12.4, completion_tokens=391)
    yield question
    yield replace(answer, parts=(Part(PartKind.THINKING, THOUGHTS), *answer.parts), origin=origin)


async def store_chat(database: Path, conversation_id: str, title: str, messages: list[Message]) -> None:
    """Writes a conversation into the database at ``database``, which no app has open."""
    db = await Database.open(database)
    try:
        now = time.time()
        await ConversationRepository(db).create(
            Conversation(conversation_id, title, now, now, preset_id="chatbot")
        )
        await MessageRepository(db).add(*messages, leaf_id=messages[-1].id, title=title)
    finally:
        await db.close()


async def store_titles(database: Path, count: int) -> None:
    """Writes ``count`` conversations of one message each, over the last months."""
    db = await Database.open(database)
    try:
        conversations, messages = ConversationRepository(db), MessageRepository(db)
        now = time.time()
        for at, title in zip(range(count), itertools.cycle(TITLES), strict=False):
            when = now - (count - at) * 86_400 * 0.4
            made = Conversation(f"title-{at}", title, when, when, preset_id="chatbot")
            await conversations.create(made)
            text = (Part(PartKind.TEXT, title),)
            message = Message(f"title-{at}-0", made.id, None, Role.USER, text, created_at=when)
            await messages.add(message, leaf_id=message.id, title=title)
    finally:
        await db.close()
