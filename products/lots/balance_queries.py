"""Reading the mass balance of a cooperative: all of it in a handful of statements, set by set."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Subquery, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from products.catalogue.models import Specification
from products.catalogue.states import Category
from products.households.models import Household, Village
from products.lots import rules
from products.lots.alarm_queries import open_alarms
from products.lots.balance_rows import (
    Balance,
    Kilograms,
    Made,
    OddLot,
    OverHousehold,
    Stage,
    WrongLot,
)
from products.lots.flow import Spot, Stream, laid_out
from products.lots.lot_queries import may_read
from products.lots.mass_balance import brought_by, windows
from products.lots.models import Lot, LotInput, LotLoss, MassAlarm
from products.lots.queries import LISTED, select_lots
from products.lots.rows import LotRow
from products.lots.states import AlarmKind, LotKind, LotState, Season
from shop.core import db
from shop.core.actors import Actor
from shop.core.clock import day_of, start_of
from shop.core.permissions import Permission as P

_LOT = Lot.__table__.c

#: In which column of the chart each kind of lot stands, and where it ends.
COLUMNS = {
    LotKind.DELIVERY: 0,
    LotKind.PROCESSED: 1,
    LotKind.PART: 2,
    LotKind.BYPRODUCT: 2,
    LotKind.BLEND: 3,
    LotKind.PACKED: 4,
}
ENDS = ("sold", "left", "lost", "shrunk")

Streams = dict[Category, dict[tuple[LotKind, LotKind], int]]


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose balance (internal key of a cooperative), of which days; `until` is the first after."""

    cooperative: int
    since: date
    until: date

    @property
    def lots(self) -> ColumnElement[bool]:
        """Which lots are meant: recorded in these days and not voided."""
        return and_(
            Lot.cooperative_id == self.cooperative,
            Lot.state == LotState.RECORDED,
            Lot.made_at >= start_of(self.since),
            Lot.made_at < start_of(self.until),
        )


def balance(
    tx: Session, cooperative_id: int, actor: Actor, *, year: int, season: Season, today: date
) -> Balance:
    """The mass balance of a cooperative for a season: what was recorded, and where it is now.

    Households are held against their land in the year before the season's last day, or today.

    Raises:
        NotFound, NotAllowed: `lot:read` there, or `audit:read`, is needed.
    """
    may_read(actor, cooperative_id)
    asked = Asked(cooperative_id, *rules.days_of(year, season))
    made = _made(tx, asked)
    return Balance(
        since=asked.since,
        until=asked.until,
        made=made,
        stages=_stages(made, _streams(tx, asked)),
        wrong=_wrong(tx, asked),
        odd=_odd(tx, asked),
        over=_over(tx, asked, today),
        open_alarms=open_alarms(tx, cooperative_id),
        names=actor.may(P.HOUSEHOLD_READ, cooperative_id),
    )


def lots_of(
    tx: Session,
    cooperative_id: int,
    actor: Actor,
    *,
    year: int,
    season: Season,
    kind: LotKind,
    category: Category,
    goods: str,
    grade: str,
) -> tuple[LotRow, ...]:
    """The lots behind one line of the balance, oldest first, at most 200.

    Raises:
        NotFound, NotAllowed: see `balance`.
    """
    may_read(actor, cooperative_id)
    asked = Asked(cooperative_id, *rules.days_of(year, season))
    rows = tx.execute(
        select_lots()
        .where(
            asked.lots,
            Lot.kind == kind,
            Lot.category == category,
            Lot.name == goods,
            Lot.grade == grade,
        )
        .order_by(Lot.id)
        .limit(LISTED)
    )
    return tuple(LotRow(*row) for row in rows)


def years(tx: Session, cooperative_id: int, today: date) -> list[int]:
    """The years in which the cooperative recorded anything, the latest first; this one always."""
    first = tx.execute(
        select(func.min(Lot.made_at)).where(Lot.cooperative_id == cooperative_id)
    ).scalar()
    return list(range(today.year, day_of(first).year - 1 if first else today.year - 1, -1))


def _moves(asked: Asked) -> tuple[Subquery, Subquery, Subquery]:
    """Per lot: what went into it, what later lots took, what was lost, as written down."""
    mine = select(Lot.id).where(asked.lots)
    into, out, lost = LotInput.__table__.c, LotInput.__table__.c, LotLoss.__table__.c
    return (
        select(into.child_id.label("lot"), db.total(into.grams).label("grams"))
        .where(into.child_id.in_(mine))
        .group_by(into.child_id)
        .subquery("taken"),
        select(out.parent_id.label("lot"), db.total(out.grams).label("grams"))
        .where(out.parent_id.in_(mine))
        .group_by(out.parent_id)
        .subquery("out"),
        select(lost.lot_id.label("lot"), db.total(lost.grams).label("grams"))
        .where(lost.lot_id.in_(mine))
        .group_by(lost.lot_id)
        .subquery("gone"),
    )


def _made(tx: Session, asked: Asked) -> tuple[Made, ...]:
    taken, out, gone = _moves(asked)
    net = Specification.__table__.c.net_grams
    rows = tx.execute(
        select(
            Lot.category,
            Lot.kind,
            Lot.name,
            Lot.grade,
            func.count(),
            db.total(taken.c.grams),
            db.total(_LOT.grams),
            db.total(out.c.grams),
            db.total(gone.c.grams),
            db.total(_LOT.used_grams),
            db.total(_LOT.lost_grams),
            db.total(_LOT.shipped_units * net),
            db.total(_LOT.reserved_units * net),
            db.total(_LOT.written_off_units * net),
        )
        .select_from(Lot)
        .outerjoin(taken, taken.c.lot == Lot.id)
        .outerjoin(out, out.c.lot == Lot.id)
        .outerjoin(gone, gone.c.lot == Lot.id)
        .outerjoin(Specification, Specification.id == Lot.specification_id)
        .where(asked.lots)
        .group_by(Lot.category, Lot.kind, Lot.name, Lot.grade)
    )
    order = {kind: place for place, kind in enumerate(COLUMNS)}
    found = [Made(*row[:4], *(int(figure) for figure in row[4:])) for row in rows]
    return tuple(sorted(found, key=lambda m: (m.category.value, order[m.kind], m.goods, m.grade)))


def _streams(tx: Session, asked: Asked) -> Streams:
    """Per category: grams that went from lots of one kind into lots of another."""
    parent = aliased(Lot)
    rows = tx.execute(
        select(Lot.category, parent.kind, Lot.kind, db.total(LotInput.__table__.c.grams))
        .join(LotInput, LotInput.child_id == Lot.id)
        .join(parent, parent.id == LotInput.parent_id)
        .where(asked.lots)
        .group_by(Lot.category, parent.kind, Lot.kind)
    )
    found: Streams = defaultdict(dict)
    for category, source, target, grams in rows:
        found[category][source, target] = int(grams)
    return found


def _stages(made: tuple[Made, ...], streams: Streams) -> tuple[Stage, ...]:
    by_category: dict[Category, list[Made]] = defaultdict(list)
    for one in made:
        by_category[one.category].append(one)
    return tuple(
        _stage(category, some, streams.get(category, {}))
        for category, some in sorted(by_category.items(), key=lambda item: item[0].value)
    )


def _stage(
    category: Category, made: list[Made], streams: dict[tuple[LotKind, LotKind], int]
) -> Stage:
    weights: dict[str, int] = defaultdict(int)
    widths: dict[str, int] = defaultdict(int)
    bands: dict[tuple[str, str], int] = defaultdict(int)
    for one in made:
        weights[one.kind.value] += one.grams
        widths[one.kind.value] += max(one.taken, one.grams)
        ends = (one.sold, one.left, one.lost + one.written_off, one.shrunk)
        for end, grams in zip(ENDS, ends, strict=True):
            if grams:
                bands[one.kind.value, end] += grams
                weights[end] += grams
    for (source, target), grams in streams.items():
        bands[source.value, target.value] += grams
        weights.setdefault(source.value, 0)
    place = {kind.value: column for kind, column in COLUMNS.items()}
    last = max(COLUMNS.values()) + 1
    order = [kind.value for kind in COLUMNS] + list(ENDS)
    spots = [
        Spot(key, place.get(key, last), max(weights[key], widths[key]))
        for key in sorted(weights, key=order.index)
    ]
    flows = [Stream(*ends, grams) for ends, grams in bands.items()]

    def total(figure: str, *kinds: LotKind) -> int:
        return sum(getattr(one, figure) for one in made if one.kind in kinds)

    return Stage(
        category,
        Kilograms(
            total("grams", LotKind.DELIVERY),
            total("grams", LotKind.PROCESSED),
            total("grams", LotKind.PACKED),
            total("sold", LotKind.PACKED),
            total("left", *LotKind),
        ),
        laid_out(spots, flows),
        dict(weights),
    )


def _wrong(tx: Session, asked: Asked) -> tuple[WrongLot, ...]:
    """Lots that count otherwise than what is written down, or sold more than they are."""
    _taken, out, gone = _moves(asked)
    written = func.coalesce(out.c.grams, 0) + func.coalesce(gone.c.grams, 0)
    counted = _LOT.used_grams + _LOT.lost_grams
    given = _LOT.reserved_units + _LOT.shipped_units + _LOT.written_off_units
    rows = tx.execute(
        select(Lot.public_id, Lot.number, Lot.grams, counted, written)
        .outerjoin(out, out.c.lot == Lot.id)
        .outerjoin(gone, gone.c.lot == Lot.id)
        .where(asked.lots, or_(counted != written, written > _LOT.grams, given > _LOT.units))
        .order_by(Lot.id)
    )
    return tuple(WrongLot(*row) for row in rows)


def _odd(tx: Session, asked: Asked) -> tuple[OddLot, ...]:
    """Processed lots outside the window of their day."""
    taken, _out, _gone = _moves(asked)
    known = windows(tx)
    rows = tx.execute(
        select(Lot, taken.c.grams, MassAlarm.state)
        .join(taken, taken.c.lot == Lot.id)
        .outerjoin(MassAlarm, and_(MassAlarm.lot_id == Lot.id, MassAlarm.kind == AlarmKind.RATIO))
        .where(asked.lots, Lot.kind == LotKind.PROCESSED)
        .order_by(Lot.id)
    )
    found = []
    for lot, grams, alarm in rows:
        window = known.of(lot.category, lot.name, lot.grade, day_of(lot.made_at))
        if window and rules.ratio_is_odd(window, int(grams), lot.grams):
            found.append(
                OddLot(
                    lot.public_id,
                    lot.number,
                    lot.name,
                    lot.grade,
                    int(grams),
                    lot.grams,
                    window,
                    alarm,
                )
            )
    return tuple(found)


def _over(tx: Session, asked: Asked, today: date) -> tuple[OverHousehold, ...]:
    """Households over their land, the furthest first."""
    day = min(today, asked.until - timedelta(days=1))
    brought = brought_by(tx, Household.cooperative_id == asked.cooperative, day)
    over = {
        key: [one for one in some if one.over]
        for key, some in brought.items()
        if any(one.over for one in some)
    }
    rows = tx.execute(
        select(Household.id, Household.public_id, Household.name, Village.name)
        .join(Village, Village.id == Household.village_id)
        .where(Household.id.in_(over))
    )
    found = [
        OverHousehold(public_id, name, village, one.category, one.grams, one.area_m2, one.needed_m2)
        for key, public_id, name, village in rows
        for one in over[key]
    ]
    return tuple(sorted(found, key=lambda row: (row.area_m2 - row.needed_m2, row.household_id)))
