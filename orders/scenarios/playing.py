"""Playing a scenario: every event by the commands people use, on whatever database is connected.

Rule: docs/money.md, “Scenario files”.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, select

from orders.payments.commands import import_statement
from orders.payments.matching import match_line
from orders.payments.models import BankLine
from orders.payments.open_amounts import open_amount
from orders.payments.states import LineState
from orders.payouts.commands import (
    NothingToPay,
    approve_batch,
    draft_batch,
    export_batch,
    import_results,
)
from orders.payouts.models import PayoutBatch, PayoutItem
from orders.payouts.states import ItemState, Outcome, PayoutKind
from orders.purchasing.cancelling import cancel_units
from orders.purchasing.commands import approve_purchase, submit_purchase
from orders.purchasing.models import Allocation, Order, OrderLine, Purchase
from orders.purchasing.states import PaymentTerms
from orders.scenarios.goods import Store
from orders.scenarios.queries import taken_of
from orders.scenarios.reading import Refused
from orders.scenarios.rules import Event, Scenario, returned_from
from orders.scenarios.stage import CARRIER, UNION, Stage, set_up
from orders.settlements.commands import NothingToSettle, approve_run, draft_run
from orders.settlements.models import SettlementRun
from orders.shipments.accepting import sign_first, sign_second
from orders.shipments.commands import ship
from orders.shipments.returning import return_goods
from shop.core import clock, db
from shop.core.errors import Refusal
from shop.core.money import ZERO, Money

_BANK_COLUMNS = "交易时间,收支方向,金额,余额,对方户名,对方账号,附言,流水号"


@dataclass(frozen=True, slots=True)
class Placed:
    """An order of the scenario by the shop's ids; `key` is the order's internal one."""

    key: int
    order: str
    purchase: str
    reference: str
    allocation: str
    specification: str


@dataclass(eq=False)
class Playing:
    """A scenario under way: what the file calls things, and what the shop does."""

    stage: Stage
    store: Store
    orders: dict[str, Placed] = field(default_factory=dict)
    bank: Money = ZERO
    lines: int = 0

    def happen(self, event: Event, place: str) -> None:
        """One event of the scenario.

        Raises:
            Refused: it cannot happen as things stand.
        """
        self.stage.now += timedelta(minutes=1)
        with _refused_at(place):
            getattr(self, f"_{event.do}")(event, place)

    def _order(self, event: Event, _place: str) -> None:
        stage = self.stage
        purchase = submit_purchase(
            union_id=stage.organisations[UNION],
            budget_id=None,
            terms=PaymentTerms.AFTER,
            recipient="情景",
            phone="",
            address="",
            note="",
            lines=((self.store.specifications[event.lot], event.units),),
            actor=stage.person("clerk"),
            now=stage.now,
        )
        approve_purchase(purchase_id=purchase, actor=stage.person("approver"), now=stage.now)
        with db.database().reading() as tx:
            row = tx.execute(
                select(
                    Order.id,
                    Order.public_id,
                    Purchase.public_id,
                    Purchase.reference,
                    Allocation.public_id,
                )
                .join(Purchase, Purchase.id == Order.purchase_id)
                .join(OrderLine, OrderLine.order_id == Order.id)
                .join(Allocation, Allocation.line_id == OrderLine.id)
                .where(Purchase.public_id == purchase)
            ).one()
        self.orders[event.id] = Placed(*row, self.store.specifications[event.lot])

    def _pay(self, event: Event, place: str) -> None:
        placed, amount = self.orders[event.order], Money(event.fen)
        with db.database().reading() as tx:
            still = open_amount(tx, placed.key)
        if amount > still:
            raise Refused(f"{place}.fen", f"only {still.fen} fen are open, not {amount.fen}")
        serial = self._arrives(amount, placed.reference)
        with db.database().reading() as tx:
            line, state = tx.execute(
                select(BankLine.public_id, BankLine.state).where(BankLine.serial == serial)
            ).one()
        if state is LineState.SUSPENSE:  # a part of what is open; a person says whose it is
            match_line(
                line_id=line,
                purchase_id=placed.purchase,
                amount=amount,
                actor=self.stage.person("operator"),
                now=self.stage.now,
            )

    def _arrives(self, amount: Money, memo: str) -> str:
        """The bank's statement shows one transfer; returns the line's serial."""
        self.lines += 1
        self.bank += amount
        serial = f"Q{self.lines:09d}"
        at = self.stage.now.astimezone(clock.SHANGHAI)
        line = f"{at:%Y-%m-%d %H:%M:%S},收入,{amount},{self.bank},情景工会,36050181010000001234,"
        import_statement(
            file_name=f"{serial}.csv",
            content=f"{_BANK_COLUMNS}\r\n{line}{memo},{serial}\r\n".encode("gb18030"),
            actor=self.stage.person("operator"),
            now=self.stage.now,
        )
        return serial

    def _short(self, event: Event, _place: str) -> None:
        placed = self.orders[event.order]
        cancel_units(
            order_id=placed.order,
            lines=((placed.specification, event.units),),
            reason="缺货",
            seen_refund=None,
            actor=self.stage.person("clerk"),
            now=self.stage.now,
        )
        self._refunds_leave()

    def _accept(self, event: Event, _place: str) -> None:
        """Units are sent, counted and signed for by two."""
        stage, placed = self.stage, self.orders[event.order]
        shipment = ship(
            order_id=placed.order,
            carrier_id=stage.organisations[CARRIER],
            waybill="",
            parcels=1,
            lines=((placed.allocation, event.units),),
            actor=stage.person("manager"),
            now=stage.now,
        )
        acceptance = sign_first(
            shipment_id=shipment,
            counts=((placed.allocation, event.units, 0, 0, ""),),
            note="",
            actor=stage.person("clerk"),
            now=stage.now,
        )
        sign_second(acceptance_id=acceptance, actor=stage.person("approver"), now=stage.now)

    def _return(self, event: Event, _place: str) -> None:
        with db.database().reading() as tx:
            taken = taken_of(tx, self.orders[event.order].key)
        for one, units in returned_from(event.units, taken):
            return_goods(
                acceptance_id=one.acceptance,
                lines=((one.line, units),),
                reason="退货",
                actor=self.stage.person("clerk"),
                now=self.stage.now,
            )
        self._refunds_leave()

    def _settle(self, _event: Event, _place: str) -> None:
        stage = self.stage
        try:
            run = draft_run(cooperative_id=None, actor=stage.person("operator"), now=stage.now)
        except NothingToSettle:
            return
        approve_run(
            run_id=run,
            seen_hash=_one(select(SettlementRun.seen_hash).where(SettlementRun.public_id == run)),
            actor=stage.person("treasurer"),
            now=stage.now,
        )

    def _payout(self, _event: Event, _place: str) -> None:
        self._goes_to_the_bank(PayoutKind.HOUSEHOLD)

    def _payout_result(self, event: Event, place: str) -> None:
        with db.database().reading() as tx:
            item = tx.execute(
                select(PayoutBatch.public_id, PayoutItem.reference)
                .join(PayoutBatch, PayoutBatch.id == PayoutItem.batch_id)
                .where(
                    PayoutItem.kind == PayoutKind.HOUSEHOLD,
                    PayoutItem.payee_id == self.stage.key_of(tx, event.household),
                    PayoutItem.state == ItemState.IN_TRANSIT,
                )
            ).one_or_none()
        if item is None:
            raise Refused(f"{place}.household", f"nothing is on its way to {event.household!r}")
        self._bank_answers(item[0], [item[1]], Outcome.PAID if event.ok else Outcome.REFUSED)
        if not event.ok:
            self.stage.give_card(event.household)  # as a person would before the next payout

    def _refunds_leave(self) -> None:
        """What is owed back to buyers leaves custody at once."""
        batch = self._goes_to_the_bank(PayoutKind.REFUND)
        if batch:
            with db.database().reading() as tx:
                references = tx.execute(
                    select(PayoutItem.reference)
                    .join(PayoutBatch, PayoutBatch.id == PayoutItem.batch_id)
                    .where(PayoutBatch.public_id == batch)
                    .order_by(PayoutItem.id)
                ).scalars()
                found = list(references)
            self._bank_answers(batch, found, Outcome.PAID)

    def _goes_to_the_bank(self, kind: PayoutKind) -> str | None:
        """Everything payable of one kind is drafted, approved and exported; the batch's id."""
        stage = self.stage
        try:
            batch = draft_batch(
                kinds=(kind,), actor=stage.person("operator"), now=stage.now, beyond_custody=True
            )
        except NothingToPay:
            return None
        approve_batch(
            batch_id=batch,
            seen_hash=_one(select(PayoutBatch.seen_hash).where(PayoutBatch.public_id == batch)),
            actor=stage.person("treasurer"),
            now=stage.now,
            beyond_custody=True,
        )
        export_batch(batch_id=batch, actor=stage.person("operator"), now=stage.now)
        return batch

    def _bank_answers(self, batch: str, references: Sequence[str], outcome: Outcome) -> None:
        at = self.stage.now.astimezone(clock.SHANGHAI)
        lines = ["业务参考号,状态,原因,处理时间"]
        lines += [f"{one},{outcome.label},,{at:%Y-%m-%d %H:%M:%S}" for one in references]
        import_results(
            batch_id=batch,
            file_name="回盘.csv",
            content=("\r\n".join(lines) + "\r\n").encode("gb18030"),
            actor=self.stage.person("operator"),
            now=self.stage.now,
        )


def begin(scenario: Scenario) -> Playing:
    """Set the stage and bring the scenario as far as its packed lots.

    Raises:
        Refused: a lot cannot be made.
    """
    stage = set_up(scenario.households)
    playing = Playing(stage, Store(stage, scenario.composition))
    for i, delivery in enumerate(scenario.deliveries):
        with _refused_at(f"deliveries[{i}]"):
            playing.store.deliver(delivery)
    for i, lot in enumerate(scenario.lots):
        with _refused_at(f"lots[{i}]"):
            playing.store.make(lot)
    return playing


def play(scenario: Scenario) -> Playing:
    """Play a whole scenario on the connected database.

    Raises:
        Refused: with the place of the first thing that cannot happen.
    """
    playing = begin(scenario)
    for i, event in enumerate(scenario.events):
        playing.happen(event, f"events[{i}]")
    return playing


@contextmanager
def _refused_at(place: str) -> Iterator[None]:
    """A refusal of the shop is one of the scenario, at the place in the file, in its own words."""
    try:
        yield
    except Refusal as refusal:
        words = " ".join((refusal.__doc__ or "").split())
        raise Refused(place, f"{refusal.code}: {words}") from refusal


def _one(statement: Select[Any]) -> Any:
    with db.database().reading() as tx:
        return tx.execute(statement).scalar_one()
