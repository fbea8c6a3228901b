"""Complaints from the page of a box (投诉): told by anybody, answered by the cooperative."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from products.lots.models import Lot
from products.traceability.finding import find
from products.traceability.models import Complaint
from products.traceability.states import COMPLAINT
from shop.core import audit
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal
from shop.core.ids import new_id
from shop.core.labels import N_
from shop.core.permissions import Permission as P
from shop.core.vault import vault


class AnswerMissing(Refusal):
    """An answer says something; the complainant reads it."""

    code = "answer_missing"
    sentence = N_("请写明答复，投诉人会看到。")
    status = 422
    field = "answer"


class WordsMissing(Refusal):
    """A complaint says what is wrong."""

    code = "complaint_words_missing"
    sentence = N_("请写明哪里不对。")
    status = 422
    field = "words"


@command
def complain(tx: Session, *, code: str, words: str, phone: str, actor: Actor, now: datetime) -> str:
    """Keep what somebody found wrong with a box. Returns the complaint's public id.

    Args:
        code: of the unit, box or lot, from whose page it comes.
        phone: optional; sealed, and opened only with a reason that is audited.

    Raises:
        NotFound: no lot carries this code.
        WordsMissing: see the class.
    """
    found = find(tx, code)
    if found.lot_key is None:
        raise NotFound()
    if not words.strip():
        raise WordsMissing()
    lot = tx.get_one(Lot, found.lot_key)
    public_id = new_id("complaint")
    number = phone.strip()
    tx.add(
        Complaint(
            public_id=public_id,
            cooperative_id=lot.cooperative_id,
            lot_id=lot.id,
            batch_id=found.batch_key,
            serial=found.serial or None,
            words=words.strip(),
            phone_sealed=vault().seal(number, place=_phone_place(public_id)) if number else None,
            at=now,
        )
    )
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="complaint",
        thing=public_id,
        action="complain",
        organisation_id=lot.cooperative_id,
        lot=lot.number,
    )
    return public_id


@command
def answer_complaint(
    tx: Session, *, complaint_id: str, answer: str, actor: Actor, now: datetime
) -> None:
    """Answer a complaint, or answer it better; whoever has its link reads the answer.

    Raises:
        NotFound, NotAllowed: `complaint:answer` at the lot's cooperative is needed.
        AnswerMissing: see the class.
        WrongState: it is closed.
    """
    complaint = _locked(tx, complaint_id, actor)
    if not answer.strip():
        raise AnswerMissing()
    COMPLAINT.move(
        tx, complaint, "answer", actor=actor, now=now, organisation_id=complaint.cooperative_id
    )
    complaint.answer, complaint.answered_at = answer.strip(), now


@command
def close_complaint(
    tx: Session, *, complaint_id: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Close a complaint, answered or not.

    Raises:
        NotFound, NotAllowed: `complaint:answer` at the lot's cooperative is needed.
        ReasonMissing: it is kept with the act.
        WrongState: it is closed.
    """
    complaint = _locked(tx, complaint_id, actor)
    if not reason.strip():
        raise ReasonMissing()
    COMPLAINT.move(
        tx,
        complaint,
        "close",
        actor=actor,
        now=now,
        organisation_id=complaint.cooperative_id,
        reason=reason.strip(),
    )


@command
def look_at_phone(
    tx: Session, *, complaint_id: str, reason: str, actor: Actor, now: datetime
) -> str:
    """The telephone number of a complainant, with the look written down.

    Raises:
        NotFound, NotAllowed: `complaint:answer` at the lot's cooperative is needed; or no number.
        ReasonMissing: it is kept with the look.
    """
    complaint = _locked(tx, complaint_id, actor)
    if complaint.phone_sealed is None:
        raise NotFound()
    if not reason.strip():
        raise ReasonMissing()
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="complaint",
        thing=complaint.public_id,
        action="look_at_phone",
        organisation_id=complaint.cooperative_id,
        reason=reason.strip(),
    )
    return vault().open(complaint.phone_sealed, place=_phone_place(complaint.public_id))


def _locked(tx: Session, complaint_id: str, actor: Actor) -> Complaint:
    complaint = tx.execute(
        select(Complaint).where(Complaint.public_id == complaint_id).with_for_update()
    ).scalar_one_or_none()
    if complaint is None:
        raise NotFound()
    actor.require(P.COMPLAINT_ANSWER, complaint.cooperative_id)
    return complaint


def _phone_place(public_id: str) -> str:
    return f"complaint.phone:{public_id}"
