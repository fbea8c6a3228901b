"""The door to a household's statement, and what it says against it (“不对”)."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from products.households.models import Household, HouseholdReport
from products.households.states import REPORT, ReportState
from products.households.steps import editable, household_of, record
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, Refusal
from shop.core.labels import N_
from shop.core.permissions import Permission as P
from shop.core.reference import read_reference
from shop.identity import doors
from shop.identity.passwords import hashed, matches

WORDS_AT_MOST = 500


class WordsMissing(Refusal):
    """A report or an answer needs words, and not too many."""

    code = "words_missing"
    sentence = N_("请写几句话，最多 500 字。")
    status = 422


@command
def reissue_pin(tx: Session, *, household_id: str, actor: Actor, now: datetime) -> str:
    """Give a household a new PIN of six digits, and end the one before (补发 PIN).

    The PIN is returned to be shown and printed once; only its hash is kept, so never call this
    through a once-key, which would keep the answer.

    Raises:
        NotFound: there is no such household, or not the actor's to see.
        NotAllowed: the actor may not edit it.
    """
    household = editable(tx, household_id, actor)
    pin = f"{secrets.randbelow(1_000_000):06d}"
    household.pin_hash = hashed(pin)
    household.pin_version += 1
    doors.forget_wrong(tx, _door(household.code))
    record(tx, household, "reissue_pin", actor, now)
    return pin


@command
def open_statement(tx: Session, *, code: str, pin: str, now: datetime) -> str | None:
    """Check a printed code and PIN; the household's public id, or None when they do not fit.

    None rather than a refusal, so that the wrong try is remembered and not rolled back. An
    unknown code takes as long and answers the same as a wrong PIN.

    Raises:
        DoorClosed: too many wrong tries for this code lately.
    """
    known = read_reference(code)
    door = _door(known or "".join(code.split())[:40])
    doors.require_open(tx, door, now)
    household = (
        known and tx.execute(select(Household).where(Household.code == known)).scalar_one_or_none()
    )
    if not matches((household and household.pin_hash) or None, pin.strip()) or not household:
        doors.count_wrong(tx, door, now)
        return None
    doors.forget_wrong(tx, door)
    return household.public_id


@command
def report_wrong(tx: Session, *, household_id: str, words: str, actor: Actor, now: datetime) -> str:
    """Write down a household's “this is wrong” (不对) for the cooperative to answer.

    The words may be empty: the button alone asks for a call back. Returns the public id.

    Raises:
        NotFound: there is no such household, or it is not the actor's.
        WordsMissing: more than 500 characters.
    """
    household = household_of(tx, household_id)
    if actor.household_id != household.id:
        actor.require(P.HOUSEHOLD_EDIT, household.cooperative_id)
    if len(words.strip()) > WORDS_AT_MOST:
        raise WordsMissing(field="words")
    report = HouseholdReport(
        household_id=household.id, words=words.strip(), at=now, state=ReportState.OPEN
    )
    tx.add(report)
    tx.flush()
    record(tx, household, "report", actor, now, report=report.public_id)
    return report.public_id


@command
def answer_report(tx: Session, *, report_id: str, answer: str, actor: Actor, now: datetime) -> None:
    """Answer a household's report, once; the household sees the answer on its statement.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
        WrongState: it has been answered.
        WordsMissing: the answer is empty or longer than 500 characters.
    """
    report = tx.execute(
        select(HouseholdReport).where(HouseholdReport.public_id == report_id).with_for_update()
    ).scalar_one_or_none()
    if report is None:
        raise NotFound()
    household = tx.get_one(Household, report.household_id)
    actor.require(P.HOUSEHOLD_EDIT, household.cooperative_id)
    if not 0 < len(answer.strip()) <= WORDS_AT_MOST:
        raise WordsMissing(field="answer")
    REPORT.move(
        tx,
        report,
        "answer",
        actor=actor,
        now=now,
        organisation_id=household.cooperative_id,
        household=household.public_id,
    )
    report.answer = answer.strip()
    report.answered_at = now


def _door(code: str) -> str:
    return f"statement:{code}"
