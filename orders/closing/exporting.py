"""Files for the accountant: asked for here, written at once or by a job, kept for a week."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from orders.closing import exports, rules
from orders.closing.models import AccountFile, AccountFileLine, AccountFilePiece
from orders.closing.states import Ending, Report
from shop.core import audit
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound
from shop.core.permissions import Permission
from shop.jobs import queue
from shop.jobs.models import Job
from shop.printing.growing import GrowingWorkbook, sheets_for

WRITE = "account_file"

#: Files for which no more transfers are read than these are written while they are asked for.
AT_ONCE = 10_000

#: Lines one step writes.
CHUNK = 10_000

#: Files are thrown away after a week; they can be written again at any time.
KEPT = timedelta(days=7)

#: By this mark spreadsheets know that a CSV is UTF-8.
_MARK = b"\xef\xbb\xbf"


@command
def ask_file(
    tx: Session, *, month: str, report: Report, ending: Ending, actor: Actor, now: datetime
) -> tuple[str, str | None]:
    """Ask for a file of a month. Returns its public id, and its job's where it is written later.

    Raises:
        NotAllowed: `platform:read` is needed.
        NotFound: that names no month.
    """
    actor.require(Permission.PLATFORM_READ)
    if not rules.is_month(month):
        raise NotFound()
    file = AccountFile(
        month=month,
        report=report,
        ending=ending,
        asked_by_id=actor.user_id,
        asked_at=now,
        expires_at=now + KEPT,
    )
    tx.add(file)
    tx.flush()
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="account_file",
        thing=file.public_id,
        action="ask_file",
        month=month,
        report=report.value,
    )
    work = exports.work(tx, report, month)
    if work > AT_ONCE:
        # The first step puts the lines up and then knows how many there are.
        file.job = queue.ask(
            tx,
            WRITE,
            total=2 * work + 1,
            organisation_id=None,
            actor=actor,
            now=now,
            file=file.id,
        )
        return file.public_id, file.job
    exports.put_up(tx, file)
    written = 0
    while not file.ready:
        written = _write(tx, file, written)
    return file.public_id, None


@queue.step_of(WRITE)
def write_some(tx: Session, job: Job, now: datetime) -> None:
    """Put the lines up in the first step, then write some of them with each."""
    del now
    file = tx.get_one(AccountFile, job.facts["file"])
    if job.done == 0:
        exports.put_up(tx, file)
        job.total, job.done = file.lines + 2, 1
        return
    written = _write(tx, file, job.done - 1)
    if file.ready:
        job.finish(file=file.public_id)
    else:
        job.done = written + 1


@command
def throw_away_old_files(tx: Session, *, now: datetime) -> int:
    """Delete files that are a week old; for the timetable. Returns how many."""
    old = list(tx.execute(select(AccountFile.id).where(AccountFile.expires_at <= now)).scalars())
    for part in (AccountFilePiece, AccountFileLine):
        tx.execute(delete(part).where(part.file_id.in_(old)))
    tx.execute(delete(AccountFile).where(AccountFile.id.in_(old)))
    return len(old)


def _write(tx: Session, file: AccountFile, written: int) -> int:
    """Write the next lines of a file, and its sums behind the last; returns how many there are."""
    upto = min(file.lines, written + CHUNK)
    lines = list(exports.rows(tx, file, written, upto))
    last = upto == file.lines
    if last and (sums := exports.sums_row(file)):
        lines.append(sums)
    head = list(exports.HEADS[file.report])
    if file.ending is Ending.CSV:
        content = exports.as_csv(lines if written else [[*head], *lines])
        content = content if written else _MARK + content
    else:
        book = (
            GrowingWorkbook.loaded(file.growing)
            if written
            else GrowingWorkbook(file.report.label, head, sheets_for(file.lines + 1))
        )
        content = (b"" if written else book.begin()) + book.add(lines)
        content += book.end() if last else b""
        file.growing = "" if last else book.dumped()
    tx.add(AccountFilePiece(file_id=file.id, position=file.pieces, content=content))
    tx.execute(
        delete(AccountFileLine).where(AccountFileLine.file_id == file.id, AccountFileLine.n <= upto)
    )
    file.pieces += 1
    file.ready = last
    tx.flush()
    return upto
