"""Every fact of the trade in the words of EPCIS 2.0."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from products.epcis import json_text
from products.epcis.answers import document_of
from products.epcis.hashing import STANDARD_CONTEXT
from products.epcis.mapping import KINDS, Fact, Names, mapped
from products.epcis.rules import STEPS
from products.epcis.validation import faults
from tests.products.epcis.partners import HOUSEHOLD, STORY, URL
from tests.products.epcis.test_validation import OFFICIAL, needs_official

AT = datetime(2026, 4, 8, 1, 30, tzinfo=UTC)
NAMES = Names(URL, {"lot_tin": "09521234567899"}, {"TH-9": "lot_tin"})
TIN = f"{URL}/01/09521234567899/10/TH-9"
LEAF, ROUGH = f"{URL}/id/lot/lot_leaf", f"{URL}/id/lot/lot_rough"


def facts() -> list[Fact]:
    return [
        Fact(f"event_{n}", kind, thing, AT + timedelta(minutes=n), "TH", told)
        for n, (kind, thing, told) in enumerate(STORY)
    ]


def fact(kind: str) -> Fact:
    return next(one for one in facts() if one.kind == kind)


def event(kind: str) -> dict[str, Any]:
    """The event of one kind of fact, as it would be read back from its JSON."""
    original = facts()[1] if kind == "void" else None
    told = mapped(fact(kind), NAMES, original)
    assert told is not None
    return json.loads(json_text.write(told.event))


def whole() -> dict[str, Any]:
    events = [{"@context": [STANDARD_CONTEXT, *NAMES.context], **event(kind)} for kind in KINDS]
    return json.loads(document_of([json_text.write(one) for one in events], AT))


def test_the_story_tells_every_kind_there_is():
    assert {kind for kind, _thing, _facts in STORY} == set(KINDS)


def test_every_kind_is_valid_by_our_rules():
    assert faults(whole()) == []


@needs_official
def test_every_kind_is_valid_by_the_official_schema():
    schema = json.loads(Path(OFFICIAL).read_text("utf-8"))
    judge = Draft7Validator(schema, format_checker=Draft7Validator.FORMAT_CHECKER)

    assert [error.message for error in judge.iter_errors(whole())] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_event_is_one_a_page_can_name_and_is_about_a_lot(kind):
    told = mapped(fact(kind), NAMES, facts()[1] if kind == "void" else None)

    assert told is not None
    assert told.event["bizStep"] in STEPS
    assert told.lots
    assert told.event["eventTimeZoneOffset"] == "+08:00"


@pytest.mark.parametrize(
    ("kind", "type_", "action", "step", "disposition"),
    [
        ("delivery", "ObjectEvent", "ADD", "commissioning", "active"),
        ("void", "ObjectEvent", "ADD", "commissioning", "active"),
        ("correct_shares", "ObjectEvent", "OBSERVE", "other", "active"),
        ("processed", "TransformationEvent", None, "commissioning", "active"),
        ("blend", "TransformationEvent", None, "commissioning", "active"),
        ("part", "TransformationEvent", None, "commissioning", "active"),
        ("byproduct", "TransformationEvent", None, "commissioning", "active"),
        ("packed", "TransformationEvent", None, "commissioning", "active"),
        ("loss", "ObjectEvent", "DELETE", "decommissioning", "inactive"),
        ("test", "ObjectEvent", "OBSERVE", "inspecting", "conformant"),
        ("certificate", "ObjectEvent", "OBSERVE", "inspecting", "conformant"),
        ("labelled", "AggregationEvent", "ADD", "packing", None),
        ("boxing", "AggregationEvent", "ADD", "packing", "container_closed"),
        ("freeze", "ObjectEvent", "OBSERVE", "holding", "non_sellable_other"),
        ("lift", "ObjectEvent", "OBSERVE", "storing", "sellable_not_accessible"),
        ("shipping", "ObjectEvent", "OBSERVE", "shipping", "in_transit"),
        ("receiving", "ObjectEvent", "OBSERVE", "receiving", "in_progress"),
        ("accepting", "ObjectEvent", "OBSERVE", "accepting", "in_progress"),
        ("returning", "ObjectEvent", "OBSERVE", "shipping", "returned"),
        ("recall", "ObjectEvent", "OBSERVE", "holding", "recalled"),
        ("destroying", "ObjectEvent", "DELETE", "destroying", "destroyed"),
    ],
)
def test_each_kind_has_its_words_in_the_standard(kind, type_, action, step, disposition):
    told = event(kind)

    assert (told["type"], told.get("action")) == (type_, action)
    assert (told["bizStep"], told.get("disposition")) == (step, disposition)


def test_a_delivery_brings_a_class_into_the_world_with_all_that_is_known_of_it():
    told = event("delivery")

    assert told["quantityList"] == [{"epcClass": LEAF, "quantity": 20.0, "uom": "KGM"}]
    assert told["eventTime"] == "2026-04-08T01:30:00.000Z"
    assert told["eventID"] == f"{URL}/id/event/event_0"
    assert told["readPoint"] == {"id": f"{URL}/id/place/village_1"}
    assert told["bizLocation"] == {"id": f"{URL}/id/place/TH"}
    assert told["certificationInfo"] == [f"{URL}/id/certificate/CN-0"]
    assert told["ilmd"] == {
        "shanhuo:lot": "TH-1",
        "shanhuo:goods": "鲜叶",
        "shanhuo:category": "tea",
        "shanhuo:grade": "一芽一叶",
        "shanhuo:harvestDate": "2026-04-08",
        "shanhuo:certificate": "CN-0",
        "shanhuo:household": HOUSEHOLD,
        "shanhuo:plot": "plot_1",
    }


def test_grams_become_kilograms_without_losing_one():
    text = json_text.write(mapped(fact("loss"), NAMES).event)

    assert '"quantity":0.300' in text


def test_packing_turns_kilograms_into_units_under_their_gtin():
    told = event("packed")

    assert told["inputQuantityList"] == [{"epcClass": LEAF, "quantity": 20.0, "uom": "KGM"}]
    assert told["outputQuantityList"] == [{"epcClass": TIN, "quantity": 40}]
    assert told["ilmd"]["shanhuo:bestBefore"] == "2027-10-01"


@pytest.mark.parametrize(
    "kind", ["test", "certificate", "labelled", "freeze", "lift", "shipping", "recall"]
)
def test_a_lot_has_one_name_in_all_its_events(kind):
    told = mapped(fact(kind), NAMES)

    assert told.lots == (TIN,)
    assert TIN in json_text.write(told.event)


def test_a_voided_delivery_is_told_again_with_an_error_declaration():
    first, again = mapped(facts()[1], NAMES).event, event("void")

    declared = again.pop("errorDeclaration")

    assert again == json.loads(json_text.write(first))
    assert declared == {
        "declarationTime": "2026-04-08T01:32:00.000Z",
        "reason": "did_not_occur",
    }


def test_a_void_whose_delivery_is_not_known_takes_the_grams_away():
    told = mapped(fact("void"), NAMES).event

    assert (told["action"], told["bizStep"]) == ("DELETE", "decommissioning")


def test_goods_that_are_returned_go_the_other_way():
    there, back = event("shipping"), event("returning")

    assert there["sourceList"][0]["source"] == f"{URL}/id/place/TH"
    assert there["destinationList"][0]["destination"] == f"{URL}/id/party/org_buyer"
    assert back["sourceList"][0]["source"] == f"{URL}/id/party/person"
    assert back["destinationList"][0]["destination"] == f"{URL}/id/place/TH"


def test_a_recall_holds_a_lot_as_recalled_and_lifting_takes_that_back():
    held = mapped(
        Fact("event_x", "freeze", "lot_tin", AT, "TH", {"lot": "TH-9", "cause": "recall"}), NAMES
    ).event

    assert held["persistentDisposition"] == {"set": ["recalled"]}
    assert event("lift")["persistentDisposition"] == {"unset": ["non_sellable_other"]}


def test_what_was_destroyed_is_counted_in_units_or_weighed():
    assert event("destroying")["quantityList"] == [
        {"epcClass": TIN, "quantity": 3},
        {"epcClass": ROUGH, "quantity": 0.5, "uom": "KGM"},
    ]


def test_a_box_holds_the_units_by_the_digests_of_their_codes():
    told = event("boxing")

    assert told["parentID"] == f"{URL}/id/box/{'cd' * 32}"
    assert told["childEPCs"] == [f"{URL}/id/unit/{'01' * 32}", f"{URL}/id/unit/{'02' * 32}"]


def test_names_with_odd_letters_are_still_uris():
    assert event("test")["bizTransactionList"] == [
        {"type": "testres", "bizTransaction": f"{URL}/id/test/R%2F7"}
    ]


def test_other_kinds_of_facts_are_none_of_the_standard():
    assert mapped(Fact("event_x", "settlement", "run_1", AT, "TH", {}), NAMES) is None


def test_facts_that_say_more_than_was_agreed_are_told_all_the_same():
    one = fact("delivery")
    more = Fact(one.id, one.kind, one.thing, one.at, "TH", {**one.facts, "moon": "full"})

    assert mapped(more, NAMES) == mapped(one, NAMES)
