"""Keys of programs: shown once, acting for one organisation, ended at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from shop.core import clock, db
from shop.core.commands import OnceKey
from shop.core.errors import NotAllowed, NotFound
from shop.identity import keys
from shop.identity.models import ApiKey
from tests.pages import faults
from tests.products.epcis.partners import Program, key_for


def listed(world, who="manager", code="TH"):
    with db.database().reading() as tx:
        return keys.listed(tx, world.organisation_key(code), world.person(who), world.now)


def held_by(key: str, now):
    with db.database().reading() as tx:
        return keys.holder_of(tx, key, now)


def test_a_key_stands_for_its_organisation_until_it_ends(world):
    key = keys.issue(
        organisation_id=world.organisation_key("TH"),
        name=" 县仓库 ",
        days=90,
        actor=world.manager,
        now=world.now,
    )

    assert held_by(key, world.now).organisation_id == world.organisation_key("TH")
    (row,) = listed(world)
    assert (row.name, row.in_force, row.issued_by) == ("县仓库", True, world.manager.name)
    assert key.startswith(row.start)
    with pytest.raises(keys.KeyRefused):
        held_by(key, world.now + timedelta(days=90))


def test_only_the_hash_of_a_key_is_kept_anywhere(world):
    key = key_for(world, "manager", "TH")

    with db.database().reading() as tx:
        kept = tx.execute(select(ApiKey)).scalar_one()
        assert key not in [getattr(kept, column.key) for column in ApiKey.__table__.columns]
        answers = tx.execute(select(OnceKey.answer)).scalars()
        assert not any(key in (answer or "") for answer in answers)


def test_two_keys_of_one_name_are_refused_until_the_first_is_revoked(world):
    key_for(world, "manager", "TH")
    with pytest.raises(keys.KeyNameTaken):
        key_for(world, "manager", "TH")
    assert len(listed(world)) == 1

    keys.revoke(key_id=listed(world)[0].public_id, actor=world.manager, now=world.now)
    key_for(world, "manager", "TH")
    key_for(world, "other_manager", "YL")

    assert [row.in_force for row in listed(world)] == [True, False]


def test_a_revoked_key_opens_nothing_and_revoking_it_again_changes_nothing(world):
    key = key_for(world, "manager", "TH")
    (row,) = listed(world)

    for hours in (1, 2):
        keys.revoke(
            key_id=row.public_id, actor=world.manager, now=world.now + timedelta(hours=hours)
        )

    assert listed(world)[0].revoked_at == world.now + timedelta(hours=1)
    with pytest.raises(keys.KeyRefused):
        held_by(key, world.now)


def test_only_those_who_manage_keys_there_issue_list_and_revoke(world):
    key_for(world, "manager", "TH")
    (row,) = listed(world)

    for who, refusal in (
        ("weigher", NotAllowed),
        ("clerk", NotFound),
        ("other_manager", NotFound),
        ("treasurer", NotAllowed),
    ):
        with pytest.raises(refusal):
            key_for(world, who, "TH", name="另一把")
        with pytest.raises(refusal):
            listed(world, who)
        with pytest.raises(refusal):
            keys.revoke(key_id=row.public_id, actor=world.person(who), now=world.now)

    assert [one.in_force for one in listed(world)] == [True]
    with pytest.raises(NotFound):
        keys.revoke(key_id="key_none", actor=world.manager, now=world.now)


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic {key}", "{key}", "Bearer {key}x",
     "Bearer shk_"],
)  # fmt: skip
def test_without_a_right_key_there_is_a_problem_and_a_challenge(client, world, header):
    key = key_for(world, "manager", "TH")
    headers = {} if header is None else {"Authorization": header.format(key=key)}

    answer = client.as_(world.manager).get("/epcis/events", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.mimetype == "application/problem+json"
    assert answer.json["type"] == "epcisException:SecurityException"


@pytest.mark.parametrize("how", ["revoked", "ended"])
def test_a_key_that_is_over_opens_nothing(client, world, how):
    days = 1 if how == "ended" else None
    key = keys.issue(
        organisation_id=world.organisation_key("TH"),
        name="旧的",
        days=days,
        actor=world.manager,
        now=world.now - timedelta(days=400),
    )
    if how == "revoked":
        assert Program(client, key).get("/events").status_code == 200
        keys.revoke(key_id=listed(world)[0].public_id, actor=world.manager, now=world.now)

    assert Program(client, key).get("/events").status_code == 401


def test_the_day_of_the_last_use_is_noted_once_a_day(client, world):
    program = Program(client, key_for(world, "manager", "TH"))
    assert listed(world)[0].last_used is None

    program.get("/events")

    assert listed(world)[0].last_used == clock.day_of(clock.now())


def test_a_key_opens_no_page(client, world):
    program = Program(client, key_for(world, "manager", "TH"))

    answer = client.get("/cooperative/lots/", headers=program.headers)

    assert answer.status_code == 303


def test_a_new_key_is_shown_once_and_works(client, world):
    page = client.as_(world.manager).post("/api-keys/", data={"name": "县仓库", "days": "365"})

    key = page.text.partition('data-text="')[2].partition('"')[0]
    assert faults(page.text, keys=False) == []
    assert Program(client, key).get("/events").status_code == 200
    assert key not in client.get("/api-keys/").text


def test_a_bad_form_issues_nothing(client, world):
    browser = client.as_(world.manager)
    key_for(world, "manager", "TH")

    for data in ({"name": "", "days": "90"}, {"name": "甲", "days": "7"}):
        assert browser.post("/api-keys/", data=data).status_code == 422
    again = browser.post("/api-keys/", data={"name": "仓库", "days": "0"})

    assert again.status_code == 409
    assert "同名" in again.text
    with db.database().reading() as tx:
        assert tx.execute(select(func.count()).select_from(ApiKey)).scalar_one() == 1


def test_a_key_is_revoked_on_its_page(client, world):
    key = key_for(world, "manager", "TH")
    (row,) = listed(world)

    answer = client.as_(world.manager).post(f"/api-keys/{row.public_id}/revocation")

    assert answer.status_code == 303
    assert "已停用" in client.get("/api-keys/").text
    assert Program(client, key).get("/events").status_code == 401
