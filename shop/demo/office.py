"""The platform's desk: what is set aside, how long unions have to pay, and months closed."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import func, select

from orders.closing import checking, rules
from orders.closing import commands as closing
from orders.closing.bank_side import sides
from orders.closing.checklist import next_to_close
from orders.closing.reconciling import confirm_reconciliation, end_of, sign_reconciliation
from orders.closing.states import Cause
from orders.payouts.models import PayoutBatch
from orders.payouts.states import BatchState
from orders.purchasing.models import Order, Purchase
from orders.receivables import commands as receivables
from orders.receivables.models import PaymentReminder, ReceivableTerm
from orders.receivables.reminder_queries import unsent
from orders.receivables.reminding import mark_brought
from orders.receivables.rules import STATUTE
from orders.receivables.states import SendingWay
from orders.reserves import commands as reserves
from orders.settlements.models import SettlementRun
from orders.settlements.states import RunState
from orders.shipments.models import Acceptance
from shop.core import clock
from shop.core.actors import CLOCK
from shop.core.money import ZERO
from shop.core.permissions import Role
from shop.demo.region import Region
from shop.demo.story import Story
from shop.organisations.models import Organisation

_LATE_UNION = "GXZY"

#: How the operator brings letters to unions, turn about.
_WAYS = (
    (SendingWay.LETTER, "挂号信"),
    (SendingWay.TELEPHONE, "告诉了工会财务"),
    (SendingWay.WECHAT, "函件发到工作群"),
)


class Office:
    """What operator and treasurer agree on between rounds of paying."""

    def __init__(self, story: Story, region: Region) -> None:
        self.story, self.region = story, region
        self.operator, self.treasurer = region.person("operator"), region.person("treasurer")

    def plan(self) -> None:
        """Put it into the plot."""
        story = self.story
        begin = story.first
        story.at(clock.at(begin, 12), self._reserve)
        story.at(clock.at(begin, 13), self._terms)
        story.at(story.ago(5, 15), self._promise)
        story.at(story.ago(4, 9), self._bring_letters)
        story.at(story.ago(3, 10), self._shorter_terms)
        story.at(story.ago(2, 14), self._more_reserve)
        story.at(story.ago(0, 3), self._night)
        month = f"{begin:%Y-%m}"
        while rules.last_day(month) < story.today:
            month = rules.next_month(month)
            # Before nine nobody has drafted anything yet.
            story.at(clock.at(date.fromisoformat(f"{month}-06"), 8), self._close_month)

    # --- the risk reserve -----------------------------------------------------------------------

    def _reserve(self) -> None:
        rate = self._propose_rate("SCTH", 200, 0, "理事会决议：每次结算提取合作社所得的 2%。")
        self.story.do(reserves.approve_rate, self.treasurer, rate_id=rate)

    def _more_reserve(self) -> None:
        """Waits for the treasurer when the story ends."""
        self._propose_rate("SCTH", 300, 30, "今年退货多了些，明年起改提 3%。")

    def _propose_rate(self, code: str, bp: int, days: int, reason: str) -> str:
        return self.story.do(
            reserves.propose_rate,
            self.operator,
            cooperative_id=self.region.organisations[code],
            from_day=clock.day_of(self.story.now) + timedelta(days=days),
            bp=bp,
            reason=reason,
        )

    # --- payment terms --------------------------------------------------------------------------

    def _terms(self) -> None:
        first = clock.day_of(self.story.now) + timedelta(days=1)
        rule = self._propose_rule(first, 30, "采购框架协议第六条")
        self.story.do(receivables.approve_rule, self.treasurer, rule_id=rule)

    def _shorter_terms(self) -> None:
        """Waits for the treasurer when the story ends."""
        self._propose_rule(date(self.story.today.year + 1, 1, 1), 20, "采购框架协议补充条款")

    def _propose_rule(self, first: date, days: int, source: str) -> str:
        return self.story.do(
            receivables.propose_rule,
            self.operator,
            from_day=first,
            days=days,
            longest_days=60,
            rate=5,
            reminding=STATUTE.reminding,
            source=source,
        )

    def _promise(self) -> None:
        """The union that is latest says by when it will pay, if it owes still."""
        late = self.story.tx.execute(
            select(Acceptance.public_id)
            .join(ReceivableTerm, ReceivableTerm.acceptance_id == Acceptance.id)
            .join(Order, Order.id == Acceptance.order_id)
            .join(Purchase, Purchase.id == Order.purchase_id)
            .join(Organisation, Organisation.id == Purchase.union_id)
            .where(
                Organisation.code == _LATE_UNION,
                ReceivableTerm.due_on < clock.day_of(self.story.now),
            )
            .order_by(ReceivableTerm.due_on)
        ).scalars()
        for acceptance in late.all():
            try:
                self.story.do(
                    receivables.promise_day,
                    self.region.officer(_LATE_UNION, Role.FINANCE),
                    acceptance_id=acceptance,
                    promised_on=self.story.today + timedelta(days=12),
                    note="年底预算已批，下个月头一周付。",
                )
            except receivables.NothingOwed:
                continue
            return

    def _bring_letters(self) -> None:
        """All letters but the last are noted as brought, turn about by the ways there are."""
        letters = self.story.tx.execute(
            select(PaymentReminder.public_id, PaymentReminder.on_day)
            .where(unsent())
            .order_by(PaymentReminder.id)
        ).all()
        for place, (letter, on_day) in enumerate(letters[:-1]):
            way, note = _WAYS[place % len(_WAYS)]
            self.story.do(
                mark_brought,
                self.operator,
                reminder_id=letter,
                way=way,
                on_day=on_day,
                note=note,
            )

    # --- months ---------------------------------------------------------------------------------

    def _close_month(self) -> None:
        """Reconcile the month that is next and close it, both by two people."""
        story = self.story
        month = next_to_close(story.tx, story.now)
        if month is None or rules.span(month)[1] > story.now:
            return
        day = rules.last_day(month)
        found = sides(story.tx, end_of(day))
        if found.rest != ZERO or self._drafted():
            return
        sheet = story.do(
            sign_reconciliation,
            self.operator,
            day=day,
            seen_hash=found.seen_hash,
            typed=found.bank,
        )
        story.do(confirm_reconciliation, self.treasurer, reconciliation_id=sheet)
        story.do(checking.check_now, self.operator, cause=Cause.ASKED)
        story.do(closing.propose_month, self.operator, month=month)
        story.do(closing.confirm_month, self.treasurer, month=month)

    def _night(self) -> None:
        """The clock checks the books, as it does every night."""
        self.story.do(
            checking.check_now, CLOCK, cause=Cause.NIGHTLY, night=clock.day_of(self.story.now)
        )

    def _drafted(self) -> bool:
        runs = select(func.count()).where(SettlementRun.state == RunState.DRAFT)
        batches = select(func.count()).where(PayoutBatch.state == BatchState.DRAFT)
        return any(self.story.tx.execute(one).scalar_one() for one in (runs, batches))
