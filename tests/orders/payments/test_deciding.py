"""What people decide about lines: several purchases, another payer, too much, taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from orders.ledger.models import Journal
from orders.ledger.states import AccountKind as K
from orders.payments import commands, hooks
from orders.payments.commands import (
    LineExplained,
    MoneyMovedOn,
    keep_upload,
    undo_import,
)
from orders.payments.explaining import NothingExplains, explain_line, say_wish
from orders.payments.gaps import gaps
from orders.payments.held_queries import held_for
from orders.payments.matching import (
    AnotherPayer,
    SumsDiffer,
    match_line,
    match_several,
    send_back,
    undo_match,
)
from orders.payments.models import BankLine
from orders.payments.previews import preview
from orders.payments.queue_queries import Asked, Which, line, picked, queue
from orders.payments.rules import Explained
from orders.payments.states import BuyerWish, LineState
from orders.payments.suggestions import Why
from orders.payouts.states import PayoutKind
from orders.purchasing.commands import cancel_purchase
from orders.purchasing.states import PaymentTerms
from shop.core import db
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, WrongState
from shop.core.money import ZERO, yuan
from tests.orders.payments.test_importing import bring, count, reference, still_open, suspense
from tests.orders.payments.test_matching import lines_of, match, state_of
from tests.orders.payments.test_payment_pages import once_of


def undo(world, held, reason="认错了"):
    undo_match(
        line_id=held,
        journal_id=matches(world, held)[-1].journal_id,
        reason=reason,
        actor=world.operator,
        now=world.now,
    )


def matches(world, held):
    with db.database().reading() as tx:
        return line(tx, held, world.operator, world.now).matched


def asked(world, **filters):
    with db.database().reading() as tx:
        return queue(tx, world.operator, world.now, Asked(**filters))


def several(world, held, *purchases, reason=""):
    match_several(
        line_id=held, purchase_ids=purchases, reason=reason, actor=world.operator, now=world.now
    )


def test_one_transfer_pays_several_purchases_only_to_the_fen(world):
    world.tins(60)
    first, second = world.approved(10), world.approved(5)
    both = f"{reference(first)} {reference(second)}"

    short, exact = (
        lines_of(bring(world, (amount, both), serial=serial))[0]
        for amount, serial in (("3569.99", "A"), ("3570.00", "B"))
    )

    assert (state_of(short), state_of(exact)) == (LineState.SUSPENSE, LineState.MATCHED)
    assert still_open(world, first) == still_open(world, second) == ZERO
    (matched,) = matches(world, exact)
    assert len(matched.numbers) == 2
    assert world.findings() == []

    undo(world, exact)
    assert suspense() == yuan("7139.99")
    assert still_open(world, second) == yuan("1190.00")
    with pytest.raises(SumsDiffer):
        several(world, short, first, second)
    with db.database().reading() as tx:
        pick = picked(tx, [first, second], yuan("3570.00"), world.operator)
    assert pick.agrees
    several(world, exact, first, second)
    assert state_of(exact) is LineState.MATCHED
    with pytest.raises(WrongState):
        several(world, exact, first, second)
    with pytest.raises(NotFound):
        several(world, short, first, "purchase_none")
    assert world.findings() == []


@pytest.mark.parametrize("by_import", [True, False])
def test_a_wrong_match_is_given_back_to_suspense_by_reversal(world, by_import):
    world.tins(40)
    wrong, right = world.approved(10), world.approved(10)
    memo = reference(wrong) if by_import else "货款"
    statement = bring(world, ("2380.00", memo))
    (held,) = lines_of(statement)
    if not by_import:
        match(world, held, wrong, "2380.00")
    journal = matches(world, held)[0].journal_id
    before = count(Journal)
    for reason, actor, refused in (
        (" ", world.operator, ReasonMissing),
        ("认错了", world.auditor, NotAllowed),
    ):
        with pytest.raises(refused):
            undo_match(line_id=held, journal_id=journal, reason=reason, actor=actor, now=world.now)
    assert count(Journal) == before

    undo(world, held)

    assert state_of(held) is LineState.SUSPENSE
    assert suspense() == world.balance(K.CUSTODY) == yuan("2380.00")
    assert world.balance(K.ESCROW, world.order_key(wrong)) == ZERO
    with pytest.raises(NotFound):
        undo_match(
            line_id=held, journal_id=journal, reason="再来", actor=world.operator, now=world.now
        )
    match(world, held, right, "2380.00")
    undo(world, held)
    match(world, held, wrong, "1000.00")
    assert world.findings() == []
    undo_import(statement_id=statement, reason="导错", actor=world.operator, now=world.now)
    assert world.balance(K.CUSTODY) == suspense() == ZERO
    assert world.findings() == []


@pytest.mark.parametrize("moved", ["accepted", "refunded"])
def test_a_match_whose_money_moved_on_stays(world, moved):
    world.tins(40)
    purchase = world.approved(10)
    (held,) = lines_of(bring(world, ("2380.00", reference(purchase))))
    if moved == "accepted":
        world.accepted(purchase)
    else:
        cancel_purchase(purchase_id=purchase, reason="取消", actor=world.clerk, now=world.now)
    before = count(Journal)

    with pytest.raises(MoneyMovedOn):
        undo(world, held)

    assert count(Journal) == before
    assert state_of(held) is LineState.MATCHED
    assert world.findings() == []


def test_a_match_of_what_households_were_settled_out_of_stays(world):
    world.tins(40)
    purchase = world.approved(10, terms=PaymentTerms.AFTER)
    world.accepted(purchase)
    (held,) = lines_of(bring(world, ("2380.00", reference(purchase))))
    world.settle()

    with pytest.raises(MoneyMovedOn):
        undo(world, held)
    assert world.findings() == []


def test_money_from_another_name_is_booked_by_hand_only_with_a_reason(world):
    world.tins(40)
    purchase = world.approved(10, union="WG")
    (held,) = lines_of(bring(world, ("2380.00", "代付")))
    with pytest.raises(AnotherPayer) as refused:
        match(world, held, purchase, "2380.00")
    assert refused.value.facts == {"payer": "县直机关工会", "buyer": "外单位工会"}
    assert suspense() == yuan("2380.00")

    match_line(
        line_id=held,
        purchase_id=purchase,
        amount=yuan("2380.00"),
        reason="由县直机关代付，有函",
        actor=world.operator,
        now=world.now,
    )

    with db.database().reading() as tx:
        page = line(tx, held, world.operator, world.now)
    assert page.history[-1].reason == "由县直机关代付，有函"
    assert world.findings() == []


def test_what_is_too_much_goes_back_with_the_next_payouts(world):
    world.tins(40)
    purchase = world.approved(10)
    (held,) = lines_of(bring(world, ("3000.00", reference(purchase))))

    match_line(
        line_id=held,
        purchase_id=purchase,
        amount=yuan("2380.00"),
        rest_back=True,
        actor=world.operator,
        now=world.now,
    )

    assert state_of(held) is LineState.REFUNDED
    assert suspense() == ZERO
    with pytest.raises(WrongState):
        match(world, held, purchase, "1.00")
    with pytest.raises(MoneyMovedOn):
        undo(world, held)
    with pytest.raises((WrongState, NotAllowed)):
        send_back(line_id=held, amount=yuan("1"), reason="再", actor=world.operator, now=world.now)
    world.bank_answers(world.pay_out(PayoutKind.REFUND))
    assert world.findings() == []


def test_the_buyer_sees_what_is_missing_and_says_what_to_do(client, world):
    world.tins(40)
    purchase = world.approved(10)
    (held,) = lines_of(bring(world, ("2000.00", reference(purchase))))
    clerk = client.as_(world.clerk)

    page = clerk.get(f"/purchases/{purchase}")
    assert "还差 ¥380.00" in page.get_data(as_text=True)
    sent = clerk.post(
        f"/purchases/{purchase}/held/{held}", data={"wish": "book", "once": once_of(page)}
    )

    assert sent.status_code == 303
    assert "先入账，差的再付" in clerk.get(f"/purchases/{purchase}").get_data(as_text=True)
    assert [row.wish for row in asked(world, which=Which.WISHED).rows] == [BuyerWish.BOOK]
    for who, refused in (("approver", NotAllowed), ("stranger", NotFound), ("member", NotAllowed)):
        with pytest.raises(refused):
            say_wish(line_id=held, wish=BuyerWish.SEND_BACK, actor=world.person(who), now=world.now)
    browser = client.as_(world.operator)
    shown = browser.get(f"/platform/bank/lines/{held}").get_data(as_text=True)
    assert "少了 ¥380.00" in shown
    assert "采购单位的意思" in shown
    booked = browser.post(
        f"/platform/bank/lines/{held}/match",
        data={"purchase": reference(purchase), "amount": "2000.00", "once": "x"},
    )
    assert booked.status_code == 303
    with db.database().reading() as tx:
        assert held_for(tx, purchase, world.clerk) == []
    with pytest.raises(WrongState):
        say_wish(line_id=held, wish=BuyerWish.BOOK, actor=world.clerk, now=world.now)
    assert still_open(world, purchase) == yuan("380.00")
    assert world.findings() == []


def test_the_queue_is_filtered_and_tells_how_long_each_waits(client, world):
    world.tins(40)
    purchase = world.approved(10)
    bring(world, ("1.00", reference(purchase)), ("2.00", "茶叶款"), ("3.00", "百分 100%"))
    world.now += timedelta(days=9)
    bring(world, ("4.00", "茶叶款二"), serial="T")

    assert [row.days for row in asked(world).rows] == [9, 9, 9, 0]
    assert asked(world).money == yuan("10.00")
    for filters, sums in (
        ({"which": Which.NAMED}, "1.00"),
        ({"which": Which.UNNAMED}, "9.00"),
        ({"text": "茶叶"}, "6.00"),
        ({"text": "0%"}, "3.00"),
        ({"days": 7}, "6.00"),
        ({"text": "没有"}, "0.00"),
    ):
        assert asked(world, **filters).money == yuan(sums)
    page = client.as_(world.operator).get("/platform/bank/suspense?which=named&days=3&q=")
    assert "共 1 笔" in page.get_data(as_text=True)


def test_a_gap_is_told_until_a_file_fills_it(client, world):
    bring(world, ("10.00", "一"), serial="A", opening="100.00")
    world.now += timedelta(hours=2)
    missing = world.statement_file(("5.00", "二"), ("-1.00", "费"), serial="B", opening="110.00")
    world.now += timedelta(hours=2)
    bring(world, ("10.00", "三"), serial="C", opening="114.00")
    with db.database().reading() as tx:
        (gap,) = gaps(tx)
    assert (gap.closing, gap.opening, gap.amount) == (yuan("110"), yuan("114"), yuan("4"))
    browser = client.as_(world.operator)
    assert "之间缺一段流水" in browser.get("/platform/bank/").get_data(as_text=True)

    upload = keep_upload(file_name="b", content=missing, actor=world.operator, now=world.now)
    with db.database().reading() as tx:
        seen = preview(tx, upload, world.operator, world.now)
    assert (seen.left, seen.closed) == ((), (gap,))
    filled = commands.import_statement(
        file_name="b", content=missing, actor=world.operator, now=world.now
    )

    with db.database().reading() as tx:
        assert gaps(tx) == []
    undo_import(statement_id=filled, reason="试", actor=world.operator, now=world.now)
    with db.database().reading() as tx:
        assert gaps(tx) == [gap]


class Interest:
    """A part that knows the bank's interest, as month close will."""

    name, label, lets_go = "interest", "利息", True

    def find(self, tx, lines):
        del tx
        return {
            place: Explained("interest", 7, "结息 2026-03")
            for place, one in enumerate(lines)
            if "结息" in one.memo
        }

    def book(self, tx, shown, actor, now):
        from orders.ledger import posting
        from orders.ledger.states import JournalKind

        for one in shown:
            with posting.journal(
                tx,
                JournalKind.BANK_FEE,
                event_key=f"interest:{one.public_id}:{one.against[1]}",
                about=one.public_id,
                actor=actor,
                now=now,
            ) as journal:
                journal.move(one.against, (K.PLATFORM_FEE, 0), one.amount)

    def may_undo(self, tx, line_ids):
        del tx, line_ids
        return self.lets_go


def test_another_part_may_explain_a_line_at_import_or_later(world, monkeypatch):
    monkeypatch.setattr(hooks, "_explainers", {})
    early = bring(world, ("3.00", "账户"), ("9.00", "货款"), serial="E")
    part = Interest()
    hooks.explain_by(part)

    statement = bring(world, ("36.80", "季度结息"), ("5.00", "某人"), serial="F")

    assert state_of(lines_of(statement)[0]) is LineState.EXPLAINED
    assert world.balance(K.PLATFORM_FEE) == yuan("36.80")
    assert suspense() == yuan("17.00")
    held, other = lines_of(early)
    with pytest.raises(NothingExplains):
        explain_line(
            line_id=other, number="不知道", reason="看回单", actor=world.operator, now=world.now
        )
    explain_line(line_id=held, number="结息", reason="看回单", actor=world.operator, now=world.now)
    assert state_of(held) is LineState.EXPLAINED
    assert world.balance(K.PLATFORM_FEE) == yuan("39.80")
    with db.database().reading() as tx:
        numbers = tx.execute(
            select(BankLine.explained_number).where(BankLine.state == LineState.EXPLAINED)
        ).scalars()
        assert set(numbers) == {"结息 2026-03"}

    part.lets_go = False
    with pytest.raises(LineExplained):
        undo_import(statement_id=statement, reason="导错", actor=world.operator, now=world.now)
    part.lets_go = True
    undo_import(statement_id=statement, reason="导错", actor=world.operator, now=world.now)
    undo_import(statement_id=early, reason="导错", actor=world.operator, now=world.now)
    assert world.balance(K.CUSTODY) == world.balance(K.PLATFORM_FEE) == ZERO


def test_the_sum_of_the_queue_is_what_lies_in_suspense(world):
    held, _other = lines_of(bring(world, ("100.00", "某人"), ("7.00", "某人")))
    send_back(line_id=held, amount=yuan("30"), reason="多付", actor=world.operator, now=world.now)

    with db.database().reading() as tx:
        shown = queue(tx, world.operator, world.now)

    assert (shown.count, shown.money) == (2, yuan("77.00"))
    assert shown.money == suspense()


def test_a_payer_is_recognised_whatever_the_banks_brackets_and_spaces(world):
    world.tins(40)
    world.approved(10)
    file = world.statement_file(("1.00", "某人")).decode("gb18030")
    spaced = file.replace("县直机关工会", "县直机关 工会").encode("gb18030")
    statement = commands.import_statement(
        file_name="a", content=spaced, actor=world.operator, now=world.now
    )
    (held,) = lines_of(statement)

    with db.database().reading() as tx:
        shown = line(tx, held, world.operator, world.now)

    assert shown.waiting
    assert [one.why for one in shown.waiting.suggestions] == [(Why.PAYER,)]


def test_what_is_matched_is_not_sent_back_and_a_reason_is_asked(world):
    world.tins(40)
    purchase = world.approved(10)
    held, other = lines_of(bring(world, ("2380.00", reference(purchase)), ("1.00", "某人")))

    with pytest.raises(WrongState):
        send_back(line_id=held, amount=yuan("1"), reason="退", actor=world.operator, now=world.now)
    with pytest.raises(ReasonMissing):
        send_back(line_id=other, amount=yuan("1"), reason=" ", actor=world.operator, now=world.now)
    assert state_of(other) is LineState.SUSPENSE
