"""Capturing: whole or not at all, once, kept as it came."""

from __future__ import annotations

import json
import time

import pytest
from sqlalchemy import func, select

from products.epcis.hashing import event_hash
from products.epcis.json_text import MAX_DEPTH
from products.epcis.models import EpcisCapture, EpcisEvent, EpcisName
from products.epcis.rules import MAX_BYTES, MAX_EVENTS
from shop.core import db
from shop.tables import metadata
from tests.products.epcis.documents import (
    CONTEXT,
    EVENTS,
    GS1,
    HEADER,
    KEPT,
    OBJECT,
    SENSED,
    document,
    lone,
    query_document,
)
from tests.products.epcis.partners import Program, key_for

OURS = {"epcis_capture", "epcis_event", "epcis_name", "api_key", "once_key"}


@pytest.fixture
def program(client, world) -> Program:
    return Program(client, key_for(world, "manager", "TH"))


def rows(model) -> int:
    with db.database().reading() as tx:
        return tx.execute(select(func.count()).select_from(model)).scalar_one()


def everything_else() -> dict[str, int]:
    with db.database().reading() as tx:
        return {
            table.name: tx.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
            if table.name not in OURS
        }


def test_a_document_of_every_type_of_event_is_kept_byte_for_byte(program):
    raw = json.dumps(
        document(*EVENTS.values(), epcisHeader=HEADER, **KEPT), indent=3, ensure_ascii=False
    ).encode()

    answer = program.capture(raw)

    assert answer.status_code == 202
    with db.database().reading() as tx:
        kept = tx.execute(select(EpcisCapture)).scalar_one()
    assert kept.document == raw
    assert (kept.events, kept.new_events) == (len(EVENTS), len(EVENTS))
    job = program.get(answer.headers["Location"].partition("/epcis")[2])
    assert json.loads(job.text) == {
        "captureID": kept.public_id,
        "createdAt": job.json["createdAt"],
        "finishedAt": job.json["finishedAt"],
        "running": False,
        "success": True,
        "captureErrorBehaviour": "rollback",
        "errors": [],
    }


def test_every_field_of_an_event_comes_back_as_it_was_sent(program):
    program.capture(document(*EVENTS.values()))

    found = {text_of(one): one["@context"] for one in program.events(perPage="50")}

    assert found == {text_of(sent): CONTEXT for sent in EVENTS.values()}


def text_of(event: dict) -> str:
    """What an event says, apart from what the shop adds to it."""
    added = ("recordTime", "eventID", "@context")
    return json.dumps({k: v for k, v in event.items() if k not in added}, sort_keys=True)


def test_numbers_come_back_to_the_last_digit(program):
    number = "26.100000000000000000001"
    raw = json.dumps(document(SENSED)).replace('"value": 1', f'"value": {number}').encode()

    program.capture(raw)

    assert f'"value":{number}' in program.get("/events").text


def test_the_same_event_twice_is_one_event(program):
    first = program.capture(document(OBJECT, SENSED))
    second = program.capture(document(SENSED, {**OBJECT, "recordTime": "2030-01-01T00:00:00Z"}))

    assert (first.status_code, second.status_code) == (202, 202)
    assert rows(EpcisEvent) == 2
    assert rows(EpcisCapture) == 2


def test_the_same_event_twice_in_one_document_is_one_event(program):
    program.capture(document(SENSED, dict(reversed(SENSED.items())), OBJECT, OBJECT))

    assert rows(EpcisEvent) == 2


def test_an_event_without_an_id_gets_the_hash_of_its_content(program):
    program.capture(document(SENSED))

    (found,) = program.events()

    assert found["eventID"] == event_hash(SENSED, CONTEXT)
    assert found["eventID"].endswith("?ver=CBV2.0")


def test_the_hash_of_an_event_does_not_depend_on_its_neighbours_or_on_prefixes_before():
    apart = event_hash(SENSED, CONTEXT)
    event_hash({**OBJECT, "ex:note": "receiving"}, [GS1, {"ex": "https://elsewhere.example/"}])

    assert event_hash(dict(reversed(SENSED.items())), [*CONTEXT, {}]) == apart


def test_an_event_the_reference_hash_cannot_read_still_gets_a_name():
    odd = {**SENSED, "ex:odd": [[[{"@id": 7}]]]}

    assert event_hash(odd, [{"ex": "nonsense nonsense"}]).startswith("ni:///sha-256;")


def test_an_event_declared_wrong_keeps_its_id_and_both_are_kept(program):
    plain = {name: value for name, value in OBJECT.items() if name != "errorDeclaration"}

    program.capture(document(plain))
    program.capture(document(OBJECT))

    assert rows(EpcisEvent) == 2
    one = program.get("/events/" + OBJECT["eventID"].replace("?", "%3F"))
    assert "errorDeclaration" in json.loads(one.text), "what was said last"


def test_an_id_that_names_something_else_already_undoes_the_whole_document(program):
    program.capture(document(OBJECT))

    answer = program.capture(document(SENSED, {**OBJECT, "action": "ADD", "bizStep": "packing"}))

    job = json.loads(program.get(answer.headers["Location"].partition("/epcis")[2]).text)
    assert (job["success"], job["running"]) == (False, False)
    assert [error["path"] for error in job["errors"]] == ["$.epcisBody.eventList[1].eventID"]
    assert rows(EpcisEvent) == 1
    with db.database().reading() as tx:
        kept = tx.execute(select(EpcisCapture).order_by(EpcisCapture.id.desc())).scalars().first()
    assert (kept.document, kept.new_events) == (None, 0)


def test_an_invalid_document_is_refused_with_the_path_of_each_error_and_leaves_nothing(program):
    wrong = document(
        SENSED, {**SENSED, "bizStep": "recieving", "eventTimeZoneOffset": "8"}, {"type": "What"}
    )

    answer = program.capture(wrong)

    told = json.loads(answer.text)
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert told["type"] == "epcisException:ValidationException"
    assert {error["path"] for error in told["errors"]} == {
        "$.epcisBody.eventList[1].bizStep",
        "$.epcisBody.eventList[1].eventTimeZoneOffset",
        "$.epcisBody.eventList[2].type",
        "$.epcisBody.eventList[2]",
    }
    assert (rows(EpcisCapture), rows(EpcisEvent), rows(EpcisName)) == (0, 0, 0)


def test_problems_are_told_in_the_language_that_is_asked_for(program):
    chinese = program.capture(document({**SENSED, "bizStep": "x"}))
    english = program.capture(document({**SENSED, "bizStep": "x"}), **{"Accept-Language": "en"})

    assert "业务步骤" in json.loads(chinese.text)["errors"][0]["detail"]
    assert "business step" in json.loads(english.text)["errors"][0]["detail"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"type": NaN}',
        b'{"type": "EPCISDocument", "type": "EPCISDocument"}',
        b'{"type": "\\ud800"}',
        b"[1e99999999999999999999999]",
        b"[" + b"9" * 5000 + b"]",
    ],
)
def test_what_is_no_json_that_can_be_kept_is_refused(program, raw):
    answer = program.capture(raw)

    assert answer.status_code == 400
    assert json.loads(answer.text)["title"] in ("not_json", "not_epcis")


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 2_000_000,
        b'{"ex:a":' * 500_000 + b"1" + b"}" * 500_000,
        b"[" + b"0," * 2_000_000 + b"0]",
        b'{"a":' + b" " * MAX_BYTES + b"1}",
        json.dumps(document(*[SENSED] * (MAX_EVENTS + 1))).encode(),
        json.dumps(document({**SENSED, "ex:deep": None})).encode().replace(
            b"null", b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
        ),
    ],
    ids=["brackets", "objects", "zeros", "spaces", "events", "one level too deep"],
)  # fmt: skip
def test_bombs_and_crowds_are_refused_fast(program, raw):
    began = time.perf_counter()

    answer = program.capture(raw)

    assert answer.status_code == 413
    assert json.loads(answer.text)["type"] == "epcisException:CaptureLimitExceededException"
    assert answer.headers["GS1-EPCIS-Capture-Limit"] == str(MAX_EVENTS)
    assert time.perf_counter() - began < 5
    assert rows(EpcisCapture) == 0


def test_as_deep_as_allowed_is_kept(program):
    deep: object = 1
    for _ in range(MAX_DEPTH - 6):
        deep = [deep]

    assert program.capture(document({**SENSED, "ex:deep": deep})).status_code == 202
    assert program.events()[0]["ex:deep"] == deep


@pytest.mark.once
def test_a_thousand_events_are_taken_in_seconds(program):
    many = [{**SENSED, "readPoint": {"id": f"urn:ex:gate:{n}"}} for n in range(MAX_EVENTS)]
    began = time.perf_counter()

    answer = program.capture(document(*many))

    assert answer.status_code == 202
    assert rows(EpcisEvent) == MAX_EVENTS
    assert time.perf_counter() - began < 30


def test_only_documents_go_to_capture_and_only_events_to_events(program):
    for body in (query_document(SENSED), lone(SENSED)):
        assert program.capture(body).status_code == 400
    for body in (document(SENSED), query_document(SENSED), SENSED):
        assert program.post("/events", body).status_code == 400
    assert rows(EpcisCapture) == 0


def test_a_lone_event_is_kept_and_found_at_its_address(program):
    answer = program.post("/events", lone(OBJECT))

    assert answer.status_code == 201
    found = program.get(answer.headers["Location"].partition("/epcis")[2])
    assert json.loads(found.text)["ilmd"] == OBJECT["ilmd"]
    assert json.loads(found.text)["@context"] == CONTEXT


def test_a_lone_event_under_an_id_that_is_taken_is_refused(program):
    program.post("/events", lone(OBJECT))

    answer = program.post("/events", lone({**OBJECT, "bizStep": "packing"}))

    assert answer.status_code == 409
    assert rows(EpcisEvent) == 1


def test_events_at_the_ends_of_the_calendar_are_kept(program):
    ends = [
        {**SENSED, "eventTime": "0001-01-01T00:00:00+13:00"},
        {**SENSED, "eventTime": "9999-12-31T23:59:59.999999999-13:00"},
        {**SENSED, "eventTime": "2026-04-08t01:30:00.123456789z"},
    ]

    assert program.capture(document(*ends)).status_code == 202
    assert {one["eventTime"] for one in program.events()} == {one["eventTime"] for one in ends}


@pytest.mark.parametrize(
    "context", [GS1, [GS1], {"ex": "urn:ex:"}, [], [{}], "https://x.example/c"]
)
def test_contexts_of_every_shape_are_taken_and_none_is_fetched(program, context):
    sent = {name: value for name, value in SENSED.items() if not name.startswith("ex:")}

    assert program.capture({**document(sent), "@context": context}).status_code == 202


def test_captured_events_make_no_money_no_mass_and_nothing_else(program, world):
    program.capture(document(SENSED))
    before = everything_else()

    program.capture(document(*EVENTS.values()))

    assert everything_else() == before
    assert world.findings() == []


def test_other_media_and_keeping_a_part_are_not_offered(program):
    xml = program.capture(b"<epcis/>", **{"Content-Type": "application/xml"})
    part = program.capture(document(SENSED), **{"GS1-Capture-Error-Behaviour": "proceed"})

    assert (xml.status_code, part.status_code) == (415, 400)
    assert json.loads(xml.text)["type"] == "epcisException:UnsupportedMediaTypeException"


def test_the_list_of_captures_goes_on_from_page_to_page(program):
    sent = [
        program.capture(document({**SENSED, "ex:n": n})).headers["Location"].rsplit("/", 1)[1]
        for n in range(3)
    ]

    first = program.get("/capture?perPage=2")
    rest = program.get("/capture" + first.headers["Link"].partition("/capture")[2].split(">")[0])

    listed = [job["captureID"] for page in (first, rest) for job in json.loads(page.text)]
    assert listed == sent[::-1]
    assert "Link" not in rest.headers


def test_another_cooperative_sees_neither_the_capture_nor_its_events(program, client, world):
    where = program.capture(document(OBJECT)).headers["Location"].partition("/epcis")[2]
    other = Program(client, key_for(world, "other_manager", "YL"))

    assert other.get(where).status_code == 404
    assert json.loads(other.get("/capture").text) == []
    assert other.events() == []
    assert other.capture(document({**OBJECT, "bizStep": "packing"})).status_code == 202
    assert rows(EpcisEvent) == 2, "ids are each organisation's own"


def test_the_platform_sees_all_events(program, client, world):
    program.capture(document(OBJECT))
    platform = Program(client, key_for(world, "operator", "PT"))

    assert len(platform.events()) == 1


def test_which_versions_are_spoken_is_told_without_a_key(client):
    answer = client.options("/epcis/capture")

    assert answer.status_code == 204
    assert answer.headers["GS1-EPCIS-Version"] == "2.0.0"
    assert answer.headers["GS1-EPCIS-Capture-Limit"] == str(MAX_EVENTS)
    assert answer.headers["GS1-Capture-Error-Behaviour"] == "rollback"
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
