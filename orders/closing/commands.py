"""Closing months in order, reopening the last one, and the accountant's codes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, insert, literal, select
from sqlalchemy.orm import Session

from orders.closing import checking, rules
from orders.closing.chart import codes
from orders.closing.checklist import Point, checklist
from orders.closing.models import ChartEntry, Voucher
from orders.closing.public_proof import publish
from orders.closing.states import MONTH, Cause
from orders.ledger.models import Journal, LedgerMonth
from orders.ledger.states import SHUT, AccountKind, MonthState
from shop.core import audit, db
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal, SamePerson, WrongState
from shop.core.labels import N_
from shop.core.permissions import Permission
from shop.identity.models import User
from shop.jobs import queue
from shop.jobs.models import Job, JobState
from shop.organisations.queries import actor_of

CLOSE = "close_month"

#: Closing waits so long for journals that are being written.
WAIT_MS = 10_000

#: A month is closed while its confirmation waits, if the last check of the books took less.
AT_ONCE_MS = 1_000


class NotReady(Refusal):
    """Some point of the checklist stands in the way of closing."""

    code = "month_not_ready"
    sentence = N_("%(month)s 还不能结账：检查表上有没办完的事。")


class NotChecked(Refusal):
    """No check of the books is newer than the month's last entry."""

    code = "books_not_checked"
    sentence = N_("%(month)s 最后一笔账之后还没有核过账。请先核账，再结账。")


class BooksDoNotAddUp(Refusal):
    """The books do not add up; no month is closed over that."""

    code = "books_do_not_add_up"
    sentence = N_("核账有 %(count)s 处对不上，查清以前不能结账。")


class NotTheLast(Refusal):
    """Only the last closed month may be reopened."""

    code = "not_the_last_month"
    sentence = N_("只能反结账最近结账的那个月：后面的月份已经结账。")


class Closing(Refusal):
    """A month is closed once; the job that does it is at it."""

    code = "month_closing"
    sentence = N_("%(month)s 正在结账，请等它做完。")


class CodeTaken(Refusal):
    """Two kinds of accounts may not have one code."""

    code = "code_taken"
    sentence = N_("科目编码 %(code)s 已经用在别处。")
    status = 422
    field = "code"


class CodeMalformed(Refusal):
    """A code is 4 to 16 digits, and has a name."""

    code = "code_malformed"
    sentence = N_("科目编码是 4 到 16 位数字，名称不能空。")
    status = 422
    field = "code"


@command
def propose_month(tx: Session, *, month: str, actor: Actor, now: datetime) -> None:
    """The first person closes a month (月结), which a second one has to confirm.

    Raises:
        NotFound: that names no month.
        NotAllowed: the actor may not close.
        WrongState: it is closed, or waits for the second person.
        NotReady: a point of the checklist stands in the way.
        NotChecked, BooksDoNotAddUp: see there.

    Rule: docs/money.md, “Closing a month”.
    """
    actor.require(Permission.BOOKS_CLOSE)
    if not rules.is_month(month):
        raise NotFound()
    starts, ends = rules.span(month)
    db.insert_if_new(
        tx,
        LedgerMonth,
        {
            "public_id": f"month_{month}",
            "month": month,
            "state": MonthState.OPEN,
            "starts_at": starts,
            "ends_at": ends,
        },
    )
    row = _locked(tx, month)
    MONTH.move(tx, row, "propose", actor=actor, now=now, organisation_id=None)
    _refuse_unready(tx, month, now)
    row.closed_by_id, row.closed_at = actor.user_id, now
    row.confirmed_by_id = row.confirmed_at = None


@command
def confirm_month(tx: Session, *, month: str, actor: Actor, now: datetime) -> str | None:
    """A second person confirms: the month is closed, at once or by a job where checking takes long.

    Returns the job's public id, None where the month is closed already.

    Raises:
        NotFound, NotAllowed, WrongState: as ever.
        SamePerson: the actor closed it.
        NotReady, NotChecked, BooksDoNotAddUp: something has come in the way since.
        Closing: its job is at it.
    """
    actor.require(Permission.BOOKS_CLOSE)
    row = _confirmable(tx, month, actor)
    _refuse_unready(tx, month, now)
    last = checking.latest(tx)
    assert last is not None, "the books were checked"
    if last.milliseconds < AT_ONCE_MS:
        close(tx, month, actor=actor, now=now)
        return None
    if _works_at(tx, row):
        raise Closing(month=month)
    row.job = queue.ask(tx, CLOSE, total=1, organisation_id=None, actor=actor, now=now, month=month)
    return row.job


@queue.step_of(CLOSE)
def close_by_job(tx: Session, job: Job, now: datetime) -> None:
    """Close a month in one step, since it is checked while no journal can be written."""
    actor = actor_of(tx, tx.get_one(User, job.user_id))
    month = job.facts["month"]
    job.finish(month=month, vouchers=close(tx, month, actor=actor, now=now))


def close(tx: Session, month: str, *, actor: Actor, now: datetime) -> int:
    """Check all once more, and close: no journal is taken, vouchers get numbers, totals are public.

    Returns how many vouchers were numbered.

    Raises:
        What `confirm_month` does.
    """
    row = _confirmable(tx, month, actor)
    # Whoever is writing a journal finishes first; whoever comes later finds the month closed.
    db.lock_table(tx, Journal, "EXCLUSIVE", wait_ms=WAIT_MS)
    checking.check_now(tx, cause=Cause.CLOSING, actor=actor, now=now, month=month)
    _refuse_unready(tx, month, now)
    row.confirmed_by_id, row.confirmed_at = actor.user_id, now
    MONTH.move(tx, row, "confirm", actor=actor, now=now, organisation_id=None)
    tx.flush()
    publish(tx, month)
    return _number(tx, row)


@command
def withdraw_month(tx: Session, *, month: str, reason: str, actor: Actor, now: datetime) -> None:
    """Take back a close that waits for the second person.

    Raises:
        NotFound, NotAllowed, WrongState, ReasonMissing: as ever.
    """
    _step(tx, month, "withdraw", reason, actor, now)


@command
def ask_reopening(tx: Session, *, month: str, reason: str, actor: Actor, now: datetime) -> None:
    """The first person asks to reopen the last closed month (反结账); it stays closed meanwhile.

    Raises:
        NotFound, NotAllowed, WrongState, ReasonMissing: as ever.
        NotTheLast: a later month is closed.
    """
    row = _step(tx, month, "ask_reopen", reason, actor, now)
    _refuse_earlier(tx, month)
    row.reopen_asked_by_id = actor.user_id


@command
def reopen_month(tx: Session, *, month: str, reason: str, actor: Actor, now: datetime) -> None:
    """A second person reopens the month. Vouchers keep their numbers; later ones follow them.

    Raises:
        NotFound, NotAllowed, WrongState, ReasonMissing: as ever.
        SamePerson: the actor asked for it.
        NotTheLast: a later month is closed.
    """
    row = _step(tx, month, "reopen", reason, actor, now)
    if row.reopen_asked_by_id == actor.user_id:
        raise SamePerson()
    _refuse_earlier(tx, month)


@command
def keep_closed(tx: Session, *, month: str, reason: str, actor: Actor, now: datetime) -> None:
    """Refuse a reopening: the month stays closed.

    Raises:
        NotFound, NotAllowed, WrongState, ReasonMissing: as ever.
    """
    _step(tx, month, "keep", reason, actor, now)


@command
def set_code(
    tx: Session, *, kind: AccountKind, code: str, name: str, actor: Actor, now: datetime
) -> None:
    """Give a kind of account the code and name it has in the accountant's chart (科目).

    Raises:
        NotAllowed: the actor may not close books.
        CodeMalformed, CodeTaken: see there.
    """
    actor.require(Permission.BOOKS_CLOSE)
    code, name = code.strip(), name.strip()
    if not (code.isascii() and code.isdigit() and 4 <= len(code) <= 16 and 0 < len(name) <= 64):
        raise CodeMalformed()
    others = {other: used for other, (used, _name) in codes(tx).items() if other is not kind}
    if code in others.values():
        raise CodeTaken(code=code)
    row = tx.execute(select(ChartEntry).where(ChartEntry.kind == kind)).scalar_one_or_none()
    if row is None:
        tx.add(ChartEntry(kind=kind, code=code, name=name))
    else:
        row.code, row.name = code, name
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="chart",
        thing=kind.value,
        action="set",
        code=code,
        name=name,
    )


def _step(
    tx: Session, month: str, action: str, reason: str, actor: Actor, now: datetime
) -> LedgerMonth:
    actor.require(Permission.BOOKS_CLOSE)
    row = _locked(tx, month)
    if not reason.strip():
        raise ReasonMissing()
    MONTH.move(tx, row, action, actor=actor, now=now, organisation_id=None, reason=reason.strip())
    return row


def _locked(tx: Session, month: str) -> LedgerMonth:
    row = tx.execute(
        select(LedgerMonth).where(LedgerMonth.month == month).with_for_update()
    ).scalar_one_or_none()
    if row is None:
        raise NotFound()
    return row


def _confirmable(tx: Session, month: str, actor: Actor) -> LedgerMonth:
    """A month that waits for a second person, and this is one."""
    row = _locked(tx, month)
    if MONTH.find(row.state, "confirm") is None:
        raise WrongState(state=row.state.label)
    if row.closed_by_id == actor.user_id:
        raise SamePerson()
    return row


def _works_at(tx: Session, row: LedgerMonth) -> bool:
    """Whether a job that closes the month waits or runs."""
    working = (JobState.WAITING, JobState.RUNNING)
    job = select(Job.id).where(Job.public_id == row.job, Job.state.in_(working))
    return row.job is not None and tx.execute(job).first() is not None


def _refuse_unready(tx: Session, month: str, now: datetime) -> None:
    points = {checked.point: checked for checked in checklist(tx, month, now)}
    books = points.pop(Point.BOOKS)
    if any(point.holds_up for point in points.values()):
        raise NotReady(month=month)
    check = checking.latest(tx)
    if check is None or not checking.is_newer(tx, check, rules.span(month)[1]):
        raise NotChecked(month=month)
    if books.holds_up:
        raise BooksDoNotAddUp(count=books.count)


def _refuse_earlier(tx: Session, month: str) -> None:
    later = select(LedgerMonth.id).where(LedgerMonth.month > month, LedgerMonth.state.in_(SHUT))
    if tx.execute(later.limit(1)).first():
        raise NotTheLast()


def _number(tx: Session, row: LedgerMonth) -> int:
    """Number the month's vouchers that have none, by time, behind those that have one."""
    numbered = select(func.coalesce(func.max(Voucher.number), 0)).where(Voucher.month_id == row.id)
    last = tx.execute(numbered).scalar_one()
    waiting = (
        select(
            Journal.id,
            literal(row.id),
            last + func.row_number().over(order_by=(Journal.effective_at, Journal.id)),
        )
        .outerjoin(Voucher, Voucher.journal_id == Journal.id)
        .where(
            Voucher.id.is_(None),
            Journal.effective_at >= row.starts_at,
            Journal.effective_at < row.ends_at,
        )
    )
    tx.execute(insert(Voucher).from_select(["journal_id", "month_id", "number"], waiting))
    # Numbers have no gap, so the highest one counts them; PostgreSQL tells no row count here.
    return tx.execute(numbered).scalar_one() - last
