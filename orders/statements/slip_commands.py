"""Printing the statements of a village: asked for here, read and set by a job step by step."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from orders.statements import households, slips
from orders.statements.models import SlipPart, SlipPrint
from orders.statements.periods import period_of
from products.households.models import Household, Village
from products.households.rules import is_mobile
from products.households.sealed import opened
from products.households.states import HouseholdSecret
from shop.core import audit
from shop.core.actors import Actor
from shop.core.clock import day_of
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal
from shop.core.labels import N_
from shop.core.permissions import Permission as P
from shop.core.reference import read_reference
from shop.jobs import queue
from shop.jobs.models import Job
from shop.organisations.models import Organisation, OrganisationKind
from shop.printing import pdf

SLIPS = "slips"

#: Slips that one step sets, an even number since two stand on a page. Setting keeps its memory
#: down by parts: a thousand at once take 470 MB, parts of fifty 290 MB however many there are.
CHUNK = 50

#: Files are thrown away after a day; slips can be set again at any time.
KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Messages:
    """Text messages by telephone number, and how many households have none that takes them."""

    rows: tuple[tuple[str, str], ...]
    left_out: int


class NobodyThere(Refusal):
    """Slips are printed where the cooperative has households."""

    code = "nobody_there"
    sentence = N_("这个村没有本合作社的农户，请另选一个村。")
    status = 422
    field = "village"


class UnknownPeriod(Refusal):
    """A statement is for a month, a quarter, a season, a year or all there is."""

    code = "unknown_period"
    sentence = N_("请选一个月、季度、季、年，或全部。")
    status = 422
    field = "period"


@command
def print_slips(
    tx: Session,
    *,
    cooperative_id: str,
    village_id: str,
    period: str,
    door: str,
    actor: Actor,
    now: datetime,
) -> tuple[str, str]:
    """Ask for the slips of a village. Returns the public ids of the print and of its job.

    Args:
        period: key of a period, see `periods.period_of`.
        door: address of the page where a household opens its statement; stands as QR code.

    Raises:
        NotFound, NotAllowed: `household:edit` at the cooperative is needed.
        NobodyThere, UnknownPeriod: see the classes.
    """
    cooperative = tx.execute(
        select(Organisation).where(
            Organisation.public_id == cooperative_id,
            Organisation.kind == OrganisationKind.COOPERATIVE,
        )
    ).scalar_one_or_none()
    if cooperative is None:
        raise NotFound()
    actor.require(P.HOUSEHOLD_EDIT, cooperative.id)
    if period_of(period) is None:
        raise UnknownPeriod()
    found = tx.execute(
        select(Village.id, Village.name, func.count(Household.id))
        .join(Household, Household.village_id == Village.id)
        .where(Village.public_id == village_id, Household.cooperative_id == cooperative.id)
        .group_by(Village.id, Village.name)
    ).one_or_none()
    if found is None:
        raise NobodyThere()
    village_key, village, count = found
    row = SlipPrint(
        cooperative_id=cooperative.id,
        village_id=village_key,
        period=period,
        households=count,
        door=door,
        asked_at=now,
        expires_at=now + KEPT,
    )
    tx.add(row)
    tx.flush()
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="slip_print",
        thing=row.public_id,
        action="print_slips",
        organisation_id=cooperative.id,
        village=village,
        count=count,
    )
    # One more than there are households: the last step joins what the others have set.
    job = queue.ask(
        tx,
        SLIPS,
        total=count + 1,
        organisation_id=cooperative.id,
        actor=actor,
        now=now,
        slip_print=row.id,
    )
    return row.public_id, job


@queue.step_of(SLIPS)
def set_some(tx: Session, job: Job, now: datetime) -> None:
    """Read and set the next households of a print; in the last step join what was set."""
    del now
    row = tx.get_one(SlipPrint, job.facts["slip_print"])
    if job.done < row.households:
        _set_part(tx, row, job.done)
        job.done = min(row.households, job.done + CHUNK)
        return
    parts = tx.execute(
        select(SlipPart.pages).where(SlipPart.print_id == row.id).order_by(SlipPart.first)
    ).scalars()
    row.content = pdf.joined([pages for pages in parts if pages is not None])
    tx.execute(update(SlipPart).where(SlipPart.print_id == row.id).values(pages=None))
    job.finish(print=row.public_id)


def _set_part(tx: Session, row: SlipPrint, first: int) -> None:
    """Read the statements of the next households by code, and set their slips."""
    period = period_of(row.period)
    assert period is not None
    before = tx.execute(
        select(func.coalesce(func.max(SlipPart.last_code), "")).where(SlipPart.print_id == row.id)
    ).scalar_one()
    found = tx.execute(
        select(Household.id, Household.code)
        .where(
            Household.village_id == row.village_id,
            Household.cooperative_id == row.cooperative_id,
            Household.registered_at <= row.asked_at,
            Household.code > before,
        )
        .order_by(Household.code)
        .limit(min(CHUNK, row.households - first))
    ).all()
    if not found:
        return
    read = [slips.slip(one) for one in households.read(tx, [key for key, _code in found], period)]
    village = tx.get_one(Village, row.village_id)
    tx.add(
        SlipPart(
            print_id=row.id,
            first=first,
            last_code=found[-1].code,
            content=json.dumps(read, ensure_ascii=False),
            pages=pdf.render(
                "slips",
                slips.pages(
                    read, title=f"{village.name}农户对账单", door=row.door, on=day_of(row.asked_at)
                ),
                tagged=False,
            ),
        )
    )


@command
def open_numbers(
    tx: Session, *, print_id: str, reason: str, actor: Actor, now: datetime
) -> Messages:
    """Open the telephone numbers of a print's households, to send each its text message.

    Never through a once-key, which would keep the answer. Numbers that take no text messages
    are left out, as are households that gave none.

    Raises:
        NotFound, NotAllowed: `household:edit` at the print's cooperative is needed.
        ReasonMissing: no reason was given.
    """
    row = tx.execute(select(SlipPrint).where(SlipPrint.public_id == print_id)).scalar_one_or_none()
    if row is None:
        raise NotFound()
    actor.require(P.HOUSEHOLD_EDIT, row.cooperative_id)
    if not reason.strip():
        raise ReasonMissing()
    texts = {read_reference(str(one["code"])): str(one["sms"]) for one in slips_of(tx, row.id)}
    numbers = {
        one.code: opened(tx, one, HouseholdSecret.PHONE) or ""
        for one in tx.execute(
            select(Household)
            .where(
                Household.cooperative_id == row.cooperative_id,
                Household.code.in_(texts),
                Household.phone_sealed.is_not(None),
            )
            .order_by(Household.code)
        ).scalars()
    }
    rows = tuple((number, texts[code]) for code, number in numbers.items() if is_mobile(number))
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="slip_print",
        thing=row.public_id,
        action="open_numbers",
        organisation_id=row.cooperative_id,
        reason=reason.strip(),
        count=len(rows),
    )
    return Messages(rows, len(texts) - len(rows))


def slips_of(tx: Session, print_key: int) -> list[dict[str, object]]:
    """What the steps of a print (internal key) have read, in order."""
    parts = tx.execute(
        select(SlipPart.content).where(SlipPart.print_id == print_key).order_by(SlipPart.first)
    ).scalars()
    return [slip for part in parts for slip in json.loads(part)]


@command
def throw_away_old_slips(tx: Session, *, now: datetime) -> int:
    """Delete prints that are a day old; for the timetable. Returns how many."""
    old = list(tx.execute(select(SlipPrint.id).where(SlipPrint.expires_at <= now)).scalars())
    tx.execute(delete(SlipPart).where(SlipPart.print_id.in_(old)))
    tx.execute(delete(SlipPrint).where(SlipPrint.id.in_(old)))
    return len(old)
