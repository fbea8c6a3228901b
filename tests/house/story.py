"""A story that touches every table and every stage, told once and then only looked at.

Two unions and a member buy; goods fall short, break and come back; money waits, is refunded, is
paid out, is refused by the bank; a statement is undone. Things are left standing at each stage:
submitted, unpaid, paid, under way, signed once, owed, in a draft run and a draft batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from orders.calendar.commands import propose_change
from orders.calendar.states import DayKind
from orders.closing import checking, reconciling
from orders.closing.bank_side import sides
from orders.closing.commands import set_code
from orders.closing.exporting import ask_file
from orders.closing.models import Voucher
from orders.closing.rules import span
from orders.closing.states import Cause, Ending, Report
from orders.ledger.models import Journal, LedgerMonth
from orders.ledger.states import AccountKind, JournalKind, MonthState
from orders.payments.commands import import_statement, keep_upload, undo_import
from orders.payments.explaining import book_fee
from orders.payments.models import BankLayout, BankLine, BankStatement
from orders.payments.states import LineState
from orders.payouts.commands import draft_batch
from orders.payouts.models import PayoutItem
from orders.payouts.refund_accounts import propose_refund_account
from orders.payouts.states import PayoutKind
from orders.purchasing.cancelling import cancel_units
from orders.purchasing.cart import set_line
from orders.purchasing.models import Order, Purchase
from orders.purchasing.states import PaymentTerms
from orders.recalls.commands import open_recall
from orders.recalls.destroying import destroy, propose_destruction
from orders.recalls.following import follow_up
from orders.recalls.models import RecallNotice
from orders.recalls.scope import Scope
from orders.recalls.states import Channel, Fate, RecallReason, ScopeKind
from orders.receivables.commands import agree_days, promise_day, propose_rule
from orders.receivables.models import PaymentReminder
from orders.receivables.reminding import mark_brought, remind_due
from orders.receivables.rules import Reminding
from orders.receivables.states import SendingWay
from orders.refunds.models import Refund
from orders.register import subscribe
from orders.reserves.commands import propose_rate
from orders.returns.commands import ask_return
from orders.settlements.commands import draft_run
from orders.settlements.models import SettlementRun
from orders.shipments.commands import arrive, record_invoice
from orders.shipments.models import Invoice
from orders.shipments.returning import return_goods
from orders.statements.slip_commands import print_slips, set_some
from products.catalogue.states import Category, TaxClass
from products.certificates.models import Certificate
from products.disputes.commands import decide_dispute, record_dispute
from products.disputes.states import ClaimKind, ReceivedBy
from products.epcis import intake
from products.epcis.commands import capture, project_all
from products.households.commands import add_plot
from products.households.consent_commands import give_consent
from products.households.statement_commands import report_wrong
from products.households.states import ConsentPurpose
from products.lots.alarms import set_mass_rule
from products.lots.commands import blend
from products.lots.correcting import correct_shares
from products.lots.dividing import divide, lose
from products.lots.models import Lot, MassAlarm
from products.lots.processes import add_process
from products.lots.states import LeafPayment, LotKind
from products.prices.drafting import draft_price
from products.prices.rules import PARTS
from products.proofs import log
from products.proofs.commands import seal_due, sign_checkpoint
from products.proofs.cosigning import register_cosigner
from products.quality.commands import Scan, keep_certificate_file, record_test
from products.stories.commands import tell_household, tell_village
from products.stories.states import Drawing
from shop.core import clock, db, vault
from shop.core.actors import CLOCK
from shop.core.money import yuan
from shop.identity.keys import issue
from shop.identity.models import ApiKey
from shop.jobs import queue
from shop.jobs.models import Job, JobState
from shop.organisations.account_changes import propose_organisation_account
from tests import databases
from tests.conftest import open_database
from tests.house.coded import codes_on
from tests.products.proofs.logs import COUNTY
from tests.world import KEYS, TIN, World

PUBLIC_URL = "http://127.0.0.1:8000"
CAPTURED = """{"@context": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
"type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-04-20T18:00:00+08:00",
"epcisBody": {"eventList": [{"type": "ObjectEvent", "action": "OBSERVE", "epcList": ["urn:ex:1"],
"eventTime": "2026-04-20T17:30:00+08:00", "eventTimeZoneOffset": "+08:00"}]}}"""
A, B, C = "张桂兰", "李长根", "黄水生"


@dataclass
class Told:
    """Where the story lies, and the public ids of what it left behind, by a short name."""

    url: str
    ids: dict[str, str] = field(default_factory=dict)


@contextmanager
def told(template: str) -> Iterator[Told]:
    """A copy of the template in which the story has happened; nobody is connected to it."""
    with databases.copied(template) as url:
        connected = open_database(url)
        vault.configure(KEYS)
        subscribe()
        try:
            ids = tell(World())
        finally:
            connected.close()
        yield Told(url, ids)


def tell(world: World) -> dict[str, str]:
    """Play the whole story; returns the public ids of what it left behind."""
    ids = _goods(world)
    ids |= _bought_settled_and_paid_out(world)
    ids |= _bank(world)
    ids |= _left_standing(world)
    ids |= _called_back(world, ids)
    ids |= _balance(world, ids["used"])
    ids |= _closed(world)
    ids |= _log(world)
    ids |= {
        "gh": world.organisation("GH"),
        "th": world.organisation("TH"),
        "yd": world.organisation("YD"),
        "household": world.household(A),
        "tin": world.tin,
        "process": world.tea_process,
        "job": _job(world),
        "slips": _slips(world),
        "key": _key(world),
        "slug": "gougunao-teji",
        "user": world.clerk.key,
    }
    return ids


def _key(world: World) -> str:
    """A key of the cooperative, and what was captured with it.

    Every fact is told as an event, so that later looking tells none.
    """
    issue(
        organisation_id=world.organisation_key("TH"),
        name="仓库",
        days=90,
        actor=world.manager,
        now=world.now,
    )
    capture(
        intake=intake.document(CAPTURED.encode()),
        organisation_id=world.organisation_key("TH"),
        actor=CLOCK,
        now=world.now,
    )
    project_all(PUBLIC_URL, world.now)
    return world._one(select(ApiKey.public_id))


@queue.step_of("story_nothing")
def _nothing(_tx: Session, job: Job, _now: datetime) -> None:
    """A job that is done at once."""
    job.finish()


def _job(world: World) -> str:
    with db.database().writing() as tx:
        return queue.ask(
            tx,
            "story_nothing",
            total=1,
            organisation_id=world.organisation_key("TH"),
            actor=world.manager,
            now=world.now,
        )


def _slips(world: World) -> str:
    """The slips of the village, set."""
    print_id, job_id = print_slips(
        cooperative_id=world.organisation("TH"),
        village_id=world.village,
        period="all",
        door="https://shanhuo.example/my-statement/",
        actor=world.manager,
        now=world.now,
    )
    with db.database().writing() as tx:
        job = tx.execute(select(Job).where(Job.public_id == job_id)).scalar_one()
        while job.done < job.total:
            set_some(tx, job, world.now)
        job.state = JobState.DONE
    return print_id


def _closed(world: World) -> dict[str, str]:
    """Two months before all trade are closed, a sheet waits, a code was changed.

    A month of trade is closed in tests/orders/closing; here one voucher only stands in the table.
    """
    day = clock.day_of(world.now) - timedelta(days=1)
    with db.database().reading() as tx:
        seen = sides(tx, reconciling.end_of(day))
    sheet = reconciling.sign_reconciliation(
        day=day, seen_hash=seen.seen_hash, typed=seen.bank, actor=world.operator, now=world.now
    )
    set_code(
        kind=AccountKind.CUSTODY, code="1012", name="存款", actor=world.operator, now=world.now
    )
    file, _job = ask_file(
        month="2026-04",
        report=Report.JOURNAL,
        ending=Ending.CSV,
        actor=world.auditor,
        now=world.now,
    )
    with db.database().writing() as tx:
        check = checking.check_now(tx, cause=Cause.ASKED, actor=world.auditor, now=world.now)
        for month in ("2026-02", "2026-03"):
            starts, ends = span(month)
            row = LedgerMonth(
                month=month,
                state=MonthState.CLOSED,
                starts_at=starts,
                ends_at=ends,
                closed_by_id=world.operator.user_id,
                confirmed_by_id=world.treasurer.user_id,
            )
            tx.add(row)
        tx.flush()
        first = tx.execute(select(func.min(Journal.id))).scalar_one()
        tx.add(Voucher(journal_id=first, month_id=row.id, number=1))
    return {
        "sheet": sheet,
        "month": "2026-03",
        "day": day.isoformat(),
        "books_check": check.public_id,
        "account_file": file,
    }


def _goods(world: World) -> dict[str, str]:
    first = [
        (world.delivery(A, 20, "120"), 20_000),
        (world.delivery(B, 15, "118"), 15_000),
        (world.delivery(C, 10, "97", paid=False), 7_000),
    ]
    unused = world.delivery(A, 4, "100.33")
    rough = world.rough(first, 11)
    blended = blend(
        cooperative_id=world.organisation("TH"),
        inputs=((rough, 10_500),),
        grams=10_500,
        name="狗牯脑拼配",
        grade="特级",
        certificate="",
        note="",
        actor=world.manager,
        now=world.now,
    )
    packed = world.packed([(blended, 10_000)], 40)
    give_consent(
        household_id=world.household(A),
        on=world.now.date(),
        actor=world.manager,
        now=world.now,
    )
    add_plot(
        household_id=world.household(A),
        name="屋背坡",
        crop="茶",
        area_m2=1334,
        actor=world.manager,
        now=world.now,
    )
    lose(
        lot_id=rough,
        grams=300,
        reason="受潮，拣出来倒掉",
        actor=world.manager,
        now=world.now,
    )
    divide(
        lot_id=blended,
        kind=LotKind.BYPRODUCT,
        parts=(("茶梗", "", 200),),
        note="拣出来的梗",
        actor=world.manager,
        now=world.now,
    )
    report = report_wrong(
        household_id=world.household(A), words="少记一筐", actor=world.manager, now=world.now
    )
    code = world._one(select(Lot.trace_code).where(Lot.public_id == packed))
    return {
        **_papers_and_stories(world, packed, rough),
        "delivery": unused,
        "used": first[0][0],
        "disputed": first[1][0],
        "rough": rough,
        "lot": packed,
        "report": report,
        "code": code,
        **codes_on(world, packed),
    }


def _papers_and_stories(world: World, packed: str, rough: str) -> dict[str, str]:
    scan = Scan("scan.pdf", "application/pdf", b"%PDF-1.7 example")
    certificate = world._one(
        select(Certificate.public_id)
        .join(Lot, Lot.certificate == Certificate.number)
        .where(Lot.public_id == packed)
    )
    keep_certificate_file(certificate_id=certificate, scan=scan, actor=world.manager, now=world.now)
    failed = record_test(
        lot_id=rough,
        subject="农药残留",
        agency="示范检测站",
        report="R-1",
        passed=False,
        tested_on=world.now.date(),
        valid_until=None,
        scan=scan,
        public=True,
        actor=world.manager,
        now=world.now,
    )
    story = tell_village(
        village_id=world.village,
        title="雾里的村子",
        title_en="",
        words="茶坡三面，春雾到九点才散。",
        words_en="",
        grows="茶",
        grows_en="",
        actor=world.manager,
        now=world.now,
    )
    give_consent(
        household_id=world.household(B),
        on=world.now.date(),
        purpose=ConsentPurpose.STORY,
        actor=world.manager,
        now=world.now,
    )
    tell_household(
        household_id=world.household(B),
        words="茶树比人有耐心。",
        words_en="",
        drawing=Drawing.TEA,
        actor=world.manager,
        now=world.now,
    )
    return {
        "certificate": certificate,
        "lot_test": failed,
        "story": story,
        "village": world.village,
    }


def _balance(world: World, used: str) -> dict[str, str]:
    """A used delivery put right after it was settled, a rule of the day, what does not add up."""
    correct_shares(
        lot_id=used,
        household_id=world.household(A),
        grams=19_000,
        fen_per_kg=12_000,
        payment=LeafPayment.PAID,
        reason="秤底没有去皮",
        actor=world.manager,
        now=world.now,
    )
    set_mass_rule(
        category=Category.TEA,
        goods="狗牯脑毛茶",
        grade="",
        from_day=world.now.date(),
        ratio_low=380,
        ratio_high=550,
        most_grams_per_mu=None,
        actor=world.operator,
        now=world.now,
    )
    odd = world.rough([(world.delivery(B, 10, "90"), 10_000)], 8)
    own = add_process(
        cooperative_id=world.organisation("TH"),
        category=Category.TEA,
        name="红茶初制",
        name_en="Black tea, first processing",
        makes="红毛茶",
        makes_en="Rough black tea",
        steps=(("萎凋", "Withering"), ("发酵", "Oxidising")),
        actor=world.manager,
        now=world.now,
    )
    return {
        "odd": odd,
        "alarm": world._one(select(MassAlarm.public_id)),
        "drafted_price": draft_price(
            specification_id=world.tin,
            from_day=clock.day_of(world.now),
            tax_class=TaxClass.EXEMPT,
            price=TIN.price,
            parts={name: getattr(TIN, name) for name in PARTS},
            steps=(),
            send=False,
            actor=world.manager,
            now=world.now,
        ),
        "own_process": own,
    }


def _bought_settled_and_paid_out(world: World) -> dict[str, str]:
    budget = world.budget("30000.00")
    purchase = world.approved(30, budget_id=budget)
    world.paid(purchase)
    acceptance = world.accepted(purchase, short=2, damaged=1)
    order = world.orders(purchase)[0]
    record_invoice(
        order_id=order,
        number="26362000000000000001",
        issued_on=world.now.date(),
        amount=yuan("6426.00"),
        file_name="发票.pdf",
        media_type="application/pdf",
        content=b"%PDF-1.7 example",
        actor=world.manager,
        now=world.now,
    )
    world.settle()
    owed = world.approved(12, terms=PaymentTerms.AFTER, union="WG")
    foreign = world.accepted(owed, union="WG")
    world.paid(owed, "1000.00")
    world.bank_answers(world.pay_out(PayoutKind.HOUSEHOLD), refused=[C])
    world.new_card(C)
    world.bank_answers(world.pay_out(PayoutKind.REFUND))
    in_transit = world.pay_out(PayoutKind.CARRIER)
    goods_return = return_goods(
        acceptance_id=acceptance,
        lines=((world.accepted_lines(acceptance)[0], 2),),
        reason="罐口变形",
        actor=world.clerk,
        now=world.now,
    )
    paid = world._all(select(PayoutItem.public_id).order_by(PayoutItem.id))
    change = propose_organisation_account(
        organisation_id=world.organisation("TH"),
        holder="汤湖茶叶合作社",
        number="36050181010000008888",
        bank="示范银行吉安分行",
        cnaps="",
        reason="换了开户行",
        actor=world.operator,
        now=world.now,
    )
    request = ask_return(
        acceptance_id=acceptance,
        lines=((world.accepted_lines(acceptance)[0], 1),),
        reason="罐底锈了",
        actor=world.clerk,
        now=world.now,
    )
    refund = world._one(select(Refund.public_id).order_by(Refund.id.desc()).limit(1))
    refund_account = propose_refund_account(
        refund_id=refund,
        holder="县直机关工会",
        number="6222021502007777888",
        bank="示范银行",
        cnaps="",
        reason="原账户已销户",
        file_name="证明.pdf",
        media_type="application/pdf",
        content=b"%PDF-1.7",
        actor=world.operator,
        now=world.now,
    )
    rate = propose_rate(
        cooperative_id=world.organisation("TH"),
        from_day=date(2090, 1, 1),
        bp=250,
        reason="退货较多",
        actor=world.operator,
        now=world.now,
    )
    calendar_change = propose_change(
        first_day=date(2090, 1, 1),
        last_day=date(2090, 1, 1),
        kind=DayKind.HOLIDAY,
        reason="元旦",
        actor=world.operator,
        now=world.now,
    )
    invoice = world._one(select(Invoice.public_id))
    run = world._one(select(SettlementRun.public_id))
    return {
        "budget": budget,
        "purchase": purchase,
        "acceptance": acceptance,
        "accepted_line": world.accepted_lines(acceptance)[0],
        "order": order,
        "foreign_purchase": owed,
        "foreign_acceptance": foreign,
        "foreign_order": world.orders(owed)[0],
        "batch": in_transit,
        "item": paid[0],
        "undecided": paid[-1],
        "change": change,
        "payout_layout": "hongdu",
        "invoice": invoice,
        "goods_return": goods_return,
        "return_request": request,
        "refund": refund,
        "refund_account": refund_account,
        "rate": rate,
        "calendar_change": calendar_change,
        "run": run,
    }


def _bank(world: World) -> dict[str, str]:
    def imported(*lines: tuple[str, str], serial: str) -> str:
        return import_statement(
            file_name=f"{serial}.csv",
            content=world.statement_file(*lines, serial=serial),
            actor=world.operator,
            now=world.now,
        )

    statement = imported(("500.00", "没有识别码"), ("-5.00", "工本费"), serial="Q")
    undone = imported(("77.00", "误导入"), serial="R")
    undo_import(statement_id=undone, reason="导错文件", actor=world.operator, now=world.now)
    with db.database().reading() as tx:
        lines = dict(
            tx.execute(
                select(BankLine.state, BankLine.public_id)
                .join(BankStatement, BankStatement.id == BankLine.statement_id)
                .where(BankStatement.public_id == statement)
            ).all()
        )
    book_fee(
        line_id=lines[LineState.UNEXPLAINED], reason="工本费", actor=world.operator, now=world.now
    )
    upload = keep_upload(
        file_name="待导入.csv",
        content=world.statement_file(("12.00", "预览"), serial="U"),
        actor=world.operator,
        now=clock.now(),  # an upload is gone after a day
    )
    return {"statement": statement, "line": lines[LineState.SUSPENSE], "upload": upload}


def _log(world: World) -> dict[str, str]:
    """All that happened is sealed under a checkpoint, which the county's bureau may cosign."""
    log.configure("shanhuo.example/log", "01" * 32)
    seal_due(actor=CLOCK, now=world.now)
    size = sign_checkpoint(actor=world.operator, now=world.now)
    cosigner = register_cosigner(
        name="县农业农村局", vkey=COUNTY.key.vkey, actor=world.operator, now=world.now
    )
    return {"log_size": str(size), "cosigner": cosigner}


def _left_standing(world: World) -> dict[str, str]:
    world.now += timedelta(hours=1)
    world.packed([(world.rough([(world.delivery(B, 21, "90"), 21_000)], 21), 21_000)], 84)
    submitted = world.submitted(1)
    unpaid = world.approved(2)
    part_paid = world.approved(2)
    world.paid(part_paid, "100.00")
    held_line = world._all(
        select(BankLine.public_id)
        .where(BankLine.purchase_id.is_not(None), BankLine.state == LineState.SUSPENSE)
        .order_by(BankLine.id.desc())
    )[0]
    paid = world.approved(3)
    world.paid(paid)
    under_way = world.approved(4)
    world.paid(under_way)
    shipment = world.shipped(under_way, 2)
    checked = world.approved(5)
    world.paid(checked)
    signed_once = world.signed_once(world.shipped(checked), short=1)
    given_up = world.approved(2)
    cancel_units(
        order_id=world.orders(given_up)[0],
        lines=((world.tin, 1),),
        reason="少来两个人",
        seen_refund=None,
        actor=world.clerk,
        now=world.now,
    )
    retail = world.retail(1)
    world.paid(retail)
    arrived = world.shipped(retail)
    arrive(shipment_id=arrived, actor=world.manager, now=world.now)
    for actor, union in ((world.clerk, world.organisation("GH")), (world.member, None)):
        set_line(specification_id=world.tin, units=2, union_id=union, actor=actor, now=world.now)
    on_terms, reminder, rule = _on_terms(world)
    draft = draft_run(cooperative_id=None, actor=world.operator, now=world.now)
    batch = draft_batch(kinds=tuple(PayoutKind), actor=world.operator, now=world.now)
    journal = world._all(select(Journal.public_id).order_by(Journal.id))[0]
    return {
        "journal": journal,
        "own_journal": world._all(
            select(Journal.public_id)
            .where(Journal.kind == JournalKind.ACCEPTANCE)
            .order_by(Journal.id)
        )[0],
        "submitted": submitted,
        "unpaid": unpaid,
        "part_paid": part_paid,
        "held_line": held_line,
        "layout": world._all(select(BankLayout.public_id))[0],
        "paid": paid,
        "paid_order": world.orders(paid)[0],
        "under_way": under_way,
        "under_way_order": world.orders(under_way)[0],
        "shipment": shipment,
        "allocation": world.allocations(world.orders(under_way)[0])[0][0],
        "signed_once": signed_once,
        "retail": retail,
        "retail_shipment": arrived,
        "draft_run": draft,
        "draft_batch": batch,
        "on_terms": on_terms,
        "reminder": reminder,
        "payment_rule": rule,
    }


def _on_terms(world: World) -> tuple[str, str, str]:
    """Goods taken on agreed terms, overdue and reminded of; a rule that waits for approval."""
    purchase = world.approved(2, terms=PaymentTerms.AFTER)
    number = world._one(select(Purchase.number).where(Purchase.public_id == purchase))
    agree_days(number=number, days=1, ground="合同第五条", actor=world.operator, now=world.now)
    acceptance = world.accepted(purchase)
    later = world.now + timedelta(days=20)
    remind_due(actor=CLOCK, now=later)
    reminder = world._one(select(PaymentReminder.public_id))
    mark_brought(
        reminder_id=reminder,
        way=SendingWay.TELEPHONE,
        on_day=clock.day_of(later),
        note="",
        actor=world.operator,
        now=later,
    )
    promise_day(
        acceptance_id=acceptance,
        promised_on=clock.day_of(later),
        note="等拨款",
        actor=world.clerk,
        now=later,
    )
    rule = propose_rule(
        from_day=clock.day_of(later),
        days=20,
        longest_days=45,
        rate=4,
        reminding=Reminding(5, 10, 20, 40),
        source="示范规定",
        actor=world.operator,
        now=world.now,
    )
    return acceptance, reminder, rule


def _called_back(world: World, ids: dict[str, str]) -> dict[str, str]:
    """A recall of two packed lots, something of it to destroy, and two disputes."""
    here = world.tins(4)
    code = world._one(select(Lot.trace_code).where(Lot.public_id == here))
    recall = open_recall(
        scope=Scope(ScopeKind.CODES, what=f"{ids['code']} {code}"),
        drill=False,
        reason_kind=RecallReason.QUALITY,
        reason="有几罐封口不严",
        advice="停止食用，连罐退回。",
        actor=world.operator,
        now=world.now,
    )
    gone, destruction = (
        propose_destruction(
            recall_id=recall,
            lot_id=here,
            grams=0,
            units=1,
            words="县垃圾站深埋",
            actor=world.operator,
            now=world.now,
        )
        for _ in range(2)
    )
    destroy(destruction_id=gone, actor=world.manager, now=world.now)
    notices = _notices()
    follow_up(
        notice_id=notices[ids["order"]],
        fate=Fate.CONTACTED,
        units=0,
        channel=Channel.PHONE,
        words="",
        actor=world.manager,
        now=world.now,
    )
    disputes = [
        record_dispute(
            lot=ids["disputed"],
            household=household,
            village=village,
            claim=claim,
            words="",
            received=ReceivedBy.PHONE,
            actor=world.operator,
            now=world.now,
        )
        for claim, household, village in (
            (ClaimKind.VILLAGE, "", world.village),
            (ClaimKind.QUANTITY, world.household(B), ""),
        )
    ]
    decide_dispute(
        dispute_id=disputes[1], upheld=True, reason="磅单少记", actor=world.treasurer, now=world.now
    )
    return {
        "recall": recall,
        "destruction": destruction,
        "notice": notices[ids["order"]],
        "cooperative_notice": notices[""],
        "dispute": disputes[0],
        "upheld": disputes[1],
    }


def _notices() -> dict[str, str]:
    """Each order's notice, and under no order the cooperative's."""
    with db.database().reading() as tx:
        rows = tx.execute(
            select(Order.public_id, RecallNotice.public_id)
            .select_from(RecallNotice)
            .outerjoin(Order, Order.id == RecallNotice.order_id)
        )
        return {order or "": notice for order, notice in rows}
