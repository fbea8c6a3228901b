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
    job: str | None

    @property
    def name(self) -> str:
        """What it is called when it is kept."""
        return f"{self.report.value}-{self.month}.{self.ending.value}"


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


def pieces(file_id: str) -> Iterator[bytes]:
    """The content of a file, piece by piece, in a session of its own."""
    with db.database().reading() as tx:
        key, count = tx.execute(
            select(AccountFile.id, AccountFile.pieces).where(AccountFile.public_id == file_id)
        ).one()
        for position in range(count):
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
        file.job if mine else None,
    )
