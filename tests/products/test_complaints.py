"""Complaints from the page of a box: told by anybody, answered by the cooperative."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import func, select

from products.traceability import complaints
from products.traceability.models import Complaint
from products.traceability.notice_queries import complaints as listed
from products.traceability.states import ComplaintState
from shop.core import audit, db
from shop.core.actors import VISITOR
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, WrongState
from tests.products.coded import make_codes
from tests.world import World


def told(world: World, code: str, words: str = "罐子是瘪的", phone: str = "") -> str:
    return complaints.complain(code=code, words=words, phone=phone, actor=VISITOR, now=world.now)


def kept() -> Complaint:
    with db.database().reading() as tx:
        return tx.execute(select(Complaint)).scalar_one()


def counts() -> list[int]:
    with db.database().reading() as tx:
        return [
            tx.execute(select(func.count()).select_from(kind)).scalar_one()
            for kind in (Complaint, audit.AuditEntry)
        ]


def a_code(world: World) -> str:
    return make_codes(world, world.tins(4), 2)[1]


def test_a_complaint_is_told_from_the_page_and_answered_at_a_private_address(client, world):
    code = a_code(world)
    assert f"/t/{code}/complaint" in client.get(f"/t/{code}").get_data(as_text=True)

    sent = client.post(f"/t/{code}/complaint", data={"words": "茶里有梗", "phone": "138-0000-0000"})
    private = sent.headers["Location"]
    before = client.get(private).get_data(as_text=True)
    complaints.answer_complaint(
        complaint_id=kept().public_id, answer="给您换一罐", actor=world.manager, now=world.now
    )
    after = client.get(private).get_data(as_text=True)

    assert sent.status_code == 303
    assert "待答复" in before
    assert "给您换一罐" in after
    assert "已答复" in after
    for page in (before, after):
        assert "138" not in page
        assert "noindex" in page
    assert client.get(private[:-1] + ("0" if private[-1] != "0" else "1")).status_code == 404


def test_a_complaint_keeps_its_code_and_lot_and_the_telephone_sealed(world):
    code = a_code(world)

    told(world, code, phone="13800000000")

    row = kept()
    assert (row.serial, row.state) == (2, ComplaintState.OPEN)
    assert row.phone_sealed is not None
    assert "13800000000" not in row.phone_sealed


def test_a_complaint_can_be_told_of_a_whole_lot(world):
    lot = world.tins(4)
    from tests.products.test_labels import code_of

    told(world, code_of(lot))

    assert (kept().serial, kept().batch_id) == (None, None)
    with db.database().reading() as tx:
        (row,) = listed(tx, world.organisation_key("TH"), world.manager)
    assert row.lot_id == lot


def test_what_is_no_complaint_is_refused_and_kept_nowhere(client, world):
    code = a_code(world)
    before = counts()

    with pytest.raises(complaints.WordsMissing):
        told(world, code, words="  ")
    with pytest.raises(NotFound):
        told(world, "AAAAAAAAAAAA")
    empty = client.post(f"/t/{code}/complaint", data={"words": ""})
    phone = client.post(f"/t/{code}/complaint", data={"words": "坏了", "phone": "call me"})

    assert counts() == before
    assert empty.status_code == phone.status_code == 422
    assert "请写明哪里不对" in empty.get_data(as_text=True)
    assert client.get("/t/AAAAAAAAAAAA/complaint").status_code == 404


def test_pressing_twice_tells_once(client, world):
    code = a_code(world)
    form = {"once": "one-key", "words": "坏了"}

    first = client.post(f"/t/{code}/complaint", data=form)
    again = client.post(f"/t/{code}/complaint", data=form)

    assert first.headers["Location"] == again.headers["Location"]
    assert kept().words == "坏了"


def test_only_the_cooperative_and_the_operator_answer_and_close(world):
    key = told(world, a_code(world), phone="13800000000")
    before = counts()

    for who, refusal in (
        (world.other_manager, NotFound),
        (world.clerk, NotFound),
        (world.weigher, NotAllowed),
        (world.treasurer, NotAllowed),
    ):
        facts = {"complaint_id": key, "actor": who, "now": world.now}
        for act in (
            lambda facts=facts: complaints.answer_complaint(answer="好", **facts),
            lambda facts=facts: complaints.close_complaint(reason="好", **facts),
            lambda facts=facts: complaints.look_at_phone(reason="好", **facts),
        ):
            with pytest.raises(refusal):
                act()

    assert counts() == before
    complaints.answer_complaint(
        complaint_id=key, answer="平台来问", actor=world.operator, now=world.now
    )


def test_an_answer_can_be_bettered_until_it_is_closed(world):
    key = told(world, a_code(world))
    facts = {"complaint_id": key, "actor": world.manager, "now": world.now}
    with pytest.raises(complaints.AnswerMissing):
        complaints.answer_complaint(answer=" ", **facts)
    complaints.answer_complaint(answer="换一罐", **facts)
    complaints.answer_complaint(answer="换两罐", **facts)
    with pytest.raises(ReasonMissing):
        complaints.close_complaint(reason="", **facts)

    complaints.close_complaint(reason="已换", **facts)

    assert (kept().state, kept().answer) == (ComplaintState.CLOSED, "换两罐")
    for act in (
        lambda: complaints.answer_complaint(answer="再说", **facts),
        lambda: complaints.close_complaint(reason="再结", **facts),
    ):
        with pytest.raises(WrongState):
            act()


def test_looking_at_the_telephone_needs_a_reason_and_is_written_down(client, world):
    key = told(world, a_code(world), phone="13800000000")
    client.as_(world.manager)
    page = f"/cooperative/complaints/{key}"
    assert "13800000000" not in client.get(page).get_data(as_text=True)

    without = client.post(f"{page}/phone", data={"reason": ""})
    seen = client.post(f"{page}/phone", data={"reason": "要回电话"})

    assert without.status_code == 422
    assert "13800000000" not in without.get_data(as_text=True)
    assert "13800000000" in seen.get_data(as_text=True)
    with db.database().reading() as tx:
        acts = tx.execute(
            select(audit.AuditEntry.reason).where(audit.AuditEntry.action == "look_at_phone")
        ).scalars()
        assert list(acts) == ["要回电话"]


def test_without_a_telephone_there_is_none_to_look_at(world):
    key = told(world, a_code(world))

    with pytest.raises(NotFound):
        complaints.look_at_phone(
            complaint_id=key, reason="要回电话", actor=world.manager, now=world.now
        )


def test_those_that_wait_stand_first_and_each_sees_their_own(client, world):
    code = a_code(world)
    first = told(world, code, words="第一件事")
    told(world, code, words="第二件事")
    complaints.answer_complaint(complaint_id=first, answer="好", actor=world.manager, now=world.now)

    for who in (world.manager, world.operator):
        html = client.as_(who).get("/cooperative/complaints/").get_data(as_text=True)
        assert html.index("第二件事") < html.index("第一件事")
    other = client.as_(world.other_manager).get("/cooperative/complaints/")
    assert "第一件事" not in other.get_data(as_text=True)
    assert client.get(f"/cooperative/complaints/{first}").status_code == 404
    assert client.as_(world.weigher).get("/cooperative/complaints/").status_code == 403
    with db.database().reading() as tx, pytest.raises(NotFound):
        listed(tx, None, world.manager)


def test_answering_and_closing_by_the_pages(client, world):
    key = told(world, a_code(world))
    page = f"/cooperative/complaints/{key}"
    client.as_(world.manager)

    assert client.post(f"{page}/answer", data={"answer": ""}).status_code == 422
    assert client.post(f"{page}/answer", data={"answer": "换一罐"}).status_code == 303
    assert client.post(f"{page}/close", data={"reason": "换了"}).status_code == 303
    assert client.post(f"{page}/close", data={"reason": "换了"}).status_code == 409

    html = client.get(page).get_data(as_text=True)
    assert "已结案" in html
    assert not re.search(r'action="[^"]*/answer"', html)
