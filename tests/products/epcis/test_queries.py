"""Querying: each filter, page by page, whose events, and valid answers."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from jsonschema import Draft7Validator

from products.epcis.commands import project_all
from products.epcis.mapping import KINDS
from products.epcis.validation import faults
from shop.core import db
from tests.pages import counted
from tests.products.epcis.documents import (
    AGGREGATION,
    EVENTS,
    OBJECT,
    TRANSFORMATION,
    document,
)
from tests.products.epcis.partners import STORY, URL, Program, events_in, happened, key_for
from tests.products.epcis.test_validation import OFFICIAL, needs_official

TIN = f"{URL}/01/09521234567899/10/TH-9"
LEAF = f"{URL}/id/lot/lot_leaf"


@pytest.fixture
def program(client, world) -> Program:
    return Program(client, key_for(world, "manager", "TH"))


@pytest.fixture
def told(program, world) -> Program:
    """The program of a cooperative whose whole story happened."""
    happened(world)
    return program


def test_every_fact_is_told_once(told, world):
    first = project_all(URL, world.now)
    again = project_all(URL, world.now, thorough=True)

    assert (first, again) == (len(STORY), 0)
    assert len(told.events(perPage="100")) == len(STORY)
    assert len(KINDS) <= len(STORY)


def test_a_query_tells_the_facts_that_nobody_told_yet(told):
    assert len(told.events(perPage="100")) == len(STORY)


def test_a_fact_committed_after_a_later_one_is_told_too(told, world):
    told.events()

    happened(world, STORY[:1])

    assert len(told.events(perPage="100")) == len(STORY) + 1


@needs_official
def test_every_answer_is_valid(told):
    judge = Draft7Validator(
        json.loads(Path(OFFICIAL).read_text("utf-8")),
        format_checker=Draft7Validator.FORMAT_CHECKER,
    )
    told.capture(document(*EVENTS.values()))

    whole = json.loads(told.get("/events?perPage=100").text)
    one = json.loads(told.get("/events/" + quote(OBJECT["eventID"], safe="")).text)

    assert len(whole["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) > len(STORY)
    for answer in (whole, one):
        assert [error.message for error in judge.iter_errors(answer)] == []
        assert faults(answer) == []


def steps(program: Program, **parameters: str) -> set[str]:
    return {event["bizStep"] for event in program.events(**{"perPage": "100", **parameters})}


@pytest.mark.parametrize(
    ("parameters", "count"),
    [
        ({"eventType": "AggregationEvent"}, 2),
        ({"eventType": "AggregationEvent,TransformationEvent"}, 7),
        ({"EQ_bizStep": "shipping"}, 2),
        ({"EQ_bizStep": "urn:epcglobal:cbv:bizstep:shipping"}, 2),
        ({"EQ_bizStep": "https://ref.gs1.org/cbv/BizStep-shipping,receiving"}, 3),
        ({"EQ_disposition": "recalled"}, 1),
        ({"EQ_action": "DELETE"}, 2),
        ({"EQ_bizLocation": f"{URL}/id/place/TH"}, 20),
        ({"EQ_readPoint": f"{URL}/id/place/village_1"}, 3),
        ({"EQ_eventID": "urn:nobody"}, 0),
        ({"MATCH_epc": f"{URL}/id/unit/{'01' * 32}"}, 1),
        ({"MATCH_anyEPC": f"{URL}/id/box/{'cd' * 32}"}, 1),
        ({"MATCH_parentID": f"{URL}/id/box/{'cd' * 32}"}, 1),
        ({"MATCH_epc": f"{URL}/id/box/{'cd' * 32}"}, 0),
        ({"MATCH_epcClass": LEAF}, 2),
        ({"MATCH_inputEPCClass": LEAF}, 5),
        ({"MATCH_outputEPCClass": TIN}, 1),
        ({"MATCH_anyEPCClass": LEAF}, 7),
        ({"MATCH_anyEPCClass": f"{LEAF},{TIN}"}, 17),
        ({"MATCH_anyEPC": LEAF}, 0),
        ({"MATCH_inputEPCClass": LEAF, "MATCH_outputEPCClass": TIN}, 1),
        ({"GE_eventTime": "2026-04-20T10:05:00+08:00"}, 17),
        ({"GE_eventTime": "2026-04-20T10:05:00 08:00"}, 17),
        ({"LT_eventTime": "2026-04-20T02:05:00Z"}, 5),
        ({"GE_eventTime": "2026-04-20T02:05:00Z", "LT_eventTime": "2026-04-20T02:06:00Z"}, 1),
        ({"GE_recordTime": "2000-01-01T00:00:00Z"}, 22),
        ({"LT_recordTime": "2000-01-01T00:00:00Z"}, 0),
        ({"eventCountLimit": "3"}, 3),
        ({"maxEventCount": "22"}, 22),
    ],
)
def test_each_filter_lets_through_what_it_should(told, parameters, count):
    assert len(told.events(**{"perPage": "100", **parameters})) == count


def test_repeated_parameters_are_alternatives_as_well(told):
    answer = told.get("/events?EQ_bizStep=holding&EQ_bizStep=storing&perPage=100")

    assert len(events_in(answer)) == 3


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, "destroying"),
        ({"orderDirection": "ASC"}, "commissioning"),
        ({"orderBy": "recordTime", "orderDirection": "DESC"}, "destroying"),
        ({"orderBy": "eventTime", "orderDirection": "ASC"}, "commissioning"),
    ],
)
def test_events_come_in_the_order_asked_for(told, parameters, expected):
    assert told.events(**parameters)[0]["bizStep"] == expected


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("order", ["eventTime", "recordTime"])
def test_pages_follow_each_other_without_gap_or_repeat(told, direction, order):
    every = told.events(perPage="100", orderBy=order, orderDirection=direction)
    address, found = f"/events?perPage=5&orderBy={order}&orderDirection={direction}", []

    while address:
        answer = told.get(address)
        found += events_in(answer)
        address = answer.headers.get("Link", "").partition("/epcis")[2].split(">")[0]

    assert [event["eventID"] for event in found] == [event["eventID"] for event in every]
    assert len(found) == len(STORY)


def test_a_limit_counts_over_all_pages(told):
    first = told.get("/events?perPage=4&eventCountLimit=6")
    rest = told.get(first.headers["Link"].partition("/epcis")[2].split(">")[0])

    assert (len(events_in(first)), len(events_in(rest))) == (4, 2)
    assert 'rel="next"' in first.headers["Link"]
    assert "Link" not in rest.headers


def test_too_many_are_refused_when_that_was_asked(told):
    answer = told.get("/events?maxEventCount=21")

    assert answer.status_code == 413
    assert json.loads(answer.text)["type"] == "epcisException:QueryTooLargeException"


@pytest.mark.parametrize(
    "query",
    [
        "MATCH_colour=red", "eq_bizStep=shipping", "GE_eventTime=yesterday", "GE_eventTime=",
        "GE_eventTime=2026-04-20T10:05:00", "orderBy=colour", "orderDirection=UP", "perPage=0",
        "perPage=-1", "perPage=501", "perPage=%EF%BC%93", "eventCountLimit=many",
        "eventCountLimit=1&maxEventCount=1", "nextPageToken=x", "nextPageToken=W10",
        "nextPageToken=WyIyMDI2LTA0LTIwVDAyOjA1OjAwWiIsICJ4IiwgMV0", "perPage=1&perPage=2",
    ],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_refused(program, query):
    answer = program.get(f"/events?{query}")

    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert json.loads(answer.text)["type"] == "epcisException:QueryParameterException"


@pytest.mark.parametrize(
    ("address", "count"),
    [
        (f"/epcs/{quote(LEAF, safe='')}/events?perPage=100", 7),
        (f"/epcs/{LEAF}/events?perPage=100", 7),
        (f"/epcs/{quote(URL + '/id/unit/' + '01' * 32, safe='')}/events", 1),
        ("/eventTypes/AggregationEvent/events", 2),
        ("/bizSteps/shipping/events", 2),
        ("/bizSteps/shipping/events?EQ_disposition=returned", 1),
        ("/dispositions/recalled/events", 1),
        (f"/bizLocations/{quote(URL + '/id/place/TH', safe='')}/events?perPage=100", 20),
        (f"/readPoints/{quote(URL + '/id/place/village_1', safe='')}/events", 3),
    ],
)
def test_the_events_of_one_thing_have_an_address(told, address, count):
    assert len(events_in(told.get(address))) == count


def test_the_values_that_occur_are_listed_page_by_page(told):
    types = json.loads(told.get("/eventTypes").text)["member"]
    whole = json.loads(told.get("/bizSteps").text)["member"]
    first = told.get("/bizSteps?perPage=4")
    rest = told.get(first.headers["Link"].partition("/epcis")[2].split(">")[0])

    assert "AssociationEvent" in types
    assert whole == sorted(steps(told))
    assert json.loads(first.text)["member"] + json.loads(rest.text)["member"][:4] == whole[:8]
    assert TIN in json.loads(told.get("/epcs").text)["member"]
    assert json.loads(told.get("/bizSteps/shipping").text)["member"] == ["events"]


def test_one_event_has_an_address(told):
    (wanted,) = told.events(EQ_bizStep="accepting")

    found = json.loads(told.get("/events/" + quote(wanted["eventID"], safe="")).text)

    assert found == wanted
    assert told.get("/events/urn:nobody").status_code == 404


def test_captured_and_own_events_are_found_together(told):
    told.capture(document(AGGREGATION, TRANSFORMATION))

    assert len(told.events(eventType="AggregationEvent")) == 3
    assert len(told.events(MATCH_inputEPC="urn:ex:in", MATCH_outputEPC="urn:ex:out")) == 1


def test_other_cooperatives_see_nothing_and_the_platform_everything(told, client, world):
    other = Program(client, key_for(world, "other_manager", "YL"))
    platform = Program(client, key_for(world, "operator", "PT"))
    (wanted,) = told.events(EQ_bizStep="accepting")

    assert other.events() == []
    assert other.get("/events/" + quote(wanted["eventID"], safe="")).status_code == 404
    assert json.loads(other.get("/epcs").text)["member"] == []
    assert len(platform.events(perPage="100")) == len(STORY)


def test_a_page_of_events_takes_as_many_statements_as_one_event(told):
    told.events()

    def asked(**parameters: str) -> int:
        with counted(db.database().engine) as statements:
            told.events(**parameters)
        return len(statements)

    assert asked(perPage="1") == asked(perPage="100", MATCH_anyEPCClass=TIN)


def test_telling_facts_takes_a_handful_of_statements_for_hundreds(program, world):
    for day in range(10):
        world.now += timedelta(days=day)
        happened(world)

    with counted(db.database().engine) as statements:
        assert project_all(URL, world.now) == 10 * len(STORY)

    assert len([one for one in statements if not one.startswith("BEGIN")]) < 20


def test_a_version_of_the_standard_is_named_in_every_answer(told):
    answers = (told.get("/events"), told.get("/events/urn:nobody"), Program(told.client, None)
               .get("/events"))  # fmt: skip

    assert {answer.headers["GS1-EPCIS-Version"] for answer in answers} == {"2.0.0"}
    assert [answer.status_code for answer in answers] == [200, 404, 401]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"GS1-EPCIS-Version": "2.0.0"}, 200),
        ({"GS1-EPCIS-Version": "1.2"}, 406),
        ({"Accept": "application/xml"}, 406),
        ({"Accept": "application/json"}, 200),
        ({"Accept": "*/*"}, 200),
    ],
)
def test_what_we_do_not_speak_is_refused(told, headers, status):
    answer = told.get("/events", headers=headers)

    assert answer.status_code == status
    if status == 406:
        assert json.loads(answer.text)["type"] == "epcisException:NotAcceptableException"


def test_a_fact_that_says_too_little_is_logged_and_keeps_no_other_from_being_told(
    program, world, caplog
):
    happened(world, [("delivery", "lot_x", {"lot": "TH-7"}), *STORY])

    assert len(program.events(perPage="100")) == len(STORY)
    assert "cannot be told" in caplog.text
