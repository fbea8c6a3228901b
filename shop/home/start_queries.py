"""What waits for whom on the start page: counts, one query per organisation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import Session

from orders.payments.models import BankLine
from orders.payments.states import LineState
from orders.payouts.models import PayoutBatch, PayoutItem
from orders.payouts.states import CAME_BACK, BatchState
from orders.purchasing.models import Order, Purchase
from orders.purchasing.states import OrderState, PurchaseState
from orders.recalls.models import Recall, RecallNotice
from orders.recalls.states import NoticeState, RecallState
from orders.receivables.queries import overdue
from orders.receivables.reminder_queries import to_bring
from orders.settlements.models import SettlementRun
from orders.settlements.states import RunState
from orders.shipments.models import Acceptance, Shipment
from orders.shipments.states import AcceptanceState, ShipmentState
from products.disputes.models import Dispute
from products.disputes.states import DisputeState
from products.households.models import Household, HouseholdReport
from products.households.states import ReportState
from products.lots.models import Lot, MassAlarm
from products.lots.states import AlarmState
from products.quality.queries import certificate_is_due, test_is_due
from shop.core.actors import Actor
from shop.core.labels import N_
from shop.core.permissions import Permission as P
from shop.organisations.models import OrganisationKind as K
from shop.organisations.models import PayeeAccount, PayeeKind
from shop.organisations.queries import OrganisationRow

#: A reminder nobody brought for so many days is overtaken by the next one.
_BRING_WITHIN = 15


@dataclass(frozen=True, slots=True)
class Waiting:
    """So many things of one kind wait for this person; `endpoint` is where they are done."""

    label: str
    count: int
    endpoint: str


@dataclass(frozen=True, slots=True)
class _Counter:
    """`count` takes the organisation's key, and the day besides where the counter is `dated`."""

    kind: K
    needs: P
    label: str
    endpoint: str
    count: Callable[..., ScalarSelect[int]]
    dated: bool = False


def _count(*conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).where(*conditions).scalar_subquery()


def _to_approve(union: int) -> ScalarSelect[int]:
    return _count(Purchase.union_id == union, Purchase.state == PurchaseState.SUBMITTED)


def _returned(union: int) -> ScalarSelect[int]:
    return _count(Purchase.union_id == union, Purchase.state == PurchaseState.RETURNED)


def _to_accept(union: int) -> ScalarSelect[int]:
    return _count(
        Purchase.union_id == union,
        Order.purchase_id == Purchase.id,
        Shipment.order_id == Order.id,
        Shipment.state != ShipmentState.ACCEPTED,
    )


def _half_signed(union: int) -> ScalarSelect[int]:
    return _count(
        Purchase.union_id == union,
        Order.purchase_id == Purchase.id,
        Acceptance.order_id == Order.id,
        Acceptance.state == AcceptanceState.FIRST_SIGNED,
    )


def _to_ship(cooperative: int) -> ScalarSelect[int]:
    return _count(
        Order.cooperative_id == cooperative,
        Order.state.in_([OrderState.CONFIRMED, OrderState.SHIPPING]),
    )


def _to_answer(cooperative: int) -> ScalarSelect[int]:
    return _count(
        Household.cooperative_id == cooperative,
        HouseholdReport.household_id == Household.id,
        HouseholdReport.state == ReportState.OPEN,
    )


def _open_alarms(cooperative: int) -> ScalarSelect[int]:
    return _count(MassAlarm.cooperative_id == cooperative, MassAlarm.state == AlarmState.OPEN)


def _every_open_alarm(_platform: int) -> ScalarSelect[int]:
    return _count(MassAlarm.state == AlarmState.OPEN)


def _without_card(cooperative: int) -> ScalarSelect[int]:
    card = select(PayeeAccount.id).where(
        PayeeAccount.payee_kind == PayeeKind.HOUSEHOLD, PayeeAccount.payee_id == Household.id
    )
    return _count(Household.cooperative_id == cooperative, ~card.exists())


def _papers_due(cooperative: int, day: date) -> ScalarSelect[int]:
    return _count(certificate_is_due(cooperative, day))


def _reports_due(cooperative: int, day: date) -> ScalarSelect[int]:
    return _count(test_is_due(cooperative, day))


def _lines(state: LineState) -> Callable[[int], ScalarSelect[int]]:
    return lambda _platform: _count(BankLine.state == state, BankLine.undone.is_(False))


def _batches(state: BatchState) -> Callable[[int], ScalarSelect[int]]:
    return lambda _platform: _count(PayoutBatch.state == state)


def _runs(_platform: int) -> ScalarSelect[int]:
    return _count(SettlementRun.state == RunState.DRAFT)


def _failed(_platform: int) -> ScalarSelect[int]:
    """Failed payments that no later item has taken up."""
    later = PayoutItem.__table__.alias()
    taken_up = select(later.c.id).where(later.c.retries_id == PayoutItem.id).exists()
    return _count(PayoutItem.state.in_(CAME_BACK), ~taken_up)


def _unanswered(union: int) -> ScalarSelect[int]:
    return _count(
        Purchase.union_id == union,
        Order.purchase_id == Purchase.id,
        RecallNotice.order_id == Order.id,
        RecallNotice.state == NoticeState.TOLD,
        Recall.id == RecallNotice.recall_id,
        Recall.state == RecallState.OPEN,
        ~Recall.drill,
    )


def _to_follow(cooperative: int) -> ScalarSelect[int]:
    return _count(
        RecallNotice.cooperative_id == cooperative,
        RecallNotice.state != NoticeState.DONE,
        Recall.id == RecallNotice.recall_id,
        Recall.state == RecallState.OPEN,
    )


def _overdue_of(union: int, day: date) -> ScalarSelect[int]:
    return overdue(day, union_id=union)


def _every_overdue(_platform: int, day: date) -> ScalarSelect[int]:
    return overdue(day)


def _letters_to_bring(_platform: int, day: date) -> ScalarSelect[int]:
    return to_bring(day - timedelta(days=_BRING_WITHIN))


def _open_recalls(_platform: int) -> ScalarSelect[int]:
    return _count(Recall.state == RecallState.OPEN)


def _open_disputes(_platform: int) -> ScalarSelect[int]:
    return _count(Dispute.state.in_([DisputeState.OPEN, DisputeState.UPHELD]))


def _to_mend(cooperative: int) -> ScalarSelect[int]:
    return _count(
        Dispute.state == DisputeState.UPHELD,
        Lot.id == Dispute.lot_id,
        Lot.cooperative_id == cooperative,
    )


_COUNTERS = (
    _Counter(K.UNION, P.PURCHASE_APPROVE, N_("等审批的采购单"), "purchases.inbox", _to_approve),
    _Counter(K.UNION, P.PURCHASE_DRAFT, N_("退回要改的采购单"), "purchases.index", _returned),
    _Counter(K.UNION, P.ACCEPTANCE_SIGN, N_("等清点的到货"), "acceptances.index", _to_accept),
    _Counter(K.UNION, P.ACCEPTANCE_SIGN, N_("等第二人签字"), "acceptances.index", _half_signed),
    _Counter(
        K.UNION,
        P.PAYMENT_ANSWER,
        N_("过了到期日的货款"),
        "receivables.mine",
        _overdue_of,
        dated=True,
    ),
    _Counter(K.COOPERATIVE, P.ORDER_SHIP, N_("等发货的订单"), "shipments.index", _to_ship),
    _Counter(
        K.COOPERATIVE,
        P.CERTIFICATE_EDIT,
        N_("快到期的检验报告"),
        "certificates.due",
        _reports_due,
        dated=True,
    ),
    _Counter(
        K.COOPERATIVE,
        P.CERTIFICATE_EDIT,
        N_("保存期快满的合格证"),
        "certificates.due",
        _papers_due,
        dated=True,
    ),
    _Counter(K.UNION, P.PURCHASE_DRAFT, N_("等回复的召回通知"), "recalls.mine", _unanswered),
    _Counter(K.COOPERATIVE, P.RECALL_FOLLOW, N_("召回要跟进的"), "recall_work.index", _to_follow),
    _Counter(
        K.COOPERATIVE, P.LOT_MAKE, N_("争议属实，等更正"), "disputes.of_cooperative", _to_mend
    ),
    _Counter(K.PLATFORM, P.RECALL_CLOSE, N_("没有结束的召回"), "recall_desk.index", _open_recalls),
    _Counter(K.PLATFORM, P.DISPUTE_DECIDE, N_("没有了结的争议"), "disputes.index", _open_disputes),
    _Counter(K.COOPERATIVE, P.HOUSEHOLD_EDIT, N_("农户说“不对”"), "households.reports", _to_answer),
    _Counter(
        K.COOPERATIVE, P.HOUSEHOLD_EDIT, N_("没登记银行卡的农户"), "households.index", _without_card
    ),
    _Counter(
        K.COOPERATIVE, P.ALARM_DECIDE, N_("等第二人签字的平衡报警"), "alarms.index", _open_alarms
    ),
    _Counter(
        K.PLATFORM, P.ALARM_DECIDE, N_("等第二人签字的平衡报警"), "alarms.index", _every_open_alarm
    ),
    _Counter(
        K.PLATFORM,
        P.BANK_MATCH,
        N_("待认领的来款"),
        "bank_lines.suspense",
        _lines(LineState.SUSPENSE),
    ),
    _Counter(
        K.PLATFORM,
        P.BANK_MATCH,
        N_("待说明的银行支出"),
        "bank_lines.suspense",
        _lines(LineState.UNEXPLAINED),
    ),
    _Counter(
        K.PLATFORM,
        P.BANK_MATCH,
        N_("逾期没付的货款"),
        "receivables.index",
        _every_overdue,
        dated=True,
    ),
    _Counter(
        K.PLATFORM,
        P.BANK_MATCH,
        N_("还没送达的催款函"),
        "reminders.index",
        _letters_to_bring,
        dated=True,
    ),
    _Counter(K.PLATFORM, P.SETTLEMENT_APPROVE, N_("等复核的结算"), "settlements.index", _runs),
    _Counter(
        K.PLATFORM,
        P.PAYOUT_APPROVE,
        N_("等复核的打款"),
        "payouts.index",
        _batches(BatchState.DRAFT),
    ),
    _Counter(
        K.PLATFORM,
        P.PAYOUT_DRAFT,
        N_("等导出的打款"),
        "payouts.index",
        _batches(BatchState.APPROVED),
    ),
    _Counter(
        K.PLATFORM,
        P.PAYOUT_DRAFT,
        N_("等银行结果的打款"),
        "payouts.index",
        _batches(BatchState.EXPORTED),
    ),
    _Counter(K.PLATFORM, P.PAYOUT_DRAFT, N_("被银行退回、还没重打"), "payouts.index", _failed),
)


def waiting(
    tx: Session, *, organisation: OrganisationRow, actor: Actor, day: date
) -> list[Waiting]:
    """What waits for this actor in one organisation, nothing left out: zero is an answer too."""
    mine = [
        counter
        for counter in _COUNTERS
        if counter.kind is organisation.kind and actor.may(counter.needs, organisation.id)
    ]
    if not mine:
        return []
    counts = tx.execute(
        select(
            *[
                counter.count(organisation.id, day)
                if counter.dated
                else counter.count(organisation.id)
                for counter in mine
            ]
        )
    ).one()
    return [
        Waiting(counter.label, int(count), counter.endpoint)
        for counter, count in zip(mine, counts, strict=True)
    ]
