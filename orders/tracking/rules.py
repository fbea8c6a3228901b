"""What a purchase's parts add up to: what is to pay, which step it is at, what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from orders.purchasing.states import OrderState, PaymentTerms, PurchaseKind, PurchaseState
from orders.tracking.states import Next, Step
from shop.core.money import ZERO, Money


@dataclass(frozen=True, slots=True)
class Facts:
    """All that decides where a purchase stands.

    `total` is what it costs without the units given up before they were shipped, and `orders`
    leaves out those given up whole. `paid` is what came in and was put to its orders; `open` what
    accepted goods still owe;
    `counting` says that a first signature waits for its second.
    """

    kind: PurchaseKind
    state: PurchaseState
    terms: PaymentTerms
    total: Money
    paid: Money
    open: Money
    orders: tuple[OrderState, ...]
    shipments_open: int
    counting: bool
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of the timeline. `actor` is empty where no person did it."""

    step: Step
    done: bool
    current: bool
    at: datetime | None = None
    actor: str = ""


def to_pay(facts: Facts) -> Money:
    """What the buyer owes now; nothing before approval, and after acceptance only what came."""
    if facts.state is not PurchaseState.APPROVED:
        return ZERO
    if facts.terms is PaymentTerms.AFTER:
        return facts.open
    return max(ZERO, facts.total - facts.paid)


def is_paid(facts: Facts) -> bool:
    """Whether the buyer has paid all there is to pay for this purchase."""
    if facts.state is not PurchaseState.APPROVED:
        return False
    if facts.terms is PaymentTerms.AFTER:
        return all_in(facts.orders, OrderState.ACCEPTED) and not facts.open
    return facts.paid >= facts.total


def all_in(states: Sequence[OrderState], *wanted: OrderState) -> bool:
    """Whether every order has come at least so far; false for none."""
    return bool(states) and all(state in wanted for state in states)


def next_of(facts: Facts) -> Next:
    """What has to happen next; the first thing somebody can do."""
    if facts.state is PurchaseState.SUBMITTED:
        return Next.APPROVE
    if facts.state is PurchaseState.RETURNED:
        return Next.REVISE
    if facts.state is not PurchaseState.APPROVED:
        return Next.OVER
    if to_pay(facts):
        return Next.PAY
    if facts.counting:
        return Next.SIGN
    if facts.shipments_open:
        return Next.ACCEPT
    if not all_in(facts.orders, OrderState.ACCEPTED):
        return Next.SHIP
    return Next.DONE if facts.settled_at else Next.SETTLE


def order_of_steps(kind: PurchaseKind, terms: PaymentTerms) -> tuple[Step, ...]:
    """The steps in the order they are expected; a person's own purchase needs no approval."""
    first = (Step.PLACED, Step.APPROVED) if kind is PurchaseKind.BULK else (Step.PLACED,)
    if terms is PaymentTerms.AFTER:
        return (*first, Step.SHIPPED, Step.ACCEPTED, Step.PAID, Step.SETTLED)
    return (*first, Step.PAID, Step.SHIPPED, Step.ACCEPTED, Step.SETTLED)


def timeline(facts: Facts, done: dict[Step, tuple[datetime | None, str]]) -> tuple[StepRow, ...]:
    """The timeline: what is done with time and person, and the one step that is waited for.

    Args:
        done: the steps reached, with when and by whom.
    """
    rows: list[StepRow] = []
    waiting = facts.state in (PurchaseState.SUBMITTED, PurchaseState.APPROVED)
    for step in order_of_steps(facts.kind, facts.terms):
        at, actor = done.get(step, (None, ""))
        rows.append(StepRow(step, step in done, waiting and step not in done, at, actor))
        waiting = waiting and step in done
    return tuple(rows)
