"""S1, S2, S11: every role at every door, foreign things that are not there, and forms without keys.

One test per actor walks the whole URL map: first it reads, then it sends every form.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from shop.core import db
from shop.tables import metadata
from tests.house.doors import ALL, DOORS, OTHER_UNION, PRIVATE, Door
from tests.house.rules import THINGS, address, rules, sent

pytestmark = pytest.mark.once

VERBS = ("GET", "POST")
#: No form leads to these, and no cookie opens them.
OPENED_BY_A_KEY = ("epcis.capture", "epcis.capture_event")


def denied(answer, endpoint: str) -> bool:
    """Whether somebody was shown the door: asked who they are, forbidden, or nothing found."""
    way = urlsplit(answer.headers.get("Location", "")).path
    shut = way == "/my-statement/" and endpoint != "statements.close"
    return answer.status_code in (401, 403, 404) or way == "/sign-in" or shut


def expected(door: Door, actor: str, answer, endpoint: str) -> bool:
    if answer.status_code >= 500:
        return False
    if actor in door.looks:
        return answer.status_code in (200, 403, 422)
    return denied(answer, endpoint) is (actor not in door.may)


def test_every_endpoint_has_a_door_and_every_door_an_endpoint(shared_app):
    assert {rule.endpoint for rule in rules(shared_app)} == set(DOORS)


@pytest.mark.parametrize("actor", sorted(ALL))
def test_every_door_opens_to_whom_it_should_and_to_nobody_else(actor, shared_app, story, told_app):
    wrong: list[tuple[str, str, int]] = []
    with told_app() as visit:
        browser, before = visit(actor), row_counts()

        def try_all(verb: str) -> None:
            last = ("identity.sign_out", "statements.close")
            for rule in sorted(rules(shared_app), key=lambda rule: rule.endpoint in last):
                if verb in rule.methods:
                    data = sent(rule.endpoint, story.ids) if verb == "POST" else None
                    place = address(shared_app, rule, story.ids)
                    answer = browser.open(place, method=verb, data=data)
                    if not expected(DOORS[rule.endpoint], actor, answer, rule.endpoint):
                        wrong.append((verb, rule.endpoint, answer.status_code))
                    answer.close()

        try_all("GET")
        assert row_counts() == before, "reading changed something"
        try_all("POST")

    assert wrong == []


@pytest.mark.parametrize("actor", sorted(OTHER_UNION | {"other_manager"}))
def test_what_belongs_to_others_is_not_there(actor, shared_app, story, told_app):
    """Somebody who may do the same at home gets 404, and is not told that there is a thing."""
    kin = {"stranger": "clerk", "stranger_approver": "approver", "other_manager": "manager"}[actor]
    tried, wrong = 0, []
    with told_app() as visit:
        browser = visit(actor)
        for rule in rules(shared_app):
            if not rule.arguments & PRIVATE or kin not in DOORS[rule.endpoint].may:
                continue
            for verb in VERBS:
                if verb in rule.methods:
                    data = sent(rule.endpoint, story.ids) if verb == "POST" else None
                    place = address(shared_app, rule, story.ids)
                    answer = browser.open(place, method=verb, data=data)
                    tried += 1
                    if answer.status_code != 404:
                        wrong.append((verb, rule.endpoint, answer.status_code))

    assert tried >= 10
    assert wrong == []


def test_every_thing_that_is_private_or_public_is_known(shared_app):
    public = {
        "code", "cosigner_id", "entries", "journal_id", "kind", "lang", "level", "organisation_id",
        "packed_id", "process_id", "size", "slug", "specification_id", "tile",
        "certificate_key", "complaint_key", "gtin", "part", "qualifiers", "report_key",
        "village_key",
    }  # fmt: skip
    keyed = {"capture_id", "event_id", "resource", "value"}
    keyed |= {"action", "day", "month"}
    named = {name for rule in rules(shared_app) for name in rule.arguments}

    assert named <= PRIVATE | public | keyed | {"about", "thing", "token", "user_id"}
    assert {name for _endpoint, name in THINGS} <= named


def row_counts() -> dict[str, int]:
    """How many rows every table has."""
    with db.database().reading() as tx:
        return {
            table.name: tx.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def test_a_form_sent_without_its_key_is_refused_everywhere(shared_app, story, told_app):
    shared_app.config["WTF_CSRF_ENABLED"] = True
    try:
        taken = []
        with told_app() as visit:
            before = row_counts()
            for actor in ("visitor", "clerk", "manager", "operator", "treasurer"):
                browser = visit(actor)
                for rule in rules(shared_app):
                    if "POST" in rule.methods:
                        place = address(shared_app, rule, story.ids)
                        answer = browser.post(place, data=sent(rule.endpoint, story.ids))
                        wanted = 401 if rule.endpoint in OPENED_BY_A_KEY else 400
                        if answer.status_code != wanted:
                            taken.append((actor, rule.endpoint, answer.status_code))
            assert row_counts() == before
    finally:
        shared_app.config["WTF_CSRF_ENABLED"] = False

    assert taken == []


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "/\\evil.example", "https://evil.example", "evil.example",
     "javascript:alert(1)", "/\t/evil.example", "/%0a/evil.example", "\\\\evil.example", "/\n/x",
     "///evil.example", " //evil.example", "http:evil.example", "@evil.example"],
)  # fmt: skip
def test_nobody_is_led_to_another_site(target, shared_app, told_app):
    with told_app() as visit:
        answer = visit("visitor").get("/language/zh", query_string={"next": target})

    way = answer.headers["Location"]
    assert urlsplit(way).netloc == ""
    assert not way.startswith(("//", "/\\", "/\t"))


#: Good data for the forms that some are shown but may not send.
LOOKED_AT = {
    "calendar.index": {"first_day": "2091-01-01", "last_day": "2091-01-01", "kind": "holiday",
                       "reason": "元旦"},
    "purchases.cancel": {"reason": "不买了"},
    "reserves.index": {"cooperative": "th", "from_day": "2091-01-01", "percent": "5",
                       "reason": "退货较多"},
    "returns.goods": {"lines-0-line_id": "accepted_line", "lines-0-good": "2",
                      "lines-0-bad": "0"},
    "returns.new": {"reason": "罐口变形", "lines-0-line_id": "accepted_line",
                    "lines-0-units": "1"},
    "returns.withdraw": {"reason": "不退了"},
    "settlements.index": {"cooperative": ""},
}  # fmt: skip


@pytest.mark.parametrize("endpoint", sorted(LOOKED_AT))
def test_whoever_is_only_shown_a_form_is_refused_when_sending_it(
    endpoint, shared_app, story, told_app
):
    assert {name for name, door in DOORS.items() if door.looks} == set(LOOKED_AT)
    rule = next(rule for rule in rules(shared_app) if rule.endpoint == endpoint)
    data = {name: story.ids.get(value, value) for name, value in LOOKED_AT[endpoint].items()}
    with told_app() as visit:
        before = row_counts()
        answers = {
            actor: visit(actor).post(address(shared_app, rule, story.ids), data=data).status_code
            for actor in sorted(DOORS[endpoint].looks)
        }
        assert row_counts() == before
        taken = visit(min(DOORS[endpoint].may)).post(
            address(shared_app, rule, story.ids), data=data
        )

    assert set(answers.values()) == {403}
    assert taken.status_code in (303, 409), "the data is good"
