"""Files for the accountant: asked for here, written at once or by a job, kept for a week.

A CSV is written in pieces, one behind the other. A workbook cannot be gone on with, so one step
writes one, and what is too long for it comes as several.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import chain

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
from shop.printing.rows import plain_workbook

WRITE = "account_file"

#: Files for which no more transfers are read than these are written while they are asked for.
AT_ONCE = 5_000

#: Lines one step writes: of a CSV, or as a workbook.
LINES = {Ending.CSV: 10_000, Ending.XLSX: 50_000}

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
        upto = _upto(file, written)
        _keep(tx, file, upto, _content(tx, file, written, upto))
        written = upto
    return file.public_id, None


@queue.look_of(WRITE)
def write_some(tx: Session, job: Job) -> queue.Step:
    """Write the next lines; the step keeps them. The first one puts the lines up."""
    key, written = job.facts["file"], job.done - 1
    if written < 0:
        return _begin
    file = tx.get_one(AccountFile, key)
    upto = _upto(file, written)
    content = _content(tx, file, written, upto)

    def step(tx: Session, job: Job, _now: datetime) -> None:
        file = tx.get_one(AccountFile, key)
        _keep(tx, file, upto, content)
        if file.ready:
            job.finish(file=file.public_id)
        else:
            job.done = upto + 1

    return step


@command
def throw_away_old_files(tx: Session, *, now: datetime) -> int:
    """Delete files that are a week old; for the timetable. Returns how many."""
    old = list(tx.execute(select(AccountFile.id).where(AccountFile.expires_at <= now)).scalars())
    for part in (AccountFilePiece, AccountFileLine):
        tx.execute(delete(part).where(part.file_id.in_(old)))
    tx.execute(delete(AccountFile).where(AccountFile.id.in_(old)))
    return len(old)


def _begin(tx: Session, job: Job, _now: datetime) -> None:
    file = tx.get_one(AccountFile, job.facts["file"])
    exports.put_up(tx, file)
    job.total, job.done = file.lines + 2, 1


def _upto(file: AccountFile, written: int) -> int:
    """The last of the lines that are written next, after so many."""
    return min(file.lines, written + LINES[file.ending])


def _content(tx: Session, file: AccountFile, written: int, upto: int) -> bytes:
    """The next lines of a file as bytes, with its sums behind the last."""
    head = exports.HEADS[file.report]
    sums = exports.sums_row(file) if upto == file.lines else None
    lines = chain(exports.rows(tx, file, written, upto), [sums] if sums else [])
    if file.ending is Ending.XLSX:
        return plain_workbook(file.report.label, head, lines)
    if written:
        return exports.as_csv(lines)
    return _MARK + exports.as_csv(chain([[*head]], lines))


def _keep(tx: Session, file: AccountFile, upto: int, content: bytes) -> None:
    """Keep the next piece of a file, and let go of the lines it was written from."""
    tx.add(AccountFilePiece(file_id=file.id, position=file.pieces, content=content))
    tx.execute(
        delete(AccountFileLine).where(AccountFileLine.file_id == file.id, AccountFileLine.n <= upto)
    )
    file.pieces += 1
    file.ready = upto == file.lines
    tx.flush()
