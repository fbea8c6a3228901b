"""Asking for a return, answering, sending back, inspecting; money moves with the last step."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from orders.purchasing.models import Order, Purchase
from orders.purchasing.steps import require_buyer
from orders.returns.models import ReturnRequest, ReturnRequestLine
from orders.returns.states import COOPERATIVE_FIRST, OPEN, REQUEST, Answer, RequestState
from orders.shipments.inspecting import NothingInspected, sort_out
from orders.shipments.models import Acceptance, AcceptanceLine
from orders.shipments.returning import MoreThanAccepted, NothingToReturn, take_back
from orders.shipments.states import AcceptanceState
from orders.shipments.steps import locked_acceptance, locked_lines
from shop.core import audit
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, Refusal, WrongState
from shop.core.labels import N_
from shop.core.numbering import next_number
from shop.core.permissions import Permission


class CooperativeFirst(Refusal):
    """The platform answers only what the cooperative left unanswered for some days."""

    code = "cooperative_first"
    sentence = N_("合作社还在答复期内（%(days)s 天），平台暂时不能代为答复。")


class MoreThanAsked(Refusal):
    """More units were counted than the buyer asked to send back."""

    code = "more_than_asked"
    sentence = N_("填的数量比申请退的多，请核对；多寄来的请先和对方说清。")
    status = 422


@command
def ask_return(
    tx: Session,
    *,
    acceptance_id: str,
    lines: tuple[tuple[str, int], ...],
    reason: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Ask to send accepted units back (退货申请); they are held, no money moves yet.

    Args:
        lines: (acceptance line public id, units above zero), each once.

    Returns:
        The request's public id.

    Raises:
        NotFound, NotAllowed: `return:request` in the buying union, or one's own purchase.
        ReasonMissing, NothingToReturn, MoreThanAccepted: see the classes.
        WrongState: the acceptance is not signed.
    """
    if not reason.strip():
        raise ReasonMissing()
    if not lines or any(units <= 0 for _line, units in lines):
        raise NothingToReturn()
    acceptance, order, purchase = locked_acceptance(tx, acceptance_id)
    require_buyer(actor, purchase, Permission.RETURN_REQUEST)
    if acceptance.state is not AcceptanceState.SIGNED:
        raise WrongState(state=acceptance.state.label)
    request = ReturnRequest(
        number=next_number(tx, "TS", now),
        acceptance_id=acceptance.id,
        state=RequestState.ASKED,
        reason=reason.strip(),
        asked_at=now,
    )
    tx.add(request)
    tx.flush()
    _hold(tx, acceptance, request, dict(lines))
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind=REQUEST.kind,
        thing=request.public_id,
        action="ask",
        organisation_id=order.cooperative_id,
        to_state=request.state.value,
        reason=request.reason,
        number=request.number,
    )
    return request.public_id


@command
def answer_return(
    tx: Session, *, request_id: str, answer: Answer, note: str, actor: Actor, now: datetime
) -> None:
    """Answer a request (答复退货): goods back first, refund at once, or no.

    Args:
        note: what the buyer reads; needed for a no.

    Raises:
        NotFound, NotAllowed: `return:decide` in the selling cooperative is needed.
        CooperativeFirst: the platform has to wait.
        SamePerson: whoever asked may not agree.
        WrongState: it was answered or withdrawn.
        ReasonMissing: a no without a reason.
    """
    request, acceptance, order, purchase = _locked(tx, request_id)
    actor.require(Permission.RETURN_DECIDE, order.cooperative_id)
    if not actor.works_in(order.cooperative_id) and now < request.asked_at + COOPERATIVE_FIRST:
        raise CooperativeFirst(days=COOPERATIVE_FIRST.days)
    if answer is Answer.REFUSE and not note.strip():
        raise ReasonMissing(field="note")
    if answer is Answer.REFUND:
        wanted = _release(tx, request)
        _refund(tx, request, acceptance, order, purchase, wanted, actor, now)
    elif answer is Answer.REFUSE:
        _release(tx, request)
    request.answer = note.strip()
    _move(tx, request, order, answer.value, actor, now, reason=note.strip())


@command
def send_return(tx: Session, *, request_id: str, waybill: str, actor: Actor, now: datetime) -> None:
    """The buyer has sent the goods back.

    Raises:
        NotFound, NotAllowed: the buyer's `return:request`, or one's own purchase.
        WrongState: not agreed to, or sent already.
    """
    request, _acceptance, order, purchase = _locked(tx, request_id)
    _require_buyer(actor, order, purchase)
    request.waybill = waybill.strip()
    _buyer_moves(tx, request, purchase, "send", actor, now, reason=request.waybill)


@command
def withdraw_return(
    tx: Session, *, request_id: str, reason: str, actor: Actor, now: datetime
) -> None:
    """The buyer keeps the goods after all; they are no longer held.

    Raises:
        NotFound, NotAllowed: the buyer's `return:request`, or one's own purchase.
        WrongState: sent back already, or over.
        ReasonMissing: it says nothing.
    """
    if not reason.strip():
        raise ReasonMissing()
    request, _acceptance, order, purchase = _locked(tx, request_id)
    _require_buyer(actor, order, purchase)
    _release(tx, request)
    _buyer_moves(tx, request, purchase, "withdraw", actor, now, reason=reason.strip())


@command
def inspect_request(
    tx: Session,
    *,
    request_id: str,
    counts: tuple[tuple[str, int, int], ...],
    note: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Inspect what came back (验收退货): stock and money move once, for what came back.

    Units that did not come back stay accepted; they are no longer held and may be asked for anew.

    Args:
        counts: (acceptance line public id, back on sale, written off), each line once.

    Raises:
        NotFound, NotAllowed: `return:decide` in the selling cooperative is needed.
        SamePerson: whoever asked may not inspect.
        WrongState: not agreed to, or over.
        NothingInspected, MoreThanAsked: see there.
    """
    request, acceptance, order, purchase = _locked(tx, request_id)
    actor.require(Permission.RETURN_DECIDE, order.cooperative_id)
    if REQUEST.find(request.state, "inspect") is None:
        raise WrongState(state=request.state.label)
    came = {line: good + bad for line, good, bad in counts if good + bad > 0}
    if not came or any(good < 0 or bad < 0 for _line, good, bad in counts):
        raise NothingInspected()
    asked = _release(tx, request)
    if set(came) - set(asked):
        raise NotFound()
    if any(units > asked[line] for line, units in came.items()):
        raise MoreThanAsked()
    _refund(tx, request, acceptance, order, purchase, came, actor, now)
    assert request.return_id is not None
    sort_out(tx, request.return_id, {line: (good, bad) for line, good, bad in counts if good + bad})
    _move(
        tx,
        request,
        order,
        "inspect",
        actor,
        now,
        reason=note.strip(),
        restocked=sum(good for _line, good, _bad in counts),
        written_off=sum(bad for _line, _good, bad in counts),
    )


@command
def reject_return(
    tx: Session, *, request_id: str, reason: str, actor: Actor, now: datetime
) -> None:
    """What came back is not what was agreed to: nothing is taken back, no money moves.

    Raises:
        NotFound, NotAllowed: `return:decide` in the selling cooperative is needed.
        WrongState: nothing was sent back, or it is over.
        ReasonMissing: the buyer must know why.
    """
    if not reason.strip():
        raise ReasonMissing()
    request, _acceptance, order, _purchase = _locked(tx, request_id)
    actor.require(Permission.RETURN_DECIDE, order.cooperative_id)
    _release(tx, request)
    request.answer = reason.strip()
    _move(tx, request, order, "reject", actor, now, reason=reason.strip())


def _hold(
    tx: Session, acceptance: Acceptance, request: ReturnRequest, wanted: dict[str, int]
) -> None:
    rows = locked_lines(tx, acceptance)
    if set(wanted) - {line.public_id for line, _allocation, _order_line in rows}:
        raise NotFound()
    for line, _allocation, _order_line in rows:
        units = wanted.get(line.public_id, 0)
        left = line.accepted_units - line.returned_units - line.asked_units
        if units > left:
            raise MoreThanAccepted(left=left)
        if units:
            line.asked_units += units
            tx.add(
                ReturnRequestLine(request_id=request.id, acceptance_line_id=line.id, units=units)
            )
    tx.flush()


def _release(tx: Session, request: ReturnRequest) -> dict[str, int]:
    """Let go of the units a request holds; returns them by acceptance line public id.

    Called before the request moves on: a move that is refused takes this back as well.
    """
    rows = tx.execute(
        select(AcceptanceLine.id, AcceptanceLine.public_id, ReturnRequestLine.units)
        .join(ReturnRequestLine, ReturnRequestLine.acceptance_line_id == AcceptanceLine.id)
        .where(ReturnRequestLine.request_id == request.id)
        .order_by(AcceptanceLine.id)
    ).all()
    if request.state not in OPEN:
        raise WrongState(state=request.state.label)
    for key, _public_id, units in rows:
        tx.execute(
            update(AcceptanceLine)
            .where(AcceptanceLine.id == key)
            .values(asked_units=AcceptanceLine.asked_units - units)
        )
    return {public_id: units for _key, public_id, units in rows}


def _refund(
    tx: Session,
    request: ReturnRequest,
    acceptance: Acceptance,
    order: Order,
    purchase: Purchase,
    units: dict[str, int],
    actor: Actor,
    now: datetime,
) -> None:
    sent_back = take_back(
        tx, acceptance, order, purchase, units, reason=request.reason, actor=actor, now=now
    )
    request.return_id = sent_back.id


def _move(
    tx: Session,
    request: ReturnRequest,
    order: Order,
    action: str,
    actor: Actor,
    now: datetime,
    *,
    reason: str,
    **facts: Any,
) -> None:
    REQUEST.move(
        tx,
        request,
        action,
        actor=actor,
        now=now,
        organisation_id=order.cooperative_id,
        reason=reason,
        **facts,
    )


def _buyer_moves(
    tx: Session,
    request: ReturnRequest,
    purchase: Purchase,
    action: str,
    actor: Actor,
    now: datetime,
    *,
    reason: str,
) -> None:
    REQUEST.move(
        tx,
        request,
        action,
        actor=actor,
        now=now,
        organisation_id=purchase.union_id,
        own=purchase.union_id is None,
        reason=reason,
    )


def _require_buyer(actor: Actor, order: Order, purchase: Purchase) -> None:
    """Let the buyer pass; the seller sees the request, but may not act for the buyer."""
    try:
        require_buyer(actor, purchase, Permission.RETURN_REQUEST)
    except NotFound:
        if actor.belongs_to(order.cooperative_id):
            raise NotAllowed(permission=Permission.RETURN_REQUEST.label) from None
        raise


def _locked(tx: Session, request_id: str) -> tuple[ReturnRequest, Acceptance, Order, Purchase]:
    """A request with what it is about, locked from the purchase down."""
    acceptance_id = tx.execute(
        select(Acceptance.public_id)
        .join(ReturnRequest, ReturnRequest.acceptance_id == Acceptance.id)
        .where(ReturnRequest.public_id == request_id)
    ).scalar_one_or_none()
    if acceptance_id is None:
        raise NotFound()
    acceptance, order, purchase = locked_acceptance(tx, acceptance_id)
    request = tx.execute(
        select(ReturnRequest).where(ReturnRequest.public_id == request_id).with_for_update()
    ).scalar_one()
    return request, acceptance, order, purchase
