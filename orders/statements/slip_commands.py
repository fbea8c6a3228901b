"""Printing the statements of a village: asked for here, read and set by a job step by step."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from orders.statements import households, slips
from orders.statements.models import SlipPart, SlipPrint
from orders.statements.periods import period_of
from products.households.models import Household, Village
from shop.core import audit
from shop.core.actors import Actor
from shop.core.clock import day_of
from shop.core.commands import command
from shop.core.errors import NotFound, Refusal
from shop.core.labels import N_
from shop.core.permissions import Permission as P
from shop.jobs import queue
from shop.jobs.models import Job
from shop.organisations.models import Organisation, OrganisationKind
from shop.printing import pdf

SLIPS = "slips"

#: Households whose statements one step reads: lots they share are read once for all of them.
CHUNK = 500

#: Files are thrown away after a day; slips can be set again at any time.
KEPT = timedelta(days=1)


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
    # One more than there are households: the last step sets what the others have read.
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
    """Read the next households of a print; in the last step set what was read."""
    del now
    row = tx.get_one(SlipPrint, job.facts["slip_print"])
    if job.done < row.households:
        period = period_of(row.period)
        assert period is not None
        keys = list(
            tx.execute(
                select(Household.id)
                .where(
                    Household.village_id == row.village_id,
                    Household.cooperative_id == row.cooperative_id,
                    Household.registered_at <= row.asked_at,
                )
                .order_by(Household.code)
                .limit(min(CHUNK, row.households - job.done))
                .offset(job.done)
            ).scalars()
        )
        read = [slips.slip(one) for one in households.read(tx, keys, period)]
        tx.add(
            SlipPart(print_id=row.id, first=job.done, content=json.dumps(read, ensure_ascii=False))
        )
        job.done = min(row.households, job.done + CHUNK)
        return
    village = tx.get_one(Village, row.village_id)
    row.content = pdf.render(
        "slips",
        slips.pages(
            slips_of(tx, row.id),
            title=f"{village.name}农户对账单",
            door=row.door,
            on=day_of(row.asked_at),
        ),
    )
    job.finish(print=row.public_id)


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
