"""Where a purchase stands, decided from plain facts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orders.purchasing.states import OrderState, PaymentTerms, PurchaseKind, PurchaseState
from orders.tracking.rules import Facts, is_paid, next_of, order_of_steps, timeline, to_pay
from orders.tracking.states import Next, Step
from shop.core.money import ZERO, Money

WAITING = Facts(
    kind=PurchaseKind.BULK,
    state=PurchaseState.SUBMITTED,
    terms=PaymentTerms.BEFORE,
    total=Money(1000),
    paid=ZERO,
    open=ZERO,
    orders=(OrderState.WAITING,),
    shipments_open=0,
    counting=False,
    settled_at=None,
)
APPROVED = replace(WAITING, state=PurchaseState.APPROVED, orders=(OrderState.CONFIRMED,))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (WAITING, Next.APPROVE),
        (replace(WAITING, state=PurchaseState.RETURNED), Next.REVISE),
        (replace(WAITING, state=PurchaseState.CANCELLED), Next.OVER),
        (replace(WAITING, state=PurchaseState.LAPSED), Next.OVER),
        (APPROVED, Next.PAY),
        (replace(APPROVED, paid=Money(999)), Next.PAY),
        (replace(APPROVED, paid=Money(1000)), Next.SHIP),
        (replace(APPROVED, terms=PaymentTerms.AFTER), Next.SHIP),
        (replace(APPROVED, terms=PaymentTerms.AFTER, open=Money(1)), Next.PAY),
        (replace(APPROVED, paid=Money(1000), shipments_open=1), Next.ACCEPT),
        (replace(APPROVED, paid=Money(1000), counting=True), Next.SIGN),
        (
            replace(APPROVED, paid=Money(1000), orders=(OrderState.ACCEPTED,)),
            Next.SETTLE,
        ),
    ],
)
def test_what_comes_next(facts: Facts, expected: Next) -> None:
    assert next_of(facts) is expected


def test_nothing_is_to_pay_but_for_an_approved_purchase() -> None:
    assert to_pay(WAITING) == ZERO
    assert to_pay(APPROVED) == Money(1000)
    assert to_pay(replace(APPROVED, paid=Money(1200))) == ZERO


def test_a_purchase_on_terms_is_paid_when_everything_accepted_is() -> None:
    later = replace(APPROVED, terms=PaymentTerms.AFTER)

    assert not is_paid(later)
    assert not is_paid(replace(later, orders=(OrderState.ACCEPTED,), open=Money(1)))
    assert is_paid(replace(later, orders=(OrderState.ACCEPTED,)))


def test_steps_follow_the_terms_and_a_person_needs_no_approval() -> None:
    before = order_of_steps(PurchaseKind.BULK, PaymentTerms.BEFORE)
    after = order_of_steps(PurchaseKind.BULK, PaymentTerms.AFTER)

    assert before.index(Step.PAID) < before.index(Step.SHIPPED)
    assert after.index(Step.PAID) > after.index(Step.ACCEPTED)
    assert Step.APPROVED not in order_of_steps(PurchaseKind.RETAIL, PaymentTerms.BEFORE)


def test_only_the_first_open_step_is_waited_for() -> None:
    rows = timeline(APPROVED, {Step.PLACED: (None, "王梅"), Step.APPROVED: (None, "陈立")})

    assert [row.step for row in rows if row.current] == [Step.PAID]


def test_a_purchase_that_is_over_waits_for_nothing() -> None:
    gone = replace(WAITING, state=PurchaseState.CANCELLED)

    assert not any(row.current for row in timeline(gone, {Step.PLACED: (None, "王梅")}))
