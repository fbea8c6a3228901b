"""Where a recall begins, and every lot it reaches: the start and all that was made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from orders.recalls.states import ScopeKind
from products.catalogue.states import Category
from products.households.models import Household, Village
from products.lots import lineage
from products.lots.models import Delivery, Lot
from products.lots.states import LotKind, LotState
from products.quality.models import LotTest
from products.traceability.finding import lots_of_codes
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.events import pseudonym
from shop.core.labels import N_
from shop.organisations.models import Organisation

#: More lots at once than anybody can follow up; the scope is to be narrowed.
LOTS_AT_MOST = 20_000


class NothingThere(Refusal):
    """The start of a recall names nothing that is on record."""

    code = "nothing_there"
    sentence = N_("没有找到符合的批次，请核对后再查。")
    status = 422
    field = "what"


class VillageUnclear(Refusal):
    """Two villages of one name are told apart by their townships."""

    code = "village_unclear"
    sentence = N_("叫这个名字的村不止一个，请连乡镇一起写：%(villages)s。")
    status = 422
    field = "what"


class TooWide(Refusal):
    """A recall of more lots than can be followed is no recall."""

    code = "too_wide"
    sentence = N_("范围超过 20,000 个批次，请缩短日期或分合作社来办。")
    status = 422
    field = "since"


class PeriodMissing(Refusal):
    """A period has a cooperative or household, a first and a last day, in this order."""

    code = "period_missing"
    sentence = N_("请填合作社和起止日期，最后一天不早于第一天。")
    status = 422
    field = "since"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a recall begins.

    `what` is a lot's number or public id, the number of a test report, a household's code, public
    id or pseudonym, a village's name or public id, or typed codes; `since` and `until` are days,
    both included; `cooperative` is a public id.
    """

    kind: ScopeKind
    what: str = ""
    since: date | None = None
    until: date | None = None
    cooperative: str = ""
    category: Category | None = None


def started(tx: Session, scope: Scope) -> list[int]:
    """The lots (internal keys, ascending) a recall of this scope begins with.

    Raises:
        NothingThere, VillageUnclear, TooWide, PeriodMissing: see the classes.
    """
    found = list(tx.execute(_start(tx, scope).limit(LOTS_AT_MOST + 1)).scalars())
    if not found:
        raise NothingThere()
    if len(found) > LOTS_AT_MOST:
        raise TooWide()
    return sorted(found)


def reached(tx: Session, start: list[int]) -> list[int]:
    """The start and every lot made of it, ascending.

    Raises:
        TooWide: see the class.
    """
    found = lineage.keys(
        tx,
        lineage.onward(select(Lot.id.label("lot_id")).where(Lot.id.in_(start))),
        LOTS_AT_MOST + 1,
    )
    if len(found) > LOTS_AT_MOST:
        raise TooWide()
    return found


def _start(tx: Session, scope: Scope) -> Select[Any]:
    lots = select(Lot.id.label("lot_id")).where(Lot.state == LotState.RECORDED)
    typed = scope.what.strip()
    named = or_(Lot.public_id == typed, Lot.number == typed.upper())
    if scope.kind is ScopeKind.LOT:
        return lots.where(named)
    if scope.kind is ScopeKind.TEST:
        tested = select(LotTest.lot_id).where(
            or_(LotTest.report == typed, LotTest.public_id == typed)
        )
        return lots.where(or_(named, Lot.id.in_(tested)))
    if scope.kind is ScopeKind.DELIVERY:
        return lots.where(named, Lot.kind == LotKind.DELIVERY)
    if scope.kind is ScopeKind.CODES:
        return lots.where(Lot.id.in_(lots_of_codes(typed)))
    if scope.kind is ScopeKind.HOUSEHOLD:
        return lots.join(Delivery, Delivery.lot_id == Lot.id).where(
            Delivery.household_id == _household(tx, typed), *_days(scope, Delivery.weighed_at)
        )
    some = [] if scope.category is None else [Lot.category == scope.category]
    if scope.kind is ScopeKind.VILLAGE:
        if scope.cooperative:
            some.append(Lot.cooperative_id == _cooperative(tx, scope.cooperative))
        brought = lots.join(Delivery, Delivery.lot_id == Lot.id).where(
            *some, *_days(scope, Delivery.weighed_at)
        )
        return brought.join(Household, Household.id == Delivery.household_id).where(
            Household.village_id == _village(tx, typed)
        )
    of_cooperative = lots.where(Lot.cooperative_id == _cooperative(tx, scope.cooperative), *some)
    if scope.kind is ScopeKind.HARVEST:
        return of_cooperative.join(Delivery, Delivery.lot_id == Lot.id).where(
            *_days(scope, Delivery.weighed_at)
        )
    return of_cooperative.where(Lot.kind == LotKind.PACKED, *_days(scope, Lot.made_at))


def _days(scope: Scope, moment: Any) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    if scope.since is None or scope.until is None or scope.until < scope.since:
        raise PeriodMissing()
    return (
        moment >= clock.start_of(scope.since),
        moment < clock.start_of(scope.until + timedelta(days=1)),
    )


def _cooperative(tx: Session, public_id: str) -> int:
    key = tx.execute(
        select(Organisation.id).where(Organisation.public_id == public_id)
    ).scalar_one_or_none()
    if key is None:
        raise PeriodMissing(field="cooperative")
    return key


def _village(tx: Session, typed: str) -> int:
    found = tx.execute(
        select(Village.id, Village.township + Village.name)
        .where(
            or_(
                Village.public_id == typed,
                Village.name == typed,
                Village.township + Village.name == "".join(typed.split()),
            )
        )
        .order_by(Village.id)
    ).all()
    if not found:
        raise NothingThere()
    if len(found) > 1:
        raise VillageUnclear(villages="、".join(name for _key, name in found))
    return found[0][0]


def _household(tx: Session, typed: str) -> int:
    if typed.startswith("hh-"):
        # A pseudonym cannot be read backwards; there are few enough households to try them all.
        for known in tx.execute(select(Household.id, Household.public_id)):
            if pseudonym(known.public_id) == typed:
                return known.id
        raise NothingThere()
    code = "".join(typed.split()).replace("-", "").upper()
    key = tx.execute(
        select(Household.id).where(or_(Household.code == code, Household.public_id == typed))
    ).scalar_one_or_none()
    if key is None:
        raise NothingThere()
    return key
