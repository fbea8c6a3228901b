"""Reading risk reserves: the rate of a day, what lies there, what fed it and what it covered."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import BigInteger, func, or_, select, type_coerce
from sqlalchemy.orm import Session, aliased

from orders.ledger.models import Account, Journal, Transfer
from orders.ledger.states import AccountKind, JournalKind
from orders.reserves.models import ReserveRate
from orders.reserves.states import RateState
from products.lots.models import Lot
from shop.core import clock, db
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.money import ZERO, Money
from shop.core.permissions import Permission
from shop.organisations.models import Organisation, OrganisationKind

#: So many movements are shown.
MOVES = 200


def rates_on(tx: Session, cooperative_ids: Collection[int], day: date) -> dict[int, int]:
    """What each of these cooperatives (internal keys) sets aside on a day, in basis points.

    The approved rate with the latest `from_day` not after the day; 0 where there is none.
    """
    newest = (
        select(ReserveRate.cooperative_id, func.max(ReserveRate.from_day).label("from_day"))
        .where(
            ReserveRate.cooperative_id.in_(cooperative_ids),
            ReserveRate.state == RateState.APPROVED,
            ReserveRate.from_day <= day,
        )
        .group_by(ReserveRate.cooperative_id)
        .subquery()
    )
    rows = tx.execute(
        select(ReserveRate.cooperative_id, ReserveRate.bp).join(
            newest,
            (newest.c.cooperative_id == ReserveRate.cooperative_id)
            & (newest.c.from_day == ReserveRate.from_day)
            & (ReserveRate.state == RateState.APPROVED),
        )
    )
    found = dict.fromkeys(cooperative_ids, 0)
    found.update({cooperative_id: bp for cooperative_id, bp in rows})
    return found


@dataclass(frozen=True, slots=True)
class RateRow:
    """One rate of a cooperative. `may_decide`: the actor may approve or refuse it."""

    public_id: str
    cooperative: str
    cooperative_en: str
    from_day: date
    bp: int
    state: RateState
    reason: str
    proposed_at: datetime
    may_decide: bool
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class Reserve:
    """What lies in a cooperative's reserve, was ever put there and ever taken out."""

    cooperative_id: str
    name: str
    name_en: str
    bp: int
    balance: Money
    fed: Money
    covered: Money

    @property
    def unused(self) -> bool:
        """Whether nothing is set aside and nothing ever was."""
        return not (self.bp or self.fed or self.balance)


@dataclass(frozen=True, slots=True)
class ReserveMove:
    """One movement of a reserve, which fed it (`fed`) or was covered by it.

    `thing` is the public id of what caused it, `lot` the lot on the other side, if there is one.
    """

    at: datetime
    kind: JournalKind
    fed: bool
    amount: Money
    thing: str
    lot: str


@dataclass(frozen=True, slots=True)
class ReservePage:
    """The reserves and rates somebody may see, newest moves first."""

    reserves: tuple[Reserve, ...]
    rates: tuple[RateRow, ...]
    moves: tuple[ReserveMove, ...]
    may_propose: bool


def platform_page(tx: Session, actor: Actor, now: datetime) -> ReservePage:
    """Every cooperative's reserve, for the platform and its auditors.

    Raises:
        NotAllowed: `platform:read` is needed.
    """
    actor.require(Permission.PLATFORM_READ)
    cooperatives = tx.execute(
        select(Organisation)
        .where(Organisation.kind == OrganisationKind.COOPERATIVE)
        .order_by(Organisation.code)
    ).scalars()
    return _page(tx, list(cooperatives), actor, now)


def cooperative_page(tx: Session, cooperative_id: int, actor: Actor, now: datetime) -> ReservePage:
    """One cooperative's own reserve.

    Args:
        cooperative_id: internal key.

    Raises:
        NotFound, NotAllowed: `order:read` in the cooperative is needed.
    """
    actor.require(Permission.ORDER_READ, cooperative_id)
    return _page(tx, [tx.get_one(Organisation, cooperative_id)], actor, now)


def rate_row(tx: Session, rate_id: str, actor: Actor) -> RateRow:
    """One rate, for whoever has to decide about it.

    Raises:
        NotAllowed: `platform:read` is needed.
        NotFound: there is none of this id.
    """
    actor.require(Permission.PLATFORM_READ)
    found = tx.execute(
        select(Organisation)
        .join(ReserveRate, ReserveRate.cooperative_id == Organisation.id)
        .where(ReserveRate.public_id == rate_id)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound()
    rows = _rates(tx, {found.id: found}, actor)
    return next(row for row in rows if row.public_id == rate_id)


def _page(
    tx: Session, cooperatives: list[Organisation], actor: Actor, now: datetime
) -> ReservePage:
    keys = {cooperative.id: cooperative for cooperative in cooperatives}
    bp = rates_on(tx, keys, clock.day_of(now))
    moves = _moves(tx, keys)
    fed, covered = _sums(tx, keys, credit=True), _sums(tx, keys, credit=False)
    return ReservePage(
        tuple(
            Reserve(
                thing.public_id,
                thing.name,
                thing.name_en,
                bp[key],
                fed[key] - covered[key],
                fed[key],
                covered[key],
            )
            for key, thing in keys.items()
        ),
        tuple(_rates(tx, keys, actor)),
        tuple(moves),
        actor.may(Permission.SETTLEMENT_DRAFT),
    )


def _rates(tx: Session, keys: Mapping[int, Organisation], actor: Actor) -> list[RateRow]:
    rows = tx.execute(
        select(ReserveRate)
        .where(ReserveRate.cooperative_id.in_(keys))
        .order_by(ReserveRate.from_day.desc(), ReserveRate.id.desc())
    ).scalars()
    found = []
    for rate in rows:
        waits = rate.state is RateState.PROPOSED
        cooperative = keys[rate.cooperative_id]
        found.append(
            RateRow(
                rate.public_id,
                cooperative.name,
                cooperative.name_en,
                rate.from_day,
                rate.bp,
                rate.state,
                rate.reason,
                rate.proposed_at,
                waits and actor.may(Permission.SETTLEMENT_APPROVE),
                waits and actor.may(Permission.SETTLEMENT_DRAFT),
            )
        )
    return found


def _sums(tx: Session, keys: Collection[int], *, credit: bool) -> dict[int, Money]:
    side = Transfer.credit_id if credit else Transfer.debit_id
    rows = tx.execute(
        select(Account.owner_id, db.total(type_coerce(Transfer.amount, BigInteger)))
        .join(Transfer, side == Account.id)
        .where(Account.kind == AccountKind.RISK_RESERVE, Account.owner_id.in_(keys))
        .group_by(Account.owner_id)
    )
    found = dict.fromkeys(keys, ZERO)
    found.update({owner: Money(int(fen)) for owner, fen in rows})
    return found


def _moves(tx: Session, keys: Collection[int]) -> list[ReserveMove]:
    other = aliased(Account)
    rows = tx.execute(
        select(
            Journal.posted_at,
            Journal.kind,
            Transfer.amount,
            Transfer.credit_id == Account.id,
            Journal.about,
            Lot.number,
        )
        .select_from(Account)
        .join(Transfer, or_(Transfer.debit_id == Account.id, Transfer.credit_id == Account.id))
        .join(Journal, Journal.id == Transfer.journal_id)
        .join(other, other.id == Transfer.debit_id + Transfer.credit_id - Account.id)
        .outerjoin(Lot, (other.kind == AccountKind.LOT_POOL) & (Lot.id == other.owner_id))
        .where(Account.kind == AccountKind.RISK_RESERVE, Account.owner_id.in_(keys))
        .order_by(Transfer.id.desc())
        .limit(MOVES)
    )
    return [
        ReserveMove(at, kind, bool(fed), amount, about, lot or "")
        for at, kind, amount, fed, about, lot in rows
    ]
