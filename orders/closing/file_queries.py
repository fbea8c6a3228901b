"""Reading files for the accountant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from orders.closing import rules
from orders.closing.models import AccountFile, AccountFilePiece
from orders.closing.states import Ending, Report
from shop.core import db
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.money import Money
from shop.core.permissions import Permission
from shop.identity.models import User


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file: what it holds, and what its lines sum to in debit and credit.

    It is taken in so many `parts`: one, or the workbooks its lines were too many for one of.
    `job` leads to its job's page while it is not ready, for whoever asked for it.
    """

    public_id: str
    month: str
    report: Report
    ending: Ending
    asked_by: str | None
    asked_at: datetime
    expires_at: datetime
    ready: bool
    lines: int
    debit: Money
    credit: Money
    parts: int
    job: str | None

    @property
    def names(self) -> tuple[str, ...]:
        """What its parts are called when they are kept; numbered where there are several."""
        name = f"{self.report.value}-{self.month}"
        if self.parts == 1:
            return (f"{name}.{self.ending.value}",)
        return tuple(f"{name}-{n}.{self.ending.value}" for n in range(1, self.parts + 1))


def files(tx: Session, month: str, actor: Actor) -> tuple[FileRow, ...]:
    """The files there are of a month, the latest first.

    Raises:
        NotFound: that names no month.
    """
    actor.require(Permission.PLATFORM_READ)
    if not rules.is_month(month):
        raise NotFound()
    found = tx.execute(_files().where(AccountFile.month == month).order_by(AccountFile.id.desc()))
    return tuple(_row(file, name, actor) for file, name in found)


def file(tx: Session, file_id: str, actor: Actor) -> FileRow:
    """One file.

    Raises:
        NotFound: there is none, or not any more.
    """
    actor.require(Permission.PLATFORM_READ)
    found = tx.execute(_files().where(AccountFile.public_id == file_id)).one_or_none()
    if found is None:
        raise NotFound()
    row, name = found
    return _row(row, name, actor)


def part(tx: Session, file_id: str, number: int, actor: Actor) -> FileRow:
    """The file a part is of, counted from one.

    Raises:
        NotFound: there is no such part, or not yet, or not any more.
    """
    row = file(tx, file_id, actor)
    if not row.ready or not 1 <= number <= row.parts:
        raise NotFound()
    return row


def pieces(file_id: str, part: int) -> Iterator[bytes]:
    """The content of a part, piece by piece, in a session of its own."""
    with db.database().reading() as tx:
        key, ending, count = tx.execute(
            select(AccountFile.id, AccountFile.ending, AccountFile.pieces).where(
                AccountFile.public_id == file_id
            )
        ).one()
        for position in range(count) if ending is Ending.CSV else [part - 1]:
            yield tx.execute(
                select(AccountFilePiece.content).where(
                    AccountFilePiece.file_id == key, AccountFilePiece.position == position
                )
            ).scalar_one()


def _files() -> Select[AccountFile, str]:
    return select(AccountFile, User.name).outerjoin(User, User.id == AccountFile.asked_by_id)


def _row(file: AccountFile, asked_by: str | None, actor: Actor) -> FileRow:
    sums = json.loads(file.sums) or [0] * 6
    mine = not file.ready and file.asked_by_id == actor.user_id
    return FileRow(
        file.public_id,
        file.month,
        file.report,
        file.ending,
        asked_by,
        file.asked_at,
        file.expires_at,
        file.ready,
        file.lines,
        Money(sums[2]),
        Money(sums[3]),
        file.pieces if file.ending is Ending.XLSX else 1,
        file.job if mine else None,
    )
