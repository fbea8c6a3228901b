"""What happens to goods after they are sold is written down as facts of the trade."""

from __future__ import annotations

import json

from sqlalchemy import select

from orders.shipments.returning import return_goods
from shop.core import db
from shop.core.events import Event, digest_of
from tests.house.story import told


def facts(*kinds):
    with db.database().reading() as tx:
        rows = tx.execute(select(Event).where(Event.kind.in_(kinds)).order_by(Event.id)).scalars()
        return [(row.kind, json.loads(row.facts)["facts"]) for row in rows]


def test_goods_are_followed_from_the_store_to_the_buyer_and_back(world):
    lot = world.tins(20)
    purchase = world.approved(12)
    world.paid(purchase)
    acceptance = world.accepted(purchase, short=2, damaged=1)
    return_goods(
        acceptance_id=acceptance,
        lines=((world.accepted_lines(acceptance)[0], 4),),
        reason="罐口变形",
        actor=world.clerk,
        now=world.now,
    )

    found = facts("shipping", "receiving", "accepting", "returning")

    moved = [(kind, row["lots"][0]["units"]) for kind, row in found]
    assert moved[0] == ("shipping", 12)
    assert moved[-2:] == [
        ("accepting", 9),
        ("returning", 4),
    ]
    assert {row["lots"][0]["thing"] for _kind, row in found} == {lot}
    assert {row["to"] for _kind, row in found} == {world.organisation("GH")}


def test_a_person_who_buys_is_only_a_person(world):
    world.tins(20)
    purchase = world.retail(3)
    world.paid(purchase)
    world.shipped(purchase)

    ((_kind, row),) = facts("shipping")

    assert row["to"] == "person"
    assert "周杰" not in json.dumps(row, ensure_ascii=False)


def test_no_event_of_a_whole_story_names_a_person_and_every_digest_is_right(template_database):
    with told(template_database) as story:
        opened = db.Database(story.url)
        with opened.reading() as tx:
            rows = tx.execute(select(Event)).scalars().all()
        opened.close()

    kinds = {row.kind for row in rows}
    assert {"delivery", "processed", "blend", "packed", "loss", "shipping", "accepting"} <= kinds
    for row in rows:
        assert row.digest == digest_of(row.salt, row.facts)
        for name in ("张桂兰", "李长根", "黄水生", "王梅", "孙浩", "刘青山"):
            assert name not in row.facts
