"""The public figure (公开数字): what buyers paid, what it pays for, and where it is now.

Totals only, as of the last closed day. A closed month does not change, so neither does the figure
of a day.

Rule: docs/money.md, “Where every fen is”.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from orders.closing import rules
from orders.closing.bank_side import run
from orders.closing.models import PublicFigure
from orders.closing.proof import BEGINNING, Goods, PeriodProof, of_period
from orders.closing.states import KINDS
from orders.ledger.models import LedgerMonth
from orders.ledger.states import SHUT
from orders.ledger.states import AccountKind as K
from shop.core import clock
from shop.core.money import ZERO, Money, total

#: What ever moved between kinds of accounts, from debit to credit.
_BETWEEN = """
  SELECT d.kind AS debit, c.kind AS credit, sum(t.amount_fen) AS fen
  FROM ledger_transfer t
  JOIN ledger_journal j ON j.id = t.journal_id AND j.effective_at < :until
  JOIN ledger_account d ON d.id = t.debit_id
  JOIN ledger_account c ON c.id = t.credit_id
  GROUP BY d.kind, c.kind
"""

#: Where money in suspense comes from and goes to, as a rule.
_USUAL = {K.CUSTODY, K.ESCROW, K.BUYER_RECEIVABLE, K.REFUND_IN_TRANSIT, K.SUSPENSE}


@dataclass(frozen=True, slots=True)
class Shares:
    """Where the households' part of the goods is: it sums to `goods.households`.

    `set_off` repaid cooperatives for leaf they had paid at the gate, less what they covered since;
    `paid` reached the cards, `coming` is on its way there or waits to be sent; `in_pools` waits
    for a settlement or for buyers to pay.
    """

    set_off: Money
    paid: Money
    coming: Money
    in_pools: Money

    @property
    def whole(self) -> Money:
        """All of it."""
        return self.set_off + self.paid + self.coming + self.in_pools


@dataclass(frozen=True, slots=True)
class PublicProof:
    """Received = goods kept − still owed + waiting + unclaimed + refunds + elsewhere.

    `goods` splits what buyers kept by what its prices say they pay for. `refunds` have left or
    are on their way; `elsewhere` is interest, what cooperatives paid, and payouts sent back.
    """

    day: date
    period: PeriodProof
    owed: Money
    waiting: Money
    unclaimed: Money
    refunds: Money
    elsewhere: Money
    shares: Shares

    @property
    def goods(self) -> Goods:
        """What buyers kept, by what it pays for."""
        return self.period.goods

    @property
    def kept(self) -> Money:
        """What was paid of the goods that buyers kept."""
        return self.goods.whole - self.owed

    @property
    def placed(self) -> Money:
        """What came in, added up from where it went."""
        return total([self.kept, self.waiting, self.unclaimed, self.refunds, self.elsewhere])

    @property
    def rest(self) -> Money:
        """What has no place, on whichever side; must be zero."""
        sides = (self.period.received - self.placed, self.period.rest, self.period.held_rest)
        return next((side for side in sides if side), ZERO)


def public(tx: Session) -> PublicProof | None:
    """The figure as of the last closed day, as it was published; None before a month is closed."""
    month = tx.execute(
        select(func.max(LedgerMonth.month)).where(LedgerMonth.state.in_(SHUT))
    ).scalar()
    if month is None:
        return None
    content = tx.execute(
        select(PublicFigure.content).where(PublicFigure.month == month)
    ).scalar_one_or_none()
    return as_of(tx, rules.span(month)[1]) if content is None else _read(content)


def publish(tx: Session, month: str) -> None:
    """Figure and keep what is public once a month is closed: reading it must not read all books."""
    tx.execute(delete(PublicFigure).where(PublicFigure.month == month))
    tx.add(PublicFigure(month=month, content=_written(as_of(tx, rules.span(month)[1]))))


def as_of(tx: Session, until: datetime) -> PublicProof:
    """The figures of all that took effect before a moment."""
    period = of_period(tx, BEGINNING, until)
    held = dict(period.held)
    moved = {
        (KINDS[row.debit], KINDS[row.credit]): Money(int(row.fen))
        for row in run(tx, _BETWEEN, until=until)
    }

    def net(source: K, target: K) -> Money:
        return moved.get((source, target), ZERO) - moved.get((target, source), ZERO)

    settled = net(K.LOT_POOL, K.HOUSEHOLD_PAYABLE)
    paid = period.households - net(K.SUSPENSE, K.HOUSEHOLD_PAYABLE)
    in_pools = held.get(K.LOT_POOL, ZERO)
    return PublicProof(
        day=clock.day_of(until) - timedelta(days=1),
        period=period,
        owed=-held.get(K.BUYER_RECEIVABLE, ZERO),
        waiting=held.get(K.ESCROW, ZERO),
        unclaimed=held.get(K.SUSPENSE, ZERO),
        refunds=period.refunds + held.get(K.REFUND_IN_TRANSIT, ZERO),
        elsewhere=total([net(K.SUSPENSE, kind) for kind in K if kind not in _USUAL]),
        shares=Shares(
            set_off=period.goods.households - in_pools - settled,
            paid=paid,
            coming=settled - paid,
            in_pools=in_pools,
        ),
    )


def _written(found: PublicProof) -> str:
    """A figure as JSON: days, moments and kinds as text, money as its whole fen."""
    return json.dumps(asdict(found), default=_plain)


def _plain(value: date | K) -> str:
    return value.value if isinstance(value, K) else value.isoformat()


def _read(content: str) -> PublicProof:
    """What `_written` wrote."""
    known = json.loads(content)
    period = known["period"]
    return PublicProof(
        day=date.fromisoformat(known["day"]),
        period=PeriodProof(
            since=datetime.fromisoformat(period["since"]),
            until=datetime.fromisoformat(period["until"]),
            held=tuple((KINDS[kind], Money(**fen)) for kind, fen in period["held"]),
            goods=Goods(**_money(period["goods"])),
            **_money(period, but=("since", "until", "held", "goods")),
        ),
        shares=Shares(**_money(known["shares"])),
        **_money(known, but=("day", "period", "shares")),
    )


def _money(known: dict[str, Any], but: tuple[str, ...] = ()) -> dict[str, Money]:
    return {name: Money(**fen) for name, fen in known.items() if name not in but}
