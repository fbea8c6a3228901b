"""Payment-term rules, agreed days, and what unions answer."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.purchasing.models import Order, Purchase
from orders.purchasing.states import PaymentTerms, PurchaseState
from orders.receivables import queries, terms
from orders.receivables.models import AgreedDays, PaymentAnswer, PaymentRule
from orders.receivables.rows import ReceivableRow
from orders.receivables.rules import Reminding
from orders.receivables.states import RULE, AnswerKind, RuleState
from orders.shipments.models import Acceptance
from orders.shipments.states import AcceptanceState
from shop.core import audit
from shop.core.actors import Actor
from shop.core.clock import day_of
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal, WrongState
from shop.core.labels import N_
from shop.core.money import ZERO, Money
from shop.core.permissions import Permission


class DaysOutOfRange(Refusal):
    """Days to pay are at least one and at most the longest that may be agreed."""

    code = "days_out_of_range"
    sentence = N_("付款天数要在 1 到 %(longest)s 天之间。")
    status = 422
    field = "days"


class NumbersOutOfRange(Refusal):
    """A rule's rate and its reminders are numbers that make sense."""

    code = "numbers_out_of_range"
    sentence = N_("日利率要在万分之 0 到 100 之间，提醒的天数要大于零，最后催告要比再次催款晚。")
    status = 422
    field = "rate"


class DayHasBegun(Refusal):
    """A rule begins on a later day than that of its approval, so that no past day changes."""

    code = "day_has_begun"
    sentence = N_("规定只能从明天或以后起用，已经过去的日子不能改。")
    status = 422
    field = "from_day"


class RuleDayTaken(Refusal):
    """One rule for a day."""

    code = "rule_day_taken"
    sentence = N_("这一天已经有一条规定，请先撤回它，或换一天。")
    field = "from_day"


class NotOnTerms(Refusal):
    """Days are agreed for a union's purchase that is paid after acceptance."""

    code = "not_on_terms"
    sentence = N_("采购单 %(number)s 不是验收后付款的单位采购，没有账期可约定。")
    field = "purchase"


class ClockRuns(Refusal):
    """Days are agreed before the first acceptance, and once."""

    code = "clock_runs"
    sentence = N_("采购单 %(number)s 已经约定过，或已经开始验收，账期不能再改。")
    field = "purchase"


class NothingOwed(Refusal):
    """There is nothing open to answer for."""

    code = "nothing_owed"
    sentence = N_("这张验收单的货款已经付清，不用再答复。")


class PromiseInThePast(Refusal):
    """A promise names a day that is still to come, within a year."""

    code = "promise_in_the_past"
    sentence = N_("请填今天或以后一年之内的日子。")
    status = 422
    field = "promised_on"


class DisputesMoreThanOpen(Refusal):
    """A dispute names an amount above zero and at most what is open."""

    code = "disputes_more_than_open"
    sentence = N_("有异议的金额要大于零，最多是还没付的 %(open)s 元。")
    status = 422
    field = "amount"


@command
def propose_rule(
    tx: Session,
    *,
    from_day: date,
    days: int,
    longest_days: int,
    rate: int,
    reminding: Reminding,
    source: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Propose what holds for purchases paid after acceptance from a day on; returns its id.

    Args:
        days: to pay, if nothing else is agreed; `longest_days`: the most that may be agreed.
        rate: interest per day in ten-thousandths of what is overdue.
        reminding: when buyers are reminded, and from how many days overdue on more firmly.
        source: where it is written.

    Raises:
        NotAllowed: the actor may not propose rules.
        DaysOutOfRange, NumbersOutOfRange, DayHasBegun, RuleDayTaken: see there.
        ReasonMissing: it names no source.
    """
    actor.require(Permission.TERMS_EDIT)
    if not 0 < days <= longest_days <= 366:
        raise DaysOutOfRange(longest=min(longest_days, 366))
    if not (
        0 <= rate <= 100
        and 0 < reminding.before_days <= 60
        and 0 < reminding.every_days <= 366
        and 0 < reminding.second_after_days < reminding.last_after_days <= 366
    ):
        raise NumbersOutOfRange()
    if from_day <= day_of(now):
        raise DayHasBegun()
    if not source.strip():
        raise ReasonMissing(field="source")
    taken = select(PaymentRule.id).where(
        PaymentRule.from_day == from_day, PaymentRule.state != RuleState.WITHDRAWN
    )
    if tx.execute(taken).first():
        raise RuleDayTaken()
    rule = PaymentRule(
        state=RuleState.PROPOSED,
        from_day=from_day,
        days=days,
        longest_days=longest_days,
        rate=rate,
        remind_before_days=reminding.before_days,
        remind_every_days=reminding.every_days,
        second_after_days=reminding.second_after_days,
        last_after_days=reminding.last_after_days,
        source=source.strip(),
        proposed_at=now,
        proposed_by_id=actor.user_id,
    )
    tx.add(rule)
    tx.flush()
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind=RULE.kind,
        thing=rule.public_id,
        action="propose",
        to_state=rule.state.value,
        from_day=from_day.isoformat(),
        days=days,
        rate=rate,
    )
    return rule.public_id


@command
def approve_rule(tx: Session, *, rule_id: str, actor: Actor, now: datetime) -> None:
    """Let a proposed rule come into force (复核账期规定), by another person than who proposed it.

    Raises:
        NotFound, NotAllowed, SamePerson, WrongState: see `StateTable.move`.
        DayHasBegun: its first day has come meanwhile.
    """
    rule = _locked_rule(tx, rule_id)
    RULE.move(tx, rule, "approve", actor=actor, now=now, organisation_id=None)
    if rule.from_day <= day_of(now):
        raise DayHasBegun()
    rule.approved_at, rule.approved_by_id = now, actor.user_id


@command
def withdraw_rule(tx: Session, *, rule_id: str, reason: str, actor: Actor, now: datetime) -> None:
    """Take back a rule that nobody has approved yet.

    Raises:
        NotFound, NotAllowed, WrongState: see `StateTable.move`.
        ReasonMissing: it says nothing.
    """
    rule = _locked_rule(tx, rule_id)
    if not reason.strip():
        raise ReasonMissing()
    RULE.move(
        tx, rule, "withdraw", actor=actor, now=now, organisation_id=None, reason=reason.strip()
    )


@command
def agree_days(
    tx: Session, *, number: str, days: int, ground: str, actor: Actor, now: datetime
) -> None:
    """Write down the days to pay that a purchase's contract agrees on (约定账期).

    Args:
        number: of a union's purchase that is paid after acceptance, not accepted yet.
        days: at most the longest that the rule of the day it was submitted allows.
        ground: the clause of the contract, or whatever it rests on.

    Raises:
        NotAllowed: the actor may not edit terms.
        NotFound: there is no such purchase.
        NotOnTerms, ClockRuns, DaysOutOfRange: see there.
        ReasonMissing: it rests on nothing.
    """
    actor.require(Permission.TERMS_EDIT)
    purchase = tx.execute(
        select(Purchase).where(Purchase.number == number.strip()).with_for_update()
    ).scalar_one_or_none()
    if purchase is None:
        raise NotFound(field="purchase")
    if purchase.union_id is None or purchase.terms is not PaymentTerms.AFTER:
        raise NotOnTerms(number=purchase.number)
    if purchase.state not in (PurchaseState.SUBMITTED, PurchaseState.APPROVED):
        raise WrongState(state=purchase.state.label, field="purchase")
    accepted = (
        select(Acceptance.id)
        .join(Order, Order.id == Acceptance.order_id)
        .where(Order.purchase_id == purchase.id, Acceptance.state != AcceptanceState.WITHDRAWN)
    )
    agreed = select(AgreedDays.id).where(AgreedDays.purchase_id == purchase.id)
    if tx.execute(accepted).first() or tx.execute(agreed).first():
        raise ClockRuns(number=purchase.number)
    longest = terms.of_purchase(tx, purchase).longest_days
    if not 0 < days <= longest:
        raise DaysOutOfRange(longest=longest)
    if not ground.strip():
        raise ReasonMissing(field="ground")
    tx.add(
        AgreedDays(
            purchase_id=purchase.id, days=days, ground=ground.strip(), at=now, by_id=actor.user_id
        )
    )
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="purchase",
        thing=purchase.public_id,
        action="agree_days",
        reason=ground.strip(),
        days=days,
    )


@command
def promise_day(
    tx: Session, *, acceptance_id: str, promised_on: date, note: str, actor: Actor, now: datetime
) -> None:
    """The union says by when it will pay (答应付款日期): until that day has passed, no reminders.

    Due day and interest stay as they are.

    Raises:
        NotFound, NotAllowed: it is not this actor's union's, or the role may not answer.
        NothingOwed, PromiseInThePast: see there.
    """
    row = _owing(tx, acceptance_id, actor, now)
    if not 0 <= (promised_on - day_of(now)).days <= 366:
        raise PromiseInThePast()
    _answer(
        tx,
        row,
        PaymentAnswer(
            acceptance_id=row.id,
            kind=AnswerKind.PROMISE,
            promised_on=promised_on,
            reason=note.strip(),
            at=now,
            by_id=actor.user_id,
        ),
        actor=actor,
        now=now,
    )


@command
def dispute_amount(
    tx: Session, *, acceptance_id: str, amount: Money, reason: str, actor: Actor, now: datetime
) -> None:
    """The union says that it does not owe an amount, and why (对金额有异议).

    Nothing moves: what proves right is put right by a return or a reversal.

    Raises:
        NotFound, NotAllowed: see `promise_day`.
        NothingOwed, DisputesMoreThanOpen: see there.
        ReasonMissing: it says nothing.
    """
    row = _owing(tx, acceptance_id, actor, now)
    if not ZERO < amount <= row.open:
        raise DisputesMoreThanOpen(open=str(row.open))
    if not reason.strip():
        raise ReasonMissing()
    _answer(
        tx,
        row,
        PaymentAnswer(
            acceptance_id=row.id,
            kind=AnswerKind.DISPUTE,
            amount=amount,
            reason=reason.strip(),
            at=now,
            by_id=actor.user_id,
        ),
        actor=actor,
        now=now,
    )


def _owing(tx: Session, acceptance_id: str, actor: Actor, now: datetime) -> ReceivableRow:
    tx.execute(
        select(Acceptance.id).where(Acceptance.public_id == acceptance_id).with_for_update()
    ).all()
    row = queries.row_of(tx, acceptance_id, actor, day_of(now))
    if row.union_id is None:
        raise NotFound()
    actor.require(Permission.PAYMENT_ANSWER, row.union_id)
    if row.open <= ZERO:
        raise NothingOwed()
    return row


def _answer(
    tx: Session, row: ReceivableRow, answer: PaymentAnswer, *, actor: Actor, now: datetime
) -> None:
    tx.add(answer)
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="receivable",
        thing=row.public_id,
        action=answer.kind.value,
        organisation_id=row.union_id,
        reason=answer.reason,
    )


def _locked_rule(tx: Session, rule_id: str) -> PaymentRule:
    rule = tx.execute(
        select(PaymentRule).where(PaymentRule.public_id == rule_id).with_for_update()
    ).scalar_one_or_none()
    if rule is None:
        raise NotFound()
    return rule
