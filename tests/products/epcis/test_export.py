"""Every step of a lot and of all behind it, as one document."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from products.epcis.validation import faults
from products.lots.dividing import lose
from products.lots.models import Lot
from shop.core import db, events
from tests.pages import faults as page_faults
from tests.products.epcis.partners import Program, happened, key_for
from tests.world import World


@pytest.fixture
def tins(world: World) -> str:
    """A packed lot of two households, some of it sold; another household's tea beside it."""
    leaf = [(world.delivery(name, 20, "120"), 20_000) for name in ("张桂兰", "李长根")]
    rough = world.rough(leaf, 10)
    packed = world.packed([(rough, 10_000)], 40)
    beside = world.rough([(world.delivery("黄水生", 10, "90"), 10_000)], 5)
    lose(lot_id=beside, grams=100, reason="受潮", actor=world.manager, now=world.now)
    purchase = world.approved(4)
    world.paid(purchase)
    world.accepted(purchase)
    with db.database().writing() as tx:
        events.emit(
            tx,
            kind="boxing",
            thing="box_1",
            at=world.now,
            now=world.now + timedelta(hours=9),
            organisation_id=world.organisation_key("TH"),
            lot=number_of(packed),
            box="ab" * 32,
            units=["01" * 32],
        )
    return packed


def number_of(lot: str) -> str:
    with db.database().reading() as tx:
        return tx.execute(select(Lot.number).where(Lot.public_id == lot)).scalar_one()


def told(document: str) -> list[str]:
    found = json.loads(document)["epcisBody"]["eventList"]
    return [event["bizStep"] for event in found]


def test_a_program_gets_every_step_of_the_lot_and_of_what_is_behind_it(client, world, tins):
    program = Program(client, key_for(world, "manager", "TH"))

    answer = program.get(f"/export?lot={tins}")
    by_number = program.get(f"/export?lot={number_of(tins)}")

    assert faults(json.loads(answer.text)) == []
    assert sorted(told(answer.text)) == sorted(
        ["commissioning"] * 4 + ["inspecting", "packing", "shipping", "accepting"]
    )
    assert told(by_number.text) == told(answer.text)


def test_neither_names_nor_public_ids_of_households_are_told(client, world, tins):
    text = Program(client, key_for(world, "manager", "TH")).get(f"/export?lot={tins}").text

    for name in ("张桂兰", "李长根", "黄水生"):
        assert name not in text
        assert world.household(name) not in text
    assert events.pseudonym(world.household("张桂兰")) in text
    assert events.pseudonym(world.household("黄水生")) not in text


def test_what_is_exported_can_be_captured_elsewhere_and_is_known_at_home(client, world, tins):
    home = Program(client, key_for(world, "manager", "TH"))
    other = Program(client, key_for(world, "other_manager", "YL"))
    text = home.get(f"/export?lot={tins}").text.encode()
    before = len(home.events(perPage="100"))

    assert other.capture(text).status_code == 202
    assert home.capture(text).status_code == 202

    assert len(other.events(perPage="100")) == len(told(text.decode()))
    assert len(home.events(perPage="100")) == before


def test_a_lot_of_others_or_none_is_not_found(client, world, tins):
    other = Program(client, key_for(world, "other_manager", "YL"))

    assert other.get(f"/export?lot={tins}").status_code == 404
    assert other.get("/export?lot=lot_none").status_code == 404
    assert other.get("/export").status_code == 400


def test_the_platform_may_export_every_lot(client, world, tins):
    answer = Program(client, key_for(world, "operator", "PT")).get(f"/export?lot={tins}")

    assert answer.status_code == 200


def test_people_find_the_export_from_the_page_of_the_lot(client, world, tins):
    browser = client.as_(world.manager)
    address = f"/cooperative/lots/{tins}/epcis"

    assert f'href="{address}"' in browser.get(f"/cooperative/lots/{tins}").text
    page = browser.get(address)
    file = browser.get(f"{address}.jsonld")

    assert page_faults(page.text, keys=False) == []
    assert f'href="{address}.jsonld"' in page.text
    assert file.headers["Content-Disposition"] == (
        f'attachment; filename="epcis-{number_of(tins)}.jsonld"'
    )
    assert faults(json.loads(file.text)) == []


@pytest.mark.parametrize(
    ("who", "status"),
    [("manager", 200), ("weigher", 200), ("operator", 200), ("other_manager", 404),
     ("clerk", 403), ("auditor", 403)],
)  # fmt: skip
def test_who_may_see_the_export(client, world, tins, who, status):
    browser = client.as_(world.person(who))

    for address in ("epcis", "epcis.jsonld"):
        assert browser.get(f"/cooperative/lots/{tins}/{address}").status_code == status


def test_facts_of_all_the_trade_as_it_is_written_today_can_be_told(client, world, tins):
    """Whatever the other parts write down now is mapped and valid."""
    happened(world)
    program = Program(client, key_for(world, "operator", "PT"))

    whole = json.loads(program.get("/events?perPage=500").text)

    assert faults(whole) == []
    assert len(whole["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) > 30
