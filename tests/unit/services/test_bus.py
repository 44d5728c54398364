"""Who is told of changes, and that nobody keeps it from the others."""

import logging

import pytest

from desktop.domain.changes import Change, Kind
from desktop.services.bus import ChangeBus


def test_everybody_is_told_what_changed_and_who_did_it() -> None:
    bus = ChangeBus()
    first: list[Change] = []
    second: list[Change] = []
    bus.subscribe(first.append)
    bus.subscribe(second.append)
    view = object()

    bus.publish(Kind.MESSAGES, "a", "b", actor=view)

    assert first == second == [Change(Kind.MESSAGES, frozenset({"a", "b"}), view)]


def test_nobody_is_told_after_leaving() -> None:
    bus = ChangeBus()
    told: list[Change] = []
    leave = bus.subscribe(told.append)
    leave()
    leave()

    bus.publish(Kind.MODEL)

    assert told == []


def test_a_view_that_fails_does_not_keep_the_others_in_the_dark(caplog: pytest.LogCaptureFixture) -> None:
    bus = ChangeBus()
    told: list[Change] = []

    def broken(_change: Change) -> None:
        raise RuntimeError("broken view")

    bus.subscribe(broken)
    bus.subscribe(told.append)

    bus.publish(Kind.MODEL)
    bus.publish(Kind.SETTINGS)

    assert [change.kind for change in told] == [Kind.MODEL, Kind.SETTINGS]
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    assert "broken view" in caplog.text


def test_a_view_that_another_one_closes_is_not_told_any_more() -> None:
    bus = ChangeBus()
    told: list[Change] = []
    bus.subscribe(lambda _change: leave())
    leave = bus.subscribe(told.append)

    bus.publish(Kind.MESSAGES)

    assert told == []


def test_what_is_published_while_it_is_told_reaches_everybody() -> None:
    bus = ChangeBus()
    told: list[Kind] = []
    bus.subscribe(lambda change: bus.publish(Kind.ANSWER) if change.kind is Kind.MODEL else None)
    bus.subscribe(lambda change: told.append(change.kind))

    bus.publish(Kind.MODEL)

    assert sorted(told, key=lambda kind: kind.value) == [Kind.ANSWER, Kind.MODEL]
