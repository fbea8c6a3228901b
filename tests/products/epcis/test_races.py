"""Eight at once: the same document is kept once, the same fact told once."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from products.epcis import intake
from products.epcis.commands import _kept, capture, project_all
from products.epcis.keeping import Owner, keep
from products.epcis.models import EpcisCapture, EpcisEvent, EpcisName
from shop.core import db
from shop.core.actors import CLOCK
from tests.products.epcis.documents import EVENTS, document
from tests.products.epcis.partners import STORY, URL, happened

THREADS = 8


def at_once(act: Callable[[], object]) -> list[BaseException | None]:
    """Let eight threads act together; what each ended with."""
    ends: list[BaseException | None] = [None] * THREADS
    barrier = threading.Barrier(THREADS)

    def run(place: int) -> None:
        barrier.wait()
        try:
            act()
        except BaseException as error:
            ends[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def rows(model) -> int:
    with db.database().reading() as tx:
        return tx.execute(select(func.count()).select_from(model)).scalar_one()


def taken() -> intake.Intake:
    return intake.document(json.dumps(document(*EVENTS.values())).encode())


@pytest.mark.race
def test_the_same_document_captured_eight_times_at_once_is_kept_once(world):
    one, organisation = taken(), world.organisation_key("TH")

    ends = at_once(
        lambda: capture(intake=one, organisation_id=organisation, actor=CLOCK, now=world.now)
    )

    assert ends == [None] * THREADS
    assert rows(EpcisCapture) == THREADS
    assert rows(EpcisEvent) == len(EVENTS)


@pytest.mark.race
def test_the_control_that_looks_and_writes_apart_runs_into_the_unique_index(world):
    one, organisation = taken(), world.organisation_key("TH")
    have_looked = threading.Barrier(THREADS)

    def careless() -> None:
        with db.database().reading() as tx:
            kept = _kept(tx, organisation, one.events)
        have_looked.wait()
        assert kept == {}
        with db.database().writing() as tx:
            row = EpcisCapture(
                organisation_id=organisation, actor_key="x", at=world.now, events=1, new_events=1
            )
            tx.add(row)
            tx.flush()
            owner = Owner(organisation, capture_id=row.id)
            keep(tx, [(event, owner) for event in one.events], world.now)

    ends = at_once(careless)

    assert [type(end) for end in ends if end] == [IntegrityError] * (THREADS - 1)
    assert rows(EpcisEvent) == len(EVENTS)


@pytest.mark.race
def test_facts_told_by_eight_at_once_are_told_once(world):
    happened(world)

    ends = at_once(lambda: project_all(URL, world.now))

    assert ends == [None] * THREADS
    assert rows(EpcisEvent) == len(STORY)
    with db.database().reading() as tx:
        named = tx.execute(select(func.count(EpcisName.event_id.distinct()))).scalar_one()
    assert named == len(STORY)
