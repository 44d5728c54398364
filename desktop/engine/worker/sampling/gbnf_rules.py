"""What the rules of a GBNF grammar come to together: whether a text can follow them, and at what cost. Pure.

Rules and groups go by their names; what each is made of is all that is known of it here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

MAX_CHAIN = 200
"""Rules that need one another in a row before one comes that was there already."""
MAX_CHOICES = 1000
"""Rules and options with which alternatives may begin; the work at one token grows with their cube."""
IMPOSSIBLE = "[]"
"""Names a rule that nothing can follow."""


class Item(NamedTuple):
    """A part of an alternative: a rule's or group's name, empty for characters."""

    name: str
    is_optional: bool


Alternatives = Sequence[Sequence[Item]]


def possible(rules: Mapping[str, Alternatives]) -> set[str]:
    """The rules and groups that some text can follow."""
    return _reached(
        {
            name: [
                [item.name for item in items if item.name and not item.is_optional] for items in alternatives
            ]
            for name, alternatives in rules.items()
        }
    )


def count_choices(rules: Mapping[str, Alternatives]) -> int:
    """Rules and options with which alternatives begin.

    What may begin at one place is tried all at once, and rules that begin with rules multiply that.
    """
    empty = _may_be_empty(rules)
    choices = 0
    for alternatives in rules.values():
        for items in alternatives:
            for name, is_optional in items:
                choices += bool(name or is_optional)
                if not (is_optional or name in empty):
                    break
    return choices


def too_deep(uses: Mapping[str, Sequence[str]]) -> str | None:
    """The rule that ends a chain of more than ``MAX_CHAIN``, on a walk from ``root``; ``None`` if none does.

    ``uses`` has the rules that each one names. Native code follows them along such a walk, on its stack.
    """
    seen = {"root"}
    way = [("root", iter(uses["root"]))]
    while way:
        name, following = way[-1]
        used = next(following, None)
        if used is None:
            way.pop()
        elif used not in seen:
            if len(way) >= MAX_CHAIN:
                return name
            seen.add(used)
            way.append((used, iter(uses[used])))
    return None


def _may_be_empty(rules: Mapping[str, Alternatives]) -> set[str]:
    """The rules and groups that the empty text follows."""
    return _reached(
        {
            name: [
                [item.name for item in items if not item.is_optional]
                for items in alternatives
                if all(item.name or item.is_optional for item in items)
            ]
            for name, alternatives in rules.items()
        }
    )


def _reached(needs: Mapping[str, Sequence[Sequence[str]]]) -> set[str]:
    """The names of which an alternative has all that it needs, in as many steps as that takes."""
    unmet: dict[tuple[str, int], int] = {}
    users: dict[str, list[tuple[str, int]]] = {}
    ready: list[str] = []
    for name, alternatives in needs.items():
        for at, alternative in enumerate(alternatives):
            unmet[name, at] = len(set(alternative))
            for need in set(alternative):
                users.setdefault(need, []).append((name, at))
            if not alternative:
                ready.append(name)
    reached: set[str] = set()
    while ready:
        found = ready.pop()
        if found in reached:
            continue
        reached.add(found)
        for user in users.get(found, ()):
            unmet[user] -= 1
            if not unmet[user]:
                ready.append(user[0])
    return reached
