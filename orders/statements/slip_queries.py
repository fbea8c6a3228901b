"""Reading what slips can be printed of, and what was printed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from orders.statements import sms
from orders.statements.models import SlipPrint
from orders.statements.periods import period_of
from orders.statements.slip_commands import slips_of
from products.households.models import Household, Village
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.permissions import Permission as P
from shop.organisations.models import Organisation
from shop.printing.rows import Sheet


@dataclass(frozen=True, slots=True)
class VillageRow:
    """A village with households of a cooperative."""

    public_id: str
    name: str
    households: int


@dataclass(frozen=True, slots=True)
class PrintRow:
    """A print of slips; `ready` once its file is there."""

    public_id: str
    village: str
    period: str
    households: int
    asked_at: datetime
    expires_at: datetime
    ready: bool


def villages(tx: Session, cooperative_key: int, actor: Actor) -> list[VillageRow]:
    """The villages where a cooperative (internal key) has households, with how many.

    Raises:
        NotFound, NotAllowed: `household:edit` there is needed.
    """
    actor.require(P.HOUSEHOLD_EDIT, cooperative_key)
    rows = tx.execute(
        select(Village.public_id, Village.township, Village.name, func.count(Household.id))
        .join(Household, Household.village_id == Village.id)
        .where(Household.cooperative_id == cooperative_key)
        .group_by(Village.id, Village.public_id, Village.township, Village.name)
        .order_by(Village.township, Village.name)
    )
    return [VillageRow(public_id, f"{town}{name}", int(n)) for public_id, town, name, n in rows]


def slip_print(tx: Session, print_id: str, actor: Actor) -> PrintRow:
    """One print, as long as it is kept.

    Raises:
        NotFound, NotAllowed: `household:edit` at its cooperative is needed.
    """
    row, village = _print(tx, print_id, actor)
    period = period_of(row.period)
    assert period is not None
    ready = tx.execute(
        select(SlipPrint.content.is_not(None)).where(SlipPrint.id == row.id)
    ).scalar_one()
    return PrintRow(
        row.public_id,
        f"{village.township}{village.name}",
        period.words,
        row.households,
        row.asked_at,
        row.expires_at,
        ready,
    )


def slip_file(tx: Session, print_id: str, actor: Actor) -> bytes:
    """The PDF of a print; see `slip_print`. NotFound too while it is not set yet."""
    row, _village = _print(tx, print_id, actor)
    if row.content is None:
        raise NotFound()
    return row.content


def messages(tx: Session, print_id: str, actor: Actor) -> Sheet:
    """The text messages of a print as a sheet, by the code that stands on the household's card."""
    row, village = _print(tx, print_id, actor)
    period = period_of(row.period)
    assert period is not None
    found = slips_of(tx, row.id)
    return Sheet(
        title="对账短信",
        notes=[
            ("村", f"{village.township}{village.name}"),
            ("期间", period.words),
            ("户数", str(len(found))),
        ],
        columns=["户码", "姓名", "短信", "字数"],
        rows=[
            [str(one["code"]), str(one["name"]), str(one["sms"]), sms.units(str(one["sms"]))]
            for one in found
        ],
    )


def _print(tx: Session, print_id: str, actor: Actor) -> tuple[SlipPrint, Village]:
    found = tx.execute(
        select(SlipPrint, Village)
        .join(Village, Village.id == SlipPrint.village_id)
        .join(Organisation, Organisation.id == SlipPrint.cooperative_id)
        .where(SlipPrint.public_id == print_id)
    ).one_or_none()
    if found is None:
        raise NotFound()
    row, village = found
    actor.require(P.HOUSEHOLD_EDIT, row.cooperative_id)
    return row, village
