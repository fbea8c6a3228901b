"""Shipping, signing, silence, returning, invoicing: results, refusals, nothing changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from orders.ledger.states import AccountKind as K
from orders.purchasing.models import Order
from orders.purchasing.states import OrderState, PaymentTerms
from orders.shipments.accepting import (
    BeingChecked,
    CountsDiffer,
    accept_by_silence,
    confirm_receipt,
    sign_first,
    sign_second,
    withdraw_acceptance,
)
from orders.shipments.commands import (
    InvoiceRecorded,
    NotAnInvoiceNumber,
    NothingToShip,
    NotPaid,
    TooManyUnits,
    arrive,
    record_invoice,
    ship,
)
from orders.shipments.models import Acceptance, Shipment
from orders.shipments.returning import MoreThanAccepted, NothingToReturn, return_goods
from products.lots.models import Lot
from shop.core import db
from shop.core.actors import CLOCK
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, SamePerson, WrongState
from shop.core.money import ZERO, yuan
from tests.keys import acceptance_key


def one(statement):
    with db.database().reading() as tx:
        return tx.execute(statement).scalar_one()


def stock(lot):
    with db.database().reading() as tx:
        row = tx.execute(select(Lot).where(Lot.public_id == lot)).scalar_one()
        return row.reserved_units, row.shipped_units, row.written_off_units


@pytest.fixture
def lot(world):
    return world.tins(40)


@pytest.fixture
def paid(world, lot):
    """Ten tins bought, approved and paid; returns the purchase."""
    purchase = world.approved(10)
    world.paid(purchase)
    return purchase


def send(world, purchase, lines, **changes):
    facts = {
        "order_id": world.orders(purchase)[0],
        "carrier_id": world.organisation("YD"),
        "waybill": "YD1",
        "parcels": 1,
        "lines": tuple(lines),
        "actor": world.manager,
        "now": world.now,
    }
    return ship(**(facts | changes))


def test_an_order_is_shipped_in_parts_and_accepted_when_all_is_decided(world, lot, paid):
    first = world.shipped(paid, 4)
    sign_second(acceptance_id=world.signed_once(first), actor=world.receiver, now=world.now)
    assert one(select(Order.state)) is OrderState.SHIPPING
    assert stock(lot) == (6, 4, 0)

    world.accepted(paid, short=1, damaged=2)

    assert one(select(Order.state)) is OrderState.ACCEPTED
    assert stock(lot) == (0, 7, 2)
    assert world.balance(K.LOT_POOL, world.lot_key(lot)) == yuan("142.80") * 7
    assert world.balance(K.REFUND_IN_TRANSIT, world.order_key(paid)) == yuan("714.00")
    assert world.findings() == []


def test_what_is_to_be_paid_first_is_not_shipped_unpaid(world, lot):
    purchase = world.approved(10)
    with pytest.raises(NotPaid) as refused:
        world.shipped(purchase)

    assert refused.value.facts == {"missing": "2380.00"}
    assert stock(lot) == (10, 0, 0)


def test_shipping_refuses_too_much_nothing_and_strangers(world, lot, paid):
    key, _left = world.allocations(world.orders(paid)[0])[0]

    with pytest.raises(TooManyUnits):
        send(world, paid, [(key, 11)])
    with pytest.raises(NothingToShip):
        send(world, paid, [])
    with pytest.raises(NotFound):
        send(world, paid, [("alloc_unknown", 1)])
    with pytest.raises(NotFound):
        send(world, paid, [(key, 1)], carrier_id=world.organisation("TH"))
    with pytest.raises(NotFound):
        send(world, paid, [(key, 1)], actor=world.other_manager)
    with pytest.raises(NotAllowed):
        send(world, paid, [(key, 1)], actor=world.weigher)
    assert stock(lot) == (10, 0, 0)


def test_an_unapproved_order_is_not_shipped(world, lot):
    purchase = world.submitted(10, terms=PaymentTerms.AFTER)

    with pytest.raises(WrongState):
        world.shipped(purchase)


def test_the_same_person_may_not_sign_twice(world, paid):
    acceptance = world.signed_once(world.shipped(paid))

    with pytest.raises(SamePerson):
        sign_second(acceptance_id=acceptance, actor=world.clerk, now=world.now)
    assert world.balance(K.ESCROW, world.order_key(paid)) == yuan("2380.00")


def test_no_money_moves_before_the_second_signature_and_once_after(world, paid):
    acceptance = world.signed_once(world.shipped(paid))
    assert world.balance(K.ESCROW, world.order_key(paid)) == yuan("2380.00")

    sign_second(acceptance_id=acceptance, actor=world.receiver, now=world.now)
    with pytest.raises(WrongState):
        sign_second(acceptance_id=acceptance, actor=world.approver, now=world.now)

    assert world.balance(K.ESCROW, world.order_key(paid)) == ZERO
    assert world.findings() == []


def test_counts_have_to_add_up_to_what_was_sent(world, paid):
    shipment = world.shipped(paid)
    key = world.allocations(world.orders(paid)[0])[0][0]

    for counts in (((key, 9, 0, 0, ""),), ((key, 11, -1, 0, ""),)):
        with pytest.raises(CountsDiffer):
            sign_first(
                shipment_id=shipment, counts=counts, note="", actor=world.clerk, now=world.now
            )
    with pytest.raises(NotFound):
        sign_first(shipment_id=shipment, counts=(), note="", actor=world.clerk, now=world.now)
    assert one(select(func.count(Acceptance.id))) == 0


def test_a_shipment_is_checked_once_unless_withdrawn(world, paid):
    shipment = world.shipped(paid)
    acceptance = world.signed_once(shipment)
    with pytest.raises(BeingChecked):
        world.signed_once(shipment)
    with pytest.raises(ReasonMissing):
        withdraw_acceptance(acceptance_id=acceptance, reason="", actor=world.clerk, now=world.now)

    withdraw_acceptance(acceptance_id=acceptance, reason="数错了", actor=world.clerk, now=world.now)

    again = world.signed_once(shipment, short=1)
    sign_second(acceptance_id=again, actor=world.receiver, now=world.now)
    with pytest.raises(WrongState):
        sign_second(acceptance_id=acceptance, actor=world.receiver, now=world.now)
    assert world.findings() == []


def test_strangers_and_people_without_the_role_do_not_sign(world, paid):
    shipment = world.shipped(paid)
    acceptance = world.signed_once(shipment)

    with pytest.raises(NotFound):
        sign_second(acceptance_id=acceptance, actor=world.stranger, now=world.now)
    with pytest.raises(NotAllowed):
        sign_second(acceptance_id=acceptance, actor=world.finance, now=world.now)
    with pytest.raises(NotFound):
        sign_second(acceptance_id="accept_unknown", actor=world.receiver, now=world.now)


def test_terms_after_acceptance_make_the_buyer_owe_until_it_pays(world, lot):
    purchase = world.approved(10, terms=PaymentTerms.AFTER)
    acceptance = acceptance_key(world.accepted(purchase))
    assert world.balance(K.BUYER_RECEIVABLE, acceptance) == yuan("2380.00")

    world.paid(purchase)

    assert world.balance(K.BUYER_RECEIVABLE, acceptance) == ZERO
    assert world.findings() == []


@pytest.fixture
def sent_to_member(world, lot):
    """One tin a member bought, paid and was sent; returns purchase and shipment."""
    purchase = world.retail(1)
    world.paid(purchase)
    return purchase, world.shipped(purchase)


def test_a_retail_buyer_confirms_alone_and_only_their_own(world, sent_to_member):
    purchase, shipment = sent_to_member
    with pytest.raises(NotFound):
        confirm_receipt(shipment_id=shipment, actor=world.clerk, now=world.now)

    confirm_receipt(shipment_id=shipment, actor=world.member, now=world.now)

    with pytest.raises(BeingChecked):
        confirm_receipt(shipment_id=shipment, actor=world.member, now=world.now)
    assert world.balance(K.ESCROW, world.order_key(purchase)) == ZERO
    assert world.findings() == []


def test_silence_counts_as_acceptance_ten_days_after_arrival(world, sent_to_member):
    _purchase, shipment = sent_to_member
    assert accept_by_silence(actor=CLOCK, now=world.now + timedelta(days=99)) == 0
    arrive(shipment_id=shipment, actor=world.manager, now=world.now)
    almost = world.now + timedelta(days=10) - timedelta(seconds=1)
    assert accept_by_silence(actor=CLOCK, now=almost) == 0

    assert accept_by_silence(actor=CLOCK, now=world.now + timedelta(days=10)) == 1
    assert accept_by_silence(actor=CLOCK, now=world.now + timedelta(days=11)) == 0
    assert world.findings() == []


def test_fresh_goods_count_as_accepted_after_seven_days(world, sent_to_member):
    _purchase, shipment = sent_to_member
    with db.database().writing() as tx:
        tx.execute(select(Order).where(Order.state == OrderState.SHIPPED)).scalar_one().fresh = True
    arrive(shipment_id=shipment, actor=world.manager, now=world.now)

    assert accept_by_silence(actor=CLOCK, now=world.now + timedelta(days=7)) == 1


def test_a_unions_shipment_is_never_accepted_by_silence(world, paid):
    shipment = world.shipped(paid)
    arrive(shipment_id=shipment, actor=world.manager, now=world.now)

    assert accept_by_silence(actor=CLOCK, now=world.now + timedelta(days=99)) == 0
    with pytest.raises(WrongState):
        arrive(shipment_id=shipment, actor=world.manager, now=world.now)
    with pytest.raises(NotFound):
        arrive(shipment_id="ship_unknown", actor=world.manager, now=world.now)
    assert one(select(Shipment.arrived_at)) == world.now


def give_back(world, acceptance, units, **changes):
    facts = {
        "acceptance_id": acceptance,
        "lines": ((world.accepted_lines(acceptance)[0], units),),
        "reason": "受潮",
        "actor": world.clerk,
        "now": world.now,
    }
    return return_goods(**(facts | changes))


def test_a_return_takes_the_parts_back_and_the_cooperative_bears_the_freight(world, lot, paid):
    acceptance = world.accepted(paid)
    cooperative = world.organisation_key("TH")
    before = world.balance(K.COOPERATIVE_PAYABLE, cooperative)

    give_back(world, acceptance, 2)

    assert before - world.balance(K.COOPERATIVE_PAYABLE, cooperative) == yuan("95.20") * 2
    assert world.balance(K.CARRIER_PAYABLE, world.organisation_key("YD")) == yuan("142.80")
    assert world.balance(K.LOT_POOL, world.lot_key(lot)) == yuan("142.80") * 8
    assert world.balance(K.REFUND_IN_TRANSIT, world.order_key(paid)) == yuan("476.00")
    assert stock(lot) == (0, 10, 0)
    assert world.findings() == []


def test_a_return_before_payment_is_credited_first(world, lot):
    purchase = world.approved(10, terms=PaymentTerms.AFTER)
    acceptance = world.accepted(purchase)
    world.paid(purchase, "2000.00")  # held in suspense: not what is owed

    give_back(world, acceptance, 1)

    assert world.balance(K.BUYER_RECEIVABLE, acceptance_key(acceptance)) == yuan("2142.00")
    assert world.balance(K.REFUND_IN_TRANSIT, world.order_key(purchase)) == ZERO
    assert world.findings() == []


def test_a_cooperative_paid_out_already_owes_its_part_of_a_return(world, lot, paid):
    acceptance = world.accepted(paid)
    world.bank_answers(world.pay_out())

    give_back(world, acceptance, 1)

    assert world.balance(K.DUE_FROM_COOPERATIVE, world.organisation_key("TH")) == yuan("95.20")
    assert world.findings() == []


def test_returns_refuse_too_much_nothing_no_reason_and_strangers(world, paid):
    acceptance = world.accepted(paid, short=4)
    give_back(world, acceptance, 5)

    with pytest.raises(MoreThanAccepted):
        give_back(world, acceptance, 2)
    with pytest.raises(NothingToReturn):
        give_back(world, acceptance, 0)
    with pytest.raises(ReasonMissing):
        give_back(world, acceptance, 1, reason=" ")
    with pytest.raises(NotFound):
        give_back(world, acceptance, 1, actor=world.stranger)
    with pytest.raises(NotAllowed):
        give_back(world, acceptance, 1, actor=world.receiver)
    with pytest.raises(NotFound):
        give_back(world, acceptance, 1, lines=(("accline_unknown", 1),))
    assert world.findings() == []


def test_nothing_is_returned_of_what_only_one_person_signed(world, paid):
    acceptance = world.signed_once(world.shipped(paid))

    with pytest.raises(WrongState):
        give_back(world, acceptance, 1)


def test_a_second_click_never_makes_a_second_acceptance_or_return(world, paid):
    acceptance = world.accepted(paid)
    facts = {
        "acceptance_id": acceptance,
        "lines": ((world.accepted_lines(acceptance)[0], 1),),
        "reason": "受潮",
        "actor": world.clerk,
        "now": world.now,
    }

    assert return_goods.once("k")(**facts) == return_goods.once("k")(**facts)
    assert world.balance(K.REFUND_IN_TRANSIT, world.order_key(paid)) == yuan("238.00")


def invoice(world, purchase, **changes):
    facts = {
        "order_id": world.orders(purchase)[0],
        "number": "26362000000000000001",
        "issued_on": world.now.date(),
        "amount": yuan("2380.00"),
        "file_name": "发票.pdf",
        "media_type": "application/pdf",
        "content": b"%PDF-1.7",
        "actor": world.manager,
        "now": world.now,
    }
    return record_invoice(**(facts | changes))


def test_an_invoice_is_recorded_once_with_twenty_digits(world, paid):
    invoice(world, paid)

    with pytest.raises(InvoiceRecorded):
        invoice(world, paid)
    for number in ("123", "2636200000000000000A", "二六三六二零零零零零零零零零零零零零零零"):
        with pytest.raises(NotAnInvoiceNumber):
            invoice(world, paid, number=number)
    with pytest.raises(NotFound):
        invoice(world, paid, number="26362000000000000002", actor=world.other_manager)
    with pytest.raises(NotAllowed):
        invoice(world, paid, number="26362000000000000002", actor=world.weigher)
