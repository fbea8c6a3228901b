"""Commands: all or nothing, repeated when the database asks for it, and clicked twice done once."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from shop.core import audit, db
from shop.core.actors import CLOCK, Actor
from shop.core.commands import TRIES, OnceKey, command
from shop.core.errors import KeyReused, Refusal
from shop.core.numbering import next_number
from tests.databases import KIND
from tests.world import NOW

OTHER = Actor(key="user_other", name="另一人")


@dataclass
class Stage:
    """What the tests' commands meet: who waits for whom, and what fails."""

    runs: int = 0
    entered: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    waits: bool = False
    failures: list[Exception] = field(default_factory=list)


stage = Stage()


@pytest.fixture(autouse=True)
def fresh_stage(database) -> None:
    global stage
    stage = Stage()


class NotToday(Refusal):
    """The tests' own refusal."""

    code = "not_today"


@command
def write_down(tx: Session, *, words: str, actor: Actor, now: datetime) -> str:
    """Write a line; then wait or fail as the stage says."""
    stage.runs += 1
    audit.record(tx, actor=actor, now=now, kind="test", thing=words, action="write")
    tx.flush()
    number = next_number(tx, "T", now)
    stage.entered.set()
    if stage.waits:
        assert stage.go_on.wait(20)
    if stage.failures:
        raise stage.failures.pop(0)
    return number


@command
def say_nothing(tx: Session, *, actor: Actor, now: datetime) -> None:
    """Answer with nothing."""
    stage.runs += 1


def written(words: str = "一行") -> int:
    with db.database().reading() as tx:
        return tx.execute(
            select(func.count())
            .select_from(audit.AuditEntry)
            .where(audit.AuditEntry.thing == words)
        ).scalar_one()


def keys() -> int:
    with db.database().reading() as tx:
        return tx.execute(select(func.count()).select_from(OnceKey)).scalar_one()


def act(key: str | None = None, words: str = "一行", actor: Actor = CLOCK, now=NOW) -> str:
    return write_down.once(key)(words=words, actor=actor, now=now)


class Trouble(Exception):
    """What a driver raises; `sqlstate` as PostgreSQL's has it."""

    def __init__(self, words: str, sqlstate: str | None = None) -> None:
        super().__init__(words)
        self.sqlstate = sqlstate


def trouble(words: str, sqlstate: str | None = None) -> OperationalError:
    return OperationalError("SELECT 1", {}, Trouble(words, sqlstate))


# --- all or nothing ---------------------------------------------------------------------------


def test_a_command_that_ends_well_is_kept_whole():
    assert act() == "T-2026-00001"
    assert written() == 1


@pytest.mark.parametrize("failure", [NotToday(), RuntimeError("surprise")])
def test_a_command_that_fails_late_has_written_nothing(failure):
    stage.failures = [failure]

    with pytest.raises(type(failure)):
        act("key")

    assert written() == keys() == 0
    assert stage.runs == 1
    assert act() == "T-2026-00001"


# --- repeated when it is nobody's fault -------------------------------------------------------


@pytest.mark.parametrize(
    "failure",
    [
        trouble("deadlock detected", "40P01"),
        trouble("could not serialize access", "40001"),
        trouble("lock not available", "55P03"),
        trouble("database is locked"),
    ],
    ids=str,
)
def test_what_passes_is_tried_again_and_written_once(failure):
    stage.failures = [failure]

    assert act("key") == "T-2026-00001"
    assert stage.runs == 2
    assert written() == keys() == 1


def test_after_so_many_tries_it_gives_up():
    stage.failures = [trouble("database is locked") for _ in range(TRIES)]

    with pytest.raises(OperationalError):
        act()

    assert stage.runs == TRIES
    assert written() == 0


def test_other_trouble_is_not_tried_again():
    stage.failures = [trouble("disk I/O error")]

    with pytest.raises(OperationalError):
        act()

    assert stage.runs == 1


@pytest.mark.race
@pytest.mark.skipif(KIND != "postgres", reason="SQLite has one writer and so no deadlocks")
def test_two_who_lock_each_others_rows_both_end_well():
    for series in ("A", "B"):
        with db.database().writing() as tx:
            next_number(tx, series, NOW)
    both_hold_one = threading.Barrier(2)
    numbers: list[tuple[str, str]] = []

    @command
    def two_numbers(tx: Session, *, series: str, actor: Actor, now: datetime) -> tuple[str, str]:
        first = next_number(tx, series[0], now)
        if not both_hold_one.broken:
            with suppress(threading.BrokenBarrierError):
                both_hold_one.wait(5)
            both_hold_one.abort()
        return first, next_number(tx, series[1], now)

    together(
        lambda: numbers.append(two_numbers(series="AB", actor=CLOCK, now=NOW)),
        lambda: numbers.append(two_numbers(series="BA", actor=CLOCK, now=NOW)),
    )

    assert sorted(number for pair in numbers for number in pair) == [
        "A-2026-00002",
        "A-2026-00003",
        "B-2026-00002",
        "B-2026-00003",
    ]


# --- clicked twice ----------------------------------------------------------------------------


def test_the_second_click_gets_the_first_answer():
    assert act("key") == act("key", now=NOW + timedelta(minutes=5)) == "T-2026-00001"
    assert stage.runs == written() == 1


def test_an_answer_of_nothing_is_remembered_too():
    assert say_nothing.once("key")(actor=CLOCK, now=NOW) is None
    assert say_nothing.once("key")(actor=CLOCK, now=NOW) is None
    assert stage.runs == 1


def test_the_same_key_with_other_content_is_refused():
    act("key")

    with pytest.raises(KeyReused):
        act("key", words="另一行")

    assert written("另一行") == 0


def test_the_same_key_for_another_command_is_refused():
    act("key")

    with pytest.raises(KeyReused):
        say_nothing.once("key")(actor=CLOCK, now=NOW)

    assert stage.runs == 1


def test_the_key_of_somebody_else_is_another_key():
    assert act("key") != act("key", actor=OTHER)
    assert written() == 2


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key_every_click_counts(key):
    act(key)
    act(key)

    assert written() == 2
    assert keys() == 0


def test_a_refusal_is_not_remembered():
    stage.failures = [NotToday()]
    with pytest.raises(NotToday):
        act("key")

    assert act("key") == "T-2026-00001"


@pytest.mark.race
def test_a_second_click_while_the_first_is_on_its_way_waits_and_gets_its_answer():
    first, second = clicked_while_waiting()

    assert first == second == ["T-2026-00001"]
    assert stage.runs == written() == keys() == 1


@pytest.mark.race
def test_a_second_click_acts_itself_when_the_first_comes_to_nothing():
    stage.failures = [NotToday()]

    first, second = clicked_while_waiting()

    assert first == ["NotToday"]
    assert second == ["T-2026-00001"]
    assert written() == keys() == 1


@pytest.mark.race
def test_a_second_click_with_other_content_is_refused_once_the_first_is_through():
    first, second = clicked_while_waiting(other="另一行")

    assert (first, second) == (["T-2026-00001"], ["KeyReused"])
    assert written("另一行") == 0


@pytest.mark.race
def test_of_many_clicks_at_once_one_acts():
    answers: list[str] = []

    together(*[lambda: answers.append(act("key")) for _ in range(6)])

    assert answers == ["T-2026-00001"] * 6
    assert stage.runs == written() == 1


def clicked_while_waiting(other: str = "一行") -> tuple[list[str], list[str]]:
    """Click, click again while the first waits inside its transaction, and let it go on."""
    stage.waits = True
    answers: tuple[list[str], list[str]] = ([], [])

    def click(place: int, words: str) -> None:
        try:
            answers[place].append(act("key", words=words))
        except Refusal as refusal:
            answers[place].append(type(refusal).__name__)

    first = threading.Thread(target=click, args=(0, "一行"))
    second = threading.Thread(target=click, args=(1, other))
    first.start()
    assert stage.entered.wait(20)
    second.start()
    second.join(0.2)
    assert second.is_alive()
    assert stage.runs == 1
    stage.go_on.set()
    first.join(20)
    second.join(20)
    return answers


def together(*acts) -> None:
    """Do all at the same moment and wait for them."""
    start = threading.Barrier(len(acts))

    def run(one) -> None:
        start.wait()
        one()

    threads = [threading.Thread(target=run, args=(one,)) for one in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
