"""What happens to goods between the cooperative's door and the buyer's signature."""

from __future__ import annotations

from collections import defaultdict
from itertools import count

from sqlalchemy import select

from orders.purchasing.models import Allocation, Order, OrderLine, Purchase
from orders.purchasing.queries import orders_by_key
from orders.returns import commands as returns
from orders.returns.states import Answer
from orders.shipments import accepting
from orders.shipments import commands as shipping
from orders.shipments.models import Acceptance, AcceptanceLine, Shipment, ShipmentLine
from shop.core import clock
from shop.core.actors import CLOCK, Actor
from shop.core.permissions import Role
from shop.demo.papers import invoice_file
from shop.demo.people import CARRIERS
from shop.demo.personal import Personal
from shop.demo.purchases import Plan, Stage
from shop.demo.region import Region
from shop.demo.story import Story
from shop.organisations.models import Organisation

#: Order, its cooperative's code, and what of which allocation is still to ship.
Load = tuple[str, str, dict[str, int]]


class Trucks:
    """Shipping, arrival, signatures, returns, invoices."""

    def __init__(self, story: Story, region: Region) -> None:
        self.story, self.region = story, region
        self.waybill = count(260_001)
        self.invoice = count(1)

    # --- to a union -----------------------------------------------------------------------------

    def send(self, plan: Plan, purchase: str) -> None:
        """Every cooperative of the purchase sends its order, in two halves if the plan says so."""
        loads = self._loads(purchase)
        for place, (order, code, units) in enumerate(loads):
            first = {key: n // 2 for key, n in units.items()} if plan.in_parts else units
            rest = {key: n - first[key] for key, n in units.items()} if plan.in_parts else {}
            # Only the first order of a purchase has troubles.
            short, damaged = (plan.short, plan.damaged) if place == 0 else (0, 0)
            shipment = self._ship(order, code, first)
            self._arrive_and_sign(plan, code, order, shipment, short, damaged)
            if rest and plan.stage is not Stage.PART_SHIPPED:
                self.story.at(self.story.later(3, 9), self._send_rest, plan, code, order, rest)
            if plan.stage is Stage.ACCEPTED:
                self.story.at(self.story.later(5, 16), self._invoice, code, order)

    def _send_rest(self, plan: Plan, code: str, order: str, units: dict[str, int]) -> None:
        shipment = self._ship(order, code, units)
        self._arrive_and_sign(plan, code, order, shipment, 0, 0)

    def _arrive_and_sign(
        self, plan: Plan, code: str, order: str, shipment: str, short: int, damaged: int
    ) -> None:
        story = self.story
        if plan.stage >= Stage.ARRIVED:
            story.at(story.later(2, 9, 10), self._arrive, code, shipment)
        if plan.stage >= Stage.FIRST_SIGNED:
            story.at(story.later(2, 14), self._sign, plan, shipment, short, damaged)

    def _arrive(self, code: str, shipment: str) -> None:
        self.story.do(shipping.arrive, self.region.managers[code], shipment_id=shipment)

    def _sign(self, plan: Plan, shipment: str, short: int, damaged: int) -> None:
        rows = self.story.tx.execute(
            select(Allocation.public_id, ShipmentLine.units)
            .join(ShipmentLine, ShipmentLine.allocation_id == Allocation.id)
            .join(Shipment, Shipment.id == ShipmentLine.shipment_id)
            .where(Shipment.public_id == shipment)
            .order_by(ShipmentLine.units.desc(), Allocation.id)
        ).all()
        counts = []
        for place, (allocation, units) in enumerate(rows):
            s, d = (short, damaged) if place == 0 else (0, 0)
            remark = "外箱压破，里面的不能发给职工。" if d else "实点少件。" if s else ""
            counts.append((allocation, units - s - d, s, d, remark))
        acceptance = self.story.do(
            accepting.sign_first,
            self.region.officer(plan.union, Role.RECEIVER),
            shipment_id=shipment,
            counts=tuple(counts),
            note="数量当面点清，日期和合格证已核。",
        )
        if plan.stage >= Stage.ACCEPTED:
            self.story.at(self.story.later(0, 16, 30), self._countersign, plan, acceptance)

    def _countersign(self, plan: Plan, acceptance: str) -> None:
        self.story.do(
            accepting.sign_second,
            self.region.officer(plan.union, Role.APPROVER),
            acceptance_id=acceptance,
        )
        if plan.returned:
            self.story.at(self.story.later(plan.return_after, 10), self._ask, plan, acceptance)

    def _ask(self, plan: Plan, acceptance: str) -> None:
        """Some units are no good: asked for, agreed to, sent back, inspected, in a week."""
        line, code = self.story.tx.execute(
            select(AcceptanceLine.public_id, Organisation.code)
            .join(Acceptance, Acceptance.id == AcceptanceLine.acceptance_id)
            .join(Order, Order.id == Acceptance.order_id)
            .join(Organisation, Organisation.id == Order.cooperative_id)
            .where(
                Acceptance.public_id == acceptance,
                AcceptanceLine.accepted_units >= plan.returned,
            )
            .order_by(AcceptanceLine.id)
            .limit(1)
        ).one()
        story = self.story
        clerk, manager = self.region.officer(plan.union, Role.CLERK), self.region.managers[code]
        request = story.do(
            returns.ask_return,
            clerk,
            acceptance_id=acceptance,
            lines=((line, plan.returned),),
            reason="封口不严，里面受潮。",
        )
        story.at(story.later(2, 9), self._agree, manager, request)
        story.at(story.later(4, 10), self._send_back, clerk, request)
        story.at(story.later(7, 11), self._inspect, manager, request, line, plan.returned)

    def _agree(self, manager: Actor, request: str) -> None:
        self.story.do(
            returns.answer_return,
            manager,
            request_id=request,
            answer=Answer.AGREE,
            note="请连包装寄回，运费我们付。",
        )

    def _send_back(self, clerk: Actor, request: str) -> None:
        waybill = f"QS{next(self.waybill)}"
        self.story.do(returns.send_return, clerk, request_id=request, waybill=waybill)

    def _inspect(self, manager: Actor, request: str, line: str, units: int) -> None:
        """One can be sold again, the others cannot."""
        self.story.do(
            returns.inspect_request,
            manager,
            request_id=request,
            counts=((line, 1, units - 1),),
            note="一件只是外盒压皱，其余受潮，报损。",
        )

    def _invoice(self, code: str, order: str) -> None:
        number = f"2636{next(self.invoice):016d}"
        (row,) = orders_by_key(
            self.story.tx,
            self.story.tx.execute(select(Order.id).where(Order.public_id == order)).scalars(),
        )
        self.story.do(
            shipping.record_invoice,
            self.region.managers[code],
            order_id=order,
            number=number,
            issued_on=clock.day_of(self.story.now),
            amount=row.kept,
            file_name=f"发票-{row.number}.pdf",
            media_type="application/pdf",
            content=invoice_file(number, row.number, str(row.kept)),
        )

    # --- to a person ----------------------------------------------------------------------------

    def send_personal(self, plan: Personal, purchase: str, buyer: Actor) -> None:
        """The parcel of somebody's own purchase; they confirm it, or say nothing."""
        for order, code, units in self._loads(purchase):
            shipment = self._ship(order, code, units, parcels=1)
            if plan.stage >= Stage.ARRIVED:
                self.story.at(self.story.later(2, 18), self._arrive, code, shipment)
            if plan.stage >= Stage.ACCEPTED and plan.confirms:
                self.story.at(self.story.later(3, 20), self._confirm, shipment, buyer)

    def _confirm(self, shipment: str, buyer: Actor) -> None:
        self.story.do(accepting.confirm_receipt, buyer, shipment_id=shipment)

    def silence(self) -> None:
        """What arrived and was not spoken of counts as accepted, as every night."""
        self.story.do(accepting.accept_by_silence, CLOCK)

    # --- for both -------------------------------------------------------------------------------

    def _loads(self, purchase: str) -> list[Load]:
        rows = self.story.tx.execute(
            select(
                Order.public_id,
                Organisation.code,
                Allocation.public_id,
                Allocation.units - Allocation.cancelled_units - Allocation.shipped_units,
            )
            .join(Purchase, Purchase.id == Order.purchase_id)
            .join(Organisation, Organisation.id == Order.cooperative_id)
            .join(OrderLine, OrderLine.order_id == Order.id)
            .join(Allocation, Allocation.line_id == OrderLine.id)
            .where(Purchase.public_id == purchase)
            .order_by(Order.id, Allocation.id)
        )
        units: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        for order, code, allocation, left in rows:
            if left:
                units[order, code][allocation] = left
        return [(order, code, left) for (order, code), left in units.items()]

    def _ship(self, order: str, code: str, units: dict[str, int], parcels: int = 0) -> str:
        carrier = CARRIERS[next(self.waybill) % len(CARRIERS)][0]
        return self.story.do(
            shipping.ship,
            self.region.managers[code],
            order_id=order,
            carrier_id=self.region.organisations[carrier],
            waybill=f"{carrier[:2]}{next(self.waybill)}",
            parcels=parcels or max(1, sum(units.values()) // 10),
            lines=tuple((key, n) for key, n in units.items() if n),
        )
