"""Reading certificates and tests for the cooperative that keeps them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from products.certificates.models import Certificate, LotCertificate
from products.certificates.states import CertificateKind, CertificateState
from products.households.models import Household
from products.lots.models import Lot
from products.lots.states import LotKind, LotState
from products.quality.models import LotTest
from products.quality.rows import (
    PAGE,
    CertificateList,
    CertificatePage,
    CertificateRow,
    Due,
    KeptFile,
    LotLink,
    LotTestRow,
)
from products.quality.rules import due_by
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.permissions import Permission as P

#: What `test_of` makes a row of; from a statement that joins tests with their lots.
TEST = (
    LotTest.public_id,
    Lot.public_id,
    Lot.number,
    Lot.trace_code,
    LotTest.state,
    LotTest.subject,
    LotTest.agency,
    LotTest.report,
    LotTest.tested_on,
    LotTest.valid_until,
    LotTest.public,
    LotTest.file_name != "",
    LotTest.reason,
)


def search(
    tx: Session,
    cooperative_id: int,
    actor: Actor,
    *,
    words: str = "",
    kind: CertificateKind | None = None,
    page: int = 1,
) -> CertificateList:
    """A page of a cooperative's certificates, newest first.

    Args:
        words: part of the number, the goods, or the number of a lot that goes or went by it.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
    """
    actor.require(P.LOT_READ, cooperative_id)
    listed = _certificates().where(Certificate.cooperative_id == cooperative_id)
    if kind is not None:
        listed = listed.where(Certificate.kind == kind)
    if words.strip():
        listed = listed.where(_matching(words.strip()))
    found = tx.execute(
        select(func.count()).select_from(listed.order_by(None).subquery())
    ).scalar_one()
    rows = _rows(tx, listed.limit(PAGE).offset((page - 1) * PAGE))
    return CertificateList(rows, found, page)


def certificate(
    tx: Session, certificate_id: str, cooperative_id: int, actor: Actor
) -> CertificatePage:
    """One certificate with its lots, and what it replaces or is replaced by.

    Raises:
        NotFound: there is none in this cooperative, or not the actor's to see.
        NotAllowed: no role of the actor reads lots.
    """
    actor.require(P.LOT_READ, cooperative_id)
    rows = _rows(
        tx,
        _certificates().where(
            Certificate.public_id == certificate_id, Certificate.cooperative_id == cooperative_id
        ),
    )
    if not rows:
        raise NotFound()
    paper = tx.execute(
        select(Certificate).where(Certificate.public_id == certificate_id)
    ).scalar_one()
    return CertificatePage(
        row=rows[0],
        replaces=_named(tx, Certificate.id == paper.replaces_id),
        replaced_by=_named(tx, Certificate.replaces_id == paper.id),
        ended_at=paper.ended_at,
        reason=paper.reason,
    )


def certificate_file(
    tx: Session, certificate_id: str, cooperative_id: int, actor: Actor
) -> KeptFile:
    """The scan of a certificate.

    Raises:
        NotFound: there is none, or not the actor's to see.
        NotAllowed: no role of the actor reads lots.
    """
    actor.require(P.LOT_READ, cooperative_id)
    return _file(
        tx,
        select(Certificate.number, Certificate.media_type, Certificate.content).where(
            Certificate.public_id == certificate_id, Certificate.cooperative_id == cooperative_id
        ),
    )


def report_file(tx: Session, test_id: str, actor: Actor) -> KeptFile:
    """The report of a test, for its cooperative and the platform.

    Raises:
        NotFound: there is none, or not the actor's to see.
        NotAllowed: no role of the actor reads lots.
    """
    actor.require(P.LOT_READ, lot_test(tx, test_id, actor)[1])
    return _file(tx, _report().where(LotTest.public_id == test_id))


def public_report(tx: Session, test_id: str) -> KeptFile:
    """The report of a test that is marked public.

    Raises:
        NotFound: there is none, or it is not public.
    """
    return _file(tx, _report().where(LotTest.public_id == test_id, LotTest.public))


def lot_test(tx: Session, test_id: str, actor: Actor) -> tuple[LotTestRow, int]:
    """One test, and the internal key of its cooperative.

    Raises:
        NotFound: there is none, or not the actor's to see.
        NotAllowed: no role of the actor reads lots.
    """
    key = tx.execute(
        select(LotTest.cooperative_id).where(LotTest.public_id == test_id)
    ).scalar_one_or_none()
    if key is None:
        raise NotFound()
    actor.require(P.LOT_READ, key)
    return tests(tx, LotTest.public_id == test_id)[0], key


def due(tx: Session, cooperative_id: int, actor: Actor, *, day: date) -> Due:
    """What runs out within thirty days or has: keeping of certificates, validity of reports.

    Only of lots with something left: of what is gone nothing has to be done.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
    """
    actor.require(P.LOT_READ, cooperative_id)
    papers = _certificates().where(certificate_is_due(cooperative_id, day))
    return Due(
        certificates=_rows(tx, papers.order_by(None).order_by(Certificate.keep_until).limit(200)),
        tests=tests(tx, test_is_due(cooperative_id, day)),
    )


def certificate_is_due(cooperative_id: int, day: date) -> ColumnElement[bool]:
    """Whether a certificate of the cooperative is soon kept long enough though goods are left."""
    left = (
        select(LotCertificate.id)
        .join(Lot, Lot.id == LotCertificate.lot_id)
        .where(
            LotCertificate.certificate_id == Certificate.id,
            LotCertificate.until.is_(None),
            _something_left(),
        )
        .correlate(Certificate)
    )
    return and_(
        Certificate.cooperative_id == cooperative_id,
        Certificate.state == CertificateState.VALID,
        Certificate.keep_until <= due_by(day),
        left.exists(),
    )


def test_is_due(cooperative_id: int, day: date) -> ColumnElement[bool]:
    """Whether a report of the cooperative soon is no longer valid though goods are left."""
    left = select(Lot.id).where(Lot.id == LotTest.lot_id, _something_left()).correlate(LotTest)
    return and_(
        LotTest.cooperative_id == cooperative_id,
        LotTest.valid_until <= due_by(day),
        left.exists(),
    )


def lot_named(tx: Session, lot_id: str, cooperative_id: int, actor: Actor) -> LotLink:
    """A lot on record to write papers for.

    Raises:
        NotFound: there is none in this cooperative, or not the actor's to see.
        NotAllowed: no role of the actor writes papers.
    """
    actor.require(P.CERTIFICATE_EDIT, cooperative_id)
    row = tx.execute(
        select(Lot.public_id, Lot.number, Lot.trace_code).where(
            Lot.public_id == lot_id,
            Lot.cooperative_id == cooperative_id,
            Lot.state == LotState.RECORDED,
        )
    ).one_or_none()
    if row is None:
        raise NotFound()
    return LotLink(*row)


def tests(tx: Session, which: ColumnElement[bool]) -> tuple[LotTestRow, ...]:
    """Tests of lots, those that run out first in front; callers have checked the actor."""
    rows = tx.execute(
        select(*TEST)
        .join(Lot, Lot.id == LotTest.lot_id)
        .where(which)
        .order_by(func.coalesce(LotTest.valid_until, LotTest.tested_on), LotTest.id)
        .limit(200)
    )
    return tuple(test_of(row) for row in rows)


def test_of(columns: Sequence[Any]) -> LotTestRow:
    """A row of the columns `TEST`."""
    public_id, lot, number, code, *rest = columns
    return LotTestRow(public_id, LotLink(lot, number, code), *rest)


def _certificates() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Certificate.public_id,
            Certificate.number,
            Certificate.kind,
            Certificate.state,
            Certificate.goods,
            Certificate.grams,
            Certificate.basis,
            Household.name,
            Certificate.issued_on,
            Certificate.keep_until,
            Certificate.file_name,
            Certificate.id,
        )
        .outerjoin(Household, Household.id == Certificate.household_id)
        .order_by(Certificate.issued_on.desc(), Certificate.id.desc())
    )


def _rows(tx: Session, statement: Select[*tuple[Any, ...]]) -> tuple[CertificateRow, ...]:
    rows = tx.execute(statement).all()
    lots = lots_by(tx, [row[-1] for row in rows])
    return tuple(CertificateRow(*(*facts, lots[key])) for *facts, key in rows)


def lots_by(tx: Session, keys: Iterable[int]) -> dict[int, tuple[LotLink, ...]]:
    """By internal key of a certificate: the lots on record that go by it."""
    rows = tx.execute(
        select(LotCertificate.certificate_id, Lot.public_id, Lot.number, Lot.trace_code)
        .join(Lot, Lot.id == LotCertificate.lot_id)
        .where(
            LotCertificate.certificate_id.in_(list(keys)),
            LotCertificate.until.is_(None),
            Lot.state == LotState.RECORDED,
        )
        .order_by(Lot.id)
    )
    found: dict[int, tuple[LotLink, ...]] = defaultdict(tuple)
    for key, public_id, number, code in rows:
        found[key] = (*found[key], LotLink(public_id, number, code))
    return found


def _matching(words: str) -> ColumnElement[bool]:
    lots = (
        select(LotCertificate.certificate_id)
        .join(Lot, Lot.id == LotCertificate.lot_id)
        .where(Lot.number.contains(words, autoescape=True))
    )
    return or_(
        Certificate.number.contains(words, autoescape=True),
        Certificate.goods.contains(words, autoescape=True),
        Certificate.id.in_(lots),
    )


def _something_left() -> ColumnElement[bool]:
    units = Lot.units - Lot.shipped_units - Lot.written_off_units
    grams = Lot.grams - Lot.used_grams - Lot.lost_grams
    return and_(
        Lot.state == LotState.RECORDED,
        or_(
            and_(Lot.kind == LotKind.PACKED, units > 0),
            and_(Lot.kind != LotKind.PACKED, grams > 0),
        ),
    )


def _named(tx: Session, which: ColumnElement[bool]) -> tuple[str, str] | None:
    row = tx.execute(select(Certificate.public_id, Certificate.number).where(which)).one_or_none()
    return (row[0], row[1]) if row else None


def _report() -> Select[*tuple[Any, ...]]:
    return select(LotTest.report, LotTest.media_type, LotTest.content)


def _file(tx: Session, statement: Select[*tuple[Any, ...]]) -> KeptFile:
    row = tx.execute(statement).one_or_none()
    if row is None or not row[2]:
        raise NotFound()
    return KeptFile(*row)
