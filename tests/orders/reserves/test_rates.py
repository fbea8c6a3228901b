"""What a cooperative sets aside: proposed by one, approved by another, read by day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from orders.reserves.commands import (
    DayIsPast,
    DayIsTaken,
    RateOutOfRange,
    approve_rate,
    propose_rate,
    refuse_rate,
)
from orders.reserves.models import ReserveRate
from orders.reserves.queries import rates_on
from shop.core import db
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, WrongState
from tests.world import DAY


def proposed(world, **changes):
    return propose_rate(
        **{
            "cooperative_id": world.organisation("TH"),
            "from_day": DAY,
            "bp": 500,
            "reason": "退货较多",
            "actor": world.operator,
            "now": world.now,
            **changes,
        }
    )


def rates(world, day):
    keys = [world.organisation_key("TH"), world.organisation_key("YL")]
    with db.database().reading() as tx:
        found = rates_on(tx, keys, day)
    return [found[key] for key in keys]


def test_a_rate_counts_from_its_day_on_once_a_second_person_approved_it(world):
    first = proposed(world)
    later = proposed(world, from_day=DAY + timedelta(days=10), bp=0)
    assert rates(world, DAY) == [0, 0]
    approve_rate(rate_id=first, actor=world.treasurer, now=world.now)
    approve_rate(rate_id=later, actor=world.treasurer, now=world.now)

    assert rates(world, DAY - timedelta(days=1)) == [0, 0]
    assert rates(world, DAY + timedelta(days=9)) == [500, 0]
    assert rates(world, DAY + timedelta(days=10)) == [0, 0]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"bp": 10_001}, RateOutOfRange),
        ({"bp": -1}, RateOutOfRange),
        ({"reason": " "}, ReasonMissing),
        ({"from_day": DAY - timedelta(days=1)}, DayIsPast),
        ({"cooperative_id": "org_none"}, NotFound),
    ],
)
def test_a_rate_that_makes_no_sense_is_not_proposed(world, changes, refusal):
    with pytest.raises(refusal):
        proposed(world, **changes)

    assert count() == 0


def test_only_the_platform_proposes_and_only_its_treasurer_decides_once(world):
    with pytest.raises(NotAllowed):
        proposed(world, actor=world.treasurer)
    with pytest.raises(NotAllowed):
        proposed(world, actor=world.manager)
    rate = proposed(world)
    with pytest.raises(DayIsTaken):
        proposed(world, bp=100)
    with pytest.raises(NotAllowed):
        approve_rate(rate_id=rate, actor=world.operator, now=world.now)
    with pytest.raises(DayIsPast):
        approve_rate(rate_id=rate, actor=world.treasurer, now=world.now + timedelta(days=1))
    with pytest.raises(ReasonMissing):
        refuse_rate(rate_id=rate, reason="", actor=world.treasurer, now=world.now)
    refuse_rate(rate_id=rate, reason="太高", actor=world.treasurer, now=world.now)
    with pytest.raises(WrongState):
        approve_rate(rate_id=rate, actor=world.treasurer, now=world.now)

    assert rates(world, DAY) == [0, 0]
    assert proposed(world, bp=100) != rate


def count():
    with db.database().reading() as tx:
        return tx.execute(select(func.count(ReserveRate.id))).scalar_one()


def test_the_pages_are_for_the_platform_and_for_the_cooperative_itself(world, client):
    rate = proposed(world)

    for who, path, status in (
        ("operator", "/reserves/", 200),
        ("auditor", f"/reserves/{rate}", 200),
        ("treasurer", f"/reserves/{rate}", 200),
        ("manager", "/reserves/mine", 200),
        ("manager", "/reserves/", 403),
        ("clerk", "/reserves/mine", 403),
    ):
        assert client.as_(world.person(who)).get(path).status_code == status, (who, path)
    page = client.as_(world.treasurer).post(f"/reserves/{rate}/approval", data={"once": "a"})
    assert page.status_code == 303
    assert rates(world, DAY) == [500, 0]
